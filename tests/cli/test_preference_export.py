"""Edited outputs go out as pairs: which, how many, in which split, and what is said of the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_material import made_rows, write_rows

from curator import cli, formats, targets
from curator.model import Decision, Example, Rejected, Role, Verdict, as_json
from curator.store import Project

EDITED = 24
LAX = "structure,near_duplicate,conflict,label_error,mismatched_pair,outlier,language,length"
SMALL = ("--include", LAX, "--allow-below-minimum", "--quiet")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def make(folder: Path, edited: int) -> Path:
    """A project of 60 examples. Ann gives some of them another label, and rewrites the question of the last as well."""
    where = folder / "p.curator"
    write_rows(folder / "small.csv", made_rows(60))
    assert cli.run(["new", str(where), "--task", "classification"]) == 0
    assert cli.run(["import", "-q", str(where), str(folder / "small.csv")]) == 0
    with Project.open(where) as project:
        *some, last = project.examples(Role.CANDIDATE)
        new = [Decision("", one.id, "", "Ann", Verdict.RELABEL, "label 9") for one in some[:edited]]
        turns = as_json(last)["messages"]
        turns[0]["content"], turns[1]["content"] = "another question about a kettle", "label 9"
        project.decide([*new, Decision("", last.id, "", "Ann", Verdict.EDIT, json.dumps(turns))])
    return where


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, embedding_cache: Path) -> Path:
    return make(tmp_path_factory.mktemp("pairs"), EDITED)


@pytest.fixture(scope="module")
def released(project: Path) -> Path:
    """A release of it as conversations and as pairs."""
    out = project.parent / "out"
    named = ["--target", "openai,openai-dpo,trl-kto", "--split", "80/20"]
    assert cli.run(["export", str(project), *named, *SMALL, "--out", str(out)]) == 0
    return out


def test_every_edited_output_goes_out_as_a_pair_with_the_one_of_the_source(released: Path, project: Path) -> None:
    labels = dict(made_rows(60))
    pairs = [pair for part in ("train", "validation") for pair in lines(released / "openai-dpo" / f"{part}.jsonl")]
    assert len(pairs) == EDITED
    for pair in pairs:
        (asked,) = pair["input"]["messages"]
        assert pair["preferred_output"] == [{"role": "assistant", "content": "label 9"}]
        assert pair["non_preferred_output"] == [{"role": "assistant", "content": labels[asked["content"]]}]


def test_conversations_have_the_edited_output_and_each_pair_is_in_the_split_of_its_example(released: Path) -> None:
    for part in ("train", "validation"):
        chats = [line["messages"] for line in lines(released / "openai" / f"{part}.jsonl")]
        said = {user["content"]: assistant["content"] for user, assistant in chats}
        pairs = lines(released / "openai-dpo" / f"{part}.jsonl")
        assert pairs
        assert all(said[pair["input"]["messages"][0]["content"]] == "label 9" for pair in pairs)


def test_rows_name_the_line_of_each_pair_and_both_lines_that_kto_makes_of_it(released: Path) -> None:
    rows = lines(released / "rows.jsonl")
    written = {part: lines(released / "trl-kto" / f"{part}.jsonl") for part in ("train", "validation")}
    named = [number for row in rows if row["split"] == "train" for number in row["lines"]["trl-kto"]]
    assert named == list(range(1, len(written["train"]) + 1))
    assert sum(len(part) for part in written.values()) == len(rows) + EDITED
    for row in rows:
        labels = [written[row["split"]][number - 1]["label"] for number in row["lines"]["trl-kto"]]
        assert labels == ([True, False] if "openai-dpo" in row["lines"] else [True])


def test_the_others_are_refused_for_want_of_a_pair(released: Path) -> None:
    missing = [line for line in lines(released / "excluded.jsonl") if line.get("target") == "openai-dpo"]
    assert len(missing) == len(lines(released / "rows.jsonl")) - EDITED
    assert {line["reason"] for line in missing} == {"target:openai-dpo"}
    refused = [line["refused"] for line in lines(released / "acceptance.jsonl")]
    assert all(rule["rule"] == "no_pair" for said in refused for rule in said.get("openai-dpo", ()))


def test_pairs_and_kto_rows_come_back_as_the_examples_that_they_were(released: Path) -> None:
    def read(target: str) -> list[Example | Rejected]:
        path = released / target / "train.jsonl"
        assert [p for p in targets.get(target).validate_file(path) if p.severity == "error"] == []
        return list(formats.read(path, formats.detect(path)))

    pairs = [one for one in read("openai-dpo") if isinstance(one, Example)]
    assert all(one.non_preferred for one in pairs)
    kto = read("trl-kto")
    back = [one for one in kto if isinstance(one, Example)]
    assert {e.input: e.non_preferred for e in back if e.non_preferred} == {e.input: e.non_preferred for e in pairs}
    assert len(back) == len(lines(released / "openai" / "train.jsonl"))
    rejected = [one.reason for one in kto if isinstance(one, Rejected)]
    assert len(rejected) == len(pairs)
    assert all("kept with" in reason for reason in rejected)


def test_the_minimum_of_the_task_counts_the_pairs_and_what_makes_none_is_told(
    curator: Callable, project: Path, tmp_path: Path
) -> None:
    asked = ("export", project, "-q", "--target", "openai-dpo", "--out", tmp_path / "out")
    ran = curator(*asked, "--include", LAX)
    assert ran.code == 1
    assert f"{EDITED} of 60 examples are clean and taken (left out: 36 by target:openai-dpo)" in ran.sentence
    assert "edit more outputs, for each edit makes a pair" in ran.sentence
    assert "below the minimum of 200" in ran.sentence
    ran = curator(*asked, *SMALL)
    assert ran.code == 0
    assert "1 edited example makes no preference pair: the input was changed, too" in ran.out


def test_for_all_targets_those_are_passed_over_that_too_few_pairs_are_for(curator: Callable, tmp_path: Path) -> None:
    where, out = make(tmp_path, 4), tmp_path / "out"
    ran = curator("export", where, "--target", "all", *SMALL, "--out", out)
    assert "openai-dpo is not written: it takes no fewer than 10 pairs to train on, and there are 4" in ran.out
    assert not (out / "openai-dpo").exists()
    assert len(lines(out / "trl-dpo" / "train.jsonl")) == 4
    rows = len(lines(out / "trl-kto" / "train.jsonl"))
    few = curator("export", where, "--target", "trl-kto", *SMALL, "--out", tmp_path / "few")
    assert f"trl-kto/train.jsonl: {rows} rows" in few.out
    with Project.open(where) as project:
        project.undo()
    curator("export", where, "--target", "all", *SMALL, "--force", "--out", out)
    assert (out / "trl" / "train.jsonl").exists()
    assert not any((out / name).exists() for name in ("openai-dpo", "together-dpo", "trl-dpo", "trl-kto"))
