"""Two systems on one eval set: measured example by example, with paired intervals and a verdict in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.comparison import counts
from curator.comparison.evalset import UNKNOWN, EvalSet, Leak
from curator.comparison.matching import By, Matched, match
from curator.comparison.measuring import Measured, Named, measure, turned
from curator.comparison.predictions import Answers, read_answers
from curator.comparison.resampling import RESAMPLES, Spread
from curator.comparison.scoring import Column, Scorer, Scores, chosen
from curator.comparison.verdict import Outcome, Turned
from curator.embedding import Embedder
from curator.errors import InputError
from curator.formats import guess_task
from curator.model import Example
from curator.progress import Progress, Silent
from curator.tasks import Task

FEW = 30
"""Examples below which an interval says little."""
MOVED = 0.1
"""How far the likeness of a free text to the reference must move for the example to be listed."""
_TASK_SAMPLE = 2_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """How to compare. `by` and `id` match predictions to examples, `prediction` names their field; `measure` is what the
    verdict goes by (None: the task's own); `meaning` None: embeddings are compared where that costs little."""

    task: Task | None = None
    by: By = "auto"
    id: str | None = None
    prediction: str | None = None
    measure: str | None = None
    schema: Mapping[str, Any] | None = None
    encoder: str | None = None
    meaning: bool | None = None
    resamples: int = RESAMPLES
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Flip:
    """An example whose answer got better or worse: `before` and `after` are what the measure says of it (1 or 0; or likeness)."""

    example: Example
    baseline: str | None
    tuned: str | None
    before: float
    after: float

    @property
    def better(self) -> bool:
        return self.after > self.before


@dataclass(frozen=True, slots=True)
class Both:
    """The verdict's measure over the `examples` that both systems answered, where one left out what the other did not."""

    examples: int
    baseline: float
    tuned: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems on one eval set. `primary` is the measure of the verdict; `turned` where it is right or wrong.

    `by_name`: labels or fields; `predicted_only`: labels that either system gave and that are no right answer, and the macro F1
    over them too, as scikit-learn has it by default. `exact`: all resamples were gone through instead of drawn.
    """

    evals: EvalSet
    baseline: Matched
    tuned: Matched
    task: Task
    task_reason: str
    measures: tuple[Measured, ...]
    primary: str
    outcome: Outcome
    turned: Turned | None
    flips: tuple[Flip, ...]
    flips_of: str
    by_name: tuple[Named, ...] = ()
    predicted_only: tuple[int, int] = (0, 0)
    macro_over_all: tuple[float, float] | None = None
    rules: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    encoder: str | None = None
    resamples: int = RESAMPLES
    exact: bool = False
    seed: int = 0
    leak: Leak = UNKNOWN
    notes: tuple[str, ...] = ()
    both: Both | None = None

    @property
    def labelled(self) -> bool:
        """Whether `by_name` are labels; else they are fields."""
        return self.task is Task.CLASSIFICATION

    @property
    def examples(self) -> int:
        return len(self.evals.examples)

    def measure(self, id: str) -> Measured | None:
        return next((one for one in self.measures if one.id == id), None)

    @property
    def main(self) -> Measured:
        """The measure that the verdict goes by."""
        return next(one for one in self.measures if one.id == self.primary)


def compare(
    evals: EvalSet, baseline: str, tuned: str, wanted: Wanted | None = None, progress: Progress | None = None
) -> Comparison:
    """Compare two files of predictions on an eval set.

    Raises InputError where a file cannot be read, where its predictions match no example, or `wanted` cannot be done.
    """
    wanted, progress = wanted or Wanted(), progress or Silent()
    sides = []
    for path in (baseline, tuned):
        answers = read_answers(path, wanted.prediction, wanted.id, progress)
        sides.append(match(evals.examples, answers, wanted.by, wanted.id))
    return compared(evals, sides[0], sides[1], wanted, progress)


def compare_answers(evals: EvalSet, baseline: Answers, tuned: Answers, wanted: Wanted | None = None) -> Comparison:
    """As `compare`, of predictions that were read already."""
    wanted = wanted or Wanted()
    matched = [match(evals.examples, one, wanted.by, wanted.id) for one in (baseline, tuned)]
    return compared(evals, matched[0], matched[1], wanted, Silent())


def compared(evals: EvalSet, baseline: Matched, tuned: Matched, wanted: Wanted, progress: Progress) -> Comparison:
    """Measure answers that were matched to the examples."""
    task, reason = _task(evals, wanted)
    # In the order of what they say, not of the file: the same answers give the same figures however rows are shuffled.
    order = sorted(
        range(len(evals.examples)),
        key=lambda at: (evals.examples[at].output, baseline.answers[at] or "", tuned.answers[at] or ""),
    )
    examples = [evals.examples[at] for at in order]
    before, after = ([side.answers[at] for at in order] for side in (baseline, tuned))
    embedder = None if wanted.meaning is False or task is Task.CLASSIFICATION else Embedder(wanted.encoder)
    try:
        scorer = Scorer([e.output for e in examples], before, after, progress, wanted.schema, embedder, wanted.meaning)
        scores = scorer.score(task)
        encoder = embedder.info.name if embedder is not None and scores.column("meaning") else None
    finally:
        if embedder is not None:
            embedder.close()
    primary = chosen(scores, wanted.measure)
    measured, named, spread = measure(scores, wanted.seed, wanted.resamples, progress)
    column = scores.column(primary) or scores.columns[0]
    turns = turned(column) if column.is_truth else None
    main = next(one for one in measured if one.id == primary)
    return Comparison(
        evals,
        baseline,
        tuned,
        task,
        reason,
        measured,
        primary,
        main.outcome,
        turns,
        _flips(examples, before, after, column),
        column.id,
        named,
        _only_given(scores),
        _macro_over_all(scores),
        scores.rules,
        scores.schema,
        encoder,
        len(spread.probability),
        spread.exact,
        wanted.seed,
        evals.leak,
        (*scores.notes, *_notes(len(examples), spread)),
        _both(before, after, column) if column.id == primary else None,
    )


def _task(evals: EvalSet, wanted: Wanted) -> tuple[Task, str]:
    if wanted.task is not None:
        return wanted.task, "as given"
    if evals.task is not None:
        return evals.task, "the project's"
    return guess_task(sorted(evals.examples[:_TASK_SAMPLE], key=lambda e: (e.input, e.output)))


def _flips(
    examples: Sequence[Example], before: Sequence[str | None], after: Sequence[str | None], column: Column
) -> tuple[Flip, ...]:
    """Examples that turned, those that got worse first, by how far; of free texts those whose likeness moved by a tenth."""
    moved = column.tuned - column.baseline
    listed = [int(at) for at in np.flatnonzero(np.abs(moved) >= (0.5 if column.is_truth else MOVED))]
    ranked = sorted(
        listed, key=lambda at: (round(float(moved[at]), 6), examples[at].ref.source, examples[at].ref.record)
    )
    return tuple(
        Flip(examples[at], before[at], after[at], float(column.baseline[at]), float(column.tuned[at])) for at in ranked
    )


def _both(before: Sequence[str | None], after: Sequence[str | None], column: Column) -> Both | None:
    answered = [np.array([text is not None for text in side]) for side in (before, after)]
    there = answered[0] & answered[1]
    if not there.any() or bool((answered[0] == answered[1]).all()):
        return None
    return Both(int(there.sum()), float(column.baseline[there].mean()), float(column.tuned[there].mean()))


def _only_given(scores: Scores) -> tuple[int, int]:
    if (labels := scores.labels) is None:
        return 0, 0
    return counts.predicted_only(labels.gold, labels.baseline), counts.predicted_only(labels.gold, labels.tuned)


def _macro_over_all(scores: Scores) -> tuple[float, float] | None:
    """Macro F1 over the labels that a system gave too, as scikit-learn has it unless told otherwise."""
    if scores.labels is None or scores.counts is None:
        return None
    found, table = [], scores.counts
    for side, others in zip((table.baseline, table.tuned), _only_given(scores), strict=True):
        rows = counts.table(table.names, table.gold, side)
        found.append(math.fsum(row.f1 for row in rows) / (len(rows) + others))
    return found[0], found[1]


def _notes(examples: int, spread: Spread) -> list[str]:
    if spread.exact:
        return [f"With {examples} examples all resamples were gone through; so few show hardly anything."]
    if examples < FEW:
        return [
            f"There are only {examples} examples: intervals from so few say little; {FEW} are the least, 200 a good start."
        ]
    return []


def check(wanted: Wanted) -> None:
    """Raise InputError for settings that cannot be meant, before anything is read."""
    if not 100 <= wanted.resamples <= 100_000:
        raise InputError(f"--resamples {wanted.resamples}: from 100 to 100,000 make sense; 1,000 is usual")
