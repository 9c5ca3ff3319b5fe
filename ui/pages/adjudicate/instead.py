"""What the page Adjudicate shows where there is nothing to decide: why, and what to do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.i18n import tr, trn
from ui.presenters.adjudicate import Begun
from ui.theme import px
from ui.widgets.basics import EmptyState, button, card, column, muted, row, title


def ending(
    context: Context, begun: Begun, decided: int, on_all: Callable[[], object], on_settle: Callable[[], object]
) -> QWidget:
    """The account may not; no rounds yet; nobody has voted yet; all agree; or all is decided. `decided`: how many in this sitting."""
    if not begun.allowed:
        return EmptyState(
            tr("Others adjudicate here"),
            tr(
                "Your account may vote in this project. Whoever runs its database can let it adjudicate, too, with "
                "curator grant NAME --adjudicates."
            ),
            tr("Go to the review"),
            lambda: context.go("review"),
            picture="adjudicate",
        )
    if not begun.rounds and not decided:
        return EmptyState(
            tr("Nothing to adjudicate yet"),
            tr(
                "Where several reviewers look at the same examples, what they disagree on is decided here. Begin a round to have them do so."
            ),
            tr("Begin a round"),
            lambda: context.go("rounds"),
            picture="adjudicate",
        )
    if not begun.voted and not decided:
        return EmptyState(
            tr("Votes are still to come"),
            trn("{n} item waits for votes.", "{n} items wait for votes.", begun.waiting),
            tr("See the rounds"),
            lambda: context.go("rounds"),
            picture="adjudicate",
        )
    return _ended(context, begun, decided, on_all, on_settle)


def standing(begun: Begun) -> str:
    """Where the rounds stand, in a few words."""
    said = [
        (begun.agreed, trn("{n} agreed", "{n} agreed", begun.agreed)),
        (begun.settled, trn("{n} settled", "{n} settled", begun.settled)),
        (begun.waiting, trn("{n} waits for votes", "{n} wait for votes", begun.waiting)),
    ]
    return " · ".join(text for count, text in said if count)


def _ended(
    context: Context, begun: Begun, decided: int, on_all: Callable[[], object], on_settle: Callable[[], object]
) -> QWidget:
    made = QWidget()
    outer = column(made)
    outer.addStretch(2)
    panel = card(spacing=16, margins=32)
    panel.setMaximumWidth(px(480))
    body = panel.body
    elsewhere = sum(begun.counts.values())
    body.addWidget(title(_title(begun, decided)))
    body.addWidget(muted(_said(begun, decided)))
    steps = column(spacing=8)
    primary = "primary"
    if begun.agreed:
        settle = trn("Settle the {n} item that all agree on", "Settle the {n} items that all agree on", begun.agreed)
        steps.addWidget(button(settle, on_settle, primary))
        primary = ""
    if elsewhere:
        more = trn("Go on with {n} other disagreement", "Go on with {n} other disagreements", elsewhere)
        steps.addWidget(button(more, on_all, primary))
        primary = ""
    steps.addWidget(button(tr("Go to the export"), lambda: context.go("export"), primary))
    body.addLayout(steps)
    if decided:
        body.addWidget(muted(tr("Ctrl+Z takes back the last decision.")))
    middle = row()
    middle.addStretch(1)
    middle.addWidget(panel, 8)
    middle.addStretch(1)
    outer.addLayout(middle)
    outer.addStretch(3)
    return made


def _title(begun: Begun, decided: int) -> str:
    if begun.withheld:
        return tr("Nothing to adjudicate for you yet")
    return tr("Everything is adjudicated") if decided else tr("Nobody disagrees")


def _said(begun: Begun, decided: int) -> str:
    said = []
    if decided:
        said.append(
            trn(
                "You adjudicated {n} example in this sitting.", "You adjudicated {n} examples in this sitting.", decided
            )
        )
    if begun.settled:
        said.append(trn("{n} item is settled.", "{n} items are settled.", begun.settled))
    if begun.waiting:
        said.append(trn("{n} item waits for votes.", "{n} items wait for votes.", begun.waiting))
    if begun.withheld:
        said.append(
            trn(
                "{n} disagreement is not shown, since the round is blind and you have still to vote on it.",
                "{n} disagreements are not shown, since the round is blind and you have still to vote on them.",
                begun.withheld,
            )
        )
    return " ".join(said) or tr("There is nothing in this queue.")
