"""A file as a stream of examples and rejected records."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

from curator.formats import hashed
from curator.formats.encoding import BROKEN_STREAM, errors_for
from curator.formats.items import BY_LINE, Items, names_annotators
from curator.formats.kto import read_kto
from curator.formats.records import Detection, Row, Unreadable, dump_json
from curator.formats.shapes import completion_turns, read_record, shape_named
from curator.model import Example, Ref, Rejected, Role


def read(
    path: str | Path, detection: Detection, role: Role = Role.CANDIDATE, *, name: str | None = None
) -> Generator[Example | Rejected, None, None]:
    """Every record of the file, in its order and numbered from 0, as an example or rejected with a reason.

    Where a tool writes a line for each annotation, the lines of one item are one example with the number of the first. KTO rows
    that are a pair are one example, too.
    Streams: memory holds one record (one batch of a Parquet file). `name` is the source as shown, the path
    by default. Raises InputError only where the file has changed since it was detected.
    """
    source = str(path) if name is None else name
    if detection.shape == hashed.NAME:
        yield from hashed.read_hashed(rows(Path(path), detection), source, role)
        return
    shape = shape_named(detection.shape)

    def one(row: Row, ref: Ref) -> Example | Rejected:
        if row.problem:
            return Rejected(ref, row.problem, _raw(row, detection))
        try:
            return read_record(row.value, ref, shape, detection.fields, strict=detection.strict)
        except Unreadable as reason:
            return Rejected(ref, str(reason), _raw(row, detection))

    if detection.shape in BY_LINE and (shape.name != "doccano" or names_annotators(rows(Path(path), detection))):
        yield from Items(lambda: rows(Path(path), detection), shape).read(source, role, one)
        return
    if detection.shape == "kto":
        records = rows(Path(path), detection)
        yield from read_kto(records, source, role, one, completion_turns, lambda row: _raw(row, detection))
        return
    for number, row in enumerate(rows(Path(path), detection)):
        yield one(row, Ref(source, number, row.line, role))


def rows(path: Path, detection: Detection) -> Iterator[Row]:
    """The records as the container holds them; a damaged .gz ends them with a problem."""
    try:
        yield from _rows(path, detection)
    except BROKEN_STREAM as error:
        yield Row(None, b"", None, f"the compressed file is damaged from here on ({error})")


def _rows(path: Path, found: Detection) -> Iterator[Row]:
    # The readers of workbooks and columns import what takes long: only a file of theirs pays for it.
    if found.container == "parquet":
        from curator.formats.columnar import read_parquet

        return read_parquet(path)
    if found.container == "datasets":
        from curator.formats.columnar import read_folder

        return read_folder(path, found.split)
    if found.container == "annotators":
        from curator.formats.per_annotator import read_annotators

        return read_annotators(path)
    if found.container == "xlsx":
        from curator.formats.sheets import read_sheet

        return read_sheet(path, found.sheet or "", found.columns, found.has_header)
    encoding = found.encoding or "utf-8"
    if found.container in ("csv", "tsv"):
        from curator.formats.tables import read_table

        return read_table(path, encoding, found.delimiter or ",", found.columns, found.has_header)
    if found.container == "text":
        from curator.formats.tables import read_text

        return read_text(path, encoding)
    from curator.formats import json_stream

    read_them = json_stream.read_jsonl if found.container == "jsonl" else json_stream.read_json
    return read_them(path, encoding)


def _raw(row: Row, detection: Detection) -> bytes:
    """The record's bytes as found, or its JSON where it had none of its own."""
    if row.raw is None:
        return dump_json(row.value).encode() if row.value is not None else b""
    if isinstance(row.raw, bytes):
        return row.raw
    encoding = detection.encoding or "utf-8"
    if errors_for(encoding) == "surrogateescape":
        return row.raw.encode("utf-8", "surrogateescape")
    return row.raw.encode(encoding, "replace")
