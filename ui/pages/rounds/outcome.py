"""What a round would come to, told while its form is filled in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.i18n import tr
from ui.presenters.round_form import Outcome, Owing, Remark
from ui.theme import px
from ui.widgets.basics import Badge, Card, Elided, button, clear, column, fill, heading, label, muted, row


class OutcomeCard(Card):
    """The consequences, and the button that begins the round. `on_begin()`, `on_cancel()`."""

    def __init__(self, on_begin: Callable[[], object], on_cancel: Callable[[], object]) -> None:
        super().__init__(spacing=12, margins=(20, 16, 20, 16))
        self.title = heading(tr("What this comes to"))
        self.headline = label("", "heading", wrap=True)
        self.problem = label("", wrap=True)
        self.pace = muted("")
        self._owing = QGridLayout()
        self._owing.setHorizontalSpacing(px(16))
        self._owing.setVerticalSpacing(px(4))
        self._owing.setColumnStretch(0, 1)
        self._remarks = column(spacing=8)
        self.begin = button(tr("Begin the round"), on_begin, "primary")
        self.cancel = button(tr("Cancel"), on_cancel)
        bottom = row()
        fill(bottom, None, self.cancel, self.begin)
        fill(self.body, self.title, self.headline, self.problem)
        self.body.addLayout(self._owing)
        self.body.addWidget(self.pace)
        self.body.addLayout(self._remarks)
        self.body.addSpacing(px(4))
        self.body.addLayout(bottom)
        self.body.addStretch(1)
        self.show_waiting()

    def show_waiting(self) -> None:
        """Nothing is known yet."""
        self.begin.setEnabled(False)

    def show_busy(self) -> None:
        """The round is being begun."""
        self.begin.setEnabled(False)
        self.begin.setText(tr("Beginning…"))

    def show_outcome(self, found: Outcome) -> None:
        self.begin.setText(tr("Begin the round"))
        self.begin.setEnabled(not found.problem)
        self.headline.setText(found.headline)
        self.headline.setVisible(bool(found.headline))
        self.problem.setText(found.problem)
        self.problem.setVisible(bool(found.problem))
        self.pace.setText(found.pace)
        self.pace.setVisible(bool(found.pace))
        self._show_owing(found.owing)
        self._show_remarks(found.remarks)

    def _show_owing(self, owing: Sequence[Owing]) -> None:
        clear(self._owing)
        for at, one in enumerate(owing):
            self._owing.addWidget(Elided(one.name), at, 0)
            for place, text in ((1, one.looks), (2, one.time)):
                self._owing.addWidget(muted(text, wrap=False), at, place, alignment=Qt.AlignmentFlag.AlignRight)

    def _show_remarks(self, remarks: Sequence[Remark]) -> None:
        clear(self._remarks)
        for one in remarks:
            self._remarks.addWidget(_remark(one))


def _remark(one: Remark) -> QWidget:
    made = QWidget()
    inside = row(made, 8)
    said = label(one.text, "" if one.tone else "muted", wrap=True)
    if one.tone:
        inside.addWidget(Badge("!", one.tone), alignment=Qt.AlignmentFlag.AlignTop)
    inside.addWidget(said, 1)
    return made
