"""What stands around the finding: checks on the left, the list of one check, and above it what the check is about."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QFrame, QSplitter, QStackedWidget, QWidget

from ui.context import Context
from ui.i18n import number, tr, trn
from ui.pages.findings.lists import CheckDelegate, CheckModel, FindingDelegate, FindingModel, PlainList, bold
from ui.presenters.findings import CheckLine, Inbox, Row, State
from ui.presenters.findings_cut import can_be_moved
from ui.presenters.words import check_help, check_title
from ui.theme import px
from ui.widgets.basics import button, column, label, muted, row

FILTERS = ("open", "decided", "all")


def filtered(line: CheckLine, which: str) -> list[Row]:
    """The findings of a check that a filter shows."""
    if which == "all":
        return list(line.rows)
    if which == "decided":
        return [row for row in line.rows if row.state is not State.OPEN]
    return [row for row in line.rows if row.open]


class CheckList(QWidget):
    """The checks that found something; under them how many found nothing."""

    def __init__(self) -> None:
        super().__init__()
        body = column(self, 8, (16, 16, 8, 16))
        self.model = CheckModel()
        self.list = PlainList(self.model, CheckDelegate(), tr("Checks"))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setStyleSheet("background: transparent; border: none;")
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
        self.rest.setToolTip("\n".join(names))

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
        self.list = PlainList(self.model, FindingDelegate(), tr("Findings"))
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
        texts = {
            "open": tr("Open {n}", n=number(line.open)),
            "decided": tr("Decided {n}", n=number(line.decided)),
            "all": tr("All {n}", n=number(len(line.rows))),
        }
        for name, text in texts.items():
            made = self.filters[name]
            made.setText(text)
            # The chosen one is set in bold: there is room for that, so that nothing moves when it changes.
            made.setMinimumWidth(QFontMetrics(bold(made.font())).horizontalAdvance(text) + px(28))
        self.list.blockSignals(True)
        self.model.show(filtered(line, self.which))
        self.list.blockSignals(False)

    @property
    def rows(self) -> Sequence[Row]:
        return self.model.rows

    def select(self, id: str) -> None:
        """Make a finding the current one, without telling."""
        self.list.blockSignals(True)
        self.list.go_to(self.model.place(id))
        self.list.blockSignals(False)


class CheckHead(QFrame):
    """What a check is about, how to judge it, and what can be done with all of it."""

    cut = Signal()
    many = Signal()

    def __init__(self, context: Context):
        super().__init__()
        self._context = context
        self._check = ""
        body = row(self, 12, (16, 16, 24, 0))
        words = column(spacing=2)
        self.title = label("", "title")
        line = row(spacing=12)
        self.help = muted("", wrap=False)
        self.guide = button(tr("How to judge this"), self._guide, "link", tip=tr("The guide on this check"))
        line.addWidget(self.help)
        line.addWidget(self.guide)
        line.addStretch(1)
        words.addWidget(self.title)
        words.addLayout(line)
        body.addLayout(words, 1)
        self.cut_button = button(tr("Threshold…"), self.cut.emit, tip=tr("From which score on it reports (T)"))
        self.many_button = button(tr("Decide many…"), self.many.emit, tip=tr("Accept or dismiss from a score on (M)"))
        for made in (self.cut_button, self.many_button):
            body.addWidget(made, alignment=Qt.AlignmentFlag.AlignTop)

    def show_line(self, line: CheckLine, finished: bool) -> None:
        self._check = line.name
        self.title.setText(check_title(line.name))
        self.help.setText(check_help(line.name))
        self.help.setToolTip(check_help(line.name))
        self.cut_button.setVisible(can_be_moved(line.name))
        self.many_button.setEnabled(finished and line.open > 0)

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
        inner = QSplitter(Qt.Orientation.Horizontal)
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
        outer.setSizes([px(256), px(1000)])
        for part, least in ((self.checks, 128), (self.findings, 160), (beside, 280)):
            # As little as it takes to be of use: what stands in them decides nothing.
            part.setMinimumWidth(px(least))
        whole.addWidget(outer, 1)
