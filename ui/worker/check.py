"""Run the checks: each that is done is told at once, and on disk by then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.model import Role
from curator.progress import Progress
from ui.worker.state import State, settings_of


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`arguments`: task, encoder, seed, only, skip; what is not given is the project's own.

    Partial results: `{"check", "findings", "done", "of"}`. The result tells the number of the run and what it came to.
    """
    settings = settings_of(arguments)
    done: list[str] = []

    def each(name: str, findings: int) -> None:
        done.append(name)
        state.partial({"check": name, "findings": findings, "done": len(done)})

    checked = state.check(settings, progress, each)
    report = checked.report
    return {
        "run": checked.run,
        "task": str(report.task),
        "task_guessed": report.task_guessed,
        "task_reason": checked.task_reason,
        "candidates": report.total(Role.CANDIDATE),
        "effective": report.effective,
        "findings": {run.name: run.findings for run in report.checks},
        "skipped": {run.name: run.skipped for run in report.checks if run.skipped},
        "notes": list(checked.notes),
    }
