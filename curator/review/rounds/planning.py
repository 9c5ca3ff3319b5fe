"""Rounds of review: planned before they begin, with what everybody owes; and what happens when a reviewer leaves or joins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from curator.errors import InputError
from curator.model import CONSENSUS_REVIEWER, ItemKind, Round, RoundItem, Slot
from curator.review.queue import sample_order
from curator.review.rounds import shares as round_shares
from curator.review.rounds.items import Asked, Chosen, Pool, Scope, choose, known_answers, known_items, mean_words, pool
from curator.review.rounds.moves import Moved, close, join, leave, reopen
from curator.review.rounds.notes import Note, notes
from curator.review.rounds.pace import Pace, by_words, paces
from curator.review.rounds.progress import Progress, RoundProgress, Standing, overall, progress
from curator.review.rounds.sampling import margin
from curator.review.rounds.shares import Work
from curator.store import Project

__all__ = [
    "Asked",
    "Moved",
    "Note",
    "Owed",
    "Planned",
    "Progress",
    "RoundProgress",
    "Scope",
    "Standing",
    "begin",
    "close",
    "join",
    "leave",
    "overall",
    "plan",
    "progress",
    "reopen",
]


MOST_LOOKS = 100
"""At an item, where there are not so many reviewers: looks that wait for somebody to join are kept one by one."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What one reviewer owes: so many `looks`, at a `pace`."""

    reviewer: str
    looks: int
    pace: Pace

    @property
    def minutes(self) -> float:
        return self.pace.minutes(self.looks)


@dataclass(frozen=True, slots=True)
class Planned:
    """A round before it begins. `round` has no id or number yet.

    `population`: what the items were chosen from; `margin`: of error of a share counted on them, None where they are no random
    sample. `shared`: items that two or more look at. `balance`: how many items have each label. `new_guideline`: the
    guideline of the round becomes that of the project.
    """

    round: Round
    items: tuple[RoundItem, ...]
    slots: tuple[Slot, ...]
    population: int
    margin: float | None
    owed: tuple[Owed, ...]
    shared: int
    balance: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    new_guideline: bool = False

    @property
    def count(self) -> int:
        """Items to be judged; those whose answer is known are not among them."""
        return sum(item.kind is ItemKind.ITEM for item in self.items)


def plan(project: Project, asked: Asked, have: Pool | None = None) -> Planned:
    """What the round would be; nothing is written. `have`: what the project has, where it was read for the same labels and
    nothing changed since. Raises InputError where it cannot be."""
    names = _names(asked.reviewers)
    _refuse_numbers(asked)
    have = have or pool(project, asked)
    chosen = choose(project, asked, have)
    known = known_answers(asked, have, chosen.ids)
    gold = known_items(project, asked, have, known, 0)
    apart = {item.example for item in gold}
    ids = [id for id in chosen.ids if id not in apart]
    if not ids:
        raise InputError("Nothing is left to review beside the gold items; ask for fewer of them.")
    hints = chosen.hints
    places = _mixed(ids, gold, asked.seed)
    items = [replace(one, place=places[one.example]) for one in gold]
    items += [RoundItem(id, have.keys[id], places[id], hint=hints.get(id, "")) for id in ids]
    items.sort(key=lambda item: item.place)
    work = _work(asked, have, ids, gold, project)
    everybody = dict.fromkeys(work.everyone, len(names))
    if asked.claimed:
        looks = {**work.items, **everybody}
        slots = round_shares.unclaimed({item.example: looks[item.example] for item in items})
    else:
        slots = round_shares.share(work, names, asked.seed)
    guideline, version, new = _guideline(project, asked)
    planned = Planned(
        _round(asked, have, chosen, names, guideline, version),
        tuple(items),
        tuple(slots),
        chosen.population,
        margin(len(ids), chosen.population) if asked.scope in (Scope.ALL, Scope.SAMPLE) else None,
        _owed(project, slots, names, [item.example for item in items]),
        sum(number > 1 for number in work.items.values()) if len(names) > 1 else 0,
        Counter(have.outputs[id] for id in ids) if have.outputs else {},
        new_guideline=new,
    )
    return replace(planned, notes=notes(planned, asked, have, len(known)))


def begin(project: Project, planned: Planned) -> Round:
    """Begin a round as it was planned; its guideline becomes the project's. Two entries of the journal at most."""
    if planned.new_guideline:
        project.set_settings(guideline=planned.round.guideline)
    return project.rounds.add(planned.round, planned.items, planned.slots)


def _names(reviewers: Sequence[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in reviewers if name.strip())
    if not names:
        raise InputError("A round needs at least one reviewer; name them.")
    if CONSENSUS_REVIEWER in names:
        raise InputError(f"{CONSENSUS_REVIEWER!r} is what settled votes are kept under, and no reviewer; name another.")
    if twice := [name for name, number in Counter(names).items() if number > 1]:
        raise InputError(f"{twice[0]} is named twice; name each reviewer once.")
    return names


def _refuse_numbers(asked: Asked) -> None:
    if asked.overlap < 1:
        raise InputError("At least one reviewer must see each item: the overlap is 1 or more.")
    if asked.overlap > max(MOST_LOOKS, len(asked.reviewers)):
        raise InputError(
            f"At most {MOST_LOOKS} reviewers see each item, or as many as there are; ask for a lower overlap."
        )
    if not 0 < asked.overlap_share <= 1:
        raise InputError("The share of items that several reviewers see is more than 0% and at most 100%.")
    if min(asked.gold, asked.attention, asked.repeats) < 0:
        raise InputError("Gold items, attention items and repeats cannot be fewer than none.")


def _mixed(ids: Sequence[int], gold: Sequence[RoundItem], seed: int) -> dict[int, int]:
    """The place of each example: the known ones among the others, one in each stretch, where nobody would expect it."""
    made = list(ids)
    step = (len(ids) + 1) / max(1, len(gold))
    order = sample_order(range(len(gold)), seed)
    for at in reversed(range(len(gold))):
        within = sample_order(range(max(1, int(step))), seed + at)[0]
        made.insert(min(len(ids), int(at * step) + within), gold[order[at]].example)
    return {id: place for place, id in enumerate(made)}


def _work(asked: Asked, have: Pool, ids: Sequence[int], gold: Sequence[RoundItem], project: Project) -> Work:
    """How many look at each item; which items are a share of all is drawn by the seed."""
    several = round(asked.overlap_share * len(ids))
    twice = set(sample_order(ids, asked.seed + 1)[:several]) if asked.overlap_share < 1 else set(ids)
    return Work(
        {id: asked.overlap if id in twice else 1 for id in ids},
        tuple(item.example for item in gold),
        0 if asked.claimed else asked.repeats,
        {} if asked.claimed else _alike(project, have),
    )


def _alike(project: Project, have: Pool) -> Mapping[int, int]:
    """The duplicate group of each example that is in one."""
    if have.run is None:
        return {}
    scores = project.scores(have.run.id)
    pairs = zip(scores.get("example_id", ()), scores.get("duplicate_group", ()), strict=False)
    return {id: int(group) for id, group in pairs if group is not None}


def _guideline(project: Project, asked: Asked) -> tuple[str, int, bool]:
    """The guideline of a round, which version of the project's it is, and whether it is a new one."""
    present = str(project.settings().get("guideline") or "").strip()
    wanted = present if asked.guideline is None else asked.guideline.strip()
    texts = dict.fromkeys(str(text).strip() for text in project.setting_values("guideline") if text)
    versions = [text for text in texts if text]
    if not wanted:
        return "", 0, wanted != present
    version = versions.index(wanted) + 1 if wanted in versions else len(versions) + 1
    return wanted, version, wanted != present


def _round(asked: Asked, have: Pool, chosen: Chosen, names: tuple[str, ...], guideline: str, version: int) -> Round:
    return Round(
        "",
        0,
        asked.name.strip(),
        str(have.task),
        have.labels,
        guideline,
        version,
        names,
        asked.overlap,
        blind=asked.blind,
        hide_output=asked.hide_output,
        hints=asked.hints and not asked.hide_output,
        claimed=asked.claimed,
        settle=asked.settle,
        seed=asked.seed,
        scope=asked.said or chosen.said,
    )


def _owed(project: Project, slots: Sequence[Slot], names: Sequence[str], ids: Sequence[int]) -> tuple[Owed, ...]:
    """What each reviewer owes; where nobody has a list, an equal part of it."""
    known, usual = paces(project), by_words(mean_words(project, ids))
    counts = Counter(slot.reviewer for slot in slots)
    if not any(slot.reviewer for slot in slots):
        each, over = divmod(len(slots), len(names))
        counts = Counter({name: each + (at < over) for at, name in enumerate(names)})
    return tuple(Owed(name, counts[name], known.get(name, usual)) for name in names)
