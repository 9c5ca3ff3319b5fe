"""The formats as a matrix: what each provider would take and refuse, and why, with the examples one click away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QSizePolicy, QWidget

from ui.i18n import number, tr, trn
from ui.pages.export_groups import Asks, GroupView
from ui.presenters.export import View
from ui.presenters.export_choices import Choices
from ui.presenters.export_targets import Shelf, Target, shelves
from ui.theme import px
from ui.widgets.basics import (
    Badge,
    Card,
    Elided,
    SearchField,
    button,
    button_text,
    clear,
    fill,
    heading,
    label,
    muted,
    named,
    row,
    tip_text,
)

COLUMNS = 7
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Matrix(Card):
    """One line for each format, by whom it is for. What is ticked, or found by the filter, is always shown; of the others a
    shelf shows one line until it is opened. `asks` does what is clicked."""

    def __init__(self, asks: Asks) -> None:
        super().__init__(margins=(24, 16, 24, 16))
        self.asks = asks
        self.lines: dict[str, Line] = {}
        self.shelves: dict[str, ShelfHead] = {}
        self._ticked: set[str] = set()
        self._at_top: tuple[str, ...] = ()
        self.search = SearchField(tr("Find a format"))
        self.search.setFixedWidth(px(200))
        self.search.textChanged.connect(lambda _text: self._show_lines())
        self.nothing = muted(tr("No format has this name."))
        self.nothing.hide()
        top = row(spacing=12)
        fill(top, heading(tr("Formats")), muted(tr("Tick what is to be written."), wrap=False), None, self.search)
        self.body.addLayout(top)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(20))
        self._grid.setVerticalSpacing(px(4))
        self._grid.setColumnStretch(0, 1)
        self.body.addLayout(self._grid)
        self.model = ModelRow(asks)
        fill(self.body, self.nothing, self.model)
        self._head()

    def _head(self) -> None:
        titles = (
            (tr("Format"), tr("What is written, and for whom"), _LEFT),
            (tr("Takes"), tr("Examples that would be in its files"), _RIGHT),
            (tr("Refuses"), tr("Examples that the provider would refuse"), _RIGHT),
            (tr("Warnings"), tr("Examples that it would change or cut, or that some models stumble over"), _RIGHT),
            (tr("Tokens"), tr("In all its files together"), _RIGHT),
            (tr("Limits"), tr("The provider's limits for files: rows and size"), _LEFT),
        )
        for at, (text, tip, side) in enumerate(titles):
            shown = label(text, "small")
            shown.setToolTip(tip)
            self._grid.addWidget(shown, 0, at, side)

    def show_view(self, view: View, choices: Choices) -> None:
        """Lines are made once and changed from then on, so that the focus stays where it is."""
        if set(self.lines) != {target.name for target in view.targets}:
            self._make(view.targets, choices.targets)
        self._ticked = set(choices.targets)
        for target in view.targets:
            self.lines[target.name].show_target(target, choices)
        for shelf in shelves(view.targets):
            self.shelves[shelf.name].show_shelf(shelf)
        tuned = any(target.base_models and target.name in choices.targets for target in view.targets)
        self.model.show_models(view.models, choices.base_model, shown=tuned or bool(choices.base_model))
        self._show_lines()

    def _make(self, targets: Sequence[Target], ticked: Sequence[str]) -> None:
        """What is ticked at first stands at the top; what is ticked later stays where it is until the page is made again."""
        for line in self.lines.values():
            line.remove()
        for head in self.shelves.values():
            head.hide()
            head.deleteLater()
        self.lines, self.shelves, at = {}, {}, 1
        self._at_top = tuple(ticked)
        for target in targets:
            if target.name in ticked:
                self.lines[target.name] = Line(self, self._grid, at, target.name)
                at += 2
        for shelf in shelves(targets):
            head = self.shelves[shelf.name] = ShelfHead(shelf.title, self._show_lines)
            self._grid.addWidget(head, at, 0, 1, COLUMNS)
            at += 1
            for name in shelf.targets:
                if name not in ticked:
                    self.lines[name] = Line(self, self._grid, at, name)
                    at += 2

    def _show_lines(self) -> None:
        wanted, any_found = self.search.text().strip().casefold(), False
        for head in self.shelves.values():
            for name in head.names:
                line = self.lines[name]
                found = bool(wanted) and wanted in line.words
                line.set_shown(found if wanted else head.opened or name in self._ticked or name in self._at_top)
                any_found |= found
            head.setVisible(not wanted)
        self.nothing.setVisible(bool(wanted) and not any_found)

    def unfold(self, shelf: str) -> None:
        """Show every format of a shelf."""
        self.shelves[shelf].button.setChecked(True)


class ShelfHead(QWidget):
    """The line of the formats for the same people: how many, what they take, and the way to see each."""

    def __init__(self, title: str, on_open: Callable[[], None]) -> None:
        super().__init__()
        self._title = title
        self.names: tuple[str, ...] = ()
        self.button = button(title, None, "quiet")
        self.button.setCheckable(True)
        self.button.toggled.connect(lambda _on: self._show_sign())
        self.button.toggled.connect(lambda _on: on_open())
        self.said, self.why = muted("", wrap=False), Elided("", "muted")
        inside = row(self, 12)
        fill(inside, self.button, self.said)
        inside.addWidget(self.why, 1)
        self._show_sign()

    @property
    def opened(self) -> bool:
        return self.button.isChecked()

    def _show_sign(self) -> None:
        self.button.setText(button_text(f"{'▾' if self.opened else '▸'}  {self._title}"))

    def show_shelf(self, shelf: Shelf) -> None:
        self.names = shelf.targets
        self.said.setText(shelf.said)
        self.why.setText(shelf.idle)
        self.why.setToolTip(tip_text(shelf.idle))
        self.button.setAccessibleName(f"{shelf.title}: {shelf.said}. {shelf.idle}".strip())


class ModelRow(QWidget):
    """The open model that is to be tuned, for what its chat template does."""

    def __init__(self, asks: Asks) -> None:
        super().__init__()
        self.choice = named(QComboBox(), tr("Base model"))
        self.choice.activated.connect(lambda at: asks.model(self.choice.itemData(at)))
        inside = row(self, 12, (0, 8, 0, 0))
        inside.addWidget(label(tr("Base model")))
        inside.addWidget(self.choice)
        inside.addWidget(
            muted(tr("The open model that you tune: what its chat template refuses or changes then counts.")), 1
        )
        self.hide()

    def show_models(self, models: Sequence[tuple[str, str]], chosen: str, *, shown: bool) -> None:
        self.setVisible(shown)
        if self.choice.count() != len(models) + 1:
            self.choice.clear()
            self.choice.addItem(tr("not said"), "")
            for name, title in models:
                self.choice.addItem(title, name)
        self.choice.setCurrentIndex(max(0, self.choice.findData(chosen)))


class Line:
    """The widgets of one format in the grid, and the panel below them with the reasons."""

    def __init__(self, matrix: Matrix, grid: QGridLayout, at: int, name: str) -> None:
        self._matrix, self._name = matrix, name
        self._target: Target | None = None
        self._choices = Choices()
        self.box = FormatBox()
        self.box.toggled.connect(lambda on: matrix.asks.tick(name, on))
        self.takes = label("")
        self.refuses = button("", self._show_refused, "link")
        self.warns = button("", self._show_warned, "link")
        self.tokens, self.exact = label(""), label("", "small")
        self.limits = Badge("")
        self.more = button(tr("Why"), None, "quiet")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._open)
        self.panel = Card("sunken", 12, (16, 12, 16, 12))
        self.panel.hide()
        tokens = QWidget()
        inside = row(tokens, 6)
        inside.addStretch(1)
        inside.addWidget(self.tokens)
        inside.addWidget(self.exact)
        self.idle = Elided("", "muted")
        self._parts_shown = True
        self._cells: list[QWidget] = [self.box, self.takes, self.refuses, self.warns, tokens, self.limits, self.more]
        sides = (Qt.AlignmentFlag(0), _RIGHT, _RIGHT, _RIGHT, _RIGHT, _LEFT, _RIGHT)
        for column_at, (cell, side) in enumerate(zip(self._cells, sides, strict=True)):
            grid.addWidget(cell, at, column_at, side)
        grid.addWidget(self.idle, at, 1, 1, COLUMNS - 2)
        grid.addWidget(self.panel, at + 1, 0, 1, COLUMNS)
        self._grid, self._at = grid, at
        self._shown = False
        self.words = ""
        self.set_shown(True)

    def remove(self) -> None:
        for cell in (*self._cells, self.idle, self.panel):
            cell.hide()
            cell.deleteLater()

    def set_shown(self, shown: bool) -> None:
        """Show this line, or leave it out; what it has of numbers only where there are some."""
        self._shown = shown
        target = self._target
        counted = target is not None and target.asked and not target.idle
        for cell in self._cells:
            cell.setVisible(shown and (counted or cell in (self.box, self.more)))
        if target is not None and counted:
            self.limits.setVisible(shown and bool(self.limits.text()))
        self.idle.setVisible(shown and not counted)
        self.more.setEnabled(target is not None and target.asked)
        self.panel.setVisible(shown and self.more.isChecked())
        self._grid.setRowMinimumHeight(self._at, px(36) if shown else 0)

    def show_target(self, target: Target, choices: Choices) -> None:
        before, self._target = (self._target, self._choices), target
        self._choices = choices
        ticked = target.name in choices.targets
        self.words = f"{target.title} {target.name}".casefold()
        with QSignalBlocker(self.box):
            self.box.setChecked(ticked)
        self.box.setEnabled(ticked or not target.idle)
        self.idle.setText(target.idle or tr("counting"))
        self.idle.setToolTip(tip_text(target.idle))
        self.box.show_text(target.title)
        self.box.setAccessibleName(tr("Write {format}", format=target.title))
        self.takes.setText(number(target.takes))
        refused = trn("{n} example refused", "{n} examples refused", target.refuses)
        warned = trn("{n} example with a warning", "{n} examples with a warning", target.warns)
        for link, n, said in ((self.refuses, target.refuses, refused), (self.warns, target.warns, warned)):
            link.setText(number(n))
            link.setEnabled(bool(n))
            link.setAccessibleName(f"{target.title}: {said}")
            link.setToolTip(tr("Show them in Examples") if n else "")
        self.tokens.setText(number(target.tokens))
        self.exact.setText(target.exact)
        self.exact.setToolTip(target.exact_help)
        if target.measured or not target.takes:
            met = not target.limits
            self.limits.show_text(tr("kept") if met else tr("broken"), "good" if met else "bad")
            self.limits.setToolTip(tip_text("\n".join(target.limits or target.known) or tr("No limits are known.")))
        self.more.setAccessibleName(tr("Why {format} takes or refuses examples", format=target.title))
        if before != (target, choices) and self.more.isChecked():
            self._fill(target)
        self.set_shown(self._shown)

    def _open(self, shown: bool) -> None:
        if shown and self._target is not None:
            self._fill(self._target)
        self.panel.setVisible(shown)

    def _show_refused(self) -> None:
        if self._target is not None:
            title = tr("Refused by {target}", target=self._target.title)
            self._matrix.asks.show(self._target.refused, title)

    def _show_warned(self) -> None:
        if self._target is not None:
            self._matrix.asks.show(self._target.warned, tr("Warnings of {target}", target=self._target.title))

    def _fill(self, target: Target) -> None:
        body = self.panel.body
        clear(body)
        for text in target.limits:
            said = row(spacing=8)
            said.addWidget(Badge(tr("Limit"), "bad"))
            said.addWidget(label(text, wrap=True), 1)
            body.addLayout(said)
        body.addWidget(muted(target.said_of_refused))
        for group in target.groups:
            body.addWidget(GroupView(self._matrix.asks, target, group, self._choices))
        known = [tr("Limits: {limits}.", limits="; ".join(target.known))] if target.known else []
        for text in (*known, *target.notes):
            body.addWidget(label(text, "small", wrap=True))
        body.addWidget(label(tr("Rules as of {date}.", date=target.as_of), "small"))


class FormatBox(QCheckBox):
    """A tick with a name that ends in … where the room does."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(px(120))

    def show_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(tip_text(text))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - px(32)
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room))
