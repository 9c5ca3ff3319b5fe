"""What the map shows: where the points lie, what their colours mean, and which lie in a lasso."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from curator.catalogue import STATUSES, Catalogue
from curator.store.columns import SPLITS
from ui.i18n import tr
from ui.presenters.words import check_title, split_title, status_title

MOST_GROUPS = 12
"""Groups with a colour of their own; beyond that the smallest stand together as others."""
OUTSIDE = 0.002
"""Share of points at each end that may lie outside when all are shown: a stray one must not make the rest a spot."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The middle and size of a region."""

    x: float
    y: float
    width: float
    height: float


def bounds(points: np.ndarray) -> Bounds:
    """The region that holds (nearly) all points."""
    if not len(points):
        return Bounds(0, 0, 2, 2)
    some = points[:: max(1, len(points) // 20_000)]
    low, high = np.quantile(some, [OUTSIDE, 1 - OUTSIDE], axis=0)
    middle = (low + high) / 2
    width, height = np.maximum(high - low, 1e-6) * 1.04
    return Bounds(float(middle[0]), float(middle[1]), float(width), float(height))


def inside_polygon(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Which of (n, 2) points lie in a polygon (m, 2), by the number of edges to the right of each: bool (n,)."""
    inside = np.zeros(len(points), dtype=bool)
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    x, y = points[near, 0], points[near, 1]
    odd = np.zeros(len(near), dtype=bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 != y2:
            crossed = (y1 > y) != (y2 > y)
            odd ^= crossed & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    inside[near] = odd
    return inside


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of each point, in their order. `present`: the example is in the project. Codes are -1 for none; `checks`:
    by name of a check, which points it found something in."""

    present: np.ndarray
    labels: np.ndarray
    label_names: Sequence[str]
    sources: np.ndarray
    source_names: Sequence[str]
    splits: np.ndarray
    split_names: Sequence[str]
    statuses: np.ndarray
    status_names: Sequence[str]
    checks: Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Group:
    """Points of one colour. `color`: a number of the series, -1 for the colour of what has nothing to say."""

    title: str
    count: int
    color: int


@dataclass(frozen=True, slots=True)
class Coloring:
    """`codes` (n,): which group each point is drawn in; `members(i)` (n,) bool: the points of a group, more than are drawn in
    its colour where a point is in several."""

    groups: tuple[Group, ...]
    codes: np.ndarray
    masks: tuple[np.ndarray, ...] = ()

    def members(self, group: int) -> np.ndarray:
        return self.masks[group] if self.masks else self.codes == group


KINDS = ("label", "check", "split", "source", "status")


def kind_title(kind: str) -> str:
    """What the points are coloured by."""
    titles = {
        "label": tr("Label"),
        "check": tr("Check"),
        "split": tr("Split"),
        "source": tr("Source"),
        "status": tr("Status"),
    }
    return titles[kind]


def kinds(columns: Columns) -> list[str]:
    """What there is to colour by here: labels where outputs are labels, splits after an export, and so on."""
    there = {
        "label": (columns.labels >= 0).any(),
        "check": bool(columns.checks),
        "split": (columns.splits >= 0).any(),
        "source": True,
        "status": True,
    }
    return [kind for kind in KINDS if there[kind]]


def colored(kind: str, columns: Columns) -> Coloring:
    """The points in groups of one colour."""
    if kind == "check":
        return _by_check(columns)
    if kind == "label":
        codes, names, none = columns.labels, list(columns.label_names), tr("No label")
    elif kind == "split":
        codes, names, none = columns.splits, [split_title(s) for s in columns.split_names], tr("In no split yet")
    elif kind == "source":
        codes, names, none = columns.sources, [PurePath(s).name for s in columns.source_names], tr("Unknown")
    else:
        codes, names, none = columns.statuses, [status_title(s) for s in columns.status_names], status_title("open")
    return _by_code(np.where(columns.present, codes, -2), names, none)


def _by_code(codes: np.ndarray, names: Sequence[str], none: str) -> Coloring:
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    ranked = [int(code) for code in np.argsort(-counts, kind="stable") if counts[code]]
    own = ranked if len(ranked) <= MOST_GROUPS else ranked[: MOST_GROUPS - 1]
    place = np.full(len(names) + 2, -1, dtype=np.int32)  # the last two places are those of the codes -2 and -1
    groups = []
    for number, code in enumerate(own):
        place[code] = number
        groups.append(Group(names[code], int(counts[code]), number))
    if len(own) < len(ranked):
        rest = ranked[len(own) :]
        place[rest] = len(groups)
        groups.append(Group(tr("{n} others", n=len(rest)), int(counts[rest].sum()), MOST_GROUPS - 1))
    without = int((codes == -1).sum())
    if without:
        place[-1] = len(groups)
        groups.append(Group(none, without, -1))
    return Coloring(tuple(groups), place[codes])


def _by_check(columns: Columns) -> Coloring:
    """Each point in the colour of the rarest check that found something in it, which says most; the legend counts all."""
    found = {name: mask & columns.present for name, mask in columns.checks.items()}
    ranked = sorted((name for name, mask in found.items() if mask.any()), key=lambda name: -int(found[name].sum()))
    codes = np.full(len(columns.present), -1, dtype=np.int32)
    groups, masks = [], []
    for number, name in enumerate(ranked):
        codes[found[name]] = number
        groups.append(Group(check_title(name), int(found[name].sum()), min(number, MOST_GROUPS - 1)))
        masks.append(found[name])
    free = columns.present & (codes == -1)
    if free.any():
        codes[free] = len(groups)
        groups.append(Group(tr("Nothing found"), int(free.sum()), -1))
        masks.append(free)
    return Coloring(tuple(groups), codes, tuple(masks))


def status_text(method: str, done: int, total: int) -> str:
    """How far the picture is."""
    if method == "pca":
        return tr("A first view; a better one is being worked out")
    if done < total:
        return tr("Taking shape: {percent}%", percent=round(100 * done / total))
    return ""


def columns_of(catalogue: Catalogue, ids: np.ndarray) -> Columns:
    """What the catalogue knows of the examples with these ids (rising), in their order."""
    at = np.searchsorted(catalogue.ids, ids)
    at = np.minimum(at, max(0, len(catalogue) - 1))
    present = catalogue.ids[at] == ids if len(catalogue) else np.zeros(len(ids), dtype=bool)

    def column(values: np.ndarray, first: int = 0) -> np.ndarray:
        """Codes of these examples, counted from `first` on; -1 for none."""
        found = np.full(len(ids), -1, dtype=np.int32)
        found[present] = values[at[present]].astype(np.int32) - first
        return found

    bits = column(catalogue.findings)
    return Columns(
        present,
        column(catalogue.label),
        catalogue.labels,
        column(catalogue.source),
        [source.path for source in catalogue.sources],
        column(catalogue.split, 1),
        SPLITS[1:],
        column(catalogue.status, 1),
        STATUSES[1:],
        {name: (bits >= 0) & (bits >> number & 1 == 1) for number, name in enumerate(catalogue.checks)},
    )
