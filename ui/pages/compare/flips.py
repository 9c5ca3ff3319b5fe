"""The examples whose answer got worse or better: a list, and the two answers of the chosen one side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QBoxLayout, QButtonGroup, QListWidget, QListWidgetItem, QWidget

from ui.i18n import number, tr
from ui.presenters.compare_view import Changed, View
from ui.presenters.texts import Mark
from ui.presenters.words import label_title
from ui.theme import px
from ui.widgets.basics import (
    Badge,
    Card,
    button,
    button_text,
    column,
    fill,
    heading,
    label,
    muted,
    named,
    row,
    tip_text,
)
from ui.widgets.example_view import ExampleView

HIGH = 360


class Part(Card):
    """A text under its title."""

    def __init__(self, title: str) -> None:
        super().__init__("sunken", 0, (12, 8, 4, 0))
        self.title, self.badge = label(title, "small"), Badge("")
        self.badge.hide()
        self.view = ExampleView(fit=True)
        top = row(spacing=8)
        fill(top, self.title, self.badge, None)
        self.body.addLayout(top)
        fill(self.body, self.view, None)

    def show_text(self, text: str, marks: Sequence[Mark] = (), right: bool | None = None) -> None:
        """Show a text with marks. `right`: whether it is; None where that is not said."""
        self.view.show_text(text or tr("(no answer)"), marks)
        self.badge.setVisible(right is not None)
        if right is not None:
            self.badge.show_text(tr("right") if right else tr("wrong"), "good" if right else "bad")
        named(
            self.view.text, ", ".join(filter(None, (self.title.text(), self.badge.text() if right is not None else "")))
        )


class Flips(Card):
    """Both kinds, one at a time."""

    def __init__(self) -> None:
        super().__init__(spacing=12, margins=(24, 16, 24, 16))
        self._view: View | None = None
        self._kinds: dict[str, Sequence[Changed]] = {"worse": (), "better": ()}
        self.kind, self.label = "worse", ""
        self.buttons = {
            "worse": button("", lambda: self.show_kind("worse")),
            "better": button("", lambda: self.show_kind("better")),
        }
        group = QButtonGroup(self)
        top = self._top = row(spacing=8)
        top.addWidget(heading(tr("Answers that changed")), 1)
        for made in self.buttons.values():
            made.setCheckable(True)
            group.addButton(made)
            top.addWidget(made)
        self.all = button("", lambda: self.only(""), "link")
        self.all.hide()
        self.list = named(QListWidget(), tr("Examples whose answer changed"))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setMinimumHeight(px(HIGH))
        self.list.setMinimumWidth(px(160))
        self.list.currentRowChanged.connect(self._choose)
        self.where, self.note = muted("", wrap=False), muted("")
        self.asked, self.right = Part(tr("Asked")), Part(tr("Right"))
        self.before, self.after = Part(tr("Before")), Part(tr("After"))
        detail = QWidget()
        inside = column(detail, 8)
        self._answers = row(spacing=8)
        for one in (self.before, self.after):
            self._answers.addWidget(one, 1)
        fill(inside, self.where, self.asked, self.right)
        inside.addLayout(self._answers)
        inside.addStretch(1)
        self._across = row(spacing=16)
        self._across.addWidget(self.list, 2)
        self._across.addWidget(detail, 5)
        self.body.addLayout(top)
        self.body.addWidget(self.all, alignment=Qt.AlignmentFlag.AlignLeft)
        self.body.addLayout(self._across)
        self.body.addWidget(self.note)

    def show_view(self, view: View) -> None:
        self._view = view
        self.setVisible(bool(view.worse or view.better))
        self.note.setText(view.flips_note)
        self.note.setVisible(bool(view.flips_note))
        self.only("")

    def only(self, label: str) -> bool:
        """List what changed of one label alone, "" for all; False where nothing did, and all stays as it was."""
        if self._view is None:
            return False
        kinds = {kind: self._view.changed(kind, label) for kind in self._kinds}
        if label and not any(kinds.values()):
            return False
        self.label, self._kinds = label, kinds
        self.all.setText(button_text(tr("Only {label}: show all again", label=label_title(label))) if label else "")
        self.all.setVisible(bool(label))
        self.buttons["worse"].setText(tr("Got worse · {n}", n=number(len(kinds["worse"]))))
        self.buttons["better"].setText(tr("Got better · {n}", n=number(len(kinds["better"]))))
        for kind, made in self.buttons.items():
            made.setEnabled(bool(kinds[kind]))
        self.show_kind("worse" if kinds["worse"] else "better")
        return True

    def show_kind(self, kind: str) -> None:
        """List those that got worse, or those that got better."""
        if not self._kinds[kind]:
            return
        self.kind = kind
        self.buttons[kind].setChecked(True)
        with QSignalBlocker(self.list):
            self.list.clear()
            for one in self._kinds[kind]:
                item = QListWidgetItem(one.excerpt or one.place)
                item.setToolTip(tip_text(one.place))
                said = f"{one.place}: {one.excerpt}" + (f", {one.change}" if one.change else "")
                item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
                self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._choose(0)

    def _choose(self, at: int) -> None:
        listed = self._kinds[self.kind]
        if not 0 <= at < len(listed):
            return
        one = listed[at]
        self.where.setText(" · ".join(part for part in (one.place, one.change) if part))
        self.asked.show_text(one.input)
        self.right.show_text(one.expected)
        before, after = one.marks
        self.before.show_text(one.baseline, before, None if one.change else not one.better)
        self.after.show_text(one.tuned, after, None if one.change else one.better)

    def stand(self, *, narrow: bool) -> None:
        """Where it is narrow, the answers stand under the list, and under each other."""
        way = QBoxLayout.Direction
        for line in (self._top, self._across, self._answers):
            line.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self.list.setMinimumHeight(px(HIGH // 2 if narrow else HIGH))
