"""Consensus with a classifier's help, where texts tell the labels."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.multiannotator import get_label_quality_multiannotator
from vote_simulation import accuracy, simulate, symmetric

from curator.errors import InputError
from curator.review.consensus.choosing import find_consensus
from curator.review.consensus.crowdlab import crowdlab, foresee
from curator.review.consensus.models import Ballots
from curator.review.votes.arrays import make_votes

LABELS = 6


def weak_votes(seed=0, items=400):
    return simulate(
        [symmetric(share, LABELS) for share in (0.55, 0.6, 0.65, 0.5)], items, 2, [1 / LABELS] * LABELS, seed
    )


def telling(truth, noise=0.35, seed=1):
    """Vectors that lie around a centre per label."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(LABELS, 24))
    vectors = centres[truth] + generator.normal(scale=noise * 3, size=(len(truth), 24))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_a_classifier_helps_weak_reviewers_and_auto_takes_it():
    votes, truth = weak_votes()
    vectors = telling(truth)
    alone, helped = find_consensus(votes), find_consensus(votes, vectors=vectors)
    assert helped.method == "crowdlab"
    assert "names more held-out votes rightly" in helped.why
    assert accuracy(votes, helped.label, truth) > accuracy(votes, alone.label, truth) + 0.1
    assert accuracy(votes, find_consensus(votes, "crowdlab", vectors=vectors).label, truth) == accuracy(
        votes, helped.label, truth
    )


def test_vectors_that_tell_nothing_are_not_used():
    votes, truth = weak_votes()
    shuffled = telling(np.random.default_rng(5).permutation(truth))
    found, alone = find_consensus(votes, vectors=shuffled), find_consensus(votes)
    assert found.method == alone.method != "crowdlab"
    assert "CROWDLAB, with the texts, names no more" in found.why
    assert found.label.tolist() == alone.label.tolist()


def test_the_classifier_never_sees_an_item_nor_its_twin():
    generator = np.random.default_rng(2)
    half = generator.normal(size=(100, 40)).astype(np.float32)
    vectors = np.concatenate([half, half])
    label = np.tile(generator.integers(0, 2, 100), 2)  # by chance: only a twin could tell it
    votes = make_votes([(f"{n:03}", "a", str(value)) for n, value in enumerate(label)])
    found = foresee(vectors, Ballots.of(votes))
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert abs((found.argmax(axis=1) == label).mean() - 0.5) < 0.2


def test_the_posterior_is_cleanlabs():
    votes, truth = weak_votes(3, 150)
    ballots = Ballots.of(votes)
    foreseen = foresee(telling(truth), ballots)
    table = np.full((ballots.items, ballots.reviewers), np.nan)
    table[ballots.item, ballots.reviewer] = ballots.label
    theirs = get_label_quality_multiannotator(table, foreseen, verbose=False)["label_quality"]
    ours = crowdlab(ballots, foreseen).posterior
    at = theirs["consensus_label"].to_numpy()
    expected = theirs["consensus_quality_score"].to_numpy()
    np.testing.assert_allclose(ours[np.arange(len(at)), at], expected, atol=1e-6)


def test_equal_input_gives_an_equal_consensus():
    votes, truth = weak_votes(4)
    first, second = (find_consensus(votes, "crowdlab", vectors=telling(truth)) for _ in range(2))
    assert first.confidence.tolist() == second.confidence.tolist()


def test_without_texts_or_with_few_items_it_says_what_it_needs():
    votes, truth = weak_votes(items=40)
    with pytest.raises(InputError, match="CROWDLAB needs a project"):
        find_consensus(votes, "crowdlab")
    with pytest.raises(InputError, match="needs 100 items with votes"):
        find_consensus(votes, "crowdlab", vectors=telling(truth))
    assert find_consensus(votes, vectors=telling(truth)).method != "crowdlab"
    alone = make_votes([(f"{n:03}", "Ann", "xyz"[n % 3]) for n in range(150)])
    with pytest.raises(InputError, match="needs 20 items with two votes"):
        find_consensus(alone, "crowdlab", vectors=telling(np.arange(150) % 3))
