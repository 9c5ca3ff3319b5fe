"""The left side of a card: the record, and under it what was found about it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from ui.i18n import tr
from ui.pages.cards.buttons import show
from ui.presenters.review import Card
from ui.presenters.review_evidence import Evidence, Line, Told, of_packet
from ui.presenters.texts import Mark
from ui.theme import css, px
from ui.widgets import basics
from ui.widgets.basics import Badge, Elided, Scroll, column, fill, label, row, tip_text
from ui.widgets.example_view import ExampleView
from ui.widgets.side_by_side import SideBySide

ROOMY = 520
"""Width of the 8-px grid from which what a text is stands beside it."""
NARROW = 420
"""Below this width there is no room for why a card comes now."""
TITLE_WIDTH = 168
ANY_WIDTH = 16_777_215


class Record(Scroll):
    """Shows a card: the example with what is wrong in it marked, then the findings, the strongest first."""

    def __init__(self, on_mark: Callable[[bool], object]) -> None:
        super().__init__()
        inside = QWidget()
        body = column(inside, 12, (0, 0, 8, 8))
        self.where = Elided("", "muted", Qt.TextElideMode.ElideMiddle)
        self.why = Elided("", "muted")
        self.why.setAlignment(Qt.AlignmentFlag.AlignRight)
        top = row(spacing=12)
        top.addWidget(self.where, 1)
        top.addWidget(self.why, 1)
        record = basics.card(spacing=12, margins=(20, 14, 20, 18))
        record.body.addLayout(top)
        self.example, self.sides = ExampleView(fit=True), SideBySide(on_mark)
        self.sides.hide()
        fill(record.body, self.example, self.sides)
        body.addWidget(record)
        self._findings = column(spacing=12)
        body.addLayout(self._findings)
        body.addStretch(1)
        self._cards: list[EvidenceCard] = []
        self.setWidget(inside)
        inside.setAutoFillBackground(False)

    def show_card(self, card: Card, told: Told) -> None:
        self.where.setText(told.where)
        self.where.setToolTip(tip_text(told.where if of_packet(card.example) else str(card.example.ref)))
        self.why.setText(told.why)
        show(self.example, told.sides is None)
        show(self.sides, told.sides is not None)
        if told.sides is not None:
            self.sides.show_sides(told.sides)
        else:
            hidden = card.example.with_output(tr("(The given label is not shown in this round.)"))
            self.example.show_example(hidden if card.hides_output else card.example, card.findings)
        for place, one in enumerate(told.evidence):
            if place == len(self._cards):
                self._cards.append(EvidenceCard())
                self._findings.addWidget(self._cards[place])
            self._cards[place].show_evidence(one)
        for place, held in enumerate(self._cards):
            show(held, place < len(told.evidence))
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        show(self.why, self.width() >= px(NARROW))


class EvidenceCard(basics.Card):
    """One finding, briefly. It is used again for the next card: making widgets takes longer than filling them."""

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=(20, 12, 20, 14))
        self.evidence: Evidence | None = None
        self.badge = Badge("")
        self.title = Elided("", "heading")
        top = row(spacing=8)
        top.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignVCenter)
        top.addWidget(self.title, 1)
        self.message = label("", wrap=True)
        self._lines: list[_LineView] = []
        fill(self.body, top, self.message)

    def show_evidence(self, one: Evidence) -> None:
        self.evidence = one
        self.badge.show_text(one.severity, one.tone)
        self.title.setText(one.title)
        self.message.setText(one.message)
        for place, line in enumerate(one.lines):
            if place == len(self._lines):
                self._lines.append(_LineView())
                self.body.addWidget(self._lines[place])
            self._lines[place].show_line(line)
        for place, held in enumerate(self._lines):
            show(held, place < len(one.lines))


class _LineView(QWidget):
    """A text beside what it is, or under it where there is little room."""

    def __init__(self) -> None:
        super().__init__()
        self._beside: bool | None = None
        self._body = row(self, 12)
        self.title = label("", "muted", wrap=True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body.addWidget(self.title)
        self._body.addWidget(self.text, 1)
        self._arrange(True)

    def show_line(self, line: Line) -> None:
        self.title.setText(line.title)
        show(self.title, bool(line.title))
        self.text.setText(marked(line.text, line.marks))
        self.text.setAccessibleName(f"{line.title}: {line.text}" if line.title else line.text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width() >= px(ROOMY))

    def _arrange(self, beside: bool) -> None:
        if beside is self._beside:
            return
        self._beside = beside
        self._body.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._body.setSpacing(px(12 if beside else 1))
        self.title.setMinimumWidth(px(TITLE_WIDTH) if beside else 0)
        self.title.setMaximumWidth(px(TITLE_WIDTH) if beside else ANY_WIDTH)


def marked(text: str, marks: tuple[Mark, ...]) -> str:
    """The text as HTML with its marks on coloured ground; nothing in the text itself is markup."""
    if not text:
        return f'<span style="color:{css("muted")}">{escape(tr("(empty)"))}</span>'
    parts, at = [], 0
    for mark in marks:
        parts.append(escape(text[at : mark.start]))
        parts.append(f'<span style="background:{css(mark.kind)}">{escape(text[mark.start : mark.end])}</span>')
        at = mark.end
    parts.append(escape(text[at:]))
    return "".join(parts)
