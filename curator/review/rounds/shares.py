"""Who looks at what in a round: shares of the same size, every two reviewers sharing about as many items, by seed alone.

Neither the order in which reviewers are named nor that of the examples makes a difference. Each of an item's looks is a
`Slot`; the looks of one item are by different people, but for a repeat, which is the same person's second look.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import comb, gcd

from curator.model import Slot
from curator.review.queue import sample_order

EVEN_AFTER = 100
"""Items that every two reviewers share before the pattern is taken again: what is uneven in it is small beside that."""
LOOK_AHEAD = 50
"""Places further down the list in which an example is looked for to stand between two near-duplicates."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be shared out: each of `items` to the number of people beside it, `everyone` to all of them (items of
    which the answer is known), and to each `repeats` of their own items once more. `alike`: a number that near-duplicates
    have in common, so that they do not follow each other."""

    items: Mapping[int, int]
    everyone: tuple[int, ...] = ()
    repeats: int = 0
    alike: Mapping[int, int] = field(default_factory=dict)


def share(work: Work, reviewers: Collection[str], seed: int) -> list[Slot]:
    """The slots of a round, by reviewer and place. Looks for which there are too few people are nobody's yet."""
    names = in_order(reviewers, seed)
    lists: dict[str, list[tuple[int, int]]] = {name: [] for name in names}
    waiting: list[tuple[int, int]] = []
    by_looks: dict[int, list[int]] = defaultdict(list)
    for example, looks in work.items.items():
        by_looks[looks].append(example)
    counts = [0] * len(names)
    for looks in sorted(by_looks, reverse=True):
        ordered = sample_order(by_looks[looks], seed)
        takers = _blocks(len(ordered), len(names), min(looks, len(names)), counts)
        for example, block in zip(ordered, takers, strict=True):
            for slot, taker in enumerate(block):
                lists[names[taker]].append((example, slot))
            waiting.extend((example, slot) for slot in range(len(names), looks))
    for example in work.everyone:
        for slot, name in enumerate(names):
            lists[name].append((example, slot))
    found: list[Slot] = []
    above = max((*by_looks, len(names)))
    for name in names:
        found.extend(_listed(name, lists[name], work, above, seed))
    found.extend(Slot(example, slot, None, place) for place, (example, slot) in enumerate(waiting))
    return found


def unclaimed(looks: Mapping[int, int]) -> list[Slot]:
    """The slots of a round in which nobody has a list: each takes the next free item, in this order. `looks`: by example."""
    ordered = enumerate(looks.items())
    return [Slot(example, slot, None, place) for place, (example, number) in ordered for slot in range(number)]


def in_order(names: Collection[str], seed: int) -> list[str]:
    """The names in an order that depends on the seed and on them alone."""
    return sorted(set(names), key=lambda name: (_number(seed, name), name))


def _number(seed: int, *parts: object) -> int:
    text = "\0".join(map(str, (seed, *parts)))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


# Who shares an item with whom


def _blocks(items: int, people: int, looks: int, counts: list[int]) -> list[tuple[int, ...]]:
    """For each item the people (numbers) who look at it; `counts`, the items of each, goes on growing evenly."""
    if looks == 1:
        behind = sorted(range(people), key=lambda one: (counts[one], one))
        for at in range(items):
            counts[behind[at % people]] += 1
        return [(behind[at % people],) for at in range(items)]
    unit = people // gcd(people, looks)
    period = unit * -(-EVEN_AFTER * comb(people, 2) // (unit * comb(looks, 2)))
    pairs = [[0] * people for _ in range(people)]
    times, rest = divmod(items, period)
    whole = _evenly(period, looks, counts, pairs) if times else []
    for one in range(people):
        counts[one] *= max(times, 1)
        pairs[one] = [number * max(times, 1) for number in pairs[one]]
    return whole * times + _evenly(rest, looks, counts, pairs)


def _evenly(items: int, looks: int, counts: list[int], pairs: list[list[int]]) -> list[tuple[int, ...]]:
    """Item after item to whoever has the fewest, and to those near them who shared least with each other so far.

    One item more or less in between leaves a choice, without which the last two free people always meet again.
    """
    # In the end all have `least`, and `more` of them one more.
    least, more = divmod(sum(counts) + items * looks, len(counts))
    made = []
    for left in range(items, 0, -1):
        block: list[int] = []
        shared = [0] * len(counts)
        near = min(min(counts) + 1, least - 1)
        rest = [one for one in range(len(counts)) if counts[one] < least + (more > 0)]
        for _ in range(looks):
            free = [one for one in rest if least - counts[one] >= left]  # or they would end below the others
            if not free and block:
                free = [one for one in rest if counts[one] <= near]
            one = min(free or rest, key=lambda one: (shared[one] if block else 0, counts[one], one))
            if counts[one] == least:
                more -= 1
                rest = rest if more else [other for other in rest if counts[other] < least or other == one]
            rest.remove(one)
            for other in block:
                pairs[one][other] += 1
                pairs[other][one] += 1
            shared = [before + now for before, now in zip(shared, pairs[one], strict=True)]
            block.append(one)
        for one in block:
            counts[one] += 1
        made.append(tuple(block))
    return made


# The order of one list


def _listed(name: str, owed: Sequence[tuple[int, int]], work: Work, above: int, seed: int) -> list[Slot]:
    """One reviewer's slots in a random order of their own; repeats, numbered from `above` on, come among the last third."""
    slot_of = dict(owed)
    order = apart(sample_order(list(slot_of), _number(seed, "list", name)), work.alike)
    again = _repeats(order, work)
    looks: list[tuple[int, int, bool]] = [(example, slot_of[example], False) for example in order]
    late = len(order) - len(order) // 3
    # From behind, so that each stands where it was meant to.
    for number, example in reversed(list(enumerate(again))):
        at = late + (number + 1) * (len(order) - late) // len(again)
        looks.insert(at, (example, above + slot_of[example], True))
    return [Slot(example, slot, name, place, again) for place, (example, slot, again) in enumerate(looks)]


def _repeats(order: Sequence[int], work: Work) -> list[int]:
    """What a reviewer sees twice: some of the first half of their list, where the answer is not known."""
    early = [example for example in order[: (len(order) + 1) // 2] if example in work.items]
    return early[: work.repeats]


def apart(order: list[int], alike: Mapping[int, int]) -> list[int]:
    """The same examples, near-duplicates (with one number in `alike`) not right after each other where it can be helped."""
    made = list(order)
    for at in range(1, len(made)):
        group = alike.get(made[at])
        if group is None or alike.get(made[at - 1]) != group:
            continue
        for other in range(at + 1, min(len(made), at + 1 + LOOK_AHEAD)):
            if alike.get(made[other]) != group:
                made[at], made[other] = made[other], made[at]
                break
    return made


# Reviewers leave and join


Look = tuple[int, str | None, bool]
"""An example, who looked at it, and whether for the second time."""


def given_up(
    slots: Sequence[Slot], done: Collection[Look], leaver: str, staying: Collection[str], seed: int
) -> list[Slot]:
    """The unfinished slots of somebody who leaves, with their new holders: everybody who stays takes as many as the others.

    `done`: looks that were finished, which stay as they are. Nobody gets an item that they have or had; what nobody can take
    is nobody's, and so is a second look.
    """
    open_ = [slot for slot in slots if slot.reviewer == leaver and _look(slot) not in done]
    takers = hand_out([slot for slot in open_ if not slot.repeat], slots, done, in_order(staying, seed), seed)
    return _moved(open_, [None if slot.repeat else takers[slot.example, slot.slot] for slot in open_], slots, seed)


def taken_over(
    slots: Sequence[Slot],
    done: Collection[Look],
    newcomer: str,
    others: Collection[str],
    everyone: Collection[int],
    seed: int,
) -> list[Slot]:
    """The slots that somebody who joins takes: those that are nobody's, a fair share of what is left to the others, and, as
    they have, all items of which the answer is known (`everyone`), for which there may be new slots."""
    mine = {slot.example for slot in slots if slot.reviewer == newcomer}
    mine |= {example for example, name, _ in done if name == newcomer}
    taken: list[Slot] = []
    free = [slot for slot in slots if slot.reviewer is None and not slot.repeat]
    for slot in sorted(free, key=lambda slot: (_number(seed, slot.example), slot.slot)):
        if slot.example not in mine:
            mine.add(slot.example)
            taken.append(slot)
    have = sum(slot.example not in everyone for slot in taken)
    open_: dict[str, list[Slot]] = {name: [] for name in in_order(others, seed)}
    for slot in sorted(slots, key=lambda slot: (slot.place, slot.example)):
        finished = slot.repeat or _look(slot) in done or slot.example in everyone
        if slot.reviewer in open_ and not finished:
            open_[slot.reviewer].append(slot)
    fair = (sum(map(len, open_.values())) + have) // (len(open_) + 1)
    left = {name: len(held) for name, held in open_.items()}
    while left and have < fair:
        donor = max(left, key=lambda name: left[name])
        # What comes last in a list is missed least.
        while open_[donor] and open_[donor][-1].example in mine:
            open_[donor].pop()
        if not open_[donor]:
            del left[donor]
            continue
        taken.append(open_[donor].pop())
        mine.add(taken[-1].example)
        left[donor] -= 1
        have += 1
    taken += _further(slots, [example for example in everyone if example not in mine])
    return _moved(taken, [newcomer] * len(taken), slots, seed)


def _further(slots: Sequence[Slot], examples: Collection[int]) -> list[Slot]:
    """One more look at each of these examples."""
    above = dict.fromkeys(examples, 0)
    for slot in slots:
        if slot.example in above:
            above[slot.example] = max(above[slot.example], slot.slot + 1)
    return [Slot(example, number, None, 0) for example, number in above.items()]


def _look(slot: Slot) -> Look:
    return slot.example, slot.reviewer, slot.repeat


def hand_out(
    open_: Sequence[Slot], slots: Sequence[Slot], done: Collection[Look], names: Sequence[str], seed: int
) -> dict[tuple[int, int], str | None]:
    """Who of `names` takes each of `open_`, at most one for each example: all as many as can be, nobody what they have."""
    holders: dict[int, set[str | None]] = defaultdict(set)
    for slot in slots:
        holders[slot.example].add(slot.reviewer)
    for example, name, _ in done:
        holders[example].add(name)
    able = {(slot.example, slot.slot): [name for name in names if name not in holders[slot.example]] for slot in open_}
    got: dict[str, list[tuple[int, int]]] = {name: [] for name in names}
    takers: dict[tuple[int, int], str | None] = dict.fromkeys(able)
    for look in sorted(able, key=lambda look: (len(able[look]), _number(seed, *look))):
        if able[look]:
            got[min(able[look], key=lambda name: len(got[name]))].append(look)
    while _pass_on(got, able):
        pass
    for name, looks in got.items():
        takers.update(dict.fromkeys(looks, name))
    return takers


def _pass_on(got: dict[str, list[tuple[int, int]]], able: Mapping[tuple[int, int], Sequence[str]]) -> bool:
    """Make what people got more even, along a chain where it must be: one gives to another, who gives to a third."""
    for giver in sorted(got, key=lambda name: -len(got[name])):
        came: dict[str, tuple[str, tuple[int, int]]] = {}
        reached = [giver]
        for name in reached:
            if len(got[name]) <= len(got[giver]) - 2:
                while name != giver:
                    before, look = came[name]
                    got[before].remove(look)
                    got[name].append(look)
                    name = before
                return True
            for look in got[name]:
                for taker in able[look]:
                    if taker != giver and taker not in came:
                        came[taker] = (name, look)
                        reached.append(taker)
    return False


def _moved(moving: Sequence[Slot], takers: Sequence[str | None], slots: Sequence[Slot], seed: int) -> list[Slot]:
    """The slots with their new holders, in an order of each one's own behind what they have."""
    ends: dict[str | None, int] = defaultdict(int)
    for slot in slots:
        ends[slot.reviewer] = max(ends[slot.reviewer], slot.place + 1)
    by_taker: dict[str | None, list[Slot]] = defaultdict(list)
    for slot, taker in zip(moving, takers, strict=True):
        by_taker[taker].append(slot)
    found = []
    for taker, theirs in by_taker.items():
        theirs.sort(key=lambda slot: (_number(seed, taker, slot.example), slot.slot))
        found += [replace(slot, reviewer=taker, place=ends[taker] + at, until=None) for at, slot in enumerate(theirs)]
    return sorted(found, key=lambda slot: (slot.example, slot.slot))
