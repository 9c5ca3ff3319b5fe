"""Who confuses what with what, as the page shows it: the labels that matter most, and each cell in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ui.i18n import number, share, tr, trn
from ui.presenters.agreement_view import Column, Line, Table

if TYPE_CHECKING:
    from curator.review.agreement.confusion import Confusion
    from curator.review.consensus.choosing import Consensus
    from curator.review.votes.arrays import Votes

FIRST = 12
"""Labels that are shown before somebody asks for all."""

MIXED = 10
"""Pairs of labels that are listed."""

EVERYBODY = ""
CONSENSUS = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared: `row` a reviewer or the consensus, `column` a reviewer or everybody (else)."""

    row: str = CONSENSUS
    column: str = EVERYBODY


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The part of a confusion that is shown: `codes` are the labels of rows and columns, the most confused first.

    `totals`: how often the rows' side said each label in all; `hidden`: labels that are not shown.
    """

    sides: Sides
    found: Confusion
    codes: tuple[int, ...]
    names: tuple[str, ...]
    counts: np.ndarray
    totals: np.ndarray
    hidden: int
    title: str

    def say(self, row: int, column: int) -> str:
        """A cell in words."""
        one, other = self.names[row], self.names[column]
        count, total = int(self.counts[row, column]), int(self.totals[row])
        part = share(count / total) if total else share(0)
        values = {"row": one, "column": other, "part": part, "total": number(total)}
        if self.sides.row:
            return _said_to_a_reviewer(count, self.sides, values)
        return _said_to_the_consensus(count, self.sides, values)

    def mixed_up(self) -> Table:
        """The cells beside the diagonal with the highest counts, of all labels."""
        sides = self.sides
        columns = (
            Column(tr("Consensus") if sides.row == CONSENSUS else tr("{name} said", name=sides.row)),
            Column(tr("{name} said", name=sides.column) if sides.column else tr("Said instead")),
            Column(tr("Times"), "number"),
        )
        lines = []
        for cell in self.found.mixed_up(MIXED):
            one, other = label_text(self.found.labels[cell.row]), label_text(self.found.labels[cell.column])
            lines.append(Line((one, other), (one, other, cell.count)))
        return Table(tr("Most often mixed up"), columns, tuple(lines))

    def examples(self, row: int, column: int) -> list[str]:
        """The items behind a cell."""
        return self.found.items(self.codes[row], self.codes[column])


def _said_to_the_consensus(count: int, sides: Sides, values: dict[str, str]) -> str:
    if sides.column == EVERYBODY:
        return trn(
            "Where the consensus is {row}, {n} vote says {column}: {part} of {total}.",
            "Where the consensus is {row}, {n} votes say {column}: {part} of {total}.",
            count,
            **values,
        )
    return trn(
        "Where the consensus is {row}, {b} said {column} {n} time: {part} of {total}.",
        "Where the consensus is {row}, {b} said {column} {n} times: {part} of {total}.",
        count,
        b=sides.column,
        **values,
    )


def _said_to_a_reviewer(count: int, sides: Sides, values: dict[str, str]) -> str:
    if sides.column == EVERYBODY:
        return trn(
            "Where {a} said {row}, {n} vote of others says {column}: {part} of {total}.",
            "Where {a} said {row}, {n} votes of others say {column}: {part} of {total}.",
            count,
            a=sides.row,
            **values,
        )
    return trn(
        "Where {a} said {row}, {b} said {column} {n} time: {part} of {total}.",
        "Where {a} said {row}, {b} said {column} {n} times: {part} of {total}.",
        count,
        a=sides.row,
        b=sides.column,
        **values,
    )


def compare(votes: Votes, consensus: Consensus, sides: Sides) -> Confusion:
    """The matrix of two sides."""
    from curator.review.agreement.confusion import confusion

    if sides.row == CONSENSUS:
        return confusion(votes, sides.column or None, consensus=consensus)
    return confusion(votes, sides.row, sides.column or None)


def picture(found: Confusion, sides: Sides, everything: bool) -> Picture:
    """The labels most confused first, or all that were used; where labels are numbers and few, in their order."""
    counts = found.counts
    used = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    codes = np.array(_by_confusion(counts, used, len(used) if everything else FIRST), dtype=np.intp)
    if len(codes) == len(used) and _are_numbers(found.labels):
        codes = used
    shown = counts[np.ix_(codes, codes)]
    return Picture(
        sides,
        found,
        tuple(int(code) for code in codes),
        tuple(label_text(found.labels[code]) for code in codes),
        shown,
        counts.sum(axis=1)[codes],
        len(used) - len(codes),
        title_of(sides),
    )


def _by_confusion(counts: np.ndarray, used: np.ndarray, most: int) -> list[int]:
    """At most so many labels, those most confused, each beside what it is most confused with; then those nobody confuses."""
    both = counts + counts.T
    rows, columns = np.nonzero(np.triu(both, 1))
    order: list[int] = []
    placed: set[int] = set()
    for at in np.argsort(-both[rows, columns], kind="stable"):
        one, other = int(rows[at]), int(columns[at])
        new = {one, other} - placed
        if not new or len(placed) + len(new) > most:
            continue
        if other in placed:
            one, other = other, one
        if one in placed:
            _insert(order, one, other, both)
        else:
            order += (one, other)
        placed |= new
    rest = sorted((int(code) for code in used if code not in placed), key=lambda code: -int(counts[code, code]))
    return [*order, *rest][:most]


def _insert(order: list[int], beside: int, code: int, both: np.ndarray) -> None:
    """Put a label beside another, on the side where that is confused less with the one that stands there."""
    at = order.index(beside)
    left = both[beside, order[at - 1]] if at else -1
    right = both[beside, order[at + 1]] if at + 1 < len(order) else -1
    order.insert(at if left < right else at + 1, code)


def title_of(sides: Sides) -> str:
    """What the matrix compares, in a sentence."""
    first = tr("the consensus") if sides.row == CONSENSUS else sides.row
    second = sides.column or (tr("all votes") if sides.row == CONSENSUS else tr("the others"))
    return tr("Matrix: rows are {first}, columns {second}", first=first, second=second)


def label_text(label: str) -> str:
    """A label as it is shown; votes on texts have words of their own."""
    words = {"(keep)": tr("(keep)"), "(drop)": tr("(drop)"), "(change)": tr("(change)"), "": tr("(empty)")}
    return words.get(label, " ".join(label.split()))


def _are_numbers(labels: tuple[str, ...]) -> bool:
    def is_number(label: str) -> bool:
        try:
            float(label)
        except ValueError:
            return False
        return True

    return all(map(is_number, labels))
