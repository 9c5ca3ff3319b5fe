"""From verdicts on findings of one check to the score from which it should report.

A verdict says of one finding that it is right or wrong. The chance that a finding of score s is right is taken to rise with s,
as a logistic curve. Priors are weak: in the middle of the verdicts Jeffreys' for a share, so that a flat curve gives his
interval; for the slope, which is never negative, a Cauchy on inputs scaled to a standard deviation of .5 (Gelman et al. 2008,
Annals of Applied Statistics 2(4)). On which scale of the score the curve is straight is not known: the
score itself, its logit and its rank are each fitted and weighted by how well they foretell the verdicts. The posterior is
summed on a grid, so it needs no iteration that could fail: all right, all wrong, ties and few verdicts are ordinary cases.

The precision at a cut is that of *all* findings from it on: the known verdict where there is one, the curve elsewhere.
So it does not matter that findings near the cut were asked more often than others.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator.text import plural, share

Floats = NDArray[np.float64]

CALIBRATED = ("near_duplicate", "leakage", "label_error", "mismatched_pair", "outlier")
"""The checks that report from a score on, so that verdicts can move it."""
GOAL = 0.9
"""Share of the reported findings that should be right, where the user names no other."""
ASKED = 30
"""Verdicts asked for at a time."""
FEWEST = 10
"""Verdicts below which no cut is set: even if all of them are right, the interval reaches below .8."""
WIDE = 0.25
"""Width of the interval from which on more verdicts are called for."""
LEVEL = 0.95

_SLOPE = 2.5
"""Scale of the Cauchy prior of the slope, as in the paper."""
_GRID = (120, 60)
_DRAWS = 2_000
_AT_ONCE = 64
"""Verdicts weighed at a time: each meets every point of the grid."""
_BLOCK = 1 << 20
"""Numbers held at a time when curves are drawn over a large pool."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A finding that was judged: its score, and the share of its reviewers who call it right (0..1)."""

    finding: str
    score: float
    right: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What to expect of the `findings` from score `cut` on: the share of right ones, and its 95% interval."""

    cut: float
    findings: int
    precision: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{share(self.precision)} ({share(self.low)}–{share(self.high)})"


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the verdicts come to.

    `at`: the lowest score from which on the expected precision reaches `goal`, None where no score does. `own`: what the
    verdicts say of the cut that was used when the findings were found. `verdicts` were given on as many findings, `right`
    of them in favour. `lowest`: no finding lies below the cut, so the best one may be lower still. `more`: how many
    more verdicts would help, 0: enough.
    """

    goal: float
    at: Expected | None
    own: Expected | None
    verdicts: int
    right: float
    lowest: bool = False
    more: int = 0

    def sentences(self) -> list[str]:
        """What to tell the reviewer, plainly."""
        said = [f"{self.right:g} of {plural(self.verdicts, 'verdict')} say right."]
        if self.own is not None:
            usual = f"{plural(self.own.findings, 'finding')} from score {self.own.cut:.4f} on, precision {self.own}"
            said.append(f"As it was: {usual}.")
        if self.at is None:
            said.append(
                f"By these verdicts the expected precision reaches {share(self.goal)} at no score, so no cut is set: take a "
                "lower --precision, or leave this check out with --skip."
            )
        else:
            said.append(
                f"For a precision of {share(self.goal)}: {plural(self.at.findings, 'finding')} from score {self.at.cut:.4f} on, "
                f"precision {self.at}."
            )
        if self.lowest:
            said.append("Even the lowest findings that could be asked about are in: ask again to look further down.")
        if self.more:
            said.append(f"That interval is wide: {self.more} more verdicts would help.")
        return said


def fit(
    pool: Mapping[str, float],
    answers: Iterable[Answered],
    goal: float = GOAL,
    *,
    own: float | None = None,
    seed: int = 0,
) -> Fitted | None:
    """The cut at which the findings of `pool` (id to score, borderline ones included) reach `goal`.

    `own`: the score from which the check reported when it found them. Verdicts on findings that are not in the pool count
    for the curve alone. None with fewer than FEWEST verdicts or an empty pool. The order of verdicts does not matter.
    """
    given = sorted(answers, key=lambda a: (a.score, a.finding))
    if len(given) < FEWEST or not pool:
        return None
    posterior = _Posterior.of(given, np.array(sorted(pool.values())), seed)
    known = {answer.finding: answer.right for answer in given if answer.finding in pool}
    ranked = sorted(pool, key=lambda id: (-pool[id], id))
    scores = np.array([pool[id] for id in ranked])
    verdict = np.array([known.get(id, np.nan) for id in ranked])
    total = np.cumsum(np.where(np.isnan(verdict), posterior.mean(scores), verdict))

    def expected(cut: float, count: int) -> Expected:
        low, high = posterior.interval(scores[:count], verdict[:count])
        precision = round(float(total[count - 1]) / count, 6)
        # Where hardly any finding is unjudged, the mean can lie just outside of the quantiles.
        return Expected(cut, count, precision, min(low, precision), max(high, precision))

    # Findings of one score go in together, or not at all. Rounded, so that the last bit of a sum never decides.
    counts = np.flatnonzero(np.append(scores[1:] < scores[:-1], True)) + 1
    reached = counts[np.round(total[counts - 1] / counts, 9) >= goal]
    at = usual = None
    if len(reached):
        count = int(reached[-1])
        at = expected(_between(float(scores[count - 1]), float(scores[count]) if count < len(scores) else None), count)
    if own is not None and (inside := int((scores >= own).sum())):
        usual = expected(own, inside)
    shown = at or usual
    return Fitted(
        goal=goal,
        at=at,
        own=usual,
        verdicts=len(given),
        right=round(sum(answer.right for answer in given), 6),
        lowest=at is not None and at.findings == len(scores),
        more=0 if shown is None else _more(len(given), shown.high - shown.low, int(np.isnan(verdict).sum())),
    )


def _between(score: float, below: float | None) -> float:
    """A cut that lets `score` in and not `below`: rounded to four digits if that does, else halfway between."""
    rounded = math.floor(score * 1e4) / 1e4
    return rounded if below is None or rounded > below else (score + below) / 2


def _more(verdicts: int, width: float, unjudged: int) -> int:
    """Verdicts that would bring the interval to `WIDE`, by the square-root law, in tens; no more than can be given."""
    if width <= WIDE:
        return 0
    wanted = 10 * math.ceil(verdicts * ((width / WIDE) ** 2 - 1) / 10)
    return min(wanted, 100, unjudged)


@dataclass(frozen=True, slots=True)
class _Posterior:
    """Curves drawn from the posterior: the number of the scale, intercept and slope of each."""

    scales: Sequence[Callable[[Floats], Floats]]
    scale: NDArray[np.intp]
    intercept: Floats
    slope: Floats
    dice: np.random.Generator

    @classmethod
    def of(cls, answers: Sequence[Answered], pool: Floats, seed: int) -> _Posterior:
        """`pool`: scores of the findings, rising; they make the scale of ranks."""
        scores = np.array([answer.score for answer in answers])
        right = np.array([answer.right for answer in answers])
        # Points of equal prior weight: what is left to do is to weigh them by likelihood.
        a, b = (np.arange(count) + 0.5 for count in _GRID)
        middle = np.sin(np.pi / 2 * a / _GRID[0]) ** 2
        intercepts = np.log(middle / (1 - middle))
        slopes = _SLOPE * np.tan(np.pi / 2 * b / _GRID[1])
        scales = [_scaled(scores, to) for to in (_same, _logit, _rank_in(pool))]
        weights = np.zeros((len(scales), *_GRID))
        for number, scale in enumerate(scales):
            place = scale(scores)
            for start in range(0, len(scores), _AT_ONCE):
                some = slice(start, start + _AT_ONCE)
                logits = intercepts[:, None, None] + slopes[None, :, None] * place[some]
                yes, no = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
                weights[number] += (right[some] * yes + (1 - right[some]) * no).sum(axis=2)
        likelihood = np.exp(weights - weights.max()).ravel()
        dice = np.random.default_rng(seed)
        drawn = dice.choice(likelihood.size, size=_DRAWS, p=likelihood / likelihood.sum())
        which, i, j = np.unravel_index(drawn, (len(scales), *_GRID))
        return cls(scales, which, intercepts[i], slopes[j], dice)

    def mean(self, scores: Floats) -> Floats:
        """The chance that a finding is right, for each score."""
        total = np.zeros(len(scores))
        for chances in self._curves(scores):
            total += chances.sum(axis=0)
        return total / _DRAWS

    def interval(self, scores: Floats, verdict: Floats) -> tuple[float, float]:
        """Between what shares of these findings are right; `verdict` is NaN for those that were not judged."""
        open_ = np.isnan(verdict)
        known, unknown = float(verdict[~open_].sum()), int(open_.sum())
        if not unknown:
            return round(known / len(scores), 6), round(known / len(scores), 6)
        chance = np.concatenate([chances.mean(axis=1) for chances in self._curves(scores[open_])])
        share = (known + self.dice.binomial(unknown, np.clip(chance, 0, 1))) / len(scores)
        low, high = np.quantile(share, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return round(float(low), 6), round(float(high), 6)

    def _curves(self, scores: Floats) -> Iterable[Floats]:
        """(some draws, scores) chances, a block of draws at a time."""
        step = max(1, _BLOCK // max(1, len(scores)))
        for number, scale in enumerate(self.scales):
            place = scale(scores)
            mine = np.flatnonzero(self.scale == number)
            for start in range(0, len(mine), step):
                some = mine[start : start + step]
                logits = self.intercept[some, None] + self.slope[some, None] * place
                yield 1 / (1 + np.exp(-np.clip(logits, -60, 60)))


def _scaled(scores: Floats, to: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """`to`, moved and stretched so that the judged `scores` have the mean 0 and the standard deviation .5."""
    values = to(scores)
    middle, spread = float(values.mean()), float(values.std())
    factor = 0.5 / spread if spread > 1e-9 else 0.0
    return lambda s: (to(s) - middle) * factor


def _same(scores: Floats) -> Floats:
    return scores


def _logit(scores: Floats) -> Floats:
    safe = np.clip(scores, 1e-4, 1 - 1e-4)
    logits: Floats = np.log(safe / (1 - safe))
    return logits


def _rank_in(pool: Floats) -> Callable[[Floats], Floats]:
    """The share of the pool that lies below a score, ties counted half."""

    def rank(scores: Floats) -> Floats:
        below = np.searchsorted(pool, scores, "left") + np.searchsorted(pool, scores, "right")
        shares: Floats = below / (2 * len(pool))
        return shares

    return rank


def sample(
    reported: Mapping[str, float],
    borderline: Mapping[str, float],
    groups: Mapping[str, Collection[int]],
    number: int = ASKED,
    seed: int = 0,
) -> list[str]:
    """Ids of findings to ask about, the highest score first: half of them reported, half borderline, spread over the scores.

    No two share an example (`groups`: the examples of each finding). Where one side has too few, the other gives more.
    Depends on ids, scores and seed alone.
    """
    taken: set[int] = set()
    below = _spread(borderline, groups, number // 2, seed, taken)
    above = _spread(reported, groups, number - len(below), seed, taken)
    rest = {id: score for id, score in borderline.items() if id not in below}
    below += _spread(rest, groups, number - len(above) - len(below), seed, taken)
    scores = {**borderline, **reported}
    return sorted((*above, *below), key=lambda id: (-scores[id], id))


def _spread(
    scores: Mapping[str, float], groups: Mapping[str, Collection[int]], number: int, seed: int, taken: set[int]
) -> list[str]:
    """`number` ids, one from each of as many ranges of scores; `taken` grows by their examples."""
    ranked = sorted(scores, key=lambda id: (-scores[id], id))
    number = min(number, len(ranked))
    chosen: list[str] = []
    if number <= 0:
        return chosen
    parts = [list(part) for part in np.array_split(np.array(ranked, dtype=object), number)]
    spare: list[str] = []
    for part in parts:
        free = [id for id in sorted(part, key=lambda id: _lot(id, seed)) if taken.isdisjoint(groups[id])]
        if free:
            chosen.append(free[0])
            taken.update(groups[free[0]])
            spare += free[1:]
    for id in sorted(spare, key=lambda id: _lot(id, seed)):
        if len(chosen) < number and taken.isdisjoint(groups[id]):
            chosen.append(id)
            taken.update(groups[id])
    return chosen


def _lot(id: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\x00{id}".encode(), digest_size=8).digest()
