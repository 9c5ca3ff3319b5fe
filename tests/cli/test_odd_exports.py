"""Exports of what is rare: what a format cannot carry, personal data where nobody expects it, very many notes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TOPICS = "lamp sofa desk parcel invoice voucher kettle window garden basket checkout address refund password".split()


def row(number: int, *turns: dict[str, Any], **fields: Any) -> dict[str, Any]:
    topic = TOPICS[number % len(TOPICS)]
    asked = {"role": "user", "content": f"How many of the {topic} number {number} are left in shop {number * 7}?"}
    answer = {"role": "assistant", "content": f"There are {number} of {topic} {number}."}
    return {"messages": [*turns, asked, answer], **fields}


def called(number: int, name: str) -> list[dict[str, Any]]:
    """A question that a tool answers."""
    call = {"id": f"call{number:05}", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return [
        {"role": "user", "content": f"What does item {number} cost?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": str(number)},
        {"role": "assistant", "content": f"It costs {number}."},
    ]


@pytest.fixture
def export(curator: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable:
    monkeypatch.chdir(tmp_path)

    def run(rows: list[dict[str, Any]], *more: str) -> Any:
        Path("a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
        every = "structure,near_duplicate,conflict,label_error,mismatched_pair,schema,language,personal_data"
        options = ["--out", "out", "--task", "style", "--allow-below-minimum", "--include", every]
        return curator("export", "a.jsonl", "-q", *options, *more)

    return run


def test_a_weight_that_a_format_cannot_carry_is_said_with_the_release(export: Callable) -> None:
    first = [{"role": "user", "content": "And?"}, {"role": "assistant", "content": "Not so.", "weight": 0}]
    ran = export([*(row(n, *first) for n in range(4)), *(row(n) for n in range(4, 12))], "--target", "openai,trl,jsonl")
    assert "Note: trl: a turn has the weight 0, which this format cannot carry: it would be trained on." in ran.out


def test_personal_data_in_the_name_of_a_function_stays_out_of_what_is_passed_on(export: Callable) -> None:
    rows = [row(n) for n in range(12)] + [row(n, *called(n, "bo@shop.org")) for n in range(12, 16)]
    ran = export(rows, "--target", "openai,trl")
    assert "target:" not in ran.out
    assert "trl: the function 'b•••@s•••.org' is called but not among the tools" in ran.out
    passed_on = [path for path in Path("out").iterdir() if path.is_file()]
    assert len(passed_on) >= 5
    assert not [path.name for path in passed_on if "bo@shop.org" in path.read_text(encoding="utf-8")]
    assert "bo@shop.org" in Path("out/trl/train.jsonl").read_text(encoding="utf-8"), "providers get what is there"


def test_notes_of_one_rule_are_counted_where_they_are_many(export: Callable) -> None:
    rows = [row(n) for n in range(12)] + [row(n, *called(n, f"price_{n}")) for n in range(100, 140)]
    ran = export(rows, "--target", "jsonl", "--split", "95/5")
    said = [line for line in ran.out.splitlines() if "is called but not among the tools" in line]
    assert len(said) == 20
    assert "more of the rule tool_undefined" in ran.out


def test_a_target_that_takes_nothing_says_what_it_asks_for(export: Callable) -> None:
    ran = export([row(n) for n in range(12)], "--target", "openai-dpo")
    assert ran.code == 1
    assert "none of the 12 examples is left to export (left out: 12 by target:openai-dpo)" in ran.sentence
    assert (
        "choose another target, or mend what it asks for (OpenAI preference fine-tuning (DPO) refuses it: "
        in ran.sentence
    )


def test_a_base_model_is_refused_where_no_target_tunes_open_models(export: Callable) -> None:
    ran = export([row(n) for n in range(12)], "--target", "openai", "--base-model", "gemma-2")
    assert ran.code == 2
    assert "none of the targets tunes open models" in ran.sentence
    assert not Path("out").exists()
