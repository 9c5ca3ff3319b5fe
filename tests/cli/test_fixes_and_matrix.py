"""Who takes what, and what mends it: in an export for every target, and for any file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from curator.targets import get

TOPICS = "lamp sofa desk parcel invoice voucher kettle window garden basket checkout address refund password".split()
TOOL = {
    "type": "function",
    "function": {
        "name": "stock",
        "description": "How many there are",
        "parameters": {"type": "object", "properties": {"item": {"type": "string"}}},
    },
}


def turns(number: int, *, system: bool = False, tools: bool = False) -> dict[str, Any]:
    topic = TOPICS[number % len(TOPICS)]
    messages: list[dict[str, Any]] = [{"role": "system", "content": "Answer in one line."}] if system else []
    messages.append(
        {"role": "user", "content": f"How many of the {topic} number {number} are left in shop {number * 7}?"}
    )
    if tools:
        call = {"id": f"call_{number}", "type": "function"}
        call["function"] = {"name": "stock", "arguments": json.dumps({"item": topic})}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": f"call_{number}", "content": str(number)})
    messages.append({"role": "assistant", "content": f"There are {number} of {topic} {number}."})
    return {"messages": messages, **({"tools": [TOOL]} if tools else {})}


@pytest.fixture
def chats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve conversations: four plain, four with a system turn, four with a tool call."""
    monkeypatch.chdir(tmp_path)
    rows = [turns(n, system=4 <= n < 8, tools=n >= 8) for n in range(12)]
    path = Path("chats.jsonl")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def export(curator: Callable, chats: Path, *more: str) -> Any:
    every = "structure,near_duplicate,conflict,label_error,mismatched_pair,schema,language,personal_data"
    return curator(
        "export",
        chats,
        "-q",
        "--out",
        "out",
        "--task",
        "generation",
        "--allow-below-minimum",
        "--include",
        every,
        *more,
    )


def test_what_a_base_model_fails_on_is_left_out_and_the_fix_is_named(curator: Callable, chats: Path) -> None:
    ran = export(curator, chats, "--target", "openai,trl", "--base-model", "gemma-2")
    assert "base_model 4: Gemma 2: its chat template raises an error on a system turn (--fix merge-system)" in ran.out
    assert "base_model 4: Gemma 2: its chat template raises an error on the answer of a tool (leave" in ran.out
    said = lines(Path("out/acceptance.jsonl"))
    assert len(said) == 12
    plain, system, tools = said[0], said[4], said[8]
    assert plain["accepted"] == ["openai", "trl"]
    assert [(p["rule"], p["mend"]) for p in system["refused"]["trl"]] == [("base_model", "merge-system")]
    assert [(p["rule"], p["mend"]) for p in tools["refused"]["trl"]] == [("base_model", None)]
    assert "Gemma 2" in Path("out/report.html").read_text("utf-8")


def test_fixes_are_applied_where_chosen_and_recorded_with_the_row(curator: Callable, chats: Path) -> None:
    export(curator, chats, "--target", "openai,trl", "--base-model", "gemma-2", "--fix", "trl:merge-system")
    rows = {row["from"]["record"]: row for row in lines(Path("out/rows.jsonl"))}
    assert rows[4]["fixes"] == {"trl": ["merge-system"]}
    assert rows[0]["fixes"] == {}
    number = rows[4]["lines"]
    split = rows[4]["split"]
    mended = lines(Path(f"out/trl/{split}.jsonl"))[number["trl"] - 1]["messages"]
    assert [turn["role"] for turn in mended] == ["user", "assistant"]
    assert mended[0]["content"].startswith("Answer in one line.\n\nHow many")
    whole = lines(Path(f"out/openai/{split}.jsonl"))[number["openai"] - 1]["messages"]
    assert [turn["role"] for turn in whole] == ["system", "user", "assistant"]
    manifest = json.loads(Path("out/manifest.json").read_text("utf-8"))
    assert manifest["settings"]["fixes"] == ["trl:merge-system"]


def test_without_the_option_no_fix_is_applied(curator: Callable, chats: Path) -> None:
    export(curator, chats, "--target", "trl")
    assert all(row["fixes"] == {} for row in lines(Path("out/rows.jsonl")))
    assert any(turn["role"] == "system" for row in lines(Path("out/trl/train.jsonl")) for turn in row["messages"])


def test_an_unknown_fix_or_base_model_costs_nothing(curator: Callable, chats: Path) -> None:
    ran = export(curator, chats, "--fix", "mend-all")
    assert ran.code == 2
    assert "there is no fix 'mend-all'; the fixes are safe, " in ran.sentence
    ran = export(curator, chats, "--target", "trl", "--base-model", "gpt-2")
    assert ran.code == 2
    assert "the base models are gemma-2, llama-3.1, mistral-7b, qwen-2.5" in ran.sentence
    assert not Path("out").exists()


def test_a_file_is_mended_for_a_provider_line_by_line(curator: Callable, chats: Path) -> None:
    ran = curator("validate", chats, "--target", "trl", "--base-model", "gemma-2")
    assert ran.code == 1
    assert "chats.jsonl:5: error: Gemma 2: its chat template raises an error on a system turn" in ran.out
    assert "[base_model] [mend: merge-system]" in ran.out
    ran = curator(
        "validate", chats, "--target", "trl", "--base-model", "gemma-2", "--fix", "merge-system", "--out", "fixed.jsonl"
    )
    assert ran.code == 1  # the four with tools cannot be mended
    assert "chats.jsonl:5: mended by merge-system" in ran.out
    assert "chats.jsonl:9: left out: Gemma 2: its chat template raises an error on the answer of a tool" in ran.out
    assert "8 examples written to fixed.jsonl in the form of trl, 4 of them mended." in ran.out
    assert len(lines(Path("fixed.jsonl"))) == 8
    ran = curator("validate", "fixed.jsonl", "--target", "trl", "--base-model", "gemma-2")
    assert (ran.code, ran.out) == (0, "fixed.jsonl is acceptable to trl.\n")


def test_a_mended_file_overwrites_nothing_unasked(curator: Callable, chats: Path) -> None:
    mend = ("validate", chats, "--target", "trl", "--fix", "safe", "--out")
    assert "would overwrite the file that is read" in curator(*mend, chats).sentence
    Path("fixed.jsonl").write_text("mine", "utf-8")
    assert "exists already" in curator(*mend, "fixed.jsonl").sentence
    assert Path("fixed.jsonl").read_text("utf-8") == "mine"
    assert curator(*mend, "fixed.jsonl", "--force").code == 0
    assert "--fix and --out go together" in curator("validate", chats, "--target", "trl", "--fix", "safe").sentence


def test_a_base_model_is_named_for_those_who_tune_open_models_alone(curator: Callable, chats: Path) -> None:
    ran = curator("validate", chats, "--target", "openai", "--base-model", "gemma-2")
    assert ran.code == 2
    assert "tunes models of its own" in ran.sentence


def test_the_targets_are_listed_with_their_limits_and_dates(curator: Callable, tmp_path: Path) -> None:
    ran = curator("targets")
    assert ran.code == 0
    assert "OpenAI chat fine-tuning (2026-" in ran.out
    assert "at least 10 examples to train on; at most 512 MB a file" in ran.out
    one = curator("targets", "openai").out
    assert "source: https://" in one
    assert "- tokens are counted: exact (o200k_base)" in one
    curator("targets", "--json", tmp_path / "t.json")
    document = json.loads((tmp_path / "t.json").read_text("utf-8"))
    assert document["targets"]["openai"]["max_tokens"] == 65_536
    assert "cut-long (loses part of the input)" in ran.out
    assert document["fixes"]["cut-long"]["loses"] == "part of the input"


def test_too_many_for_validation_is_told_for_the_files_together() -> None:
    for name, most, severity in (("mistral", 5, "warning"), ("bedrock-claude", 9_900, "error")):
        assert get(name).release_problems({"train": 100, "validation": most}) == []
        (told,) = get(name).release_problems({"train": 100, "validation": most + 1})
        assert told.severity == severity
    assert get("openai").release_problems({"train": 80, "validation": 20}) == []


@pytest.fixture
def untidy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four plain conversations, four with two user turns in a row, four that end with a user turn, one without an output."""
    monkeypatch.chdir(tmp_path)
    rows = [turns(n) for n in range(12)]
    for n, row in enumerate(rows):
        if 4 <= n < 8:
            row["messages"].insert(1, {"role": "user", "content": f"and something on {n}"})
        elif n >= 8:
            row["messages"].append({"role": "user", "content": "Thanks!"})
    rows.append({"messages": [{"role": "user", "content": "Is there nobody?"}]})
    path = Path("untidy.jsonl")
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def written(curator: Callable, data: Path, *more: str) -> int:
    common = ("--task", "generation", "--allow-below-minimum", "--include", "near_duplicate,conflict", "--force")
    ran = curator("export", data, "-q", "--out", "out", *common, *more)
    assert ran.code == 0, ran.err
    return len(lines(Path("out/rows.jsonl")))


def test_what_a_chosen_fix_puts_right_is_not_left_out_by_the_check_that_found_it(
    curator: Callable, untidy: Path
) -> None:
    both = ("--target", "trl,together")
    assert written(curator, untidy, *both) == 4
    assert written(curator, untidy, *both, "--fix", "merge-turns") == 8
    assert written(curator, untidy, *both, "--fix", "safe") == 12
    assert all(row["fixes"] for row in lines(Path("out/rows.jsonl")) if row["from"]["line"] > 4)


def test_fixes_are_offered_for_what_stays_out_for_the_order_of_its_turns(curator: Callable, untidy: Path) -> None:
    common = ("export", untidy, "-q", "--task", "generation", "--allow-below-minimum", "--target", "trl", "--out")
    out = curator(*common, "a").out
    assert "left out by structure: 9, 8 of them for the order of their turns alone (try --fix safe)" in out
    assert "left out by structure: 1\n" in curator(*common, "b", "--fix", "safe").out


def test_a_finding_stands_where_one_target_would_take_the_example_as_it_was(curator: Callable, untidy: Path) -> None:
    assert written(curator, untidy, "--target", "trl,together", "--fix", "together:merge-turns") == 4
    assert written(curator, untidy, "--target", "together", "--fix", "together:merge-turns") == 8
