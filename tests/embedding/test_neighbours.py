"""nearest() against the plain computation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from curator.embedding import nearest, neighbours
from curator.errors import Cancelled
from curator.progress import Silent


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


@pytest.fixture
def topics(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """2,000 rows about 80 topics, some of them equal, of which `nearest` looks at parts only."""
    monkeypatch.setattr(neighbours, "EXACT", 1_000)
    monkeypatch.setattr(neighbours, "PART", 50)
    pick = np.random.default_rng(4)
    rows = pick.normal(size=(80, 24))[pick.integers(0, 80, 2_000)] + 0.3 * pick.normal(size=(2_000, 24))
    rows[1_900:] = rows[:100]
    unit: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def found_share(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found.tolist(), true.tolist(), strict=True)]))


def test_of_a_large_set_nearly_all_neighbours_are_found_and_the_share_is_said(
    topics: np.ndarray,
) -> None:
    among = nearest(topics, topics, 8, itself=True, exact=False)
    other = nearest(topics[::3], topics, 8, exact=False)
    for found, true in ((among, nearest(topics, topics, 8, itself=True)), (other, nearest(topics[::3], topics, 8))):
        share = found_share(found.index, true.index)
        assert found.recall is not None
        assert found.recall > 0.97
        assert share > 0.97
        assert abs(share - found.recall) < 0.02
        assert true.recall is None
    assert (among.index != np.arange(len(topics))[:, None]).all()
    assert (np.diff(among.cosine, axis=1) <= 0).all()
    assert (among.cosine[:100, 0] == 1).all()


def test_neighbours_in_a_large_set_do_not_depend_on_the_number_of_threads(topics: np.ndarray) -> None:
    from threadpoolctl import threadpool_limits

    usual = nearest(topics, topics, 8, itself=True, exact=False)
    assert usual.recall is not None
    for threads in (1, 3):
        with threadpool_limits(threads):
            found = nearest(topics, topics, 8, itself=True, exact=False)
        np.testing.assert_array_equal(found.index, usual.index)
        np.testing.assert_array_equal(found.cosine, usual.cosine)


def test_the_search_stops_when_asked(topics: np.ndarray) -> None:
    class Stopped(Silent):
        def cancelled(self) -> bool:
            return True

    with pytest.raises(Cancelled):
        nearest(topics, topics, 8, progress=Stopped())


def test_nothing_has_no_neighbours() -> None:
    none = np.zeros((0, 4), dtype=np.float32)
    some = np.eye(4, dtype=np.float32)
    assert nearest(none, some, 3).index.shape == (0, 0)
    assert nearest(some, none, 3).index.shape == (4, 0)
    assert nearest(some[:1], some[:1], 3, itself=True).index.shape == (1, 0)
