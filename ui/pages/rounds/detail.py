"""One round: how far it is, what each reviewer owes, packets out and in, and the way to agreement and disputes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QWidget

from ui.i18n import tr
from ui.pages.rounds.listing import progress_bar
from ui.pages.rounds.preference import PreferenceCard
from ui.presenters.rounds import Detail, Figure, Person
from ui.theme import px
from ui.widgets.basics import (
    Badge,
    Card,
    Elided,
    button,
    clear,
    column,
    fill,
    heading,
    label,
    muted,
    named,
    row,
    separator,
    tip_text,
    title,
)
from ui.widgets.dropping import DropArea
from ui.widgets.flow import Flow

NARROW, SMALLEST = 800, 456


@dataclass(frozen=True)
class Doing:
    """What can be done with a round."""

    review: Callable[[str], object]
    leave: Callable[[str], object]
    join: Callable[[str], object]
    pack: Callable[[], object]
    choose_answers: Callable[[], object]
    merge: Callable[[list[str]], object]
    turn: Callable[[], object]
    agreement: Callable[[], object]
    adjudicate: Callable[[], object]


class HeadCard(Card):
    """The round itself, how far it is, and what is next."""

    def __init__(self, doing: Doing) -> None:
        super().__init__(spacing=8, margins=(24, 16, 24, 20))
        top = row(spacing=12)
        self.title, self.state = title(""), Badge("")
        self.turn = button("", doing.turn)
        top.addWidget(self.title, 1)
        fill(top, self.state, self.turn)
        self.scope, self.kind, self.far = label("", wrap=True), muted(""), muted("", wrap=False)
        self.bar = progress_bar()
        line = row(spacing=12)
        line.addWidget(self.bar, 1)
        line.addWidget(self.far)
        self._figures = QWidget()
        self._flow = Flow(self._figures, 32)
        self.step = label("", wrap=True)
        self.agreement = button(tr("Agreement"), doing.agreement, tip=tr("How far the reviewers agree, and on what"))
        self.adjudicate = button(
            tr("Adjudicate"), doing.adjudicate, tip=tr("Decide where votes differ, settle the rest")
        )
        bottom, buttons = row(spacing=8), row(spacing=8)
        fill(buttons, self.agreement, self.adjudicate, None)
        bottom.addWidget(self.step, 1)
        bottom.addLayout(buttons)
        self.stacked = [bottom]
        self.body.addLayout(top)
        fill(self.body, self.scope, self.kind, 4, line, 8, self._figures, 4, separator(), 4, bottom)

    def show_detail(self, found: Detail, *, own: bool) -> None:
        closed = found.round.closed
        self.title.setText(found.title)
        self.state.show_text(tr("closed") if closed else tr("open"), "" if closed else "accent")
        self.turn.setText(tr("Open again") if closed else tr("Close"))
        self.turn.setToolTip("" if closed else tr("Take no more votes; it can be opened again"))
        self.turn.setVisible(own)
        self.scope.setText(found.scope)
        self.kind.setText(found.kind)
        self.bar.setValue(found.percent)
        named(self.bar, found.far)
        self.far.setText(found.far)
        self.step.setText(found.step)
        for made, name in ((self.agreement, "agreement"), (self.adjudicate, "adjudicate")):
            _kind(made, "primary" if found.go == name else "")
        clear(self._flow)
        for one in found.figures:
            self._flow.add(_figure(one))
        self._figures.updateGeometry()


class PersonRow(QWidget):
    """One reviewer's part."""

    def __init__(self, doing: Doing, name: str) -> None:
        super().__init__()
        inside = row(self, 16, (0, 6, 0, 6))
        words = column(spacing=2)
        self.name, self.when = Elided(name), Elided("", "small")
        fill(words, None, self.name, self.when, None)
        self.first = QWidget()
        self.first.setLayout(words)
        middle = column(spacing=4)
        self.bar, figures = progress_bar(), row(spacing=8)
        self.far, self.left = muted("", wrap=False), muted("", wrap=False)
        fill(figures, self.far, None, self.left)
        fill(middle, None, self.bar, figures, None)
        self.quality = muted("")
        self.quality.setMinimumWidth(px(144))
        self.review = button(
            tr("Review as {name}", name=name),
            lambda: doing.review(name),
            tip=tr("Vote here in this name; then it is the next one's turn"),
        )
        self.leave = button(
            tr("Leaves"),
            lambda: doing.leave(name),
            "quiet",
            name=tr("{name} leaves the round", name=name),
            tip=tr("What is not done yet goes to the others; what is done stays"),
        )
        end = row(spacing=16)
        end.addWidget(self.quality, 1)
        fill(end, self.review, self.leave)
        start = row(spacing=16)
        start.addWidget(self.first, 2)
        start.addLayout(middle, 4)
        inside.addLayout(start, 1)
        inside.addLayout(end, 1)
        self.way = inside

    def show_person(self, one: Person, *, mine: bool, own: bool, closed: bool) -> None:
        self.when.setText(one.when)
        self.bar.setValue(one.percent)
        named(self.bar, f"{one.name}: {one.far}")
        self.far.setText(one.far)
        self.left.setText(one.left)
        self.quality.setText(one.quality)
        self.review.setEnabled(one.open and (own or mine))
        _kind(self.review, "primary" if mine and one.open else "")
        self.leave.setVisible(own)
        self.leave.setEnabled(one.there and not closed)


class PeopleCard(Card):
    """Who reviews, and who joins."""

    def __init__(self, doing: Doing) -> None:
        super().__init__(spacing=4, margins=(24, 16, 24, 16))
        self._doing = doing
        self.rows: dict[str, PersonRow] = {}
        self._list = column(spacing=0)
        self.newcomer = named(QLineEdit(), tr("Name of somebody who joins"))
        self.newcomer.setPlaceholderText(tr("Name"))
        self.newcomer.setFixedWidth(px(176))
        self.newcomer.returnPressed.connect(self._join)
        self.newcomer.textChanged.connect(lambda text: self.join.setEnabled(bool(text.strip())))
        self.join = button(tr("Joins"), self._join, tip=tr("Takes a fair share of what is not done yet"))
        self.join.setEnabled(False)
        self._bottom = QWidget()
        fill(row(self._bottom, 8), self.newcomer, self.join, None)
        fill(self.body, heading(tr("Reviewers")))
        self.body.addLayout(self._list)
        fill(self.body, 8, self._bottom)

    def show_detail(self, found: Detail, *, own: bool, reviewer: str) -> None:
        names = [one.name for one in found.people]
        if names != list(self.rows):
            clear(self._list)
            self.rows = {name: PersonRow(self._doing, name) for name in names}
            for made in self.rows.values():
                self._list.addWidget(made)
        for one in found.people:
            self.rows[one.name].show_person(one, mine=one.name == reviewer, own=own, closed=found.round.closed)
        times = max(
            (made.when.fontMetrics().horizontalAdvance(made.when.text()) for made in self.rows.values()), default=0
        )
        widest = max((made.review.sizeHint().width() for made in self.rows.values()), default=0)
        for made in self.rows.values():
            made.first.setMinimumWidth(max(px(112), times + px(4)))
            made.review.setMinimumWidth(widest)  # so that the bars stand under each other
            made.quality.setVisible(any(one.quality for one in found.people))
        self._bottom.setVisible(own and not found.round.closed)

    def _join(self) -> None:
        name = self.newcomer.text().strip()
        if name:
            self.newcomer.clear()
            self._doing.join(name)


class PacketsCard(DropArea):
    """Packets out, and answers in: by button, or dropped here."""

    def __init__(self, doing: Doing) -> None:
        super().__init__(doing.merge)
        self.body.setContentsMargins(px(24), px(16), px(24), px(16))
        self.pack = button(
            tr("Write packets…"), doing.pack, tip=tr("A file for each reviewer, with nothing in it but their part")
        )
        self.merge = button(
            tr("Merge packets…"), doing.choose_answers, tip=tr("What reviewers sent back; never counted twice")
        )
        words = column(spacing=2)
        self.text = muted(
            tr(
                "For reviewers without this project: each gets a packet by mail or stick, opens it in Curator and sends an "
                "answer back. Drop answers here."
            )
        )
        fill(words, heading(tr("Packets")), self.text)
        inside, buttons = row(spacing=16), row(spacing=8)
        fill(buttons, self.pack, self.merge, None)
        inside.addLayout(words, 1)
        inside.addLayout(buttons)
        self.stacked = [inside]
        self.body.addLayout(inside)

    def show_detail(self, found: Detail) -> None:
        self.pack.setEnabled(not found.round.claimed and not found.round.closed)
        if found.round.claimed:
            self.pack.setToolTip(tr("Packets need lists; in this round everybody takes the next free item"))


class DetailView(QWidget):
    """All of one round. `doing`: what its buttons do."""

    def __init__(self, doing: Doing) -> None:
        super().__init__()
        self.head, self.people, self.packets = HeadCard(doing), PeopleCard(doing), PacketsCard(doing)
        self.preference = PreferenceCard()
        whole = column(self, 16)
        fill(whole, self.head, self.preference, self.people, self.packets, None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()

    def _stand(self) -> None:
        """Where it is narrow, buttons stand under what they are about."""
        narrow = self.width() < px(NARROW)
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        for one in (*self.head.stacked, *self.packets.stacked, *(made.way for made in self.people.rows.values())):
            one.setDirection(way)

    def minimumSizeHint(self) -> QSize:
        """As narrow as it can stand, not as it stands now."""
        return QSize(px(SMALLEST), super().minimumSizeHint().height())

    def show_detail(self, found: Detail, *, own: bool, reviewer: str) -> None:
        """`own`: rounds can be changed here."""
        self.head.show_detail(found, own=own)
        self.preference.show_round(found.round)
        self.people.show_detail(found, own=own, reviewer=reviewer)
        self.packets.setVisible(own)
        self.packets.show_detail(found)
        self._stand()


def _figure(one: Figure) -> QWidget:
    made = QWidget()
    inside = column(made, 0)
    value = label(one.value, "title")
    top = row(spacing=6)
    fill(top, value, None)
    inside.addLayout(top)
    inside.addWidget(Badge(one.word, one.tone) if one.tone in ("warn", "bad") else muted(one.word, wrap=False))
    made.setToolTip(tip_text(one.tip))
    made.setAccessibleName(f"{one.value} {one.word}")
    return made


def _kind(made: QWidget, kind: str) -> None:
    """Give a button another look."""
    if (made.property("kind") or "") != kind:
        made.setProperty("kind", kind)
        made.style().unpolish(made)
        made.style().polish(made)


__all__ = ["DetailView", "Doing"]
