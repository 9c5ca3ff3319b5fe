"""Mistral: OpenAI's form with narrower tools: ids of 9 letters and digits, a text or calls, and every tool explained."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from curator.model import Example, Severity
from curator.targets import chat
from curator.targets.conversation import turn_name
from curator.targets.openai import OpenAI
from curator.targets.problem import FileProblem, Problem

_NINE = re.compile(r"[A-Za-z0-9]{9}")


class Mistral(OpenAI):
    """`{"messages", "tools"}`."""

    name = "mistral"
    root_keys = frozenset({"messages", "tools"})
    minds_plain = False

    def own_problems(self, example: Example) -> list[Problem]:
        return [*super().own_problems(example), *_ids(example), *_schemas(example)]

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        example, found = super().read(record)
        for index, message in enumerate(example.messages if example else (), 1):
            if message.name is not None and message.role != "tool":
                said = f"turn {index} ({message.role}) has a name; only a tool's turn may"
                found.append(Problem("unknown_key", said, "remove it"))
        return example, found

    def release_problems(self, rows: Mapping[str, int]) -> list[FileProblem]:
        """The share that its documents give as a rule of thumb: told, refused by nobody."""
        share, held, train = self.rules.max_validation_share, rows.get("validation", 0), rows.get("train", 0)
        if share is None or held <= share * train:
            return []
        said = f"{held:,} examples for validation are more than {share:.0%} of the {train:,} to train on, which Mistral advises"
        return [FileProblem(None, "validation_share", said, "hold out fewer, as with --split 96/4", Severity.WARNING)]


def _ids(example: Example) -> Iterator[Problem]:
    fix = "number the calls by 9 letters and digits"
    for index, message in enumerate(chat.with_ids(example.messages)):
        ids = [call.id or "" for call in message.tool_calls]
        ids += [message.tool_call_id or ""] if message.role == "tool" else []
        for id in ids:
            if not _NINE.fullmatch(id):
                said = f"the tool id {id!r} in {turn_name(index, message)} is not made of exactly 9 letters and digits"
                yield Problem("tool_id", said, fix, mend="renumber-tool-ids")
        if len(set(ids)) < len(ids):
            said = f"{turn_name(index, message)} gives two calls the same id"
            yield Problem("tool_id", said, fix, mend="renumber-tool-ids")


def _schemas(example: Example) -> Iterator[Problem]:
    for tool in example.tools:
        function = tool.get("function")
        parameters = function.get("parameters") if isinstance(function, Mapping) else None
        if isinstance(function, Mapping) and isinstance(parameters, Mapping):
            wrong = _schema_fault(json.dumps(parameters, sort_keys=True))
            if wrong is not None:
                said = f"the parameters of tool {function.get('name')} are no JSON Schema: {wrong}"
                yield Problem("tool_definition", said, "mend the schema")


@lru_cache(maxsize=1024)
def _schema_fault(parameters: str) -> str | None:
    """What is wrong with a schema (as JSON text), by the draft that Mistral goes by. Files have few, and many times over."""
    from jsonschema import Draft7Validator, SchemaError

    try:
        Draft7Validator.check_schema(json.loads(parameters))
    except SchemaError as error:
        return error.message[:200]
    return None


TARGET = Mistral()
