"""Exports of annotation tools on the command line: imported, measured by themselves, and merged into a project."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import annotator_exports as exports
import pytest

from curator.formats import detect, read
from curator.model import Role, Verdict
from curator.progress import Silent
from curator.review.agreement.sets import label_sets
from curator.review.votes.arrays import read_votes, votes_from_decisions
from curator.store import Project

Run = Callable[..., Any]

LABELS = ["billing", "account", "shipping"]
VOTES: exports.Votes = {
    f"message {number} about {LABELS[number % 3]}": {
        "ann": [LABELS[number % 3]],
        "bo": [LABELS[(number + (number % 5 == 0)) % 3]],
        "cy": None if number % 7 == 0 else [LABELS[(number + (number % 2)) % 3]],
    }
    for number in range(21)
}


def majority(said: Mapping[str, Sequence[str] | None]) -> str:
    """The label that most gave, of equals the first."""
    return Counter(label for labels in said.values() for label in labels or ()).most_common(1)[0][0]


@pytest.mark.parametrize("name", exports.EXPORTS)
def test_an_export_is_imported_with_everybodys_vote_and_counted_in_words(
    tmp_path: Path, curator: Run, name: str
) -> None:
    path = tmp_path / "p.curator"
    curator("new", path)
    ran = curator("import", "-q", path, exports.write(tmp_path, name, VOTES))
    skips = 3 if name in exports.SKIPS_ARE_TOLD else 0
    said = f"21 candidates, {60 + skips} votes of 3 reviewers" + (" (3 skipped)" if skips else "") + " (read as "
    assert (ran.code, ran.err) == (0, "")
    assert said in ran.out
    with Project.open(path) as project:
        decisions = list(project.decisions())
        assert all(decision.imported for decision in decisions)
        assert {d.reviewer for d in decisions} == {f"{who}@example.org" for who in ("ann", "bo", "cy")}
        assert sum(d.verdict is Verdict.SKIP for d in decisions) == skips
        assert [e.output for e in project.examples()] == [majority(said) for said in VOTES.values()]


@pytest.mark.parametrize("name", ["ls.csv", "binary.jsonl", "doccano.zip"])
def test_an_export_alone_has_the_agreement_that_its_project_has(tmp_path: Path, curator: Run, name: str) -> None:
    path = tmp_path / "p.curator"
    curator("new", path)
    curator("import", "-q", path, exports.write(tmp_path, name, VOTES))
    within, alone = (
        json.loads(curator("agreement", where, "-q", "--method", "majority", "--json", "-").out)
        for where in (path, tmp_path / name)
    )
    assert alone["votes"] == 60
    for key in ("items", "reviewers", "votes", "percent_agreement", "krippendorff_alpha"):
        assert within[key] == alone[key]


def test_a_resumed_import_has_each_vote_once(tmp_path: Path, curator: Run) -> None:
    path = tmp_path / "p.curator"
    curator("new", path)
    export = exports.write(tmp_path, "choice.jsonl", VOTES)
    curator("import", "-q", path, export)
    again = curator("import", "-q", path, export)
    assert "is in the project already; nothing was added" in again.out
    with Project.open(path) as project:
        assert len(list(project.decisions(history=True))) == 63


def test_agreement_says_what_the_file_was_taken_for(tmp_path: Path, curator: Run) -> None:
    ran = curator("agreement", exports.write(tmp_path, "ls.json", VOTES))
    assert ran.code == 0
    assert "Read as a Label Studio export: 60 votes of 3 reviewers on 21 items." in ran.out
    assert "3 of the answers say nothing" in " ".join(ran.out.split())


def test_votes_are_merged_into_a_project_and_what_does_not_fit_is_listed(tmp_path: Path, curator: Run) -> None:
    path = tmp_path / "p.curator"
    curator("new", path)
    curator("import", "-q", path, exports.write(tmp_path, "ls-min.json", VOTES))
    table = tmp_path / "more.csv"
    table.write_text("text,reviewer,label\nmessage 1 about account,dee,billing\nmessage 99,dee,billing\n")
    ran = curator("merge", path, table)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == f"{table}: 1 new vote as decisions of their reviewers; examples told by their text"
    assert lines[1:] == [
        "  1 vote left out:",
        "    line 3, dee: no example has its number, its id, its place or its text",
    ]
    assert curator("merge", path, table).out.startswith(f"{table}: 0 new votes")


def test_what_is_no_file_of_votes_is_refused_in_one_sentence(tmp_path: Path, curator: Run) -> None:
    path = tmp_path / "p.curator"
    curator("new", path)
    curator("import", "-q", path, exports.write(tmp_path, "ls-min.json", VOTES))
    broken = tmp_path / "broken.json"
    broken.write_bytes(exports.EXPORTS["ls.json"](VOTES)[:200])
    blank = tmp_path / "blank.jsonl"
    blank.write_bytes(exports.jsonl([{"id": 1, "data": {"text": "q"}, "annotations": []}]))
    damaged = tmp_path / "people.zip"
    damaged.write_bytes(exports.EXPORTS["doccano.zip"](VOTES)[:-30])
    for file in (broken, blank, damaged, tmp_path, tmp_path / "gone.csv"):
        for command in (("agreement", "-q", file), ("merge", path, file)):
            ran = curator(*command)
            assert ran.code == 2, (command, ran.out)
            assert ran.sentence.startswith(f"curator: {file}"), ran.err
            assert "Traceback" not in ran.err


def test_sets_of_labels_are_measured_as_sets_in_the_file_and_in_its_project(tmp_path: Path) -> None:
    votes: exports.Votes = {
        f"message {number}": {"ann": ["a", "b"][: 1 + number % 2], "bo": ["b", "a"] if number % 3 else ["a"]}
        for number in range(12)
    }
    export = exports.write(tmp_path, "ls.json", votes)
    detection = detect(export)
    with Project.create(tmp_path / "p.curator") as project:
        records = read(export, detection)
        project.import_source("ls.json", "sha", detection.format, Role.CANDIDATE, {}, records, Silent())
        within = votes_from_decisions(project.decisions(), project.examples())
    alone = read_votes(export)
    assert label_sets(within.labels) == label_sets(alone.labels) == (frozenset("ab"), frozenset("a"))
