"""What stands around the pages: the header, the bar of jobs, and messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ui.i18n import tr
from ui.jobs import Job, Jobs
from ui.theme import icon, px
from ui.widgets.basics import Elided, button, button_text, column, label, named, row, tip_text

if TYPE_CHECKING:
    from ui.window import Window

TOAST_MS = 6_000


class Header(QFrame):
    """Page and project on the left, what can be done anywhere on the right."""

    def __init__(self, window: Window):
        super().__init__()
        self.setProperty("kind", "header")
        body = row(self, 8, (24, 10, 16, 10))
        self.place = label("", "heading")
        self.project = Elided("", "muted")
        self.reviewer = button("", lambda: window.registry.run("app.preferences"), "quiet")
        self.reviewer.setToolTip(tr("Who decides in this window"))
        self.check = button(tr("Check now"), lambda: window.registry.run("project.check"))
        self.check.setToolTip(tr("Look for duplicates, leaks, wrong labels and the rest (F5)"))
        self.check.setIcon(icon("check"))
        self.answer = button(tr("Write the answer…"), lambda: window.registry.run("packet.answer"), "primary")
        self.answer.setToolTip(tip_text(tr("What you voted so far, as a file to send back (Ctrl+Shift+S)")))
        self.undo = _tool("undo", tr("Undo"), lambda: window.registry.run("app.undo"))
        self.redo = _tool("redo", tr("Redo"), lambda: window.registry.run("app.redo"))
        self.palette_button = button(tr("Do…"), lambda: window.registry.run("app.palette"), "quiet")
        self.palette_button.setIcon(icon("search", "accent"))
        self.palette_button.setToolTip(tr("Find any action by its name (Ctrl+K)"))
        body.addWidget(self.place)
        body.addSpacing(px(8))
        body.addWidget(self.project, 1)
        for made in (self.reviewer, self.palette_button, self.undo, self.redo, self.check, self.answer):
            made.setIconSize(QSize(px(18), px(18)))
            body.addWidget(made)

    def show_place(self, title: str) -> None:
        self.place.setText(title)

    def show_project(self, name: str, where: str, reviewer: str) -> None:
        self.project.setText(name)
        self.project.setToolTip(tip_text(where))
        self.reviewer.setText(button_text(reviewer))
        self.reviewer.setAccessibleName(tr("Reviewer: {name}", name=reviewer))
        for made in (self.reviewer, self.undo, self.redo):
            made.setVisible(bool(name))

    def show_work(self, *, checks: bool, answers: bool) -> None:
        """What the project is for: to be checked, or, being a packet, to be answered."""
        self.check.setVisible(checks)
        self.answer.setVisible(answers)


def _tool(picture: str, name: str, on_click: Callable[[], object]) -> QPushButton:
    made = button("", on_click, "quiet", name=name, tip=name)
    made.setIcon(icon(picture, "muted"))
    return made


class JobBar(QFrame):
    """A line for each job that is shown: what it does, how far it is, and a way to stop it."""

    def __init__(self, jobs: Jobs):
        super().__init__()
        self.setProperty("kind", "jobs")
        self._jobs = jobs
        self._lines: dict[int, _JobLine] = {}
        self._body = column(self, 4, (24, 8, 16, 8))
        jobs.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        shown = {job.id: job for job in self._jobs.shown}
        for id in [id for id in self._lines if id not in shown]:
            line = self._lines.pop(id)
            line.hide()
            line.deleteLater()
        for id, job in shown.items():
            if id not in self._lines:
                self._lines[id] = _JobLine(job)
                self._body.addWidget(self._lines[id])
        self.setVisible(bool(self._lines))


class _JobLine(QWidget):
    def __init__(self, job: Job):
        super().__init__()
        body = row(self, 12)
        title, self.text, self.bar = label(job.title), Elided("", "muted"), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.bar.setFixedWidth(px(240))
        named(self.bar, job.title)
        stop = button(tr("Cancel"), job.cancel, name=tr("Cancel: {title}", title=job.title))
        body.addWidget(title)
        body.addWidget(self.text, 1)
        body.addWidget(self.bar)
        body.addWidget(stop)
        job.progress.connect(self._moved)

    def _moved(self, done: int, total: int, text: str) -> None:
        self.text.setText(text)
        self.bar.setRange(0, max(0, total))
        self.bar.setValue(done)


class Toast(QFrame):
    """Something said in passing, at the bottom of the window."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setProperty("kind", "toast")
        self._body: QHBoxLayout = row(self, 12, (16, 8, 12, 8))
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.action = button(tr("Undo"))
        self._run: Callable[[], object] | None = None
        self.action.clicked.connect(self._act)
        self._body.addWidget(self.text)
        self._body.addWidget(self.action)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str, undo: Callable[[], object] | None = None) -> None:
        shown = self.text.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, px(720))
        self.text.setText(shown)
        self.text.setAccessibleName(text)
        self._run = undo
        self.action.setVisible(undo is not None)
        self.adjustSize()
        self.place()
        self.show()
        self.raise_()
        self._timer.start(TOAST_MS)

    def place(self) -> None:
        parent = self.parentWidget()
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - px(64))

    def _act(self) -> None:
        self.hide()
        if self._run is not None:
            self._run()


class TroubleBar(QFrame):
    """An error in one sentence, until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "banner")
        self.setProperty("tone", "bad")
        body = row(self, 16, (24, 8, 16, 8))
        self.text = label("", wrap=True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = button(tr("Close"), self.hide, name=tr("Close the message"))
        body.addWidget(self.text, 1)
        body.addWidget(self.close_button)
        self.hide()

    def say(self, text: str) -> None:
        self.text.setText(text)
        self.text.setAccessibleName(text)
        self.show()
