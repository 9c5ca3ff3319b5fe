"""Hashed eval sets: making one of texts, and what candidates are compared with."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from curator.checks.data import Corpus, fold
from curator.checks.leak_runs import GRAM, SHORTEST, Runs, digested, spoken
from curator.embedding import Embedder, Windows
from curator.embedding.encoder import unit
from curator.errors import InputError
from curator.formats.hashed import EXTRA, SALT_BYTES, HashedText, run_hash, text_hash
from curator.model import Example
from curator.progress import Progress


def hide(
    examples: Sequence[Example], embedder: Embedder, salt: str | None = None, progress: Progress | None = None
) -> Iterator[Example]:
    """Examples with what a hashed eval set says of them in `extra`. `salt`: hex digits, random where not given.

    Raises InputError for a salt that is none.
    """
    key = _key(salt)
    common = {"salt": key.hex(), "gram": GRAM, "encoder": embedder.info.as_json()}
    inputs = _hidden([e.input for e in examples], embedder, key, progress)
    outputs = _hidden([e.output for e in examples], embedder, key, progress)
    for example, asked, answer in zip(examples, inputs, outputs, strict=True):
        output = answer if example.output_at is not None else None
        yield Example(example.ref, example.messages, extra={EXTRA: {**common, "input": asked, "output": output}})


def _key(salt: str | None) -> bytes:
    if salt is None:
        return secrets.token_bytes(SALT_BYTES)
    try:
        key = bytes.fromhex(salt)
    except ValueError:
        key = b""
    if not SALT_BYTES <= len(key) <= 64:
        raise InputError(f"the salt must be {2 * SALT_BYTES} to 128 hex digits; leave out --salt for a random one")
    return key


def _hidden(texts: list[str], embedder: Embedder, key: bytes, progress: Progress | None) -> list[dict[str, Any]]:
    windows = embedder.windows(texts, progress)
    bounds = np.searchsorted(windows.owner, np.arange(len(texts) + 1))
    made = []
    for number, text in enumerate(texts):
        count = len(spoken(text))
        length = min(GRAM, count) if count >= SHORTEST else 0
        runs = digested([text], [length], lambda run: run_hash(" ".join(run), key)).codes if length else np.zeros(0)
        vectors = windows.vectors[bounds[number] : bounds[number + 1]]
        made.append(HashedText(text_hash(fold(text), key), runs, length, count, vectors).as_json())
    return made


class Hidden:
    """The private examples of an eval corpus, by number: their inputs and outputs without words, and the salt of each."""

    def __init__(self, evals: Corpus):
        kept = {number: e.extra[EXTRA] for number, e in enumerate(evals.examples) if EXTRA in e.extra}
        self.inputs = {number: HashedText.from_json(record["input"]) for number, record in kept.items()}
        self.outputs = {
            number: HashedText.from_json(record["output"]) for number, record in kept.items() if record["output"]
        }
        self.salts = {number: bytes.fromhex(record["salt"]) for number, record in kept.items()}
        self._made_by = {evals.examples[number].ref.source: record["encoder"] for number, record in kept.items()}

    def refuse_other_encoder(self, embedder: Embedder) -> None:
        """Raise InputError where the vectors are of another encoder than the one at hand: they cannot be compared."""
        for source, made_by in self._made_by.items():
            if made_by["sha256"] != embedder.info.sha256:
                raise InputError(
                    f"its vectors were made with the encoder {made_by.get('name', '?')}, not {embedder.info.name}; "
                    "check with that one (--encoder), or make the file again from the texts",
                    path=source,
                )


def same_output(output: str, example: Example) -> bool:
    """Whether a candidate's output is that of an eval example, which may be private."""
    kept = example.extra.get(EXTRA)
    if kept is None:
        return fold(output) == fold(example.output)
    text = kept["output"]
    return text is not None and text_hash(fold(output), bytes.fromhex(kept["salt"])) == text["exact"]


def vectors_of(
    evals: Corpus, texts: Sequence[str], outputs: bool, embedder: Embedder, progress: Progress
) -> np.ndarray:
    """Unit vectors of the eval inputs or `outputs` (`texts`, stand-ins where private), (e, d)."""
    hidden = Hidden(evals)
    if not hidden.salts:
        return embedder.vectors(texts, progress)
    hidden.refuse_other_encoder(embedder)
    known = hidden.outputs if outputs else hidden.inputs
    rows = [number for number in range(len(texts)) if number not in known]
    width = next(iter(hidden.inputs.values())).windows.shape[1]
    made = np.zeros((len(texts), width), dtype=np.float32)
    if rows:
        made[rows] = embedder.vectors([texts[number] for number in rows], progress)
    for number, text in known.items():
        made[number] = text.windows.astype(np.float32).sum(axis=0)
    return unit(made)


def hashed_windows(texts: Sequence[HashedText]) -> Windows:
    """The windows of private texts, unit vectors, in their order."""
    owner = np.repeat(np.arange(len(texts)), [len(text.windows) for text in texts])
    return Windows(unit(np.concatenate([text.windows for text in texts])), owner)


def hashed_runs(texts: Sequence[HashedText | None]) -> tuple[Runs, list[int]]:
    """The runs of private texts (None: not among these), and their lengths."""
    sizes = np.array([len(text.runs) if text else 0 for text in texts], dtype=np.int64)
    codes = [text.runs for text in texts if text]
    made = np.concatenate([*codes, np.zeros(0, dtype=np.uint64)]).astype(np.uint64)
    lengths = sorted({text.run for text in texts if text and text.run})
    return Runs(made, np.repeat(np.arange(len(texts)), sizes), sizes), lengths


def joined(first: HashedText | None, second: HashedText | None) -> HashedText:
    """Two private texts as one; only one alone keeps its hash."""
    parts = [text for text in (first, second) if text]
    if len(parts) == 1:
        return parts[0]
    return HashedText(
        "",
        np.unique(np.concatenate([text.runs for text in parts])),
        GRAM,
        sum(text.words for text in parts),
        np.concatenate([text.windows for text in parts]),
    )
