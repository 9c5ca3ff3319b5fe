"""What stands around the finding: checks on the left, the list of one check, and above it what the check is about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QComboBox, QSplitter, QStackedWidget, QWidget

from ui.context import Context
from ui.i18n import number, tr, trn
from ui.pages.findings.bar import TwoParts
from ui.pages.findings.lists import CheckDelegate, CheckModel, FindingDelegate, FindingModel, PlainList, bold
from ui.presenters.findings import CheckLine, Inbox, Row, State
from ui.presenters.findings_cut import can_be_moved
from ui.presenters.words import check_help, check_title
from ui.theme import px
from ui.widgets.basics import Elided, button, column, label, named, row, tip_text

FILTERS = ("open", "decided", "all")
CHECK_HEIGHT, FINDING_HEIGHT = 40, 60
NARROW, NARROWEST = 840, 460
"""Widths below which there is no room for the list of checks, and for that of findings."""


def filtered(line: CheckLine, which: str) -> list[Row]:
    """The findings of a check that a filter shows."""
    if which == "all":
        return list(line.rows)
    if which == "decided":
        return [row for row in line.rows if row.state is not State.OPEN]
    return [row for row in line.rows if row.state is State.OPEN and not row.below]


class CheckList(QWidget):
    """The checks that found something; under them how many found nothing."""

    def __init__(self) -> None:
        super().__init__()
        body = column(self, 8, (16, 16, 8, 16))
        self.model = CheckModel()
        self.list = PlainList(self.model, CheckDelegate(), tr("Checks"), CHECK_HEIGHT, bare=True)
        body.addWidget(self.list, 1)
        self.rest = label("", "small", wrap=True)
        body.addWidget(self.rest)

    def show_inbox(self, inbox: Inbox) -> None:
        self.model.show([line for line in inbox.lines if line.rows])
        silent = [line for line in inbox.lines if not line.rows and not line.pending]
        waiting = [line for line in inbox.lines if not line.rows and line.pending]
        said = []
        if silent:
            said.append(trn("{n} check found nothing", "{n} checks found nothing", len(silent)))
        if waiting:
            said.append(trn("{n} check has not run yet", "{n} checks have not run yet", len(waiting)))
        self.rest.setText("\n".join(said))
        names = [check_title(line.name) for line in (*silent, *waiting)]
        self.rest.setToolTip(tip_text("\n".join(names)))

    def select(self, check: str) -> None:
        for place, line in enumerate(self.model.lines):
            if line.name == check:
                self.list.go_to(place)


class FindingList(QWidget):
    """The findings of one check, open, decided or all."""

    filter_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        body = column(self, 8, (16, 16, 0, 16))
        chosen = row(spacing=4)
        group = QButtonGroup(self)
        self.filters = {}
        self._narrow = False
        self._counts = dict.fromkeys(FILTERS, 0)
        for name in FILTERS:
            made = button("", kind="page")
            made.setCheckable(True)
            made.toggled.connect(lambda on: self.filter_changed.emit() if on else None)
            group.addButton(made)
            self.filters[name] = made
            chosen.addWidget(made)
        chosen.addStretch(1)
        self.filters["open"].setChecked(True)
        body.addLayout(chosen)
        self.model = FindingModel()
        self.list = PlainList(self.model, FindingDelegate(), tr("Findings"), FINDING_HEIGHT)
        body.addWidget(self.list, 1)

    @property
    def which(self) -> str:
        return next(name for name, made in self.filters.items() if made.isChecked())

    def set_filter(self, which: str) -> None:
        """Show others, without telling."""
        made = self.filters[which]
        made.blockSignals(True)
        made.setChecked(True)
        made.blockSignals(False)

    def show_line(self, line: CheckLine) -> None:
        self._counts = {"open": line.open, "decided": line.decided, "all": len(line.rows)}
        self._name_filters()
        self.list.blockSignals(True)
        self.model.show(filtered(line, self.which))
        self.list.blockSignals(False)

    def set_narrow(self, narrow: bool) -> None:
        """Whether there is room for the numbers on the filters."""
        self._narrow = narrow
        self._name_filters()

    def _name_filters(self) -> None:
        names = {"open": tr("Open"), "decided": tr("Decided"), "all": tr("All")}
        room = 0
        for which, made in self.filters.items():
            text = f"{names[which]} {number(self._counts[which])}"
            made.setAccessibleName(text)
            made.setText(names[which] if self._narrow else text)
            # The chosen one is set in bold: there is room for that, so that nothing moves when it changes.
            wide = QFontMetrics(bold(made.font())).horizontalAdvance(made.text()) + px(28)
            made.setMinimumWidth(wide)
            room += wide + px(4)
        self.setMinimumWidth(room + px(16))

    @property
    def rows(self) -> Sequence[Row]:
        return self.model.rows

    def select(self, id: str) -> None:
        """Make a finding the current one, without telling."""
        self.list.blockSignals(True)
        self.list.go_to(self.model.place(id))
        self.list.blockSignals(False)


class CheckHead(QWidget):
    """What a check is about, how to judge it, and what can be done with all of it. `chosen(name)`: another check, where the
    list of them has no room."""

    cut = Signal()
    many = Signal()
    chosen = Signal(str)

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._check = ""
        body = column(self, 2, (16, 16, 24, 0))
        top = TwoParts(spacing=12)
        self.title = label("", "title")
        self.choice = named(QComboBox(), tr("Check"))
        self.choice.activated.connect(lambda at: self.chosen.emit(self.choice.itemData(at)))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.choice.hide()
        top.add(self.title, self.choice)
        self.cut_button = button(tr("Threshold…"), self.cut.emit, tip=tr("From which score on it reports (T)"))
        self.many_button = button(tr("Decide many…"), self.many.emit, tip=tr("Accept or dismiss from a score on (M)"))
        top.add_right(self.cut_button, self.many_button)
        self.help = Elided("", "muted")
        self.guide = button(tr("How to judge this"), self._guide, "link", tip=tr("The guide on this check"))
        line = row(spacing=12)
        line.addWidget(self.help, 1)
        line.addWidget(self.guide)
        body.addWidget(top)
        body.addLayout(line)

    def show_line(self, line: CheckLine, inbox: Inbox) -> None:
        self._check = line.name
        self.title.setText(check_title(line.name))
        self.help.setText(check_help(line.name))
        self.cut_button.setVisible(can_be_moved(line.name))
        self.many_button.setEnabled(inbox.finished and line.open > 0)
        self.choice.clear()
        for one in inbox.lines:
            if one.rows:
                self.choice.addItem(check_title(one.name), one.name)
        self.choice.setCurrentIndex(self.choice.findData(line.name))

    def set_narrow(self, narrow: bool) -> None:
        """Whether the check is chosen here, for want of room beside."""
        self.title.setVisible(not narrow)
        self.choice.setVisible(narrow)

    def _guide(self) -> None:
        self._context.go("guide", page=f"check-{self._check}")


class Frame(QWidget):
    """The page when there is something to show. `notices` stand above, `right` holds the panes."""

    def __init__(self, context: Context):
        super().__init__()
        whole = column(self, 0)
        self.notices = column(spacing=8, margins=(24, 0, 24, 0))
        whole.addLayout(self.notices)
        self.checks = CheckList()
        self.findings = FindingList()
        self.head = CheckHead(context)
        self.right = QStackedWidget()
        beside = QWidget()
        right = column(beside, 0)
        right.addWidget(self.right, 1)
        self.inner = inner = QSplitter(Qt.Orientation.Horizontal)
        inner.setChildrenCollapsible(False)
        inner.addWidget(self.findings)
        inner.addWidget(beside)
        inner.setStretchFactor(1, 1)
        inner.setSizes([px(300), px(700)])
        main = QWidget()
        under = column(main, 0)
        under.addWidget(self.head)
        under.addWidget(inner, 1)
        outer = QSplitter(Qt.Orientation.Horizontal)
        outer.setChildrenCollapsible(False)
        outer.addWidget(self.checks)
        outer.addWidget(main)
        outer.setStretchFactor(1, 1)
        outer.setSizes([px(268), px(1000)])
        for part, least in ((self.checks, 128), (beside, 240)):
            # As little as it takes to be of use: what stands in them decides nothing.
            part.setMinimumWidth(px(least))
        whole.addWidget(outer, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, at a large scale or in a small window, the lists give way, the checks first."""
        super().resizeEvent(event)
        wide = event.size().width()
        narrow = wide < px(NARROW)
        if narrow is self.checks.isVisibleTo(self):
            self.checks.setVisible(not narrow)
            self.head.set_narrow(narrow)
            self.findings.set_narrow(narrow)
            list_room = px(200 if narrow else 300)
            self.inner.setSizes([list_room, wide - list_room])
            QTimer.singleShot(0, self, self._ask_for_less)
        self.findings.setVisible(wide >= px(NARROWEST))

    def _ask_for_less(self) -> None:
        """While it is being laid out, none of those that hold it hears that less room is needed: told one by one."""
        held: QWidget | None = self
        while held is not None and not held.isWindow():
            held.updateGeometry()
            held = held.parentWidget()
