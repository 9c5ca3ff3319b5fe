"""Write a release again, as it was, to a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curator import pipeline
from curator.errors import InputError
from curator.progress import Progress
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`release` (its number), `out`. Gives `title`, `folder`, `same`, and where it is not the `files` that differ and what
    `differs`. Raises InputError where the folder is taken."""
    out = str(arguments.get("out") or "").strip()
    if not out:
        raise InputError("name a folder to write to")
    made = pipeline.rebuild(state.project, int(arguments["release"]), Path(out).expanduser(), progress)
    return {
        "title": made.release.title,
        "folder": str(made.folder),
        "same": made.same,
        "files": list(made.files),
        "differs": list(made.differs),
    }
