"""Figures with 95% intervals: by resampling items (percentile bootstrap, Efron 1979), or Wilson's for a share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from curator.review.votes.arrays import Floats

_RESAMPLES = 1000
_CELLS = 4_000_000  # resamples × items drawn at a time
_MAX_DRAWN = 5_000_000  # and in all

Z = 1.959964
"""The normal distribution's 97.5% point."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; `value` None where it is undefined, and then `why` says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `asked`, and the share with Wilson's interval; undefined with a `why` where nothing was asked."""

    right: int
    asked: int
    share: Estimate


Weighted = Callable[[Floats], Floats]
"""From weights (resamples × kinds of items) to a figure per resample, or a row of figures; NaN where undefined."""


def estimate(statistic: Weighted, times: np.ndarray, why: str, seed: int, intervals: bool = True) -> Estimate:
    """The figure on all items and the 2.5% and 97.5% points of its resamples; `times`: how many items each kind has.

    Without `intervals` the figure alone.
    """
    value = float(statistic(times[None].astype(np.float64))[0])
    if math.isnan(value):
        return Estimate(None, why=why)
    return Estimate(value, *interval(resampled(statistic, times, seed))) if intervals else Estimate(value)


def resampled(statistic: Weighted, times: np.ndarray, seed: int) -> Floats:
    """The statistic in each resample, resamples first. Equal seeds draw equal resamples.

    1,000 of them, fewer where there are many kinds of items.
    """
    generator = np.random.default_rng(seed)
    kinds = len(times)
    resamples = int(np.clip(_MAX_DRAWN // kinds, 100, _RESAMPLES))
    at_once = max(1, _CELLS // kinds)
    drawn = []
    for start in range(0, resamples, at_once):
        size = min(at_once, resamples - start)
        weights = generator.multinomial(times.sum(), times / times.sum(), size=size).astype(np.float64)
        drawn.append(statistic(weights))
    return np.concatenate(drawn)


def interval(figures: Floats) -> tuple[float | None, float | None]:
    """2.5% and 97.5% points of the resamples in which the figure is defined."""
    defined = figures[~np.isnan(figures)]
    if not len(defined):
        return None, None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def wilson(right: float, number: float, why: str = "nothing was asked") -> Estimate:
    """A share with Wilson's 95% score interval (Wilson 1927)."""
    if number <= 0:
        return Estimate(None, why=why)
    share = min(right / number, 1.0)
    middle = (share + Z * Z / (2 * number)) / (1 + Z * Z / number)
    half = Z / (1 + Z * Z / number) * math.sqrt(share * (1 - share) / number + Z * Z / (4 * number**2))
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def share_of(right: int, asked: int, why: str) -> Share:
    """`right` of `asked` with Wilson's interval; `why` it is undefined where `asked` is 0."""
    return Share(right, asked, wilson(right, asked, why))
