"""Together AI: strict turns, weights of any turn, and the other formats that it trains on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curator import targets
from curator.model import Example, Message, Ref, Severity
from curator.targets import fixes

TARGET = targets.get("together")
TURNS = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
SHAPES: dict[str, dict[str, Any]] = {
    "messages": {"messages": TURNS},
    "prompt and completion": {"prompt": "q", "completion": "a"},
    "text": {"text": "All of it."},
    "preference pairs": {
        "input": {"messages": TURNS[:1]},
        "preferred_output": TURNS[1:],
        "non_preferred_output": [{"role": "assistant", "content": "b"}],
    },
}


def rules_of(path: Path, *rows: dict[str, Any]) -> list[tuple[int | None, str]]:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [(p.line, p.rule) for p in TARGET.validate_file(path) if p.severity is not Severity.INFO]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_format_that_it_trains_on_is_taken(shape: str, tmp_path: Path) -> None:
    assert rules_of(tmp_path / "f.jsonl", SHAPES[shape], SHAPES[shape]) == []
    assert rules_of(tmp_path / "f.jsonl", {**SHAPES[shape], "weight": 0.5}) == []


@pytest.mark.parametrize(("first", "second"), zip(SHAPES, [*list(SHAPES)[1:], "messages"], strict=True))
def test_a_file_keeps_to_one_format(first: str, second: str, tmp_path: Path) -> None:
    assert rules_of(tmp_path / "f.jsonl", SHAPES[first], SHAPES[second]) == [(2, "mixed_shapes")]


def test_a_preference_pair_is_checked_as_one(tmp_path: Path) -> None:
    broken = {**SHAPES["preference pairs"], "non_preferred_output": [TURNS[0]]}
    assert rules_of(tmp_path / "f.jsonl", broken) != []


def test_what_the_format_has_no_place_for_is_left_out_and_said() -> None:
    messages = (Message("developer", "Sort."), Message("user", "q", name="Ann"), Message("assistant", "a"))
    example = Example(Ref("a", 0, 1), messages, parallel_tool_calls=False)
    assert {(p.rule, p.severity) for p in TARGET.problems(example)} == {
        (rule, Severity.INFO) for rule in ("name", "developer", "parallel_tool_calls")
    }
    assert TARGET.record(example) == {"messages": [{"role": "system", "content": "Sort."}, *TURNS]}


def test_weights_of_all_turns_and_reasoning_go_with_them() -> None:
    messages = (Message("user", "q", weight=0), Message("assistant", "a", weight=1, extra={"reasoning": "It is."}))
    example = Example(Ref("a", 0, 1), messages)
    assert TARGET.problems(example) == []
    assert TARGET.record(example)["messages"] == [
        {"role": "user", "content": "q", "weight": 0},
        {"role": "assistant", "content": "a", "reasoning_content": "It is.", "weight": 1},
    ]
    assert "reasoning" in {problem.rule for problem in targets.get("openai").problems(example)}


def test_turns_out_of_order_are_mended_where_that_is_chosen() -> None:
    messages = [("user", "Hello"), ("user", "Bread?"), ("system", "Be short."), ("assistant", "At 7.")]
    example = Example(Ref("a", 0, 1), tuple(Message(*turn) for turn in messages))
    assert {p.rule for p in TARGET.problems(example) if p.severity is Severity.ERROR} == {"alternation", "system_first"}
    mended, names = fixes.apply(example, fixes.parse([fixes.SAFE]), TARGET)
    assert set(names) == {"system-first", "merge-turns"}
    assert TARGET.problems(mended) == []
    assert [m.content for m in mended.messages] == ["Be short.", "Hello\n\nBread?", "At 7."]
