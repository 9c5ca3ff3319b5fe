"""Preference pairs from decisions: the output that a reviewer wrote is preferred to the one that the source had.

Only outputs are compared: where the input was changed as well, the two answer different questions. The source's output counts,
not one in between. A drop says nothing of the output: an example may be dropped for being a repetition.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from curator import sensitive
from curator.model import Example, Message, ToolCall
from curator.store import Project


@dataclass(frozen=True, slots=True)
class Preferred(Mapping[int, tuple[Message, ...]]):
    """By example (id) the turns that its own output is preferred to, as `Example.non_preferred` has them.

    Rewritten examples that make no pair are counted: `input_changed`, their input, system text or tools were changed, too;
    `same`, the outputs differ in white space at most; `one_sided`, there was no output before, or there is none now;
    `taken_out`, personal data or a secret was taken out, which must not go out as what is not preferred.
    """

    outputs: Mapping[int, tuple[Message, ...]] = field(default_factory=dict)
    input_changed: int = 0
    same: int = 0
    one_sided: int = 0
    taken_out: int = 0

    def __getitem__(self, example: int) -> tuple[Message, ...]:
        return self.outputs[example]

    def __iter__(self) -> Iterator[int]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)

    @property
    def notes(self) -> tuple[str, ...]:
        """Why there are fewer pairs than rewritten examples, in sentences; () where there are not."""
        reasons = (
            (self.input_changed, "the input was changed, too"),
            (self.same, "the outputs differ in white space alone"),
            (self.one_sided, "there is no output before or after"),
            (self.taken_out, "personal data or a secret was taken out of the output"),
        )
        return tuple(
            f"{count:,} edited {'example makes' if count == 1 else 'examples make'} no preference pair: {why}"
            for count, why in reasons
            if count
        )


def preferred(project: Project) -> Preferred:
    """The pairs that the decisions in force make of the candidates. Pairs that came with a file are not among them: they
    stay as they are, whatever becomes of the output that is preferred."""
    outputs: dict[int, tuple[Message, ...]] = {}
    count = dict.fromkeys(("input_changed", "same", "one_sided", "taken_out"), 0)
    for before, now in project.rewritten():
        if now.non_preferred:
            continue
        if why := _no_pair(before, now):
            count[why] += 1
        else:
            outputs[now.id] = before.messages[-1:]
    return Preferred(outputs, **count)


def _no_pair(before: Example, now: Example) -> str:
    """Which count of `Preferred` a rewritten example belongs to, "" where it makes a pair."""
    if not _has_output(before) or not _has_output(now):
        return "one_sided"
    asked = (_said(before.messages[:-1]), list(before.tools))
    if asked != (_said(now.messages[:-1]), list(now.tools)):
        return "input_changed"
    if same_output(before.messages[-1:], now.messages[-1:]):
        return "same"
    return "taken_out" if _private(before) - _private(now) else ""


def _private(example: Example) -> set[str]:
    """The personal data and secrets in an output, but for what was made to be shown."""
    return {hit.value for hit in sensitive.find(example.output) if not hit.documentation}


def same_output(one: tuple[Message, ...], other: tuple[Message, ...]) -> bool:
    """Whether two outputs say the same: white space apart, and however the arguments of tool calls are written."""
    return _spaced(one) == _spaced(other)


def _has_output(example: Example) -> bool:
    """The output is the last turn: what follows one would have been asked in answer to it."""
    last = example.messages[-1] if example.messages else None
    return last is not None and last.role == "assistant" and bool(last.text.strip())


def _said(messages: tuple[Message, ...]) -> list[Any]:
    """What turns say. Ids and weights are left out: editors need not keep them."""
    return [(m.role, m.content or "", m.name, [_call(call) for call in m.tool_calls]) for m in messages]


def _spaced(messages: tuple[Message, ...]) -> list[Any]:
    return [(m.role, (m.content or "").split(), [_call(call) for call in m.tool_calls]) for m in messages]


def _call(call: ToolCall) -> tuple[str, Any]:
    try:
        return call.name, json.loads(call.arguments)
    except (ValueError, RecursionError):
        return call.name, call.arguments
