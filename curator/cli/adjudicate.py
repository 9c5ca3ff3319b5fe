"""`curator adjudicate`: what reviewers disagree on, and what it comes to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.cli.calibrate import refuse_files
from curator.cli.keep import Project
from curator.errors import InputError
from curator.text import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curator.model import Round
    from curator.review.adjudication.rulings import Dispute, Settled
    from curator.store import Project as Store

_SHOWN = 25  # disputes on the screen; a sheet has all
_ROOM = 44  # characters of an input on the screen


def adjudicate(
    project: Project,
    round: Annotated[
        str | None, typer.Option("--round", metavar="N", help="One round, by its number or name [default: all].")
    ] = None,
    settle: Annotated[
        bool, typer.Option("--settle", help="Settle the items of the rounds on which all votes agree.")
    ] = False,
    at_least: Annotated[
        float | None,
        typer.Option(
            "--at-least",
            metavar="SHARE",
            min=0.5,
            max=1.0,
            help="With --settle: also those whose consensus is as sure as this, such as 0.9.",
        ),
    ] = None,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", metavar="FILE.csv|.xlsx", help="Write the disputes as a sheet to fill in.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="Read the sheet that was filled in.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who adjudicates [default: your user name].")
    ] = None,
    gaps: Annotated[
        str | None,
        typer.Option(
            "--gaps", metavar="FILE.md|-", help="Write what the guideline leaves open, as Markdown; - shows it."
        ),
    ] = None,
    hide_names: Annotated[
        bool, typer.Option("--hide-names", help="Show letters instead of reviewers, others on each example.")
    ] = False,
    config: common.Config = None,
) -> None:
    """List what reviewers disagree on, most informative first; settle what agrees, or read what was decided.

    Fill in one cell of each row of the sheet: keep, drop or the letter of a vote as the verdict, or a label. The cause is
    guideline, error, ambiguous or bad_item.
    """
    from curator.store import Project as Store

    refuse_files(project)
    _refuse_together(settle, at_least, sheet, answers, gaps)
    with Store.open(project) as opened:
        about = [opened.rounds.get(round)] if round is not None else opened.rounds.all()
        who = name or opened.actor
        if settle:
            _settle(opened, about, who, at_least)
        elif sheet is not None:
            _write(opened, about if round is not None else None, sheet, hide_names)
        elif answers is not None:
            _read(opened, answers, who)
        elif gaps is not None:
            _gaps(opened, gaps)
        else:
            _list(opened, about, round is not None, hide_names)


def _refuse_together(
    settle: bool, at_least: float | None, sheet: Path | None, answers: Path | None, gaps: str | None
) -> None:
    if sum((settle, sheet is not None, answers is not None, gaps is not None)) > 1:
        raise InputError("--settle, --sheet, --answers and --gaps are four different things; give one of them")
    if at_least is not None and not settle:
        raise InputError("--at-least says what --settle settles; give both")


def _found(opened: Store, about: Sequence[Round] | None) -> list[Dispute]:
    """The disputes of one round, or of all rounds and outside of them."""
    from curator.review.adjudication.rulings import disputes

    return disputes(opened, about[0] if about else None)


def _list(opened: Store, about: Sequence[Round], one: bool, hide_names: bool) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from curator.review.adjudication.rulings import foresee

    console = Console(highlight=False)
    found = _found(opened, about if one else None)
    if found:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for title in ("example", "where", "votes", "suggestion", "why"):
            table.add_column(title, overflow="fold")
        for each in found[:_SHOWN]:
            table.add_row(*(Text(cell) for cell in _cells(each, hide_names)))
        console.print(table)
        if len(found) > _SHOWN:
            console.print(f"and {len(found) - _SHOWN:,} more; --sheet has them all", style="dim")
    console.print(f"{plural(len(found), 'example')} to adjudicate." if found else "Nothing is disputed.", style="bold")
    for round in about:
        console.print(Text(_counts(round, foresee(opened, round))))


def _cells(one: Dispute, hide_names: bool) -> tuple[str, ...]:
    from curator.review.adjudication.rulings import SAID

    where = f"round {one.round.number}" if one.round is not None else "outside of rounds"
    text = " ".join(one.now.input.split())
    text = text if len(text) <= _ROOM else text[: _ROOM - 1] + "…"
    sure = "–" if one.label is None else f"{one.label} ({one.confidence:.0%})"
    place = Path(str(one.now.ref)).name  # the folder would take the room of the votes
    return f"{one.example}: {text}", f"{where}, {place}", _votes(one, hide_names), sure, SAID[one.reason]


def _votes(one: Dispute, hide_names: bool) -> str:
    """Who said what."""
    from curator.review.adjudication.rulings import letters

    seed = one.round.seed if one.round is not None else 0
    letter = letters(one.example, (vote.reviewer for vote in one.votes), seed)
    called = {vote.reviewer: letter[vote.reviewer] if hide_names else vote.reviewer for vote in one.votes}
    said = sorted(
        (called[vote.reviewer], one.answers[vote.id].label if vote.id in one.answers else str(vote.verdict))
        for vote in one.votes
    )
    return ", ".join(f"{who}: {what}" for who, what in said)


def _counts(round: Round, settled: Settled) -> str:
    called = f" ({round.name})" if round.name else ""
    parts = [
        (len(settled.before), "settled"),
        (settled.settled + len(settled.agreed), "agreed and not settled yet (--settle)"),
        (len(settled.disputed), "disputed"),
        (len(settled.changed), "put aside, for they were changed since"),
        (len(settled.elsewhere), "settled by another round since"),
        (len(settled.waiting), "waiting for votes"),
    ]
    return f"Round {round.number}{called}: " + (
        ", ".join(f"{count:,} {what}" for count, what in parts if count) or "nothing in it to settle"
    )


def _settle(opened: Store, about: Sequence[Round], who: str, at_least: float | None) -> None:
    from curator.review.adjudication.rulings import settle

    if not opened.adjudicates:
        # Without the others' votes it would look as if nobody had voted.
        raise InputError(
            f"This account votes as {opened.me()} and may not settle; its owner can, or lets it adjudicate"
        )
    if not about:
        raise InputError(f"{opened.where} has no round of review to settle; `curator assign` begins one")
    for each in about:
        done = settle(opened, each, who, at_least, asked=True)
        by = f", {len(done.by_consensus):,} by consensus" if at_least is not None else ""
        said = f"settled {plural(done.settled, 'item')} ({len(done.unanimous):,} unanimous{by})"
        left = [
            (len(done.disputed), "disputed"),
            (len(done.changed), "put aside, for they were changed since"),
            (len(done.stale), "had been settled on other votes before"),
            (len(done.waiting), "waiting for votes"),
        ]
        print(f"Round {each.number}: " + "; ".join([said, *(f"{count:,} {what}" for count, what in left if count)]))


def _write(opened: Store, about: Sequence[Round] | None, path: Path, hide_names: bool) -> None:
    from curator.review.adjudication import sheet as adjudication_sheet
    from curator.store import shown_address

    found = _found(opened, about)
    if not found:
        print("Nothing is disputed, so there is no sheet to fill in.")
        return
    adjudication_sheet.write(path, found, hide_names=hide_names)
    print(f"Wrote {plural(len(found), 'example')} to {path}. Fill in a verdict or a label in each row, then:")
    print(f"  curator adjudicate {shown_address(opened.address)} --answers {path} --as NAME")


def _read(opened: Store, path: Path, who: str) -> None:
    from curator.review.adjudication import sheet as adjudication_sheet
    from curator.review.adjudication.rulings import adjudicate_all

    found = adjudication_sheet.read(opened, path, who)
    if found.rulings:
        adjudicate_all(opened, found.rulings, who)
    print(f"Adjudicated {plural(len(found.rulings), 'example')} as {who}.")
    if found.known:
        print(f"{plural(len(found.known), 'row')} had been read before and changed nothing.")
    if found.outdated:
        lines = ", ".join(str(line) for line in found.outdated)
        print(
            f"{plural(len(found.outdated), 'row')} put aside (line {lines}): the votes or the text changed since the sheet was "
            "written, or somebody adjudicated otherwise; write a new sheet."
        )


def _gaps(opened: Store, path: str) -> None:
    from curator.review.adjudication.rulings import gaps, gaps_markdown

    found = gaps(opened)
    if not found:
        print("No adjudication names the guideline as the cause of a disagreement.")
        return
    if path != "-" and Path(path).exists():
        raise InputError("exists already; name another file for the list", path=path)
    common.write_result(path, gaps_markdown(found).encode("utf-8", "replace"))
    if path != "-":
        cases = sum(len(gap.cases) for gap in found)
        print(f"Wrote {plural(len(found), 'gap')} of the guideline, from {plural(cases, 'adjudication')}, to {path}.")
