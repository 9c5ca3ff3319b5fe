"""Tool calls against the tools that the example declares: known names, arguments that meet the declared JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from curator.checks.data import parse_json
from curator.checks.findings import shorten
from curator.model import Example, Severity, ToolCall

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Problem = tuple[str, Severity, str, str]
_PARAMETERS = ("parameters", "input_schema", "inputSchema")
# Names of types that collections of tool calls write for those of JSON Schema.
_TYPES = {
    "str": "string", "text": "string", "int": "integer", "long": "integer", "float": "number", "double": "number",
    "bool": "boolean", "dict": "object", "map": "object", "list": "array", "tuple": "array", "set": "array", "none": "null",
}  # fmt: skip
_KNOWN_TYPES = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})


def problems(example: Example) -> Iterator[Problem]:
    """What is wrong with the calls and their results, each as (rule, severity, message, excerpt)."""
    asked: set[str] = set()
    offered = {str(f.get("name")): f for t in example.tools if isinstance(f := t.get("function", t), Mapping)}
    for message in example.messages:
        for call in message.tool_calls:
            if call.id:
                asked.add(call.id)
            arguments = parse_json(call.arguments)
            if not isinstance(arguments, dict):
                said = f"the arguments of the call to {call.name!r} are not a JSON object"
                yield "tool_arguments", Severity.ERROR, said, call.arguments
            if offered and call.name not in offered:
                said = f"a call to {call.name!r}, which the tools do not offer"
                yield "unknown_tool", Severity.ERROR, said, call.name
            elif offered and isinstance(arguments, dict):
                yield from _arguments(call, arguments, offered[call.name])
        if message.role == "tool" and message.tool_call_id not in asked:
            yield "tool_result", Severity.ERROR, "a tool result that answers no call", message.text


def _arguments(call: ToolCall, arguments: dict[str, Any], tool: Mapping[str, Any]) -> Iterator[Problem]:
    from referencing.exceptions import Unresolvable

    declared = next((tool[key] for key in _PARAMETERS if isinstance(tool.get(key), Mapping)), None)
    if declared is None or not ({"properties", "required", "$ref", "anyOf", "oneOf", "allOf"} & declared.keys()):
        return
    validator = _validator(json.dumps(declared, sort_keys=True, default=str))
    if validator is None:
        said = f"the parameters declared for {call.name!r} are no valid JSON Schema"
        yield "tool_definition", Severity.WARNING, said, shorten(json.dumps(declared, default=str))
        return
    try:
        errors = sorted(validator.iter_errors(arguments), key=lambda e: (list(map(str, e.absolute_path)), e.message))
    except (Unresolvable, RecursionError):
        said = f"the parameters declared for {call.name!r} refer to what they do not hold"
        yield "tool_definition", Severity.WARNING, said, shorten(json.dumps(declared, default=str))
        return
    if errors:
        first = errors[0]
        where = "" if first.json_path == "$" else f" at {first.json_path}"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        said = f"the call to {call.name!r} does not fit the tool{where}: {shorten(first.message, 120)}{more}"
        yield "tool_schema", Severity.ERROR, said, call.arguments
    properties = declared.get("properties")
    if isinstance(properties, Mapping) and properties and "additionalProperties" not in declared:
        patterned = "patternProperties" in declared or {"$ref", "anyOf", "oneOf", "allOf"} & declared.keys()
        if (unknown := sorted(arguments.keys() - properties.keys())) and not patterned:
            said = f"the call to {call.name!r} has an argument {unknown[0]!r}, which the tool does not declare"
            yield "tool_schema", Severity.WARNING, said, call.arguments


@lru_cache(maxsize=1024)
def _validator(declared: str) -> Draft202012Validator | None:
    """A validator for parameters given as JSON text; None where they are no JSON Schema."""
    from jsonschema import Draft202012Validator, SchemaError
    from referencing.jsonschema import EMPTY_REGISTRY

    schema = _standard(json.loads(declared))
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return None
    return Draft202012Validator(schema, registry=EMPTY_REGISTRY)


def _standard(value: Any) -> Any:
    """The schema with the usual names of types; types that JSON Schema does not know say nothing and are left out."""
    if isinstance(value, list):
        return [_standard(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _standard(held) for key, held in value.items()}
    given = plain.get("type")
    # A parameter may be called "type": its value is a schema then, and no name of one.
    if isinstance(given, str):
        known = _TYPES.get(given.casefold(), given.casefold())
        plain["type"] = known
        if known not in _KNOWN_TYPES:
            del plain["type"]
    # Drafts 3 and 4 wrote `required: true` at the parameter itself.
    if isinstance(plain.get("required"), bool):
        del plain["required"]
    return plain
