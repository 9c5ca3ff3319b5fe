"""Vectors that depend on the text alone, windows over long texts, and weights that are not trusted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from curator.embedding import encoder as encoder_module
from curator.embedding.encoder import DEFAULT, DEFAULT_SHA256, Encoder
from curator.embedding.packed import PackedBert
from curator.embedding.service import Embedder
from curator.errors import Cancelled, EnvironmentFailure, InputError
from curator.progress import Silent

TEXTS = [
    "Where is my parcel?",
    "I would like to close my account and have all my data deleted.",
    "Yes.",
    "",
    "Straße, café, 东京, 🙂",
    "The invoice for order 70220 names the wrong company, could you send a new one to my office in Graz?",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def threads() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_a_vector_does_not_depend_on_what_is_encoded_with_it(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    assert together.shape == (len(TEXTS), 384)
    assert together.dtype == np.float32
    np.testing.assert_array_equal(together, np.concatenate([encoder.encode([text]) for text in TEXTS]))
    np.testing.assert_array_equal(together, encoder.encode(TEXTS[::-1])[::-1])
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
def test_a_vector_does_not_depend_on_the_size_of_a_batch(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Encoder()
    monkeypatch.setitem(encoder.__dict__, "precision", precision)
    texts = [*TEXTS, *(f"{text} And {n} more." for n in range(12) for text in TEXTS), "a long one " * 80]
    usual = encoder.encode(texts)
    for tokens in (1, 40, 300, 100_000):
        monkeypatch.setattr(encoder_module, "BATCH", tokens)
        np.testing.assert_array_equal(encoder.encode(texts[::-1])[::-1], usual)
        np.testing.assert_array_equal(encoder.encode(texts[3:5]), usual[3:5])


def test_the_quick_way_gives_the_vectors_of_sentence_transformers(encoder: Encoder) -> None:
    texts = [text for text in TEXTS if text] + ["The garden has roses and lilies. " * 30]
    assert isinstance(encoder._model, PackedBert)
    usual = _by_sentence_transformers(encoder, texts)
    cosines = (usual * encoder.encode(texts)).sum(axis=1)
    assert cosines.min() > 0.9995


def _by_sentence_transformers(encoder: Encoder, texts: list[str]) -> np.ndarray:
    model = encoder_module._load(encoder.folder, encoder.precision)
    return encoder_module.unit(model.encode(texts, convert_to_tensor=True, show_progress_bar=False).float().numpy())


def test_a_bert_that_pools_otherwise_is_left_to_sentence_transformers(copied: Path, encoder: Encoder) -> None:
    pooling = copied / "1_Pooling" / "config.json"
    pooling.write_text(
        pooling.read_text().replace('"pooling_mode_mean_tokens": true', '"pooling_mode_mean_tokens": false')
    )
    pooling.write_text(pooling.read_text().replace('"pooling_mode_cls_token": false', '"pooling_mode_cls_token": true'))
    other = Encoder(str(copied))
    assert not isinstance(other._model, PackedBert)
    vectors = other.encode(TEXTS)
    assert (_by_sentence_transformers(other, TEXTS) * vectors).sum(axis=1).min() > 0.9995
    assert (encoder.encode(TEXTS) * vectors).sum(axis=1).min() < 0.99
    np.testing.assert_array_equal(other.encode(TEXTS[::-1])[::-1], vectors)


def test_texts_of_the_same_tokens_are_encoded_once(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    packed = encoder._model
    inner = packed.encode
    monkeypatch.setattr(packed, "encode", lambda ids: (seen.append(len(ids)), inner(ids))[1])
    vectors = encoder.encode(["Where is it?", "where is  it?", "WHERE IS IT?"])
    assert seen == [1]
    assert (vectors == vectors[0]).all()


@pytest.mark.usefixtures("threads")
def test_a_vector_does_not_depend_on_the_number_of_threads(encoder: Encoder) -> None:
    import torch

    torch.set_num_threads(1)
    alone = encoder.encode(TEXTS)
    torch.set_num_threads(2)
    np.testing.assert_array_equal(alone, encoder.encode(TEXTS))


def test_meaning_is_in_the_vectors(encoder: Encoder) -> None:
    a, b, c = encoder.encode(["Where is my parcel?", "My package has not arrived.", "The violin needs new strings."])
    assert a @ b > 0.5 > a @ c


def test_nothing_to_encode_is_nothing(encoder: Encoder) -> None:
    assert len(encoder.encode([])) == 0


def test_encoding_stops_when_asked(encoder: Encoder) -> None:
    class Stopped(Silent):
        def cancelled(self) -> bool:
            return True

    with pytest.raises(Cancelled):
        encoder.encode(TEXTS, Stopped())


def test_short_texts_are_one_window(encoder: Encoder) -> None:
    assert encoder.windows(TEXTS) == [[text] for text in TEXTS]


def test_windows_cover_every_word_overlap_and_are_read_whole(encoder: Encoder) -> None:
    words = [f"word{n}" for n in range(400)]
    (windows,) = encoder.windows([" ".join(words)])
    assert len(windows) > 3
    assert set(words) <= {word for window in windows for word in window.split()}
    lengths = [len(ids) for ids in encoder._token_ids(windows)]
    assert max(lengths) <= encoder.max_tokens
    for before, after in pairwise(windows):
        assert len(set(before.split()) & set(after.split())) >= 15


def test_texts_of_few_characters_and_many_tokens_are_cut_too(encoder: Encoder) -> None:
    """Hangul comes apart into letters: 200 characters are more tokens than the model reads."""
    text = "한국어문장입니다 " * 25
    assert len(text) < encoder.max_tokens
    assert len(encoder.windows([text])[0]) > 1


def test_a_long_text_is_the_mean_of_its_windows_at_unit_length(tmp_path: Path) -> None:
    embedder = Embedder(cache=tmp_path)
    long = "The garden has roses and lilies. " * 90 + "The engine of the car is broken. " * 90
    (vector,) = embedder.vectors([long])
    windows = embedder.windows([long]).vectors
    mean = windows.mean(axis=0)
    np.testing.assert_allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)
    assert abs(np.linalg.norm(vector) - 1) < 1e-5
    (end,) = embedder.vectors(["The engine of the car is broken."])
    assert vector @ end > 0.4  # what stands last counts too


def test_windows_tell_whose_they_are_in_the_order_of_the_texts(tmp_path: Path) -> None:
    found = Embedder(cache=tmp_path).windows(["short", "word " * 600, "other"])
    assert found.owner.tolist() == sorted(found.owner.tolist())
    assert set(found.owner.tolist()) == {0, 1, 2}
    assert len(found.vectors) == len(found.owner) > 4


def test_the_default_encoder_is_named_with_its_checksum(encoder: Encoder) -> None:
    assert (encoder.info.name, encoder.info.sha256) == (DEFAULT, DEFAULT_SHA256)
    assert len(encoder.info.fingerprint) == 16


@pytest.fixture
def copied(tmp_path: Path, encoder: Encoder) -> Path:
    return Path(shutil.copytree(encoder.folder, tmp_path / "model"))


def damage(weights: Path) -> None:
    with weights.open("r+b") as handle:
        handle.seek(-1, 2)
        last = handle.read(1)
        handle.seek(-1, 2)
        handle.write(bytes([last[0] ^ 1]))


def test_damaged_weights_of_the_default_are_refused(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(copied / "model.safetensors")
    monkeypatch.setattr(encoder_module, "_default_folder", lambda: copied)
    with pytest.raises(EnvironmentFailure, match=r"model\.safetensors: the encoder's weights are damaged"):
        _ = Encoder().info


def test_a_folder_is_an_encoder_of_its_own(copied: Path, encoder: Encoder, tmp_path: Path) -> None:
    own = Encoder(str(copied))
    np.testing.assert_array_equal(own.encode(TEXTS[:1]), encoder.encode(TEXTS[:1]))
    assert own.info.fingerprint != encoder.info.fingerprint


def test_weights_that_can_run_code_are_refused(copied: Path) -> None:
    (copied / "model.safetensors").unlink()
    (copied / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    with pytest.raises(InputError, match="other weight formats can run code"):
        _ = Encoder(str(copied)).info


def test_a_folder_that_is_no_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(InputError, match="is not a usable sentence-transformers model"):
        Encoder(str(tmp_path)).encode(["x"])


def test_an_unknown_name_is_one_sentence_and_asks_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    with pytest.raises(InputError, match="neither a folder nor a model already on this machine") as caught:
        Encoder("nobody/no-such-model")
    assert "\n" not in str(caught.value)
