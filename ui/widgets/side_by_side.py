"""Two answers to one question: the question above, the answers in equal columns, or under each other where it is narrow."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QWidget

from ui.i18n import tr
from ui.presenters.sides import Answer, SidesView
from ui.theme import px
from ui.widgets.basics import column, fill, muted, named, row, tip_text
from ui.widgets.example_view import ExampleView

ROOMY = 560
"""Width of the 8-px grid from which the answers stand beside each other."""


class SideBySide(QWidget):
    """It is as tall as what it shows, so that both columns scroll together. `on_mark` is told when the marks are turned on or
    off; `show_key` names the key that does it."""

    def __init__(self, on_mark: Callable[[bool], object]):
        super().__init__()
        self.shown: SidesView | None = None
        self._beside: bool | None = None
        body = column(self, 12)
        self.question = ExampleView(fit=True)
        self._key = ""
        self.mark = named(QCheckBox(tr("Mark differences")), tr("Mark differences"))
        self.mark.setMinimumWidth(px(80))
        self.mark.setChecked(True)
        self.mark.toggled.connect(lambda _on: self._write(again=True))
        self.mark.clicked.connect(on_mark)
        self.told = muted("")
        self._top = row(spacing=16)
        self._top.addWidget(self.mark)
        self._top.addWidget(self.told, 1)
        self.first, self.second = Column(tr("First answer")), Column(tr("Second answer"))
        self._answers = row(spacing=16)
        for one in (self.first, self.second):
            self._answers.addWidget(one, 1)
        fill(body, self.question, self._top)
        body.addLayout(self._answers)

    def show_sides(self, shown: SidesView) -> None:
        """Show an item."""
        self.shown = shown
        self.question.show_turns(shown.question, tr("Question"))
        self.told.setText(shown.told)
        self.told.setVisible(bool(shown.told))
        self.mark.setEnabled(not shown.told)
        self._write()

    def show_marks(self, on: bool) -> None:
        """Mark the words that differ, or do not."""
        self.mark.setChecked(on)

    def show_key(self, key: str) -> None:
        """The key that marks the words that differ, "" without one."""
        self._key = key
        said = tr("Mark differences")
        self.mark.setText(f"{said}  {key}" if key and self._beside is not False else said)
        self.mark.setToolTip(tip_text(key))

    def _write(self, *, again: bool = False) -> None:
        if self.shown is not None:
            for made, one in ((self.first, self.shown.first), (self.second, self.shown.second)):
                made.show_answer(one, marked=self.mark.isChecked(), again=again)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.width() >= px(ROOMY)
        if beside is not self._beside:
            self._beside = beside
            way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
            for each in (self._answers, self._top):
                each.setDirection(way)
            self._top.setSpacing(px(16 if beside else 4))
            self.show_key(self._key)


class Column(QWidget):
    """One answer under its title."""

    def __init__(self, text: str):
        super().__init__()
        body = column(self, 6)
        self.title = muted(text)
        bold = self.title.font()
        bold.setWeight(QFont.Weight.DemiBold)
        self.title.setFont(bold)
        self.answer = ExampleView(fit=True)
        fill(body, self.title, self.answer, None)

    def show_answer(self, one: Answer, *, marked: bool, again: bool = False) -> None:
        self.title.setText(one.title)
        made = lambda opened: one.turns(opened, marked=marked)  # noqa: E731
        self.answer.show_turns(made, one.title, labels=False, again=again)
