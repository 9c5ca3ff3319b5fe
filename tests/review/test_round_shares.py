"""Who looks at what in a round: shares are even, by seed alone, and stay so when reviewers leave and join."""

from __future__ import annotations

import random
import time
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.model import Slot
from curator.review.queue import sample_order
from curator.review.rounds.shares import Work, apart, given_up, share, taken_over, unclaimed

NAMES = ("Ann", "Bo", "Cy", "Dee", "Eve", "Fay", "Gus", "Hal", "Ida")
quick = settings(derandomize=True, max_examples=40, deadline=None)
people = st.integers(1, len(NAMES)).map(lambda number: NAMES[:number])


def looks(slots: list[Slot]) -> Counter[str | None]:
    return Counter(slot.reviewer for slot in slots if not slot.repeat)


def pairs(slots: list[Slot], names: tuple[str, ...]) -> Counter[tuple[str, str]]:
    """How many items every two of the reviewers share."""
    found = Counter(dict.fromkeys(combinations(sorted(names), 2), 0))
    by_item: dict[int, list[str]] = {}
    for slot in slots:
        if slot.reviewer is not None and not slot.repeat:
            by_item.setdefault(slot.example, []).append(slot.reviewer)
    for holders in by_item.values():
        found.update(combinations(sorted(holders), 2))
    return found


@quick
@given(items=st.integers(1, 200), names=people, overlap=st.integers(1, 5), seed=st.integers(0, 5))
def test_shares_are_even_and_so_is_what_every_two_share(
    items: int, names: tuple[str, ...], overlap: int, seed: int
) -> None:
    slots = share(Work(dict.fromkeys(range(items), overlap)), names, seed)
    held = looks(slots)
    taken = min(overlap, len(names))
    counts = [held[name] for name in names]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == items * taken
    assert held[None] == items * (overlap - taken), "what nobody can take waits"
    assert len({(slot.example, slot.slot) for slot in slots}) == len(slots)
    both = pairs(slots, names).values()
    if len(names) > 1:
        assert max(both) - min(both) <= (2 if overlap <= 3 else 4)
    for slot_names in ({(s.example, s.reviewer) for s in slots if s.reviewer}, [s for s in slots if s.reviewer]):
        assert len(slot_names) == sum(counts), "nobody has an item twice"


@quick
@given(
    twice=st.integers(0, 60), once=st.integers(0, 60), names=people, repeats=st.integers(0, 6), seed=st.integers(0, 3)
)
def test_neither_the_order_of_names_nor_that_of_examples_makes_a_difference(
    twice: int, once: int, names: tuple[str, ...], repeats: int, seed: int
) -> None:
    items = [(id, 2) for id in range(twice)] + [(id, 1) for id in range(100, 100 + once)]
    mixed, others = list(items), list(names)
    random.Random(seed).shuffle(mixed)
    random.Random(seed + 1).shuffle(others)
    a = share(Work(dict(items), (200, 201), repeats), names, seed)
    b = share(Work(dict(mixed), (201, 200), repeats), others, seed)
    assert a == b
    counts = [looks(a)[name] for name in names]
    assert max(counts) - min(counts) <= 1, "also where only some of the items are shared"


def test_another_seed_gives_other_shares() -> None:
    work = Work(dict.fromkeys(range(100), 2))
    assert share(work, NAMES[:4], 1) != share(work, NAMES[:4], 2)


def test_each_reviewer_has_an_order_of_their_own() -> None:
    slots = share(Work(dict.fromkeys(range(50), 2)), NAMES[:2], 0)
    ann, bo = ([s.example for s in slots if s.reviewer == name] for name in NAMES[:2])
    assert sorted(ann) == sorted(bo) == list(range(50))
    assert ann != bo
    assert ann != sorted(ann)


@quick
@given(items=st.integers(1, 80), names=people, repeats=st.integers(1, 12), seed=st.integers(0, 3))
def test_repeats_come_late_and_after_the_first_look(
    items: int, names: tuple[str, ...], repeats: int, seed: int
) -> None:
    slots = share(Work(dict.fromkeys(range(items), 2), (900,), repeats), names, seed)
    for name in names:
        mine = sorted((s for s in slots if s.reviewer == name), key=lambda slot: slot.place)
        assert [slot.place for slot in mine] == list(range(len(mine)))
        again = [slot for slot in mine if slot.repeat]
        assert len({slot.example for slot in again}) == len(again) <= repeats
        first = {slot.example: slot.place for slot in mine if not slot.repeat}
        assert 900 not in {slot.example for slot in again}, "what is known already says nothing of constancy"
        for slot in again:
            assert slot.place > first[slot.example]
            assert slot.place >= (len(mine) - len(again)) // 2
        if len(mine) > 3 * repeats + 3:
            assert len(again) == repeats


def test_everybody_sees_what_is_known() -> None:
    slots = share(Work(dict.fromkeys(range(30), 2), (77, 78)), NAMES[:3], 0)
    for known in (77, 78):
        assert {slot.reviewer for slot in slots if slot.example == known} == set(NAMES[:3])


def test_near_duplicates_do_not_follow_each_other() -> None:
    order = sample_order(range(60), 3)
    alike = {id: id // 3 for id in range(60)}
    made = apart(order, alike)
    assert sorted(made) == sorted(order)
    assert not [at for at in range(1, 60) if alike[made[at]] == alike[made[at - 1]]]
    assert [at for at in range(1, 60) if alike[order[at]] == alike[order[at - 1]]], "they would have"


def test_without_lists_the_looks_keep_their_order() -> None:
    slots = unclaimed({5: 2, 3: 1})
    assert [(slot.example, slot.slot, slot.reviewer, slot.place) for slot in slots] == [
        (5, 0, None, 0),
        (5, 1, None, 0),
        (3, 0, None, 1),
    ]


def apply(slots: list[Slot], moved: list[Slot]) -> list[Slot]:
    now = {(slot.example, slot.slot): slot for slot in slots}
    now.update({(slot.example, slot.slot): slot for slot in moved})
    return list(now.values())


def some_done(slots: list[Slot], share: float, seed: int) -> set[tuple[int, str | None, bool]]:
    held = [slot for slot in slots if slot.reviewer is not None]
    done = random.Random(seed).sample(held, int(share * len(held)))
    return {(slot.example, slot.reviewer, slot.repeat) for slot in done}


@quick
@given(
    items=st.integers(1, 90),
    names=st.integers(2, len(NAMES)).map(lambda number: NAMES[:number]),
    overlap=st.integers(1, 4),
    finished=st.sampled_from([0.0, 0.3, 0.9]),
    seed=st.integers(0, 4),
)
def test_who_leaves_keeps_what_is_done_and_the_others_take_equal_parts_of_the_rest(
    items: int, names: tuple[str, ...], overlap: int, finished: float, seed: int
) -> None:
    slots = share(Work(dict.fromkeys(range(items), overlap), repeats=2), names, seed)
    done = some_done(slots, finished, seed)
    leaver, stay = names[0], names[1:]
    moved = given_up(slots, done, leaver, stay, seed)
    shuffled = list(slots)
    random.Random(seed).shuffle(shuffled)
    assert given_up(shuffled, done, leaver, stay[::-1], seed) == moved
    now = apply(slots, moved)
    assert {(s.example, s.slot) for s in now} == {(s.example, s.slot) for s in slots}, "no look is lost"
    left = [slot for slot in now if slot.reviewer == leaver]
    assert all((slot.example, leaver, slot.repeat) in done for slot in left)
    held = [(slot.example, slot.reviewer) for slot in now if slot.reviewer is not None and not slot.repeat]
    assert len(set(held)) == len(held), "nobody has an item twice"
    kept = [slot for slot in slots if slot.reviewer != leaver]
    assert set(kept) <= set(now), "what the others have stays where it is"
    got = Counter(dict.fromkeys(stay, 0))
    for slot in moved:
        if slot.reviewer is not None:
            got[slot.reviewer] += 1
        else:
            holders = {s.reviewer for s in slots if s.example == slot.example}
            assert slot.repeat or set(stay) <= holders, "only what nobody can take is nobody's"
    assert_fair(moved, got, slots, stay)


def assert_fair(moved: list[Slot], got: Counter[str], slots: list[Slot], stay: tuple[str, ...]) -> None:
    """No look could go to somebody who got two fewer."""
    for slot in moved:
        if slot.reviewer is None:
            continue
        holders = {s.reviewer for s in slots if s.example == slot.example}
        for other in set(stay) - holders:
            assert got[slot.reviewer] - got[other] <= 1


@quick
@given(
    items=st.integers(1, 90),
    names=st.integers(1, len(NAMES) - 1).map(lambda number: NAMES[:number]),
    overlap=st.integers(1, 4),
    finished=st.sampled_from([0.0, 0.3, 0.9, 1.0]),
    seed=st.integers(0, 4),
)
def test_who_joins_takes_a_fair_part_of_what_is_left(
    items: int, names: tuple[str, ...], overlap: int, finished: float, seed: int
) -> None:
    known = (900, 901)
    slots = share(Work(dict.fromkeys(range(items), overlap), known, repeats=1), names, seed)
    done = some_done(slots, finished, seed)
    moved = taken_over(slots, done, "Zoe", names, known, seed)
    shuffled = list(slots)
    random.Random(seed).shuffle(shuffled)
    assert taken_over(shuffled, done, "Zoe", names[::-1], known, seed) == moved
    assert all(slot.reviewer == "Zoe" and not slot.repeat for slot in moved)
    assert len({slot.example for slot in moved}) == len(moved), "no item twice"
    assert {slot.example for slot in moved} >= set(known), "known items are everybody's"
    now = apply(slots, moved)
    assert all(slot in now for slot in slots if (slot.example, slot.reviewer, slot.repeat) in done)
    left = Counter(
        slot.reviewer
        for slot in now
        if (slot.example, slot.reviewer, slot.repeat) not in done and not slot.repeat and slot.example not in known
    )
    if not left[None]:
        fair = sum(left[name] for name in (*names, "Zoe")) // (len(names) + 1)
        waiting = sum(slot.reviewer is None for slot in slots)
        examples = {slot.example for slot in slots if slot.reviewer is not None} - set(known)
        able = {e for e in examples if any(s.example == e and (e, s.reviewer, False) not in done for s in slots)}
        assert left["Zoe"] >= min(fair, len(able))
        assert left["Zoe"] <= max(fair, waiting)


def test_who_leaves_and_comes_back_is_not_given_what_they_had_voted_on() -> None:
    slots = share(Work(dict.fromkeys(range(20), 2)), NAMES[:3], 0)
    voted = {(slot.example, "Ann", False) for slot in slots if slot.reviewer == "Ann"}
    gone = [slot for slot in slots if slot.reviewer != "Ann"]
    moved = taken_over(gone, voted, "Ann", NAMES[1:3], (), 0)
    assert moved
    assert not {slot.example for slot in moved} & {example for example, _, _ in voted}


@pytest.mark.parametrize("number", [3, 30])
def test_a_hundred_thousand_examples_are_shared_out_in_seconds(number: int) -> None:
    names = [f"r{at}" for at in range(number)]
    began = time.perf_counter()
    slots = share(Work(dict.fromkeys(range(100_000), 2)), names, 0)
    took = time.perf_counter() - began
    counts = looks(slots).values()
    assert max(counts) - min(counts) <= 1
    both = pairs(slots, tuple(names)).values()
    assert max(both) <= 1.15 * min(both)
    assert took < 6  # .6 to .8 s on two idle cores
