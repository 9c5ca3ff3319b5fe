"""What start and import say and plan, without a window."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from curator.formats import FieldMap, detect
from curator.model import Role
from curator.preview import preview
from curator.tasks import Task
from ui.presenters import start
from ui.presenters.start import FilePlan, Plan


def pairs(path: Path, number: int = 5) -> str:
    path.write_text("".join(json.dumps({"prompt": f"ask {n}", "completion": "yes"}) + "\n" for n in range(number)))
    return str(path)


def planned(*paths: str) -> Plan:
    plan = Plan()
    for one in plan.add(paths):
        look = one.look()
        assert one.seen(one.asked, look())
    return plan


@pytest.mark.parametrize(
    "name", ["support/pairs.csv", "support/eval.csv", "extraction/pairs.jsonl", "style/chat.jsonl"]
)
def test_a_detection_comes_through_json_unchanged(name: str) -> None:
    path = str(Path("resources/samples") / name)
    plan = planned(path)
    (file,) = json.loads(json.dumps(plan.order()))["files"]
    assert start.detection_of(file["detection"]) == detect(path, role=Role(file["role"]))


def test_the_plan_says_what_is_missing_until_nothing_is(tmp_path: Path) -> None:
    good = pairs(tmp_path / "pairs.jsonl")
    plan = Plan()
    assert plan.missing == "Add a file first."
    plan.add([good])
    assert "Looking" in plan.missing
    plan = planned(good)
    assert plan.missing == ""
    assert plan.chosen_task is Task.CLASSIFICATION
    plan.files[0].role = Role.EVAL
    assert "to train on" in plan.missing
    plan.new = False
    assert plan.missing == ""
    broken = planned(str(tmp_path / "none.csv"))
    assert "none.csv cannot be read yet" in broken.missing


def test_a_file_is_looked_at_once_however_often_it_is_added(tmp_path: Path) -> None:
    good = pairs(tmp_path / "pairs.jsonl")
    plan = planned(good)
    assert plan.add([good, good]) == []
    plan.remove(good)
    assert plan.files == []


def test_only_the_newest_look_counts(tmp_path: Path) -> None:
    one = FilePlan(pairs(tmp_path / "pairs.jsonl"))
    first = one.look()
    asked = one.asked
    one.fields = FieldMap("completion", "prompt")
    second = one.look()
    found = second()
    assert not one.seen(asked, first())
    assert one.state == "looking"
    assert one.seen(one.asked, found)
    assert one.state == "good"
    assert one.mapping == FieldMap("completion", "prompt")


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (
            "/d/a.csv: cannot tell inputs from outputs: its fields are a, b; name them with --input-field and --output-field",
            "Cannot tell inputs from outputs: its fields are a, b.",
        ),
        (
            "/d/a.csv: no outputs found: its fields are a; name one with --output-field",
            "No outputs found: its fields are a.",
        ),
        ("/d/a.csv: a hashed eval set holds no texts to train on; give it with --eval", None),
        ("/d/a.csv: the file is empty", "The file is empty."),
    ],
)
def test_problems_are_said_without_the_command_line(problem: str, said: str | None) -> None:
    found = start.said_of(problem, "/d/a.csv")
    assert "--" not in found
    assert "/d/a.csv" not in found
    assert said is None or found == said


def test_recent_projects_that_are_gone_are_marked(tmp_path: Path) -> None:
    there = tmp_path / "there.curator"
    there.touch()
    found = start.recent([str(there), str(tmp_path / "gone.curator"), "postgresql://me:secret@host/team"])
    assert [(one.name, one.missing) for one in found] == [("there", False), ("gone", True), ("team", False)]
    assert "secret" not in found[2].place


def test_a_project_never_takes_the_name_of_another(tmp_path: Path) -> None:
    assert start.free_path(tmp_path, "a/b: c?").name == "a b c.curator"
    (tmp_path / "data.curator").touch()
    (tmp_path / "data 2.curator").touch()
    assert start.free_path(tmp_path, "data").name == "data 3.curator"


def test_the_project_is_named_after_the_file_to_train_on() -> None:
    assert start.name_for(["/d/eval.csv", "/d/tickets.v2.csv"]) == "tickets"
    assert start.name_for(["/d/test.jsonl"]) == "test"


@pytest.mark.skipif(os.name == "nt" or getattr(os, "getuid", lambda: 1)() == 0, reason="root may write anywhere")
def test_projects_go_elsewhere_where_documents_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert not start.home_folder(str(tmp_path)).is_relative_to(tmp_path)
    tmp_path.chmod(0o700)


def test_projects_go_to_documents_or_where_the_last_ones_went(tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert start.home_folder(str(tmp_path)) == tmp_path / "Curator"
    assert start.home_folder(str(tmp_path), str(other)) == other
    (tmp_path / "file").touch()
    assert start.home_folder(str(tmp_path), str(tmp_path / "file" / "in")) == tmp_path / "Curator"


def test_fields_are_shown_as_they_stand_where_they_cannot_be_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        {"x": {"one": f"text {n} here", "two": [n]}, "y": f"other {n} text", "z": f"third {n} text", "w": f"and {n}"}
        for n in range(4)
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    found = preview(str(path))
    assert not found.importable
    names, texts = start.as_it_stands(found)
    assert names == ("x.one", "x.two", "y", "z", "w")
    assert texts[1] == ["text 1 here", "[1]", "other 1 text", "third 1 text", "and 1"]


def test_sizes_are_said_as_people_say_them() -> None:
    sizes = (0, 999, 1_500, 25_000, 3_200_000, 1_000_000_000)
    assert [start.size_text(n) for n in sizes] == ["0 B", "999 B", "1.5 kB", "25 kB", "3.2 MB", "1.0 GB"]


def test_an_import_says_what_annotators_said_in_it() -> None:
    counts = {"examples": 2, "rejected": 0, "votes": 0, "reviewers": 0, "known": []}
    assert start.imported_text(counts) == "Imported 2 examples."
    assert start.imported_text({**counts, "votes": 6, "reviewers": 3}) == "Imported 2 examples, 6 votes of 3 reviewers."
