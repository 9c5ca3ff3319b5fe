"""What goes in: the size, the splits, and the policy with one switch for each rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from ui.i18n import number, tr
from ui.presenters.export import Rule, View
from ui.presenters.export_choices import Choices
from ui.theme import px
from ui.widgets.basics import Card, Elided, button, column, fill, heading, label, muted, named, row

MOST = 10_000_000
TYPING_MS = 400
Take = Callable[[Choices], None]
Show = Callable[[Sequence[int], str], None]


class Segments(QWidget):
    """A choice among a few, all of them visible."""

    def __init__(self, name: str, options: Mapping[str, str], on_choice: Callable[[str], None]) -> None:
        super().__init__()
        named(self, name)
        self.buttons: dict[str, QAbstractButton] = {}
        inside = row(self, 4)
        group = QButtonGroup(self)
        for key, text in options.items():
            made = button(text, None, name=f"{name}: {text}")
            made.setCheckable(True)
            made.clicked.connect(lambda _checked=False, key=key: on_choice(key))
            group.addButton(made)
            inside.addWidget(made)
            self.buttons[key] = made
        inside.addStretch(1)

    def choose(self, key: str) -> None:
        self.buttons[key].setChecked(True)

    def word(self, key: str, text: str) -> None:
        self.buttons[key].setText(text)


class ChoicesCard(Card):
    """Takes some of the choices. `on_change(choices)` hears what was chosen."""

    def __init__(self, on_change: Take) -> None:
        super().__init__(spacing=12, margins=(24, 16, 24, 16))
        self._on_change = on_change
        self._choices = Choices()
        self._pending: dict[str, object] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        self._timer.timeout.connect(self._typed)

    def show_choices(self, choices: Choices) -> None:
        """Show what is chosen."""
        self._choices = choices

    def _take(self, **changed: object) -> None:
        self._choices = replace(self._choices, **changed)  # type: ignore[arg-type]
        self.show_choices(self._choices)
        self._on_change(self._choices)

    def _later(self, **changed: object) -> None:
        """While somebody types, the count waits for the end of it."""
        self._pending |= changed
        self._timer.start()

    def _typed(self) -> None:
        changed, self._pending = self._pending, {}
        self._take(**changed)

    def finish_typing(self) -> None:
        """Take what was typed now."""
        if self._timer.isActive():
            self._timer.stop()
            self._typed()


class SizeCard(ChoicesCard):
    """How many, and how they are split."""

    def __init__(self, on_change: Take) -> None:
        super().__init__(on_change)
        sizes = {"all": tr("All"), "minimum": tr("Minimum"), "ideal": tr("Ideal"), "number": tr("A number")}
        self.size_choice = Segments(tr("Size"), sizes, lambda key: self._take(size=key))
        self.count = named(_whole_number(1, MOST), tr("Number of examples"))
        self.count.valueChanged.connect(lambda value: self._later(count=value))
        splits = {"90/10": tr("90 / 10"), "80/10/10": tr("80 / 10 / 10"), "own": tr("Own")}
        self.split = Segments(tr("Split"), splits, lambda key: self._take(split=key))
        self.own = named(QLineEdit(), tr("Shares in percent"))
        self.own.setPlaceholderText("85/15")
        self.own.setFixedWidth(px(112))
        self.own.textEdited.connect(lambda text: self._later(own_split=text))
        self.stratify = QCheckBox(tr("Every label in every split"))
        self.stratify.setToolTip(tr("Labels with five examples or more get one in the validation split"))
        self.stratify.toggled.connect(lambda on: self._take(stratify=on))
        self.seed = named(_whole_number(0, 2**31 - 1), tr("Seed"))
        self.seed.setToolTip(tr("Another number gives other splits; the same number gives the same"))
        self.seed.valueChanged.connect(lambda value: self._later(seed=value))
        self.size_help, self.split_help = muted(""), muted("")
        self._lay_out()

    def _lay_out(self) -> None:
        self.body.addWidget(heading(tr("Size and splits")))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(6))
        grid.setColumnStretch(1, 1)
        size, split, seed = row(spacing=8), row(spacing=8), row(spacing=8)
        fill(size, self.size_choice, self.count, None)
        fill(split, self.split, self.own, self.stratify, None)
        fill(seed, self.seed, muted(tr("The same seed gives the same splits."), wrap=False), None)
        rows: tuple[tuple[str, QHBoxLayout | QWidget], ...] = (
            (tr("Size"), size),
            ("", self.size_help),
            (tr("Split"), split),
            ("", self.split_help),
            (tr("Seed"), seed),
        )
        for at, (text, part) in enumerate(rows):
            grid.addWidget(label(text, "muted"), at, 0)
            if isinstance(part, QWidget):
                grid.addWidget(part, at, 1)
            else:
                grid.addLayout(part, at, 1)
        self.body.addLayout(grid)

    def show_choices(self, choices: Choices) -> None:
        self._choices = choices
        self.size_choice.choose(choices.size)
        self.split.choose(choices.split)
        self.count.setVisible(choices.size == "number")
        self.own.setVisible(choices.split == "own")
        values = ((self.count, choices.count), (self.seed, choices.seed))
        for field, value in values:
            if value is not None and field.value() != value and not field.hasFocus():
                with QSignalBlocker(field):
                    field.setValue(value)
        if self.own.text() != choices.own_split and not self.own.hasFocus():
            self.own.setText(choices.own_split)
        with QSignalBlocker(self.stratify):
            self.stratify.setChecked(choices.stratify)
        self._say_problem()

    def show_view(self, view: View) -> None:
        self.size_choice.word("minimum", tr("Minimum ({n})", n=number(view.minimum)))
        self.size_choice.word("ideal", tr("Ideal ({n})", n=number(view.ideal)))
        self.size_choice.word("all", tr("All ({n})", n=number(view.clean)))
        self.size_help.setText(view.size_help)
        self.stratify.setVisible(view.labels)
        if self._choices.seed is None and not self.seed.hasFocus():
            with QSignalBlocker(self.seed):
                self.seed.setValue(view.seed)

    def _say_problem(self) -> None:
        usual = tr("Training, validation and, if there is a third, test. Near-duplicates always stay together.")
        self.split_help.setText(self._choices.problem or usual)


class PolicyCard(Card):
    """One switch for each rule, with how many examples it keeps out. `on_switch(rule, on)`, `on_show(ids, title)`."""

    def __init__(self, on_switch: Callable[[Rule, bool], None], on_show: Show) -> None:
        super().__init__(spacing=4, margins=(24, 16, 24, 16))
        self._on_switch, self._on_show = on_switch, on_show
        self.switches: dict[str, Switch] = {}
        fill(
            self.body,
            heading(tr("What stays out")),
            muted(tr("A rule that is on keeps out the examples in which the check of that name found something.")),
            4,
        )
        self._list = column(spacing=2)
        self.body.addLayout(self._list)

    def show_rules(self, rules: Sequence[Rule]) -> None:
        if list(self.switches) != [rule.name for rule in rules]:
            for old in self.switches.values():
                old.deleteLater()
            self.switches = {rule.name: Switch(rule, self._on_switch, self._on_show) for rule in rules}
            for made in self.switches.values():
                self._list.addWidget(made)
        for rule in rules:
            self.switches[rule.name].show_rule(rule, all_on={each.name: each.on for each in rules})


class Switch(QWidget):
    """One rule: on or off, what it is about, and what it does."""

    def __init__(self, rule: Rule, on_switch: Callable[[Rule, bool], None], on_show: Show) -> None:
        super().__init__()
        self._rule = rule
        self.box = QCheckBox(rule.title)
        self.box.setToolTip(rule.help)
        self.box.setFixedWidth(px(216 - (24 if rule.part else 0)))
        self.box.toggled.connect(lambda on: on_switch(self._rule, on))
        self.effect = button("", lambda: on_show(self._rule.ids, self._rule.title), "link")
        inside = row(self, 12, (24 if rule.part else 0, 0, 0, 0))
        inside.addWidget(self.box)
        inside.addWidget(Elided(rule.help, "muted"), 1)
        inside.addWidget(self.effect, alignment=Qt.AlignmentFlag.AlignRight)
        self.setMinimumHeight(px(28))

    def show_rule(self, rule: Rule, all_on: Mapping[str, bool]) -> None:
        self._rule = rule
        with QSignalBlocker(self.box):
            self.box.setChecked(rule.on)
        self.box.setEnabled(not rule.part or all_on.get(rule.name.partition(":")[0], True))
        self.effect.setText(rule.effect)
        self.effect.setEnabled(bool(rule.ids))
        self.effect.setAccessibleName(f"{rule.title}: {rule.effect}")
        self.effect.setToolTip(tr("Show them in Examples") if rule.ids else "")


def _whole_number(low: int, high: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(low, high)
    made.lineEdit().setTextMargins(px(6), 0, 0, 0)
    made.setFixedWidth(px(128))
    return made
