"""What is shown: the search, the filters, and a sentence of what came of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QPushButton, QWidget
from shiboken6 import isValid

from curator.catalogue import Catalogue
from ui.i18n import tr
from ui.pages.examples.picking import Popup, ScoresPopup, WordsPopup, spans
from ui.presenters.examples import KINDS, Asked, Chip, Looked, chips, kind_title, options, scored, shown_text
from ui.theme import px
from ui.widgets.basics import SearchField, button, column, label, tip_text
from ui.widgets.flow import Flow

CHIP = 260
"""Room for the words of a filter that is in force."""
TYPING_MS = 200
"""A search begins when nobody has typed for so long."""


class FilterBar(QWidget):
    """`changed(asked)` whenever something else is asked for; `columns()` when columns are to be chosen; `left()` when the
    search is left for the rows."""

    changed = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.asked = Asked()
        self.rows: Catalogue | None = None
        self.popup: Popup | None = None
        self._compact = False
        self._there: set[str] = set()
        body = column(self, 8)
        top = QWidget()
        flow = Flow(top)
        self.search = SearchField(tr("Search in inputs and outputs"))
        self.search.setToolTip(tr("Words, the last one as it begins; “phrases” in quotes. Ctrl+F"))
        self.search.setMinimumWidth(px(280))
        self.search.textChanged.connect(self._typed)
        self.search.installEventFilter(self)
        flow.add(self.search, grow=True)
        self.buttons: dict[str, QPushButton] = {}
        for kind in (*KINDS, "scores"):
            made = button(kind_title(kind) + "  ▾", lambda kind=kind: self.open(kind))
            made.setAccessibleName(tr("Filter by: {what}", what=kind_title(kind)))
            self.buttons[kind] = made
            flow.add(made)
        self.more = button(tr("Filters") + "  ▾", self._open_more)
        self.more.setAccessibleName(tr("Choose a filter"))
        self.more.hide()
        flow.add(self.more)
        self.columns = button(tr("Columns") + "  ▾", None, "quiet", name=tr("Choose columns"))
        flow.add(self.columns)
        body.addWidget(top)
        below = QWidget()
        self._line = Flow(below)
        self.said = label("", "heading")
        self.hint = label("", "muted")
        self.clear_all = button(tr("Clear filters"), self.clear, "quiet")
        self._chips: list[QPushButton] = []
        for made in (self.said, self.hint, self.clear_all):
            self._line.add(made)
        body.addWidget(below)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._search)
        self._show()

    # Asking

    def ask(self, asked: Asked) -> None:
        """Ask for this, and tell it."""
        self.show_asked(asked)
        self.changed.emit(asked)

    def show_asked(self, asked: Asked) -> None:
        self.asked = asked
        self._typing.stop()
        if self.search.text().strip() != asked.text.strip():
            self.search.blockSignals(True)
            self.search.setText(asked.text)
            self.search.blockSignals(False)
        self._show()

    def clear(self) -> None:
        """Everything again."""
        self.ask(Asked())

    def _typed(self, _text: str) -> None:
        self._typing.start()

    def _search(self) -> None:
        if self.search.text().strip() != self.asked.text.strip():
            self.ask(replace(self.asked, text=self.search.text()))

    def find(self) -> None:
        """Begin to search."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def open(self, kind: str) -> None:
        """Open what can be chosen for a filter."""
        if self.rows is None:
            return
        under = self.more if self._compact else self.buttons[kind]
        if kind == "scores":
            found = spans(self.rows, scored(self.rows))
            longest = int(self.rows.length.max()) if len(self.rows) else 0
            self.popup = ScoresPopup(under, found, self.asked.scores, longest, self.asked.length, self._scores)
        else:
            chosen = getattr(self.asked, kind)
            listed = options(self.rows, kind)
            self.popup = WordsPopup(under, kind_title(kind), listed, chosen, lambda words: self._words(kind, words))
        self.popup.open()

    def _words(self, kind: str, words: tuple[Any, ...]) -> None:
        self.ask(replace(self.asked, **{kind: words}))

    def _scores(self, scores: dict[str, tuple[float, float]], length: tuple[float, float] | None) -> None:
        self.ask(replace(self.asked, scores=scores, length=length))

    def close_popup(self) -> None:
        """Close what is open under a filter."""
        if self.popup is not None and isValid(self.popup):
            self.popup.close()
        self.popup = None

    def show_compact(self, compact: bool) -> None:
        """Where there is little room: one button for all filters."""
        if compact != self._compact:
            self._compact = compact
            self._show_buttons()

    def _show_buttons(self) -> None:
        for kind, made in self.buttons.items():
            made.setVisible(not self._compact and kind in self._there)
        self.more.setVisible(self._compact)

    def _open_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind in self.buttons:
            if kind in self._there:
                # Once the menu is gone: one popup at a time.
                menu.addAction(kind_title(kind), lambda kind=kind: QTimer.singleShot(0, self, lambda: self.open(kind)))
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    # Showing

    def show_rows(self, rows: Catalogue) -> None:
        """The filters that there is anything for."""
        self.rows = rows
        there = {
            "checks": bool(rows.findings.any()),
            "labels": len(rows.labels) > 1,
            "sources": len(rows.sources) > 1,
            "reviewers": bool(rows.reviewers),
            "splits": bool(rows.split.any()),
            "roles": len({source.role for source in rows.sources}) > 1,
        }
        self._there = {kind for kind in self.buttons if there.get(kind, True)}
        self._show_buttons()
        self._show()

    def show_looked(self, looked: Looked, hint: str) -> None:
        """How many there are, and how they were found."""
        self.said.setText(shown_text(len(looked.ids), len(looked.rows)))
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def _show(self) -> None:
        for old in self._chips:
            self._line.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._chips = [self._chip(chip) for chip in chips(self.rows, self.asked)] if self.rows is not None else []
        self._line.removeWidget(self.clear_all)
        for made in (*self._chips, self.clear_all):
            self._line.add(made)
            made.show()
        self.clear_all.setVisible(self.asked.narrowed)
        for kind, made in self.buttons.items():
            on = bool(self.asked.scores or self.asked.length) if kind == "scores" else bool(getattr(self.asked, kind))
            if made.property("on") != on:
                made.setProperty("on", on)
                made.setStyleSheet("font-weight: 600;" if on else "")

    def _chip(self, chip: Chip) -> QPushButton:
        """A filter in force, to be taken away with a click."""
        said = self.fontMetrics().elidedText(chip.text, Qt.TextElideMode.ElideRight, px(CHIP))
        made = button(f"{said}   ×", lambda: self.ask(chip.without))
        made.setAccessibleName(tr("Take away: {filter}", filter=chip.text))
        made.setToolTip(tip_text(f"{chip.text}\n{tr('Take this filter away')}"))
        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent):
            key = event.key()
            ours = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Down)
            if event.type() is QEvent.Type.ShortcutOverride and ours:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress and ours:
                if key == Qt.Key.Key_Escape and self.search.text():
                    self.search.clear()
                self._search()
                self.left.emit()
                return True
        return super().eventFilter(watched, event)
