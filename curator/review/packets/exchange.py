"""Packets: a round's items for one reviewer in a file, and what they answered merged back.

Answers can be merged in any order, twice, in part, or again after more was done: of a reviewer's votes on one look the
latest stands, whichever file came first.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curator.errors import InputError
from curator.model import Decision, Example, Kind, Ref, Round, RoundItem, Verdict, as_json, content_key, from_json
from curator.review.packets import file as packet_file
from curator.review.packets.content import (
    Packet,
    PacketItem,
    PacketSlot,
    PacketVote,
    head_of,
    packet_id,
    read_votes,
    round_name,
    write_packet_file,
)
from curator.review.packets.file import DAMAGED, SUFFIX
from curator.store import JournalEntry, Merged, Project
from curator.text import plural

_NOWHERE = Ref("", 0, None)
_NAME_BYTES = 180
"""Of a reviewer's name in that of a file, which may have 255 in all, with what is put behind and before it."""
_REVISING = (Verdict.RELABEL, Verdict.EDIT)
_SETTLING = (Kind.CONSENSUS, Kind.ADJUDICATION)


@dataclass(frozen=True, slots=True)
class Written:
    """A packet that was written: for whom, and how many `looks` it asks for."""

    path: Path
    reviewer: str
    looks: int


@dataclass(frozen=True, slots=True)
class PacketMerged:
    """What an answer brought: `new` votes, and votes `taken_back`; of either, `known` ones were there already.

    `changed`: of the votes, those on texts that were changed in the project since the round began; `others`: those on items
    that were given to others since. Both count. `left`: looks that the reviewer still owes. `entry` is None where nothing
    was new.
    """

    reviewer: str
    round: Round
    new: int
    taken_back: int
    known: int
    changed: int
    others: int
    left: int
    entry: JournalEntry | None

    @property
    def sentences(self) -> list[str]:
        """What happened, for people."""
        done = f"{plural(self.new, 'new vote')} of {self.reviewer} in {round_name(self.round.number, self.round.name)}"
        done += f", {self.taken_back:,} taken back" if self.taken_back else ""
        told = [done + (f", {self.known:,} known already" if self.known else "")]
        if self.changed:
            one = self.changed == 1
            told.append(
                f"{self.changed:,} of {self.reviewer}'s votes {'is on a text that has' if one else 'are on texts that have'} "
                f"changed since; {'it waits' if one else 'they wait'} for a second look"
            )
        if self.others:
            told.append(f"{plural(self.others, 'vote')} on items that were given to others since; they count as well")
        if self.left:
            told.append(f"{self.reviewer} has {plural(self.left, 'look')} left")
        return told


def packet_names(round: Round) -> dict[str, str]:
    """The name of each reviewer's file: `round-2-ann.packet`."""
    names: dict[str, str] = {}
    for reviewer in round.reviewers:
        words = "".join(c if c.isalnum() else " " for c in reviewer.casefold()).split()
        short = "-".join(words)[:60].encode()[:_NAME_BYTES].decode(errors="ignore")
        stem = f"round-{round.number}-{short or 'reviewer'}"
        taken = [name for name in names.values() if name == stem or name.rpartition("--")[0] == stem]
        names[reviewer] = f"{stem}--{len(taken) + 1}" if taken else stem
    return {reviewer: name + SUFFIX for reviewer, name in names.items()}


def packet_name(round: Round, reviewer: str) -> str:
    """The name of one reviewer's file. Raises InputError where they are not in the round."""
    if reviewer not in round.reviewers:
        said = round_name(round.number, round.name)
        raise InputError(f"{reviewer} is not in {said}; its reviewers are {', '.join(round.reviewers)}.")
    return packet_names(round)[reviewer]


def write_packets(project: Project, round: Round, folder: Path) -> list[Written]:
    """Write a packet into `folder` for each reviewer who has items in the round.

    Raises InputError where nobody has, or reviewers take items as they come.
    """
    held = {slot.reviewer for slot in project.rounds.slots(round.id)}
    named = {reviewer: name for reviewer, name in packet_names(round).items() if reviewer in held}
    if not named:
        raise InputError(f"Nobody has items in {round_name(round.number, round.name)}; give them out, then pack.")
    return [write_packet(project, round, reviewer, folder / name) for reviewer, name in named.items()]


def write_packet(project: Project, round: Round, reviewer: str, path: Path) -> Written:
    """Write what one reviewer is to look at; the same file whenever it is written, while they have the same items.

    Raises InputError where they have none, or reviewers take items as they come.
    """
    packet, secret = _packet(project, round, reviewer), project.identity().secret
    write_packet_file(packet, secret, path)
    return Written(path, reviewer, len(packet.slots))


def merge_packet(project: Project, path: Path, actor: str | None = None) -> PacketMerged:
    """Merge a reviewer's answer: one entry of the journal, none where all of it was known.

    Raises InputError, with nothing changed, for a packet that was tampered with or is of another project, and where its round
    was undone or is closed.
    """
    members = packet_file.read_members(path)
    head, identity = head_of(members, path), project.identity()
    if head.project != identity.id:
        raise InputError("belongs to another project; merge it into the one that it was written from.", path=path)
    if not head.votes:
        if not packet_file.sealed_by(members, identity.secret, path):
            raise InputError(DAMAGED, path=path)
        raise InputError(f"holds no votes: it goes to {head.reviewer}; merge what they send back.", path=path)
    if head.id != packet_id(identity.id, head.round, head.reviewer):
        raise InputError(DAMAGED, path=path)
    packet_file.check_signature(members, packet_file.key_of(identity.secret, head.id), path)
    round = next((one for one in project.rounds.all() if one.id == head.round), None)
    if round is None:
        raise InputError(
            f"belongs to {head.said}, which was undone; bring the round back (curator log, curator undo), then merge again.",
            path=path,
        )
    if round.closed:
        raise InputError(f"belongs to {head.said}, which is closed; open the round again to merge it.", path=path)
    said = read_votes(members, path)
    if not said:
        raise InputError(f"has no votes of {head.reviewer} in it yet; nothing was merged.", path=path)
    keys = _keys(project, round, identity.secret, head.id)
    votes = votes_of(said, round.id, head.reviewer, keys, path)
    given = sum(vote.kind is Kind.VOTE for vote in votes)
    text = (
        f"Merged {head.reviewer}'s answer in {round_name(round.number, round.name)}, with {plural(given, 'vote')} in it"
    )
    return _told(project, round, head.reviewer, votes, project.rounds.merge(round.id, votes, text, actor))


@dataclass(frozen=True, slots=True)
class Shown:
    """An item: its example, its content key in the round, and the content key of what the packet shows of it."""

    example: int
    key: str
    shown: str


def votes_of(
    said: Iterable[PacketVote], round: str, reviewer: str, items: Mapping[str, Shown], path: Path
) -> list[Decision]:
    """The votes of an answer as votes in a project that has these `items`, by their ids in the packet.

    Raises InputError for a vote on an item that is not among them, or on another text.
    """
    votes = []
    for vote in said:
        item = items.get(vote.item)
        if item is None or (vote.verdict is not None and vote.seen != item.shown):
            raise InputError(DAMAGED, path=path)
        votes.append(
            Decision(
                id=vote.id,
                example=item.example,
                seen=item.key,
                reviewer=reviewer,
                verdict=Verdict.SKIP if vote.verdict is None else vote.verdict,
                value=vote.value,
                note=vote.note,
                at=vote.at,
                kind=Kind.WITHDRAWAL if vote.verdict is None else Kind.VOTE,
                round=round,
                repeat=vote.repeat,
            )
        )
    return votes


def changed_examples(project: Project, round: Round, examples: Iterable[int] | None = None) -> set[int]:
    """Examples of a round (all, or of these) whose text was changed since it began, but for what the round itself settled.

    Those in which another answer was planted are left out.
    """
    wanted = None if examples is None else set(examples)
    items = {
        item.example: item.key
        for item in project.rounds.items(round.id)
        if item.content is None and (wanted is None or item.example in wanted)
    }
    now = {example.id: content_key(example) for example in project.get_examples(items)}
    moved = {example for example, key in items.items() if now[example] != key}
    revised: dict[int, Decision] = {}
    for decision in project.decisions() if moved else ():
        if decision.example in moved and decision.verdict in _REVISING:
            revised[decision.example] = decision
    return moved - {example for example, last in revised.items() if last.kind in _SETTLING and last.round == round.id}


def _told(project: Project, round: Round, reviewer: str, votes: Sequence[Decision], merged: Merged) -> PacketMerged:
    brought = [] if merged.entry is None else project.rounds.cast(round.id)
    back = sum(vote.kind is Kind.WITHDRAWAL for entry, vote in brought if merged.entry and entry == merged.entry.id)
    voted = [vote.example for vote in votes if vote.kind is Kind.VOTE]
    changed = changed_examples(project, round, voted)
    owed = {(slot.example, slot.repeat) for slot in project.rounds.slots(round.id, reviewer)}
    theirs = {slot.example for slot in project.rounds.slots(round.id, reviewer, undone=True)}
    done = {(v.example, v.repeat) for v in project.rounds.votes(round.id, reviewer=reviewer)}
    return PacketMerged(
        reviewer,
        round,
        new=merged.new - back,
        taken_back=back,
        known=merged.known,
        changed=sum(example in changed for example in voted),
        others=len(set(voted) - theirs),
        left=len(owed - done),
        entry=merged.entry,
    )


def _packet(project: Project, round: Round, reviewer: str) -> Packet:
    said, rounds = round_name(round.number, round.name), project.rounds
    if round.claimed:
        raise InputError(
            f"In {said} reviewers take the next free item, so there is nothing to pack; begin a round with lists "
            "for those who work by packets."
        )
    packet_name(round, reviewer)
    slots = rounds.slots(round.id, reviewer)
    if not slots:
        raise InputError(f"{reviewer} has no items in {said}; give them some, then pack.")
    identity = project.identity()
    id = packet_id(identity.id, round.id, reviewer)
    order = list(dict.fromkeys(slot.example for slot in slots))
    hints = {item.example: item.hint for item in rounds.items(round.id)} if round.hints else {}
    names = {example: _item_id(identity.secret, id, example) for example in order}
    return Packet(
        id=id,
        project=identity.id,
        round=replace(round, seed=0, reviewers=(reviewer,) if round.blind else round.reviewers),
        reviewer=reviewer,
        key=packet_file.key_of(identity.secret, id),
        items=tuple(
            PacketItem(names[example.id], _content(example, round), hints.get(example.id, ""))
            for example in rounds.examples(round.id, order)
        ),
        # Not the number of the slot: items of which the answer is known have more of them than others.
        slots=tuple(PacketSlot(names[slot.example], slot.place, int(slot.repeat), slot.repeat) for slot in slots),
    )


def _item_id(secret: bytes, packet: str, example: int) -> str:
    """What an item is called in a packet.

    The number of its example would tell which were imported apart from the rest, as gold items often are; and who has only
    their own packet cannot name an item of another's.
    """
    return hmac.digest(secret, f"item {packet} {example}".encode(), hashlib.sha256).hex()[:32]


def _content(example: Example, round: Round) -> Mapping[str, Any]:
    """What the packet shows: turns and tools, without the output where the round hides it."""
    if not round.hide_output:
        return as_json(replace(example, extra={}))
    at = example.output_at
    bare = replace(example, extra={}, non_preferred=(), messages=tuple(replace(m, extra={}) for m in example.messages))
    return as_json(bare if at is None else bare.with_output(""))


def _keys(project: Project, round: Round, secret: bytes, packet: str) -> dict[str, Shown]:
    """Every item of the round by what this packet calls it."""
    items: Sequence[RoundItem] = project.rounds.items(round.id)
    examples = project.rounds.examples(round.id, [item.example for item in items])
    return {
        _item_id(secret, packet, item.example): Shown(
            item.example, item.key, content_key(from_json(_content(example, round), _NOWHERE))
        )
        for item, example in zip(items, examples, strict=True)
    }
