"""What the page of rounds says, without a window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.model import Decision, Example, Kind, Message, Ref, Role, Verdict
from curator.progress import Silent
from curator.review.rounds import planning as engine
from curator.review.rounds.notes import TEXTS, Note
from curator.review.rounds.planning import Asked, Scope
from curator.store import Project
from curator.tasks import Task
from ui import i18n
from ui.presenters import round_form, rounds
from ui.presenters.round_form import Form, Outcome

LABELS = ("refund", "restock", "warranty")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION, actor="Ada") as made:
        records = (
            Example(Ref("a.csv", at, at + 2), (Message("user", f"question {at}"), Message("assistant", LABELS[at % 3])))
            for at in range(200)
        )
        made.import_source("a.csv", "0" * 64, "csv", Role.CANDIDATE, {}, records, Silent())
        yield made


def foreseen(project: Project, form: Form) -> Outcome:
    return round_form.outcome(project, form, round_form.ground(project))


def test_a_first_form_proposes_whoever_sits_there_and_the_next_one_the_same_people(project: Project) -> None:
    first = round_form.ground(project)
    assert first.form.names == ("Ada",)
    assert first.candidates == 200
    engine.begin(project, engine.plan(project, Asked(("Ann", "Bo"), Scope.SAMPLE, size=10)))
    second = round_form.ground(project)
    assert second.form.names == ("Ann", "Bo")
    assert second.form.seed == 1, "another sample than before"
    assert set(second.known) == {"Ann", "Bo"}


def test_what_a_round_comes_to_is_a_sum_that_one_can_check(project: Project) -> None:
    found = foreseen(project, Form("Ann, Bo, Cy", size=120))
    assert found.headline == "120 items × 2 reviewers = 240 votes"
    assert [(one.name, one.looks) for one in found.owing] == [
        ("Ann", "80 votes"),
        ("Bo", "80 votes"),
        ("Cy", "80 votes"),
    ]
    assert all(one.time.startswith("about ") for one in found.owing)
    assert found.pace == "Times are estimated by the words to read."
    assert "Margin of error ±5.7%, 95 times in 100." in [one.text for one in found.remarks]
    part = foreseen(project, Form("Ann, Bo", size=100, part=0.2, repeats=3))
    assert part.headline == "100 items, 126 votes in all"


@pytest.mark.parametrize(
    ("form", "problem"),
    [(Form(" , "), "Name at least one"), (Form("Ann", scope="findings"), "take a random sample")],
)
def test_what_cannot_be_is_said(project: Project, form: Form, problem: str) -> None:
    assert problem in foreseen(project, form).problem


def test_what_is_reviewed_is_kept_in_the_words_of_the_window(project: Project) -> None:
    form = Form("Ann, Bo", size=50)
    asked = round_form.begun(form, round_form.ground(project), 50)
    round = engine.begin(project, engine.plan(project, asked))
    assert round.scope == "A random sample of 50 of 200 candidates"
    chosen = Form("Ann", scope="ids", ids=(3, 4), title="Label: refund")
    assert round_form.scope_said(chosen, round_form.ground(project), 2) == "Label: refund"
    assert round_form.scope_said(Form(scope="all"), round_form.ground(project), 200) == "All 200 candidates"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", sorted(TEXTS))
def test_every_note_of_the_engine_has_its_words(name: str, language: str) -> None:
    values = {"n": 3, "margin": 0.05, "population": 9, "wanted": 8, "there": 2, "labels": 7, "few": 5, "minutes": 15}
    i18n.use(language)
    try:
        said = round_form.remark(Note(name, {**values, "overlap": 3, "people": 2}))
    finally:
        i18n.use("en")
    assert said.endswith(".")
    assert "{" not in said
    if name not in ("smaller",):
        assert "are wanted and 2 are there: all" not in said, "this is the last resort of another note"


def test_a_round_is_told_by_its_figures_and_the_next_step(project: Project) -> None:
    asked = Asked(("Ann", "Bo"), Scope.IDS, ids=(1, 2, 3), name="pilot")
    round = engine.begin(project, engine.plan(project, asked))
    for example, by, verdict, value in (
        (1, "Ann", Verdict.KEEP, None),
        (1, "Bo", Verdict.KEEP, None),
        (2, "Ann", Verdict.KEEP, None),
        (2, "Bo", Verdict.RELABEL, "warranty"),
        (3, "Ann", Verdict.SKIP, None),
    ):
        project.decide([Decision("", example, "", by, verdict, value, kind=Kind.VOTE, round=round.id)])
    found = rounds.detail(project, round.id)
    assert found.title == "Round 1: pilot"
    assert found.far == "5 of 6 votes"
    assert found.percent == 83
    assert found.kind == "2 reviewers see each item · blind · no guideline"
    assert {one.word: one.value for one in found.figures} == {
        "items": "3",
        "have all votes": "2",
        "unanimous": "1",
        "disputed": "1",
        "settled": "0",
    }
    ann, bo = found.people
    assert (ann.far, ann.left, ann.open, ann.quality) == ("3 of 3", "done", False, "1 skipped")
    assert (bo.far, bo.open) == ("2 of 3", True)
    assert ann.when.startswith("last vote ")
    assert found.step == "1 vote is still to come."
    (line,) = rounds.read(project).lines
    assert (line.state, line.done, line.looks, line.percent) == ("under way", 5, 6, 83)
    project.rounds.close(round.id)
    assert rounds.read(project).lines[0].state == "closed"
    assert not rounds.detail(project, round.id).people[1].open


def test_progress_is_whole_only_when_all_is_done() -> None:
    assert [rounds.percent(*one) for one in ((0, 0), (0, 9), (999, 1000), (1000, 1000))] == [0, 0, 99, 100]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.4, "less than a minute"), (1, "about 1 minute"), (89.4, "about 89 minutes"), (150, "about 2.5 hours")],
)
def test_times_are_told_as_people_estimate_them(value: float, said: str) -> None:
    assert rounds.minutes(value) == said
