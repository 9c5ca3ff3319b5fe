"""The example that is looked at: what it says, what was found, who decided what, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QWidget

from curator.catalogue import Catalogue
from curator.catalogue.filtering import STATUSES
from curator.model import Decision, Example, Finding
from curator.store.columns import SPLITS
from ui.i18n import number, tr
from ui.pages.cards.buttons import KeyButton
from ui.pages.cards.editing import Editor
from ui.pages.examples.providers import Providers
from ui.presenters.examples import Detail, decision_text, local_time, short_ref
from ui.presenters.labels import Labels
from ui.presenters.rendering import Marks, match_marks
from ui.presenters.words import (
    check_title,
    role_title,
    severity_title,
    severity_tone,
    split_title,
    status_title,
    verdict_tone,
)
from ui.theme import icon, px
from ui.widgets import basics
from ui.widgets.basics import (
    Badge,
    Elided,
    EmptyState,
    Scroll,
    button,
    clear,
    column,
    fill,
    heading,
    label,
    muted,
    row,
    tip_text,
)
from ui.widgets.example_view import ExampleView
from ui.widgets.flow import Flow

HISTORY = 6
"""Decisions that are listed; older ones are counted."""
DECISIONS = (
    ("keep", "examples.keep", "good"),
    ("drop", "examples.drop", "bad"),
    ("flag", "examples.flag", ""),
    ("relabel", "examples.relabel", ""),
)


class DetailPane(QWidget):
    """`act(id)` asks for an action of the registry; `label_chosen(name)`; `finding(check, id)` opens a finding; `saved(json)`:
    an edit, None where nothing was changed; `edit_left()`."""

    act = Signal(str)
    finding = Signal(str, str)
    saved = Signal(object)
    edit_left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.detail: Detail | None = None
        self.setMinimumWidth(px(260))
        whole = column(self)
        self.stack = QStackedWidget()
        self.stack.setMinimumSize(px(240), px(160))
        whole.addWidget(self.stack)
        self.nothing = EmptyState(
            tr("No example is chosen"), tr("Choose a row to read it whole, with what was found and who decided.")
        )
        self.reading = self._reading()
        self.editor = Editor(self.saved.emit, self.edit_left.emit)
        for view in (self.nothing, self.reading, self.editor):
            self.stack.addWidget(view)

    def _reading(self) -> QFrame:
        made = basics.card(spacing=0, margins=0)
        head = column(spacing=6, margins=(20, 14, 16, 10))
        line = row(spacing=8)
        self.where = Elided("", "heading", Qt.TextElideMode.ElideMiddle)
        self.rows = button(tr("Rows"), lambda: self.act.emit("examples.back"), "quiet", name=tr("Back to the rows"))
        self.rows.setIcon(icon("back", "accent"))
        self.rows.hide()
        self.like = button(
            tr("More like this"),
            lambda: self.act.emit("examples.like"),
            "quiet",
            tip=tr("Those that mean much the same (M)"),
        )
        self.change = button(
            tr("Edit"), lambda: self.act.emit("examples.edit"), "quiet", tip=tr("Change its turns in place (E)")
        )
        line.addWidget(self.rows)
        line.addWidget(self.where, 1)
        line.addWidget(self.change)
        line.addWidget(self.like)
        badges = QWidget()
        self._badges = Flow(badges, 6)
        fill(head, line, badges)
        made.body.addLayout(head)
        self.scroll = Scroll()
        inside = QWidget()
        body = column(inside, 16, (20, 6, 16, 20))
        self.view = ExampleView(fit=True)
        self._findings, self._history = column(spacing=8), column(spacing=4)
        body.addWidget(self.view)
        body.addLayout(self._findings)
        self.providers = Providers()
        body.addLayout(self._history)
        body.addWidget(self.providers)
        body.addStretch(1)
        self.scroll.setWidget(inside)
        inside.setAutoFillBackground(False)
        made.body.addWidget(self.scroll, 1)
        made.body.addWidget(basics.separator())
        made.body.addWidget(self._bar())
        return made

    def _bar(self) -> QWidget:
        made = QWidget()
        flow = Flow(made, 6)
        flow.setContentsMargins(px(12), px(10), px(12), px(10))
        titles = {
            "keep": tr("Keep"),
            "drop": tr("Drop"),
            "flag": tr("Flag"),
            "relabel": tr("Relabel…"),
        }
        self.buttons: dict[str, KeyButton] = {}
        for name, id, tone in DECISIONS:
            one = KeyButton(titles[name], lambda id=id: self.act.emit(id), tone=tone, height=32)
            one.setMinimumWidth(px(72))
            one.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            self.buttons[name] = one
            flow.add(one)
        return made

    def sizeHint(self) -> QSize:
        return QSize(px(420), px(600))

    def show_keys(self, key_of: Callable[[str], str]) -> None:
        for name, id, _tone in DECISIONS:
            self.buttons[name].show_key(key_of(id))

    def show_labels(self, found: Labels) -> None:
        """Labels can be given only where outputs are labels."""
        self.buttons["relabel"].setVisible(bool(found))

    # What is shown

    def show_nothing(self) -> None:
        self.detail = None
        if not self.editing:
            self.stack.setCurrentWidget(self.nothing)

    def show_detail(self, detail: Detail, rows: Catalogue | None, words: tuple[str, ...]) -> None:
        """`words`: what was searched for, to be marked."""
        again = self.detail is not None and self.detail.example.id == detail.example.id
        at = self.scroll.verticalScrollBar().value() if again else 0
        self.detail = detail
        example = detail.example
        self.where.setText(short_ref(example.ref))
        self.where.setToolTip(tip_text(str(example.ref)))
        self._show_badges(example, rows)
        marks: Marks | None = dict(match_marks(example, words)) if words else None
        open_ones = [f for f in detail.findings if f.id not in detail.dismissed]
        self.view.show_example(example, open_ones, marks=marks)
        self._show_findings(detail)
        self._show_history(detail)
        self.providers.another()
        if not self.editing:
            self.stack.setCurrentWidget(self.reading)
        self.scroll.verticalScrollBar().setValue(at)

    def _show_badges(self, example: Example, rows: Catalogue | None) -> None:
        clear(self._badges)
        made = [Badge(role_title(example.ref.role), "accent" if example.ref.role == "eval" else "")]
        places = rows.places([example.id]) if rows is not None else []
        if rows is not None and len(places):
            at = int(places[0])
            status = STATUSES[rows.status[at]]
            made.insert(0, Badge(status_title(status), verdict_tone(status)))
            if rows.split[at]:
                made.append(Badge(split_title(SPLITS[rows.split[at]])))
            if rows.group[at] >= 0:
                made.append(Badge(tr("Duplicate group {n}", n=int(rows.group[at]))))
        for one in made:
            self._badges.add(one)
            one.show()

    def show_standing(self, rows: Catalogue) -> None:
        """What the decisions come to by a newer catalogue."""
        if self.detail is not None:
            self._show_badges(self.detail.example, rows)

    def _show_findings(self, detail: Detail) -> None:
        clear(self._findings)
        if detail.findings:
            self._findings.addWidget(heading(tr("Findings")))
        for one in detail.findings:
            self._findings.addWidget(self._finding(one, one.id in detail.dismissed))

    def _finding(self, one: Finding, dismissed: bool) -> QWidget:
        made = basics.card("sunken", 4, (12, 8, 12, 10))
        line = row(spacing=8)
        line.addWidget(Badge(severity_title(one.severity), severity_tone(one.severity)))
        title = button(
            check_title(one.check), lambda: self.finding.emit(one.check, one.id), "link", tip=tr("Open this finding")
        )
        line.addWidget(title)
        line.addStretch(1)
        line.addWidget(label(tr("dismissed") if dismissed else number(one.score, 2), "small"))
        fill(made.body, line, muted(one.message))
        return made

    def _show_history(self, detail: Detail) -> None:
        clear(self._history)
        if not detail.history:
            return
        self._history.addWidget(heading(tr("Decisions")))
        for one in detail.history[:HISTORY]:
            self._history.addWidget(self._decision(one, one.id in detail.standing))
        if len(detail.history) > HISTORY:
            self._history.addWidget(muted(tr("and {n} earlier ones", n=number(len(detail.history) - HISTORY))))

    def _decision(self, one: Decision, stands: bool) -> QWidget:
        said = decision_text(one) + (f" – {one.note}" if one.note else "")
        when = local_time(one.at)
        made = label(
            f"{said}  ·  {when}" + ("" if stands else f"  ·  {tr('no longer counts')}"),
            "" if stands else "muted",
            wrap=True,
        )
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return made

    # Editing

    @property
    def editing(self) -> bool:
        return self.stack.currentWidget() is self.editor

    def edit(self) -> None:
        """A field for each turn in place of the text."""
        if self.detail is not None:
            self.stack.setCurrentWidget(self.editor)
            self.editor.edit(self.detail.example)

    def leave_edit(self) -> None:
        if self.editing:
            self.stack.setCurrentWidget(self.reading if self.detail is not None else self.nothing)
