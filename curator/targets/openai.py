"""OpenAI's chat fine-tuning format, which Azure, Together, Fireworks and others take as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.model import Example, Message, Severity
from curator.targets import chat
from curator.targets.base import Problem, Target


class OpenAI(Target):
    """`{"messages": […], "tools": […], "parallel_tool_calls": true}`, tool arguments as JSON text."""

    name = "openai"

    def problems(self, example: Example) -> list[Problem]:
        return [*chat.problems(example), *self._length(example)]

    def record(self, example: Example) -> dict[str, Any]:
        return record(example)

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        unknown = [
            Problem("unknown_key", f"unknown key {key!r}", "remove it") for key in sorted(set(record) - chat.ROOT_KEYS)
        ]
        example, found = chat.read(record)
        return example, [*unknown, *found]

    def _length(self, example: Example) -> list[Problem]:
        limit = self.rules.max_tokens
        if limit is None:
            return []
        # No text has more tokens than bytes, and no character more than four of those: most need no counting.
        if not example.tools and sum(8 + 4 * len(m.text) for m in example.messages) < limit:
            return []
        count = self.counter.example(example)
        if count <= limit:
            return []
        cut = self.rules.over_max_tokens == "cut"
        said = f"{count:,} tokens ({self.counter}); the limit is {limit:,}"
        said += ", and what is over it, the output first, is cut" if cut else ""
        return [Problem("tokens", said, "shorten it or leave it out", Severity.WARNING if cut else Severity.ERROR)]


def record(example: Example) -> dict[str, Any]:
    """The OpenAI form of an example. Keys that are not part of the format are left out."""
    written: dict[str, Any] = {"messages": [_turn(message) for message in chat.with_ids(example.messages)]}
    if example.tools:
        written["tools"] = [dict(tool) for tool in example.tools]
    # True is the default: left unsaid, the file also suits providers that take no other key.
    if example.parallel_tool_calls is False and example.tools:
        written["parallel_tool_calls"] = False
    return written


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role}
    if message.content is not None or not message.tool_calls:
        turn["content"] = message.content or ""
    if message.name is not None and message.role != "tool":
        turn["name"] = message.name
    if message.tool_calls:
        turn["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.role == "tool":
        turn["tool_call_id"] = message.tool_call_id
    elif message.role == "assistant" and message.weight is not None:
        turn["weight"] = int(message.weight)
    return turn


TARGET = OpenAI()
