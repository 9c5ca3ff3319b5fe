"""Adjudicating by real keys: what each does, what is on disk before the next dispute shows, and the way back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from round_material import DROP, FLAG, KEEP, TEXTS, begin, make_project, outputs, settlements, vote, vote_all
from test_accessibility import controls, spoken, told

from curator.model import Cause, Decision, Kind, Round, Verdict
from curator.store import Project
from curator.tasks import Task
from ui.pages.adjudicate import AdjudicatePage
from ui.widgets.basics import EmptyState
from ui.window import Window

KEY = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
VOTES = {
    1: (KEEP, "cancel"),
    2: ("refund", KEEP),
    3: (KEEP, "address"),
    4: ("refund", "refund"),
    5: (KEEP, KEEP),
}
"""Of six examples 1, 2 and 3 are disputed, 4 and 5 agreed on, 6 has no votes yet."""


class Adjudicating:
    """A person at the page: presses keys where the focus is, and looks at what is shown and what is on disk."""

    def __init__(self, window: Window, qtbot, **where):
        self.window, self.qtbot = window, qtbot
        window.go("adjudicate", **where)
        page = window.pages["adjudicate"]
        assert isinstance(page, AdjudicatePage)
        self.page, self.sitting = page, page.sitting
        self.wait(lambda: not self.sitting.busy and page.views.currentIndex() > 0)

    @property
    def project(self) -> Project:
        return self.window.session.project

    @property
    def over(self) -> bool:
        return self.page.views.currentWidget() is self.page.instead

    @property
    def id(self) -> int:
        assert self.sitting.dispute is not None
        return self.sitting.dispute.example

    def wait(self, until: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(until, timeout=10_000)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)

    def decide(self, key: Qt.Key) -> int:
        """Press a key that decides, and wait for what comes next; the example that it was pressed on."""
        before = self.id
        self.press(key)
        self.wait(lambda: not self.sitting.busy and (self.over or self.id != before))
        return before

    def undo(self) -> None:
        before = len(self.project.log(None))
        self.press(KEY.Key_Z, CTRL)
        self.wait(lambda: len(self.project.log(None)) > before and not self.sitting.busy)

    def decision(self, example: int) -> Decision | None:
        return next(iter(self.project.decisions(example)), None)

    def said(self) -> list[tuple[str, str]]:
        """Who voted what, as it is shown."""
        shown = [each for each in self.page.record.votes.cards if not each.isHidden()]
        return [(each.who.text(), each.said.text()) for each in shown]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "made.curator"
    with make_project(path) as project:
        vote_all(project, begin(project, name="pilot"), VOTES)
    return path


@pytest.fixture
def adjudicating(window, made: Path, qtbot) -> Callable[..., Adjudicating]:
    def open_page(path: Path = made, **where) -> Adjudicating:
        return Adjudicating(window(path), qtbot, **where)

    return open_page


def round_of(project: Project) -> Round:
    return project.rounds.get(1)


def test_the_most_informative_dispute_comes_first_with_its_votes_side_by_side(adjudicating):
    at = adjudicating()
    assert at.id == 1
    assert at.said() == [("Ann", "refund"), ("Bo", "cancel")]
    assert at.page.bar.far.text() == "0 of 3 adjudicated"
    assert at.page.bar.standing.text() == "2 agreed · 1 waits for votes"
    assert [one.name for one in at.page.offered] == ["cancel", "refund", "address"], "voted for first, then the others"
    assert [made.said for made in at.page.decision.picker.buttons] == ["1 vote", "1 vote · now", ""]


@pytest.mark.parametrize(
    ("key", "verdict", "value"),
    [
        (KEY.Key_A, Verdict.KEEP, None),
        (KEY.Key_X, Verdict.DROP, None),
        (KEY.Key_1, Verdict.RELABEL, "cancel"),
        (KEY.Key_2, Verdict.KEEP, None),
        (KEY.Key_3, Verdict.RELABEL, "address"),
    ],
)
def test_a_key_adjudicates_and_the_next_dispute_comes(adjudicating, key, verdict, value):
    at = adjudicating()
    decided = at.decide(key)
    made = at.decision(decided)
    assert (made.kind, made.verdict, made.value, made.reviewer) == (Kind.ADJUDICATION, verdict, value, "Ada")
    assert made.round == round_of(at.project).id
    assert len(made.basis.votes) == 2
    assert at.page.bar.far.text() == "1 of 3 adjudicated"


def test_y_decides_as_the_consensus_says(adjudicating):
    at = adjudicating()
    wanted = at.page.proposed
    assert wanted is not None
    assert wanted.name in at.page.decision.button("accept").text()
    decided = at.decide(KEY.Key_Y)
    (example,) = at.project.get_examples([decided])
    assert example.output == wanted.name


def test_a_decision_is_on_disk_before_the_next_dispute_shows(adjudicating):
    at = adjudicating()
    gate = threading.Event()
    write = at.project._database.write

    @contextmanager
    def held(**options):
        with write(**options) as connection:
            assert gate.wait(20)
            yield connection

    at.project._database.write = held
    at.press(KEY.Key_X)
    at.press(KEY.Key_M)  # these wait for the next one
    at.press(KEY.Key_A)
    at.qtbot.wait(150)
    assert at.id == 1
    at.project._database.write = write
    gate.set()
    at.wait(lambda: at.sitting.deck.decided == 2 and not at.sitting.busy)
    assert (at.decision(1).verdict, at.decision(1).cause) == (Verdict.DROP, None)
    assert (at.decision(2).verdict, at.decision(2).cause) == (Verdict.KEEP, Cause.ERROR)


def test_cause_and_note_go_with_the_decision(adjudicating):
    at = adjudicating()
    at.press(KEY.Key_B)
    at.press(KEY.Key_U)  # another one takes its place
    assert [c for c in Cause if at.page.decision.button(f"cause.{c}").isChecked()] == [Cause.GUIDELINE]
    at.press(KEY.Key_N)
    assert QApplication.focusWidget() is at.page.decision.note
    at.type("axu 1")  # letters and digits that decide elsewhere
    at.press(KEY.Key_Return)
    assert at.id == 1
    decided = at.decide(KEY.Key_1)
    made = at.decision(decided)
    assert (made.cause, made.note) == (Cause.GUIDELINE, "axu 1")
    assert at.page.decision.note.text() == ""
    at.wait(lambda: len(at.page.gaps.found) == 1)
    at.press(KEY.Key_M)
    at.press(KEY.Key_M)  # once more takes it back
    second = at.decide(KEY.Key_A)
    assert at.decision(second).cause is None


def test_undo_takes_it_back_and_comes_back_to_the_dispute(adjudicating):
    at = adjudicating()
    first = at.decide(KEY.Key_X)
    second = at.decide(KEY.Key_1)
    at.undo()
    at.wait(lambda: at.id == second)
    assert at.decision(second) is None
    at.undo()
    at.wait(lambda: at.id == first)
    assert at.decision(first) is None
    assert at.page.bar.far.text() == "0 of 3 adjudicated"
    at.press(KEY.Key_Z, CTRL | SHIFT)
    at.wait(lambda: at.decision(first) is not None and at.page.bar.far.text() == "1 of 3 adjudicated")
    assert at.id == second


def test_what_was_decided_in_an_earlier_sitting_comes_back_too(adjudicating, made, window, qtbot):
    at = adjudicating()
    first = at.decide(KEY.Key_X)
    again = Adjudicating(window(made), qtbot)
    assert again.id != first
    again.undo()
    again.wait(lambda: not again.over and again.id == first)


def test_an_edit_is_saved_as_an_adjudication(adjudicating):
    at = adjudicating()
    at.press(KEY.Key_E)
    assert at.page.editing
    at.press(KEY.Key_A, CTRL)
    at.type("a xyz")
    at.press(KEY.Key_Return, CTRL)
    at.wait(lambda: at.decision(1) is not None)
    assert at.decision(1).verdict is Verdict.EDIT
    assert outputs(at.project)[1] == "a xyz"


def test_space_leaves_one_for_later_and_arrows_move(adjudicating):
    at = adjudicating()
    order = []
    for _ in range(4):
        order.append(at.id)
        at.press(KEY.Key_Space)
    assert order == [1, 2, 3, 1]
    at.press(KEY.Key_Left)
    assert at.id == 1
    at.press(KEY.Key_Right)
    at.press(KEY.Key_Right)
    at.press(KEY.Key_Right)
    assert at.id == 3
    assert not [d for d in at.project.decisions() if d.kind is Kind.ADJUDICATION]


def test_names_are_hidden_behind_letters_that_say_nothing(adjudicating):
    at = adjudicating()
    at.press(KEY.Key_H)
    assert {who for who, _ in at.said()} == {"Reviewer A", "Reviewer B"}
    assert sorted(said for _, said in at.said()) == ["cancel", "refund"]
    shown = at.page.record.votes.findChildren(type(at.page.record.votes.cards[0].who))
    assert not any(name in each.text() for each in shown for name in ("Ann", "Bo"))
    at.press(KEY.Key_H)
    assert at.said()[0][0] == "Ann"


def test_when_all_is_decided_what_agrees_can_be_settled_and_taken_back(adjudicating):
    at = adjudicating()
    for _ in range(3):
        at.decide(KEY.Key_A)
    at.wait(lambda: at.over)
    (settle,) = [each for each in at.page.instead.findChildren(QPushButton) if "all agree on" in each.text()]
    assert settle.text() == "Settle the 2 items that all agree on"
    settle.click()
    at.wait(lambda: set(settlements(at.project)) == {4, 5} and not at.sitting.busy)
    assert at.project.log()[0].actor == "Ada"
    at.undo()
    assert not settlements(at.project)


def test_settling_tells_beforehand_how_many_it_would_settle(adjudicating):
    at = adjudicating()
    at.press(KEY.Key_S)
    panel = at.page.settle
    at.wait(lambda: panel.unanimous.isEnabled())
    assert panel.unanimous.text() == "Settle 2 unanimous items"
    panel.unanimous.click()
    at.wait(lambda: set(settlements(at.project)) == {4, 5})
    at.wait(lambda: not panel.unanimous.isEnabled())
    assert at.id == 1, "the dispute that is shown stays"


def test_the_consensus_settles_from_a_confidence_on(window, tmp_path, qtbot):
    path = tmp_path / "many.curator"
    with make_project(path, ["refund", "cancel"] * 15) as project:
        round = begin(project, ("Ann", "Bo", "Cy"), examples=range(1, 31))
        vote_all(project, round, {**dict.fromkeys(range(1, 30), (KEEP,) * 3), 30: ("refund", "refund", KEEP)})
    at = Adjudicating(window(path), qtbot)
    at.press(KEY.Key_S)
    panel = at.page.settle
    at.wait(lambda: panel.by_consensus.isEnabled())
    assert panel.by_consensus.text() == "Settle 30 items"
    assert panel.more.text() == "1 of them by consensus"
    panel.by_consensus.click()
    at.wait(lambda: len(settlements(at.project)) == 30)
    at.wait(lambda: at.over)


def test_gaps_are_added_to_the_guideline_once_and_copied(adjudicating):
    at = adjudicating()
    at.project.set_settings(guideline="Be kind.")
    at.press(KEY.Key_U)
    at.decide(KEY.Key_1)
    at.press(KEY.Key_G, SHIFT)
    at.wait(lambda: len(at.page.gaps.found) == 1)
    at.page.gaps.copy.click()
    assert QApplication.clipboard().text().startswith("### cancel or refund\n\n- “question 0” is **cancel**")
    at.wait(lambda: at.sitting.begun_with.guideline == "Be kind.")
    at.page.gaps.append.click()
    at.wait(lambda: "### cancel or refund" in at.project.settings()["guideline"])
    written = at.project.settings()["guideline"]
    assert written.startswith("Be kind.\n\n### cancel or refund")
    at.wait(lambda: at.sitting.begun_with.guideline == written)
    at.page.gaps.append.click()
    at.qtbot.wait(100)
    assert at.project.settings()["guideline"] == written


def test_the_guideline_of_the_round_is_one_key_away(window, tmp_path, qtbot):
    path = tmp_path / "guided.curator"
    with make_project(path) as project:
        round = begin(project)
        vote_all(project, round, {1: (KEEP, "cancel")})
        project.set_settings(guideline="For whoever reviews now.")
    at = Adjudicating(window(path), qtbot)
    assert not at.page.guideline.isVisible()
    at.press(KEY.Key_G)
    assert at.page.guideline.isVisible()
    assert "For whoever reviews now." not in at.page.guideline.shown.toPlainText(), "the round had none"
    at.press(KEY.Key_G)
    assert not at.page.guideline.isVisible()


def test_a_label_beyond_the_nine_is_found_by_typing(window, tmp_path, qtbot):
    path = tmp_path / "labels.curator"
    names = [f"label{at:02}" for at in range(14)]
    with make_project(path, names * 2) as project:
        round = begin(project, examples=range(1, 4), labels=names)
        vote_all(project, round, {1: (KEEP, "label05")})
    at = Adjudicating(window(path), qtbot)
    at.press(KEY.Key_L)
    at.type("label13")
    at.press(KEY.Key_Return)
    at.wait(lambda: at.decision(1) is not None)
    assert at.decision(1).value == "label13"


def test_edits_are_shown_as_words_that_come_and_go_and_taken_with_a_number(window, tmp_path, qtbot):
    path = tmp_path / "texts.curator"
    with make_project(path, TEXTS, Task.STYLE) as project:
        round = begin(project, labels=())
        vote_all(project, round, {1: ("edit: It is all done, number 0.", KEEP)})
    at = Adjudicating(window(path), qtbot)
    edited = next(each for each in at.page.record.votes.cards if each.said.text() == "Edited")
    assert "underline" in edited.text.text()
    assert "all" in edited.text.text()
    names = [one.name for one in at.page.offered]
    assert names == ["Edit by Ann", "As it was shown"]
    at.press(KEY.Key_1)
    at.wait(lambda: at.decision(1) is not None)
    assert outputs(at.project)[1] == "It is all done, number 0."


def test_what_others_do_meanwhile_is_taken_on_without_moving_on(adjudicating, made):
    at = adjudicating()
    with Project.open(made) as other:
        vote(other, round_of(other), "Bo", 4, "address")
        vote(other, round_of(other), "Bo", 2, "refund")
    at.window.session.look()
    at.wait(lambda: [one.example for one in at.sitting.begun_with.disputes if one.example == 4] == [4])
    assert at.id == 1
    assert {one.example for one in at.sitting.begun_with.disputes} == {1, 3, 4}
    assert at.page.bar.far.text() == "0 of 3 adjudicated"


def test_arriving_with_a_round_or_with_examples(adjudicating, made):
    with Project.open(made) as project:
        second = begin(project, examples=(5, 6))
        vote_all(project, second, {6: (KEEP, "cancel")})
    at = adjudicating(round=second.id)
    assert at.id == 6
    assert len(at.sitting.deck) == 1
    at.window.go("adjudicate", ids=[3, 4])
    at.wait(lambda: not at.sitting.busy and at.sitting.wanted.ids == (3, 4) and len(at.sitting.deck) == 2)
    shown = {at.sitting.deck.current.example}
    at.press(KEY.Key_Right)
    shown.add(at.id)
    assert shown == {3, 4}, "also what nobody disagrees on"


def test_a_text_changed_since_is_shown_with_what_the_round_showed(window, tmp_path, qtbot):
    path = tmp_path / "changed.curator"
    with make_project(path) as project:
        vote_all(project, begin(project), {1: ("cancel", "cancel")})
        project.decide([Decision("", 1, "", "Cy", Verdict.RELABEL, "address")])
    at = Adjudicating(window(path), qtbot)
    record = at.page.record
    assert record.reason.text() == "Changed since"
    assert record.why.isVisible()
    assert "address" in record.example.shown_text
    assert "refund" in record.before.shown_text


def test_without_rounds_it_says_what_the_page_is_for(window, tmp_path, qtbot):
    path = tmp_path / "none.curator"
    make_project(path).close()
    at = Adjudicating(window(path), qtbot)
    (state,) = at.page.instead.findChildren(EmptyState)
    assert state.heading.text() == "Nothing to adjudicate yet"
    assert not at.page.bar.isVisible()


def test_a_round_without_votes_waits(window, tmp_path, qtbot):
    path = tmp_path / "waiting.curator"
    with make_project(path) as project:
        begin(project)
    at = Adjudicating(window(path), qtbot)
    (state,) = at.page.instead.findChildren(EmptyState)
    assert state.text.text() == "6 items wait for votes."


def test_where_all_agree_it_says_so(window, tmp_path, qtbot):
    path = tmp_path / "agreed.curator"
    with make_project(path) as project:
        vote_all(project, begin(project), dict.fromkeys(range(1, 7), (KEEP, KEEP)))
    at = Adjudicating(window(path), qtbot)
    assert at.over
    assert any("Nobody disagrees" in each.text() for each in at.page.instead.findChildren(QLabel))


def test_a_flag_and_a_drop_are_told(window, tmp_path, qtbot):
    path = tmp_path / "flagged.curator"
    with make_project(path) as project:
        vote_all(project, begin(project), {1: (FLAG, DROP)})
    at = Adjudicating(window(path), qtbot)
    assert at.said() == [("Ann", "Flagged"), ("Bo", "Drop it")]
    assert at.page.record.reason.text() == "Flagged"


def test_every_control_is_named_and_reached_by_tab(adjudicating):
    at = adjudicating()
    at.press(KEY.Key_S)
    at.wait(lambda: at.page.settle.unanimous.isEnabled())
    assert [told(each) for each in controls(at.page) if not spoken(each).strip()] == []
    at.window._page_buttons["guide"].setFocus()
    visited = []
    while (focus := QApplication.focusWidget()) is not None and focus not in visited:
        visited.append(focus)
        QTest.keyClick(focus, KEY.Key_Tab)
    missed = [told(each) for each in controls(at.page) if each not in visited]
    assert missed == []


@pytest.mark.parametrize("side", [KEY.Key_G, KEY.Key_S])
def test_at_twice_the_size_it_fits_the_window(adjudicating, settings, side):
    settings.set("scale", 2.0)
    at = adjudicating()
    at.press(side)
    at.window.resize(1440, 900)
    at.qtbot.wait(100)
    assert at.window.stack.currentWidget().horizontalScrollBar().maximum() == 0
    assert at.page.bar.more.isVisible()
    at.page.bar.entries["names"].trigger()
    assert at.page.names_hidden


def test_in_a_blind_round_nobody_sees_votes_on_what_they_have_still_to_vote_on(window, tmp_path, qtbot):
    path = tmp_path / "blind.curator"
    with make_project(path) as project:
        round = begin(project, ("Ann", "Bo", "Ada"))
        vote_all(project, round, {1: (KEEP, "cancel"), 2: (KEEP, "refund", KEEP)})
    at = Adjudicating(window(path), qtbot)
    assert at.id == 2
    assert len(at.sitting.deck) == 1
    at.decide(KEY.Key_A)
    said = " ".join(each.text() for each in at.page.instead.findChildren(QLabel))
    assert "1 disagreement is not shown, since the round is blind" in said
    vote(at.project, round, "Ada", 1, KEEP)
    at.window.session.look()
    at.wait(lambda: not at.over and at.id == 1)
