"""The top of the page: how reliable the labels are in plain words, and the figures behind that."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy

from ui.i18n import number, tr
from ui.pages.agreement.intervals import RELIABLE, TENTATIVE, IntervalBar
from ui.presenters.agreement_view import Figure, span_text, value_text
from ui.theme import px
from ui.widgets.basics import Card, Elided, button, clear, column, fill, heading, label, muted, row, tip_text

LEAST = 168
"""Width of a figure at least."""


class Headline(QFrame):
    """What the figures come to, and what would help."""

    def __init__(self, on_more: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("kind", "banner")
        body = column(self, 4, (24, 16, 24, 16))
        self.title = heading("")
        self.advice = column(spacing=4)
        self.more, self.begin = label("", wrap=True), button(tr("New round"), on_more)
        body.addWidget(self.title)
        body.addLayout(self.advice)
        self._said: Sequence[str] = ()
        below = row(spacing=16)
        below.addWidget(self.more, 1)
        below.addWidget(self.begin)
        body.addLayout(below)

    def show_words(self, title: str, tone: str, advice: Sequence[str], more: str) -> None:
        self.title.setText(title)
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)
        if list(advice) != list(self._said):
            clear(self.advice)
            self._said = list(advice)
            for sentence in advice:
                self.advice.addWidget(label(sentence, wrap=True))
        self.more.setText(more)
        self.more.setVisible(bool(more))
        self.begin.setVisible(bool(more))


class FigureBox(QFrame):
    """One figure with its interval; `pointed` when the focus or the pointer comes to it, or leaves."""

    pointed = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "figure")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(px(LEAST))
        body = column(self, 2, (12, 8, 12, 8))
        self.title, self.value = Elided("", "small"), label("", "title")
        self.span, self.bar = muted("", wrap=False), IntervalBar()
        self.why = label("", "small", wrap=True)
        self.help = ""
        fill(body, self.title, self.value, self.bar, self.span, self.why, None)

    def show_figure(self, figure: Figure, waiting: bool) -> None:
        """`waiting`: the interval is still being computed."""
        one, unit = figure.estimate, figure.unit
        self.title.setText(figure.title)
        self.value.setText(value_text(one.value, unit) if one.value is not None else tr("undefined"))
        self.bar.show_estimate(one, unit)
        span = span_text(one, unit)
        pending = waiting and not span and one.value is not None
        self.span.setText(tr("95%: {span}", span=span) if span else tr("95%: computing …") if pending else "")
        self.why.setText(one.why or "")
        self.why.setVisible(one.value is None)
        self.bar.setVisible(one.value is not None)
        self.span.setVisible(one.value is not None)
        self.help = figure.help
        self.setToolTip(tip_text(figure.help))
        said = [self.title.text(), self.value.text(), span, one.why or ""]
        self.setAccessibleName(", ".join(part for part in said if part))
        self.setAccessibleDescription(figure.help)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self.pointed.emit(True)
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self.pointed.emit(False)
        return super().event(event)


class Figures(Card):
    """All figures, in as many columns as there is room for; under them what the one that is pointed at means."""

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=(12, 12, 12, 12))
        self.boxes: dict[str, FigureBox] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(px(8))
        self.help = muted("")
        self.help.setContentsMargins(px(12), 0, px(12), 0)
        self.help.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.help.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addLayout(self._grid)
        self.body.addWidget(self.help)
        self._columns = 0
        self._point("")

    def show_figures(self, figures: Sequence[Figure], waiting: bool) -> None:
        if [figure.id for figure in figures] != list(self.boxes):
            clear(self._grid)
            self.boxes = {figure.id: self._box(figure.id) for figure in figures}
            self._columns = 0
        for figure in figures:
            self.boxes[figure.id].show_figure(figure, waiting)
        self._lay()

    def _box(self, id: str) -> FigureBox:
        made = FigureBox()
        made.pointed.connect(lambda on: self._point(id if on else ""))
        return made

    def _point(self, id: str) -> None:
        usual = tr(
            "The bar shows the figure with its 95% interval, the marks {low} and {high}. Point at a figure to read what it means.",
            low=number(TENTATIVE, 3),
            high=number(RELIABLE, 1),
        )
        self.help.setText(self.boxes[id].help if id in self.boxes else usual)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._lay()
        return super().event(event)

    def _lay(self) -> None:
        room = max(1, (self.width() - px(24) + px(8)) // px(LEAST + 8))
        columns = max(1, min(len(self.boxes), room))
        if len(self.boxes) > columns:  # rather 3 and 3 than 5 and 1
            lines = -(-len(self.boxes) // columns)
            columns = -(-len(self.boxes) // lines)
        if columns == self._columns:
            return
        for at in range(self._grid.columnCount()):
            self._grid.setColumnStretch(at, 0)
        self._columns = columns
        for at, made in enumerate(self.boxes.values()):
            self._grid.addWidget(made, at // columns, at % columns)
        for at in range(columns):
            self._grid.setColumnStretch(at, 1)


__all__ = ["FigureBox", "Figures", "Headline"]
