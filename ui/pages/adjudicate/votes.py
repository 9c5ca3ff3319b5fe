"""The votes of a dispute side by side, each with its note and with what its edit would change."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ui.presenters.adjudicate_votes import Difference, Piece, VoteView
from ui.theme import css, px
from ui.widgets import basics
from ui.widgets.basics import Badge, Elided, column, fill, label, row

LEAST = 248
"""Width of the 8-px grid that a vote needs; as many stand side by side as have it."""
WIDE = 320
"""The same where edits are to be read."""


class Votes(QWidget):
    """The votes of one dispute."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(px(12))
        self.cards: list[VoteCard] = []
        self._shown = 0
        self._columns = 0
        self._least = LEAST

    def show_votes(self, views: Sequence[VoteView]) -> None:
        for place, view in enumerate(views):
            if place == len(self.cards):
                self.cards.append(VoteCard())
                self.cards[place].setParent(self)
            self.cards[place].show_vote(view)
        self._shown = len(views)
        self._least = WIDE if any(view.differences for view in views) else LEAST
        for place, held in enumerate(self.cards):
            held.setVisible(place < self._shown)
        self._columns = 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        fit = max(1, (self.width() + px(12)) // px(self._least + 12))
        columns = max(1, min(fit, self._shown))
        if columns == self._columns:
            return
        for each in self.cards:
            self._grid.removeWidget(each)
        for at in range(max(columns, self._columns, self._grid.columnCount())):
            self._grid.setColumnStretch(at, 1 if at < columns else 0)
        for place in range(self._shown):
            self._grid.addWidget(self.cards[place], place // columns, place % columns)
        self._columns = columns


class VoteCard(basics.Card):
    """One vote. It is used again for the next dispute: making widgets takes longer than filling them."""

    def __init__(self) -> None:
        super().__init__(spacing=6, margins=(16, 10, 16, 12))
        self.who = Elided("", "heading")
        self.at = label("", "small")
        self.said = Badge("")
        self.note = label("", wrap=True)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        top = row(spacing=8)
        top.addWidget(self.who, 1)
        top.addWidget(self.at)
        said = row(spacing=8)
        fill(said, self.said, None)
        inside = column(spacing=6)
        fill(inside, said, self.text, self.note)
        self.body.addLayout(top)
        self.body.addLayout(inside)
        self.body.addStretch(1)

    def show_vote(self, view: VoteView) -> None:
        self.who.setText(view.who)
        self.at.setText(view.at)
        self.said.show_text(_short(view.said), view.tone)
        self.said.setToolTip(basics.tip_text(view.said) if len(view.said) > _ROOM else "")
        self.note.setText(f"“{view.note}”" if view.note else "")
        self.note.setVisible(bool(view.note))
        self.text.setText("".join(map(_block, view.differences)))
        self.text.setVisible(bool(view.differences))
        spoken = "; ".join(filter(None, (view.who, view.said, view.note, view.at)))
        self.setAccessibleName(spoken)


_ROOM = 48


def _short(text: str) -> str:
    squeezed = " ".join(text.split())
    return squeezed if len(squeezed) <= _ROOM else squeezed[: _ROOM - 1] + "…"


def _block(one: Difference) -> str:
    """A turn as HTML; nothing in the texts is markup."""
    title = f'<div style="color:{css("muted")}">{escape(one.title)}</div>'
    return f'{title}<div style="white-space:pre-wrap">{"".join(map(_piece, one.pieces))}</div>'


def _piece(piece: Piece) -> str:
    text = escape(piece.text).replace("\n", "<br>")
    if piece.kind == "added":
        return f'<span style="background:{css("added")};text-decoration:underline">{text}</span>'
    if piece.kind == "removed":
        return f'<span style="background:{css("removed")};text-decoration:line-through">{text}</span>'
    return text
