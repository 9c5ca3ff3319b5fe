"""The coefficients against published worked examples and independent implementations."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss_kappa

from curator.review.agreement import statistics

# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section C: 4 observers, 12 units, 5 values.
_ = 0
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
# The 10 subjects, 14 raters, 5 categories of the "Fleiss' kappa" article.
FLEISS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]

# Fleiss (1971), table 1: six psychiatrists diagnose 30 patients: how many chose depression, personality disorder,
# schizophrenia, neurosis and other.
DIAGNOSES = [
    [int(digit) for digit in row]
    for row in """
    00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
    00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
    """.split()
]
# Cohen (1960), table 2: how often two judges chose each pair of three categories.
COHEN = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]


def once(counts: np.ndarray) -> np.ndarray:
    return np.ones((1, len(counts)))


def counts_of(table: np.ndarray, labels: int) -> np.ndarray:
    """From reviewers × items, labels from 0 and -1 for none."""
    return np.stack([(table == label).sum(axis=0) for label in range(labels)], axis=1).astype(float)


def random_tables(number: int, gaps: bool, seed: int = 0):
    generator = np.random.default_rng(seed)
    for _number in range(number):
        reviewers, items, labels = generator.integers(2, 7), generator.integers(4, 40), generator.integers(2, 6)
        truth = generator.integers(0, labels, items)
        guess = generator.integers(0, labels, (reviewers, items))
        table = np.where(generator.random((reviewers, items)) < generator.uniform(0.2, 0.95), truth, guess)
        if gaps:
            table[generator.random((reviewers, items)) < generator.uniform(0, 0.6)] = -1
        used = np.unique(table[:, (table >= 0).sum(axis=0) > 1])
        if len(used[used >= 0]) > 1:
            yield table, int(labels)


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_krippendorffs_own_example(level, value):
    counts = counts_of(np.array(KRIPPENDORFF) - 1, 5)
    found = statistics.krippendorff_alpha(counts, once(counts), level, np.arange(1.0, 6))
    assert found[0] == pytest.approx(value, abs=5e-4)


def test_fleiss_kappa_of_the_ten_subjects_example():
    counts = np.array(FLEISS, dtype=float)
    assert statistics.fleiss_kappa(counts, once(counts))[0] == pytest.approx(0.210, abs=5e-4)
    assert statistics.percent_agreement(counts, once(counts))[0] == pytest.approx(0.378, abs=5e-4)


def test_fleiss_kappa_of_his_thirty_patients():
    counts = np.array(DIAGNOSES, dtype=float)
    assert (counts.sum(axis=1) == 6).all()
    assert statistics.fleiss_kappa(counts, once(counts))[0] == pytest.approx(0.430, abs=5e-4)
    assert statistics.percent_agreement(counts, once(counts))[0] == pytest.approx(0.556, abs=1e-3)


def test_cohens_kappa_of_his_own_example():
    pairs = [(a, b) for a in range(3) for b in range(3) for _ in range(COHEN[a][b])]
    first, second = (np.eye(3)[[pair[side] for pair in pairs]] for side in (0, 1))
    same = np.array([float(a == b) for a, b in pairs])
    assert statistics.cohen_kappa(first, second, same, once(first))[0] == pytest.approx(0.492, abs=5e-4)


def test_ac1_of_four_raters_with_gaps_in_gwets_handbook():
    # Gwet (2014) takes Krippendorff's table: percent agreement .81818, AC1 .77544.
    counts = counts_of(np.array(KRIPPENDORFF) - 1, 5)
    assert statistics.percent_agreement(counts, once(counts))[0] == pytest.approx(0.81818, abs=5e-6)
    assert statistics.gwet_ac1(counts, once(counts))[0] == pytest.approx(0.77544, abs=5e-6)


def ac1_by_loops(table, labels):
    """Gwet (2008), formulas 4 and 5, with missing votes as in Gwet (2014), chapter 2: one item and one label after the other."""
    items = [[label for label in item if label >= 0] for item in table.T.tolist()]
    observed, judged, prevalence, voted = 0.0, 0, [0.0] * labels, 0
    for votes in items:
        if not votes:
            continue
        voted += 1
        for label in range(labels):
            prevalence[label] += votes.count(label) / len(votes)
        if len(votes) > 1:
            judged += 1
            for label in range(labels):
                number = votes.count(label)
                observed += number * (number - 1) / (len(votes) * (len(votes) - 1))
    chance = sum(share / voted * (1 - share / voted) for share in prevalence) / (labels - 1)
    return (observed / judged - chance) / (1 - chance)


def test_ac1_agrees_with_its_formula_by_loops_on_tables_with_gaps():
    compared = 0
    for table, labels in random_tables(300, gaps=True, seed=4):
        counts = counts_of(table, labels)
        assert statistics.gwet_ac1(counts, once(counts))[0] == pytest.approx(ac1_by_loops(table, labels), abs=1e-6)
        compared += 1
    assert compared >= 200


def test_ac1_stays_high_where_one_label_prevails():
    # Gwet (2008), table 1 in short: 118 both positive, 5 and 2 disagreements, none both negative.
    counts = np.array([[2, 0]] * 118 + [[1, 1]] * 7, dtype=float)
    agreement, positive = 118 / 125, 243 / 250
    chance = 2 * positive * (1 - positive)
    assert statistics.gwet_ac1(counts, once(counts))[0] == pytest.approx((agreement - chance) / (1 - chance))
    assert statistics.gwet_ac1(counts, once(counts))[0] == pytest.approx(0.941, abs=5e-4)
    assert statistics.fleiss_kappa(counts, once(counts))[0] == pytest.approx(-0.029, abs=5e-4)


def test_alpha_agrees_with_krippendorff_package_on_tables_with_gaps():
    compared = 0
    for table, labels in random_tables(300, gaps=True):
        counts = counts_of(table, labels)
        raw = np.where(table < 0, np.nan, table.astype(float))
        for level in ("nominal", "ordinal", "interval"):
            theirs = krippendorff.alpha(reliability_data=raw, level_of_measurement=level)
            ours = statistics.krippendorff_alpha(counts, once(counts), level, np.arange(float(labels)))[0]
            assert ours == pytest.approx(theirs, abs=1e-6)
        compared += 1
    assert compared >= 200


def test_fleiss_kappa_agrees_with_statsmodels_on_complete_tables():
    for table, labels in random_tables(250, gaps=False, seed=1):
        counts = counts_of(table, labels)
        theirs = statsmodels_fleiss_kappa(counts, method="fleiss")
        assert statistics.fleiss_kappa(counts, once(counts))[0] == pytest.approx(theirs, abs=1e-6)


def test_fleiss_kappa_agrees_with_statsmodels_where_each_item_lacks_as_many_votes():
    compared = 0
    generator = np.random.default_rng(5)
    for table, labels in random_tables(300, gaps=False, seed=5):
        reviewers = len(table)
        if reviewers < 3:
            continue
        kept = generator.integers(2, reviewers)
        gaps = generator.random(table.shape).argsort(axis=0) >= kept
        counts = counts_of(np.where(gaps, -1, table), labels)
        if (counts.sum(axis=0) > 0).sum() < 2:
            continue
        theirs = statsmodels_fleiss_kappa(counts, method="fleiss")
        assert statistics.fleiss_kappa(counts, once(counts))[0] == pytest.approx(theirs, abs=1e-6)
        compared += 1
    assert compared >= 200


def test_cohen_kappa_agrees_with_scikit_learn_on_common_items():
    compared = 0
    for table, labels in random_tables(300, gaps=True, seed=2):
        a, b = table[0], table[1]
        both = (a >= 0) & (b >= 0)
        if not both.any() or len({*a[both], *b[both]}) < 2:
            continue
        first, second = (np.eye(labels)[side[both]] for side in (a, b))
        same = (a[both] == b[both]).astype(float)
        ours = statistics.cohen_kappa(first, second, same, once(first))[0]
        assert ours == pytest.approx(cohen_kappa_score(a[both], b[both]), abs=1e-6)
        compared += 1
    assert compared >= 200


def test_a_weight_of_two_is_the_item_twice():
    for table, labels in random_tables(30, gaps=True, seed=3):
        counts = counts_of(table, labels)
        weights = np.random.default_rng(0).integers(0, 3, (4, len(counts)))
        for statistic in (
            statistics.percent_agreement,
            statistics.fleiss_kappa,
            statistics.gwet_ac1,
            statistics.krippendorff_alpha,
        ):
            weighted = statistic(counts, weights.astype(float))
            for row, figure in zip(weights, weighted, strict=True):
                repeated = np.repeat(counts, row, axis=0)
                np.testing.assert_allclose(figure, statistic(repeated, once(repeated))[0], atol=1e-9)


def test_specific_agreement_is_the_share_of_other_votes_that_say_the_same():
    counts = np.array([[2, 0, 0], [1, 1, 0], [0, 2, 0], [0, 0, 1]], dtype=float)
    found = statistics.specific_agreement(counts, once(counts))[0]
    np.testing.assert_allclose(found, [2 / 3, 2 / 3, np.nan])


@pytest.mark.parametrize("counts", [[[3.0, 0.0], [2.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]])
def test_one_label_or_lone_votes_leave_coefficients_undefined(counts):
    table = np.array(counts)
    assert np.isnan(statistics.fleiss_kappa(table, once(table))[0])
    assert np.isnan(statistics.krippendorff_alpha(table, once(table))[0])
