"""A comparison as one self-contained page. Personal data in the texts it quotes is masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import curator
from curator import sensitive
from curator.comparison import wording
from curator.comparison.compare import Comparison, Flip
from curator.comparison.general import Forgetting
from curator.comparison.measuring import Measured, Named
from curator.files import write_text
from curator.reports.html import render
from curator.reports.marking import Piece, differing, plain
from curator.review.agreement.estimates import Estimate

FLIPS = 20
"""Examples shown of those that got worse, and of those that got better; the flips file has all."""
NAMES = 40
WIDTH = 320
_ROOM = 420


@dataclass(frozen=True, slots=True)
class _About:
    """What the foot of every page says."""

    version: str
    created: str


@dataclass(frozen=True, slots=True)
class Dots:
    """A difference with its interval as marks in SVG units, 0 in the middle of WIDTH."""

    zero: float
    at: float
    low: float
    high: float
    tone: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A measure as the page shows it."""

    title: str
    help: str
    before: str
    after: str
    change: str
    span: str
    outcome: str
    dots: Dots


@dataclass(frozen=True, slots=True)
class Answers:
    """One example that turned: what was asked, what is right, and both answers with the words marked that differ."""

    ref: str
    input: tuple[Piece, ...]
    expected: str
    baseline: tuple[Piece, ...]
    tuned: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One comparison as the page shows it."""

    found: Comparison
    measures: tuple[Shown, ...]
    names: tuple[tuple[Named, str, str, Dots], ...]
    even: tuple[str, ...]


def page(found: Comparison, lost: Forgetting | None = None, created: str | None = None) -> str:
    """The page as HTML. Every text of the data is escaped. `created`: the day it says, today by default."""
    worse = [_answers(one) for one in found.flips if not one.better][:FLIPS]
    better = [_answers(one) for one in found.flips[::-1] if one.better][:FLIPS]
    return render(
        "compare.html",
        report=_About(curator.__version__, date.today().isoformat() if created is None else created),
        block=_block(found),
        general=None if lost is None else _block(lost.comparison),
        lost=lost,
        wording=wording,
        worse=worse,
        better=better,
        WIDTH=WIDTH,
        tones={
            "better": "good",
            "worse": "bad",
            "noise": "quiet",
            "the same": "quiet",
            "kept": "good",
            "forgotten": "bad",
            "unclear": "quiet",
        },
    )


def write_page(found: Comparison, lost: Forgetting | None, path: str | Path) -> None:
    """Write the page; raises EnvironmentFailure where `path` cannot be written."""
    write_text(path, page(found, lost))


def _block(found: Comparison) -> Block:
    reach = _reach([one.difference for one in found.measures])
    measures = tuple(_shown(one, reach) for one in found.measures)
    listed = found.by_name[:NAMES]
    wide = _reach([one.difference for one in listed])
    names = tuple(
        (one, sensitive.mask(one.name), wording.span(one.difference), _dots(one.difference, wide, _named_tone(one)))
        for one in listed
    )
    even = [
        *wording.even(found.baseline, "the baseline"),
        *wording.even(found.tuned, "the tuned model"),
        *wording.both(found),
    ]
    return Block(found, measures, names, tuple(sensitive.mask(said) for said in even))


def _shown(one: Measured, reach: float) -> Shown:
    return Shown(
        wording.TITLES[one.id],
        wording.HELP[one.id],
        wording.percent(one.baseline.value),
        wording.percent(one.tuned.value),
        wording.points(one.difference.value),
        wording.span(one.difference),
        "the same" if one.is_same else str(one.outcome),
        _dots(one.difference, reach, {"better": "good", "worse": "bad"}.get(str(one.outcome), "quiet")),
    )


def _named_tone(one: Named) -> str:
    return "quiet" if not one.changed else "good" if (one.difference.value or 0) > 0 else "bad"


def _reach(differences: Sequence[Estimate]) -> float:
    """The largest figure to be drawn to either side of 0."""
    return (
        max((abs(x) for one in differences for x in (one.low, one.value, one.high) if x is not None), default=0) or 1.0
    )


def _dots(one: Estimate, reach: float, tone: str) -> Dots:
    middle, half = WIDTH / 2, WIDTH / 2 - 8

    def x(value: float | None) -> float:
        return round(middle + half * (value or 0.0) / reach, 1)

    low, high = (one.low, one.high) if one.low is not None else (one.value, one.value)
    return Dots(middle, x(one.value), x(low), x(high), tone)


def _answers(one: Flip) -> Answers:
    before, after = (sensitive.mask(text or "") for text in (one.baseline, one.tuned))
    return Answers(
        str(one.example.ref),
        plain(sensitive.mask(one.example.input), _ROOM),
        sensitive.mask(one.example.output),
        differing(before, after, _ROOM) if before else (),
        differing(after, before, _ROOM) if after else (),
    )
