"""What figures allow to be said: better, worse or noise; what could have been shown; whether something was forgotten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from curator.review.agreement.estimates import Estimate

ALPHA = 0.05
_POWER = 0.8
_REACH = float(stats.norm.ppf(1 - ALPHA / 2) + stats.norm.ppf(_POWER))
"""Standard errors that a true difference must have to be shown in four of five eval sets of this size: 2.80."""
_EVERY_SIGN, _SIGNS = 12, 10_000
SURE = 300
"""Examples from which an interval of a mean is as wide as it should be, and no other test is asked."""
MARGIN = 2.0
"""Points that a tuned model may lose on general tasks before it counts as forgetting."""


class Outcome(StrEnum):
    """Whether the tuned model differs from the baseline by more than chance."""

    BETTER = "better"
    WORSE = "worse"
    NOISE = "noise"


class Kept(StrEnum):
    """Whether the tuned model still does what it could: shown, the opposite shown, or neither."""

    KEPT = "kept"
    FORGOTTEN = "forgotten"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Turned:
    """Examples that one system answered rightly and the other not, and the chance that as uneven a split is an accident.

    `p`: McNemar's test, exact and two-sided (McNemar 1947; binomial of the examples that turned).
    """

    better: int
    worse: int
    both_right: int
    both_wrong: int
    p: float


def turned(before: np.ndarray, after: np.ndarray) -> Turned:
    """Count how right and wrong turned, from two arrays of truth values."""
    better, worse = int((~before & after).sum()), int((before & ~after).sum())
    both = int((before & after).sum())
    return Turned(better, worse, both, len(before) - better - worse - both, mcnemar(better, worse))


def mcnemar(better: int, worse: int) -> float:
    """Exact two-sided p of `better` against `worse` under a fair coin; 1 where nothing turned."""
    fewer, number = min(better, worse), better + worse
    return min(1.0, 2 * float(stats.binom.cdf(fewer, number, 0.5))) if number else 1.0


def sign_flip(differences: np.ndarray, seed: int) -> float:
    """How often differences of examples, their signs drawn anew, come to a mean as far from 0; two-sided.

    The paired randomisation test (Noreen 1989; Riezler and Maxwell 2005): every choice of signs for up to 12 examples that
    differ, 10,000 drawn ones beyond.
    """
    apart = np.sort(differences[differences != 0])
    if not len(apart):
        return 1.0
    reached = abs(apart.sum()) - 1e-12
    if len(apart) <= _EVERY_SIGN:
        signs = 1 - 2 * ((np.arange(2 ** len(apart))[:, None] >> np.arange(len(apart))) & 1)
        return float((np.abs(signs @ apart) >= reached).mean())
    generator = np.random.default_rng(seed)
    drawn = 1 - 2 * generator.integers(0, 2, (_SIGNS, len(apart)), dtype=np.int8)
    return float(((np.abs(drawn @ apart) >= reached).sum() + 1) / (_SIGNS + 1))


def holm(values: Sequence[float]) -> list[float]:
    """p values corrected for how many there are (Holm, "A simple sequentially rejective multiple test procedure", 1979)."""
    order = np.argsort(values, kind="stable")
    corrected = [1.0] * len(values)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[at]))
        corrected[int(at)] = highest
    return corrected


def judge(difference: Estimate, p: float | None) -> Outcome:
    """Better or worse where the 95% interval of the difference leaves out 0 and, where there is one, an exact test agrees
    (`p`: McNemar's, or of signs): with few examples the bootstrap alone is too sure of itself."""
    if difference.low is None or difference.high is None or (p is not None and p >= ALPHA):
        return Outcome.NOISE
    if difference.low > 0:
        return Outcome.BETTER
    return Outcome.WORSE if difference.high < 0 else Outcome.NOISE


def smallest(error: float) -> float | None:
    """The smallest true difference that would be shown in four of five eval sets of this size; None where no error is known.

    1.96 + 0.84 standard errors of the paired difference (Cohen 1988, power .8 at α .05).
    """
    return None if math.isnan(error) or error <= 0 else _REACH * error


def needed(examples: int, error: float, difference: float) -> int | None:
    """How many examples it takes to show a true difference of this size as surely; None where nothing can be said."""
    if math.isnan(error) or error <= 0 or abs(difference) < 1e-9:
        return None
    return math.ceil(examples * (_REACH * error / abs(difference)) ** 2)


def kept(difference: Estimate, margin: float) -> Kept:
    """Non-inferiority (Blackwelder 1982): kept where the whole 95% interval lies above −`margin` (a share of 1), forgotten
    where the loss is beyond chance and may be more than the margin, else unclear."""
    if difference.low is None or difference.high is None:
        return Kept.UNCLEAR
    if difference.low > -margin:
        return Kept.KEPT
    return Kept.FORGOTTEN if difference.high < 0 else Kept.UNCLEAR
