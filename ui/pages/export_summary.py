"""What would go out and what stays out, and the folder it goes to: the column at the side of the export page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QProgressBar, QPushButton, QWidget

from ui.i18n import number, tr, trn
from ui.jobs import Job
from ui.presenters.export import Below, Reason, Split, View, part_of
from ui.presenters.export_choices import Place
from ui.theme import palette_series, px
from ui.widgets.bars import Part, StackBar
from ui.widgets.basics import Badge, Card, button, clear, column, fill, heading, label, muted, named, row, tip_text

Show = Callable[[Sequence[int], str], None]
WAITS_MS = 300
TYPING_MS = 400


class Waiting(QWidget):
    """What is shown until there is a first plan: how far it is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text, self._bar = label(text, "heading"), QProgressBar()
        self._stage = muted("", wrap=False)
        self._bar.setFixedWidth(px(280))
        self._bar.setRange(0, 0)
        named(self._bar, text)
        body = column(self, 8, 32)
        body.addStretch(2)
        for part in (self._text, self._bar, self._stage):
            if part is not self._bar:
                part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            body.addWidget(part, alignment=Qt.AlignmentFlag.AlignHCenter)
            part.hide()
        body.addStretch(3)
        # What is there in a moment needs no word of waiting.
        QTimer.singleShot(WAITS_MS, self, lambda: [part.show() for part in (self._text, self._bar, self._stage)])

    def show_progress(self, done: int, total: int, text: str) -> None:
        self._stage.setText(text)
        self._bar.setRange(0, max(0, total))
        self._bar.setValue(max(0, done))


class SummaryCard(Card):
    """The number that goes out, its splits, and the reasons of what does not. Numbers stay readable while others are counted."""

    def __init__(self, on_show: Show) -> None:
        super().__init__(spacing=8, margins=(24, 16, 24, 16))
        self._on_show = on_show
        self.count = label("", "number")
        self.title = label("", "heading", wrap=True)
        self.busy = Badge(tr("counting"), "accent")
        self.busy.setVisible(False)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(WAITS_MS)
        self._slow.timeout.connect(lambda: self.busy.setVisible(True))
        top = row(spacing=12)
        beside = column(spacing=4)
        fill(beside, None, self.busy, self.title, None)
        top.addWidget(self.count)
        top.addLayout(beside, 1)
        self.bar = StackBar()
        self._splits, self._reasons, self._notes = column(spacing=2), column(spacing=2), column(spacing=4)
        self.out = label("", "heading")
        fill(self.body, top, self.bar, self._splits, 8, self.out, self._reasons, self._notes)
        self.reasons: dict[str, QPushButton] = {}

    def wait(self, waiting: bool) -> None:
        """Say that other numbers are on their way, if they take long enough for that to be noticed."""
        if waiting:
            if not self._slow.isActive() and not self.busy.isVisible():
                self._slow.start()
        else:
            self._slow.stop()
            self.busy.setVisible(False)

    def show_view(self, view: View) -> None:
        self.count.setText(number(view.chosen))
        self.title.setText(view.title)
        if view.splits or not view.chosen:
            self._show_splits(view.splits, view.chosen)
        self.out.setText(trn("{n} stays out", "{n} stay out", view.out))
        self.out.setVisible(view.out > 0)
        clear(self._reasons)
        self.reasons = {}
        for reason in view.reasons:
            self._reasons.addWidget(self._reason(reason))
        rejected = view.records - view.readable
        clear(self._notes)
        said = [*view.notes]
        if rejected:
            said.append(
                trn(
                    "{n} record could not be read and is no example.",
                    "{n} records could not be read and are no examples.",
                    rejected,
                )
            )
        for text in said:
            self._notes.addWidget(muted(text))

    def _show_splits(self, splits: Sequence[Split], chosen: int) -> None:
        tones = palette_series(3)
        self.bar.show_parts([Part(one.title, one.count, tone) for one, tone in zip(splits, tones, strict=False)])
        clear(self._splits)
        for one, tone in zip(splits, tones, strict=False):
            line = row(spacing=8)
            dot = QWidget()
            dot.setFixedSize(px(10), px(10))
            dot.setStyleSheet(f"background: {tone.name()}; border-radius: {px(5)}px;")
            fill(line, dot, label(one.title), None, label(part_of(one.count, chosen)))
            self._splits.addLayout(line)

    def _reason(self, reason: Reason) -> QWidget:
        made = QWidget()
        inside = row(made, 8)
        link = button(reason.title, lambda: self._on_show(reason.ids, reason.title), "link")
        link.setAccessibleName(f"{reason.title}: {number(len(reason.ids))}")
        link.setToolTip(tr("Show them in Examples"))
        self.reasons[reason.rule] = link
        fill(inside, link, None, label(number(len(reason.ids))))
        return made


class BelowBanner(Card):
    """Too few examples: what is advised instead, and the tick of somebody who knows."""

    def __init__(self, on_known: Callable[[], None]) -> None:
        super().__init__("banner", 8, (24, 16, 24, 16))
        self.setProperty("tone", "warn")
        self.title, self.text = label("", "heading", wrap=True), label("", wrap=True)
        self.known = QCheckBox(tr("I know; export all the same"))
        self.known.toggled.connect(lambda _on: on_known())
        fill(self.body, self.title, self.text, self.known)
        self.hide()

    def show_below(self, below: Below | None) -> None:
        self.setVisible(below is not None)
        if below is None:
            with QSignalBlocker(self.known):
                self.known.setChecked(False)
        else:
            self.title.setText(below.title)
            self.text.setText(below.text)


class WriteCard(Card):
    """The folder, and the button. While the export runs: how far it is, and the way to stop it."""

    def __init__(
        self,
        on_folder: Callable[[str], None],
        on_name: Callable[[str], None],
        on_change: Callable[[], None],
        on_export: Callable[[], None],
    ):
        super().__init__(spacing=8, margins=(24, 16, 24, 16))
        self._job: Job | None = None
        self.folder = named(QLineEdit(), tr("Folder to write to"))
        self.folder.setPlaceholderText(tr("A new folder"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        self._timer.timeout.connect(lambda: on_folder(self.folder.text()))
        self.name = named(QLineEdit(), tr("Name of the release"))
        self.name.setPlaceholderText(tr("Name; the project's if empty"))
        self.name.setToolTip(tip_text(tr("Releases of one name are numbered: version 1, 2, 3")))
        self.name.textEdited.connect(on_name)
        self.folder.textEdited.connect(lambda _text: self._timer.start())
        self.choose = button(tr("Choose…"), self._choose, name=tr("Choose the folder to write to"))
        self._on_folder = on_folder
        self.said = muted("")
        self.replace = QCheckBox(tr("Replace it"))
        self.replace.toggled.connect(lambda _on: on_change())
        self.replace.hide()
        self.export = button(tr("Export"), on_export, "primary")
        self.why = muted("")
        self.progress, self.stage = QProgressBar(), muted("")
        named(self.progress, tr("How far the export is"))
        self.cancel = button(tr("Cancel"), self._stop)
        where = row(spacing=8)
        fill(where, self.folder, self.choose)
        where.setStretch(0, 1)
        fill(self.body, heading(tr("Write")), where, self.name, self.said, self.replace, 4, self.export, self.why)
        fill(self.body, self.stage, self.progress, self.cancel)
        self._show_running(False)

    def show_folder(self, folder: str, place: Place) -> None:
        if self.folder.text() != folder and not self.folder.hasFocus():
            self.folder.setText(folder)
        self.folder.setToolTip(tip_text(folder))
        self.said.setText(place.text)
        asked = place.state == "release"
        if not asked or not self.replace.isVisible():
            with QSignalBlocker(self.replace):
                self.replace.setChecked(False)
        self.replace.setVisible(asked)

    def show_why(self, why: str) -> None:
        """Why the export cannot begin, "" where it can."""
        running = self._job is not None and self._job.running
        self.export.setEnabled(not why and not running)
        self.why.setText(why)
        self.why.setVisible(bool(why) and not running)

    def follow(self, job: Job) -> None:
        """Show how far this job is until it ends."""
        self._job = job
        self.stage.setText(tr("Beginning…"))
        self.progress.setRange(0, 0)
        job.progress.connect(self._moved)
        job.ended.connect(lambda: self._show_running(False))
        self._show_running(True)

    @property
    def running(self) -> bool:
        return self._job is not None and self._job.running

    def finish_typing(self) -> None:
        """Look at the folder that was typed now."""
        if self._timer.isActive():
            self._timer.stop()
            self._on_folder(self.folder.text())

    def _moved(self, done: int, total: int, text: str) -> None:
        self.stage.setText(text)
        self.progress.setRange(0, max(0, total))
        self.progress.setValue(max(0, done))

    def _show_running(self, running: bool) -> None:
        for part in (self.stage, self.progress, self.cancel):
            part.setVisible(running)
        self.export.setVisible(not running)
        for field in (self.folder, self.name, self.choose, self.replace):
            field.setEnabled(not running)
        if running:
            self.why.hide()

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder to write to"), self.folder.text())
        if chosen:
            self.folder.setText(chosen)
            self._on_folder(chosen)
