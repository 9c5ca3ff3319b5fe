"""What the page Agreement shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from curator.review.agreement.estimates import Estimate
from ui.i18n import number, share, tr

Cell = str | int | float | Estimate | None
Kind = Literal["text", "number", "share", "coefficient"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measure of agreement, with one line on what it means. `unit`: a share of 1, or a coefficient with its bounds."""

    id: str
    title: str
    help: str
    estimate: Estimate
    unit: Kind = "coefficient"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `bar`: its figures are shown with their intervals, as pictures."""

    title: str
    kind: Kind = "text"
    help: str = ""
    bar: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table; `key` says what it is about, whatever its cells say by now."""

    key: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`lines` in the order in which they stand unless somebody sorts them."""

    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """Agreement in one stretch of the work; `text` says all of it."""

    name: str
    estimate: Estimate
    text: str
    unit: Kind = "coefficient"


def value_text(value: float | None, unit: Kind) -> str:
    """A figure as it is written: 93% or 0.71; a dash where it is undefined."""
    if value is None:
        return "–"
    return share(value) if unit == "share" else number(value, 2)


def span_text(estimate: Estimate, unit: Kind) -> str:
    """The interval of a figure, "" without one."""
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = value_text(estimate.low, unit), value_text(estimate.high, unit)
    return tr("{low} to {high}", low=low, high=high)


def cell_text(cell: Cell, unit: Kind) -> str:
    """A cell of a table in words."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Estimate):
        span = span_text(cell, unit)
        return value_text(cell.value, unit) + (f" ({span})" if span else "")
    return value_text(cell, unit) if unit in ("share", "coefficient") else number(cell)


def sort_value(cell: Cell) -> tuple[int, float, str]:
    """What cells are sorted by; what is missing comes first."""
    if cell is None:
        return 0, 0.0, ""
    if isinstance(cell, Estimate):
        return (0, 0.0, "") if cell.value is None else (1, cell.value, "")
    return (2, 0.0, cell.casefold()) if isinstance(cell, str) else (1, float(cell), "")
