"""Helpers that every check uses to write its findings the same way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from curator.text import plural

__all__ = ["finding_id", "logistic", "plural", "shorten"]

SHORT = 240


def finding_id(check: str, keys: Iterable[str], detail: str = "") -> str:
    """16 hex digits from the check and what the examples say: the same finding has the same id in every run."""
    text = "\x00".join((check, *keys, detail))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def shorten(text: str, room: int = SHORT) -> str:
    """`text` cut to `room` characters, the cut shown."""
    return text if len(text) <= room else text[: room - 1] + "…"


def logistic(values: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-x), safe for large |x|."""
    safe: np.ndarray = 1 / (1 + np.exp(-np.clip(values, -60, 60)))
    return safe
