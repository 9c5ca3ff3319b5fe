"""Two sets of inputs: alike ones raise no alarm, and what one set lacks is named."""

from __future__ import annotations

import numpy as np
import pytest

from curator.readiness.coverage import _stars, _Thinned, wilson
from curator.readiness.shift import shift

TOPICS, WIDTH = 12, 32


def drawn(counts: dict[int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors about topics, so many of each, and their topics."""
    middles = np.random.default_rng(0).normal(size=(TOPICS, WIDTH))
    dice = np.random.default_rng(seed)
    topics = np.repeat(list(counts), list(counts.values()))
    rows = middles[topics] + 0.8 * dice.normal(size=(len(topics), WIDTH))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), topics


ALL = dict.fromkeys(range(TOPICS), 25)


def test_sets_drawn_alike_raise_no_alarm() -> None:
    alarms = 0
    for seed in range(12):
        found = shift(drawn(ALL, seed)[0], drawn(ALL, 100 + seed)[0], seed=seed)
        alarms += found.differs
        if not found.differs:
            assert not len(found.alone_a)
            assert not len(found.alone_b)
    assert alarms <= 1


def test_p_is_as_often_small_as_it_says() -> None:
    pool = drawn(dict.fromkeys(range(TOPICS), 12), 1)[0]
    values = []
    for seed in range(40):
        order = np.random.default_rng(seed).permutation(len(pool))
        values.append(shift(pool[order[:72]], pool[order[72:]], seed=seed).p)
    assert np.mean(np.array(values) <= 0.2) == pytest.approx(0.2, abs=0.16)


def test_stratified_sets_which_are_more_alike_than_chance_raise_none_either() -> None:
    few = dict.fromkeys(range(TOPICS), 6)
    assert not any(shift(drawn(few, seed)[0], drawn(few, 500 + seed)[0], seed=seed).differs for seed in range(8))


def test_what_one_set_lacks_is_named_in_the_other() -> None:
    a, topics_a = drawn({t: 40 for t in range(TOPICS) if t != 5}, 1)
    b, topics_b = drawn({t: 25 for t in range(TOPICS) if t not in (8, 9)}, 2)
    found = shift(a, b)
    assert found.differs
    assert found.auc > found.usual[1]
    missing = topics_b[found.alone_b]
    assert np.mean(missing == 5) >= 0.8
    assert np.mean(np.isin(np.flatnonzero(topics_b == 5), found.alone_b)) >= 0.9
    unused = topics_a[found.alone_a]
    assert np.mean(np.isin(unused, (8, 9))) >= 0.9
    assert len(unused) >= 60


def test_a_sample_too_small_to_tell_says_so() -> None:
    found = shift(drawn(dict.fromkeys(range(TOPICS), 200), 1)[0], drawn({0: 10, 1: 10}, 2)[0])
    assert found.telling == (False, True)


def test_it_does_not_depend_on_chance_or_order() -> None:
    a, b = drawn(ALL, 1)[0], drawn({0: 40, 1: 30}, 2)[0]
    first, again = shift(a, b), shift(a, b)
    assert (first.auc, first.p) == (again.auc, again.p)
    assert first.alone_b.tolist() == again.alone_b.tolist()


def test_sets_of_one_text_are_alike() -> None:
    one = np.repeat(drawn({0: 1}, 1)[0], 50, axis=0)
    assert not shift(one, one).differs


def test_wordings_of_one_question_count_once_and_stand_together() -> None:
    rows = drawn(dict.fromkeys(range(TOPICS), 3), 1)[0]
    wordings = np.repeat(rows, 30, axis=0) + 0.02 * np.random.default_rng(2).normal(size=(len(rows) * 30, WIDTH))
    wordings = (wordings / np.linalg.norm(wordings, axis=1, keepdims=True)).astype(np.float32)
    thinned = _Thinned.of(wordings)
    assert thinned.kept.tolist() == list(range(0, len(wordings), 30))
    assert thinned.all_of(np.array([2, 0])).tolist() == [*range(30), *range(60, 90)]


def test_clusters_are_stars_with_the_most_typical_first() -> None:
    rows, topics = drawn({0: 30, 1: 12, 2: 3}, 3)
    groups = _stars(rows)
    assert sorted(row for group in groups for row in group) == list(range(len(rows)))
    assert [len(group) for group in groups] == sorted((len(group) for group in groups), reverse=True)
    assert len(set(topics[groups[0]].tolist())) == 1
    assert topics[groups[0][0]] == 0


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert wilson(0, 100) == pytest.approx((0.0, 0.037), abs=0.001)
    assert wilson(10, 100) == pytest.approx((0.0552, 0.1744), abs=0.0005)
    assert wilson(0, 0) == (0.0, 1.0)
