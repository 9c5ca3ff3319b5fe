"""How far reviewers agree: the usual coefficients with intervals, by label and by reviewer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse import csr_array

from curator.review import agreement_statistics as statistics
from curator.review.consensus import Consensus
from curator.review.votes import Floats, Votes

MAX_PAIRS = 200
"""Cohen's κ is given for this many pairs of reviewers, those with the most items in common."""

_RESAMPLES = 1000
_CELLS = 4_000_000  # resamples × items drawn at a time
_MAX_DRAWN = 5_000_000  # and in all
_LEVELLED_LABELS = 11  # ordinal and interval α take a labels × labels table per item

Statistic = Callable[[Floats, Floats], Floats]
"""From counts (items × labels) and weights (resamples × items) to one figure per resample."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; `value` None where it is undefined, and then `why` says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Cohen's κ of reviewers `a` and `b` on the `items` both voted on."""

    a: str
    b: str
    items: int
    kappa: Estimate


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """`votes` for a label, `items` whose consensus it is, and how far reviewers agree on it (specific agreement).

    `confused_with`: the label it is most often paired with instead, in `confused_share` of its pairs.
    """

    label: str
    votes: int
    items: int
    agreement: Estimate
    confused_with: str | None
    confused_share: float


@dataclass(frozen=True, slots=True)
class ReviewerAgreement:
    """A reviewer's `votes`, those on `shared` items that others voted on too, and how many of the others agree.

    `accuracy`: the share of their votes that is right, by the consensus, with Wilson's interval.
    """

    reviewer: str
    votes: int
    shared: int
    agreement: float | None
    accuracy: Estimate


@dataclass(frozen=True, slots=True)
class Agreement:
    """All figures. `double` is the number of items with two votes or more; `pairs` that of pairs with common items."""

    items: int
    reviewers: int
    votes: int
    double: int
    label_shares: dict[str, float]
    percent_agreement: Estimate
    fleiss_kappa: Estimate
    krippendorff_alpha: Estimate
    gwet_ac1: Estimate
    ordinal_alpha: Estimate | None
    interval_alpha: Estimate | None
    pairs: int
    cohen_kappa: tuple[PairAgreement, ...]
    by_label: tuple[LabelAgreement, ...]
    by_reviewer: tuple[ReviewerAgreement, ...]


def measure_agreement(votes: Votes, consensus: Consensus, seed: int = 0) -> Agreement:
    """Every figure, with 95% percentile bootstrap intervals over items (1,000 resamples, fewer where items are many).

    Ordinal and interval α come where there are 3 to 11 labels and all are numbers, else None.
    """
    counts = votes.counts()
    # Items with the same counts are alike to every coefficient, so resampling draws kinds of items, not items.
    kinds, times = np.unique(counts, axis=0, return_counts=True)
    why = _why_undefined(votes, counts)

    def estimate(statistic: Statistic) -> Estimate:
        return _estimate(statistic, kinds, times, why, seed)

    alpha = statistics.krippendorff_alpha
    values = votes.label_values() if 3 <= len(votes.labels) <= _LEVELLED_LABELS else None
    pairs, cohen = _pairs(votes, seed)
    return Agreement(
        items=len(votes.items),
        reviewers=len(votes.reviewers),
        votes=len(votes),
        double=int((counts.sum(axis=1) > 1).sum()),
        label_shares=dict(zip(votes.labels, (counts.sum(axis=0) / len(votes)).tolist(), strict=True)),
        percent_agreement=estimate(statistics.percent_agreement),
        fleiss_kappa=estimate(statistics.fleiss_kappa),
        krippendorff_alpha=estimate(alpha),
        gwet_ac1=estimate(statistics.gwet_ac1),
        ordinal_alpha=None if values is None else estimate(partial(alpha, level="ordinal")),
        interval_alpha=None if values is None else estimate(partial(alpha, level="interval", values=values)),
        pairs=pairs,
        cohen_kappa=cohen,
        by_label=_by_label(votes, consensus, counts, kinds, times, seed),
        by_reviewer=_by_reviewer(votes, consensus, counts),
    )


def _why_undefined(votes: Votes, counts: Floats) -> str:
    if len(votes.reviewers) < 2:
        return "only one reviewer voted"
    if not (counts.sum(axis=1) > 1).any():
        return "no item has votes of two reviewers"
    return "only one label was used on the items that two or more reviewers voted on"


def _resampled(statistic: Statistic, kinds: Floats, times: np.ndarray, seed: int) -> Floats:
    """The statistic in each resample, resamples first. Equal seeds draw equal resamples."""
    generator = np.random.default_rng(seed)
    resamples = int(np.clip(_MAX_DRAWN // len(kinds), 100, _RESAMPLES))
    at_once = max(1, _CELLS // len(kinds))
    drawn = []
    for start in range(0, resamples, at_once):
        size = min(at_once, resamples - start)
        weights = generator.multinomial(times.sum(), times / times.sum(), size=size).astype(np.float64)
        drawn.append(statistic(kinds, weights))
    return np.concatenate(drawn)


def _estimate(statistic: Statistic, kinds: Floats, times: np.ndarray, why: str, seed: int) -> Estimate:
    value = float(statistic(kinds, times[None].astype(np.float64))[0])
    if math.isnan(value):
        return Estimate(None, why=why)
    return Estimate(value, *_interval(_resampled(statistic, kinds, times, seed)))


def _interval(figures: Floats) -> tuple[float | None, float | None]:
    """2.5% and 97.5% points of the resamples in which the figure is defined."""
    defined = figures[~np.isnan(figures)]
    if not len(defined):
        return None, None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _pairs(votes: Votes, seed: int) -> tuple[int, tuple[PairAgreement, ...]]:
    """How many pairs of reviewers have items in common, and Cohen's κ of those with the most."""
    shape = len(votes.reviewers), len(votes.items)
    cast = csr_array((np.ones(len(votes)), (votes.reviewer, votes.item)), shape=shape)
    common = (cast @ cast.T).tocoo()
    upper = common.row < common.col
    first, second, shared = common.row[upper], common.col[upper], common.data[upper]
    chosen = np.lexsort((second, first, -shared))[:MAX_PAIRS]
    order = np.argsort(votes.reviewer, kind="stable")
    starts = np.searchsorted(votes.reviewer[order], np.arange(len(votes.reviewers) + 1))
    found = [
        _pair(votes, order[starts[a] : starts[a + 1]], order[starts[b] : starts[b + 1]], seed)
        for a, b in zip(first[chosen], second[chosen], strict=True)
    ]
    return int(upper.sum()), tuple(found)


def _pair(votes: Votes, of_a: np.ndarray, of_b: np.ndarray, seed: int) -> PairAgreement:
    """`of_a` and `of_b`: where the votes of the two reviewers are."""
    _, at_a, at_b = np.intersect1d(votes.item[of_a], votes.item[of_b], assume_unique=True, return_indices=True)
    labels = np.column_stack([votes.label[of_a[at_a]], votes.label[of_b[at_b]]])
    kinds, times = np.unique(labels, axis=0, return_counts=True)
    used, codes = np.unique(kinds, return_inverse=True)
    first, second = (np.eye(len(used))[codes.reshape(kinds.shape)[:, side]] for side in (0, 1))
    same = (kinds[:, 0] == kinds[:, 1]).astype(np.float64)

    def kappa(_: Floats, weights: Floats) -> Floats:
        return statistics.cohen_kappa(first, second, same, weights)

    a, b = votes.reviewers[votes.reviewer[of_a[0]]], votes.reviewers[votes.reviewer[of_b[0]]]
    why = "both gave one and the same label to every item they share"
    return PairAgreement(a, b, len(at_a), _estimate(kappa, kinds.astype(np.float64), times, why, seed))


def _by_label(
    votes: Votes, consensus: Consensus, counts: Floats, kinds: Floats, times: np.ndarray, seed: int
) -> tuple[LabelAgreement, ...]:
    values = statistics.specific_agreement(kinds, times[None].astype(np.float64))[0]
    resampled = _resampled(statistics.specific_agreement, kinds, times, seed)
    cast = counts.sum(axis=1)
    several = counts[cast > 1]
    together = several.T @ (several / (cast[cast > 1, None] - 1))
    np.fill_diagonal(together, 0)
    chosen = np.bincount(consensus.label, minlength=len(votes.labels))
    total = several.sum(axis=0)
    found = []
    for at, label in enumerate(votes.labels):
        if math.isnan(values[at]):
            agreement = Estimate(None, why="no item with a vote for it has another vote")
        else:
            agreement = Estimate(float(values[at]), *_interval(resampled[:, at]))
        other = int(together[at].argmax())
        share = float(together[at, other] / total[at]) if total[at] else 0.0
        confused = votes.labels[other] if share > 0 else None
        found.append(LabelAgreement(label, int(counts[:, at].sum()), int(chosen[at]), agreement, confused, share))
    return tuple(found)


def _by_reviewer(votes: Votes, consensus: Consensus, counts: Floats) -> tuple[ReviewerAgreement, ...]:
    number = len(votes.reviewers)
    others = counts.sum(axis=1)[votes.item] - 1
    shared = others > 0
    agreeing = (counts[votes.item, votes.label] - 1)[shared] / others[shared]
    agreed = np.bincount(votes.reviewer[shared], agreeing, number)
    cast = np.bincount(votes.reviewer, minlength=number)
    with_others = np.bincount(votes.reviewer[shared], minlength=number)
    return tuple(
        ReviewerAgreement(
            reviewer=name,
            votes=int(cast[at]),
            shared=int(with_others[at]),
            agreement=float(agreed[at] / with_others[at]) if with_others[at] else None,
            accuracy=_wilson(float(consensus.expected_right[at]), int(cast[at])),
        )
        for at, name in enumerate(votes.reviewers)
    )


def _wilson(right: float, number: int) -> Estimate:
    """A share with Wilson's 95% score interval (Wilson 1927)."""
    z = 1.959964
    share = min(right / number, 1.0)
    middle = (share + z * z / (2 * number)) / (1 + z * z / number)
    half = z / (1 + z * z / number) * math.sqrt(share * (1 - share) / number + z * z / (4 * number**2))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))
