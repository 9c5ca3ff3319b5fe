"""How far a round is: what each reviewer has done and still owes, what the votes come to so far, and what to do next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from curator.model import Decision, ItemKind, Role, Round, RoundItem, Slot, Verdict
from curator.review.adjudication.settling import disputed, put_aside
from curator.review.rounds.items import mean_words
from curator.review.rounds.moves import finished
from curator.review.rounds.pace import by_words, paces
from curator.review.rounds.state import Voted, enough, voted
from curator.review.votes.known import Known, judged, told_by
from curator.store import Project
from curator.text import plural


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of `seen` were answered right (or, for repeats, the same as before)."""

    right: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """One reviewer in a round: the looks they owe, how many are done, and how many of those skipped. `gold`, `attention` and
    `repeats` count what is known of the quality; `last`: when they voted last, "" for never; `there`: False once they left."""

    reviewer: str
    owed: int
    done: int
    skipped: int
    minutes: float
    measured: bool
    last: str = ""
    gold: Tally = Tally()
    attention: Tally = Tally()
    repeats: Tally = Tally()
    there: bool = True

    @property
    def left(self) -> int:
        return max(0, self.owed - self.done)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: `name` is vote, join, adjudicate, settle, close or done, about `n` of it."""

    name: str
    n: int = 0

    @property
    def text(self) -> str:
        return {
            "vote": f"{plural(self.n, 'look')} are still to come." if self.n != 1 else "One look is still to come.",
            "join": f"{plural(self.n, 'look')} are nobody's: let somebody join.",
            "adjudicate": f"{plural(self.n, 'item')} to adjudicate.",
            "settle": f"Votes on {plural(self.n, 'item')} agree and are not settled yet.",
            "close": "Every look is taken and everything is settled; close the round.",
            "done": "The round is closed.",
        }[self.name]


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """All of it. `items`: those to be judged; of them `complete` have all their votes, on `unanimous` all who voted say the
    same, `disputed` wait for a person, `settled` are decisions by now, and `changed` show another text than the round does.
    `looks`, `done`: over all reviewers; `unassigned`: looks that are nobody's."""

    round: Round
    reviewers: tuple[Progress, ...]
    items: int
    complete: int
    unanimous: int
    disputed: int
    settled: int
    changed: int
    looks: int
    done: int
    unassigned: int
    next: Step
    known: int = 0

    @property
    def minutes(self) -> float:
        return sum(one.minutes for one in self.reviewers)

    @property
    def share(self) -> float:
        return self.done / self.looks if self.looks else 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A round with how many of its `looks` are done."""

    round: Round
    done: int
    looks: int


@dataclass(frozen=True, slots=True)
class _Read:
    """What progress is made of."""

    round: Round
    items: Mapping[int, RoundItem]
    slots: Sequence[Slot]
    votes: Sequence[Decision]
    seen: Mapping[tuple[int, str, bool], Decision] = field(default_factory=dict)


def overall(project: Project) -> list[Standing]:
    """Each round with how far it is, the newest first."""
    found = []
    for round in reversed(project.rounds.all()):
        done = finished(project, round)
        slots = [slot for slot in project.rounds.slots(round.id) if slot.reviewer is not None or not slot.repeat]
        found.append(Standing(round, sum((s.example, s.reviewer, s.repeat) in done for s in slots), len(slots)))
    return found


def progress(project: Project, round: Round) -> RoundProgress:
    """How far the round is now."""
    now = project.rounds.get(round.id)
    there = set(project.ids())  # what an undone import brought is out of sight
    votes = [vote for vote in project.rounds.votes(now.id) if vote.example in there]
    items = {item.example: item for item in project.rounds.items(now.id) if item.example in there}
    read = _Read(
        now,
        items,
        project.rounds.slots(now.id),
        votes,
        {(vote.example, vote.reviewer, vote.repeat): vote for vote in votes},
    )
    judged = [one for one in items.values() if one.kind is ItemKind.ITEM]
    cast = {vote.example for vote in votes if items[vote.example].kind is ItemKind.ITEM}
    stand = voted(project, now, cast) if cast else []
    reviewers = _reviewers(project, read, [item.example for item in judged])
    free = [slot for slot in read.slots if slot.reviewer is None and not slot.repeat]
    unassigned = 0 if now.claimed else sum(items[slot.example].kind is ItemKind.ITEM for slot in free)
    done = sum(one.done for one in reviewers)
    looks = sum(one.owed for one in reviewers) + (len(free) if now.claimed else unassigned)
    open_ = {one.example for one in stand if _disputed(one, now.overlap)}
    agreed = [one for one in stand if _unanimous(one)]
    waiting = sum(one.complete and one.settled is None and one.example not in open_ for one in agreed)
    return RoundProgress(
        now,
        reviewers,
        len(judged),
        sum(one.complete for one in stand),
        len(agreed),
        len(open_),
        sum(one.settled is not None for one in stand),
        _changed(project, judged, stand),
        looks,
        done,
        unassigned,
        _next(now, looks - done - unassigned, unassigned, len(open_), waiting),
        len(items) - len(judged),
    )


def _disputed(one: Voted, overlap: int) -> bool:
    """Whether an item waits for a person, as the list of disputes has it, without what the list says of each."""
    if one.adjudicated:
        return one.stale
    if one.elsewhere or (one.settled is not None and not one.stale):
        return False
    if disputed(one, overlap):
        return True
    return one.complete and enough(one, overlap) and put_aside(one, next(iter(one.answers.values())))


def _unanimous(one: Voted) -> bool:
    return len(one.answers) > 1 and not one.differing and not one.flagged


def _next(round: Round, left: int, unassigned: int, disputes: int, waiting: int) -> Step:
    if round.closed and not disputes:
        return Step("done")
    if left > 0 and not round.closed:
        return Step("vote", left)
    if unassigned and not round.closed:
        return Step("join", unassigned)
    if disputes:
        return Step("adjudicate", disputes)
    return Step("settle", waiting) if waiting else Step("close")


def _changed(project: Project, items: Sequence[RoundItem], stand: Sequence[Voted]) -> int:
    """Items whose example says something else by now, and not because the round was settled so."""
    keys = project.keys(Role.CANDIDATE)
    known = {one.example for one in stand}
    others = sum(keys.get(item.example, item.key) != item.key for item in items if item.example not in known)
    return others + sum(one.changed for one in stand)


def _reviewers(project: Project, read: _Read, ids: Sequence[int]) -> tuple[Progress, ...]:
    """Those of the round first, in its order, then those who left and had voted."""
    round = read.round
    owed: dict[str, list[Slot]] = defaultdict(list)
    for slot in read.slots:
        if slot.reviewer is not None:
            owed[slot.reviewer].append(slot)
    free = sum(slot.reviewer is None for slot in read.slots)
    known, usual = paces(project), by_words(mean_words(project, ids))
    shown = project.rounds.examples(round.id, sorted(told_by(read.votes, read.items)))
    quality = judged(read.votes, read.items, {example.id: example for example in shown}, bool(round.labels))
    names = [*round.reviewers, *sorted({vote.reviewer for vote in read.votes} - set(round.reviewers))]
    found = []
    for name in names:
        mine = [vote for vote in read.votes if vote.reviewer == name]
        done = sum((slot.example, name, slot.repeat) in read.seen for slot in owed[name])
        there = name in round.reviewers
        left = len(owed[name]) - done if there else 0
        if round.claimed and there:
            left += free // max(1, len(round.reviewers))
        pace = known.get(name, usual)
        told = quality.get(name, Known())
        found.append(
            Progress(
                name,
                len(owed[name]) if there else done,
                done,
                sum(vote.verdict is Verdict.SKIP for vote in mine),
                pace.minutes(left),
                pace.measured,
                max((vote.at for vote in mine), default=""),
                _tally(told.gold),
                _tally(told.attention),
                _tally(told.repeats),
                there,
            )
        )
    return tuple(found)


def _tally(right: Sequence[bool]) -> Tally:
    return Tally(sum(right), len(right))
