"""The shapes a record can have, most specific first: how to tell each, and how to read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from curator.formats import argilla, chatml, doccano, label_studio, prodigy
from curator.formats.annotations import Annotated, example_of
from curator.formats.kto import UNDESIRABLE
from curator.formats.pairs import fields_of, is_label_name, name_fields, read_pair
from curator.formats.records import FieldMap, Unreadable, lookup, text_of
from curator.formats.turns import is_turns, read_tools, read_turns, without_names_of_results
from curator.model import Example, Message, Ref

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A way to lay out a record: `matches` tells it, `read` makes the example (or raises Unreadable)."""

    name: str
    title: str
    matches: Callable[[Record], bool]
    read: Callable[[Record, Ref, FieldMap], Example]


def recognise(record: Record) -> Shape | None:
    """The most specific shape that the record has, None where its keys say nothing."""
    return next((shape for shape in SHAPES.values() if shape.matches(record)), None)


def read_record(record: Any, ref: Ref, shape: Shape, fields: FieldMap, *, strict: bool) -> Example:
    """The example in a record of a file of one shape; raises Unreadable.

    A record that plainly has another shape is read by that one, unless `strict`.
    """
    if not isinstance(record, dict):
        raise Unreadable(f"not a record with named fields but {_kind(record)}")
    if shape.matches(record):
        return shape.read(record, ref, fields)
    other = recognise(record)
    if other is not None and other.name not in _BY_FIELDS:
        if strict:
            raise Unreadable(f"looks like {other.title}, this file is {shape.title}")
        return other.read(record, ref, FieldMap())
    if shape.name in _BY_FIELDS:
        return shape.read(record, ref, fields)
    if other is None or other.name == "inputs" or strict:
        look = f"looks like {other.title}" if other else f"its fields are {', '.join(map(str, record)) or 'none'}"
        raise Unreadable(f"{look}, this file is {shape.title}")
    return other.read(record, ref, FieldMap())


def _kind(value: Any) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _chat(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    return _conversation(record, ref, "messages")


def _sharegpt(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    return _conversation(record, ref, "conversations" if "conversations" in record else "conversation")


def _conversation(record: Record, ref: Ref, key: str) -> Example:
    messages = read_turns(record[key])
    if len(record) == 1:
        return Example(ref, messages)
    rest = {name: value for name, value in record.items() if name != key}
    return _with_root(Example(ref, _system_first(rest, messages)), rest)


def _system_first(rest: dict[str, Any], messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """The messages with a system text from the record's root (text, content blocks or parts) in front."""
    for key in ("system", "system_prompt", "systemInstruction", "system_instruction"):
        value = rest.get(key)
        if isinstance(value, dict):
            value = value.get("parts", value.get("content"))
        if isinstance(value, str | list):
            del rest[key]
            if value:
                return (*read_turns([{"role": "system", "content": value}]), *messages)
    return messages


def _with_root(example: Example, rest: dict[str, Any]) -> Example:
    """The example with tools and flags taken from the record's root, and what is left there as extra."""
    tools: tuple[Mapping[str, Any], ...] = ()
    for key in ("tools", "toolConfig"):
        if key in rest and not tools:
            tools, understood = read_tools(rest[key])
            if understood or rest[key] is None:
                del rest[key]
    functions = rest.get("functions")
    if not tools and isinstance(functions, list) and all(isinstance(f, dict) for f in functions):
        tools = tuple({"type": "function", "function": function} for function in rest.pop("functions"))
    parallel = rest.get("parallel_tool_calls")
    if parallel is None or isinstance(parallel, bool):
        rest.pop("parallel_tool_calls", None)
    else:
        parallel = None
    return Example(example.ref, example.messages, tools, example.non_preferred, parallel, extra=rest)


def _openai_dpo(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    rest = dict(record)
    asked = rest.pop("input", None)
    before: tuple[Message, ...] = ()
    if isinstance(asked, dict):
        asked = dict(asked)
        before = read_turns(asked.pop("messages", None))
        rest.update({key: value for key, value in asked.items() if key not in rest})
    elif asked is not None:
        before = _as_turns(asked, "user")
    preferred = _as_turns(rest.pop("preferred_output"), "assistant")
    other = _as_turns(rest.pop("non_preferred_output", None), "assistant")
    return _with_root(Example(ref, (*before, *preferred), non_preferred=other), rest)


def _preference(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    rest = dict(record)
    chosen = _as_turns(rest.pop("chosen"), "assistant")
    rejected = _as_turns(rest.pop("rejected"), "assistant")
    before: tuple[Message, ...] = ()
    key = next((k for k in ("prompt", "conversations", "question", "instruction", "input") if k in rest), None)
    if key is not None:
        before = _as_turns(rest.pop(key), "user")
    shared = 0  # TRL's implicit prompt: both answers start with the same turns
    while shared < min(len(chosen), len(rejected)) - 1 and chosen[shared] == rejected[shared]:
        shared += 1
    # Full conversations hold the prompt already; UltraFeedback repeats it as a text beside them.
    repeated = shared and len(before) == 1 and any(before[0].content == turn.content for turn in chosen[:shared])
    if repeated or chosen[: len(before)] == before:
        before = ()
    messages = _system_first(rest, (*before, *chosen))
    return _with_root(Example(ref, messages, non_preferred=rejected[shared:]), rest)


def _kto(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    if record["label"] is False:
        raise Unreadable(UNDESIRABLE)
    return _prompt_completion({key: value for key, value in record.items() if key != "label"}, ref, FieldMap())


def _prompt_completion(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    rest = dict(record)
    asked = _as_turns(rest.pop("prompt", None), "user")
    messages = _system_first(rest, (*asked, *_as_turns(rest.pop("completion"), "assistant")))
    if not any(message.text.strip() for message in messages):
        raise Unreadable("neither input nor output")
    return _with_root(Example(ref, messages), rest)


def completion_turns(value: Any) -> tuple[Message, ...]:
    """The turns of an output, however it is given. Raises Unreadable."""
    return _as_turns(value, "assistant")


def _as_turns(value: Any, role: str) -> tuple[Message, ...]:
    """Turns given as a list, as one turn, or as the text of one."""
    if isinstance(value, list) and value:
        return read_turns(value)
    if isinstance(value, dict):
        return read_turns([value])
    return (Message(role, "" if value == [] else text_of(value)),)


def _gemini(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    example = _conversation(record, ref, "contents")
    return replace(example, messages=without_names_of_results(example.messages))


def _chatml(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    messages, tools = chatml.read(record["text"])
    return Example(ref, messages, tools, extra={key: value for key, value in record.items() if key != "text"})


def _inputs(record: Record, ref: Ref, fields: FieldMap) -> Example:
    """A record with a text and no output, as eval files may be: one user turn."""
    name = fields.input or name_fields(tuple(record)).input
    value = lookup(record, name) if name else None
    if is_turns(value):
        messages = read_turns(value)
    elif text := text_of(value):
        messages = (Message("user", text),)
    else:
        raise Unreadable("neither input nor output")
    return Example(ref, messages, extra={key: item for key, item in record.items() if key != name})


def _pair(record: Record, ref: Ref, fields: FieldMap) -> Example:
    if "completion" in record and isinstance(record.get("prompt"), list | dict):
        return _prompt_completion(record, ref, fields)
    return read_pair(record, ref, fields)


def _mapped(record: Record, ref: Ref, fields: FieldMap) -> Example:
    return read_pair(record, ref, fields, exact=True)


def _is_alpaca(record: Record) -> bool:
    return "instruction" in record and "output" in record


def _is_text_label(record: Record) -> bool:
    named = name_fields(tuple(record))
    return named.is_pair and is_label_name(named.output)


def _is_pair(record: Record) -> bool:
    return name_fields(tuple(record)).is_pair


def _has_blocks(record: Record) -> bool:
    """Converse: content is a list of blocks that name no type."""
    turns = record.get("messages")
    if not isinstance(turns, list) or not is_turns(turns):
        return False
    content = turns[0].get("content")
    return isinstance(content, list) and bool(content) and isinstance(content[0], dict) and "type" not in content[0]


def _is_gemini(record: Record) -> bool:
    turns = record.get("contents")
    return isinstance(turns, list) and bool(turns) and isinstance(turns[0], dict) and "parts" in turns[0]


def _is_chat(record: Record) -> bool:
    return isinstance(record.get("messages"), list)


def _converse(record: Record, ref: Ref, _fields: FieldMap) -> Example:
    # The version of the form says nothing of the example.
    return _conversation({key: value for key, value in record.items() if key != "schemaVersion"}, ref, "messages")


def _is_chatml(record: Record) -> bool:
    return chatml.is_chatml(record.get("text")) and name_fields(tuple(record)).output is None


def _has_list(record: Record, *keys: str) -> bool:
    return any(isinstance(record.get(key), list) for key in keys)


def _annotated(read: Callable[[Record], Annotated]) -> Callable[[Record, Ref, FieldMap], Example]:
    return lambda record, ref, _fields: example_of(read(record), ref)


ANNOTATED: dict[str, Callable[[Record], Annotated]] = {
    "label-studio": label_studio.task,
    "label-studio-min": label_studio.row,
    "argilla": argilla.annotated,
    "prodigy": prodigy.annotated,
    "doccano": doccano.annotated,
}
"""The shapes that annotation tools write, and what tells the annotators' answers in a record."""


SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("label-studio", "Label Studio JSON", label_studio.is_task, _annotated(label_studio.task)),
        Shape("label-studio-min", "Label Studio JSON_MIN or CSV", label_studio.is_row, _annotated(label_studio.row)),
        Shape("argilla", "Argilla records", argilla.is_argilla, _annotated(argilla.annotated)),
        Shape("prodigy", "Prodigy annotations", prodigy.is_prodigy, _annotated(prodigy.annotated)),
        Shape("doccano", "doccano annotations", doccano.is_doccano, _annotated(doccano.annotated)),
        Shape("openai-dpo", "OpenAI preference pairs", lambda r: "preferred_output" in r, _openai_dpo),
        Shape("gemini", "Gemini contents", _is_gemini, _gemini),
        Shape(
            "bedrock-nova",
            "Bedrock Converse (Nova)",
            lambda r: ("schemaVersion" in r and _has_list(r, "messages")) or _has_blocks(r),
            _converse,
        ),
        Shape("preference", "TRL preference pairs", lambda r: "chosen" in r and "rejected" in r, _preference),
        Shape(
            "bedrock-claude",
            "Bedrock Claude messages",
            lambda r: isinstance(r.get("system"), str) and _has_list(r, "messages"),
            _chat,
        ),
        Shape("openai", "OpenAI chat messages", _is_chat, _chat),
        Shape("sharegpt", "ShareGPT conversations", lambda r: _has_list(r, "conversations", "conversation"), _sharegpt),
        Shape("chatml", "a text in ChatML", _is_chatml, _chatml),
        Shape(
            "kto",
            "TRL KTO (prompt, completion, label)",
            lambda r: isinstance(r.get("label"), bool) and "prompt" in r and "completion" in r,
            _kto,
        ),
        Shape("alpaca", "Alpaca instructions", _is_alpaca, _pair),
        Shape("text-label", "a text and its label", _is_text_label, _pair),
        Shape("prompt-completion", "an input and an output", _is_pair, _pair),
        Shape(
            "inputs",
            "texts without outputs",
            lambda r: name_fields(tuple(r)).input is not None,
            _inputs,
        ),
    )
}
MAPPED = Shape("mapped", "fields named by the user", lambda r: True, _mapped)
COLUMNS = Shape("columns", "fields told by their values", lambda r: True, _mapped)
_BY_FIELDS = frozenset({"alpaca", "prompt-completion", "text-label", "inputs"})


def shape_named(name: str) -> Shape:
    """The shape of a detection."""
    return {"mapped": MAPPED, "columns": COLUMNS}.get(name) or SHAPES[name]


def fields_in_use(shape: Shape, record: Record, fields: FieldMap) -> FieldMap:
    """The fields of a record that the shape reads as input, output and system, for showing."""
    if shape.name not in _BY_FIELDS and shape.name not in ("mapped", "columns"):
        return fields
    found = fields_of(record, fields, exact=False)
    return FieldMap(found.input, None if shape.name == "inputs" else found.output, found.system)
