"""What the texts of examples come to for sorting and filtering: lengths, how they begin, labels.

SQLite picks the texts apart and hands over a few thousand rows as one JSON array for each column, so that other threads
of the program go on meanwhile. What its JSON functions cannot tell exactly, and everything in PostgreSQL, is told here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from sqlalchemy import Connection, Row, Select, select, text

from curator.model import SYSTEM_ROLES
from curator.store.contents import output_of, turn_text
from curator.store.schema import examples, loads
from curator.store.state import chunks

KEY = 32
"""Bytes of a text that sort it."""
LABEL = 80
"""Characters that an output may have as a label."""
PART = 4_000
_WHITE = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Texts:
    """What texts come to. `inputs` and `outputs` (n,) of `KEY` bytes: how each begins, folded; `labels`: outputs that are
    short enough for a label, None where not."""

    ids: np.ndarray
    sources: np.ndarray
    lengths: np.ndarray
    inputs: np.ndarray
    outputs: np.ndarray
    labels: list[str | None]


# Texts in SQLite

_LAST = "json_extract(content, '$.messages[#-1].role') = 'assistant'"
_FIRST = "json_extract(content, '$.messages[0].role')"
_SYSTEM = "('system', 'developer')"
_AT = "(SELECT max(key) FROM json_each(content, '$.messages') WHERE json_extract(value, '$.role') = 'assistant')"
_OUTPUT = f"""CASE WHEN {_LAST} THEN json_extract(content, '$.messages[#-1].content')
ELSE json_extract(content, '$.messages[' || {_AT} || '].content') END"""
_INPUT = f"""CASE
WHEN {_LAST} AND json_array_length(content, '$.messages') = 2 AND {_FIRST} NOT IN {_SYSTEM}
THEN json_extract(content, '$.messages[0].content')
WHEN {_LAST} AND json_array_length(content, '$.messages') = 3 AND {_FIRST} IN {_SYSTEM}
 AND json_extract(content, '$.messages[1].role') NOT IN {_SYSTEM}
THEN json_extract(content, '$.messages[1].content')
ELSE (SELECT group_concat(coalesce(json_extract(value, '$.content'), ''), char(10))
 FROM json_each(content, '$.messages'), (SELECT {_AT} AS output)
 WHERE (output IS NULL OR key < output) AND json_extract(value, '$.role') NOT IN {_SYSTEM}) END"""
# Calls are no plain text, SQLite ends a text at NUL, and a leading space marks what orjson would not write.
_ODD = """content LIKE ' %' OR instr(content, '"tool_calls":') > 0 OR instr(content, '\\u0000') > 0"""
_BEGINNING = f"lower(substr(ltrim({{}}, char(9, 10, 13, 32)), 1, {KEY}))"
_PART = text(
    f"""WITH part AS MATERIALIZED (
SELECT id, source_id, {_ODD} AS odd, coalesce({_INPUT}, '') AS input, coalesce({_OUTPUT}, '') AS output
FROM examples WHERE id > :last ORDER BY id LIMIT :size)
SELECT json_group_array(id), json_group_array(source_id), json_group_array(length(input) + length(output)),
CAST(json_group_array({_BEGINNING.format("input")}) AS BLOB), CAST(json_group_array({_BEGINNING.format("output")}) AS BLOB),
CAST(json_group_array(CASE WHEN length(output) <= {LABEL} THEN output END) AS BLOB),
json_group_array(CASE WHEN odd THEN id END) FILTER (WHERE odd)
FROM part"""
)
_CONTENTS: Select[Any] = select(examples.c.id, examples.c.source_id, examples.c.content)


def told(connection: Connection, last: int) -> Texts | None:
    """The next examples after `last` as SQLite tells them."""
    row = connection.execute(_PART, {"last": last, "size": PART}).one()
    ids = numbers(row[0])
    if not len(ids):
        return None
    found = Texts(
        ids,
        numbers(row[1]),
        numbers(row[2]),
        _keys(_strings(row[3])),
        _keys(_strings(row[4])),
        [None if label is None else label.strip() for label in _strings(row[5])],
    )
    for some in chunks(orjson.loads(row[6])):
        _put(
            found, texts_of(connection.execute(_CONTENTS.where(examples.c.id.in_(some)).order_by(examples.c.id)).all())
        )
    return found


def _put(told: Texts, exact: Texts) -> None:
    at = np.searchsorted(told.ids, exact.ids)
    for column, better in (
        (told.lengths, exact.lengths),
        (told.inputs, exact.inputs),
        (told.outputs, exact.outputs),
    ):
        column[at] = better
    for place, label in zip(at.tolist(), exact.labels, strict=True):
        told.labels[place] = label


def numbers(array: str) -> np.ndarray:
    return np.array(orjson.loads(array), np.int32)


def _strings(array: bytes) -> list[Any]:
    listed: list[Any]
    try:
        listed = orjson.loads(array)
    except orjson.JSONDecodeError:  # half a surrogate pair; the example is odd, and told otherwise
        listed = json.loads(array.decode("utf-8", "replace"))
    return listed


def _keys(beginnings: Iterable[str]) -> np.ndarray:
    return np.array([text.encode("utf-8", "surrogatepass")[:KEY] for text in beginnings], f"S{KEY}")


# Texts anywhere


def read(connection: Connection, last: int) -> Texts | None:
    """The next examples after `last`, their contents read here."""
    rows = connection.execute(_CONTENTS.where(examples.c.id > last).order_by(examples.c.id).limit(PART // 4)).all()
    return texts_of(rows) if rows else None


def texts_of(rows: Sequence[Row[Any]]) -> Texts:
    """What the contents of these rows come to."""
    said = [said_of(loads(row.content)) for row in rows]
    return Texts(
        np.array([row.id for row in rows], np.int32),
        np.array([row.source_id for row in rows], np.int32),
        np.array([len(before) + len(after) for before, after in said], np.int32),
        _keys(beginning(before) for before, _ in said),
        _keys(beginning(after) for _, after in said),
        [after.strip() if len(after) <= LABEL else None for _, after in said],
    )


def said_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """Input and output of an example in the form in which it is kept, as `Example.input` and `Example.output` give them."""
    turns = record["messages"]
    at = next((i for i in range(len(turns) - 1, -1, -1) if turns[i]["role"] == "assistant"), len(turns))
    before = "\n".join(turn_text(turn) for turn in turns[:at] if turn["role"] not in SYSTEM_ROLES)
    return before, output_of(record)


def beginning(said: str) -> str:
    """What a text is sorted by, as SQLite's `lower` has it: small letters of ASCII alone."""
    start = said.lstrip(_WHITE)[:KEY]
    return start.lower() if start.isascii() else "".join(c.lower() if c.isascii() else c for c in start)


def joined(parts: Sequence[Texts]) -> Texts:
    if not parts:
        return texts_of([])
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("ids", "sources", "lengths", "inputs", "outputs")
    }
    return Texts(**arrays, labels=[label for part in parts for label in part.labels])
