"""Gemini's form: what is written, and every rule with a record that passes and one that fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conversations import WEATHER

from curator import targets
from curator.formats import detect, read
from curator.model import Example, Message, Ref, Role, Severity, ToolCall

VERTEX = targets.get("vertex")
ASK = {"role": "user", "parts": [{"text": "q"}]}
TELL = {"role": "model", "parts": [{"text": "a"}]}
CALL = {"role": "model", "parts": [{"functionCall": {"name": "weather", "args": {"city": "Oslo"}}}]}
RESULT = {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"output": "4"}}}]}
TOOLS = [
    {
        "functionDeclarations": [
            {
                "name": "weather",
                "description": "The weather of a city",
                "parameters": {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}},
            }
        ]
    }
]


def row(*contents: Any, **fields: Any) -> dict[str, Any]:
    return {"contents": list(contents), **fields}


def declared(**function: Any) -> list[dict[str, Any]]:
    return [{"functionDeclarations": [{**TOOLS[0]["functionDeclarations"][0], **function}]}]


def parameters(**city: Any) -> list[dict[str, Any]]:
    return declared(parameters={"type": "OBJECT", "properties": {"city": city}})


TALK = row(ASK, TELL, ASK, TELL, systemInstruction={"role": "system", "parts": [{"text": "s"}]})
USED = row(ASK, CALL, RESULT, TELL, tools=TOOLS)

RULES = [
    ("contents", TALK, {"messages": []}),
    ("contents", TALK, row({"role": "user", "parts": "q"}, TELL)),
    ("contents", TALK, row({"role": "user", "parts": [{"fileData": {"fileUri": "gs://b/f.png"}}]}, TELL)),
    ("contents", USED, row(ASK, {"role": "model", "parts": [{"functionCall": {"args": {}}}]}, tools=TOOLS)),
    ("unknown_key", TALK, row(ASK, TELL, id=7)),
    ("role", TALK, row(ASK, {"role": "assistant", "parts": [{"text": "a"}]})),
    ("system", TALK, row(ASK, TELL, systemInstruction="s")),
    ("alternation", TALK, row(ASK, ASK, TELL)),
    ("alternation", TALK, row(ASK, TELL, TELL)),
    ("alternation", USED, row(ASK, CALL, RESULT, ASK, TELL, tools=TOOLS)),
    ("user_first", TALK, row(TELL, ASK, TELL)),
    ("last_turn", TALK, row(ASK, TELL, ASK)),
    ("no_assistant", TALK, row(ASK)),
    ("empty_content", TALK, row({"role": "user", "parts": [{"text": ""}]}, TELL)),
    ("empty_output", TALK, row(ASK, {"role": "model", "parts": [{"text": " "}]})),
    ("tool_reply", USED, row(ASK, RESULT, TELL, tools=TOOLS)),
    ("tool_undefined", USED, row(ASK, CALL, RESULT, TELL)),
    ("tool_name", USED, row(ASK, TELL, tools=declared(name="the weather"))),
    ("tool_schema", USED, row(ASK, TELL, tools=parameters(oneOf=[{"type": "STRING"}]))),
    ("tool_schema", USED, row(ASK, TELL, tools=parameters(type=["string", "null"]))),
    (
        "tool_schema",
        row(ASK, TELL, tools=parameters(type="STRING", enum=["a"])),
        row(ASK, TELL, tools=parameters(enum=[1])),
    ),
    ("tool_schema", USED, row(ASK, TELL, tools=parameters(type="ARRAY", items={"$ref": "#/x"}))),
    ("tokens", TALK, row({"role": "user", "parts": [{"text": "word " * 140_000}]}, TELL)),
]


def broken(record: Any, tmp_path: Path) -> set[str]:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return {p.rule for p in VERTEX.validate_file(path) if p.severity is Severity.ERROR}


@pytest.mark.parametrize(("rule", "passes", "fails"), RULES)
def test_a_record_passes_by_the_rule_and_another_fails(rule: str, passes: Any, fails: Any, tmp_path: Path) -> None:
    assert broken(passes, tmp_path) == set()
    assert rule in broken(fails, tmp_path)


def example(*turns: Message, **fields: Any) -> Example:
    return replace(Example(Ref("a.jsonl", 0, 1), turns), **fields)


PAIR = (Message("user", "q"), Message("assistant", "a"))


def test_a_conversation_is_written_as_the_documents_have_it() -> None:
    assert VERTEX.record(example(Message("system", "s"), *PAIR, *PAIR)) == TALK


def test_tools_and_calls_are_written_as_the_documents_have_them() -> None:
    call = ToolCall("weather", '{"city": "Oslo"}', "call_1")
    turns = (Message("assistant", None, (call,)), Message("tool", "4", tool_call_id="call_1"))
    written = VERTEX.record(example(PAIR[0], *turns, PAIR[1], tools=(WEATHER,)))
    assert written == USED


def test_answers_stand_in_one_turn_in_the_order_of_the_calls_and_the_users_text_with_them() -> None:
    calls = (ToolCall("weather", '{"city": "Oslo"}', "a"), ToolCall("time", "{}", "b"))
    answers = (Message("tool", "noon", tool_call_id="b"), Message("tool", "4", tool_call_id="a"))
    written = VERTEX.record(example(PAIR[0], Message("assistant", "Wait.", calls), *answers, *PAIR))
    assert [turn["role"] for turn in written["contents"]] == ["user", "model", "user", "model"]
    assert written["contents"][1]["parts"][0] == {"text": "Wait."}
    assert written["contents"][2]["parts"] == [
        {"functionResponse": {"name": "weather", "response": {"output": "4"}}},
        {"functionResponse": {"name": "time", "response": {"output": "noon"}}},
        {"text": "q"},
    ]


def test_a_function_without_parameters_is_declared_without_them_and_other_keys_are_said_to_be_left_out() -> None:
    function = {"name": "now", "strict": True, "parameters": {"type": "object", "properties": {}}}
    one = example(*PAIR, tools=({"type": "function", "function": function},))
    assert VERTEX.record(one)["tools"] == [{"functionDeclarations": [{"name": "now"}]}]
    assert {p.rule: p.severity for p in VERTEX.problems(one)} == {"tool_key": Severity.INFO}


def test_what_gemini_itself_documents_without_a_role_is_read(tmp_path: Path) -> None:
    result = {"parts": RESULT["parts"]}
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(row(ASK, CALL, result, TELL, tools=TOOLS)) + "\n", encoding="utf-8")
    assert [p for p in VERTEX.validate_file(path) if p.severity is Severity.ERROR] == []


def test_nested_types_come_back_as_json_schema_spells_them(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "days": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}},
            "any": {"anyOf": [{"type": "number"}, {"type": "boolean"}]},
        },
    }
    tool = {"type": "function", "function": {"name": "plan", "parameters": schema}}
    path = tmp_path / "x.jsonl"
    VERTEX.write([example(*PAIR, tools=(tool,))], path)
    assert '"STRING"' in path.read_text(encoding="utf-8")
    (found,) = read(path, detect(path), Role.CANDIDATE)
    assert isinstance(found, Example)
    assert found.tools == (tool,)


def test_too_many_functions_are_refused() -> None:
    def tools(count: int) -> tuple[dict[str, Any], ...]:
        return tuple({"type": "function", "function": {"name": f"f{n}"}} for n in range(count))

    assert "tool_count" not in {p.rule for p in VERTEX.problems(example(*PAIR, tools=tools(128)))}
    assert "tool_count" in {p.rule for p in VERTEX.problems(example(*PAIR, tools=tools(129)))}


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ({"train": 10, "validation": 1000}, False),
        ({"train": 4000, "validation": 1200}, False),
        ({"train": 4000, "validation": 1201}, True),
    ],
)
def test_more_than_a_thousand_to_validate_may_be_three_tenths_of_those_to_train(
    rows: dict[str, int], refused: bool
) -> None:
    assert bool(VERTEX.release_problems(rows)) is refused


def test_the_sizes_of_files() -> None:
    def rules(rows: int, size: int, part: str) -> set[str]:
        return {problem.rule for problem in VERTEX.file_problems(rows, size, part)}

    assert rules(1, 10**9, "train") == set()
    assert rules(10_000_001, 10**9 + 1, "train") == {"rows", "size"}
    assert rules(5000, 10**6, "validation") == set()
    assert rules(5001, 10**6, "validation") == {"rows"}
