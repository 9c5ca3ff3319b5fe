"""Vectors already paid for, by text and encoder, shared by all projects of a user.

One SQLite file per encoder in the platform's cache folder (or CURATOR_CACHE_DIR). The cache is a
convenience: where it cannot be read or written the work goes on without it, and `problem` says why.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

_CHUNK = 500


def cache_folder() -> Path:
    """Where caches of this user lie."""
    given = os.environ.get("CURATOR_CACHE_DIR")
    if given:
        return Path(given).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("curator", appauthor=False))


def text_key(text: str) -> bytes:
    """16 bytes that name a text."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class VectorCache:
    """Vectors by `text_key`, stored as float16 (the rounding moves a cosine by less than .0001)."""

    def __init__(self, fingerprint: str, folder: Path | None = None):
        self.path = (folder or cache_folder()) / "embeddings" / f"{fingerprint}.sqlite"
        self.problem: str | None = None
        self._connection = self._open()

    def get(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """The vectors that are there: key → float16 (dimension,)."""
        found: dict[bytes, np.ndarray] = {}
        if self._connection is None:
            return found
        try:
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                rows = self._connection.execute(f"SELECT key, vector FROM vector WHERE key IN ({marks})", chunk)
                found.update((key, np.frombuffer(blob, dtype=np.float16)) for key, blob in rows)
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def put(self, rows: Iterable[tuple[bytes, np.ndarray]]) -> None:
        """Store float16 vectors; one commit, so an interruption keeps all earlier calls."""
        if self._connection is None:
            return
        try:
            with self._connection:
                self._connection.executemany(
                    "INSERT OR IGNORE INTO vector VALUES (?, ?)",
                    ((key, np.asarray(vector, dtype=np.float16).tobytes()) for key, vector in rows),
                )
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> sqlite3.Connection | None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=10)
            # A lost cache costs time, not work: no need to wait for the disk at each commit.
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )
            connection.commit()
        except (OSError, sqlite3.Error) as error:
            self._connection = None
            self._give_up(error)
            return None
        return connection

    def _give_up(self, error: Exception) -> None:
        self.problem = (
            f"the embedding cache {self.path} cannot be used ({error}); going on without it. "
            "Delete that file, or set CURATOR_CACHE_DIR to another folder."
        )
        self.close()
