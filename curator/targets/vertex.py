"""Google's form for tuning Gemini on Vertex AI: contents of parts, functions declared with Gemini's own schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from curator.model import Example, Message, Severity
from curator.targets import blocks, chat
from curator.targets.base import Target
from curator.targets.problem import FileProblem, Problem

_ROOT = frozenset({"systemInstruction", "system_instruction", "contents", "tools"})
_DECLARED = frozenset({"name", "description", "parameters"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
_MOST_FUNCTIONS = 128
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})
_SCHEMA = frozenset(
    "type format title description nullable default items minItems maxItems enum properties propertyOrdering required "
    "minProperties maxProperties minimum maximum minLength maxLength pattern example anyOf additionalProperties".split()
)
"""What Gemini's Schema has of JSON Schema, see https://cloud.google.com/vertex-ai/docs/reference/rest/v1/Schema."""
_FEW_TO_VALIDATE = 1000
_SHARE_TO_VALIDATE = 0.3


class Vertex(Target):
    """`{"systemInstruction": {…}, "contents": [{"role": "user", "parts": […]}, {"role": "model", "parts": […]}], "tools": […]}`."""

    name = "vertex"
    minds_plain = False

    def own_problems(self, example: Example) -> list[Problem]:
        return [*_names(example), *_schemas(example)]

    def record(self, example: Example) -> dict[str, Any]:
        messages = chat.with_ids(example.messages)
        names = blocks.called(messages)
        written: dict[str, Any] = {}
        if system := blocks.system_text(messages):
            written["systemInstruction"] = {"role": "system", "parts": [{"text": system}]}
        written["contents"] = [
            {
                "role": "model" if answered else "user",
                "parts": [part for turn in _in_order(turns, names) for part in _parts(turn, names)],
            }
            for answered, turns in blocks.sides(messages)
        ]
        if example.tools:
            written["tools"] = [{"functionDeclarations": [_declaration(tool["function"]) for tool in example.tools]}]
        return written

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        found = [Problem("unknown_key", f"unknown key {key!r}", "remove it") for key in sorted(set(record) - _ROOT)]
        contents = record.get("contents")
        if not isinstance(contents, list) or not contents:
            fix = 'write {"contents": [{"role": "user", "parts": [{"text": "…"}]}, {"role": "model", "parts": [{"text": "…"}]}]}'
            return None, [*found, Problem("contents", "there is no list of contents", fix)]
        # The documents leave out the role of turns with the answer of a function, which is the user's then.
        contents = [{"role": "user", **turn} if isinstance(turn, Mapping) else turn for turn in contents]
        found += _form(contents)
        if any(problem.rule == "contents" for problem in found):
            return None, found
        system = record.get("systemInstruction", record.get("system_instruction"))
        if system is not None and not _has_texts(system):
            found.append(
                Problem(
                    "system", "systemInstruction is no object with parts of text", 'write {"parts": [{"text": "…"}]}'
                )
            )
            system = None
        example, problems = blocks.read(contents, system and system["parts"], record.get("tools"))
        return example, [*found, *problems]

    def release_problems(self, rows: Mapping[str, int]) -> list[FileProblem]:
        held, train = rows.get("validation", 0), rows.get("train", 0)
        if held <= _FEW_TO_VALIDATE or held <= _SHARE_TO_VALIDATE * train:
            return []
        said = f"{held:,} examples for validation; of more than {_FEW_TO_VALIDATE:,}, {self.title} takes 30% of {train:,} at most"
        return [FileProblem(None, "validation_share", said, "hold out fewer, such as with --split 95/5")]


def _in_order(turns: list[Message], names: Mapping[str, str]) -> list[Message]:
    """Answers of tools in the order of the calls, for there are no ids by which the two could be matched."""
    places = {id: place for place, id in enumerate(names)}
    answers = sorted((t for t in turns if t.role == "tool"), key=lambda turn: places.get(turn.tool_call_id or "", 0))
    return [*answers, *(turn for turn in turns if turn.role != "tool")]


def _parts(message: Message, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        name = names.get(message.tool_call_id or "", message.name)
        # `output` is the key that the documents give to what a function returns; a text stays the text that it is.
        yield {"functionResponse": {"name": name, "response": {"output": message.content or ""}}}
        return
    if message.content or not message.tool_calls:
        yield {"text": message.content or ""}
    for call in message.tool_calls:
        yield {"functionCall": {"name": call.name, "args": chat.arguments(call)}}


def _declaration(function: Mapping[str, Any]) -> dict[str, Any]:
    declared = {key: function[key] for key in ("name", "description") if key in function}
    parameters = function.get("parameters")
    # A function without parameters has none at all: an object without properties is refused.
    if isinstance(parameters, Mapping) and parameters.get("properties"):
        declared["parameters"] = _schema(parameters)
    return declared


def _schema(schema: Any) -> Any:
    """JSON Schema with the types spelled as Gemini does: STRING, OBJECT and so on."""
    if not isinstance(schema, Mapping):
        return schema
    done = dict(schema)
    if isinstance(done.get("type"), str):
        done["type"] = done["type"].upper()
    if isinstance(done.get("properties"), Mapping):
        done["properties"] = {name: _schema(value) for name, value in done["properties"].items()}
    if "items" in done:
        done["items"] = _schema(done["items"])
    if isinstance(done.get("anyOf"), list):
        done["anyOf"] = [_schema(value) for value in done["anyOf"]]
    return done


def _functions(example: Example) -> Iterator[Mapping[str, Any]]:
    for tool in example.tools:
        function = tool.get("function")
        if isinstance(function, Mapping) and isinstance(function.get("name"), str):
            yield function


def _names(example: Example) -> Iterator[Problem]:
    functions = list(_functions(example))
    if len(functions) > _MOST_FUNCTIONS:
        yield Problem(
            "tool_count", f"{len(functions)} functions; Gemini takes {_MOST_FUNCTIONS} at most", "declare fewer"
        )
    for function in functions:
        if not _NAME.fullmatch(function["name"]):
            said = f"the function name {function['name']!r} is not made of 1 to 64 letters, digits, _ . : and -, a letter or _ first"
            yield Problem("tool_name", said, "rename it in the tools and in the calls")
        if lost := sorted(set(function) - _DECLARED):
            said = f"{lost[0]!r} of the function {function['name']} is left out: Gemini has no such key"
            yield Problem("tool_key", said, None, Severity.INFO)


def _schemas(example: Example) -> Iterator[Problem]:
    for function in _functions(example):
        for said in _unknown(function.get("parameters", {}), _is_known):
            fix = "write it as Gemini's Schema has it, such as anyOf for oneOf, or nullable for a type of null"
            yield Problem(
                "tool_schema", f"the parameters of {function['name']} have {said}, which Gemini does not know", fix
            )
            break


def _is_known(schema: Mapping[str, Any]) -> str | None:
    """What Gemini does not know in one level of a schema."""
    if unknown := sorted(set(schema) - _SCHEMA):
        return f"the key {unknown[0]!r}"
    kind = schema.get("type")
    if kind is not None and not (isinstance(kind, str) and kind.lower() in _TYPES):
        return f"the type {kind!r}"
    values = schema.get("enum")
    if values is not None and not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
        return "an enum of other values than texts"
    return None


def _unknown(schema: Any, look: Callable[[Mapping[str, Any]], str | None]) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    if said := look(schema):
        yield said
    properties = schema.get("properties")
    below = [*(properties.values() if isinstance(properties, Mapping) else ()), schema.get("items")]
    for one in [*below, *(schema.get("anyOf") or ())]:
        yield from _unknown(one, look)


def _form(contents: list[Any]) -> Iterator[Problem]:
    """What is wrong with turns as they are written."""
    before = None
    for index, turn in enumerate(contents, 1):
        parts = turn.get("parts") if isinstance(turn, Mapping) else None
        if not isinstance(parts, list) or not parts or not all(isinstance(part, Mapping) for part in parts):
            yield Problem(
                "contents", f"turn {index} is no object with a list of parts", 'write {"role": "user", "parts": […]}'
            )
            continue
        role = turn["role"]
        if role not in ("user", "model"):
            yield Problem("role", f"turn {index} has the role {role!r}", "use user or model")
        for part in parts:
            yield from _part_form(index, part)
        # Two texts of the user are found in the conversation; an answer of a tool beside one is not.
        answers = any("functionResponse" in part for part in parts)
        if before is not None and role == before[0] == "user" and (answers or before[1]):
            yield Problem(
                "alternation", f"turn {index} follows another turn of the user", "put both into one list of parts"
            )
        before = (role, answers)


def _part_form(index: int, part: Mapping[str, Any]) -> Iterator[Problem]:
    kinds = set(part) & {"text", "functionCall", "functionResponse"}
    if set(part) - kinds or len(kinds) != 1:
        said = f"turn {index} has a part that is not one text, functionCall or functionResponse"
        yield Problem("contents", said, "give each part one of the three; files cannot be read here")
    elif "text" in part and not isinstance(part["text"], str):
        yield Problem("contents", f"turn {index} has a text that is none", "write it as text")
    elif "functionResponse" in part and not _named(part["functionResponse"], "response"):
        yield Problem("contents", f"turn {index} has a functionResponse without a name and an object as response")
    elif "functionCall" in part and not _named(part["functionCall"], "args"):
        yield Problem("contents", f"turn {index} has a functionCall without a name and an object as args")


def _named(value: Any, key: str) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("name"), str) and isinstance(value.get(key, {}), Mapping)


def _has_texts(system: Any) -> bool:
    parts = system.get("parts") if isinstance(system, Mapping) else None
    return isinstance(parts, list) and all(isinstance(p, Mapping) and isinstance(p.get("text"), str) for p in parts)


TARGET = Vertex()
