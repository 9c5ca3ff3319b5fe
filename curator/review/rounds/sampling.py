"""How sure a share is that was counted on a random sample, and how many to look at to be as sure as is wanted.

Cochran, W. G. (1977): Sampling Techniques, 3rd ed., chapters 3 and 4; with the correction for a finite population.
"""

from __future__ import annotations

from math import ceil, sqrt

Z95 = 1.959964
"""Standard errors on either side of an estimate that hold the truth in 95 of 100 samples."""
WORST = 0.5
"""The share whose estimate is least sure: what is so for it holds for any other."""


def margin(size: int, population: int) -> float:
    """How far a share counted on `size` of `population` is from the truth at most, in 95 of 100 samples: 0.05 for ±5%."""
    if size >= population or population < 2:
        return 0.0
    spread = WORST * (1 - WORST) / size * (population - size) / (population - 1)
    return min(1.0, Z95 * sqrt(spread))


def size_for(wanted: float, population: int) -> int:
    """How many of `population` to look at for a margin of `wanted`; the fewest for which `margin` is as small."""
    if population < 2:
        return population
    endless = Z95**2 * WORST * (1 - WORST) / wanted**2
    return min(population, max(1, ceil(endless / (1 + (endless - 1) / population) - 1e-9)))
