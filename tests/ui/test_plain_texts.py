"""Texts of users are shown as they are: nothing in them is markup, and no letter of them a key."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QWidget

from ui.pages.cards.buttons import KeyButton
from ui.widgets.basics import Elided, button, tip_text


@pytest.mark.parametrize("text", ["<img src='file:///secret.png'>", "a\n<b>bold</b>  & more", "1 < 2"])
def test_markup_in_a_tooltip_stays_text(qtbot, text: str) -> None:
    line = Elided(text)
    qtbot.addWidget(line)
    made = button("x", tip=text)
    qtbot.addWidget(made)
    for tip in (tip_text(text), line.toolTip(), made.toolTip()):
        shown = QTextDocument()
        shown.setHtml(tip)
        assert shown.toPlainText() == text
        assert "<img" not in tip


def test_a_tooltip_without_markup_is_the_text_itself() -> None:
    assert tip_text("R&D") == "R&D"


def test_an_ampersand_in_a_label_is_no_key(qtbot) -> None:
    page, pressed = QWidget(), []
    qtbot.addWidget(page)
    made = [button("R&D", lambda: pressed.append("plain")), KeyButton("R&D", lambda: pressed.append("key"))]
    for one in made:
        one.setParent(page)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    qtbot.keyClick(page, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
    qtbot.wait(200)
    assert pressed == []
    assert [one.shortcut().isEmpty() for one in made] == [True, True]
