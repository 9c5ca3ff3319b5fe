"""What every view of a finding shares, and the views of repetitions, contradictions, leaks and single examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QLineEdit, QPushButton, QRadioButton, QWidget

from curator.model import Example, Finding
from curator.store import Run
from ui.context import Context
from ui.i18n import tr, trn
from ui.presenters import findings_deciding as deciding
from ui.presenters.findings_deciding import Deed, Who
from ui.presenters.findings_views import Answer, Card, Conflict, Group, Leak, Plain, short_ref
from ui.presenters.words import role_title
from ui.theme import color, px
from ui.widgets import basics
from ui.widgets.basics import Badge, Elided, button, column, fill, label, muted, row, tip_text
from ui.widgets.example_view import ExampleView

Make = Callable[[Run, Who], Deed]
NARROW = 440
"""Below this width two examples do not stand side by side."""


class Body(QWidget):
    """The evidence of one finding. `decide` asks for something other than what accepting does."""

    decide = Signal(object)
    hint = ""
    """What the number keys do here."""

    def __init__(self, context: Context, finding: Finding):
        super().__init__()
        self.context = context
        self.finding = finding
        self.body = column(self, 12)

    @property
    def accept_text(self) -> str:
        """What accepting does, "" where there is nothing to accept."""
        return deciding.accept_text(self.finding)

    def accept(self, run: Run, who: Who) -> Deed:
        return deciding.accept(run, self.finding, who)

    def choose(self, number: int) -> None:
        """A number key, from 1 on."""

    def only_read(self) -> None:
        """Nothing is to be chosen here: it is asked whether the check was right, not what follows from it."""

    def others(self, ids: Sequence[int], title: str) -> None:
        """A way to the examples that are not shown."""
        if ids:
            text = trn("and {n} more, in Examples", "and {n} more, in Examples", len(ids))
            where = list(self.finding.examples)
            made = button(text, lambda: self.context.go("examples", ids=where, title=title), "link")
            self.body.addWidget(made, alignment=Qt.AlignmentFlag.AlignLeft)


class Line(QLineEdit):
    """A line to type in that takes Return and Escape itself, so that they decide nothing on the page."""

    def event(self, event: QEvent) -> bool:
        own = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in own:
            event.accept()
            return True
        return super().event(event)


class ExampleCard(basics.Card):
    """An example under its title; framed in the accent colour while it is the chosen one."""

    def __init__(
        self,
        context: Context,
        card: Card,
        title: str = "",
        *,
        finding: Finding | None = None,
        source: Example | None = None,
    ):
        """`source`: the example to name and to open, where it is another than the one that is shown."""
        super().__init__(spacing=8, margins=12)
        self.card = card
        self._chosen = False
        self.head = row(spacing=8)
        self.number = key_label("")
        self.number.hide()
        self.head.addWidget(self.number)
        if title:
            self.head.addWidget(label(title, "muted"))
        named = source or card.example
        ref = button(short_ref(named.ref), lambda: _open(context, named), "link", tip=tr("Open in Examples"))
        self.head.addWidget(ref)
        self.head.addStretch(1)
        self.body.addLayout(self.head)
        self.view = ExampleView(fit=True)
        self.view.show_example(card.example, () if finding is None else (finding,), marks=card.marks)
        self.body.addWidget(self.view)
        if card.facts:
            self.body.addWidget(label(" · ".join(card.facts), "small", wrap=True))
        self.body.addStretch(1)

    def needed_width(self) -> int:
        """How wide it must be for its head to be read whole."""
        return self.head.sizeHint().width() + px(2 * 12) + px(2)

    def set_chosen(self, chosen: bool) -> None:
        if chosen != self._chosen:
            self._chosen = chosen
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._chosen:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(color("accent"), px(2)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(8), px(8))


def _open(context: Context, example: Example) -> None:
    context.go("examples", ids=[example.id], title=short_ref(example.ref))


class Pair(QWidget):
    """Two things side by side, as wide as each other; one below the other where that leaves too little room."""

    def __init__(self, left: QWidget, right: QWidget | None):
        super().__init__()
        self._left, self._right = left, right
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(px(12))
        for part in (left, right):
            if part is not None:
                # As wide as each other, whatever is in them.
                part.setMinimumWidth(px(120))
        self._grid.addWidget(left, 0, 0)
        self._stacked: bool | None = None
        self._lay(stacked=False)

    def _lay(self, *, stacked: bool) -> None:
        if stacked is self._stacked:
            return
        self._stacked = stacked
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 0 if stacked else 1)
        if self._right is not None:
            self._grid.addWidget(self._right, 1 if stacked else 0, 0 if stacked else 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = event.size().width()
        cards = [part for part in (self._left, self._right) if isinstance(part, ExampleCard)]
        half = (width - self._grid.spacing()) // 2
        self._lay(stacked=width < px(NARROW) or any(card.needed_width() > half for card in cards))


def cards_in_pairs(cards: Sequence[QWidget]) -> list[Pair]:
    """Cards two by two."""
    return [Pair(cards[at], cards[at + 1] if at + 1 < len(cards) else None) for at in range(0, len(cards), 2)]


def key_label(text: str) -> QLabel:
    made = label(text, "key")
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    made.setMinimumWidth(px(20))
    return made


def facts_table(facts: Sequence[tuple[str, str]]) -> QWidget:
    """Figures with their names, in two columns."""
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(px(16))
    grid.setVerticalSpacing(px(6))
    grid.setColumnStretch(1, 1)
    for at, (name, said) in enumerate(facts):
        grid.addWidget(label(name, "muted", wrap=len(name) > 24), at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label(said, wrap=True), at, 1)
    return made


class GroupBody(Body):
    """Examples that repeat each other, side by side; one of them is to stay."""

    def __init__(self, context: Context, finding: Finding, view: Group):
        super().__init__(context, finding)
        self.view = view
        self.keep = view.keep
        if len(view.examples) > 1:
            self.hint = tr("1–{n} choose which one stays", n=min(9, len(view.examples)))
        if any(any(card.marks.values()) for card in view.suggested):
            marked = tr("Green: only in the one that stays. Red: goes with the others.")
            self.body.addWidget(label(marked, "small", wrap=True))
        self.cards: list[ExampleCard] = []
        self.choices: list[QRadioButton] = []
        group = QButtonGroup(self)
        for number, card in enumerate(view.suggested, 1):
            shown = ExampleCard(context, card)
            choice = QRadioButton(tr("Keep"))
            choice.setAccessibleName(tr("Keep {ref}", ref=card.ref))
            choice.setProperty("keyless", True)  # Return accepts, here too
            choice.setChecked(card.id == self.keep)
            choice.toggled.connect(lambda on, id=card.id: self._keep(id) if on else None)
            group.addButton(choice)
            shown.head.insertWidget(1, choice)
            shown.number.setText(str(number))
            shown.number.setVisible(number <= 9)
            self.cards.append(shown)
            self.choices.append(choice)
        for pair in cards_in_pairs(self.cards):
            self.body.addWidget(pair)
        self._show_chosen()
        self.others(finding.examples[len(view.examples) :], finding.message)

    def accept(self, run: Run, who: Who) -> Deed:
        return deciding.keep_one(run, self.finding, self.keep, who)

    @property
    def accept_text(self) -> str:
        others = len(self.finding.examples) - 1
        return trn("Keep one, drop the other", "Keep one, drop {n}", others)

    def choose(self, number: int) -> None:
        if number <= len(self.choices):
            self.choices[number - 1].setChecked(True)

    def only_read(self) -> None:
        for shown, choice in zip(self.cards, self.choices, strict=True):
            choice.hide()
            shown.number.hide()
            shown.set_chosen(False)

    def _keep(self, id: int) -> None:
        self.keep = id
        self._show_chosen()
        # Long texts take a while to compare: the choice holds at once, the marks follow.
        self.context.need_session().read(lambda _project: self.view.cards(id), self._mark, key="findings.marks")

    def _mark(self, cards: Sequence[Card]) -> None:
        for shown, card in zip(self.cards, cards, strict=True):
            shown.view.show_example(card.example, marks=card.marks)

    def _show_chosen(self) -> None:
        for shown in self.cards:
            shown.set_chosen(shown.card.id == self.keep)


class ConflictBody(Body):
    """One input, several outputs: which of them is right?"""

    def __init__(self, context: Context, finding: Finding, view: Conflict):
        super().__init__(context, finding)
        self.view = view
        self.hint = tr("1–{n} give all of them this output", n=min(9, len(view.answers)))
        self.body.addWidget(label(tr("Which output is right?"), "muted"))
        self.answers = [self._answer(number, answer) for number, answer in enumerate(view.answers, 1)]
        for one in self.answers:
            self.body.addWidget(one)
        last = row(spacing=8)
        last.addWidget(button(tr("None: drop them all"), self._drop, "quiet"))
        last.addStretch(1)
        self.body.addLayout(last)
        for pair in cards_in_pairs([ExampleCard(context, card) for card in view.cards]):
            self.body.addWidget(pair)
        self.others(finding.examples[len(view.cards) :], finding.message)

    def _answer(self, number: int, held: Answer) -> Choice:
        made = Choice(number if number <= 9 else None, held.differs or held.output, held.output)
        made.tell(trn("{n} example", "{n} examples", len(held.examples)), "accent" if held.suggested else "")
        if held.suggested:
            made.tell(tr("suggested"), "accent")
        made.clicked.connect(lambda: self.choose(number))
        return made

    def choose(self, number: int) -> None:
        if number <= len(self.view.answers):
            output = self.view.answers[number - 1].output
            self.decide.emit(lambda run, who: deciding.settle(run, self.finding, output, who))

    def accept(self, run: Run, who: Who) -> Deed:
        suggested = next(answer for answer in self.view.answers if answer.suggested)
        return deciding.settle(run, self.finding, suggested.output, who)

    @property
    def accept_text(self) -> str:
        if not any(answer.suggested for answer in self.view.answers):
            return ""
        return tr("Take the suggested output")

    def _drop(self) -> None:
        self.decide.emit(lambda run, who: deciding.drop_all(run, self.finding, who))


class Choice(QPushButton):
    """An output to choose, with its number key and small words beside it."""

    def __init__(self, number: int | None, text: str, whole: str):
        super().__init__()
        self.setProperty("kind", "choice")
        self.setAutoDefault(False)
        short = " ".join(text.split()) or tr("(empty)")
        self.setAccessibleName(short[:200])
        self.setToolTip(tip_text(whole if len(whole) <= 600 else whole[:600] + " …"))
        self._inside = row(self, 8, (12, 8, 12, 8))
        if number is not None:
            self._inside.addWidget(key_label(str(number)))
        self._inside.addWidget(Elided(short), 1)
        self.setMinimumHeight(px(40))

    def tell(self, text: str, tone: str) -> None:
        self._inside.addWidget(Badge(text, tone))


class LeakBody(Body):
    """A candidate beside the eval example that it repeats, what they share marked."""

    def __init__(self, context: Context, finding: Finding, view: Leak):
        super().__init__(context, finding)
        where = {"input": tr("the input"), "output": tr("the output"), "pair": tr("input and output together")}
        said = tr("Shared in {side}, marked in both.", side=where.get(view.side, view.side))
        self.body.addWidget(label(said, "small", wrap=True))
        left = ExampleCard(context, view.candidate, role_title("candidate"))
        right: QWidget = ExampleCard(context, view.protected, role_title("eval"))
        if view.private:
            right = basics.card()
            fill(
                right.body,
                label(role_title("eval"), "muted"),
                muted(tr("This eval set is private: only fingerprints of it are here, and no words can be shown.")),
                None,
            )
        self.body.addWidget(Pair(left, right))
        evidence = basics.card("sunken", 8, 12)
        evidence.body.addWidget(label(tr("What says so"), "muted"))
        evidence.body.addWidget(facts_table(view.evidence))
        self.body.addWidget(evidence)


class PlainBody(Body):
    """One example with the place marked, or a few that share what was found."""

    def __init__(self, context: Context, finding: Finding, view: Plain):
        super().__init__(context, finding)
        if view.facts:
            self.body.addWidget(facts_table(view.facts))
        cards: list[QWidget] = [ExampleCard(context, card, finding=finding) for card in view.cards]
        if view.beside is not None:
            cards.append(ExampleCard(context, view.beside, view.beside_title))
        if len(cards) == 1:
            self.body.addWidget(cards[0])
        for pair in cards_in_pairs(cards) if len(cards) > 1 else ():
            self.body.addWidget(pair)
        self.others(finding.examples[len(view.cards) :], finding.message)

    @property
    def accept_text(self) -> str:
        said = deciding.accept_text(self.finding)
        return said or (tr("Drop it") if len(self.finding.examples) == 1 else tr("Drop them"))

    def accept(self, run: Run, who: Who) -> Deed:
        if self.finding.suggestion is None:
            return deciding.drop_all(run, self.finding, who)
        return super().accept(run, who)
