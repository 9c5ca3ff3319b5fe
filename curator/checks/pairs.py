"""Candidates whose inputs are the same or nearly the same: what duplicates, conflicts and folds stand on.

Nodes are distinct pairs (equal input and output after folding), so that a text repeated a thousand times
costs as much as one. Only each input's nearest neighbours are compared: never all pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.checks.data import NEAR, Data, Distinct, canonical_json, fold
from curator.checks.slots import Slots
from curator.checks.wording import Difference, difference, is_plain, words

LOWEST, HIGHEST, USUAL = 0.88, 0.985, 0.93
"""Bounds of the calibrated cosine, and the value where there is too little data to calibrate."""

FEWEST = 50
"""Distinct inputs needed to calibrate."""

NULL_RANK = 10
"""Real duplicate groups are small, so the 10th neighbour of a text is almost never its duplicate: the similarities at
that rank are what unrelated texts of this data look like at their closest."""

LEXICAL = 0.8
"""Word overlap from which two texts are lexical duplicates; below it they are paraphrases."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Two nodes whose inputs are near: `cosine` of the inputs, how their wording differs, whether the outputs agree, and
    whether the context (system text and tools) is the same: under another instruction another answer is right."""

    a: int
    b: int
    cosine: float
    wording: Difference
    agree: bool
    same_context: bool

    @property
    def repeats(self) -> bool:
        return self.agree and self.same_context

    @property
    def contradicts(self) -> bool:
        return self.same_context and not self.agree

    @property
    def kind(self) -> str:
        if self.cosine >= 1 or not (self.wording.removed or self.wording.added):
            return "same input"
        return "lexical" if self.wording.overlap >= LEXICAL else "paraphrase"


@dataclass(frozen=True, slots=True)
class Pairs:
    """`members[node]`: candidate indices; `input_of` (nodes,): distinct input; `edges`: near nodes; `threshold`: cosine;
    `slots`: the templates found."""

    members: list[list[int]]
    input_of: np.ndarray
    edges: list[Edge]
    threshold: float
    calibration: dict[str, Any]
    slots: Slots

    def same_said(self, first: str, second: str) -> bool:
        """True where two near texts differ in wording alone, not in a fact, a negation or a template's value."""
        wording = difference(first, second)
        return not wording.substance and not self.slots.tell_apart(wording)


def threshold_for(data: Data) -> tuple[float, dict[str, Any]]:
    """The input cosine from which texts of this data are near, and how it was found."""
    cosine = data.neighbours.cosine
    m, k = cosine.shape
    if m < FEWEST or k < NULL_RANK:
        return USUAL, {"threshold": USUAL, "source": f"default: fewer than {FEWEST} distinct inputs"}
    tail = float(np.quantile(cosine[:, NULL_RANK - 1], 0.99))
    value = round(min(max(tail, LOWEST), HIGHEST), 4)
    return value, {
        "threshold": value,
        "source": f"99% of the distinct inputs have a {NULL_RANK}th neighbour below {tail:.3f}; bounds {LOWEST} to {HIGHEST}",
        "distinct_inputs": m,
    }


def find_pairs(data: Data) -> Pairs:
    """Near pairs of candidates; those whose inputs differ in substance (numbers, names, negations) are left out."""
    c = data.candidates
    outputs = [fold(text) for text in c.outputs] if data.short_labels else c.folded_outputs
    context = c.contexts.of_example
    nodes = Distinct.of(
        [f"{i}\x00{at}\x00{output}" for i, at, output in zip(c.distinct.of_example, context, outputs, strict=True)]
    )
    members: list[list[int]] = [[] for _ in nodes.first]
    for index, node in enumerate(nodes.of_example):
        members[node].append(index)
    input_of = c.distinct.of_example[nodes.first]
    at_input: dict[int, list[int]] = defaultdict(list)
    for node, number in enumerate(input_of):
        at_input[int(number)].append(node)
    threshold, calibration = threshold_for(data)
    agree = _agreement(data, nodes)

    def edge(a: int, b: int, cosine: float, wording: Difference) -> Edge:
        same = bool(context[nodes.first[a]] == context[nodes.first[b]])
        return Edge(a, b, cosine, wording, same and agree(a, b), same)

    edges = [
        edge(a, b, 1.0, _SAME)
        for group in at_input.values()
        for at, a in enumerate(group)
        for b in group[at + 1 : at + 1 + NEAR]
    ]
    texts = [c.inputs[i] for i in c.distinct.first]
    near = [(x, y, cosine, difference(texts[x], texts[y])) for x, y, cosine in _near_inputs(data, threshold)]
    slots = Slots(texts, ((x, y) for x, y, _, _ in near), data.neighbours.index)
    for x, y, cosine, wording in near:
        if wording.substance or slots.tell_apart(wording):
            continue
        edges.extend(
            edge(a, b, cosine, wording)
            for a in at_input[x][:_FEW]
            for b in at_input[y][:_FEW]
            if not _carried(wording, c.outputs[nodes.first[a]], c.outputs[nodes.first[b]])
        )
    return Pairs(members, input_of, edges, threshold, calibration, slots)


def _carried(wording: Difference, first: str, second: str) -> bool:
    """True where a word that tells the inputs apart tells their outputs apart too: "a red cup" is red, "a blue cup" blue.

    The outputs then follow the inputs: neither repeats nor contradicts the other.
    """
    if first == second:
        return False
    a, b = ({w.casefold() for w in words(text)} for text in (first, second))
    return any(not is_plain(w) and w in a - b for w in wording.removed) and any(
        not is_plain(w) and w in b - a for w in wording.added
    )


_SAME = Difference((), (), 1.0, ())
_FEW = 5
"""Outputs of one input that are compared with those of a near one: thousands of answers to one prompt are no duplicates."""
_UNLIKE = 0.6
"""Cosine of two outputs below which their words need not be looked at."""


def _near_inputs(data: Data, threshold: float) -> Iterable[tuple[int, int, float]]:
    found, cosine = data.neighbours.index, data.neighbours.cosine
    rows, columns = np.nonzero((cosine >= threshold) & (found >= 0))
    seen: set[tuple[int, int]] = set()
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        other = int(found[row, column])
        pair = (min(row, other), max(row, other))
        if pair not in seen:
            seen.add(pair)
            yield (*pair, float(cosine[row, column]))


def _agreement(data: Data, nodes: Distinct) -> Callable[[int, int], bool]:
    """Whether the outputs of two nodes say the same: equal labels, equal JSON, or texts alike in words or meaning."""
    c = data.candidates
    strict = [data.short_labels or canonical_json(c.outputs[i]) is not None for i in nodes.first]

    def agree(a: int, b: int) -> bool:
        x, y = nodes.first[a], nodes.first[b]
        if data.answers[x] == data.answers[y]:
            return True
        if strict[a] and strict[b]:
            return False
        cosine = float(data.output_vectors[x] @ data.output_vectors[y])
        if cosine < _UNLIKE:
            return False
        wording = difference(c.outputs[x], c.outputs[y])
        return not wording.substance and (wording.overlap >= 0.6 or cosine >= 0.85)

    return agree


def stars(count: int, edges: Iterable[Edge], order: Iterable[int]) -> list[tuple[int, list[Edge]]]:
    """Groups without chaining: each node in `order` not yet in a group leads one of its free neighbours.

    Every member is near to its representative; A~B and B~C alone never put C with A.
    """
    near: list[list[Edge]] = [[] for _ in range(count)]
    for edge in edges:
        near[edge.a].append(edge)
        near[edge.b].append(edge)
    free = np.ones(count, dtype=bool)
    groups = []
    for node in order:
        if not free[node]:
            continue
        free[node] = False
        own = [edge for edge in near[node] if free[edge.a] or free[edge.b]]
        if own:
            for edge in own:
                free[edge.a] = free[edge.b] = False
            groups.append((node, own))
    return groups


def best_first(data: Data, pairs: Pairs) -> list[int]:
    """Nodes by quality, best first: fewest flaws, then the fuller input, then by what they say (never by file order)."""
    c = data.candidates

    def rank(node: int) -> tuple[int, int, str]:
        first = pairs.members[node][0]
        return (int(min(data.flaws[i] for i in pairs.members[node])), -len(c.folded_inputs[first]), c.keys[first])

    return sorted(range(len(pairs.members)), key=rank)
