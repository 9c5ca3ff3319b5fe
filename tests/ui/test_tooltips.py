"""Tooltips show texts of users as they are: nothing in them is markup."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QTextDocument

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
