"""Fixes of form in words, and what is to be chosen among them. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ui.i18n import tr
from ui.presenters.export_choices import Choices

if TYPE_CHECKING:
    from ui.presenters.export import View
    from ui.presenters.export_targets import Target


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix that can be chosen. `loses`: what is lost by it, "" nothing."""

    name: str
    title: str
    loses: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A fix for the formats that are ticked. `on`: it is chosen for all formats; `only`: the formats (names and titles) that it is
    chosen for alone. `changed`: the examples (ids) that it changes; `would`: those that it would mend if it were on. `target`: the
    format in which to look at one of them."""

    fix: Fix
    on: bool
    only: tuple[tuple[str, str], ...]
    changed: tuple[int, ...]
    would: tuple[int, ...]
    target: str

    @property
    def chosen(self) -> bool:
        return self.on or bool(self.only)

    @property
    def ids(self) -> tuple[int, ...]:
        return self.changed if self.chosen else self.would


def offers(view: View, choices: Choices) -> tuple[Offer, ...]:
    """The fixes that are chosen or that would mend something in a format that is ticked, in the order of the engine."""
    ticked = [target for target in view.targets if target.name in choices.targets]
    titles = {target.name: target.title for target in view.targets}
    found = []
    for fix in view.fixes:
        only = tuple(
            (name, titles.get(name, name)) for name, _, what in map(_parted, choices.fixes) if what == fix.name
        )
        changed, would = _ids(ticked, fix.name, fixed=True), _ids(ticked, fix.name, fixed=False)
        on = fix.name in choices.fixes
        if on or only or would:
            about = next((t.name for t in ticked if any(g.mend == fix.name for g in t.groups)), "")
            found.append(Offer(fix, on, only, changed, would, about))
    return tuple(found)


def _parted(name: str) -> tuple[str, str, str]:
    return name.partition(":")


def _ids(targets: Sequence[Target], fix: str, *, fixed: bool) -> tuple[int, ...]:
    groups = [group for target in targets for group in target.groups if group.mend == fix]
    return tuple(sorted({id for g in groups if (g.kind == "fixed") is fixed for id in (g.ids if fixed else g.mended)}))


def fix_title(name: str, title: str) -> str:
    """What a fix does, `title` as the engine has it."""
    return {
        "drop-empty-system": tr("Leave out empty system turns"),
        "system-first": tr("Join the system turns in front"),
        "merge-system": tr("Put the system text into the first user turn"),
        "end-at-assistant": tr("End with the last assistant turn"),
        "merge-turns": tr("Join turns of one role that follow each other"),
        "drop-weights": tr("Leave out weights of turns that are not trained on"),
        "split-tool-calls": tr("Give each tool call a turn of its own"),
        "drop-text-of-calls": tr("Leave out the text of turns that call tools"),
        "renumber-tool-ids": tr("Number tool calls by 9 letters and digits"),
        "cut-long": tr("Shorten what is too long: oldest exchanges, then the longest user turn"),
    }.get(name, title)


def loses(what: str) -> str:
    """What a fix loses, in words."""
    return {"text that is learned": tr("text that is learned"), "part of the input": tr("part of the input")}.get(
        what, what
    )


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn before or after. `differs`: the other side has no such turn."""

    role: str
    text: str
    differs: bool


def sides(answer: Mapping[str, Any]) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    """The turns of an example before and after, from what the job `fixes` says."""

    def one(here: Sequence[Mapping[str, str]], there: Sequence[Mapping[str, str]]) -> tuple[Turn, ...]:
        return tuple(Turn(turn["role"], turn["text"], turn not in there) for turn in here)

    return one(answer["before"], answer["after"]), one(answer["after"], answer["before"])
