"""The one door to vectors: looks in the cache, encodes what is missing, each text once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from curator.embedding.cache import VectorCache, text_key
from curator.embedding.encoder import Encoder, EncoderInfo, unit
from curator.progress import Progress, Silent

_COMMIT = 2_048
"""Texts encoded between two commits to the cache: what an interruption can cost."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Vectors of all windows of some texts: `vectors` (windows, dimension); `owner` (windows,) the text's index."""

    vectors: np.ndarray
    owner: np.ndarray


class Embedder:
    """Vectors for texts, from the cache where it has them. `encoded` counts the texts that had to be encoded."""

    def __init__(self, encoder: str | None = None, cache: Path | None = None):
        self._encoder = Encoder(encoder)
        self._cache_folder = cache
        self.encoded = 0

    @property
    def info(self) -> EncoderInfo:
        return self._encoder.info

    @property
    def problem(self) -> str | None:
        """Why the cache could not be used, None where it could or was not needed."""
        return self._cache.problem if "_cache" in self.__dict__ else None

    @cached_property
    def _cache(self) -> VectorCache:
        return VectorCache(self.info.fingerprint, self._cache_folder)

    def close(self) -> None:
        if "_cache" in self.__dict__:
            self._cache.close()

    def vectors(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Unit vectors, float32, shape (len(texts), dimension); long texts as the mean of their windows."""
        windows = self.windows(texts, progress)
        if len(windows.owner) == len(texts):
            return windows.vectors
        sums = np.zeros((len(texts), windows.vectors.shape[1]), dtype=np.float32)
        np.add.at(sums, windows.owner, windows.vectors)
        return unit(sums)

    def windows(self, texts: Sequence[str], progress: Progress | None = None) -> Windows:
        """Unit vectors of every window of every text, in the order of the texts."""
        pieces: list[str] = []
        owner: list[int] = []
        for index, parts in enumerate(self._encoder.windows(texts)):
            pieces.extend(parts)
            owner.extend([index] * len(parts))
        return Windows(self._lookup(pieces, progress or Silent()), np.asarray(owner, dtype=np.int64))

    def missing(self, texts: Sequence[str]) -> int:
        """How many texts (windows of long ones) would have to be encoded: they are not in the cache."""
        keys = {text_key(piece) for parts in self._encoder.windows(texts) for piece in parts}
        return len(keys) - len(self._cache.get(list(keys)))

    def pieces(self, texts: Sequence[str]) -> list[list[str]]:
        """The texts of the windows of each text, in the order of `windows`."""
        return self._encoder.windows(texts)

    def _lookup(self, texts: Sequence[str], progress: Progress) -> np.ndarray:
        keys = [text_key(text) for text in texts]
        unique = dict(zip(keys, texts, strict=True))
        found = self._cache.get(list(unique))
        missing = sorted(
            ((key, text) for key, text in unique.items() if key not in found), key=lambda pair: len(pair[1])
        )
        for start in range(0, len(missing), _COMMIT):
            chunk = missing[start : start + _COMMIT]
            step = _Offset(progress, start, len(missing))
            made = self._encoder.encode([text for _, text in chunk], step).astype(np.float16)
            rows = [(key, vector) for (key, _), vector in zip(chunk, made, strict=True)]
            self._cache.put(rows)
            found.update(rows)
            self.encoded += len(chunk)
        if not keys:
            return np.zeros((0, 0), dtype=np.float32)
        return unit(np.stack([found[key] for key in keys]))


class _Offset:
    """Progress of one chunk told as progress of the whole."""

    def __init__(self, progress: Progress, before: int, total: int):
        self._progress, self._before, self._total = progress, before, total

    def report(self, done: int, total: int | None, text: str) -> None:
        self._progress.report(self._before + done, self._total, text)

    def cancelled(self) -> bool:
        return self._progress.cancelled()
