"""How small a difference between two models an eval set can show.

Both models answer the same examples, so what counts are the examples on which only one of them is right: McNemar's test.
Its sample size at power `POWER` and two-sided level `LEVEL` is Connor's (1987, Biometrics 43, 207-211), after Miettinen
(1968): n = (z_a √ψ + z_b √(ψ - δ²))² / δ², where δ is the difference in accuracy and ψ the share of examples on which the two
disagree. ψ is not known beforehand. It is taken to be that of two models that err independently of each other; models that
tend to fail on the same examples disagree less, and smaller differences show. For scores from two different sets of examples
the formula is that of two proportions (Fleiss 1981, without continuity correction).
"""

from __future__ import annotations

import math
from collections.abc import Callable

POWER, LEVEL = 0.8, 0.05
Z_LEVEL, Z_POWER = 1.959964, 0.841621
"""Normal quantiles of 1 - LEVEL / 2 and POWER."""
USUAL = 0.9
"""Accuracy that is taken where nobody said what the prompted model scores."""
CLOSEST, FARTHEST = 0.02, 0.98
"""Accuracies outside of these are taken to be these: at 0 and 1 two models cannot disagree."""


def disagreement(accuracy: float, other: float | None = None) -> float:
    """ψ of two models of these accuracies that err independently; of two alike where one is given."""
    first = min(max(accuracy, CLOSEST), FARTHEST)
    second = first if other is None else min(max(other, CLOSEST), FARTHEST)
    return first * (1 - second) + second * (1 - first)


def examples_needed(difference: float, psi: float) -> int:
    """Eval examples it takes to show `difference` (0..1) where two models disagree on a share `psi`, at least as large."""
    return math.ceil(_paired(difference, psi))


def smallest_difference(examples: int, psi: float) -> float:
    """The smallest difference in accuracy (0..1) that `examples` show; 1 where they show none."""
    return _least(lambda difference: _paired(difference, psi), examples)


def smallest_unpaired(examples: int, accuracy: float) -> float:
    """The same for two models measured on different examples, `examples` of each."""
    low = min(max(accuracy, CLOSEST), FARTHEST)

    def needed(difference: float) -> float:
        # The difference is taken downwards, where there is room for it, and the variance is larger.
        high = low - difference if low >= 0.5 else low + difference
        high = min(max(high, 0.0), 1.0)
        mean = (low + high) / 2
        spread = Z_LEVEL * math.sqrt(2 * mean * (1 - mean)) + Z_POWER * math.sqrt(low * (1 - low) + high * (1 - high))
        return (spread / difference) ** 2

    return _least(needed, examples)


def _paired(difference: float, psi: float) -> float:
    psi = max(psi, difference)
    spread = Z_LEVEL * math.sqrt(psi) + Z_POWER * math.sqrt(max(psi - difference**2, 0.0))
    return (spread / difference) ** 2


def _least(needed: Callable[[float], float], examples: int) -> float:
    low, high = 1e-4, 1.0
    if examples < 1 or needed(high) > examples:
        return 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if needed(middle) <= examples else (middle, high)
    return high
