"""CSV, TSV and plain text: delimiters and headers found by content, records across lines, bad rows kept apart."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from curator.formats.encoding import open_text
from curator.formats.json_stream import BLANK
from curator.formats.pairs import is_known_name
from curator.formats.records import Row, Unreadable, has_surrogates, parse_json

DELIMITERS = (",", "\t", ";", "|")
MAX_RECORD = 1 << 26
"""Characters after which an open quote is taken for a stray one."""
_MAX_RESTARTS = 20
_JSON_COLUMNS = frozenset({"messages", "conversations", "contents", "tools", "chosen", "rejected"})
_NAME = re.compile(r"^[^\W\d][\w\-. /()#:]{0,39}$")

# One field of a record may be as long as the record; the module's own limit is 131,072 characters.
csv.field_size_limit(MAX_RECORD)


def read_cells(lines: Iterator[str], delimiter: str) -> Iterator[Row]:
    """One row per CSV record that is not blank, its value the list of cells; `line` where it starts.

    A quote that opens and never closes spoils its own line only: reading goes on at the next.
    """
    feed = _Feed(lines)
    for _ in range(_MAX_RESTARTS):
        yield from _until_stray_quote(feed, delimiter)
        if feed.finished:
            return
    feed.begin()
    rest = "".join(feed)
    if rest:
        yield Row(None, rest, feed.first, "quotes that open and never close")


def _until_stray_quote(feed: _Feed, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(None, feed.text, feed.first, f"not valid CSV: {error}")
            continue
        except _TooLong:
            yield feed.give_back_all_but_one()
            return
        if feed.ended_inside:
            # The reader asked for more lines in the middle of a record: its last quote is still open.
            yield feed.give_back_all_but_one()
            return
        if cells:
            yield Row(cells, feed.text, feed.first)


class _TooLong(Exception):
    pass


class _Feed:
    """Lines for a csv.reader that remembers those of the record at hand, so that they can be read again."""

    def __init__(self, lines: Iterator[str]):
        self._lines = lines
        self._again: list[str] = []
        self._taken: list[str] = []
        self._size = 0
        self._number = 0
        self.first = 1
        self.ended_inside = False
        self.finished = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines, None)
        if line is None:
            self.finished = True
            self.ended_inside = bool(self._taken)
            raise StopIteration
        self._number += 1
        self._taken.append(line)
        self._size += len(line)
        if self._size > MAX_RECORD and len(self._taken) > 1:
            raise _TooLong
        return line

    def begin(self) -> None:
        self._taken.clear()
        self._size = 0
        self.first = self._number + 1

    @property
    def text(self) -> str:
        return self._taken[0] if len(self._taken) == 1 else "".join(self._taken)

    def give_back_all_but_one(self) -> Row:
        """The record's first line as a row with a problem; the others will be read again."""
        row = Row(None, self._taken[0], self.first, "a quote opens here and never closes")
        self._again += self._taken[:0:-1]
        self._number -= len(self._taken) - 1
        self.finished = not self._again
        self.ended_inside = False
        return row


def read_table(path: Path, encoding: str, delimiter: str, columns: Sequence[str], has_header: bool) -> Iterator[Row]:
    """One row per record, its value a dict of column to text; ragged rows have a problem."""
    with open_text(path, encoding) as lines:
        for row in without_header(read_cells(without_bom(lines), delimiter), has_header):
            yield row if row.problem else _named(row, columns)


def without_header(rows: Iterator[Row], has_header: bool) -> Iterator[Row]:
    """The rows without the first that could be read, where that is the header."""
    for row in rows:
        if has_header and not row.problem:
            has_header = False
        else:
            yield row


def read_text(path: Path, encoding: str) -> Iterator[Row]:
    """One row per line that is not blank, its value `{"text": line}`."""
    with open_text(path, encoding) as lines:
        for number, line in enumerate(lines, 1):
            text = line.strip(BLANK + "\ufeff")
            if has_surrogates(text):
                yield Row(None, line, number, "bytes that cannot be decoded")
            elif text:
                yield Row({"text": text}, line, number)


def undefuse(cell: str) -> str:
    """A cell without the apostrophe that `write` puts before what a spreadsheet would run as a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].lstrip("'")[:1] in FORMULA_STARTS else cell


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def without_bom(lines: Iterator[str]) -> Iterator[str]:
    """The lines without the byte order mark that may stand before the first."""
    first = next(lines, None)
    if first is not None:
        yield first.removeprefix("\ufeff")
        yield from lines


def _named(row: Row, columns: Sequence[str]) -> Row:
    cells: list[str] = row.value
    width = len(columns)
    if len(cells) != width:
        if len(cells) < width or any(cells[width:]):
            return row._replace(value=None, problem=f"{len(cells)} cells, the table has {width} columns")
        cells = cells[:width]
    if not (isinstance(row.raw, str) and row.raw.isascii()) and any(map(has_surrogates, cells)):
        return row._replace(value=None, problem="bytes that cannot be decoded")
    return row._replace(value=record_of(cells, columns))


def record_of(cells: Sequence[Any], columns: Sequence[str]) -> dict[str, Any]:
    """The record of one table row: formulas' apostrophes taken off, JSON columns of conversations parsed."""
    record: dict[str, Any] = dict(zip(columns, cells, strict=True))
    for column, cell in record.items():
        if not isinstance(cell, str) or not cell:
            continue
        if cell[0] == "'":
            record[column] = undefuse(cell)
        elif cell[0] == "[" and column in _JSON_COLUMNS:
            try:
                record[column] = parse_json(cell)
            except Unreadable:
                continue  # it stays the text it is
    return record


def sniff_delimiter(text: str, *, cut: bool) -> tuple[str | None, float]:
    """The delimiter of a sample and how sure that is (0..1); None where it is not a table.

    `cut`: the sample ends inside a record, whose row is not judged.
    """
    best: tuple[float, str] | None = None
    for delimiter in DELIMITERS:
        score = _score(_sample_rows(text, delimiter, cut), delimiter)
        if score > 0 and (best is None or score > best[0]):
            best = (score, delimiter)
    return (None, 0.0) if best is None else (best[1], min(1.0, best[0]))


def _sample_rows(text: str, delimiter: str, cut: bool) -> list[list[str]]:
    rows = [row.value for row in read_cells(iter(text.splitlines(keepends=True)), delimiter) if not row.problem]
    return (rows[:-1] if cut and len(rows) > 1 else rows)[:300]


def _score(rows: list[list[str]], delimiter: str) -> float:
    """How table-like the rows are: the share that has the commonest width, more where a header is known."""
    widths = Counter(len(row) for row in rows)
    if not rows:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    share = count / len(rows)
    if width < 2 or share < 0.5:
        return 0.0
    known = len(rows[0]) > 1 and any(is_known_name(cell) for cell in rows[0])
    # Commas are common in prose: without a known header they must fit nearly every row.
    if not known and len(rows[0]) != width:
        share -= 0.3
    if not known and delimiter in ",|" and share < 0.9:
        return 0.0
    # A blank after every comma is how sentences are written, not tables.
    if not known and delimiter == "," and all(cell.startswith(" ") for row in rows for cell in row[1:]):
        return 0.0
    return share + known


def name_columns(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], bool]:
    """Names for a table's columns, and whether its first row holds them.

    Empty names become column_3, repeated ones text_2; without a header two columns are input and output.
    """
    first = rows[0]
    if not _is_header(first, rows[1:]):
        width = Counter(len(row) for row in rows).most_common(1)[0][0]
        if width == 2:
            return ("input", "output"), False
        return tuple(f"column_{number}" for number in range(1, width + 1)), False
    names: list[str] = []
    for number, cell in enumerate(first, 1):
        name = base = cell.strip() or f"column_{number}"
        count = 1
        while name in names:
            count += 1
            name = f"{base}_{count}"
        names.append(name)
    return tuple(names), True


def _is_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    named = [cell.strip() for cell in first if cell.strip()]
    if not named:
        return False
    if any(is_known_name(cell) for cell in named) and all(len(cell) <= 60 for cell in named):
        return True
    if not all(_NAME.match(cell) and len(cell.split()) <= 3 for cell in named):
        return False
    columns = [[row[at] for row in rows if len(row) > at] for at in range(len(first))]
    if any(cell and cell in column for cell, column in zip(first, columns, strict=True)):
        return False
    lengths = [sum(map(len, column)) / len(column) if column else 0.0 for column in columns]
    longer = any(length >= 3 * max(len(cell), 4) for cell, length in zip(first, lengths, strict=True))
    return longer or not any(" " in cell for cell in named)
