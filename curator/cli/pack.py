"""`curator pack`: a round as a file for each reviewer, and on the reviewer's side the answer to one."""

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
    from curator.model import Round
    from curator.review.packets.exchange import Written
    from curator.store import Project as Store


def pack(
    project: Project,
    round: Annotated[
        str | None, typer.Option("--round", metavar="N", help="The round, by number or name [default: the open one].")
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", metavar="NAME", help="For this reviewer alone [default: for each].")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER|FILE", help="Where to write [default for an answer: beside the project]."
        ),
    ] = None,
    config: common.Config = None,
) -> None:
    """Write a round as a packet for each reviewer, to be sent to them.

    They open it with `curator open`. In the project that a packet was opened as, this writes the answer to send back.
    """
    from curator.review.packets.project import packet_of
    from curator.store import Project as Store

    refuse_files(project)
    with Store.open(project) as opened:
        info = packet_of(opened)
        if info is None:
            _write(opened, _round(opened, round), reviewer, out)
        elif round is None and reviewer in (None, info.reviewer):
            _answer(opened, out)
        else:
            raise InputError(
                f"{opened.where} is {info.reviewer}'s part of {info.said}; `curator pack` writes its answer, "
                "without --round and --reviewer"
            )


def _round(opened: Store, which: str | None) -> Round:
    if which is not None:
        return opened.rounds.get(which)
    rounds = [one for one in opened.rounds.all() if not one.closed]
    if len(rounds) == 1:
        return rounds[0]
    if not rounds:
        raise InputError(f"{opened.where} has no open round; `curator assign` begins one")
    listed = ", ".join(f"{one.number} ({one.name})" if one.name else str(one.number) for one in rounds)
    raise InputError(f"{opened.where} has several open rounds, {listed}; name one with --round")


def _write(opened: Store, round: Round, reviewer: str | None, out: Path | None) -> None:
    from curator.review.packets.content import round_name
    from curator.review.packets.exchange import write_packets
    from curator.store import shown_address

    if out is None:
        raise InputError("say with --out into which folder the packets go")
    said = round_name(round.number, round.name)
    if reviewer is None and not _names_file(out):
        written = write_packets(opened, round, out)
    else:
        written = [_write_one(opened, round, reviewer, out)]
    for one in written:
        print(f"{one.path}: {plural(one.looks, 'look')} for {one.reviewer}, {said}")
    print(f"Send each reviewer their own. What they send back: curator merge {shown_address(opened.address)} FILE…")


def _write_one(opened: Store, round: Round, reviewer: str | None, out: Path) -> Written:
    from curator.review.packets.exchange import packet_name, write_packet

    if reviewer is None:
        if len(round.reviewers) != 1:
            raise InputError(
                f"{out} is one file, but the round has {plural(len(round.reviewers), 'reviewer')}; name a folder"
            )
        (reviewer,) = round.reviewers
    path = out if _names_file(out) else out / packet_name(round, reviewer)
    return write_packet(opened, round, reviewer, path)


def _answer(opened: Store, out: Path | None) -> None:
    from curator.review.packets.project import answer_packet, default_answer

    done = answer_packet(opened, out if out is None or _names_file(out) else out / default_answer(opened).name)
    back = f", {done.withdrawn:,} taken back" if done.withdrawn else ""
    left = f"; {plural(done.left, 'look')} left" if done.left else "; nothing is left"
    print(f"{done.path}: {plural(done.votes, 'vote')} of {done.reviewer}{back}{left}")
    print("Send it back to whoever gave you the packet. More can be sent later in the same way.")


def _names_file(out: Path) -> bool:
    """A folder that is there stays one whatever it is called."""
    from curator.review.packets.file import SUFFIX

    return out.suffix.casefold() == SUFFIX and not out.is_dir()
