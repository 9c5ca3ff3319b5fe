"""The page: asks the catalogue, shows the rows and the example beside them, and does what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget
from shiboken6 import isValid

from curator.catalogue import Catalogue
from curator.model import Decision, Verdict, content_key
from curator.store import Change, JournalEntry
from ui.actions import Action
from ui.context import Context
from ui.i18n import tr
from ui.models.examples import PAGE, ExamplesModel
from ui.pages import Page
from ui.pages.examples import keys
from ui.pages.examples.bulk import BulkDialog
from ui.pages.examples.choosing import LabelPopup, SelectionBar
from ui.pages.examples.detail import DetailPane
from ui.pages.examples.filters import FilterBar
from ui.pages.examples.indexing import Indexing
from ui.pages.examples.table import ExamplesTable
from ui.presenters import examples_bulk
from ui.presenters.examples import (
    SIMILARITY,
    Asked,
    Column,
    Detail,
    Like,
    Looked,
    RowText,
    chips,
    columns,
    first_rows,
    look,
    read_detail,
    read_labels,
    similarity_column,
    words_of,
)
from ui.presenters.labels import Labels
from ui.presenters.providers import OfProviders, of_providers
from ui.theme import px
from ui.widgets.basics import EmptyState, column

NARROW = 860
"""Below this width of the grid the example stands under the table instead of beside it."""
LOW = 640
"""Below this height, too, there is room for one of the two alone."""
DWELL_MS = 30
"""A row that the keys only pass is not read."""
LIKE_LIMIT = 200
FIRST = 400
"""Rows that are shown while the rest is being read."""
SORTED_DOWN_FIRST = ("findings", "leakage", "outlier", "duplicate_similarity", "length")


class ExamplesPage(Page):
    name = "examples"

    def __init__(self, context: Context):
        super().__init__(context)
        session = context.need_session()
        self.session = session
        self.asked = Asked()
        self.looked: Looked | None = None
        self.labels = Labels()
        self._stale = True
        self._want_row: int | None = None
        self.model = ExamplesModel(session)
        self.filters = FilterBar()
        self.table = ExamplesTable(self.model, context.settings, columns())
        self.detail = DetailPane()
        self.bar = SelectionBar(lambda id: context.registry.run(id))
        self.indexing = Indexing(session)
        self._single = False
        self.sort, self.descending = self._remembered_sort()
        self._dwell = QTimer(self)
        self._dwell.setSingleShot(True)
        self._dwell.setInterval(DWELL_MS)
        self._dwell.timeout.connect(self._read_detail)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.empty = EmptyState(
            tr("No examples yet"),
            tr("The project holds no examples. Import a file, and each of its records stands here as a row."),
            tr("Import a file"),
            lambda: self.context.go("importing"),
            picture="examples",
        )
        self.no_match = EmptyState(
            tr("No example matches"),
            tr("Nothing meets all of the filters. Take one away, or begin anew."),
            tr("Clear filters"),
            self.filters.clear,
            picture="search",
        )
        self.loading = EmptyState(tr("Reading the examples …"), tr("A moment: this is done once after opening."))
        self.views = QStackedWidget()
        self.detail.hide()  # until there is an example to show in it
        for view in (self.loading, self.table, self.no_match, self.empty):
            self.views.addWidget(view)
        self.views.setMinimumSize(px(160), px(96))
        left = self.left = QWidget()
        beside = column(left, 8)
        beside.addWidget(self.views, 1)
        beside.addWidget(self.bar)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(px(12))
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.detail)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.splitterMoved.connect(lambda *_: self._remember_sizes())
        body = column(self, 12, (24, 16, 24, 16))
        body.addWidget(self.filters)
        body.addWidget(self.splitter, 1)

    def _connect(self) -> None:
        self.detail.providers.asked.connect(self._ask_providers)
        self.filters.changed.connect(self.ask)
        self.filters.left.connect(self.take_keys)
        self.filters.columns.clicked.connect(self._open_columns)
        self.table.sort_asked.connect(self._sort_by)
        self.table.looked_at.connect(lambda _id: self._dwell.start())
        self.table.chosen.connect(self._show_selection)
        self.table.columns_changed.connect(self._columns_chosen)
        self.table.doubleClicked.connect(lambda _index: self.open_detail())
        self.detail.act.connect(lambda id: self.context.registry.run(id))
        self.detail.finding.connect(lambda check, id: self.context.go("findings", check=check, finding=id))
        self.detail.saved.connect(self._save_edit)
        self.detail.edit_left.connect(self.leave_edit)
        self.indexing.moved.connect(self._show_hint)
        self.indexing.finished.connect(self._indexed)
        self.session.catalogue_changed.connect(self._catalogue_changed)

    # Coming and going

    def arrive(self, **where: Any) -> None:
        """`ids`, `title`: these examples; `check`: those with a finding of it; `example`, `like`: those like that one;
        nothing: go on where one was."""
        self._show_keys()
        self.indexing.start()
        if where.get("ids") is not None:
            ids = np.array(sorted({int(id) for id in where["ids"]}), np.int64)
            self.filters.ask(Asked(ids=ids, title=str(where.get("title") or "")))
        elif where.get("check"):
            self.filters.ask(Asked(checks=(str(where["check"]),)))
        elif where.get("example") is not None:
            self._want_row = int(where["example"])
            if where.get("like"):
                self.like(self._want_row)
            else:
                self.filters.ask(Asked())
        elif self._stale:
            self.ask(self.asked)
        self.take_keys()

    def leave(self) -> None:
        self.filters.close_popup()

    def changed(self, change: Change) -> None:
        self.model.refresh(change.examples)
        shown = self.detail.detail
        if shown is not None and (change.findings or shown.example.id in change.examples):
            self._dwell.start()
        if change.findings or change.sources:
            self._stale = True
            self._read_labels()
        if change.sources or change.examples:
            self.indexing.start_later()

    def _catalogue_changed(self) -> None:
        rows: Catalogue = self.session.catalogue
        self.filters.show_rows(rows)
        if self._stale or self.model.rows is None or self.model.rows.ids is not rows.ids:
            if self.isVisible():
                self.ask(self.asked)
            return
        self.model.update_rows(rows)
        self._show_selection()
        if self.detail.detail is not None:
            self.detail.show_standing(rows)

    # What is shown

    def ask(self, asked: Asked) -> None:
        """Find what is asked for, beside the window, and show it."""
        if asked.like is not None and self.asked.like is not asked.like:
            self.sort, self.descending = SIMILARITY, False
        elif asked.like is None and self.sort == SIMILARITY:
            self.sort, self.descending = self._remembered_sort()
        self.asked = asked
        rows = self.session.catalogue
        if rows is None:
            self.session.read(
                lambda project: first_rows(project, FIRST, PAGE), self._show_first, key="examples.look", quick=True
            )
            return
        self._stale = False
        sort, descending = self.sort, self.descending
        self.session.read(
            lambda project: look(project, rows, asked, sort, descending),
            self._show_looked,
            key="examples.look",
            quick=not asked.text.strip(),
        )

    def _show_first(self, found: tuple[np.ndarray, dict[int, RowText]]) -> None:
        """The first rows, before all are read: sorted and filtered they are once the catalogue is there."""
        ids, texts = found
        if self.looked is None and len(ids):
            self.model.show_first(ids, texts)
            self.filters.said.setText(tr("Reading the examples …"))
            self.views.setCurrentWidget(self.table)
            self.table.choose_row(0)
            self.take_keys()

    def _show_looked(self, looked: Looked) -> None:
        current = self._want_row if self._want_row is not None else self.table.current_id
        self._want_row = None
        self.looked = looked
        like = self.asked.like
        cosines = {} if like is None else dict(zip(like.ids.tolist(), like.cosines.tolist(), strict=True))
        self._fill_columns()
        self.model.show(looked, cosines)
        self.filters.show_rows(looked.rows)
        self._show_hint()
        if not len(looked.rows):
            self.views.setCurrentWidget(self.empty)
        else:
            self.views.setCurrentWidget(self.table if len(looked.ids) else self.no_match)
        self.filters.setVisible(len(looked.rows) > 0)
        self._show_sides()
        if len(looked.ids):
            row = self.model.row_of(current) if current is not None else 0
            self.table.choose_row(max(0, row))
            self._dwell.start()
        else:
            self.detail.show_nothing()
        self._show_selection()
        if self.hasFocus() or self.window().focusWidget() is None:
            self.take_keys()
        if not self.labels:
            self._read_labels()
        if self.session.catalogue is not looked.rows:
            self._catalogue_changed()

    def _fill_columns(self) -> None:
        like = similarity_column() if self.asked.like is not None else None
        self.table.fill_columns(like)
        self._show_sort()

    def _columns_chosen(self) -> None:
        row = self.table.currentIndex().row()
        self._fill_columns()
        if row >= 0:
            self.table.choose_row(row)

    def _show_sort(self) -> None:
        head = self.table.horizontalHeader()
        names = [one.sort or one.name for one in self.model.columns]
        head.setSortIndicatorShown(self.sort in names)
        if self.sort in names:
            down = Qt.SortOrder.DescendingOrder if self.descending else Qt.SortOrder.AscendingOrder
            head.setSortIndicator(names.index(self.sort), down)

    def _show_hint(self) -> None:
        if self.looked is not None:
            self.filters.show_looked(self.looked, self.indexing.hint(self.looked.by_words))

    def _indexed(self) -> None:
        """Words are found by the index from now on: what was looked for without it is looked up again."""
        if self.looked is not None and self.looked.by_words is False:
            self.ask(self.asked)
        self._show_hint()

    def _sort_by(self, chosen: Column) -> None:
        sort = chosen.sort or chosen.name
        if chosen.sort is None and chosen.name != SIMILARITY:
            return
        if sort == self.sort:
            self.descending = not self.descending
        else:
            self.sort, self.descending = sort, sort in SORTED_DOWN_FIRST
        if sort != SIMILARITY:
            self.context.settings.set("examples.sort", [self.sort, self.descending])
        self._show_sort()
        self.ask(self.asked)

    def _remembered_sort(self) -> tuple[str, bool]:
        kept = self.context.setting("examples.sort") or ["id", False]
        known = {one.sort for one in columns()}
        return (str(kept[0]), bool(kept[1])) if kept[0] in known else ("id", False)

    def _open_columns(self) -> None:
        under = self.filters.columns
        self.table.column_menu().popup(under.mapToGlobal(under.rect().bottomLeft()))

    # The example beside the table

    def _read_detail(self) -> None:
        id = self.table.current_id
        if id is None:
            self.detail.show_nothing()
        else:
            self.session.read(
                lambda project: read_detail(project, id), self._show_detail, key="examples.detail", quick=True
            )

    def _show_detail(self, detail: Detail) -> None:
        self.detail.show_detail(detail, self.session.catalogue, words_of(self.asked.text))

    def _ask_providers(self) -> None:
        shown = self.detail.detail
        if shown is not None:
            example = shown.example
            self.session.read(lambda _project: of_providers(example), self._show_providers, key="examples.providers")

    def _show_providers(self, found: OfProviders) -> None:
        if self.detail.detail is not None and self.detail.detail.example.id == found.id:
            self.detail.providers.show_asked(found)

    def _read_labels(self) -> None:
        rows = self.session.catalogue
        if rows is not None:
            self.session.read(lambda project: read_labels(project, rows), self._take_labels, key="examples.labels")

    def _take_labels(self, found: Labels) -> None:
        self.labels = found
        self.detail.show_labels(found)
        self.bar.show_labels(found)

    def open_detail(self) -> None:
        """Read the example with the keys: arrows scroll it."""
        self._show_sides(reading=True)
        self.detail.view.setFocus()

    def _show_sides(self, reading: bool = False) -> None:
        """Rows and example beside each other; where there is no room for both, one of them."""
        there = self.looked is None or len(self.looked.ids) > 0
        alone = there and self._single and (reading or self.detail.editing)
        self.left.setVisible(not alone)
        self.detail.setVisible(there and (not self._single or alone))
        self.detail.rows.setVisible(alone)

    def take_keys(self) -> None:
        """Back to the rows."""
        self._show_sides()
        if self.detail.editing:
            self.detail.editor.edit_on()
        elif self.views.currentWidget() is self.table:
            self.table.setFocus()
        else:
            self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            self.setFocus()

    def back(self) -> None:
        """Out of an edit, or back to the rows."""
        if self.detail.editing:
            self.leave_edit()
        else:
            self.take_keys()

    # Deciding

    def _show_selection(self) -> None:
        if self.looked is not None:
            self.bar.show_selection(self.table.selected_count(), len(self.looked.ids), self._single)

    @property
    def has_rows(self) -> bool:
        """Whether anything can be decided on now."""
        there = self.looked is not None and self.table.current_id is not None
        return there and self.views.currentWidget() is self.table

    def decide(self, verdict: Verdict, value: str | None = None) -> None:
        """On the selected rows: at once on one, with a preview on several."""
        if self._unsaved():
            return
        ids = self.table.selected_ids()
        if len(ids) > 1:
            self._decide_many(ids, verdict, value)
        elif self.table.current_id is not None:
            self._decide_one(self.table.current_id, verdict, value)

    def decide_all(self, verdict: Verdict) -> None:
        """On everything that is shown, with a preview."""
        if not self._unsaved() and self.looked is not None and len(self.looked.ids):
            self._decide_many(self.looked.ids, verdict, None)

    def plan_round(self) -> None:
        """Give the selected rows, or else everything that is shown, to several reviewers."""
        selected = self.table.selected_ids()
        ids = selected if len(selected) > 1 or self.looked is None else self.looked.ids
        rows = self.session.catalogue
        said = [chip.text for chip in chips(rows, self.asked)] if rows is not None else []
        said += [f"“{self.asked.text}”"] if self.asked.text else []
        self.context.go("rounds", ids=[int(id) for id in ids], title=" · ".join(said))

    def _decide_one(self, id: int, verdict: Verdict, value: str | None) -> None:
        me = self.session.reviewer
        shown = self.detail.detail
        seen = shown.key if shown is not None and shown.example.id == id else ""
        kept = (
            examples_bulk.kept_dismissals(shown, me) if verdict is Verdict.KEEP and seen and shown is not None else None
        )
        if verdict is Verdict.KEEP and not seen:
            # Not read yet: what this reviewer dismissed before is looked up, so that it stays dismissed.
            self._write_many(np.array([id]), verdict, value, "")
            return
        self.session.decide([Decision("", id, seen, me, verdict, value or kept)], self._told)

    def _decide_many(self, ids: np.ndarray, verdict: Verdict, value: str | None) -> None:
        dialog = BulkDialog(self.context, self.session.catalogue, ids, verdict, self.labels, self.window(), value)
        if dialog.exec() and dialog.bulk is not None and len(dialog.bulk.ids):
            note = dialog.note.text().strip()
            self._write(dialog.bulk, note)
        dialog.deleteLater()
        self.take_keys()

    def _write_many(self, ids: np.ndarray, verdict: Verdict, value: str | None, note: str) -> None:
        made = examples_bulk.bulk(self.session.catalogue, ids, verdict, value, self.session.reviewer)
        if len(made.ids):
            self._write(made, note)

    def _write(self, made: examples_bulk.Bulk, note: str) -> None:
        me = self.session.reviewer
        if len(made.ids) >= examples_bulk.MANY:
            self.context.tell(examples_bulk.working_text(made))
        self.session.write(lambda project: examples_bulk.decide(project, made, me, note), self._told)

    def _told(self, entry: JournalEntry) -> None:
        self.context.tell(entry.text if entry.text.endswith(".") else f"{entry.text}.", undo=True)

    def relabel(self) -> None:
        """Choose a label: for one row from a list, for several in the preview."""
        if not self.labels or self._unsaved():
            return
        ids = self.table.selected_ids()
        if len(ids) > 1:
            self._decide_many(ids, Verdict.RELABEL, None)
        elif self.detail.detail is not None:
            under = self.detail.buttons["relabel"]
            popup = LabelPopup(under, self.labels, self.detail.detail, lambda name: self.decide(Verdict.RELABEL, name))
            popup.open()

    def label_on(self, key: int) -> None:
        """Give the label of a number key."""
        found = self.labels.on_key(key)
        if found is not None:
            self.decide(Verdict.RELABEL, found.name)

    # Editing

    def edit(self) -> None:
        """Edit the example in place."""
        if self.detail.detail is None or self._unsaved():
            return
        self._show_sides(reading=True)
        self.detail.edit()

    def leave_edit(self) -> None:
        self.detail.leave_edit()
        self._read_detail()
        self.take_keys()

    def _save_edit(self, messages: str | None) -> None:
        shown = self.detail.editor.example
        self.detail.leave_edit()
        self.take_keys()
        if messages is None or shown is None:
            self.context.tell(tr("Nothing was changed."))
            return
        # Others may have changed it meanwhile: what was seen is what the fields began with.
        seen, me = content_key(shown), self.session.reviewer
        self.session.decide([Decision("", shown.id, seen, me, Verdict.EDIT, messages)], self._told)

    def _unsaved(self) -> bool:
        if self.detail.editing:
            self.context.tell(tr("Save the edit (Ctrl+Enter) or leave it (Esc) first."))
            self.detail.editor.edit_on()
        return self.detail.editing

    # More like this

    def like(self, id: int | None = None) -> None:
        """Show the examples that mean much the same as one."""
        wanted = id if id is not None else self.table.current_id
        if wanted is None:
            return
        self.context.jobs.start(
            "similar",
            {"example": wanted, "limit": LIKE_LIMIT},
            title=tr("Looking for examples like this one"),
            done=lambda told: self._show_like(wanted, told),
            lane="side",
            replace="similar",
        )

    def _show_like(self, id: int, told: Mapping[str, Any]) -> None:
        if not isValid(self):
            return  # the window was made anew meanwhile
        if not told["ids"]:
            self.context.tell(tr("There is no other example to compare with."))
            return
        # The example itself stands on top, to compare with.
        ids = np.array([id, *told["ids"]], np.int64)
        cosines = np.array([1.0, *told["cosines"]])
        self._want_row = id
        self.filters.ask(Asked(like=Like(id, ids, cosines)))
        self.take_keys()

    # The rest

    def actions_here(self) -> list[Action]:
        return keys.actions(self)

    def _show_keys(self) -> None:
        registry = self.context.registry
        self.detail.show_keys(lambda id: registry.shown_keys(id) if id in registry else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= px(NARROW)
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        self.filters.show_compact(not wide)
        single = not wide and self.height() < px(LOW)
        if single != self._single:
            self._single = single
            self._show_sides()
            self._show_selection()
        if self.splitter.orientation() != wanted or not self.splitter.property("sized"):
            self.splitter.setOrientation(wanted)
            self.splitter.setProperty("sized", True)
            kept = self.context.setting("examples.split", 0.62) if wide else 0.6
            room = self.width() if wide else self.height()
            self.splitter.setSizes([int(room * kept), int(room * (1 - kept))])

    def _remember_sizes(self) -> None:
        first, second = self.splitter.sizes()
        if self.splitter.orientation() == Qt.Orientation.Horizontal and first + second:
            self.context.settings.set("examples.split", round(first / (first + second), 3))
