"""Conversations whose turns are lists of parts and know two sides only: Gemini's and Amazon's Converse form.

The answers of tools stand on the user's side there, those to one turn together, and a user's text that follows with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curator.formats.records import Unreadable
from curator.formats.turns import read_tools, read_turns, without_names_of_results
from curator.model import SYSTEM_ROLES, Example, Message, Ref
from curator.targets.problem import Problem


def system_text(messages: Sequence[Message]) -> str:
    """The text of the system turns, for the root of a record; "" where there is none."""
    return "\n\n".join(m.content for m in messages if m.role in SYSTEM_ROLES and m.content)


def called(messages: Sequence[Message]) -> dict[str, str]:
    """The names of the functions that are called, by the ids of the calls; the turns have ids."""
    return {call.id: call.name for message in messages for call in message.tool_calls if call.id}


def sides(messages: Sequence[Message]) -> list[tuple[bool, list[Message]]]:
    """The turns but for the system's, those that stand together in one list: whether it is the assistant's, and they."""
    done: list[tuple[bool, list[Message]]] = []
    for message in messages:
        if message.role in SYSTEM_ROLES:
            continue
        answered = message.role == "assistant"
        if done and not answered and not done[-1][0] and done[-1][1][-1].role == "tool":
            done[-1][1].append(message)
        else:
            done.append((answered, [message]))
    return done


def read(turns: Sequence[Any], system: Any, tools: Any) -> tuple[Example | None, list[Problem]]:
    """The example of turns that are lists of parts, with the system text (text or parts) and the tools of their record."""
    found: list[Problem] = []
    messages: list[Message] = []
    try:
        if system:
            messages += read_turns([{"role": "system", "content": system}])
        messages += read_turns(list(turns))
    except Unreadable as reason:
        return None, [Problem("content", str(reason))]
    known, understood = read_tools(tools) if tools is not None else ((), True)
    if not understood:
        found.append(Problem("tool_definition", "the tools are no list of objects"))
    return Example(Ref("", 0, None), without_names_of_results(tuple(messages)), tools=known), found
