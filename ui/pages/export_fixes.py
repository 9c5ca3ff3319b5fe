"""The fixes that are chosen, or that would help a format that is ticked; and one example before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from ui.i18n import tr, trn
from ui.pages.export_groups import Asks
from ui.presenters.export_fixes import Fix, Offer, Turn, sides
from ui.presenters.words import turn_title
from ui.theme import px
from ui.widgets.basics import Badge, Card, button, clear, column, fill, heading, label, muted, named, row

MOST = 1_200
"""Characters of a turn that are shown."""


class FixesCard(Card):
    """One switch for each fix, for all formats. `on_all(names)` chooses those that lose nothing."""

    def __init__(self, asks: Asks, on_all: Callable[[Sequence[str]], None]) -> None:
        super().__init__(spacing=8, margins=(24, 16, 24, 16))
        self._asks, self._on_all = asks, on_all
        self._safe: tuple[str, ...] = ()
        self.lines: dict[str, FixLine] = {}
        self.all = button(tr("All that lose nothing"), lambda: self._on_all(self._safe))
        top = row(spacing=12)
        fill(top, heading(tr("Fixes")), None, self.all)
        said = tr(
            "Small changes of form that make a format take an example. Only those that you choose are done; each is told in the release. Your examples stay as they are."
        )
        self._list = column(spacing=4)
        self.sides = Sides()
        fill(self.body, top, muted(said), self._list, self.sides)
        self.hide()

    def show_offers(self, offers: Sequence[Offer]) -> None:
        """Show what is offered; a line stays the same one as long as its fix does."""
        self._safe = tuple(offer.fix.name for offer in offers if not offer.fix.loses and not offer.on)
        self.setVisible(bool(offers))
        self.all.setVisible(bool(self._safe))
        if list(self.lines) != [offer.fix.name for offer in offers]:
            clear(self._list)
            self.lines = {offer.fix.name: FixLine(offer.fix, self._asks) for offer in offers}
            for line in self.lines.values():
                self._list.addWidget(line)
        for offer in offers:
            self.lines[offer.fix.name].show_offer(offer)

    def wait_for_sides(self, title: str) -> None:
        self.sides.wait(title)

    def show_sides(self, answer: Mapping[str, Any]) -> None:
        self.sides.show_answer(answer)


class FixLine(QWidget):
    """A fix: on or off, what it changes, what it loses, and the way to look at it."""

    def __init__(self, fix: Fix, asks: Asks) -> None:
        super().__init__()
        self._asks = asks
        self._offer: Offer | None = None
        self.box = QCheckBox(fix.title)
        self.box.setAccessibleName(tr("Mend in all formats: {fix}", fix=fix.title))
        self.box.toggled.connect(lambda on: asks.fix(fix.name, on, ""))
        self.effect = button("", self._show, "link")
        self.effect.setToolTip(tr("Show them in Examples"))
        self.look = button(tr("Before and after"), self._look, "link")
        self.look.setAccessibleName(tr("Before and after: {fix}", fix=fix.title))
        top = row(spacing=12)
        fill(top, self.box, None, self.effect, self.look)
        self.only = row(spacing=8, margins=(28, 0, 0, 0))
        body = column(self, 0)
        fill(body, top, self.only)
        self.loses = muted(tr("This loses {what}.", what=fix.loses) if fix.loses else "")
        self.loses.setContentsMargins(px(28), 0, 0, 0)
        self.loses.setVisible(bool(fix.loses))
        body.addWidget(self.loses)

    def show_offer(self, offer: Offer) -> None:
        self._offer = offer
        with QSignalBlocker(self.box):
            self.box.setChecked(offer.on)
        n = len(offer.ids)
        if offer.chosen:
            said = trn("changes {n} example", "changes {n} examples", n)
        else:
            said = trn("would mend {n} example", "would mend {n} examples", n)
        self.effect.setText(said)
        self.effect.setAccessibleName(f"{offer.fix.title}: {said}")
        self.effect.setEnabled(bool(n))
        self.look.setEnabled(bool(n) and bool(offer.target))
        clear(self.only)
        for name, title in offer.only:
            text = tr("Only in {format}", format=title)
            undo = button(tr("Not there"), None, "link", name=tr("Do not mend in {format}", format=title))
            undo.clicked.connect(lambda _checked=False, name=name: self._asks.fix(offer.fix.name, False, name))
            fill(self.only, label(text, "muted"), undo)
        if offer.only:
            self.only.addStretch(1)

    def _show(self) -> None:
        if self._offer is not None:
            self._asks.show(self._offer.ids, self._offer.fix.title)

    def _look(self) -> None:
        if self._offer is not None:
            self._asks.sides(self._offer.ids[0], self._offer.fix.name, self._offer.target)


class Sides(Card):
    """One example, side by side as it is and as it would be written."""

    def __init__(self) -> None:
        super().__init__("sunken", 12, (16, 12, 16, 12))
        self.title = label("", "heading", wrap=True)
        self.close_it: QPushButton = button(tr("Close"), self.hide, "quiet")
        top = row(spacing=12)
        top.addWidget(self.title, 1)
        top.addWidget(self.close_it)
        self.before, self.after = column(spacing=8), column(spacing=8)
        both = row(spacing=24)
        both.addLayout(self.before, 1)
        both.addLayout(self.after, 1)
        fill(self.body, top, both)
        self.hide()

    def wait(self, title: str) -> None:
        self.title.setText(title)

    def show_answer(self, answer: Mapping[str, Any]) -> None:
        """Show the answer of the job `fixes`."""
        before, after = sides(answer)
        for layout, head, turns in ((self.before, tr("As it is"), before), (self.after, tr("As it is written"), after)):
            clear(layout)
            layout.addWidget(label(head, "muted"))
            for turn in turns:
                layout.addWidget(_turn(turn))
            layout.addStretch(1)
        self.setAccessibleName(f"{self.title.text()}: {answer['where']}")
        self.show()
        self.close_it.setFocus(Qt.FocusReason.OtherFocusReason)


def _turn(turn: Turn) -> QWidget:
    made = QWidget()
    body = column(made, 2)
    top = row(spacing=8)
    fill(top, label(turn_title(turn.role), "small"), *([Badge(tr("changed"), "accent")] if turn.differs else []), None)
    text = turn.text if len(turn.text) <= MOST else turn.text[:MOST] + "…"
    shown = named(label(text, wrap=True), f"{turn_title(turn.role)}: {text}")
    shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    fill(body, top, shown)
    return made
