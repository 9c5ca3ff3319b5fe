"""Precision, recall and F1 per label or field, and over all, from counts that may be weighted many ways at once.

As scikit-learn has them (`precision_recall_fscore_support`, `balanced_accuracy_score`), where nothing divided by nothing is 0
in a table; in a resample a label that is neither there nor given says nothing, and is left out of means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from curator.comparison.fields import Pair
from curator.comparison.resampling import Floats

Ints = NDArray[np.intp]
Pairs = Counter[Pair]
NONE = -1
"""The label of an example without a prediction."""


@dataclass(frozen=True, slots=True)
class Side:
    """Of one system, kinds of examples × names: `hits`, how often a name was given rightly, and `given`, how often at all."""

    hits: csr_matrix
    given: csr_matrix


@dataclass(frozen=True, slots=True)
class Counts:
    """`names` of labels or fields; `gold`: how often each is right (kinds × names), and what either system gave."""

    names: tuple[str, ...]
    gold: csr_matrix
    baseline: Side
    tuned: Side


@dataclass(frozen=True, slots=True)
class Averages:
    """Of each row of weights: F1 by name (rows × names), its mean (`macro`), the mean by support (`weighted`), F1 over all
    together (`micro`) and mean recall (`balanced`)."""

    f1: Floats
    macro: Floats
    weighted: Floats
    micro: Floats
    balanced: Floats


def averages(weights: Floats, gold: csr_matrix, side: Side) -> Averages:
    """The averages of one system on weighted kinds of examples."""
    hits, given, there = (_weighed(weights, matrix) for matrix in (side.hits, side.given, gold))
    f1 = _ratio(2 * hits, given + there)
    recall = _ratio(hits, there)
    support = there.sum(axis=1)
    return Averages(
        f1,
        _mean(f1),
        _ratio((there * np.nan_to_num(f1)).sum(axis=1), support),
        _ratio(2 * hits.sum(axis=1), given.sum(axis=1) + support),
        _mean(recall),
    )


def of_labels(names: Sequence[str], gold: Ints, baseline: Ints, tuned: Ints) -> Counts:
    """Counts of labels, one per example; `names` are those of the right answers, and a given label beyond them is no hit of
    any, nor counted as given."""
    known = len(names)

    def side(given: Ints) -> Side:
        return Side(_one_hot(np.where(given == gold, given, NONE), known), _one_hot(given, known))

    return Counts(tuple(names), _one_hot(gold, known), side(baseline), side(tuned))


def of_fields(gold: Sequence[Pairs], baseline: Sequence[Pairs | None], tuned: Sequence[Pairs | None]) -> Counts:
    """Counts of values by field. A value is right where the right answer has it in that field, as often as it has it there."""
    names = sorted({path for one in gold for path, _ in one})
    place = {name: at for at, name in enumerate(names)}

    def side(answers: Sequence[Pairs | None]) -> Side:
        hits = [
            _by_field(one & right, place) if one is not None else {} for one, right in zip(answers, gold, strict=True)
        ]
        # What is in a field that no right answer has is wrong too, and counts in the last column.
        given = [_by_field(one, place) if one is not None else {} for one in answers]
        return Side(_sparse(hits, len(names) + 1), _sparse(given, len(names) + 1))

    there = _sparse([_by_field(one, place) for one in gold], len(names) + 1)
    return Counts((*names, OTHER), there, side(baseline), side(tuned))


OTHER = "(fields that no right answer has)"


@dataclass(frozen=True, slots=True)
class Row:
    """What a system did with one label: precision, recall and F1, 0 where undefined; how often it is right, and was given."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    given: int


def table(names: Sequence[str], gold: csr_matrix, side: Side) -> list[Row]:
    """A row per name over all examples."""
    hits, given, there = (np.asarray(m.sum(axis=0)).ravel() for m in (side.hits, side.given, gold))
    return [
        Row(name, _part(h, g), _part(h, s), _part(2 * h, g + s), int(s), int(g))
        for name, h, g, s in zip(names, hits, given, there, strict=True)
    ]


def predicted_only(gold: Ints, given: Ints) -> int:
    """How many different labels a system gave that are no example's right answer."""
    return len(set(np.unique(given)) - set(np.unique(gold)) - {NONE})


def _one_hot(labels: Ints, size: int) -> csr_matrix:
    there = np.flatnonzero((labels >= 0) & (labels < size))
    return csr_matrix((np.ones(len(there)), (there, labels[there])), shape=(len(labels), size))


def _by_field(found: Pairs, place: dict[str, int]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for (path, _), times in found.items():
        at = place.get(path, len(place))
        sums[at] = sums.get(at, 0) + times
    return sums


def _sparse(rows: Sequence[dict[int, int]], size: int) -> csr_matrix:
    data = [times for row in rows for times in row.values()]
    columns = [at for row in rows for at in row]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return csr_matrix((np.array(data, dtype=np.float64), columns, starts), shape=(len(rows), size))


def _weighed(weights: Floats, matrix: csr_matrix) -> Floats:
    return np.asarray((matrix.T @ weights.T).T)


def _ratio(above: Floats, below: Floats) -> Floats:
    empty = below == 0
    return np.asarray(np.where(empty, np.nan, above / np.where(empty, 1.0, below)))


def _mean(figures: Floats) -> Floats:
    defined = ~np.isnan(figures)
    return _ratio(np.where(defined, figures, 0.0).sum(axis=1), defined.sum(axis=1).astype(np.float64))


def _part(above: float, below: float) -> float:
    return float(above / below) if below else 0.0
