"""What can be done on the page, and the keys it is on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from curator.model import Verdict
from ui.actions import Action
from ui.i18n import tr
from ui.presenters.labels import KEYS

if TYPE_CHECKING:
    from ui.pages.examples.page import ExamplesPage


def actions(page: ExamplesPage) -> list[Action]:
    """The page's actions, for menus, palette and keys."""
    return [*_deciding(page), *_labels(page), *_looking(page)]


def _deciding(page: ExamplesPage) -> list[Action]:
    def here(id: str, title: str, run: Callable[[], object], *keys: str) -> Action:
        return Action(f"examples.{id}", title, run, keys, "examples", "review", lambda: page.has_rows)

    def all_of(verdict: Verdict) -> Callable[[], None]:
        return lambda: page.decide_all(verdict)

    return [
        here("keep", tr("Keep"), lambda: page.decide(Verdict.KEEP), "A"),
        here("drop", tr("Drop"), lambda: page.decide(Verdict.DROP), "X"),
        here("flag", tr("Flag"), lambda: page.decide(Verdict.FLAG), "F"),
        here("edit", tr("Edit"), page.edit, "E"),
        here("relabel", tr("Relabel…"), page.relabel, "L"),
        here("all_keep", tr("Keep all that are shown…"), all_of(Verdict.KEEP)),
        here("all_drop", tr("Drop all that are shown…"), all_of(Verdict.DROP)),
        here("all_flag", tr("Flag all that are shown…"), all_of(Verdict.FLAG)),
        here("all_relabel", tr("Relabel all that are shown…"), all_of(Verdict.RELABEL)),
        here("round", tr("Plan a round of what is shown"), page.plan_round),
    ]


def _labels(page: ExamplesPage) -> list[Action]:
    return [
        Action(
            f"examples.label.{key}",
            tr("Label on key {key}", key=key),
            lambda key=key: page.label_on(key),  # type: ignore[misc]
            (str(key),),
            "examples",
            enabled=lambda key=key: page.has_rows and page.labels.on_key(key) is not None,  # type: ignore[misc]
        )
        for key in range(1, KEYS + 1)
    ]


def _looking(page: ExamplesPage) -> list[Action]:
    def here(id: str, title: str, run: Callable[[], object], *keys: str, rows: bool = True) -> Action:
        enabled = (lambda: page.has_rows) if rows else None
        return Action(f"examples.{id}", title, run, keys, "examples", "view", enabled)

    return [
        here("find", tr("Search examples"), page.filters.find, "Ctrl+F", rows=False),
        here("like", tr("More like this"), page.like, "M"),
        here("open", tr("Read the example"), page.open_detail, "Return", "Enter"),
        here("back", tr("Back to the rows"), page.back, "Escape", rows=False),
        here("clear", tr("Clear filters"), page.filters.clear, "Ctrl+Shift+F", rows=False),
    ]
