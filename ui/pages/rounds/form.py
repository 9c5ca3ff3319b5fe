"""The form of a new round: what is reviewed, by whom and how; each change is told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from ui.i18n import number, share, tr, trn
from ui.pages.export_settings import Segments
from ui.presenters import round_form as presenter
from ui.presenters.round_form import MARGINS, Form, Ground
from ui.presenters.words import check_title
from ui.theme import px
from ui.widgets.basics import Card, button, clear, fill, heading, label, muted, named, row
from ui.widgets.flow import Flow

PARTS = (1.0, 0.5, 0.2, 0.1)
MOST = 1_000_000
KNOWN_SHOWN = 6


class FormCard(Card):
    """`on_change(form)` hears of every change. What was filled in stays while the page lives."""

    def __init__(self, on_change: Callable[[Form], object]) -> None:
        super().__init__(spacing=12, margins=(24, 16, 24, 20))
        self._on_change = on_change
        self.form = Form()
        self._ground: Ground | None = None
        self._make_who()
        self._make_what()
        self._make_how()
        self._lay_out()

    # Its parts

    def _make_who(self) -> None:
        self.reviewers = named(QLineEdit(), tr("Reviewers"))
        self.reviewers.setPlaceholderText(tr("Names, with commas between them"))
        self.reviewers.textEdited.connect(lambda text: self._take(reviewers=text))
        self.reviewers.editingFinished.connect(self._show_scope)  # whoever is named now is proposed no more
        self.known = QWidget()
        self._known = Flow(self.known, 4)
        self.overlap = _number(1, 20, tr("Reviewers who see each item"))
        self.overlap.valueChanged.connect(lambda value: self._take(overlap=value))
        self.part = named(QComboBox(), tr("How many of the items several see"))
        for one in PARTS:
            self.part.addItem(tr("of all items") if one == 1 else tr("of {share} of the items", share=share(one)), one)
        self.part.activated.connect(lambda at: self._take(part=self.part.itemData(at)))
        self.name = named(QLineEdit(), tr("Name of the round"))
        self.name.setPlaceholderText(tr("If you like: audit, pilot, …"))
        self.name.textEdited.connect(lambda text: self._take(name=text))

    def _make_what(self) -> None:
        scopes = {
            "sample": tr("A random sample"),
            "findings": tr("What was found"),
            "all": tr("Everything"),
            "ids": tr("Chosen"),
        }
        self.scope = Segments(tr("What is reviewed"), scopes, lambda key: self._take(scope=key))
        self.size = _number(1, MOST, tr("Size of the sample"))
        self.size.valueChanged.connect(lambda value: self._take(size=value))
        self.margin = named(QComboBox(), tr("Size for a margin of error"))
        self.margin.setToolTip(tr("So many that a share counted on them is this near to the truth, 95 times in 100"))
        self.margin.activated.connect(self._take_margin)
        self.check = named(QComboBox(), tr("Findings of"))
        self.check.activated.connect(lambda at: self._take(check=self.check.itemData(at)))
        self.scope_help = muted("")

    def _make_how(self) -> None:
        self.switches: dict[str, QCheckBox] = {}
        words = {
            "blind": (tr("Blind"), tr("Reviewers do not see each other's votes")),
            "hide_output": (
                tr("Hide the label that is given"),
                tr("Whoever does not see it is not led by it; takes longer"),
            ),
            "hints": (tr("Say what a check found"), tr("The finding is shown beside the example")),
            "claimed": (tr("No lists"), tr("Everybody takes the next free item: for teams on one database")),
            "settle": (tr("Settle what all agree on"), tr("Items on which everybody says the same become decisions")),
        }
        for name, (text, tip) in words.items():
            made = QCheckBox(text)
            made.setToolTip(tip)
            made.toggled.connect(lambda on, name=name: self._take(**{name: on}))
            self.switches[name] = made
        self.gold = _number(0, 500, tr("Gold items for each reviewer"))
        self.attention = _number(0, 500, tr("Attention items for each reviewer"))
        self.repeats = _number(0, 500, tr("Repeats for each reviewer"))
        for name, field in (("gold", self.gold), ("attention", self.attention), ("repeats", self.repeats)):
            field.valueChanged.connect(lambda value, name=name: self._take(**{name: value}))
        self.gold.setToolTip(tr("Items that were adjudicated or decided before, to see how well each reviews"))
        self.attention.setToolTip(tr("Such items shown with a wrong answer, to see who looks"))
        self.repeats.setToolTip(tr("Own items that come a second time, to see who stays the same"))
        self.guideline = named(QPlainTextEdit(), tr("Guideline"))
        self.guideline.setTabChangesFocus(True)
        self.guideline.setPlaceholderText(tr("How to decide the doubtful cases, so that everybody decides alike"))
        self.guideline.setFixedHeight(px(72))
        self.guideline.textChanged.connect(lambda: self._take(guideline=self.guideline.toPlainText()))
        self.seed = _number(0, 2**31 - 1, tr("Seed"))
        self.seed.setToolTip(tr("The same number gives the same sample and the same shares"))
        self.seed.valueChanged.connect(lambda value: self._take(seed=value))

    def _lay_out(self) -> None:
        self.body.addWidget(heading(tr("New round")))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(10))
        grid.setColumnStretch(1, 1)
        choice, sees, planted, last = Flow(), Flow(), Flow(spacing=16), row()
        for made in (self.size, self.margin, self.check):
            choice.add(made)
        for one in (_beside(self.overlap, tr("see each")), self.part):
            sees.add(one)
        for text, field in ((tr("gold"), self.gold), (tr("attention"), self.attention), (tr("repeats"), self.repeats)):
            planted.add(_beside(field, text))
        how = Flow(spacing=16)
        for switch in self.switches.values():
            how.add(switch)
        fill(last, self.name, muted(tr("Seed"), wrap=False), self.seed)
        rows: tuple[tuple[str, QWidget | QLayout], ...] = (
            (tr("What"), self.scope),
            ("", choice),
            ("", self.scope_help),
            (tr("Who"), self.reviewers),
            ("", self.known),
            (tr("Overlap"), sees),
            (tr("How"), how),
            (tr("Quality"), planted),
            (tr("Guideline"), self.guideline),
            (tr("Name"), last),
        )
        for at, (text, part) in enumerate(rows):
            if text:
                shown = label(text, "muted")
                shown.setContentsMargins(0, px(6), 0, 0)
                grid.addWidget(shown, at, 0, alignment=Qt.AlignmentFlag.AlignTop)
            if isinstance(part, QWidget):
                grid.addWidget(part, at, 1)
            else:
                grid.addLayout(part, at, 1)
        self.body.addLayout(grid)

    # What is shown

    def show_ground(self, ground: Ground) -> None:
        """Show what there is to choose from, and the form that comes with it."""
        self._ground = ground
        self.size.setMaximum(max(1, ground.candidates))
        with QSignalBlocker(self.margin):
            self.margin.clear()
            self.margin.addItem(tr("or for a margin of …"), None)
            for one in MARGINS:
                size = presenter.margin_size(one, ground)
                text = trn("±{margin}: {n} example", "±{margin}: {n} examples", size, margin=share(one))
                self.margin.addItem(text, size)
        with QSignalBlocker(self.check):
            self.check.clear()
            self.check.addItem(tr("All checks"), "")
            for name, count in ground.checks.items():
                self.check.addItem(f"{check_title(name)} ({number(count)})", name)
        self.switches["hide_output"].setVisible(ground.labels)
        self.show_form(ground.form)

    def _show_known(self, names: Sequence[str]) -> None:
        clear(self._known)
        names = [name for name in names if name not in self.form.names]
        for name in names[:KNOWN_SHOWN]:
            tip = tr("Add {name} to the reviewers", name=name)
            self._known.add(button(f"+ {name}", lambda name=name: self.add(name), "quiet", name=tip))  # type: ignore[misc]
        self.known.setVisible(bool(names))

    def add(self, name: str) -> None:
        """Let somebody who is known review, too."""
        if name not in self.form.names:
            text = ", ".join((*self.form.names, name))
            self.reviewers.setText(text)
            self._take(reviewers=text)
            if self._ground is not None:
                self._show_known(self._ground.known)
            self.reviewers.setFocus()

    def show_form(self, form: Form) -> None:
        self.form = form
        fields: Mapping[QSpinBox, int] = {
            self.size: form.size,
            self.overlap: form.overlap,
            self.gold: form.gold,
            self.attention: form.attention,
            self.repeats: form.repeats,
            self.seed: form.seed,
        }
        for field, value in fields.items():
            with QSignalBlocker(field):
                field.setValue(value)
        for line, text in ((self.reviewers, form.reviewers), (self.name, form.name)):
            line.setText(text)
        with QSignalBlocker(self.guideline):
            self.guideline.setPlainText(form.guideline)
        for name, made in self.switches.items():
            with QSignalBlocker(made):
                made.setChecked(bool(getattr(form, name)))
        self.part.setCurrentIndex(max(0, self.part.findData(form.part)))
        self.check.setCurrentIndex(max(0, self.check.findData(form.check)))
        self.scope.choose(form.scope)
        self._show_scope()

    def _show_scope(self) -> None:
        form, ground = self.form, self._ground
        self.scope.buttons["ids"].setVisible(bool(form.ids))
        self.scope.word("ids", tr("Chosen ({n})", n=number(len(form.ids))))
        for part, there in ((self.size, "sample"), (self.margin, "sample"), (self.check, "findings")):
            part.setVisible(form.scope == there)
        if ground is None:
            return
        self._show_known(ground.known)
        said = {
            "sample": trn("out of {n} candidate", "out of {n} candidates", ground.candidates),
            "findings": tr("Candidates with findings that nobody has decided; the gravest come first."),
            "all": trn("{n} candidate: all", "All {n} candidates", ground.candidates),
            "ids": form.title,
        }
        self.scope_help.setText(said[form.scope])
        self.scope_help.setVisible(bool(said[form.scope]))

    def _take_margin(self, at: int) -> None:
        size = self.margin.itemData(at)
        if size is not None:
            self.size.setValue(size)
        self.margin.setCurrentIndex(0)

    def _take(self, **changed: Any) -> None:
        self.form = replace(self.form, **changed)
        if "scope" in changed:
            self._show_scope()
        self._on_change(self.form)


def _number(low: int, high: int, name: str) -> QSpinBox:
    made = named(QSpinBox(), name)
    made.setRange(low, high)
    made.setFixedWidth(px(76 if high <= 500 else 112))
    made.lineEdit().setTextMargins(px(4), 0, 0, 0)
    return made


def _beside(field: QWidget, text: str) -> QWidget:
    made = QWidget()
    fill(row(made, 6), field, muted(text, wrap=False))
    return made
