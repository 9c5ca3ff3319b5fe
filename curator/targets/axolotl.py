"""Axolotl's chat_template datasets, with the stanza for its YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from curator.model import Example
from curator.targets import chat, openai
from curator.targets.base import Target, Written
from curator.targets.problem import Problem

STANZA = "axolotl.yaml"
TRAIN_KEY = "train"
"""The key of a turn that says whether it is trained on, which the stanza names."""
_MESSAGE_KEYS = (chat.MESSAGE_KEYS - {"weight"}) | {TRAIN_KEY, "reasoning_content"}


class Axolotl(Target):
    """OpenAI's messages and tools, with all JSON that changes from row to row as text.

    Axolotl loads files with `datasets`, which gives every object all keys of its column, null where a row has none: of
    arguments and parameters the template would then print keys that nobody wrote. Both may be JSON text, which it parses.
    """

    name = "axolotl"
    column_depth = 12

    def record(self, example: Example) -> dict[str, Any]:
        written = openai.record(example, self.rules.carries)
        written["messages"] = [_turn(turn) for turn in written["messages"]]
        if "tools" in written:
            written["tools"] = [_tool(tool) for tool in written["tools"]]
        return written

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        """Reads messages and tools, also as JSON text; axolotl ignores other columns."""
        found: list[Problem] = []
        turns = _parsed(record.get("messages"), "messages", found)
        tools = _parsed(record.get("tools"), "tools", found)
        if found:
            return None, found
        given = {"messages": _weighed(turns, found)}
        if isinstance(tools, list):
            given["tools"] = [_untexted(tool, found) for tool in tools]
        elif tools is not None:
            found.append(Problem("tool_definition", "tools is not a list of objects"))
        example, problems = chat.read(given, keys=chat.MESSAGE_KEYS | {"reasoning_content"})
        return example, [*found, *problems]

    def companions(self, files: Mapping[str, Written], title: str) -> dict[str, bytes]:
        held = [split for split in ("validation",) if split in files and files[split].rows]
        lines = [
            "# Paste this into your axolotl config, and give the paths as seen from where you start axolotl.",
            "# chat_template may also name a template of axolotl, where the base model comes without one.",
            "chat_template: tokenizer_default",
            "datasets:",
            *_dataset(self.part_file("train")),
        ]
        if held:
            lines += ["val_set_size: 0", "test_datasets:", *_dataset(self.part_file(held[0]))]
        return {STANZA: "\n".join([*lines, ""]).encode()}


def _dataset(path: str) -> list[str]:
    keys = (
        ("ds_type", "json"),
        ("split", "train"),  # what `datasets` calls the rows of any single file
        ("type", "chat_template"),
        ("field_messages", "messages"),
        ("field_tools", "tools"),
        ("message_property_mappings", "{role: role, content: content}"),
        ("message_field_training", TRAIN_KEY),
        ("roles_to_train", "[assistant]"),
        ("train_on_eos", "turn"),
    )
    return [f"  - path: {path}", *(f"    {key}: {value}" for key, value in keys)]


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    # A content in every turn: templates stumble over a null, and `datasets` makes a null of what is missing.
    written = {"role": turn["role"], "content": turn.get("content", "")}
    written |= {key: value for key, value in turn.items() if key not in ("role", "content", "weight")}
    return written | ({TRAIN_KEY: bool(turn["weight"])} if "weight" in turn else {})


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    function = dict(tool["function"])
    if "parameters" in function:
        function["parameters"] = json.dumps(function["parameters"], ensure_ascii=False)
    return {**tool, "function": function}


def _parsed(value: Any, key: str, found: list[Problem]) -> Any:
    """The value, or what its JSON text holds."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        found.append(Problem(key, f"{key} is a text that is not JSON", "write a list"))
        return None


def _weighed(turns: Any, found: list[Problem]) -> Any:
    """The turns with a weight where they say whether they are trained on, and without keys that are null."""
    if not isinstance(turns, list):
        return turns
    done = []
    for index, turn in enumerate(turns, 1):
        if not isinstance(turn, Mapping):
            return turns
        # Only what templates print matters to axolotl: other keys of a turn are no fault.
        kept = {key: value for key, value in turn.items() if key in _MESSAGE_KEYS and value is not None}
        trains = kept.pop(TRAIN_KEY, None)
        if isinstance(trains, bool):
            kept["weight"] = int(trains)
        elif trains is not None:
            found.append(Problem("weight_value", f"turn {index} has a {TRAIN_KEY} that is neither true nor false"))
        done.append(kept)
    return done


def _untexted(tool: Any, found: list[Problem]) -> Any:
    function = tool.get("function") if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(function.get("parameters"), str):
        return tool
    parameters = _parsed(function["parameters"], "tool_definition", found)
    return {**tool, "function": {**function, "parameters": parameters}}


TARGET = Axolotl()
