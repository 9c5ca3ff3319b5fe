"""nearest() against the plain computation."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from curator.embedding import nearest


def unit_rows(rows: int, seed: int, dimension: int = 6, repeated: int = 1) -> np.ndarray:
    made = np.random.default_rng(seed).normal(size=(rows, dimension)).astype(np.float32)
    made = np.repeat(made, repeated, axis=0)
    unit: np.ndarray = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 8), st.integers(0, 10_000))
def test_it_finds_what_comparing_all_pairs_finds(n: int, m: int, k: int, seed: int) -> None:
    queries, base = unit_rows(n, seed), unit_rows(m, seed + 1)
    found = nearest(queries, base, k)
    table = queries @ base.T
    assert found.index.shape == found.cosine.shape == (n, min(k, m))
    np.testing.assert_allclose(found.cosine, -np.sort(-table, axis=1)[:, :k], atol=2e-6)
    np.testing.assert_allclose(found.cosine, np.take_along_axis(table, found.index, axis=1), atol=2e-6)
    assert all(len(set(row)) == len(row) for row in found.index.tolist())


@given(st.integers(2, 6), st.integers(1, 8), st.integers(1, 6), st.integers(0, 10_000))
def test_a_row_is_never_its_own_neighbour_even_among_equals(distinct: int, copies: int, k: int, seed: int) -> None:
    base = unit_rows(distinct, seed, repeated=copies)
    found = nearest(base, base, k, itself=True)
    assert found.index.shape == (len(base), min(k, len(base) - 1))
    assert (found.index != np.arange(len(base))[:, None]).all()
    table = base @ base.T
    np.fill_diagonal(table, -2)
    np.testing.assert_allclose(found.cosine, -np.sort(-table, axis=1)[:, : found.cosine.shape[1]], atol=2e-6)


def test_ties_stand_in_the_order_of_their_index() -> None:
    base = np.repeat(np.eye(3, dtype=np.float32), 4, axis=0)
    found = nearest(np.eye(3, dtype=np.float32), base, 4)
    assert found.index.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert nearest(base, base, 3, itself=True).index[5].tolist() == [4, 6, 7]


@given(arrays.arrays(np.int64, st.tuples(st.integers(1, 20), st.just(3)), elements=st.integers(-3, 3)))
def test_cosines_fall_and_stay_within_one(raw: np.ndarray) -> None:
    norms = np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1)
    found = nearest((raw / norms).astype(np.float32), (raw / norms).astype(np.float32), 5)
    assert (np.diff(found.cosine, axis=1) <= 0).all()
    assert (np.abs(found.cosine) <= 1).all()


def test_nothing_has_no_neighbours() -> None:
    none = np.zeros((0, 4), dtype=np.float32)
    some = np.eye(4, dtype=np.float32)
    assert nearest(none, some, 3).index.shape == (0, 0)
    assert nearest(some, none, 3).index.shape == (4, 0)
    assert nearest(some[:1], some[:1], 3, itself=True).index.shape == (1, 0)
