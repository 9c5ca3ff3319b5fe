"""What chance alone makes of the similarity to an eval set: tails of distributions, and scores read from them.

Candidates play the eval set for other candidates, and no pair of those is a leak. How rarely two of them share as much
as a given pair does is the strength of its evidence; evidence of several kinds adds up (Fisher's method: the sum of the
logarithms of the tail probabilities), and the sums are held against their own distribution, so that nothing has to be
assumed of how the kinds hang together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from curator.checks.findings import logistic

HALF, FLAG = 0.01, 0.001
"""False-positive rates of the scores .5 and .9: each further tenth of the rate multiplies the odds by nine."""
CUT = 0.9
TOP = 0.002
"""Share of a distribution of pairs beyond which it is taken to fall exponentially."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The upper tail of a sample: `values` (n,) ascending, exponential with `scale` above `start`."""

    values: np.ndarray
    start: float
    scale: float

    @classmethod
    def of(cls, sample: np.ndarray) -> Tail:
        values = np.sort(sample.astype(np.float64))
        start = float(np.quantile(values, 1 - TOP)) if len(values) >= 20 / TOP else float(np.quantile(values, 0.99))
        above = values[values > start] - start
        return cls(values, start, max(float(above.mean()) if len(above) else 0.0, 1e-6))

    def surprise(self, x: np.ndarray) -> np.ndarray:
        """−log of the share of the sample that reaches x."""
        n = len(self.values)
        within = (n - np.searchsorted(self.values, np.minimum(x, self.start))) / n
        return np.asarray(-np.log(np.maximum(within, 1 / n)) + np.maximum(x - self.start, 0) / self.scale)


@dataclass(frozen=True, slots=True)
class Scale:
    """How the best sum of a candidate becomes a score: `levels` (q,) ascending sums and `rates` (q,) how often chance
    reaches them; beyond the last level the logarithm of the rate falls by 1 per `slope`."""

    levels: np.ndarray
    rates: np.ndarray
    slope: float

    @classmethod
    def of(cls, best: np.ndarray, times: float = 1.0) -> Scale:
        """From the best sums (n,) of candidates, of which at least nine in ten are no leaks. `times`: how many times more
        eval texts there are than the sums come from, for each of them gives chance another try.

        Sums of log probabilities fall exponentially, so the slope is taken where most candidates are, from the upper
        quarter to the upper tenth: what lies beyond may be leaks, or rewordings of each other, which are no chance.
        """
        shares = np.array([0.9, 0.75, 0.5, 0.25, 0.1])
        levels = np.quantile(best, 1 - shares)
        slope = max(float(levels[-1] - levels[-2]) / np.log(2.5), 1e-3)
        return cls(levels, np.minimum(shares * times, 1.0), slope)

    def level(self, rate: float) -> float:
        """The sum that chance reaches at `rate`, which is below the last of `rates`."""
        return float(self.levels[-1] + np.log(self.rates[-1] / rate) * self.slope)

    def score(self, best: np.ndarray) -> np.ndarray:
        """Scores in 0..1: .5 where chance reaches the sum in 1 candidate of 100, .9 in 1 of 1,000."""
        within = np.interp(best, self.levels, np.log(self.rates))
        beyond = np.log(self.rates[-1]) - (best - self.levels[-1]) / self.slope
        rate = np.where(best > self.levels[-1], beyond, within)
        return logistic(np.log(9) * (np.log(HALF) - rate) / np.log(10))
