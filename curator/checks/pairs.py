"""Candidates whose inputs are the same or nearly the same: what duplicates, conflicts and folds stand on.

Nodes are distinct pairs (equal input and output after folding), so that a text repeated a thousand times
costs as much as one. Only each input's nearest neighbours are compared: never all pairs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from curator.checks.answers import Spoken, agreement, carried
from curator.checks.boilerplate import apart, taken, without_boilerplate
from curator.checks.data import NEAR, Data, Distinct, fold
from curator.checks.nearness import (
    ALIKE,
    TELLING,
    Candidates,
    Evidence,
    Scale,
    calibration_of,
    near_inputs,
    scale_of,
    score_of,
)
from curator.checks.slots import Slots
from curator.checks.wording import Difference, difference, is_plain, overlap, words
from curator.embedding import Neighbours, nearest

LEXICAL = 0.8
"""Word overlap from which two texts are lexical duplicates; below it they are paraphrases."""
CUT = 0.5
"""Score (`nearness.score_of`) from which pairs are reported, where reviewers have not set another."""
BAND = 0.1
"""How far below the cut pairs are shown to reviewers who calibrate it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Two nodes whose inputs are near: `cosine` of the inputs, how their wording differs, whether the outputs agree, and
    whether the context (system text and tools) is the same: under another instruction another answer is right.

    `score`: how certain it is that the inputs say the same, .5 where reports begin; `answered`: it takes the
    outputs, alike and telling, to say so.
    """

    a: int
    b: int
    cosine: float
    wording: Difference
    agree: bool
    same_context: bool
    score: float = 1.0
    answered: bool = False

    @property
    def repeats(self) -> bool:
        return self.agree and self.same_context

    @property
    def kind(self) -> str:
        if self.cosine >= 1 or not (self.wording.removed or self.wording.added):
            return "same input"
        return "lexical" if self.wording.overlap >= LEXICAL else "paraphrase"


@dataclass(frozen=True, slots=True)
class Pairs:
    """`members[node]`: candidate indices; `input_of` (nodes,): distinct input; `edges`: near nodes; `below`: nodes that a
    somewhat lower cut would call near (filled for calibration); `threshold`: the cosine from which all inputs of this data
    are near; `slots`: the templates found."""

    members: list[list[int]]
    input_of: np.ndarray
    edges: list[Edge]
    threshold: float
    calibration: dict[str, Any]
    slots: Slots
    below: list[Edge] = field(default_factory=list)

    def same_said(self, first: str, second: str) -> bool:
        """True where two near texts differ in wording alone, not in a fact, a negation or a template's value."""
        wording = difference(first, second)
        return not wording.substance and not self.slots.tell_apart(wording)


def find_pairs(data: Data) -> Pairs:
    """Near pairs of candidates; those whose inputs differ in substance (numbers, names, negations) are left out."""
    c = data.candidates
    nodes, members = _nodes(data)
    input_of = c.distinct.of_example[nodes.first]
    at_input: dict[int, list[int]] = defaultdict(list)
    for node, number in enumerate(input_of):
        at_input[int(number)].append(node)
    texts = [c.inputs[i] for i in c.distinct.first]
    cuts = data.cuts.get("near_duplicate", CUT), data.cuts.get("conflict", CUT)
    least = min(cuts) - (BAND if data.borderline else 0.0)
    rest = without_boilerplate(texts)
    candidates, neighbours, scale = _candidates(data, texts, rest, least)
    near, slots = _same_said(data, texts, candidates, neighbours)
    scores = {kind: score_of(near.cosine, needed).tolist() for kind, needed in near.needed.items()}
    long = _reworded_at_length(near, rest or texts)
    outputs = Spoken(c.outputs)
    agree = agreement(data, nodes.first.tolist(), outputs)
    context = c.contexts.of_example
    edges: list[Edge] = []
    below: list[Edge] = []

    def evidence(x: int, y: int, agreeing: bool, answered: bool) -> Evidence:
        if not agreeing:
            return Evidence.DISPUTED
        if data.answers[x] == data.answers[y]:
            return Evidence.ANSWERED if answered else Evidence.INPUT
        telling = not data.short_labels and len(c.outputs[x].split()) >= TELLING
        alike = telling and float(data.output_vectors[x] @ data.output_vectors[y]) >= ALIKE
        return Evidence.ALIKE if alike else Evidence.INPUT

    def add(a: int, b: int, at: int | None) -> None:
        """`at`: the pair of inputs, None for the same input."""
        x, y = int(nodes.first[a]), int(nodes.first[b])
        if at is not None and carried(near.wording[at], outputs[x], outputs[y]):
            return
        same = bool(context[x] == context[y])
        agreeing = same and agree(x, y)
        if at is None:
            edge = Edge(a, b, 1.0, _SAME, agreeing, same)
        else:
            kind = evidence(x, y, agreeing, bool(near.answered[at]))
            if kind is not Evidence.ANSWERED and near.wording[at].substance:
                return
            if kind is Evidence.INPUT and (runs := long[at]) is not None:
                kind = Evidence.LONG
                if runs < _LEAST_SHARED:
                    return
            told = kind in (Evidence.ALIKE, Evidence.ANSWERED) and scores[Evidence.INPUT][at] < CUT
            score = round(scores[kind][at], 4)
            edge = Edge(a, b, float(near.cosine[at]), near.wording[at], agreeing, same, score, told)
        cut = cuts[0] if agreeing else cuts[1]
        if edge.score >= cut:
            edges.append(edge)
        elif edge.score >= cut - BAND:
            below.append(edge)

    for group in at_input.values():
        for position, a in enumerate(group):
            for b in group[position + 1 : position + 1 + NEAR]:
                add(a, b, None)
    for at, (x, y) in enumerate(zip(near.x.tolist(), near.y.tolist(), strict=True)):
        for a in at_input[x][:_FEW]:
            for b in at_input[y][:_FEW]:
                add(a, b, at)
    calibration = calibration_of(scale, cuts[0], texts) | {"neighbours": data.neighbours.as_json()}
    return Pairs(members, input_of, edges, scale.everywhere, calibration, slots, below)


_SAME = Difference((), (), 1.0, ())
_FEW = 5
"""Outputs of one input that are compared with those of a near one: thousands of answers to one prompt are no duplicates."""
_TO_COMPARE = 2
"""Words with a meaning of their own from which the rests of two texts can be compared."""
_REST = 0.8
"""Cosine from which the rests of two texts say the same: they are short, and scraps of a sentence lie further apart."""
_LONG, _HALF, _LEAST_SHARED = 80, 0.5, 0.1
"""Characters of a longer text; the word overlap below which two are near only if very much so; and the share of words in a
row that they must have in common even then."""
_ADDED = 0.5
"""Share of a text from which what it adds to another makes it a longer text and not the same one."""


@dataclass(frozen=True, slots=True)
class _Near(Candidates):
    """Pairs of distinct inputs that differ in wording alone, with their wording."""

    wording: list[Difference]


def _nodes(data: Data) -> tuple[Distinct, list[list[int]]]:
    """Distinct pairs of input (with its context) and output, and the candidates of each."""
    c = data.candidates
    outputs = [fold(text) for text in c.outputs] if data.short_labels else c.folded_outputs
    context = c.contexts.of_example
    nodes = Distinct.of(
        [f"{i}\x00{at}\x00{output}" for i, at, output in zip(c.distinct.of_example, context, outputs, strict=True)]
    )
    members: list[list[int]] = [[] for _ in nodes.first]
    for index, node in enumerate(nodes.of_example):
        members[node].append(index)
    return nodes, members


def _candidates(
    data: Data, texts: Sequence[str], rest: Sequence[str] | None, least: float
) -> tuple[Candidates, Neighbours, Scale]:
    """Pairs of distinct inputs to be looked at, and the neighbours and the scale they come from.

    Where texts share boilerplate they are compared by what remains, if the same was taken from both.
    """
    whole = scale_of(data.neighbours)
    found = near_inputs(data, data.neighbours, data.distinct_vectors, whole, least)
    if rest is None:
        return found, data.neighbours, whole
    of_text = [taken(text, kept) for text, kept in zip(texts, rest, strict=True)]

    def alike(pairs: Candidates) -> np.ndarray:
        return np.array([of_text[x] == of_text[y] for x, y in zip(pairs.x, pairs.y, strict=True)], dtype=bool)

    vectors = data.embedder.vectors(rest, data.progress)
    neighbours = nearest(vectors, vectors, NEAR, itself=True, exact=False, progress=data.progress)
    of_rest = near_inputs(data, neighbours, vectors, scale_of(neighbours), least)
    return found.only(~alike(found)).and_also(of_rest.only(alike(of_rest))), neighbours, whole


def _same_said(data: Data, texts: Sequence[str], found: Candidates, neighbours: Neighbours) -> tuple[_Near, Slots]:
    """The candidate pairs that differ in no fact and in no value of a template, and the templates."""
    spoken = Spoken(texts)
    pairs = list(zip(found.x.tolist(), found.y.tolist(), strict=True))
    wordings = [difference(spoken[x], spoken[y]) for x, y in pairs]
    slots = Slots(spoken, pairs, neighbours.index)
    kept = [
        at
        for at, wording in enumerate(wordings)
        if not (wording.replaced if found.answered[at] else wording.substance) and not slots.tell_apart(wording)
    ]
    near = found.only(np.asarray(kept, dtype=np.int64))
    rest = _rest_cosines(data, [(texts[pairs[at][0]], texts[pairs[at][1]]) for at in kept])
    cosine = np.where(near.answered | (rest >= _REST), near.cosine, np.minimum(near.cosine, rest))
    wording = [wordings[at] for at in kept]
    return _Near(near.x, near.y, cosine, near.answered, near.needed, wording), slots


def _reworded_at_length(near: _Near, texts: Sequence[str]) -> list[float | None]:
    """For pairs of longer texts with half of their words each for itself, the share of the word pairs in a row of one
    that the other has too; None for all others. Two lists drawn from the same words have no such pairs, rewordings have."""
    spoken = Spoken(texts)
    shares: list[float | None] = []
    for x, y in zip(near.x.tolist(), near.y.tolist(), strict=True):
        if min(len(texts[x]), len(texts[y])) < _LONG or overlap(spoken[x], spoken[y]) >= _HALF:
            shares.append(None)
            continue
        first, second = (set(pairwise(spoken[number].folded)) for number in (x, y))
        shares.append(len(first & second) / max(min(len(first), len(second)), 1))
    return shares


def _rest_cosines(data: Data, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
    """Cosine of what two texts say beside their common sentences; 1 where that is too little to compare or nothing, 0 where
    a fact differs in it, or where one text is the other and much more."""
    cosine = np.ones(len(pairs))
    at: list[int] = []
    rests: list[str] = []
    for number, (first, second) in enumerate(pairs):
        rest = apart(first, second)
        if rest is None:
            continue
        if all(rest) and difference(*rest).substance:
            cosine[number] = 0.0
            continue
        telling = [sum(not is_plain(w) for w in map(str.casefold, words(text))) for text in rest]
        if min(telling) >= _TO_COMPARE:
            at.append(number)
            rests.extend(rest)
        elif not min(telling) and max(len(rest[0]) / len(first), len(rest[1]) / len(second)) > _ADDED:
            cosine[number] = 0.0
    if at:
        vectors = data.embedder.vectors(rests, data.progress)
        cosine[at] = np.einsum("pd,pd->p", vectors[::2], vectors[1::2], dtype=np.float64)
    return np.round(cosine, 6)


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
    """Nodes by quality, best first: fewest flaws, then the most near ones (the middle of a group), then the fuller input,
    then by what they say (never by file order)."""
    c = data.candidates
    near = Counter(node for edge in pairs.edges for node in (edge.a, edge.b))

    def rank(node: int) -> tuple[int, int, int, str]:
        first = pairs.members[node][0]
        flaws = int(min(data.flaws[i] for i in pairs.members[node]))
        return (flaws, -near[node], -len(c.folded_inputs[first]), c.keys[first])

    return sorted(range(len(pairs.members)), key=rank)
