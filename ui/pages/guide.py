"""The guide: its contents on the left, a page on the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QPushButton

from ui.actions import Action
from ui.context import Context
from ui.i18n import tr
from ui.pages import Page
from ui.presenters import guide
from ui.theme import icon, px
from ui.widgets.article import ArticleView
from ui.widgets.basics import Banner, SearchField, button, column, fill, label, named, row

NAME = Qt.ItemDataRole.UserRole


class GuidePage(Page):
    name = "guide"

    def __init__(self, context: Context):
        super().__init__(context)
        self._before: list[tuple[str, int]] = []
        self._after: list[tuple[str, int]] = []
        self.shown = ""
        across = row(self, 0)
        self.side = self._contents()
        across.addWidget(self.side)
        across.addLayout(self._reading(), 1)
        self._fill_contents()

    def _contents(self) -> QFrame:
        side = QFrame()
        side.setProperty("kind", "side")
        inside = column(side, 8, (12, 16, 8, 8))
        self.field = SearchField(tr("Search the guide"))
        self.field.installEventFilter(self)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(120)
        self._typing.timeout.connect(self._fill_contents)
        self.field.textChanged.connect(lambda: self._typing.start())
        self.field.returnPressed.connect(self._open_first)
        self.list = named(QListWidget(), tr("Pages of the guide"))
        self.list.setWordWrap(True)
        self.list.setStyleSheet("QListWidget { border: none; background: transparent; }")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._chosen)
        self.list.itemActivated.connect(self._chosen)
        fill(inside, self.field)
        inside.addWidget(self.list, 1)
        return side

    def _reading(self) -> Any:
        body = column(spacing=0)
        top = row(spacing=4, margins=(32, 12, 16, 0))
        self.back = self._arrow("back", tr("Back"), self.go_back)
        self.forward = self._arrow("forward", tr("Forward"), self.go_forward)
        fill(top, self.back, self.forward, None)
        self.untranslated = Banner(tr("There is no translation of this page yet; it is shown in English."))
        self.untranslated.setMaximumWidth(px(640))
        self.untranslated.hide()
        note = row(margins=(40, 8, 0, 0))
        note.addWidget(self.untranslated, 1)
        note.addStretch(0)
        self.view = named(ArticleView(), tr("Page of the guide"))
        self.view.followed.connect(self._follow)
        fill(body, top, note)
        body.addWidget(self.view, 1)
        return body

    def _arrow(self, picture: str, text: str, on_click: Any) -> QPushButton:
        made = button("", on_click, "quiet", name=text, tip=text)
        made.setIcon(icon(picture, "muted"))
        made.setIconSize(QSize(px(18), px(18)))
        made.setEnabled(False)
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where letters are large, the contents leave the page more than half of the room."""
        super().resizeEvent(event)
        self.side.setFixedWidth(min(px(264), int(self.width() * 0.36)))

    def arrive(self, page: str | None = None, about: str | None = None, **_where: Any) -> None:
        """Show the page asked for, the one that helps on a page of the window (`about`), or the one that was read last."""
        if page is not None and guide.exists(page):
            self.show_page(page)
        elif about is not None and about != self.name:
            self.show_page(guide.fitting(about))
        elif not self.shown:
            self.show_page(guide.INDEX)
        self.view.setFocus()

    def actions_here(self) -> list[Action]:
        def may_go_back() -> bool:
            return bool(self._before)

        def may_go_forward() -> bool:
            return bool(self._after)

        return [
            Action("guide.back", tr("Back"), self.go_back, ("Alt+Left",), "guide", "help", may_go_back),
            Action("guide.forward", tr("Forward"), self.go_forward, ("Alt+Right",), "guide", "help", may_go_forward),
            Action("guide.contents", tr("Contents of the guide"), self._to_index, ("Alt+Home",), "guide", "help"),
            Action("guide.search", tr("Search the guide"), self._search, ("Ctrl+F",), "guide", "help"),
        ]

    # Contents and search

    def _fill_contents(self) -> None:
        self.list.clear()
        typed = self.field.text().strip()
        if typed:
            self._fill_hits(typed)
            return
        for group in guide.contents():
            if group.title:
                self._add_heading(group.title)
            for entry in group.entries:
                item = QListWidgetItem(entry.title)
                item.setData(NAME, entry.name)
                self.list.addItem(item)
        self._mark_shown()

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem()
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        shown = label(text, "small", wrap=True)
        shown.setContentsMargins(px(8), 0, 0, px(2))
        shown.setAlignment(Qt.AlignmentFlag.AlignBottom)
        item.setSizeHint(QSize(0, px(40)))
        self.list.addItem(item)
        self.list.setItemWidget(item, shown)

    def _fill_hits(self, typed: str) -> None:
        hits = guide.search(typed)
        for hit in hits:
            item = QListWidgetItem()
            item.setData(NAME, hit.name)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{hit.title}: {hit.excerpt}")
            shown = _hit(hit)
            self.list.addItem(item)
            self.list.setItemWidget(item, shown)
            item.setSizeHint(QSize(0, shown.heightForWidth(self.list.viewport().width() - px(32)) + px(12)))
        if hits:
            self.list.setCurrentRow(0)
        else:
            self._add_heading(tr("No page has all these words."))

    def _mark_shown(self) -> None:
        for at in range(self.list.count()):
            if self.list.item(at).data(NAME) == self.shown:
                self.list.setCurrentRow(at)

    def _open_first(self) -> None:
        if self._typing.isActive():
            self._typing.stop()
            self._fill_contents()
        if (item := self.list.currentItem()) is not None:
            self._chosen(item)

    def _chosen(self, item: QListWidgetItem) -> None:
        if item.data(NAME):
            self.show_page(item.data(NAME))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the search field choose among what was found; Escape lets the search go."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            key = Qt.Key(event.key())
            if key in steps and self.list.count():
                now = self.list.currentRow() + steps[key]
                self.list.setCurrentRow(min(self.list.count() - 1, max(0, now)))
                return True
            if key is Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    def _search(self) -> None:
        self.field.setFocus()
        self.field.selectAll()

    # Pages

    def show_page(self, name: str, heading: str = "") -> None:
        """Show a page, and remember the one before it."""
        if self.shown and (name != self.shown or heading):
            self._before.append((self.shown, self.view.verticalScrollBar().value()))
            self._after.clear()
        self._show(name)
        if heading:
            self.view.show_heading(heading)

    def _show(self, name: str) -> None:
        page = guide.article(name)
        self.view.show_text(page.text, self.field.text().split())
        self.shown = name
        self.untranslated.setVisible(not page.translated)
        self.back.setEnabled(bool(self._before))
        self.forward.setEnabled(bool(self._after))
        if not self.field.text().strip():
            self._mark_shown()

    def go_back(self) -> None:
        self._step(self._before, self._after)

    def go_forward(self) -> None:
        self._step(self._after, self._before)

    def _step(self, source: list[tuple[str, int]], other: list[tuple[str, int]]) -> None:
        if source:
            other.append((self.shown, self.view.verticalScrollBar().value()))
            name, place = source.pop()
            self._show(name)
            self.view.verticalScrollBar().setValue(place)

    def _to_index(self) -> None:
        self.show_page(guide.INDEX)

    def _follow(self, address: str) -> None:
        """A link was clicked: a page of the guide is shown here, anything else by the system's browser."""
        found = guide.target(address, self.shown)
        if found.outside:
            QDesktopServices.openUrl(QUrl(found.outside))
        elif guide.exists(found.page):
            self.show_page(found.page, found.heading)


def _hit(hit: guide.Hit) -> QFrame:
    """A page that was found, with the words around what was searched for."""
    shown = QFrame()
    shown.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    inside = column(shown, 2, (8, 8, 8, 8))
    for text in (label(hit.title, wrap=True), label(hit.excerpt, "small", wrap=True)):
        text.ensurePolished()
        inside.addWidget(text)
    inside.addStretch(1)
    return shown
