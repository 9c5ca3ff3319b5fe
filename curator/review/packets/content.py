"""What a packet says: the items that a reviewer is to look at, or their votes; and how both are written and read.

Nothing that is read is believed: each value is checked before anything is made of it.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from curator.errors import InputError
from curator.model import Round, Verdict
from curator.review.packets import file as packet_file
from curator.review.packets.file import DAMAGED, HEAD, ITEMS, SCHEMA, SLOTS, VOTES
from curator.store.schema import dumps, loads


@dataclass(frozen=True, slots=True)
class PacketItem:
    """What is shown: `content` as `model.as_json` has it. `id` means nothing outside the packet and its answer."""

    id: str
    content: Mapping[str, Any]
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PacketSlot:
    """One look at an item, at `place` in the reviewer's list; `repeat`: the second one."""

    item: str
    place: int
    slot: int
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Packet:
    """What one reviewer gets of a round. `key` signs the answer."""

    id: str
    project: str
    round: Round
    reviewer: str
    key: bytes = field(repr=False)
    items: tuple[PacketItem, ...] = ()
    slots: tuple[PacketSlot, ...] = ()

    @property
    def digest(self) -> str:
        """Names what is to be looked at, and how: packets with one digest ask the same."""
        asked = [[asdict(row) for row in rows] for rows in (self.items, self.slots)]
        rules = asdict(replace(self.round, reviewers=(), closed=False))
        return hashlib.blake2b(dumps([asked, rules]).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class PacketVote:
    """What stands for one look at an item: a vote, or with `verdict` None that it was taken back.

    `seen` is the content key of what the packet showed.
    """

    item: str
    repeat: bool
    id: str
    at: str
    verdict: Verdict | None = None
    value: str | None = None
    note: str = ""
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """To what a packet belongs, before its signature is looked at; `round` is the id, `said` how people call it."""

    id: str
    project: str
    round: str
    said: str
    reviewer: str
    votes: bool


def packet_id(project: str, round: str, reviewer: str) -> str:
    """The id of the packet for this reviewer, the same whenever it is made."""
    return str(uuid.uuid5(uuid.UUID(project), dumps([round, reviewer])))


def round_name(number: int, name: str) -> str:
    """`round 2` or `round 2 (audit)`."""
    return f"round {number} ({name})" if name else f"round {number}"


def write_packet_file(packet: Packet, secret: bytes, path: Path) -> None:
    """Write what a reviewer gets, signed and with the owner's seal. Raises InputError where it is too large."""
    head = {"key": packet.key.hex(), "round": asdict(packet.round), **_head(packet, votes=False)}
    members = {
        HEAD: dumps(head).encode(),
        ITEMS: _lines({"item": one.id, "content": one.content, "hint": one.hint} for one in packet.items),
        SLOTS: _lines(asdict(slot) for slot in packet.slots),
    }
    packet_file.write_members(path, members, packet.key, secret)


def write_answer_file(packet: Packet, votes: Iterable[PacketVote], path: Path) -> None:
    """Write the answer to a packet (whose items and slots are not needed), signed with its key."""
    said = {"id": packet.round.id, "number": packet.round.number, "name": packet.round.name}
    members = {
        HEAD: dumps({"round": said, **_head(packet, votes=True)}).encode(),
        VOTES: _lines(map(asdict, votes)),
    }
    packet_file.write_members(path, members, packet.key)


def read_packet(path: str | Path) -> Packet:
    """What a reviewer got. Raises InputError for an answer, and for what is no packet or was changed since it was signed."""
    path = Path(path)
    members = packet_file.read_members(path)
    head = _row(members[HEAD], path, HEAD)
    if head.word("holds") == "votes":
        raise InputError(
            "holds a reviewer's votes, to be merged with `curator merge`; open the packet itself.", path=path
        )
    key = head.hexadecimal("key")
    packet_file.check_signature(members, key, path)
    packet = Packet(
        id=head.uuid("id"),
        project=head.uuid("project"),
        round=_round(head.row("round")),
        reviewer=head.name("reviewer"),
        key=key,
        items=tuple(
            PacketItem(row.word("item"), _content(row.row("content")), row.text("hint"))
            for row in _rows(members[ITEMS], path, ITEMS)
        ),
        slots=tuple(
            PacketSlot(row.word("item"), row.whole("place"), row.whole("slot"), row.flag("repeat"))
            for row in _rows(members[SLOTS], path, SLOTS)
        ),
    )
    ids = [item.id for item in packet.items]
    looks = {(slot.item, slot.repeat) for slot in packet.slots}
    if len(set(ids)) < len(ids) or len(looks) < len(packet.slots) or {item for item, _ in looks} != set(ids) or not ids:
        raise InputError(DAMAGED, path=path)
    if packet.id != packet_id(packet.project, packet.round.id, packet.reviewer):
        raise InputError(DAMAGED, path=path)
    return packet


def head_of(members: Mapping[str, bytes], path: Path) -> Head:
    """To what the packet with these members says that it belongs."""
    row = _row(members[HEAD], path, HEAD)
    round = row.row("round")
    said = round_name(round.whole("number"), round.text("name"))
    return Head(
        id=row.uuid("id"),
        project=row.uuid("project"),
        round=round.uuid("id"),
        said=said,
        reviewer=row.name("reviewer"),
        votes=row.word("holds") == "votes" and VOTES in members,
    )


def read_votes(members: Mapping[str, bytes], path: Path) -> list[PacketVote]:
    """The votes in an answer whose signature was checked. Raises InputError where one is not whole."""
    return [_vote(row) for row in _rows(members[VOTES], path, VOTES)]


def _head(packet: Packet, *, votes: bool) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "holds": "votes" if votes else "items",
        "id": packet.id,
        "project": packet.project,
        "reviewer": packet.reviewer,
    }


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(dumps(row).encode() + b"\n" for row in rows)


def _rows(data: bytes, path: Path, member: str) -> Iterator[_Row]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line:
            yield _row(line, path, f"{member}, line {number}")


def _row(data: bytes, path: Path, where: str) -> _Row:
    try:
        value = loads(data.decode())
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(DAMAGED, path=path)
    return _Row(value, path, where)


_KINDS = {"str": "text", "int": "whole", "bool": "flag", "tuple[str, ...]": "names"}
"""How to read a field of `Round`, by its type."""


def _round(row: _Row) -> Round:
    known = {one.name: getattr(row, _KINDS[str(one.type)])(one.name) for one in fields(Round) if one.name in row.values}
    try:
        round = Round(**known)
    except TypeError:  # a field without a default is missing
        raise row.bad("id") from None
    return replace(round, id=row.uuid("id"))


def _vote(row: _Row) -> PacketVote:
    verdict = row.values.get("verdict")
    if verdict is not None and verdict not in set(Verdict):
        raise row.bad("verdict")
    value = row.text_or_none("value")
    if verdict == Verdict.EDIT:
        _check_messages(_turns(row, value))
    return PacketVote(
        item=row.word("item"),
        repeat=row.flag("repeat"),
        id=row.uuid("id"),
        at=row.time("at"),
        verdict=None if verdict is None else Verdict(verdict),
        value=value,
        note=row.text("note"),
        seen=row.text("seen"),
    )


def _content(row: _Row) -> Mapping[str, Any]:
    """The content of an example, each part of the kind that it must be."""
    _check_messages([*row.rows("messages"), *row.rows("non_preferred", missing=True)])
    row.rows("tools", missing=True)
    row.if_there("parallel_tool_calls", bool)
    row.if_there("extra", dict)
    return row.values


def _turns(row: _Row, edited: str | None) -> list[_Row]:
    """The messages that an edit made, as JSON text."""
    try:
        return _Row({"value": json.loads(edited or "")}, row.path, row.where).rows("value")
    except (ValueError, RecursionError):
        raise row.bad("value") from None


def _check_messages(messages: Iterable[_Row]) -> None:
    for message in messages:
        message.text("role")
        message.text_or_none("content")
        for name, kind in (("name", str), ("tool_call_id", str), ("weight", (int, float)), ("extra", dict)):
            message.if_there(name, kind)
        for call in message.rows("tool_calls", missing=True):
            call.text("name")
            call.text("arguments")
            call.text_or_none("id")


@dataclass(frozen=True, slots=True)
class _Row:
    """A JSON object of a packet, read field by field; each method raises InputError where the field is not what it must be."""

    values: dict[str, Any]
    path: Path
    where: str

    def bad(self, name: str) -> InputError:
        return InputError(
            f"cannot be used: {self.where} has no proper {name!r}; ask for it to be made anew.", path=self.path
        )

    def of(self, name: str, kind: type[Any] | tuple[type[Any], ...]) -> Any:
        value = self.values.get(name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.bad(name)
        return value

    def if_there(self, name: str, kind: type[Any] | tuple[type[Any], ...]) -> None:
        if name in self.values:
            self.of(name, kind)

    def text_or_none(self, name: str) -> str | None:
        return None if name in self.values and self.values[name] is None else self.text(name)

    def text(self, name: str) -> str:
        return str(self.of(name, str))

    def word(self, name: str) -> str:
        value = self.text(name)
        if not 0 < len(value) <= 100:
            raise self.bad(name)
        return value

    def name(self, name: str) -> str:
        value = self.text(name)
        if not value.strip() or len(value) > 1000:
            raise self.bad(name)
        return value

    def names(self, name: str) -> tuple[str, ...]:
        values = self.of(name, list)
        if not all(isinstance(value, str) for value in values):
            raise self.bad(name)
        return tuple(values)

    def whole(self, name: str) -> int:
        value = int(self.of(name, int))
        if not 0 <= value < 1 << 31:
            raise self.bad(name)
        return value

    def flag(self, name: str) -> bool:
        return bool(self.of(name, bool))

    def uuid(self, name: str) -> str:
        try:
            return str(uuid.UUID(self.text(name)))
        except ValueError:
            raise self.bad(name) from None

    def hexadecimal(self, name: str) -> bytes:
        try:
            value = bytes.fromhex(self.text(name))
        except ValueError:
            value = b""
        if len(value) != 32:
            raise self.bad(name)
        return value

    def time(self, name: str) -> str:
        value = self.text(name)
        try:
            aware = datetime.fromisoformat(value).utcoffset() is not None
        except ValueError:
            aware = False
        if not aware:
            raise self.bad(name)
        return value

    def row(self, name: str) -> _Row:
        return _Row(self.of(name, dict), self.path, self.where)

    def rows(self, name: str, *, missing: bool = False) -> list[_Row]:
        if missing and name not in self.values:
            return []
        if not all(isinstance(value, dict) for value in self.of(name, list)):
            raise self.bad(name)
        return [_Row(value, self.path, self.where) for value in self.values[name]]
