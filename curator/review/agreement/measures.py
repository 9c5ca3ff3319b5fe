"""How far reviewers agree: the usual coefficients with intervals, by label, by reviewer and over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.sparse import csr_array

from curator.review.agreement import statistics
from curator.review.agreement.estimates import Estimate, Share, estimate, interval, resampled
from curator.review.agreement.over_time import PeriodAgreement, over_time
from curator.review.agreement.reviewer_quality import accuracies
from curator.review.agreement.sets import SetAgreement, measure_sets
from curator.review.consensus.choosing import Consensus
from curator.review.consensus.models import Ballots
from curator.review.votes.arrays import Floats, Votes

_UNTOLD = Estimate(None, why="two reviewers alone do not tell which of them is right; a third does, and gold items")
MAX_PAIRS = 200
"""Cohen's κ is given for this many pairs of reviewers, those with the most items in common."""

NARROW = 0.05
"""A half-width of the interval of α that is enough to decide by."""

# Krippendorff (2004), "Content analysis", ch. 11: rely on α ≥ .8, tentative conclusions from .667.
RELIABLE = 0.8
TENTATIVE = 0.667

_NEARLY = 1.1  # an interval as little wider than that is narrow enough
_LEVELLED_LABELS = 11  # ordinal and interval α take a labels × labels table per item
_SKEWED = 0.8  # share of one label
_HIGH_AGREEMENT = 0.8

Statistic = Callable[[Floats, Floats], Floats]
"""From counts (items × labels) and weights (resamples × items) to one figure per resample."""


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

    `accuracy`: how often they are right, by the consensus of the others, without their own vote. `gold`: how often on the
    items whose answer is known, `attention`: on those shown with another label, `repeats`: how often they said the same of an
    item seen a second time; None where nothing of the kind was looked at.
    """

    reviewer: str
    votes: int
    shared: int
    agreement: float | None
    accuracy: Estimate
    gold: Share | None = None
    attention: Share | None = None
    repeats: Share | None = None


@dataclass(frozen=True, slots=True)
class ReviewerCheck:
    """A reviewer's right votes on `gold` and `attention` items, and votes that said the same on `repeats`."""

    reviewer: str
    gold: Share
    attention: Share
    repeats: Share


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`more` items with two votes or more, and α, known to ±`half` now, would be known to ±`target`."""

    more: int
    half: float
    target: float


@dataclass(frozen=True, slots=True)
class Prevalence:
    """`share` of the votes are `label`: so many that κ and α are low though `agreement` of the pairs of votes agree."""

    label: str
    share: float
    agreement: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """All figures. `double` is the number of items with two votes or more; `pairs` that of pairs with common items.

    `narrowing` is None where α is known well enough, or not at all; `prevalence` where labels are not skewed; `sets` where
    labels are not sets of labels. `by_batch` and `by_day` are empty where times are unknown or one period holds all.
    """

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
    narrowing: Narrowing | None = None
    prevalence: Prevalence | None = None
    sets: SetAgreement | None = None
    by_batch: tuple[PeriodAgreement, ...] = ()
    by_day: tuple[PeriodAgreement, ...] = ()


def measure_agreement(
    votes: Votes,
    consensus: Consensus,
    seed: int = 0,
    checks: Sequence[ReviewerCheck] = (),
) -> Agreement:
    """Every figure, with 95% percentile bootstrap intervals over items (1,000 resamples, fewer where items are many).

    Ordinal and interval α come where there are 3 to 11 labels and all are numbers, else None. `checks`: what
    a round tells of its reviewers.
    """
    counts = votes.counts()
    # Items with the same counts are alike to every coefficient, so resampling draws kinds of items, not items.
    kinds, times = np.unique(counts, axis=0, return_counts=True)
    why = _why_undefined(votes, counts)

    def figure(statistic: Statistic) -> Estimate:
        return estimate(partial(statistic, kinds), times, why, seed)

    alpha = statistics.krippendorff_alpha
    values = votes.label_values() if 3 <= len(votes.labels) <= _LEVELLED_LABELS else None
    pairs, cohen = _pairs(votes, seed)
    double = int((counts.sum(axis=1) > 1).sum())
    shares = dict(zip(votes.labels, (counts.sum(axis=0) / len(votes)).tolist(), strict=True))
    percent, nominal = figure(statistics.percent_agreement), figure(alpha)
    return Agreement(
        items=len(votes.items),
        reviewers=len(votes.reviewers),
        votes=len(votes),
        double=double,
        label_shares=shares,
        percent_agreement=percent,
        fleiss_kappa=figure(statistics.fleiss_kappa),
        krippendorff_alpha=nominal,
        gwet_ac1=figure(statistics.gwet_ac1),
        ordinal_alpha=None if values is None else figure(partial(alpha, level="ordinal")),
        interval_alpha=None if values is None else figure(partial(alpha, level="interval", values=values)),
        pairs=pairs,
        cohen_kappa=cohen,
        by_label=_by_label(votes, consensus, counts, kinds, times, seed),
        by_reviewer=_by_reviewer(votes, consensus, counts, checks),
        narrowing=_narrowing(nominal, double),
        prevalence=_prevalence(shares, percent, nominal),
        sets=measure_sets(votes, counts, seed),
        by_batch=over_time(votes, "batch", seed),
        by_day=over_time(votes, "day", seed),
    )


def alpha_alone(votes: Votes) -> Estimate:
    """Krippendorff's nominal α without an interval: cheap enough for a gate."""
    counts = votes.counts()
    once = np.ones(len(counts), dtype=np.intp)
    statistic = partial(statistics.krippendorff_alpha, counts)
    return estimate(statistic, once, _why_undefined(votes, counts), seed=0, intervals=False)


def _why_undefined(votes: Votes, counts: Floats) -> str:
    if len(votes.reviewers) < 2:
        return "only one reviewer voted"
    if not (counts.sum(axis=1) > 1).any():
        return "no item has votes of two reviewers"
    return "only one label was used on the items that two or more reviewers voted on"


def _narrowing(alpha: Estimate, double: int) -> Narrowing | None:
    if alpha.low is None or alpha.high is None:
        return None
    half = (alpha.high - alpha.low) / 2
    if half <= NARROW * _NEARLY:
        return None
    # The width of an interval falls with the square root of the number of items.
    return Narrowing(math.ceil(double * ((half / NARROW) ** 2 - 1)), half, NARROW)


def _prevalence(shares: Mapping[str, float], percent: Estimate, alpha: Estimate) -> Prevalence | None:
    label, share = max(shares.items(), key=lambda pair: pair[1])
    if percent.value is None or alpha.value is None:
        return None
    if share < _SKEWED or percent.value < _HIGH_AGREEMENT or alpha.value >= TENTATIVE:
        return None
    return Prevalence(label, share, percent.value)


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

    a, b = votes.reviewers[votes.reviewer[of_a[0]]], votes.reviewers[votes.reviewer[of_b[0]]]
    why = "both gave one and the same label to every item they share"
    kappa = partial(statistics.cohen_kappa, first, second, same)
    return PairAgreement(a, b, len(at_a), estimate(kappa, times, why, seed))


def _by_label(
    votes: Votes, consensus: Consensus, counts: Floats, kinds: Floats, times: np.ndarray, seed: int
) -> tuple[LabelAgreement, ...]:
    values = statistics.specific_agreement(kinds, times[None].astype(np.float64))[0]
    drawn = resampled(partial(statistics.specific_agreement, kinds), times, seed)
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
            agreement = Estimate(float(values[at]), *interval(drawn[:, at]))
        other = int(together[at].argmax())
        share = float(together[at, other] / total[at]) if total[at] else 0.0
        confused = votes.labels[other] if share > 0 else None
        found.append(LabelAgreement(label, int(counts[:, at].sum()), int(chosen[at]), agreement, confused, share))
    return tuple(found)


def _by_reviewer(
    votes: Votes, consensus: Consensus, counts: Floats, checks: Sequence[ReviewerCheck]
) -> tuple[ReviewerAgreement, ...]:
    number = len(votes.reviewers)
    others = counts.sum(axis=1)[votes.item] - 1
    shared = others > 0
    agreeing = (counts[votes.item, votes.label] - 1)[shared] / others[shared]
    agreed = np.bincount(votes.reviewer[shared], agreeing, number)
    cast = np.bincount(votes.reviewer, minlength=number)
    with_others = np.bincount(votes.reviewer[shared], minlength=number)
    accuracy = accuracies(Ballots.of(votes), consensus.foretold)
    told = Ballots.of(votes).told_apart()
    accuracy = [one if known or one.value is None else _UNTOLD for one, known in zip(accuracy, told, strict=True)]
    known = {check.reviewer: check for check in checks}
    found = []
    for at, name in enumerate(votes.reviewers):
        one = ReviewerAgreement(
            reviewer=name,
            votes=int(cast[at]),
            shared=int(with_others[at]),
            agreement=float(agreed[at] / with_others[at]) if with_others[at] else None,
            accuracy=accuracy[at],
        )
        check = known.get(name)
        if check is not None:
            gold, attention, repeats = map(_asked, (check.gold, check.attention, check.repeats))
            one = replace(one, gold=gold, attention=attention, repeats=repeats)
        found.append(one)
    return tuple(found)


def _asked(share: Share) -> Share | None:
    return share if share.asked else None
