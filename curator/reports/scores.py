"""The scores of every example as a table, CSV or Parquet: to rank by, plot or set one's own cuts."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curator.errors import InputError
from curator.files import write_bytes
from curator.model import Example

if TYPE_CHECKING:
    import pandas as pd

WHOLE = ("record", "line", "duplicate_group", "leakage_record")
TEXT = ("source", "role", "leakage_source", "suggested_label")
COLUMNS = (
    "source",
    "record",
    "line",
    "role",
    "duplicate_similarity",
    "duplicate_group",
    "leakage",
    "leakage_source",
    "leakage_record",
    "label_quality",
    "suggested_label",
    "pair_quality",
    "outlier",
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def write(columns: pd.DataFrame | Mapping[str, Sequence[Any]], path: str | Path) -> None:
    """Write one row per example: the columns of `COLUMNS` in that order, those not given empty.

    `columns` maps names to equally long columns; None and NaN are empty. CSV is UTF-8 with LF, numbers with
    6 significant digits, and texts that a spreadsheet would take for a formula begin with an apostrophe;
    Parquet keeps texts as they are. Raises InputError for another suffix, EnvironmentFailure where
    `path` cannot be written.
    """
    path = Path(path)
    refuse_suffix(path)
    frame = table(columns)
    buffer = io.BytesIO()
    if path.suffix.lower() == ".parquet":
        frame.to_parquet(buffer, index=False)
    else:
        for name in TEXT:
            frame[name] = frame[name].map(defused, na_action="ignore")
        frame.to_csv(buffer, index=False, float_format="%.6g", lineterminator="\n")
    write_bytes(path, buffer.getvalue())


def columns(
    candidates: Sequence[Example], evals: Sequence[Example], scores: Mapping[str, Sequence[Any] | np.ndarray]
) -> dict[str, list[Any]]:
    """The columns of examples by id, candidates first; `scores` has one value for each candidate as they are given."""
    by_id = {e.id: e for e in (*candidates, *evals)}
    order = sorted(range(len(candidates)), key=lambda i: candidates[i].id)
    rows = [candidates[i] for i in order] + sorted(evals, key=lambda e: e.id)
    table: dict[str, list[Any]] = {
        "source": [e.ref.source for e in rows],
        "record": [e.ref.record for e in rows],
        "line": [e.ref.line for e in rows],
        "role": [str(e.ref.role) for e in rows],
    }
    for name, values in scores.items():
        column = [None if isinstance(values[i], float) and np.isnan(values[i]) else values[i] for i in order]
        if name == "leakage_example":
            refs = [by_id[id].ref if id is not None else None for id in column]
            table["leakage_source"] = [*(r and r.source for r in refs), *[None] * len(evals)]
            table["leakage_record"] = [*(r and r.record for r in refs), *[None] * len(evals)]
        else:
            table[name] = [*column, *[None] * len(evals)]
    return table


def refuse_suffix(path: Path) -> None:
    """Raise InputError for a path that is neither .csv nor .parquet."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError("scores are written as .csv or .parquet; choose one of these suffixes", path=path)


def table(columns: pd.DataFrame | Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """The table with exactly `COLUMNS`: whole numbers as Int64, scores as float64, texts as strings."""
    import pandas as pd

    given = columns if isinstance(columns, pd.DataFrame) else pd.DataFrame(dict(columns))
    unknown = sorted(set(given.columns) - set(COLUMNS))
    if unknown:
        raise ValueError(f"no such score: {', '.join(unknown)}")
    frame = given.reindex(columns=list(COLUMNS))
    kinds = {name: "Int64" if name in WHOLE else "string" if name in TEXT else "float64" for name in COLUMNS}
    return frame.astype(kinds)


def defused(text: str) -> str:
    """`text` with an apostrophe in front where a spreadsheet would run it; plain numbers stay as they are."""
    if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text
