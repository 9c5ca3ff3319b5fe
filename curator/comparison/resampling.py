"""Paired bootstrap: the eval examples drawn anew, the same for both systems, and how far figures then spread.

Percentile intervals: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13; drawn in pairs for two
systems on one test set: Koehn, "Statistical significance tests for machine translation evaluation" (2004). Examples that are
alike in all that is measured are drawn as one kind with a count, so that a resample of 100,000 costs a row of counts. Up to six
examples are not sampled: all resamples are gone through, each with its probability (Fisher and Hall 1991).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator.errors import Cancelled
from curator.progress import Progress, Silent
from curator.review.agreement.estimates import Estimate

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Floats]
"""From weights (resamples × kinds of examples) to figures (resamples × figures); NaN where undefined."""

RESAMPLES = 1_000
ALL_UP_TO = 6
_CELLS = 4_000_000  # resamples × kinds held at a time
_ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Spread:
    """Figures in each resample (resamples × figures), and how probable each resample is (they sum to 1)."""

    figures: Floats
    probability: Floats
    exact: bool


def resample(
    statistic: Statistic,
    times: NDArray[np.intp],
    seed: int,
    resamples: int = RESAMPLES,
    progress: Progress | None = None,
) -> Spread:
    """The figures of `statistic` in resamples of `times.sum()` examples, of which `times` (kinds,) are of each kind."""
    progress = progress or Silent()
    if times.sum() <= ALL_UP_TO:
        weights, probability = every_resample(times)
        return Spread(statistic(weights), probability, True)
    drawn: list[Floats] = []
    done = 0
    for weights in _draws(times, seed, resamples):
        progress.report(done, resamples, "Drawing resamples")
        if progress.cancelled():
            raise Cancelled
        drawn.append(statistic(weights))
        done += len(weights)
    progress.report(resamples, resamples, "Drawing resamples")
    return Spread(np.concatenate(drawn), np.full(resamples, 1 / resamples), False)


def _draws(times: NDArray[np.intp], seed: int, resamples: int) -> Iterator[Floats]:
    generator = np.random.default_rng(seed)
    kinds, number = len(times), int(times.sum())
    at_once = max(1, min(resamples, _CELLS // kinds))
    owner = np.repeat(np.arange(kinds), times) if kinds > number / 16 else None
    for start in range(0, resamples, at_once):
        size = min(at_once, resamples - start)
        if owner is None:
            yield generator.multinomial(number, times / number, size=size).astype(np.float64)
            continue
        # With nearly as many kinds as examples, drawing examples is cheaper than drawing counts.
        weights = np.empty((size, kinds))
        for row in weights:
            row[:] = np.bincount(owner[generator.integers(0, number, number, dtype=np.int32)], minlength=kinds)
        yield weights


def every_resample(times: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Every way to draw as many examples as there are, as counts of each kind, and its probability."""
    number, kinds = int(times.sum()), len(times)
    counts = np.array(list(_compositions(number, kinds)), dtype=np.float64)
    logs = math.lgamma(number + 1) - np.array([sum(math.lgamma(k + 1) for k in row) for row in counts])
    return counts, np.exp(logs + counts @ np.log(times / number))


def _compositions(number: int, kinds: int) -> Iterator[tuple[int, ...]]:
    if kinds == 1:
        yield (number,)
        return
    for first in range(number + 1):
        for rest in _compositions(number - first, kinds - 1):
            yield (first, *rest)


def estimate(value: float, figures: Floats, probability: Floats, why: str = "") -> Estimate:
    """`value` with the 2.5% and 97.5% points of its resamples, those left out in which it is undefined.

    A point is the least figure that at least so much of the probability does not exceed.
    """
    if math.isnan(value):
        return Estimate(None, why=why or "undefined")
    defined = ~np.isnan(figures)
    order = np.argsort(figures[defined], kind="stable")
    if not len(order):
        return Estimate(value, why=why or None)
    sorted_figures, gathered = figures[defined][order], np.cumsum(probability[defined][order])
    gathered /= gathered[-1]
    low, high = (
        float(sorted_figures[min(int(np.searchsorted(gathered, point - 1e-9)), len(order) - 1)])
        for point in (_ALPHA / 2, 1 - _ALPHA / 2)
    )
    return Estimate(value, low, high)


def deviation(figures: Floats, probability: Floats) -> float:
    """Standard error: the standard deviation of a figure over the resamples in which it is defined; NaN for none."""
    defined = ~np.isnan(figures)
    weight = probability[defined]
    if not weight.sum():
        return math.nan
    weight = weight / weight.sum()
    mean = float(weight @ figures[defined])
    return math.sqrt(max(0.0, float(weight @ (figures[defined] - mean) ** 2)))
