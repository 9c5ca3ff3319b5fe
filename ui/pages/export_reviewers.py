"""What an export asks of reviewers: how many, how sure, and what becomes of disagreements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QGridLayout, QPushButton, QSpinBox, QWidget

from ui.i18n import number, tr, trn
from ui.pages.export_settings import ChoicesCard, Show, Take
from ui.presenters.export import Origin, Rule, Work, origin_words
from ui.presenters.export_choices import Choices
from ui.presenters.words import rule_title
from ui.theme import color, palette_series, px
from ui.widgets.bars import Part, StackBar
from ui.widgets.basics import button, column, fill, heading, label, muted, named


class ReviewersCard(ChoicesCard):
    """What is asked; shown where there are rounds or several reviewers. `on_switch(rule, on)` hears that disagreements are let
    in or not, `on_show(ids, title)` shows examples."""

    def __init__(self, on_change: Take, on_switch: Callable[[Rule, bool], None], on_show: Show) -> None:
        super().__init__(on_change)
        self._on_switch, self._on_show = on_switch, on_show
        self._disputes: Rule | None = None
        self.disputes = QCheckBox(tr("What reviewers disagree on stays out"))
        self.disputes.toggled.connect(self._switch)
        self.adjudicated = QCheckBox(tr("Disagreements must be adjudicated, not only outvoted"))
        self.adjudicated.toggled.connect(lambda on: self._take(adjudicated=on))
        self.votes = _whole(tr("Reviewed by at least"), 20, "")
        self.votes.valueChanged.connect(lambda value: self._later(votes=value))
        self.consensus = _whole(tr("Consensus at least"), 100, " %")
        self.consensus.setSingleStep(5)
        self.consensus.valueChanged.connect(lambda value: self._later(consensus=value))
        self.alpha = _alpha(tr("Agreement of the round at least"))
        self.alpha.valueChanged.connect(lambda value: self._later(alpha=round(value, 2)))
        self.effects: dict[str, QPushButton] = {}
        self._ids: dict[str, Sequence[int]] = {}
        self.bar, self.origins, self.rounds = StackBar(10), muted(""), muted("")
        self.origins.setTextFormat(Qt.TextFormat.RichText)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(8))
        grid.setColumnStretch(2, 1)
        self._line(grid, "disagreement", self.disputes)
        self._line(grid, "adjudicated", self.adjudicated)
        self._line(grid, "votes", self.votes, tr("Reviewed by at least"), tr("reviewers"))
        self._line(grid, "consensus", self.consensus, tr("Consensus at least"), tr("sure; what was adjudicated is"))
        self._line(grid, "alpha", self.alpha, tr("Agreement of the round at least"), tr("by Krippendorff's α"))
        fill(self.body, heading(tr("Reviewers")), grid, 4)
        below = column(spacing=8)
        fill(below, self.bar, self.origins, self.rounds)
        self.body.addLayout(below)

    def _line(self, grid: QGridLayout, rule: str, control: QWidget, before: str = "", after: str = "") -> None:
        """One thing that can be asked, and how many it leaves out."""
        at = grid.rowCount()
        if before:
            grid.addWidget(label(before), at, 0)
            grid.addWidget(control, at, 1)
            grid.addWidget(label(after, "muted"), at, 2)
        else:
            grid.addWidget(control, at, 0, 1, 3, Qt.AlignmentFlag.AlignLeft)
        link = button("", lambda: self._on_show(self._ids.get(rule, ()), rule_title(rule)), "link")
        grid.addWidget(link, at, 3, Qt.AlignmentFlag.AlignRight)
        self.effects[rule] = link

    def show_choices(self, choices: Choices) -> None:
        self._choices = choices
        fields: tuple[tuple[QSpinBox | QDoubleSpinBox, float], ...] = (
            (self.votes, choices.votes),
            (self.consensus, choices.consensus),
            (self.alpha, choices.alpha),
        )
        for field, value in fields:
            if field.value() != value and not field.hasFocus():
                with QSignalBlocker(field):
                    field.setValue(value)  # type: ignore[arg-type]
        with QSignalBlocker(self.adjudicated):
            self.adjudicated.setChecked(choices.adjudicated)

    def show_work(self, work: Work | None) -> None:
        """What reviewers did, and what stays out for it; None where there is nothing to choose."""
        self.setVisible(work is not None)
        if work is None:
            return
        self._disputes = work.disputes
        with QSignalBlocker(self.disputes):
            self.disputes.setChecked(work.disputes.on)
        self.disputes.setToolTip(work.disputes.help)
        self._ids = {**work.left, "disagreement": work.disputes.ids}
        for rule, link in self.effects.items():
            ids = self._ids.get(rule)
            said = "" if ids is None else work.disputes.effect if rule == "disagreement" else _effect(len(ids))
            link.setText(said)
            link.setVisible(bool(said))
            link.setEnabled(bool(ids))
            link.setAccessibleName(f"{rule_title(rule)}: {said}")
            link.setToolTip(tr("Show them in Examples") if ids else "")
        self._show_origins(work.origins)
        self.rounds.setText(" ".join(work.rounds))
        self.rounds.setVisible(bool(work.rounds))

    def _show_origins(self, origins: Sequence[Origin]) -> None:
        tones = dict(zip(_ORDER, palette_series(len(_ORDER)), strict=True)) | {"none": color("muted")}
        self.bar.show_parts([Part(one.title, one.count, tones[one.how]) for one in origins])
        dots = [f'<span style="color:{tones[one.how].name()}">●</span>&nbsp;{_whole_line(one)}' for one in origins]
        self.origins.setText(tr("Of what goes out: {counts}", counts=" &nbsp; ".join(dots)))
        self.origins.setAccessibleName(tr("Of what goes out: {counts}", counts=origin_words(origins)))
        self.bar.setVisible(bool(origins))
        self.origins.setVisible(bool(origins))

    def _switch(self, on: bool) -> None:
        if self._disputes is not None:
            self._on_switch(self._disputes, on)


_ORDER = ("unanimous", "consensus", "adjudicated", "single", "imported", "none")


def _whole_line(one: Origin) -> str:
    """A title and its number, not to be broken between lines."""
    return f"{one.title} {number(one.count)}".replace(" ", "&nbsp;")


def _effect(count: int) -> str:
    return trn("keeps {n} out", "keeps {n} out", count) if count else tr("keeps none out")


def _whole(name: str, high: int, suffix: str) -> QSpinBox:
    made = named(QSpinBox(), name)
    made.setRange(0, high)
    made.setSuffix(suffix)
    _set_up(made)
    return made


def _alpha(name: str) -> QDoubleSpinBox:
    made = named(QDoubleSpinBox(), name)
    made.setRange(0, 1)
    made.setDecimals(2)
    made.setSingleStep(0.05)
    made.setToolTip(tr("From .8 on one may rely on it, from .67 on with care (Krippendorff 2004)."))
    _set_up(made)
    return made


def _set_up(field: QSpinBox | QDoubleSpinBox) -> None:
    field.lineEdit().setTextMargins(px(6), 0, 0, 0)
    field.setFixedWidth(px(96))
