"""OpenAI's chat fine-tuning format, and what the providers that take it in a form of their own share."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from curator.model import Example, Message
from curator.targets import chat
from curator.targets.base import Target
from curator.targets.problem import Problem

EVERYTHING = frozenset(
    {"tools", "weight", "weight_of_any_turn", "name", "parallel_tool_calls", "developer", "reasoning"}
)
"""All that a record can say beyond roles and texts, by the names that `Rules.carries` has for them."""
_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class OpenAI(Target):
    """`{"messages": […], "tools": […], "parallel_tool_calls": true}`, tool arguments as JSON text."""

    name = "openai"
    minds_plain = False
    root_keys: frozenset[str] = chat.ROOT_KEYS
    message_keys: frozenset[str] = chat.MESSAGE_KEYS

    def record(self, example: Example) -> dict[str, Any]:
        return record(example, self.rules.carries)

    def own_problems(self, example: Example) -> list[Problem]:
        return list(function_names(example))

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        # What is told of a record without messages is that; keys that stand for them are not to be removed.
        found = list(unknown_keys(record, self.root_keys)) if "messages" in record else []
        example, problems = chat.read(record, keys=self.message_keys)
        if example is not None and "developer" not in self.rules.carries:
            found += unknown_roles(example)
        return example, [*found, *problems]


def unknown_keys(record: Mapping[str, Any], known: Collection[str]) -> Iterator[Problem]:
    """The keys of a record that the format does not have."""
    for key in sorted(set(record) - set(known)):
        fix = "write tools in its place" if key == "functions" else "remove it"
        yield Problem("unknown_key", f"unknown key {key!r}", fix)


def unknown_roles(example: Example) -> Iterator[Problem]:
    """Turns of the developer, for providers that know none."""
    for index, message in enumerate(example.messages, 1):
        if message.role == "developer":
            said = f"turn {index} has the role 'developer', which this provider does not know"
            yield Problem("role", said, "use system")


def function_names(example: Example) -> Iterator[Problem]:
    """Functions that are defined or called by a name that the interfaces for tools do not take."""
    defined = (tool.get("function") for tool in example.tools)
    names = [function.get("name") for function in defined if isinstance(function, Mapping)]
    names += [call.name for message in example.messages for call in message.tool_calls]
    for name in sorted({name for name in names if isinstance(name, str) and name}):
        if not _FUNCTION_NAME.fullmatch(name):
            said = f"the function name {name!r} has other characters than a-z, A-Z, 0-9, _ and -, or more than 64"
            yield Problem("tool_name", said, "rename it in the tools and in the calls")


def record(example: Example, carries: Collection[str] = EVERYTHING) -> dict[str, Any]:
    """The OpenAI form of an example, with what the format `carries`. Keys that are not part of it are left out."""
    written: dict[str, Any] = {"messages": [_turn(message, carries) for message in chat.with_ids(example.messages)]}
    if example.tools:
        written["tools"] = [dict(tool) for tool in example.tools]
    # True is the default: left unsaid, the file also suits providers that take no other key.
    if example.parallel_tool_calls is False and example.tools and "parallel_tool_calls" in carries:
        written["parallel_tool_calls"] = False
    return written


def _turn(message: Message, carries: Collection[str]) -> dict[str, Any]:
    role = "system" if message.role == "developer" and "developer" not in carries else message.role
    turn: dict[str, Any] = {"role": role}
    if message.content is not None or not message.tool_calls:
        turn["content"] = message.content or ""
    if "reasoning" in carries and (thought := chat.reasoning(message)):
        turn["reasoning_content"] = thought
    if message.name is not None and message.role != "tool" and "name" in carries:
        turn["name"] = message.name
    if message.tool_calls:
        turn["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.role == "tool":
        turn["tool_call_id"] = message.tool_call_id
    if message.weight is not None and _is_weighed(message, carries):
        turn["weight"] = int(message.weight)
    return turn


def _is_weighed(message: Message, carries: Collection[str]) -> bool:
    return "weight_of_any_turn" in carries or ("weight" in carries and message.role == "assistant")


TARGET = OpenAI()
