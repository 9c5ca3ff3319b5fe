"""Hugging Face TRL's conversational format, which PEFT scripts, Unsloth and others read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from curator.model import SYSTEM_ROLES, Example, Message
from curator.targets import chat, pairs
from curator.targets.base import Target
from curator.targets.problem import Problem


class TRL(Target):
    """`{"messages": […], "tools": […]}`, tool arguments as an object; turns have no training weight."""

    name = "trl"
    column_depth = 12

    def record(self, example: Example) -> dict[str, Any]:
        written: dict[str, Any] = {"messages": [_turn(message) for message in chat.with_ids(example.messages)]}
        if example.tools:
            written["tools"] = [dict(tool) for tool in example.tools]
        return written

    def shape(self, record: Mapping[str, Any]) -> str:
        return "messages" if "messages" in record else pairs.shape(record)

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        """Reads messages, prompt and completion (texts or turns), and text; other columns are ignored by TRL."""
        if "messages" in record:
            return chat.read(record, as_object=True)
        if "prompt" in record and "completion" in record:
            return pairs.read(record, as_object=True)
        if isinstance(record.get("text"), str) and record["text"]:
            return None, []
        fix = "give each row messages, prompt and completion, or text"
        return None, [Problem("messages", "there are no columns that TRL trains on", fix)]


def _turn(message: Message) -> dict[str, Any]:
    # `content` is a text in every row, because datasets refuses a column of changing type.
    role = "system" if message.role in SYSTEM_ROLES else message.role
    turn: dict[str, Any] = {"role": role, "content": message.content or ""}
    if message.name is not None:
        turn["name"] = message.name
    if message.tool_calls:
        turn["tool_calls"] = [
            {
                "type": "function",
                "id": call.id,
                "function": {"name": call.name, "arguments": json.loads(call.arguments)},
            }
            for call in message.tool_calls
        ]
    if message.role == "tool":
        turn["tool_call_id"] = message.tool_call_id
    return turn


TARGET = TRL()
