"""Blocks of rows whose outputs have slipped by a few places: one line too many or too few in one of two columns.

Row by row the evidence may be weak; over a block it adds up. For each shift every row is one of three things: the
output that stands so many rows away fits its input better than its own output *and* all others nearby; it fits no better
than its own; or neither. How often each happens where outputs have slipped is read off how right pairs stand among their
neighbours in this file; how often without a slip, from the same shift the other way round: neighbours that are alike, as
in sorted files, are so in both directions. The logarithms of the ratios are summed, and the segments of largest sum
(Karlin and Altschul, PNAS 87:2264, 1990; Bentley's scan) that chance hardly reaches in a file of this length are blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from curator.checks.affinity import Affinity
from curator.checks.data import Data

FURTHEST = 3
"""Rows by which outputs may have slipped."""
AROUND = 9
"""Rows before and after whose outputs compete: far enough to hold the mirror image of each shift."""
FEWEST = 20
"""Rows a file must have: how right pairs stand among others is read off it."""
SHORTEST = 4
"""Rows of a block that must fit the shifted output better than all others nearby."""
CHANCE = 1e-3
"""Probability with which a file without slips would show a block."""
RAREST = 0.01
"""How often a shift is taken to win by chance at least: what few rows have not shown may still happen."""

PAIRS = 3
"""Shuffled pairs per row that say how far chance carries a score."""

Score = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows whose right outputs stand `shift` rows further down (up where negative).

    `rows` in the order of the file, `donors` the rows that hold their outputs. `left` are rows whose own output belongs to
    a row of the block while theirs is not known, `spare` the rows with outputs that no input of the block claims (as many).
    `chance`: a bound on how often a file without slips shows as much.
    """

    shift: int
    rows: tuple[int, ...]
    donors: tuple[int, ...]
    left: tuple[int, ...]
    spare: tuple[int, ...]
    chance: float


def find(order: np.ndarray, score: Score, same_input: np.ndarray, same_output: np.ndarray) -> list[Block]:
    """Blocks of one file. `order` (m,): the row at each record, -1 where there is none; `score`: how well outputs of rows fit
    inputs of rows; equal texts have equal numbers in `same_input` and `same_output`."""
    if (order >= 0).sum() < FEWEST:
        return []
    table = _Table(order, score, same_input, same_output)
    evidence = {shift: made for shift in _SHIFTS if (made := _evidence(table, shift)) is not None}
    blocks: list[Block] = []
    free = np.ones(len(order), dtype=bool)
    while True:
        best = max(
            ((*_best_segment(np.where(free, values, -np.inf)), shift) for shift, values in evidence.items()),
            key=lambda found: found[0],
            default=(0.0, 0, 0, 0),
        )
        total, start, end, shift = best
        chance = float(table.informed * len(_SHIFTS) * np.exp(-total))
        if chance > CHANCE:
            return sorted(blocks, key=lambda block: block.rows[0])
        if table.wins[shift][start : end + 1].sum() < SHORTEST:
            free[start : end + 1] = False
            continue
        block, start, end = _block(table, shift, start, end, chance)
        free[max(start, 0) : end + 1] = False
        blocks.append(block)


_SHIFTS = tuple(shift for shift in range(-FURTHEST, FURTHEST + 1) if shift)


class _Table:
    """Fit of each record's input to the outputs around it: `fit` (2·AROUND + 1, m), NaN where there is none."""

    def __init__(self, order: np.ndarray, score: Score, same_input: np.ndarray, same_output: np.ndarray):
        self.order = order
        places = np.arange(len(order))
        self.fit = np.full((2 * AROUND + 1, len(order)), np.nan)
        self._output = np.full((2 * AROUND + 1, len(order)), -1, dtype=np.int64)
        self._input = np.full((2 * AROUND + 1, len(order)), -1, dtype=np.int64)
        for offset in range(-AROUND, AROUND + 1):
            there = places + offset
            known = (order >= 0) & (there >= 0) & (there < len(order))
            known[known] = order[there[known]] >= 0
            here, other = order[known], order[there[known]]
            self.fit[offset + AROUND, known] = score(here, other)
            self._output[offset + AROUND, known] = same_output[other]
            self._input[offset + AROUND, known] = same_input[other]
        self.wins = {shift: self._wins(shift) for shift in range(-FURTHEST, FURTHEST + 1)}
        self.informed = int((order >= 0).sum())

    def at(self, shift: int) -> np.ndarray:
        """Fit of each input to the output `shift` records further down."""
        column: np.ndarray = self.fit[shift + AROUND]
        return column

    def tells(self, shift: int) -> np.ndarray:
        """Where the row `shift` records further down has another input and another output: else nothing can be told."""
        there, own = shift + AROUND, AROUND
        known: np.ndarray = (
            ~np.isnan(self.fit[there])
            & ~np.isnan(self.fit[own])
            & (self._output[there] != self._output[own])
            & (self._input[there] != self._input[own])
        )
        return known

    def _wins(self, shift: int) -> np.ndarray:
        """Where the output `shift` records further down fits better than all others nearby that say something else."""
        here = self.fit[shift + AROUND]
        others = np.where(self._output == self._output[shift + AROUND], np.nan, self.fit)
        rivals = np.where(np.isnan(others), -np.inf, others).max(axis=0)
        won: np.ndarray = ~np.isnan(here) & (here > rivals) & ~np.isinf(rivals)
        return won


def _evidence(table: _Table, shift: int) -> np.ndarray | None:
    """Log-likelihood ratio of each record to have slipped by `shift`, against not; None where the file cannot tell."""
    tells = table.tells(shift)
    if tells.sum() < SHORTEST:
        return None
    present = table.order >= 0
    rates = {k: float(won[present].mean()) for k, won in table.wins.items()}
    true = max(rates, key=lambda k: (rates[k], -abs(k)))
    hit = min(max(rates[true], RAREST), 0.95)
    beaten = [
        float(np.mean(table.at(true + k)[known] >= table.at(true)[known]))
        for k in range(-FURTHEST, FURTHEST + 1)
        if k and (known := ~np.isnan(table.at(true + k)) & ~np.isnan(table.at(true))).any()
    ]
    lost = min(max(float(np.mean(beaten)), 0.02), 1 - hit - 0.02)
    by_chance = min(max(min(rates[shift], rates[-shift]), RAREST), 0.45)
    if hit <= by_chance or lost >= 0.5:
        return None
    won = tells & table.wins[shift]
    behind = tells & ~won & (table.at(0) >= table.at(shift))
    values = np.zeros(len(table.order))
    values[won] = np.log(hit / by_chance)
    values[behind] = np.log(lost / 0.5)
    values[tells & ~won & ~behind] = min(np.log((1 - hit - lost) / (0.5 - by_chance)), 0.0)
    return values


def _best_segment(values: np.ndarray) -> tuple[float, int, int]:
    """Largest sum of neighbouring values, its first and last place."""
    best, start, end = 0.0, 0, -1
    running, began = 0.0, 0
    for place, value in enumerate(values.tolist()):
        if running <= 0:
            running, began = 0.0, place
        running += value
        if running > best:
            best, start, end = running, began, place
    return best, start, end


def _block(table: _Table, shift: int, start: int, end: int, chance: float) -> tuple[Block, int, int]:
    """The block found from record `start` to `end`, and the first and last record it concerns."""
    step = 1 if shift > 0 else -1
    edge, origin = (end, start) if shift > 0 else (start, end)
    # The rows after the block hold outputs that belong into it: it ends where an output fits its own input better.
    while edge != origin and not _claims(table, shift, edge):
        edge -= step
    while _claims(table, shift, edge + step):
        edge += step
    while _claims(table, shift, origin - step):
        origin -= step
    start, end = min(edge, origin), max(edge, origin)
    places = [p for p in range(start, end + 1) if table.order[p] >= 0 and not np.isnan(table.at(shift)[p])]
    donors = [p + shift for p in places]
    left = sorted(set(donors) - set(places))
    spare = sorted(set(places) - set(donors))

    def rows(at: Sequence[int]) -> tuple[int, ...]:
        return tuple(int(table.order[p]) for p in at)

    block = Block(shift, rows(places), rows(donors), rows(left), rows(spare), chance)
    return block, min(places[0], donors[0]), max(places[-1], donors[-1])


def _claims(table: _Table, shift: int, place: int) -> bool:
    """Whether the output at `place + shift` fits the input at `place` better than the inputs of its own row and that one's."""
    donor = place + shift
    if not (0 <= place < len(table.order) and 0 <= donor < len(table.order)):
        return False
    fit = table.at(shift)[place]
    return bool(fit > table.at(0)[place] and fit > table.at(0)[donor])


def in_files(data: Data, at: np.ndarray, affinity: Affinity) -> list[Block]:
    """Blocks of all files of the candidates `at` (indices), whose rows `affinity` describes."""
    random = np.random.default_rng(data.seed)
    shuffled = np.concatenate([random.permutation(len(at)) for _ in range(PAIRS)])
    meaning, words = (max(float(s.std()), 1e-3) for s in affinity.plain(np.tile(np.arange(len(at)), PAIRS), shuffled))

    def score(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
        by_meaning, by_words = affinity.plain(inputs, outputs)
        total: np.ndarray = np.round(by_meaning / meaning + by_words / words, 6)
        return total

    files: dict[str, dict[int, int]] = {}
    for row, index in enumerate(at.tolist()):
        ref = data.candidates.examples[index].ref
        files.setdefault(ref.source, {})[ref.record] = row
    blocks = []
    for _, records in sorted(files.items()):
        first = min(records)
        order = np.full(max(records) - first + 1, -1, dtype=np.int64)
        order[np.array(list(records)) - first] = list(records.values())
        blocks += find(order, score, affinity.same_input, affinity.same_output)
    return blocks
