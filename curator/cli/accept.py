"""`curator accept` and `curator dismiss`: do what findings propose, or keep what they would take away."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.cli.calibrate import Reviewer, refuse_files
from curator.cli.keep import Project
from curator.errors import InputError
from curator.text import plural

if TYPE_CHECKING:
    from curator.review.judging import Chosen
    from curator.store import JournalEntry
    from curator.store import Project as Store

Findings = Annotated[
    list[str] | None,
    typer.Argument(metavar="FINDING…", help="Ids of findings of the latest check, or the first digits of them."),
]
Check = Annotated[
    str | None, typer.Option("--check", metavar="NAME", help="All findings of this check, notes left out.")
]
AtLeast = Annotated[
    float | None, typer.Option("--at-least", metavar="SCORE", help="With --check: those with this score or more.")
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="A remark that is kept with the decisions.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="With --check: do not ask first.")]


def accept(
    project: Project,
    findings: Findings = None,
    check: Check = None,
    at_least: AtLeast = None,
    reviewer: Reviewer = None,
    note: Note = "",
    yes: Yes = False,
    config: common.Config = None,
) -> None:
    """Do what findings of the latest check propose.

    Examples are dropped or relabelled as proposed, in one step that `curator undo` takes back.
    """
    from curator.review import judging

    _judge(judging.accept, "accept", project, findings, check, at_least, reviewer, note, yes)


def dismiss(
    project: Project,
    findings: Findings = None,
    check: Check = None,
    at_least: AtLeast = None,
    reviewer: Reviewer = None,
    note: Note = "",
    yes: Yes = False,
    config: common.Config = None,
) -> None:
    """Keep what findings of the latest check would take away.

    A dismissed finding leaves nothing out of an export any more; `curator undo` takes it back.
    """
    from curator.review import judging

    _judge(judging.dismiss, "dismiss", project, findings, check, at_least, reviewer, note, yes)


def _judge(
    act: Callable[..., JournalEntry],
    verb: str,
    project: str,
    findings: list[str] | None,
    check: str | None,
    at_least: float | None,
    reviewer: str | None,
    note: str,
    yes: bool,
) -> None:
    from curator.store import Project as Store

    refuse_files(project)
    with Store.open(project) as opened:
        chosen = _chosen(opened, findings, check, at_least, verb, yes)
        done = act(opened, chosen, reviewer or opened.actor, note, looked_at=check is None)
        print(f"{done.text}. Take it back with `curator undo` (entry {done.id}).")


def _chosen(
    opened: Store, ids: list[str] | None, check: str | None, at_least: float | None, verb: str, yes: bool
) -> Chosen:
    from curator.review import judging

    if bool(ids) == (check is not None):
        raise InputError(f"name the findings to {verb} by their ids, or all of a check with --check NAME")
    if check is None:
        if at_least is not None:
            raise InputError("--at-least goes with --check NAME")
        return judging.by_id(opened, ids or [])
    chosen = judging.of_check(opened, check, at_least, proposing=verb == "accept")
    over = f" ({chosen.passed_over:,} more are notes, dismissed or propose nothing)" if chosen.passed_over else ""
    if not chosen.findings:
        raise InputError(f"there is no finding of {check} to {verb}{over}")
    _confirm(f"{verb.capitalize()} {plural(len(chosen.findings), 'finding')} of {check}{over}", yes)
    return chosen


def _confirm(what: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError(f"{what}? Say so with --yes; nothing was done")
    if input(f"{what}? [y/N] ").strip().casefold() not in ("y", "yes"):
        raise InputError("nothing was done")
