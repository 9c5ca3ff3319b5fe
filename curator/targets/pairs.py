"""Records of a prompt and its completion, as texts or as lists of turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.model import SYSTEM_ROLES, Example, Message, Ref
from curator.targets import chat
from curator.targets.problem import Problem


def is_pair(example: Example) -> bool:
    """One question and one answer, with a system text at most: what `{"prompt", "completion"}` can say."""
    turns = [message for message in example.messages if message.role not in SYSTEM_ROLES]
    plain = all(m.content is not None and not m.tool_calls and m.name is None and m.weight is None for m in turns)
    plain = plain and not any(map(chat.reasoning, turns))
    systems = len(example.messages) - len(turns)
    leads = systems == 0 or (systems == 1 and example.messages[0].role == "system")
    return plain and leads and not example.tools and [m.role for m in turns] == ["user", "assistant"]


def shape(record: Mapping[str, Any]) -> str:
    """ "prompt and completion" (as texts or as turns) or "text"."""
    if "prompt" not in record:
        return "text"
    return "prompt and completion as turns" if isinstance(record["prompt"], list) else "prompt and completion"


def read(record: Mapping[str, Any], *, as_object: bool = False) -> tuple[Example | None, list[Problem]]:
    """The example of a `{"prompt", "completion"[, "system"]}` record, and what is wrong with its form."""
    prompt, completion, system = record.get("prompt"), record.get("completion"), record.get("system")
    if isinstance(prompt, list) and isinstance(completion, list):
        turns = {"messages": [*prompt, *completion], "tools": record.get("tools")}
        return chat.read(turns, as_object=as_object)
    found = [
        Problem(key, f"{key} is missing or no text", "write it as text")
        for key, value in (("prompt", prompt), ("completion", completion))
        if not isinstance(value, str)
    ]
    if system is not None and not isinstance(system, str):
        found.append(Problem("system", "system is no text", "write it as text or leave it out"))
    if found:
        return None, found
    turns_before = (Message("system", system),) if system is not None else ()
    return Example(Ref("", 0, None), (*turns_before, Message("user", prompt), Message("assistant", completion))), []
