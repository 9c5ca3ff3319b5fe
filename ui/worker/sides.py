"""Begin a round in which people judge the answers of two systems side by side, in a project of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.comparison.evalset import of_project, read_eval
from curator.comparison.matching import match
from curator.comparison.predictions import read_answers
from curator.comparison.sides import pairs_of, system_names
from curator.comparison.sides_round import Wanted, begin_sides, differing_of, open_or_create
from curator.progress import Progress
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`eval` ("": the project's), `baseline`, `tuned`, `by`; `project`: where; `reviewers`, `sample` (0: all).

    Gives the id of the round, how many `items` are in it, how many answers are the `same`, and where it is.
    """
    progress.report(0, None, "Reading predictions")
    evals = (
        read_eval(arguments["eval"], progress=progress) if arguments["eval"] else of_project(state.project, progress)
    )
    sides = [
        match(evals.examples, read_answers(arguments[name]), arguments.get("by") or "auto")
        for name in ("baseline", "tuned")
    ]
    pairs = pairs_of(evals.examples, sides[0].answers, sides[1].answers)
    differing_of(pairs)  # before a project is made for nothing
    names = system_names(arguments["baseline"], arguments["tuned"])
    wanted = Wanted(
        evals.where, *names, tuple(arguments["reviewers"]), overlap=2, sample=int(arguments["sample"]) or None
    )
    with open_or_create(arguments["project"]) as project:
        made = begin_sides(project, pairs, wanted, progress)
    return {"round": made.round.id, "items": made.items, "same": made.same, "project": arguments["project"]}
