"""The state of a release folder, from its files alone: no project is needed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from curator import targets
from curator.errors import EnvironmentFailure, InputError
from curator.files import reason
from curator.store import ReleaseRow
from curator.versions.states import File, Said, State, facts_of

MANIFEST = "manifest.json"
SCHEMA = "curator/release/1"
_PLAIN = ("jsonl", "openai", "azure", "together", "fireworks", "mistral", "trl")
"""Formats whose lines say all of an example, those that are read first leading."""


def of_folder(path: Path) -> State:
    """The state of a release, by its folder or its manifest. Raises InputError where it is none, or a file of it is missing."""
    folder = path.parent if path.name == MANIFEST else path
    manifest = _manifest(folder / MANIFEST)
    files = tuple(File(one["path"], one["sha256"], one["role"]) for one in manifest["sources"])
    shas = _by_path(files)
    written = list(_lines(folder / "rows.jsonl"))
    left = [line for line in _lines(folder / "excluded.jsonl") if "target" not in line]
    rows = [*(_written(line, shas) for line in written), *(_left_out(line, shas) for line in left)]
    dataset = manifest.get("dataset") or {"name": folder.name}
    return State(str(path), rows, files, facts_of(manifest), dataset, _Texts(folder, written, left))


def _manifest(path: Path) -> Mapping[str, Any]:
    try:
        document = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputError("holds no release: it has no manifest.json", path=path.parent) from None
    except ValueError as error:
        raise InputError(f"cannot be read as JSON ({error}); export the release again", path=path) from None
    except OSError as error:
        raise EnvironmentFailure(f"{path} could not be read: {reason(error)}.") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError(f'is no manifest of a release ("schema" is not {SCHEMA})', path=path)
    return document


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield orjson.loads(line)
                except ValueError as error:
                    said = f"line {number} is not JSON ({error}); export the release again"
                    raise InputError(said, path=path) from None
    except FileNotFoundError:
        raise InputError("is missing in this release; export it again", path=path) from None
    except OSError as error:
        raise EnvironmentFailure(f"{path} could not be read: {reason(error)}.") from error


def _by_path(files: Sequence[File]) -> dict[str, str]:
    """The checksum of each path that stands for one file alone."""
    candidates = [file for file in files if file.role == "candidate"]
    count = Counter(file.path for file in candidates)
    return {file.path: file.sha256 for file in candidates if count[file.path] == 1}


def _written(line: Mapping[str, Any], shas: Mapping[str, str]) -> ReleaseRow:
    ref, decision = line["from"], line.get("decision") or {}
    return ReleaseRow(
        ref["source"],
        ref.get("sha256") or shas.get(ref["source"], ""),
        ref["record"],
        ref["line"],
        line["key"],
        line.get("question", ""),
        line["split"],
        decision=decision.get("id"),
        reviewer=decision.get("reviewer"),
        verdict=decision.get("verdict"),
        group=line.get("group") or "",
        remembered=bool(line.get("remembered")),
    )


def _left_out(line: Mapping[str, Any], shas: Mapping[str, str]) -> ReleaseRow:
    ref = line["from"]
    return ReleaseRow(
        ref["source"],
        ref.get("sha256") or shas.get(ref["source"], ""),
        ref["record"],
        ref["line"],
        "",
        "",
        "",
        line["reason"],
        line["message"],
        line["finding"],
        line["decision"],
        line.get("reviewer"),
        line.get("verdict"),
    )


class _Texts:
    """What the rows of a folder say: of those that were written from the lines of a target, of the others from
    `excluded.jsonl`, where personal data is masked."""

    def __init__(self, folder: Path, written: Sequence[Mapping[str, Any]], left: Sequence[Mapping[str, Any]]):
        self._folder = folder
        self._lines = [(line["split"], line["lines"]) for line in written]
        self._left = [Said(line["input"], line["output"]) for line in left]

    def __call__(self, wanted: Sequence[int]) -> Mapping[int, Said]:
        found = {at: self._left[at - len(self._lines)] for at in wanted if at >= len(self._lines)}
        by_file: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
        for at in wanted:
            if at < len(self._lines):
                split, lines = self._lines[at]
                target = next((name for name in _order(lines) if isinstance(lines[name], int)), None)
                if target is not None:
                    by_file[target, split][lines[target]] = at
        for (target, split), places in by_file.items():
            found.update(self._read(target, split, places))
        return found

    def _read(self, name: str, split: str, places: Mapping[int, int]) -> Iterator[tuple[int, Said]]:
        target = targets.get(name)
        path = self._folder / name / target.part_file(split)
        if path.suffix != ".jsonl" or not path.is_file():
            return
        with path.open("rb") as file:
            for number, raw in enumerate(islice(file, max(places)), 1):
                if number in places:
                    example, _ = target.read(orjson.loads(raw.removeprefix(b"\xef\xbb\xbf")))
                    if example is not None:
                        yield places[number], Said.of(example)


def _order(lines: Mapping[str, Any]) -> list[str]:
    return [*(name for name in _PLAIN if name in lines), *sorted(name for name in lines if name not in _PLAIN)]
