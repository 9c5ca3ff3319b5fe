"""Fireworks: weights of turns and of rows, and an upload that is small or goes another way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from curator import formats, targets
from curator.model import Example, Message, Ref, Severity

TARGET = targets.get("fireworks")
PAIR = Example(Ref("a.jsonl", 0, 1), (Message("user", "q"), Message("assistant", "a")))
WEIGHED = [replace(PAIR, extra={"weight": weight}) for weight in (0.5, -1, 2)]


def lines(path: Path, examples: list[Example]) -> list[str]:
    TARGET.fitted(examples).write(examples, path)
    return path.read_text().splitlines()


def test_weights_of_rows_are_written_where_every_example_came_with_one(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    assert [line.rsplit(",", 1)[1] for line in lines(path, WEIGHED)] == ['"weight":0.5}', '"weight":-1}', '"weight":2}']
    assert [p for p in TARGET.validate_file(path) if p.severity is not Severity.INFO] == []
    read = [one for one in formats.read(path, formats.detect(path)) if isinstance(one, Example)]
    assert [one.extra for one in read] == [{"weight": 0.5}, {"weight": -1}, {"weight": 2}]


def test_no_row_has_a_weight_where_one_example_has_none(tmp_path: Path) -> None:
    assert not any('"weight"' in line for line in lines(tmp_path / "train.jsonl", [*WEIGHED, PAIR]))


def test_a_file_in_which_some_rows_have_a_weight_is_refused(tmp_path: Path) -> None:
    row = '{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]%s}\n'
    path = tmp_path / "f.jsonl"
    path.write_text(row % "" + row % ',"weight":1' + row % "")
    wrong = [(p.line, p.rule) for p in TARGET.validate_file(path) if p.severity is Severity.ERROR]
    assert wrong == [(2, "mixed_shapes")]


def test_a_turn_of_weight_0_is_kept_and_a_name_left_out() -> None:
    messages = (Message("user", "q", name="Ann"), Message("assistant", "b", weight=0), *PAIR.messages)
    written = TARGET.record(replace(PAIR, messages=messages))["messages"]
    assert written[:2] == [{"role": "user", "content": "q"}, {"role": "assistant", "content": "b", "weight": 0}]


def test_a_large_file_is_told_the_other_way_to_go_and_not_refused() -> None:
    (problem,) = TARGET.file_problems(1000, 200_000_000)
    assert problem.severity is Severity.WARNING
    assert "firectl" in str(problem.fix)
