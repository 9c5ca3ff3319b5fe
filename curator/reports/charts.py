"""Where the marks of the charts go; the templates draw them as inline SVG with every number also as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from curator.reports.data import Lengths
from curator.tasks import Need

GAUGE_WIDTH = 720
PLOT_WIDTH, PLOT_HEIGHT = 720, 160


@dataclass(frozen=True, slots=True)
class Gauge:
    """A bar in three zones of one width, too few | enough | ideal, filled up to `at` (0..GAUGE_WIDTH)."""

    at: float
    zone: int
    verdict: str


def gauge(count: int, need: Need) -> Gauge:
    """Where `count` examples stand: linear within the first two zones, logarithmic up to 10 × ideal in the last."""
    if count < need.minimum:
        zone, part = 0, count / need.minimum
    elif count < need.ideal:
        zone, part = 1, (count - need.minimum) / (need.ideal - need.minimum)
    else:
        zone, part = 2, min(1.0, math.log10(count / need.ideal))
    verdict = ("below the minimum", "enough to begin", "at or above the ideal")[zone]
    return Gauge(round((zone + part) * GAUGE_WIDTH / 3, 1), zone, verdict)


@dataclass(frozen=True, slots=True)
class Bar:
    """A column of a histogram in SVG units, its label on the axis ("" for none) and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    tick: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A limit drawn in: its place, its label and where that begins ("start") or ends ("end"), on a row of its own above."""

    x: float
    label: str
    anchor: str
    y: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """`marks`: the limits within the axis; `beyond`: the others, and how many examples are over any, in words."""

    bars: tuple[Bar, ...]
    highest: int
    marks: tuple[Mark, ...] = ()
    beyond: tuple[str, ...] = ()

    @property
    def top(self) -> float:
        """Where the picture begins: above the labels of the marks."""
        return min((mark.y for mark in self.marks), default=0.0) - 16


def histogram(lengths: Lengths) -> Histogram:
    """Columns of `lengths`; every other one or fewer is labelled, so that labels keep apart."""
    bins = lengths.bins
    highest = max(b.count for b in bins)
    step = PLOT_WIDTH / len(bins)
    every = max(1, math.ceil(len(bins) / 8))
    bars = []
    for index, b in enumerate(bins):
        height = PLOT_HEIGHT * b.count / highest if highest else 0
        height = max(height, 1.5) if b.count else 0
        named = f"{b.low:,} or more" if b.high is None else f"{b.low:,} to {b.high - 1:,}"
        tick = f"{b.low:,}" if index % every == 0 else ""
        title = f"{named}: {b.count:,}"
        bars.append(
            Bar(
                round(index * step, 1),
                round(PLOT_HEIGHT - height, 1),
                round(step - 2, 1),
                round(height, 1),
                tick,
                title,
                b.count,
            )
        )
    return Histogram(tuple(bars), highest, tuple(_marks(lengths, step)), tuple(_beyond(lengths)))


_ROW = 16
"""Height of a row of labels."""


def _marks(lengths: Lengths, step: float) -> Iterator[Mark]:
    """The limits within the axis; each label has a row of its own, for limits may lie close together."""
    row = 0
    for limit in lengths.limits:
        at = _place(lengths, limit.most, step)
        if at is None:
            continue
        row += 1
        end = at > PLOT_WIDTH / 2
        label = f"{', '.join(limit.targets)}: limit {limit.most:,}"
        yield Mark(at, label, "end" if end else "start", 8.0 - _ROW * row)


def _place(lengths: Lengths, most: int, step: float) -> float | None:
    """Where on the axis a length lies; None beyond it."""
    for index, b in enumerate(lengths.bins):
        if b.high is not None and b.low <= most < b.high:
            return round((index + (most - b.low) / (b.high - b.low)) * step, 1)
    return None


def _beyond(lengths: Lengths) -> Iterator[str]:
    """Sentences on the limits: which lie beyond the axis, and how many examples are over each."""
    outside = [limit for limit in lengths.limits if _place(lengths, limit.most, 1.0) is None]
    if outside:
        named = ", ".join(f"{limit.most:,} ({', '.join(limit.targets)})" for limit in outside)
        yield f"Beyond the axis: the limit{'' if len(outside) == 1 else 's'} of {named}."
    over = [limit for limit in lengths.limits if limit.over]
    if over:
        counts = ", ".join(f"{limit.over:,} over {limit.most:,} ({', '.join(limit.targets)})" for limit in over)
        yield f"Examples over a limit: {counts}."
    elif lengths.limits:
        yield "No example is over a limit."


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole: `start` and `width` in percent."""

    name: str
    count: int
    start: float
    width: float


def shares(named: Sequence[tuple[str, int]], whole: int | None = None) -> tuple[Share, ...]:
    """Parts side by side in one bar, of `whole` (None: of their sum)."""
    total = whole if whole is not None else sum(count for _, count in named)
    made, start = [], 0.0
    for name, count in named:
        width = 100 * count / total if total else 0.0
        made.append(Share(name, count, round(start, 3), round(width, 3)))
        start += width
    return tuple(made)
