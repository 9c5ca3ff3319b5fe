"""One finding: what the check says, the evidence, and under it the decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QFrame, QStackedWidget, QWidget

from curator.model import Finding
from ui.context import Context
from ui.i18n import number, tr
from ui.pages.findings.bar import TwoParts
from ui.pages.findings.bodies import Body, Line
from ui.pages.findings.making import body_of
from ui.presenters.findings import Row, State, said_of
from ui.presenters.findings_deciding import dismiss_text, score_text, state_text
from ui.presenters.words import severity_title, severity_tone
from ui.widgets.basics import Badge, Banner, Scroll, button, button_text, clear, column, label, row

OFFERED = 3
"""Remembered reasons that stand ready as buttons; the others come while one types."""


class Scrolled(Scroll):
    """A column of things that are shown in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = QWidget()
        self.content = column(self.inside, 12, (24, 16, 24, 24))
        self.setWidget(self.inside)

    def show_only(self, *widgets: QWidget) -> None:
        """Put these in place of what was there, at the top."""
        clear(self.content)
        for widget in widgets:
            self.content.addWidget(widget)
        self.content.addStretch(1)
        self.verticalScrollBar().setValue(0)


class DecisionBar(QFrame):
    """Accept or dismiss; dismissing asks for a reason, which may stay empty."""

    accepted = Signal()
    dismissed = Signal(str)
    examples = Signal()

    def __init__(self, reasons: Callable[[], Sequence[str]]):
        super().__init__()
        self._reasons = reasons
        self.setProperty("kind", "jobs")
        self.stack = QStackedWidget()
        column(self, 0, (24, 12, 24, 12)).addWidget(self.stack)
        self.stack.addWidget(self._choices())
        self.stack.addWidget(self._asking())

    def _choices(self) -> QWidget:
        made = TwoParts()
        self.accept = button("", self.accepted.emit, "primary", tip=tr("Enter or Y"))
        self.dismiss = button("", self.ask, tip=tr("D, then a reason if you like"))
        self.hint = label("", "small")
        self.more = button(tr("Open in Examples"), self.examples.emit, "quiet")
        made.add(self.accept, self.dismiss)
        made.add_right(self.hint, self.more)
        made.spare.append(self.hint)
        return made

    def _asking(self) -> QWidget:
        made = QWidget()
        line = row(made, 8)
        line.addWidget(label(tr("Why?"), "muted"))
        self.reason = _Reason(self.leave)
        self.reason.setPlaceholderText(tr("A reason, if you like"))
        self.reason.setAccessibleName(tr("Reason for dismissing"))
        self.reason.returnPressed.connect(self._done)
        line.addWidget(self.reason, 1)
        self.offered = row(spacing=4)
        line.addLayout(self.offered)
        self.sure = button(tr("Dismiss"), self._done, "primary", tip=tr("Enter"))
        line.addWidget(self.sure)
        line.addWidget(button(tr("Back"), self.leave, "quiet", tip=tr("Esc")))
        return made

    def show_finding(self, finding: Finding, body: Body) -> None:
        """Put what can be done about a finding on the buttons."""
        self.leave()
        self.accept.setVisible(bool(body.accept_text))
        self.accept.setText(button_text(body.accept_text))
        self.dismiss.setText(dismiss_text(finding))
        self.hint.setText(body.hint)
        self.hint.setProperty("unwanted", not body.hint)
        self.hint.setVisible(bool(body.hint))

    def ask(self) -> None:
        """Ask why."""
        listed = list(self._reasons())
        completer = QCompleter(listed, self.reason)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.reason.setCompleter(completer)
        clear(self.offered)
        for one in listed[:OFFERED]:
            short = one if len(one) <= 24 else one[:23] + "…"
            self.offered.addWidget(
                button(short, lambda one=one: self._done(one), "quiet", tip=tr("Dismiss: {reason}", reason=one))
            )
        self.reason.clear()
        self.stack.setCurrentIndex(1)
        self.reason.setFocus()

    @property
    def asking(self) -> bool:
        return self.stack.currentIndex() == 1

    def leave(self) -> None:
        """Back to the two choices."""
        if self.asking:
            self.stack.setCurrentIndex(0)
            self.dismiss.setFocus()

    def _done(self, reason: str | None = None) -> None:
        said = self.reason.text() if reason is None else reason
        self.stack.setCurrentIndex(0)
        self.dismissed.emit(said.strip())


class _Reason(Line):
    """A line that Escape leaves."""

    def __init__(self, leave: Callable[[], object]):
        super().__init__()
        self._leave = leave

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)


class FindingPane(QWidget):
    """The finding that is chosen. `decide(make)` asks for a decision: `make(run, who)` gives what is to be done."""

    decide = Signal(object)

    def __init__(self, context: Context, reasons: Callable[[], Sequence[str]]):
        super().__init__()
        self.context = context
        self.row: Row | None = None
        self.body: Body | None = None
        whole = column(self, 0)
        self.scroll = Scrolled()
        self.bar = DecisionBar(reasons)
        self.bar.accepted.connect(self.accept)
        self.bar.examples.connect(self._open)
        whole.addWidget(self.scroll, 1)
        whole.addWidget(self.bar)
        self.bar.hide()

    def show_finding(
        self, shown: Row, finding: Finding, view: Any, place: tuple[int, int], names: Sequence[str]
    ) -> None:
        """`finding`: with its evidence; `place`: which of how many."""
        self.row = shown
        self.body = body_of(self.context, finding, view, names)
        self.body.decide.connect(self.decide.emit)
        parts: list[QWidget] = [self._head(shown, finding, place)]
        if shown.state is not State.OPEN or shown.below:
            parts.append(Banner(state_text(shown), "good" if shown.state is State.ACCEPTED else ""))
        self.scroll.show_only(*parts, self.body)
        self.bar.show_finding(finding, self.body)
        self.bar.show()

    def show_instead(self, widget: QWidget) -> None:
        """Something other than a finding: why there is none."""
        self.row, self.body = None, None
        self.bar.hide()
        clear(self.scroll.content)
        self.scroll.content.addWidget(widget, 1)

    def _head(self, shown: Row, finding: Finding, place: tuple[int, int]) -> QWidget:
        made = QWidget()
        body = column(made, 6)
        line = row(spacing=8)
        line.addWidget(Badge(severity_title(finding.severity), severity_tone(finding.severity)))
        line.addWidget(label(tr("score {score}", score=score_text(finding.score)), "small"))
        line.addStretch(1)
        if place[0]:
            line.addWidget(label(tr("{n} of {all}", n=number(place[0]), all=number(place[1])), "small"))
        body.addLayout(line)
        said = label(said_of(finding), "heading", wrap=True)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        body.addWidget(said)
        return made

    def accept(self) -> None:
        if self.body is not None and self.body.accept_text and not self.bar.asking:
            self.decide.emit(self.body.accept)

    def dismiss(self) -> None:
        if self.body is not None and not self.bar.asking:
            self.bar.ask()

    def choose(self, at: int) -> None:
        if self.body is not None and not self.bar.asking:
            self.body.choose(at)

    def _open(self) -> None:
        if self.body is not None:
            finding = self.body.finding
            self.context.go("examples", ids=list(finding.examples), title=finding.message)
