"""A project with a round for two reviewers, and their packets, as the tests of packets share them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from curator.model import (
    Decision,
    Example,
    ItemKind,
    Kind,
    Message,
    Ref,
    Role,
    Round,
    RoundItem,
    Slot,
    Verdict,
    as_json,
    content_key,
)
from curator.progress import Silent
from curator.review.packets import file as packet_file
from curator.review.packets.exchange import packet_name, write_packet
from curator.review.packets.project import answer_packet, open_packet, packet_of
from curator.store import Project

TEXTS = ("the lamp is broken", "where is my parcel", "refund me", "I forgot my password", "cancel it", "thank you")
LABELS = ("complaint", "question", "thanks")
REVIEWERS = ("Ann", "Bo")


def examples(path: str, texts: Iterable[str] = TEXTS, label: str = "complaint") -> list[Example]:
    return [
        Example(
            Ref(path, at, at + 2),
            (Message("system", "Say what this is."), Message("user", text), Message("assistant", label)),
            extra={"ticket": f"T-{at}"},
        )
        for at, text in enumerate(texts)
    ]


def owner(folder: Path, name: str = "owner.curator") -> Project:
    """A project with the six texts, imported from a file whose path names a person's machine."""
    project = Project.create(folder / name, actor="owner")
    path = "/home/owner/secret-client/tickets.csv"
    project.import_source(path, "a sha", "csv", Role.CANDIDATE, {}, examples(path), Silent())
    return project


def begin(project: Project, **changed: Any) -> Round:
    """A round over all examples: each goes to both reviewers, the second is gold, in the third another label is planted,
    and the reviewers see the first one twice."""
    shown = list(project.examples())
    items = [
        RoundItem(e.id, content_key(e), place, hint="Two labels for one text." if place == 3 else "")
        for place, e in enumerate(shown)
    ]
    planted = shown[2].with_output("thanks")
    items[1] = replace(items[1], kind=ItemKind.GOLD, expected="question")
    items[2] = replace(
        items[2], key=content_key(planted), kind=ItemKind.ATTENTION, expected="complaint", content=as_json(planted)
    )
    reviewers = tuple(changed.pop("reviewers", REVIEWERS))
    slots = [Slot(i.example, n, name, i.place) for n, name in enumerate(reviewers) for i in items]
    slots += [
        Slot(items[0].example, len(reviewers) + n, name, len(items), repeat=True) for n, name in enumerate(reviewers)
    ]
    new = Round("", 0, "tickets", "classification", LABELS, "Be kind.", 1, reviewers, len(reviewers), seed=7)
    return project.rounds.add(replace(new, **changed), items, slots)


def opened(project: Project, round: Round, reviewer: str, folder: Path) -> Project:
    """The project in which a reviewer works, as their machine would have it."""
    home = folder / f"home-{reviewer}".encode("ascii", "ignore").decode()
    home.mkdir(exist_ok=True)
    packet = home / packet_name(round, reviewer)
    write_packet(project, round, reviewer, packet)
    return Project.open(open_packet(packet))


def cast(
    local: Project, place: int, label: str | None = None, *, repeat: bool = False, verdict: Verdict | None = None
) -> None:
    """Vote on the item at a place of the reviewer's list: keep it, or give it the label."""
    info = packet_of(local)
    assert info is not None
    said = verdict or (Verdict.KEEP if label is None else Verdict.RELABEL)
    example = local.rounds.items(info.round)[place].example
    vote = Decision("", example, "", info.reviewer, said, label, kind=Kind.VOTE, round=info.round, repeat=repeat)
    local.decide([vote])


def take_back(local: Project, place: int) -> None:
    info = packet_of(local)
    assert info is not None
    example = local.rounds.items(info.round)[place].example
    gone = Decision("", example, "", info.reviewer, Verdict.SKIP, kind=Kind.WITHDRAWAL, round=info.round)
    local.decide([gone])


def answer(local: Project, name: str = "answer.packet") -> Path:
    path = Path(local.address).parent / name
    answer_packet(local, path)
    return path


Standing = dict[tuple[str, str, bool], tuple[str, str | None]]


def standing(project: Project, round: Round) -> Standing:
    """What stands, by input, reviewer and showing."""
    texts = {e.id: e.input for e in project.get_examples(item.example for item in project.rounds.items(round.id))}
    return {
        (texts[vote.example], vote.reviewer, vote.repeat): (str(vote.verdict), vote.value)
        for vote in project.rounds.votes(round.id)
    }


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(path: Path, member: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members(path)[member].splitlines()]


def signed(path: Path, changed: Mapping[str, bytes], key: bytes) -> Path:
    """The packet at `path` with members changed and signed anew: what somebody who holds the key can make."""
    whole = {name: data for name, data in {**members(path), **changed}.items() if name != packet_file.SIGNATURE}
    packet_file.write_members(path, whole, key)
    return path


def key_in(local: Project) -> bytes:
    info = packet_of(local)
    assert info is not None
    return bytes.fromhex(info.key)
