"""Where the items of a round stand: what was shown, who voted what, and what was settled on it so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from curator.model import Decision, Example, ItemKind, Kind, Round, RoundItem, Slot, Verdict, content_key
from curator.review.adjudication.answers import Answer, answer_of, applied
from curator.review.consensus.choosing import find_consensus
from curator.review.votes.arrays import DROP, make_votes
from curator.store import Project

SETTLES = (Kind.CONSENSUS, Kind.ADJUDICATION)
ONE_BY_ONE = 40
"""Examples of which decisions, items and looks are read by themselves; for more of them all are read at once."""
Row = tuple[str, str, str]
"""Item, reviewer and label of a vote."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """The consensus on an item: its label, how sure it is (0..1), and the method that found it."""

    label: str
    confidence: float
    method: str


@dataclass(frozen=True, slots=True)
class Voted:
    """One item of a round. `shown`: as the round shows it; `now`: what the example shows now, `now_key` the key of that.

    `votes`: those in force, one of each reviewer, by name, second looks left out. `answers`: by the id of a vote; skips and
    flags have none. `complete`: everybody voted who is to. `settled`: the adjudication, or else the consensus, that the round
    came to. `outright`: what somebody decided outright after all of the votes. `elsewhere`: another round was settled on this
    example after them.
    """

    item: RoundItem
    shown: Example
    now: Example
    now_key: str
    votes: tuple[Decision, ...]
    answers: Mapping[str, Answer]
    complete: bool
    settled: Decision | None = None
    outright: Decision | None = None
    elsewhere: bool = False

    @property
    def example(self) -> int:
        return self.item.example

    @property
    def known(self) -> bool:
        """Whether the answer is known: such an item tells how reliable reviewers are, and is not settled."""
        return self.item.kind is not ItemKind.ITEM

    @property
    def spoken(self) -> tuple[Decision, ...]:
        """The votes that say something: all but skips."""
        return tuple(vote for vote in self.votes if vote.verdict is not Verdict.SKIP)

    @property
    def basis(self) -> tuple[str, ...]:
        """Ids of the votes that something would be settled on."""
        return tuple(vote.id for vote in self.spoken)

    @property
    def flagged(self) -> bool:
        return any(vote.verdict is Verdict.FLAG for vote in self.votes)

    @property
    def differing(self) -> bool:
        """Whether two of the answers are not the same."""
        return len({answer.key for answer in self.answers.values()}) > 1

    @property
    def adjudicated(self) -> bool:
        return self.settled is not None and self.settled.kind is Kind.ADJUDICATION

    @property
    def stale(self) -> bool:
        """Whether what was settled no longer rests on the votes in force. An adjudication is a person's word: it does so only
        where a vote has come since that says otherwise."""
        if self.settled is None:
            return False
        known = set(self.settled.basis.votes) if self.settled.basis is not None else set()
        if not self.adjudicated:
            return known != set(self.basis)
        wanted = self._adjudicated_as()
        return any(vote.id not in known and self._named(vote) not in (None, wanted) for vote in self.spoken)

    @property
    def changed(self) -> bool:
        """Whether the example shows something else than the round does, and not because the round was settled so."""
        return self.now_key != self.item.key and not self._left_by_settling

    @property
    def _left_by_settling(self) -> bool:
        one = self.settled
        if one is None:
            return False
        if one.seen == self.item.key:
            return self.now_key == content_key(applied(one, self.shown))
        return content_key(applied(one, self.now)) == self.now_key

    def _named(self, vote: Decision) -> str | None:
        answer = self.answers.get(vote.id)
        return None if answer is None else answer.key

    def _adjudicated_as(self) -> str:
        one = self.settled
        assert one is not None
        if one.verdict is Verdict.DROP:
            return DROP
        # Against the text that the votes are about, so that a label is compared with a label.
        kept = self.now.output if one.seen != self.item.key and one.verdict is Verdict.KEEP else None
        return content_key(self.shown.with_output(kept) if kept is not None else applied(one, self.shown))


def enough(one: Voted, overlap: int) -> bool:
    """Whether as many said something as make an agreement: two, or one where nobody else was asked."""
    return len(one.answers) >= min(2, overlap)


def voted(project: Project, round: Round, examples: Collection[int] | None = None) -> list[Voted]:
    """The items of a round by place, or these `examples`: those that are to be settled, and those whose answer is known and
    that are shown as they are."""
    # What an undone import brought is out of sight, and nothing can be decided on it.
    there = set(project.ids()) if examples is None else set(examples)
    few = examples if examples is not None and len(examples) <= ONE_BY_ONE else None
    whole = project.rounds.items(round.id, few)
    items = [item for item in whole if item.kind is not ItemKind.ATTENTION and item.example in there]
    ids = [item.example for item in items]
    shown = {example.id: example for example in project.rounds.examples(round.id, ids)}
    now = {example.id: example for example in project.get_examples(ids)}
    alone = next(iter(there)) if examples is not None and len(there) == 1 else None
    slots = _slots(project.rounds.slots(round.id, examples=few, undone=True))
    votes = _votes(project.rounds.votes(round.id, alone))
    decided = _decided(project, {item.example for item in items})
    found = []
    for item in items:
        id = item.example
        cast = tuple(sorted(votes[id], key=lambda vote: vote.reviewer))
        answers = {vote.id: answer_of(vote, shown[id], bool(round.labels)) for vote in cast}
        one = Voted(
            item,
            shown[id],
            now[id],
            content_key(now[id]),
            cast,
            {name: answer for name, answer in answers.items() if answer is not None},
            bool(cast) and {slot.reviewer for slot in slots[id]} <= {vote.reviewer for vote in cast},
        )
        found.append(_with_decisions(project, one, round.id, decided[id]))
    return found


def _with_decisions(project: Project, one: Voted, round: str, decided: Sequence[Decision]) -> Voted:
    """With what was decided on the example, in this round or otherwise. Votes are older than what was decided after them."""
    last = max((vote.at for vote in one.votes), default="")
    mine = [d for d in decided if d.kind in SETTLES and d.round == round]
    settled = max(mine, key=lambda d: (d.kind is Kind.ADJUDICATION, d.at), default=None)
    others = [d for d in decided if d.kind in SETTLES and d.round != round and d.at > last]
    later = [d for d in decided if d.kind is Kind.DECISION and not d.imported and d.at > last]
    later = [d for d in later if d.verdict is not Verdict.SKIP and (settled is None or d.at > settled.at)]
    outright = max(later, key=lambda d: d.at, default=None)
    if settled is None and (outright is not None or others):
        settled = _superseded(project, one.example, round, [*later, *others])
    elsewhere = any(settled is None or d.at > settled.at for d in others)
    return replace(one, settled=settled, outright=outright, elsewhere=elsewhere)


def _superseded(project: Project, example: int, round: str, later: Sequence[Decision]) -> Decision | None:
    """The adjudication that its author's later decisions took the place of: what they came to in this round all the same."""
    before = [d.supersedes for d in later if d.supersedes is not None]
    known = {d.id: d for d in project.decisions(example, history=True)} if before else {}
    while before:
        one = known.get(before.pop())
        if one is not None and one.kind is Kind.ADJUDICATION and one.round == round:
            return one
        if one is not None and one.supersedes is not None:
            before.append(one.supersedes)
    return None


def opinions(items: Sequence[Voted]) -> dict[int, Opinion]:
    """The consensus on each item that somebody answered, found on the answers of all of them."""
    rows = tuple(
        (str(one.example), vote.reviewer, one.answers[vote.id].label)
        for one in items
        for vote in one.votes
        if vote.id in one.answers
    )
    return agreed(rows)


def agreed(rows: tuple[Row, ...]) -> dict[int, Opinion]:
    """The consensus by item, whose names are the numbers of examples."""
    return dict(_agreed(rows)) if rows else {}


@lru_cache(maxsize=8)
def _agreed(rows: tuple[Row, ...]) -> tuple[tuple[int, Opinion], ...]:
    votes = make_votes(rows)
    found = find_consensus(votes)
    return tuple(
        (int(item), Opinion(votes.labels[found.label[at]], float(found.confidence[at]), found.method))
        for at, item in enumerate(votes.items)
    )


def _slots(slots: Iterable[Slot]) -> Mapping[int, list[Slot]]:
    found: dict[int, list[Slot]] = defaultdict(list)
    for slot in slots:
        if not slot.repeat:
            found[slot.example].append(slot)
    return found


def _votes(votes: Iterable[Decision]) -> Mapping[int, list[Decision]]:
    found: dict[int, list[Decision]] = defaultdict(list)
    for vote in votes:
        if not vote.repeat and vote.kind is Kind.VOTE:
            found[vote.example].append(vote)
    return found


def _decided(project: Project, ids: Collection[int]) -> Mapping[int, list[Decision]]:
    """The decisions in force on these examples."""
    found: dict[int, list[Decision]] = defaultdict(list)
    few = len(ids) <= ONE_BY_ONE
    for one in (d for id in sorted(ids) for d in project.decisions(id)) if few else project.decisions():
        if one.example in ids:
            found[one.example].append(one)
    return found
