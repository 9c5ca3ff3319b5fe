"""What an export with given settings would do; no file is written. Quick: it runs no checks.

What a round settles by itself is settled before, as before an export, so that both count the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from curator import checking, pipeline
from curator.comparison.sides_round import holds_sides
from curator.costs import EPOCHS
from curator.model import Role
from curator.progress import Progress
from curator.release import Wanted
from curator.splits import Shares
from ui.worker.state import State

LONG = 1_000
"""Ids above which a list of them is packed."""


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`{"plan": …}` as `release.Plan.as_json`; `{"plan": None, "why": […]}` where a check has to be run before.

    `why`: "judging" (answers to be judged are nothing to train on), "empty" (there are no candidates), "never" (no whole check was run), or what changed since: "sources", "texts",
    "cuts", "settings". Partial results: the plan of the formats that are ticked, without its splits and then with them.
    Long lists of ids are `{"runs": [first, last, …]}`.
    """
    wanted = wanted_of(arguments)
    if holds_sides(state.project):
        return {"plan": None, "why": ["judging"]}
    if not state.project.counts().examples[Role.CANDIDATE]:
        return {"plan": None, "why": ["empty"]}
    pipeline.settle(state.project)
    checked = state.current(progress=progress)
    if checked is None:
        return {"plan": None, "why": _why(state)}
    first = pipeline.plan(
        state.project, checked, wanted, progress, lambda plan: state.partial({"plan": packed(plan.as_json())})
    )
    return {"plan": packed(first.as_json())}


def packed(value: Any, key: str = "") -> Any:
    """The same with long lists of ids, which are sorted, as the first and last of each run: most are of nearly all examples."""
    if isinstance(value, dict):
        return {name: packed(one, name) for name, one in value.items()}
    if key in ("ids", "mended") and len(value) > LONG:
        ids = np.asarray(value, dtype=np.int64)
        breaks = np.flatnonzero(np.diff(ids) != 1)
        ends = np.stack([ids[np.r_[0, breaks + 1]], ids[np.r_[breaks, len(ids) - 1]]], axis=1)
        return {"runs": ends.ravel().tolist()} if 2 * len(ends) < len(ids) else value
    if isinstance(value, tuple | list) and value and isinstance(value[0], dict):
        return [packed(one) for one in value]
    return value


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
        fixes=tuple(map(str, arguments.get("fixes", ()))),
        base_model=arguments.get("base_model") or None,
        optional=len(arguments.get("targets", ())) > 1,
        name=str(arguments.get("name", "")),
        epochs=int(arguments.get("epochs", EPOCHS)),
    )


def _why(state: State) -> list[str]:
    last = next((run for run in state.project.runs("check") if checking.whole(run)), None)
    if last is None:
        return ["never"]
    since = state.project.changed_since(last.began)
    changed = {"sources": since.sources, "texts": since.texts, "cuts": since.cuts}
    return [name for name, is_so in changed.items() if is_so] or ["settings"]
