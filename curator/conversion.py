"""One file format into another, or into a private eval set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from curator import formats
from curator.checks.private import hide
from curator.embedding import Embedder
from curator.errors import InputError
from curator.formats import FieldMap
from curator.model import Example, Ref, Rejected, Role
from curator.progress import Progress, Silent, track


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion wrote, and what it could not read (`rejected`) or write (`skipped`), with reasons."""

    path: Path
    written: int
    rejected: tuple[tuple[Ref, str], ...]
    skipped: tuple[tuple[Ref, str], ...]


def convert(
    file: str,
    to: str,
    out: Path | None,
    format: str | None,
    fields: FieldMap,
    *,
    force: bool = False,
    salt: str | None = None,
    encoder: str | None = None,
    progress: Progress | None = None,
) -> Converted:
    """Write `file` in the format `to`; `salt` and `encoder` are for a hashed eval set.

    Raises InputError where the new file is there already and not `force`, and for a file that holds no texts.
    """
    detection = formats.detect(file, format=format, fields=fields, role=Role.EVAL)
    if detection.shape == formats.HASHED:
        raise InputError("a hashed eval set holds no texts to convert", path=file)
    path = out or _beside(file, to)
    if path.exists() and path.samefile(file):
        raise InputError("would overwrite the file that is read; name another with --out", path=path)
    if path.exists() and not force:
        raise InputError("exists already; name another with --out, or overwrite it with --force", path=path)
    rejected: list[tuple[Ref, str]] = []

    def examples() -> Iterator[Example]:
        for record in track(formats.read(file, detection, Role.CANDIDATE), progress or Silent(), "Converting"):
            if isinstance(record, Rejected):
                rejected.append((record.ref, record.reason))
            else:
                yield record

    if to == formats.HASHED:
        embedder = Embedder(encoder)
        try:
            written = formats.write(hide(list(examples()), embedder, salt, progress), path, to)
        finally:
            embedder.close()
    else:
        written = formats.write(examples(), path, to)
    return Converted(path, written.written, tuple(rejected), tuple(written.skipped))


def _beside(file: str, to: str) -> Path:
    suffix = f".{to}" if to in formats.CONTAINERS else f".{to}.jsonl"
    return Path(file).with_name(Path(file).name.split(".")[0] + suffix)
