"""What production asks for that the candidates do not hold, and what they hold that production never asks for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curator.checks import Data
from curator.embedding import Neighbours, nearest
from curator.progress import Progress
from curator.readiness.shift import Shift, shift
from curator.readiness.texts import Text, text
from curator.sensitive import mask

FEWEST = 20
"""Different eval inputs below which nothing is said of them."""
MOST = 20
"""Clusters that are told."""
SHOWN = 3
"""Inputs of a cluster that are shown, and lines of them on a terminal."""
SHORT = 160
NEIGHBOUR, FIFTH = 10, 5
"""The radius of a cluster is the median distance to the tenth nearest; of few inputs to a fifth of them."""
SAME = 0.95
"""Cosine from which two inputs are one in other words: a hundred wordings of one question are no cluster of questions."""
FAR = 0.05
"""A production input is far where it is further from every candidate than all but this share of candidates are from theirs."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Inputs that are alike: how many, and some of them, the most typical first; `examples`: their ids, of candidates."""

    count: int
    inputs: tuple[str, ...]
    examples: tuple[int, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A sample of production against the candidates; both counted by different inputs.

    `auc`: how well the two can be told apart, .5 for not at all, within `usual` where they are drawn alike; `p` of that.
    `missing`: production inputs with no candidates around them, the most typical of each cluster first. They are what can be told
    for sure: with ten of 77 topics left out of the candidates nine in ten that were named were of these; of these four in ten
    were named by a sample of 800, and seven in ten by a larger one. `missing_low`: the lower end of the 95% interval of their share. `far`: the share of production further away than candidates usually are from
    each other, of which `FAR` is chance. `unused`: candidates with no production around them. `can_miss`, `can_waste`: whether
    the sample is large enough to say either.
    """

    production: int
    candidates: int
    auc: float
    usual: tuple[float, float]
    p: float
    differs: bool
    missing: tuple[str, ...]
    missing_low: float
    clusters: tuple[Cluster, ...]
    far: float
    unused: int
    unused_clusters: tuple[Cluster, ...]
    can_miss: bool = True
    can_waste: bool = True
    eval_missing: int | None = None
    """Production inputs with no eval examples around them: a score says nothing of these. None where that cannot be told."""
    order: tuple[int, ...] = field(default=(), repr=False)
    """Cluster of each missing input, by its number, from 0."""

    @property
    def share(self) -> float:
        """Of production that is missing."""
        return len(self.missing) / max(1, self.production)

    @property
    def unused_share(self) -> float:
        return self.unused / max(1, self.candidates)

    def rows(self) -> list[dict[str, Any]]:
        """The missing inputs as they are, for answering: each with the number of its cluster."""
        return [{"input": asked, "cluster": at} for asked, at in zip(self.missing, self.order, strict=True)]

    def lines(self, language: str = "en") -> list[str]:
        """What is missing and what is never asked for, for a terminal."""
        said = []
        if self.clusters:
            said.append(text("coverage.missing", n=len(self.missing)).say(language))
            said += [self._line(one, language) for one in self.clusters[: 2 * SHOWN]]
        if self.unused_clusters:
            said.append(text("coverage.unused", n=self.unused).say(language))
            said += [self._line(one, language) for one in self.unused_clusters[:SHOWN]]
        return said

    def _line(self, one: Cluster, language: str) -> str:
        key = "coverage.cluster.label" if one.label else "coverage.cluster"
        return "  - " + text(key, n=one.count, label=one.label, like=_short(one.inputs[0], 100)).say(language)

    def as_json(self) -> dict[str, Any]:
        return {
            "production": self.production,
            "candidates": self.candidates,
            "auc": round(self.auc, 4),
            "auc_if_alike": [round(x, 4) for x in self.usual],
            "p": round(self.p, 4),
            "differs": self.differs,
            "missing": len(self.missing),
            "missing_share": round(self.share, 4),
            "missing_share_low": round(self.missing_low, 4),
            "far_share": round(self.far, 4),
            "clusters": [_cluster(one) for one in self.clusters],
            "unused": self.unused,
            "unused_share": round(self.unused_share, 4),
            "unused_clusters": [_cluster(one) for one in self.unused_clusters],
            "eval_missing": self.eval_missing,
            "enough_to_tell": {"missing": self.can_miss, "unused": self.can_waste},
        }


def _cluster(one: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = {"count": one.count, "inputs": list(one.inputs)}
    return (
        found | ({"label": one.label} if one.label else {}) | ({"examples": list(one.examples)} if one.examples else {})
    )


def coverage(data: Data, production: Sequence[str], progress: Progress) -> Coverage:
    """Compare the candidates of a check with production inputs (different ones, `production.read`). Only these are embedded."""
    vectors = data.embedder.vectors(production, progress)
    own = data.distinct_vectors
    found, unused, at = _gaps(own, data.neighbours, vectors, data.seed, progress)
    groups = _stars(vectors[at])
    order = [int(at[row]) for group in groups for row in group]
    return Coverage(
        len(production),
        len(own),
        found.auc,
        found.usual,
        found.p,
        found.differs,
        tuple(production[i] for i in order),
        wilson(len(at), len(production))[0],
        tuple(Cluster(len(g), tuple(_shown(production[int(at[row])]) for row in g[:SHOWN])) for g in groups[:MOST]),
        float((found.nearest_a < _far(data.neighbours)).mean()),
        len(unused),
        _unused(data, unused),
        found.telling[1],
        found.telling[0],
        _not_evaluated(data, vectors),
        tuple(number for number, group in enumerate(groups) for _ in group),
    )


@dataclass(frozen=True, slots=True)
class _Thinned:
    """Of vectors that say the same one stands for all: `kept` (k,) their indices, `place` (n,) of each the one in `kept`."""

    kept: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray, near: Neighbours | None = None) -> _Thinned:
        """In their order, each goes to the first before it that is kept and the same; `near`: their neighbours, if known."""
        near = near or nearest(vectors, vectors, NEIGHBOUR, itself=True, exact=False)
        kept: list[int] = []
        place = np.full(len(vectors), -1, dtype=np.int64)
        for row in range(len(vectors)):
            around = near.index[row][near.cosine[row] >= SAME]
            heads = [int(place[one]) for one in around if 0 <= one < row]
            same = next((head for head in heads if float(vectors[kept[head]] @ vectors[row]) >= SAME), None)
            place[row] = len(kept) if same is None else same
            if same is None:
                kept.append(row)
        first = np.array(kept, dtype=np.int64)
        if len(first) == len(vectors):
            return cls(first, place)
        # A row has more wordings around it than were looked at: once more, of those that are left.
        again = cls.of(vectors[first])
        return cls(first[again.kept], again.place[place])

    def all_of(self, places: np.ndarray) -> np.ndarray:
        """The indices of all that those at these places in `kept` stand for."""
        return np.flatnonzero(np.isin(self.place, places))


def _gaps(
    own: np.ndarray, near: Neighbours, asked: np.ndarray, seed: int, progress: Progress | None = None
) -> tuple[Shift, np.ndarray, np.ndarray]:
    """How production differs from `own` vectors with these neighbours; and the indices of those of either that are alone.

    Wordings of one question lie around each other, wherever they are. So who is alone is so without them too, or is far.
    """
    found = shift(own, asked, seed=seed, progress=progress)
    mine, theirs = _Thinned.of(own, near), _Thinned.of(asked)
    if len(mine.kept) + len(theirs.kept) == len(own) + len(asked) or not found.differs:
        return found, found.alone_a, found.alone_b
    thin = shift(own[mine.kept], asked[theirs.kept], seed=seed, progress=progress)
    far = _far(near)
    nearest_b = nearest(own, asked, 1, exact=False).cosine[:, 0]
    alone_a = np.isin(found.alone_a, mine.all_of(thin.alone_a)) | (nearest_b[found.alone_a] < far)
    alone_b = np.isin(found.alone_b, theirs.all_of(thin.alone_b)) | (found.nearest_a[found.alone_b] < far)
    return found, found.alone_a[alone_a], found.alone_b[alone_b]


def _far(near: Neighbours) -> float:
    """The cosine below which all but `FAR` of these are not from their own nearest."""
    return float(np.quantile(near.cosine[:, 0], FAR)) if near.index.shape[1] else -1.0


def _not_evaluated(data: Data, production: np.ndarray) -> int | None:
    """How many production inputs lie where there are no eval examples."""
    if not len(data.evals):
        return None
    distinct = np.unique(data.eval_vectors, axis=0)
    if len(distinct) < FEWEST:
        return None
    found, _, alone = _gaps(distinct, nearest(distinct, distinct, NEIGHBOUR, itself=True), production, data.seed)
    return len(alone) if found.telling[1] else None


def _unused(data: Data, alone: np.ndarray) -> tuple[Cluster, ...]:
    """The candidates that production never asks for: by label where outputs are labels, else by what is alike."""
    first, c = data.candidates.distinct.first, data.candidates
    rows = [int(first[i]) for i in alone]
    if data.short_labels:
        counts = Counter(c.outputs[row] for row in rows)
        by_label = {label: [row for row in rows if c.outputs[row] == label] for label, _ in counts.most_common(MOST)}
        return tuple(_of_candidates(data, held, label) for label, held in by_label.items())
    groups = _stars(data.distinct_vectors[alone])
    return tuple(_of_candidates(data, [rows[row] for row in group]) for group in groups[:MOST])


def _of_candidates(data: Data, rows: Sequence[int], label: str = "") -> Cluster:
    c = data.candidates
    shown = tuple(_shown(c.inputs[row]) for row in rows[:SHOWN])
    return Cluster(len(rows), shown, tuple(c.examples[row].id for row in rows), label)


def _stars(vectors: np.ndarray) -> list[list[int]]:
    """Clusters as stars, never chains: the row with most others near it, and these; then the same of the rest. The largest
    first, and in each the rows nearest to its middle first."""
    if not len(vectors):
        return []
    cosine = np.round(vectors @ vectors.T, 5) if len(vectors) <= 6_000 else None
    if cosine is None:  # more than a screen can show: the first stand for all
        head = _stars(vectors[:6_000])
        middles = np.stack([vectors[group[0]] for group in head])
        for row in range(6_000, len(vectors)):
            head[int((middles @ vectors[row]).argmax())].append(row)
        return sorted(head, key=lambda group: (-len(group), group[0]))
    place = min(NEIGHBOUR, -(-len(vectors) // FIFTH), len(vectors) - 1)
    radius = float(np.median(np.sort(cosine, axis=1)[:, -1 - place]))
    near = cosine >= radius
    np.fill_diagonal(near, True)
    left = np.ones(len(vectors), dtype=bool)
    groups = []
    while left.any():
        degree = (near[:, left].sum(axis=1)) * left
        middle = int(degree.argmax())
        rows = np.flatnonzero(near[middle] & left)
        groups.append([int(r) for r in rows[np.lexsort((rows, -cosine[middle, rows]))]])
        left[rows] = False
    return sorted(groups, key=lambda group: (-len(group), group[0]))


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    if not total:
        return 0.0, 1.0
    z, p = 1.96, min(1.0, count / total)
    middle = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(p * (1 - p) / total + z * z / (4 * total**2)) / (1 + z * z / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def _shown(value: str) -> str:
    """A text as an answer may show it: short, and without personal data."""
    return _short(" ".join(mask(value).split()), SHORT)


def _short(value: str, most: int) -> str:
    return value if len(value) <= most else value[: most - 1] + "…"


def told(found: Coverage) -> Text:
    """What was found, in a sentence."""
    values = {"n": found.production, "share": found.share, "missing": len(found.missing), "auc": found.auc}
    values["unused"] = found.unused_share
    if not found.can_miss:
        return text("coverage.small", **values)
    if not found.differs:
        return text("coverage.alike", **values)
    if not found.missing:
        return text("coverage.differs", **values)
    return text("coverage.found_unused" if found.unused else "coverage.found", **values)
