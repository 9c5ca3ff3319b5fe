"""The parts of the page of releases: the list, the chosen one, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from ui.i18n import number, tr, trn
from ui.jobs import Job
from ui.presenters.releases import KINDS, Line, Other, Row, View
from ui.theme import color, palette_series, px
from ui.widgets.bars import Part, StackBar
from ui.widgets.basics import (
    Banner,
    Card,
    Elided,
    Scroll,
    button,
    clear,
    column,
    fill,
    heading,
    label,
    muted,
    named,
    row,
    tip_text,
)
from ui.widgets.choice import ChoiceButton, Choices
from ui.widgets.flow import Flow

BESIDE, ABOVE = 272, 148
FIGURE = 124
ALL = "all"
TONES = {"added": "good", "removed": "bad", "relabelled": "accent", "edited": "accent", "moved": "warn"}
_MOST = 16_777_215


class ReleaseList(QWidget):
    """The releases, the newest first. `on_choose(number)`."""

    def __init__(self, on_choose: Callable[[int], object]) -> None:
        super().__init__()
        self._on_choose = on_choose
        self._shown: tuple[Line, ...] = ()
        self._list = column(spacing=8)
        inside = QWidget()
        fill(column(inside), self._list, None)
        whole = column(self, 12)
        whole.addWidget(named(Scroll(inside), tr("Releases")), 1)
        self.choices: Choices[int] = Choices({}, on_choose)
        self.stand(above=False)

    def stand(self, *, above: bool) -> None:
        """Beside the release; above it where the window is narrow."""
        self.setFixedSize(_MOST, _MOST)  # neither is fixed any more
        self.setMinimumSize(0, 0)
        if above:
            self.setFixedHeight(px(ABOVE))
        else:
            self.setFixedWidth(px(BESIDE))

    def show_lines(self, lines: tuple[Line, ...]) -> None:
        if lines == self._shown:
            return
        self._shown = lines
        clear(self._list)
        buttons = {line.number: ChoiceButton(line.title, line.when, line.size) for line in lines}
        for made in buttons.values():
            self._list.addWidget(made)
        self.choices = Choices(buttons, self._on_choose)

    def choose(self, chosen: int) -> None:
        self.choices.choose(chosen)


class ReleaseCard(Card):
    """One release: its splits, where it was written, and the way to write it again. `on_open(folder)`, `on_again(folder)`."""

    def __init__(self, on_open: Callable[[str], object], on_again: Callable[[str], object]) -> None:
        super().__init__(spacing=8, margins=(24, 16, 24, 16))
        self._on_again, self._job, self._where = on_again, None, ""
        self.title, self.said = label("", "title"), Elided("", "muted")
        self.bar, self._splits = StackBar(), row(spacing=24)
        self.open = button(tr("Open folder"), lambda: on_open(self._where))
        self.folder = named(QLineEdit(), tr("Folder to write it to again"))
        self.choose = button(tr("Choose…"), self._choose, name=tr("Choose the folder to write it to again"))
        self.again = button(
            tr("Write again"),
            lambda: on_again(self.folder.text()),
            tip=tr("As it was, byte for byte, whatever was done to the project since"),
        )
        self.progress = named(QProgressBar(), tr("How far it is"))
        self.old = muted(tr("An older version wrote this release and did not keep what it takes to compare it."))
        self._result = column(spacing=0)
        top, ways = row(spacing=16), row(spacing=8)
        fill(top, self.title, None, self.open)
        fill(ways, self.again, self.folder, self.choose)
        ways.setStretch(1, 1)
        self.folder.setMinimumWidth(px(48))
        fill(self.body, top, self.said, self.bar, self._splits, self.old, 4, ways, self.progress, self._result)
        self.progress.hide()

    def show_line(self, line: Line, folder: str) -> None:
        self._where = line.folder
        self.title.setText(line.title)
        self.said.setText(" · ".join(part for part in (line.when, line.by, line.targets, line.folder) if part))
        tones = palette_series(3)
        parts = list(zip(line.parts, tones, strict=False))
        self.bar.show_parts([Part(one.title, one.count, tone) for one, tone in parts])
        self.bar.setVisible(bool(parts))
        clear(self._splits)
        for one, tone in parts:
            dot = QWidget()
            dot.setFixedSize(px(10), px(10))
            dot.setStyleSheet(f"background: {tone.name()}; border-radius: {px(5)}px;")
            part = row(spacing=8)
            fill(part, dot, label(one.title), muted(number(one.count)))
            self._splits.addLayout(part)
        self._splits.addStretch(1)
        self.old.setVisible(not line.kept)
        for control in (self.again, self.folder, self.choose):
            control.setVisible(line.kept)
        if not self.running:
            self.folder.setText(folder)
            clear(self._result)

    @property
    def running(self) -> bool:
        return self._job is not None and self._job.running

    def follow(self, job: Job) -> None:
        """Show how far this job is until it ends."""
        self._job = job
        clear(self._result)
        self.progress.setRange(0, 0)
        self.progress.show()
        self.again.setEnabled(False)
        job.progress.connect(self._moved)
        job.ended.connect(self._ended)

    def _moved(self, done: int, total: int, _text: str) -> None:
        self.progress.setRange(0, max(0, total))
        self.progress.setValue(max(0, done))

    def _ended(self) -> None:
        self.progress.hide()
        self.again.setEnabled(True)

    def show_result(self, good: bool, said: str) -> None:
        """Whether what was written again is the same."""
        clear(self._result)
        self._result.addWidget(Banner(said, "good" if good else "bad"))

    def result(self) -> str:
        """What is said of what was written again, "" where nothing is."""
        item = self._result.itemAt(0)
        made = item.widget() if item is not None else None
        return made.text.text() if isinstance(made, Banner) else ""

    def show_failure(self, sentence: str) -> None:
        self.show_result(False, sentence if sentence.endswith(".") else f"{sentence}.")

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder to write it to again"), self.folder.text())
        if chosen:
            self.folder.setText(chosen)


class ChangesCard(Card):
    """What differs from another release: how many of each kind, and one by one. `on_other(number)`."""

    def __init__(self, on_other: Callable[[int], object]) -> None:
        super().__init__(spacing=8, margins=(24, 16, 24, 16))
        self._rows: list[Row] = []
        self._view: View | None = None
        self._kind = ALL
        self.other = named(QComboBox(), tr("Compare with"))
        self.other.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.other.setMinimumContentsLength(14)
        self.other.activated.connect(lambda at: on_other(self.other.itemData(at)))
        self.title, self.said = heading(tr("What changed")), muted("")
        held = QWidget()
        self._figures = Flow(held)
        self.kinds: Choices[str] = Choices({}, self._only)
        self.besides = muted("")
        self.table = self._table()
        self.whole = named(QPlainTextEdit(), tr("The example before and after"))
        self.whole.setReadOnly(True)
        self.whole.setTabChangesFocus(True)
        self.whole.setMaximumHeight(px(132))
        self.more = muted("")
        top = row(spacing=12)
        fill(top, self.title, label(tr("Compare with"), "muted"), self.other)
        top.setStretch(0, 1)
        fill(self.body, top, self.said, held, self.besides, self.table, self.whole, self.more)
        self.body.addStretch(1)
        self.body.setStretch(4, 100)
        self._make_figures()
        self.show_nothing("")

    def _table(self) -> QTableWidget:
        table = named(QTableWidget(0, 4), tr("Examples that changed"))
        table.setHorizontalHeaderLabels([tr("Change"), tr("From"), tr("Before → after"), tr("Why")])
        table.verticalHeader().hide()
        head = table.horizontalHeader()
        for at in (2, 3):
            head.setSectionResizeMode(at, QHeaderView.ResizeMode.Stretch)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        table.setColumnWidth(0, px(120))
        table.setColumnWidth(1, px(208))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setMinimumHeight(px(180))
        table.currentCellChanged.connect(lambda line, *_: self._show_whole(line))
        return table

    def _make_figures(self) -> None:
        buttons = {kind: ChoiceButton("0", kind) for kind in (ALL, *KINDS)}
        for made in buttons.values():
            made.setFixedWidth(px(FIGURE))
            self._figures.add(made)
        self.kinds = Choices(buttons, self._only)

    def show_others(self, others: Sequence[Other], kept: bool) -> None:
        """What the release can be compared with; the first is chosen."""
        with QSignalBlocker(self.other):
            self.other.clear()
            for one in others:
                self.other.addItem(one.title, one.number)
        self.setVisible(kept)

    def wait(self) -> None:
        self.said.setText(tr("Comparing…"))

    def show_nothing(self, sentence: str) -> None:
        """Why there is nothing to show."""
        self.said.setText(sentence)
        self._view = None
        for made in (*self.kinds.buttons.values(), self.besides, self.more):
            made.hide()
        self._fill([])

    def show_view(self, view: View) -> None:
        self._view = view
        self.title.setText(view.title)
        self.said.setText(view.sentence)
        rows = len(view.rows) + view.more
        self.kinds.buttons[ALL].say(number(rows), tr("All"))
        for kind, title, count in view.figures:
            self.kinds.buttons[kind].say(number(count), title)
        for made in self.kinds.buttons.values():
            made.setVisible(bool(rows))
        self.besides.setText("\n".join(view.other))
        self.besides.setVisible(bool(view.other))
        self._only(ALL)

    def _only(self, kind: str) -> None:
        """Show the changes of one kind, or all."""
        self._kind = kind
        self.kinds.choose(kind)
        if self._view is not None:
            rows = self._view.rows
            self._fill([one for one in rows if kind in (ALL, one.kind) or (kind == "moved" and "→" in one.title)])
            self.more.setText(
                trn(
                    "{n} more is counted and not listed here.",
                    "{n} more are counted and not listed here.",
                    self._view.more,
                )
                if self._view.more
                else ""
            )
            self.more.setVisible(bool(self._view.more))

    def _fill(self, rows: list[Row]) -> None:
        self._rows = rows
        self.table.setRowCount(len(rows))
        for at, one in enumerate(rows):
            said = " → ".join(part for part in (one.was, one.now) if part)
            for place, text in enumerate((one.title, one.where, said, one.why)):
                cell = QTableWidgetItem(text if len(text) < 300 else f"{text[:300]}…")
                cell.setToolTip(tip_text(text[:1_000]))
                if place == 0:
                    cell.setForeground(color(TONES[one.kind]))
                self.table.setItem(at, place, cell)
        self.table.setVisible(bool(rows))
        self.whole.setVisible(bool(rows))
        if rows:
            self.table.setCurrentCell(0, 0)
            self._show_whole(0)

    def _show_whole(self, line: int) -> None:
        if 0 <= line < len(self._rows):
            one = self._rows[line]
            self.whole.setPlainText("\n".join(part for part in (one.whole, one.why) if part))
