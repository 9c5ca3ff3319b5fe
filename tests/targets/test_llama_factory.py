"""LLaMA-Factory's two forms and the file that tells it how to read them: every rule with a record that passes and one that fails."""

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

SHAREGPT, ALPACA = targets.get("llama-factory"), targets.get("llama-factory-alpaca")
FUNCTION = WEATHER["function"]
CALL = '{"name": "weather", "arguments": {"city": "Oslo"}}'


def row(*turns: tuple[str, Any], system: Any = "", tools: Any = "", **fields: Any) -> dict[str, Any]:
    said = [{"from": speaker, "value": value} for speaker, value in turns]
    return {"conversations": said, "system": system, "tools": tools, **fields}


def alpaca(instruction: Any, output: Any, history: Any = (), **fields: Any) -> dict[str, Any]:
    written = {"instruction": instruction, "input": "", "output": output, "system": "", "history": history}
    return {**written, **fields}


Q, A = ("human", "q"), ("gpt", "a")
TALK = row(Q, A, Q, A, system="s")
USED = row(Q, ("function_call", CALL), ("observation", "4"), A, tools=json.dumps([FUNCTION]))

SHAREGPT_RULES = [
    ("conversations", TALK, {"messages": []}),
    ("conversations", TALK, row(Q, ("gpt", None))),
    ("role", TALK, row(Q, ("assistant", "a"))),
    ("system_first", row(("system", "s"), Q, A), row(Q, ("system", "s"), A)),
    ("system", TALK, row(Q, A, system=["s"])),
    ("user_first", TALK, row(A, Q, A)),
    ("alternation", TALK, row(Q, Q, A)),
    ("alternation", TALK, row(Q, A, A)),
    ("alternation", USED, row(Q, ("function_call", CALL), ("observation", "4"), Q, A, tools=json.dumps([FUNCTION]))),
    ("last_turn", TALK, row(Q, A, Q)),
    ("no_assistant", TALK, row(Q)),
    ("empty_output", row(("human", ""), A), row(Q, ("gpt", ""))),
    ("tool_calls", USED, row(Q, ("function_call", "weather(Oslo)"), ("observation", "4"), A)),
    ("tool_calls", USED, row(Q, ("function_call", '{"name": "weather"}'), ("observation", "4"), A)),
    ("tool_reply", USED, row(Q, A, ("observation", "4"), A)),
    ("tools", USED, row(Q, A, tools=[FUNCTION])),
    ("tool_definition", USED, row(Q, A, tools="weather")),
    ("tool_definition", USED, row(Q, A, tools='[{"name": "f", "parameters": {"properties": {"city": "string"}}}]')),
]

ALPACA_RULES = [
    ("instruction", alpaca("q", "a"), {"input": "q", "output": "a"}),
    ("output", alpaca("q", "a"), alpaca("q", None)),
    ("input", alpaca("q", "a", input="this"), alpaca("q", "a", input=["this"])),
    ("system", alpaca("q", "a", system="s"), alpaca("q", "a", system=7)),
    ("history", alpaca("q", "a", [["q", "a"]]), alpaca("q", "a", [["q"]])),
    ("history", alpaca("q", "a", []), alpaca("q", "a", [["q", None]])),
    ("empty_output", alpaca("", "a"), alpaca("q", "")),
]


def broken(target: targets.Target, record: Any, tmp_path: Path) -> set[str]:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    return {p.rule for p in target.validate_file(path) if p.severity is Severity.ERROR}


@pytest.mark.parametrize(("rule", "passes", "fails"), SHAREGPT_RULES)
def test_a_sharegpt_record_passes_by_the_rule_and_another_fails(
    rule: str, passes: Any, fails: Any, tmp_path: Path
) -> None:
    assert broken(SHAREGPT, passes, tmp_path) == set()
    assert rule in broken(SHAREGPT, fails, tmp_path)


@pytest.mark.parametrize(("rule", "passes", "fails"), ALPACA_RULES)
def test_an_alpaca_record_passes_by_the_rule_and_another_fails(
    rule: str, passes: Any, fails: Any, tmp_path: Path
) -> None:
    assert broken(ALPACA, passes, tmp_path) == set()
    assert rule in broken(ALPACA, fails, tmp_path)


@pytest.mark.parametrize("target", [SHAREGPT, ALPACA])
def test_a_key_that_is_not_read_is_said(target: targets.Target, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(
        json.dumps({**(TALK if target is SHAREGPT else alpaca("q", "a")), "id": 7}) + "\n", encoding="utf-8"
    )
    assert [(p.rule, p.severity) for p in target.validate_file(path)] == [("unknown_key", Severity.WARNING)]


def example(*turns: Message, **fields: Any) -> Example:
    return replace(Example(Ref("a.jsonl", 0, 1), turns), **fields)


PAIR = (Message("user", "q"), Message("assistant", "a"))
CALLED = Message("assistant", None, (ToolCall("weather", '{"city": "Oslo"}', "t1"),))


def errors(target: targets.Target, one: Example) -> set[str]:
    return {p.rule for p in target.problems(one) if p.severity is Severity.ERROR}


def test_both_are_written_as_the_documents_have_them() -> None:
    one = example(Message("system", "s"), *PAIR, *PAIR)
    assert SHAREGPT.record(one) == TALK
    assert ALPACA.record(one) == alpaca("q", "a", [["q", "a"]], system="s")
    used = example(PAIR[0], CALLED, Message("tool", "4", tool_call_id="t1"), PAIR[1], tools=(WEATHER,))
    assert SHAREGPT.record(used) == USED


def test_every_row_has_every_column_for_it_stops_at_one_that_lacks_one() -> None:
    assert set(SHAREGPT.record(example(*PAIR))) == set(TALK)
    assert set(ALPACA.record(example(*PAIR))) == set(alpaca("q", "a"))


def test_a_function_gets_the_properties_that_its_default_template_asks_for() -> None:
    bare = {"type": "function", "function": {"name": "now"}}
    (written,) = json.loads(SHAREGPT.record(example(*PAIR, tools=(bare,)))["tools"])
    assert written == {"name": "now", "parameters": {"type": "object", "properties": {}}}


def test_several_calls_are_a_list_where_they_are_the_output_and_split_where_answers_follow() -> None:
    calls = (ToolCall("weather", '{"city": "Oslo"}', "a"), ToolCall("weather", '{"city": "Bonn"}', "b"))
    output = example(PAIR[0], Message("assistant", None, calls), tools=(WEATHER,))
    assert errors(SHAREGPT, output) == set()
    assert len(json.loads(SHAREGPT.record(output)["conversations"][1]["value"])) == 2
    answers = (Message("tool", "4", tool_call_id="a"), Message("tool", "9", tool_call_id="b"))
    answered = example(*output.messages, *answers, PAIR[1], tools=(WEATHER,))
    assert errors(SHAREGPT, answered) == {"several_tool_calls"}
    mended, applied = fixes.apply(answered, fixes.parse(["safe"]), SHAREGPT)
    assert applied == ("split-tool-calls",)
    assert errors(SHAREGPT, mended) == set()


def test_a_text_beside_a_call_is_refused() -> None:
    spoken = replace(CALLED, content="Let me look.")
    assert errors(SHAREGPT, example(PAIR[0], spoken, tools=(WEATHER,))) == {"content_or_calls"}
    assert errors(SHAREGPT, example(PAIR[0], CALLED, tools=(WEATHER,))) == set()


def test_alpaca_has_no_place_for_calls_of_tools() -> None:
    assert errors(ALPACA, example(PAIR[0], CALLED, tools=(WEATHER,))) == {"tools"}
    assert {p.rule for p in ALPACA.problems(example(*PAIR, tools=(WEATHER,)))} == {"tools_lost"}


@pytest.mark.parametrize("target", [SHAREGPT, ALPACA])
def test_the_splits_are_named_after_the_data_and_everything_is_listed(target: targets.Target, tmp_path: Path) -> None:
    files = {split: target.write([example(*PAIR)], tmp_path / f"{split}.jsonl") for split in ("train", "validation")}
    ((name, content),) = target.companions(files, "Größe & Gewicht, 2").items()
    assert name == "dataset_info.json"
    assert content.isascii()
    told = json.loads(content)
    assert list(told) == ["grosse_gewicht_2", "grosse_gewicht_2_validation"]
    train = told["grosse_gewicht_2"]
    assert train["file_name"] == "train.jsonl"
    assert train["formatting"] == ("sharegpt" if target is SHAREGPT else "alpaca")
    # Once columns or tags are given, a name that is not listed is none.
    assert set(train["columns"].values()) == set(target.record(example(*PAIR)))
    if target is SHAREGPT:
        assert {"from", "value", "human", "gpt", "observation", "function_call", "system"} == set(
            train["tags"].values()
        )
    assert target.companions(files, "日本")["dataset_info.json"].startswith(b'{\n  "data": {')
