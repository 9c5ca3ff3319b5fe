"""Reviewing by real keys: what each does, what is on disk, and that a key never meets the wrong card."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from curator.errors import EnvironmentFailure
from curator.model import Decision, Role, Verdict
from curator.review import judging, queue
from curator.store import Project
from ui.pages.review import ReviewPage
from ui.window import Window

KEY = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Reviewing:
    """A person at the review page: presses keys where the focus is, and looks at what is shown and what is on disk."""

    def __init__(self, window: Window, qtbot, **where):
        self.window, self.qtbot = window, qtbot
        window.go("review", **where)
        page = window.pages["review"]
        assert isinstance(page, ReviewPage)
        self.page, self.sitting = page, page.sitting
        self.wait(lambda: not self.sitting.busy and (self.sitting.card is not None or self.over))
        self.wait(lambda: bool(self.sitting.labels) or not page.decision.labels.isVisible())

    @property
    def project(self) -> Project:
        return self.window.session.project

    @property
    def over(self) -> bool:
        return self.page.views.currentWidget() is self.page.ending

    @property
    def id(self) -> int:
        assert self.sitting.card is not None
        return self.sitting.card.id

    def wait(self, until: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(until, timeout=10_000)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)

    def settle(self) -> None:
        """Until nothing is written or read any more."""
        self.wait(lambda: not self.sitting.busy and not self.sitting._waiting)

    def decide(self, key: Qt.Key) -> int:
        """Press a key that decides, and wait for the next card; the id of the card that it was pressed on."""
        before = self.id
        self.press(key)
        self.wait(lambda: not self.sitting.busy and (self.over or self.id != before))
        return before

    def undo(self) -> None:
        before = len(self.project.log(None))
        self.press(KEY.Key_Z, CTRL)
        self.wait(lambda: len(self.project.log(None)) > before)
        self.settle()

    def decision(self, example: int) -> Decision | None:
        return next(iter(self.project.decisions(example)), None)

    def verdict(self, example: int) -> Verdict | None:
        found = self.decision(example)
        return found.verdict if found is not None else None


@pytest.fixture
def reviewing(window, support_project: Path, qtbot) -> Callable[..., Reviewing]:
    def begin(**where) -> Reviewing:
        return Reviewing(window(support_project), qtbot, **where)

    return begin


@contextmanager
def slow_writes(project: Project):
    """Holds what is written back until the block ends, as a busy disk would."""
    gate = threading.Event()
    write = project._database.write

    @contextmanager
    def held(**options):
        with write(**options) as connection:
            assert gate.wait(20)
            yield connection

    project._database.write = held
    try:
        yield
    finally:
        project._database.write = write
        gate.set()


# What each key does


@pytest.mark.parametrize(
    ("key", "verdict"),
    [
        (KEY.Key_A, Verdict.KEEP),
        (KEY.Key_X, Verdict.DROP),
        (KEY.Key_F, Verdict.FLAG),
        (KEY.Key_Space, Verdict.SKIP),
    ],
)
def test_a_key_decides_and_the_next_card_comes(reviewing, key, verdict):
    at = reviewing()
    seen = at.sitting.card.key
    decided = at.decide(key)
    made = at.decision(decided)
    assert (made.verdict, made.seen, made.reviewer) == (verdict, seen, "Ada")
    assert at.id != decided


def test_number_keys_relabel(reviewing):
    at = reviewing(check="label_error")
    given = at.sitting.card.example.output
    place = next(n for n, label in enumerate(at.sitting.labels.listed[:9], 1) if label.name != given)
    wanted = at.sitting.labels.on_key(place).name
    decided = at.decide(KEY(KEY.Key_0.value + place))
    assert at.decision(decided).value == wanted
    (example,) = at.project.get_examples([decided])
    assert example.output == wanted


def test_the_number_of_the_label_that_is_there_keeps_the_example(reviewing):
    at = reviewing()
    while (label := at.sitting.labels.named(at.sitting.card.example.output)) is None or label.key is None:
        at.press(KEY.Key_Right)
        at.settle()
    decided = at.decide(KEY(KEY.Key_0.value + label.key))
    assert at.verdict(decided) is Verdict.KEEP


def test_a_label_is_found_by_typing_and_taken_with_enter(reviewing):
    at = reviewing(check="label_error")
    decided = at.id
    beyond = at.sitting.labels.listed[-1].name
    assert at.sitting.labels.named(beyond).key is None
    at.press(KEY.Key_L)
    assert QApplication.focusWidget() is at.page.decision.labels.field
    at.type(beyond[:-1])
    assert at.page.decision.labels.listed.item(0).text().startswith(beyond)
    at.press(KEY.Key_Return)
    at.wait(lambda: at.id != decided)
    assert at.decision(decided).value == beyond
    assert at.page.decision.labels.field.text() == ""
    following = at.decide(KEY.Key_A)  # the field is left: single keys decide again
    assert at.verdict(following) is Verdict.KEEP


def test_escape_leaves_the_label_field_and_arrows_choose_in_its_list(reviewing):
    at = reviewing(check="label_error")
    decided = at.id
    at.press(KEY.Key_L)
    at.type("re")
    at.press(KEY.Key_Down)
    second = at.page.decision.labels.listed.item(1).text().split("   ")[0]
    at.press(KEY.Key_Escape)
    assert at.id == decided
    assert at.verdict(decided) is None
    at.press(KEY.Key_L)
    at.type("re")
    at.press(KEY.Key_Down)
    at.press(KEY.Key_Return)
    at.wait(lambda: at.id != decided)
    (example,) = at.project.get_examples([decided])
    assert example.output == second


def test_an_edit_in_place_makes_a_revision(reviewing):
    at = reviewing()
    decided = at.id
    at.press(KEY.Key_E)
    assert at.page.editing
    at.press(KEY.Key_A, CTRL)
    at.type("a xyz")  # letters that decide elsewhere
    at.press(KEY.Key_Return, CTRL)
    at.wait(lambda: at.id != decided)
    (example,) = at.project.get_examples([decided])
    assert example.output == "a xyz"
    assert json.loads(at.decision(decided).value)[-1]["content"] == "a xyz"
    assert not at.page.editing


def test_escape_leaves_an_edit_and_nothing_is_decided(reviewing):
    at = reviewing()
    there, text = at.id, at.sitting.card.example.output
    at.press(KEY.Key_E)
    at.type("something else")
    at.press(KEY.Key_Escape)
    at.settle()
    assert not at.page.editing
    assert at.id == there
    assert at.verdict(there) is None
    assert at.project.get_examples([there])[0].output == text


def test_an_open_edit_is_not_lost_to_a_click_on_keep(reviewing, qtbot):
    at = reviewing()
    there = at.id
    at.press(KEY.Key_E)
    at.type("half of it")
    drop = at.page.decision._buttons["review.drop"]
    qtbot.mouseClick(drop, Qt.MouseButton.LeftButton)
    at.settle()
    assert at.page.editing
    assert at.verdict(there) is None
    assert next(reversed(at.page.editor.fields.values())).toPlainText().startswith("half of it")


def test_a_note_goes_with_the_decision(reviewing):
    at = reviewing()
    at.press(KEY.Key_N)
    at.type("ask axel")
    at.press(KEY.Key_Return)
    decided = at.decide(KEY.Key_F)
    assert at.decision(decided).note == "ask axel"
    assert at.page.decision.note.text() == ""
    assert at.decision(at.decide(KEY.Key_A)).note == ""


def test_a_note_waits_with_its_card(reviewing):
    at = reviewing()
    there = at.id
    at.press(KEY.Key_N)
    at.type("later")
    at.press(KEY.Key_Escape)
    at.press(KEY.Key_Right)
    at.settle()
    assert at.page.decision.note.text() == ""
    at.press(KEY.Key_Left)
    at.settle()
    assert at.id == there
    assert at.page.decision.note.text() == "later"


def test_arrows_move_and_decide_nothing(reviewing):
    at = reviewing()
    first = at.id
    at.press(KEY.Key_Right)
    at.settle()
    second = at.id
    at.press(KEY.Key_Left)
    at.settle()
    assert (at.id, second != first) == (first, True)
    at.press(KEY.Key_Left)
    at.settle()
    assert at.id == first
    assert list(at.project.decisions()) == []


def test_accepting_does_what_is_proposed_and_counts_the_finding_as_right(reviewing):
    at = reviewing(check="label_error")
    suggested = at.sitting.card.suggested
    decided = at.decide(KEY.Key_Y)
    assert at.decision(decided).value == suggested
    assert [verdict.right for verdict in at.project.finding_verdicts("label_error")] == [True]


def test_a_leak_is_kept_only_together_with_dismissing_it(reviewing):
    at = reviewing(check="leakage")
    finding = at.sitting.card.findings[0].id
    assert "does not let a leak" in at.page.decision.standing.text()
    assert at.page.decision.dismiss.isVisible()
    decided = at.decide(KEY.Key_D)
    assert at.verdict(decided) is Verdict.KEEP
    assert judging.dismissals(at.project.decisions()) == {finding}


def test_a_group_is_settled_at_once(reviewing):
    at = reviewing(check="exact_duplicate")
    finding = at.sitting.card.proposing
    at.decide(KEY.Key_Y)
    assert {d.example for d in at.project.decisions()} == set(queue.subject(finding))


def test_buttons_do_the_same_as_keys(reviewing, qtbot):
    at = reviewing()
    decided = at.id
    qtbot.mouseClick(at.page.decision._buttons["review.drop"], Qt.MouseButton.LeftButton)
    at.wait(lambda: at.id != decided)
    assert at.verdict(decided) is Verdict.DROP
    following = at.decide(KEY.Key_Space)  # a click leaves the keys as they were: this is no press of the button
    assert at.verdict(following) is Verdict.SKIP


# Typing


@pytest.mark.parametrize("opening", [KEY.Key_N, KEY.Key_L, KEY.Key_E])
def test_keys_do_nothing_to_the_card_while_typing(reviewing, opening):
    at = reviewing(check="label_error")
    there = at.id
    at.press(opening)
    for letter in "axyd fegn 123":
        at.type(letter)
    at.press(KEY.Key_Left)
    at.press(KEY.Key_Right)
    at.press(KEY.Key_Backspace)
    QTest.qWait(100)
    assert at.id == there
    assert list(at.project.decisions()) == []


def test_backspace_destroys_nothing(reviewing):
    at = reviewing()
    decided = at.decide(KEY.Key_X)
    there = at.id
    for key in (KEY.Key_Backspace, KEY.Key_Delete):
        at.press(key)
        QTest.qWait(50)
    assert at.id == there
    assert at.verdict(decided) is Verdict.DROP
    assert len(list(at.project.decisions(history=True))) == 1


@pytest.mark.parametrize("preset", ["argilla", "label-studio"])
def test_enter_in_a_field_belongs_to_the_field_with_every_preset(reviewing, preset):
    at = reviewing(check="label_error")
    at.window.registry.use_preset(preset)
    there = at.id
    at.page.note()
    at.type("x")
    at.press(KEY.Key_Return)
    QTest.qWait(50)
    assert at.id == there
    assert at.verdict(there) is None
    at.page.edit()
    at.press(KEY.Key_A, CTRL)
    at.type("new")
    at.press(KEY.Key_Return, CTRL)
    at.wait(lambda: at.id != there)
    assert at.verdict(there) is Verdict.EDIT


# The way back


def test_undo_takes_back_five_and_shows_each_card_again(reviewing):
    at = reviewing()
    keys = (KEY.Key_A, KEY.Key_X, KEY.Key_F, KEY.Key_Space, KEY.Key_A)
    decided = [at.decide(key) for key in keys]
    left_at = at.id
    for example in reversed(decided):
        at.undo()
        at.wait(lambda example=example: at.id == example)
        assert at.verdict(example) is None
        assert at.sitting.card.mine is None
    assert list(at.project.decisions()) == []
    assert len(list(at.project.decisions(history=True))) == 5
    again = [at.decide(KEY.Key_A) for _ in decided]
    assert again == decided
    assert at.id == left_at


def test_undo_goes_back_beyond_this_sitting_and_from_the_last_card(window, support_project, qtbot):
    with Project.open(support_project, actor="Ada") as project:
        ids = project.ids(Role.CANDIDATE)
        project.decide([Decision("", ids[0], "", "Ada", Verdict.DROP)])
    at = Reviewing(window(support_project), qtbot, ids=[ids[5]], title="One")
    at.press(KEY.Key_A)
    at.wait(lambda: at.over)
    at.undo()
    at.wait(lambda: not at.over and at.id == ids[5])
    at.undo()
    at.wait(lambda: at.id == ids[0])
    assert at.verdict(ids[0]) is None
    assert at.decide(KEY.Key_F) == ids[0]
    assert at.id == ids[5]


def test_redo_does_again_what_undo_took_back(reviewing):
    at = reviewing()
    decided = at.decide(KEY.Key_X)
    following = at.id
    at.undo()
    at.wait(lambda: at.id == decided)
    at.press(KEY.Key_Z, CTRL | SHIFT)
    at.wait(lambda: at.id == following)
    assert at.verdict(decided) is Verdict.DROP


def test_undo_of_a_relabel_shows_the_label_that_was_there(reviewing):
    at = reviewing(check="label_error")
    given = at.sitting.card.example.output
    decided = at.decide(KEY.Key_Y)
    at.undo()
    at.wait(lambda: at.id == decided)
    assert at.sitting.card.example.output == given
    assert given in at.page.record.example.shown_text


# Keys while something is being written


def test_keys_pressed_while_a_decision_is_written_wait_for_their_cards(reviewing):
    at = reviewing()
    order = [item.example for item in [at.sitting.deck.current, *at.sitting.deck.ahead(5)]]
    with slow_writes(at.project):
        for key in (KEY.Key_A, KEY.Key_X, KEY.Key_F, KEY.Key_Space, KEY.Key_X):
            at.press(key)
        QTest.qWait(100)
        assert at.id == order[0]
        assert list(at.project.decisions()) == []
    at.wait(lambda: at.id == order[5])
    wanted = [Verdict.KEEP, Verdict.DROP, Verdict.FLAG, Verdict.SKIP, Verdict.DROP]
    assert [at.verdict(example) for example in order[:5]] == wanted
    shown = {example.id: example for example in at.project.get_examples(order[:5])}
    from curator.model import content_key

    assert all(at.decision(id).seen == content_key(example) for id, example in shown.items())


def test_a_hundred_keys_in_a_row_each_meet_their_own_card(reviewing):
    at = reviewing()
    expected = [item.example for item in queue.load(at.project, "Ada")][:100]
    dice = random.Random(3)
    keys = {KEY.Key_A: Verdict.KEEP, KEY.Key_X: Verdict.DROP, KEY.Key_F: Verdict.FLAG, KEY.Key_Space: Verdict.SKIP}
    pressed = [dice.choice(list(keys)) for _ in range(100)]
    for key in pressed:
        at.press(key)
    at.settle()
    made = list(at.project.decisions())
    assert [d.verdict for d in made] == [keys[key] for key in pressed]
    assert [d.example for d in made] == expected


@pytest.mark.parametrize("opening", [KEY.Key_E, KEY.Key_N])
def test_letters_typed_behind_the_key_that_opens_a_field_decide_nothing(reviewing, opening):
    at = reviewing()
    first, second = (item.example for item in [at.sitting.deck.current, *at.sitting.deck.ahead(1)][:2])
    with slow_writes(at.project):
        for key in (KEY.Key_A, opening, KEY.Key_X, KEY.Key_F):
            at.press(key)
        QTest.qWait(100)
    at.wait(lambda: at.id == second)
    at.settle()
    QTest.qWait(100)
    assert at.id == second
    assert {d.example: d.verdict for d in at.project.decisions()} == {first: Verdict.KEEP}


def test_a_decision_that_cannot_be_written_keeps_its_card_and_lets_later_keys_go(reviewing, monkeypatch):
    at = reviewing()
    there = at.id

    def full(_decisions):
        raise EnvironmentFailure("The disk is full; free some space and decide again.")

    monkeypatch.setattr(at.project, "decide", full)
    for key in (KEY.Key_A, KEY.Key_X):
        at.press(key)
    at.wait(lambda: at.window.troubles.isVisible())
    at.settle()
    assert "disk is full" in at.window.troubles.text.text()
    assert at.id == there
    assert list(at.project.decisions()) == []
    monkeypatch.undo()
    assert at.decide(KEY.Key_A) == there


def test_an_undo_pressed_while_a_decision_is_written_comes_before_the_keys_after_it(reviewing):
    at = reviewing()
    first = at.id
    with slow_writes(at.project):
        at.press(KEY.Key_A)
        at.page.undo()
        at.press(KEY.Key_X)
        QTest.qWait(50)
    at.wait(lambda: at.verdict(first) is Verdict.DROP)
    at.settle()
    assert [(d.example, d.verdict) for d in at.project.decisions()] == [(first, Verdict.DROP)]


def test_a_decision_is_kept_when_the_window_is_made_anew_while_it_is_written(reviewing):
    at = reviewing(check="label_error")
    decided = at.id
    with slow_writes(at.project):
        at.press(KEY.Key_X)
        at.window.registry.run("theme.dark")
    at.wait(lambda: at.verdict(decided) is Verdict.DROP)
    again = Reviewing(at.window, at.qtbot)
    assert again.page is not at.page
    assert again.sitting.deck.wanted.check == "label_error"
    following = again.id
    again.wait(lambda: again.sitting.deck.verdict(decided) is not None or following != decided)


def test_another_reviewers_name_starts_their_own_queue_and_decides_nothing(reviewing):
    at = reviewing()
    decided = at.decide(KEY.Key_A)
    at.window.session.set_reviewer("Grace")
    at.press(KEY.Key_X)
    at.wait(lambda: at.sitting.reviewer == "Grace" and at.sitting.card is not None and not at.sitting.busy)
    assert [d.reviewer for d in at.project.decisions()] == ["Ada"]
    at.press(KEY.Key_X)
    at.settle()
    assert {d.reviewer: d.verdict for d in at.project.decisions() if d.example != decided} == {"Grace": Verdict.DROP}


# Others at work


def test_another_windows_decision_on_the_card_is_shown(reviewing, support_project):
    at = reviewing()
    there = at.id
    with Project.open(support_project, actor="Ada") as elsewhere:
        elsewhere.decide([Decision("", there, "", "Ada", Verdict.FLAG)])
    at.wait(lambda: at.sitting.card.mine is not None)
    assert at.id == there
    assert at.page.decision.state.text() == "Flagged"


def test_what_another_window_decides_is_not_asked_again(reviewing, support_project):
    at = reviewing()
    coming = [item.example for item in at.sitting.deck.ahead(4)]
    with Project.open(support_project, actor="Ada") as elsewhere:
        elsewhere.decide([Decision("", id, "", "Ada", Verdict.KEEP) for id in coming[:2]])
    at.wait(lambda: at.sitting.deck.verdict(coming[1]) is not None)
    at.decide(KEY.Key_A)
    assert at.id == coming[2]


def test_decisions_of_other_reviewers_do_not_disturb(reviewing, support_project):
    at = reviewing()
    there = at.id
    with Project.open(support_project) as elsewhere:
        elsewhere.decide([Decision("", there, "", "Grace", Verdict.DROP)])
    QTest.qWait(1_000)
    assert at.id == there
    assert at.sitting.card.mine is None
    assert not at.page.decision.state.isVisible()


def test_an_open_edit_outlives_what_another_window_does_to_its_card(reviewing, support_project):
    at = reviewing()
    card = at.sitting.card
    at.press(KEY.Key_E)
    at.press(KEY.Key_A, CTRL)
    at.type("my text")
    with Project.open(support_project, actor="Grace") as elsewhere:
        elsewhere.decide([Decision("", card.id, "", "Grace", Verdict.RELABEL, "something else")])
    at.wait(lambda: at.sitting.card is not card)
    assert at.page.editing
    assert next(reversed(at.page.editor.fields.values())).toPlainText() == "my text"
    at.press(KEY.Key_Return, CTRL)
    at.wait(lambda: at.id != card.id)
    made = [d for d in at.project.decisions(card.id) if d.reviewer == "Ada"]
    assert [(d.verdict, d.seen) for d in made] == [(Verdict.EDIT, card.key)]


def test_an_open_edit_stays_when_ones_own_decision_is_taken_back_elsewhere(reviewing, support_project):
    at = reviewing()
    at.decide(KEY.Key_A)
    there = at.id
    at.press(KEY.Key_E)
    at.type("half")
    with Project.open(support_project, actor="Ada") as elsewhere:
        elsewhere.undo(actor="Ada")
    at.wait(lambda: at.sitting.deck.decided_here == 0)
    at.window.undo()
    at.settle()
    assert at.page.editing
    assert at.id == there
    assert list(at.project.decisions()) == []


# Queues, guideline, ends


def test_given_examples_are_shown_in_their_order(reviewing):
    at = reviewing(ids=[30, 10, 20], title="Three of them")
    assert at.page.bar.queue.currentText() == "Three of them"
    assert [at.decide(KEY.Key_A), at.decide(KEY.Key_A), at.decide(KEY.Key_A)] == [30, 10, 20]
    assert at.over


def test_coming_back_goes_on_with_the_same_card(reviewing):
    at = reviewing(check="label_error")
    at.decide(KEY.Key_A)
    there = at.id
    at.window.go("overview")
    at.window.go("review")
    at.settle()
    assert at.id == there
    assert at.sitting.deck.wanted.check == "label_error"


def test_skipped_cards_can_be_looked_at_from_the_end(reviewing, qtbot):
    at = reviewing(ids=[30, 10], title="Two")
    at.decide(KEY.Key_Space)
    at.press(KEY.Key_A)
    at.wait(lambda: at.over)
    texts = {made.text(): made for made in at.page.ending.findChildren(QPushButton)}
    qtbot.mouseClick(texts["Look at the 1 you skipped"], Qt.MouseButton.LeftButton)
    at.wait(lambda: not at.over and at.sitting.card is not None and not at.sitting.busy)
    assert at.id == 30
    assert at.page.decision.state.text() == "Skipped"


def test_the_queue_can_be_chosen(reviewing):
    at = reviewing()
    box = at.page.bar.queue
    place = next(n for n in range(box.count()) if box.itemText(n).startswith("Contradictions"))
    box.setCurrentIndex(place)
    box.activated.emit(place)
    at.wait(lambda: at.sitting.deck.wanted.check == "conflict" and at.sitting.card is not None)
    assert {f.check for f in at.sitting.card.findings} == {"conflict"}


def test_the_guideline_is_one_key_away_and_kept_with_the_project(reviewing, support_project):
    at = reviewing()
    assert not at.page.guideline.isVisible()
    at.press(KEY.Key_G)
    assert at.page.guideline.isVisible()
    at.page.guideline.begin_edit()
    at.type("Refunds that are on their way: *refund_status*")
    at.press(KEY.Key_Return, CTRL)
    at.wait(lambda: at.project.settings().get("guideline") == "Refunds that are on their way: *refund_status*")
    assert at.page.guideline.shown.toPlainText() == "Refunds that are on their way: refund_status"
    decided = at.decide(KEY.Key_A)
    assert at.verdict(decided) is Verdict.KEEP
    at.press(KEY.Key_G)
    assert not at.page.guideline.isVisible()
    with Project.open(support_project) as elsewhere:
        elsewhere.set_settings(guideline="New rules")
    at.wait(lambda: at.page.guideline.shown.toPlainText() == "New rules")


def test_a_project_without_examples_says_what_to_do(window, tmp_path, qtbot):
    Project.create(tmp_path / "empty.curator").close()
    shown = window(tmp_path / "empty.curator", "review")
    page = shown.pages["review"]
    qtbot.waitUntil(lambda: page.views.currentWidget() is page._nothing)
    qtbot.mouseClick(page._nothing.action, Qt.MouseButton.LeftButton)
    assert shown.place == "importing"


def test_a_project_that_was_not_checked_is_reviewed_as_a_sample(window, tmp_path, qtbot):
    from curator import pipeline

    candidates, _, task = pipeline.sample("support")
    with Project.create(tmp_path / "new.curator", task=task) as project:
        pipeline.import_files(project, pipeline.Inputs((str(candidates),)), pipeline.Silent())
    at = Reviewing(window(tmp_path / "new.curator"), qtbot)
    assert "not checked" in at.page._banners.itemAt(0).widget().text.text()
    decided = at.decide(KEY.Key_A)
    assert at.verdict(decided) is Verdict.KEEP
    assert at.page.bar.far.text().startswith("Audit sample: 1 of 9")


def test_a_newer_check_is_offered_and_does_not_move_the_cards(reviewing, support_project, qtbot):
    at = reviewing()
    there = at.id
    with Project.open(support_project) as elsewhere:
        run = elsewhere.begin_run("check", {"checks": ["outlier"], "task": "classification"})
        elsewhere.save_findings(run, "outlier", [])
        elsewhere.finish_run(run, {})
    at.wait(lambda: at.page._banners.count() == 1)
    assert at.id == there
    qtbot.mouseClick(at.page._banners.itemAt(0).widget().action, Qt.MouseButton.LeftButton)
    at.wait(lambda: at.sitting.deck.run == run)
    assert at.page._banners.count() == 0


def test_a_break_is_said_once_it_is_due(reviewing, settings):
    at = reviewing()
    settings.set("review.break_minutes", 20)
    at.decide(KEY.Key_A)
    assert "break" not in at.window.toast.text.text()
    at.sitting.rest._began -= 20 * 60
    at.decide(KEY.Key_A)
    assert "break" in at.window.toast.text.text()
