"""What a round of judging side by side came to: who is preferred, by how much, and what speaks against it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from curator.model import Round
from ui.i18n import number, tr
from ui.presenters.sides import is_side_by_side
from ui.presenters.sides_result import Result
from ui.theme import color, px
from ui.widgets.bars import Part, StackBar
from ui.widgets.basics import Card, Elided, clear, column, fill, heading, label, muted, row, tip_text
from ui.widgets.flow import Flow

ROOM = 18
"""Letters of a system's name at the head of a column."""


class PreferenceCard(Card):
    """Shown for rounds of that kind alone."""

    def __init__(self) -> None:
        super().__init__(spacing=12, margins=(24, 16, 24, 20))
        self.shown: Result | None = None
        self._round = ""
        self.title = label("", "heading", wrap=True)
        self.waiting = muted("")
        self.bar = StackBar(14)
        self._legend = QWidget()
        self._keys = Flow(self._legend, 24)
        self._lines = column(spacing=6)
        self._judges = QGridLayout()
        self._judges.setHorizontalSpacing(px(24))
        self._judges.setVerticalSpacing(px(4))
        self._judges.setColumnStretch(0, 1)
        self._splits = column(spacing=4)
        self.body.addWidget(muted(tr("Side by side")))
        fill(self.body, self.title, self.waiting, self.bar, self._legend)
        for part in (self._lines, self._judges, self._splits):
            self.body.addLayout(part)

    def show_round(self, round: Round) -> None:
        """A round, of which the result is still to be read."""
        self.setVisible(is_side_by_side(round))
        if round.id != self._round:
            self._round, self.shown = round.id, None
            self._show(Result("", ""))

    def show_result(self, found: Result | None) -> None:
        """The result, or why there is none yet."""
        if found is not None and found != self.shown:
            self.shown = found
            self._show(found)

    def _show(self, found: Result) -> None:
        there = bool(found.parts)
        self.title.setText(found.title if there else tr("Which system people prefer"))
        self.waiting.setText("" if there else found.title)
        self.waiting.setVisible(not there)
        self.bar.setVisible(there)
        self._legend.setVisible(there)
        self.bar.show_parts([Part(one.name, one.count, color(one.tone)) for one in found.parts])
        for layout in (self._keys, self._lines, self._judges, self._splits):
            clear(layout)
        for one in found.parts:
            self._keys.add(_key(number(one.count), one.name, one.tone))
        self._legend.updateGeometry()
        for line in found.lines:
            self._lines.addWidget(label(line, wrap=True))
        self._show_judges(found)
        if found.splits:
            fill(self._splits, 4, heading(tr("Where judges differ")))
        for line in found.splits:
            self._splits.addWidget(muted(line))

    def _show_judges(self, found: Result) -> None:
        for at, cells in enumerate((found.heads, *found.rows) if found.rows else ()):
            for place, text in enumerate(cells):
                if not place:
                    self._judges.addWidget(Elided(text, "" if at else "muted"), at, 0)
                    continue
                made = label(_short(text), "" if at else "muted")
                made.setToolTip(tip_text(text))
                self._judges.addWidget(made, at, place, alignment=Qt.AlignmentFlag.AlignRight)


def _short(name: str) -> str:
    """The end of a long name, which tells files apart sooner than its beginning."""
    return name if len(name) <= ROOM else f"…{name[1 - ROOM :]}"


def _key(count: str, name: str, tone: str) -> QWidget:
    """A number of items with the colour that it has in the bar."""
    made = QWidget()
    inside = row(made, 6)
    spot = QWidget()
    spot.setFixedSize(px(10), px(10))
    spot.setStyleSheet(f"background: {color(tone).name()}; border-radius: {px(3)}px;")
    fill(inside, spot, label(count, "heading"), muted(name, wrap=False))
    return made
