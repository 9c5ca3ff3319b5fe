"""OpenAI's format of preference pairs, for direct preference optimisation (DPO), which others take as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from curator.model import Example
from curator.targets import chat, openai
from curator.targets.preference import Preference, counterpart
from curator.targets.problem import Problem

OUTPUTS = ("preferred_output", "non_preferred_output")
ROOT_KEYS = frozenset({"input", *OUTPUTS})
INPUT_KEYS = frozenset({"messages", "tools", "parallel_tool_calls"})


class OpenAIDPO(Preference):
    """`{"input": {"messages": […], "tools": […]}, "preferred_output": [turn], "non_preferred_output": [turn]}`."""

    name = "openai-dpo"
    minds_plain = False
    column_depth = 3

    def own_problems(self, example: Example) -> list[Problem]:
        return [*super().own_problems(example), *openai.function_names(example)]

    def record(self, example: Example) -> dict[str, Any]:
        carries = set(self.rules.carries) - {"weight"}
        asked = openai.record(example, carries)
        *before, preferred = asked.pop("messages")
        if "tools" not in carries:
            asked.clear()
        other = openai.record(counterpart(example), carries)["messages"][len(before) :]
        return {
            "input": {"messages": before, **asked},
            "preferred_output": [preferred],
            "non_preferred_output": other,
        }

    def shape(self, record: Mapping[str, Any]) -> str:
        return "preference pairs"

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        found = list(openai.unknown_keys(record, ROOT_KEYS))
        asked = record.get("input")
        if not isinstance(asked, Mapping):
            fix = 'write {"input": {"messages": […]}, "preferred_output": […], "non_preferred_output": […]}'
            return None, [*found, Problem("input", "there is no input with messages", fix)]
        found += openai.unknown_keys(asked, INPUT_KEYS)
        found += (problem for key in OUTPUTS for problem in _one_turn(key, record.get(key)))
        if not all(_is_list(record.get(key)) for key in OUTPUTS) or not _is_list(asked.get("messages")):
            if not _is_list(asked.get("messages")):
                found.append(Problem("input", "there are no messages in the input", "add the turn that is answered"))
            return None, found
        turns = {**asked, "messages": [*asked["messages"], *record["preferred_output"]]}
        example, problems = chat.read(turns)
        other, more = chat.read({"messages": record["non_preferred_output"]})
        found += [
            *problems,
            *(replace(problem, message=f"non_preferred_output: {problem.message}") for problem in more),
        ]
        if example is None or other is None:
            return None, found
        return replace(example, non_preferred=other.messages), found


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


def _one_turn(key: str, turns: Any) -> Iterator[Problem]:
    if not _is_list(turns):
        yield Problem("one_turn", f"{key} is no list with an assistant turn", "add the output")
    elif len(turns) > 1:
        yield Problem("one_turn", f"{key} has {len(turns)} turns; each output is one assistant turn", "leave one")
    elif isinstance(turns[0], Mapping) and turns[0].get("role") != "assistant":
        yield Problem("one_turn", f"{key} is a turn of the role {turns[0].get('role')!r}, not the assistant's")


TARGET = OpenAIDPO()
