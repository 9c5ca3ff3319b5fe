"""A reviewer leaves a round or joins it, and a round is closed and opened again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from curator.errors import InputError
from curator.model import CONSENSUS_REVIEWER, ItemKind, Round, RoundItem, Slot
from curator.review.rounds import shares as round_shares
from curator.review.rounds.shares import Look
from curator.store import JournalEntry, Project
from curator.text import plural


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of somebody's leaving or joining: `looks` by who got them (leaving) or gave them (joining, those that were
    nobody's left out), how many are nobody's, and how many the reviewer had finished, which stay as they are."""

    entry: JournalEntry
    reviewer: str
    joined: bool
    looks: Mapping[str, int] = field(default_factory=dict)
    taken: int = 0
    unassigned: int = 0
    finished: int = 0

    @property
    def sentences(self) -> list[str]:
        shares = ", ".join(f"{name} {number:,}" for name, number in self.looks.items())
        if self.joined:
            given = f", of which others gave: {shares}" if shares else ""
            return [f"{self.reviewer} joins and takes {plural(self.taken, 'look')}{given}."]
        kept = f"{self.reviewer} leaves; what they finished ({plural(self.finished, 'look')}) stays."
        said = [kept, f"Their other looks go to: {shares}."] if shares else [kept]
        if self.unassigned:
            said.append(
                f"{plural(self.unassigned, 'look')} can be given to nobody who stays, and wait{'s' if self.unassigned == 1 else ''} "
                "until somebody joins."
            )
        return said


def leave(project: Project, round: Round, reviewer: str) -> Moved:
    """A reviewer leaves: what they did not finish goes to the others, as many to each, never an item that one has already.

    Raises InputError where they are not in the round, or it is closed.
    """
    now = _open(project, round)
    if reviewer not in now.reviewers:
        raise InputError(f"{reviewer} is not in round {now.number}; its reviewers are {', '.join(now.reviewers)}.")
    staying = [name for name in now.reviewers if name != reviewer]
    if now.claimed:
        project.rounds.release(now.id, reviewer)
    slots, done = project.rounds.slots(now.id, undone=True), finished(project, now)
    mine = sum(slot.reviewer == reviewer and _look(slot) in done for slot in slots)
    moved = [] if now.claimed else round_shares.given_up(slots, done, reviewer, staying, now.seed)
    entry = project.rounds.assign(now.id, moved, staying, f"{reviewer} left round {now.number}")
    got = Counter(slot.reviewer for slot in moved if slot.reviewer is not None)
    needed = _counted(project.rounds.items(now.id))
    nobodys = sum(slot.reviewer is None and not slot.repeat and slot.example in needed for slot in moved)
    return Moved(entry, reviewer, False, {name: got[name] for name in staying if got[name]}, 0, nobodys, mine)


def join(project: Project, round: Round, reviewer: str) -> Moved:
    """A reviewer joins: what is nobody's, and a fair share of what the others did not finish, becomes theirs.

    Raises InputError where they are in the round already, or it is closed.
    """
    now, name = _open(project, round), reviewer.strip()
    if name in ("", CONSENSUS_REVIEWER):
        raise InputError("Give the name of whoever joins.")
    if name in now.reviewers:
        raise InputError(f"{name} is in round {now.number} already.")
    slots, done = project.rounds.slots(now.id, undone=True), finished(project, now)
    items = project.rounds.items(now.id)
    known = [item.example for item in items if item.kind is not ItemKind.ITEM]
    if now.claimed:
        places = {item.example: item.place for item in items}
        numbers = Counter(slot.example for slot in slots if slot.example in set(known))
        moved = [Slot(example, numbers[example], None, places[example]) for example in known]
    else:
        moved = round_shares.taken_over(slots, done, name, now.reviewers, known, now.seed)
    entry = project.rounds.assign(now.id, moved, [*now.reviewers, name], f"{name} joined round {now.number}")
    before = {(slot.example, slot.slot): slot.reviewer for slot in slots}
    gave = Counter(holder for slot in moved if (holder := before.get((slot.example, slot.slot))) is not None)
    taken = sum(slot.reviewer == name for slot in moved)
    return Moved(entry, name, True, {one: gave[one] for one in now.reviewers if gave[one]}, taken)


def close(project: Project, round: Round) -> JournalEntry:
    """Take no more votes in a round."""
    return project.rounds.close(round.id)


def reopen(project: Project, round: Round) -> JournalEntry:
    """Take votes in it again."""
    return project.rounds.reopen(round.id)


def finished(project: Project, round: Round) -> set[Look]:
    """The looks that were taken: somebody voted, or said that they cannot say."""
    return {(vote.example, vote.reviewer, vote.repeat) for vote in project.rounds.votes(round.id)}


def _open(project: Project, round: Round) -> Round:
    """The round as it is now."""
    now = project.rounds.get(round.id)
    if now.closed:
        raise InputError(f"Round {now.number} is closed; open it again first.")
    return now


def _counted(items: Sequence[RoundItem]) -> set[int]:
    """The items that are to be judged; looks at those whose answer is known need nobody else."""
    return {item.example for item in items if item.kind is ItemKind.ITEM}


def _look(slot: Slot) -> Look:
    return slot.example, slot.reviewer, slot.repeat
