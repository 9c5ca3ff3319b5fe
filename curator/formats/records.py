"""What every reader and every shape share: field maps, detections, rows, and JSON read strictly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import orjson

MAX_DEPTH = 200
"""Deepest nesting that is read: orjson writes at most 254 levels, and nobody means more."""


TABLES = frozenset({"csv", "tsv", "xlsx", "text"})
"""Containers whose rows have columns of text."""


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Which fields hold what: column names or dotted paths (`choices.0.text`); None: not named."""

    input: str | None = None
    output: str | None = None
    system: str | None = None

    def __bool__(self) -> bool:
        return any((self.input, self.output, self.system))


@dataclass(frozen=True, slots=True)
class Detection:
    """How a file will be read: its container, the shape of its records, and why that was chosen.

    `confidence` is the share (0..1) of the sampled records that have the shape. `strict` is set where
    the user named the shape: records of another shape are then rejected, not guessed at. `columns` and
    `has_header` belong to tables, `sheet` to workbooks, `split` to folders of several splits.
    """

    container: str
    shape: str
    confidence: float
    why: str
    fields: FieldMap = FieldMap()
    encoding: str | None = None
    delimiter: str | None = None
    columns: tuple[str, ...] = ()
    has_header: bool = True
    sheet: str | None = None
    split: str | None = None
    strict: bool = False

    @property
    def format(self) -> str:
        """The name shown and kept with the source, such as `csv` or `jsonl/openai`."""
        by_fields = self.shape in ("columns", "mapped", "inputs", "text-label")
        if by_fields or (self.container in TABLES and self.shape in ("alpaca", "prompt-completion")):
            return self.container
        return f"{self.container}/{self.shape}"


class Row(NamedTuple):
    """One record as its container holds it, or the `problem` that keeps it from being one.

    `raw` is what was found (text in the file's encoding, or bytes), None where only `value` exists.
    """

    value: Any
    raw: bytes | str | None = None
    line: int | None = None
    problem: str = ""


class Unreadable(Exception):
    """One record cannot be read; `str()` is the reason given with the rejected record."""


def parse_json(text: bytes | str) -> Any:
    """The value of strict JSON: no NaN, no lone surrogate, no invalid UTF-8, at most MAX_DEPTH levels.

    Raises Unreadable with a reason in plain words.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Unreadable(_why_not_json(text, error)) from None
    # Counting brackets is nearly free and a bound on the depth; only then is the depth worth measuring.
    brackets = text.count(b"[") + text.count(b"{") if isinstance(text, bytes) else text.count("[") + text.count("{")
    if brackets > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise Unreadable(f"nested more than {MAX_DEPTH} levels deep")
    return value


def dump_json(value: Any) -> str:
    """Compact JSON text, keys in the order given, non-ASCII letters as they are."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # integers over 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text_of(value: Any) -> str:
    """A field's value as text: strings as they are, None as "", other values as their JSON text."""
    if isinstance(value, str):
        return value
    return "" if value is None else dump_json(value)


def label_set(labels: Iterable[str]) -> str:
    """Several labels as one text: the compact JSON of their set, in one order whatever theirs."""
    return dump_json(sorted(set(labels)))


def lookup(record: Mapping[str, Any], path: str) -> Any:
    """The value at a column name or dotted path (`a.b.0.c`), None where there is none."""
    if path in record:
        return record[path]
    value: Any = record
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and len(part) < 10 and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def field_text(record: Mapping[str, Any], path: str) -> str:
    """What a record says at a column name or dotted path, as text; "" where there is nothing."""
    return text_of(lookup(record, path))


def has_surrogates(text: str) -> bool:
    """Whether the text has a lone surrogate: the mark of bytes that could not be decoded."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        level = [
            item
            for node in level
            if isinstance(node, dict | list)
            for item in (node.values() if isinstance(node, dict) else node)
        ]
    return depth - 1


def _refuse_constant(name: str) -> NoReturn:
    raise Unreadable(f"{name} is not a JSON value")


def _why_not_json(text: bytes | str, error: orjson.JSONDecodeError) -> str:
    """The reason in words that help; orjson's own messages are terse and say little of the cause."""
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as bad:
            return f"not valid UTF-8 (byte {bad.start + 1} of the record)"
    elif has_surrogates(text):
        return "bytes that cannot be decoded"
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except Unreadable as constant:
        return str(constant)
    except RecursionError:
        return f"nested more than {MAX_DEPTH} levels deep"
    except json.JSONDecodeError as bad:
        if bad.pos >= len(text) or "Unterminated string" in bad.msg:
            return "cut off: the JSON ends in the middle"
        return f"not valid JSON: {bad.msg} at character {bad.pos + 1}"
    except ValueError:  # more digits than Python turns into an integer
        return "a number with too many digits"
    if "\\ud" in text.lower():
        return "half of a surrogate pair (\\ud800 to \\udfff alone), which is no character"
    return f"not valid JSON: {error.msg}"
