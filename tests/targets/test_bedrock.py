"""Bedrock's two forms, for Claude 3 Haiku and for Nova: every rule with a record that passes and one that fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conversations import WEATHER

from curator import targets
from curator.model import Example, Message, Ref, Severity, ToolCall
from curator.targets import fixes

CLAUDE, NOVA = targets.get("bedrock-claude"), targets.get("bedrock-nova")


def claude(*turns: tuple[str, Any], **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in turns], **fields}


def nova(*turns: tuple[str, Any], **fields: Any) -> dict[str, Any]:
    content = [(role, said if isinstance(said, list) else [{"text": said}]) for role, said in turns]
    return {"schemaVersion": "bedrock-conversation-2024", **claude(*content), **fields}


Q, A = ("user", "q"), ("assistant", "a")
TALK = claude(Q, A, Q, A, system="s")

CLAUDE_RULES = [
    ("messages", TALK, {"prompt": "q"}),
    ("messages", TALK, claude(Q, ("assistant", [{"type": "text", "text": "a"}]))),
    ("unknown_key", TALK, claude(Q, A, id=7)),
    (
        "unknown_key",
        TALK,
        {"messages": [{"role": "user", "content": "q", "name": "ann"}, {"role": "assistant", "content": "a"}]},
    ),
    ("role", TALK, claude(("system", "s"), Q, A)),
    ("system", TALK, claude(Q, A, system=["s"])),
    ("user_first", TALK, claude(A, Q, A)),
    ("alternation", TALK, claude(Q, Q, A)),
    ("last_turn", TALK, claude(Q, A, Q)),
    ("no_assistant", TALK, claude(Q)),
    ("empty_output", TALK, claude(Q, ("assistant", ""))),
    ("tokens", claude(("user", "x" * 90_000), A), claude(("user", "x" * 97_000), A)),
]

USE = ("assistant", [{"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Oslo"}}}])
RESULT = ("user", [{"toolResult": {"toolUseId": "t1", "content": [{"text": "4"}]}}])
SPEC = {
    "name": "weather",
    "description": "The weather of a city",
    "inputSchema": {"json": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


def config(*specs: dict[str, Any]) -> dict[str, Any]:
    return {"tools": [{"toolSpec": spec} for spec in specs or (SPEC,)]}


SAID = nova(Q, A, Q, A, system=[{"text": "s"}])
USED = nova(Q, USE, RESULT, A, toolConfig=config())

NOVA_RULES = [
    ("messages", SAID, {"schemaVersion": "bedrock-conversation-2024"}),
    ("messages", SAID, {"schemaVersion": "x", "messages": [{"role": "user", "content": "q"}]}),
    ("messages", SAID, nova(("user", [{"image": {}}]), A)),
    ("messages", USED, nova(Q, ("assistant", [{"toolUse": {"toolUseId": "t1", "name": "weather", "input": "{}"}}]))),
    ("schema_version", SAID, claude(("user", [{"text": "q"}]), ("assistant", [{"text": "a"}]))),
    ("unknown_key", SAID, nova(Q, A, id=7)),
    ("role", SAID, nova(("system", "s"), Q, A)),
    ("system", SAID, nova(Q, A, system="s")),
    ("user_first", SAID, nova(A, Q, A)),
    ("alternation", SAID, nova(Q, Q, A)),
    ("alternation", USED, nova(Q, USE, RESULT, Q, A, toolConfig=config())),
    ("last_turn", SAID, nova(Q, A, Q)),
    ("no_assistant", SAID, nova(Q)),
    ("empty_content", SAID, nova(("user", ""), A)),
    ("empty_output", SAID, nova(Q, ("assistant", ""))),
    ("tool_reply", USED, nova(Q, RESULT, A, toolConfig=config())),
    ("tool_calls", USED, nova(("user", USE[1]), A, toolConfig=config())),
    ("tool_undefined", USED, nova(Q, USE, RESULT, A)),
    ("tool_undefined", USED, nova(Q, USE, RESULT, A, toolConfig=config({**SPEC, "name": "time"}))),
    ("tool_unexplained", USED, nova(Q, A, toolConfig=config({**SPEC, "description": ""}))),
    ("tool_schema", USED, nova(Q, A, toolConfig=config({**SPEC, "inputSchema": {"json": {"properties": {}}}}))),
    ("tool_definition", USED, nova(Q, A, toolConfig=config(SPEC, SPEC))),
    ("tool_id", USED, nova(Q, USE, RESULT, A, Q, USE, RESULT, A, toolConfig=config())),
    ("tokens", SAID, nova(("user", "word " * 40_000), A)),
    *(("reserved", SAID, nova(("user", f"say {word}"), A)) for word in NOVA.rules.reserved),
    ("reserved", SAID, nova(Q, ("assistant", "bot: hello"))),
    ("reserved", SAID, nova(Q, A, system=[{"text": "USER: ask"}])),
]


def broken(target: targets.Target, record: Any, tmp_path: Path) -> set[str]:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    found = {p.rule for p in target.validate_file(path) if p.severity is Severity.ERROR}
    return found - {"rows"}  # one line alone is too few for either


@pytest.mark.parametrize(("rule", "passes", "fails"), CLAUDE_RULES)
def test_a_record_for_claude_passes_by_the_rule_and_another_fails(
    rule: str, passes: Any, fails: Any, tmp_path: Path
) -> None:
    assert broken(CLAUDE, passes, tmp_path) == set()
    assert rule in broken(CLAUDE, fails, tmp_path)


@pytest.mark.parametrize(("rule", "passes", "fails"), NOVA_RULES)
def test_a_record_for_nova_passes_by_the_rule_and_another_fails(
    rule: str, passes: Any, fails: Any, tmp_path: Path
) -> None:
    assert broken(NOVA, passes, tmp_path) == set()
    assert rule in broken(NOVA, fails, tmp_path)


def example(*turns: Message, **fields: Any) -> Example:
    return replace(Example(Ref("a.jsonl", 0, 1), turns), **fields)


PAIR = (Message("user", "q"), Message("assistant", "a"))


def test_both_are_written_as_the_documents_have_them() -> None:
    one = example(Message("system", "s"), *PAIR, *PAIR)
    assert CLAUDE.record(one) == TALK
    assert NOVA.record(one) == SAID
    call = ToolCall("weather", '{"city": "Oslo"}', "t1")
    turns = (Message("assistant", None, (call,)), Message("tool", "4", tool_call_id="t1"))
    assert NOVA.record(example(PAIR[0], *turns, PAIR[1], tools=(WEATHER,))) == USED


def test_claude_has_no_place_for_tools() -> None:
    call = Message("assistant", None, (ToolCall("weather", "{}", "t1"),))
    rules = {p.rule for p in CLAUDE.problems(example(PAIR[0], call, tools=(WEATHER,))) if p.severity is Severity.ERROR}
    assert rules == {"tools"}
    assert {p.rule: p.severity for p in CLAUDE.problems(example(*PAIR, tools=(WEATHER,)))} == {
        "tools_lost": Severity.WARNING
    }


def test_tools_for_nova_come_with_a_warning_for_amazons_guides_differ() -> None:
    assert {p.rule: p.severity for p in NOVA.problems(example(*PAIR, tools=(WEATHER,)))} == {
        "tools_unsure": Severity.WARNING
    }


def test_an_id_that_stands_for_two_calls_is_mended(tmp_path: Path) -> None:
    call = Message("assistant", None, (ToolCall("weather", "{}", "t1"),))
    asked = (PAIR[0], call, Message("tool", "4", tool_call_id="t1"), PAIR[1])
    mended, applied = fixes.apply(example(*asked, *asked, tools=(WEATHER,)), fixes.parse(["safe"]), NOVA)
    assert applied == ("renumber-tool-ids",)
    assert "tool_id" not in broken(NOVA, NOVA.record(mended), tmp_path)


@pytest.mark.parametrize(
    ("target", "rows", "part", "refused"),
    [
        (CLAUDE, 31, "train", True),
        (CLAUDE, 32, "train", False),
        (CLAUDE, 10_000, "train", False),
        (CLAUDE, 10_001, "train", True),
        (CLAUDE, 1000, "validation", False),
        (CLAUDE, 1001, "validation", True),
        (NOVA, 7, "train", True),
        (NOVA, 8, "train", False),
        (NOVA, 20_000, "train", False),
        (NOVA, 20_001, "train", True),
    ],
)
def test_how_many_rows_a_file_may_have(target: targets.Target, rows: int, part: str, refused: bool) -> None:
    errors = [p for p in target.file_problems(rows, 1000, part) if p.severity is Severity.ERROR]
    assert bool(errors) is refused


def test_few_rows_to_validate_are_no_error_for_claude_but_said() -> None:
    (found,) = CLAUDE.file_problems(31, 1000, "validation")
    assert (found.rule, found.severity) == ("validation_rows", Severity.WARNING)
    assert CLAUDE.file_problems(32, 1000, "validation") == []


@pytest.mark.parametrize(("target", "most"), [(CLAUDE, 10_000), (NOVA, 20_000)])
def test_rows_to_train_and_to_validate_are_counted_together(target: targets.Target, most: int) -> None:
    assert target.release_problems({"train": most - 500, "validation": 500}) == []
    assert target.release_problems({"train": most - 499, "validation": 500}) != []


def test_tokens_for_claude_are_counted_as_amazons_script_does() -> None:
    assert CLAUDE.counter.text("x" * 30) == 10
    assert "estimate" in str(CLAUDE.counter)
