"""Which of two systems people prefer, once their judgements are un-blinded.

An item is won by the system that its settlement names: what was adjudicated, or else the consensus; without either, what most
judges said, and where nothing leads it is a tie. The figures are those of `curator.comparison.sides_statistics`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from curator.comparison.sides import (
    BASELINE,
    BOTH_BAD,
    EQUAL,
    FIRST_BETTER,
    LABELS,
    SECOND_BETTER,
    TUNED,
    Sealed,
    is_side_by_side,
    preferred,
    unseal,
)
from curator.comparison.sides_statistics import Leaning, decide, leaning, least_shown, sign_test, win_rate
from curator.comparison.verdict import Outcome
from curator.errors import InputError
from curator.model import Ref, Round, Verdict
from curator.review.adjudication.settling import foresee_of
from curator.review.agreement.estimates import Estimate, Share
from curator.review.rounds.state import Voted, voted
from curator.review.votes.of_rounds import agreement_of, reviewer_checks
from curator.store import Project
from curator.text import plural


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge's judgements by what they prefer, and of the items seen twice, the other way round, how many they judged the
    same again (None: there were none)."""

    name: str
    tuned: int
    baseline: int
    equal: int
    both_bad: int
    repeats: Share | None


@dataclass(frozen=True, slots=True)
class Split:
    """An item that judges see differently: its example, where that came from, and by judge what they prefer."""

    example: int
    ref: Ref
    said: Mapping[str, str]
    settled: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What comes before the result: `judgements`, for whoever watches it stops when it suits, and `disputes`, for whoever
    adjudicates is not to know either which system is which."""

    judgements: int = 0
    disputes: int = 0

    def __bool__(self) -> bool:
        return bool(self.judgements or self.disputes)


@dataclass(frozen=True, slots=True)
class Preference:
    """What a round came to. Of `asked` items `wins` go to the tuned system, `losses` to the baseline, `ties` to neither
    (`both_bad` of them for both answers are bad); `open`: items without a judgement.

    `rate`: the tuned system's share of the judged items, a tie as half of one. `overall`: the same over all held-out examples
    with two answers, where the two say the same counted as ties (`same` of them, `differing` are not so; of these the judged
    ones are a sample). `p`: of the sign test, None without a win or loss. `shows`: the least rate that so many items show in
    four of five such rounds.
    """

    round: int
    baseline: str
    tuned: str
    asked: int
    wins: int
    losses: int
    ties: int
    both_bad: int
    open: int
    differing: int
    same: int
    rate: Estimate
    overall: Estimate
    p: float | None
    verdict: Outcome
    shows: float | None
    leaning: Leaning
    alpha: Estimate
    judges: tuple[Judge, ...] = ()
    splits: tuple[Split, ...] = ()

    @property
    def judged(self) -> int:
        return self.wins + self.losses + self.ties


def preference(project: Project, round: Round | str | int, seed: int = 0) -> Preference:
    """What the judgements of a round say of the two systems.

    Raises InputError for another kind of round, while judgements are still to come, and for an account that may not know yet.
    """
    asked = round if isinstance(round, Round) else project.rounds.get(round)
    if not is_side_by_side(asked):
        raise InputError(f"Round {asked.number} is no comparison side by side; `curator compare … --sides` begins one.")
    items = voted(project, asked)
    _refuse(waiting(project, asked, items), asked)
    known = _unsealed(items)
    if len(known) < len(items) or not known:
        raise InputError(
            f"Which system is which in round {asked.number} is kept from this account until the round is closed; its "
            f"owner can close it (curator assign … --round {asked.number} --close)."
        )
    outcomes = {one.example: outcome(one, known[one.example].tuned_first) for one in items}
    one = next(iter(known.values()))
    counts = Counter(outcomes.values())
    ties = counts[EQUAL] + counts[BOTH_BAD]
    rate = win_rate(counts[TUNED], ties, counts[BASELINE], seed)
    p = sign_test(counts[TUNED], counts[BASELINE])
    return Preference(
        asked.number,
        one.baseline,
        one.tuned,
        len(items),
        counts[TUNED],
        counts[BASELINE],
        ties,
        counts[BOTH_BAD],
        counts[""],
        one.differing,
        one.same,
        rate,
        _overall(rate, one),
        p,
        decide(rate, p),
        least_shown(counts[TUNED] + counts[BASELINE]),
        leaning([_sides_said(each) for each in items], seed),
        agreement_of(project, asked.id).krippendorff_alpha,
        _judges(project, asked, items, known),
        _splits(items, known),
    )


def waiting(project: Project, round: Round, items: Sequence[Voted] | None = None) -> Waiting:
    """What is still to be done in a round before anybody is told; of a closed one nothing."""
    if round.closed:
        return Waiting()
    done = {(vote.example, vote.reviewer, vote.repeat) for vote in project.rounds.votes(round.id)}
    left = sum((slot.example, slot.reviewer, slot.repeat) not in done for slot in project.rounds.slots(round.id))
    found = foresee_of(items if items is not None else voted(project, round), round)
    return Waiting(left, len(found.disputed))


def is_kept(project: Project, round: Round) -> bool:
    """Whether it is kept from this account which system is which."""
    items = project.rounds.items(round.id)
    return any(unseal(item.sealed) is None for item in items)


def newest(project: Project) -> Round:
    """The newest round of judgements side by side. Raises InputError where there is none."""
    found = [round for round in project.rounds.all() if is_side_by_side(round)]
    if not found:
        raise InputError(f"{project.where} has no round side by side; `curator compare … --sides` begins one.")
    return found[-1]


def outcome(one: Voted, tuned_first: bool) -> str:
    """Who won an item: `TUNED`, `BASELINE`, `EQUAL` or `BOTH_BAD`; "" where nobody judged it."""
    settled = _settled(one)
    if settled is not None:
        return preferred(settled, tuned_first)
    said = Counter(_labels(one).values())
    if not said:
        return ""
    most = max(said.values())
    leading = [label for label, number in said.items() if number == most]
    return preferred(leading[0], tuned_first) if len(leading) == 1 else EQUAL


# What was said


def _refuse(left: Waiting, round: Round) -> None:
    close = f"close the round (curator assign … --round {round.number} --close)"
    if left.judgements:
        raise InputError(
            f"In round {round.number} {plural(left.judgements, 'judgement')} {'is' if left.judgements == 1 else 'are'} "
            f"still to come, and the result is not told before: who watches it stops when it suits. Wait, or {close}."
        )
    if left.disputes:
        raise InputError(
            f"In round {round.number} {plural(left.disputes, 'item')} {'waits' if left.disputes == 1 else 'wait'} for "
            "adjudication, by somebody who does not know either which system is which: decide on them (curator adjudicate "
            f"… --round {round.number}), or {close}."
        )


def _unsealed(items: Sequence[Voted]) -> dict[int, Sealed]:
    sealed = {one.example: unseal(one.item.sealed) for one in items}
    return {example: one for example, one in sealed.items() if one is not None}


def _settled(one: Voted) -> str | None:
    """The label that an item was settled with, None where it was not, or votes say otherwise since."""
    said = one.settled
    if said is None or one.stale:
        return None
    label = said.value if said.verdict is Verdict.RELABEL else one.now.output if said.verdict is Verdict.KEEP else None
    return label if label in LABELS else None


def _labels(one: Voted) -> dict[str, str]:
    """What each judge said."""
    said = {vote.reviewer: one.answers[vote.id].label for vote in one.votes if vote.id in one.answers}
    return {name: label for name, label in said.items() if label in LABELS}


def _sides_said(one: Voted) -> tuple[int, int]:
    said = Counter(_labels(one).values())
    return said[FIRST_BETTER], said[SECOND_BETTER]


def _judges(project: Project, round: Round, items: Sequence[Voted], known: Mapping[int, Sealed]) -> tuple[Judge, ...]:
    said: dict[str, Counter[str]] = {}
    for one in items:
        for name, label in _labels(one).items():
            said.setdefault(name, Counter())[preferred(label, known[one.example].tuned_first)] += 1
    again = {one.reviewer: one.repeats for one in reviewer_checks(project, round)}
    return tuple(
        Judge(name, one[TUNED], one[BASELINE], one[EQUAL], one[BOTH_BAD], _asked(again.get(name)))
        for name, one in sorted(said.items())
    )


def _asked(share: Share | None) -> Share | None:
    return share if share is not None and share.asked else None


def _splits(items: Sequence[Voted], known: Mapping[int, Sealed]) -> tuple[Split, ...]:
    found = []
    for one in items:
        said = _labels(one)
        if len(set(said.values())) > 1:
            tuned_first = known[one.example].tuned_first
            settled = _settled(one)
            prefers = {name: preferred(label, tuned_first) for name, label in sorted(said.items())}
            told = None if settled is None else preferred(settled, tuned_first)
            found.append(Split(one.example, one.shown.ref, prefers, told))
    return tuple(sorted(found, key=lambda split: (split.ref.source, split.ref.record)))


def _overall(rate: Estimate, one: Sealed) -> Estimate:
    """Over all examples: those whose answers are the same are ties."""
    if rate.value is None or not one.same:
        return rate
    part = one.differing / (one.differing + one.same)

    def among_all(share: float | None) -> float | None:
        return None if share is None else part * share + (1 - part) * 0.5

    return Estimate(among_all(rate.value), among_all(rate.low), among_all(rate.high))
