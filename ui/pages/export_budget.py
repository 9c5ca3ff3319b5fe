"""Tokens, costs and lengths of what would be written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QSpinBox, QVBoxLayout, QWidget

from ui.i18n import number, tr
from ui.presenters.export import View
from ui.presenters.export_budget import Length
from ui.presenters.export_choices import MOST_EPOCHS, Choices
from ui.presenters.export_targets import Target
from ui.theme import px
from ui.widgets.bars import Column, Histogram, Mark
from ui.widgets.basics import Card, clear, column, fill, heading, label, muted, named, row

TYPING_MS = 400
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class BudgetCard(Card):
    """Of each format that is ticked the tokens by split and what training costs, and how long the examples are.
    `on_epochs(n)` hears of another number of passes."""

    def __init__(self, on_epochs: Callable[[int], None]) -> None:
        super().__init__(spacing=8, margins=(24, 16, 24, 16))
        self.epochs = named(QSpinBox(), tr("Epochs"))
        self.epochs.setRange(1, MOST_EPOCHS)
        self.epochs.lineEdit().setTextMargins(px(6), 0, 0, 0)
        self.epochs.setFixedWidth(px(88))
        self.epochs.setToolTip(tr("Passes over the training data; costs are of so many"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        self._timer.timeout.connect(lambda: on_epochs(self.epochs.value()))
        self.epochs.valueChanged.connect(lambda _n: self._timer.start())
        top = row(spacing=12)
        fill(top, heading(tr("Tokens and cost")), None, label(tr("Epochs"), "muted"), self.epochs)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(20))
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnStretch(0, 1)
        self._frame = QWidget()
        inside = column(self._frame)
        inside.addLayout(self._grid)
        self.note = muted(tr("Prices change: look at the provider's own page before you start a job."))
        self._lengths = column(spacing=12)
        self.pictures: list[Histogram] = []
        fill(self.body, top, self._frame, self.note, 8, self._lengths)
        self._shown: tuple[object, ...] = ()

    def show_view(self, view: View, choices: Choices) -> None:
        if not self.epochs.hasFocus():
            with QSignalBlocker(self.epochs):
                self.epochs.setValue(choices.epochs)
        ticked = [target for target in view.targets if target.name in choices.targets and target.asked]
        self.setVisible(bool(ticked))
        shown = (*ticked, *view.lengths)
        if shown != self._shown:
            self._shown = shown
            self._show_targets(ticked)
            self._show_lengths(view.lengths)

    def _show_targets(self, targets: Sequence[Target]) -> None:
        clear(self._grid)
        splits = list(dict.fromkeys(name for target in targets for name, _ in target.by_split))
        heads = [tr("Format"), *splits, tr("Together"), ""]
        for at, text in enumerate(heads):
            self._grid.addWidget(label(text, "small"), 0, at, _RIGHT if at else Qt.AlignmentFlag.AlignLeft)
        at = 1
        for target in targets:
            counts = dict(target.by_split)
            said = label(target.title, wrap=True)
            self._grid.addWidget(said, at, 0)
            for place, name in enumerate(splits, 1):
                self._grid.addWidget(label(number(counts.get(name, 0))), at, place, _RIGHT)
            self._grid.addWidget(label(number(target.tokens)), at, len(splits) + 1, _RIGHT)
            basis = label(target.exact, "small")
            basis.setToolTip(target.exact_help)
            self._grid.addWidget(basis, at, len(splits) + 2)
            at = self._costs(target, at + 1, len(heads))
        self.note.setVisible(any(target.costs for target in targets))

    def _costs(self, target: Target, at: int, wide: int) -> int:
        """The lines below a format: a price for each model, or that there is none. Gives the next free line."""
        if not target.measured or not target.takes:
            return at
        if not target.costs:
            self._grid.addWidget(muted(tr("You train it on your own machines; nobody bills tokens.")), at, 0, 1, wide)
            return at + 1
        for model, cost, rate in target.costs:
            inside = QWidget()
            line = row(inside, 12, (16, 0, 0, 0))
            fill(line, label(model, "muted"), label(cost), label(rate, "small"), None)
            self._grid.addWidget(named(inside, f"{model}: {cost} ({rate})"), at, 0, 1, wide)
            at += 1
        return at

    def _show_lengths(self, lengths: Sequence[Length]) -> None:
        clear(self._lengths)
        self.pictures = []
        across = row(spacing=24)
        for one in lengths:
            across.addLayout(self._picture(one), 1)
        self._lengths.addLayout(across)
        if lengths:
            self._lengths.addWidget(label(lengths[0].unit, "small", wrap=True))

    def _picture(self, one: Length) -> QVBoxLayout:
        made, picture = column(spacing=6), Histogram()
        columns = [Column(text, count) for text, count in one.columns]
        marks = [Mark(limit.at, limit.text) for limit in one.limits if limit.at is not None]
        described = f"{one.title}. {one.unit}: {one.text}. " + ". ".join(limit.text for limit in one.limits)
        picture.show_columns(columns, one.ends, one.median, described, marks)
        self.pictures.append(picture)
        fill(made, label(one.title), muted(one.text), picture)
        for limit in one.limits:
            beyond = tr("Beyond the picture: {limit}", limit=limit.text)
            made.addWidget(label(limit.text if limit.at is not None else beyond, "small", wrap=True))
        made.addStretch(1)
        return made
