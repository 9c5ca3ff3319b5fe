"""The map: all examples as points, near each other where their inputs mean much the same."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from curator.model import Example
from curator.store import Change
from ui.actions import Action
from ui.context import Context
from ui.i18n import number, tr, trn
from ui.jobs import Job
from ui.pages import Page
from ui.presenters.map import Coloring, Columns, colored, columns_of, kind_title, kinds, status_text
from ui.theme import color, palette_series, px
from ui.widgets.basics import Card, EmptyState, button, column, fill, heading, label, muted, named, row
from ui.widgets.example_view import ExampleView
from ui.widgets.flow import Flow
from ui.widgets.legend import Legend
from ui.widgets.map_card import MapCard
from ui.widgets.scatter import LASSO, PAN, STEP, Scatter

ASK_BEYOND = 2_000
"""Texts to embed beyond which the page asks before it begins: more takes longer than one likes to wait unasked."""
DWELL_MS = 60


class MapPage(Page):
    """The picture, the legend, and the example that was clicked."""

    name = "map"

    def __init__(self, context: Context):
        super().__init__(context)
        self._ids = np.zeros(0, dtype=np.int64)
        self._columns: Columns | None = None
        self._coloring: Coloring | None = None
        self._only = -1
        self._lassoed = np.zeros(0, dtype=np.int64)
        self._picked: Example | None = None
        self._job: Job | None = None
        self._asked = self._stale = False
        self._folder: Path | None = None
        self._dwell = QTimer(self)
        self._dwell.setSingleShot(True)
        self._dwell.setInterval(DWELL_MS)
        self._dwell.timeout.connect(self._fetch_hovered)
        self._hovered = -1
        self._build()
        if context.session is not None:
            context.session.catalogue_changed.connect(self._take_catalogue)

    # Building

    def _build(self) -> None:
        self.stack = QStackedWidget()
        column(self).addWidget(self.stack)
        self.empty: EmptyState | None = None
        self._whole = QWidget()
        body = column(self._whole, 12, (24, 16, 24, 16))
        body.addLayout(self._tools())
        across = QSplitter(Qt.Orientation.Horizontal)
        across.setChildrenCollapsible(False)
        across.setHandleWidth(px(16))
        across.addWidget(self._picture())
        across.addWidget(self._side())
        across.setStretchFactor(0, 1)
        across.setStretchFactor(1, 0)
        across.setSizes([px(860), px(320)])
        body.addWidget(across, 1)
        self.stack.addWidget(self._whole)
        self.setFocusProxy(self.scatter)

    def _tools(self) -> Flow:
        line = Flow()
        self.by = named(QComboBox(), tr("Colour by"))
        self.by.currentIndexChanged.connect(lambda _: self._recolor())
        self.pan_tool = button(tr("Move"), lambda: self._use(PAN), tip=tr("Drag to move the map"))
        self.lasso_tool = button(
            tr("Lasso"),
            lambda: self._use(LASSO),
            tip=tr("Drag around points to select them; Shift and drag does the same"),
        )
        for made in (self.pan_tool, self.lasso_tool):
            made.setCheckable(True)
        self.pan_tool.setChecked(True)
        nearer = button("+", lambda: self.scatter.zoom(STEP), name=tr("Zoom in"), tip=tr("Zoom in (+)"))
        away = button("−", lambda: self.scatter.zoom(1 / STEP), name=tr("Zoom out"), tip=tr("Zoom out (−)"))
        whole = button(tr("Show all"), lambda: self.scatter.fit(), tip=tr("Show all points (0)"))
        for made in (nearer, away):
            made.setFixedWidth(px(44))
        self.state = muted("", wrap=False)
        colored_by = label(tr("Colour by"), "muted")
        colored_by.setBuddy(self.by)
        for made in (colored_by, self.by, self.pan_tool, self.lasso_tool, nearer, away, whole, self.state):
            line.add(made)
        return line

    def _picture(self) -> QWidget:
        made = QWidget()
        body = column(made, 8)
        frame = Card(margins=1)
        self.scatter = named(Scatter(), tr("Map of the examples"))
        self.scatter.setAccessibleDescription(
            tr("Arrows move, plus and minus zoom, 0 shows all, Enter picks the example in the middle.")
        )
        self.scatter.hovered.connect(self._hover)
        self.scatter.picked.connect(self._pick)
        self.scatter.lassoed.connect(self._take_lasso)
        frame.body.addWidget(self.scatter)
        self.card = MapCard(self.scatter)
        self.selection = QFrame()
        self.selection.setProperty("kind", "banner")
        line = Flow(self.selection)
        line.setContentsMargins(px(16), px(8), px(8), px(8))
        self.selected = label("")
        self.to_table = button(tr("Show in the table"), self._show_lassoed, "primary")
        line.add(self.selected, grow=True)
        for made_for_it in (button(tr("Clear"), self._clear_lasso, "quiet"), self.to_table):
            line.add(made_for_it)
        self.selection.hide()
        body.addWidget(frame, 1)
        body.addWidget(self.selection)
        return made

    def _side(self) -> QWidget:
        side = QWidget()
        side.setMinimumWidth(px(200))
        body = column(side, 16)
        self.legend = Legend()
        self.legend.chosen.connect(self._show_only)
        inside = QScrollArea()
        inside.setWidgetResizable(True)
        inside.setWidget(self.legend)
        inside.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside.viewport().setAutoFillBackground(False)
        self.legend.setAutoFillBackground(False)
        colors = Card(margins=(8, 12, 8, 8))
        self.legend_title = heading("")
        self.legend_title.setContentsMargins(px(8), 0, 0, 0)
        fill(colors.body, self.legend_title, inside)
        self.detail = self._detail()
        body.addWidget(colors, 1)
        body.addWidget(self.detail, 1)
        return side

    def _detail(self) -> QWidget:
        made = Card(margins=(16, 12, 16, 12))
        self.where = label("", "small")
        self.view = ExampleView()
        table = button(tr("In the table"), self._picked_to_table, tip=tr("Show this example on the page Examples"))
        like = button(tr("More like this"), self._more_like, tip=tr("The examples that mean nearly the same"))
        close = button("×", self._close_detail, "quiet", name=tr("Close"), tip=tr("Close"))
        top, actions = row(spacing=8), Flow()
        fill(top, self.where, None, close)
        actions.add(table)
        actions.add(like)
        body = made.body
        assert isinstance(body, QVBoxLayout)
        body.addLayout(top)
        body.addWidget(self.view, 1)
        body.addLayout(actions)
        made.hide()
        return made

    # Arriving

    def arrive(self, **where: Any) -> None:
        session = self.context.need_session()
        session.read(lambda project: sum(project.counts().examples.values()), self._begin, key="map-count")
        if self._columns is None and session.catalogue is not None:
            self._take_catalogue()

    def changed(self, change: Change) -> None:
        if change.sources:
            self._stale = True
            if self.isVisible():
                self.arrive()

    def leave(self) -> None:
        self.card.hide()

    def _begin(self, count: int) -> None:
        if not count:
            self._show_empty(
                tr("Nothing to map yet"),
                tr("Import a file of examples. Then each is a point here, near those that mean much the same."),
                tr("Import a file"),
                lambda: self.context.go("importing"),
            )
        elif self._job is None and (self._stale or not len(self._ids)):
            self._start(ask=not self._asked)

    def _show_empty(self, title: str, text: str, action: str | None = None, then: Any = None) -> None:
        old, self.empty = self.empty, EmptyState(title, text, action, then, picture="map")
        self.stack.addWidget(self.empty)
        self.stack.setCurrentWidget(self.empty)
        if old is not None:
            self.stack.removeWidget(old)
            old.deleteLater()

    # The layout

    def _start(self, *, ask: bool) -> None:
        self._stale = False
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="curator-map-"))
            # Taken away with the page, or at the latest with the program.
            self.destroyed.connect(weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True))
        arguments: dict[str, Any] = {"folder": str(self._folder)} | ({"at_most": ASK_BEYOND} if ask else {})
        if not len(self._ids):
            self._show_empty(tr("Drawing the map"), tr("Reading what the examples mean."))
        self._job = self.context.jobs.start(
            "projection",
            arguments,
            title=tr("Drawing the map"),
            done=self._done,
            failed=self._failed,
            partial=self._take,
            lane="side",  # with `similar`, which asks for the same vectors; a check or an export does not wait for a map
        )
        self._job.progress.connect(self._tell_progress)
        self._job.cancelled.connect(self._stopped)
        self.destroyed.connect(self._job.cancel)  # its folder goes with the page

    def _tell_progress(self, done: int, total: int, text: str) -> None:
        if self.empty is not None and self.stack.currentWidget() is self.empty:
            share = f" {number(done)} / {number(total)}" if total > 0 else ""
            self.empty.text.setText(f"{text}{share}")

    def _done(self, result: Mapping[str, Any]) -> None:
        self._job = None
        if result.get("missing"):
            self._show_empty(
                tr("The map needs the meaning of the texts"),
                trn(
                    "{n} text has not been read for its meaning yet. It is done once, and the checks use it too.",
                    "{n} texts have not been read for their meaning yet. It is done once, and the checks use it too.",
                    result["missing"],
                ),
                tr("Read them now"),
                self._start_unasked,
            )
            return
        self._take(result)

    def _start_unasked(self) -> None:
        self._asked = True
        self._start(ask=False)

    def _failed(self, sentence: str) -> None:
        self._job = None
        self.state.setText("")
        self.context.trouble(sentence)
        self._offer_again(tr("The map could not be drawn"), sentence)

    def _stopped(self) -> None:
        self._job = None
        self.state.setText("")
        self._offer_again(tr("The map was stopped"), tr("What was read so far is kept."))

    def _offer_again(self, title: str, text: str) -> None:
        """A picture that is there stays; without one there is a way to try again."""
        if not len(self._ids):
            self._show_empty(title, text, tr("Try again"), self._start_unasked)

    def _take(self, told: Mapping[str, Any]) -> None:
        """A layout on its way, or the last one."""
        path = Path(told["path"])
        points = np.load(path, allow_pickle=False)
        path.unlink()
        ids = np.load(told["ids"], allow_pickle=False)
        if not np.array_equal(ids, self._ids):
            self._ids, self._columns = ids, None
            self._close_detail()
            self._clear_lasso()
        self.scatter.show_points(points)
        self.state.setText(status_text(told["method"], told["done"], told["total"]))
        if self._columns is None:
            self._take_catalogue()
        self._uncover()

    def _uncover(self) -> None:
        """Show the map in the place of what was said meanwhile; its keys work at once."""
        if self.stack.currentWidget() is self._whole:
            return
        self.stack.setCurrentWidget(self._whole)
        focus = QApplication.focusWidget()
        if self.isVisible() and (focus is None or self.isAncestorOf(focus)):
            self.scatter.setFocus()

    # Colours

    def _take_catalogue(self) -> None:
        session = self.context.session
        if session is None or session.catalogue is None or not len(self._ids):
            return
        self._columns = columns_of(session.catalogue, self._ids)
        known, before = kinds(self._columns), self.by.currentData()
        if [self.by.itemData(at) for at in range(self.by.count())] != known:
            self.by.blockSignals(True)
            self.by.clear()
            for kind in known:
                self.by.addItem(kind_title(kind), kind)
            self.by.setCurrentIndex(max(0, self.by.findData(before)))
            self.by.blockSignals(False)
        self._recolor(keep=True)

    def _recolor(self, *, keep: bool = False) -> None:
        kind = self.by.currentData()
        if self._columns is None or kind is None:
            return
        before = self._coloring.groups[self._only].title if keep and self._coloring and self._only >= 0 else ""
        self._coloring = colored(kind, self._columns)
        titles = [group.title for group in self._coloring.groups]
        self._only = titles.index(before) if before in titles else -1
        self.legend_title.setText(kind_title(kind))
        dots = [self._dot(group.color) for group in self._coloring.groups]
        shown = [(group.title, group.count, dot) for group, dot in zip(self._coloring.groups, dots, strict=True)]
        self.legend.show_entries(shown, self._only)
        self._paint()

    def _dot(self, number: int) -> QColor:
        return palette_series(number + 1)[number] if number >= 0 else _between("muted", "panel")

    def _paint(self) -> None:
        coloring, columns = self._coloring, self._columns
        if coloring is None or columns is None:
            return
        table = np.array([self._dot(group.color).rgb() for group in coloring.groups] + [color("line").rgb()], np.uint32)
        colors, shown = table[coloring.codes], columns.present
        if self._only >= 0:
            shown = coloring.members(self._only) & shown
            colors = np.where(shown, table[self._only], colors)
        plain = np.array([group.color < 0 for group in coloring.groups] + [True])
        self.scatter.show_colors(colors, shown, plain[coloring.codes])

    def _show_only(self, group: int) -> None:
        self._only = group
        self._paint()

    # The pointer

    def _use(self, tool: str) -> None:
        self.scatter.set_tool(tool)
        self.pan_tool.setChecked(tool == PAN)
        self.lasso_tool.setChecked(tool == LASSO)

    def _hover(self, index: int) -> None:
        self._hovered = index
        if index < 0:
            self.card.hide()
            self._dwell.stop()
        else:
            self._dwell.start()

    def _fetch_hovered(self) -> None:
        index = self._hovered
        if index < 0 or self.context.session is None:
            return
        id = int(self._ids[index])
        self.context.session.read(
            lambda project: project.get_examples([id])[0],
            lambda example: self._show_card(index, example),
            key="map-hover",
        )

    def _show_card(self, index: int, example: Example) -> None:
        if index == self._hovered and self.isVisible():
            self.card.show_example(example, self.scatter.pointer())

    def _pick(self, index: int) -> None:
        id = int(self._ids[index])
        self.scatter.ring(index)
        self.context.need_session().read(
            lambda project: project.get_examples([id])[0], self._show_detail, key="map-picked"
        )

    def _show_detail(self, example: Example) -> None:
        self._picked = example
        self.card.hide()
        self.where.setText(str(example.ref).rsplit("/", 1)[-1])
        self.view.show_example(example)
        self.detail.show()

    def _close_detail(self) -> None:
        self._picked = None
        self.scatter.ring(-1)
        self.detail.hide()

    def _picked_to_table(self) -> None:
        if self._picked is not None:
            self.context.go("examples", ids=[self._picked.id], title=tr("From the map"))

    def _more_like(self) -> None:
        if self._picked is not None:
            self.context.go("examples", example=self._picked.id, like=True)

    # The lasso

    def _take_lasso(self, indices: np.ndarray) -> None:
        self._lassoed = indices
        self.scatter.choose(indices if len(indices) else None)
        self.selected.setText(trn("{n} example selected", "{n} examples selected", len(indices)))
        self.selection.setVisible(bool(len(indices)))
        if len(indices):
            self.to_table.setFocus()

    def _clear_lasso(self) -> None:
        self._take_lasso(np.zeros(0, dtype=np.int64))

    def _show_lassoed(self) -> None:
        if len(self._lassoed):
            ids = self._ids[self._lassoed].tolist()
            self.context.go("examples", ids=ids, title=tr("From the map"))

    def _select_view(self) -> None:
        """The way to a selection without a pointer: all that is in the picture."""
        self._take_lasso(self.scatter.in_view())

    def actions_here(self) -> list[Action]:
        def there() -> bool:
            return len(self._ids) > 0

        return [
            Action("map.fit", tr("Show the whole map"), self.scatter.fit, (), "map", "view", there),
            Action("map.pan", tr("Move the map"), lambda: self._use(PAN), ("M",), "map", "view", there),
            Action("map.lasso", tr("Select with the lasso"), lambda: self._use(LASSO), ("L",), "map", "view", there),
            Action("map.view", tr("Select what is in the picture"), self._select_view, ("V",), "map", "view", there),
            Action("map.again", tr("Draw the map again"), lambda: self._start(ask=False), (), "map", "view", there),
        ]


def _between(one: str, other: str) -> QColor:
    """The colour half way between two of the palette: for points that have nothing to say."""
    a, b = color(one), color(other)
    return QColor((a.red() + b.red()) // 2, (a.green() + b.green()) // 2, (a.blue() + b.blue()) // 2)
