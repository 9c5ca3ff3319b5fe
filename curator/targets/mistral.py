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
from curator.targets.openai import OpenAI, undescribed
from curator.targets.problem import FileProblem, Problem

_FUNCTION_KEYS = frozenset({"name", "description", "parameters", "strict"})
_NINE = re.compile(r"[A-Za-z0-9]{9}")


class Mistral(OpenAI):
    """`{"messages", "tools"}`."""

    name = "mistral"
    root_keys = frozenset({"messages", "tools"})
    exact_types = False
    minds_plain = False

    def own_problems(self, example: Example) -> list[Problem]:
        found = [*super().own_problems(example), *undescribed(example), *_unknown_keys(example), *_alone(example)]
        return [*found, *_ids(example), *_schemas(example)]

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        example, found = super().read(record)
        if example is not None:
            found += _unknown_call_keys(record["messages"])
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


def _alone(example: Example) -> Iterator[Problem]:
    """Its check takes a single turn only where that is the user's or the system's: then there is nothing to learn."""
    if len(example.messages) == 1 and example.messages[0].role == "assistant":
        yield Problem("no_input", "there is no turn before the output, so nothing that it answers", "add the input")


def _unknown_keys(example: Example) -> Iterator[Problem]:
    for index, tool in enumerate(example.tools, 1):
        function = tool.get("function")
        if isinstance(function, Mapping) and (unknown := sorted(set(function) - _FUNCTION_KEYS)):
            yield Problem(
                "unknown_key", f"the function of tool {index} has the unknown key {unknown[0]!r}", "remove it"
            )


def _unknown_call_keys(turns: list[Mapping[str, Any]]) -> Iterator[Problem]:
    for index, turn in enumerate(turns, 1):
        calls = turn.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            function = call.get("function") if isinstance(call, Mapping) else None
            if isinstance(function, Mapping) and (unknown := sorted(set(function) - {"name", "arguments"})):
                said = f"turn {index} calls a function with the unknown key {unknown[0]!r}"
                yield Problem("unknown_key", said, "remove it")


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
