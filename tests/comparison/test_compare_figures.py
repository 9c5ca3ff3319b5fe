"""Figures against scikit-learn, statsmodels, and bootstraps worked out by going through every resample."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from comparison_material import answered, colours, labelled
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, permutation_test
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, precision_recall_fscore_support
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels
from statsmodels.stats.multitest import multipletests

from curator.comparison import counts, measuring, resampling, verdict
from curator.comparison.compare import Comparison, Wanted, compare
from curator.comparison.evalset import read_eval
from curator.comparison.general import forgetting
from curator.comparison.scoring import Column, Scores
from curator.comparison.verdict import Kept, Outcome
from curator.tasks import Task

LABELS = "abcde"


def compared(files: tuple[Path, Path, Path], **wanted: object) -> Comparison:
    settings = Wanted(**{"task": Task.CLASSIFICATION, **wanted})  # type: ignore[arg-type]
    return compare(read_eval(str(files[0])), str(files[1]), str(files[2]), settings)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true", "ignore:A single label was found")
@settings(derandomize=True, max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=40), st.integers(1, 5))
def test_labels_are_scored_as_scikit_learn_scores_them(table: list[tuple[int, int, int]], right: int) -> None:
    """Labels that are never right or never given, and those only given, included: `right` labels can be right answers."""
    gold, before, after = (np.array(column) for column in zip(*table, strict=True))
    gold = gold % right
    known = sorted(set(gold.tolist()))
    place = {label: at for at, label in enumerate(known)}

    def numbers(labels: np.ndarray) -> np.ndarray:
        return np.array([place.get(int(label), len(known) + int(label)) for label in labels], dtype=np.intp)

    found = counts.of_labels([LABELS[k] for k in known], numbers(gold), numbers(before), numbers(after))
    once = np.ones((1, len(gold)))
    for given_labels, side in ((before, found.baseline), (after, found.tuned)):
        rows = counts.table(found.names, found.gold, side)
        expected = precision_recall_fscore_support(gold, given_labels, labels=known, zero_division=0)
        mine = [[row.precision, row.recall, row.f1, row.support] for row in rows]
        assert np.allclose(np.array(mine).T, np.array(expected))
        means = counts.averages(once, found.gold, side)
        assert math.isclose(
            means.macro[0], f1_score(gold, given_labels, labels=known, average="macro", zero_division=0)
        )
        assert math.isclose(means.weighted[0], f1_score(gold, given_labels, average="weighted", zero_division=0))
        assert math.isclose(means.balanced[0], balanced_accuracy_score(gold, given_labels))
        others = counts.predicted_only(numbers(gold), numbers(given_labels))
        over_all = math.fsum(row.f1 for row in rows) / (len(rows) + others)
        assert math.isclose(over_all, f1_score(gold, given_labels, average="macro", zero_division=0))


def test_a_whole_comparison_gives_the_figures_of_scikit_learn(tmp_path: Path) -> None:
    gold = colours(120)
    before, after = answered(gold, 0.6, 1, ["red", "green", "violet"]), answered(gold, 0.8, 2)
    found = compared(labelled(tmp_path, gold, before, after))
    for side, given_labels in (("baseline", before), ("tuned", after)):
        figures = {one.id: getattr(one, side).value for one in found.measures}
        known = sorted(set(gold))
        assert figures["accuracy"] == pytest.approx(accuracy_score(gold, given_labels))
        assert figures["macro_f1"] == pytest.approx(f1_score(gold, given_labels, labels=known, average="macro"))
        assert figures["weighted_f1"] == pytest.approx(f1_score(gold, given_labels, labels=known, average="weighted"))
    assert found.predicted_only == (1, 0)
    assert found.macro_over_all == pytest.approx(
        [f1_score(gold, side, average="macro", zero_division=0) for side in (before, after)]
    )


def every_difference(gold: list[str], before: list[str], after: list[str]) -> list[float]:
    """The difference of accuracy in each of the n^n resamples, by plain counting."""
    number = len(gold)
    return [
        sum((after[i] == gold[i]) - (before[i] == gold[i]) for i in drawn) / number
        for drawn in itertools.product(range(number), repeat=number)
    ]


@pytest.mark.parametrize(
    ("gold", "before", "after"),
    [
        (["a", "b", "a"], ["b", "b", "a"], ["a", "b", "b"]),
        (["a", "b", "a"], ["b", "a", "a"], ["a", "b", "a"]),
        (["a", "b", "a", "b"], ["b", "b", "b", "a"], ["a", "b", "a", "a"]),
        (["a", "b", "c", "a"], ["a", "b", "c", "a"], ["a", "a", "c", "b"]),
    ],
)
def test_the_interval_is_that_of_the_bootstrap_worked_out_by_hand(
    tmp_path: Path, gold: list[str], before: list[str], after: list[str]
) -> None:
    found = compared(labelled(tmp_path, gold, before, after))
    low, high = np.quantile(every_difference(gold, before, after), [0.025, 0.975], method="inverted_cdf")
    assert found.exact
    assert found.main.difference.low == pytest.approx(low)
    assert found.main.difference.high == pytest.approx(high)


def test_three_examples_of_which_two_turned_by_hand(tmp_path: Path) -> None:
    """Wrong-right, right-right, right-wrong. Of the 27 resamples one has three of the first (+3/3) and one three of the last
    (−3/3); 2.5% and 97.5% of 27 are .675 and 26.325: the first and the last."""
    found = compared(labelled(tmp_path, ["a", "b", "a"], ["b", "b", "a"], ["a", "b", "b"]))
    assert (found.main.difference.value, found.main.difference.low, found.main.difference.high) == (0.0, -1.0, 1.0)
    assert (found.turned.better, found.turned.worse, found.turned.p) == (1, 1, 1.0)  # type: ignore[union-attr]


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4).filter(lambda times: sum(times) <= 6))
def test_the_ways_to_draw_are_as_probable_as_counting_says(times: list[int]) -> None:
    weights, probability = resampling.every_resample(np.array(times))
    owner = np.repeat(np.arange(len(times)), times)
    tally: dict[tuple[int, ...], int] = {}
    for drawn in itertools.product(owner, repeat=len(owner)):
        key = tuple(np.bincount(drawn, minlength=len(times)).tolist())
        tally[key] = tally.get(key, 0) + 1
    mine = {tuple(row.astype(int).tolist()): p for row, p in zip(weights, probability, strict=True)}
    assert mine == {key: pytest.approx(n / len(owner) ** len(owner)) for key, n in tally.items()}


@pytest.mark.parametrize("kinds", [3, 40])
def test_drawn_resamples_spread_as_theory_says(kinds: int) -> None:
    """Both ways of drawing: counts of few kinds, and examples one by one. The mean of n values has their deviation / √n."""
    number = 120
    times = np.full(kinds, number // kinds)
    values = np.linspace(0, 1, kinds) ** 2
    spread = resampling.resample(lambda w: (w @ values / w.sum(axis=1))[:, None], times, 5, 4_000)
    everything = np.repeat(values, times)
    assert len(spread.probability) == 4_000
    assert resampling.deviation(spread.figures[:, 0], spread.probability) == pytest.approx(
        everything.std() / math.sqrt(number), rel=0.06
    )
    assert spread.figures.mean() == pytest.approx(everything.mean(), abs=0.005)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 300 eval sets of 150 with a true difference of 4 points, about 95% give an interval that holds it."""
    dice = np.random.default_rng(2)
    held = 0
    for trial in range(300):
        before = dice.random(150) < 0.7
        after = np.where(dice.random(150) < 0.8, before, dice.random(150) < 0.9)
        change = after.astype(float) - before
        values, times = np.unique(change, return_counts=True)
        spread = resampling.resample(lambda w, v=values: (w @ v / w.sum(axis=1))[:, None], times, trial, 400)
        found = resampling.estimate(float(change.mean()), spread.figures[:, 0], spread.probability)
        held += found.low <= 0.04 <= found.high  # type: ignore[operator]
    assert 0.91 <= held / 300 <= 0.985


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_exact(better: int, worse: int) -> None:
    expected = mcnemar_of_statsmodels([[5, better], [worse, 5]], exact=True).pvalue if better + worse else 1.0
    assert verdict.mcnemar(better, worse) == pytest.approx(min(1.0, expected))
    if better + worse:
        assert verdict.mcnemar(better, worse) == pytest.approx(binomtest(better, better + worse).pvalue)


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1).map(lambda x: round(x, 3)), min_size=2, max_size=9))
def test_the_test_of_signs_is_that_of_scipy(differences: list[float]) -> None:
    """Every choice of signs: scipy's paired permutation test of the mean, which counts values of equal size alike."""
    found = verdict.sign_flip(np.array(differences), 0)
    both = (np.array(differences), np.zeros(len(differences)))
    expected = permutation_test(both, lambda a, b: float((a - b).sum()), permutation_type="samples", n_resamples=np.inf)
    assert found == pytest.approx(min(1.0, expected.pvalue), abs=1e-9)


def test_few_free_texts_are_no_reason_to_claim_anything() -> None:
    """Ten examples of which neither model is better: the bootstrap alone would claim a difference in one case of ten."""
    dice = np.random.default_rng(4)
    alone = together = 0
    for trial in range(400):
        change = dice.normal(0, 0.2, 10)
        values, times = np.unique(change, return_counts=True)
        spread = resampling.resample(lambda w, v=values: (w @ v / w.sum(axis=1))[:, None], times, trial, 200)
        found = resampling.estimate(float(change.mean()), spread.figures[:, 0], spread.probability)
        alone += verdict.judge(found, None) is not Outcome.NOISE
        together += verdict.judge(found, verdict.sign_flip(change, trial)) is not Outcome.NOISE
    assert alone / 400 > 0.07
    assert together / 400 <= 0.06


@settings(derandomize=True, max_examples=8, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_is_that_of_statsmodels(values: list[float]) -> None:
    assert verdict.holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]))


def test_chance_is_called_noise_nearly_always(tmp_path: Path) -> None:
    """Two systems that are equally good, on 40 examples each: a difference is claimed in one case of twenty at most."""
    claims = 0
    for trial in range(60):
        gold = colours(40, trial)
        found = compared(
            labelled(tmp_path, gold, answered(gold, 0.7, 1000 + trial), answered(gold, 0.7, 2000 + trial)),
            resamples=200,
        )
        claims += found.outcome is not Outcome.NOISE
    assert claims <= 5


def test_a_difference_of_the_smallest_size_is_found_in_about_four_sets_of_five(tmp_path: Path) -> None:
    gold = colours(300)
    found = compared(labelled(tmp_path, gold, answered(gold, 0.7, 1), answered(gold, 0.7, 2)))
    smallest = found.main.smallest
    assert smallest is not None
    dice = np.random.default_rng(3)
    turned = found.turned.better + found.turned.worse  # type: ignore[union-attr]
    share = turned / 300
    shown = 0
    for _ in range(400):
        better = dice.binomial(300, (share + smallest) / 2)
        worse = dice.binomial(300 - better, (share - smallest) / 2 / (1 - (share + smallest) / 2))
        shown += verdict.mcnemar(better, worse) < 0.05
    assert 0.7 <= shown / 400 <= 0.9


def test_what_it_takes_to_show_a_difference_grows_with_its_square() -> None:
    assert verdict.needed(200, 0.02, 0.01) == pytest.approx(4 * (verdict.needed(200, 0.02, 0.02) or 0), abs=4)
    assert verdict.needed(200, 0.02, 0.0) is None
    assert verdict.smallest(0.0) is None


@pytest.mark.parametrize(
    ("low", "outcome", "expected"),
    [
        (-0.01, Outcome.NOISE, Kept.KEPT),
        (-0.019, Outcome.WORSE, Kept.KEPT),
        (-0.09, Outcome.WORSE, Kept.FORGOTTEN),
        (-0.05, Outcome.NOISE, Kept.UNCLEAR),
        (0.01, Outcome.BETTER, Kept.KEPT),
    ],
)
def test_forgetting_goes_by_what_cannot_be_ruled_out(low: float, outcome: Outcome, expected: Kept) -> None:
    assert verdict.kept(low, outcome, 0.02) is expected


@pytest.mark.parametrize(
    ("examples", "better", "worse", "expected"),
    [
        (1, 0, 0, Kept.UNCLEAR),
        (20, 0, 0, Kept.UNCLEAR),
        (20, 0, 5, Kept.UNCLEAR),  # McNemar: p = 0.06
        (100, 1, 0, Kept.UNCLEAR),
        (200, 0, 0, Kept.KEPT),
        (200, 0, 1, Kept.UNCLEAR),
        (200, 30, 5, Kept.KEPT),
        (200, 5, 30, Kept.FORGOTTEN),
    ],
)
def test_that_no_loss_was_found_among_few_is_no_sign_that_there_is_none(
    tmp_path: Path, examples: int, better: int, worse: int, expected: Kept
) -> None:
    gold = ["red" if n % 2 else "blue" for n in range(examples)]
    before = ["green" if n < better else y for n, y in enumerate(gold)]
    after = ["green" if better <= n < better + worse else y for n, y in enumerate(gold)]
    found = forgetting(compared(labelled(tmp_path, gold, before, after)), 0.02)
    assert found.kept is expected
    assert (found.needed is None) is (expected is not Kept.UNCLEAR)
    assert found.needed is None or found.needed > max(examples, 188)


def test_free_texts_of_which_none_changed_show_nothing_either(tmp_path: Path) -> None:
    gold = [f"an answer of its own, {n}" for n in range(20)]
    found = forgetting(compared(labelled(tmp_path, gold, gold, gold), task=Task.STYLE, meaning=False), 0.02)
    assert found.kept is Kept.UNCLEAR
    assert found.change.low == pytest.approx(-verdict.hidden(20))


@pytest.mark.parametrize(("better", "worse", "number"), [(12, 2, 50), (0, 5, 20), (3, 3, 30), (1, 0, 8)])
def test_the_paired_interval_ends_where_the_score_test_would_refuse(better: int, worse: int, number: int) -> None:
    """By the definition: at either end the most likely shares that differ by as much lie 1.96 standard errors off."""
    same = number - better - worse
    for end, sign in zip(verdict.paired(better, worse, number), (1, -1), strict=True):
        shares = np.linspace(max(0.0, -end), (1 - end) / 2, 200_002)[1:-1]
        likely = better * np.log(shares + end) + worse * np.log(shares) + same * np.log(1 - 2 * shares - end)
        most = shares[np.argmax(likely)]
        error = math.sqrt(number * (2 * most + end - end**2))
        assert (better - worse - number * end) / error == pytest.approx(sign * 1.96, abs=0.01)


def test_where_nothing_turned_the_paired_interval_is_as_wide_as_the_number_leaves_it() -> None:
    for number in (1, 7, 50, 1_000):
        low, high = verdict.paired(0, 0, number)
        assert -low == high == pytest.approx(verdict.hidden(number), abs=1e-6)


def test_few_answers_make_no_average_better_that_chance_explains(tmp_path: Path) -> None:
    """Five of twenty got better and none worse: p = 0.06 by McNemar, and no F1 may be surer of it than that."""
    gold = ["red" if n % 2 else "blue" for n in range(20)]
    before = ["blue" if y == "red" and n < 10 else y for n, y in enumerate(gold)]
    found = compared(labelled(tmp_path, gold, before, gold))
    assert found.measure("macro_f1").difference.low > 0
    assert {one.outcome for one in found.measures} == {Outcome.NOISE}


def test_exchanged_answers_are_tested_as_single_differences_are() -> None:
    """Where an average is a mean over examples both tests are one, with all exchanges and with drawn ones."""
    for number in (9, 40):
        gold = np.arange(number) % 2
        before = np.where(np.arange(number) < number // 3, 1 - gold, gold)
        after = np.where(np.arange(number) == number - 1, 1 - gold, gold)
        columns = [Column("accuracy", (before == gold) * 1.0, (after == gold) * 1.0)]
        table = counts.of_labels(("a", "b"), gold, before, after)
        found = measuring._exchanged(Scores(tuple(columns), "accuracy", table, ("micro",)), 0)
        assert found["micro"] == pytest.approx(verdict.mcnemar(number // 3, 1), abs=0.03)


def test_labels_are_called_changed_only_after_correction(tmp_path: Path) -> None:
    """One label of thirty is always wrong before and always right after; the others are alike but for chance."""
    dice = np.random.default_rng(1)
    gold = [f"label {n % 30:02d}" for n in range(900)]
    before = [("other" if y == "label 07" else y) if dice.random() < 0.9 else "other" for y in gold]
    after = [y if dice.random() < 0.9 else "other" for y in gold]
    found = compared(labelled(tmp_path, gold, before, after))
    assert [one.name for one in found.by_name if one.changed] == ["label 07"]


def test_figures_do_not_go_by_the_order_of_rows(tmp_path: Path) -> None:
    gold = colours(60)
    before, after = answered(gold, 0.6, 1), answered(gold, 0.75, 2)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = compared(labelled(tmp_path / "a", gold, before, after))
    turned = (gold[::-1], before[::-1], after[::-1])
    second = compared(labelled(tmp_path / "b", *turned))
    assert [(m.id, m.difference) for m in first.measures] == [(m.id, m.difference) for m in second.measures]
