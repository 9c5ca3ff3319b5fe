"""The consensus on vote sets whose truth is known."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vote_simulation import accuracy, simulate, symmetric

from curator.errors import InputError
from curator.review.agreement.reviewer_quality import accuracies
from curator.review.consensus.choosing import METHODS, find_consensus
from curator.review.consensus.models import Ballots, one_coin
from curator.review.votes.arrays import Votes, make_votes

ALONE = [method for method in METHODS if method != "crowdlab"]
"""Those that need nothing but votes."""


def by_item(votes, consensus):
    return {item: votes.labels[label] for item, label in zip(votes.items, consensus.label, strict=True)}


def good_and_spammers(labels, seed):
    generator = np.random.default_rng(seed)
    good = [symmetric(share, labels) for share in generator.uniform(0.7, 0.95, 20)]
    return good + [np.full((labels, labels), 1 / labels)] * 10


def biased(seed):
    """Reviewers of two labels who are either strict or lenient."""
    generator = np.random.default_rng(seed)
    matrices = []
    for _ in range(20):
        high, low = generator.uniform(0.85, 0.98), generator.uniform(0.4, 0.7)
        zero, one = (high, low) if generator.random() < 0.5 else (low, high)
        matrices.append(np.array([[zero, 1 - zero], [1 - one, one]]))
    return matrices


def confused(labels, seed):
    """Reviewers who each mix up labels in their own way."""
    generator = np.random.default_rng(seed)
    return [np.stack([generator.dirichlet(4 * row + 0.7) for row in np.eye(labels)]) for _ in range(8)]


SETS = {
    "spammers": (good_and_spammers(4, 1), 400, 4, [0.25] * 4),
    "biased": (biased(2), 800, 5, [0.5, 0.5]),
    "confused": (confused(5, 3), 600, 4, [0.2] * 5),
    "alike": ([symmetric(0.75, 3)] * 15, 300, 3, [1 / 3] * 3),
    "few": ([symmetric(share, 3) for share in np.linspace(0.5, 0.95, 40)], 120, 3, [1 / 3] * 3),
    "skewed": ([symmetric(share, 2) for share in np.linspace(0.65, 0.95, 20)], 500, 5, [0.85, 0.15]),
}


@pytest.mark.parametrize("name", SETS)
def test_auto_is_never_far_below_the_majority_nor_the_best_method(name):
    votes, truth = simulate(*SETS[name], seed=5)
    found = {method: accuracy(votes, find_consensus(votes, method).label, truth) for method in ALONE}
    assert found["auto"] >= found["majority"] - 0.015, found
    assert found["auto"] >= max(found.values()) - 0.03, found


def test_spammers_are_outvoted_and_known():
    votes, truth = simulate(*SETS["spammers"], seed=5)
    consensus = find_consensus(votes)
    assert (
        accuracy(votes, consensus.label, truth) > accuracy(votes, find_consensus(votes, "majority").label, truth) + 0.04
    )
    quality = [estimate.value for estimate in accuracies(Ballots.of(votes), consensus.foretold)]
    assert max(quality[20:]) < min(quality[:20])


def test_dawid_skene_undoes_the_biases_of_reviewers():
    votes, truth = simulate(*SETS["confused"], seed=5)
    full = accuracy(votes, find_consensus(votes, "dawid-skene").label, truth)
    assert full > accuracy(votes, find_consensus(votes, "majority").label, truth) + 0.03
    assert find_consensus(votes, "auto").method == "dawid-skene"


@pytest.mark.parametrize("name", ["spammers", "few", "skewed"])
def test_confidence_is_about_the_share_that_is_right(name):
    votes, truth = simulate(*SETS[name], seed=5)
    consensus = find_consensus(votes)
    assert consensus.confidence.mean() == pytest.approx(accuracy(votes, consensus.label, truth), abs=0.05)


def test_confidence_holds_where_hard_items_mislead_everyone():
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 2, 500)
    rows = []
    for item, label in enumerate(truth):
        right = 0.45 if generator.random() < 0.3 else 0.85
        for reviewer in generator.choice(25, 9, replace=False):
            said = label if generator.random() < right else 1 - label
            rows.append((f"i{item:05}", f"r{reviewer}", str(said)))
    votes = make_votes(rows)
    consensus = find_consensus(votes)
    right = accuracy(votes, consensus.label, truth)
    assert consensus.confidence.mean() == pytest.approx(right, abs=0.06)


def shared_mistakes(seed):
    """Votes on a rare label; on a third of the items something in them draws all reviewers the same way."""
    generator = np.random.default_rng(seed)
    truth = (generator.random(600) < 0.2).astype(int)
    skill = generator.uniform(0.7, 0.95, 40)
    rows = []
    for item, label in enumerate(truth):
        drawn = generator.random() if generator.random() < 0.35 else None
        for reviewer in generator.choice(40, 10, replace=False):
            if drawn is None:
                said = label if generator.random() < skill[reviewer] else 1 - label
            else:
                said = int(generator.random() < drawn)
            rows.append((f"i{item:05}", f"r{reviewer}", str(said)))
    return make_votes(rows), truth


def paired(*pairs: tuple[str, str], items: int = 40) -> Votes:
    """Each pair votes on items of its own and differs on a quarter of them."""
    rows = []
    for number, (a, b) in enumerate(pairs):
        for at in range(items):
            label = f"label {at % 5}"
            rows += [(f"{number}-{at}", a, label), (f"{number}-{at}", b, f"label {(at + (at % 4 == 0)) % 5}")]
    return make_votes(rows)


@pytest.mark.parametrize(
    ("pairs", "told"),
    [
        ([("Ann", "Bo")], set()),
        ([("Ann", "Bo"), ("Cy", "Di")], set()),
        ([("Ann", "Bo"), ("Bo", "Cy"), ("Cy", "Di"), ("Di", "Ann")], set()),
        ([("Ann", "Bo"), ("Bo", "Cy"), ("Cy", "Ann"), ("Di", "El")], {"Ann", "Bo", "Cy"}),
    ],
)
def test_only_three_who_share_items_tell_who_is_right_more_often(pairs: list[tuple[str, str]], told: set[str]) -> None:
    votes = paired(*pairs)
    known = Ballots.of(votes).told_apart()
    assert {name for name, one in zip(votes.reviewers, known, strict=True) if one} == told


def test_between_two_reviewers_a_tie_is_a_tie() -> None:
    votes = paired(("Ann", "Bo"))
    agreed = find_consensus(votes)
    assert agreed.method == "majority"
    assert "no three have items in common" in agreed.why
    tied = agreed.agreement < 1
    assert tied.sum() == 10
    assert (agreed.confidence[tied] <= 0.5).all()
    asked = find_consensus(votes, "one-coin")
    assert any("is chance" in note for note in asked.notes)


def test_votes_that_share_mistakes_do_not_outweigh_how_rare_a_label_is():
    gains = []
    for seed in range(4):
        votes, truth = shared_mistakes(seed)
        as_if_independent = one_coin(Ballots.of(votes)).posterior.argmax(axis=1)
        found = find_consensus(votes, "one-coin")
        gains.append(accuracy(votes, found.label, truth) - accuracy(votes, as_if_independent, truth))
        majority = accuracy(votes, find_consensus(votes, "majority").label, truth)
        assert accuracy(votes, find_consensus(votes).label, truth) >= majority - 0.003
    assert np.mean(gains) > 0.002
    assert min(gains) >= 0


def test_majority_takes_most_votes_and_says_how_ties_are_broken():
    rows = [("1", "a", "x"), ("1", "b", "x"), ("1", "c", "y")]  # a majority
    rows += [("2", "a", "z"), ("2", "b", "y")]  # a tie, y being commoner
    rows += [("3", "a", "y"), ("3", "b", "y"), ("3", "c", "y"), ("4", "a", "w"), ("4", "b", "z")]
    votes = make_votes(rows)
    consensus = find_consensus(votes, "majority")
    assert by_item(votes, consensus) == {"1": "x", "2": "y", "3": "y", "4": "z"}
    assert consensus.agreement.tolist() == pytest.approx([2 / 3, 0.5, 1, 0.5])
    assert consensus.votes.tolist() == [3, 2, 3, 2]
    assert consensus.confidence[1] < consensus.confidence[0] < consensus.confidence[2]
    assert "2 items are tied" in consensus.notes[0]


names = st.sampled_from("abcde")
tables = st.lists(st.tuples(names, names, st.sampled_from(["no", "so", "yes"])), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(tables, st.sampled_from(ALONE), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_and_figures_are_shares(rows, method, random):
    rows = list({(item, reviewer): (item, reviewer, label) for item, reviewer, label in rows}.values())
    shuffled = random.sample(rows, len(rows))
    votes, again = make_votes(rows), make_votes(shuffled)
    first, second = find_consensus(votes, method), find_consensus(again, method)
    assert by_item(votes, first) == by_item(again, second)
    assert first.confidence.tolist() == second.confidence.tolist()
    assert ((first.confidence > 0) & (first.confidence <= 1)).all()
    assert ((first.agreement >= 0) & (first.agreement <= 1)).all()


def test_one_label_one_reviewer_or_lone_votes_still_have_a_consensus():
    for rows in ([("1", "a", "x")], [("1", "a", "x"), ("2", "b", "y")], [("1", "a", "x"), ("1", "b", "x")]):
        votes = make_votes(rows)
        consensus = find_consensus(votes)
        assert consensus.method == "majority"
        assert by_item(votes, consensus) == {item: label for item, _, label in rows}


def test_an_unknown_method_names_those_there_are():
    with pytest.raises(InputError, match="choose one of auto, majority, one-coin, mace, dawid-skene, crowdlab"):
        find_consensus(make_votes([("1", "a", "x")]), "glad")


def test_dawid_skene_says_when_there_are_too_many_labels():
    votes = make_votes([(str(n % 1000), f"r{n}", f"label {n % 500}") for n in range(2000)])
    with pytest.raises(InputError, match="too much memory"):
        find_consensus(votes, "dawid-skene")


def test_auto_is_quick_on_many_votes():
    matrices = [symmetric(share, 2) for share in np.linspace(0.5, 0.95, 200)]
    votes, _ = simulate(matrices, 3000, 9, [0.5, 0.5])
    began = time.process_time()
    find_consensus(votes)
    assert time.process_time() - began < 10  # about 1.5 s; a slow machine is not a failure
