"""The overview: how many examples remain, what was found, and the one thing to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from curator.errors import CuratorError
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr, trn
from ui.jobs import Job
from ui.pages import Page
from ui.pages.overview_cards import (
    AgreementCard,
    ChecksCard,
    SizeCard,
    SourcesCard,
    StepCard,
)
from ui.pages.overview_pictures import LabelsCard, LengthsCard
from ui.pages.readiness_cards import ReadinessCard
from ui.pages.readiness_keeper import Keeper
from ui.presenters import overview as presenter
from ui.presenters import readiness
from ui.presenters.overview import DECISION, DISAGREEMENT, NextStep, Overview, Taken
from ui.theme import px
from ui.widgets.basics import Banner, Scroll, column, named, row
from ui.widgets.dropping import DropFiles

if TYPE_CHECKING:
    from curator.store import Change

TOGETHER_MS, NARROW = 120, 920
"""Changes that come this soon after each other are shown together; the width below which cards stand in one column."""


class OverviewPage(Page):
    name = "overview"

    def __init__(self, context: Context):
        super().__init__(context)
        self._view: Overview | None = None
        self._texts = True
        self._fresh = self._measured = self._reading = False
        self._step = StepCard(self.take_step)
        self._size = SizeCard(self._show_taken, self._choose_provider)
        self._checks = ChecksCard(lambda name: self.context.go("findings", check=name))
        self._labels, self._lengths, self._agreement = LabelsCard(), LengthsCard(), AgreementCard()
        self._keeper = Keeper.of(context)
        self._keeper.changed.connect(self._show_readiness)
        self._readiness = ReadinessCard(lambda: self.context.go("readiness"))
        self._sources = SourcesCard(self._show_rejected, self._import)
        self._drop = DropFiles(self._take, self._import)
        self._drop.choose.hide()  # the next step says the same
        self._stale = Banner("", "warn", tr("Check again"), self._check)
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(TOGETHER_MS)
        self._later.timeout.connect(self._load)
        context.jobs.changed.connect(self._jobs_changed)
        self._seen_job: Job | None = None

    def _lay_out(self) -> None:
        inside = QWidget()
        whole = column(inside, 16, (24, 24, 24, 24))
        whole.addWidget(self._stale)
        whole.addWidget(self._step)
        whole.addWidget(self._drop, 1)
        first = self._first = row(spacing=16)
        left, right = column(spacing=16), column(spacing=16)
        for made in (self._size, self._readiness, self._checks, self._lengths):
            left.addWidget(made)
        left.addStretch(1)
        for made in (self._labels, self._sources, self._agreement):
            right.addWidget(made)
        right.addStretch(1)
        self._left, self._right = left, right
        first.addLayout(left, 3)
        first.addLayout(right, 2)
        whole.addLayout(first)
        whole.addStretch()
        scroll = named(Scroll(inside, sideways=True), tr("Overview"))
        column(self).addWidget(scroll)
        self._inside = inside
        inside.hide()
        self._stale.hide()

    # What is shown

    def arrive(self, **where: Any) -> None:
        self._keeper.begin()
        if not self._fresh:
            self._load()

    def changed(self, change: Change) -> None:
        self._fresh = False
        if change.sources or any(entry.action != "check" for entry in change.entries):
            self._measured = False
            self._texts = True
        if self.isVisible():
            self._later.start()

    def _load(self) -> None:
        """Read everything anew; while that goes on, further changes wait for its end."""
        if self._reading:
            return
        self._fresh = self._reading = True
        session = self.context.need_session()
        before, texts, self._texts = self._view, self._texts, False
        session.read(lambda project: presenter.read(project, before, texts=texts), self._loaded, failed=self._not_read)

    def _loaded(self, view: Overview) -> None:
        self._reading = False
        self._show(view)
        if not self._measured:
            self._measured = True
            session = self.context.need_session()
            session.read(presenter.lengths, self._lengths.show_lengths, key="overview.lengths")
        if not self._fresh and self.isVisible():
            self._later.start()

    def _not_read(self, error: CuratorError) -> None:
        self._reading = self._fresh = False
        self._texts = True
        self.context.trouble(str(error))

    def _show(self, view: Overview) -> None:
        self._view = view
        self._size.show_view(view)
        self._checks.show_view(view)
        self._agreement.show_view(view)
        self._sources.show_view(view)
        self._labels.setVisible(bool(view.labels))
        self._labels.show_view(view)
        bare = not view.gauge.candidates
        self._drop.setVisible(bare)
        for card in (self._size, self._readiness, self._checks, self._agreement, self._lengths):
            card.setVisible(not bare)
        self._keeper.size(view.gauge.count, view.gauge.candidates, view.task, checked=view.complete)
        self._sources.setVisible(bool(view.sources))
        self._stand()
        self._stale.text.setText(view.stale)
        self._show_step()
        self._inside.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()

    def _stand(self) -> None:
        """Lay the cards out for the room there is: where it is narrow, all in one column."""
        narrow = self.width() < px(NARROW)
        way = QBoxLayout.Direction
        self._first.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        for card in (self._step, self._size, self._checks):
            card.stand(narrow=narrow)
        self._place_lengths(beside=self._view is not None and not self._view.labels)
        self._lengths.stand(upright=narrow or self._right.indexOf(self._lengths) >= 0)

    def _place_lengths(self, *, beside: bool) -> None:
        """Where labels need no room the lengths take it; else they stand under the findings."""
        if beside != (self._right.indexOf(self._lengths) >= 0):
            if beside:
                self._right.insertWidget(0, self._lengths)
            else:
                self._left.insertWidget(self._left.count() - 1, self._lengths)

    def _show_step(self) -> None:
        """The next step; while a check or an import runs, how far it is."""
        if self._view is None:
            return
        job = self._seen_job
        self._stale.setVisible(bool(self._view.stale) and job is None and self._view.step.kind != "check")
        if job is None:
            step = self._view.step
            self._step.show_step(step.title, step.why, step.button)
        elif job.kind == "check":
            done = sum(not check.pending for check in self._view.checks) if not self._view.complete else 0
            title = trn("Checking: {n} check is done", "Checking: {n} checks are done", done)
            why = tr("What each finds is shown as soon as it is done; you can begin to decide meanwhile.")
            self._step.show_step(title, why, "")
        else:
            self._step.show_step(tr("Importing…"), tr("What was read so far is safe, even if you stop."), "")

    def _jobs_changed(self) -> None:
        job = next((one for one in self.context.jobs.shown if one.kind in ("check", "import_")), None)
        if job is not self._seen_job:
            self._seen_job = job
            self._show_step()

    def _show_readiness(self) -> None:
        if self._view is not None:
            self._readiness.show_view(readiness.view(self._keeper.held))

    # What can be done

    def actions_here(self) -> list[Action]:
        return [
            Action(
                "overview.next",
                tr("Do the next step"),
                self.take_step,
                ("N",),
                scope=self.name,
                menu="project",
                enabled=lambda: self._view is not None and self._seen_job is None,
            )
        ]

    def take_step(self) -> None:
        """Do what is shown as the next step."""
        if self._view is None or self._seen_job is not None:
            return
        step: NextStep = self._view.step
        if step.kind == "check":
            self._check()
        elif step.kind in ("import", "collect"):
            if step.where:
                self.context.go("importing", **step.where)
            else:
                self._import()
        else:
            self.context.go(step.kind, **step.where)

    def _check(self) -> None:
        self.context.registry.run("project.check")

    def _take(self, files: list[str]) -> None:
        self.context.go("importing", files=files)

    def _import(self) -> None:
        self.context.go("importing")

    def _show_taken(self, taken: Taken) -> None:
        if taken.rule in (DECISION, DISAGREEMENT):
            self.context.go("examples", ids=list(taken.examples), title=taken.title)
        else:
            self.context.go("findings", check=taken.rule)

    def _choose_provider(self, name: str) -> None:
        self.context.need_session().write(lambda project: project.set_settings(target=name))

    def _show_rejected(self, source: int) -> None:
        from ui.pages.rejected import RejectedDialog

        RejectedDialog(self, self.context, source).open()
