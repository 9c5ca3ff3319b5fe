"""The page Findings: what is chosen, what is decided, and what comes next."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from curator.errors import CuratorError
from curator.store import Change, JournalEntry, Project
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr, trn
from ui.pages import Page
from ui.pages.findings import instead
from ui.pages.findings.bodies import Make
from ui.pages.findings.cutting import Cutting
from ui.pages.findings.detail import FindingPane
from ui.pages.findings.frame import Frame
from ui.pages.findings.keys import actions
from ui.pages.findings.many import ManyPane
from ui.presenters import findings as presenter
from ui.presenters import findings_deciding as deciding
from ui.presenters import labels
from ui.presenters.findings import Inbox, Row
from ui.presenters.findings_views import evidence_of, view_of
from ui.theme import px
from ui.widgets.basics import clear, column

REASONS = "findings.reasons"


class FindingsPage(Page):
    """An inbox by check, worst first."""

    name = "findings"

    def __init__(self, context: Context):
        super().__init__(context)
        self.inbox: Inbox | None = None
        self.check = ""
        self.shown = ""
        """Id of the finding that is shown."""
        self.names: list[str] = []
        self._wanted: tuple[str, str] = ("", "")
        self._stale, self._reading, self._again = True, False, False
        self._touched: set[int] = set()
        self._deciding = False
        self._done: dict[int, tuple[str, str]] = {}
        """By entry of the journal: check and finding that it decided, to come back to after an undo."""
        self._taken: set[int] = set()
        """Entries of which the inbox knows already when word of them comes round."""
        self.states = QStackedWidget()
        column(self, 0).addWidget(self.states)
        self.empty = QWidget()
        self._empty = column(self.empty, 0)
        self.frame = Frame(context)
        self.states.addWidget(self.empty)
        self.states.addWidget(self.frame)
        self.pane = FindingPane(context, lambda: self.context.settings.get(REASONS, []))
        self.many = ManyPane()
        self.cutting = Cutting(context, self)
        for pane in (self.pane, self.cutting.pane, self.cutting.asking, self.many):
            self.frame.right.addWidget(pane)
        self._connect()

    def _connect(self) -> None:
        frame = self.frame
        frame.checks.list.chosen.connect(lambda place: self._choose_check(frame.checks.model.lines[place].name))
        frame.findings.list.chosen.connect(lambda place: self._choose(frame.findings.rows[place]))
        frame.findings.filter_changed.connect(self._filter)
        frame.head.cut.connect(self.cutting.open)
        frame.head.chosen.connect(frame.checks.select)
        frame.head.many.connect(self.open_many)
        self.pane.decide.connect(self.decide)
        self.pane.bar.dismissed.connect(self._dismiss)
        self.many.go.connect(self._decide_many)
        self.many.closed.connect(self.show_findings)

    # Coming and going

    def arrive(self, check: str = "", finding: str = "", **_: Any) -> None:
        self._wanted = (check, finding) if check or finding else self._wanted
        if self.inbox is None or self._stale:
            self.refresh()
        elif check or finding:
            self._show()
        self._focus()

    def guide_page(self) -> str:
        return f"check-{self.check}" if self.check else ""

    def changed(self, change: Change) -> None:
        if change.entries and all(entry.id in self._taken for entry in change.entries) and not change.findings:
            return
        self._touched |= change.examples
        self._stale = self._stale or change.sources or change.findings or change.settings
        undone = next((e.entry for e in change.entries if e.action == "undo" and e.entry in self._done), None)
        if undone is not None:
            self._wanted = self._done[undone]
        if not self.isVisible():
            self._stale = self._stale or bool(change.examples) or change.cuts
            return
        if self._stale or change.examples or change.cuts:
            self.refresh(cuts=change.cuts)

    def refresh(self, *, cuts: bool = False) -> None:
        """Read what changed beside the window; of several wishes at once the last is done when the first is."""
        if self._reading:
            self._again = True
            self._stale = self._stale or cuts
            return
        session = self.context.need_session()
        base, touched, stale = self.inbox, frozenset(self._touched), self._stale or self.inbox is None
        self._touched, self._stale, self._reading = set(), False, True

        def work(project: Project) -> Inbox:
            if stale or base is None:
                return Inbox.load(project)
            made = base.after(project, touched) if touched else base
            return made.under_cuts(project) if cuts else made

        session.read(work, self._read, failed=self._not_read)
        if stale:
            session.read(_label_names, self._named, key="findings.names")

    def _named(self, names: list[str]) -> None:
        self.names = names

    def _read(self, found: Inbox) -> None:
        self._reading = False
        self.inbox = found
        self._show()
        if self._again or self._touched:
            self._again = False
            self.refresh(cuts=True)

    def _not_read(self, error: CuratorError) -> None:
        self._reading = False
        self.context.trouble(str(error))

    # Showing

    def _show(self) -> None:
        inbox = self.inbox
        if inbox is None:
            return
        if not inbox.total:
            self._show_empty(inbox)
            return
        self.states.setCurrentWidget(self.frame)
        self._notices(inbox)
        self.frame.checks.list.blockSignals(True)
        self.frame.checks.show_inbox(inbox)
        self._take_wanted(inbox)
        self.frame.checks.select(self.check)
        self.frame.checks.list.blockSignals(False)
        self._show_check()

    def _take_wanted(self, inbox: Inbox) -> None:
        """The check and the finding that somebody asked for; else those that are shown, while they are there."""
        (check, id), self._wanted = self._wanted, ("", "")
        row = inbox.find(id) if id else None
        if row is not None:
            self.check, self.shown = row.finding.check, row.id
            self.frame.findings.set_filter("open" if row.open else "all")
            self.show_findings(again=False)
        elif check and (line := inbox.line(check)) is not None and line.rows and check != self.check:
            self.check, self.shown = check, ""
            self.frame.findings.set_filter("open" if line.open else "all")
            self.show_findings(again=False)
        held = inbox.line(self.check)
        if held is None or not held.rows:
            self.check, self.shown = next(line.name for line in inbox.lines if line.rows), ""

    def _show_check(self) -> None:
        assert self.inbox is not None
        line = self.inbox.line(self.check)
        assert line is not None
        self.frame.head.show_line(line, self.inbox)
        listed = self.frame.findings
        before = listed.model.place(self.shown)
        listed.show_line(line)
        rows = listed.rows
        place = listed.model.place(self.shown)
        if place < 0 and rows:
            # What was shown has left the list: what moved into its place is next.
            place = min(max(before, 0), len(rows) - 1)
        if not rows:
            self.shown = ""
            self.pane.show_instead(self._none_here())
            return
        listed.select(rows[place].id)
        self._choose(rows[place])

    def _choose_check(self, check: str) -> None:
        if check != self.check and self.inbox is not None:
            self.check, self.shown = check, ""
            line = self.inbox.line(check)
            self.frame.findings.set_filter("open" if line is not None and line.open else "all")
            self.show_findings(again=False)
            self._show_check()

    def _filter(self) -> None:
        self._show_check()
        self._focus()

    def _choose(self, row: Row) -> None:
        """Show a finding; its evidence is read beside the window."""
        unchanged = row.id == self.shown and self.pane.row is not None and self.pane.row == row
        self.shown = row.id
        if not unchanged:
            self.context.need_session().read(
                lambda project: _seen(project, row), lambda seen: self._show_finding(row, *seen), key="findings.one"
            )

    def _show_finding(self, row: Row, finding: Any, view: Any) -> None:
        if row.id == self.shown:
            place = self.frame.findings.model.place(row.id) + 1
            self.pane.show_finding(row, finding, view, (place, len(self.frame.findings.rows)), self.names)
            self._focus()

    @property
    def shows_finding(self) -> bool:
        """Whether a finding stands there to be decided."""
        return self.frame.right.currentWidget() is self.pane and self.pane.body is not None

    @property
    def shows_chosen(self) -> bool:
        """Whether what stands there is the finding that is chosen in the list; while its evidence is read it still is the one
        before, and a key that is meant for the new one must not meet that."""
        return self.pane.row is not None and self.pane.row.id == self.shown

    def show_findings(self, *, again: bool = True) -> None:
        """From the cut or the heap back to the findings."""
        self.cutting.leave()
        self.frame.right.setCurrentWidget(self.pane)
        self.frame.findings.setEnabled(True)
        if again:
            self._focus()

    def _focus(self) -> None:
        if self.isVisible() and self.frame.right.currentWidget() is self.pane and not self.pane.bar.asking:
            self.frame.findings.list.setFocus()

    def _show_empty(self, inbox: Inbox) -> None:
        clear(self._empty)
        self._empty.addWidget(instead.nothing(self.context, inbox, self._check_now))
        self.states.setCurrentWidget(self.empty)

    def _none_here(self) -> QWidget:
        """Instead of a finding: the check is done with, or all of them are."""
        assert self.inbox is not None
        which = self.frame.findings.which
        return instead.decided(self.context, self.inbox, self.check, which, self.frame.checks.select)

    def _notices(self, inbox: Inbox) -> None:
        clear(self.frame.notices)
        banners = instead.notices(self.context, inbox, self._check_now)
        for banner in banners:
            self.frame.notices.addWidget(banner)
        self.frame.notices.setContentsMargins(px(24), px(12) if banners else 0, px(24), 0)

    def _check_now(self) -> None:
        self.context.registry.run("project.check")

    # Deciding

    def decide(self, make: Make) -> None:
        """Commit a decision on the finding that is shown; the next open one comes when it is on disk."""
        row = self.pane.row
        if row is not None and self.shows_chosen:
            self._commit(make, row, deciding.Who(self.context.need_session().reviewer))

    def _dismiss(self, reason: str) -> None:
        settings = self.context.settings
        settings.set(REASONS, deciding.remembered(settings.get(REASONS, []), reason))
        row, body = self.pane.row, self.pane.body
        if row is not None and body is not None and self.shows_chosen:
            who = deciding.Who(self.context.need_session().reviewer, reason)
            self._commit(lambda run, who: deciding.dismiss(run, body.finding, who), row, who)

    def _commit(self, make: Make, row: Row, who: deciding.Who) -> None:
        inbox = self.inbox
        if inbox is None or self._deciding:
            return
        try:
            deed = make(inbox.about(row), who)
        except CuratorError as error:
            self.context.trouble(str(error))
            return
        self._deciding = True

        def work(project: Project) -> tuple[JournalEntry, Inbox]:
            entry = deed(project)
            return entry, inbox.after(project, row.finding.examples)

        self.context.need_session().write(work, lambda done: self._committed(row, inbox, *done), self._refused)

    def _committed(self, row: Row, base: Inbox, entry: JournalEntry, inbox: Inbox) -> None:
        self._deciding = False
        self._done[entry.id] = (row.finding.check, row.id)
        if self.inbox is not base:
            # Something else changed meanwhile: look at these examples again.
            self._touched |= set(row.finding.examples)
            self.refresh()
            return
        self._taken.add(entry.id)
        if self._reading:
            # What is being read may not have seen this yet.
            self._touched |= set(row.finding.examples)
        line = inbox.line(row.finding.check)
        following = presenter.next_open(line.rows, row.id) if line is not None else None
        if following is not None:
            self.shown = following.id
        self.inbox = inbox
        self._show()

    def _refused(self, error: CuratorError) -> None:
        self._deciding = False
        self.context.trouble(str(error))

    def open_many(self) -> None:
        """Offer to decide all of the check at once, from a score on."""
        inbox, check = self.inbox, self.check
        if inbox is None or not inbox.finished:
            return

        def work(project: Project) -> tuple[Any, Any]:
            return deciding.of_check(project, check, True), deciding.of_check(project, check, False)

        def then(chosen: tuple[Any, Any]) -> None:
            if self.inbox is not None and check == self.check:
                self.many.show_check(self.inbox, check, *chosen)
                self.frame.right.setCurrentWidget(self.many)

        self.context.need_session().read(work, then, key="findings.many")

    def _decide_many(self, bulk: deciding.Bulk, note: str) -> None:
        assert self.inbox is not None
        session = self.context.need_session()
        first = next((row for row in self.frame_rows(bulk.check) if row.id == bulk.findings[0].id), None)
        if first is None:
            # A newer check does not have them any more: what it has is offered instead.
            self.context.tell(tr("A newer check has other findings."))
            self.open_many()
            return
        run = self.inbox.about(first)
        deed = bulk.deed(run, deciding.Who(session.reviewer, note))

        def then(entry: JournalEntry) -> None:
            self._done[entry.id] = (bulk.check, bulk.findings[0].id)
            self.show_findings()
            self.context.tell(trn("{n} finding decided.", "{n} findings decided.", len(bulk.findings)), undo=True)

        session.write(deed, then)

    def frame_rows(self, check: str) -> tuple[Row, ...]:
        """All findings of a check, whatever the filter shows."""
        line = self.inbox.line(check) if self.inbox is not None else None
        return line.rows if line is not None else ()

    # Keys

    def actions_here(self) -> list[Action]:
        return actions(self)

    def step(self, by: int) -> None:
        """The finding so many further on."""
        rows = self.frame.findings.rows
        if rows and self.frame.right.currentWidget() is self.pane:
            at = self.frame.findings.model.place(self.shown)
            self.frame.findings.list.go_to(min(max(at + by, 0), len(rows) - 1))

    def step_check(self, by: int) -> None:
        """The check so many further on."""
        lines = self.frame.checks.model.lines
        at = next((place for place, line in enumerate(lines) if line.name == self.check), 0)
        if lines:
            self.frame.checks.list.go_to(min(max(at + by, 0), len(lines) - 1))

    def back(self) -> None:
        """Out of what stands in place of the finding."""
        if self.cutting.is_asking:
            self.cutting.end()
        else:
            self.show_findings()


def _label_names(project: Project) -> list[str]:
    return [label.name for label in labels.load(project, {}).listed]


def _seen(project: Project, row: Row) -> tuple[Any, Any]:
    finding = evidence_of(project, row.run, row.finding)
    return finding, view_of(project, finding)
