"""What a file would become if it were imported, told from its head alone.

The import then takes the detection that was shown (`pipeline.import_detected`): what was seen is what is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from curator import formats
from curator.errors import CuratorError
from curator.formats import Detection, FieldMap
from curator.model import Example, Rejected, Role
from curator.tasks import NEEDS, Need, Task

SHOWN = 20
"""Records shown."""
_SAMPLED, _CHARACTERS = 200, 2_000_000
"""Records read to guess the task, and the text after which fewer will do: a preview must come at once."""
_NAMES, _DEPTH, _RAW = 100, 3, 5
_EVAL_WORDS = frozenset(
    "eval evals evaluation evaluations test tests testing testset valid validation val dev devset holdout heldout held "
    "golden benchmark".split()
)


@dataclass(frozen=True, slots=True)
class Preview:
    """One file as it would be read.

    `detection` is None where it cannot be read as it stands, and `problem` then says why in one sentence; `names` are the
    fields seen (dotted paths for nested ones) and `raw` the first records as they stand in the file, from which a mapping
    can be corrected even then. `records`: the first of the file, as examples or rejected with reasons; `rejected`: all of
    the `sampled` records that cannot be read. `whole`: the sample is all there is. `role` is the one given, or else what
    `role_why` suggests.
    """

    path: str
    size: int
    role: Role
    role_why: str
    detection: Detection | None
    problem: str = ""
    names: tuple[str, ...] = ()
    raw: tuple[Mapping[str, Any], ...] = ()
    records: tuple[Example | Rejected, ...] = ()
    sampled: int = 0
    rejected: tuple[Rejected, ...] = ()
    whole: bool = False
    task: Task | None = None
    task_why: str = ""

    @property
    def examples(self) -> int:
        """How many of the sampled records are read as examples."""
        return self.sampled - len(self.rejected)

    @property
    def need(self) -> Need | None:
        """Minimum and ideal for the guessed task."""
        return None if self.task is None else NEEDS[self.task]

    @property
    def importable(self) -> bool:
        return self.detection is not None


def preview(
    path: str, *, format: str | None = None, fields: FieldMap | None = None, role: Role | None = None
) -> Preview:
    """Look at the head of a file. Raises nothing for a file that cannot be read: the preview says so."""
    fields = fields or FieldMap()
    given, (suggested, why) = role, suggest_role(path)
    role, why = (suggested, why) if given is None else (given, "")
    size = _size(path)
    try:
        _, sample, _ = formats.glance(Path(path), format=format, role=role)
    except CuratorError as error:
        return Preview(path, size, role, why, None, str(error))
    if given is None and formats.is_hashed(sample[0]):
        role, why = Role.EVAL, "it is a hashed eval set"
    names, raw = names_of(sample), tuple(sample[:_RAW])
    try:
        detection = formats.detect(path, format=format, fields=fields, role=role)
    except CuratorError as error:
        return Preview(path, size, role, why, None, str(error), names, raw)
    records, whole = _read(path, detection, role)
    examples = [record for record in records if isinstance(record, Example)]
    rejected = tuple(record for record in records if isinstance(record, Rejected))
    task, task_why = formats.guess_task(examples) if examples else (None, "")
    shown = tuple(records[:SHOWN])
    return Preview(
        path,
        size,
        role,
        why,
        detection,
        names=names,
        raw=raw,
        records=shown,
        sampled=len(records),
        rejected=rejected,
        whole=whole,
        task=task,
        task_why=task_why,
    )


def suggest_role(path: str) -> tuple[Role, str]:
    """Candidate or eval by the name of the file, with the reason."""
    stem = Path(path).name.split(".")[0]
    words = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", stem).lower())
    word = next((word for word in words if word in _EVAL_WORDS), None)
    if word is None or "train" in words:
        return Role.CANDIDATE, ""
    return Role.EVAL, f"its name says {word}"


def names_of(records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The fields of these records as a mapping names them: keys, and dotted paths to what lies in nested records."""
    found: dict[str, None] = {}
    for record in records:
        for name in _paths(record, "", _DEPTH):
            found.setdefault(name)
        if len(found) >= _NAMES:
            break
    return tuple(islice(found, _NAMES))


def _paths(record: Mapping[str, Any], before: str, depth: int) -> Iterator[str]:
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and value and depth > 1:
            yield from _paths(value, f"{name}.", depth - 1)
        else:
            yield name


def _read(path: str, detection: Detection, role: Role) -> tuple[list[Example | Rejected], bool]:
    """The first records, and whether there are no more."""
    read: list[Example | Rejected] = []
    stream = formats.read(path, detection, role)
    characters = 0
    with closing(stream):
        for record in stream:
            if len(read) >= _SAMPLED or (characters >= _CHARACTERS and len(read) >= SHOWN):
                return read, False
            read.append(record)
            characters += _length(record)
    return read, True


def _length(record: Example | Rejected) -> int:
    return len(record.raw) if isinstance(record, Rejected) else sum(len(m.text) for m in record.messages)


def _size(path: str) -> int:
    """Bytes on disk; of a folder, of the files that lie in it; 0 where nothing can be seen."""
    with suppress(OSError):
        place = Path(path)
        files: Iterable[Path] = place.iterdir() if place.is_dir() else [place]
        return sum(file.stat().st_size for file in files if file.is_file())
    return 0
