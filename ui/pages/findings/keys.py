"""What can be done on the page, and the keys it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.actions import Action
from ui.i18n import tr

if TYPE_CHECKING:
    from ui.pages.findings.page import FindingsPage


def actions(page: FindingsPage) -> list[Action]:
    """The page's actions, for menus, palette and keys."""
    return [*_deciding(page), *_moving(page), *_choosing(page)]


def _deciding(page: FindingsPage) -> list[Action]:
    cutting = page.cutting

    def here(id: str, title: str, run: object, keys: tuple[str, ...], enabled: object = None) -> Action:
        return Action(f"findings.{id}", title, run, keys, "findings", "review", enabled)  # type: ignore[arg-type]

    def yes() -> None:
        if cutting.is_asking:
            cutting.answer(True)
        else:
            page.pane.accept()

    def is_asking() -> bool:
        return cutting.is_asking

    return [
        here("accept", tr("Accept"), yes, ("Y", "Return", "Enter"), lambda: page.shows_finding or is_asking()),
        here("dismiss", tr("Dismiss…"), page.pane.dismiss, ("D",), lambda: page.shows_finding),
        here("wrong", tr("Borderline finding: wrong"), lambda: cutting.answer(False), ("N",), is_asking),
        here("unsure", tr("Borderline finding: cannot tell"), lambda: cutting.answer(None), ("S",), is_asking),
        here("cut", tr("Threshold…"), cutting.open, ("T",), cutting.possible),
        here("many", tr("Decide many…"), page.open_many, ("M",)),
        here("guide", tr("How to judge this"), page.frame.head.guide.click, ("G",)),
        here("back", tr("Back to the findings"), page.back, ("Escape",), lambda: not page.shows_finding),
    ]


def _moving(page: FindingsPage) -> list[Action]:
    moves = (
        ("next", tr("Next finding"), ("J", "Down"), lambda: page.step(1)),
        ("previous", tr("Previous finding"), ("K", "Up"), lambda: page.step(-1)),
        ("next_check", tr("Next check"), ("Ctrl+Down",), lambda: page.step_check(1)),
        ("previous_check", tr("Previous check"), ("Ctrl+Up",), lambda: page.step_check(-1)),
    )
    return [Action(f"findings.{id}", title, run, keys, "findings", "review") for id, title, keys, run in moves]


def _choosing(page: FindingsPage) -> list[Action]:
    """Number keys: which one stays, which label, which output."""
    return [
        Action(
            f"findings.choose.{n}",
            tr("Choose number {n}", n=n),
            lambda n=n: page.pane.choose(n),  # type: ignore[misc]
            (str(n),),
            "findings",
            enabled=lambda: page.shows_finding,
        )
        for n in range(1, 10)
    ]
