"""The votes of a round, or of a project, for the measures of agreement; and what reviewers did on items of known answer."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from curator.errors import InputError
from curator.model import Decision, Example, ItemKind, Kind, Round, RoundItem, Verdict
from curator.review.adjudication.answers import Answer, answer_of, is_by_label
from curator.review.agreement.estimates import Estimate, Share, share_of
from curator.review.agreement.measures import ReviewerCheck, alpha_alone
from curator.review.agreement.sets import merge_equal_sets
from curator.review.votes.arrays import Votes, make_votes, votes_from_decisions, with_times
from curator.review.votes.known import Known, judged, told_by
from curator.review.votes.outputs import Output
from curator.store import Project

Which = Round | str | int
"""A round, or its number, name or id."""


@dataclass(frozen=True, slots=True)
class RoundAgreement:
    """α of a round alone, how many `reviewers` gave how many `votes`, and on how many `items`."""

    krippendorff_alpha: Estimate
    reviewers: int
    items: int
    votes: int


@dataclass(frozen=True, slots=True)
class _Said:
    """One vote that says something, with the item it is on and the answer it gives."""

    item: RoundItem
    vote: Decision
    answer: Answer


def votes_of_round(project: Project, round: Which) -> Votes:
    """The votes of a round as votes for labels, or where outputs are texts for "(keep)", "(change)" and "(drop)".

    The items are the examples' numbers. Gold items are among them; attention items and second looks are not, nor are skips and
    flags, which are no votes. Raises InputError where nobody voted yet.
    """
    found = _round(project, round)
    said = _cast(_said(project, found))
    if not said:
        raise InputError(
            f"Nobody has voted in round {found.number} yet; agreement can be measured once two reviewers have."
        )
    return _votes(said)


def votes_of_project(project: Project) -> Votes:
    """The votes of all rounds, those of the newest round for an item in two; without rounds, what was decided outright.

    Where some rounds are on labels and others on texts, those like the newest count. Raises InputError where there are none.
    """
    rounds = project.rounds.all()
    if not rounds:
        decisions = [decision for decision in project.decisions() if decision.kind is Kind.DECISION]
        examples = project.get_examples({decision.example for decision in decisions})
        votes = votes_from_decisions(decisions, examples, by_label=is_by_label(project))
        times = {(str(decision.example), decision.reviewer): decision.at for decision in decisions}
        return merge_equal_sets(with_times(votes, times))
    alike = [round for round in rounds if bool(round.labels) == bool(rounds[-1].labels)]
    said = _of_newest(project, alike)
    if not said:
        raise InputError("Nobody has voted yet in a round of this project.")
    notes = []
    if len(alike) > 1:
        notes.append(f"Votes of {len(alike)} rounds; for an example in several, those of the newest.")
    if len(alike) < len(rounds):
        kind = "labels" if rounds[-1].labels else "texts"
        notes.append(f"Only rounds on {kind} count, as the newest is: {len(alike)} of {len(rounds)}.")
    return _votes(said, notes)


def outputs_of(project: Project, round: Which | None = None) -> list[Output]:
    """What the votes of a round on texts leave as outputs, by item, then reviewer; of all such rounds where none is named.

    A vote to drop leaves none. Of rounds on labels there are none.
    """
    rounds = project.rounds.all() if round is None else [_round(project, round)]
    texts = [one for one in rounds if not one.labels]
    said = _of_newest(project, texts)
    found = [
        Output(str(one.item.example), one.vote.reviewer, one.answer.example.output)
        for one in said
        if one.answer.example is not None
    ]
    return sorted(found, key=lambda one: (int(one.item), one.reviewer))


def reviewer_checks(project: Project, round: Which | None = None) -> list[ReviewerCheck]:
    """How each reviewer did on gold and attention items and on second looks, by name; in all rounds where none is named.

    An item is judged right where the vote gives its known answer; where outputs are texts, a gold item is kept and an attention
    item is not. What is planted is noticed by who drops or flags it, too; else a flag is no answer, and a skip never is one.
    """
    rounds = project.rounds.all() if round is None else [_round(project, round)]
    found: dict[str, Known] = {}
    for one in rounds:
        items = {item.example: item for item in project.rounds.items(one.id)}
        votes = project.rounds.votes(one.id)
        shown = project.rounds.examples(one.id, sorted(told_by(votes, items)))
        known = judged(votes, items, {example.id: example for example in shown}, bool(one.labels))
        for name in {vote.reviewer for vote in votes if vote.verdict is not Verdict.SKIP}:
            found.setdefault(name, Known()).add(known.get(name, Known()))
    return [
        ReviewerCheck(
            name,
            _share(known.gold, "they voted on no item whose answer is known"),
            _share(known.attention, "they voted on no attention item"),
            _share(known.repeats, "they were shown no item a second time"),
        )
        for name, known in sorted(found.items())
    ]


def agreement_of(project: Project, round: Which | None = None) -> RoundAgreement:
    """α of a round, or of the project, without an interval: cheap enough for a gate. Undefined, with why, without votes."""
    try:
        votes = votes_of_project(project) if round is None else votes_of_round(project, round)
    except InputError as error:
        return RoundAgreement(Estimate(None, why=str(error).rstrip(".")), 0, 0, 0)
    return RoundAgreement(alpha_alone(votes), len(votes.reviewers), len(votes.items), len(votes))


def alpha_of(project: Project, round: Round) -> tuple[float | None, str]:
    """Krippendorff's α of a round, or why there is none."""
    found = agreement_of(project, round.id).krippendorff_alpha
    return found.value, found.why or ""


_ALPHAS: dict[tuple[str, bytes], tuple[float | None, str]] = {}
"""What was measured, by the round and its votes: neither ever changes, and an export page asks with every choice anew."""
_MOST_ALPHAS = 64


def alpha_on(project: Project, round: Round, votes: Sequence[Decision]) -> tuple[float | None, str]:
    """The same, measured once for the same `votes`."""
    if not votes:
        return None, f"nobody voted in round {round.number} yet"
    ids = "\0".join(sorted(vote.id for vote in votes))
    key = round.id, hashlib.blake2b(ids.encode(), digest_size=16).digest()
    if key not in _ALPHAS:
        if len(_ALPHAS) >= _MOST_ALPHAS:
            _ALPHAS.clear()
        _ALPHAS[key] = alpha_of(project, round)
    return _ALPHAS[key]


def _round(project: Project, round: Which) -> Round:
    return round if isinstance(round, Round) else project.rounds.get(round)


def _said(project: Project, round: Round) -> list[_Said]:
    """The votes in force of a round that say something."""
    items = {item.example: item for item in project.rounds.items(round.id)}
    votes = [vote for vote in project.rounds.votes(round.id) if vote.kind is Kind.VOTE and vote.example in items]
    ids = sorted({vote.example for vote in votes})
    shown: dict[int, Example] = {example.id: example for example in project.rounds.examples(round.id, ids)}
    answered = ((vote, answer_of(vote, shown[vote.example], bool(round.labels))) for vote in votes)
    return [_Said(items[vote.example], vote, answer) for vote, answer in answered if answer is not None]


def _cast(said: Iterable[_Said]) -> list[_Said]:
    """Those that count for agreement."""
    return [one for one in said if one.item.kind is not ItemKind.ATTENTION and not one.vote.repeat]


def _of_newest(project: Project, rounds: Iterable[Round]) -> list[_Said]:
    """What counts in several rounds, oldest first; of an example in two, in the newest."""
    newest: dict[int, list[_Said]] = {}
    for round in rounds:
        by_example: dict[int, list[_Said]] = defaultdict(list)
        for one in _cast(_said(project, round)):
            by_example[one.item.example].append(one)
        newest.update(by_example)
    return [one for said in newest.values() for one in said]


def _votes(said: Iterable[_Said], notes: Iterable[str] = ()) -> Votes:
    rows = [(str(one.item.example), one.vote.reviewer, one.answer.label) for one in said]
    times = {(str(one.item.example), one.vote.reviewer): one.vote.at for one in said}
    return merge_equal_sets(with_times(make_votes(rows, [*notes]), times))


def _share(right: list[bool], why: str) -> Share:
    return share_of(sum(right), len(right), why)
