"""The page that is shown without a project: open something, drop a file, try a sample, go back to a recent project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QLabel, QWidget

from curator.store import shown_address
from ui.context import Context
from ui.i18n import tr
from ui.pages import Page
from ui.pages.starting import begin_import, choose_home, home, make_project
from ui.presenters import start
from ui.presenters.start import FilePlan, Plan, Recent
from ui.theme import icon, px
from ui.widgets.basics import (
    Badge,
    Card,
    Elided,
    Scroll,
    button,
    clear,
    column,
    fill,
    heading,
    muted,
    named,
    row,
    tip_text,
    title,
)
from ui.widgets.choice import ChoiceButton
from ui.widgets.dropping import DropArea

WIDTH, NARROW = 960, 800
SHOWN = 6


class WelcomePage(Page):
    name = "welcome"

    def __init__(self, context: Context):
        super().__init__(context)
        self._recent: list[Recent] | None = None
        self.samples: dict[str, ChoiceButton] = {}
        self.drop = self._drop_area()
        inside, across = QWidget(), row(spacing=16)
        self._across = across
        whole = column(inside, 8, (32, 40, 32, 32))
        across.addWidget(self.drop, 3)
        across.addWidget(self._samples(), 2)
        self._recent_title, self.recent = heading(tr("Recent projects")), column(spacing=4)
        self.place = muted("", wrap=False)
        self.change = button(tr("Change…"), self._choose_home, "link", name=tr("Change the folder of projects"))
        kept = row(spacing=8)
        fill(kept, self.place, self.change, None)
        fill(whole, title(tr("Curator")))
        fill(
            whole,
            muted(tr("From raw pairs to fine-tuning data that is clean, reviewed, and accepted by the provider.")),
        )
        fill(whole, 16, across, kept, 16, self._recent_title, self.recent, None)
        inside.setMaximumWidth(px(WIDTH))
        middle = QWidget()
        row(middle).addWidget(inside)
        scroll = named(Scroll(middle, sideways=True), tr("Start"))
        column(self).addWidget(scroll)

    def _drop_area(self) -> DropArea:
        made = DropArea(self.take)
        picture = QLabel()
        picture.setPixmap(icon("import", "accent", 40).pixmap(px(40), px(40)))
        words = heading(tr("Drop a file here"))
        kinds = muted(tr("JSON Lines, JSON, CSV, Excel, Parquet, exports of annotation tools, or a .curator project"))
        for said in (words, kinds):
            said.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        kinds.setFixedWidth(px(360))
        self.open = button(tr("Open data or project…"), self._open, "primary")
        self.new = button(tr("New project…"), self._new)
        both = row(spacing=8)
        fill(both, None, self.open, self.new, None)
        made.body.addStretch(1)
        for shown in (picture, words, kinds):
            made.body.addWidget(shown, alignment=Qt.AlignmentFlag.AlignHCenter)
        fill(made.body, 12, both, None)
        made.setMinimumHeight(px(240))
        return made

    def _samples(self) -> QWidget:
        made = Card(spacing=8, margins=24)
        fill(
            made.body,
            heading(tr("Try a sample")),
            muted(tr("Small sets with planted defects, to see what happens.")),
            4,
        )
        for sample in start.samples():
            said = tr("Try the sample {title}: {about}", title=sample.title, about=sample.text)
            shown = ChoiceButton(sample.title, sample.text, name=said, checkable=False)
            shown.clicked.connect(lambda _checked=False, name=sample.name: self.try_sample(name))
            self.samples[sample.name] = shown
            made.body.addWidget(shown)
        made.body.addStretch(1)
        return made

    # What is shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, the samples stand under the place to drop files."""
        super().resizeEvent(event)
        narrow, way = self.width() < px(NARROW), QBoxLayout.Direction
        self._across.setDirection(way.TopToBottom if narrow else way.LeftToRight)

    def arrive(self, **where: Any) -> None:
        self.place.setText(tr("New projects are kept in {folder}", folder=start.tidy(home(self.context))))
        self._set_busy(False)
        self._show_recent()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.ActivationChange and self.isVisible():
            self._show_recent()  # another window may have opened one, or a file may be gone
        super().changeEvent(event)

    def _show_recent(self) -> None:
        found = start.recent(self.context.setting("recent"))[:SHOWN]
        if found == self._recent:
            return
        self._recent = found
        self._recent_title.setVisible(bool(found))
        clear(self.recent)
        for one in found:
            self.recent.addWidget(self._line(one))

    def _line(self, one: Recent) -> QWidget:
        made = QWidget()
        inside = row(made, 12)
        name: QWidget = muted(one.name, wrap=False)
        if not one.missing:
            name = button(one.name, lambda: self.context.open_project(one.address), "link")
        name.setToolTip(tip_text(shown_address(one.address)))
        place = Elided(one.place, "muted", Qt.TextElideMode.ElideMiddle)
        inside.addWidget(name)
        inside.addWidget(place, 1)
        if one.missing:
            inside.addWidget(Badge(tr("not there any more"), "warn"))
            forget = button(tr("Forget"), lambda: self._forget(one), "link", name=tr("Forget {name}", name=one.name))
            inside.addWidget(forget)
        return made

    # What can be done

    def take(self, files: list[str]) -> None:
        """Open a project, or take data to the import page."""
        projects = [file for file in files if file.endswith(start.SUFFIX)]
        if projects:
            self.context.open_project(projects[0])
        elif files:
            self.context.go("importing", files=files)

    def try_sample(self, name: str) -> None:
        """Make a project of a bundled sample, import it and its eval set, and show what comes next."""
        self._set_busy(True)
        from ui.background import background

        background().run(self, lambda: _sample_plan(name), lambda plan: self._make_sample(name, plan))

    def _make_sample(self, name: str, plan: Plan) -> None:
        path, context, order = start.free_path(home(self.context), name), self.context, plan.order()
        make_project(
            self, context, path, plan.task, lambda: begin_import(context, order), lambda: self._set_busy(False)
        )

    def _set_busy(self, busy: bool) -> None:
        for made in self.samples.values():
            made.setEnabled(not busy)

    def _open(self) -> None:
        self.context.registry.run("app.open")

    def _new(self) -> None:
        proposed = str(start.free_path(home(self.context), tr("project")))
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("New project"), proposed, tr("Curator projects") + f" (*{start.SUFFIX})"
        )
        if chosen:
            path = Path(chosen if chosen.endswith(start.SUFFIX) else chosen + start.SUFFIX)
            make_project(self, self.context, path, None, lambda: None)

    def _choose_home(self) -> None:
        if choose_home(self, self.context) is not None:
            self.arrive()

    def _forget(self, one: Recent) -> None:
        self.context.settings.forget_project(one.address)
        self._show_recent()


def _sample_plan(name: str) -> Plan:
    """The plan of a sample: its files as they are detected, and its task."""
    from curator.pipeline import sample
    from curator.preview import preview

    pairs, evals, task = sample(name)
    files = [FilePlan(str(path), preview(str(path))) for path in (pairs, evals)]
    return Plan(files, task)
