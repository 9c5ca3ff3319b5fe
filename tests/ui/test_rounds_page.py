"""The page of rounds by real clicks and keys: a round is planned, begun, voted in by turns, packed, merged and closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QApplication, QLineEdit, QWidget
from test_accessibility import controls, spoken, told

from curator.model import Decision, Kind, Role, Round, Verdict
from curator.review.rounds import planning as rounds
from curator.review.rounds.planning import Asked, Scope
from curator.store import Project
from ui.pages.rounds import RoundsPage
from ui.window import Window

WAIT_MS = 20_000


def begin(path: Path, reviewers: tuple[str, ...] = ("Ann", "Bo"), size: int = 6, **changed) -> Round:
    with Project.open(path, actor="Ada") as project:
        return rounds.begin(project, rounds.plan(project, Asked(reviewers, Scope.SAMPLE, size=size, **changed)))


def vote(path: Path, round: Round, name: str, number: int | None = None) -> None:
    with Project.open(path) as project:
        slots = project.rounds.slots(round.id, name)[:number]
        votes = [Decision("", s.example, "", name, Verdict.KEEP, kind=Kind.VOTE, round=round.id) for s in slots]
        project.decide(votes)


def shown(window: Callable[..., Window], path: Path, qtbot) -> RoundsPage:
    """The page with what it has read."""
    page = window(path, "rounds").pages["rounds"]
    assert isinstance(page, RoundsPage)
    qtbot.waitUntil(lambda: page.listed is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not page.listed.lines or page.shown is not None, timeout=WAIT_MS)
    return page


def type_into(qtbot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def click(qtbot, made: QAbstractButton) -> None:
    assert made.isVisible()
    assert made.isEnabled()
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)


def foreseen(page: RoundsPage, qtbot, words: str) -> None:
    qtbot.waitUntil(lambda: words in page.outcome.headline.text() and page.outcome.begin.isEnabled(), timeout=WAIT_MS)


def test_without_rounds_it_says_what_one_is_for(window, support_project: Path, qtbot) -> None:
    page = shown(window, support_project, qtbot)
    assert page.views.currentWidget() is page.empty
    assert "agree" in page.empty.text.text()
    click(qtbot, page.empty.action)
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.form_view, timeout=WAIT_MS)
    assert page.form.reviewers.text() == "Ada"


def test_the_form_tells_at_once_what_a_round_comes_to(window, support_project: Path, qtbot) -> None:
    page = shown(window, support_project, qtbot)
    page.new_round()
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.form_view, timeout=WAIT_MS)
    type_into(qtbot, page.form.reviewers, "Ann, Bo, Cy")
    foreseen(page, qtbot, "120 items × 2 reviewers = 240 votes")
    page.form.size.setValue(60)
    foreseen(page, qtbot, "60 items × 2 reviewers = 120 votes")
    page.form.overlap.setValue(1)
    foreseen(page, qtbot, "60 items, 60 votes in all")
    remarks = [one.text for one in page._outcome.remarks]
    assert any("no agreement can be measured" in text for text in remarks)
    type_into(qtbot, page.form.reviewers, ",")
    qtbot.waitUntil(lambda: page.outcome.problem.text() == "Name at least one reviewer.", timeout=WAIT_MS)
    assert not page.outcome.begin.isEnabled()


def test_a_round_is_begun_by_keys_and_undone(window, support_project: Path, qtbot) -> None:
    page = shown(window, support_project, qtbot)
    opened = page.window()
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.form_view, timeout=WAIT_MS)
    type_into(qtbot, page.form.reviewers, "Ann, Bo")
    type_into(qtbot, page.form.name, "pilot")
    page.form.size.setValue(10)
    page.form.guideline.setPlainText("Look twice.")
    foreseen(page, qtbot, "10 items × 2 reviewers = 20 votes")
    qtbot.keyClick(page.form.name, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.shown is not None and page.shown.title == "Round 1: pilot", timeout=WAIT_MS)
    assert page.right.currentWidget() is page.detail_view
    assert list(page.detail.people.rows) == ["Ann", "Bo"]
    with Project.open(support_project) as project:
        (round,) = project.rounds.all()
        assert (round.guideline, round.guideline_version) == ("Look twice.", 1)
        assert round.scope.startswith("A random sample of 10 of ")
    opened.undo()
    qtbot.waitUntil(lambda: page.views.currentWidget() is page.empty, timeout=WAIT_MS)


def test_leaving_the_form_keeps_what_was_filled_in(window, support_project: Path, qtbot) -> None:
    begin(support_project)
    page = shown(window, support_project, qtbot)
    click(qtbot, page.list.new)
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.form_view, timeout=WAIT_MS)
    assert page.form.reviewers.text() == "Ann, Bo", "those of the round before"
    type_into(qtbot, page.form.name, "second")
    qtbot.keyClick(page.form.name, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.detail_view, timeout=WAIT_MS)
    page.new_round()
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.form_view, timeout=WAIT_MS)
    assert page.form.name.text() == "second"


def test_chosen_examples_come_from_another_page(window, support_project: Path, qtbot) -> None:
    page = shown(window, support_project, qtbot)
    with Project.open(support_project) as project:
        ids = project.ids(Role.CANDIDATE)[:7]
    page.window().go("rounds", ids=ids, title="Questions about refunds")
    foreseen(page, qtbot, "7 items")
    assert page.form.scope.buttons["ids"].isChecked()
    page.begin()
    qtbot.waitUntil(lambda: page.shown is not None, timeout=WAIT_MS)
    assert page.shown.scope == "Questions about refunds"


def test_reviewers_take_turns_at_one_machine(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    page = shown(window, support_project, qtbot)
    opened = page.window()
    click(qtbot, page.detail.people.rows["Bo"].review)
    assert opened.place == "review"
    assert opened.session.reviewer == "Bo"
    review = opened.pages["review"]
    qtbot.waitUntil(lambda: review.sitting.card is not None, timeout=WAIT_MS)
    review.take_keys()
    qtbot.keyClick(review, Qt.Key.Key_A)
    qtbot.waitUntil(lambda: review.sitting.deck.decided_here == 1 and not review.sitting.busy, timeout=WAIT_MS)
    opened.go("rounds", round=round.id)
    qtbot.waitUntil(lambda: page.shown is not None and page.shown.done == 1, timeout=WAIT_MS)
    assert page.detail.people.rows["Bo"].far.text() == "1 of 6"
    assert "left" in page.detail.people.rows["Bo"].left.text()
    assert page.detail.head.bar.value() == 8


def test_the_page_follows_votes_that_come_from_elsewhere(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    page = shown(window, support_project, qtbot)
    vote(support_project, round, "Ann")
    vote(support_project, round, "Bo")
    qtbot.waitUntil(lambda: page.shown.done == 12, timeout=WAIT_MS)
    assert page.listed.lines[0].state == "all voted"
    assert not page.detail.people.rows["Ann"].review.isEnabled()
    assert "can be settled" in page.detail.head.step.text()
    click(qtbot, page.detail.head.adjudicate)
    assert page.window().place == "adjudicate"


def test_somebody_leaves_and_another_joins(window, support_project: Path, qtbot) -> None:
    round = begin(support_project, ("Ann", "Bo", "Cy"))
    vote(support_project, round, "Ann", 1)
    page = shown(window, support_project, qtbot)
    click(qtbot, page.detail.people.rows["Ann"].leave)
    qtbot.waitUntil(lambda: list(page.detail.people.rows) == ["Bo", "Cy", "Ann"], timeout=WAIT_MS)
    assert page.detail.people.rows["Ann"].left.text() == "has left"
    assert not page.detail.people.rows["Ann"].review.isEnabled()
    assert "Ann left; what they finished stays." in page.window().toast.text.text()
    type_into(qtbot, page.detail.people.newcomer, "Dee")
    qtbot.keyClick(page.detail.people.newcomer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Dee" in page.detail.people.rows, timeout=WAIT_MS)
    with Project.open(support_project) as project:
        assert project.rounds.get(round.id).reviewers == ("Bo", "Cy", "Dee")
        assert project.rounds.slots(round.id, "Dee")


def test_a_round_is_closed_and_opened_again(window, support_project: Path, qtbot) -> None:
    begin(support_project)
    page = shown(window, support_project, qtbot)
    click(qtbot, page.detail.head.turn)
    qtbot.waitUntil(lambda: page.shown.round.closed, timeout=WAIT_MS)
    assert not page.detail.people.rows["Ann"].leave.isEnabled()
    assert not page.detail.packets.pack.isEnabled()
    click(qtbot, page.detail.head.turn)
    qtbot.waitUntil(lambda: not page.shown.round.closed, timeout=WAIT_MS)
    opened = page.window()
    page.turn()
    opened.rebuild()  # with another theme, say: what was begun is told all the same
    qtbot.waitUntil(lambda: "closed" in opened.toast.text.text(), timeout=WAIT_MS)


def test_rounds_are_chosen_by_click_and_by_key(window, support_project: Path, qtbot) -> None:
    begin(support_project, name="first")
    begin(support_project, name="second")
    page = shown(window, support_project, qtbot)
    assert page.shown.title == "Round 2: second", "the newest is shown first"
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: page.shown is not None and page.shown.title == "Round 1: first", timeout=WAIT_MS)
    qtbot.keyClick(page, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: page.shown is not None and page.shown.title == "Round 2: second", timeout=WAIT_MS)
    qtbot.keyClick(page, Qt.Key.Key_G)
    assert page.window().place == "agreement"


# Packets


def answers(path: Path, folder: Path, page: RoundsPage, qtbot) -> list[Path]:
    """Packets written by the page, answered on the reviewers' side."""
    from curator.review.packets.project import answer_packet, open_packet

    page.write_packets(folder)
    qtbot.waitUntil(lambda: len(list(folder.glob("*.packet"))) == 2, timeout=WAIT_MS)
    found = []
    for packet in sorted(folder.glob("*.packet")):
        with Project.open(open_packet(packet)) as project:
            (round,) = project.rounds.all()
            (name,) = round.reviewers
            for slot in project.rounds.slots(round.id, name):
                project.decide([Decision("", slot.example, "", name, Verdict.KEEP, kind=Kind.VOTE, round=round.id)])
            found.append(answer_packet(project).path)
    return found


def drop(page: RoundsPage, files: list[Path]) -> None:
    """Let files fall onto the place for packets."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    event = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.detail.packets.dropEvent(event)


def test_packets_go_out_and_answers_are_dropped_in(window, support_project: Path, tmp_path: Path, qtbot) -> None:
    begin(support_project)
    page = shown(window, support_project, qtbot)
    (tmp_path / "out").mkdir()
    came = answers(support_project, tmp_path / "out", page, qtbot)
    drop(page, came)
    qtbot.waitUntil(lambda: page.shown is not None and page.shown.done == 12, timeout=WAIT_MS)
    assert "6 new votes of" in page.window().toast.text.text()
    assert "6 items settled themselves" in page.window().toast.text.text()
    drop(page, came)
    qtbot.waitUntil(lambda: "6 known already" in page.window().toast.text.text(), timeout=WAIT_MS)
    with Project.open(support_project) as project:
        assert len(project.rounds.votes()) == 12, "nothing counts twice"


def test_what_is_no_answer_is_told_in_a_sentence(window, support_project: Path, tmp_path: Path, qtbot) -> None:
    begin(support_project)
    page = shown(window, support_project, qtbot)
    drop(page, [tmp_path / "notes.txt"])
    assert "end in .packet" in page.window().troubles.text.text()
    broken = tmp_path / "x.packet"
    broken.write_bytes(b"nothing")
    drop(page, [broken])
    qtbot.waitUntil(lambda: "x.packet" in page.window().troubles.text.text(), timeout=WAIT_MS)


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_form_fits_a_narrow_window_at_any_size(window, settings, support_project, qtbot, scale: float) -> None:
    settings.set("scale", scale)
    page = shown(window, support_project, qtbot)
    page.window().resize(900, 600)
    page.new_round()
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.form_view, timeout=WAIT_MS)
    assert page.outcome.geometry().top() >= page.form.geometry().bottom(), "the consequences stand under the form"


def test_what_the_examples_show_can_become_a_round(window, support_project: Path, qtbot) -> None:
    opened = window(support_project, "examples")
    examples = opened.pages["examples"]
    qtbot.waitUntil(lambda: examples.looked is not None and len(examples.looked.ids) > 0, timeout=WAIT_MS)
    opened.registry.run("examples.round")
    page = opened.pages["rounds"]
    qtbot.waitUntil(lambda: page.right.currentWidget() is page.form_view, timeout=WAIT_MS)
    assert page.form.form.scope == "ids"
    assert len(page.form.form.ids) == len(examples.looked.ids)


@pytest.mark.parametrize("planning", [False, True])
def test_every_control_has_a_name_and_is_reached_by_tab(window, support_project: Path, qtbot, planning: bool) -> None:
    begin(support_project, repeats=1)
    page = shown(window, support_project, qtbot)
    if planning:
        page.new_round()
        qtbot.waitUntil(lambda: page.right.currentWidget() is page.form_view, timeout=WAIT_MS)
        foreseen(page, qtbot, "items")
    here = controls(page)
    assert len(here) > (15 if planning else 8)
    assert [told(one) for one in here if not spoken(one).strip() and not isinstance(one, QAbstractScrollArea)] == []
    visited: list[QWidget] = []
    page.list.new.setFocus()
    for _ in range(150):
        focus = QApplication.focusWidget()
        if focus is None or (focus in visited[:1] and len(visited) > 1):
            break
        visited.append(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    missed = [one for one in here if one not in visited and not isinstance(one, QAbstractScrollArea)]
    grouped = [one for one in missed if isinstance(one, QAbstractButton) and one.group() is not None]
    assert [told(one) for one in missed if one not in grouped] == []
