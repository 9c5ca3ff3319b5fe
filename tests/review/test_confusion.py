"""The matrix of who confuses what with what."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from vote_simulation import simulate, symmetric

from curator.errors import InputError
from curator.review.agreement.confusion import CONSENSUS, confusion
from curator.review.consensus.choosing import find_consensus
from curator.review.votes.arrays import make_votes

ROWS = [
    ("1", "Ann", "x"),
    ("1", "Bo", "y"),
    ("1", "Cy", "y"),
    ("2", "Ann", "x"),
    ("2", "Bo", "x"),
    ("3", "Cy", "z"),
    ("4", "Ann", "z"),
    ("4", "Bo", "y"),
]


def cells(found):
    """Counts that are not 0, by names of labels."""
    rows, columns = np.nonzero(found.counts)
    return {
        (found.labels[row], found.labels[column]): int(found.counts[row, column])
        for row, column in zip(rows, columns, strict=True)
    }


def test_two_reviewers_are_compared_on_the_items_they_share():
    found = confusion(make_votes(ROWS), "Ann", "Bo")
    assert cells(found) == {("x", "y"): 1, ("x", "x"): 1, ("z", "y"): 1}
    assert found.items(0, 1) == ["1"]
    assert found.items(2, 1) == ["4"]
    assert found.items(1, 1) == []


def test_all_pairs_together_are_symmetric_and_name_their_items():
    found = confusion(make_votes(ROWS))
    assert found.symmetric
    assert cells(found) == {
        ("x", "y"): 2,
        ("y", "x"): 2,
        ("y", "y"): 1,
        ("x", "x"): 1,
        ("y", "z"): 1,
        ("z", "y"): 1,
    }
    assert found.items(0, 1) == found.items(1, 0) == ["1"]
    assert found.items(1, 1) == ["1"]
    assert found.items(0, 0) == ["2"]
    assert [(cell.row, cell.column, cell.count) for cell in found.mixed_up()] == [(0, 1, 2), (1, 2, 1)]


def test_one_reviewer_against_the_others_counts_each_other_vote():
    found = confusion(make_votes(ROWS), "Ann")
    assert cells(found) == {("x", "y"): 2, ("x", "x"): 1, ("z", "y"): 1}


def test_reviewers_against_the_consensus_have_its_labels_in_rows():
    votes = make_votes(ROWS)
    consensus = find_consensus(votes, "majority")
    found = confusion(votes, consensus=consensus)
    assert found.rows == CONSENSUS
    assert found.counts.sum() == len(votes)
    assert found.counts.sum(axis=0).tolist() == votes.counts().sum(axis=0).tolist()
    ann = confusion(votes, "Ann", consensus=consensus)
    assert ann.counts.sum() == 3
    assert ann.items(1, 0) == ["1"]


def test_every_pair_is_in_one_cell_and_every_cell_has_its_items():
    votes, _ = simulate([symmetric(0.6, 4)] * 7, 60, 4, [0.4, 0.3, 0.2, 0.1])
    found = confusion(votes)
    expected = np.zeros((4, 4), dtype=int)
    behind: dict[tuple[int, int], set[str]] = {}
    for item in range(len(votes.items)):
        for one, other in combinations(votes.label[votes.item == item], 2):
            for cell in {(one, other), (other, one)}:
                expected[cell] += 1
                behind.setdefault(cell, set()).add(votes.items[item])
    assert (found.counts == expected).all()
    for row in range(4):
        for column in range(4):
            assert found.items(row, column) == sorted(behind.get((row, column), ()))


def test_a_reviewer_without_votes_is_refused_by_name():
    with pytest.raises(InputError, match="no votes of 'Dee'"):
        confusion(make_votes(ROWS), "Dee")
