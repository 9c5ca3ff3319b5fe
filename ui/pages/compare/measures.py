"""The verdict, the measures with their differences, and what was forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from ui.i18n import tr
from ui.pages.compare.differences import DifferenceBar
from ui.presenters.compare_view import General, Row, View
from ui.theme import px
from ui.widgets.basics import Badge, Banner, Card, clear, column, fill, heading, label, muted, named, tip_text

MIDDLING, NARROW = 800, 660
"""Widths of the page below which intervals, and then verdicts too, are told by the pictures alone."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


class Verdict(QFrame):
    """What the figures come to: the sentence, the figures, and what could have been shown."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "banner")
        body = column(self, 4, (24, 16, 24, 16))
        self.about, self.title = label("", "small", wrap=True), label("", "title", wrap=True)
        self.figures, self.reach = label("", wrap=True), muted("")
        fill(body, self.about, self.title, self.figures, self.reach)

    def show_words(self, about: str, title: str, figures: str, reach: str, tone: str) -> None:
        self.about.setText(about)
        self.about.setVisible(bool(about))
        self.title.setText(title)
        self.figures.setText(figures)
        self.reach.setText(reach)
        self.reach.setVisible(bool(reach))
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class Measures(QWidget):
    """A line per measure: what it is called, before, after, the difference as a picture and in figures, the verdict."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(10))
        self._grid.setColumnStretch(3, 1)
        self._spans: list[QWidget] = []
        self._badges: list[QWidget] = []

    def show_rows(self, rows: Sequence[Row], reach: float) -> None:
        clear(self._grid)
        self._spans, self._badges = [], []
        titles = (tr("Measure"), tr("Before"), tr("After"), tr("Worse · better"), tr("Points"), tr("95% interval"), "")
        for at, title in enumerate(titles):
            head = label(title, "small")
            head.setAlignment(_RIGHT if at in (1, 2, 4) else Qt.AlignmentFlag.AlignHCenter if at == 3 else _MIDDLE)
            self._grid.addWidget(head, 0, at)
            if at == 5:
                self._spans.append(head)
        for line, one in enumerate(rows, 1):
            self._show_row(line, one, reach)
        said = "; ".join(
            f"{one.title}: {one.before}, {one.after}, {one.change} ({one.span}), {one.outcome}" for one in rows
        )
        named(self, f"{self._name}: {said}")

    def _show_row(self, line: int, one: Row, reach: float) -> None:
        title = label(one.title)
        title.setToolTip(tip_text(one.help))
        title.setAccessibleDescription(one.help)
        if line == 1:
            title.setStyleSheet("font-weight: 600;")
        bar = DifferenceBar()
        bar.show_difference(one.difference, reach, one.tone)
        bar.setToolTip(tip_text(f"{one.change} ({one.span})" if one.span else one.change))
        self._grid.addWidget(title, line, 0, _MIDDLE)
        for at, text in ((1, one.before), (2, one.after), (4, one.change)):
            self._grid.addWidget(label(text), line, at, _RIGHT)
        self._grid.addWidget(bar, line, 3)
        span, badge = muted(one.span, wrap=False), Badge(one.outcome, one.tone if one.tone != "muted" else "")
        self._grid.addWidget(span, line, 5, _MIDDLE)
        self._grid.addWidget(badge, line, 6, _MIDDLE)
        self._spans.append(span)
        self._badges.append(badge)

    def stand(self, room: int) -> None:
        """Leave out what the picture shows too, where there is no room for both."""
        for width, listed in ((MIDDLING, self._spans), (NARROW, self._badges)):
            for one in listed:
                one.setVisible(room >= px(width))
        self._grid.setHorizontalSpacing(px(16 if room >= px(MIDDLING) else 6))


class MeasuresCard(Card):
    """All measures of a comparison, how answers turned, and what form counts."""

    def __init__(self) -> None:
        super().__init__(spacing=12, margins=(24, 16, 24, 16))
        self.measures = Measures(tr("Measures"))
        self.turned, self.form = label("", wrap=True), muted("")
        fill(self.body, heading(tr("Measures")), self.measures, self.turned, self.form)

    def show_view(self, view: View) -> None:
        self.measures.show_rows(view.rows, view.reach)
        self.turned.setText(view.turned)
        self.turned.setVisible(bool(view.turned))
        self.form.setText(view.form)
        self.form.setVisible(bool(view.form))


class GeneralCard(Card):
    """What the tuned model lost on general tasks."""

    def __init__(self) -> None:
        super().__init__(spacing=12, margins=(24, 16, 24, 16))
        self.verdict = Banner("", "")
        self.measures = Measures(tr("General tasks"))
        fill(self.body, heading(tr("General tasks")), self.verdict, self.measures)

    def show_general(self, found: General | None) -> None:
        """None: no general tasks were compared."""
        self.setVisible(found is not None)
        if found is None:
            return
        self.verdict.text.setText(f"{found.headline}. {found.text}")
        self.verdict.setProperty("tone", found.tone)
        self.verdict.style().unpolish(self.verdict)
        self.verdict.style().polish(self.verdict)
        self.measures.show_rows(found.rows, found.reach)
