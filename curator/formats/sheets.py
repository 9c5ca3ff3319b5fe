"""XLSX workbooks, a row at a time."""

from __future__ import annotations

import datetime
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from curator.formats.records import Row
from curator.formats.tables import record_of, without_header

# What openpyxl and the libraries below it raise on a damaged workbook: they check little of what they read.
BROKEN_WORKBOOK = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    SyntaxError,  # XML that does not parse
    EOFError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RuntimeError,
    MemoryError,
)
_BATCH = 500


def sheet_names(path: Path) -> list[str]:
    """Names of the sheets that hold cells. Raises one of BROKEN_WORKBOOK."""
    with open_workbook(path) as workbook:
        return [sheet.title for sheet in workbook.worksheets]


def read_rows(path: Path, sheet: str) -> Iterator[Row]:
    """One row per sheet row that has a value, its value the list of cells; `line` is the sheet's row number.

    Formulas give the value they had when the file was saved. Damage ends the rows with a problem.
    """
    number = 0
    try:
        with open_workbook(path) as workbook:
            table = workbook[sheet]
            table.reset_dimensions()  # what the file claims of its size may be wrong
            rows = iter(table.iter_rows(values_only=True))
            while batch := _batch(rows):
                for cells in batch:
                    number += 1
                    if any(cell not in (None, "") for cell in cells):
                        yield Row([cell_text(cell) for cell in cells], None, number)
    except BROKEN_WORKBOOK as error:
        yield Row(None, b"", number + 1, f"the workbook is damaged from here on ({type(error).__name__}: {error})")


def read_sheet(path: Path, sheet: str, columns: Sequence[str], has_header: bool) -> Iterator[Row]:
    """One row per record of the sheet, its value a dict of column to text; short rows are filled up."""
    width = len(columns)
    for row in without_header(read_rows(path, sheet), has_header):
        if row.problem:
            yield row
            continue
        cells = row.value + [""] * (width - len(row.value))
        if any(cells[width:]):
            yield Row(None, None, row.line, f"{len(cells)} cells, the table has {width} columns")
        else:
            yield row._replace(value=record_of(cells[:width], columns))


def cell_text(value: Any) -> str:
    """A cell as text: 3.0 is 3, a date without a time is a date, True is true."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


@contextmanager
def open_workbook(path: Path) -> Iterator[Any]:
    """The workbook, read as it is gone through. Raises one of BROKEN_WORKBOOK."""
    import openpyxl

    # An open file, since openpyxl refuses paths that do not end in .xlsx.
    with path.open("rb") as file:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that it does not know: no concern of ours
            workbook = openpyxl.load_workbook(file, read_only=True, data_only=True)
        try:
            yield workbook
        finally:
            workbook.close()


def _batch(rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(islice(rows, _BATCH))
