"""JSON answers: whether they are JSON and keep to the schema, and which of their fields are right."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from curator.checks.data import INVALID, parse_json
from curator.checks.schema import MOST_JSON, infer
from curator.comparison.normal import unfenced
from curator.errors import InputError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Pair = tuple[str, str]


def are_json(outputs: Sequence[str]) -> bool:
    """Whether nearly all right answers are JSON objects or lists, so that answers are compared field by field."""
    found = sum(isinstance(parse_json(text), dict | list) for text in outputs)
    return bool(outputs) and found >= MOST_JSON * len(outputs)


def schema_of(outputs: Sequence[str], given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The schema that answers must keep: the one given, or what nearly all right answers share; None: too few to tell."""
    return given if given is not None else infer([v for v in map(parse_json, outputs) if v is not INVALID])


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """A validator that loads nothing from anywhere."""
    from jsonschema import Draft202012Validator
    from referencing.jsonschema import EMPTY_REGISTRY

    return Draft202012Validator(dict(schema), registry=EMPTY_REGISTRY)


def adheres(text: str, rules: Draft202012Validator) -> bool:
    """Whether a text is JSON as it stands and keeps to the schema. Raises InputError for a schema that cannot be used."""
    from referencing.exceptions import Unresolvable

    value = parse_json(text)
    if value is INVALID:
        return False
    try:
        return bool(rules.is_valid(value))
    except (Unresolvable, RecursionError) as error:
        raise InputError(f"the JSON Schema cannot be used ({error}); put what it refers to under its $defs") from error


def pairs(text: str) -> Counter[Pair] | None:
    """The values in a JSON text with their fields, repetitions counted; None where it is no JSON object or list.

    A list's items share one field, so that their order does not matter. A fence of ``` around it is passed over.
    """
    value = parse_json(unfenced(text))
    return Counter(_leaves(value)) if isinstance(value, dict | list) else None


def _leaves(value: Any) -> Iterator[Pair]:
    todo: list[tuple[str, Any]] = [("", value)]
    while todo:
        path, held = todo.pop()
        if isinstance(held, dict) and held:
            todo.extend((f"{path}.{key}" if path else str(key), inner) for key, inner in held.items())
        elif isinstance(held, list) and held:
            todo.extend((f"{path}[]", inner) for inner in held)
        else:
            yield path, _plain(held)


def _plain(value: Any) -> str:
    """A value as it is compared: texts without spaces around them, 1.0 as 1."""
    if isinstance(value, str):
        return json.dumps(" ".join(value.split()), ensure_ascii=False)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value)
