"""The scores of every example as a table, CSV or Parquet: to rank by, plot or set one's own cuts."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.errors import InputError
from curator.files import write_bytes

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
