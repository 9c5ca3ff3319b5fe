"""A packet in the window: opened, voted on by keys, answered, and merged by its owner."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from curator.model import Decision, Kind, Role, Round, RoundItem, Slot, Verdict, content_key
from curator.review.packets.exchange import merge_packet, write_packets
from curator.store import Project
from ui.app import begin
from ui.window import Window

LABELS = ("billing", "delivery_delay", "refund_status")


@pytest.fixture
def packets(support_project: Path, tmp_path: Path) -> list[Path]:
    """The packets of a round of three examples for Ann and Bo."""
    with Project.open(support_project) as project:
        chosen = project.get_examples(project.ids(Role.CANDIDATE)[:3])
        items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(chosen)]
        slots = [Slot(i.example, at, name, i.place) for i in items for at, name in enumerate(("Ann", "Bo"))]
        new = Round("", 0, "pilot", "classification", LABELS, "Look closely.", 1, ("Ann", "Bo"), 2)
        round = project.rounds.add(new, items, slots)
        folder = tmp_path / "out"
        folder.mkdir()
        return [written.path for written in write_packets(project, round, folder)]


def test_a_packet_is_a_window_with_nothing_else_in_it(window, packets: list[Path], qtbot) -> None:
    opened = window()
    opened.open_files([str(packets[0])])
    page = opened.pages["review"]
    qtbot.waitUntil(lambda: page.sitting.card is not None, timeout=20_000)
    assert opened.place == "review"
    assert [name for name, place in opened.places.items() if place.listed] == ["review", "guide"]
    assert set(opened._page_buttons) == {"review", "guide"}
    assert opened.session.reviewer == "Ann"
    assert opened.header.check.isHidden()
    assert not opened.registry.available(opened.registry["project.check"])
    assert "Look closely." in page.guideline.shown.toPlainText()
    assert [page.bar.queue.itemText(at) for at in range(page.bar.queue.count())] == ["Round 1: pilot (3 left)"]
    assert page.record.where.text() == page.record.where.toolTip() == "Item 1 of this packet"


def test_a_window_that_starts_on_a_packet_lists_no_other_pages(qtbot, settings, packets: list[Path]) -> None:
    started = Window(settings)
    qtbot.addWidget(started)
    begin(started, [str(packets[1])])
    assert started.place == "review"
    assert set(started._page_buttons) == {"review", "guide"}
    assert "packet.answer" in started.registry
    started.close()


def test_votes_go_back_in_the_answer(
    window, packets: list[Path], support_project: Path, tmp_path: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = window()
    opened.open_files([str(packets[0])])
    page = opened.pages["review"]
    qtbot.waitUntil(lambda: page.sitting.card is not None, timeout=20_000)
    page.take_keys()
    for done, key in enumerate((Qt.Key.Key_X, Qt.Key.Key_X), 1):
        qtbot.keyClick(page, key)
        qtbot.waitUntil(lambda done=done: page.sitting.deck.decided_here == done and not page.sitting.busy)
    answer = tmp_path / "back.packet"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(answer), ""))
    qtbot.mouseClick(opened.header.answer, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "1 is left" in opened.toast.text.text(), timeout=10_000)
    with Project.open(support_project) as project:
        merged = merge_packet(project, answer)
        assert (merged.new, merged.left) == (2, 1)
        assert [(v.reviewer, v.verdict) for v in project.rounds.votes()] == [("Ann", Verdict.DROP)] * 2


def test_the_owner_of_a_project_drops_an_answer_on_the_rounds(
    window, packets: list[Path], support_project, qtbot
) -> None:
    from curator.review.packets.project import answer_packet, open_packet

    made = open_packet(packets[0])
    with Project.open(made) as project:
        from curator.review.queue import Wanted
        from ui.presenters.review import begin, decision, read_cards

        begun = begin(project, "Ann", Wanted(round=project.rounds.all()[0].id))
        cards = read_cards(project, [(item, False) for item in begun.queue.items], "Ann", None, begun.round)
        project.decide([decision(card, "Ann", Verdict.KEEP) for card in cards])
        answer = answer_packet(project).path
    opened = window(support_project)
    opened.open_files([str(answer)])
    assert opened.place == "rounds"
    with Project.open(support_project) as project:
        qtbot.waitUntil(lambda: len(project.rounds.votes()) == 3, timeout=20_000)


def test_answers_count_where_another_among_them_is_damaged(
    window, packets: list[Path], support_project: Path, tmp_path: Path, qtbot
) -> None:
    from curator.review.packets.project import answer_packet, open_packet

    answers = []
    for packet in packets:
        with Project.open(open_packet(packet)) as project:
            round = project.rounds.all()[0]
            example = project.rounds.slots(round.id)[0].example
            vote = Decision("", example, "", round.reviewers[0], Verdict.DROP, kind=Kind.VOTE, round=round.id)
            project.decide([vote])
            answers.append(answer_packet(project).path)
    answers[0].write_bytes(answers[0].read_bytes()[:200])
    gone = tmp_path / "gone.packet"
    opened = window(support_project)
    opened.open_files([str(answers[0]), str(gone), str(answers[1])])
    with Project.open(support_project) as project:
        qtbot.waitUntil(lambda: [vote.reviewer for vote in project.rounds.votes()] == ["Bo"], timeout=20_000)
    qtbot.waitUntil(lambda: gone.name in opened.troubles.text.text(), timeout=20_000)
    assert answers[0].name in opened.troubles.text.text()


def test_a_broken_packet_is_told_in_one_sentence(window, packets: list[Path], qtbot) -> None:
    packets[0].write_bytes(packets[0].read_bytes()[:200])
    opened = window()
    opened.open_files([str(packets[0])])
    assert opened.session is None
    assert packets[0].name in opened.troubles.text.text()
