"""People's work in scripts and CI: a gate on how far reviewers agree, and what an export requires of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_material import made_rows, write_rows

from curator.model import Decision, Role, Verdict
from curator.store import Project

QUICK = ("-q", "--only", "structure,exact_duplicate")


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, curator: Callable) -> str:
    """A project of 40 examples. Ann keeps 20 of them, and Bo 16 of those; he gives four another label and drops none."""
    monkeypatch.chdir(tmp_path)
    write_rows(Path("small.csv"), made_rows(40))
    curator("new", "p.curator", "--task", "classification")
    curator("import", "-q", "p.curator", "small.csv")
    with Project.open("p.curator") as opened:
        ids = opened.ids(Role.CANDIDATE)[:20]
        opened.decide([Decision("", id, "", "Ann", Verdict.KEEP) for id in ids])
        opened.decide(
            [
                Decision("", id, "", "Bo", Verdict.KEEP if at < 16 else Verdict.RELABEL, None if at < 16 else "label 9")
                for at, id in enumerate(ids)
            ]
        )
    return "p.curator"


def test_a_gate_on_agreement_stands_beside_the_others(curator: Callable, project: str) -> None:
    checked = ("check", project, *QUICK)
    ran = curator(*checked, "--fail-on", "agreement<0.67,structure:0")
    assert ran.code == 0, ran.out
    assert "gate agreement<0.67: met (0.7" in ran.out
    assert "α of 2 reviewers" in ran.out
    ran = curator(*checked, "--fail-on", "agreement<0.9", "--junit", "j.xml", "--report", "r.html", "--json", "f.json")
    assert ran.code == 1
    (gate,) = json.loads(Path("f.json").read_text("utf-8"))["gates"]
    assert (gate["rule"], gate["met"], gate["detail"]) == ("agreement<0.9", False, "α of 2 reviewers")
    assert 0.7 < gate["value"] < 0.8
    assert "not met: agreement&lt;0.9" in Path("j.xml").read_text("utf-8")
    assert "agreement&lt;0.9" in Path("r.html").read_text("utf-8")


def test_where_agreement_cannot_be_measured_the_gate_is_not_met_and_says_why(curator: Callable) -> None:
    ran = curator("check", "small.csv", *QUICK, "--fail-on", "agreement<0.1")
    assert ran.code == 1
    assert "gate agreement<0.1: NOT met (" in ran.out
    assert "has no decisions yet" in ran.out


@pytest.mark.parametrize("rule", ["agreement:0.67", "agreement", "agreement<much"])
def test_a_gate_on_agreement_that_is_written_otherwise_is_refused_before_the_work(curator: Callable, rule: str) -> None:
    ran = curator("check", "small.csv", *QUICK, "--fail-on", rule)
    assert ran.code == 2
    assert "'agreement<0.67', in quotes" in ran.sentence


def test_an_export_writes_only_what_reviewers_did_what_is_required_with(curator: Callable, project: str) -> None:
    Path("curator.toml").write_text('[export]\nrequire = ["votes>=2", "adjudicated"]\nallow-below-minimum = true\n')
    ran = curator("export", project, "-q", "--out", "out")
    assert ran.code == 0, ran.err
    assert "left out by votes: 20" in ran.out
    assert "left out by adjudicated: 4" in ran.out
    assert "how they came to be: 16 unanimous" in ran.out
    ran = curator("export", project, "-q", "--out", "none", "--require", "votes>=3")
    assert ran.code == 1
    assert "let reviewers do what --require asks for, or ask for less" in ran.sentence
    ran = curator("export", project, "-q", "--out", "none", "--require", "votes=2")
    assert ran.code == 2
    assert "is no rule of an export; the rules are votes>=2" in ran.sentence
    assert not Path("none").exists()


def test_help_shows_the_quotes_that_the_shell_needs(curator: Callable) -> None:
    assert "'agreement<0.67'" in curator("check", "--help").out
    assert "'votes>=2'" in curator("export", "--help").out
