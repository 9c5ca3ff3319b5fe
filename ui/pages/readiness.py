"""Fine-tune at all? The answer with its reasons, the questions, and what production asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QWidget

from curator.errors import InputError
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr, trn
from ui.pages import Page
from ui.pages.readiness_cards import AnswerCard, CoverageCard, PointsCard, QuestionsCard
from ui.pages.readiness_keeper import Keeper
from ui.presenters import readiness as presenter
from ui.presenters.readiness import ClusterLine, PointLine
from ui.theme import px
from ui.widgets.basics import Banner, Scroll, column, fill, named, row

if TYPE_CHECKING:
    from curator.store import Change

NARROW = 1000
"""The width below which cards stand in one column."""


class ReadinessPage(Page):
    name = "readiness"

    def __init__(self, context: Context):
        super().__init__(context)
        self.keeper = Keeper.of(context)
        self.answer = AnswerCard()
        self.points = PointsCard(self._go, self.keeper.weigh)
        self.questions = QuestionsCard(self.keeper.answer, self._score)
        self.coverage = CoverageCard(self.choose, self.save, self._examples)
        self.unchecked = Banner(
            tr("There is no check that still holds: with one the data has its say, too."),
            "warn",
            tr("Check now"),
            lambda: context.registry.run("project.check"),
        )
        self.unchecked.hide()
        self._lay_out()
        self.keeper.changed.connect(self._show)
        self._show()

    def _lay_out(self) -> None:
        inside = QWidget()
        whole = column(inside, 16, (24, 24, 24, 24))
        self._across = row(spacing=16)
        left, right = column(spacing=16), column(spacing=16)
        fill(left, self.answer, self.points, self.coverage, None)
        fill(right, self.questions, None)
        self._across.addLayout(left, 3)
        self._across.addLayout(right, 2)
        whole.addWidget(self.unchecked)
        whole.addLayout(self._across)
        whole.addStretch(1)
        column(self).addWidget(named(Scroll(inside, sideways=True), tr("Fine-tune at all?")))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        way = QBoxLayout.Direction
        self._across.setDirection(way.TopToBottom if self.width() < px(NARROW) else way.LeftToRight)

    # What is shown

    def arrive(self, **where: Any) -> None:
        self.keeper.begin()
        self.setFocus()  # not on a control: what is weighed is to be read from its top
        if self.keeper.stale:
            self.keeper.weigh()

    def changed(self, change: Change) -> None:
        if self.isVisible() and self.keeper.stale and (change.findings or not self.keeper.unchecked):
            self.keeper.weigh()

    def guide_page(self) -> str:
        return "when-to-fine-tune"

    def _show(self) -> None:
        seen = presenter.view(self.keeper.held)
        self.answer.show_view(seen)
        self.questions.show_view(seen)
        note = ""
        if self.keeper.running:
            note = tr("Measuring …")
        elif not seen.points:
            note = tr("Nothing was looked at yet: the answer goes by the questions alone.")
        self.points.show_points(seen.points, note, again=not self.keeper.running)
        self.coverage.show_view(seen, self.keeper.files)
        self.coverage.choose.setEnabled(not self.keeper.running)
        self.unchecked.setVisible(self.keeper.unchecked and not self.keeper.running)

    # What can be done

    def actions_here(self) -> list[Action]:
        def is_open() -> bool:
            return self.context.session is not None and not self.context.in_packet

        return [
            Action(
                "readiness.open",
                tr("Fine-tune at all?"),
                lambda: self.context.go("readiness"),
                menu="project",
                enabled=is_open,
            ),
            Action("readiness.weigh", tr("Weigh again"), self.keeper.weigh, ("R",), scope=self.name, menu="project"),
            Action(
                "readiness.production",
                tr("Choose production inputs…"),
                self.choose,
                ("P",),
                scope=self.name,
                menu="project",
                enabled=lambda: not self.keeper.running,
            ),
            Action(
                "readiness.save",
                tr("Save what is missing…"),
                self.save,
                scope=self.name,
                menu="project",
                enabled=lambda: bool(self.keeper.held.missing),
            ),
        ]

    def choose(self) -> None:
        """Choose files of production inputs, and compare."""
        files, _ = QFileDialog.getOpenFileNames(self, tr("Production inputs"), self.context.setting("folder", ""))
        if files:
            self.keeper.cover(tuple(files))

    def save(self) -> None:
        """Write the production inputs that are not covered to a file, for answering."""
        path, _ = QFileDialog.getSaveFileName(self, tr("Save what is missing"), "missing.jsonl")
        if path:
            held = self.keeper.held
            said = trn("{n} input was written", "{n} inputs were written", len(held.missing))
            session = self.context.need_session()
            session.read(lambda _: presenter.save_missing(held, path), lambda _: self.context.tell(said))

    def _score(self, values: Any) -> None:
        try:
            self.keeper.score(dict(values))
        except InputError as error:
            self.questions.say(str(error))
        else:
            self.questions.say("")

    def _go(self, line: PointLine) -> None:
        self.context.go(line.page, **line.where)

    def _examples(self, cluster: ClusterLine) -> None:
        self.context.go("examples", ids=list(cluster.ids), title=cluster.text)
