"""assign: seeded, stable as data grows, and never through a group."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import InputError
from curator.splits import NAMES, Shares, assign, place

THREE = Shares(0.8, 0.1, 0.1)
TWO = Shares(0.9, 0.1)
shares = st.sampled_from([THREE, TWO, Shares(0.5, 0.25, 0.25), Shares(1.0, 0.0)])
keys = st.lists(st.integers(0, 10_000).map(lambda n: f"key{n}"), unique=True, min_size=1, max_size=60)
seeds = st.integers(0, 1_000)


def apart(names: list[str]) -> list[int]:
    return list(range(len(names)))


@given(keys, shares, seeds, st.integers(1, 60))
def test_adding_examples_moves_none(names: list[str], wanted: Shares, seed: int, before: int) -> None:
    early = names[:before]
    assert assign(early, apart(early), wanted, seed) == assign(names, apart(names), wanted, seed)[: len(early)]


@given(keys, shares, seeds, st.integers(1, 60), st.data())
def test_adding_examples_to_other_groups_moves_none(
    names: list[str], wanted: Shares, seed: int, before: int, data: st.DataObject
) -> None:
    early = names[:before]
    old = data.draw(st.lists(st.integers(0, 5), min_size=len(early), max_size=len(early)))
    rest = len(names) - len(early)
    new = data.draw(st.lists(st.integers(6, 11), min_size=rest, max_size=rest))
    assert assign(early, old, wanted, seed) == assign(names, [*old, *new], wanted, seed)[: len(early)]


@given(keys, st.integers(1, 60), seeds, st.sampled_from([THREE, TWO]), st.data())
def test_what_was_tested_on_is_never_trained_on(
    names: list[str], before: int, seed: int, later: Shares, data: st.DataObject
) -> None:
    """Whatever joins it, however labels are shared out, and though the seed and the shares change."""
    early = names[:before]
    labels = data.draw(st.lists(st.sampled_from("ab"), min_size=len(names), max_size=len(names)))
    groups = data.draw(st.lists(st.integers(0, 20), min_size=len(names), max_size=len(names)))
    first = assign(early, groups[: len(early)], THREE, seed, labels=labels[: len(early)])
    remembered = dict(zip(early, first, strict=True))
    second = assign(names, groups, later, seed + 1, labels=labels, remembered=remembered)
    for old, new in zip(first, second, strict=False):
        assert new != "train" or old == "train"
        assert new == "test" or old != "test" or later is TWO


@given(keys, shares, seeds)
def test_without_changes_every_memory_is_kept(names: list[str], wanted: Shares, seed: int) -> None:
    first = assign(names, apart(names), wanted, seed)
    remembered = dict(zip(names, first, strict=True))
    assert assign(names, apart(names), wanted, seed + 1, remembered=remembered) == first


@given(keys, shares, seeds, st.data())
def test_groups_never_straddle(names: list[str], wanted: Shares, seed: int, data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.integers(0, 8), min_size=len(names), max_size=len(names)))
    labels = data.draw(st.lists(st.sampled_from("abc"), min_size=len(names), max_size=len(names)))
    remembered = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(NAMES)))
    held: dict[int, set[str]] = defaultdict(set)
    for group, split in zip(
        groups, assign(names, groups, wanted, seed, labels=labels, remembered=remembered), strict=True
    ):
        held[group].add(split)
    assert all(len(splits) == 1 for splits in held.values())


@given(keys, shares, seeds, st.randoms())
def test_the_order_of_rows_does_not_matter(names: list[str], wanted: Shares, seed: int, random: object) -> None:
    shuffled = sorted(names, key=lambda key: place(key, 99))
    first = dict(zip(names, assign(names, apart(names), wanted, seed), strict=True))
    assert dict(zip(shuffled, assign(shuffled, apart(shuffled), wanted, seed), strict=True)) == first


def test_the_seed_decides_and_nothing_else() -> None:
    names = [f"key{n}" for n in range(300)]
    assert assign(names, apart(names), THREE, 1) == assign(names, apart(names), THREE, 1)
    assert assign(names, apart(names), THREE, 1) != assign(names, apart(names), THREE, 2)


def test_shares_are_met_in_expectation() -> None:
    names = [f"key{n}" for n in range(5_000)]
    counts = Counter(assign(names, apart(names), THREE, 7))
    assert counts["validation"] == pytest.approx(500, abs=90)  # 4 standard deviations
    assert counts["test"] == pytest.approx(500, abs=90)
    assert all(0 <= place(name, 7) < 1 for name in names[:100])


def test_labels_of_five_or_more_are_validated() -> None:
    names = [f"key{n}" for n in range(120)]
    labels = [f"label{n % 20}" for n in range(120)]
    for seed in range(10):
        there: dict[str, set[str]] = defaultdict(set)
        for label, split in zip(labels, assign(names, apart(names), THREE, seed, labels=labels), strict=True):
            there[label].add(split)
        assert all({"train", "validation"} <= splits for splits in there.values())


def test_the_test_split_takes_no_loans() -> None:
    """Labels or not, the same examples are tested on: what was lent could be taken back and trained on."""
    names = [f"key{n}" for n in range(120)]
    labels = [f"label{n % 20}" for n in range(120)]
    plain, shared = (assign(names, apart(names), THREE, 3, labels=given) for given in (None, labels))
    assert [split == "test" for split in plain] == [split == "test" for split in shared]


def test_rare_labels_are_left_to_chance() -> None:
    names = [f"key{n}" for n in range(4)]
    assert assign(names, apart(names), TWO, 0, labels=["rare"] * 4) == assign(names, apart(names), TWO, 0)


@pytest.mark.parametrize("text", ["90/10", "80/10/10", "70.5/29.5", "100/0"])
def test_shares_are_read_and_written(text: str) -> None:
    parsed = Shares.parse(text)
    assert parsed.train + parsed.validation + parsed.test == pytest.approx(1)
    assert Shares.parse(text) == parsed
    assert str(parsed) == text.replace("/0", "") if text == "100/0" else str(parsed) == text


@pytest.mark.parametrize(
    "text", ["", "90", "90/20", "0/100", "110/-10", "a/b", "50/30/10/10", "nan/10", "90:10", "inf/10"]
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="such as 90/10 or 80/10/10"):
        Shares.parse(text)
