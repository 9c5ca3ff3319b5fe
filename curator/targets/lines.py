"""Reading a line of a JSON Lines file, and saying in words what is wrong with one that is none: which mistake, where, and
what to do."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curator.targets.problem import FileProblem, Problem

REWRITE = "`curator validate` with --fix safe and --out writes it anew"
_PLAIN = "write one JSON object per line"
_CURLY = "“”„‘’"
_PYTHON = {"True": "true", "False": "false", "None": "null", "NaN": "null", "Infinity": "null", "-Infinity": "null"}
_WORD = re.compile(r"-?[A-Za-z]+")
_MAGIC: Mapping[bytes, str] = {
    b"PK\x03\x04": "an Excel file or another ZIP archive",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "compressed (gzip)",
    codecs.BOM_UTF16_LE: "saved as UTF-16",
    codecs.BOM_UTF16_BE: "saved as UTF-16",
}
_PEEKED = 1 << 16
"""Bytes by which a file is told from one of another kind."""


def parse(raw: bytes) -> dict[str, Any] | Problem:
    """The object in a line, or what is wrong with the line."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Problem("encoding", f"byte {error.start + 1} of the line is not UTF-8", 'save the file as "UTF-8"')
    try:
        record = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        return Problem("json", "the JSON is nested too deeply", "flatten it")
    except json.JSONDecodeError as error:
        said, fix = explain(text.rstrip("\r\n"), error.pos, error.msg)
        return Problem("json", f"not JSON: {said}", fix)
    except ValueError as error:
        return Problem("json", f"not JSON: {error}", "write null, or leave the key out")
    if not isinstance(record, dict):
        return Problem("json", "not a JSON object", 'write an object such as {"messages": […]} on each line')
    return record


def explain(text: str, at: int, said: str) -> tuple[str, str]:
    """What went wrong at this place (0-based) of a line that is not JSON, and what to do; `said` by the JSON reader."""
    rest, before, column = text[at:].strip(), text[:at].rstrip(), f"at column {at + 1}"
    word = _WORD.match(rest)
    if rest[:1] == "'":
        return f"single quotes {column}, as Python prints a dict", "write each record with json.dumps(record)"
    if rest[:1] and rest[0] in _CURLY:
        return f"a curly quote {column}", 'put straight quotes (") around keys and texts'
    if word and word.group() in _PYTHON:
        return f"{word.group()} {column} is no JSON", f"write {_PYTHON[word.group()]}; json.dumps(record) does"
    if said.startswith("Illegal trailing comma") or (rest[:1] in ("}", "]") and before.endswith(",")):
        return f"a comma before the closing bracket {column}", "delete the comma"
    if said.startswith("Extra data"):
        if rest == ",":
            return f"a comma after the record {column}", "delete it: lines are not joined by commas"
        if rest[:1] == "{" or rest[:2] == ",{":
            return f"a second record begins {column}", "give each record a line of its own"
    if not rest or said.startswith("Unterminated"):
        return "the line ends in the middle of the record", r"write the record on one line, line breaks in texts as \n"
    if said.startswith("Invalid control character"):
        return f"a tab or another control character {column}", r"write it as \t or \u00…; json.dumps(record) does"
    return f"{said.removesuffix(' at')} {column}", _PLAIN


def container(path: Path) -> FileProblem | None:
    """What the file is instead of JSON Lines, where it is something else as a whole; None where its lines are to be read.

    Raises OSError.
    """
    with path.open("rb") as file:
        start = file.read(_PEEKED)
    for magic, kind in _MAGIC.items():
        if start.startswith(magic):
            return FileProblem(None, "container", f"the file is {kind}, not JSON Lines", REWRITE)
    first, *others = start.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace").lstrip().splitlines()[:50] or [""]
    if not _is_json(first):
        begun = first.strip()
        if begun[:1] == "[" and (begun == "[" or begun[1:].lstrip()[:1] in ("{", "") or not others):
            return FileProblem(None, "container", "the file is one JSON list, not a record on each line", REWRITE)
        if begun == "{":
            return FileProblem(None, "container", "the records stretch over several lines", REWRITE)
        if _is_table(first, others, path.suffix.lower()):
            return FileProblem(None, "container", "the file is a table (CSV), not JSON Lines", REWRITE)
    elif isinstance(value := json.loads(first), list) and value and all(isinstance(item, dict) for item in value):
        return FileProblem(None, "container", "the file is one JSON list, not a record on each line", REWRITE)
    return None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_table(first: str, others: list[str], suffix: str) -> bool:
    """A header of names, and nothing after it that looks like a record."""
    split = next((mark for mark in ",;\t" if mark in first), None)
    if suffix not in (".csv", ".tsv") and split is None:
        return False
    return first[:1] not in ("{", "[", "") and not any(line.lstrip().startswith("{") for line in others)


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON number")
