"""One file of the import page: what was found out about it, its role, its fields, and its first records as pairs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QComboBox,
    QGridLayout,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from curator.model import Example, Rejected, Role
from curator.preview import Preview
from ui.i18n import number, tr, trn
from ui.presenters import start
from ui.presenters.start import FilePlan
from ui.theme import color, px
from ui.widgets.basics import (
    Badge,
    Banner,
    Card,
    Elided,
    button,
    column,
    fill,
    heading,
    label,
    muted,
    named,
    row,
    tip_text,
)
from ui.widgets.choice import ChoiceButton, Choices
from ui.widgets.clamp import Clamp

LINES = 3
_TEXT = 600
"""Characters of a text in the table: more would not be seen."""


class FilePanel(QWidget):
    """Shows a `FilePlan`; what the user changes is told by `on_change` after it was written into the plan."""

    def __init__(self, on_change: Callable[[FilePlan], object], on_remove: Callable[[FilePlan], object]):
        super().__init__()
        self._on_change, self._on_remove = on_change, on_remove
        self.plan: FilePlan | None = None
        whole = column(self, 16)
        self.trouble = Banner("", "bad")
        fill(whole, self._top(), self.trouble, self._roles(), self._fields())
        whole.addWidget(self._records(), 1)
        whole.addStretch()

    def _top(self) -> QWidget:
        made = Card(spacing=4, margins=(24, 16, 24, 16))
        self.name = Elided("", "heading", Qt.TextElideMode.ElideMiddle)
        self.format, self.sure = Badge("", "accent"), Badge("")
        self.remove = button(tr("Take out"), lambda: self.plan and self._on_remove(self.plan), "quiet")
        line = row(spacing=8)
        line.addWidget(self.name, 1)
        fill(line, self.format, self.sure, self.remove)
        self.why = muted("")
        made.body.addLayout(line)
        made.body.addWidget(self.why)
        return made

    def _roles(self) -> QWidget:
        made, both = Card(spacing=8, margins=(24, 16, 24, 16)), row(spacing=8)
        self._both = both
        said = {
            Role.CANDIDATE: (tr("To train on"), tr("Candidates: they are checked, reviewed and exported.")),
            Role.EVAL: (tr("To protect"), tr("An eval set: nothing that repeats it is trained on.")),
        }
        buttons = {role: ChoiceButton(*words) for role, words in said.items()}
        self.roles = Choices(buttons, self._choose_role)
        for shown in buttons.values():
            both.addWidget(shown, 1)
        self.role_why = muted("")
        fill(made.body, heading(tr("What it is for")), both, self.role_why)
        # Where no records are shown below, the two choices would grow into the room that is left.
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        return made

    def _fields(self) -> QWidget:
        made, grid = Card(spacing=8, margins=(24, 16, 24, 16)), QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(4))
        self.fields: dict[str, QComboBox] = {}
        self._boxes: list[tuple[QWidget, QComboBox]] = []
        said = (
            ("input", tr("Input"), tr("found by itself")),
            ("output", tr("Output"), tr("found by itself")),
            ("system", tr("System text"), tr("none")),
        )
        for key, words, empty in said:
            shown = self.fields[key] = named(QComboBox(), words)
            shown.setEditable(True)
            shown.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            edit = shown.lineEdit()
            assert edit is not None
            edit.setPlaceholderText(empty)
            edit.setAccessibleName(words)
            shown.setToolTip(tr("A field of the records; dotted paths such as choices.0.text reach into nested ones"))
            shown.activated.connect(self._choose_fields)
            edit.editingFinished.connect(self._choose_fields)
            self._boxes.append((muted(words, wrap=False), shown))
        self.read_as = named(QComboBox(), tr("Read as"))
        self.read_as.addItem(tr("by its content"), None)
        from curator.formats import FORMATS

        for name in FORMATS:
            self.read_as.addItem(name, name)
        self.read_as.activated.connect(self._choose_format)
        self._boxes.append((muted(tr("Read as"), wrap=False), self.read_as))
        self._grid = grid
        self.stand(narrow=False)
        top = row(spacing=8)
        self.again = button(tr("As detected"), self._forget_choices, "link")
        fill(top, heading(tr("Fields")), None, self.again)
        self.fields_hint = muted("")
        fill(made.body, top, grid, self.fields_hint)
        return made

    def _records(self) -> QWidget:
        made = self.records = Card(spacing=8, margins=(24, 16, 24, 16))
        top = row(spacing=8)
        self.bad = Badge("", "warn")
        self.records_title = label("", "heading")
        fill(top, self.records_title, self.bad, None)
        self.looked = muted("")
        self.table = named(QTableWidget(0, 3), tr("The first records"))
        head = self.table.horizontalHeader()
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setHighlightSections(False)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setItemDelegate(Clamp(LINES, self.table))
        self.table.setShowGrid(False)
        self.table.setMinimumHeight(px(240))
        fill(made.body, top, self.looked)
        made.body.addWidget(self.table, 1)
        return made

    # What is shown

    def stand(self, *, narrow: bool) -> None:
        """Lay out roles and fields for the room there is."""
        way = QBoxLayout.Direction
        self._both.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        across = 2 if narrow else len(self._boxes)
        for place, (words, box) in enumerate(self._boxes):
            for below, widget in enumerate((words, box)):
                self._grid.removeWidget(widget)
                self._grid.addWidget(widget, 2 * (place // across) + below, place % across)
        for place in range(len(self._boxes)):
            self._grid.setColumnStretch(place, 1 if place < across else 0)

    def show_plan(self, plan: FilePlan) -> None:
        """Show a file as it is looked at now."""
        self.plan = plan
        found = plan.preview
        self.name.setText(plan.name)
        self.name.setToolTip(tip_text(plan.path))
        self.roles.choose(plan.chosen_role)
        self._show_found(found)
        self._show_fields(plan)
        if found is not None:
            if found.importable:
                self._show_records(found)
            else:
                self._show_raw(found)
        self.records.setVisible(found is not None and bool(found.records or found.raw))

    def _show_found(self, found: Preview | None) -> None:
        detection = found.detection if found is not None else None
        self.format.setVisible(detection is not None)
        self.sure.setVisible(detection is not None)
        broken = found is not None and detection is None
        self.trouble.setVisible(broken)
        self.why.setText(tr("Looking at it…"))
        self.role_why.setVisible(found is not None and bool(found.role_why))
        if found is None:
            return
        size = start.size_text(found.size)
        if detection is not None:
            self.format.show_text(detection.format, "accent")
            self.sure.show_text(*start.sure(detection.confidence))
            why = detection.why[:1].upper() + detection.why[1:]
            self.why.setText(f"{why} · {size}")
        else:
            said = start.said_of(found.problem, found.path)
            hint = tr("Choose below which fields hold the input and the output.") if found.names else ""
            self.trouble.text.setText(f"{said} {hint}".strip())
            self.why.setText(size)
        if found.role_why:
            self.role_why.setText(tr("Proposed because {why}.", why=found.role_why))

    def _show_fields(self, plan: FilePlan) -> None:
        names = plan.preview.names if plan.preview is not None else ()
        mapping = plan.mapping
        for key, shown in self.fields.items():
            chosen = (getattr(mapping, key) if mapping is not None else None) or ""
            shown.blockSignals(True)
            if [shown.itemText(at) for at in range(1, shown.count())] != list(names):
                shown.clear()
                shown.addItems(["", *names])
            shown.setCurrentText(chosen)
            shown.blockSignals(False)
        self.read_as.setCurrentIndex(max(0, self.read_as.findData(plan.format)))
        self.again.setVisible(plan.fields is not None or plan.format is not None)
        by_format = mapping is None and plan.preview is not None and plan.preview.importable
        self.fields_hint.setText(tr("The format says where input and output are; name fields to read it otherwise."))
        self.fields_hint.setVisible(by_format)

    def _show_records(self, found: Preview) -> None:
        bad = len(found.rejected)
        self.bad.setVisible(bad > 0)
        self.bad.show_text(trn("{n} cannot be read", "{n} cannot be read", bad), "warn")
        self.looked.setText(start.looked_at(found))
        self.records_title.setText(tr("The first records, as the pairs they become"))
        shown = [*found.records, *(one for one in found.rejected if one not in found.records)]
        self._set_up_table([tr("Line"), tr("Input"), tr("Output")], len(shown), narrow_first=True)
        for at, record in enumerate(shown):
            self._show_record(at, record)

    def _show_raw(self, found: Preview) -> None:
        """What the file holds, where it is not known yet how to read it."""
        self.bad.setVisible(False)
        self.records_title.setText(tr("The first records, as they stand in the file"))
        names, rows = start.as_it_stands(found)
        self.looked.setText(tr("Find the fields that hold the input and the output, and name them above."))
        self._set_up_table(list(names), len(rows))
        for at, texts in enumerate(rows):
            for place, words in enumerate(texts):
                cell = QTableWidgetItem(words[:_TEXT])
                cell.setToolTip(tip_text(words[:_TEXT]))
                self.table.setItem(at, place, cell)

    def _set_up_table(self, names: list[str], rows: int, *, narrow_first: bool = False) -> None:
        modes = QHeaderView.ResizeMode
        self.table.setColumnCount(len(names))
        self.table.setRowCount(rows)
        self.table.setHorizontalHeaderLabels(names)
        head = self.table.horizontalHeader()
        for place in range(len(names)):
            head.setSectionResizeMode(place, modes.ResizeToContents if narrow_first and not place else modes.Stretch)
        self.table.verticalHeader().setDefaultSectionSize(self.table.fontMetrics().height() * LINES + px(12))

    def _show_record(self, at: int, record: Example | Rejected) -> None:
        where = number(record.ref.record if record.ref.line is None else record.ref.line)
        if isinstance(record, Rejected):
            raw = record.raw[:_TEXT].decode("utf-8", "replace")
            texts = [where, tr("Not read: {why}", why=record.reason), raw]
        else:
            texts = [where, record.input[:_TEXT], record.output[:_TEXT]]
        for place, words in enumerate(texts):
            cell = QTableWidgetItem(words)
            cell.setToolTip(tip_text(words))
            if isinstance(record, Rejected):
                cell.setForeground(QBrush(color("bad")))
                cell.setBackground(QBrush(color("bad_soft")))
            elif place == 0:
                cell.setForeground(QBrush(color("muted")))
            self.table.setItem(at, place, cell)

    # What is chosen

    def _choose_role(self, role: Role) -> None:
        if self.plan is not None and self.plan.role is not role:
            self.plan.role = role
            self._on_change(self.plan)

    def _choose_fields(self, *_: object) -> None:
        from curator.formats import FieldMap

        plan = self.plan
        if plan is None:
            return
        chosen = FieldMap(*(self.fields[key].currentText().strip() or None for key in ("input", "output", "system")))
        if chosen == (plan.mapping or FieldMap()):
            return
        plan.fields = chosen if chosen else None
        self._on_change(plan)

    def _choose_format(self, at: int) -> None:
        if self.plan is not None and self.plan.format != self.read_as.itemData(at):
            self.plan.format = self.read_as.itemData(at)
            self._on_change(self.plan)

    def _forget_choices(self) -> None:
        if self.plan is not None:
            self.plan.fields = self.plan.format = None
            self._on_change(self.plan)
