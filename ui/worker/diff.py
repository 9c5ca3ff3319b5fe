"""What differs between two releases of the project, or between one and the project as it is now. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.progress import Progress
from curator.versions import State as Compared
from curator.versions import compare, of_project, of_release
from curator.versions.document import as_json
from ui.worker.state import State

MOST = 300
"""Changes of each kind that are told one by one; all are counted."""


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`before`, `after`: numbers of releases, None for the project as it is now. The document of `curator diff --json`, with at
    most MOST rows of each kind. Raises InputError for a release that an older Curator wrote."""
    progress.report(0, None, "Comparing texts")
    found = compare(_state(state, arguments["before"]), _state(state, arguments["after"]))
    seen: Counter[str] = Counter()
    few = []
    for change in found.changes:
        seen[change.kind] += 1
        if seen[change.kind] <= MOST:
            few.append(change)
    return as_json(replace(found, changes=few))


def _state(state: State, number: int | None) -> Compared:
    project = state.project
    return of_project(project) if number is None else of_release(project, project.releases.get(number))
