"""`curator merge`: what reviewers sent back, or voted elsewhere, into the project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.cli.calibrate import refuse_files
from curator.cli.keep import Project
from curator.errors import InputError

if TYPE_CHECKING:
    from curator.store import Project as Store


def merge(
    project: Project,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE…",
            help="Answers to packets; tables of votes; or exports of Label Studio, Argilla, Prodigy and doccano.",
        ),
    ],
    round: Annotated[
        str | None,
        typer.Option(
            "--round",
            metavar="N",
            help="The round that votes of a table are for, by number or name [default: the open one with all their examples].",
        ),
    ] = None,
    item: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="In a table of votes, the column that names the item.")
    ] = None,
    reviewer: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column that names the reviewer.")] = None,
    label: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column with the reviewer's label.")] = None,
    config: common.Config = None,
) -> None:
    """Merge reviewers' votes into a project, in any order; what is there already is not counted again.

    Votes of a table or another tool that are for no round count at once, as decisions of their reviewers. A file that cannot be merged changes nothing, and the others are merged all the same. Items on which everybody agrees settle themselves, unless their round says otherwise.
    """
    from curator.pipeline import settle
    from curator.store import Project as Store
    from curator.text import plural

    refuse_files(project)
    refused: list[InputError] = []
    with Store.open(project) as opened:
        for file in files:
            try:
                lines = _merge(opened, file, round, (item, reviewer, label))
            except InputError as problem:
                refused.append(problem)
                continue
            print(f"{file}: {lines[0]}")
            for line in lines[1:]:
                print(f"  {line}")
        if settled := settle(opened):
            print(f"Settled {plural(settled, 'item')} on which all agree.")
    if len(files) == 1 and refused:
        raise refused[0]
    for error in refused:
        print(f"curator: {str(error).removesuffix('.')}.", file=sys.stderr)
    if refused:
        raise typer.Exit(InputError.exit_code)


def _merge(
    opened: Store, file: Path, round: str | None, columns: tuple[str | None, str | None, str | None]
) -> list[str]:
    """What came of one file, in lines for people."""
    from curator.review.packets.exchange import merge_packet
    from curator.review.packets.file import SUFFIX, is_packet
    from curator.review.votes.outside import merge_votes

    if is_packet(file) or file.suffix.casefold() == SUFFIX:
        if round is not None and opened.rounds.get(round).id != _round_of(file):
            raise InputError(f"belongs to another round than {round}; leave --round out", path=file)
        return merge_packet(opened, file).sentences
    item, reviewer, label = columns
    return merge_votes(opened, file, item=item, reviewer=reviewer, label=label, round=round).sentences


def _round_of(file: Path) -> str:
    from curator.review.packets.content import head_of
    from curator.review.packets.file import read_members

    return head_of(read_members(file), file).round
