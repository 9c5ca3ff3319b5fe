"""The eval example that each candidate comes nearest to, and how rarely chance alone brings two texts as near."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np

from curator.checks.data import Data
from curator.checks.findings import logistic
from curator.checks.leak_evidence import Compared, Units, compare, units
from curator.checks.leak_null import FLAG, HALF, Scale, Tail
from curator.checks.leak_sides import Side
from curator.checks.private import hashed_windows

FEWEST = 200
"""Candidates needed for a null distribution; with fewer, fixed bounds serve and are said."""
FIXED = (0.80, 0.90)
"""Without a null: plain cosines for the scores .5 and .9."""


@dataclass(frozen=True, slots=True)
class Match:
    """The best match of one candidate: the eval's index, on which side, and what the windows that are
    nearest share there (`facts` and `form` 0..1)."""

    eval: int
    side: str
    cosine: float
    facts: float
    form: float
    candidate_window: str
    eval_window: str


@dataclass(frozen=True, slots=True)
class Matched:
    """`score` (n,) 0..1; `best[i]` the match behind it, None for a candidate that says nothing of its own."""

    score: np.ndarray
    best: list[Match | None]
    calibration: dict[str, Any]

    def or_better(self, other: Matched) -> Matched:
        """The better match of each candidate, where evals are compared in two groups; the calibration is the other's."""
        take = (other.score > self.score) | np.array([match is None for match in self.best], dtype=bool)
        best = [theirs if better else mine for mine, theirs, better in zip(self.best, other.best, take, strict=True)]
        return Matched(np.where(take, other.score, self.score), best, self.calibration | other.calibration)


@dataclass(frozen=True, slots=True)
class _View:
    """A side with the windows of its texts; `mine.owner` numbers its distinct texts, `theirs.owner` all evals."""

    side: Side
    mine: Units
    theirs: Units
    my_pieces: list[str]
    their_pieces: list[str]


@dataclass(frozen=True, slots=True)
class _Tails:
    """How rare each kind of evidence is among pairs of candidates."""

    meaning: Tail
    facts: Tail
    form: Tail

    @classmethod
    def of(cls, null: Compared) -> _Tails:
        return cls(Tail.of(null.meaning), Tail.of(null.facts), Tail.of(null.form))

    def total(self, found: Compared) -> np.ndarray:
        """Evidence of each pair, (p,): −log of the chance of its meaning, facts and form."""
        total: np.ndarray = (
            self.meaning.surprise(found.meaning) + self.facts.surprise(found.facts) + self.form.surprise(found.form)
        )
        return total


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs on one side: `mine` and `theirs` (p,) who, `total` (p,) the evidence, `at` (p,) places in what was compared."""

    mine: np.ndarray
    theirs: np.ndarray
    total: np.ndarray
    at: np.ndarray


@dataclass(frozen=True, slots=True)
class _Best:
    """The best partner of each of `mine` (m,): `theirs`, the `total` over all sides, and of the side that says most its
    number and the place in what was compared there."""

    mine: np.ndarray
    theirs: np.ndarray
    total: np.ndarray
    side: np.ndarray
    at: np.ndarray


def match(data: Data, compared_on: Sequence[Side]) -> Matched:
    """Every candidate with the eval example that the evidence of all sides together points to most."""
    views = [_view(data, side) for side in compared_on]
    evals = int(max((len(np.unique(view.theirs.owner)) for view in views), default=0))
    held, rest = _null_parts(data, views, evals)
    if not len(held):
        return _plainly(data, views)
    tails, chance = _null(views, held, rest)
    compared = [compare(view.mine, view.theirs) for view in views]
    found = [
        _of_candidates(_pairs(each, tail.total(each), view.mine.owner, view.theirs.owner), view.side.of_candidate)
        for each, tail, view in zip(compared, tails, views, strict=True)
    ]
    best = _together(found, len(data.evals))
    # The eval set may be further from all candidates than they are from each other: then chance reaches less.
    scales = [Scale.of(chance, max(1.0, evals / len(held))), Scale.of(best.total)]
    calibration = {
        "evidence_at_half": round(min(scale.level(HALF) for scale in scales), 4),
        "evidence_flagged": round(min(scale.level(FLAG) for scale in scales), 4),
        "false_positive_rate_at_half": HALF,
        "false_positive_rate_flagged": FLAG,
        "null_size": len(rest),
        "sides": [view.side.name for view in views],
        "source": f"{len(held)} candidates played the eval set for {len(rest)} others",
    }
    scores = np.maximum(*(scale.score(best.total) for scale in scales))
    return _matched(data, views, compared, best, scores, calibration)


def _view(data: Data, side: Side) -> _View:
    told = [number for number, text in enumerate(side.evals) if text]
    mine = data.windows(side.texts)
    if side.hidden:
        # Without the words of the evals there is only meaning to compare.
        theirs = hashed_windows([side.hidden[number] for number in told])
        my_pieces, their_pieces = [""] * len(mine.owner), [""] * len(theirs.owner)
    else:
        texts = [side.evals[number] for number in told]
        theirs = data.windows(texts)
        my_pieces, their_pieces = (list(chain.from_iterable(data.embedder.pieces(t))) for t in (side.texts, texts))
    ours, others = units(mine, my_pieces, theirs, their_pieces)
    owner = np.asarray(told, dtype=np.int64)[others.owner]
    return _View(side, ours, replace(others, owner=owner), my_pieces, their_pieces)


def _null_parts(data: Data, views: Sequence[_View], evals: int) -> tuple[np.ndarray, np.ndarray]:
    """Candidates that play the eval set and those compared with them; none where there are too few.

    Each distinct text once, and near duplicates left out: they would pass for leaks.
    """
    lead = np.zeros(len(data.candidates), dtype=bool)
    for view in views:
        lead |= view.side.of_candidate >= 0
    for view in views:
        rows = np.flatnonzero(view.side.of_candidate >= 0)
        again = np.ones(len(rows), dtype=bool)
        again[np.unique(view.side.of_candidate[rows], return_index=True)[1]] = False
        lead[rows[again]] = False
    if any(view.side.name == "input" for view in views):
        for edge in data.pairs.edges:
            lead[data.pairs.members[max(edge.a, edge.b)]] = False
    pool = np.flatnonzero(lead)
    if len(pool) < FEWEST:
        return pool[:0], pool
    share = min(evals, len(pool) // 2)
    mixed = np.random.default_rng(data.seed).permutation(pool)
    return np.sort(mixed[:share]), np.sort(mixed[share:])


def _null(views: Sequence[_View], held: np.ndarray, rest: np.ndarray) -> tuple[list[_Tails], np.ndarray]:
    """How rare evidence is on each side, and the most that each of `rest` has with one of `held`, (rest,)."""
    tails, found = [], []
    for view in views:
        queries, base = (view.side.of_candidate[part] for part in (rest, held))
        mine, theirs = (view.mine.some(texts[texts >= 0]) for texts in (queries, base))
        compared = compare(mine, theirs)
        tails.append(_Tails.of(compared))
        who = np.flatnonzero(queries >= 0)[mine.owner], np.flatnonzero(base >= 0)[theirs.owner]
        found.append(_pairs(compared, tails[-1].total(compared), *who))
    best = _together(found, len(held))
    chance = np.zeros(len(rest))
    chance[best.mine] = best.total
    return tails, chance


def _pairs(compared: Compared, total: np.ndarray, mine: np.ndarray, theirs: np.ndarray) -> _Pairs:
    """Pairs of texts, each with its best pair of windows; `mine` and `theirs` (windows,) say whose the windows are."""
    who, whom = mine[compared.query], theirs[compared.base]
    order = np.lexsort((compared.base, compared.query, -total, whom, who))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(who[order]) != 0) | (np.diff(whom[order]) != 0)
    at = order[new]
    return _Pairs(who[at], whom[at], total[at], at)


def _of_candidates(pairs: _Pairs, of_candidate: np.ndarray) -> _Pairs:
    """The same for every candidate that has the text; `pairs.mine` are texts, in ascending order."""
    rows = np.flatnonzero(of_candidate >= 0)
    first = np.searchsorted(pairs.mine, of_candidate[rows], side="left")
    many = np.searchsorted(pairs.mine, of_candidate[rows], side="right") - first
    place = np.repeat(first, many) + np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    return _Pairs(np.repeat(rows, many), pairs.theirs[place], pairs.total[place], pairs.at[place])


def _together(found: Sequence[_Pairs], count: int) -> _Best:
    """The evidence of all sides for the same two added up; `count`: how many there are to be the partner."""
    mine, theirs, total, at = (
        np.concatenate([getattr(pairs, name) for pairs in found]) for name in ("mine", "theirs", "total", "at")
    )
    side = np.repeat(np.arange(len(found)), [len(pairs.mine) for pairs in found])
    keys, of_entry = np.unique(mine * count + theirs, return_inverse=True)
    sums = np.bincount(of_entry, weights=total, minlength=len(keys))
    order = np.lexsort((side, -total, theirs, -sums[of_entry], mine))
    lead = order[np.unique(mine[order], return_index=True)[1]]
    return _Best(mine[lead], theirs[lead], sums[of_entry[lead]], side[lead], at[lead])


def _matched(
    data: Data,
    views: Sequence[_View],
    compared: Sequence[Compared],
    best: _Best,
    scores: np.ndarray,
    calibration: dict[str, Any],
) -> Matched:
    score = np.zeros(len(data.candidates))
    score[best.mine] = scores
    matches: list[Match | None] = [None] * len(score)
    for candidate, partner, side, at in zip(best.mine, best.theirs, best.side, best.at, strict=True):
        of, view = compared[side], views[side]
        matches[candidate] = Match(
            int(partner),
            view.side.name,
            float(of.cosine[at]),
            float(of.facts[at]),
            float(of.form[at]),
            view.my_pieces[of.query[at]],
            view.their_pieces[of.base[at]],
        )
    return Matched(score, matches, calibration)


def _plainly(data: Data, views: Sequence[_View]) -> Matched:
    """By the plain cosine, on the inputs where they say something: too few candidates to tell what is usual."""
    half, flag = FIXED
    calibration = {
        "cosine_at_half": half,
        "cosine_flagged": flag,
        "sides": [view.side.name for view in views[:1]],
        "source": f"default: fewer than {FEWEST} distinct candidates",
    }
    compared = [compare(view.mine, view.theirs) for view in views[:1]]
    found = [
        _of_candidates(_pairs(each, each.cosine, view.mine.owner, view.theirs.owner), view.side.of_candidate)
        for each, view in zip(compared, views[:1], strict=True)
    ]
    if not found:
        return Matched(np.zeros(len(data.candidates)), [None] * len(data.candidates), calibration)
    best = _together(found, len(data.evals))
    scores = logistic((best.total - half) * np.log(9) / (flag - half))
    return _matched(data, views[:1], compared, best, scores, calibration)
