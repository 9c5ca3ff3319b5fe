"""What reviewers disagree on, the most informative first: the items of rounds, and examples that were decided on outright.

What a look at a dispute is worth is the entropy of its consensus, in bits, times the share of all disputes that are between
the same two labels: the less sure the votes leave the answer, and the commoner the confusion, the more one decision teaches.
The consensus says how sure its label is; what is left goes to the other labels that were voted for, by their votes (to one
unnamed label where there is none). Equal ones come by the numbers of their examples.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from curator.errors import InputError
from curator.model import Decision, Example, Kind, Role, Round, Verdict, content_key
from curator.review.adjudication.answers import Answer, is_by_label, known_labels, outright_answers, pair_of, shares
from curator.review.adjudication.settling import disputed, put_aside
from curator.review.rounds.state import SETTLES, Opinion, Row, Voted, agreed, enough, opinions, voted
from curator.review.votes.arrays import DROP
from curator.store import Project


class Reason(StrEnum):
    """Why somebody has to decide."""

    DIFFER = "differ"
    FLAGGED = "flagged"
    SKIPPED = "skipped"
    CHANGED = "changed"
    STALE = "stale"
    OPEN = "open"


SAID = {
    Reason.DIFFER: "the votes differ",
    Reason.FLAGGED: "it was flagged",
    Reason.SKIPPED: "too few could say",
    Reason.CHANGED: "it was changed or decided on otherwise since",
    Reason.STALE: "votes came or went since it was settled",
    Reason.OPEN: "nobody disagrees on it, or it is settled",
}


@dataclass(frozen=True, slots=True)
class Dispute:
    """An example on which somebody has to decide.

    `round` is None where reviewers contradict each other outright. `shown`: what they saw in the round, `now` what the example
    shows now, `now_key` the key of that. `answers`: by the id of a vote, what it wants; skips and flags have none. `shares`:
    of the answers by label, the commonest first. `label` and `confidence`: the consensus, None without one. `pair`: the two
    labels that are confused, if there are two. `settled`: the earlier settlement that no longer holds.
    """

    example: int
    round: Round | None
    reason: Reason
    votes: tuple[Decision, ...]
    answers: Mapping[str, Answer]
    shown: Example
    now: Example
    now_key: str
    shares: Mapping[str, float]
    label: str | None = None
    confidence: float | None = None
    method: str = ""
    pair: tuple[str, str] | None = None
    settled: Decision | None = None
    complete: bool = True
    worth: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether the example shows something else now than it did in the round."""
        return self.now_key != content_key(self.shown)

    @property
    def basis(self) -> tuple[str, ...]:
        """Ids of the votes that a decision rests on."""
        return tuple(vote.id for vote in self.votes if vote.verdict is not Verdict.SKIP)

    @property
    def name(self) -> str:
        """Names it in lists and files: the number of the round (0: none), and of the example."""
        return f"r{self.round.number if self.round is not None else 0}-e{self.example}"


def disputes(project: Project, round: Round | None = None) -> list[Dispute]:
    """What is disputed in a round, or in all rounds and outside of them, and not adjudicated yet; the most worthwhile first."""
    found: list[Dispute] = []
    for each in project.rounds.all() if round is None else [round]:
        found += disputes_of(voted(project, each), each)
    if round is None:
        found += outright(project)
    return ranked(found)


def dispute_of(project: Project, example: int, round: Round | None) -> Dispute:
    """The votes on one example, disputed or not, as there is something to say of them after all."""
    if round is None:
        by_label = is_by_label(project)
        labels = known_labels(project) if by_label else ()
        decided = list(project.decisions(example))
        (now,) = project.get_examples([example])
        return _made_outright(now, _since_settled(decided) or decided, by_label, labels)
    found = voted(project, round, {example})
    if not found or found[0].known:
        raise InputError(f"Example {example} is not one that round {round.number} is to settle.")
    return _made(found[0], round, None)


def looked_up(project: Project, round: Round, examples: Collection[int]) -> list[Dispute]:
    """These examples of a round, whether or not anybody has to decide on them; those that nobody voted on are left out."""
    items = [one for one in voted(project, round) if one.votes]
    found = opinions(items)
    return [
        replace(_made(one, round, found.get(one.example)), reason=_reason(one, round) or Reason.OPEN)
        for one in items
        if one.example in examples and not one.known
    ]


def ranked(found: Sequence[Dispute]) -> list[Dispute]:
    """With their worth, the most worthwhile first."""
    pairs = Counter(one.pair for one in found)
    weighed = [replace(one, worth=_entropy(one) * pairs[one.pair] / len(found)) for one in found]
    return sorted(weighed, key=lambda one: (-round_off(one.worth), one.example, one.name))


def round_off(worth: float) -> float:
    """So that the last bit of a sum never decides between equals."""
    return round(worth, 9)


def letters(example: int, reviewers: Iterable[str], seed: int = 0) -> dict[str, str]:
    """A letter for each reviewer of an example (AA after Z), in an order of its own: the same letter on another example is
    another reviewer, so that nobody is known by theirs."""

    def place(name: str) -> bytes:
        return hashlib.blake2b(f"{seed}\n{example}\n{name}".encode("utf-8", "replace"), digest_size=8).digest()

    ordered = sorted(set(reviewers), key=lambda name: (place(name), name))
    return {name: _letter(at) for at, name in enumerate(ordered)}


def _letter(at: int) -> str:
    return ("" if at < 26 else _letter(at // 26 - 1)) + chr(ord("A") + at % 26)


def disputes_of(items: Sequence[Voted], round: Round) -> list[Dispute]:
    """The disputes among items of a round, by place and without their worth."""
    reasons = {one.example: _reason(one, round) for one in items}
    if not any(reasons.values()):
        return []
    found = opinions(items)
    return [
        replace(_made(one, round, found.get(one.example)), reason=reason)
        for one in items
        if (reason := reasons[one.example]) is not None
    ]


def _reason(one: Voted, round: Round) -> Reason | None:
    """Why somebody has to decide on an item; None where nobody has, or not yet."""
    if one.known:
        return None
    if one.adjudicated:
        return Reason.STALE if one.stale else None
    if one.elsewhere or (one.settled is not None and not one.stale):
        return None
    if disputed(one, round.overlap):
        if one.settled is not None:
            return Reason.STALE
        if one.flagged:
            return Reason.FLAGGED
        return Reason.DIFFER if one.differing else Reason.SKIPPED
    if one.complete and enough(one, round.overlap) and put_aside(one, next(iter(one.answers.values()))):
        return Reason.CHANGED
    return None


def _made(one: Voted, round: Round, opinion: Opinion | None) -> Dispute:
    by_share = shares(one.answers.values())
    return Dispute(
        one.example,
        round,
        Reason.DIFFER,
        one.votes,
        one.answers,
        one.shown,
        one.now,
        one.now_key,
        by_share,
        None if opinion is None else opinion.label,
        None if opinion is None else opinion.confidence,
        "" if opinion is None else opinion.method,
        pair_of(by_share),
        one.settled,
        one.complete,
    )


def _entropy(one: Dispute) -> float:
    """Of the consensus, in bits."""
    if one.confidence is None:
        return 0.0
    others = {label: part for label, part in one.shares.items() if label != one.label}
    whole, left = sum(others.values()), 1 - one.confidence
    chances = [one.confidence, *(left * part / whole for part in others.values())] if others else [one.confidence, left]
    return -sum(chance * math.log2(chance) for chance in chances if chance > 0)


# Outside of rounds


def outright(project: Project) -> list[Dispute]:
    """Examples on which reviewers contradict each other by what they decided outright."""
    by_example: dict[int, list[Decision]] = defaultdict(list)
    for one in project.decisions():
        by_example[one.example].append(one)
    since = {id: _since_settled(decided) for id, decided in by_example.items() if len(decided) > 1}
    several = {id: said for id, said in since.items() if len({d.reviewer for d in said}) > 1}
    if not several:
        return []
    by_label = is_by_label(project)
    labels = known_labels(project) if by_label else ()
    found = [
        _made_outright(example, several[example.id], by_label, labels)
        for example in project.get_examples(sorted(several))
        if example.ref.role is Role.CANDIDATE
    ]
    rows: tuple[Row, ...] = tuple(
        (str(one.example), vote.reviewer, one.answers[vote.id].label)
        for one in found
        for vote in one.votes
        if vote.id in one.answers
    )
    consensus = agreed(rows)
    return [_with_opinion(one, consensus.get(one.example)) for one in found if _contradicts(one, by_label)]


def _with_opinion(one: Dispute, opinion: Opinion | None) -> Dispute:
    if opinion is None:
        return one
    return replace(one, label=opinion.label, confidence=opinion.confidence, method=opinion.method)


def _since_settled(decided: Sequence[Decision]) -> list[Decision]:
    """What was decided outright since votes were last settled, skips and flags left out. What came with a file counts only
    where nobody has decided since: they saw it."""
    last = max((d.at for d in decided if d.kind in SETTLES), default="")
    said = [
        d for d in decided if d.kind is Kind.DECISION and d.verdict not in (Verdict.SKIP, Verdict.FLAG) and d.at > last
    ]
    return [d for d in said if not d.imported] or said


def _made_outright(now: Example, said: Sequence[Decision], by_label: bool, labels: Sequence[str]) -> Dispute:
    votes = tuple(sorted(said, key=lambda d: d.reviewer))
    answers = outright_answers(votes, now, by_label, labels)
    by_share = shares(answers.values())
    reason, key, pair = Reason.DIFFER, content_key(now), pair_of(by_share)
    return Dispute(now.id, None, reason, votes, answers, now, now, key, by_share, pair=pair)


def _contradicts(one: Dispute, by_label: bool) -> bool:
    """Labels contradict each other where they are not the same. A text may be improved by one after the other: there only a
    drop contradicts what is no drop."""
    if by_label:
        return len(one.shares) > 1
    return 0 < one.shares.get(DROP, 0.0) < 1
