"""Small tables of text read whole from CSV, TSV, XLSX, Parquet or JSON Lines, every cell as text."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curator.errors import InputError
from curator.formats.encoding import detect_encoding, open_text
from curator.formats.per_annotator import read_annotators
from curator.formats.sheets import BROKEN_WORKBOOK, open_workbook

KINDS = "CSV, TSV, XLSX, Parquet or JSON Lines"


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` by name, in file order; `lines` has the line (XLSX: row) each record starts on, None without lines.

    Cells are text as it stands, "" where empty.
    """

    path: Path
    columns: dict[str, list[str]]
    lines: list[int | None]
    notes: list[str] = field(default_factory=list)


def read_table(path: Path) -> Table:
    """Read a table, its kind told by the first bytes and then the ending.

    Raises InputError where the file is missing, empty, damaged, or has a header that names a column twice.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except FileNotFoundError:
        raise InputError("there is no such file; check the path.", path=path) from None
    except IsADirectoryError:
        raise InputError(f"is a folder; name a {KINDS} file of votes.", path=path) from None
    except PermissionError:
        raise InputError("may not be read; check its permissions.", path=path) from None
    if not head:
        raise InputError("is empty; it needs a header and a row per vote.", path=path)
    if head == b"PAR1":
        return _parquet(path)
    if head == b"PK\x03\x04":
        return _xlsx(path)
    text = _decoded(path)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json") or text.lstrip()[:1] in ("{", "["):
        return _json(path, text)
    return _csv(path, text)


def read_people(path: Path) -> Table:
    """The tables in a folder or an archive with one for each reviewer as one, the reviewer in the column `annotator`.

    Raises InputError where one cannot be read.
    """
    rows = list(read_annotators(path))
    names: dict[str, None] = {}
    for row in rows:
        if row.problem or not isinstance(row.value, dict):
            reason = row.problem or "its records must be objects with named fields"
            raise InputError(f"{reason}; mend it or leave the file out.", path=path)
        names.update(dict.fromkeys(row.value))
    return _table(path, [*names], [[cell(row.value.get(name)) for name in names] for row in rows], [None] * len(rows))


def _decoded(path: Path) -> str:
    encoding = detect_encoding(path)
    with open_text(path, encoding) as file:
        text = file.read()
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if not line.isascii() and any("\udc80" <= c <= "\udcff" for c in line):
            raise InputError(
                f"this line is not valid {encoding.upper()} text; save the file as UTF-8.", path=path, line=number
            )
    return text


def _csv(path: Path, text: str) -> Table:
    header = next((line for line in io.StringIO(text) if line.strip()), "")
    # A lone column has no delimiter; a comma then does no harm.
    delimiter = "\t" if path.suffix.lower() == ".tsv" else max(",;\t|", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[Sequence[str]] = []
    lines: list[int | None] = []
    began = 1
    try:
        for row in reader:
            if any(row):
                rows.append(row)
                lines.append(began)
            began = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"this row is broken ({error}); mend its quotes.", path=path, line=began) from None
    if not rows:
        raise InputError("is empty; it needs a header and a row per vote.", path=path)
    return _table(path, rows[0], rows[1:], lines[1:])


def _xlsx(path: Path) -> Table:
    try:
        (title, *others), with_rows, lines = _first_sheet(path)
    except BROKEN_WORKBOOK:
        raise InputError("is not a workbook that can be read; save it again as .xlsx or as CSV.", path=path) from None
    if not with_rows:
        raise InputError(f"its first sheet {title!r} is empty.", path=path)
    header = with_rows[0]
    while header and not header[-1]:
        header = header[:-1]
    rows = [row[: len(header)] if not any(row[len(header) :]) else row for row in with_rows[1:]]
    notes = [f"Only the first of {len(others) + 1} sheets was read, {title!r}."] if others else []
    return _table(path, header, rows, lines[1:], notes)


def _first_sheet(path: Path) -> tuple[list[str], list[list[str]], list[int | None]]:
    """The names of all sheets, and the rows of the first that hold something, with their numbers."""
    rows: list[list[str]] = []
    lines: list[int | None] = []
    with open_workbook(path) as book:
        for number, row in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            cells = [cell(value) for value in row]
            if any(cells):
                rows.append(cells)
                lines.append(number)
        return list(book.sheetnames), rows, lines


def _parquet(path: Path) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        found = pq.read_table(path)
        columns = [[cell(value) for value in column.to_pylist()] for column in found.columns]
        return _table(path, found.column_names, list(zip(*columns, strict=True)), [None] * found.num_rows)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError):
        raise InputError("is damaged or cut off; write the Parquet file again.", path=path) from None


def _json(path: Path, text: str) -> Table:
    records: list[tuple[int | None, Any]]
    if text.lstrip().startswith("["):
        try:
            records = [(None, record) for record in json.loads(text)]
        except (ValueError, RecursionError) as error:
            where = error.lineno if isinstance(error, json.JSONDecodeError) else None
            raise InputError("is not valid JSON; mend it or save it as CSV.", path=path, line=where) from None
    else:
        records = []
        for at, line in enumerate(text.split("\n"), 1):
            if line.strip():
                try:
                    records.append((at, json.loads(line)))
                except (ValueError, RecursionError):
                    raise InputError("this line is not valid JSON; mend or delete it.", path=path, line=at) from None
    names: dict[str, None] = {}
    for number, record in records:
        if not isinstance(record, dict):
            raise InputError('each record must be an object such as {"item": …}.', path=path, line=number)
        names.update(dict.fromkeys(record))
    if not names:
        raise InputError("is empty; it needs a record per vote.", path=path)
    rows = [[cell(record.get(name)) for name in names] for _, record in records]
    return _table(path, [*names], rows, [number for number, _ in records])


def _table(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], lines: list[int | None], notes: Sequence[str] = ()
) -> Table:
    names = [name.strip() for name in header]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the header has the column {twice!r} twice; rename one.", path=path)
    columns: list[list[str]] = [[] for _ in names]
    for row, line in zip(rows, lines, strict=True):
        if len(row) > len(names):
            raise InputError(
                f"this row has {len(row)} fields and the header {len(names)}; quote the field that holds the delimiter.",
                path=path,
                line=line,
            )
        for at, column in enumerate(columns):
            column.append(row[at] if at < len(row) else "")
    if not lines:
        raise InputError("has a header and no rows; it needs a row per vote.", path=path)
    return Table(path, dict(zip(names, columns, strict=True)), lines, [*notes])


def cell(value: Any) -> str:
    """A value as the text that a CSV would hold: 3.0 is "3", true is "true", lists and objects are JSON."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)
