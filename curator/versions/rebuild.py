"""Whether a release that was written again is the same, byte for byte, and what of it differs if it is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curator.errors import InputError
from curator.files import sha256_of
from curator.store import Release
from curator.versions.folders import MANIFEST


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A release that was written again in `folder`. `same`: every byte is as it was, by the sha256 of its manifest, which has
    that of every file. `files`: the files that differ; `differs`: what may be the cause, in words."""

    release: Release
    folder: Path
    same: bool
    files: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


def refuse_unkept(release: Release) -> None:
    """Raise InputError where a release was written by an older Curator, which did not keep what it takes."""
    if release.snapshot is None or release.manifest is None:
        raise InputError(
            f"release {release.number} was written by an older Curator, which did not keep what it takes to write it "
            "again; export a new one"
        )


def compared(release: Release, folder: Path) -> Rebuilt:
    """What `release` was, against what was written in `folder`."""
    if sha256_of(folder / MANIFEST) == release.manifest:
        return Rebuilt(release, folder, True)
    now = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    before = {one["path"]: one["sha256"] for one in release.summary.get("outputs", ())}
    after = {one["path"]: one["sha256"] for one in now["outputs"]}
    files = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return Rebuilt(release, folder, False, (*files, MANIFEST), tuple(_causes(release, now)))


def _causes(release: Release, now: Mapping[str, Any]) -> list[str]:
    said = []
    for name, key in (("", "versions"), ("encoder ", "encoder")):
        old, new = release.summary.get(key) or {}, now.get(key) or {}
        for part in sorted(old.keys() | new.keys()):
            if old.get(part) != new.get(part):
                said.append(f"{name}{part} was {old.get(part, 'absent')}, here it is {new.get(part, 'absent')}")
    if release.snapshot is not None and release.snapshot.moved:
        said.append("somebody worked on the project while the release was made")
    return said or ["versions and encoder are the same: the checks or the machine compute something otherwise"]
