"""OpenAI's chat fine-tuning format, which Azure, Together, Fireworks and others take as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.model import Example, Message
from curator.targets import chat
from curator.targets.base import Target
from curator.targets.problem import Problem


class OpenAI(Target):
    """`{"messages": […], "tools": […], "parallel_tool_calls": true}`, tool arguments as JSON text."""

    name = "openai"

    def record(self, example: Example) -> dict[str, Any]:
        return record(example)

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        unknown = [
            Problem("unknown_key", f"unknown key {key!r}", "remove it") for key in sorted(set(record) - chat.ROOT_KEYS)
        ]
        example, found = chat.read(record)
        return example, [*unknown, *found]


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
