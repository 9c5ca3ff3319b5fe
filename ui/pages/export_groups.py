"""What a format says of some examples, and what helps: its fix as a switch, and the examples one click away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QPushButton, QWidget

from ui.i18n import number, tr, trn
from ui.presenters.export_choices import Choices
from ui.presenters.export_targets import Group, Target
from ui.widgets.basics import Badge, Elided, button, column, fill, label, muted, named, row

Show = Callable[[Sequence[int], str], None]
ROWS = 5


@dataclass(frozen=True)
class Asks:
    """What the page does when something here is clicked: `tick(format, on)`, `show(ids, title)`, `leave_out(group)`,
    `fix(name, on, format or "" for all)`, `sides(example, fix, format)`, `model(name)`; `fix_title(name)` says what a fix does."""

    tick: Callable[[str, bool], None]
    show: Show
    leave_out: Callable[[Group], None]
    fix: Callable[[str, bool, str], None]
    sides: Callable[[int, str, str], None]
    model: Callable[[str], None]
    fix_title: Callable[[str], str]


class GroupView(QWidget):
    """What a provider says of some examples: how many, what mends it, and the first of them."""

    def __init__(self, asks: Asks, target: Target, group: Group, choices: Choices) -> None:
        super().__init__()
        self._asks = asks
        words = {
            "fixed": (tr("Mended"), "good"),
            "refused": (tr("Refused"), "bad"),
            "changed": (tr("Changed"), "warn"),
            "trap": (tr("Beware"), "warn"),
        }
        word, tone = words[group.kind]
        body = column(self, 4)
        top = row(spacing=8)
        top.addWidget(Badge(word, tone))
        top.addWidget(label(group.title, wrap=True), 1)
        said = trn("{n} example", "{n} examples", group.count)
        self.all = button(said, lambda: asks.show(group.ids, group.title), "link", name=f"{said}: {group.title}")
        self.all.setToolTip(tr("Show them in Examples"))
        top.addWidget(self.all)
        body.addLayout(top)
        below = column(spacing=2, margins=(16, 0, 0, 0))
        if group.fix:
            below.addLayout(self._fix(target, group))
        if group.mend and group.kind != "fixed":
            below.addLayout(self._mend(target, group, choices))
        if group.model:
            self.choose = button(tr("I tune {model}", model=group.models), None, "link")
            self.choose.setToolTip(tr("Choose it as the base model; then there are switches for what mends this"))
            self.choose.clicked.connect(lambda: asks.model(group.model))
            line = row(spacing=8)
            fill(line, self.choose, None)
            below.addLayout(line)
        self.rows: list[QPushButton] = []
        for one in group.rows[:ROWS]:
            below.addLayout(self._row(one.id, one.where, one.message, group.title))
        body.addLayout(below)

    def _fix(self, target: Target, group: Group) -> QHBoxLayout:
        line = row(spacing=8)
        line.addWidget(muted(tr("What helps: {fix}.", fix=group.fix.rstrip("."))), 1)
        # Leaving out nearly everything is no way to mend a file.
        if group.kind != "refused" and 2 * group.count < target.takes:
            leave = button(tr("Leave them out"), lambda: self._asks.leave_out(group), "quiet")
            leave.setAccessibleName(tr("Leave these examples out: {title}", title=group.title))
            leave.setToolTip(tr("Drops these examples; one undo brings them back"))
            line.addWidget(leave)
        return line

    def _mend(self, target: Target, group: Group, choices: Choices) -> QHBoxLayout:
        """The switches of the fix that makes it go away, for this format and for all."""
        n = tr("{n} of {total}", n=number(len(group.mended)), total=number(group.count))
        title = self._asks.fix_title(group.mend)
        self.here, self.everywhere = (
            QCheckBox(tr("Mend: {fix} ({n})", fix=title, n=n)),
            QCheckBox(tr("For all formats")),
        )
        everywhere = group.mend in choices.fixes
        self.here.setChecked(everywhere or group.mend in choices.fixes_for(target.name))
        self.here.setEnabled(not everywhere)
        self.everywhere.setChecked(everywhere)
        self.everywhere.setAccessibleName(tr("Mend in all formats: {fix}", fix=title))
        self.here.toggled.connect(lambda on: self._asks.fix(group.mend, on, target.name))
        self.everywhere.toggled.connect(lambda on: self._asks.fix(group.mend, on, ""))
        self.sides = button(tr("Before and after"), None, "link")
        self.sides.setAccessibleName(tr("Before and after: {fix}", fix=title))
        self.sides.clicked.connect(lambda: self._asks.sides(group.mended[0], group.mend, target.name))
        self.sides.setVisible(bool(group.mended))
        line = row(spacing=16)
        fill(line, self.here, self.everywhere, None, self.sides)
        return line

    def _row(self, id: int, where: str, message: str, title: str) -> QHBoxLayout:
        line = row(spacing=8)
        link = button(where, lambda: self._asks.show([id], title), "link")
        link.setToolTip(tr("Show it in Examples"))
        self.rows.append(link)
        said: QLabel = Elided(message, "muted")
        line.addWidget(link)
        line.addWidget(named(said, message), 1)
        return line
