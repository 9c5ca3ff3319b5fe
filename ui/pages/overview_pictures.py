"""The pictures of the overview: how many examples each label has, and how long they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLabel, QScrollArea

from ui.i18n import number, tr
from ui.presenters import overview as presenter
from ui.presenters.overview import Overview
from ui.theme import px
from ui.widgets.bars import BarList, Column, Histogram, Named
from ui.widgets.basics import Card, column, fill, heading, label, muted, named, row

if TYPE_CHECKING:
    from curator.reports.data import Lengths

LABELS_SHOWN = 12


class LabelsCard(Card):
    """How many examples each label has."""

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=24)
        self.spread = muted("")
        self.bars = BarList(tr("out"))
        self.scroll = QScrollArea()
        self.scroll.setWidget(self.bars)
        self.scroll.setWidgetResizable(True)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.scroll.viewport().setAutoFillBackground(False)
        self.bars.setAutoFillBackground(False)
        named(self.scroll, tr("Labels and how many examples each has"))
        fill(self.body, heading(tr("Labels")), self.spread, self.scroll)

    def show_view(self, view: Overview) -> None:
        self.spread.setText(presenter.label_spread(view.labels) or tr("No labels yet."))
        self.bars.show_lines([Named(line.label or tr("(empty)"), line.remaining, line.out) for line in view.labels])
        shown = min(LABELS_SHOWN, len(view.labels))
        self.scroll.setFixedHeight(px(BarList.ROW) * max(1, shown))
        many = len(view.labels) > LABELS_SHOWN
        self.scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus if many else Qt.FocusPolicy.NoFocus)


class LengthsCard(Card):
    """How long inputs and outputs are."""

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=24)
        self.note = muted("")
        self.pictures: list[tuple[QLabel, Histogram]] = []
        fill(self.body, heading(tr("Lengths")), self.note)
        self._inside = row(spacing=24)
        for _ in range(2):
            words, picture = label("", wrap=True), Histogram()
            one = column(spacing=4)
            fill(one, words, picture)
            self._inside.addLayout(one, 1)
            self.pictures.append((words, picture))
        self.body.addLayout(self._inside)
        self.body.addStretch(1)

    def stand(self, *, upright: bool) -> None:
        """The two pictures one over the other, for a narrow place, or side by side."""
        way = QBoxLayout.Direction
        self._inside.setDirection(way.TopToBottom if upright else way.LeftToRight)

    def show_lengths(self, found: tuple[Lengths | None, Lengths | None, bool]) -> None:
        *both, sampled = found
        self.note.setText(tr("Characters, of an even sample.") if sampled else tr("Characters."))
        self.note.setVisible(any(both))
        for (words, picture), lengths, title in zip(self.pictures, both, (tr("Inputs"), tr("Outputs")), strict=True):
            picture.setVisible(lengths is not None)
            if lengths is None:
                words.setText(tr("{title}: nothing to measure yet.", title=title))
                continue
            said = tr(
                "{title}: half are up to {median}, the longest is {longest}",
                title=title,
                median=number(lengths.median),
                longest=number(lengths.longest),
            )
            words.setText(said)
            self._draw(picture, lengths, said)

    def _draw(self, picture: Histogram, lengths: Lengths, said: str) -> None:
        columns = [
            Column(
                tr("{low} or more", low=number(b.low)) if b.high is None else f"{number(b.low)}–{number(b.high - 1)}", b.count
            )
            for b in lengths.bins
        ]  # fmt: skip
        first, last = lengths.bins[0], lengths.bins[-1]
        width = (first.high or 1) - first.low
        middle = min(len(columns) - 0.5, lengths.median / width)
        end = tr("{low} or more", low=number(last.low)) if last.high is None else number(last.high)
        picture.show_columns(columns, (number(first.low), end), middle, said)
