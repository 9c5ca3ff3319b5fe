"""What to review next: the examples in the order of what a minute of the reviewer is worth.

The worth of a finding is severity × uncertainty × group size: a sure finding can mostly be taken as it is, at its cut a
look changes most, and a decision on a group settles all of it. An example is worth as much as its strongest finding; ties
go to the graver one, then by check and id, so that the members of a group follow each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.model import Decision, Finding, Role, Severity, Verdict
from curator.review.judging import dismissals
from curator.store import Project

WEIGHT = {Severity.ERROR: 4.0, Severity.WARNING: 2.0, Severity.INFO: 1.0}
"""Each step weighs as much as all that uncertainty can add (1 to 2): the surest error comes before the least sure note."""
EVEN = 1e-9
CLAIMED_AT_ONCE = 20
"""Items that a reviewer holds in a round without lists: few, for others wait for them until the lease runs out."""


@dataclass(frozen=True, slots=True)
class Why:
    """What made an example worth looking at: the strongest finding, how unsure it is (0..1, 1: at its cut), and how many
    examples one decision on its group settles (a note takes nothing out of a release: it settles one)."""

    check: str
    severity: Severity
    uncertainty: float
    settles: int
    reviewed: int = 0
    """Other reviewers who decided on the example already, and agree: each halves what one more look is worth."""


@dataclass(frozen=True, slots=True)
class Item:
    """An example to review. `findings`: those about it that are not dismissed, the strongest first; without any it belongs
    to the audit sample, or to a round, and `why` is None. In a round, `hint` says what a check found, and `repeat` marks what
    the reviewer is shown a second time."""

    example: int
    worth: float = 0.0
    findings: tuple[Finding, ...] = ()
    why: Why | None = None
    hint: str = ""
    repeat: bool = False

    @property
    def key(self) -> int:
        """What names the item in its queue: the example's id, negative for a repeat."""
        return -self.example if self.repeat else self.example


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which examples to queue: all by default. `ids`: these, in this order, decided or not. `flagged`: those that somebody
    flagged; `skipped`: those that this reviewer skipped. `round`: what this reviewer owes in the round with this id."""

    check: str | None = None
    ids: tuple[int, ...] | None = None
    flagged: bool = False
    skipped: bool = False
    round: str | None = None

    @property
    def chosen(self) -> bool:
        """Whether examples are asked for by what was decided or chosen, so that those decided already are shown, too."""
        return self.ids is not None or self.flagged or self.skipped


@dataclass(frozen=True, slots=True)
class Queue:
    """`items` in order, then the audit sample, of which only the ids are held. `run`: the check run that the findings are
    of, None before the first check. `decided` and `audited`: how many with and without findings this reviewer has decided
    on already."""

    items: tuple[Item, ...]
    sample: tuple[int, ...] = ()
    run: int | None = None
    decided: int = 0
    audited: int = 0

    def __len__(self) -> int:
        return len(self.items) + len(self.sample)

    def __getitem__(self, place: int) -> Item:
        """The item at a place from 0 on. Raises IndexError beyond the last."""
        return self.items[place] if place < len(self.items) else Item(self.sample[place - len(self.items)])


def load(project: Project, reviewer: str, wanted: Wanted | None = None, seed: int | None = None) -> Queue:
    """The queue of one reviewer by what the project holds now. `seed` orders the audit sample (None: the project's).

    In a round without lists the next items are claimed for the reviewer.
    """
    if wanted is not None and wanted.round is not None:
        return of_round(project, wanted.round, reviewer)
    run = project.latest_run("check")
    findings = list(project.findings(run.id)) if run is not None else []
    encoder = run.summary.get("encoder") if run is not None else None
    return build(
        project.ids(Role.CANDIDATE),
        findings,
        list(project.decisions()),
        reviewer,
        wanted or Wanted(),
        run=None if run is None else run.id,
        cuts={one.check: one.cut for one in project.calibrations() if one.encoder == encoder},
        scores=project.scores(run.id) if run is not None and _without_side(findings) else {},
        seed=project.settings().get("seed", 0) if seed is None else seed,
    )


def of_round(project: Project, round: str, reviewer: str) -> Queue:
    """What a reviewer owes in a round and has not voted on, in the order of their list. Raises InputError where there is none."""
    rounds = project.rounds
    asked = rounds.get(round)
    if asked.claimed and not asked.closed:
        rounds.claim(asked.id, reviewer, CLAIMED_AT_ONCE)
    voted = {(vote.example, vote.repeat) for vote in rounds.votes(asked.id, reviewer=reviewer)}
    hints = {item.example: item.hint for item in rounds.items(asked.id) if item.hint}
    owed = rounds.slots(asked.id, reviewer)
    left = () if asked.closed else [slot for slot in owed if (slot.example, slot.repeat) not in voted]
    items = tuple(Item(slot.example, hint=hints.get(slot.example, ""), repeat=slot.repeat) for slot in left)
    return Queue(items, decided=sum((slot.example, slot.repeat) in voted for slot in owed))


def build(
    candidates: Iterable[int],
    findings: Iterable[Finding],
    decisions: Iterable[Decision],
    reviewer: str,
    wanted: Wanted,
    *,
    run: int | None = None,
    cuts: Mapping[str, float] | None = None,
    scores: Mapping[str, Sequence[Any]] | None = None,
    seed: int = 0,
) -> Queue:
    """The queue over `candidates` (ids) by the findings of one run and the decisions in force.

    `cuts`: by check, the score from which calibration lets it report. `scores`: columns of the run. The order of the
    arguments' elements makes no difference, but that of `wanted.ids`.
    """
    ids = sorted(set(candidates))
    known = set(ids)
    standing = _Standing.of(decisions, reviewer)
    listed = sorted((f for f in findings if wanted.check in (None, f.check)), key=lambda f: (f.check, f.id))
    subjects = [[id for id in dict.fromkeys(subject(f)) if id in known] for f in listed]
    unsure = _uncertainties(listed, cuts or {})
    quality = _quality(scores or {})
    settles = [1] * len(listed)
    about: dict[int, list[_Order]] = defaultdict(list)
    for number, finding in enumerate(listed):
        if finding.id in standing.dismissed:
            continue
        left = [id for id in subjects[number] if id not in standing.mine]
        if finding.suggestion is None:
            # Nothing says which of them is wrong: the one that its scores speak against comes first.
            left.sort(key=lambda id: (quality.get(id, 1.0), id))
        if finding.severity is not Severity.INFO:
            settles[number] = max(1, len(left))
        weight, each = WEIGHT[finding.severity], worth(finding.severity, unsure[number], settles[number])
        for place, id in enumerate(subjects[number] if wanted.chosen else left):
            about[id].append((-each * 0.5 ** standing.agreed.get(id, 0), -weight, number, place))
    items: dict[int, tuple[_Order, Item]] = {}
    for id, orders in about.items():
        orders.sort()
        first = orders[0]
        strongest = listed[first[2]]
        others = standing.agreed.get(id, 0)
        why = Why(strongest.check, strongest.severity, unsure[first[2]], settles[first[2]], others)
        items[id] = (first, Item(id, -first[0], tuple([listed[order[2]] for order in orders]), why))
    found = {id for members in subjects for id in members}
    return _chosen(ids, items, found, standing, wanted, run, seed)


_Order = tuple[float, float, int, int]
"""What items are sorted by: worth and severity, both negated, the number of the finding, and the place in it."""


def subject(finding: Finding) -> tuple[int, ...]:
    """The examples that a finding would take away or change; all of its examples where it proposes nothing."""
    proposed = finding.suggestion
    return proposed.examples if proposed is not None and proposed.examples else finding.examples


def worth(severity: Severity, uncertainty: float, settles: int) -> float:
    """Severity × uncertainty × group size; `uncertainty` in 0..1, `settles` examples by one decision."""
    return WEIGHT[severity] * (1 + uncertainty) * settles


def _uncertainties(findings: Sequence[Finding], cuts: Mapping[str, float]) -> list[float]:
    """How unsure each finding is: 1 at the score from which its check reports, 0 at the highest score there is.

    A check reports from its calibrated cut, or else from the lowest score that it has found.
    """
    lowest: dict[str, float] = {}
    for finding in findings:
        lowest[finding.check] = min(finding.score, lowest.get(finding.check, 1.0))
    found = []
    for finding in findings:
        cut = min(1.0, cuts.get(finding.check, lowest[finding.check]))
        room = 1.0 - cut
        found.append(max(0.0, 1.0 - abs(finding.score - cut) / room) if room > EVEN else 0.0)
    return found


def _quality(scores: Mapping[str, Sequence[Any]]) -> dict[int, float]:
    """The worse of label and pair quality, by example."""
    found: dict[int, float] = {}
    for name in ("label_quality", "pair_quality"):
        for id, value in zip(scores.get("example_id", ()), scores.get(name, ()), strict=False):
            if value is not None:
                found[id] = min(float(value), found.get(id, 1.0))
    return found


def _without_side(findings: Iterable[Finding]) -> bool:
    """Whether some finding leaves open which of its examples is wrong, so that scores are worth reading."""
    return any(f.suggestion is None and len(f.examples) > 1 for f in findings)


@dataclass(frozen=True, slots=True)
class _Standing:
    """Decisions in force as one reviewer's queue sees them; annotations that came with a file are not theirs.

    `mine`: their verdict by example. `dismissed`: findings (ids) they dismissed. `flagged`: examples that anybody flagged.
    `agreed`: by example, how many others decided, where they all say the same.
    """

    mine: Mapping[int, Verdict]
    dismissed: frozenset[str]
    flagged: Collection[int]
    agreed: Mapping[int, int]

    @classmethod
    def of(cls, decisions: Iterable[Decision], reviewer: str) -> _Standing:
        mine: dict[int, Verdict] = {}
        own: list[Decision] = []
        flagged: set[int] = set()
        others: dict[int, list[tuple[Verdict, str | None]]] = defaultdict(list)
        for one in decisions:
            if one.imported:
                continue
            if one.verdict is Verdict.FLAG:
                flagged.add(one.example)
            if one.reviewer == reviewer:
                mine[one.example] = one.verdict
                own.append(one)
            elif one.verdict is not Verdict.SKIP:
                value = one.value if one.verdict in (Verdict.RELABEL, Verdict.EDIT) else None
                others[one.example].append((one.verdict, value))
        agreed = {id: len(said) for id, said in others.items() if len(set(said)) == 1}
        return cls(mine, dismissals(own), flagged, agreed)


def _chosen(
    ids: Sequence[int],
    items: Mapping[int, tuple[_Order, Item]],
    found: Collection[int],
    standing: _Standing,
    wanted: Wanted,
    run: int | None,
    seed: int,
) -> Queue:
    """The items that are wanted, in order; `found` are all examples with a finding, decided or not."""
    mine = standing.mine
    if wanted.ids is not None:
        known = set(ids)
        asked = [id for id in dict.fromkeys(wanted.ids) if id in known]
        return Queue(tuple(_item(id, items) for id in asked), run=run)
    if wanted.flagged or wanted.skipped:
        still = [id for id in ids if _still(id, standing, wanted)]
        still.sort(key=lambda id: (0, *items[id][0]) if id in items else (1, id))
        return Queue(tuple(_item(id, items) for id in still), run=run)
    ranked = [item for _, item in sorted(items.values(), key=lambda pair: pair[0])]
    decided = sum(id in mine for id in found)
    if wanted.check is not None:
        return Queue(tuple(ranked), run=run, decided=decided)
    rest = [id for id in ids if id not in found and id not in mine]
    audited = len(ids) - len(rest) - len(found)
    return Queue(tuple(ranked), tuple(sample_order(rest, seed)), run, decided, audited)


def _item(id: int, items: Mapping[int, tuple[_Order, Item]]) -> Item:
    return items[id][1] if id in items else Item(id)


def _still(id: int, standing: _Standing, wanted: Wanted) -> bool:
    verdict = standing.mine.get(id)
    if wanted.skipped:
        return verdict is Verdict.SKIP
    return id in standing.flagged and verdict in (None, Verdict.FLAG, Verdict.SKIP)


def sample_order(ids: Sequence[int], seed: int) -> list[int]:
    """The ids in a random order in which each has a place of its own: more examples do not move those there are.

    The place is the id through the finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    """
    numbers = np.asarray(ids, dtype=np.uint64)
    with np.errstate(over="ignore"):
        mixed = numbers * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed % 2**64) * np.uint64(0xD1B54A32D192ED03)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    order: list[int] = numbers[np.lexsort((numbers, mixed))].tolist()
    return order
