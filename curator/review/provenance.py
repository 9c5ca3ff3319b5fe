"""How each example came to be as it is: who said so, how many agreed, and what is still disputed.

One read of the decisions, one of the votes and one of the rounds; texts only where a vote to keep stands beside one that
names a label, and only they tell whether the two are the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from curator.model import Cause, Decision, Example, Kind, Round, Verdict, content_key
from curator.review.adjudication.answers import applied
from curator.review.votes.arrays import DROP
from curator.review.votes.of_rounds import alpha_on
from curator.store import Project

SETTLING = (Kind.CONSENSUS, Kind.ADJUDICATION)
_CHANGES = (Verdict.RELABEL, Verdict.EDIT)


class How(StrEnum):
    """What stands behind an example as it is."""

    UNANIMOUS = "unanimous"
    CONSENSUS = "consensus"
    ADJUDICATED = "adjudicated"
    SINGLE = "single"
    IMPORTED = "imported"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Provenance:
    """How one example came to be as it is.

    `votes`: how many reviewers said something of it, in its round or outright; `agree`: how many of them say what it is now.
    `confidence`: of the consensus, 0..1, None where there is none. `round`: the number of its round, `alpha` how far the
    reviewers agreed there. `adjudicator`, `cause`: of an adjudication. `dispute`: why it cannot be relied on as it stands, ""
    where it can: reviewers disagree, and nobody settled it. `decision`: id of the one that counts.
    """

    how: How = How.NONE
    votes: int = 0
    agree: int = 0
    confidence: float | None = None
    round: int | None = None
    adjudicator: str | None = None
    cause: Cause | None = None
    alpha: float | None = None
    dispute: str = ""
    decision: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As it stands in `rows.jsonl`."""
        confidence = None if self.confidence is None else round(self.confidence, 4)
        alpha = None if self.alpha is None else round(self.alpha, 4)
        return {
            "how": str(self.how),
            "votes": self.votes,
            "agree": self.agree,
            "confidence": confidence,
            "round": self.round,
            "alpha": alpha,
            "adjudicator": self.adjudicator,
            "cause": None if self.cause is None else str(self.cause),
        }


UNREVIEWED = Provenance()


@dataclass(frozen=True, slots=True)
class RoundWork:
    """What was done in a round. `alpha`: Krippendorff's, None where it is not known; then `why` says why."""

    number: int
    name: str
    votes: int
    items: int
    reviewers: int
    alpha: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What reviewers did: by example, by round, and how many `reviewers` there are in all, imported ones not counted.

    `unsettled`: the numbers of the rounds that hold votes which may settle items that they have not settled yet.
    """

    by_example: Mapping[int, Provenance] = field(default_factory=dict)
    rounds: tuple[RoundWork, ...] = ()
    reviewers: int = 0
    unsettled: frozenset[int] = frozenset()

    def of(self, example: int) -> Provenance:
        return self.by_example.get(example, UNREVIEWED)

    def counts(self, examples: Iterable[int]) -> dict[str, int]:
        """How many of these examples came to be as they are in each way, those of which there is none left out."""
        found = Counter(self.of(example).how for example in examples)
        return {str(how): found[how] for how in How if found[how]}

    @property
    def by_several(self) -> bool:
        """Whether it makes a difference who said what: there are rounds, or more than one reviewer."""
        return bool(self.rounds) or self.reviewers > 1


NOBODY = Reviewed()

Cast = Mapping[int, Mapping[str, Sequence[Decision]]]
"""By example and round (its id), the votes that were cast."""


def provenance(project: Project, resolved: Mapping[int, Decision]) -> Mapping[int, Provenance]:
    """How each example came to be as it is; those that nobody said anything about are absent. See `trace`."""
    return trace(project, list(project.decisions()), resolved).by_example


def trace(
    project: Project, standing: Sequence[Decision], resolved: Mapping[int, Decision], *, alphas: bool = True
) -> Reviewed:
    """What reviewers did. `standing`: the decisions in force; `resolved`: what they come to, by example.

    `alphas`: measure how far reviewers agreed in each round, too.
    """
    rounds = {one.id: one for one in project.rounds.all()}
    votes = project.rounds.votes() if rounds else []
    cast = _cast(rounds, votes, {(id, example) for id in rounds for example in project.rounds.known(id)})
    outright = _outright(standing)
    cases = [
        _case(example, resolved.get(example), cast.get(example, {}), rounds) for example in sorted({*cast, *resolved})
    ]
    texts = _shown(project, cases, outright)
    waiting = _waiting(project, cases)
    work = tuple(_work(project, one, votes, alphas) for one in rounds.values())
    alpha = {one.number: one.alpha for one in work}
    found = {}
    for case in cases:
        told = _told(case, outright[case.example], texts, waiting)
        if told != UNREVIEWED:
            measured = alpha.get(told.round) if told.round is not None else None
            found[case.example] = told if measured is None else replace(told, alpha=measured)
    agreed = (number for case in cases for number in _agreed(case, texts, waiting))
    people = {one.reviewer for some in outright.values() for one in some if not one.imported}
    people |= {vote.reviewer for by_round in cast.values() for votes in by_round.values() for vote in votes}
    return Reviewed(found, work, len(people), frozenset(agreed))


@dataclass(frozen=True, slots=True)
class _Case:
    """One example: the decision that counts, with the number of its round, and the votes by round, the oldest first."""

    example: int
    decision: Decision | None
    number: int | None
    votes: Sequence[tuple[Round, Sequence[Decision]]]

    @property
    def settling(self) -> bool:
        return self.decision is not None and self.decision.kind in SETTLING

    def home(self) -> Sequence[Decision] | None:
        """The votes that the decision settles, as they are now; None where it settles none."""
        if not self.settling or self.decision is None:
            return None
        return next((votes for round, votes in self.votes if round.id == self.decision.round), ())

    def open(self) -> Iterator[tuple[Round, Sequence[Decision]]]:
        """The rounds in which somebody voted and that the decision does not settle, nor came after."""
        decision = self.decision
        for round, votes in self.votes:
            if decision is not None and not decision.imported:
                if self.settling and decision.round == round.id:
                    continue
                if decision.at > max(vote.at for vote in votes):
                    continue
            yield round, votes


def _case(
    example: int, decision: Decision | None, cast: Mapping[str, Sequence[Decision]], rounds: Mapping[str, Round]
) -> _Case:
    home = rounds.get(decision.round or "") if decision is not None else None
    return _Case(example, decision, home.number if home else None, [(rounds[id], votes) for id, votes in cast.items()])


def _cast(rounds: Mapping[str, Round], votes: Iterable[Decision], known: Collection[tuple[str, int]]) -> Cast:
    """The votes, second looks left out, and those on items of which the answer is `known`."""
    found: dict[int, dict[str, list[Decision]]] = defaultdict(lambda: defaultdict(list))
    for vote in votes:
        round = vote.round or ""
        if not vote.repeat and round in rounds and (round, vote.example) not in known:
            found[vote.example][round].append(vote)
    order = {id: one.number for id, one in rounds.items()}
    return {example: dict(sorted(by.items(), key=lambda item: order[item[0]])) for example, by in found.items()}


def _outright(standing: Sequence[Decision]) -> Mapping[int, list[Decision]]:
    """The decisions on each example that were made outright, and not before its votes were settled."""
    settled: dict[int, str] = {}
    for decision in standing:
        if decision.kind in SETTLING:
            settled[decision.example] = max(decision.at, settled.get(decision.example, ""))
    found: dict[int, list[Decision]] = defaultdict(list)
    for decision in standing:
        outright = decision.kind is Kind.DECISION and decision.verdict is not Verdict.SKIP
        if outright and decision.at >= settled.get(decision.example, ""):
            found[decision.example].append(decision)
    return found


def _work(project: Project, round: Round, votes: Iterable[Decision], alphas: bool) -> RoundWork:
    mine = [vote for vote in votes if vote.round == round.id and not vote.repeat]
    items, people = len({vote.example for vote in mine}), len({vote.reviewer for vote in mine})
    work = RoundWork(round.number, round.name, len(mine), items, people)
    if not alphas:
        return work
    alpha, why = alpha_on(project, round, mine)
    return replace(work, alpha=alpha, why=why)


# What was said, in keys that can be compared


def _shown(
    project: Project, cases: Sequence[_Case], outright: Mapping[int, Sequence[Decision]]
) -> Mapping[tuple[str, int], Example]:
    """The texts that votes are about, by round and example; outright decisions ("" for the round) are about what is shown
    now. Only where a keep has to be compared with a label or an edit."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for case in cases:
        for round, votes in case.votes:
            mine = case.settling and case.decision is not None and case.decision.round == round.id
            if _mixed([*votes, *([case.decision] if mine and case.decision is not None else [])], alone=not mine):
                wanted[round.id].append(case.example)
        if _mixed(outright[case.example], alone=False):
            wanted[""].append(case.example)
    found: dict[tuple[str, int], Example] = {}
    for round_id, ids in wanted.items():
        texts = project.rounds.examples(round_id, ids) if round_id else project.get_examples(ids)
        found.update(((round_id, example.id), example) for example in texts)
    return found


def _mixed(said: Collection[Decision], *, alone: bool) -> bool:
    """Whether a label or an edit may be what others kept or wrote otherwise, or, where votes stand `alone`, what is shown."""
    changed = any(one.verdict in _CHANGES for one in said)
    return changed and (alone or any(one.verdict in (Verdict.KEEP, Verdict.EDIT) for one in said))


def _key(said: Decision, shown: Example | None) -> str | None:
    """What a vote or a decision wants the example to be; None where it names nothing, as a flag and a skip do."""
    if said.verdict in (Verdict.FLAG, Verdict.SKIP):
        return None
    if said.verdict is Verdict.DROP:
        return DROP
    if said.verdict is Verdict.KEEP:
        return said.seen
    return f"{said.verdict}:{said.value}" if shown is None else content_key(applied(said, shown))


def _waiting(project: Project, cases: Sequence[_Case]) -> set[tuple[str, int]]:
    """Round and example where votes are still to come, of the votes that nothing was settled on."""
    voted: dict[str, dict[int, set[str]]] = defaultdict(dict)
    for case in cases:
        for round, votes in case.open():
            voted[round.id][case.example] = {vote.reviewer for vote in votes}
    return {
        (round, example)
        for round, who in voted.items()
        for example, reviewer in project.rounds.owed(round)
        if example in who and reviewer not in who[example]
    }


# What it comes to


def _told(
    case: _Case,
    outright: Sequence[Decision],
    texts: Mapping[tuple[str, int], Example],
    waiting: Collection[tuple[str, int]],
) -> Provenance:
    now, home = _decided(case, outright, texts), case.home()
    if home is not None and case.decision is not None and _stale(case.decision, home, texts):
        return replace(now, dispute=f"its votes in round {case.number} changed after they were settled")
    for round, votes in case.open():
        text, waits = texts.get((round.id, case.example)), (round.id, case.example) in waiting
        dispute = _dispute(round, votes, text, waits)
        if dispute or (now == UNREVIEWED and not waits):
            spoken = _spoken(votes)
            agree = sum(vote.verdict is Verdict.KEEP or _key(vote, text) == vote.seen for vote in spoken)
            now = replace(now, votes=len(spoken), agree=agree, round=round.number, dispute=dispute)
        if dispute:
            break
    return now


def _agreed(
    case: _Case, texts: Mapping[tuple[str, int], Example], waiting: Collection[tuple[str, int]]
) -> Iterator[int]:
    """The numbers of the rounds whose votes all say the same and are not what the example was settled on."""
    decision, home = case.decision, case.home()
    if home is not None and decision is not None and decision.kind is Kind.CONSENSUS and _stale(decision, home, texts):
        yield from (round.number for round, _ in case.votes if round.id == decision.round)
    for round, votes in case.open():
        said = {_key(vote, texts.get((round.id, case.example))) for vote in _spoken(votes)}
        if len(said) == 1 and None not in said and (round.id, case.example) not in waiting:
            yield round.number


def _decided(case: _Case, outright: Sequence[Decision], texts: Mapping[tuple[str, int], Example]) -> Provenance:
    """What stands behind the decision that counts."""
    decision, home = case.decision, case.home()
    if decision is None:
        return UNREVIEWED
    if home is None:
        text = texts.get(("", case.example))
        people = [one for one in outright if one.imported is decision.imported]
        agree = sum(_key(one, text) == _key(decision, text) for one in people)
        sure = None if len(people) < 2 else agree / len(people)
        how = How.IMPORTED if decision.imported else _how(len(people), agree)
        if how is How.CONSENSUS and 2 * agree <= len(people):
            how = How.SINGLE  # one word against another is no consensus, though the newest stands
        return Provenance(how, len(people), agree, sure, decision=decision.id)
    number = case.number
    text, spoken = texts.get((decision.round or "", case.example)), _spoken(home)
    agree = sum(_key(vote, text) == _key(decision, text) for vote in spoken)
    sure = None if decision.basis is None else decision.basis.confidence
    if decision.kind is Kind.CONSENSUS:
        if sure is None and len(spoken) > 1:
            sure = agree / len(spoken)
        how = _how(len(spoken), agree)
        return Provenance(how, len(spoken), agree, sure, number, decision=decision.id)
    return Provenance(
        How.ADJUDICATED, len(spoken), agree, sure, number, decision.reviewer, decision.cause, decision=decision.id
    )


def _how(votes: int, agree: int) -> How:
    if votes < 2:
        return How.SINGLE
    return How.UNANIMOUS if agree == votes else How.CONSENSUS


def _spoken(votes: Sequence[Decision]) -> list[Decision]:
    """The votes that say something: all but skips."""
    return [vote for vote in votes if vote.verdict is not Verdict.SKIP]


def _stale(settled: Decision, votes: Sequence[Decision], texts: Mapping[tuple[str, int], Example]) -> bool:
    """Whether what was settled no longer rests on the votes in force. An adjudication is a person's word: it does so only
    where a vote has come since that says otherwise."""
    known = set(settled.basis.votes) if settled.basis is not None else set()
    spoken = _spoken(votes)
    if settled.kind is Kind.CONSENSUS:
        return known != {vote.id for vote in spoken}
    text = texts.get((settled.round or "", settled.example))
    return any(vote.id not in known and _key(vote, text) not in (None, _key(settled, text)) for vote in spoken)


def _dispute(round: Round, votes: Sequence[Decision], text: Example | None, waits: bool) -> str:
    """Why votes that nobody settled leave the example in doubt, "" where they do not."""
    spoken = _spoken(votes)
    said = [key for vote in spoken if (key := _key(vote, text)) is not None]
    here = f"in round {round.number}"
    if len(set(said)) > 1:
        return f"its votes {here} disagree, and nobody settled them"
    if len(said) < len(spoken) and (len(spoken) > 1 or not waits):
        return f"a reviewer flagged it {here}, and nobody settled that"
    if waits:
        return ""
    if len(said) < min(2, round.overlap):
        return f"too few reviewers could tell {here}, and nobody settled it"
    kept = spoken[0].verdict is Verdict.KEEP or said[0] == spoken[0].seen
    return "" if kept else f"its votes {here} want it changed, and nobody settled them"
