"""The examples whose tokens are counted: of data files, of a project, or of a release that was written."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curator import formats, splits
from curator.costs.estimate import TRAIN
from curator.errors import InputError
from curator.formats import Detection, FieldMap
from curator.model import Decision, Example, Message, Ref, Rejected, Role, Verdict
from curator.review.preferences import preferred
from curator.store import Project
from curator.text import plural

MANIFEST = "manifest.json"
ROWS = "rows.jsonl"
_RELEASE = "curator/release/1"
_FILE_KEYS = frozenset({"path", "target", "split", "rows", "tokens_basis"})


@dataclass(frozen=True, slots=True)
class Part:
    """The examples of a split."""

    split: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read, and remarks on it. Of a release each target has `parts` of its own, by name; else all share those of ""."""

    parts: Mapping[str, tuple[Part, ...]]
    remarks: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """Those of a release; () where any will do."""
        return tuple(name for name in self.parts if name)


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens of a release as they were counted when it was written: by target and split, of each example, and what names it.

    `basis`: by which vocabulary, and how surely, by target.
    """

    tokens: Mapping[str, Mapping[str, Sequence[int]]]
    where: Mapping[str, Mapping[str, Sequence[str]]]
    basis: Mapping[str, str]
    remarks: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self.tokens)


def read(paths: Sequence[str], format: str | None = None, fields: FieldMap | None = None) -> Read:
    """The examples of data files, all of them to be trained on.

    Raises InputError where a file is none, or nothing in it can be read.
    """
    detected = [(path, formats.detect(path, format=format, fields=fields or FieldMap())) for path in paths]
    examples: list[Example] = []
    remarks = []
    for path, detection in detected:
        mine, rejected = _file(path, detection)
        said = f", {len(rejected):,} rejected" if rejected else ""
        remarks.append(f"{path}: {plural(len(mine), 'example')}{said} (read as {detection.format}: {detection.why})")
        if rejected and not mine:
            raise InputError(f"no record could be read; the first: {rejected[0].reason}", path=path)
        examples += mine
    return Read({"": (Part(TRAIN, tuple(examples)),)}, tuple(remarks))


def read_project(project: Project) -> Read:
    """The candidates of a project as decisions left them, without those that are dropped; an edited output makes a pair with
    the original one, as in a release. Raises InputError without any candidates."""
    every = list(project.examples(Role.CANDIDATE))
    if not every:
        raise InputError(f"{project.where} holds no examples yet; import a file with `curator import`")
    dropped = _dropped(project.decisions())
    pairs = preferred(project)
    kept = tuple(_paired(example, pairs) for example in every if example.id not in dropped)
    remark = f"{project.where}: {plural(len(kept), 'example')}, without {len(every) - len(kept):,} that decisions drop"
    return Read({"": (Part(TRAIN, kept),)}, (remark,))


def _paired(example: Example, pairs: Mapping[int, tuple[Message, ...]]) -> Example:
    return replace(example, non_preferred=pairs[example.id]) if example.id in pairs else example


def is_release(where: str) -> bool:
    """Whether this is a folder that `curator export` wrote."""
    return (Path(where) / MANIFEST).is_file() and (Path(where) / ROWS).is_file()


def read_release(folder: str) -> Read:
    """The examples in the files of a release, by target and split. Raises InputError where it is none."""
    parts: dict[str, list[Part]] = defaultdict(list)
    for output in _outputs(Path(folder)):
        if output["rows"]:
            path = str(Path(folder) / output["path"])
            examples, rejected = _file(path, formats.detect(path))
            if rejected:
                raise InputError(f"cannot be read any more ({rejected[0].reason}); export it again", path=path)
            parts[output["target"]].append(Part(output["split"], tuple(examples)))
    return Read({name: tuple(some) for name, some in parts.items()})


def counted(folder: str) -> Counted | None:
    """What a release says of its own tokens, in `rows.jsonl`; None where it was written before releases said it."""
    tokens: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    where: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    outputs = _outputs(Path(folder))
    for output in outputs:
        tokens[output["target"]][output["split"]] = []
    for number, row in enumerate(_rows(Path(folder) / ROWS), 1):
        try:
            if "tokens" not in row:
                return None
            for target, count in row["tokens"].items():
                tokens[target][row["split"]].append(int(count))
                where[target][row["split"]].append(_named(row["from"]))
        except (AttributeError, KeyError, TypeError, ValueError):
            said = "is no row of a release any more; export it again"
            raise InputError(said, path=Path(folder) / ROWS, line=number) from None
    if set(tokens) != {output["target"] for output in outputs}:
        raise InputError(f"has other targets than {MANIFEST} beside it; export it again", path=Path(folder) / ROWS)
    basis = {output["target"]: output["tokens_basis"] for output in outputs}
    return Counted(tokens, where, basis)


def _named(said: Mapping[str, Any]) -> str:
    return str(Ref(said["source"], said["record"], said["line"]))


def _outputs(folder: Path) -> list[dict[str, Any]]:
    """What the manifest says of the files of the targets."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON ({error}); name a folder that `curator export` wrote", path=path) from None
    if not isinstance(manifest, dict) or manifest.get("schema") != _RELEASE:
        raise InputError("is no manifest of a release; name a folder that `curator export` wrote", path=path)
    outputs = manifest.get("outputs")
    if not isinstance(outputs, list) or not all(isinstance(output, dict) for output in outputs):
        raise InputError("does not list the files of the release; export it again", path=path)
    files = [output for output in outputs if "target" in output]
    if not all(output.keys() >= _FILE_KEYS for output in files):
        raise InputError("does not say all of the files of the release; export it again", path=path)
    return files


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"is not JSON ({error}); export it again", path=path, line=number) from None


def _file(path: str, detection: Detection) -> tuple[list[Example], list[Rejected]]:
    examples: list[Example] = []
    rejected: list[Rejected] = []
    for record in formats.read(path, detection, Role.CANDIDATE):
        if isinstance(record, Rejected):
            rejected.append(record)
        else:
            examples.append(record)
    return examples, rejected


def _dropped(standing: Iterable[Decision]) -> set[int]:
    by_example: dict[int, list[Decision]] = defaultdict(list)
    for decision in standing:
        by_example[decision.example].append(decision)
    resolved = ((example, splits.resolve(some)) for example, some in by_example.items())
    return {example for example, one in resolved if one is not None and one.verdict is Verdict.DROP}
