"""choose: exactly N, the best and most diverse, the same however the rows stand."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.splits import choose


def unit_rows(count: int, seed: int, dimension: int = 8) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    unit: np.ndarray = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def qualities(count: int, seed: int) -> list[tuple[float, str]]:
    return [(round(float(v), 1), f"key{n}") for n, v in enumerate(np.random.default_rng(seed).random(count))]


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 80), st.integers(0, 1_000), st.integers(1, 4))
def test_it_returns_exactly_as_many_as_asked(count: int, wanted: int, seed: int, strata: int) -> None:
    names = [f"label{n % strata}" for n in range(count)]
    chosen = choose(unit_rows(count, seed), qualities(count, seed), wanted, names)
    assert len(chosen) == len(set(chosen.tolist())) == min(wanted, count)
    assert chosen.tolist() == sorted(chosen.tolist())
    assert set(chosen.tolist()) <= set(range(count))


@settings(deadline=None)
@given(st.integers(2, 50), st.integers(1, 50), st.integers(0, 1_000), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(count: int, wanted: int, seed: int, random: object) -> None:
    vectors, quality = unit_rows(count, seed), qualities(count, seed)
    strata = ["a" if n % 3 else "b" for n in range(count)]
    order = np.random.default_rng(seed + 1).permutation(count)
    plain = {quality[i][1] for i in choose(vectors, quality, wanted, strata)}
    shuffled = choose(vectors[order], [quality[i] for i in order], wanted, [strata[i] for i in order])
    assert {quality[order[i]][1] for i in shuffled} == plain


def test_proportions_of_labels_are_kept_and_none_is_lost() -> None:
    strata = ["often"] * 160 + ["sometimes"] * 37 + ["rare"] * 3
    chosen = choose(unit_rows(200, 1), qualities(200, 1), 50, strata)
    counts = Counter(strata[i] for i in chosen)
    assert counts["often"] in (39, 40, 41)
    assert counts["sometimes"] in (9, 10)
    assert counts["rare"] >= 1


def test_fewer_places_than_labels_are_filled_all_the_same() -> None:
    strata = [f"label{n}" for n in range(20)]
    assert len(choose(unit_rows(20, 2), qualities(20, 2), 7, strata)) == 7


def test_of_two_that_are_nearly_the_same_the_better_stays() -> None:
    base = unit_rows(30, 3)
    twins = base + np.float32(0.001)
    vectors = np.concatenate([base, twins / np.linalg.norm(twins, axis=1, keepdims=True)]).astype(np.float32)
    better = np.random.default_rng(4).random(30) < 0.5
    quality = [(1.0 if better[n % 30] == (n < 30) else 0.5, f"key{n:02}") for n in range(60)]
    chosen = choose(vectors, quality, 30, ["all"] * 60)
    assert {quality[i][0] for i in chosen} == {1.0}
    assert sorted(i % 30 for i in chosen) == list(range(30))


def test_a_crowd_is_thinned_before_what_is_alone() -> None:
    crowd = np.eye(4, dtype=np.float32)[[0] * 20] + unit_rows(20, 5, 4) * np.float32(0.05)
    alone = np.eye(4, dtype=np.float32)[1:]
    vectors = np.concatenate([crowd / np.linalg.norm(crowd, axis=1, keepdims=True), alone]).astype(np.float32)
    chosen = choose(vectors, [(1.0, f"key{n:02}") for n in range(23)], 6, ["all"] * 23)
    assert {20, 21, 22} <= set(chosen.tolist())
