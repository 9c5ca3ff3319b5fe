"""Export: what each provider takes, what goes in and what stays out, and the way to the finished files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from curator.model import Decision, Verdict
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr, trn
from ui.jobs import Job
from ui.pages import Page
from ui.pages.export_budget import BudgetCard
from ui.pages.export_done import DonePanel
from ui.pages.export_fixes import FixesCard
from ui.pages.export_groups import Asks
from ui.pages.export_matrix import Matrix
from ui.pages.export_reviewers import ReviewersCard
from ui.pages.export_settings import PolicyCard, SizeCard
from ui.pages.export_summary import BelowBanner, SummaryCard, Waiting, WriteCard
from ui.presenters import export as presenter
from ui.presenters.export import Rule, View
from ui.presenters.export_choices import ABOUT_FORMATS, ASKED, Choices, Place, place_of, usual_folder
from ui.presenters.export_done import done
from ui.presenters.export_fixes import offers
from ui.presenters.export_targets import Group
from ui.theme import px
from ui.widgets.basics import EmptyState, button, column, fill, named, row

if TYPE_CHECKING:
    from curator.store import Change

SIDE = 352
NARROW = 860
"""Below this width, before scaling, the side column stands under the other one."""
TOGETHER_MS = 150
KEPT = "export.choices"
KEPT_PROJECTS = 20


class ExportPage(Page):
    name = "export"

    def __init__(self, context: Context):
        super().__init__(context)
        self._choices = self._remembered()
        self._place = Place("missing", "")
        self._view: View | None = None
        self._fresh = False
        self._asked: Job | None = None
        asks = Asks(
            self._tick,
            self._show_examples,
            self._leave_out,
            self._fix,
            self._ask_sides,
            self._choose_model,
            self._fix_title,
        )
        self.matrix = Matrix(asks)
        self.fixes = FixesCard(asks, self._fix_all)
        self.budget = BudgetCard(self._take_epochs)
        self.sizing = SizeCard(self._take)
        self.reviewers = ReviewersCard(self._take_asked, self._switch, self._show_examples)
        self.policy = PolicyCard(self._switch, self._show_examples)
        self.summary = SummaryCard(self._show_examples)
        self.below = BelowBanner(self._show_why)
        self.write = WriteCard(self._take_folder, self._take_name, self._show_why, self.start)
        self.written = DonePanel(self._back, self._show_examples, context.trouble, lambda: context.go("releases"))
        self.earlier = button(tr("Earlier releases"), lambda: context.go("releases"), "link")
        self.stack = QStackedWidget()
        self._settings = self._lay_out()
        self._empty = QWidget()
        column(self._empty)
        self._waiting = Waiting(tr("Counting…"))
        for one in (self._waiting, self._empty, self._settings, self.written):
            self.stack.addWidget(one)
        column(self).addWidget(self.stack)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(TOGETHER_MS)
        self._later.timeout.connect(self._plan)
        self.sizing.show_choices(self._choices)
        self.reviewers.show_choices(self._choices)
        self.write.name.setText(self._choices.name)

    def _lay_out(self) -> QWidget:
        whole, left = QWidget(), QWidget()
        across = row(whole, 0)
        self._main = column(left, 16, (24, 24, 12, 24))
        self._right = QWidget()
        fill(self._main, self.matrix, self.fixes, self.budget, self.sizing, self.reviewers, self.policy, None)
        fill(column(self._right, 16, (4, 24, 24, 24)), self.below, self.write, self.earlier, self.summary, None)
        self._side = _scrolling(self._right, tr("What goes out, and where to"))
        self._side.setFixedWidth(px(SIDE))
        across.addWidget(_scrolling(left, tr("Formats, size and policy")), 1)
        across.addWidget(self._side)
        return whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.width() < px(NARROW))

    def _arrange(self, narrow: bool) -> None:
        """Where there is little room, what stands at the side stands below."""
        if narrow == (self._side.widget() is None):
            return
        inside = self._right.layout()
        assert inside is not None
        if narrow:
            self._side.takeWidget()
            inside.setContentsMargins(0, 0, 0, 0)
            self._main.insertWidget(self._main.count() - 1, self._right)
        else:
            self._main.removeWidget(self._right)
            inside.setContentsMargins(px(4), px(24), px(24), px(24))
            self._side.setWidget(self._right)
        self._right.show()
        self._side.setVisible(not narrow)

    # Coming and going

    def arrive(self, **where: Any) -> None:
        if not self._fresh:
            self._plan()
        self._look_at_folder()

    def changed(self, change: Change) -> None:
        self._fresh = False
        if self.isVisible():
            self._later.start()

    def _back(self) -> None:
        self._show(self._settings)
        self._look_at_folder()
        if not self._fresh:
            self._plan()

    def _show(self, part: QWidget) -> None:
        self.stack.setCurrentWidget(part)

    # The plan

    def _plan(self) -> None:
        """Ask what an export with these choices would do; of several questions only the last is answered.

        In the child that also checks and exports: it has the last check in memory, and the export goes on from there.
        """
        if self.context.session is None:
            return
        self._fresh = True
        if self._choices.problem:
            self.summary.wait(False)
            self._show_why()
            return
        self.summary.wait(True)
        self._asked = self.context.jobs.start(
            "plan",
            self._choices.arguments(),
            title=tr("Counting"),
            done=self._planned,
            partial=self._planned,
            failed=self._not_planned,
            quiet=True,
            replace="plan",
        )
        self._asked.progress.connect(self._waiting.show_progress)
        self._show_why()

    def _planned(self, answer: Mapping[str, Any]) -> None:
        plan = answer["plan"]
        if plan is None:
            self.summary.wait(False)
            self._view = None
            self._show_need(answer["why"])
            return
        view = presenter.view(plan)
        whole = bool(view.splits) or not view.chosen
        # A first answer has no splits yet: those of the plan before stay until they are counted.
        self._view = view if whole else replace(view, splits=())
        self.summary.wait(not whole)
        self._show_formats()
        self.policy.show_rules(view.rules)
        self.reviewers.show_work(view.work)
        self.sizing.show_view(view)
        self.summary.show_view(view)
        self.below.show_below(view.below)
        if self.stack.currentWidget() in (self._waiting, self._empty):
            self._show(self._settings)
        self._show_why()

    def _show_formats(self) -> None:
        view = self._view
        if view is None:
            return
        self.matrix.show_view(view, self._choices)
        self.fixes.show_offers(offers(view, self._choices))
        self.budget.show_view(view, self._choices)

    def _not_planned(self, sentence: str) -> None:
        self.summary.wait(False)
        self.context.trouble(sentence)

    def _show_need(self, why: Sequence[str]) -> None:
        if self.stack.currentWidget() is self.written:
            self._fresh = False  # what was written stays shown; on the way back it is asked again
            return
        need = presenter.need(why)
        run = {"import": "app.import", "check": "project.check", "judge": "page.rounds"}[need.action]
        for old in self._empty.findChildren(EmptyState):
            old.hide()
            old.deleteLater()
        self.need = EmptyState(
            need.title, need.text, need.button, lambda: self.context.registry.run(run), picture="export"
        )
        layout = self._empty.layout()
        assert layout is not None
        layout.addWidget(self.need)
        self._show(self._empty)

    # Choices

    def _take(self, choices: Choices) -> None:
        kept = ("targets", "folder", *ASKED, *ABOUT_FORMATS)
        self._choices = replace(choices, **{name: getattr(self._choices, name) for name in kept})
        self._remember()
        self._later.start()

    def _take_asked(self, choices: Choices) -> None:
        self._choices = replace(self._choices, **{name: getattr(choices, name) for name in ASKED})
        self._remember()
        self._later.start()

    def _tick(self, target: str, on: bool) -> None:
        self._choose(self._choices.ticked(target, on))

    def _choose(self, choices: Choices) -> None:
        self._choices = choices
        self._remember()
        self._later.start()
        self._show_formats()
        self._show_why()

    def _fix(self, name: str, on: bool, target: str) -> None:
        self._choose(self._choices.fixed(name, on, target))

    def _fix_all(self, names: Sequence[str]) -> None:
        choices = self._choices
        for name in names:
            choices = choices.fixed(name, True)
        self._choose(choices)

    def _choose_model(self, name: str) -> None:
        self._choose(replace(self._choices, base_model=name))

    def _take_epochs(self, epochs: int) -> None:
        self._choose(replace(self._choices, epochs=epochs))

    def _fix_title(self, name: str) -> str:
        known = self._view.fixes if self._view else ()
        return next((fix.title for fix in known if fix.name == name), name)

    def _ask_sides(self, example: int, fix: str, target: str) -> None:
        """Show one example as it is and as it would be written; a fix that follows others is shown with them."""
        chosen = {*self._choices.fixes_for(target), fix}
        arguments = {"example": example, "target": target, "fixes": sorted(chosen)}
        self.fixes.wait_for_sides(self._fix_title(fix))
        self.context.jobs.start(
            "fixes",
            arguments | {"base_model": self._choices.base_model},
            lane="side",
            title=tr("Looking at a fix"),
            done=self.fixes.show_sides,
            failed=self.context.trouble,
            quiet=True,
            replace="fixes",
        )

    def _switch(self, rule: Rule, on: bool) -> None:
        self._choices = self._choices.switched(rule.name, on, rule.usual)
        self.sizing.show_choices(self._choices)
        self._remember()
        self._later.start()

    def _remembered(self) -> Choices:
        """The choices of the last time in this project, else the target that the project is made for."""
        session = self.context.session
        if session is None:
            return Choices()
        kept = self.context.setting(KEPT, {}).get(session.project.address)
        if isinstance(kept, dict):
            return Choices.remembered(kept)
        target = session.project.settings().get("target")
        folder = usual_folder(session.project.address)
        return Choices(targets=(target,), folder=folder) if target else Choices(folder=folder)

    def _remember(self) -> None:
        address = self.context.need_session().project.address
        kept = {name: one for name, one in self.context.setting(KEPT, {}).items() if name != address}
        kept = dict([*kept.items(), (address, self._choices.as_json())][-KEPT_PROJECTS:])
        self.context.settings.set(KEPT, kept)

    # The folder

    def _take_folder(self, folder: str) -> None:
        self._choices = replace(self._choices, folder=folder)
        self._remember()
        self._look_at_folder()

    def _take_name(self, name: str) -> None:
        self._choices = replace(self._choices, name=name)
        self._remember()
        self._show_why()

    def _look_at_folder(self) -> None:
        folder = self._choices.folder
        session = self.context.need_session()
        session.read(lambda _project: place_of(folder), lambda place: self._found(folder, place), key="export.folder")

    def _found(self, folder: str, place: Place) -> None:
        self._place = place
        self.write.show_folder(folder, place)
        self._show_why()

    def _show_why(self) -> None:
        self.write.show_why(self._why_not())

    def _why_not(self) -> str:
        return presenter.why_not(
            self._choices,
            self._view,
            self._place,
            replaced=self.write.replace.isChecked(),
            known=self.below.known.isChecked(),
        )

    # What is done

    def start(self) -> None:
        """Begin the export, with what was typed last."""
        self.sizing.finish_typing()
        self.reviewers.finish_typing()
        self.write.finish_typing()
        if self._why_not() or self.write.running:
            self._show_why()
            return
        arguments = self._choices.arguments() | {
            "out": self._choices.folder,
            "allow_below_minimum": self.below.known.isChecked(),
            "force": self.write.replace.isChecked(),
        }
        job = self.context.jobs.start(
            "export", arguments, title=tr("Exporting"), done=self._exported, failed=self._not_exported
        )
        self.write.follow(job)
        job.ended.connect(self._look_at_folder)
        self._show_why()

    def _exported(self, result: Mapping[str, Any]) -> None:
        self.written.show_done(done(result))
        self._show(self.written)

    def _not_exported(self, sentence: str) -> None:
        self.context.trouble(sentence)

    def _show_examples(self, ids: Sequence[int], title: str) -> None:
        self.context.go("examples", ids=list(ids), title=title)

    def _leave_out(self, group: Group) -> None:
        session = self.context.need_session()
        dropped = [Decision("", id, "", session.reviewer, Verdict.DROP, note=group.title) for id in group.ids]
        said = trn("{n} example is left out.", "{n} examples are left out.", len(dropped))
        session.decide(dropped, lambda _entry: self.context.tell(said, undo=True))

    def actions_here(self) -> list[Action]:
        return [
            Action(
                "export.start",
                tr("Export now"),
                self.start,
                ("Ctrl+Return",),
                scope="export",
                menu="project",
                enabled=lambda: self.stack.currentWidget() is self._settings and not self._why_not(),
            )
        ]


def _scrolling(inside: QWidget, name: str) -> QScrollArea:
    made = named(QScrollArea(), name)
    made.setWidget(inside)
    made.setWidgetResizable(True)
    return made
