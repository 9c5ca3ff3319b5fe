"""The card on the consensus: which method found it and why, how sure it is, and the way to what people have to decide."""

from __future__ import annotations

from collections.abc import Callable

from ui.i18n import number, tr, trn
from ui.presenters.agreement_page import ConsensusView
from ui.theme import color
from ui.widgets.bars import Part, StackBar
from ui.widgets.basics import Card, button, fill, heading, label, muted, row


class ConsensusCard(Card):
    """How sure the consensus is."""

    def __init__(self, on_adjudicate: Callable[[], object]) -> None:
        super().__init__(spacing=8, margins=(16, 16, 16, 16))
        self.method, self.why = label("", wrap=True), muted("")
        self.sure, self.bar, self.legend = label("", wrap=True), StackBar(12), muted("")
        self.adjudicate = button("", on_adjudicate)
        below = row(spacing=8)
        fill(below, self.adjudicate, None)
        fill(self.body, heading(tr("Consensus")), self.method, self.why, 4, self.sure, self.bar, self.legend, 4, below)
        self.body.addStretch(1)

    def show_view(self, view: ConsensusView | None) -> None:
        self.setVisible(view is not None)
        if view is None:
            return
        self.method.setText(view.method)
        self.why.setText(view.why)
        items = view.sure + view.likely + view.unsure
        self.sure.setText(
            trn(
                "Of {n} item the consensus is at least 90% sure on {sure}.",
                "Of {n} items the consensus is at least 90% sure on {sure}.",
                items,
                sure=number(view.sure),
            )
        )
        parts = [
            Part(tr("at least 90% sure"), view.sure, color("good")),
            Part(tr("70% to 90%"), view.likely, color("warn")),
            Part(tr("less sure"), view.unsure, color("bad")),
        ]
        self.bar.show_parts(parts)
        self.legend.setText(" · ".join(f"{part.name}: {number(part.count)}" for part in parts))
        self.adjudicate.setVisible(view.disputes > 0)
        self.adjudicate.setText(
            trn("Adjudicate {n} disagreement", "Adjudicate {n} disagreements", view.disputes) if view.disputes else ""
        )
