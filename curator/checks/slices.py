"""Labels that are wrong together: a wording or a topic under another label's name, the same way again and again.

Judged one by one, such rows support each other, for their neighbours carry the same wrong label. Here the rows of each
label are split into ever smaller sub-topics (bisecting 2-means, begun at the principal direction: Boley 1998), and each is
judged by models that saw none of it: where these call it, as a whole, by another label, the sub-topic is suspect.

Not detectable: a slice whose right label has no examples like it left (nothing says what it should be), and one that is
spread thinly among rightly labelled rows of the same topic (then single rows are found). Of 120 slices planted in BANKING77
and CLINC150 (15, 30 or 50 rows of one sub-topic under another label, near or far), 77 were found, with nearly all of
their rows, and 3 that were not planted; in the clean data none.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from curator.checks.label_judge import Judged
from curator.checks.probabilities import Models

FEWEST = 8
"""Rows of a slice at least: fewer are judged well enough one by one."""
DEEPEST = 6
"""Halvings of a label's rows."""
SURE = 0.65
"""How much more of the regression's 0..1 the other label must get than the given one, on average. Whole sub-topics of
rightly labelled rows, of which a label may have only one, reach .54 at most among 2,800 of BANKING77 and CLINC150."""
RIVALS = 5
MOST = 0.8
"""Share of the rows that must be called by the other label one by one too."""


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows (of a `Judged`) whose label should rather be number `label`; `score`: by how much, 0..1."""

    rows: np.ndarray
    label: int
    score: float


def slices(models: Models, judged: Judged) -> list[Slice]:
    """The slices of one labelling, worst first; no row is in two."""
    labels, classes = judged.labels, len(judged.names)
    truth = np.zeros((len(labels), classes), dtype=np.float32)
    truth[np.arange(len(labels)), labels] = 1
    sums = np.stack([models.vectors[labels == label].sum(axis=0) for label in range(classes)])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        wholes = [np.flatnonzero(labels == label) for label in range(classes)]
        topics = [rows for own in pool.map(lambda rows: list(_topics(models.vectors, rows)), wholes) for rows in own]
    strays = _strays(models.vectors, labels, sums, topics)
    spread = models.spread(truth) if strays else truth

    def weigh(rows: np.ndarray, rivals: np.ndarray, out: np.ndarray) -> Slice | None:
        """`rows` as a slice, judged without `out`, which begins with them."""
        # Of the labels only those near enough to be the right one: the others cost time alone.
        columns = np.array([labels[rows[0]], *rivals])
        told = models.without(out, truth[np.ix_(out, columns)], spread[:, columns])[: len(rows)]
        mean = told.mean(axis=0)
        other = 1 + int(mean[1:].argmax())
        agree = told.argmax(axis=1) == other
        score = float(mean[other] - mean[0])
        sure = score >= SURE and agree.mean() >= MOST and agree.sum() >= FEWEST
        return Slice(rows[agree], int(columns[other]), round(min(score, 1.0), 6)) if sure else None

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [one for one in pool.map(lambda stray: weigh(stray[0], stray[1], stray[0]), strays) if one]
    kept: list[Slice] = []
    for one in _largest(found, len(labels)):
        # What is labelled wrong draws what is like it and labelled right: that is judged again without the surer of both.
        against = [k.rows for k in kept if k.label == labels[one.rows[0]] and labels[k.rows[0]] == one.label]
        if not against or weigh(one.rows, np.array([one.label]), np.concatenate([one.rows, *against])):
            kept.append(one)
    return kept


def _largest(found: list[Slice], count: int) -> list[Slice]:
    """Slices of which no two share a row, the surest first; of a topic and its halves the topic."""
    kept: list[Slice] = []
    taken = np.zeros(count, dtype=bool)
    for one in sorted(found, key=lambda s: (-len(s.rows), -s.score, int(s.rows[0]))):
        if not taken[one.rows].any():
            taken[one.rows] = True
            kept.append(one)
    return sorted(kept, key=lambda s: (-s.score, int(s.rows[0])))


def _strays(
    vectors: np.ndarray, labels: np.ndarray, sums: np.ndarray, topics: list[np.ndarray]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The topics that lie nearer to another label's rows than to the rest of their own (`sums` (k, d) over the rows of each
    label), each with the nearest other labels: few do, and only these need a closer look. A topic that is all there is of
    its label cannot be compared."""
    means = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
    strays = []
    for rows in topics:
        label, own = labels[rows[0]], vectors[rows].sum(axis=0)
        rest = sums[label] - own
        length = float(np.linalg.norm(rest))
        others = means @ own
        others[label] = -np.inf
        if length > 1e-3 and others.max() > rest @ own / length:
            nearest = np.argsort(-others, kind="stable")[: min(RIVALS, len(sums) - 1)]
            strays.append((rows, nearest))
    return strays


def _topics(vectors: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Halves of `rows`, and halves of these, down to FEWEST; not `rows` themselves."""
    level = [rows]
    for _ in range(DEEPEST):
        halves = [half for whole in level if len(whole) >= 2 * FEWEST for half in _halve(vectors, whole)]
        level = [half for half in halves if len(half) >= FEWEST]
        yield from level


def _halve(vectors: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    own = vectors[rows]
    centred = own - own.mean(axis=0)
    direction = centred[np.argmax(np.einsum("nd,nd->n", centred, centred))]
    for _ in range(8):
        direction = centred.T @ (centred @ direction)
        direction = direction / max(float(np.linalg.norm(direction)), 1e-12)
    side = centred @ direction > 0
    for _ in range(10):
        if side.all() or not side.any():
            break
        towards = own[side].mean(axis=0) - own[~side].mean(axis=0)
        middle = (own[side].mean(axis=0) + own[~side].mean(axis=0)) / 2
        moved = (own - middle) @ towards > 0
        if (moved == side).all():
            break
        side = moved
    return rows[side], rows[~side]
