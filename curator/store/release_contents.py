"""What became of every candidate in a release, as a project keeps it: one compressed block for each release."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from curator.store.schema import dumps, loads

_VERSION = 1


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One candidate in a release, or left out of it.

    `source`, `sha256`, `record`, `line`: where it came from, by the path and the bytes of its file. `key` names what it says,
    `question` the same without the answer; both "" where that is not known. `split`: "" where it is out, then `reason` and
    `message` say why, and `finding` or `decision` what stands behind that. `decision`, `reviewer` and `verdict` are also told
    of an example that went out, where somebody decided on it. `group`: the key of one example for all near duplicates that
    are kept together, "" where it stands alone; `remembered`: an earlier release decided its split.
    """

    source: str
    sha256: str
    record: int
    line: int | None
    key: str
    question: str
    split: str
    reason: str = ""
    message: str = ""
    finding: str | None = None
    decision: str | None = None
    reviewer: str | None = None
    verdict: str | None = None
    group: str = ""
    remembered: bool = False

    @property
    def ref(self) -> tuple[str, int]:
        """Where it came from, whatever the path of its file is."""
        return self.sha256 or self.source, self.record

    @property
    def written(self) -> bool:
        return self.split != ""


_NAMES = tuple(field.name for field in fields(ReleaseRow))
_values = attrgetter(*_NAMES)


def pack(rows: Iterable[ReleaseRow]) -> bytes:
    """The rows in one block; `unpack` reads it."""
    columns = list(zip(*map(_values, rows), strict=True)) or [() for _ in _NAMES]
    document = {"version": _VERSION, "columns": dict(zip(_NAMES, (list(column) for column in columns), strict=True))}
    return zlib.compress(dumps(document).encode("utf-8", "surrogatepass"), 6)


def unpack(block: bytes) -> list[ReleaseRow]:
    """The rows that `pack` was given."""
    document: dict[str, Any] = loads(zlib.decompress(block).decode("utf-8", "surrogatepass"))
    columns = document["columns"]
    return [ReleaseRow(*values) for values in zip(*(columns[name] for name in _NAMES), strict=True)]
