"""The keys of the page Adjudicate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from curator.model import Cause, Verdict
from ui.actions import Action
from ui.i18n import tr
from ui.presenters.adjudicate_votes import cause_title
from ui.presenters.labels import KEYS

if TYPE_CHECKING:
    from ui.pages.adjudicate.page import AdjudicatePage

CAUSES = {Cause.GUIDELINE: "U", Cause.ERROR: "M", Cause.AMBIGUOUS: "B", Cause.BAD_ITEM: "I"}


def actions(page: AdjudicatePage) -> list[Action]:
    """What can be done about a dispute."""
    sitting = page.sitting

    def active() -> bool:
        return sitting.active

    def has_consensus() -> bool:
        return sitting.active and (sitting.busy or page.proposed is not None)

    def many() -> bool:
        return sitting.active and (sitting.busy or len(page.offered) > KEYS)

    def always() -> bool:
        return True

    def made(
        id: str, title: str, run: Callable[[], object], *keys: str, enabled: Callable[[], bool] = active
    ) -> Action:
        return Action(f"adjudicate.{id}", title, run, keys, scope="adjudicate", menu="review", enabled=enabled)

    def causes() -> list[Action]:
        return [
            Action(
                f"adjudicate.cause.{cause}",
                tr("Why they disagreed: {cause}", cause=cause_title(cause)),
                lambda cause=cause: page.act(lambda: page.blame(cause)),  # type: ignore[misc]
                (key,),
                scope="adjudicate",
                enabled=active,
            )
            for cause, key in CAUSES.items()
        ]

    def answers() -> list[Action]:
        return [
            Action(
                f"adjudicate.label.{key}",
                tr("Answer on key {key}", key=key),
                lambda key=key: page.choose_key(key),  # type: ignore[misc]
                (str(key),),
                scope="adjudicate",
                enabled=active,
            )
            for key in range(1, KEYS + 1)
        ]

    return [
        made("accept", tr("Decide as the consensus"), page.accept, "Y", enabled=has_consensus),
        made("keep", tr("Keep it as it is now"), lambda: page.decide(Verdict.KEEP), "A"),
        made("drop", tr("Drop"), lambda: page.decide(Verdict.DROP), "X"),
        made("edit", tr("Edit"), lambda: page.act(page.edit), "E"),
        made("skip", tr("Leave it for later"), lambda: page.act(sitting.skip), "Space"),
        made("note", tr("Note"), lambda: page.act(page.note), "N"),
        made("label", tr("Find a label"), lambda: page.act(page.find_label), "L", enabled=many),
        made("marks", tr("Mark differences"), page.toggle_marks, "C", enabled=lambda: page.side_by_side),
        made("previous", tr("Dispute before"), lambda: page.act(lambda: sitting.move(-1)), "Left"),
        made("next", tr("Next dispute"), lambda: page.act(lambda: sitting.move(1)), "Right"),
        made("names", tr("Show or hide names"), page.toggle_names, "H", enabled=always),
        made("guideline", tr("Guideline"), lambda: page.toggle_side("guideline"), "G", enabled=always),
        made("gaps", tr("Guideline gaps"), lambda: page.toggle_side("gaps"), "Shift+G", enabled=always),
        made("settle", tr("Settle what needs no look"), lambda: page.toggle_side("settle"), "S", enabled=always),
        *causes(),
        *answers(),
    ]
