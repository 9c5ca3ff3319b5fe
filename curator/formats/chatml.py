"""ChatML: a whole conversation as one text, with tools as Qwen 2.5 writes them. Written here, and read again.

`<|im_start|>role`, a line end, the turn and `<|im_end|>`. Tools stand in the system turn, between `<tools>` tags; a call of
one between `<tool_call>` tags, after the text of its turn; the answers to calls in a user turn, between `<tool_response>`
tags. Source of the wording around the tools: the chat template of Qwen 2.5 (Apache-2.0).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from curator.formats.records import Unreadable, dump_json, parse_json
from curator.model import SYSTEM_ROLES, Message, ToolCall

START, END = "<|im_start|>", "<|im_end|>"
_CALL, _CALLED = "\n<tool_call>\n", "\n</tool_call>"
_REPLY, _REPLIED = "\n<tool_response>\n", "\n</tool_response>"
_TOOLS = (
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n"
)
_TOOLS_END = (
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments within "
    '<tool_call></tool_call> XML tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
)
_BLOCK = re.compile(re.escape(START) + r"([^\n<]+)(\n.*?)" + re.escape(END) + r"\n?", re.DOTALL)
_CALLS = re.compile(re.escape(_CALL) + "(.*?)" + re.escape(_CALLED), re.DOTALL)
_REPLIES = re.compile(re.escape(_REPLY) + "(.*?)" + re.escape(_REPLIED), re.DOTALL)


def is_chatml(value: Any) -> bool:
    """Whether a text is a conversation in ChatML, judged by its beginning."""
    return isinstance(value, str) and value.startswith(START) and END in value


def write(messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()) -> str:
    """The turns as one text, without a line end after the last one, so that trainers see that it ends as it should.

    The arguments of calls must be JSON text; the texts must not hold the tags that the form itself is made of.
    """
    blocks: list[str] = []
    if tools and (not messages or messages[0].role not in SYSTEM_ROLES):
        blocks.append(f"{START}system\n{_tools(tools)}")
    for index, message in enumerate(messages):
        if message.role == "tool":
            reply = f"{_REPLY}{message.content or ''}{_REPLIED}"
            if index and messages[index - 1].role == "tool":
                blocks[-1] += reply
            else:
                blocks.append(f"{START}user{reply}")
            continue
        role = "system" if message.role in SYSTEM_ROLES else message.role
        text = "\n" + (message.content or "") if message.content or not message.tool_calls else ""
        if index == 0 and tools and role == "system":
            text += ("\n\n" if message.content else "") + _tools(tools)
        blocks.append(f"{START}{role}{text}{''.join(map(_call, message.tool_calls))}")
    return "\n".join(block + END for block in blocks)


def read(text: str) -> tuple[tuple[Message, ...], tuple[Mapping[str, Any], ...]]:
    """The turns and the tools of a text in ChatML. Raises Unreadable where it is none, or its tools are no JSON."""
    messages: list[Message] = []
    tools: tuple[Mapping[str, Any], ...] = ()
    at = 0
    while at < len(text):
        block = _BLOCK.match(text, at)
        if block is None:
            raise Unreadable(f"no turn in ChatML from character {at + 1} on")
        at = block.end()
        role, body = block[1], block[2]
        if role == "system" and not messages and _TOOLS in body:
            body, tools = _taken_apart(body)
            if not body:
                continue
        messages += _turns(role, body)
    if not messages:
        raise Unreadable("a conversation without turns")
    return tuple(messages), tools


def _tools(tools: Sequence[Mapping[str, Any]]) -> str:
    return _TOOLS + "\n".join(json.dumps(tool, ensure_ascii=False) for tool in tools) + _TOOLS_END


def _call(call: ToolCall) -> str:
    said = json.dumps({"name": call.name, "arguments": json.loads(call.arguments)}, ensure_ascii=False)
    return f"{_CALL}{said}{_CALLED}"


def _taken_apart(body: str) -> tuple[str, tuple[Mapping[str, Any], ...]]:
    """A system turn without its tools ("" where nothing else is in it), and the tools."""
    text, _, rest = body.partition(_TOOLS)
    lines, found, _ = rest.partition("\n</tools>")
    tools = [parse_json(line) for line in lines.split("\n") if line.strip()] if found else []
    if not tools or not all(isinstance(tool, dict) for tool in tools):
        raise Unreadable("tools that are no JSON objects")
    return ("" if text == "\n" else text.removesuffix("\n\n")), tuple(tools)


def _turns(role: str, body: str) -> list[Message]:
    if role == "assistant" and _CALL in body and body.endswith(_CALLED):
        text = body[: body.index(_CALL)]
        calls = tuple(_read_call(match[1]) for match in _CALLS.finditer(body))
        return [Message(role, text[1:] or None, calls)]
    if role == "user" and body.startswith(_REPLY):
        replies = _REPLIES.findall(body)
        if "".join(f"{_REPLY}{reply}{_REPLIED}" for reply in replies) == body:
            return [Message("tool", reply) for reply in replies]
    return [Message(role, body[1:])]


def _read_call(text: str) -> ToolCall:
    value = parse_json(text)
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise Unreadable("a tool call without a name")
    return ToolCall(value["name"], dump_json(value.get("arguments", {})))
