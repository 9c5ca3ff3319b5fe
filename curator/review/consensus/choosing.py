"""The consensus of votes: one label per item, how sure it is, and how good each reviewer is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator.errors import InputError
from curator.review.agreement.reviewer_quality import known_accuracy
from curator.review.consensus import crowdlab
from curator.review.consensus.held_out import (
    MIN_ITEMS,
    POWERS,
    Fitter,
    foretold,
    not_alone,
    score_methods,
    tempered,
    tempering_power,
    too_few,
    trial_votes,
)
from curator.review.consensus.models import MAX_CELLS, MODELS, Ballots
from curator.review.votes.arrays import Floats, Ints, Votes

METHODS = ("auto", *MODELS, "crowdlab")

_TITLES = {
    "majority": "the majority",
    "one-coin": "one-coin Dawid-Skene",
    "mace": "MACE",
    "dawid-skene": "Dawid-Skene",
    "crowdlab": "CROWDLAB",
}
_SHARPER = (8.0, 6.0, 4.0, 3.0, 2.0, 1.5)
"""CROWDLAB takes the mean of what votes and classifier say, which is less sure than they are together."""


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """Arrays are per item, in the order of `Votes.items`.

    `label`: code of the consensus label; `confidence`: its probability, 0..1, made to fit held-out votes;
    `agreement`: the share of the item's votes that name it; `votes`: how many there are. `foretold`: per vote, the
    probability that the other votes give to the label it names, NaN where there are none. `why`: how the method was chosen.
    """

    method: str
    why: str
    label: Ints
    confidence: Floats
    agreement: Floats
    votes: Ints
    foretold: Floats
    notes: tuple[str, ...] = ()


UNTOLD = "the votes do not tell which reviewer is right more often, for no three have items in common"
"""See `Ballots.told_apart`: said of the usual case."""


def check_method(method: str) -> None:
    """Raises InputError where `method` is none of `METHODS`."""
    if method not in METHODS:
        raise InputError(f"There is no consensus method {method!r}; choose one of {', '.join(METHODS)}.")


def find_consensus(
    votes: Votes, method: str = "auto", seed: int = 0, vectors: NDArray[np.float32] | None = None
) -> Consensus:
    """The consensus by one of `METHODS`. Raises InputError for another name, or where a method needs too much memory.

    `vectors`: embeddings of the items' texts, a row for each of `votes.items`; CROWDLAB needs them, and `auto` tries it
    only with them. The result depends on the votes alone, not on the order of their rows; `seed` only on which votes are
    held out.
    """
    check_method(method)
    votes.counts()  # raises where there are too many labels
    ballots = Ballots.of(votes)
    if method == "crowdlab":
        crowdlab.need(ballots, vectors)
    if ballots.labels == 1:
        alone = np.where(not_alone(ballots), 1.0, np.nan)
        return _result(ballots, "majority", "Only one label was ever used.", np.ones((ballots.items, 1)), alone, ())
    trial, kept = trial_votes(ballots, seed)
    learnt = _learn(ballots, method, vectors, seed)
    why = f"{_TITLES.get(method, method)} was asked for."
    if method == "auto":
        method, why = choose_method(ballots, seed, learnt)
    if method == "dawid-skene" and not _fits_in_memory(ballots):
        raise InputError(
            f"Dawid-Skene needs too much memory for {ballots.reviewers:,} reviewers and {ballots.labels:,} labels; "
            "use --method one-coin."
        )
    # How good reviewers are is taken from votes alone, as the method has it: with probabilities that are made less sure by how
    # well they foretell votes, each reviewer would seem the better for it.
    judge = "one-coin" if method == "crowdlab" else method
    others = foretold(ballots, _fitter(judge), seed)
    known = method == "crowdlab"
    power = tempering_power(
        trial,
        _fitter(method, learnt, kept),
        seed,
        (*_SHARPER, *POWERS) if known else POWERS,
        known_accuracy(ballots, others) if known else None,
    )
    fit = _fitter(method, learnt)(ballots, 1e-6, 300)
    posterior = tempered(fit, power)
    notes: tuple[str, ...] = (
        () if fit.converged else (f"{_TITLES[method]} had not settled after its last step; see the confidences.",)
    )
    if method not in ("majority", "crowdlab") and not ballots.told_apart().any():
        notes += (f"{UNTOLD[0].upper()}{UNTOLD[1:]}: where they differ, what {_TITLES[method]} says is chance.",)
    return _result(ballots, method, why[0].upper() + why[1:], posterior, others, notes)


def choose_method(ballots: Ballots, seed: int = 0, learnt: Floats | None = None) -> tuple[str, str]:
    """The method whose consensus foretells held-out votes best, and a sentence that says so.

    Votes are held out a fifth at a time, over and over; the consensus of the others is scored on each by whether it
    names the vote and by the probability it gives it, half each. From the majority on, a model with more
    parameters is taken only where its score is better than the best so far by more than one standard error (items
    drawn anew), the usual one-standard-error rule. Likelihood of the votes is no good measure here: it rewards
    models of shared mistakes, whose labels drift away from what the reviewers mean. `learnt`: what a classifier says of
    the items (items × labels), to try CROWDLAB with; since it brings a model of its own, it must be better by two.
    """
    trial, kept = trial_votes(ballots, seed)
    asked = not_alone(trial)
    if too_few(trial):
        return "majority", f"the majority: with under {MIN_ITEMS} items that have two votes, no other can be tried."
    methods = ["majority"]
    if ballots.told_apart().any():
        methods = [name for name in MODELS if name != "dawid-skene" or _fits_in_memory(ballots)]
    scores = score_methods(trial, {name: _fitter(name) for name in methods}, seed)
    best = methods[0]
    for method in methods[1:]:
        if _better(trial, scores[method], scores[best]):
            best = method
    score, plain = (float(scores[name][asked].mean()) for name in (best, "majority"))
    if learnt is not None:
        # By the label named alone: CROWDLAB's mean of shares is less sure than a likelihood, right or wrong.
        fitters = {name: _fitter(name, learnt, kept) for name in (best, "crowdlab")}
        with_texts = score_methods(trial, fitters, seed, sureness=0)
        before, after = (float(with_texts[name][asked].mean()) for name in (best, "crowdlab"))
        if _better(trial, with_texts["crowdlab"], with_texts[best], errors=2):
            return "crowdlab", (
                "CROWDLAB: with what a classifier learns from the texts, the consensus names more held-out votes rightly "
                f"({after:.1%}) than with the votes alone ({before:.1%} by {_TITLES[best]})."
            )
    if len(methods) == 1:
        text = f"the majority: {UNTOLD}, so no method that weighs them is tried"
    else:
        text = f"{_TITLES[best]}, the simplest of {len(methods)} methods whose consensus foretells held-out votes best"
        text += f" ({score:.3f})" if best == "majority" else f" ({score:.3f}; the majority {plain:.3f})"
    if learnt is not None:
        text += f"; CROWDLAB, with the texts, names no more of them rightly ({after:.1%}, not {before:.1%})"
    return best, text + "."


def _better(trial: Ballots, score: Floats, other: Floats, errors: float = 1) -> bool:
    """Is a score per vote better than another by more than that many standard errors, items drawn anew?"""
    gain = np.bincount(trial.item, score - other, trial.items)
    error = float(np.sqrt(((gain - gain.mean()) ** 2).sum()))
    return bool(gain.sum() > errors * error > 0)


def _learn(ballots: Ballots, method: str, vectors: NDArray[np.float32] | None, seed: int) -> Floats | None:
    """What a classifier says of the items, None where CROWDLAB is not wanted or cannot be tried."""
    if vectors is None or method not in ("auto", "crowdlab") or crowdlab.why_not(ballots):
        return None
    return crowdlab.foresee(vectors, ballots, seed)


def _fitter(method: str, learnt: Floats | None = None, kept: Ints | None = None) -> Fitter:
    """How to fit votes by a method; `kept`: the items that they are on, None for all."""
    if method != "crowdlab":
        return MODELS[method]
    assert learnt is not None
    foreseen = learnt if kept is None else learnt[kept]
    return lambda ballots, _tolerance, _steps: crowdlab.crowdlab(ballots, foreseen)


def _fits_in_memory(ballots: Ballots) -> bool:
    return ballots.reviewers * ballots.labels**2 <= MAX_CELLS


def _result(
    ballots: Ballots, method: str, why: str, posterior: Floats, others: Floats, notes: tuple[str, ...]
) -> Consensus:
    # Rounded, so that the last bit of a sum never decides between equals; then the first by name wins.
    label = posterior.round(9).argmax(axis=1)
    counts = ballots.by_label()
    here = np.arange(ballots.items)
    votes = counts.sum(axis=1)
    ties = int(((counts == counts.max(axis=1, keepdims=True)).sum(axis=1) > 1).sum())
    if ties and method == "majority":
        notes += (f"{ties:,} items are tied; each got the label that is commoner overall, then the first by name.",)
    return Consensus(
        method=method,
        why=why,
        label=label,
        confidence=posterior[here, label],
        agreement=counts[here, label] / votes,
        votes=votes.astype(np.intp),
        foretold=others,
        notes=notes,
    )
