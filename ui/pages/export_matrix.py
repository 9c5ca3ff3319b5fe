"""The formats as a matrix: what each provider would take and refuse, and why, with the examples one click away."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ui.i18n import number, tr, trn
from ui.presenters.export import Group, Target
from ui.theme import px
from ui.widgets.basics import Badge, Card, Elided, button, clear, column, heading, label, muted, named, row, tip_text

Show = Callable[[Sequence[int], str], None]
Tick = Callable[[str, bool], None]
Leave = Callable[[Group], None]
ROWS = 5
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class Matrix(Card):
    """One line for each format. `on_tick(name, on)`, `on_show(ids, title)`, `on_leave(group)` do what is asked."""

    def __init__(self, on_tick: Tick, on_show: Show, on_leave: Leave) -> None:
        super().__init__(margins=(24, 16, 24, 16))
        self._on_tick, self._on_show, self._on_leave = on_tick, on_show, on_leave
        self.lines: dict[str, Line] = {}
        top = row(spacing=12)
        top.addWidget(heading(tr("Formats")))
        top.addWidget(muted(tr("Tick what is to be written."), wrap=False))
        top.addStretch(1)
        self.body.addLayout(top)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(20))
        self._grid.setVerticalSpacing(px(4))
        self._grid.setColumnStretch(0, 1)
        self.body.addLayout(self._grid)
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

    def show_targets(self, targets: Sequence[Target], ticked: Sequence[str]) -> None:
        """Lines are made once and changed from then on, so that the focus stays where it is."""
        if list(self.lines) != [target.name for target in targets]:
            for line in self.lines.values():
                line.remove()
            self.lines = {
                target.name: Line(self, self._grid, 1 + 2 * at, target.name) for at, target in enumerate(targets)
            }
        for target in targets:
            self.lines[target.name].show_target(target, target.name in ticked)

    def tick(self, name: str, on: bool) -> None:
        self._on_tick(name, on)

    def show_ids(self, ids: Sequence[int], title: str) -> None:
        self._on_show(ids, title)

    def leave_out(self, group: Group) -> None:
        self._on_leave(group)


class Line:
    """The widgets of one format in the grid, and the panel below them with the reasons."""

    def __init__(self, matrix: Matrix, grid: QGridLayout, at: int, name: str) -> None:
        self._matrix, self._name = matrix, name
        self._target: Target | None = None
        self.box = FormatBox()
        self.box.toggled.connect(lambda on: matrix.tick(name, on))
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
        self._cells: list[QWidget] = [self.box, self.takes, self.refuses, self.warns, tokens, self.limits, self.more]
        sides = (Qt.AlignmentFlag(0), _RIGHT, _RIGHT, _RIGHT, _RIGHT, _LEFT, _RIGHT)
        for column_at, (cell, side) in enumerate(zip(self._cells, sides, strict=True)):
            grid.addWidget(cell, at, column_at, side)
        grid.setRowMinimumHeight(at, px(36))
        grid.addWidget(self.panel, at + 1, 0, 1, len(self._cells))

    def remove(self) -> None:
        for cell in (*self._cells, self.panel):
            cell.hide()
            cell.deleteLater()

    def show_target(self, target: Target, ticked: bool) -> None:
        before, self._target = self._target, target
        with QSignalBlocker(self.box):
            self.box.setChecked(ticked)
        self.box.show_text(target.title)
        self.box.setAccessibleName(tr("Write {format}", format=target.title))
        self.takes.setText(number(target.takes))
        refused = trn("{n} example refused", "{n} examples refused", len(target.refused))
        warned = trn("{n} example with a warning", "{n} examples with a warning", len(target.warned))
        for link, ids, said in ((self.refuses, target.refused, refused), (self.warns, target.warned, warned)):
            link.setText(number(len(ids)))
            link.setEnabled(bool(ids))
            link.setAccessibleName(f"{target.title}: {said}")
            link.setToolTip(tr("Show them in Examples") if ids else "")
        self.tokens.setText(number(target.tokens))
        self.exact.setText(target.exact)
        self.exact.setToolTip(target.exact_help)
        if target.measured or not target.takes:
            met = not target.limits
            self.limits.show_text(tr("kept") if met else tr("broken"), "good" if met else "bad")
            self.limits.setToolTip(tip_text("\n".join(target.limits or target.known) or tr("No limits are known.")))
        self.limits.setVisible(bool(self.limits.text()))
        self.more.setAccessibleName(tr("Why {format} takes or refuses examples", format=target.title))
        if before != target and self.more.isChecked():
            self._fill(target)

    def _open(self, shown: bool) -> None:
        if shown and self._target is not None:
            self._fill(self._target)
        self.panel.setVisible(shown)

    def _show_refused(self) -> None:
        if self._target is not None:
            title = tr("Refused by {target}", target=self._target.title)
            self._matrix.show_ids(self._target.refused, title)

    def _show_warned(self) -> None:
        if self._target is not None:
            self._matrix.show_ids(self._target.warned, tr("Warnings of {target}", target=self._target.title))

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
            body.addWidget(GroupView(self._matrix, target, group))
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


class GroupView(QWidget):
    """What a provider says of some examples: how many, what mends it, and the first of them."""

    def __init__(self, matrix: Matrix, target: Target, group: Group) -> None:
        super().__init__()
        self._matrix = matrix
        words = {
            "refused": (tr("Refused"), "bad"),
            "changed": (tr("Changed"), "warn"),
            "trap": (tr("Beware"), "warn"),
        }
        word, tone = words[group.kind]
        body = column(self, 4)
        top = row(spacing=8)
        top.addWidget(Badge(word, tone))
        top.addWidget(label(group.title, wrap=True), 1)
        said = trn("{n} example", "{n} examples", len(group.ids))
        self.all = button(said, lambda: matrix.show_ids(group.ids, group.title), "link", name=f"{said}: {group.title}")
        self.all.setToolTip(tr("Show them in Examples"))
        top.addWidget(self.all)
        body.addLayout(top)
        below = column(spacing=2, margins=(16, 0, 0, 0))
        if group.fix:
            below.addLayout(self._fix(target, group))
        self.rows: list[QPushButton] = []
        for one in group.rows[:ROWS]:
            below.addLayout(self._row(one.id, one.where, one.message, group.title))
        body.addLayout(below)

    def _fix(self, target: Target, group: Group) -> QHBoxLayout:
        line = row(spacing=8)
        line.addWidget(muted(tr("What helps: {fix}.", fix=group.fix.rstrip("."))), 1)
        # Leaving out nearly everything is no way to mend a file.
        if group.kind != "refused" and 2 * len(group.ids) < target.takes:
            leave = button(tr("Leave them out"), lambda: self._matrix.leave_out(group), "quiet")
            leave.setAccessibleName(tr("Leave these examples out: {title}", title=group.title))
            leave.setToolTip(tr("Drops these examples; one undo brings them back"))
            line.addWidget(leave)
        return line

    def _row(self, id: int, where: str, message: str, title: str) -> QHBoxLayout:
        line = row(spacing=8)
        link = button(where, lambda: self._matrix.show_ids([id], title), "link")
        link.setToolTip(tr("Show it in Examples"))
        self.rows.append(link)
        said: QLabel = Elided(message, "muted")
        line.addWidget(link)
        line.addWidget(named(said, message), 1)
        return line
