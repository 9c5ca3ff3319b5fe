"""The views of outputs that stand at the wrong input: one pair, or a block that slipped."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout

from curator.model import Finding
from ui.context import Context
from ui.i18n import number, tr, trn
from ui.pages.findings.bodies import Body, ExampleCard, Pair, facts_table
from ui.presenters import findings_deciding as deciding
from ui.presenters.findings_views import Card, Mismatch, Shift
from ui.theme import px
from ui.widgets import basics
from ui.widgets.basics import button, label, row


class MismatchBody(Body):
    """An input with the output it has, beside the same input with the output that would fit."""

    def __init__(self, context: Context, finding: Finding, view: Mismatch):
        super().__init__(context, finding)
        self.view = view
        now = ExampleCard(context, view.card, tr("Now"))
        if view.fitting is None:
            self.body.addWidget(now)
        else:
            self.hint = tr("1 gives it the output that fits")
            fitting = view.card.example.with_output(view.fitting.output)
            other = ExampleCard(context, Card(fitting), tr("Output of"), source=view.fitting)
            take = button(tr("Give it this output"), lambda: self.choose(1), tip=tr("Key 1"))
            line = row(spacing=8)
            line.addWidget(take)
            line.addStretch(1)
            other.body.insertLayout(other.body.count() - 1, line)
            self.body.addWidget(Pair(now, other))
        if view.facts:
            self.body.addWidget(facts_table(view.facts))

    def choose(self, number: int) -> None:
        fitting = self.view.fitting
        if number == 1 and fitting is not None:
            values = {self.view.card.id: fitting.output}
            self.decide.emit(lambda run, who: deciding.relabel(run, self.finding, values, who))


class ShiftBody(Body):
    """A block of outputs that slipped: some of its rows, with the output they have and the one that is theirs."""

    def __init__(self, context: Context, finding: Finding, view: Shift):
        super().__init__(context, finding)
        many = basics.card(spacing=12)
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(12))
        for at, title in enumerate((tr("Input"), tr("Output it has"), tr("Output that is its own"))):
            grid.addWidget(label(title, "muted"), 0, at)
            grid.setColumnStretch(at, 1)
        for line, one in enumerate(view.rows, 1):
            for at, text in enumerate((one.input, one.now, one.right)):
                grid.addWidget(label(text, wrap=True), line, at, Qt.AlignmentFlag.AlignTop)
        many.body.addLayout(grid)
        self.body.addWidget(many)
        facts = [
            (tr("Rows that slipped"), number(len(finding.examples))),
            (tr("By"), trn("{n} row", "{n} rows", abs(view.shift))),
        ]
        facts.append((tr("By chance"), tr("at most {n} such blocks", n=f"{view.chance:.1e}")))
        if view.missing:
            said = trn("{n} row: its own output is lost", "{n} rows: their own outputs are lost", view.missing)
            facts.append((tr("Not to be put back"), said))
        self.body.addWidget(facts_table(facts))
        self.others(finding.examples[len(view.rows) :], finding.message)
