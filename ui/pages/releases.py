"""Releases: what was exported, what changed from one to the next, and the way to write one again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.actions import Action
from ui.context import Context
from ui.i18n import tr
from ui.jobs import Job
from ui.pages import Page
from ui.pages.releases_parts import ChangesCard, ReleaseCard, ReleaseList
from ui.presenters import releases as presenter
from ui.presenters.releases import NOW, Line
from ui.theme import px
from ui.widgets.basics import EmptyState, Scroll, column, fill, named, row

if TYPE_CHECKING:
    from curator.store import Change

NARROW = 900
"""Below this width, before scaling, the list stands above."""


class ReleasesPage(Page):
    name = "releases"

    def __init__(self, context: Context):
        super().__init__(context)
        self._lines: tuple[Line, ...] = ()
        self._chosen: int | None = None
        self._other = NOW
        self._asked: Job | None = None
        self.list = ReleaseList(self.choose)
        self.card = ReleaseCard(self._open_folder, self.rebuild)
        self.changes = ChangesCard(self.compare_with)
        self.empty = EmptyState(
            tr("Nothing was exported yet"),
            tr(
                "Each export becomes a release with a name and a number. Here you see what changed from one to the next."
            ),
            tr("Go to the export"),
            lambda: context.go("export"),
            picture="export",
        )
        self.stack = QStackedWidget()
        self._whole = self._lay_out()
        for part in (QWidget(), self.empty, self._whole):
            self.stack.addWidget(part)
        column(self).addWidget(self.stack)

    def _lay_out(self) -> QWidget:
        whole, right = QWidget(), QWidget()
        across = row(whole, 16, (24, 24, 0, 0))
        fill(column(right, 16, (0, 0, 24, 24)), self.card, self.changes)
        right.layout().setStretch(1, 1)  # type: ignore[union-attr]
        across.addWidget(self.list)
        across.addWidget(named(Scroll(right), tr("The release")), 1)
        return whole

    # Coming and going

    def arrive(self, **where: Any) -> None:
        if "release" in where:
            self._chosen = int(where["release"])
        self._read()

    def changed(self, change: Change) -> None:
        if any(entry.action == "export" for entry in change.entries) and self.isVisible():
            self._read()
        elif self._other == NOW and self.isVisible() and (change.examples or change.sources or change.findings):
            self._compare()

    def _read(self) -> None:
        self.context.need_session().read(presenter.listed, self._show, key="releases")

    def _show(self, lines: tuple[Line, ...]) -> None:
        newer = self._lines and lines and lines[0].number != self._lines[0].number
        self._lines = lines
        if not lines:
            self.stack.setCurrentWidget(self.empty)
            return
        self.list.show_lines(lines)
        self.stack.setCurrentWidget(self._whole)
        known = {line.number for line in lines}
        self.choose(lines[0].number if newer or self._chosen not in known else self._chosen)  # type: ignore[arg-type]

    # What is chosen

    def choose(self, number: int) -> None:
        """Show a release, and what changed since the one before it."""
        self._chosen = number
        line = self._line()
        self.list.choose(number)
        self.card.show_line(line, presenter.usual_folder(self.context.need_session().project.address, line))
        others = presenter.others(self._lines, number)
        self._other = others[0].number
        self.changes.show_others(others, line.kept)
        self._compare()

    def compare_with(self, other: int) -> None:
        """Compare the release with another one, or with the project as it is now."""
        self._other = other
        self._compare()

    def _line(self) -> Line:
        return next(line for line in self._lines if line.number == self._chosen)

    def _compare(self) -> None:
        if self._chosen is None or not self._line().kept:
            return
        self.changes.wait()
        self._asked = self.context.jobs.start(
            "diff",
            presenter.sides(self._chosen, self._other),
            title=tr("Comparing releases"),
            done=self._compared,
            failed=self._not_compared,
            lane="side",
            quiet=True,
            replace="diff",
        )

    def _compared(self, document: Mapping[str, Any]) -> None:
        self.changes.show_view(presenter.view(document, {line.number: line.title for line in self._lines}))

    def _not_compared(self, sentence: str) -> None:
        self.changes.show_nothing(sentence)

    def table_rows(self) -> int:
        """How many changes are listed."""
        return self.changes.table.rowCount()

    # What is done

    def rebuild(self, folder: str) -> None:
        """Write the release again, to this folder."""
        if self._chosen is None or self.card.running:
            return
        job = self.context.jobs.start(
            "rebuild",
            {"release": self._chosen, "out": folder},
            title=tr("Writing {title} again", title=self._line().title),
            done=self._rebuilt,
            failed=self.card.show_failure,
        )
        self.card.follow(job)

    def _rebuilt(self, result: Mapping[str, Any]) -> None:
        good, said = presenter.told(result)
        self.card.show_result(good, said)

    def _open_folder(self, folder: str) -> None:
        if not Path(folder).exists():
            self.context.trouble(tr("{path} is no longer there.", path=folder))
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            self.context.trouble(tr("No program was found to open {path}.", path=folder))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        layout = self._whole.layout()
        assert layout is not None
        narrow = self.width() < px(NARROW)
        layout.setDirection(layout.Direction.TopToBottom if narrow else layout.Direction.LeftToRight)  # type: ignore[attr-defined]
        self.list.stand(above=narrow)

    def actions_here(self) -> list[Action]:
        def there() -> bool:
            return bool(self._lines) and self.stack.currentWidget() is self._whole

        return [
            Action(
                "releases.rebuild",
                tr("Write the release again"),
                lambda: self.rebuild(self.card.folder.text()),
                scope="releases",
                menu="project",
                enabled=lambda: there() and self._line().kept and not self.card.running,
            ),
        ]
