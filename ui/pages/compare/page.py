"""The page: which files, the comparison in the child process, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from curator.model import Role
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr
from ui.jobs import Job, Jobs
from ui.pages import Page
from ui.pages.compare.differences import ChangeCard
from ui.pages.compare.files import FilesCard
from ui.pages.compare.flips import Flips
from ui.pages.compare.measures import GeneralCard, MeasuresCard, Verdict
from ui.pages.compare.people import PeopleCard
from ui.presenters import compare as presenter
from ui.presenters.compare import Files
from ui.presenters.compare_view import View, view
from ui.theme import mono, px
from ui.widgets.basics import Banner, Card, Scroll, button, column, fill, heading, label, muted, named, row

if TYPE_CHECKING:
    from curator.store import Change

KEPT = "compare.files"
NARROW = 900
_LAST: WeakKeyDictionary[Jobs, tuple[str, Files, dict[str, Any]]] = WeakKeyDictionary()
"""What each window compared last, and in which project: the page is made anew with another theme or language."""


class ComparePage(Page):
    name = "compare"

    def __init__(self, context: Context):
        super().__init__(context)
        self.view: View | None = None
        self.compared: Files | None = None
        """The files whose comparison is shown."""
        self._job: Job | None = None
        self._make()
        self._lay_out()
        self.files.show_files(presenter.remembered(context.setting(KEPT), self._where))
        where, files, document = _LAST.get(context.jobs, ("", Files(), {}))
        if document and where == self._where:
            self.compared = files
            self._show(document)
            self.people.compared(files)
        self._count()

    @property
    def _where(self) -> str:
        return self.context.session.project.where if self.context.session is not None else ""

    def _make(self) -> None:
        self.files = FilesCard(self.context, self._remember, self.begin)
        self.how = HowCard()
        self.verdict = Verdict()
        self.leak = Banner("", "warn", tr("Show the leaks"), lambda: self.context.go("findings", check="leakage"))
        self.remarks = Banner("", "warn")
        self.measures, self.changes = MeasuresCard(), ChangeCard()
        self.changes.changes.activated_key.connect(lambda key: self._look_at(key[0]))
        self.general, self.flips = GeneralCard(), Flips()
        self.people = PeopleCard(self.context)
        self.save = button(tr("Save as a page…"), self.save_page)

    def _lay_out(self) -> None:
        self.results = QWidget()
        found = column(self.results, 16)
        below = row(spacing=8)
        fill(below, None, self.save)
        fill(found, self.verdict, self.leak, self.remarks, self.measures, self.general, self.changes, self.flips)
        found.addLayout(below)
        inside = QWidget()
        whole = column(inside, 16, (24, 16, 24, 24))
        fill(whole, self.files, self.how, self.results, self.people, None)
        self.results.hide()
        self.area = named(Scroll(inside, sideways=True), tr("Compare"))
        column(self).addWidget(self.area)

    # What is shown

    def arrive(self, **where: Any) -> None:
        self._count()

    def changed(self, change: Change) -> None:
        if change.sources:
            self._count()

    def _count(self) -> None:
        """See how many eval examples the project has."""
        if (session := self.context.session) is not None:
            session.read(lambda project: project.counts().examples[Role.EVAL], self._counted, key="compare.evals")

    def _counted(self, evals: int) -> None:
        self.files.project_evals = evals
        self.files.show_files(self.files.files)

    def _remember(self, files: Files) -> None:
        settings = self.context.settings
        settings.set(KEPT, presenter.remember(settings.get(KEPT), self._where, files))

    def _show(self, document: Mapping[str, Any]) -> None:
        shown = self.view = view(document)
        self.how.hide()
        self.results.show()
        self.verdict.show_words(shown.about, shown.headline, shown.figures, shown.shown, shown.tone)
        for banner, text, tone in (
            (self.leak, shown.leak, shown.leak_tone),
            (self.remarks, " ".join(shown.remarks), "warn"),
        ):
            banner.text.setText(text)
            banner.setVisible(bool(text))
            banner.setProperty("tone", tone)
            banner.style().unpolish(banner)
            banner.style().polish(banner)
        if self.leak.action is not None:
            self.leak.action.setVisible(shown.leak_tone == "bad")
        self.measures.show_view(shown)
        self.general.show_general(shown.general)
        self.changes.show_changes(shown.names, shown.names_reach)
        self.flips.show_view(shown)
        self._stand()

    # What is done

    def begin(self) -> None:
        """Compare the files that are chosen."""
        if self.files.ready:
            self._start(self.files.files, "")

    def _start(self, files: Files, report: str) -> None:
        self.files.busy = True
        self.files.show_state()
        self._job = self.context.jobs.start(
            "compare",
            files.order() | {"report": report},
            title=tr("Comparing"),
            done=lambda document: self._done(files, report, document),
        )
        self._job.ended.connect(self._ended)

    def _done(self, files: Files, report: str, document: dict[str, Any]) -> None:
        self.compared = files
        _LAST[self.context.jobs] = (self._where, files, document)
        self._show(document)
        self.people.compared(files)
        if report:
            self.context.tell(tr("Saved as {name}.", name=presenter.file_name(report)))
        else:
            self.area.ensureWidgetVisible(self.verdict, 0, px(16))

    def _ended(self) -> None:
        self._job = None
        self.files.busy = False
        self.files.show_state()

    def save_page(self) -> None:
        """Write what is shown as one HTML page."""
        if self.view is None or self.files.busy:
            return
        folder = self.context.setting("folder", "")
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Save as a page"), str(Path(folder) / "compare.html"), tr("Pages") + " (*.html)"
        )
        if chosen:
            self._start(self.compared or self.files.files, chosen)

    def actions_here(self) -> list[Action]:
        def here(id: str, title: str, run: Any, key: str, enabled: Any) -> Action:
            return Action(f"compare.{id}", title, run, (key,), self.name, "view", enabled)

        def shown() -> bool:
            return self.view is not None

        return [
            here("begin", tr("Compare these files"), self.begin, "Ctrl+Return", lambda: self.files.ready),
            here("worse", tr("Answers that got worse"), lambda: self.to_flips("worse"), "W", shown),
            here("better", tr("Answers that got better"), lambda: self.to_flips("better"), "B", shown),
            here("save", tr("Save the comparison as a page…"), self.save_page, "Ctrl+S", shown),
        ]

    def to_flips(self, kind: str) -> None:
        """Put the keys into the list of answers that changed this way."""
        self.flips.show_kind(kind)
        self.area.ensureWidgetVisible(self.flips, 0, px(16))
        self.flips.list.setFocus()

    def _look_at(self, label: str) -> None:
        """List the answers that changed of this label."""
        if self.view is None or not self.view.labelled:
            return
        if self.flips.only(label):
            self.area.ensureWidgetVisible(self.flips, 0, px(16))
            self.flips.list.setFocus()
        else:
            self.context.tell(tr("No answer of this label got better or worse."))

    def guide_page(self) -> str:
        return "compare"

    # Room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._stand()

    def _stand(self) -> None:
        narrow = self.width() < px(NARROW)
        self.files.stand(narrow=narrow)
        self.flips.stand(narrow=narrow)
        for made in (self.measures.measures, self.general.measures):
            made.stand(self.width())


class HowCard(Card):
    """What to bring, and how to make a file of predictions: shown until something was compared."""

    def __init__(self) -> None:
        super().__init__(spacing=8, margins=24)
        lines = "\n".join(presenter.example_lines())
        shown = label(lines)
        shown.setFont(mono())
        shown.setProperty("kind", "code")
        shown.setWordWrap(True)
        fill(
            self.body,
            heading(tr("Is the tuned model better, or is that noise?")),
            muted(
                tr(
                    "Ask both models, the one before and the tuned one, the questions of the eval set, and keep what they answer: one "
                    "line of JSON for each question, with the question or an id beside the answer. A batch of OpenAI, Anthropic, "
                    "Vertex, Bedrock or Together gives such a file back."
                )
            ),
            shown,
            muted(
                tr(
                    "Curator finds the example that each answer belongs to, measures both models on the same examples, and says how far "
                    "the difference could be chance. A second eval set, of general tasks, shows what was forgotten."
                )
            ),
        )
