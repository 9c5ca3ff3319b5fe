"""One encoder for all tests of checks; its model is loaded when the first text needs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.embedding import Embedder


@pytest.fixture(scope="session")
def embedder(embedding_cache: Path) -> Iterator[Embedder]:
    made = Embedder()
    yield made
    made.close()
