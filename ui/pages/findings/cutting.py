"""Moving the cut of a check: by hand, or by verdicts on borderline findings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from curator.review.judging import Concluded, Pool
from curator.store import JournalEntry, Project
from ui.context import Context
from ui.i18n import tr
from ui.jobs import Job
from ui.pages.findings.asking import AskingPane
from ui.pages.findings.cut import CutPane
from ui.presenters import findings_cut as cuts
from ui.presenters.findings_cut import Asking, Threshold
from ui.presenters.findings_views import view_of
from ui.presenters.words import check_title

if TYPE_CHECKING:
    from ui.pages.findings.page import FindingsPage


class Cutting:
    """The panes for the cut, and what is done from them."""

    def __init__(self, context: Context, page: FindingsPage):
        self.context = context
        self.page = page
        self.pane = CutPane()
        self.asking = AskingPane(context)
        self.held: Threshold | None = None
        self.round: Asking | None = None
        self._job: Job | None = None
        self._busy = False
        self.pane.use.connect(self._use)
        self.pane.ask.connect(self.begin)
        self.pane.look.connect(self.look)
        self.pane.stop.connect(self._stop_looking)
        self.pane.forget.connect(self._forget)
        self.pane.closed.connect(page.show_findings)
        self.asking.answered.connect(self.answer)
        self.asking.ended.connect(self.end)

    def possible(self) -> bool:
        """Whether the check that is shown reports from a score on."""
        return cuts.can_be_moved(self.page.check)

    @property
    def is_asking(self) -> bool:
        return self.page.frame.right.currentWidget() is self.asking and self.round is not None

    def leave(self) -> None:
        """The findings are shown again. What is being looked for goes on: it is there when one comes back."""
        self.round = None

    # The slider

    def open(self) -> None:
        """Show where the check reports from; where nobody looked below the cut yet, look now."""
        if self.possible():
            self._read(lambda held: self._opened(held))

    def _opened(self, held: Threshold) -> None:
        self._show(held)
        job = self._job
        if job is not None and job.running and job.arguments["check"] == held.check:
            self.pane.show_looking((0, -1, tr("going on")))
        elif held.pool is None:
            self.look()

    def _read(self, then: Any) -> None:
        inbox, check = self.page.inbox, self.page.check
        if inbox is None:
            return

        def work(project: Project) -> Threshold:
            return cuts.threshold(project, inbox.under_cuts(project), check)

        def arrived(held: Threshold) -> None:
            if held.check == self.page.check:
                then(held)

        self.context.need_session().read(work, arrived, key="findings.cut")

    def _show(self, held: Threshold, *, stay: bool = False, said: Sequence[str] = ()) -> None:
        self.held = held
        self.round = None
        self.pane.show_threshold(held, stay=stay, said=said)
        self.page.frame.right.setCurrentWidget(self.pane)
        self.pane.slider.setFocus()

    def look(self) -> None:
        """Look for what lies below the cut, in the child process."""
        check = self.page.check
        if self._job is not None and self._job.running:
            if self._job.arguments["check"] == check:
                return
            self._stop_looking()
        title = tr("Looking for borderline findings of {check}", check=check_title(check))
        job = self.context.jobs.start(
            "ask", {"check": check}, title=title, done=self._looked, failed=self._not_looked, lane="side"
        )
        self._job = job
        job.progress.connect(lambda done, total, text: self._progress(job, (done, total, text)))
        self._progress(job, (0, -1, tr("starting")))

    def _progress(self, job: Job, progress: tuple[int, int, str]) -> None:
        held = self.pane.held
        if job is self._job and held is not None and held.check == job.arguments["check"]:
            self.pane.show_looking(progress)

    def _looked(self, _result: Any) -> None:
        self._job = None
        if self.page.frame.right.currentWidget() is self.pane:
            self._read(lambda held: self._show(held, stay=True))

    def _not_looked(self, sentence: str) -> None:
        self._job = None
        self.context.trouble(sentence)
        if self.pane.held is not None:
            self.pane.show_looking(None)

    def _stop_looking(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            if self.pane.held is not None:
                self.pane.show_looking(None)

    def _use(self, cut: float) -> None:
        held = self.held
        if held is None:
            return
        reviewer = self.context.need_session().reviewer

        def then(_entry: JournalEntry) -> None:
            self.context.tell(tr("The cut is kept; the next check goes by it."), undo=True)
            self._read(lambda new: self._show(new))

        self.context.need_session().write(lambda project: cuts.set_cut(project, held, cut, reviewer), then)

    def _forget(self) -> None:
        check = self.page.check

        def then(_entry: JournalEntry) -> None:
            self.context.tell(tr("The check uses its own cut again."), undo=True)
            self._read(lambda new: self._show(new))

        self.context.need_session().write(lambda project: project.forget_calibration(check), then)

    # One by one

    def begin(self) -> None:
        """Ask about some thirty findings around the cut."""
        held = self.held
        if held is None or held.pool is None:
            return
        pool = held.pool

        def then(found: Asking) -> None:
            if not found.questions:
                self.context.tell(tr("All of these are judged already."))
                return
            self._ask(found)

        self.context.need_session().read(lambda project: cuts.ask(project, pool), then, key="findings.ask")

    def _ask(self, asking: Asking) -> None:
        finding = asking.current
        self.round = asking
        if finding is None:
            self.end()
            return

        def then(view: Any) -> None:
            self._busy = False
            if self.round is asking:
                self.asking.show_question(asking, finding, view, self.page.names)
                self.page.frame.right.setCurrentWidget(self.asking)
                self.asking.setFocus()

        self.context.need_session().read(lambda project: view_of(project, finding), then, key="findings.question")

    def answer(self, right: bool | None) -> None:
        """Keep a verdict, and go on to the next."""
        asking, held = self.round, self.held
        if asking is None or asking.current is None or held is None or held.pool is None or self._busy:
            return
        self._busy = True
        finding, pool = asking.current, held.pool
        if right is None:
            self._ask(asking.answered(None))
            return
        session = self.context.need_session()
        session.write(
            lambda project: cuts.answer(project, pool, finding, right, session.reviewer),
            lambda _entry: self._ask(asking.answered(right)),
            self._not_kept,
        )

    def _not_kept(self, error: Exception) -> None:
        self._busy = False
        self.context.trouble(str(error))

    def end(self) -> None:
        """See what the verdicts come to: a cut, or how many more it takes."""
        asking, held = self.round, self.held
        self.round, self._busy = None, False
        if held is None or held.pool is None:
            return
        if asking is None or not asking.given:
            self._read(lambda new: self._show(new))
            return
        pool: Pool = held.pool
        session = self.context.need_session()

        def then(done: Concluded) -> None:
            self._read(lambda new: self._show(new, said=cuts.outcome(done)))

        session.write(lambda project: cuts.conclude(project, pool, session.reviewer), then)
