"""Models of how votes come about; each gives the probability of every label for every item.

All are fitted by expectation maximisation from the same start, the vote shares, so a result depends on the votes
alone. The models share one rule for how common the labels are: halfway between the votes' shares and the fitted
items' shares. Left free, a one-coin fit of few votes on two labels can run away to a single label.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.special import digamma

from curator.review.votes.arrays import Floats, Ints, Votes

MAX_CELLS = 20_000_000
"""Reviewers × labels² above which the confusion matrices of Dawid-Skene would not fit in memory."""

_REVIEWER_STRENGTH = 4.0  # votes' worth of the common accuracy in a reviewer's own
_CONFUSION_STRENGTH = 10.0  # the same, in each row of a reviewer's confusion matrix
_MACE_COPY = 0.5  # Beta prior of knowing the answer: Hovy et al.'s
_MACE_GUESS = 10.0  # Dirichlet prior of a guess: Hovy et al.'s


@dataclass(frozen=True, slots=True, eq=False)
class Ballots:
    """The arrays of `Votes`, or of some of them: n votes on `items` items by `reviewers` with `labels` labels."""

    item: Ints
    reviewer: Ints
    label: Ints
    items: int
    reviewers: int
    labels: int

    @classmethod
    def of(cls, votes: Votes) -> Ballots:
        shape = len(votes.items), len(votes.reviewers), len(votes.labels)
        return cls(votes.item, votes.reviewer, votes.label, *shape)

    def where(self, mask: np.ndarray) -> Ballots:
        """Only the votes that the boolean mask marks; items, reviewers and labels keep their codes."""
        kept = self.item[mask], self.reviewer[mask], self.label[mask]
        return Ballots(*kept, self.items, self.reviewers, self.labels)

    def told_apart(self) -> NDArray[np.bool_]:
        """Per reviewer: do votes tell how often they are right?

        Not where only two look at the same items, or all who share items fall into two camps of which each only meets the
        other: whose errors the disagreements are can then be split at will. It takes an odd cycle of reviewers with items
        in common. A cycle is odd where, in the graph that holds each reviewer twice and joins only unlike copies, both
        copies of one are connected.
        """
        cast = csr_array((np.ones(len(self.item)), (self.reviewer, self.item)), shape=(self.reviewers, self.items))
        met = (cast @ cast.T).tocoo()
        others = met.row != met.col
        joined = met.row[others], met.col[others] + self.reviewers
        twice = csr_array((np.ones(others.sum()), joined), shape=(2 * self.reviewers, 2 * self.reviewers))
        _, part = connected_components(twice, directed=False)
        return np.asarray(part[: self.reviewers] == part[self.reviewers :])

    def by_label(self, weight: Floats | None = None) -> Floats:
        """Weights (default 1) summed by item and label: items × labels."""
        key = self.item * self.labels + self.label
        sums = np.bincount(key, weight, self.items * self.labels).astype(np.float64)
        return sums.reshape(self.items, self.labels)

    def by_reviewer(self, weight: Floats | None = None) -> Floats:
        """Weights (default 1) summed by reviewer."""
        return np.bincount(self.reviewer, weight, self.reviewers).astype(np.float64)

    def on_label(self, posterior: Floats) -> Floats:
        """For each vote, the probability of the label it names."""
        return np.asarray(posterior[self.item, self.label])


Step = Callable[[Floats], Floats]
"""From the posterior (items × labels) to the log likelihood of each item's votes under each label."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """`posterior`: items × labels, rows sum to 1. `converged`: it moved by less than the tolerance at the end.

    It is `log_likelihood` (items × labels), what the votes say, and `log_prior` (labels), how common labels are, together.
    """

    posterior: Floats
    converged: bool
    log_likelihood: Floats
    log_prior: Floats


def majority(votes: Ballots, tolerance: float = 1e-6, steps: int = 300) -> Fit:
    """All reviewers equally good, labels equally common: the label with the most votes, a tie to the commoner label.

    The probability comes from the one accuracy that fits all votes, so it falls with the margin of the vote.
    """
    counts = votes.by_label()
    overall = counts.sum(axis=0)
    # Smaller than any vote: settles ties by how common a label is, then by name.
    order = np.lexsort((np.arange(votes.labels), -overall))
    tie_break = np.empty(votes.labels)
    tie_break[order] = np.linspace(1e-6, 0.0, votes.labels)

    def step(posterior: Floats) -> Floats:
        right = votes.on_label(posterior).sum() + 1
        wrong = len(votes.item) + 2 - right
        weight = max(np.log(right / wrong * (votes.labels - 1)), 0.01)
        return np.asarray(weight * counts + tie_break)

    return _fit(votes, step, tolerance, steps, flat=True)


def one_coin(votes: Ballots, tolerance: float = 1e-6, steps: int = 300) -> Fit:
    """One accuracy per reviewer, errors spread evenly over the other labels; variational Bayes.

    The one-coin form of Dawid & Skene (1979), as in Liu, Peng & Ihler (2012), "Variational inference for
    crowdsourcing". The Beta prior of each reviewer sits at the accuracy common to all.
    """
    cast = votes.by_reviewer()

    def step(posterior: Floats) -> Floats:
        right = votes.by_reviewer(votes.on_label(posterior))
        common = (right.sum() + 1) / (cast.sum() + 2)
        odds = digamma(right + _REVIEWER_STRENGTH * common) - digamma(cast - right + _REVIEWER_STRENGTH * (1 - common))
        return votes.by_label((odds + np.log(votes.labels - 1))[votes.reviewer])

    return _fit(votes, step, tolerance, steps)


def mace(votes: Ballots, tolerance: float = 1e-6, steps: int = 300) -> Fit:
    """A reviewer knows the answer or guesses from habits of their own; variational Bayes.

    Hovy, Berg-Kirkpatrick, Vaswani & Hovy (2013), "Learning whom to trust with MACE", with its priors (Beta .5 on
    knowing, Dirichlet 10 on guesses); one start from the vote shares instead of many random ones.
    """
    # A vote's part in the sums depends on its reviewer and label alone: reviewers × labels instead of votes.
    shape = votes.reviewers, votes.labels
    cell = votes.reviewer * votes.labels + votes.label
    cast = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    by_reviewer = cast.sum(axis=1)
    log_cast = digamma(by_reviewer + 2 * _MACE_COPY)
    knew = np.ones(shape)  # probability of having known, given that the label is right

    def step(posterior: Floats) -> Floats:
        right = np.bincount(cell, votes.on_label(posterior), shape[0] * shape[1]).reshape(shape)
        known = right * knew
        guesses = cast - known
        times_known = known.sum(axis=1)
        log_know = digamma(times_known + _MACE_COPY) - log_cast
        log_not = digamma(by_reviewer - times_known + _MACE_COPY) - log_cast
        total = guesses.sum(axis=1, keepdims=True)
        log_guess = digamma(guesses + _MACE_GUESS) - digamma(total + votes.labels * _MACE_GUESS)
        guessed = log_not[:, None] + log_guess
        gain = np.logaddexp(log_know[:, None], guessed) - guessed
        knew[:] = 1 - np.exp(-gain)
        return votes.by_label(gain.ravel()[cell])

    return _fit(votes, step, tolerance, steps)


def dawid_skene(votes: Ballots, tolerance: float = 1e-6, steps: int = 300) -> Fit:
    """A confusion matrix per reviewer: how often they say each label for each true one.

    Dawid & Skene (1979), "Maximum likelihood estimation of observer error-rates using the EM algorithm", smoothed:
    each row has a Dirichlet prior at the one-coin matrix of the accuracy common to all, so that a reviewer with
    few votes is taken for an average one.
    """
    labels = votes.labels
    at = np.arange(len(votes.item))
    ones = np.ones(len(at))
    to_item = csr_array((ones, (votes.item, at)), shape=(votes.items, len(at)))
    said = votes.reviewer * labels + votes.label
    to_said = csr_array((ones, (said, at)), shape=(votes.reviewers * labels, len(at)))

    def step(posterior: Floats) -> Floats:
        # reviewers × label said × true label
        seen = (to_said @ posterior[votes.item]).reshape(votes.reviewers, labels, labels)
        common = (votes.on_label(posterior).sum() + 1) / (len(at) + 2)
        prior = np.full((labels, labels), (1 - common) / (labels - 1))
        np.fill_diagonal(prior, common)
        matrix = seen + _CONFUSION_STRENGTH * prior
        matrix /= matrix.sum(axis=1, keepdims=True)
        return np.asarray(to_item @ np.log(matrix)[votes.reviewer, votes.label])

    return _fit(votes, step, tolerance, steps)


def _fit(votes: Ballots, step: Step, tolerance: float, steps: int, flat: bool = False) -> Fit:
    """Repeat `step` until no probability moves by more than `tolerance`; two labels or more are needed."""
    counts = votes.by_label()
    common = (counts.sum(axis=0) + 1) / (counts.sum() + votes.labels)
    posterior = (counts + common) / (counts.sum(axis=1, keepdims=True) + 1)
    shares = posterior.sum(axis=0) / votes.items
    log_prior = np.zeros(votes.labels)
    change = np.inf
    for _ in range(steps):
        log_likelihood = step(posterior)
        if not flat:
            log_prior = np.log((posterior.sum(axis=0) / votes.items + shares) / 2)
        moved = probabilities(log_likelihood + log_prior)
        change = float(np.abs(moved - posterior).max())
        posterior = moved
        if change < tolerance:
            break
    return Fit(posterior, change < tolerance, log_likelihood, log_prior)


def probabilities(logs: Floats) -> Floats:
    """Rows of log weights as probabilities that sum to 1."""
    raised = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


MODELS: dict[str, Callable[..., Fit]] = {
    "majority": majority,
    "one-coin": one_coin,
    "mace": mace,
    "dawid-skene": dawid_skene,
}
"""From the simplest to the one with the most parameters: the order in which `auto` tries them."""
