"""What an export with given settings would do; no file is written. Quick: it runs no checks.

What a round settles by itself is settled before, as before an export, so that both count the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curator import checking, pipeline
from curator.model import Role
from curator.progress import Progress
from curator.release import Wanted
from curator.splits import Shares
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`{"plan": …}` as `release.Plan.as_json`; `{"plan": None, "why": […]}` where a check has to be run before.

    `why`: "empty" (there are no candidates), "never" (no whole check was run), or what changed since: "sources", "texts",
    "cuts", "settings". Partial result: the plan without its splits, which take longest.
    """
    wanted = wanted_of(arguments)
    if not state.project.counts().examples[Role.CANDIDATE]:
        return {"plan": None, "why": ["empty"]}
    pipeline.settle(state.project)
    checked = state.current(progress=progress)
    if checked is None:
        return {"plan": None, "why": _why(state)}
    first = pipeline.plan(
        state.project, checked, wanted, progress, lambda plan: state.partial({"plan": plan.as_json()})
    )
    return {"plan": first.as_json()}


def wanted_of(arguments: Mapping[str, Any]) -> Wanted:
    """What is to be released, from the arguments of a job. Raises InputError for a split, size or name that is none."""
    seed = arguments.get("seed")
    return Wanted(
        out=Path(arguments.get("out", "")).expanduser(),
        targets=tuple(arguments.get("targets", ())),
        size=str(arguments.get("size", "all")),
        shares=Shares.parse(arguments.get("split", "90/10")),
        stratify=bool(arguments.get("stratify", True)),
        allow_below_minimum=bool(arguments.get("allow_below_minimum", False)),
        include=tuple(arguments.get("include", ())),
        exclude=tuple(arguments.get("exclude", ())),
        force=bool(arguments.get("force", False)),
        seed=None if seed is None else int(seed),
        require=tuple(map(str, arguments.get("require", ()))),
    )


def _why(state: State) -> list[str]:
    last = next((run for run in state.project.runs("check") if checking.whole(run)), None)
    if last is None:
        return ["never"]
    since = state.project.changed_since(last.began)
    changed = {"sources": since.sources, "texts": since.texts, "cuts": since.cuts}
    return [name for name, is_so in changed.items() if is_so] or ["settings"]
