"""JSON Lines, and JSON documents read one record at a time.

A document is cut into its records by counting brackets outside strings, then each record is parsed on its
own: a bad value spoils one record, line numbers and raw bytes are known, and memory holds one record.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from curator.formats.encoding import head_bytes, open_bytes, open_text
from curator.formats.records import Row, Unreadable, parse_json

BLANK = " \t\r\n\x0b\x0c"
_BOM = b"\xef\xbb\xbf"
_CHUNK = 1 << 18
_SPACE = re.compile(rb"[ \t\r\n]*+")
_NEXT = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}"])', re.S)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.S)
_SHALLOW = rb"(?!)"
for _ in range(6):  # six levels of brackets in one match: nearly every record, several times faster than _NEXT
    _SHALLOW = rb'[\[{](?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"|' + _SHALLOW + rb")*+[\]}]"
_RECORD = re.compile(_SHALLOW, re.S)
_SCALAR = re.compile(rb'[^,\[\]{}"\s]++')

# Lists of objects that belong to one record; any other list of objects in a document is its records.
RECORD_LISTS = frozenset(
    "messages conversations conversation contents chosen rejected prompt completion preferred_output "
    "non_preferred_output tools functions annotations responses suggestions spans options history "
    "system choices answers entities relations labels turns".split()
)


def read_jsonl(path: Path, encoding: str) -> Iterator[Row]:
    """One row per line that is not blank; a line ends at LF (or CR, in a file that has no LF)."""
    if encoding.startswith("utf-8") and not _only_cr(path):
        with open_bytes(path) as stream:
            for number, line in enumerate(stream, 1):
                text = line.strip()
                if text.startswith(_BOM):
                    text = text[3:].strip()
                if text:
                    yield json_row(text, number)
        return
    with open_text(path, encoding) as lines:
        for number, text_line in enumerate(lines, 1):
            stripped = text_line.strip(BLANK + "\ufeff")
            if stripped:
                yield json_row(stripped, number)


def json_row(text: bytes | str, line: int | None) -> Row:
    """The row that a piece of JSON text makes."""
    try:
        return Row(parse_json(text), text, line)
    except Unreadable as reason:
        return Row(None, text, line, str(reason))


def read_json(path: Path, encoding: str) -> Iterator[Row]:
    """One row per record of a JSON document.

    The document is a list, an object with one list of records (`{"data": […]}`), one record, or several
    documents one after another. What follows a break in the structure is one last row with a problem.
    """
    with _Utf8(path, encoding) as stream:
        scanner = _Scanner(stream.read)
        scanner.fill(_CHUNK)
        while (byte := scanner.peek()) is not None:
            if byte == "[":
                yield from _elements(scanner)
            elif byte == "{" and (key := wrapped_key(scanner.ahead())) is not None:
                yield from _wrapped(scanner, key)
            elif byte == "{":
                yield scanner.row()
            else:
                yield scanner.rest("text after the end of the JSON" if scanner.taken else "not JSON")
                return


def wrapped_key(head: bytes) -> str | None:
    """Name of the list of records in an object such as `{"version": 1, "data": [{…`, None without one."""
    scanner = _Scanner(io.BytesIO(head).read)
    scanner.fill(len(head))
    if scanner.peek() != "{":
        return None
    scanner.step()
    for key in _keys(scanner):
        if scanner.opens_list_of_objects():
            return None if key in RECORD_LISTS else key
        if scanner.value() is None:
            return None
    return None


def _elements(scanner: _Scanner) -> Iterator[Row]:
    scanner.step()
    while (byte := scanner.peek()) is not None:
        if byte == "]":
            scanner.step()
            return
        if byte == ",":
            scanner.step()
        elif byte == "}":
            yield scanner.rest("a } where a record or ] should be")
            return
        else:
            yield scanner.row()
    if not scanner.broken:
        yield Row(None, b"", scanner.line, "the list of records is not closed: the file is cut off")


def _wrapped(scanner: _Scanner, name: str) -> Iterator[Row]:
    scanner.step()
    seen = False
    for key in _keys(scanner):
        if key == name and not seen and scanner.peek() == "[":
            seen = True
            yield from _elements(scanner)
        elif scanner.opens_list_of_objects():
            line = scanner.line
            yield Row(None, scanner.value() or b"", line, f"a second list of records, {key}: put it into its own file")
        elif scanner.value() is None:
            break
    if scanner.peek() == "}":
        scanner.step()
    elif not scanner.broken:
        yield scanner.rest("the document ends in the middle")


def _keys(scanner: _Scanner) -> Iterator[str]:
    """The keys of the object that was just opened; the caller takes each value."""
    while True:
        while scanner.peek() == ",":
            scanner.step()
        if scanner.peek() != '"':
            return
        key = scanner.value()
        if key is None or scanner.peek() != ":":
            return
        scanner.step()
        yield key[1:-1].decode("utf-8", "replace")


def _only_cr(path: Path) -> bool:
    head = head_bytes(path, 1 << 16)
    return b"\r" in head and b"\n" not in head


class _Utf8:
    """The file as UTF-8 bytes, whatever its encoding."""

    def __init__(self, path: Path, encoding: str):
        self._bytes = open_bytes(path) if encoding.startswith("utf-8") else None
        self._text = open_text(path, encoding) if self._bytes is None else None

    def __enter__(self) -> _Utf8:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._bytes, self._text):
            if stream is not None:
                stream.close()

    def read(self, size: int) -> bytes:
        if self._text is not None:
            return self._text.read(size).encode("utf-8", "surrogatepass")
        assert self._bytes is not None
        return self._bytes.read(size)


class _Scanner:
    """Walks over JSON text value by value, holding only the value at hand."""

    def __init__(self, read: Callable[[int], bytes]):
        self._read = read
        self._buffer = b""
        self._at = 0
        self._newline = b"\n"
        self.line = 1
        self.taken = 0
        self.broken = False

    def fill(self, size: int) -> bool:
        """Read at least one more byte, `size` if the file has them; False at its end."""
        more = self._read(max(size, len(self._buffer) - self._at))
        self._buffer = self._buffer[self._at :] + more
        self._at = 0
        if self.line == 1 and b"\r" in more:  # only old Mac files end their lines with CR alone
            self._newline = b"\n" if b"\n" in more else b"\r"
        return bool(more)

    def ahead(self) -> bytes:
        """What is in memory from here on."""
        return self._buffer[self._at :]

    def peek(self) -> str | None:
        """The next character that is not a blank, None at the end."""
        if self.broken:
            return None
        while True:
            end = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]  # always matches
            if self.taken == 0 and self._buffer.startswith(_BOM, end):
                end += 3
                self._move(end)
                continue
            self._move(end)
            if end < len(self._buffer):
                return chr(self._buffer[end])
            if not self.fill(_CHUNK):
                return None

    def step(self) -> None:
        """Pass the character that `peek` showed."""
        self._move(self._at + 1)

    def row(self) -> Row:
        """The next value as a row; where the file ends inside it, a row that says so."""
        self.peek()
        line = self.line
        raw = self.value()
        if raw is None:
            return self.rest("the file is cut off in the middle of this record", line)
        return json_row(raw, line)

    def rest(self, problem: str, line: int | None = None) -> Row:
        """All that is in memory as one row with a problem; nothing is read after it."""
        self.broken = True
        return Row(None, self.ahead(), self.line if line is None else line, problem)

    def opens_list_of_objects(self) -> bool:
        """Whether the value that comes next is a list whose first item is an object."""
        if self.peek() != "[":
            return False
        while len(self._buffer) - self._at < 4096 and self.fill(_CHUNK):
            pass
        return re.match(rb"\[\s*\{", self._buffer[self._at : self._at + 4096]) is not None

    def value(self) -> bytes | None:
        """The text of the next value, None where the file ends inside it (the text stays unread)."""
        kind = self.peek()
        if kind is None:
            return None
        if kind in "[{":
            end = self._end_of_nested()
        elif kind == '"':
            end = self._end_of(_STRING, to_the_end=False)
        else:
            end = self._end_of(_SCALAR, to_the_end=True)
        if end is None:
            return None
        raw = self._buffer[self._at : end]
        self._move(end)
        self.taken += 1
        return raw

    def _end_of_nested(self) -> int | None:
        if (whole := _RECORD.match(self._buffer, self._at)) is not None:
            return whole.end()
        depth, ahead = 0, 0
        while True:
            while (found := _NEXT.match(self._buffer, self._at + ahead)) is not None:
                bracket = found[1]
                if bracket == b'"':  # a string that goes on past what is in memory
                    ahead = found.start(1) - self._at
                    break
                ahead = found.end() - self._at
                depth += 1 if bracket in b"[{" else -1
                if depth == 0:
                    return self._at + ahead
            if not self.fill(_CHUNK):
                return None

    def _end_of(self, pattern: re.Pattern[bytes], *, to_the_end: bool) -> int | None:
        while True:
            found = pattern.match(self._buffer, self._at)
            if found is not None and (found.end() < len(self._buffer) or not to_the_end):
                return found.end()
            if not self.fill(_CHUNK):
                # A stray character such as a colon is passed alone, so that the scan always moves on.
                return (found.end() if found else self._at + 1) if to_the_end else None
            if found is None and to_the_end:
                return self._at + 1

    def _move(self, to: int) -> None:
        self.line += self._buffer.count(self._newline, self._at, to)
        self._at = to
