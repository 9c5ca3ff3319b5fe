"""How near two inputs are, as a score: .5 where pairs of this data begin to be duplicates, 1 for the same text.

A cosine means nothing by itself: in a set about one subject unrelated texts reach .85, in a varied one .4. So each text
has a `background`, its mean cosine to neighbours too far down its list to be duplicates, and a pair counts by how much
of the way from there to identity it goes (local scaling, as in CSLS, arXiv:1710.04087). Two inputs with the very same
telling answer need to go less far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import numpy as np

from curator.checks.data import Data, Distinct
from curator.embedding import Neighbours

LOWEST, HIGHEST, USUAL = 0.88, 0.985, 0.93
"""Bounds of the calibrated cosine from which all texts are near, and the value where there is too little data."""
FEWEST = 50
"""Distinct inputs needed to calibrate."""
NULL_RANK = 10
"""Real duplicate groups are small, so the 10th neighbour of a text is almost never its duplicate: the similarities from
that rank on are what unrelated texts of this data look like at their closest."""
ALIKE = 0.9
"""Cosine of two telling answers from which they are evidence that the questions say the same."""
TELLING = 4
"""Words from which an answer is telling: "yes" or a label says nothing of the question."""


class Evidence(Enum):
    """What speaks for two inputs being the same: themselves alone (`LONG`: and half of their many words differ), or themselves
    though their outputs differ, or telling outputs that are alike or equal as well."""

    INPUT = auto()
    LONG = auto()
    DISPUTED = auto()
    ALIKE = auto()
    ANSWERED = auto()


_BOUNDS = {
    # On BANKING77 1 in 50 pairs that go further has two labels, as many as among pairs that differ in white space and
    # marks; of those that go .25, 1 in 8. Below a cosine of .8 other words are mostly other things, however lonely.
    Evidence.INPUT: (0.6, 0.8),
    # Long texts of one kind share topics whatever they say, so the encoder sees two lists of other words as alike.
    Evidence.LONG: (0.75, 0.85),
    # That outputs disagree is a reason to doubt that the inputs say the same.
    Evidence.DISPUTED: (0.7, 0.8),
    Evidence.ALIKE: (0.45, 0.65),
    # Two texts that got the very same telling answer by chance are not neighbours too.
    Evidence.ANSWERED: (0.25, 0.5),
}
"""The share of the way from background to identity from which inputs are near, and the cosine it takes at least."""
_UNSCALED = {Evidence.ALIKE: 0.75, Evidence.ANSWERED: 0.6}
"""The cosine where there is no background."""
SHARED = 8
"""Different inputs that may share a telling answer: more show a stock answer."""
STOCK, RELATED, RELATED_UNSCALED = 0.2, 0.1, 0.45
"""Share of the pairs with the same telling answer whose inputs have nothing to do with each other (they do not go even
that far from background to identity) from which answers of this data are stock answers. Paraphrases in the bundled samples all
go further than .25; of the questions of one BANKING77 intent, given one answer, 1 in 4 goes less than .1."""
_BLOCK = 65_536
_BACKGROUND = slice(NULL_RANK - 1, NULL_RANK + 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """`everywhere`: the cosine from which all texts are near; `background` (m,): that of each distinct input, None where
    there is too little data; `source`: where the values come from, in words."""

    everywhere: float
    background: np.ndarray | None
    source: str

    def needed(self, x: np.ndarray, y: np.ndarray, evidence: Evidence = Evidence.INPUT) -> np.ndarray:
        """The cosine from which the inputs numbered `x` and `y`, both (p,), are near, by what their outputs say; (p,)."""
        if self.background is None:
            return np.full(len(x), _UNSCALED.get(evidence, self.everywhere))
        behind = (self.background[x] + self.background[y]) / 2
        way, floor = _BOUNDS[evidence]
        highest = HIGHEST if evidence is Evidence.LONG else self.everywhere
        local: np.ndarray = np.minimum(highest, np.maximum(floor, behind + way * (1 - behind)))
        return local

    def related(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The cosine from which two inputs have anything to do with each other beyond what all of this data have; (p,)."""
        if self.background is None:
            return np.full(len(x), RELATED_UNSCALED)
        behind: np.ndarray = (self.background[x] + self.background[y]) / 2
        related: np.ndarray = behind + RELATED * (1 - behind)
        return related


def score_of(cosine: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """0..1, .5 where the cosine is the one needed, 1 at identity."""
    above = 0.5 + 0.5 * (cosine - needed) / np.maximum(1 - needed, 1e-6)
    score: np.ndarray = np.where(cosine >= needed, above, 0.5 * np.maximum(cosine, 0) / needed)
    clipped: np.ndarray = np.clip(score, 0, 1)
    return clipped


def scale_of(neighbours: Neighbours) -> Scale:
    """The scale of these texts, from their neighbours' cosines."""
    cosine = neighbours.cosine
    m, k = cosine.shape
    if m < FEWEST or k < NULL_RANK:
        return Scale(USUAL, None, f"default: fewer than {FEWEST} distinct inputs")
    tail = float(np.quantile(cosine[:, NULL_RANK - 1], 0.99))
    everywhere = round(min(max(tail, LOWEST), HIGHEST), 4)
    source = (
        f"99% of the distinct inputs have a {NULL_RANK}th neighbour below {tail:.3f}; bounds {LOWEST} to {HIGHEST}; "
        f"less is needed where {_BOUNDS[Evidence.INPUT][0]:.0%} of the way from a pair's background to identity is less"
    )
    return Scale(everywhere, cosine[:, _BACKGROUND].mean(axis=1, dtype=np.float64), source)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of distinct inputs to be looked at: `x` < `y` (p,), `cosine` (p,), `answered` (p,): same telling answer;
    `needed`: by evidence, the cosine (p,) from which they are near."""

    x: np.ndarray
    y: np.ndarray
    cosine: np.ndarray
    answered: np.ndarray
    needed: dict[Evidence, np.ndarray]

    def only(self, kept: np.ndarray) -> Candidates:
        """The pairs at `kept`: positions, or true for each pair that stays."""
        needed = {kind: values[kept] for kind, values in self.needed.items()}
        return Candidates(self.x[kept], self.y[kept], self.cosine[kept], self.answered[kept], needed)

    def and_also(self, other: Candidates) -> Candidates:
        needed = {kind: np.concatenate([values, other.needed[kind]]) for kind, values in self.needed.items()}
        return Candidates(
            np.concatenate([self.x, other.x]),
            np.concatenate([self.y, other.y]),
            np.concatenate([self.cosine, other.cosine]),
            np.concatenate([self.answered, other.answered]),
            needed,
        )


def near_inputs(data: Data, neighbours: Neighbours, vectors: np.ndarray, scale: Scale, least: float) -> Candidates:
    """Pairs that score `least` or more by their inputs, those with outputs alike, and those with the same telling answer.

    `neighbours`, `vectors` (m, d): of the distinct inputs.
    """
    found, cosine = neighbours.index, neighbours.cosine
    m = max(len(found), 1)
    rows, columns = np.nonzero(found >= 0)
    key, first = np.unique(
        np.minimum(rows, found[rows, columns]) * m + np.maximum(rows, found[rows, columns]), return_index=True
    )
    x, y, values = key // m, key % m, cosine[rows[first], columns[first]].astype(np.float64)
    near = score_of(values, scale.needed(x, y)) >= least
    if not data.short_labels:
        alike = np.flatnonzero(~near & (score_of(values, scale.needed(x, y, Evidence.ALIKE)) >= least))
        own = data.candidates.distinct.first
        near[alike] = _cosines(data.output_vectors, own[x[alike]], own[y[alike]]) >= ALIKE
    ax, ay = _answered(data, vectors, scale)
    shared = ax * m + ay
    extra = ~np.isin(shared, key[near])
    between = _cosines(vectors, ax[extra], ay[extra])
    enough = score_of(between, scale.needed(ax[extra], ay[extra], Evidence.ANSWERED)) >= least
    x, y = np.concatenate([x[near], ax[extra][enough]]), np.concatenate([y[near], ay[extra][enough]])
    return Candidates(
        x,
        y,
        np.concatenate([values[near], between[enough]]),
        np.concatenate([np.isin(key[near], shared), np.ones(int(enough.sum()), dtype=bool)]),
        {kind: scale.needed(x, y, kind) for kind in Evidence},
    )


def _cosines(vectors: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cosines of the rows `x` and `y` (p,), in blocks."""
    blocks = [
        np.einsum("pd,pd->p", vectors[x[at : at + _BLOCK]], vectors[y[at : at + _BLOCK]], dtype=np.float64)
        for at in range(0, len(x), _BLOCK)
    ]
    return np.round(np.concatenate(blocks), 6) if blocks else np.zeros(0)


def _answered(data: Data, vectors: np.ndarray, scale: Scale) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of distinct inputs (x < y) with the same telling answer; none where answers are stock answers here."""
    none = np.zeros(0, dtype=np.int64)
    if data.short_labels:
        return none, none
    c = data.candidates
    answers = Distinct.of(data.answers)
    inputs_of: list[set[int]] = [set() for _ in answers.first]
    for number, answer in zip(c.distinct.of_example.tolist(), answers.of_example.tolist(), strict=True):
        inputs_of[answer].add(number)
    x: list[int] = []
    y: list[int] = []
    for answer, inputs in enumerate(inputs_of):
        if 1 < len(inputs) <= SHARED and len(data.answers[answers.first[answer]].split()) >= TELLING:
            ordered = sorted(inputs)
            x.extend(a for at, a in enumerate(ordered) for _ in ordered[at + 1 :])
            y.extend(b for at, _ in enumerate(ordered) for b in ordered[at + 1 :])
    ax, ay = np.asarray(x, dtype=np.int64), np.asarray(y, dtype=np.int64)
    if not len(ax):
        return none, none
    between = _cosines(vectors, ax, ay)
    if float(np.mean(between < scale.related(ax, ay))) > STOCK:
        return none, none
    order = np.unique(ax * len(vectors) + ay)
    return order // len(vectors), order % len(vectors)


def calibration_of(scale: Scale, cut: float, inputs: Sequence[int] | np.ndarray) -> dict[str, Any]:
    """What the checks on pairs tell of their threshold."""
    told: dict[str, Any] = {"threshold": scale.everywhere, "cut": cut, "source": scale.source}
    if scale.background is not None:
        told |= {
            "distinct_inputs": len(inputs),
            "background": [round(float(v), 4) for v in np.quantile(scale.background, (0.05, 0.5, 0.95))],
        }
    return told
