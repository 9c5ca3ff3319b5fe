"""What held-out votes say of a consensus: which method foretells them best, and how sure it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from curator.review.consensus.models import Ballots, Fit, probabilities
from curator.review.votes.arrays import Floats, Ints

MIN_ITEMS = 20
"""Fewer items with two votes give no standard error worth the name."""

_FOLDS = 5
_QUICK = (1e-3, 60)  # tolerance and steps that are enough to compare by
_REPEATS = 10
_REPEATED_CELLS = 200_000  # votes × labels, all repeats together
_TRIAL_CELLS = 400_000
_TRIAL_VOTES = 60_000
POWERS = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.07, 0.05)
_ACCURACY_STEPS = 30
_ACCURACY_STRENGTH = 4.0


Fitter = Callable[[Ballots, float, int], Fit]
"""A way to fit votes, until nothing moves by more than a tolerance, or for so many steps."""


def trial_votes(ballots: Ballots, seed: int) -> tuple[Ballots, Ints]:
    """The votes to try methods on, and which items they are on, in their order.

    All, or those on as many items, drawn with `seed`, as keep the trial quick, numbered anew.
    """
    limit = max(1, min(_TRIAL_VOTES, _TRIAL_CELLS // ballots.labels))
    if len(ballots.item) <= limit:
        return ballots, np.arange(ballots.items)
    order = np.random.default_rng(seed).permutation(ballots.items)
    running = np.bincount(ballots.item, minlength=ballots.items)[order].cumsum()
    chosen = np.zeros(ballots.items, dtype=bool)
    chosen[order[: max(1, int(np.searchsorted(running, limit)))]] = True
    trial = ballots.where(chosen[ballots.item])
    return replace(trial, item=np.cumsum(chosen)[trial.item] - 1, items=int(chosen.sum())), np.flatnonzero(chosen)


def not_alone(ballots: Ballots) -> NDArray[np.bool_]:
    """Per vote: is there another on its item? Only such a vote can be foretold."""
    return np.asarray(np.bincount(ballots.item, minlength=ballots.items)[ballots.item] > 1)


def too_few(ballots: Ballots) -> bool:
    """Are there too few items with two votes for held-out votes to say anything?"""
    return len(np.unique(ballots.item[not_alone(ballots)])) < MIN_ITEMS


def score_methods(trial: Ballots, methods: Mapping[str, Fitter], seed: int, sureness: float = 0.5) -> dict[str, Floats]:
    """Per method and vote, 0..1: how well the consensus of other votes foretells it; 0 for votes that stand alone.

    `sureness` is the share of the score that is the probability given to the vote; the rest is for naming it.
    """
    # The fewer the votes, the more chance has a say in what is held out, and the cheaper is a repeat.
    repeats = max(2, min(_REPEATS, _REPEATED_CELLS // (len(trial.item) * trial.labels)))
    asked = not_alone(trial)
    scores = {method: np.zeros(len(trial.item)) for method in methods}
    for repeat in range(repeats):
        for held in _folds(trial, seed + repeat):
            mask = held & asked
            rest, votes = trial.where(~held), trial.where(mask)
            for method, fitter in methods.items():
                posterior = fitter(rest, *_QUICK).posterior
                named = posterior.argmax(axis=1)[votes.item] == votes.label
                score = (1 - sureness) * named + sureness * votes.on_label(posterior)
                scores[method][mask] += score / repeats
    return scores


def tempering_power(
    trial: Ballots,
    fitter: Fitter,
    seed: int,
    powers: Sequence[float] = POWERS,
    accuracy: Floats | None = None,
) -> float:
    """The one of `powers` to raise a method's probabilities to so that they foretell held-out votes best.

    The models take votes on an item to be independent given its label. They are not, since hard items are hard for
    everyone, and so their probabilities are too near 0 and 1. This is temperature scaling (Guo et al. 2017, "On
    calibration of modern neural networks") with held-out votes, through each reviewer's accuracy, in place of
    true labels. `accuracy`: the reviewers', where they are known otherwise. 1 where too few items have two votes.
    """
    if too_few(trial):
        return 1.0
    asked = not_alone(trial)
    log_posterior = np.empty((len(trial.item), trial.labels))
    for held in _one_by_one(trial, seed):
        posterior = fitter(trial.where(~held), *_QUICK).posterior
        log_posterior[held] = np.log(np.maximum(posterior, 1e-300))[trial.item[held]]
    votes = trial.where(asked)
    log_posterior = log_posterior[asked]
    fits = [_vote_likelihood(votes, probabilities(power * log_posterior), accuracy) for power in powers]
    return powers[int(np.argmax(fits))]


def tempered(fit: Fit, power: float) -> Floats:
    """The probabilities of a fit whose votes count `power` times what they would if they were independent: items × labels.

    A power likelihood, as in Miller & Dunson (2019), "Robust Bayesian inference via coarsening". How common labels are is no vote
    and keeps its weight.
    """
    return probabilities(power * fit.log_likelihood + fit.log_prior)


def foretold(ballots: Ballots, fitter: Fitter, seed: int) -> Floats:
    """Per vote, the probability that the consensus of the others gives to the label it names; NaN for votes that stand alone.

    A fifth of the votes is left out at a time, spread so that an item with up to five loses one only.
    """
    found = np.full(len(ballots.item), np.nan)
    asked = not_alone(ballots)
    for held in _one_by_one(ballots, seed):
        votes = ballots.where(held & asked)
        found[held & asked] = votes.on_label(fitter(ballots.where(~held), *_QUICK).posterior)
    return found


def _vote_likelihood(votes: Ballots, shares: Floats, accuracy: Floats | None = None) -> float:
    """Mean log likelihood of the votes, where a reviewer says the label with their accuracy, else any other.

    `shares`: the probabilities of the labels, a row per vote. Accuracies that are not given are fitted by expectation maximisation.
    """
    on_label = shares[np.arange(len(votes.item)), votes.label]
    off_label = (1 - on_label) / (votes.labels - 1)
    if accuracy is None:
        accuracy = _fitted_accuracy(votes, on_label, off_label)
    named = accuracy[votes.reviewer]
    return float(np.log(named * on_label + (1 - named) * off_label).mean())


def _fitted_accuracy(votes: Ballots, on_label: Floats, off_label: Floats) -> Floats:
    cast = votes.by_reviewer()
    accuracy = np.full(votes.reviewers, on_label.mean())
    for _ in range(_ACCURACY_STEPS):
        right = accuracy[votes.reviewer] * on_label
        right /= right + (1 - accuracy[votes.reviewer]) * off_label
        accuracy = (votes.by_reviewer(right) + _ACCURACY_STRENGTH * right.mean()) / (cast + _ACCURACY_STRENGTH)
    return np.asarray(accuracy)


def _folds(ballots: Ballots, seed: int) -> Iterator[NDArray[np.bool_]]:
    """Masks of the votes to hold out, a fifth of all at a time."""
    fold = np.random.default_rng(seed).permutation(len(ballots.item)) % _FOLDS
    for number in range(_FOLDS):
        yield fold == number


def _one_by_one(ballots: Ballots, seed: int) -> Iterator[NDArray[np.bool_]]:
    """The same, but as few votes of one item at a time as can be."""
    generator = np.random.default_rng(seed)
    cast = np.bincount(ballots.item, minlength=ballots.items)
    order = np.lexsort((generator.random(len(ballots.item)), ballots.item))
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order)) - (cast.cumsum() - cast)[ballots.item[order]]
    fold = (rank + generator.integers(0, _FOLDS, ballots.items)[ballots.item]) % _FOLDS
    for number in range(_FOLDS):
        yield fold == number
