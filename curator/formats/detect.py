"""How a file is to be read, found out from its content: container, encoding, shape of its records."""

from __future__ import annotations

import difflib
import errno
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from curator.errors import EnvironmentFailure, InputError
from curator.formats import hashed, json_stream, per_annotator, tables
from curator.formats.encoding import BROKEN_STREAM, detect_encoding, head_bytes, head_text, open_text
from curator.formats.items import BY_LINE
from curator.formats.pairs import guess_fields
from curator.formats.reading import rows
from curator.formats.records import TABLES, Detection, FieldMap, Row, Unreadable, lookup, parse_json
from curator.formats.shapes import MAPPED, SHAPES, fields_in_use, read_record, recognise, shape_named
from curator.model import Example, Ref, Role

CONTAINERS = ("jsonl", "json", "csv", "tsv", "xlsx", "parquet", "text", "datasets", "annotators")
FORMATS = (*CONTAINERS, *SHAPES)
"""Names that --format takes: a container, a shape of records, or both as in jsonl/openai."""

_BY_NAME = FieldMap()
_SAMPLE = 200
_MOST_ROWS = 2000
_HEAD = 1 << 18
_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "a SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Office file; save it as .xlsx"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"BZh", "compressed with bzip2; unpack it"),
    (b"\xfd7zXZ", "compressed with xz; unpack it"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstandard; unpack it"),
    (b"ARROW1", "an Arrow file; give the dataset's folder, or save it as Parquet"),
)


def detect(
    path: str | Path, *, format: str | None = None, fields: FieldMap = _BY_NAME, role: Role = Role.CANDIDATE
) -> Detection:
    """How to read the file. `format` (one of FORMATS) and `fields` overrule what its content says.

    Raises InputError where it cannot be read at all, holds no records, or, for candidates, no outputs;
    EnvironmentFailure where the disk fails.
    """
    path = Path(path)
    _, shape = _wanted(format)
    found, sample, all_seen = glance(path, format=format, role=role)
    if hashed.is_header(sample[0]):
        return _hashed(path, found, sample[0], role)
    found = _with_shape(path, found, sample, shape, fields, role)
    if found.container == "annotators" and not (found.shape in BY_LINE and per_annotator.share_texts(path)):
        raise InputError(
            "its files are not several annotators' answers to the same texts; name the files one by one", path=path
        )
    return _with_outputs(path, found, sample, all_seen, role)


def glance(
    path: Path, *, format: str | None = None, role: Role = Role.CANDIDATE
) -> tuple[Detection, list[Mapping[str, Any]], bool]:
    """The file's container, its first records as they stand in it, and whether these are all; their shape is not looked at.

    Raises as `detect` does where the file cannot be read.
    """
    container, _ = _wanted(format)
    try:
        found = _container(path, container, role)
        return found, *_sample(path, found)
    except FileNotFoundError:
        raise InputError("there is no such file; check the name", path=path) from None
    except PermissionError:
        raise InputError("it may not be read; check its permissions", path=path) from None
    except OSError as error:
        if error.errno in (errno.EIO, errno.ENOSPC, errno.EMFILE, errno.ENFILE):
            raise EnvironmentFailure(f"{path}: {error.strerror}") from None
        raise InputError(f"cannot be read ({error.strerror or error})", path=path) from None


def _hashed(path: Path, found: Detection, header: Mapping[str, Any], role: Role) -> Detection:
    if role is Role.CANDIDATE:
        raise InputError("a hashed eval set holds no texts to train on; give it with --eval", path=path)
    try:
        encoder = hashed.header_of(header).encoder
    except Unreadable as reason:
        raise InputError(str(reason), path=path) from None
    return replace(found, shape=hashed.NAME, why=f"a hashed eval set, vectors by {encoder.get('name', 'an encoder')}")


def _wanted(format: str | None) -> tuple[str | None, str | None]:
    """Container and shape that the user asked for."""
    container: str | None = None
    shape: str | None = None
    for part in (format or "").lower().split("/"):
        if part in CONTAINERS:
            container = part
        elif part in SHAPES:
            shape = part
        elif part:
            close = difflib.get_close_matches(part, FORMATS, 1)
            hint = f"; did you mean {close[0]}?" if close else f"; it is one of {', '.join(FORMATS)}"
            raise InputError(f"there is no format {part}{hint}")
    return container, shape


def _container(path: Path, wanted: str | None, role: Role) -> Detection:
    if path.is_dir():
        return _folder(path, role)
    head = head_bytes(path, _HEAD)
    if not head:
        if path.stat().st_size:
            raise InputError("the compressed file is damaged or empty", path=path)
        raise InputError("the file is empty", path=path)
    if head.startswith(b"PAR1") or wanted == "parquet":
        return _parquet(path, head)
    if head.startswith(b"PK\x03\x04") and wanted != "xlsx" and per_annotator.is_archive(path):
        return _annotators("an archive")
    if head.startswith(b"PK\x03\x04") or wanted == "xlsx":
        return _workbook(path)
    if wanted == "datasets":
        raise InputError("a dataset is a folder, this is a file", path=path)
    if wanted == "annotators":
        raise InputError("files of several annotators are a folder or a ZIP archive, this is one file", path=path)
    for magic, what in _MAGIC:
        if head.startswith(magic):
            raise InputError(f"this is {what}; records of text are needed", path=path)
    return _text_file(path, head, wanted)


def _folder(path: Path, role: Role) -> Detection:
    from curator.formats import columnar

    saved = columnar.is_dataset(path)
    if not saved and per_annotator.is_folder(path):
        return _annotators("a folder")
    if not saved and columnar.parquet_splits(path):
        split = columnar.choose_split(path, role)
        return Detection("datasets", "", 1.0, f"a dataset folder of Parquet files, split {split}", split=split)
    if not saved:
        raise InputError("a folder that is not a saved dataset; name the files in it", path=path)
    split = columnar.choose_split(path, role)
    columnar.arrow_files(path if split is None else path / split)
    why = "a dataset folder" + (f", split {split}" if split else "")
    return Detection("datasets", "", 1.0, why, split=split)


def _annotators(what: str) -> Detection:
    return Detection("annotators", "", 1.0, f"{what} with a file for each annotator", encoding="utf-8")


def _parquet(path: Path, head: bytes) -> Detection:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not head.startswith(b"PAR1"):
        raise InputError("this is not a Parquet file", path=path)
    try:
        with pq.ParquetFile(path) as file:
            count = file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = (str(error).splitlines() or ["?"])[0][:200]
        raise InputError(f"the Parquet file is damaged ({reason})", path=path) from None
    if not count:
        raise InputError("the Parquet file has no rows", path=path)
    return Detection("parquet", "", 1.0, "a Parquet file")


def _workbook(path: Path) -> Detection:
    from curator.formats import sheets

    try:
        names = sheets.sheet_names(path)
    except sheets.BROKEN_WORKBOOK as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise InputError("not an Excel workbook, or a damaged one; unpack other ZIP archives", path=path) from None
    for name in names:
        top = list(islice((row for row in sheets.read_rows(path, name) if not row.problem), _SAMPLE))
        if not top:
            continue
        width = max(len(row.value) for row in top)
        columns, has_header = tables.name_columns([row.value + [""] * (width - len(row.value)) for row in top])
        if not has_header and width > 2:
            columns = tuple(f"column_{number}" for number in range(1, width + 1))
        why = f"a workbook, sheet {name}" + (f" (the first of {len(names)} with rows)" if len(names) > 1 else "")
        return Detection("xlsx", "", 1.0, why, columns=columns, has_header=has_header, sheet=name)
    raise InputError("the workbook has no cells that can be read", path=path)


def _text_file(path: Path, head: bytes, wanted: str | None) -> Detection:
    encoding = detect_encoding(path)
    text = head_text(path, encoding, _HEAD).lstrip("\ufeff")
    odd = sum(text.count(chr(code)) for code in (*range(9), *range(14, 32), 127))
    if odd > 0.1 * len(text) + 4 or text.count("\udcff") > 0.3 * len(text):
        raise InputError("this is binary data; records of text are needed", path=path)
    if not text.strip(json_stream.BLANK):
        raise InputError("the file holds nothing but blanks", path=path)
    cut = len(head) >= _HEAD
    kind = wanted or _json_kind(text, cut)
    if kind in ("json", "jsonl"):
        title = "JSON Lines" if kind == "jsonl" else "a JSON document"
        return Detection(kind, "", 1.0, title, encoding=encoding)
    if kind == "text":
        return _plain_text(encoding)
    return _table(path, text, cut, encoding, kind)


def _plain_text(encoding: str) -> Detection:
    return Detection("text", "", 1.0, "plain text, a record per line", encoding=encoding, columns=("text",))


def _table(path: Path, text: str, cut: bool, encoding: str, wanted: str | None) -> Detection:
    delimiter, sure = tables.sniff_delimiter(text, cut=cut)
    named_so = path.name.lower().removesuffix(".gz").endswith((".csv", ".tsv"))
    if delimiter is None:
        if wanted is None and not named_so:
            return _plain_text(encoding)
        delimiter, sure = ("\t" if wanted == "tsv" else ","), 0.5
    if wanted == "tsv":
        delimiter = "\t"
    with open_text(path, encoding) as lines:
        first = islice(tables.read_cells(tables.without_bom(lines), delimiter), _MOST_ROWS)
        top: list[list[str]] = []
        with suppress(*BROKEN_STREAM):  # a damaged .gz: its beginning is enough here, and read reports the rest
            for row in first:
                if not row.problem and len(top) < _SAMPLE:
                    top.append(row.value)
    if not top:
        raise InputError("no row of the table can be read", path=path)
    columns, has_header = tables.name_columns(top)
    container = "tsv" if delimiter == "\t" else "csv"
    sign = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}[delimiter]
    why = f"a table separated by {sign}" + ("" if has_header else ", without a header")
    return Detection(
        container, "", sure, why, encoding=encoding, delimiter=delimiter, columns=columns, has_header=has_header
    )


def _json_kind(text: str, cut: bool) -> str | None:
    """json, jsonl, or None for what is neither."""
    lines = [line.strip(json_stream.BLANK) for line in text.splitlines()[:_SAMPLE]]
    lines = [line for line in lines if line]
    if cut and len(lines) > 1:
        lines.pop()
    objects = sum(line[0] == "{" and line[-1] == "}" for line in lines)
    parsed = [_parses(line) for line in lines[:20]]
    first = lines[0][0]
    if first == "[":
        lists = sum(isinstance(value, list) for value in parsed)
        return "jsonl" if len(lines) > 1 and objects + lists >= 0.5 * len(lines) and lists == 1 < objects else "json"
    if first == "{":
        if len(lines) > 1 and (isinstance(parsed[0], dict) or objects >= 0.5 * len(lines)):
            return "jsonl"
        if isinstance(parsed[0], dict) and (shape := recognise(parsed[0])) and shape.name != "inputs":
            return "jsonl"
        whole = text.encode("utf-8", "replace")
        if json_stream.wrapped_key(whole) is not None:
            return "json"
        if len(lines) == 1:
            return "jsonl"
        return "jsonl" if sum(line[0] == "{" for line in lines) >= 0.5 * len(lines) and len(lines) > 2 else "json"
    return "jsonl" if len(lines) > 2 and objects >= 0.5 * len(lines) else None


def _parses(line: str) -> Any:
    try:
        return parse_json(line)
    except Unreadable:
        return None


def _sample(path: Path, found: Detection) -> tuple[list[Mapping[str, Any]], bool]:
    """The first records of the file, and whether these are all. Raises InputError where there are none."""
    sample: list[Mapping[str, Any]] = []
    problem: Row | None = None
    read_all = True
    stream = rows(path, found)
    for count, row in enumerate(stream):
        if len(sample) >= _SAMPLE or (count >= _MOST_ROWS and sample):
            read_all = False
            break
        if isinstance(row.value, dict) and not row.problem:
            sample.append(row.value)
        elif problem is None:
            problem = row
    if sample:
        return sample, read_all
    if problem is not None:
        reason = problem.problem or "records must be objects with named fields"
        raise InputError(f"none of its records can be read; the first: {reason}", path=path, line=problem.line)
    if found.columns and found.has_header:
        raise InputError("it has a header and no rows", path=path)
    raise InputError("it holds no records", path=path)


def _with_shape(
    path: Path, found: Detection, sample: Sequence[Mapping[str, Any]], wanted: str | None, fields: FieldMap, role: Role
) -> Detection:
    if fields:
        return _with_fields(path, found, sample, fields, wanted, role)
    if wanted is not None:
        share = sum(SHAPES[wanted].matches(record) for record in sample) / len(sample)
        if share == 0:
            look = Counter(shape.title for record in sample if (shape := recognise(record))).most_common(1)
            hint = f"it looks like {look[0][0]}" if look else f"its fields are {_names(sample)}"
            raise InputError(f"no record has the shape {wanted}; {hint}", path=path)
        return _described(found, wanted, share, sample, "as asked", strict=True)
    votes = Counter(shape.name if (shape := recognise(record)) else "" for record in sample)
    # Of shapes with equal votes the most specific wins: max keeps the first.
    best = max(SHAPES, key=lambda name: votes[name])
    if votes[best] and best != "inputs" and votes[best] >= votes[""]:
        share = votes[best] / len(sample)
        return _described(found, best, share, sample, f"{votes[best]} of {len(sample)} records sampled")
    return _by_values(path, found, sample, votes, role)


def _by_values(
    path: Path, found: Detection, sample: Sequence[Mapping[str, Any]], votes: Counter[str], role: Role
) -> Detection:
    """Names say nothing of an output: go by the values, or take the records for inputs alone."""
    guess = guess_fields(sample, FieldMap()) if found.container != "text" else None
    only_inputs = votes["inputs"] >= len(sample) / 2
    if guess is not None and not (only_inputs and role is Role.EVAL and found.container not in TABLES):
        fields, why = guess
        return replace(
            found,
            shape="columns",
            fields=fields,
            confidence=0.6,
            why=f"{found.why}; {why}: input {fields.input}, output {fields.output}",
        )
    if role is Role.EVAL:
        text = guess_fields(sample, FieldMap(output="\0")) if not only_inputs else None
        if only_inputs or text is not None:
            fields = FieldMap(text[0].input) if text else FieldMap()
            share = votes["inputs"] / len(sample) if only_inputs else 0.5
            return _described(replace(found, fields=fields), "inputs", share, sample, "inputs alone")
    elif only_inputs:
        raise InputError(f"no outputs found: its fields are {_names(sample)}; name one with --output-field", path=path)
    raise InputError(
        f"cannot tell inputs from outputs: its fields are {_names(sample)}; "
        "name them with --input-field and --output-field",
        path=path,
    )


def _described(
    found: Detection,
    name: str,
    share: float,
    sample: Sequence[Mapping[str, Any]],
    reason: str,
    *,
    strict: bool = False,
) -> Detection:
    shape = shape_named(name)
    first = next((record for record in sample if shape.matches(record)), sample[0])
    fields = fields_in_use(shape, first, found.fields)
    named = ", ".join(
        f"{part} {field}" for part, field in (("input", fields.input), ("output", fields.output)) if field
    )
    why = f"{found.why}; {shape.title}" + (f": {named}" if named else "") + f" ({reason})"
    return replace(found, shape=name, fields=fields, confidence=share * found.confidence, why=why, strict=strict)


def _with_fields(
    path: Path,
    found: Detection,
    sample: Sequence[Mapping[str, Any]],
    fields: FieldMap,
    wanted: str | None,
    role: Role,
) -> Detection:
    for field in filter(None, (fields.input, fields.output, fields.system)):
        if all(lookup(record, field) is None for record in sample) and not any(field in record for record in sample):
            raise InputError(f"no record has a field {field}; its fields are {_names(sample)}", path=path)
    if wanted is not None and wanted not in ("alpaca", "text-label", "prompt-completion", "inputs"):
        raise InputError(f"the format {wanted} says where input and output are; leave out the field options", path=path)
    full = fields_in_use(MAPPED, sample[0], fields)
    guess = None
    if full.input is None or full.output is None:
        guess = guess_fields(sample, fields)
    if guess is not None:
        full = FieldMap(full.input or guess[0].input, full.output or guess[0].output, full.system)
    if full.input is None:
        raise InputError(f"no input found: its fields are {_names(sample)}; name one with --input-field", path=path)
    have = sum(any(lookup(record, f) is not None for f in (full.input, full.output) if f) for record in sample)
    why = f"{found.why}; fields as named: input {full.input}" + (f", output {full.output}" if full.output else "")
    return replace(found, shape="mapped", fields=full, confidence=have / len(sample), why=why, strict=True)


def _with_outputs(
    path: Path, found: Detection, sample: Sequence[Mapping[str, Any]], all_seen: bool, role: Role
) -> Detection:
    """The detection, unless candidates have no output in any record that was looked at."""
    if role is Role.EVAL:
        return found
    if found.shape != "inputs" and not all_seen:
        return found
    shape = shape_named(found.shape)
    for number, record in enumerate(sample):
        try:
            example: Example = read_record(
                record, Ref(str(path), number, None), shape, found.fields, strict=found.strict
            )
        except Unreadable:
            continue
        if example.output.strip() or example.votes:
            return found
    if not any(_readable(record, found) for record in sample):
        return found  # every record will be rejected with its own reason, which says more
    raise InputError(f"no outputs found: its fields are {_names(sample)}; name one with --output-field", path=path)


def _readable(record: Mapping[str, Any], found: Detection) -> bool:
    try:
        read_record(record, Ref("", 0, None), shape_named(found.shape), found.fields, strict=found.strict)
    except Unreadable:
        return False
    return True


def _names(sample: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(str(key) for record in sample for key in record))
    shown = ", ".join(names[:12]) or "none"
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")
