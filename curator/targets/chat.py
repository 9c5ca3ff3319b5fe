"""Conversations as OpenAI and most others write them: records to examples, and the ids of tool calls."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.model import Example, Message, Ref, ToolCall
from curator.targets.problem import Problem

ROOT_KEYS = frozenset({"messages", "tools", "parallel_tool_calls"})
MESSAGE_KEYS = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "weight"})
REASONING_KEYS = ("reasoning_content", "reasoning")
"""Names for what a model thought before it answered; a `Message` has it in `extra`."""
_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


def arguments(call: ToolCall) -> dict[str, Any] | None:
    """The arguments of a call as a dict, None where they are not the text of a JSON object."""
    try:
        value = json.loads(call.arguments, parse_constant=_no_number)
        json.dumps(value, allow_nan=False)  # 1e999 is read as infinity, which no file can hold
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def with_ids(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The same turns with an id for every tool call and every tool turn; ids that are there stay.

    A missing id is taken from the tool turn that answers the call, else made of 9 letters and digits
    (the only form that Mistral takes), the same in every run.
    """
    if not any(m.role == "tool" or m.tool_calls for m in messages):
        return messages
    done: list[Message] = []
    waiting: list[str] = []
    for index, message in enumerate(messages):
        if message.tool_calls:
            calls = _named(message, index, messages[index + 1 :])
            waiting = [call.id or "" for call in calls]
            message = replace(message, tool_calls=calls)
        elif message.role == "tool":
            if not message.tool_call_id and waiting:
                message = replace(message, tool_call_id=waiting[0])
            if message.tool_call_id in waiting:
                waiting.remove(message.tool_call_id)
        done.append(message)
    return tuple(done)


def _named(message: Message, index: int, after: tuple[Message, ...]) -> tuple[ToolCall, ...]:
    given = {call.id for call in message.tool_calls}
    replies: list[str] = []
    for reply in after:
        if reply.role != "tool":
            break
        if reply.tool_call_id and reply.tool_call_id not in given:
            replies.append(reply.tool_call_id)
    calls = []
    for place, call in enumerate(message.tool_calls):
        if not call.id:
            made = replies.pop(0) if replies else made_id(f"{index} {place} {call.name} {call.arguments}")
            call = replace(call, id=made)
        calls.append(call)
    return tuple(calls)


def reasoning(message: Message) -> str | None:
    """What the model thought before it said this, None where the turn does not tell."""
    return next((message.extra[key] for key in REASONING_KEYS if isinstance(message.extra.get(key), str)), None)


def is_number(value: Any) -> bool:
    """Whether a value of a record is a finite number, however large."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def made_id(text: str) -> str:
    """An id of 9 letters and digits, the same for the same text: the only form that Mistral takes."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=9).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)


def _is_object(text: str) -> bool:
    return arguments(ToolCall("", text, None)) is not None


def _no_number(constant: str) -> float:
    raise ValueError(constant)


def read(
    record: Mapping[str, Any], *, as_object: bool = False, keys: frozenset[str] = MESSAGE_KEYS
) -> tuple[Example | None, list[Problem]]:
    """The example of a `{"messages", "tools", "parallel_tool_calls"}` record, and what is wrong with its form.

    `as_object`: tool arguments are objects in this format, not JSON text. `keys`: those that a turn may have. The example is
    None where the turns cannot be told.
    """
    turns = record.get("messages")
    if not isinstance(turns, list) or not turns:
        fix = 'write {"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}'
        if "messages" in record:
            return None, [Problem("messages", "messages is no list of turns", fix)]
        has = ", ".join(list(map(repr, record))[:4])
        return None, [Problem("messages", f"there are no messages{f', but {has}' if has else ''}", fix)]
    found: list[Problem] = []
    messages = []
    for index, turn in enumerate(turns, 1):
        if not isinstance(turn, Mapping) or not isinstance(turn.get("role"), str):
            return None, [*found, Problem("messages", f"turn {index} is not an object with a role")]
        reader = _TurnReader(index, as_object, keys)
        messages.append(reader.message(turn))
        found += reader.problems
    tools = record.get("tools") or []
    if not isinstance(tools, list) or not all(isinstance(tool, Mapping) for tool in tools):
        found.append(Problem("tool_definition", "tools is not a list of objects"))
        tools = []
    parallel = record.get("parallel_tool_calls")
    if parallel is not None and not isinstance(parallel, bool):
        found.append(Problem("parallel_tool_calls", "parallel_tool_calls is neither true nor false"))
        parallel = None
    example = Example(Ref("", 0, None), tuple(messages), tools=tuple(tools), parallel_tool_calls=parallel)
    return example, found


class _TurnReader:
    """Reads one turn of a record and collects what is wrong with its keys and types."""

    def __init__(self, index: int, as_object: bool, keys: frozenset[str]):
        self.problems: list[Problem] = []
        self._as_object = as_object
        self._keys = keys
        self._turn = f"turn {index}"

    def message(self, turn: Mapping[str, Any]) -> Message:
        role = turn["role"]
        if unknown := sorted(set(turn) - self._keys):
            meant = "content" not in turn and unknown[0] in ("text", "value", "message")
            fix = "call it 'content'" if meant else "remove it"
            self._say("unknown_key", f"has the unknown key {unknown[0]!r}", fix)
        weight = turn.get("weight")
        if weight is not None and (isinstance(weight, bool) or not isinstance(weight, int | float)):
            self._say("weight", "has a weight that is no number", "use 0 or 1")
            weight = None
        return Message(
            role=role,
            content=self._content(turn.get("content"), role),
            tool_calls=self._calls(turn.get("tool_calls")),
            tool_call_id=self._text(turn, "tool_call_id"),
            name=self._text(turn, "name"),
            weight=weight,
            extra={key: turn[key] for key in REASONING_KEYS if key in self._keys and isinstance(turn.get(key), str)},
        )

    def _say(self, rule: str, message: str, fix: str | None = None) -> None:
        self.problems.append(Problem(rule, f"{self._turn} {message}", fix))

    def _text(self, turn: Mapping[str, Any], key: str) -> str | None:
        value = turn.get(key)
        if value is not None and not isinstance(value, str):
            self._say(key, f"has a {key} that is no text")
            return None
        return value

    def _content(self, content: Any, role: str) -> str | None:
        """The text of a turn; of a list of parts, that of its text parts, an image standing as its type."""
        if content is None and role != "assistant":
            self._say("content", "has no content", "write it as text")
        if content is None or isinstance(content, str):
            return content
        if not isinstance(content, list):
            self._say("content", "has a content that is neither text nor a list of parts", "write it as text")
            return str(content)
        texts = []
        for part in content:
            kind = part.get("type") if isinstance(part, Mapping) else None
            if kind == "text" and isinstance(part.get("text"), str):
                texts.append(part["text"])
            elif kind == "image_url" and role == "user" and isinstance(part.get("image_url"), Mapping):
                texts.append("[image]")
            else:
                self._say("content", f"has a part of type {kind!r} that is not allowed in a {role} turn")
        return "\n".join(texts)

    def _calls(self, calls: Any) -> tuple[ToolCall, ...]:
        if calls is None:
            return ()
        if not isinstance(calls, list):
            self._say("tool_calls", "has tool_calls that are no list")
            return ()
        return tuple(call for call in map(self._call, calls) if call is not None)

    def _call(self, call: Any) -> ToolCall | None:
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            self._say("tool_calls", 'has a tool call that is not {"id", "type", "function": {"name", "arguments"}}')
            return None
        given = function.get("arguments")
        if self._as_object and isinstance(given, Mapping):
            given = json.dumps(given, ensure_ascii=False)
        elif self._as_object:
            fix = 'write an object such as {"city": "Oslo"}, not its text'
            self._say("tool_arguments", f"gives {function['name']} arguments that are no object", fix)
            given = given if isinstance(given, str) and _is_object(given) else "{}"
        elif not isinstance(given, str):
            fix = 'write JSON text such as "{\\"city\\": \\"Oslo\\"}"'
            self._say("tool_arguments", f"gives {function['name']} arguments that are no text", fix)
            given = json.dumps(given, ensure_ascii=False) if isinstance(given, Mapping) else "{}"
        if not self._as_object and (not isinstance(call.get("id"), str) or call.get("type") != "function"):
            self._say("tool_calls", 'has a tool call without an id or without "type": "function"')
        return ToolCall(function["name"], given, call.get("id") if isinstance(call.get("id"), str) else None)
