"""From verdicts to a cut: laws that hold for any verdicts, ill cases, and the truth found again where it is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.review.calibration import ASKED, FEWEST, WIDE, Answered, Fitted, fit, sample

SCORES = st.one_of(st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.floats(0, 1, allow_subnormal=False))


def pool_of(scores: list[float]) -> dict[str, float]:
    return {f"{number:04x}": score for number, score in enumerate(scores)}


def judged(pool: dict[str, float], right: Callable[[float], bool], every: int = 1) -> list[Answered]:
    return [Answered(id, score, float(right(score))) for id, score in list(pool.items())[::every]]


def evenly(count: int, low: float = 0.6, high: float = 1.0) -> dict[str, float]:
    return pool_of(np.linspace(high, low, count).tolist())


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, float], list[Answered]]:
    pool = pool_of(draw(st.lists(SCORES, min_size=FEWEST, max_size=60)))
    ids = draw(st.lists(st.sampled_from(sorted(pool)), min_size=FEWEST, max_size=len(pool), unique=True))
    rights = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=len(ids), max_size=len(ids)))
    return pool, [Answered(id, pool[id], right) for id, right in zip(ids, rights, strict=True)]


@settings(max_examples=40, deadline=None)
@given(cases(), st.floats(0.05, 0.99), st.randoms(use_true_random=False))
def test_any_verdicts_give_a_cut_that_says_what_it_lets_in(case, goal, dice) -> None:
    pool, answers = case
    found = fit(pool, answers, goal, own=0.5)
    shuffled, turned = answers[:], dict(reversed(pool.items()))
    dice.shuffle(shuffled)
    assert fit(turned, shuffled, goal, own=0.5) == found
    assert found is not None
    assert found.verdicts == len(answers)
    assert 0 <= found.more <= len(pool) - len(answers)
    for expected in filter(None, (found.at, found.own)):
        assert sum(score >= expected.cut for score in pool.values()) == expected.findings > 0
        assert 0 <= expected.low <= expected.precision <= expected.high <= 1
    if found.at is not None:
        assert found.at.precision >= goal - 1e-6
        assert found.lowest == (found.at.findings == len(pool))
    stricter = fit(pool, answers, min(1.0, goal + 0.2), own=0.5)
    assert stricter is not None
    if stricter.at is not None:
        assert found.at is not None
        assert stricter.at.cut >= found.at.cut


def test_with_few_verdicts_there_is_no_cut() -> None:
    pool = evenly(50)
    assert fit(pool, judged(pool, lambda s: True)[: FEWEST - 1]) is None
    assert fit({}, judged(pool, lambda s: True)) is None


def test_where_all_are_right_all_are_reported_and_asking_again_is_advised() -> None:
    pool = evenly(100)
    found = fit(pool, judged(pool, lambda s: True, every=4), own=0.8)
    assert found is not None
    assert found.at is not None
    assert found.own is not None
    assert (found.at.findings, found.lowest) == (100, True)
    assert (found.at.low > 0.85, found.at.high) == (True, 1)
    assert found.own.findings == 50
    assert any("ask again" in sentence for sentence in found.sentences())


def test_where_all_are_wrong_no_cut_is_set() -> None:
    pool = evenly(100)
    found = fit(pool, judged(pool, lambda s: False, every=4), own=0.8)
    assert found is not None
    assert found.at is None
    assert found.own is not None
    assert found.own.high < 0.15
    assert any("no cut is set" in sentence for sentence in found.sentences())


def test_where_higher_scores_are_wrong_more_often_the_curve_is_flat() -> None:
    pool = evenly(200)
    answers = judged(pool, lambda s: s < 0.8, every=5)
    found = fit(pool, answers, 0.4, own=0.6)
    assert found is not None
    assert found.own is not None
    assert abs(found.own.precision - 0.5) < 0.1
    assert fit(pool, answers, 0.9, own=0.6).at is None  # type: ignore[union-attr]


def test_findings_of_one_score_go_in_together() -> None:
    pool = pool_of([0.9] * 20 + [0.7] * 20)
    answers = judged(pool, lambda s: s > 0.8, every=2)
    found = fit(pool, answers)
    assert found is not None
    assert found.at is not None
    assert (found.at.findings, 0.7 < found.at.cut <= 0.9) == (20, True)
    same = pool_of([0.8] * 40)
    half = [Answered(id, 0.8, number % 2) for number, id in enumerate(same)]
    assert fit(same, half, 0.4).at.findings == 40  # type: ignore[union-attr]
    assert fit(same, half, 0.6).at is None  # type: ignore[union-attr]


def test_what_is_known_of_every_finding_needs_no_interval() -> None:
    pool = evenly(20)
    found = fit(pool, judged(pool, lambda s: s > 0.7), 0.9)
    assert found is not None
    assert found.at is not None
    assert found.at.low == found.at.precision == found.at.high
    assert found.at.findings == 16
    assert found.more == 0


def test_reviewers_who_differ_count_in_part() -> None:
    pool = evenly(40)
    torn = [Answered(id, score, 0.5) for id, score in pool.items()]
    found = fit(pool, torn, 0.9, own=0.6)
    assert found is not None
    assert found.own is not None
    assert (found.right, found.own.precision) == (20, 0.5)


def test_verdicts_on_findings_that_are_gone_still_bend_the_curve() -> None:
    pool = evenly(100)
    gone = [Answered(f"gone {number}", score, float(score > 0.8)) for number, score in enumerate(pool.values())]
    found = fit(pool, gone[::3])
    assert found is not None
    assert found.at is not None
    assert 0.75 < found.at.cut < 0.82
    assert found.at.low < found.at.precision < found.at.high


def test_a_wide_interval_is_said_and_more_verdicts_make_it_narrow() -> None:
    pool = evenly(2_000)
    dice = np.random.default_rng(4)
    truth = {id: float(dice.random() < 0.5) for id in pool}

    def after(count: int) -> Fitted:
        step = len(pool) // count
        found = fit(pool, [Answered(id, pool[id], truth[id]) for id in list(pool)[::step]], own=0.6)
        assert found is not None
        return found

    few, many = after(20), after(200)
    assert few.own is not None
    assert many.own is not None
    assert few.own.high - few.own.low > WIDE > many.own.high - many.own.low
    assert (few.more > 0, many.more) == (True, 0)
    assert any(f"{few.more} more verdicts" in sentence for sentence in few.sentences())


@pytest.mark.parametrize(
    ("middle", "slope", "low"),
    [(0.75, 12, 0.6), (0.85, 40, 0.6), (0.97, 200, 0.9)],
    ids=["gentle", "steep", "near one"],
)
def test_a_known_truth_is_found_again(middle: float, slope: float, low: float) -> None:
    covered, precision, ideal, reported = [], [], [], []
    for seed in range(25):
        dice = np.random.default_rng(seed)
        scores = np.sort(dice.uniform(low, 1, 300))[::-1]
        chance = 1 / (1 + np.exp(-(scores - middle) * slope))
        right = dice.random(300) < chance
        pool = pool_of(scores.tolist())
        ids = list(pool)
        groups = {id: [number] for number, id in enumerate(ids)}
        asked = sample({id: pool[id] for id in ids[:200]}, {id: pool[id] for id in ids[200:]}, groups, seed=seed)
        found = fit(pool, [Answered(id, pool[id], float(right[ids.index(id)])) for id in asked], seed=seed)
        assert found is not None
        if found.at is None:
            continue
        share = float(right[: found.at.findings].mean())
        covered.append(found.at.low - 1e-6 <= share <= found.at.high + 1e-6)
        precision.append(float(chance[: found.at.findings].mean()))
        reported.append(found.at.findings)
        means = np.cumsum(chance) / np.arange(1, 301)
        ideal.append(int((means >= 0.9).sum()))
    assert len(covered) >= 18
    assert np.mean(covered) >= 0.85
    assert 0.85 < np.mean(precision) < 0.95
    assert 0.6 < np.mean(reported) / np.mean(ideal) < 1.5


# Which findings are asked about


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SCORES, max_size=80),
    st.lists(SCORES, max_size=80),
    st.integers(1, 40),
    st.integers(0, 3),
    st.integers(1, 30),
)
def test_a_sample_is_spread_apart_and_depends_on_nothing_but_what_it_is_of(above, below, number, seed, shared) -> None:
    scores = pool_of([*above, *below])
    ids = list(scores)
    reported = {id: scores[id] for id in ids[: len(above)]}
    borderline = {id: scores[id] for id in ids[len(above) :]}
    groups = {id: [at % shared] for at, id in enumerate(ids)}
    chosen = sample(reported, borderline, groups, number, seed)
    assert len(chosen) == len(set(chosen)) <= number
    assert len({groups[id][0] for id in chosen}) == len(chosen)
    assert [scores[id] for id in chosen] == sorted((scores[id] for id in chosen), reverse=True)
    assert sample(dict(reversed(reported.items())), borderline, groups, number, seed) == chosen
    alone = {id: [at] for at, id in enumerate(ids)}
    assert len(sample(reported, borderline, alone, number, seed)) == min(number, len(ids))


def test_half_of_a_sample_lies_below_the_cut_and_all_of_the_range_is_seen() -> None:
    pool = evenly(1_000)
    ids = list(pool)
    reported, below = {id: pool[id] for id in ids[:900]}, {id: pool[id] for id in ids[900:]}
    groups = {id: [at] for at, id in enumerate(ids)}
    chosen = sample(reported, below, groups)
    assert len(chosen) == ASKED
    assert sum(id in below for id in chosen) == ASKED // 2
    deciles = {int(ids.index(id) / 90) for id in chosen if id in reported}
    assert len(deciles) == 10
    assert sample(reported, below, groups, seed=1) != chosen
