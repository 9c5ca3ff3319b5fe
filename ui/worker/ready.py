"""Weigh whether to fine-tune at all, by the check as it is; production inputs are compared where files of them are given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator import pipeline
from curator.progress import Progress
from curator.readiness import SETTING, Answers, production
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`arguments`: production, paths of files. `checked` is False where there is no check that still holds: none is run.

    Raises InputError for a file that cannot be read, Cancelled where the user stops it.
    """
    files = [str(file) for file in arguments.get("production", ())]
    asked = production.read(files) if files else []
    checked = state.current(progress=progress)
    if checked is None:
        return {"checked": False, "points": [], "coverage": None, "missing": [], "where": state.project.where}
    answers = Answers.of(state.project.settings().get(SETTING) or {})
    found = pipeline.weigh(state.project, checked, progress, answers=answers, production=asked)
    return {
        "checked": True,
        "points": [point.packed() for point in found.points],
        "coverage": None if found.coverage is None else found.coverage.as_json(),
        "missing": [] if found.coverage is None else found.coverage.rows(),
        "where": found.where,
    }
