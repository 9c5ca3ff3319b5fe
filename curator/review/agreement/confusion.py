"""Who confuses what with what: a labels × labels matrix, with the items behind each of its cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array

from curator.errors import InputError
from curator.review.consensus.choosing import Consensus
from curator.review.votes.arrays import Ints, Votes

CONSENSUS = "consensus"
OTHERS = "the others"


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` times the rows' side said `row` where the columns' side said `column` (codes of labels)."""

    row: int
    column: int
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """`counts` (labels × labels, int): how often the rows' side said one label where the columns' side said another.

    `rows` and `columns` name the sides: a reviewer, `CONSENSUS` or `OTHERS`. A `symmetric` matrix takes all pairs of votes
    of two reviewers on an item together: [i, j] and [j, i] both hold the number of pairs that say i and j, [i, i] that of
    pairs that agree on i. `labels` are all labels of the votes, in their order, those without a count too.
    """

    rows: str
    columns: str
    symmetric: bool
    labels: tuple[str, ...]
    counts: Ints
    _names: tuple[str, ...]
    _by_row: csc_array  # items × labels: votes of the rows' side
    _by_column: csc_array

    def items(self, row: int, column: int) -> list[str]:
        """The items behind a cell (codes of labels), in the order of their names: as `Votes.items` has them."""
        first = _votes_for(self._by_row, row)
        if self.symmetric and row == column:
            found = first[0][first[1] > 1]
        else:
            found = np.intersect1d(first[0], _votes_for(self._by_column, column)[0], assume_unique=True)
        return [self._names[item] for item in found]

    def mixed_up(self, most: int = 10) -> list[Cell]:
        """The cells off the diagonal with the highest counts, highest first; of a symmetric matrix, one of each two."""
        counts = np.triu(self.counts, 1) if self.symmetric else self.counts - np.diag(np.diag(self.counts))
        order = np.argsort(-counts, axis=None, kind="stable")[:most]
        cells = [(int(at) // len(self.labels), int(at) % len(self.labels)) for at in order]
        return [Cell(row, column, int(counts[row, column])) for row, column in cells if counts[row, column]]


def confusion(
    votes: Votes, a: str | None = None, b: str | None = None, consensus: Consensus | None = None
) -> Confusion:
    """The matrix of one of four comparisons.

    - `consensus` given: rows are its labels, columns what `a`, or without `a` every reviewer, said.
    - `a` and `b`: rows are what a said, columns what b said, on the items that both voted on.
    - `a` alone: rows are what a said, columns what each other reviewer of the item said.
    - none of them: all pairs of reviewers together (symmetric).

    Raises InputError where a or b did not vote.
    """
    everyone = _of(votes, None)
    if consensus is not None:
        rows = _matrix(votes, np.arange(len(votes.items), dtype=np.intp), consensus.label)
        columns = everyone if a is None else _of(votes, a)
        return _made(votes, CONSENSUS, OTHERS if a is None else a, rows, columns)
    if a is None:
        return _all_pairs(votes, everyone)
    of_a = _of(votes, a)
    if b is None:
        others = csc_array(everyone - of_a)
        others.eliminate_zeros()
        return _made(votes, a, OTHERS, of_a, others)
    return _made(votes, a, b, of_a, _of(votes, b))


def _made(votes: Votes, row_name: str, column_name: str, rows: csc_array, columns: csc_array) -> Confusion:
    counts = np.asarray((rows.T @ columns).toarray(), dtype=np.intp)
    return Confusion(row_name, column_name, False, votes.labels, counts, votes.items, rows, columns)


def _all_pairs(votes: Votes, everyone: csc_array) -> Confusion:
    counts = np.asarray((everyone.T @ everyone).toarray(), dtype=np.intp)
    cast = np.asarray(everyone.sum(axis=0), dtype=np.intp)
    # Each pair that agrees was counted twice, and each vote once with itself.
    np.fill_diagonal(counts, (counts.diagonal() - cast) // 2)
    return Confusion(OTHERS, OTHERS, True, votes.labels, counts, votes.items, everyone, everyone)


def _of(votes: Votes, reviewer: str | None) -> csc_array:
    if reviewer is None:
        return _matrix(votes, votes.item, votes.label)
    if reviewer not in votes.reviewers:
        raise InputError(f"There are no votes of {reviewer!r}; reviewers are {', '.join(votes.reviewers)}.")
    theirs = votes.reviewer == votes.reviewers.index(reviewer)
    return _matrix(votes, votes.item[theirs], votes.label[theirs])


def _matrix(votes: Votes, item: Ints, label: Ints) -> csc_array:
    shape = len(votes.items), len(votes.labels)
    return csc_array((np.ones(len(item), dtype=np.intp), (item, label)), shape=shape)


def _votes_for(matrix: csc_array, label: int) -> tuple[Ints, Ints]:
    """The items with votes for a label, in order, and how many each has."""
    part = slice(matrix.indptr[label], matrix.indptr[label + 1])
    items, counts = matrix.indices[part], matrix.data[part]
    order = np.argsort(items)
    return items[order], counts[order]
