"""Voting in a round by real keys: what is shown, what is kept, and what the reviewer cannot see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt

from curator.model import Kind, Role, Round, RoundItem, Slot, Verdict, content_key
from curator.store import Project
from ui.pages.review import ReviewPage
from ui.presenters.review import decision
from ui.window import Window

LABELS = ("billing", "delivery_delay", "refund_status")


def begin(path: Path, reviewers: Sequence[str] = ("Ada", "Bo"), repeats: int = 0, number: int = 3, **changed) -> Round:
    with Project.open(path) as project:
        chosen = project.get_examples(project.ids(Role.CANDIDATE)[:number])
        items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(chosen)]
        names = [None] if changed.get("claimed") else reviewers
        slots = [Slot(i.example, slot, name, i.place) for i in items for slot, name in enumerate(names)]
        slots += [Slot(i.example, len(names), names[0], number + i.place, True) for i in items[:repeats]]
        new = Round("", 0, "pilot", "classification", LABELS, "Look *closely*.", 2, tuple(reviewers), len(names))
        return project.rounds.add(replace(new, **changed), items, slots)


def reviewing(window: Callable[..., Window], path: Path, round: Round, qtbot) -> ReviewPage:
    opened = window(path)
    opened.go("review", round=round.id)
    page = opened.pages["review"]
    qtbot.waitUntil(lambda: page.sitting.card is not None or page.views.currentWidget() is page.ending, timeout=20_000)
    page.take_keys()
    return page


def press(qtbot, page: ReviewPage, key: Qt.Key) -> None:
    before = page.sitting.deck.decided_here
    qtbot.keyClick(page, key)
    qtbot.waitUntil(lambda: page.sitting.deck.decided_here != before and not page.sitting.busy, timeout=10_000)


def votes(path: Path, round: Round) -> list[tuple[str, Verdict, str | None, bool]]:
    with Project.open(path) as project:
        return [(v.reviewer, v.verdict, v.value, v.repeat) for v in project.rounds.votes(round.id)]


def test_keys_vote_and_leave_the_examples_as_they_are(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    with Project.open(support_project) as project:
        before = list(project.examples())
        shown = {id: next(e for e in before if e.id == id).output for id in project.ids(Role.CANDIDATE)[:3]}
    page = reviewing(window, support_project, round, qtbot)
    assert [label.name for label in page.sitting.labels.listed] == list(LABELS)
    assert "Round: 0 of 3" in page.bar.far.text()
    first = page.sitting.card.example
    press(qtbot, page, Qt.Key.Key_A)
    press(qtbot, page, Qt.Key.Key_X)
    press(qtbot, page, Qt.Key.Key_2)
    last = shown[sorted(shown)[2]]
    given = (Verdict.KEEP, None) if last == LABELS[1] else (Verdict.RELABEL, LABELS[1])
    assert votes(support_project, round) == [
        ("Ada", Verdict.KEEP, None, False),
        ("Ada", Verdict.DROP, None, False),
        ("Ada", *given, False),
    ]
    assert first.id == min(shown)
    assert page.views.currentWidget() is page.ending
    with Project.open(support_project) as project:
        assert list(project.examples()) == before
        assert [d for d in project.decisions() if not d.imported] == []


def test_undo_takes_back_the_vote_and_shows_its_card(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    page = reviewing(window, support_project, round, qtbot)
    first = page.sitting.card.id
    press(qtbot, page, Qt.Key.Key_A)
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.sitting.card is not None and page.sitting.card.id == first, timeout=10_000)
    assert votes(support_project, round) == []
    qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: len(votes(support_project, round)) == 1, timeout=10_000)


def test_a_hidden_label_shows_nowhere_and_cannot_be_kept_unseen(window, support_project: Path, qtbot) -> None:
    round = begin(support_project, hide_output=True)
    page = reviewing(window, support_project, round, qtbot)
    given = page.sitting.card.example.output
    told = page.record.example.findChildren(object)
    assert all(given not in getattr(part, "toPlainText", str)() for part in told)
    assert page.decision._buttons["review.keep"].isHidden()
    qtbot.keyClick(page, Qt.Key.Key_A)
    qtbot.keyClick(page, Qt.Key.Key_E)
    assert not page.editing
    assert votes(support_project, round) == []
    press(qtbot, page, Qt.Key.Key_1)
    assert len(votes(support_project, round)) == 1
    qtbot.keyClick(page, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: page.sitting.card.mine is not None, timeout=10_000)
    # The badge names the label that was voted for, and not whether it is the given one.
    assert page.decision.state.text() == LABELS[0]


def test_the_guideline_of_the_round_is_shown_and_cannot_be_changed(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    page = reviewing(window, support_project, round, qtbot)
    assert not page.guideline.isHidden()  # it opens by itself, until somebody puts it away
    assert page.guideline.title.text() == "Guideline, version 2"
    assert "closely" in page.guideline.shown.toPlainText()
    assert page.guideline.edit.isHidden()


def test_a_repeat_is_a_vote_of_its_own(window, support_project: Path, qtbot) -> None:
    round = begin(support_project, ("Ada",), repeats=1)
    page = reviewing(window, support_project, round, qtbot)
    for key in (Qt.Key.Key_1, Qt.Key.Key_X, Qt.Key.Key_X, Qt.Key.Key_2):
        press(qtbot, page, key)
    found = votes(support_project, round)
    assert [repeat for *_, repeat in found] == [False, True, False, False]
    assert page.views.currentWidget() is page.ending
    again = -page.sitting.deck._ids[0]
    page.undo()
    qtbot.waitUntil(lambda: page.sitting.card is not None and page.sitting.card.id == again, timeout=10_000)
    assert page.sitting.deck.verdict(-again) is not None, "the vote on the first showing is still there"
    assert [repeat for *_, repeat in votes(support_project, round)] == [False, False, False]


def test_claimed_items_come_until_none_is_free(window, support_project: Path, qtbot) -> None:
    round = begin(support_project, (), number=23, claimed=True)
    page = reviewing(window, support_project, round, qtbot)
    assert len(page.sitting.deck) == 20
    for done in range(1, 24):
        qtbot.keyClick(page, Qt.Key.Key_A)
        qtbot.waitUntil(lambda done=done: len(votes(support_project, round)) == done, timeout=10_000)
        qtbot.waitUntil(lambda: not page.sitting.busy, timeout=10_000)
    qtbot.waitUntil(lambda: page.views.currentWidget() is page.ending, timeout=10_000)


def test_who_votes_last_settles_what_all_agree_on(window, support_project: Path, qtbot) -> None:
    round = begin(support_project, ("Ada",), number=2)
    page = reviewing(window, support_project, round, qtbot)
    for _ in range(2):
        press(qtbot, page, Qt.Key.Key_A)
    with Project.open(support_project) as project:
        settled = lambda: [d.example for d in project.decisions() if d.kind is Kind.CONSENSUS]  # noqa: E731
        qtbot.waitUntil(lambda: len(settled()) == 2, timeout=10_000)


def test_another_reviewer_does_not_see_the_vote(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    page = reviewing(window, support_project, round, qtbot)
    press(qtbot, page, Qt.Key.Key_X)
    page.context.need_session().set_reviewer("Bo")
    page.arrive(round=round.id)
    qtbot.waitUntil(lambda: page.sitting.card is not None and page.sitting.reviewer == "Bo", timeout=10_000)
    assert page.sitting.card.mine is None
    assert page.decision._earlier.isHidden()
    assert "Round: 0 of 3" in page.bar.far.text()


def test_a_round_that_is_closed_meanwhile_takes_no_vote_and_says_so(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    page = reviewing(window, support_project, round, qtbot)
    with Project.open(support_project) as project:
        project.rounds.close(round.id)
    qtbot.keyClick(page, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: page.views.currentWidget() is page.ending, timeout=10_000)
    assert "closed" in page.window().troubles.text.text()
    assert votes(support_project, round) == []


def test_a_round_that_is_undone_leaves_everything_to_review(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    page = reviewing(window, support_project, round, qtbot)
    with Project.open(support_project) as project:
        project.undo()
    qtbot.waitUntil(lambda: page.sitting.stale, timeout=10_000)
    page.arrive()
    qtbot.waitUntil(lambda: page.sitting.card is not None and page.sitting.round is None, timeout=10_000)
    assert page.wanted.round is None


def test_votes_of_others_leave_the_card_where_it_is(window, support_project: Path, qtbot) -> None:
    round = begin(support_project)
    page = reviewing(window, support_project, round, qtbot)
    card, shown, told = page.sitting.card, [], []
    page.sitting.shown.connect(lambda *_: shown.append(1))
    page.context.need_session().changed.connect(told.append)
    with Project.open(support_project) as project:
        project.decide([decision(card, "Bo", Verdict.DROP)])
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    qtbot.wait(100)
    assert shown == []
    assert page.sitting.card is card
