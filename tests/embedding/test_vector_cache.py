"""The cache: what it saves, and that its trouble is a note and never a failure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from curator.embedding import Embedder
from curator.embedding.cache import VectorCache, cache_folder, text_key

TEXTS = ["Where is my parcel?", "Close my account.", "Where is my parcel?"]


def cache_file(folder: Path) -> Path:
    (path,) = (folder / "embeddings").glob("*.sqlite")
    return path


def test_a_text_is_encoded_once_and_a_second_run_encodes_nothing(tmp_path: Path) -> None:
    first = Embedder(cache=tmp_path)
    vectors = first.vectors(TEXTS)
    first.close()
    again = Embedder(cache=tmp_path)
    np.testing.assert_array_equal(again.vectors(TEXTS), vectors)
    assert (first.encoded, again.encoded) == (2, 0)
    again.vectors([*TEXTS, "A new one."])
    again.close()
    assert again.encoded == 1
    assert first.problem is None
    assert again.problem is None


def test_a_cached_vector_is_the_one_that_was_just_encoded(tmp_path: Path) -> None:
    """The first run must not see finer numbers than the second, or exports would differ."""
    with_cache, without = Embedder(cache=tmp_path / "a"), Embedder(cache=tmp_path / "b")
    with_cache.vectors(TEXTS)
    np.testing.assert_array_equal(with_cache.vectors(TEXTS), without.vectors(TEXTS))


def test_an_unwritable_place_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "embeddings").write_text("a file where a folder should be")
    embedder = Embedder(cache=tmp_path)
    assert embedder.vectors(TEXTS).shape == (3, 384)
    assert embedder.problem is not None
    assert "going on without it" in embedder.problem
    assert "CURATOR_CACHE_DIR" in embedder.problem


def test_a_damaged_file_is_a_note(tmp_path: Path) -> None:
    embedder = Embedder(cache=tmp_path)
    vectors = embedder.vectors(TEXTS)
    embedder.close()
    cache_file(tmp_path).write_bytes(b"this is not a database, " * 500)
    again = Embedder(cache=tmp_path)
    np.testing.assert_array_equal(again.vectors(TEXTS), vectors)
    assert again.problem is not None


def test_a_full_disk_is_a_note(tmp_path: Path) -> None:
    cache = VectorCache("full", tmp_path)
    assert cache._connection is not None
    cache._connection.execute("PRAGMA max_page_count = 3")
    rows = [(text_key(str(n)), np.ones(384, dtype=np.float16)) for n in range(50)]
    cache.put(rows)
    assert cache.problem is not None
    assert "full" in cache.problem
    assert cache.get([rows[0][0]]) == {}
    cache.close()


def test_the_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATOR_CACHE_DIR", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    cache = VectorCache("some")
    cache.put([(text_key("a"), np.arange(4, dtype=np.float16))])
    assert cache.get([text_key("a"), text_key("b")])[text_key("a")].tolist() == [0, 1, 2, 3]
    cache.close()
    assert cache.path.is_relative_to(tmp_path / "here")


def test_lone_surrogates_have_a_key() -> None:
    assert len(text_key("\ud800")) == 16
    assert text_key("\ud800") != text_key("\ud801")
