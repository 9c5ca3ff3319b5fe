"""The figures of a preference: who wins how many items, whether chance would do as much, and whether judges lean to a side.

All count items, so that two judges of one item are no two pieces of evidence. The interval resamples items (percentile
bootstrap, Efron 1979); the test is the exact sign test on the items that somebody won, which for two systems on the same items
is McNemar's. Whether judges lean to a side is tested by turning the sides of items at random, as they were drawn in the first
place (Fisher 1935).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from curator.comparison.verdict import ALPHA, Outcome
from curator.review.agreement.estimates import Estimate, interval, resampled, wilson

POWER = 0.8
TURNS = 10_000
"""Random turns of the sides behind the test for a leaning."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """How often the answer that stood first was preferred among the judgements that prefer one: a `share` with its interval,
    and the chance `p` of as much without any leaning."""

    first: int
    second: int
    share: Estimate
    p: float | None

    @property
    def leans(self) -> bool:
        return self.p is not None and self.p < ALPHA


def win_rate(wins: int, ties: int, losses: int, seed: int = 0) -> Estimate:
    """The share of items won, ties as half a win, with its interval; Wilson's where all items came out alike, for of these
    every resample is the same."""
    times = np.array([wins, ties, losses])
    whole = int(times.sum())
    if not whole:
        return Estimate(None, why="no item was judged yet")
    worth = np.array([1.0, 0.5, 0.0])
    value = float(times @ worth) / whole
    if np.count_nonzero(times) == 1:
        around = wilson(value * whole, whole)
        return Estimate(value, around.low, around.high)
    return Estimate(value, *interval(resampled(lambda weights: weights @ worth / whole, times, seed)))


def sign_test(wins: int, losses: int) -> float | None:
    """The two-sided chance of a gap at least this large between wins and losses where neither system is better."""
    from scipy.stats import binomtest

    return float(binomtest(wins, wins + losses).pvalue) if wins + losses else None


def decide(rate: Estimate, p: float | None) -> Outcome:
    """Better or worse only where both the test and the interval say so; else the difference is noise."""
    if p is None or p >= ALPHA or rate.value is None or rate.low is None or rate.high is None:
        return Outcome.NOISE
    if rate.low > 0.5:
        return Outcome.BETTER
    return Outcome.WORSE if rate.high < 0.5 else Outcome.NOISE


@lru_cache(maxsize=32)
def least_shown(decided: int) -> float | None:
    """The least win rate among `decided` items, of a system that is really better, that the sign test shows in four of five
    rounds; None where none would, for there are too few items."""
    from scipy.stats import binom

    if decided < 1:
        return None
    needed = int(binom.isf(ALPHA / 2, decided, 0.5)) + 1
    if needed > decided:
        return None
    low, high = 0.5, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if binom.sf(needed - 1, decided, middle) < POWER else (low, middle)
    return high


def leaning(said: Sequence[tuple[int, int]], seed: int = 0) -> Leaning:
    """Whether what stood first is preferred too often; `said`: for each item how many judges preferred the first answer and
    how many the second."""
    both = np.array([one for one in said if sum(one)], dtype=np.float64).reshape(-1, 2)
    first, second = (int(number) for number in both.sum(axis=0))
    if not len(both):
        return Leaning(0, 0, Estimate(None, why="no answer was preferred to the other"), None)

    def share(weights: np.ndarray) -> np.ndarray:
        sums = weights @ both
        return np.asarray(sums[:, 0] / np.maximum(sums.sum(axis=1), 1))

    value = first / (first + second)
    drawn = interval(resampled(share, np.ones(len(both), dtype=np.int64), seed))
    gaps = both[:, 0] - both[:, 1]
    sizes, times = np.unique(np.abs(gaps), return_counts=True)
    # Of the items with one gap those that turn are as many as coins that fall on one side.
    turned = np.random.default_rng(seed).binomial(times, 0.5, size=(TURNS, len(times)))
    as_large = int(np.count_nonzero(np.abs((2 * turned - times) @ sizes) >= abs(gaps.sum())))
    return Leaning(first, second, Estimate(value, *drawn), (1 + as_large) / (1 + TURNS))
