"""Columns whose type changes from row to row: what Arrow readers refuse (datasets 4.0) or pass on mixed (5.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Columns:
    """Remembers the type of every column and says when a row disagrees with those before it.

    Memory grows with the number of distinct columns, not with the rows.
    """

    def __init__(self, depth: int):
        """`depth` is how many levels of nesting are looked at; below it everything passes."""
        self._depth = depth
        self._seen: dict[str, tuple[str, int]] = {}
        self._told: set[str] = set()

    def conflicts(self, record: Mapping[str, Any], line: int) -> Iterator[str]:
        """One message for each column of `record` that had another type before (once per column)."""
        for path, kind in _kinds(record, "", self._depth):
            first = self._seen.setdefault(path, (kind, line))
            if first[0] != kind and path not in self._told:
                self._told.add(path)
                yield f"the column {path} has {_some(kind)} here and {_some(first[0])} in line {first[1]}"


def _some(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _kinds(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if path:
            yield path, "object"
        if depth:
            for key, item in value.items():
                yield from _kinds(item, f"{path}.{key}" if path else str(key), depth - 1)
    elif isinstance(value, list):
        yield path, "list"
        for item in value:
            yield from _kinds(item, f"{path}[]", depth)
    elif isinstance(value, str):
        yield path, "string"
    elif isinstance(value, bool):
        yield path, "boolean"
    elif isinstance(value, int | float):
        yield path, "number"
