"""A dataset folder: typed Parquet that every release writes the same, and a card that says what is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from curator import formats, mending, targets
from curator.errors import InputError
from curator.model import Example, Message, Ref, Role, Severity, ToolCall
from curator.targets import Written

TARGET = targets.get("huggingface")
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"properties": {"city": {}}}}}
TIME = {"type": "function", "function": {"name": "time", "parameters": {"properties": {"zone": {}}}}}


def pair(text: str, label: str) -> Example:
    return Example(Ref("a.jsonl", 0, 1), (Message("user", text), Message("assistant", label)))


def calling(tool: Mapping[str, Any]) -> Example:
    call = ToolCall(tool["function"]["name"], '{"city": "Oslo"}', "call_1")
    turns = (
        Message("assistant", None, (call,)),
        Message("tool", "4", tool_call_id="call_1"),
        Message("assistant", "4."),
    )
    return Example(Ref("a.jsonl", 0, 1), (Message("user", "Oslo?"), *turns), tools=(tool,))


PAIRS = [pair(f"Question {n}", "yes" if n % 2 else "no") for n in range(40)]


def folder(root: Path, **splits: list[Example]) -> tuple[dict[str, Written], dict[str, Any]]:
    """The files and the card's YAML of a release with these splits."""
    target = TARGET.fitted([example for examples in splits.values() for example in examples])
    files = {split: target.write(examples, root / target.part_file(split)) for split, examples in splits.items()}
    ((path, card),) = target.companions(files, "cards").items()
    assert path == "README.md"
    (root / path).write_bytes(card)
    _, head, body = card.decode().split("---\n", 2)
    assert "load_dataset" in body
    return files, yaml.safe_load(head)


def arrow_type(feature: Mapping[str, Any]) -> pa.DataType:
    """The Arrow type of a feature of a card."""
    if "dtype" in feature:
        return pa.type_for_alias(feature["dtype"])
    fields = pa.struct([(one["name"], arrow_type(one)) for one in feature.get("list", feature.get("struct", ()))])
    return pa.list_(fields) if "list" in feature else fields


def test_the_card_describes_the_columns_and_the_files_as_they_are(tmp_path: Path) -> None:
    files, card = folder(tmp_path, train=[*PAIRS, calling(WEATHER), calling(TIME)], validation=PAIRS[:4])
    info = card["dataset_info"]
    schema = pa.schema([(feature["name"], arrow_type(feature)) for feature in info["features"]])
    for split, data in {one["split"]: one["path"] for one in card["configs"][0]["data_files"]}.items():
        table = pq.read_table(tmp_path / data)
        assert table.schema.equals(schema)
        (told,) = (one for one in info["splits"] if one["name"] == split)
        assert told["num_examples"] == table.num_rows == files[split].rows
        assert told["num_bytes"] > 0
    assert info["download_size"] == sum(file.bytes for file in files.values())
    assert info["dataset_size"] == sum(one["num_bytes"] for one in info["splits"])
    assert card["size_categories"] == ["n<1K"]
    assert card["pretty_name"] == "cards"
    assert "license" not in card


def test_columns_are_those_that_the_release_has_the_same_in_every_file(tmp_path: Path) -> None:
    files, _ = folder(tmp_path / "plain", train=PAIRS)
    assert [field.name for field in pq.read_schema(files["train"].path).field("messages").type.value_type] == [
        "role",
        "content",
    ]
    files, _ = folder(tmp_path / "tools", train=[calling(WEATHER)], validation=PAIRS[:2])
    train, validation = (pq.read_schema(files[split].path) for split in ("train", "validation"))
    assert train.equals(validation)
    assert train.names == ["messages", "tools"]


def test_tools_are_text_so_that_none_gets_the_keys_of_another(tmp_path: Path) -> None:
    files, _ = folder(tmp_path, train=[calling(WEATHER), calling(TIME)])
    rows = pq.read_table(files["train"].path).to_pylist()
    assert [json.loads(row["tools"]) for row in rows] == [[WEATHER], [TIME]]
    assert rows[0]["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"city": "Oslo"}'


def test_tasks_are_told_by_the_outputs(tmp_path: Path) -> None:
    _, labels = folder(tmp_path / "labels", train=PAIRS)
    _, free = folder(tmp_path / "free", train=[pair("q", f"Answer {n}") for n in range(40)])
    assert labels["task_categories"] == ["text-classification", "text-generation"]
    assert free["task_categories"] == ["text-generation"]


def test_a_split_without_rows_is_written_and_not_named(tmp_path: Path) -> None:
    files, card = folder(tmp_path, train=PAIRS, test=[])
    assert files["test"].path.is_file()
    assert [one["split"] for one in card["configs"][0]["data_files"]] == ["train"]


def test_the_same_examples_give_the_same_bytes(tmp_path: Path) -> None:
    one, _ = folder(tmp_path / "one", train=[*PAIRS, calling(WEATHER)])
    two, _ = folder(tmp_path / "two", train=[*PAIRS, calling(WEATHER)])
    assert one["train"].sha256 == two["train"].sha256
    assert (tmp_path / "one/README.md").read_bytes() == (tmp_path / "two/README.md").read_bytes()


def test_the_folder_is_imported_by_its_splits(tmp_path: Path) -> None:
    folder(tmp_path, train=[*PAIRS, calling(WEATHER)], validation=PAIRS[:4])
    for role, expected in {Role.CANDIDATE: [*PAIRS, calling(WEATHER)], Role.EVAL: PAIRS[:4]}.items():
        read = list(formats.read(tmp_path, formats.detect(tmp_path, role=role), role))
        assert [one.messages for one in read if isinstance(one, Example)] == [one.messages for one in expected]
        assert [one.tools for one in read if isinstance(one, Example)] == [one.tools for one in expected]


def test_a_title_that_yaml_would_take_for_something_else_stays_a_text(tmp_path: Path) -> None:
    files = {"train": TARGET.write(PAIRS, tmp_path / "train.parquet")}
    for title in ("no", "7", "a: b", '"x"\n', "Überblick", "- x"):
        head = TARGET.companions(files, title)["README.md"].decode().split("---\n")[1]
        assert yaml.safe_load(head)["pretty_name"] == title


def test_problems_are_told_by_rows(tmp_path: Path) -> None:
    def turn(role: str, content: str | None) -> dict[str, str | None]:
        return {"role": role, "content": content}

    rows = [
        {"messages": [turn("user", "q"), turn("assistant", "a")], "tools": None},
        {"messages": [turn("user", "q"), turn("assistant", None)], "tools": None},
        {"messages": [turn("user", "q"), turn("assistant", "a")], "tools": "[{"},
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "f.parquet")
    wrong = [(p.line, p.rule) for p in TARGET.validate_file(tmp_path / "f.parquet") if p.severity is Severity.ERROR]
    assert wrong == [(2, "empty_output"), (3, "tool_definition")]


def test_what_is_no_table_of_conversations_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.parquet").write_text("{}")
    assert [p.rule for p in TARGET.validate_file(tmp_path / "f.parquet")] == ["parquet"]
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "g.parquet")
    assert [p.rule for p in TARGET.validate_file(tmp_path / "g.parquet")] == ["messages"]
    with pytest.raises(InputError, match="is a folder"):
        list(TARGET.validate_file(tmp_path))
    with pytest.raises(InputError, match="no such file"):
        list(TARGET.validate_file(tmp_path / "none.parquet"))


def test_a_damaged_file_is_told_of_wherever_the_damage_is(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    TARGET.write(PAIRS, path)
    whole, random = path.read_bytes(), Random(3)
    rules: set[str] = set()
    for number in range(60):
        damaged = bytearray(whole)
        for _ in range(4):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        path.write_bytes(damaged if number % 3 else damaged[: random.randrange(len(damaged))])
        rules |= {problem.rule for problem in TARGET.validate_file(path)}
    assert "parquet" in rules


def test_values_that_only_parquet_has_are_told_of(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    for value in (date(2026, 1, 1), b"\xff"):
        tool = {"type": "function", "function": {"name": "weather", "description": value}}
        pq.write_table(pa.table({"messages": [turns], "tools": [[tool]]}), path)
        assert [problem.rule for problem in TARGET.validate_file(path)] == ["tool_definition"]


def test_other_files_become_a_table_by_the_fixes(tmp_path: Path) -> None:
    lines, out = tmp_path / "a.jsonl", tmp_path / "a.parquet"
    lines.write_text('{"prompt": "q", "completion": "a"}\n', encoding="utf-8")
    (told,) = TARGET.validate_file(lines)
    assert "--fix safe and --out FILE.parquet" in str(told)
    assert mending.mend(str(lines), TARGET, ["safe"], out).written == 1
    assert list(TARGET.validate_file(out)) == []
