"""What figures allow to be said: better, worse or noise; what could have been shown; whether something was forgotten."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np

from curator.review.agreement.estimates import Estimate

ALPHA = 0.05
_POWER = 0.8
REACH = NormalDist().inv_cdf(1 - ALPHA / 2) + NormalDist().inv_cdf(_POWER)
"""Standard errors that a true difference must have to be shown in four of five eval sets of this size: 2.80."""
_LIMIT = NormalDist().inv_cdf(1 - ALPHA / 2)
_EVERY_SIGN, _SIGNS = 12, 10_000
_NOTHING = 1e-7
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
    from scipy.stats import binom

    fewer, number = min(better, worse), better + worse
    return min(1.0, 2 * float(binom.cdf(fewer, number, 0.5))) if number else 1.0


def sign_flip(differences: np.ndarray, seed: int) -> float:
    """How often differences of examples, their signs drawn anew, come to a mean as far from 0; two-sided.

    The paired randomisation test (Noreen 1989; Riezler and Maxwell 2005): every choice of signs for up to 12 examples that
    differ, 10,000 drawn ones beyond.
    """
    apart = np.sort(differences[differences != 0])
    if not len(apart):
        return 1.0
    signs = 1 - 2 * exchanges(len(apart), seed, _SIGNS)
    return float((np.abs(signs @ apart) >= abs(apart.sum()) - 1e-12).mean())


def exchanges(number: int, seed: int, draws: int) -> np.ndarray:
    """Ways to exchange the answers of two systems on so many examples (ways × examples, 1 where they are exchanged): all there
    are for up to 12 examples, else so many drawn ones, the first of which exchanges none."""
    if number <= _EVERY_SIGN:
        return np.asarray((np.arange(2**number)[:, None] >> np.arange(number)) & 1)
    drawn = np.random.default_rng(seed).integers(0, 2, (draws + 1, number), dtype=np.int8)
    drawn[0] = 0
    return drawn


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
    (`p`: McNemar's, or of exchanged answers): with few examples the bootstrap alone is too sure of itself."""
    if difference.low is None or difference.high is None or (p is not None and p >= ALPHA):
        return Outcome.NOISE
    if difference.low > 0:
        return Outcome.BETTER
    return Outcome.WORSE if difference.high < 0 else Outcome.NOISE


def smallest(error: float) -> float | None:
    """The smallest true difference that would be shown in four of five eval sets of this size; None where no error is known.

    1.96 + 0.84 standard errors of the paired difference (Cohen 1988, power .8 at α .05).
    """
    return None if math.isnan(error) or error < _NOTHING else REACH * error


def needed(examples: int, error: float, difference: float) -> int | None:
    """How many examples it takes to show a true difference of this size as surely; None where nothing can be said."""
    if math.isnan(error) or error < _NOTHING or abs(difference) < _NOTHING:
        return None
    return math.ceil(examples * (REACH * error / abs(difference)) ** 2)


def paired(better: int, worse: int, number: int) -> tuple[float, float]:
    """The 95% interval of a difference of right answers among `number` examples, of which `better` and `worse` turned.

    The score interval of Tango ("Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", 1998). Where nothing turned it is as wide as so few examples leave it, and the bootstrap's is not.
    """

    def score(difference: float) -> float:
        """How many standard errors what was found lies above this difference."""
        linear = (2 * number - better + worse) * difference - better - worse
        last = -worse * difference * (1 - difference)
        lost = (math.sqrt(max(0.0, linear**2 - 8 * number * last)) - linear) / (4 * number)
        variance = number * (2 * lost + difference * (1 - difference))
        above = better - worse - number * difference
        return above / math.sqrt(variance) if variance > 1e-12 else math.copysign(math.inf, above) if above else 0.0

    def limit(wanted: float) -> float:
        low, high = -1.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if score(middle) > wanted else (low, middle)
        return (low + high) / 2

    return limit(_LIMIT), limit(-_LIMIT)


def hidden(examples: int) -> float:
    """The loss (a share of 1) that so many examples can hide where none of them shows any: `paired` where nothing turned."""
    return _LIMIT**2 / (examples + _LIMIT**2)


def kept(low: float, outcome: Outcome, margin: float) -> Kept:
    """Non-inferiority (Blackwelder 1982): kept where the whole 95% interval, from `low`, lies above −`margin` (a share of 1),
    forgotten where the loss is beyond chance and may be more than the margin, else unclear."""
    if low > -margin:
        return Kept.KEPT
    return Kept.FORGOTTEN if outcome is Outcome.WORSE else Kept.UNCLEAR


def needed_to_keep(examples: int, error: float, difference: float, margin: float) -> int:
    """How many examples it takes to show that no more than `margin` is lost, in four of five such sets: if as much is lost as
    was found, or nothing where that is more than the margin."""
    least = math.ceil(_LIMIT**2 * (1 - margin) / margin)
    room = margin + min(0.0, difference)
    if room <= 0:
        room = margin
    return max(examples + 1, least + math.ceil(examples * (REACH * error / room) ** 2))
