"""Compare the answers of two systems on an eval set, and on general tasks where there is a second one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.comparison.compare import Comparison, Wanted, compare
from curator.comparison.document import document
from curator.comparison.evalset import of_project, read_eval
from curator.comparison.general import forgetting
from curator.comparison.page import write_page
from curator.progress import Progress
from curator.tasks import Task
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`eval` ("": the project's), `baseline`, `tuned`; `general`: three more files or None; `margin` in points; `task`, `by`.
    `report`: a page to write too. Gives the document of `curator.comparison.document`, texts as they are.
    """
    task = arguments.get("task")
    wanted = Wanted(
        task=Task(task) if task else None, by=arguments.get("by") or "auto", encoder=arguments.get("encoder") or None
    )
    found = _compared(state, arguments["eval"], arguments["baseline"], arguments["tuned"], wanted, progress)
    lost = None
    if arguments.get("general"):
        other = replace(wanted, task=None)
        compared = _compared(state, *arguments["general"], other, progress)
        lost = forgetting(compared, float(arguments.get("margin", 2.0)) / 100)
    if arguments.get("report"):
        write_page(found, lost, arguments["report"])
    return document(found, lost, veiled=False)


def _compared(state: State, evals: str, baseline: str, tuned: str, wanted: Wanted, progress: Progress) -> Comparison:
    held = read_eval(evals, progress=progress) if evals else of_project(state.project, progress)
    return compare(held, baseline, tuned, wanted, progress)
