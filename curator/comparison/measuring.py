"""Every measure of a comparison, and every label or field, with intervals from one set of resamples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import vstack

from curator.comparison import counts, verdict
from curator.comparison.resampling import Floats, Spread, deviation, estimate, resample
from curator.comparison.scoring import Column, Scores
from curator.comparison.verdict import Outcome, Turned
from curator.progress import Progress
from curator.review.agreement.estimates import Estimate

_EXCHANGES, _EXCHANGED_BELOW = 2_000, 1_000
"""Exchanges that are tried, and the examples from which there are enough of each label for an interval alone."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure under both systems, shares of 1, with 95% intervals of each and of the paired difference.

    `smallest`: the smallest true difference that this eval set would show in four of five cases; `needed`: how many examples
    it takes to show one as large as was found. None where nothing varies.
    """

    id: str
    baseline: Estimate
    tuned: Estimate
    difference: Estimate
    outcome: Outcome
    smallest: float | None = None
    needed: int | None = None

    @property
    def is_same(self) -> bool:
        """Whether no resample shows any difference: both score the same on every example."""
        found = self.difference
        return all(abs(x or 0.0) < 1e-9 for x in (found.value, found.low, found.high))


@dataclass(frozen=True, slots=True)
class Named:
    """One label or field under both systems; `difference` is of F1. `p` is McNemar's, corrected for how many names there are
    (Holm); `changed`: it is below .05."""

    name: str
    baseline: counts.Row
    tuned: counts.Row
    difference: Estimate
    better: int
    worse: int
    p: float
    changed: bool


def measure(
    scores: Scores, seed: int, resamples: int, progress: Progress
) -> tuple[tuple[Measured, ...], tuple[Named, ...], Spread]:
    """Every measure and every label or field, from one set of resamples, so that all speak of the same draws."""
    rows, times = _kinds(scores)
    table = scores.counts and _at(scores.counts, rows)
    columns = [np.stack([getattr(one, side)[rows] for one in scores.columns], axis=1) for side in ("baseline", "tuned")]

    def statistic(weights: Floats) -> Floats:
        number = weights.sum(axis=1, keepdims=True)
        parts = []
        for means, side in zip(columns, ("baseline", "tuned"), strict=True):
            parts.append(weights @ means / number)
            if table is not None:
                found = counts.averages(weights, table.gold, getattr(table, side))
                parts += [_average(found, id)[:, None] for id in scores.averages] + [found.f1]
        return np.concatenate(parts, axis=1)

    values = statistic(times[None].astype(np.float64))[0]
    spread = resample(statistic, times, seed, resamples, progress)
    half = len(values) // 2
    ids = [one.id for one in scores.columns] + list(scores.averages)
    chances = _chances(scores, int(times.sum()), seed)
    measured = tuple(
        _measured(id, at, half, values, spread, int(times.sum()), chances.get(id)) for at, id in enumerate(ids)
    )
    return measured, _named(scores, len(ids), half, values, spread), spread


def _kinds(scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    """One example of each kind that is alike in all that is measured, and how many there are of it."""
    number = len(scores.columns[0].baseline)
    if scores.counts is not None and scores.labels is None:
        return np.arange(number), np.ones(number, dtype=np.intp)
    parts: list[np.ndarray] = [side for one in scores.columns for side in (one.baseline, one.tuned)]
    if scores.labels is not None:
        parts += [scores.labels.gold, scores.labels.baseline, scores.labels.tuned]
    _, rows, times = np.unique(
        np.stack(parts, axis=1).astype(np.float64), axis=0, return_index=True, return_counts=True
    )
    return rows, times


def _at(found: counts.Counts, rows: np.ndarray) -> counts.Counts:
    sides = [counts.Side(side.hits[rows], side.given[rows]) for side in (found.baseline, found.tuned)]
    return counts.Counts(found.names, found.gold[rows], sides[0], sides[1])


def _average(found: counts.Averages, id: str) -> Floats:
    by_id = {"macro_f1": found.macro, "weighted_f1": found.weighted, "balanced_accuracy": found.balanced}
    return by_id.get(id, found.micro)


def _measured(id: str, at: int, half: int, values: Floats, spread: Spread, examples: int, p: float | None) -> Measured:
    before, after = spread.figures[:, at], spread.figures[:, half + at]
    difference = estimate(float(values[half + at] - values[at]), after - before, spread.probability)
    error = deviation(after - before, spread.probability)
    return Measured(
        id,
        estimate(float(values[at]), before, spread.probability),
        estimate(float(values[half + at]), after, spread.probability),
        difference,
        verdict.judge(difference, p),
        verdict.smallest(error),
        verdict.needed(examples, error, difference.value or 0.0),
    )


def _named(scores: Scores, first: int, half: int, values: Floats, spread: Spread) -> tuple[Named, ...]:
    """Each label or field: what its F1 did, and whether more turned than chance explains, of all names together."""
    if (found := scores.counts) is None:
        return ()
    wrong = [
        ((side.hits != found.gold) + (side.given != found.gold)).astype(np.float64)
        for side in (found.baseline, found.tuned)
    ]
    both = wrong[0].multiply(wrong[1])
    better, worse = (np.asarray((one - both).sum(axis=0)).ravel().astype(int) for one in wrong)
    corrected = verdict.holm([verdict.mcnemar(b, w) for b, w in zip(better, worse, strict=True)])
    tables = [counts.table(found.names, found.gold, side) for side in (found.baseline, found.tuned)]
    made = []
    for at, (before, after) in enumerate(zip(*tables, strict=True)):
        if not before.support and not before.given and not after.given:
            continue
        figures = spread.figures[:, half + first + at] - spread.figures[:, first + at]
        value = float(np.nan_to_num(values[half + first + at]) - np.nan_to_num(values[first + at]))
        difference = estimate(value, figures, spread.probability)
        made.append(
            Named(
                before.name,
                before,
                after,
                difference,
                better[at],
                worse[at],
                corrected[at],
                corrected[at] < verdict.ALPHA,
            )
        )
    return tuple(sorted(made, key=lambda one: (-abs(one.difference.value or 0), one.name)))


def turned(column: Column) -> Turned:
    """How right and wrong turned under a measure that is one or the other."""
    return verdict.turned(column.baseline > 0, column.tuned > 0)


def _chances(scores: Scores, examples: int, seed: int) -> dict[str, float]:
    """How far the difference of each measure may be an accident; none where its interval says so well enough."""
    found = {one.id: turned(one).p for one in scores.columns if one.is_truth}
    if examples < verdict.SURE:
        others = [one for one in scores.columns if not one.is_truth]
        found |= {one.id: verdict.sign_flip(one.tuned - one.baseline, seed) for one in others}
    if examples < _EXCHANGED_BELOW:
        found |= _exchanged(scores, seed)
    return found


def _exchanged(scores: Scores, seed: int) -> dict[str, float]:
    """How often averages come as far apart where the two answers to each example are exchanged at random; two-sided.

    The paired randomisation test of F1 (Yeh, "More accurate tests for the statistical significance of result differences",
    2000), over the examples that the systems answer differently.
    """
    if (table := scores.counts) is None:
        return {}
    before, after = table.baseline, table.tuned
    apart = np.flatnonzero(
        np.asarray(abs(before.given - after.given).sum(axis=1) + abs(before.hits - after.hits).sum(axis=1))
    )
    turns = verdict.exchanges(len(apart), seed, _EXCHANGES)
    moved = np.zeros((len(turns), table.gold.shape[0]))
    moved[:, apart] = turns
    gold = vstack([table.gold, table.gold]).tocsr()
    both = counts.Side(vstack([before.hits, after.hits]).tocsr(), vstack([before.given, after.given]).tocsr())
    sides = [counts.averages(np.hstack(parts), gold, both) for parts in ([1 - moved, moved], [moved, 1 - moved])]
    gaps = {id: np.abs(_average(sides[1], id) - _average(sides[0], id)) for id in scores.averages}
    # The first exchanges nothing: it is what was found.
    return {id: float((gap >= gap[0] - 1e-12).mean()) for id, gap in gaps.items()}
