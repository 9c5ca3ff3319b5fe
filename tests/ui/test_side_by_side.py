"""Two systems' answers judged side by side by real keys: what is shown, what is not, and what comes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QTextBrowser, QWidget
from round_material import begin as begin_round
from round_material import make_project
from sides_material import AFTER, BEFORE, begin, judge, right

from curator.comparison.sides import LABELS, Pair
from curator.comparison.sides_preference import preference
from curator.comparison.sides_round import Wanted, begin_sides, open_or_create
from curator.model import Example, Kind, Message, Ref, Role, Round, Verdict
from curator.review.packets.exchange import write_packets
from curator.store import Project
from ui.pages.review import ReviewPage
from ui.presenters.compare import Files
from ui.window import Window

KEY = Qt.Key
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
LONG = 60_000
NAMES = re.compile("zebra|quokka")
WORDS = re.compile(r"zebra|quokka|\b(baseline|tuned)\b")


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Round]:
    """A round of four items for Ada and Bo."""
    where = tmp_path / "judge.curator"
    project, made = begin(where, "tbex", ("Ada", "Bo"))
    project.close()
    return where, made.round


def reviewing(window: Callable[..., Window], path: Path, round: Round, qtbot) -> ReviewPage:
    opened = window(path)
    opened.go("review", round=round.id)
    page = opened.pages["review"]
    qtbot.waitUntil(lambda: page.sitting.card is not None and bool(page.sitting.labels), timeout=LONG)
    page.take_keys()
    return page


def press(qtbot, page: ReviewPage, key: Qt.Key) -> None:
    before = page.sitting.deck.decided_here
    qtbot.keyClick(page, key)
    qtbot.waitUntil(lambda: page.sitting.deck.decided_here != before and not page.sitting.busy, timeout=LONG)


def texts(widget: QWidget) -> Iterator[str]:
    """All that can be read, heard or pointed at."""
    for one in (widget, *widget.findChildren(QWidget)):
        yield from (one.accessibleName(), one.accessibleDescription(), one.toolTip(), one.windowTitle())
        if isinstance(one, QLabel):
            yield one.text()
        if isinstance(one, QTextBrowser):
            yield one.toPlainText()


def telling(opened: Window, page: QWidget | None = None) -> list[str]:
    """What gives a system away: its name anywhere, and on a page also which of the two it is."""
    found = [text for text in texts(opened) if NAMES.search(text)]
    return found + [text for text in (texts(page) if page is not None else ()) if WORDS.search(text)]


def key_for(page: ReviewPage, name: str, wrong: dict[str, set[int]]) -> Qt.Key:
    """What this judge presses for the card that is shown, from the texts alone."""
    example = page.sitting.card.example
    at = int(example.messages[0].content.split()[1].rstrip("?"))
    said = LABELS.index(right(example))
    if at in wrong.get(name, set()):
        said = {0: 1, 1: 0, 2: 3, 3: 2}[said]
    return (KEY.Key_1, KEY.Key_2, KEY.Key_3, KEY.Key_4)[said]


def test_two_judges_by_packets_and_keys_to_a_preference(
    window, tmp_path: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    better = "tttbes"
    where = tmp_path / "judge.curator"
    project, made = begin(where, better)
    with project:
        (tmp_path / "out").mkdir()
        packets = {one.reviewer: one.path for one in write_packets(project, made.round, tmp_path / "out")}
    answers = []
    for name, packet in packets.items():
        answer = tmp_path / f"{name}.packet"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, answer=answer: (str(answer), ""))
        opened = window()
        opened.open_files([str(packet)])
        page = opened.pages["review"]
        qtbot.waitUntil(lambda page=page: page.sitting.card is not None and bool(page.sitting.labels), timeout=LONG)
        page.take_keys()
        for _ in range(5):
            assert page.record.sides.isVisible()
            assert telling(opened, page) == []
            press(qtbot, page, key_for(page, name, {"Bo": {0, 1}}))
        qtbot.waitUntil(lambda page=page: page.views.currentWidget() is page.ending, timeout=LONG)
        qtbot.keyClick(page, KEY.Key_S, CTRL_SHIFT)
        qtbot.waitUntil(answer.exists, timeout=LONG)
        opened.close()
        answers.append(str(answer))

    owner = window(where)
    owner.open_files(answers)
    held = owner.session.project
    qtbot.waitUntil(lambda: len(held.rounds.votes()) == 10, timeout=LONG)
    # What all agree on settles itself; the rest is adjudicated in the same view, on the same keys.
    owner.go("adjudicate", round=made.round.id)
    page = owner.pages["adjudicate"]
    qtbot.waitUntil(lambda: page.sitting.dispute is not None and not page.sitting.busy, timeout=LONG)
    page.take_keys()
    disputed = 0
    while page.sitting.dispute is not None:
        about = page.sitting.dispute
        assert page.record.sides.isVisible()
        assert page.record.example.isHidden()
        assert [one.name for one in page.offered] == [
            "First is better",
            "Second is better",
            "Equally good",
            "Both bad",
        ]
        assert telling(owner, page) == []
        key = (KEY.Key_1, KEY.Key_2, KEY.Key_3, KEY.Key_4)[LABELS.index(right(about.shown))]
        QTest.keyClick(QApplication.focusWidget() or page, key)
        qtbot.waitUntil(
            lambda about=about: (
                not page.sitting.busy
                and (page.sitting.dispute is None or page.sitting.dispute.example != about.example)
            ),
            timeout=LONG,
        )
        disputed += 1
    assert disputed == 2
    found = preference(held, made.round)
    assert (found.wins, found.losses, found.ties, found.same) == (3, 1, 1, 1)
    assert {one.name: (one.tuned, one.baseline, one.equal) for one in found.judges} == {
        "Ann": (3, 1, 1),
        "Bo": (1, 3, 1),
    }
    assert {d.kind for d in held.decisions()} == {Kind.CONSENSUS, Kind.ADJUDICATION}


def test_the_keys_one_to_four_judge_and_the_others_of_a_review_do_not(window, two, qtbot) -> None:
    where, round = two
    page = reviewing(window, where, round, qtbot)
    decision = page.decision
    assert [button.text() for button in decision.labels.buttons] == [
        "First is better",
        "Second is better",
        "Equally good",
        "Both bad",
    ]
    assert all(decision._buttons[f"review.{id}"].isHidden() for id in ("keep", "drop", "edit"))
    for key in (KEY.Key_A, KEY.Key_X, KEY.Key_E):
        qtbot.keyClick(page, key)
    assert not page.editing
    with Project.open(where) as project:
        assert project.rounds.votes(round.id) == []
    page.sitting.notes[page.sitting.card.id] = "close"
    press(qtbot, page, KEY.Key_3)
    press(qtbot, page, KEY.Key_Space)
    press(qtbot, page, KEY.Key_F)
    qtbot.keyClick(page, KEY.Key_Left)
    qtbot.waitUntil(lambda: page.sitting.card.mine is not None, timeout=LONG)
    with Project.open(where) as project:
        votes = {vote.verdict: vote for vote in project.rounds.votes(round.id)}
    assert set(votes) == {Verdict.RELABEL, Verdict.SKIP, Verdict.FLAG}
    assert (votes[Verdict.RELABEL].value, votes[Verdict.RELABEL].note) == ("equally good", "close")


def test_what_was_judged_is_named_and_taken_back(window, two, qtbot) -> None:
    where, round = two
    page = reviewing(window, where, round, qtbot)
    first = page.sitting.card.id
    press(qtbot, page, KEY.Key_2)
    qtbot.keyClick(page, KEY.Key_Left)
    qtbot.waitUntil(lambda: page.sitting.card.id == first, timeout=LONG)
    assert page.decision.state.text() == "Second is better"
    qtbot.keyClick(page, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.sitting.card.mine is None, timeout=LONG)
    with Project.open(where) as project:
        assert project.rounds.votes(round.id) == []


def test_both_answers_are_rendered_and_their_differing_words_marked(window, tmp_path: Path, qtbot) -> None:
    answers = ('{"city": "Rome", "guests": 2}', '{"city": "Rome", "guests": 3}')
    turns = (
        Message("system", "Answer in JSON."),
        Message("user", "Hello?"),
        Message("assistant", "Hello!"),
        Message("user", "A table in Rome."),
    )
    example = Example(Ref("e.jsonl", 0, 1, Role.EVAL), (*turns, Message("assistant", "{}")))
    where = tmp_path / "judge.curator"
    with open_or_create(str(where)) as project:
        pair = Pair(example, *(Message("assistant", text) for text in answers))
        round = begin_sides(project, [pair], Wanted("e.jsonl", BEFORE, AFTER, ("Ada",), 1)).round
    page = reviewing(window, where, round, qtbot)
    shown = page.record.sides
    # Earlier answers of the conversation belong to the question.
    assert [turn.text for turn in shown.question.turns] == ["Answer in JSON.", "Hello?", "Hello!", "A table in Rome."]
    assert {one.answer.shown_text.strip().count("\n") for one in (shown.first, shown.second)} == {3}
    marked = lambda: [  # noqa: E731
        piece.text
        for column in (shown.first, shown.second)
        for turn in column.answer.turns
        for part in turn.parts
        for piece in part.pieces
        if piece.mark
    ]
    assert sorted(marked()) == ["2", "3"]
    assert {turn.side for column in (shown.first, shown.second) for turn in column.answer.turns} == {"input"}
    qtbot.keyClick(page, KEY.Key_C)
    assert marked() == []
    assert page.context.setting("sides.marks") is False
    qtbot.keyClick(page, KEY.Key_C)
    assert sorted(marked()) == ["2", "3"]


@pytest.mark.parametrize(("width", "scale", "beside"), [(1440, 1.0, True), (1024, 1.0, False), (1440, 2.0, False)])
def test_the_answers_stand_beside_each_other_where_there_is_room(
    window, two, settings, qtbot, width: int, scale: float, beside: bool
) -> None:
    where, round = two
    settings.set("scale", scale)
    settings.set("review.guideline", False)
    page = reviewing(window, where, round, qtbot)
    page.window().resize(width, 900 if width > 1024 else 700)
    first, second = page.record.sides.first, page.record.sides.second
    # Under each other the one is below the other, beside each other they begin at one height and are equally wide.
    qtbot.waitUntil(lambda: (first.y() == second.y()) is beside and first.width() > 0, timeout=LONG)
    assert abs(first.width() - second.width()) <= 1
    inside = page.record.widget()
    assert inside.width() <= page.record.viewport().width()
    # One scroll bar moves both: neither has one of its own.
    assert not first.answer.text.verticalScrollBar().isVisible()


def test_a_second_look_shows_the_answers_the_other_way_round(window, tmp_path: Path, qtbot) -> None:
    where = tmp_path / "judge.curator"
    project, made = begin(where, "tttttt", ("Ada",), repeats=2)
    with project:
        shown = {example.id: example for example in project.rounds.examples(made.round.id)}
    page = reviewing(window, where, made.round, qtbot)
    seen: dict[int, list[str]] = {}
    for _ in range(8):
        card = page.sitting.card
        first = page.record.sides.first.answer.shown_text.strip()
        seen.setdefault(card.example.id, []).append(first)
        assert (first == shown[card.example.id].messages[-3].content) is not card.item.repeat
        press(qtbot, page, KEY.Key_1 if "good" in first else KEY.Key_2)
    assert sorted(len(set(firsts)) for firsts in seen.values()) == [1, 1, 1, 1, 2, 2]
    with Project.open(where) as project:
        found = preference(project, made.round)
    assert (found.wins, found.judges[0].repeats.right, found.judges[0].repeats.asked) == (6, 2, 2)


def test_no_page_of_an_open_round_tells_which_system_is_which(window, tmp_path: Path, qtbot) -> None:
    where = tmp_path / "judge.curator"
    project, made = begin(where, "ttbb", ("Ada", "Bo"))
    with project:
        for name in ("Ada", "Bo"):
            judge(project, made.round, name, wrong=(0,) if name == "Bo" else ())
    opened = window(where)
    for name in ("overview", "rounds", "agreement", "examples", "adjudicate"):
        opened.go(name)
        qtbot.wait(300)
        assert telling(opened, opened.pages[name]) == [], name


def test_pages_lead_to_the_rounds_where_there_is_nothing_to_train_on(window, two, qtbot) -> None:
    opened = window(two[0])
    opened.go("overview")
    overview = opened.pages["overview"]
    qtbot.waitUntil(lambda: overview._view is not None, timeout=LONG)
    assert overview._view.step.title == "Judge the answers"
    opened.go("export")
    export = opened.pages["export"]
    qtbot.waitUntil(lambda: getattr(export, "need", None) is not None, timeout=LONG)
    assert any("nothing to train on" in text for text in texts(export.need))
    (go_on,) = [made for made in export.need.findChildren(QPushButton) if made.text() == "Go to rounds"]
    qtbot.mouseClick(go_on, Qt.MouseButton.LeftButton)
    assert opened.place == "rounds"


def test_the_page_of_rounds_tells_the_result_once_nothing_is_left_to_judge(window, tmp_path: Path, qtbot) -> None:
    where = tmp_path / "judge.curator"
    project, made = begin(where, "tttttttbess", ("Ada", "Bo"))
    with project:
        judge(project, made.round, "Ada")
    opened = window(where)
    opened.go("rounds", round=made.round.id)
    card = opened.pages["rounds"].detail.preference
    qtbot.waitUntil(lambda: "9 judgements are still to come" in card.waiting.text(), timeout=LONG)
    assert card.bar.isHidden()
    with Project.open(where) as project:
        judge(project, made.round, "Bo", wrong=(1,))
    qtbot.waitUntil(lambda: "1 item waits for somebody to decide" in card.waiting.text(), timeout=LONG)
    assert telling(opened) == []
    with Project.open(where) as project:
        project.rounds.close(made.round.id)
    qtbot.waitUntil(lambda: not card.bar.isHidden(), timeout=LONG)
    assert [(part.name, part.count) for part in card.shown.parts] == [
        (f"for {AFTER}", 6),
        ("for neither", 2),
        (f"for {BEFORE}", 1),
    ]
    assert card.title.text() == "No difference is shown"
    assert card.shown.rows == (("Ada", "7", "1", "1", "–"), ("Bo", "6", "2", "1", "–"))
    assert card.shown.splits == (f"Line 2: Ada {AFTER}, Bo {BEFORE}",)
    assert any("On 2 more both say the same" in line for line in card.shown.lines)


def test_a_round_of_another_kind_has_no_result_of_that_kind(window, tmp_path: Path, qtbot) -> None:
    with make_project(tmp_path / "shop.curator") as project:
        round = begin_round(project)
    opened = window(tmp_path / "shop.curator")
    opened.go("rounds", round=round.id)
    page = opened.pages["rounds"]
    qtbot.waitUntil(lambda: page.shown is not None and page.right.currentWidget() is page.detail_view, timeout=LONG)
    assert page.detail.preference.isHidden()


def test_the_page_of_comparisons_has_people_judge(
    window, tmp_path: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [f"How do I return item {at}?" for at in range(5)]
    files = {}
    for name, text in (("eval", "The form."), ("before", "It is poor, {at}"), ("after", "It is good, {at}")):
        rows = [{"input": one, "output": text.format(at=at)} for at, one in enumerate(asked)]
        files[name] = tmp_path / f"{name}.jsonl"
        files[name].write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    make_project(tmp_path / "shop.curator").close()
    opened = window(tmp_path / "shop.curator")
    opened.go("compare")
    people = opened.pages["compare"].people
    people.compared(Files(str(files["eval"]), str(files["before"]), str(files["after"])))
    assert not people.start.isEnabled()
    qtbot.keyClicks(people.reviewers, "Ada, Bo")
    people.sample.setValue(4)
    where = tmp_path / "judges.curator"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(where), ""))
    qtbot.mouseClick(people.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: people.done.text() == "4 pairs wait in judges.curator.", timeout=LONG)
    qtbot.mouseClick(people.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: Path(opened.session.project.address).name == "judges.curator", timeout=LONG)
    held = opened.session.project
    (round,) = held.rounds.all()
    assert (round.reviewers, round.labels, len(held.rounds.items(round.id))) == (("Ada", "Bo"), LABELS, 4)
    assert opened.pages["rounds"].chosen == round.id
