"""One example as it is and as a format would have it with the fixes that were chosen; nothing is changed in the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator import targets
from curator.errors import InputError
from curator.model import Example
from curator.progress import Progress
from curator.targets import fixes
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`arguments`: example (id), target, fixes (names), base_model. The turns `before` and `after`, and those fixes that changed
    something as `applied`. Raises InputError where there is no such example, target or fix."""
    found = state.project.get_examples([int(arguments["example"])])
    if not found:
        raise InputError("this example is no longer in the project")
    target = targets.get(str(arguments["target"])).for_model(arguments.get("base_model") or None)
    names = fixes.parse(tuple(map(str, arguments["fixes"])))
    mended, applied = fixes.apply(found[0], names, target)
    return {
        "where": str(found[0].ref),
        "before": _turns(found[0]),
        "after": _turns(mended),
        "applied": list(applied),
    }


def _turns(example: Example) -> list[dict[str, str]]:
    """Role and text of each turn, with the ids of tool calls, which a fix may change."""

    def text(turn: Any) -> str:
        calls = [
            f"{call.name}({call.arguments}) [{call.id}]" if call.id else f"{call.name}({call.arguments})"
            for call in turn.tool_calls
        ]
        answer = [f"[{turn.tool_call_id}]"] if turn.tool_call_id else []
        weight = [f"[weight {turn.weight:g}]"] if turn.weight is not None else []
        return "\n".join([*answer, *([turn.content] if turn.content else []), *calls, *weight])

    return [{"role": turn.role, "text": text(turn)} for turn in example.messages]
