"""`curator validate`: problems that repeat are counted, and the step that comes next is named with what it would bring."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

ROWS = 25


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("pairs.jsonl")
    path.write_text(
        "".join(json.dumps({"prompt": f"Say {n}", "completion": f"It is {n}."}) + "\n" for n in range(ROWS))
    )
    return path


def test_ten_problems_of_a_kind_are_printed_and_the_rest_counted(curator: Callable, pairs: Path) -> None:
    ran = curator("validate", str(pairs), "--target", "openai")
    assert ran.code == 1
    assert sum("[form]" in line and ":" in line for line in ran.out.splitlines()) == 10
    assert f"… {ROWS - 10} more [form] (--all names them)" in ran.out
    assert f"pairs.jsonl is not acceptable to openai: {ROWS} problems." in ran.out


def test_all_of_them_are_printed_where_that_is_asked_for(curator: Callable, pairs: Path) -> None:
    ran = curator("validate", str(pairs), "--target", "openai", "--all")
    assert [f"pairs.jsonl:{n}: error" in ran.out for n in range(1, ROWS + 1)] == [True] * ROWS
    assert "more [" not in ran.out


def test_the_next_step_is_named_with_what_it_brings_and_brings_that(curator: Callable, pairs: Path) -> None:
    ran = curator("validate", str(pairs), "--target", "openai")
    assert f"Next: --fix safe --out FILE writes {ROWS} of {ROWS} records in the form of openai." in ran.out
    mended = curator("validate", str(pairs), "--target", "openai", "--fix", "safe", "--out", "new.jsonl")
    assert mended.code == 0
    assert f"{ROWS} examples written to new.jsonl in the form of openai" in mended.out


def test_no_next_step_is_named_that_would_not_help(curator: Callable, pairs: Path) -> None:
    few = Path("few.jsonl")
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    few.write_text(json.dumps({"messages": turns}) + "\n")
    ran = curator("validate", str(few), "--target", "openai")
    assert "1 example; OpenAI chat fine-tuning takes no fewer than 10 (add 9 or more)" in ran.out
    assert "Next" not in ran.out
    unreadable = Path("python.jsonl")
    unreadable.write_text("{'prompt': 'Hi', 'completion': 'Hello'}\n" * 12)
    assert "Next" not in curator("validate", str(unreadable), "--target", "openai").out
