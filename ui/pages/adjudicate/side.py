"""What stands beside a dispute when it is asked for: the gaps of the guideline, and settling without a look."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from curator.review.adjudication.gaps import Case
from curator.review.adjudication.rulings import Gap, gaps_markdown
from ui.i18n import share, tr, trn
from ui.presenters.adjudicate import SHARES, Settling
from ui.presenters.adjudicate_gaps import gap_title, said_of
from ui.widgets import basics
from ui.widgets.basics import Scroll, button, clear, column, fill, heading, label, muted, named, row
from ui.widgets.flow import Flow


class Gaps(basics.Card):
    """What the guideline leaves open. `on_append` adds it to the guideline, `on_close` puts the list away."""

    def __init__(self, on_append: Callable[[], object], on_close: Callable[[], object], tell: Callable[[str], object]):
        super().__init__(margins=(16, 12, 16, 16))
        self._tell = tell
        self.found: tuple[Gap, ...] = ()
        top = row()
        fill(top, heading(tr("Guideline gaps")), None)
        fill(top, button(tr("Close"), on_close, "quiet", name=tr("Close the list of gaps")))
        self._none = muted(
            tr(
                "None yet. Where the guideline does not say which answer is right, choose “Guideline unclear” and note what it should "
                "say: it is gathered here."
            )
        )
        inside = QWidget()
        self._list = column(inside, 12, (0, 0, 8, 0))
        self.copy = button(tr("Copy"), self.copy_all, name=tr("Copy the gaps as Markdown"))
        self.append = button(tr("Add to the guideline"), on_append, "primary")
        self._bottom = QWidget()
        bottom = Flow(self._bottom)
        for made in (self.append, self.copy):
            bottom.add(made)
        self.body.addLayout(top)
        self.body.addWidget(self._none)
        self.body.addWidget(Scroll(inside), 1)
        self.body.addWidget(self._bottom)

    def show_gaps(self, found: Sequence[Gap]) -> None:
        if tuple(found) == self.found and self._list.count():
            return
        self.found = tuple(found)
        clear(self._list)
        for gap in self.found:
            self._list.addWidget(_gap(gap))
        self._list.addStretch(1)
        self._none.setVisible(not self.found)
        self._bottom.setVisible(bool(self.found))

    def copy_all(self) -> None:
        """Put the gaps on the clipboard, to be pasted wherever the guideline is written."""
        QApplication.clipboard().setText(gaps_markdown(self.found))
        self._tell(tr("The gaps are on the clipboard."))


def _gap(gap: Gap) -> QWidget:
    made = QWidget()
    body = column(made, 4)
    top = row()
    fill(top, label(gap_title(gap), "heading", wrap=True), None, muted(str(len(gap.cases)), wrap=False))
    body.addLayout(top)
    for case in gap.cases:
        body.addWidget(_case(case))
    return made


def _case(case: Case) -> QWidget:
    made = basics.card("sunken", spacing=2, margins=(12, 8, 12, 8))
    text, decided = said_of(case)
    fill(made.body, label(text, wrap=True), muted(decided))
    return made


class Settle(basics.Card):
    """Settles what needs no look. `on_settle` is given the least confidence, None for what all agree on; `on_share` another
    least confidence to tell about."""

    def __init__(
        self,
        on_settle: Callable[[float | None], object],
        on_share: Callable[[float], object],
        on_close: Callable[[], object],
        at_least: float,
    ):
        super().__init__(spacing=12, margins=(16, 12, 16, 16))
        self._on_settle = on_settle
        top = row()
        fill(top, heading(tr("Settle")), None)
        fill(top, button(tr("Close"), on_close, "quiet", name=tr("Close what settles")))
        self.unanimous = button("", lambda: on_settle(None), "primary")
        self.share = named(QComboBox(), tr("Least confidence"))
        for value in SHARES:
            self.share.addItem(share(value), value)
        self.share.setCurrentIndex(SHARES.index(at_least))
        self.share.activated.connect(lambda at: on_share(self.share.itemData(at)))
        self.by_consensus = button("", lambda: on_settle(self.share.currentData()))
        self.more = muted("")
        chosen = row(spacing=8)
        fill(chosen, label(tr("Confidence from")), self.share, None)
        self.body.addLayout(top)
        fill(
            self.body,
            muted(tr("Items on which all votes are the same need no look.")),
            self.unanimous,
            8,
            muted(
                tr(
                    "Where votes differ the consensus weighs them by how reliable each reviewer has been. Flags, and items that were "
                    "changed since, are left to you."
                )
            ),
            chosen,
            self.by_consensus,
            self.more,
            8,
            muted(tr("One Ctrl+Z takes a settling back.")),
        )
        self.body.addStretch(1)
        self.show_waiting()

    def show_waiting(self) -> None:
        """The numbers are being found out."""
        for made, text in (
            (self.unanimous, tr("Settle unanimous")),
            (self.by_consensus, tr("Settle by consensus")),
        ):
            made.setText(text)
            made.setEnabled(False)

    def show_numbers(self, found: Settling) -> None:
        self.unanimous.setText(trn("Settle {n} unanimous item", "Settle {n} unanimous items", found.unanimous))
        self.unanimous.setEnabled(found.unanimous > 0)
        both = found.unanimous + found.by_consensus
        self.by_consensus.setText(trn("Settle {n} item", "Settle {n} items", both))
        self.by_consensus.setEnabled(found.by_consensus > 0)
        more = trn("{n} of them by consensus", "{n} of them by consensus", found.by_consensus)
        self.more.setText(more)
        self.by_consensus.setAccessibleDescription(more)
