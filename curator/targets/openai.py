"""OpenAI's chat fine-tuning format, and what the providers that take it in a form of their own share."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from curator.model import Example, Message, Severity
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
    exact_types = True
    """What may be left out must be right where it is there, too: no null in the place of a text, and no list without items."""

    def record(self, example: Example) -> dict[str, Any]:
        return record(example, self.rules.carries)

    def own_problems(self, example: Example) -> list[Problem]:
        return [*function_names(example), *(_tool_types(example) if self.exact_types else ())]

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        # What is told of a record without messages is that; keys that stand for them are not to be removed.
        found = list(unknown_keys(record, self.root_keys)) if "messages" in record else []
        example, problems = chat.read(record, keys=self.message_keys)
        if example is not None and "developer" not in self.rules.carries:
            found += unknown_roles(example)
        if example is not None and self.exact_types:
            found += _types(record)
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


def undescribed(example: Example) -> Iterator[Problem]:
    """Functions whose description is there and no text."""
    for index, tool in enumerate(example.tools, 1):
        function = tool.get("function")
        if isinstance(function, Mapping) and not isinstance(function.get("description", ""), str):
            said = f"tool {index} has a description that is no text"
            yield Problem("tool_definition", said, "write it, or leave the key out")


def _tool_types(example: Example) -> Iterator[Problem]:
    for index, tool in enumerate(example.tools, 1):
        if "type" not in tool:
            yield Problem("tool_definition", f"tool {index} has no type", 'write "type": "function"')
    yield from undescribed(example)


def _types(record: Mapping[str, Any]) -> Iterator[Problem]:
    """Values of a record that mean nothing and are refused, or were seen to be."""
    for index, turn in enumerate(record["messages"], 1):
        if "name" in turn and turn["name"] is None:
            yield Problem("name", f"turn {index} has null for a name", "leave the key out")
        if turn.get("tool_calls") == []:
            said = f"turn {index} has an empty list of tool_calls, which OpenAI's interfaces refuse"
            yield Problem("tool_calls", said, "leave the key out", Severity.WARNING)
        if isinstance(turn.get("content"), list) and turn["role"] != "user":
            said = f"turn {index} ({turn['role']}) has its text in a list of parts, which jobs were seen to fail of"
            yield Problem("content", said, "write it as text", Severity.WARNING)
    if record.get("tools") == []:
        said = "there is an empty list of tools, which OpenAI's interfaces refuse"
        yield Problem("tool_definition", said, "leave the key out", Severity.WARNING)


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
