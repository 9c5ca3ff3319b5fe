"""What label checks share: rows and their labels in, the chance that each label is wrong out, and where to cut."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from curator.checks.data import Data
from curator.checks.findings import shorten
from curator.checks.folds import FOLDS
from curator.checks.noise import Doubt, doubt
from curator.checks.probabilities import Models
from curator.embedding import Neighbours, nearest

RAREST = FOLDS
"""Different inputs a class needs to be judged: one for each fold."""
LEARNT = 0.2
"""How much of the way from always guessing the commonest label to always being right the models must go: judges that
cannot tell the labels from the inputs would call half of them wrong."""
LEAST = 0.5
"""Chance of being wrong from which a label is reported at all: those below are more likely right."""
BORDERLINE = 100
COPIED = 0.97
"""Cosine from which inputs in other words are taken for copies all the same."""
ENOUGH = 0.8
"""Share of the distinct inputs from which the neighbours among all of them serve for a part."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows judged together: candidates `at` (n,) whose label is `names[labels[i]]`; `learnt`: whether the models can tell the
    labels at all; without that their doubts rank but are not reported; `confident` (n,): which labels confident learning
    calls wrong too, by the same probabilities."""

    at: np.ndarray
    names: Sequence[str]
    labels: np.ndarray
    doubt: Doubt
    learnt: bool
    confident: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Whether the models' label (before the given one is known) is the given one (n,)."""
        agree: np.ndarray = self.doubt.probabilities.argmax(axis=1) == self.labels
        return agree

    def likeliest(self, row: int) -> list[int]:
        """The three most probable labels of a row but the given one, best first."""
        order = np.argsort(-self.doubt.probabilities[row], kind="stable")[:4]
        return [int(k) for k in order if k != self.labels[row]][:3]


@dataclass(frozen=True, slots=True)
class Cut:
    """Which scores to report: `reported` and `borderline` are indices into them, worst first; from `score` on."""

    score: float
    reported: list[int]
    borderline: list[int]
    calibration: dict[str, Any]


def known_names(names: Sequence[str], groups: np.ndarray) -> tuple[list[str], set[str]]:
    """Names with enough different inputs (`groups`) to be judged, and the others; "" is no name."""
    inputs: dict[str, set[int]] = defaultdict(set)
    for name, group in zip(names, groups.tolist(), strict=True):
        inputs[name].add(group)
    inputs.pop("", None)
    known = sorted(name for name, at in inputs.items() if len(at) >= RAREST)
    return known, set(inputs) - set(known)


def models_of(data: Data, at: np.ndarray, groups: np.ndarray) -> Models:
    """The models for the candidates `at`; `groups` (of all candidates) hold rows to be left out together."""
    number = data.candidates.distinct.of_example[at]
    distinct = np.unique(number)
    if len(distinct) >= ENOUGH * len(data.distinct_vectors):
        return Models(data.distinct_vectors[number], groups[at], data.neighbours, number, data.seed)
    own = data.distinct_vectors[distinct]
    near: Neighbours = nearest(own, own, data.neighbours.index.shape[1] or 1, itself=True)
    return Models(data.distinct_vectors[number], groups[at], near, np.searchsorted(distinct, number), data.seed)


def judge(models: Models, at: np.ndarray, names: Sequence[str], labels: np.ndarray) -> Judged:
    """Judge the labels (numbers of `names`, two or more) of candidates `at`."""
    doubts = doubt(models.class_scores(labels, len(names)), labels)
    learnt = is_learnt(doubts.probabilities.argmax(axis=1) == labels, labels)
    return Judged(at, names, labels, doubts, learnt, _confident_learning(labels, doubts.probabilities))


def _confident_learning(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Which labels cleanlab's confident learning calls wrong (n,): a second opinion by per-class thresholds instead of a
    mixture. On changed labels of BANKING77 those that it names alone are right one time in four, so they are not reported."""
    from cleanlab.filter import find_label_issues

    shares = probabilities.astype(np.float64)
    shares /= shares.sum(axis=1, keepdims=True)
    with warnings.catch_warnings():
        # It warns of classes with few rows; here every class has enough to be judged, and the others are said.
        warnings.simplefilter("ignore", UserWarning)
        wrong: np.ndarray = find_label_issues(labels, shares, filter_by="confident_learning", n_jobs=1)
    return wrong


def is_learnt(right: np.ndarray, labels: np.ndarray) -> bool:
    """Whether models that are `right` (n,) of `labels` know more than which label is commonest."""
    usual = np.bincount(labels).max() / len(labels)
    return bool(right.mean() - usual >= LEARNT * (1 - usual))


@contextmanager
def one_core_each(data: Data) -> Iterator[None]:
    """Products on one core each, the work being shared out in pieces: sums come out the same whatever the number of cores.
    What embeds and searches, with all cores, is done before."""
    _ = data.neighbours
    with threadpool_limits(1, "blas"):
        yield


def groups_of(data: Data) -> np.ndarray:
    """One number per set of candidates that must be left out together, (n,): the same input but for a few words, whose
    label was likely copied too. Those that say the same in other words were labelled on their own and bear witness."""
    parent = list(range(len(data.candidates.distinct.first)))

    def root(x: int) -> int:
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    for edge in data.pairs.edges:
        if edge.kind == "paraphrase" and edge.cosine < COPIED:
            continue
        a, b = root(int(data.pairs.input_of[edge.a])), root(int(data.pairs.input_of[edge.b]))
        parent[max(a, b)] = min(a, b)
    roots = np.array([root(x) for x in range(len(parent))], dtype=np.int64)
    groups: np.ndarray = roots[data.candidates.distinct.of_example]
    return groups


def cut(data: Data, check: str, wrong: np.ndarray) -> Cut:
    """Where to cut the chances `wrong` (n,) of labels to be wrong: as many are reported as are expected to be wrong, so
    that about as many are missed as are reported falsely; or from the score on that reviewers set."""
    scores = np.round(wrong, 6)
    order = np.argsort(-scores, kind="stable")
    expected = float(wrong.sum())
    least = data.cuts.get(check)
    if least is None:
        count = round(expected)
        least = max(LEAST, float(scores[order[count - 1]])) if count else 1.0
    above = int((scores >= least).sum())
    reported = order[:above].tolist()
    beyond = order[above : above + BORDERLINE].tolist() if data.borderline else []
    calibration: dict[str, Any] = {"cut": least, "estimated_wrong": round(expected, 1)}
    if reported:
        calibration["expected_precision"] = round(float(wrong[reported].mean()), 3)
    return Cut(least, reported, beyond, calibration)


def neighbours_of(data: Data, index: int, label_of: Callable[[int], str | None]) -> list[dict[str, Any]]:
    """The five nearest inputs of a candidate with their labels (those that have one): evidence."""
    c = data.candidates
    number = int(c.distinct.of_example[index])
    near = zip(data.neighbours.index[number], data.neighbours.cosine[number], strict=True)
    firsts = [(int(c.distinct.first[other]), float(cosine)) for other, cosine in near if other >= 0]
    return [
        {
            "example": data.id_of(first),
            "label": label_of(first),
            "cosine": round(cosine, 4),
            "text": shorten(c.inputs[first], 120),
        }
        for first, cosine in firsts
        if label_of(first) is not None
    ][:5]
