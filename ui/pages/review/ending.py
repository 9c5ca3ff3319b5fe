"""What the review page shows past the last card: what was done, and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from curator.model import Round, Verdict
from curator.review.queue import Wanted
from ui.context import Context
from ui.i18n import number, tr, trn
from ui.presenters.pace import Pace
from ui.presenters.review import Begun, Deck
from ui.theme import px
from ui.widgets.basics import button, card, clear, column, muted, row, title


class Ending(QWidget):
    """`on_start` is given the queue to go on with."""

    def __init__(self, context: Context, on_start: Callable[[Wanted], object]):
        super().__init__()
        self._context = context
        self._on_start = on_start
        outer = column(self)
        outer.addStretch(2)
        self._card = card(spacing=16, margins=32)
        self._card.setMaximumWidth(px(480))
        middle = row()
        middle.addStretch(1)
        middle.addWidget(self._card, 8)
        middle.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(3)

    def show_end(self, begun: Begun, deck: Deck, pace: Pace) -> None:
        """Say what was decided, and offer what comes next."""
        body = self._card.body
        clear(body)
        if begun.round is not None:
            self._show_round(begun.round, deck, pace)
            return
        whole = begun.wanted == Wanted()
        body.addWidget(title(tr("Everything is decided") if whole else tr("That was all of this queue")))
        body.addWidget(muted(self._said(deck, pace, len(deck))))
        skipped = deck.count(Verdict.SKIP) + (0 if begun.wanted.skipped else begun.skipped)
        next_steps = column(spacing=8)
        if not whole:
            next_steps.addWidget(button(tr("Go on with everything else"), lambda: self._on_start(Wanted()), "primary"))
        if skipped:
            said = trn("Look at the {n} you skipped", "Look at the {n} you skipped", skipped)
            next_steps.addWidget(button(said, lambda: self._on_start(Wanted(skipped=True))))
        next_steps.addWidget(button(tr("See which findings are left"), lambda: self._context.go("findings")))
        export = button(tr("Go to the export"), lambda: self._context.go("export"), "primary" if whole else "")
        next_steps.addWidget(export)
        body.addLayout(next_steps)
        back = row()
        back.addWidget(muted(tr("Ctrl+Z takes back the last decision."), wrap=False))
        body.addLayout(back)

    def _show_round(self, round: Round, deck: Deck, pace: Pace) -> None:
        body = self._card.body
        done = deck.progress.decided > 0
        if round.closed:
            body.addWidget(title(tr("Round {number} is closed", number=round.number)))
        else:
            said = tr("Your part of round {number} is done", number=round.number)
            body.addWidget(title(said if done else tr("Nothing for you in round {number}", number=round.number)))
        body.addWidget(muted(self._said(deck, pace, len(deck))))
        if self._context.in_packet:
            body.addWidget(muted(tr("Send your votes back to whoever gave you the packet.")))
            run = lambda: self._context.registry.run("packet.answer")  # noqa: E731
            body.addWidget(button(tr("Write the answer…"), run, "primary"))
        else:
            body.addWidget(button(tr("See the round"), lambda: self._context.go("rounds", round=round.id), "primary"))
            body.addWidget(button(tr("Review everything else"), lambda: self._on_start(Wanted())))
        body.addWidget(muted(tr("Ctrl+Z takes back the last vote.")))

    def _said(self, deck: Deck, pace: Pace, cards: int) -> str:
        if not cards:
            return tr("There is nothing in this queue.")
        said = [
            trn(
                "You decided {n} example in this sitting", "You decided {n} examples in this sitting", deck.decided_here
            )
        ]
        if pace.seconds is not None:
            said.append(tr("at {seconds} s a card", seconds=number(pace.seconds, 1)))
        return ", ".join(said) + "."
