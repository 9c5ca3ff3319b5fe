"""Agreement as a round went on: by day, or by batches of its items in the order in which they were done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal

import numpy as np

from curator.review.agreement import statistics
from curator.review.agreement.estimates import Estimate, estimate
from curator.review.votes.arrays import Floats, Ints, Votes

BATCH = 20
"""Items in a batch at least; fewer tell nothing."""

_BATCHES = 10  # at most
_WHY = "only one label was used"


@dataclass(frozen=True, slots=True)
class PeriodAgreement:
    """Agreement on the `items` done from `start` to `end` (ISO 8601, UTC), those with two votes or more.

    An item is done when its last vote is cast.
    """

    start: str
    end: str
    items: int
    votes: int
    percent_agreement: Estimate
    krippendorff_alpha: Estimate


def over_time(votes: Votes, by: Literal["batch", "day"], seed: int = 0) -> tuple[PeriodAgreement, ...]:
    """Agreement in each period, oldest first; () where times are unknown or there is but one period."""
    if votes.at is None:
        return ()
    done = np.full(len(votes.items), -np.inf)
    # An item with a vote of unknown time has no place in it.
    np.maximum.at(done, votes.item, np.where(np.isnan(votes.at), np.inf, votes.at))
    cast = np.bincount(votes.item, minlength=len(votes.items))
    told = np.flatnonzero((cast > 1) & np.isfinite(done))
    order = told[np.argsort(done[told], kind="stable")]
    parts = _batches(order) if by == "batch" else _days(order, done)
    if len(parts) < 2:
        return ()
    counts = votes.counts()
    return tuple(_period(counts[part], done[part], seed) for part in parts)


def _batches(order: Ints) -> list[Ints]:
    return np.array_split(order, max(1, min(_BATCHES, len(order) // BATCH)))


def _days(order: Ints, done: Floats) -> list[Ints]:
    days = np.floor(done[order] / 86_400)
    return np.split(order, np.flatnonzero(np.diff(days)) + 1) if len(order) else []


def _period(counts: Floats, done: Floats, seed: int) -> PeriodAgreement:
    kinds, times = np.unique(counts, axis=0, return_counts=True)
    return PeriodAgreement(
        start=_iso(done[0]),
        end=_iso(done[-1]),
        items=len(counts),
        votes=int(counts.sum()),
        percent_agreement=estimate(partial(statistics.percent_agreement, kinds), times, _WHY, seed),
        krippendorff_alpha=estimate(partial(statistics.krippendorff_alpha, kinds), times, _WHY, seed),
    )


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(float(seconds), UTC).isoformat(timespec="seconds")
