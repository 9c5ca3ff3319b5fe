"""Look for the findings of one check that lie just below its cut, for a person to judge where it should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator import pipeline
from curator.progress import Progress
from ui.worker.state import State, settings_of


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`arguments`: check, and those of a check. What is found is kept in the project (`judging.asked`)."""
    pool = pipeline.ask(state.project, settings_of(arguments), arguments["check"], progress)
    return {"check": pool.check, "findings": len(pool.findings), "reported": pool.reported}
