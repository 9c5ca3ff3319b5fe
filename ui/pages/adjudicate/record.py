"""The left side of a dispute: the example, and under it the votes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.i18n import tr
from ui.pages.adjudicate.votes import Votes
from ui.pages.cards.buttons import show
from ui.presenters.adjudicate_votes import Card, reason_tone
from ui.presenters.review_evidence import where
from ui.presenters.sides import is_side_by_side, view
from ui.presenters.words import round_title
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import Badge, Banner, Elided, Scroll, column, fill, heading, label, row, tip_text
from ui.widgets.example_view import ExampleView
from ui.widgets.side_by_side import SideBySide

NARROW = 420
"""Below this width there is no room for the name of the round."""


class Record(Scroll):
    """Shows a dispute: the example as it is, what the round showed where that is something else, and the votes."""

    def __init__(self, on_mark: Callable[[bool], object]) -> None:
        super().__init__()
        inside = QWidget()
        body = column(inside, 12, (0, 0, 8, 8))
        self.where = Elided("", "muted", Qt.TextElideMode.ElideMiddle)
        self.round = Elided("", "muted")
        self.round.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.reason = Badge("")
        top = row(spacing=12)
        top.addWidget(self.where, 1)
        top.addWidget(self.round, 1)
        top.addWidget(self.reason)
        self.why = Banner("", "warn")
        self.example, self.before = ExampleView(fit=True), ExampleView(fit=True)
        self.sides = SideBySide(on_mark)
        self.sides.hide()
        self._before = basics.card(spacing=8, margins=(20, 12, 20, 14))
        fill(self._before.body, label(tr("What the round showed"), "heading"), self.before)
        record = basics.card(spacing=12, margins=(20, 14, 20, 18))
        record.body.addLayout(top)
        fill(record.body, self.why, self.example, self.sides)
        self.title = heading(tr("Votes"))
        self.votes = Votes()
        fill(body, record, self.title, self.votes, self._before)
        body.addStretch(1)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)

    def show_card(self, card: Card) -> None:
        dispute = card.dispute
        self.where.setText(where(card.example))
        self.where.setToolTip(tip_text(str(card.example.ref)))
        self.round.setText(round_title(dispute.round) if dispute.round is not None else tr("Outside of rounds"))
        self.reason.show_text(card.reason, reason_tone(dispute.reason))
        self.why.text.setText(card.why)
        show(self.why, bool(card.why))
        answers = view(card.example) if is_side_by_side(dispute.round) else None
        show(self.example, answers is None)
        show(self.sides, answers is not None)
        if answers is not None:
            self.sides.show_sides(answers)
        else:
            self.example.show_example(card.example, compare=card.before)
        # Of two answers a label alone can have changed, and that is named among the choices.
        before = card.before if answers is None else None
        show(self._before, before is not None)
        if before is not None:
            self.before.show_example(before)
        self.votes.show_votes(card.votes)
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        show(self.round, self.width() >= px(NARROW))
