"""LLaMA-Factory's ShareGPT form, with the `dataset_info.json` that tells it how to read the files."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from curator.formats.records import Unreadable
from curator.formats.turns import read_tools, read_turns
from curator.model import SYSTEM_ROLES, Example, Message, Ref, Severity
from curator.targets import blocks, chat
from curator.targets.base import Target, Written
from curator.targets.conversation import turn_name
from curator.targets.problem import Problem

INFO = "dataset_info.json"
_KEYS = ("conversations", "system", "tools")
_COLUMNS = {"messages": "conversations", "system": "system", "tools": "tools"}
_TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}
_SAID_BY = {"user": "human", "assistant": "gpt", "tool": "observation"}
_SPEAKERS = frozenset({"human", "gpt", "observation", "function_call", "system"})


class LlamaFactory(Target):
    """`{"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}], "system": "…", "tools": "[…]"}`."""

    name = "llama-factory"
    minds_plain = False

    def own_problems(self, example: Example) -> list[Problem]:
        return [*_by_turns(example), *_several_calls(example), *_tool_keys(example)]

    def record(self, example: Example) -> dict[str, Any]:
        functions = [_function(tool["function"]) for tool in example.tools]
        return {
            "conversations": [_turn(message) for message in example.messages if message.role not in SYSTEM_ROLES],
            # Both stand in every row: LLaMA-Factory stops at a row that lacks a column of which it was told.
            "system": blocks.system_text(example.messages),
            "tools": json.dumps(functions, ensure_ascii=False) if functions else "",
        }

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        found = list(unread_keys(record, _KEYS))
        turns = record.get("conversations")
        if not isinstance(turns, list) or not turns:
            fix = 'write {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}'
            return None, [*found, Problem("conversations", "there is no list of conversations", fix)]
        found += _form(turns)
        found += texts(record, "system", "tools")
        if any(problem.rule == "conversations" for problem in found):
            return None, found
        tools, understood = read_tools(record.get("tools") or None) if record.get("tools") else ((), True)
        if not understood:
            found.append(Problem("tool_definition", "tools is no JSON text of a list of functions"))
        return example_of(record.get("system"), turns, tools, found)

    def companions(self, files: Mapping[str, Written], title: str) -> dict[str, bytes]:
        return {INFO: info(files, title, {"formatting": "sharegpt", "columns": _COLUMNS, "tags": _TAGS})}


def info(files: Mapping[str, Written], title: str, how: Mapping[str, Any]) -> bytes:
    """`dataset_info.json` for the files of the splits: an entry for each, named after the data, all read in the same way."""
    name = name_of(title)
    entries = {
        name if split == "train" else f"{name}_{split}": {"file_name": written.path.name, **how}
        for split, written in files.items()
        if written.rows
    }
    # ASCII alone: LLaMA-Factory reads the file in whatever encoding the machine prefers.
    return json.dumps(entries, indent=2).encode("ascii") + b"\n"


def name_of(title: str) -> str:
    """A name for data that can stand in a list with commas: letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "data"


def unread_keys(record: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    """Keys of a record that LLaMA-Factory does not look at."""
    for key in sorted(set(record) - set(known)):
        yield Problem("unknown_key", f"the key {key!r} is not read", "remove it", Severity.WARNING)


def texts(record: Mapping[str, Any], *keys: str) -> Iterator[Problem]:
    """Those of the keys whose value is neither missing nor a text."""
    for key in keys:
        if not isinstance(record.get(key), str | None):
            yield Problem(key, f"{key} is no text", "write it as text")


def example_of(
    system: Any, turns: list[Any], tools: tuple[Mapping[str, Any], ...], found: list[Problem]
) -> tuple[Example | None, list[Problem]]:
    """The example of a system text and turns of any spelling."""
    try:
        messages = read_turns(turns)
    except Unreadable as reason:
        return None, [*found, Problem("conversations", str(reason))]
    if isinstance(system, str) and system:
        messages = (Message("system", system), *messages)
    return Example(Ref("", 0, None), messages, tools=tools), found


def _turn(message: Message) -> dict[str, str]:
    if not message.tool_calls:
        return {"from": _SAID_BY[message.role], "value": message.content or ""}
    calls = [{"name": call.name, "arguments": chat.arguments(call)} for call in message.tool_calls]
    value = json.dumps(calls[0] if len(calls) == 1 else calls, ensure_ascii=False)
    return {"from": "function_call", "value": value}


def _function(function: Mapping[str, Any]) -> dict[str, Any]:
    """A function without OpenAI's wrapping, as all versions take it; its default template stops without properties."""
    parameters = {"type": "object", **function.get("parameters", {})}
    return {**function, "parameters": {**parameters, "properties": parameters.get("properties", {})}}


def _by_turns(example: Example) -> Iterator[Problem]:
    """Human or observation and gpt or function_call take turns; all else that breaks this, other rules find."""
    for index, (before, message) in enumerate(pairwise(example.messages), 1):
        if (before.role, message.role) == ("tool", "user"):
            said = f"{turn_name(index, message)} follows a tool's; LLaMA-Factory skips such rows"
            yield Problem("alternation", said, "let the assistant answer first, or leave the example out")


def _several_calls(example: Example) -> Iterator[Problem]:
    """Several calls in a turn are a list, but their answers would be several turns of the same side."""
    for index, message in enumerate(example.messages[:-1]):
        if len(message.tool_calls) > 1:
            said = f"{turn_name(index, message)} calls {len(message.tool_calls)} tools, whose answers cannot follow each other"
            yield Problem("several_tool_calls", said, "split it into a turn for each", mend="split-tool-calls")
            return


def _tool_keys(example: Example) -> Iterator[Problem]:
    for tool in example.tools:
        function = tool.get("function")
        properties = function.get("parameters", {}) if isinstance(function, Mapping) else {}
        properties = properties.get("properties", {}) if isinstance(properties, Mapping) else {}
        if not isinstance(properties, Mapping) or not all(isinstance(value, Mapping) for value in properties.values()):
            yield Problem("tool_definition", "a tool has properties that are no objects", "write them as JSON Schema")


def _form(turns: list[Any]) -> Iterator[Problem]:
    for index, turn in enumerate(turns, 1):
        if (
            not isinstance(turn, Mapping)
            or not isinstance(turn.get("from"), str)
            or not isinstance(turn.get("value"), str)
        ):
            fix = 'write {"from": "human", "value": "…"}'
            yield Problem("conversations", f'turn {index} is no object with the texts "from" and "value"', fix)
            continue
        if turn["from"] not in _SPEAKERS:
            said = f"turn {index} is from {turn['from']!r}; LLaMA-Factory skips such rows"
            yield Problem("role", said, "use human, gpt, observation, function_call or system")
        if turn["from"] == "system" and index > 1:
            yield Problem("system_first", f"turn {index} (system) is not at the beginning", "move it to the key system")
        if turn["from"] == "function_call" and not _are_calls(turn["value"]):
            fix = 'write {"name": "…", "arguments": {…}} as JSON text'
            yield Problem("tool_calls", f"turn {index} is no call of a function that LLaMA-Factory can read", fix)


def _are_calls(value: str) -> bool:
    try:
        calls = json.loads(value)
    except (ValueError, RecursionError):
        return False
    calls = calls if isinstance(calls, list) else [calls]
    return bool(calls) and all(
        isinstance(c, dict) and isinstance(c.get("name"), str) and "arguments" in c for c in calls
    )


TARGET = LlamaFactory()
