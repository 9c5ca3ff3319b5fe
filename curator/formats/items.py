"""Exports with a line for each annotation: the lines of one item make one example, with the votes of all who annotated it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice

from curator.formats import doccano, label_studio
from curator.formats.annotations import Annotated, Answer, example_of
from curator.formats.records import Row, Unreadable
from curator.formats.shapes import ANNOTATED, Shape
from curator.model import Example, Ref, Rejected, Role

BY_LINE = frozenset({"label-studio-min", "prodigy", "doccano"})
"""Shapes in which several lines can be about one item."""
RECORDS = "annotation_records"
"""Where an example that several records made keeps their numbers, so that each record is accounted for."""
_SAMPLE = 200

Rows = Callable[[], Iterator[Row]]
Read = Callable[[Row, Ref], Example | Rejected]


class Items:
    """Reads the rows twice: for the answers to each item, then for the examples. Memory holds the answers, never the texts."""

    def __init__(self, rows: Rows, shape: Shape):
        self._rows = rows
        self._shape = shape
        self._annotated = ANNOTATED[shape.name]
        if shape.name == "label-studio-min" and not self._in_order():
            columns = label_studio.label_columns(row.value for row in rows() if self._has_shape(row))
            self._annotated = partial(label_studio.row, labels=columns)
        self._answers: dict[str, list[Answer]] = {}
        self._numbers: dict[str, list[int]] = {}
        for number, row in enumerate(rows()):
            self._collect(row, number)

    def read(self, source: str, role: Role, other: Read) -> Iterator[Example | Rejected]:
        """An example where an item's first line stands, and whatever `other` makes of rows that are no annotations."""
        within = {number for numbers in self._numbers.values() for number in numbers[1:]}
        for number, row in enumerate(self._rows()):
            if number not in within:
                ref = Ref(source, number, row.line, role)
                record = self._record(row)
                yield other(row, ref) if record is None else example_of(self._whole(record), ref)

    def _collect(self, row: Row, number: int) -> None:
        record = self._record(row)
        if record is not None and record.item is not None:
            self._answers.setdefault(record.item, []).extend(record.answers)
            self._numbers.setdefault(record.item, []).append(number)

    def _whole(self, record: Annotated) -> Annotated:
        if record.item is None or len(self._numbers.get(record.item, ())) < 2:
            return record
        # What is about one annotation would be false of the others.
        extra = {key: value for key, value in record.extra.items() if key not in record.own}
        extra[RECORDS] = self._numbers[record.item]
        return replace(record, answers=tuple(self._answers[record.item]), extra=extra)

    def _record(self, row: Row) -> Annotated | None:
        """What the row holds, None for one that is no annotation, or that makes no example by itself."""
        if not self._has_shape(row):
            return None
        record = self._annotated(row.value)
        return record if _is_readable(record) else None

    def _has_shape(self, row: Row) -> bool:
        return not row.problem and isinstance(row.value, dict) and self._shape.matches(row.value)

    def _in_order(self) -> bool:
        return next((label_studio.has_order(row.value) for row in self._rows() if self._has_shape(row)), True)


def names_annotators(rows: Iterator[Row]) -> bool:
    """Whether one of the first rows of doccano's shape tells whose line it is; other data sets have that shape, too."""
    first = (row.value for row in islice(rows, _SAMPLE) if not row.problem and isinstance(row.value, dict))
    return any(doccano.is_doccano(value) and doccano.annotated(value).item is not None for value in first)


def _is_readable(record: Annotated) -> bool:
    fields = record.fields
    if (
        isinstance(fields, Mapping)
        and all(isinstance(text, str) and text.strip() for text in fields.values())
        and fields
    ):
        return True  # as nearly always, and told without the work of making the example
    try:
        example_of(record, Ref("", 0, None))
    except Unreadable:
        return False
    return True
