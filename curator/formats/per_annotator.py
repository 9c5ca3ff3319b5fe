"""A folder or a ZIP archive with a file for each annotator, as doccano exports it: read where it lies, never unpacked."""

from __future__ import annotations

import csv
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from curator.errors import InputError
from curator.formats import prodigy
from curator.formats.records import Row, Unreadable, dump_json, parse_json

ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
MOST_FILES = 1000
MOST_BYTES = 1 << 30
"""Of all files together, unpacked: an archive can claim to be small and not be."""
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, RuntimeError, ValueError, OSError)
_NOBODY = "all"
"""What doccano calls the file of a project whose annotators share their labels."""


@dataclass(frozen=True, slots=True)
class Member:
    """One annotator's file: its `name` without a folder, and who that is."""

    name: str
    data: bytes

    @property
    def annotator(self) -> str:
        stem = PurePosixPath(self.name).stem
        return "" if stem == _NOBODY else stem


def is_folder(path: Path) -> bool:
    """Whether the folder holds files that can be read so."""
    return path.is_dir() and any(_wanted(file.name) and file.is_file() for file in path.iterdir())


def is_archive(path: Path) -> bool:
    """Whether this is a ZIP archive with such files, and no workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except _BROKEN:
        return False
    return "[Content_Types].xml" not in names and any(_wanted(_base(name)) for name in names)


def read_annotators(path: Path) -> Iterator[Row]:
    """The records of all files, by the files' names. Each is told who annotated it, where it does not say so itself.

    Raises InputError where a file cannot be read, is too large, or has the name of another.
    """
    for member in members(path):
        for row in _rows(member):
            if row.problem:
                yield row._replace(line=None, problem=f"{member.name}, line {row.line}: {row.problem}")
            elif isinstance(row.value, dict):
                yield row._replace(value=_told(row.value, member.annotator), line=None)
            else:
                yield row._replace(line=None)


def share_texts(path: Path) -> bool:
    """Whether any text is in two of the files; True where there is one file. Parts of one data set share none."""
    seen: set[str] = set()
    files = 0
    for member in members(path):
        files += 1
        texts = {row.value["text"] for row in _rows(member) if not row.problem and _has_text(row.value)}
        if seen & texts:
            return True
        seen |= texts
    return files == 1


def _has_text(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("text"), str)


def members(path: Path) -> Iterator[Member]:
    """The files, by name."""
    yield from _in_folder(path) if path.is_dir() else _in_archive(path)


def _in_folder(path: Path) -> Iterator[Member]:
    files = sorted(
        (file for file in path.iterdir() if _wanted(file.name) and file.is_file()), key=lambda file: file.name
    )
    _check(path, [file.name for file in files])
    if sum(file.stat().st_size for file in files) > MOST_BYTES:
        raise InputError(_too_much(), path=path)
    for file in files:
        yield Member(file.name, file.read_bytes())


def _in_archive(path: Path) -> Iterator[Member]:
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            named = {info: _base(info.filename) for info in archive.infolist() if not info.is_dir()}
            infos = sorted((info for info, name in named.items() if _wanted(name)), key=named.__getitem__)
            _check(path, [named[info] for info in infos])
            for info in infos:
                with archive.open(info) as file:
                    data = file.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise InputError(_too_much(), path=path)
                yield Member(named[info], data)
    except _BROKEN as error:
        raise InputError(f"the archive cannot be read ({error}); export it again.", path=path) from None


def _check(path: Path, names: list[str]) -> None:
    if len(names) > MOST_FILES:
        raise InputError(_too_much(), path=path)
    stems = [PurePosixPath(name).stem for name in names]
    if twice := {stem for stem in stems if stems.count(stem) > 1}:
        raise InputError(f"has two files of the annotator {min(twice)!r}; leave one out.", path=path)


def _too_much() -> str:
    return f"holds more than {MOST_FILES:,} files or {MOST_BYTES >> 30} GB; name the files one by one."


def _base(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name


def _wanted(name: str) -> bool:
    return name.lower().endswith(ENDINGS) and not name.startswith((".", "_"))


def _rows(member: Member) -> Iterator[Row]:
    try:
        text = member.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = member.data.count(b"\n", 0, error.start) + 1
        yield Row(None, member.data[:1000], line, "not valid UTF-8; save the file as UTF-8")
        return
    ending = PurePosixPath(member.name).suffix.lower()
    if ending in (".csv", ".tsv"):
        yield from _table(text, "\t" if ending == ".tsv" else ",")
    elif ending == ".json" and text.lstrip()[:1] == "[":
        yield from _document(text)
    else:
        lines = enumerate(text.split("\n"), 1)
        yield from (_json(line, number) for number, line in lines if line.strip())


def _json(text: str, line: int) -> Row:
    try:
        return Row(parse_json(text), text, line)
    except Unreadable as reason:
        return Row(None, text, line, str(reason))


def _document(text: str) -> Iterator[Row]:
    whole = _json(text, 1)
    if whole.problem:
        yield whole._replace(raw=text[:1000])
        return
    for value in whole.value:
        yield Row(value, dump_json(value), 1)


def _table(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    began = 1
    header: list[str] = []
    while True:
        began = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(None, b"", began, f"not valid CSV: {error}")
            return
        if not any(cells):
            continue
        raw = delimiter.join(cells)
        if not header:
            header = cells
        elif len(cells) != len(header):
            yield Row(None, raw, began, f"{len(cells)} cells, the table has {len(header)} columns")
        else:
            yield Row(dict(zip(header, cells, strict=True)), raw, began)


def _told(record: dict[str, Any], annotator: str) -> dict[str, Any]:
    """The record with its annotator, and with a lone label or doccano's `a#b` as the list that its JSON has."""
    if prodigy.is_prodigy(record):
        named = record.get("_annotator_id") or record.get("_session_id")
        return record if named else {**record, "_annotator_id": annotator}
    if isinstance(record.get("text"), str) and isinstance(record.get("label"), str):
        label = record["label"]
        joined = label.split("#") if "Comments" in record else [label]
        record = {**record, "label": joined if label else []}
    return record if not annotator or record.get("annotator") else {**record, "annotator": annotator}
