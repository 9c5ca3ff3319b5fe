"""Turns of a conversation as the providers write them, read into messages.

One reader for all of them: OpenAI (`role`, `content`, `tool_calls`), ShareGPT (`from`, `value`), Gemini
(`parts`), Anthropic and Bedrock Converse (lists of content blocks).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curator.formats.records import Unreadable, dump_json, parse_json, text_of
from curator.model import Message, ToolCall

_PLAIN = frozenset({"system", "developer", "user", "assistant"})
_ROLES = {
    **dict.fromkeys(("human", "prompter"), "user"),
    **dict.fromkeys(("gpt", "chatgpt", "model", "ai", "bot", "bing", "bard", "claude"), "assistant"),
    **dict.fromkeys(("function", "observation", "tool_response", "function_response", "ipython"), "tool"),
}
_CALL_ROLES = frozenset({"function_call", "tool_call"})
_TOOL_PARTS = (
    (("tool_use", "toolUse", "functionCall", "function_call"), "call"),
    (("tool_result", "toolResult", "functionResponse", "function_response"), "result"),
)
_GEMINI_TYPES = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})
_TEXT_TYPES = frozenset({"text", "input_text", "output_text"})


def is_turns(value: Any) -> bool:
    """Whether the value is a list of turns, judged by its first item."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return False
    first = value[0]
    return ("role" in first and ("content" in first or "parts" in first or "tool_calls" in first)) or (
        "from" in first and "value" in first
    )


def read_turns(turns: Any) -> tuple[Message, ...]:
    """The messages of a list of turns. Raises Unreadable with the number of the turn."""
    if not isinstance(turns, list) or not turns:
        raise Unreadable("a conversation without turns")
    messages: list[Message] = []
    for number, turn in enumerate(turns, 1):
        if type(turn) is dict and len(turn) == 2:  # the common case, kept short: it decides the speed
            role, content = turn.get("role"), turn.get("content")
            if type(content) is str and type(role) is str and role in _PLAIN:
                messages.append(Message(role, content))
                continue
        try:
            messages.extend(_read_turn(turn))
        except Unreadable as reason:
            raise Unreadable(f"turn {number}: {reason}") from None
    return tuple(messages)


def read_tools(tools: Any) -> tuple[tuple[Mapping[str, Any], ...], bool]:
    """Tool definitions in OpenAI's form, and whether the value was understood.

    Takes a list, the JSON text of one, Gemini's `functionDeclarations`, Converse's `toolSpec`, and bare functions as Anthropic has them.
    """
    if isinstance(tools, str):
        if not tools.strip():
            return (), True
        try:
            tools = parse_json(tools)
        except Unreadable:
            return (), False
    if isinstance(tools, dict) and isinstance(tools.get("tools"), list):
        tools = tools["tools"]
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        return (), False
    found: list[Mapping[str, Any]] = []
    for tool in tools:
        declared = tool.get("functionDeclarations", tool.get("function_declarations"))
        spec = tool.get("toolSpec")
        if isinstance(declared, list):
            found += [{"type": "function", "function": _from_gemini(function)} for function in declared]
        elif isinstance(spec, dict):
            schema = spec.get("inputSchema")
            function = {key: value for key, value in spec.items() if key != "inputSchema"}
            if schema is not None:
                function["parameters"] = schema.get("json", schema) if isinstance(schema, dict) else schema
            found.append({"type": "function", "function": function})
        elif (
            isinstance(tool.get("name"), str) and "function" not in tool and tool.get("type", "function") == "function"
        ):
            function = {("parameters" if key == "input_schema" else key): tool[key] for key in tool if key != "type"}
            found.append({"type": "function", "function": function})
        else:
            found.append(_with_parameters(tool))
    return tuple(found), True


def _with_parameters(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tool with its parameters as an object, where they are JSON text, as axolotl has them."""
    function = tool.get("function")
    if not isinstance(function, dict) or not isinstance(function.get("parameters"), str):
        return tool
    try:
        parameters = parse_json(function["parameters"])
    except Unreadable:
        return tool
    return {**tool, "function": {**function, "parameters": parameters}} if isinstance(parameters, dict) else tool


def _from_gemini(function: Any) -> Any:
    """A function with the types of its parameters as JSON Schema spells them: Gemini writes STRING, OBJECT and so on."""
    if not isinstance(function, dict) or not isinstance(function.get("parameters"), dict):
        return function
    return {**function, "parameters": _lower_types(function["parameters"])}


def _lower_types(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    done = dict(schema)
    kind = done.get("type")
    if isinstance(kind, str) and kind in _GEMINI_TYPES:
        done["type"] = kind.lower()
    if isinstance(done.get("properties"), dict):
        done["properties"] = {name: _lower_types(value) for name, value in done["properties"].items()}
    if "items" in done:
        done["items"] = _lower_types(done["items"])
    if isinstance(done.get("anyOf"), list):
        done["anyOf"] = [_lower_types(value) for value in done["anyOf"]]
    return done


def without_names_of_results(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The same turns without the names of tool results that repeat those of the calls before them, one by one.

    Gemini has no ids: what a result answers is told by its name, which says no more than the order does.
    """
    done: list[Message] = []
    waiting: list[ToolCall] = []
    for message in messages:
        if message.role != "tool":
            waiting = list(message.tool_calls)
        elif waiting:
            call = waiting.pop(0)
            if call.id is None and message.tool_call_id is None and message.name == call.name:
                message = replace(message, name=None)
        done.append(message)
    return tuple(done)


def _read_turn(turn: Any) -> list[Message]:
    if not isinstance(turn, dict):
        raise Unreadable("not an object with a role")
    rest = dict(turn)
    role = rest.pop("role" if "role" in rest else "from", None)
    if not isinstance(role, str) or not role:
        raise Unreadable("it has no role")
    content = rest.pop(next((key for key in ("content", "value", "parts") if key in rest), "content"), None)
    if role in _CALL_ROLES:
        return [_call_turn(content, rest)]
    role = _role(role)
    calls = _take_calls(rest)
    text, part_calls, results = _read_content(content)
    calls += part_calls
    messages = [Message("tool", result, tool_call_id=id, name=name) for id, name, result in results]
    if results and text is None and not calls:
        return messages
    if text is None and not calls:
        text = ""
    message = Message(
        role,
        text,
        tuple(calls),
        tool_call_id=_take_text(rest, "tool_call_id"),
        name=_take_text(rest, "name"),
        weight=_take_weight(rest, of_answer=role == "assistant"),
        extra=rest,
    )
    return [*messages, message]


def _role(given: str) -> str:
    """The role as it is called here; in whatever case it was written. One that is unknown stays as it was given."""
    plain = given.strip().lower()
    return _ROLES.get(plain, plain if plain in _PLAIN or plain == "tool" else given)


def _call_turn(content: Any, rest: dict[str, Any]) -> Message:
    """ShareGPT's function_call turn: its value is the JSON text of one call or of a list of them."""
    value = content
    if isinstance(value, str):
        try:
            value = parse_json(value)
        except Unreadable:
            return Message("assistant", text_of(content), extra=rest)
    calls = value if isinstance(value, list) else [value]
    if not calls or not all(isinstance(call, dict) and isinstance(call.get("name"), str) for call in calls):
        return Message("assistant", text_of(content), extra=rest)
    return Message("assistant", None, tuple(_call(call) for call in calls), weight=_take_weight(rest), extra=rest)


def _take_calls(rest: dict[str, Any]) -> list[ToolCall]:
    calls = rest.pop("tool_calls", None)
    if isinstance(calls, str) and calls.strip():
        calls = parse_json(calls)
    if calls is not None and not isinstance(calls, list | str):
        raise Unreadable("tool_calls is not a list")
    found = [_call(call) for call in calls or ()]
    old = rest.pop("function_call", None)
    if isinstance(old, dict):
        found.append(_call(old))
    return found


def _call(call: Any) -> ToolCall:
    if not isinstance(call, dict):
        raise Unreadable("a tool call that is not an object")
    function = call["function"] if isinstance(call.get("function"), dict) else call
    name = function.get("name")
    if not isinstance(name, str):
        raise Unreadable("a tool call without a name")
    arguments = next((function[key] for key in ("arguments", "args", "input", "parameters") if key in function), None)
    text = "{}" if arguments is None else text_of(arguments)
    id = call.get("id", call.get("toolUseId"))
    return ToolCall(name, text, None if id is None else text_of(id))


def _read_content(content: Any) -> tuple[str | None, list[ToolCall], list[tuple[str | None, str | None, str]]]:
    """Text, tool calls and tool results (id, name, text) of a turn's content."""
    if not isinstance(content, list):
        return (None if content is None else text_of(content)), [], []
    texts: list[str] = []
    calls: list[ToolCall] = []
    results: list[tuple[str | None, str | None, str]] = []
    for part in content:
        kind, value = _part_kind(part)
        if kind == "text":
            texts.append(value)
        elif kind == "call":
            calls.append(_call(value))
        elif kind == "result":
            results.append(_result(value))
        else:
            raise Unreadable(f"a part of the kind {kind}; only text can be read")
    return ("".join(texts) if texts else None), calls, results


def _part_kind(part: Any) -> tuple[str, Any]:
    if isinstance(part, str):
        return "text", part
    if not isinstance(part, dict):
        return type(part).__name__, None
    kind = part.get("type")
    if not isinstance(kind, str | None):
        return "unknown", None
    if isinstance(part.get("text"), str) and (kind is None or kind in _TEXT_TYPES):
        return "text", part["text"]
    if kind == "refusal" and isinstance(part.get("refusal"), str):
        return "text", part["refusal"]
    for names, meaning in _TOOL_PARTS:
        if kind in names:
            return meaning, part
        for name in names:
            if isinstance(part.get(name), dict):
                return meaning, part[name]
    named = str(kind) if kind else next((str(key) for key in part), "unknown")
    return (f"{named} that is none" if named in ("text", "call", "result") else named), None


def _result(value: Mapping[str, Any]) -> tuple[str | None, str | None, str]:
    id = next((value[key] for key in ("tool_use_id", "toolUseId", "id") if key in value), None)
    content = value.get("content", value.get("response"))
    if isinstance(content, dict) and "content" not in value and set(content) == {"output"}:
        content = content["output"]  # what Gemini's documents call the key of a result that is no object
    if isinstance(content, list):
        parts = [_part_kind(part) for part in content]
        if all(kind == "text" for kind, _ in parts):
            content = "".join(text for _, text in parts)
        elif any(kind not in ("text", "json") for kind, _ in parts):
            raise Unreadable("a tool result that is not text")
    name = value.get("name")
    return (None if id is None else text_of(id)), (name if isinstance(name, str) else None), text_of(content)


def _take_text(rest: dict[str, Any], key: str) -> str | None:
    value = rest.get(key)
    if value is None or isinstance(value, str):
        rest.pop(key, None)
        return value
    return None


def _take_weight(rest: dict[str, Any], *, of_answer: bool = False) -> float | None:
    """OpenAI's `weight`; or, of the model's turns, axolotl's `train`, which says so by true and false."""
    value = rest.get("weight")
    if of_answer and "weight" not in rest and isinstance(rest.get("train"), bool):
        return int(rest.pop("train"))
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        rest.pop("weight", None)
        return value
    return None


def openai_turns(messages: tuple[Message, ...], *, arguments_as_text: bool = True) -> list[dict[str, Any]]:
    """The messages as OpenAI writes them, with their extra keys; `read_turns` undoes it.

    With `arguments_as_text` false, tool arguments are objects, as chat templates want them. Raises
    Unreadable where they are not the JSON text of an object.
    """
    return [_openai_turn(message, arguments_as_text) for message in messages]


def _openai_turn(message: Message, arguments_as_text: bool) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        turn["tool_calls"] = [_openai_call(call, arguments_as_text) for call in message.tool_calls]
    if message.tool_call_id is not None:
        turn["tool_call_id"] = message.tool_call_id
    if message.name is not None:
        turn["name"] = message.name
    if message.weight is not None:
        turn["weight"] = int(message.weight) if message.weight == int(message.weight) else message.weight
    return turn | dict(message.extra)


def _openai_call(call: ToolCall, arguments_as_text: bool) -> dict[str, Any]:
    arguments: Any = call.arguments
    if not arguments_as_text:
        arguments = parse_json(arguments)
        if not isinstance(arguments, dict):
            raise Unreadable(f"the arguments of {call.name} are not an object")
    record: dict[str, Any] = {} if call.id is None else {"id": call.id}
    return record | {"type": "function", "function": {"name": call.name, "arguments": arguments}}


def sharegpt_call(call: ToolCall) -> str:
    """A tool call as the value of ShareGPT's function_call turn. Raises Unreadable for broken arguments."""
    return dump_json({"name": call.name, "arguments": parse_json(call.arguments)})
