"""Settling the votes of a round: where they agree, or where the consensus of all votes is sure enough, they become decisions.

What is settled is a decision as any other, so that it can be undone and superseded. Whatever is doubtful is left to a person:
votes that differ, flags, items of which the text was changed or decided on otherwise since, and all that was adjudicated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from curator.model import CONSENSUS_REVIEWER, Basis, Decision, Kind, Round, Verdict
from curator.review.adjudication.answers import Answer, towards
from curator.review.rounds.state import Opinion, Voted, enough, opinions, voted
from curator.review.votes.arrays import DROP
from curator.store import JournalEntry, Project

UNANIMOUS = "unanimous"


@dataclass(frozen=True, slots=True)
class Settled:
    """Ids of the items of a round by what became of them, each by its place in the round.

    `unanimous` and `by_consensus` were settled now (or would be: `entry` is None where nothing was written); `before` had been
    settled, or adjudicated, already. `agreed`: all say the same, but the round does not settle itself. `waiting`: votes are
    still to come. `disputed`: somebody has to decide. `changed`: all say the same, but the text was changed, or decided on
    otherwise, since. `elsewhere`: a later round was settled on them. `stale`: those of all these whose earlier settlement no
    longer rests on the votes in force.
    """

    unanimous: tuple[int, ...] = ()
    by_consensus: tuple[int, ...] = ()
    before: tuple[int, ...] = ()
    agreed: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    disputed: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    elsewhere: tuple[int, ...] = ()
    stale: tuple[int, ...] = ()
    entry: JournalEntry | None = None

    @property
    def settled(self) -> int:
        """How many items were settled now."""
        return len(self.unanimous) + len(self.by_consensus)


@dataclass
class _Plan:
    """What is to be settled, and what became of the other items."""

    found: dict[str, list[int]] = field(default_factory=dict)
    answers: list[tuple[Voted, Answer, str]] = field(default_factory=list)
    """With the method that found the answer."""

    def put(self, name: str, one: Voted) -> None:
        self.found.setdefault(name, []).append(one.example)

    def of(self, name: str) -> tuple[int, ...]:
        return tuple(self.found.get(name, ()))


def settle(
    project: Project, round: Round, actor: str | None = None, at_least: float | None = None, *, asked: bool = False
) -> Settled:
    """Settle what can be, in one entry of the journal; what was settled on the same votes before is left as it is.

    Items on which everybody who is to has voted the same settle by themselves where the round says so, or somebody `asked`
    for it. With `at_least` those follow whose consensus, found on all votes of the round, is as sure as that. A settlement
    whose votes are no longer those in force gives way to a new one, or the item is disputed again. `actor`: who asked, for
    the journal.
    """
    items = voted(project, round)
    plan = _plan(items, round, at_least, asked)
    if not plan.answers:
        return _told(plan)
    found = opinions(items)
    made = [_decision(one, round, answer, method, found) for one, answer, method in plan.answers]
    return replace(_told(plan), entry=_commit(project, made, round, actor))


def foresee(project: Project, round: Round, at_least: float | None = None) -> Settled:
    """What `settle` would settle if somebody asked for it; nothing is written."""
    return foresee_of(voted(project, round), round, at_least)


def foresee_of(items: Sequence[Voted], round: Round, at_least: float | None = None) -> Settled:
    """As `foresee`, on the items of a round that are at hand."""
    return _told(_plan(items, round, at_least, asked=True))


def consensus_answer(one: Voted, opinion: Opinion | None) -> Answer | None:
    """What the consensus wants an item to be; None where nobody gave it that label, or in several ways."""
    if opinion is None:
        return None
    meant = {answer.key: answer for answer in one.answers.values() if answer.label == opinion.label}
    return next(iter(meant.values())) if len(meant) == 1 else None


def disputed(one: Voted, overlap: int) -> bool:
    """Whether the votes on an item leave it to a person: they differ, flag it, or hardly say anything."""
    if one.differing:
        return True
    if one.flagged:
        return one.complete or len(one.spoken) > 1
    return one.complete and not enough(one, overlap)


def _plan(items: Sequence[Voted], round: Round, at_least: float | None, asked: bool) -> _Plan:
    plan = _Plan()
    itself = round.settle or asked or at_least is not None
    found = opinions(items) if at_least is not None else {}
    for one in items:
        if one.known:
            continue
        if one.stale:
            plan.put("stale", one)
        if one.adjudicated:
            plan.put("disputed" if one.stale else "before", one)
        elif one.elsewhere:
            plan.put("elsewhere", one)
        elif one.settled is not None and not one.stale:
            plan.put("before", one)
        else:
            _place(plan, one, round, itself, found.get(one.example), at_least)
    return plan


def _place(
    plan: _Plan, one: Voted, round: Round, itself: bool, opinion: Opinion | None, at_least: float | None
) -> None:
    """Say what becomes of an item that is not settled on the votes in force."""
    answer: Answer | None = None
    method = UNANIMOUS
    if one.complete and not disputed(one, round.overlap):
        answer = next(iter(one.answers.values()))
    elif one.complete and not one.flagged and _sure(opinion, at_least):
        assert opinion is not None
        answer, method = consensus_answer(one, opinion), opinion.method
    if answer is None:
        plan.put("disputed" if disputed(one, round.overlap) else "waiting", one)
    elif put_aside(one, answer):
        plan.put("changed", one)
    elif not itself:
        plan.put("agreed", one)
    else:
        plan.put("unanimous" if method == UNANIMOUS else "by_consensus", one)
        plan.answers.append((one, answer, method))


def _sure(opinion: Opinion | None, at_least: float | None) -> bool:
    return opinion is not None and at_least is not None and opinion.confidence >= at_least


def put_aside(one: Voted, answer: Answer) -> bool:
    """Whether an answer must not be settled unseen: the text was changed since the round began, or somebody decided outright
    after the votes, and it is not what they say anyway."""
    if one.outright is not None and one.outright.verdict in (Verdict.DROP, Verdict.FLAG):
        return one.outright.verdict is Verdict.FLAG or answer.key != DROP
    if one.outright is not None or one.changed:
        return answer.key != one.now_key
    return False


def _decision(one: Voted, round: Round, answer: Answer, method: str, found: Mapping[int, Opinion]) -> Decision:
    verdict, value = towards(answer, one.now)
    opinion = found.get(one.example)
    # How sure the votes make it, also of a unanimous item; where the consensus of all votes is another label it says nothing.
    sure = opinion.confidence if opinion is not None and opinion.label == answer.label else None
    basis = Basis(one.basis, method, sure)
    return Decision(
        "",
        one.example,
        one.now_key,
        CONSENSUS_REVIEWER,
        verdict,
        value,
        kind=Kind.CONSENSUS,
        round=round.id,
        basis=basis,
    )


def _commit(project: Project, made: list[Decision], round: Round, actor: str | None) -> JournalEntry:
    return project.judge((), made, f"Round {round.number}", actor)


def _told(plan: _Plan) -> Settled:
    return Settled(
        unanimous=plan.of("unanimous"),
        by_consensus=plan.of("by_consensus"),
        before=plan.of("before"),
        agreed=plan.of("agreed"),
        waiting=plan.of("waiting"),
        disputed=plan.of("disputed"),
        changed=plan.of("changed"),
        elsewhere=plan.of("elsewhere"),
        stale=plan.of("stale"),
    )
