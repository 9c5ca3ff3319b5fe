"""The overview: right numbers, the right next step, and all of it live."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from curator import pipeline
from curator.model import Decision, Example, Message, Ref, Role, Severity, Verdict
from curator.outlook import Outlook
from curator.progress import Silent
from curator.store import Project, Run
from curator.tasks import NEEDS, Task
from ui.pages.overview import OverviewPage
from ui.presenters import overview as presenter
from ui.presenters.overview import Check, Gauge, SourceLine
from ui.theme import color
from ui.widgets.bars import Part, StackBar
from ui.widgets.gauge import place

WAIT = 20_000


def shown_overview(window, qtbot, path: Path) -> OverviewPage:
    shown = window(path, "overview")
    page = shown.pages["overview"]
    qtbot.waitUntil(lambda: page._view is not None, timeout=WAIT)
    return page


def decide(path: Path, verdict: Verdict, *ids: int, reviewer: str = "Grace") -> None:
    """Another program decides."""
    with Project.open(path) as project:
        project.decide([Decision("", id, "", reviewer, verdict) for id in ids])


def clean_ids(path: Path, number: int) -> list[int]:
    with Project.open(path) as project:
        out = Outlook.of(project).out
        return [id for id in project.ids(Role.CANDIDATE) if id not in out][:number]


def test_it_shows_what_the_check_left_and_where_to_begin(window, qtbot, support_project):
    page = shown_overview(window, qtbot, support_project)
    with Project.open(support_project) as project:
        run = project.latest_run("check")
        assert page._size.count.text() == str(run.summary["effective"])
        found = {name: n for name, n in run.checks.items() if n}
    assert {name: row.isVisible() for name, row in page._checks._rows.items()} == dict.fromkeys(found, True)
    assert page._size.out.text().startswith(str(page._view.gauge.candidates - page._view.gauge.count))
    assert page._view.step.kind == "findings"
    assert page._step.button.isEnabled()
    assert str(page._view.gauge.count) in page._size.gauge.accessibleName()


def test_the_next_step_is_one_key_away(window, qtbot, support_project):
    page = shown_overview(window, qtbot, support_project)
    page.setFocus()
    qtbot.keyClick(page.window(), Qt.Key.Key_N)
    assert page.window().place == "findings"


def test_what_was_taken_away_leads_to_it(window, qtbot, support_project):
    decide(support_project, Verdict.DROP, *clean_ids(support_project, 3))
    page = shown_overview(window, qtbot, support_project)
    assert "3" in page._size._buttons["decision"].text()
    qtbot.mouseClick(page._size._buttons["decision"], Qt.MouseButton.LeftButton)
    assert page.window().place == "examples"
    page.window().go("overview")
    qtbot.mouseClick(page._size._buttons["leakage"], Qt.MouseButton.LeftButton)
    assert page.window().place == "findings"


def test_decisions_of_others_show_by_themselves_and_undo_takes_them_back(window, qtbot, support_project):
    page = shown_overview(window, qtbot, support_project)
    before = page._view.gauge.count
    decide(support_project, Verdict.DROP, *clean_ids(support_project, 4))
    qtbot.waitUntil(lambda: page._size.count.text() == str(before - 4), timeout=WAIT)
    with Project.open(support_project) as project:
        project.undo()
    qtbot.waitUntil(lambda: page._size.count.text() == str(before), timeout=WAIT)


def test_a_change_while_another_page_is_shown_is_there_on_return(window, qtbot, support_project):
    page = shown_overview(window, qtbot, support_project)
    before = page._view.gauge.count
    page.window().go("guide")
    with qtbot.waitSignal(page.context.session.changed, timeout=WAIT):
        decide(support_project, Verdict.FLAG, *clean_ids(support_project, 2))
    page.window().go("overview")
    qtbot.waitUntil(lambda: page._size.count.text() == str(before - 2), timeout=WAIT)


def test_agreement_is_measured_once_two_decided_the_same(window, qtbot, support_project):
    page = shown_overview(window, qtbot, support_project)
    assert page._agreement.figures.isHidden()
    assert "second reviewer" in page._agreement.text.text()
    ids = clean_ids(support_project, 10)
    decide(support_project, Verdict.KEEP, *ids, reviewer="Ada")
    decide(support_project, Verdict.KEEP, *ids[:9], reviewer="Grace")
    decide(support_project, Verdict.DROP, ids[9], reviewer="Grace")
    qtbot.waitUntil(page._agreement.figures.isVisible, timeout=WAIT)
    assert page._agreement.percent.text() == "90%"
    assert float(page._agreement.alpha.text()) == pytest.approx(page._view.agreement.alpha, abs=0.005)
    assert "10 shared" in page._agreement.text.text()


def test_the_chosen_provider_is_remembered_and_marked(window, qtbot, support_project):
    page = shown_overview(window, qtbot, support_project)
    wanted = presenter.providers()[0][0]
    box = page._size.provider
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    assert wanted != "openai"
    title = dict(presenter.providers())[wanted]
    qtbot.waitUntil(lambda: page._view.gauge.provider == title, timeout=WAIT)
    with Project.open(support_project) as project:
        assert project.settings()["target"] == wanted


@pytest.fixture
def unchecked(tmp_path: Path) -> Path:
    """The support sample, imported and never checked."""
    path = tmp_path / "fresh.curator"
    pairs, evals, task = pipeline.sample("support")
    with Project.create(path, task=task) as project:
        pipeline.import_files(project, pipeline.Inputs((str(pairs),), (str(evals),)), Silent())
    return path


def test_a_check_fills_in_as_it_goes(window, qtbot, unchecked):
    page = shown_overview(window, qtbot, unchecked)
    assert page._checks.none.isVisible()
    assert page._step.button.text() == "Check now"
    qtbot.mouseClick(page._step.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page._step.title.text().startswith("Checking"), timeout=WAIT)
    assert page._step.button.isHidden()

    def partly() -> bool:
        done = [check.pending for check in page._view.checks]
        return True in done and False in done

    qtbot.waitUntil(partly, timeout=60_000)
    assert not page._view.complete
    qtbot.waitUntil(lambda: page._view.complete and page._view.step.kind == "findings", timeout=120_000)
    with Project.open(unchecked) as project:
        assert page._size.count.text() == str(project.latest_run("check").summary["effective"])
    assert page._step.button.isVisible()


def test_rewritten_examples_are_said_to_ask_for_another_check(window, qtbot, support_project):
    page = shown_overview(window, qtbot, support_project)
    assert page._stale.isHidden()
    with Project.open(support_project) as project:
        project.decide([Decision("", project.ids()[0], "", "Grace", Verdict.RELABEL, "gift_card")])
    qtbot.waitUntil(page._stale.isVisible, timeout=WAIT)
    assert page._stale.text.text() == "Since the last check examples were rewritten."
    assert page._view.step.kind == "findings"


def test_an_empty_project_asks_for_files_and_takes_them_by_drop(window, qtbot, tmp_path):
    path, data = tmp_path / "empty.curator", tmp_path / "a.csv"
    data.write_text("prompt,completion\nask,say\n", encoding="utf-8")
    Project.create(path).close()
    page = shown_overview(window, qtbot, path)
    assert page._step.title.text() == "Import a file to train on"
    assert page._drop.isVisible()
    assert page._size.isHidden()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(data))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(page._drop, QDragEnterEvent(QPoint(20, 20), copy, mime, left, none))
    QApplication.sendEvent(page._drop, QDropEvent(QPointF(20, 20), copy, mime, left, none))
    assert page.window().place == "importing"


def test_everything_fits_at_twice_the_size(window, qtbot, support_project, settings):
    settings.set("scale", 2.0)
    page = shown_overview(window, qtbot, support_project)
    page.window().resize(1440, 900)
    qtbot.waitUntil(lambda: page.width() > 900, timeout=WAIT)
    assert page._inside.minimumSizeHint().width() <= page.width()


# The ladder of next steps

NEED = NEEDS[Task.CLASSIFICATION]
FILE = SourceLine(1, "a.csv", "/data/a.csv", Role.CANDIDATE, "csv", 500, 0, True)
RUN = Run(1, "check", {"task": "classification"}, "2026-01-01", "2026-01-01", {}, {})


def gauge(count: int = 500, candidates: int = 500) -> Gauge:
    return Gauge(count, candidates, NEED, "A provider", 10)


def check(name: str, open: int, severity: Severity) -> Check:
    return Check(name, name, "", open, open, severity)


def step(**given) -> str:
    values = {"gauge": gauge(), "sources": [FILE], "run": RUN, "stale": (), "checks": (), "decided": 100} | given
    return presenter.next_step(**values).kind


def test_the_ladder_goes_from_import_to_export():
    undecided = (check("near_duplicate", 3, Severity.WARNING),)
    assert step(gauge=gauge(0, 0), sources=[], run=None) == "import"
    assert step(run=None) == "check"
    assert step(checks=undecided, stale=("sources",)) == "check"
    assert step(checks=undecided, stale=("texts",)) == "findings"
    assert step(stale=("texts",)) == "check"
    assert step(decided=0) == "review"
    assert step(gauge=gauge(150)) == "collect"
    assert step() == "export"


def test_the_gravest_check_comes_first_and_notes_hold_nobody_up():
    checks = (check("leakage", 2, Severity.ERROR), check("near_duplicate", 9, Severity.WARNING))
    found = presenter.next_step(gauge(), [FILE], RUN, (), checks, 100)
    assert (found.kind, dict(found.where)) == ("findings", {"check": "leakage"})
    assert step(checks=(check("length", 4, Severity.INFO),)) == "export"


def test_an_import_that_was_stopped_comes_before_all_else():
    stopped = SourceLine(2, "b.csv", "/data/b.csv", Role.CANDIDATE, "csv", 10, 0, False)
    found = presenter.next_step(gauge(), [FILE, stopped], RUN, (), (), 100)
    assert (found.kind, dict(found.where)) == ("import", {"files": ["/data/b.csv"]})


def test_the_larger_of_two_minimums_counts():
    strict = Gauge(250, 400, NEED, "A provider", 300)
    assert (strict.minimum, strict.zone) == (300, "below")
    assert "50 too few" in strict.verdict
    assert Gauge(2_000, 3_000, NEED, "A provider", None).zone == "ideal"


def test_lengths_are_measured_on_what_examples_say_now(tmp_path):
    with Project.create(tmp_path / "p.curator") as project:
        rows = [
            Example(Ref("a", n, None), (Message("user", "x" * (n + 1)), Message("assistant", "yes"))) for n in range(9)
        ]
        project.import_source("a", "sha", "jsonl", Role.CANDIDATE, {}, rows, Silent())
        inputs, outputs, sampled = presenter.lengths(project)
        assert (inputs.median, inputs.longest, outputs.longest, sampled) == (5, 9, 3, False)
        project.decide([Decision("", project.ids()[0], "", "ana", Verdict.RELABEL, "certainly")])
        assert presenter.lengths(project)[1].longest == len("certainly")


@given(st.integers(1, 10**5), st.integers(1, 10**5), st.integers(0, 10**7), st.integers(0, 10**7))
def test_more_examples_never_stand_further_left(minimum, more, first, second):
    ideal = minimum + more
    low, high = sorted((first, second))
    assert 0 <= place(low, minimum, ideal) <= place(high, minimum, ideal) <= 1
    assert place(minimum, minimum, ideal) == pytest.approx(1 / 3)
    assert place(ideal, minimum, ideal) == pytest.approx(2 / 3)


@pytest.mark.parametrize("counts", [[1, 99_999], [50, 50], [3], [1] * 12, [0, 7, 0]])
def test_every_part_of_a_bar_is_seen_and_they_fill_it(qtbot, counts):
    bar = StackBar()
    qtbot.addWidget(bar)
    bar.resize(400, 16)
    bar.show_parts([Part(str(n), n, color("accent")) for n in counts])
    spans = bar.spans()
    assert len(spans) == sum(n > 0 for n in counts)
    assert all(where.width() >= 2 for _, where in spans)
    assert spans[-1][1].right() == pytest.approx(400)
