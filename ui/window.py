"""The window: the list of pages, the page that is shown, the menus, messages and jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFrame,
    QMainWindow,
    QMenu,
    QMessageBox,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from curator.errors import CuratorError
from ui import databases, packets
from ui.actions import Registry
from ui.commands import commands
from ui.context import Context
from ui.i18n import tr
from ui.jobs import Jobs, window_command
from ui.pages import Page
from ui.settings import Settings
from ui.theme import icon, px
from ui.widgets.basics import Scroll, button, column, label, row
from ui.widgets.chrome import Header, JobBar, Toast, TroubleBar

if TYPE_CHECKING:
    from curator.review.packets.project import PacketInfo
    from curator.store import Change, JournalEntry
    from ui.session import Session

FIRST_SIZE = (1440, 900)
SMALLEST = (800, 560)
MAKE_AFTER_MS = 800
"""What the person asked for comes first: the other pages are made after it."""


@dataclass(frozen=True)
class Place:
    """A page as the list of pages knows it. `needs_project`: it is only there with an open project."""

    name: str
    title: str
    picture: str
    module: str
    kind: str
    needs_project: bool = True
    listed: bool = True


def places() -> list[Place]:
    """The pages in their order; titles in the language in use."""
    return [
        Place("welcome", tr("Start"), "welcome", "ui.pages.welcome", "WelcomePage", False),
        Place("importing", tr("Import"), "import", "ui.pages.importing", "ImportPage", False, False),
        Place("overview", tr("Overview"), "overview", "ui.pages.overview", "OverviewPage"),
        Place("readiness", tr("Fine-tune at all?"), "check", "ui.pages.readiness", "ReadinessPage", listed=False),
        Place("examples", tr("Examples"), "examples", "ui.pages.examples", "ExamplesPage"),
        Place("findings", tr("Findings"), "findings", "ui.pages.findings", "FindingsPage"),
        Place("review", tr("Review"), "review", "ui.pages.review", "ReviewPage"),
        Place("rounds", tr("Rounds"), "rounds", "ui.pages.rounds", "RoundsPage"),
        Place("agreement", tr("Agreement"), "agreement", "ui.pages.agreement", "AgreementPage"),
        Place("adjudicate", tr("Adjudicate"), "adjudicate", "ui.pages.adjudicate", "AdjudicatePage"),
        Place("map", tr("Map"), "map", "ui.pages.map", "MapPage"),
        Place("export", tr("Export"), "export", "ui.pages.export", "ExportPage"),
        Place("releases", tr("Releases"), "export", "ui.pages.releases", "ReleasesPage", listed=False),
        Place("compare", tr("Compare"), "compare", "ui.pages.compare", "ComparePage", False),
        Place("guide", tr("Guide"), "guide", "ui.pages.guide", "GuidePage", False),
    ]


class Window(QMainWindow):
    """One window on one project, or on none yet."""

    def __init__(self, settings: Settings, jobs: Jobs | None = None):
        super().__init__()
        self.settings = settings
        self.jobs = jobs or Jobs(self)
        self.jobs.trouble.connect(self.trouble)
        self.jobs.crashed.connect(self._child_crashed)
        self.session: Session | None = None
        self.packet: PacketInfo | None = None
        """The packet that the open project was made from: then there is only a part of one round in it."""
        self.bound: str | None = None
        """In whose name alone can be decided in the open project; None where whoever sits here says who they are."""
        self.pages: dict[str, Page] = {}
        self.place = ""
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        width, height = settings.get("window.size", FIRST_SIZE)
        self.resize(width, height)
        self._build()

    # Building

    def _build(self) -> None:
        """Make everything in the window, with the theme, scale and language in use."""
        self.registry = Registry(self, self.settings)
        self.context = Context(
            self.settings,
            self.jobs,
            self.registry,
            self.session,
            self.go,
            self.tell,
            self.trouble,
            self.open_project,
            self.rebuild,
        )
        self.places = {place.name: place for place in places()}
        if self.packet is not None:
            self.places = {n: replace(p, listed=p.listed and n in packets.PAGES) for n, p in self.places.items()}
        self.pages = {}
        whole = QWidget()
        across = row(whole, 0)
        self.side = self._side()
        across.addWidget(self.side)
        right = column(spacing=0)
        across.addLayout(right, 1)
        self.header = Header(self)
        self.troubles = TroubleBar()
        self.stack = QStackedWidget()
        self.job_bar = JobBar(self.jobs)
        for part in (self.header, self.troubles):
            right.addWidget(part)
        right.addWidget(self.stack, 1)
        right.addWidget(self.job_bar)
        self.setCentralWidget(whole)
        self.toast = Toast(whole)
        self.registry.add(commands(self))
        if self.packet is not None:
            self.registry.add(packets.actions(self))
        self._menus()
        self._show_project()
        self._make_pages()

    def _make_pages(self) -> None:
        """Begin to make the pages that are not shown yet, once the window has nothing better to do."""
        self._making = [place.name for place in places() if place.name != "welcome"]
        QTimer.singleShot(MAKE_AFTER_MS, self, self._make_next)

    def _side(self) -> QFrame:
        side = QFrame()
        side.setProperty("kind", "side")
        side.setFixedWidth(px(184))
        inside = column(side, 2, (12, 16, 12, 16))
        name = label(tr("Curator"), "heading")
        name.setContentsMargins(px(12), 0, 0, px(12))
        inside.addWidget(name)
        self._page_buttons: dict[str, Any] = {}
        self._page_group = group = QButtonGroup(side)
        for place in self.places.values():
            if not place.listed:
                continue
            made = button(place.title, lambda name=place.name: self.go(name), "page")
            made.setCheckable(True)
            made.setIcon(icon(place.picture, "muted"))
            made.setIconSize(QSize(px(18), px(18)))
            group.addButton(made)
            self._page_buttons[place.name] = made
            if place.name == "guide":
                inside.addStretch(1)
            inside.addWidget(made)
        more = button(tr("Preferences"), lambda: self.registry.run("app.preferences"), "page")
        more.setIcon(icon("settings", "muted"))
        more.setIconSize(QSize(px(18), px(18)))
        inside.addWidget(more)
        return side

    def _menus(self) -> None:
        """One menu for each word that actions name; filled when it opens, since pages bring their own."""
        bar = self.menuBar()
        bar.clear()
        titles = {
            "project": tr("&Project"),
            "edit": tr("&Edit"),
            "view": tr("&View"),
            "review": tr("&Decide"),
            "help": tr("&Help"),
        }
        for name, text in titles.items():
            menu = bar.addMenu(text)
            menu.aboutToShow.connect(lambda menu=menu, name=name: self._fill(menu, name))

    def _fill(self, menu: QMenu, name: str) -> None:
        menu.clear()
        self.registry.refresh()
        scope = ""
        for action in self.registry:
            if action.menu != name or (action.scope not in ("app", self.place)):
                continue
            group = action.id.partition(".")[0]
            if scope and group != scope:
                menu.addSeparator()
            scope = group
            shown = self.registry.qt(action.id)
            shown.setEnabled(self.registry.available(action))
            menu.addAction(shown)
        if not menu.actions():
            nothing = menu.addAction(tr("Nothing to do on this page"))
            nothing.setEnabled(False)
        # What was shown as not possible now may be so in a moment; its key must not stay dead.
        menu.aboutToHide.connect(self.registry.refresh, Qt.ConnectionType.SingleShotConnection)

    def _make_next(self) -> None:
        """Make one more page while nothing else is to be done, so that its actions and keys are known."""
        if self._making:
            name = self._making.pop(0)
            if not self.places[name].needs_project or self.session is not None:
                self.page(name)
            QTimer.singleShot(0, self, self._make_next)

    def rebuild(self) -> None:
        """Make the window anew, on the same page: theme, scale or language changed."""
        from ui.app import apply_settings

        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if self.session is not None:
            self.session.forget_readers()
        here = self.place
        if here:
            self.pages[here].leave()
        self._tear_down()
        apply_settings(app, self.settings)
        self._build()
        self.go(here or "welcome")

    def _tear_down(self) -> None:
        old = self.takeCentralWidget()
        for action in self.actions():
            self.removeAction(action)
            action.deleteLater()
        self.registry.deleteLater()
        self.pages, self.place = {}, ""
        if old is not None:
            old.hide()
            old.deleteLater()

    # Pages

    def page(self, name: str) -> Page:
        """The page of this name, made now if it was not."""
        if name not in self.pages:
            place = self.places[name]
            made: Page = getattr(import_module(place.module), place.kind)(self.context)
            self.pages[name] = made
            self.stack.addWidget(_scrolled(made))
            self.registry.add(made.actions_here())
            self.registry.enter(self.place)
        return self.pages[name]

    def go(self, name: str, **where: Any) -> None:
        """Show a page; `where` says what on it."""
        if self.places[name].needs_project and self.session is None:
            name, where = "welcome", {}
        before = self.pages.get(self.place)
        page = self.page(name)
        if before is not None and before is not page:
            before.leave()
        self.place = name
        self.registry.enter(name)
        self.stack.setCurrentIndex(list(self.pages).index(name))
        # A group lets go of its choice only while it is not exclusive: a page that is not listed leaves none chosen.
        self._page_group.setExclusive(False)
        for each, made in self._page_buttons.items():
            made.setChecked(each == name)
            made.setIcon(icon(self.places[each].picture, "accent" if each == name else "muted"))
        self._page_group.setExclusive(True)
        self.header.show_place(self.places[name].title)
        page.arrive(**where)
        # Keys work at once: the focus is on the page, not on the button that led to it.
        focus = QApplication.focusWidget()
        if focus is None or focus in self._page_buttons.values() or not page.isAncestorOf(focus):
            page.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            if page.focusWidget() is None:
                page.setFocus()

    # The project

    def open_project(self, address: str, page: str = "overview") -> bool:
        """Leave the project that is open for this one; False where it cannot be opened, which is said."""
        from ui.session import Session

        try:
            project = databases.open_project(self, address)
        except CuratorError as error:
            self.trouble(str(error))
            return False
        if project is None:
            return False
        self._leave_project()
        self.packet = packets.packet_of(project)
        self.bound = self.packet.reviewer if self.packet is not None else project.me()
        self.session = Session(project, self.bound or self.reviewer())
        self.session.changed.connect(self._changed)
        self.session.reviewer_changed.connect(self._reviewer_changed)
        self.session.trouble.connect(self.trouble)
        self.settings.remember_project(databases.kept(project.address)[0])
        self.jobs.use_project(project.address, self.session.reviewer)
        self.context.session = self.session
        if self.pages or self.packet is not None:
            # They hold what they showed: with another project they are made anew, and for a packet fewer are listed.
            self._tear_down()
            self._build()
        else:
            self._make_pages()
        self._show_project()
        if project.backup:
            said = tr(
                "The project was brought to the present format; the old one is kept as {path}.", path=project.backup
            )
            self.tell(said)
        if self.packet is None:
            self.go(page)
        else:
            self.go("review", round=self.packet.round)
        return True

    def close_project(self) -> None:
        """Leave the project; what is being written is finished first."""
        if self.session is not None:
            self._leave_project()
            self._tear_down()
            self._build()
            self.go("welcome")

    def _leave_project(self) -> None:
        if self.session is None:
            return
        if self.place in self.pages:
            self.pages[self.place].leave()
        self.jobs.use_project(None, self.reviewer())
        self.session.close()
        self.session.deleteLater()
        self.session = self.packet = None

    def _reviewer_changed(self) -> None:
        assert self.session is not None
        self.jobs.use_project(self.session.project.address, self.session.reviewer)
        self._show_project()

    def reviewer(self) -> str:
        """Who decides in this window."""
        import getpass

        return self.settings.get("reviewer") or getpass.getuser()

    def _show_project(self) -> None:
        open_now = self.session is not None
        for name, made in self._page_buttons.items():
            made.setEnabled(open_now or not self.places[name].needs_project)
            if name == "welcome":
                made.setVisible(not open_now)
        where = self.session.project.where if self.session is not None else ""
        named_so = Path(where).stem if where and "://" not in where else where
        self.setWindowTitle(f"{named_so} – {tr('Curator')}" if named_so else tr("Curator"))
        self.header.show_project(named_so, where, self.session.reviewer if self.session is not None else "")
        packet = self.packet is not None
        self.header.show_work(checks=open_now and not packet, answers=open_now and packet)

    def _changed(self, change: Change) -> None:
        for page in list(self.pages.values()):
            page.changed(change)
        self.registry.refresh()

    def new_window(self) -> None:
        """Another window on the same project, in a process of its own."""
        program, *arguments = window_command()
        databases.start(program, arguments, self.session.project.address if self.session is not None else "")

    # Undo

    def undo(self) -> None:
        if self.session is not None and not self.pages[self.place].undo():
            self.session.undo(self._told)

    def redo(self) -> None:
        if self.session is not None and not self.pages[self.place].redo():
            self.session.redo(self._told)

    def _told(self, entry: JournalEntry) -> None:
        self.tell(entry.text if entry.text.endswith(".") else f"{entry.text}.")

    # Checks

    def check(self, **options: Any) -> None:
        """Run the checks in the child process; what each finds is shown as soon as it is done."""
        if self.session is None or any(job.kind == "check" for job in self.jobs.shown):
            return
        self.jobs.start("check", options, title=tr("Checking"), done=self._checked)

    def _checked(self, _result: Mapping[str, Any]) -> None:
        if self.session is not None:
            self.session.look()
        self.tell(tr("The check is done."))

    def _child_crashed(self, trace: str) -> None:
        from ui.app import reports

        reports(self.settings).save(trace)

    # Messages

    def tell(self, text: str, undo: bool = False) -> None:
        """Say something in passing; files of the project are named without their folders, as everywhere on the pages."""
        for source in self.session.project.sources() if self.session is not None else ():
            text = text.replace(f"{source.path}, ", f"{PureWindowsPath(source.path).name}, ")
        self.toast.say(text, self.undo if undo else None)

    def trouble(self, text: str) -> None:
        """Say an error; it stays until it is closed."""
        self.troubles.say(text if text.endswith((".", "?", "!")) else f"{text}.")

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.toast.place()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.open_files([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def open_files(self, files: list[str]) -> None:
        """Open a project or packets, or take data files to the import page."""
        if sent := [one for one in files if packets.is_packet(one)]:
            packets.open_packets(self, sent)
            return
        projects = [one for one in files if one.endswith(".curator") or one.startswith("postgres")]
        if projects:
            self.open_project(projects[0])
        elif files:
            self.go("importing", files=files)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.settings.set("window.size", [self.width(), self.height()])
        if self.place in self.pages:
            self.pages[self.place].leave()
        self.close_for_good()
        super().closeEvent(event)

    def close_for_good(self) -> None:
        """End the children and leave the project."""
        self._making = []
        self.jobs.close()
        if self.session is not None:
            unwritten = self.session.close()
            self.session = None
            if unwritten:
                said = tr("What you did last could not be saved: {why}", why=unwritten[0])
                QMessageBox.warning(self, tr("Curator"), said)
        self.settings.save()


class _Holder(QWidget):
    """Holds a page at least as large as it must be. A scroll area by itself would go by the height that it would like to have."""

    def __init__(self, page: Page):
        super().__init__()
        self._page = page
        page.setParent(self)
        page.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._page.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._page.resize(event.size())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return False


def _scrolled(page: Page) -> QScrollArea:
    """A page that scrolls where the window is too small for it, as at 300%, instead of making the window larger."""
    return Scroll(_Holder(page), sideways=True)
