"""The figures of a vote set, their intervals and the advice on them."""

from __future__ import annotations

import numpy as np
import pytest
from vote_simulation import simulate, symmetric

from curator.review.agreement.advice import advise
from curator.review.agreement.measures import MAX_PAIRS, measure_agreement
from curator.review.consensus.choosing import find_consensus
from curator.review.votes.arrays import make_votes


def measured(votes, seed=0):
    return measure_agreement(votes, find_consensus(votes, "majority"), seed)


def test_intervals_hold_the_value_and_are_the_same_for_the_same_seed():
    votes, _ = simulate([symmetric(0.8, 3)] * 6, 200, 3, [0.5, 0.3, 0.2])
    found, again, other = measured(votes), measured(votes), measured(votes, seed=1)
    for name in ("percent_agreement", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1"):
        estimate = getattr(found, name)
        assert estimate.low < estimate.value < estimate.high
        assert estimate == getattr(again, name)
        assert estimate.value == getattr(other, name).value
        assert estimate.low != getattr(other, name).low


def test_the_interval_is_as_wide_as_the_spread_of_repeated_samples():
    matrices = [symmetric(0.8, 2)] * 5
    alphas, widths = [], []
    for seed in range(60):
        alpha = measured(simulate(matrices, 100, 3, [0.5, 0.5], seed)[0]).krippendorff_alpha
        alphas.append(alpha.value)
        widths.append(alpha.high - alpha.low)
    assert np.mean(widths) == pytest.approx(2 * 1.96 * np.std(alphas), rel=0.25)


def test_one_reviewer_leaves_figures_undefined_with_a_reason():
    found = measured(make_votes([("1", "a", "x"), ("2", "a", "y")]))
    for estimate in (found.percent_agreement, found.fleiss_kappa, found.krippendorff_alpha, found.gwet_ac1):
        assert (estimate.value, estimate.why) == (None, "only one reviewer voted")
    assert found.cohen_kappa == ()
    assert found.by_reviewer[0].agreement is None
    assert "second reviewer" in advise(found)[1]


def test_one_label_leaves_chance_corrected_figures_undefined():
    found = measured(make_votes([("1", "a", "x"), ("1", "b", "x")]))
    assert found.percent_agreement.value == 1
    assert "only one label" in found.krippendorff_alpha.why
    assert "only one label" in found.gwet_ac1.why
    assert "one and the same label" in found.cohen_kappa[0].kappa.why


def test_reviewers_without_items_in_common_have_no_pair():
    found = measured(make_votes([("1", "a", "x"), ("2", "b", "y"), ("2", "c", "y"), ("3", "b", "x"), ("3", "c", "x")]))
    assert [(pair.a, pair.b, pair.items) for pair in found.cohen_kappa] == [("b", "c", 2)]
    assert found.cohen_kappa[0].kappa.value == 1
    assert found.pairs == 1


def test_pairs_are_capped_and_it_is_said():
    votes, _ = simulate([symmetric(0.9, 2)] * 30, 60, 10, [0.5, 0.5])
    found = measured(votes)
    assert len(found.cohen_kappa) == MAX_PAIRS < found.pairs
    shared = [pair.items for pair in found.cohen_kappa]
    assert shared == sorted(shared, reverse=True)
    assert any(f"{MAX_PAIRS} of {found.pairs}" in sentence for sentence in advise(found))


def test_labels_that_are_mixed_up_are_named():
    rows = [(f"s{n}", reviewer, "sure") for n in range(40) for reviewer in "ab"]
    rows += [(f"m{n}", reviewer, label) for n in range(20) for reviewer, label in (("a", "near"), ("b", "close"))]
    found = measured(make_votes(rows))
    labels = {label.label: label for label in found.by_label}
    assert labels["sure"].agreement.value == 1
    assert labels["near"].agreement.value == 0
    assert (labels["near"].confused_with, labels["near"].confused_share) == ("close", 1)
    assert any("least on 'close'" in sentence and "'near'" in sentence for sentence in advise(found))


def test_the_reviewer_who_guesses_is_named_in_the_advice():
    votes, _ = simulate([symmetric(0.9, 3)] * 6 + [symmetric(0.05, 3)], 200, 4, [0.6, 0.2, 0.2])
    found = measured(votes)
    worst = min(found.by_reviewer, key=lambda one: one.accuracy.value)
    assert worst.reviewer == "r006"
    assert worst.accuracy.high < 0.5 < min(one.accuracy.low for one in found.by_reviewer if one is not worst)
    assert any(sentence.startswith("Look at the votes of r006:") for sentence in advise(found))


def test_between_two_reviewers_nobody_is_called_the_better():
    votes, _ = simulate([symmetric(0.95, 3), symmetric(0.6, 3)], 200, 2, [0.4, 0.3, 0.3])
    assert [one.accuracy.value for one in measured(votes).by_reviewer] == [None, None]
    assert all("two reviewers alone" in one.accuracy.why for one in measured(votes).by_reviewer)


def test_skewed_labels_are_explained():
    rows = [(f"i{n}", reviewer, "no") for n in range(95) for reviewer in "ab"]
    rows += [(f"j{n}", reviewer, label) for n in range(5) for reviewer, label in (("a", "yes"), ("b", "no"))]
    found = measured(make_votes(rows))
    assert found.percent_agreement.value == 0.95
    assert found.krippendorff_alpha.value < 0.1
    assert found.gwet_ac1.value > 0.9
    assert any("AC1" in sentence and "'no'" in sentence for sentence in advise(found))


@pytest.mark.parametrize(("share", "says"), [(0.7, "too low to rely on"), (0.93, "tentative"), (0.99, "are reliable")])
def test_advice_follows_krippendorffs_marks(share, says):
    votes, _ = simulate([symmetric(share, 3)] * 3, 400, 3, [0.4, 0.3, 0.3])
    assert says in advise(measured(votes))[0]


def test_advice_says_how_many_more_items_narrow_the_interval():
    votes, _ = simulate([symmetric(0.8, 2)] * 3, 60, 2, [0.5, 0.5])
    found = measured(votes)
    sentence = next(text for text in advise(found) if "would narrow it" in text)
    more = int(sentence.split("about ")[1].split(" more")[0].replace(",", ""))
    wider, _ = simulate([symmetric(0.8, 2)] * 3, 60 + more, 2, [0.5, 0.5])
    alpha = measured(wider).krippendorff_alpha
    assert (alpha.high - alpha.low) / 2 == pytest.approx(0.05, rel=0.25)


def test_ordinal_and_interval_alpha_come_with_labels_that_are_numbers():
    rows = [(str(n), reviewer, str(1 + (n + k) % 4)) for n in range(30) for k, reviewer in enumerate("ab")]
    found = measured(make_votes(rows))
    assert found.ordinal_alpha is not None
    assert found.interval_alpha is not None
    named = measured(make_votes([(item, reviewer, f"grade {label}") for item, reviewer, label in rows]))
    assert named.ordinal_alpha is None
    assert named.krippendorff_alpha == found.krippendorff_alpha
