"""The page Compare in the real window, its work done in the child process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QScrollArea
from test_accessibility import _missed_by_tab, controls, spoken, told
from test_compare_presenter import files

WAIT = 60_000


@pytest.fixture
def three(tmp_path: Path) -> tuple[str, str, str]:
    return files(tmp_path / "main", 90, 0.6, 0.92)


def compared(qtbot, page) -> None:
    qtbot.waitUntil(lambda: page.view is not None and not page.files.busy, timeout=WAIT)


def dropped(slot, paths: list[str]) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    actions, buttons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    slot.dropEvent(QDropEvent(QPointF(5, 5), actions, data, buttons, Qt.KeyboardModifier.NoModifier))


def test_files_are_dropped_compared_and_the_answers_that_changed_are_gone_through(
    window, qtbot, three, tmp_path
) -> None:
    shown = window(None, "compare")
    page = shown.pages["compare"]
    assert page.how.isVisible()
    assert not page.results.isVisible()
    assert not page.files.begin.isEnabled()
    assert page.files.missing.text() == "Choose an eval set."
    dropped(page.files.slots["evals"], list(three))
    assert page.files.slots["tuned"].file.text() == "after.jsonl"
    assert page.files.begin.isEnabled()
    QTest.keyClick(shown, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not page.files.begin.isEnabled()
    compared(qtbot, page)
    assert page.verdict.title.text() == "The tuned model is better"
    assert page.results.isVisible()
    assert not page.how.isVisible()
    assert page.people.isVisible()
    assert not page.general.isVisible()
    assert page.changes.changes.lines.rowCount() == 3

    QTest.keyClick(shown, Qt.Key.Key_B)
    assert page.flips.kind == "better"
    assert page.flips.list.hasFocus()
    QTest.keyClick(page.flips.list, Qt.Key.Key_Down)
    chosen = page.view.better[1]
    assert page.flips.list.currentRow() == 1
    assert chosen.input in page.flips.asked.view.shown_text
    assert chosen.tuned in page.flips.after.view.shown_text
    assert page.flips.after.badge.text() == "right"
    assert page.flips.before.badge.text() == "wrong"
    QTest.keyClick(shown, Qt.Key.Key_W)
    assert page.flips.list.count() == len(page.view.worse)

    table = page.changes.changes
    table.setFocus()
    table.selectRow(0)
    QTest.keyClick(table, Qt.Key.Key_Return)
    label = table.key[0]
    assert page.flips.label == label
    assert page.flips.list.count() < len(page.view.worse) + len(page.view.better)
    assert all(label in (one.expected, one.baseline, one.tuned) for one in page.view.changed(page.flips.kind, label))
    qtbot.mouseClick(page.flips.all, Qt.MouseButton.LeftButton)
    assert page.flips.label == ""
    assert [told(one) for one in controls(page) if not spoken(one).strip() and not isinstance(one, QScrollArea)] == []
    assert _missed_by_tab(shown) == []

    shown.settings.set("theme", "dark")
    shown.rebuild()
    again = shown.pages["compare"]
    assert again is not page
    assert again.verdict.title.text() == "The tuned model is better"
    assert again.files.files.tuned == three[2]
    assert not again.people.isHidden()


def test_general_tasks_show_what_was_forgotten_and_a_page_is_saved(window, qtbot, three, tmp_path, monkeypatch) -> None:
    page = window(None, "compare").pages["compare"]
    general = files(tmp_path / "general", 120, 0.95, 0.6)
    page.files.take("evals", list(three))
    qtbot.mouseClick(page.files.general, Qt.MouseButton.LeftButton, pos=page.files.general.rect().topLeft() * 0 + QPointF(8, 8).toPoint())  # fmt: skip
    assert page.files.general_part.isVisible()
    assert not page.files.begin.isEnabled()
    page.files.take("general_evals", list(general))
    qtbot.mouseClick(page.files.begin, Qt.MouseButton.LeftButton)
    compared(qtbot, page)
    assert page.general.isVisible()
    assert page.general.verdict.text.text().startswith("The tuned model forgot. Accuracy on general tasks fell by ")
    out = tmp_path / "saved.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    page.save_page()
    qtbot.waitUntil(out.exists, timeout=WAIT)
    qtbot.waitUntil(lambda: not page.files.busy, timeout=WAIT)
    assert "General tasks" in out.read_text(encoding="utf-8")


def test_a_project_brings_its_eval_set_and_a_wrong_file_is_one_sentence(
    window, qtbot, support_project, tmp_path
) -> None:
    shown = window(support_project, "compare")
    page = shown.pages["compare"]
    qtbot.waitUntil(lambda: page.files.project_evals == 160, timeout=WAIT)
    assert page.files.slots["evals"].file.text() == "The project's eval set: 160 examples"
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text(json.dumps({"id": "none", "prediction": "x"}) + "\n")
    page.files.take("baseline", [str(wrong)])
    page.files.take("tuned", [str(wrong)])
    page.begin()
    qtbot.waitUntil(lambda: not page.files.busy, timeout=WAIT)
    qtbot.waitUntil(shown.troubles.isVisible, timeout=WAIT)
    assert page.view is None
    assert page.files.begin.isEnabled()
