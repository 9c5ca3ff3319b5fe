"""What opens under a filter: words to tick, or scores with a lowest and a highest value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QWidget,
)

from ui.i18n import number, tr
from ui.presenters.examples import Option, Range
from ui.presenters.matching import ranked
from ui.presenters.words import score_help, score_title
from ui.theme import px
from ui.widgets.basics import SearchField, button, column, label, named, row, tip_text

SEARCHED = 12
"""From so many words on they can be searched."""
ROWS = (4, 12)
_VALUE = Qt.ItemDataRole.UserRole


class Popup(QFrame):
    """Opens under a button, and is gone with a click elsewhere or Escape."""

    def __init__(self, under: QPushButton):
        super().__init__(under.window(), Qt.WindowType.Popup)
        self.setProperty("kind", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._under = under
        self.body = column(self, 8, 12)

    def open(self) -> None:
        self.adjustSize()
        at = self._under.mapToGlobal(QPoint(0, self._under.height() + px(4)))
        room = self._under.window().frameGeometry().adjusted(px(12), 0, -px(12), -px(12))
        at.setX(max(room.left(), min(at.x(), room.right() - self.width())))
        if at.y() + self.height() > room.bottom():
            above = self._under.mapToGlobal(QPoint(0, 0)).y() - self.height() - px(4)
            at.setY(max(room.top(), above))
        self.move(at)
        self.show()


class WordsPopup(Popup):
    """Words to tick; each tick counts at once."""

    def __init__(
        self,
        under: QPushButton,
        title: str,
        listed: Sequence[Option],
        chosen: Sequence[Any],
        then: Callable[[tuple[Any, ...]], object],
    ):
        super().__init__(under)
        self._listed, self._chosen, self._then = listed, list(chosen), then
        self._filling = False
        self._just: list[Any] = []
        """The word whose box was clicked: Qt ticks it itself, and then tells of the click as well."""
        self.field: SearchField | None = None
        if len(listed) >= SEARCHED:
            self.field = SearchField(tr("Find"))
            self.field.textChanged.connect(self._fill)
            self.field.installEventFilter(self)
            self.body.addWidget(self.field)
        self.list = named(QListWidget(), title)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setUniformItemSizes(True)
        self.list.itemPressed.connect(lambda _item: self._just.clear())
        self.list.itemChanged.connect(self._ticked)
        self.list.itemClicked.connect(self._clicked)
        self.body.addWidget(self.list)
        self.none = button(tr("Any"), self._clear, "quiet", tip=tr("Take this filter away"))
        line = row()
        line.addWidget(self.none)
        line.addStretch(1)
        line.addWidget(button(tr("Done"), self.close))
        self.body.addLayout(line)
        self._fill("")
        rows = min(max(len(listed), ROWS[0]), ROWS[1])
        self.list.setFixedHeight(rows * max(px(28), self.list.sizeHintForRow(0)) + px(8))
        self.list.setMinimumWidth(min(px(420), max(px(240), self.list.sizeHintForColumn(0) + px(40))))
        (self.field or self.list).setFocus()

    def _fill(self, typed: str) -> None:
        self._filling = True
        self.list.clear()
        for one in ranked(self._listed, typed, lambda one: one.title):
            item = QListWidgetItem(f"{one.title}   {number(one.count)}")
            item.setData(_VALUE, one.value)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setCheckState(Qt.CheckState.Checked if one.value in self._chosen else Qt.CheckState.Unchecked)
            item.setToolTip(tip_text(one.title))
            self.list.addItem(item)
        if self.list.count():
            self.list.setCurrentRow(0)
        self._filling = False
        self.none.setEnabled(bool(self._chosen))

    def _clicked(self, item: QListWidgetItem) -> None:
        """A click on the word ticks as one on the box does."""
        if item.data(_VALUE) in self._just:
            self._just.clear()
            return
        on = item.checkState() == Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if on else Qt.CheckState.Checked)
        self._just.clear()

    def _ticked(self, item: QListWidgetItem) -> None:
        if self._filling:
            return
        value = item.data(_VALUE)
        self._just.append(value)
        if item.checkState() == Qt.CheckState.Checked:
            self._chosen.append(value)
        elif value in self._chosen:
            self._chosen.remove(value)
        self.none.setEnabled(bool(self._chosen))
        self._then(tuple(self._chosen))

    def _clear(self) -> None:
        self._chosen.clear()
        self._fill(self.field.text() if self.field is not None else "")
        self._then(())
        self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.list.setFocus()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.list.currentItem() is not None:
                item = self.list.currentItem()
                on = item.checkState() == Qt.CheckState.Checked
                item.setCheckState(Qt.CheckState.Unchecked if on else Qt.CheckState.Checked)
                self._just.clear()
                return True
        return super().eventFilter(watched, event)


class ScoresPopup(Popup):
    """A lowest and a highest value for each score, and for the length."""

    def __init__(
        self,
        under: QPushButton,
        spans: Mapping[str, Range],
        chosen: Mapping[str, Range],
        longest: int,
        length: Range | None,
        then: Callable[[dict[str, Range], Range | None], object],
    ):
        super().__init__(under)
        self._spans, self._then = spans, then
        self.fields: dict[str, tuple[QDoubleSpinBox, QDoubleSpinBox]] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(8))
        self.body.addLayout(grid)
        for at, (name, (low, high)) in enumerate(spans.items()):
            title = label(score_title(name))
            title.setToolTip(score_help(name))
            grid.addWidget(title, at, 0)
            now = chosen.get(name, (low, high))
            pair = tuple(self._score(score_title(name), low, high, now[side], side) for side in (0, 1))
            self.fields[name] = (pair[0], pair[1])
            grid.addWidget(pair[0], at, 1)
            grid.addWidget(label("–", "muted"), at, 2)
            grid.addWidget(pair[1], at, 3)
        at = len(spans)
        now_length = length or (0, longest)
        self.shortest = self._size(tr("Length from"), longest, int(now_length[0]))
        self.longest = self._size(tr("Length to"), longest, int(min(longest, now_length[1])))
        grid.addWidget(label(tr("Length")), at, 0)
        grid.addWidget(self.shortest, at, 1)
        grid.addWidget(label("–", "muted"), at, 2)
        grid.addWidget(self.longest, at, 3)
        if not spans:
            self.body.addWidget(label(tr("Scores come with the first check."), "muted"))
        line = row()
        line.addWidget(button(tr("Any"), self._clear, "quiet", tip=tr("Take this filter away")))
        line.addStretch(1)
        line.addWidget(button(tr("Done"), self.close))
        self.body.addLayout(line)
        first: QWidget = next(iter(self.fields.values()))[0] if self.fields else self.shortest
        first.setFocus()

    def _score(self, title: str, low: float, high: float, now: float, side: int) -> QDoubleSpinBox:
        said = tr("{score} from", score=title) if side == 0 else tr("{score} to", score=title)
        made = named(QDoubleSpinBox(), said)
        made.setDecimals(2)
        made.setSingleStep(0.05)
        made.setRange(low, high)
        made.setValue(now)
        made.setMinimumWidth(px(88))
        made.setKeyboardTracking(False)
        made.valueChanged.connect(lambda _value: self._changed())
        return made

    def _size(self, title: str, longest: int, now: int) -> QSpinBox:
        made = named(QSpinBox(), title)
        made.setRange(0, longest)
        made.setSingleStep(50)
        made.setValue(now)
        made.setMinimumWidth(px(88))
        made.setKeyboardTracking(False)
        made.valueChanged.connect(lambda _value: self._changed())
        return made

    def _changed(self) -> None:
        scores: dict[str, Range] = {}
        for name, (low, high) in self.fields.items():
            least, most = self._spans[name]
            if low.value() > least or high.value() < most:
                scores[name] = (low.value(), high.value())
        length = None
        if self.shortest.value() > 0 or self.longest.value() < self.longest.maximum():
            top = np.inf if self.longest.value() == self.longest.maximum() else self.longest.value()
            length = (self.shortest.value(), float(top))
        self._then(scores, length)

    def _clear(self) -> None:
        self._then({}, None)
        self.close()


def spans(rows: Any, names: Sequence[str]) -> dict[str, Range]:
    """The lowest and the highest value that each score has, to two digits outwards."""
    made = {}
    for name in names:
        column = rows.scores[name]
        low, high = float(np.nanmin(column)), float(np.nanmax(column))
        made[name] = (float(np.floor(low * 100) / 100), float(np.ceil(high * 100) / 100))
    return made
