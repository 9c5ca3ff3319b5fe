"""Every rule of the providers whose form is near to OpenAI's: a record that passes, and one that fails by it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from curator import targets
from curator.model import Severity

SYSTEM, USER, ANSWER = ({"role": role, "content": role} for role in ("system", "user", "assistant"))
DEVELOPER = {"role": "developer", "content": "Sort."}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}


def row(*turns: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"messages": list(turns), **fields}


def tool(**changed: Any) -> dict[str, Any]:
    function = {"name": "weather", "description": "The weather", "parameters": PARAMETERS} | changed
    return {"type": "function", "function": {key: value for key, value in function.items() if value is not None}}


def call(id: str = "abcDEF123", arguments: Any = "{}", name: str = "weather") -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def tools_row(made: dict[str, Any] | None = None, defined: dict[str, Any] | None = None, **turn: Any) -> dict[str, Any]:
    made = made or call()
    reply = {"role": "tool", "tool_call_id": made["id"], "content": "4"}
    return row(USER, {"role": "assistant", "tool_calls": [made], **turn}, reply, ANSWER, tools=[defined or tool()])


def answer(**fields: Any) -> dict[str, Any]:
    return {**ANSWER, **fields}


PARTS = [{"type": "text", "text": "q"}]
TALK = row(SYSTEM, USER, ANSWER, USER, ANSWER)
PAIR = row(USER, ANSWER)
PREFERENCE = {
    "input": {"messages": [USER]},
    "preferred_output": [ANSWER],
    "non_preferred_output": [answer(content="No")],
}

RULES = [
    # target, rule, a row that passes, a row that fails
    ("openai", "no_assistant", PAIR, row(USER)),
    ("openai", "weight_value", row(USER, answer(weight=1)), row(USER, answer(weight=2))),
    ("openai", "weight", row(USER, answer(weight=0), USER, answer(weight=1)), row(USER, answer(weight=0))),
    ("openai", "weight", TALK, row({**USER, "weight": 1}, ANSWER)),
    ("openai", "tool_arguments", tools_row(), tools_row(call(arguments={}))),
    ("openai", "tool_arguments", tools_row(), tools_row(call(arguments="{city: Oslo}"))),
    ("openai", "tool_name", tools_row(), tools_row(call(name="the weather"), tool(name="the weather"))),
    ("openai", "tool_reply", tools_row(), row(USER, {"role": "assistant", "tool_calls": [call()]}, USER, ANSWER, tools=[tool()])),
    ("openai", "tool_undefined", tools_row(), tools_row(call(name="time"))),
    ("openai", "unknown_key", {**TALK, "parallel_tool_calls": False}, {**TALK, "id": 7}),
    ("openai", "unknown_key", row(USER, answer(name="Ann")), row(USER, answer(mood="good"))),
    ("openai", "content", PAIR, row({"role": "user"}, ANSWER)),
    ("openai", "name", row({**USER, "name": "Ann"}, ANSWER), row({**USER, "name": None}, ANSWER)),
    ("openai", "content", PAIR, row(USER, answer(content=PARTS))),
    ("openai", "tool_calls", tools_row(), row(USER, answer(tool_calls=[]))),
    ("openai", "tool_definition", PAIR, {**PAIR, "tools": []}),
    ("openai", "tool_definition", tools_row(), tools_row(defined={"function": tool()["function"]})),
    ("openai", "tool_definition", tools_row(), tools_row(defined={**tool(), "function": {**tool()["function"], "description": None}})),
    ("azure", "no_assistant", PAIR, row(USER)),
    ("azure", "name", PAIR, row({**USER, "name": None}, ANSWER)),
    ("azure", "tool_arguments", tools_row(), tools_row(call(arguments={}))),
    ("together", "system_first", TALK, row(USER, SYSTEM, ANSWER)),
    ("together", "several_systems", TALK, row(SYSTEM, SYSTEM, USER, ANSWER)),
    ("together", "user_first", TALK, row(ANSWER, USER, ANSWER)),
    ("together", "user_first", TALK, row(SYSTEM, ANSWER)),
    ("together", "alternation", TALK, row(USER, USER, ANSWER)),
    ("together", "alternation", TALK, row(USER, ANSWER, ANSWER)),
    ("together", "role", TALK, row(DEVELOPER, USER, ANSWER)),
    ("together", "weight_value", row({**USER, "weight": 0}, answer(weight=1)), row(USER, answer(weight=0.5))),
    ("together", "weight_value", row(USER, answer(weight=1)), row(USER, answer(weight=1.0))),
    ("together", "weight_value", row(USER, answer(weight=1)), row(USER, answer(weight=None))),
    ("together", "content", row({**USER, "content": PARTS}, answer(content=PARTS)), row({**USER, "content": PARTS}, ANSWER)),
    ("together", "unknown_key", tools_row(), {**TALK, "parallel_tool_calls": False}),
    ("together", "unknown_key", {"prompt": "q", "completion": "a"}, {"prompt": "q", "completion": "a", "system": "s"}),
    ("together", "unknown_key", row(USER, answer(reasoning="It is.")), row(USER, answer(mood="good"))),
    ("together", "row_weight", {**PAIR, "weight": 0.5}, {**PAIR, "weight": -1}),
    ("together", "completion", {"prompt": "q", "completion": "a"}, {"prompt": "q", "completion": 7}),
    ("together", "text", {"text": "All of it."}, {"text": " "}),
    ("together", "mixed_shapes", {"text": "All of it."}, {"text": "All of it.", **PAIR}),
    ("together", "messages", PAIR, {"question": "q", "answer": "a"}),
    ("together", "no_assistant", PAIR, row(USER)),
    ("together", "one_turn", PREFERENCE, {**PREFERENCE, "preferred_output": []}),
    ("fireworks", "system_first", TALK, row(USER, SYSTEM, ANSWER)),
    ("fireworks", "several_systems", PAIR, row(SYSTEM, SYSTEM, USER, ANSWER)),
    ("fireworks", "role", TALK, row(DEVELOPER, USER, ANSWER)),
    ("fireworks", "row_weight", {**PAIR, "weight": -0.5}, {**PAIR, "weight": "1"}),
    ("fireworks", "weight_value", row(USER, answer(weight=0), USER, ANSWER), row(USER, answer(weight=2))),
    ("fireworks", "unknown_key", row(USER, answer(reasoning_content="It is.")), {**PAIR, "id": 7}),
    ("mistral", "last_turn", TALK, row(USER, ANSWER, USER)),
    ("mistral", "content_or_calls", tools_row(), tools_row(content="I look.")),
    ("mistral", "tool_id", tools_row(call("abcDEF123")), tools_row(call("call_1"))),
    ("mistral", "tool_id", tools_row(call("abcDEF123")), tools_row(call("abcDEF1234"))),
    ("mistral", "tool_id", tools_row(call("000000000")), tools_row(call("abc-DEF12"))),
    ("mistral", "tool_unexplained", tools_row(), tools_row(defined=tool(description=None))),
    ("mistral", "tool_unexplained", tools_row(), tools_row(defined=tool(parameters=None))),
    ("mistral", "tool_definition", tools_row(), tools_row(defined=tool(name=None))),
    ("mistral", "tool_definition", tools_row(), tools_row(defined=tool(parameters={"type": "objekt"}))),
    ("mistral", "tool_definition", tools_row(), tools_row(defined={**tool(), "function": {**tool()["function"], "description": None}})),
    ("mistral", "unknown_key", tools_row(defined=tool(strict=True)), tools_row(defined=tool(examples=[]))),
    ("mistral", "unknown_key", tools_row({**call(), "index": 0}), tools_row({**call(), "function": {**call()["function"], "id": 7}})),
    ("mistral", "no_input", PAIR, row(ANSWER)),
    ("mistral", "tool_name", tools_row(), tools_row(call(name="wea.ther"), tool(name="wea.ther"))),
    ("mistral", "weight_value", row(USER, answer(weight=0), USER, answer(weight=1)), row(USER, answer(weight=0.5))),
    ("mistral", "system_first", TALK, row(USER, ANSWER, SYSTEM, USER, ANSWER)),
    ("mistral", "several_systems", TALK, row(SYSTEM, SYSTEM, USER, ANSWER)),
    ("mistral", "role", TALK, row(DEVELOPER, USER, ANSWER)),
    ("mistral", "unknown_key", TALK, {**TALK, "parallel_tool_calls": True}),
    ("mistral", "unknown_key", TALK, row({**USER, "name": "Ann"}, ANSWER)),
    ("axolotl", "messages", PAIR, {"conversations": [USER, ANSWER]}),
    ("axolotl", "tool_arguments", tools_row(), tools_row(call(arguments="{"))),
    ("axolotl", "tool_definition", tools_row(defined=tool(parameters=json.dumps(PARAMETERS))), tools_row(defined=tool(parameters="{"))),
    ("axolotl", "weight_value", row(USER, answer(train=False), USER, answer(train=True)), row(USER, answer(train="no"))),
    ("jsonl", "unknown_key", {"prompt": "q", "completion": "a"}, {"prompt": "q", "completion": "a", "id": 7}),
    ("jsonl", "prompt", {"prompt": "q", "completion": "a"}, {"prompt": 7, "completion": "a"}),
]  # fmt: skip


def found(name: str, path: Path, rows: Iterable[dict[str, Any]], part: str = "validation") -> set[str]:
    """The rules that a file of these rows breaks, those of single rows and of the file."""
    target = targets.get(name)
    mark = b"\xef\xbb\xbf" if target.rules.byte_order_mark else b""
    path.write_bytes(mark + b"".join(json.dumps(one).encode() + b"\n" for one in rows))
    return {problem.rule for problem in target.validate_file(path, part) if problem.severity is not Severity.INFO}


@pytest.mark.parametrize(
    ("name", "rule", "passes", "fails"), RULES, ids=[f"{n}-{r}-{i}" for i, (n, r, *_) in enumerate(RULES)]
)
def test_a_row_passes_and_another_fails_by_the_rule(
    name: str, rule: str, passes: dict[str, Any], fails: dict[str, Any], tmp_path: Path
) -> None:
    assert found(name, tmp_path / "passes.jsonl", [passes]) == set()
    assert rule in found(name, tmp_path / "fails.jsonl", [fails])


SIZES = [
    # target, rule, part, rows and bytes that pass, rows and bytes that fail
    ("openai", "rows", "train", (10, 0), (9, 0)),
    ("openai", "size", "train", (10, 512_000_000), (10, 512_000_001)),
    ("azure", "rows", "train", (10, 0), (9, 0)),
    ("azure", "size", "validation", (10, 511_999_999), (10, 512_000_000)),
    ("together", "empty", "train", (1, 100), (0, 0)),
    ("together", "size", "train", (1, 50_000_000_000), (1, 50_000_000_001)),
    ("fireworks", "rows", "train", (3, 0), (2, 0)),
    ("fireworks", "rows", "train", (3_000_000, 0), (3_000_001, 0)),
    ("fireworks", "size", "train", (3, 149_999_999), (3, 150_000_000)),
    ("mistral", "size", "train", (9, 512_000_000), (9, 512_000_001)),
    ("mistral", "size", "validation", (9, 1_000_000), (9, 1_000_001)),
]


@pytest.mark.parametrize(("name", "rule", "part", "passes", "fails"), SIZES)
def test_a_file_passes_and_another_fails_by_its_rows_or_bytes(
    name: str, rule: str, part: str, passes: tuple[int, int], fails: tuple[int, int]
) -> None:
    target = targets.get(name)
    assert target.file_problems(*passes, part) == []
    assert [problem.rule for problem in target.file_problems(*fails, part)] == [rule]


LENGTHS = [
    ("openai", 65_536, Severity.WARNING),
    ("azure", 65_536, Severity.ERROR),
    ("fireworks", 32_768, Severity.WARNING),
]


@pytest.mark.parametrize(("name", "limit", "severity"), LENGTHS)
def test_an_example_over_the_tokens_of_the_provider_is_told_as_cut_or_refused(
    name: str, limit: int, severity: Severity, tmp_path: Path
) -> None:
    target = targets.get(name)
    fits, long = (row({"role": "user", "content": "word " * count}, ANSWER) for count in (limit - 200, limit + 200))
    assert found(name, tmp_path / "fits.jsonl", [fits]) == set()
    assert found(name, tmp_path / "long.jsonl", [long]) == {"tokens"}
    example, _ = target.read(long)
    assert example is not None
    assert [problem.severity for problem in target.problems(example) if problem.rule == "tokens"] == [severity]
