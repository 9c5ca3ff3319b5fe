"""A packet at work: the small project that it becomes on the reviewer's machine, and the answer that is made from it."""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from curator.errors import EnvironmentFailure, InputError
from curator.files import replacing_path, sha256_of
from curator.model import Decision, Example, Kind, Ref, Role, Round, RoundItem, Slot, content_key, from_json
from curator.progress import Progress, Silent
from curator.review.packets.content import Packet, PacketVote, read_packet, round_name, write_answer_file
from curator.review.packets.exchange import Shown, votes_of
from curator.review.packets.file import SUFFIX
from curator.store import Project
from curator.store.places import check_folder
from curator.tasks import Task
from curator.text import plural

SETTING = "packet"
ANSWER_SUFFIX = ".answer" + SUFFIX
_PROJECT = ".curator"
_ITEM = "item"
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class PacketInfo:
    """What a packet's project keeps to answer it (`key` in hex digits); `round` is the id, as in the owner's project."""

    id: str
    project: str
    round: str
    number: int
    name: str
    reviewer: str
    key: str
    digest: str

    @property
    def said(self) -> str:
        return round_name(self.number, self.name)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was written: `votes` in it, votes `withdrawn`, and looks that are `left` to take."""

    path: Path
    reviewer: str
    votes: int
    withdrawn: int
    left: int


def packet_of(project: Project) -> PacketInfo | None:
    """The packet that this project was made from, None for any other project."""
    kept = project.settings().get(SETTING)
    return PacketInfo(**kept) if isinstance(kept, dict) else None


def open_packet(path: str | Path, folder: str | Path | None = None, progress: Progress | None = None) -> Path:
    """The project of a packet, beside it or, where none can be there, in `folder`; made the first time, whole or not at all.

    A packet that asks for more than its earlier project has makes another one, and what was voted goes over into it.
    Raises InputError for what is no packet, and where another project has the name.
    """
    path = Path(path)
    packet = read_packet(path)
    place, stem = _place(path, folder), _stem(path)
    earlier: Path | None = None
    for number in itertools.count(1):
        target = place / f"{stem}{'' if number == 1 else f'-{number}'}{_PROJECT}"
        if not target.exists():
            _make(target, packet, path, earlier, progress or Silent())
            return target
        if _is_of(target, packet):
            return target
        earlier = target
    raise AssertionError  # the count has no end


def answer_packet(project: Project, path: str | Path | None = None) -> Answered:
    """Write the answer to the packet of this project: to `path`, else beside the project.

    It holds all that was voted so far, so that only the last answer needs to arrive; the same votes give the same file.
    Raises InputError where the project is of no packet, or nothing was voted yet.
    """
    info = packet_of(project)
    if info is None:
        raise InputError(f"{project.where} was not made from a packet, so there is nothing to answer.")
    round = _round_in_force(project, info)
    target = Path(path) if path is not None else default_answer(project)
    votes = _register(project, info, round)
    if not votes:
        raise InputError(f"{project.where}: Nothing was voted in {info.said} yet, so there is nothing to send back.")
    packet = Packet(info.id, info.project, replace(round, number=info.number), info.reviewer, bytes.fromhex(info.key))
    write_answer_file(packet, votes, target)
    given = sum(vote.verdict is not None for vote in votes)
    looks = len(project.rounds.slots(round.id, info.reviewer))
    return Answered(target, info.reviewer, given, len(votes) - given, looks - given)


def default_answer(project: Project) -> Path:
    """Where the answer goes unless it is said."""
    where = Path(project.address)
    return where.with_name(where.stem + ANSWER_SUFFIX)


def _place(path: Path, folder: str | Path | None) -> Path:
    if folder is not None:
        try:
            check_folder(path)
        except (InputError, EnvironmentFailure):
            return Path(folder)
    return path.absolute().parent


def _stem(path: Path) -> str:
    return (
        path.name[: -len(SUFFIX)]
        if path.name.casefold().endswith(SUFFIX) and len(path.name) > len(SUFFIX)
        else path.stem
    )


def _is_of(target: Path, packet: Packet) -> bool:
    """Whether the project has all that the packet asks; what the user undid of its making is done again."""
    with Project.open(target) as project:
        info = packet_of(project)
        if info is None or info.id != packet.id:
            raise InputError(
                f"belongs to another packet or project than {round_name(packet.round.number, packet.round.name)} for "
                f"{packet.reviewer}; rename the packet and open it again.",
                path=target,
            )
        if info.digest != packet.digest:
            return False
        log = project.log(None)
        made = {entry.id for entry in log if entry.action in ("import", "round") and not entry.in_force}
        for entry in log:
            if entry.action == "undo" and entry.in_force and entry.entry in made:
                project.undo(entry.id)
        return True


def _make(target: Path, packet: Packet, path: Path, earlier: Path | None, progress: Progress) -> None:
    check_folder(target)
    info = PacketInfo(
        packet.id,
        packet.project,
        packet.round.id,
        packet.round.number,
        packet.round.name,
        packet.reviewer,
        packet.key.hex(),
        packet.digest,
    )
    task = Task(packet.round.task) if packet.round.task in set(Task) else None
    with (
        replacing_path(target) as draft,
        Project.create(draft, task=task, settings={SETTING: asdict(info)}, actor=packet.reviewer) as project,
    ):
        project.import_source(path.name, sha256_of(path), SETTING, Role.CANDIDATE, {}, _records(packet, path), progress)
        _begin(project, packet)
        if earlier is not None:
            _carry_over(earlier, project, info, path)


def _records(packet: Packet, path: Path) -> Iterator[Example]:
    """The items in the order in which the reviewer gets them, each with its name in the packet."""
    for record, item in enumerate(packet.items):
        example = from_json(item.content, Ref(path.name, record, None))
        yield replace(example, extra={_ITEM: item.id})


def _begin(project: Project, packet: Packet) -> None:
    """Begin the round in the packet's project, where one look is owed to each item (and a second where it comes again)."""
    examples = {str(example.extra[_ITEM]): example for example in project.examples()}
    items = [
        RoundItem(examples[item.id].id, content_key(examples[item.id]), place, hint=item.hint)
        for place, item in enumerate(packet.items)
    ]
    slots = [
        Slot(examples[slot.item].id, int(slot.repeat), packet.reviewer, slot.place, slot.repeat)
        for slot in packet.slots
    ]
    # Nothing is settled here: one reviewer always agrees with themselves.
    alone = replace(packet.round, reviewers=(packet.reviewer,), overlap=1, settle=False, claimed=False, closed=False)
    project.rounds.add(alone, items, slots)


def _carry_over(earlier: Path, project: Project, info: PacketInfo, path: Path) -> None:
    """Bring what was voted on an earlier form of the packet into the project of the new one, as far as it still asks."""
    with Project.open(earlier) as before:
        known = packet_of(before)
        assert known is not None
        votes = _register(before, known, _round_in_force(before, known))
    items = {
        str(example.extra[_ITEM]): Shown(example.id, content_key(example), content_key(example))
        for example in project.examples()
    }
    kept = [vote for vote in votes if vote.item in items]
    if kept:
        text = f"Brought over {plural(len(kept), 'vote')} from {earlier.name}"
        project.rounds.merge(info.round, votes_of(kept, info.round, info.reviewer, items, path), text)


def _round_in_force(project: Project, info: PacketInfo) -> Round:
    for round in project.rounds.all():
        if round.id == info.round:
            return round
    raise InputError(f"{project.where}: The round was undone here; open the packet again to bring it back.")


@dataclass(slots=True)
class _Look:
    """What happened to one look: the `clock` is later than all that came before; `own`: it is the time of `last` itself."""

    clock: str = ""
    last: Decision | None = None
    own: bool = False

    def voted(self, vote: Decision) -> None:
        self.own = vote.at > self.clock
        self.clock = vote.at if self.own else _later(self.clock)
        self.last = vote

    def turned(self, at: str) -> None:
        self.clock, self.own = max(_stamp(at), _later(self.clock)), False


def _register(project: Project, info: PacketInfo, round: Round) -> list[PacketVote]:
    """What stands for each look that was ever voted on: a vote, or that it was taken back.

    An answer that was sent before an undo must lose against the one sent after it, and undo leaves no vote behind that is
    newer. So what stands after an undo is sent as a vote of its own, made when it was undone; its id follows from that.
    """
    looks = _looks(project, info, round)
    mine = project.rounds.votes(round.id, reviewer=info.reviewer)
    standing = {(vote.example, vote.repeat): vote for vote in mine}
    ids = {example.id: str(example.extra[_ITEM]) for example in project.rounds.examples(round.id)}
    votes = []
    for (example, repeat), look in sorted(looks.items()):
        vote = standing.get((example, repeat))
        as_made = look.own and look.last is not None and (vote is None or vote.id == look.last.id)
        if as_made and look.last is not None and (vote is not None) == (look.last.kind is Kind.VOTE):
            id = look.last.id
        else:
            said = f"{ids[example]} {repeat} {look.clock} {vote.id if vote else ''}"
            id = str(uuid.uuid5(uuid.UUID(info.id), said))
        sent = PacketVote(ids[example], repeat, id, look.clock)
        if vote is not None:
            sent = replace(sent, verdict=vote.verdict, value=vote.value, note=vote.note, seen=vote.seen)
        votes.append(sent)
    return votes


def _looks(project: Project, info: PacketInfo, round: Round) -> Mapping[tuple[int, bool], _Look]:
    """The votes on each look, and the undoing and redoing of them, gone through in the order of the journal."""
    cast: dict[int, list[Decision]] = defaultdict(list)
    for number, vote in project.rounds.cast(round.id):
        if vote.reviewer == info.reviewer:
            cast[number].append(vote)
    looks: dict[tuple[int, bool], _Look] = defaultdict(_Look)
    for entry in reversed(project.log(None)):
        for vote in cast.get(entry.id, ()):
            looks[vote.example, vote.repeat].voted(vote)
        if entry.action in ("undo", "redo") and entry.entry in cast:
            for example, repeat in {(vote.example, vote.repeat) for vote in cast[entry.entry]}:
                looks[example, repeat].turned(entry.at)
    return looks


def _stamp(at: str) -> str:
    return datetime.fromisoformat(at).isoformat(timespec="microseconds")


def _later(at: str) -> str:
    return (datetime.fromisoformat(at) + _TICK).isoformat(timespec="microseconds") if at else ""
