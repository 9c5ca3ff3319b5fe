"""The words and choices of the export page, without a window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from curator import splits
from curator.review.required import Required
from ui.presenters.export import need, origin_words, view, why_not
from ui.presenters.export_choices import Choices, Place, place_of, usual_folder
from ui.presenters.export_done import done


def plan(**changed: Any) -> dict[str, Any]:
    """A plan as the engine writes it."""
    target = {
        "name": "openai", "title": "OpenAI chat", "wanted": True, "takes": 90, "refuses": 3, "missing": 1, "warned": 2, "tokens": 1234,
        "refusals": [{"rule": "role", "severity": "error", "message": "a role", "fix": "use one", "ids": [1, 2, 3], "rows": []}],
        "warnings": [{"rule": "tokens", "severity": "warning", "message": "long", "fix": None, "ids": [4], "rows": []}],
        "traps": [{"models": "Gemma", "effect": "fails", "fix": "merge", "ids": [4, 5]}],
        "files": [{"split": "train", "rows": 90, "tokens": 1234}], "basis": "exact", "vocabulary": "o200k_base",
        "limits": [], "told": ["at least 10 examples to train on"], "notes": [], "as_of": "2026-11-20", "source": "",
    }  # fmt: skip
    usual = {
        "task": "classification", "minimum": 200, "ideal": 2000, "size": "all", "seed": 0, "stratified": True,
        "records": 104, "readable": 100, "effective": 91, "clean": 90, "chosen": 90,
        "splits": [{"name": "train", "count": 81}, {"name": "validation", "count": 9}],
        "out": [{"rule": "leakage", "ids": [7, 8], "message": "m"}, {"rule": "target:openai", "ids": [9], "message": "m"}],
        "rules": [{"name": "leakage", "on": True, "usual": True, "ids": [7, 8]},
                  {"name": "personal_data:warning", "on": False, "usual": False, "ids": [6]}],
        "targets": [target], "groups": 2, "remembered": 0, "notes": ["one", "90 examples are below the minimum of 200"],
        "below": {"minimum": 200, "chosen": 90, "by_size": False, "advice": "a"},
    }  # fmt: skip
    return usual | changed


def test_a_plan_in_words() -> None:
    shown = view(plan())
    assert (shown.chosen, shown.out, shown.title) == (90, 10, "of 100 go out")
    assert [(split.title, split.count) for split in shown.splits] == [("Training", 81), ("Validation", 9)]
    assert [(reason.title, reason.ids) for reason in shown.reasons] == [
        ("Leaks into the eval set", (7, 8)),
        ("Refused by OpenAI chat", (9,)),
    ]
    assert [rule.effect for rule in shown.rules] == ["keeps 2 out", "would keep 1 out"]
    (target,) = shown.targets
    assert (target.refused, target.warned, target.exact) == ((1, 2, 3), (4, 5), "exact")
    assert (target.refuses, target.warns) == (3, 2)
    assert target.said_of_refused == "1 example that would go out otherwise is missing from its files."
    assert shown.below is not None
    assert "below the minimum of 200" in shown.below.title
    assert shown.notes == ("one.",), "what the banner says is said once"


def test_too_small_a_size_is_told_apart_from_too_little_data() -> None:
    by_size = view(plan(below={"minimum": 200, "chosen": 90, "by_size": True, "advice": "a"})).below
    assert by_size is not None
    assert by_size.text.endswith("Enough are clean: choose a larger size.")
    assert view(plan(chosen=0)).below is None


def test_switches_become_rules_to_include_and_exclude() -> None:
    choices = Choices().switched("leakage", on=False, usual=True).switched("outlier", on=True, usual=False)
    assert choices.arguments()["include"] == ["leakage"]
    assert choices.arguments()["exclude"] == ["outlier"]
    assert choices.switched("leakage", on=True, usual=True).switched("outlier", on=False, usual=False) == Choices()
    strict = Choices().switched("personal_data:warning", on=True, usual=False)
    assert strict.arguments()["exclude"] == ["personal_data"]
    assert splits.rules(strict.off, strict.arguments()["exclude"]) >= {"personal_data", "personal_data:warning"}
    off = strict.switched("personal_data", on=False, usual=True)
    assert (off.arguments()["include"], off.arguments()["exclude"]) == (["personal_data"], [])


def test_remembered_choices_survive_and_odd_ones_are_passed_over() -> None:
    choices = Choices(
        ("jsonl", "trl"), "number", 50, "own", "70/30", False, 3, ("leakage",), ("outlier",), "/a", 2, 80, True, 0.67,
        ("merge-system",), "gemma-2", 5, "support set",
    )  # fmt: skip
    assert Choices.remembered(choices.as_json()) == choices
    assert Choices.remembered({"size": 5, "targets": "openai", "later": 1, "count": 7}) == Choices(count=7)


def test_what_is_asked_of_reviewers_becomes_rules() -> None:
    assert Choices().arguments()["require"] == []
    asked = Choices(votes=2, consensus=80, adjudicated=True, alpha=0.67)
    assert asked.arguments()["require"] == ["votes>=2", "adjudicated", "consensus>=0.8", "alpha>=0.67"]
    assert Required.parse(asked.required) == Required(votes=2, adjudicated=True, consensus=0.8, alpha=0.67)


def test_what_reviewers_did_in_words() -> None:
    assert view(plan()).work is None
    review = {
        "provenance": [{"name": "unanimous", "count": 60}, {"name": "adjudicated", "count": 9}, {"name": "none", "count": 21}],
        "rounds": [{"number": 1, "name": "", "alpha": 0.714, "why": ""}, {"number": 2, "name": "audit", "alpha": None, "why": "w"}],
        "disputes": {"name": "disagreement", "on": True, "usual": True, "ids": [4, 5]},
        "required": [{"rule": "votes", "ids": [6], "message": "m"}, {"rule": "alpha", "ids": [], "message": ""}],
    }  # fmt: skip
    work = view(plan(review=review)).work
    assert work is not None
    assert origin_words(work.origins) == "Unanimous: 60 · Adjudicated: 9 · Not reviewed: 21"
    assert work.rounds == (
        "Round 1: reviewers agree to α = 0.71.",
        "audit: how far reviewers agree is not known yet.",
    )
    assert work.disputes.effect == "keeps 2 out"
    assert work.left == {"votes": (6,), "alpha": ()}


@pytest.mark.parametrize("shares", ["", "90", "90/20", "0/100", "a/b", "50/25/20/5", "110/-10"])
def test_shares_that_are_none_are_a_problem(shares: str) -> None:
    assert "add up to 100" in Choices(split="own", own_split=shares).problem


def test_places_to_write_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "release").mkdir()
    (tmp_path / "release/manifest.json").write_text("{}")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/a").write_text("x")
    states = {name: place_of(str(tmp_path / name)).state for name in ("new", "file", "file/in", "release", "mine")}
    assert states == {"new": "free", "file": "taken", "file/in": "taken", "release": "release", "mine": "taken"}
    assert place_of(" ").state == "missing"
    if os.geteuid():
        (tmp_path / "locked").mkdir(mode=0o500)
        assert place_of(str(tmp_path / "locked/out")).state == "locked"
    assert usual_folder("/data/mine.curator") == "/data/mine-export"


def test_why_an_export_cannot_begin_one_reason_at_a_time() -> None:
    below, enough, free = view(plan()), view(plan(below=None)), Place("free", "")
    said = {"replaced": False, "known": False}
    assert why_not(Choices(), enough, free, **said) == ""
    assert why_not(Choices(()), enough, free, **said) == "Tick at least one format."
    assert why_not(Choices(), None, free, **said) == "Counting…"
    assert why_not(Choices(), view(plan(chosen=0, splits=[])), free, **said) == "No example is left to export."
    assert why_not(Choices(), below, free, **said) != ""
    assert why_not(Choices(), below, free, replaced=False, known=True) == ""
    assert why_not(Choices(), enough, Place("taken", "Taken."), **said) == "Taken."
    assert why_not(Choices(), enough, Place("release", ""), **said) != ""
    assert why_not(Choices(), enough, Place("release", ""), replaced=True, known=False) == ""


def test_what_has_to_come_first() -> None:
    assert need(["empty"]).action == "import"
    assert (need(["never"]).action, need(["never"]).button) == ("check", "Check now")
    both = need(["sources", "texts"])
    assert both.button == "Check again"
    assert both.text.count(".") == 3


def test_what_was_written_in_words() -> None:
    certificate = {"nearest": 0.97, "straddling": 0, "groups": 3, "near_eval": None, "threshold": 0.93, "pair": [1, 2]}
    file = {"target": "openai", "split": "train", "path": "openai/train.jsonl", "rows": 81, "tokens": 1234}
    told = done(
        {
            "folder": "/a",
            "ok": True,
            "chosen": 90,
            "splits": [{"name": "train", "count": 81}],
            "certificate": certificate | {"seed": 0},
            "files": [file | {"basis": "exact (o200k_base)", "problems": [], "notes": ["a note"]}],
            "notes": ["another"],
        }
    )
    assert told.title == "90 examples are written"
    assert told.figures == (
        ("0", "groups of near-duplicates in two splits"),
        ("0.970", "cosine of the two most alike in different splits"),
    )
    assert any("differ in a number" in text for text in told.proof)
    assert "There is no eval set to compare with." in told.proof
    assert [(f.path, f.rows, f.tokens) for f in told.files] == [("openai/train.jsonl", 81, "1,234 (exact)")]
    assert told.notes == ("openai: a note.", "another.")
