"""What is measured of each example, by task: a number from 0 to 1 for each system, and counts of labels and fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator.checks.data import INVALID, parse_json
from curator.comparison import counts, fields, forms, similarity
from curator.comparison.normal import final_number, label_names, marks_final, normal
from curator.comparison.resampling import Floats
from curator.embedding import Embedder
from curator.errors import InputError
from curator.progress import Progress, track
from curator.tasks import Task

Given = Sequence[str | None]
MEANING_UP_TO = 5_000
"""Texts that are embedded unasked, where they are not in the cache."""
RIGHT_OR_WRONG = ("accuracy", "exact", "exact_raw", "final", "adherence", "parses")


@dataclass(frozen=True, slots=True)
class Column:
    """A measure that is a mean over examples: the number of each under the baseline and under the tuned model."""

    id: str
    baseline: Floats
    tuned: Floats

    @property
    def is_truth(self) -> bool:
        """Whether each number is 1 or 0: right or wrong."""
        return self.id in RIGHT_OR_WRONG


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a classification as numbers: `names` of those that are right answers first, then those only given."""

    names: tuple[str, ...]
    right: int
    gold: counts.Ints
    baseline: counts.Ints
    tuned: counts.Ints


@dataclass(frozen=True, slots=True)
class Scores:
    """All that is measured. `primary` names what the verdict goes by; `averages` of `counts` by their ids.

    `rules` says what form answers are held to; `notes` are sentences for the reader.
    """

    columns: tuple[Column, ...]
    primary: str
    counts: counts.Counts | None = None
    averages: tuple[str, ...] = ()
    labels: Labels | None = None
    rules: tuple[str, ...] = ()
    schema: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()

    def column(self, id: str) -> Column | None:
        return next((one for one in self.columns if one.id == id), None)


@dataclass
class Scorer:
    """Measures the answers of two systems against the right ones."""

    gold: Sequence[str]
    baseline: Given
    tuned: Given
    progress: Progress
    schema: Mapping[str, Any] | None = None
    embedder: Embedder | None = None
    meaning: bool | None = None
    _notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        sides = (self.gold, self.baseline, self.tuned)
        self._normal = tuple([None if text is None else normal(text) for text in side] for side in sides)

    def score(self, task: Task) -> Scores:
        """The measures of a task."""
        self.progress.report(0, None, "Comparing answers")
        if task is Task.CLASSIFICATION:
            return self._classified()
        if task is Task.EXTRACTION and fields.are_json(self.gold):
            return self._extracted()
        return self._written()

    def _classified(self) -> Scores:
        labels = self._labels()
        found = counts.of_labels(labels.names[: labels.right], labels.gold, labels.baseline, labels.tuned)
        accuracy = Column("accuracy", *(_truth(one == labels.gold) for one in (labels.baseline, labels.tuned)))
        known = Column(
            "adherence", *(_truth((one >= 0) & (one < labels.right)) for one in (labels.baseline, labels.tuned))
        )
        return Scores(
            (accuracy, self._raw(), known),
            "accuracy",
            found,
            ("macro_f1", "weighted_f1", "balanced_accuracy"),
            labels,
            rules=(f"one of the {labels.right:,} labels",),
            notes=tuple(self._notes),
        )

    def _labels(self) -> Labels:
        names = label_names(self.gold)
        right = sorted(names, key=lambda key: names[key])
        given = {
            key: text
            for side, texts in zip(self._normal[1:], (self.baseline, self.tuned), strict=True)
            for key, text in zip(side, texts, strict=True)
            if key is not None and key not in names
        }
        place = {key: at for at, key in enumerate([*right, *sorted(given)])}

        def numbers(keys: Sequence[str | None]) -> counts.Ints:
            return np.array([counts.NONE if key is None else place[key] for key in keys], dtype=np.intp)

        spelled = [*(names[key] for key in right), *((given[key] or "").strip() or "(empty)" for key in sorted(given))]
        return Labels(tuple(spelled), len(right), *map(numbers, self._normal))

    def _extracted(self) -> Scores:
        gold = [fields.pairs(text) for text in self.gold]
        if plain := sum(one is None for one in gold):
            self._notes.append(f"{plain:,} right answers are no JSON; field by field they count as empty.")
        right = [one if one is not None else counts.Pairs() for one in gold]
        sides = [
            [None if text is None else fields.pairs(text) for text in side] for side in (self.baseline, self.tuned)
        ]
        for name, side, answers in zip(
            ("the baseline", "the tuned model"), sides, (self.baseline, self.tuned), strict=True
        ):
            fenced = sum(
                one is not None and text is not None and parse_json(text) is INVALID
                for one, text in zip(side, answers, strict=True)
            )
            if fenced:
                self._notes.append(
                    f"{fenced:,} answers of {name} are JSON inside a code fence: they break the format, and are read "
                    "for the other measures."
                )
        schema = fields.schema_of(self.gold, self.schema)
        columns = [self._exact(), self._raw(), self._parses()]
        if schema is not None:
            rules = fields.validator(schema)
            columns.append(self._truths("adherence", lambda text: fields.adheres(text, rules)))
        return Scores(
            tuple(columns),
            "exact",
            counts.of_fields(right, *sides),
            ("field_f1",),
            rules=("the JSON Schema given",)
            if self.schema is not None
            else ("the schema of the right answers",)
            if schema
            else (),
            schema=schema,
            notes=tuple(self._notes),
        )

    def _written(self) -> Scores:
        columns = [self._exact(), self._raw()]
        primary = "rouge_l"
        if marks_final(self.gold):
            columns.insert(0, self._final())
            primary = "final"
        rules = forms.infer(self.gold)
        if rules:
            columns.append(self._truths("adherence", lambda text: forms.keeps(text, rules)))
        columns += self._worded()
        if (meaning := self._meaning()) is not None:
            columns.append(meaning)
        return Scores(tuple(columns), primary, rules=tuple(rule.said for rule in rules), notes=tuple(self._notes))

    # One measure each

    def _exact(self) -> Column:
        gold, *sides = self._normal
        return Column("exact", *(_truth([a == b for a, b in zip(side, gold, strict=True)]) for side in sides))

    def _raw(self) -> Column:
        sides = (self.baseline, self.tuned)
        return Column("exact_raw", *(_truth([a == b for a, b in zip(side, self.gold, strict=True)]) for side in sides))

    def _parses(self) -> Column:
        return self._truths("parses", lambda text: parse_json(text) is not INVALID)

    def _final(self) -> Column:
        gold = [final_number(text) for text in self.gold]
        sides = [
            [None if text is None else final_number(text) for text in side] for side in (self.baseline, self.tuned)
        ]
        return Column(
            "final", *(_truth([a is not None and a == b for a, b in zip(side, gold, strict=True)]) for side in sides)
        )

    def _truths(self, id: str, holds: Callable[[str], bool]) -> Column:
        sides = (self.baseline, self.tuned)
        return Column(id, *(_truth([text is not None and holds(text) for text in side]) for side in sides))

    def _worded(self) -> list[Column]:
        """Both measures of words, an example at a time: the words of 100,000 texts would fill gigabytes."""
        found = np.zeros((2, 2, len(self.gold)))  # measures × systems × examples
        for at, right in enumerate(track(self.gold, self.progress, "Comparing words", len(self.gold))):
            reference = similarity.words(right)
            for side, text in enumerate((self.baseline[at], self.tuned[at])):
                if text is not None:
                    given = similarity.words(text)
                    found[:, side, at] = similarity.token_f1(given, reference), similarity.rouge_l(given, reference)
        return [Column(id, *sides) for id, sides in zip(("token_f1", "rouge_l"), found, strict=True)]

    def _meaning(self) -> Column | None:
        if self.embedder is None or self.meaning is False:
            return None
        texts = [text for side in (self.gold, self.baseline, self.tuned) for text in side if text and text.strip()]
        if (
            self.meaning is None
            and len(texts) > MEANING_UP_TO
            and (missing := self.embedder.missing(texts)) > MEANING_UP_TO
        ):
            self._notes.append(
                f"Meaning was not compared: {missing:,} texts would have to be embedded; --meaning does it."
            )
            return None
        sides = (self.baseline, self.tuned)
        return Column("meaning", *(similarity.meaning(side, self.gold, self.embedder, self.progress) for side in sides))


def chosen(scores: Scores, measure: str | None) -> str:
    """The measure that the verdict goes by: `measure`, or the task's own. Raises InputError for one that is not measured."""
    if measure is None:
        return scores.primary
    known = [one.id for one in scores.columns] + list(scores.averages)
    if measure not in known:
        raise InputError(f"--measure {measure}: that is not measured here; what is: {', '.join(known)}")
    return measure


def _truth(values: Sequence[bool] | NDArray[np.bool_]) -> Floats:
    return np.asarray(values, dtype=np.float64)
