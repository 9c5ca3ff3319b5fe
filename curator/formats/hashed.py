"""Eval sets that can be checked against and not read: hashes and embeddings in the place of texts.

A file of JSON lines. The first is the header (schema, encoder, salt, words in a run); each other line is one example:
keyed hashes (blake2b) of its folded input and output and of their runs of words, and float16 vectors of their windows.
It does not hide everything: vectors can be turned back into texts of a like meaning (Morris et al. 2023,
arXiv:2310.06816), and who has the file can hash guesses, so short or guessable texts are not safe in it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.formats.records import Row, Unreadable
from curator.model import Example, Message, Ref, Rejected

NAME = "hashed"
SCHEMA = "curator/hashed-eval/1"
EXTRA = "hashed_eval"
"""Where an example keeps what its file held, with the header's `salt`, `gram` and `encoder`."""
SALT_BYTES = 16
_TEXT, _RUN = b"text", b"run"


@dataclass(frozen=True, slots=True)
class Header:
    """What holds for the whole file: `encoder` as in `EncoderInfo.as_json`, `salt` in hex digits, words in a run."""

    encoder: Mapping[str, str]
    salt: str
    gram: int

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, "encoder": dict(self.encoder), "salt": self.salt, "gram": self.gram}


@dataclass(frozen=True, slots=True)
class HashedText:
    """A text without its words: `exact` (hex digits) of the folded text; `runs` (r,) uint64, each of `run` words; `words` how
    many words it has; `windows` (w, d) float16."""

    exact: str
    runs: np.ndarray
    run: int
    words: int
    windows: np.ndarray

    def as_json(self) -> dict[str, Any]:
        return {
            "exact": self.exact,
            "words": self.words,
            "run": self.run,
            "runs": _packed(self.runs, "<u8"),
            "windows": _packed(self.windows, "<f2"),
            "dimension": int(self.windows.shape[1]),
        }

    @classmethod
    def from_json(cls, record: Any) -> HashedText:
        """Raises Unreadable where a part is missing or damaged."""
        try:
            dimension = int(record["dimension"])
            made = cls(
                str(record["exact"]),
                _unpacked(record["runs"], "<u8"),
                int(record["run"]),
                int(record["words"]),
                _unpacked(record["windows"], "<f2").reshape(-1, dimension),
            )
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            raise Unreadable("a part of the hashed text is missing or damaged") from None
        if not len(made.windows) or not np.isfinite(made.windows).all():
            raise Unreadable("its vectors are missing or damaged")
        return made


def text_hash(folded: str, salt: bytes) -> str:
    """32 hex digits that name a folded text to whoever has the salt."""
    return _digest(folded, salt, _TEXT, 16).hex()


def run_hash(run: str, salt: bytes) -> int:
    """A run of words as 64 bits."""
    return int.from_bytes(_digest(run, salt, _RUN, 8), "little")


def _digest(text: str, salt: bytes, person: bytes, size: int) -> bytes:
    encoded = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(encoded, key=salt, person=person, digest_size=size).digest()


def is_header(record: Any) -> bool:
    """True for the first record of such a file."""
    return isinstance(record, Mapping) and record.get("schema") == SCHEMA


def header_of(record: Mapping[str, Any]) -> Header:
    """Raises Unreadable where the header does not say what is needed."""
    encoder, salt, gram = record.get("encoder"), record.get("salt"), record.get("gram")
    try:
        sound = isinstance(encoder, dict) and isinstance(salt, str) and 0 < len(bytes.fromhex(salt)) <= 64
    except ValueError:
        sound = False
    if not sound or not isinstance(gram, int) or "sha256" not in encoder:  # type: ignore[operator]
        raise Unreadable("the header of the hashed eval set lacks its encoder, salt or gram")
    return Header(encoder, salt, gram)  # type: ignore[arg-type]


def read_hashed(rows: Iterable[Row], source: str, role: Any) -> Iterator[Example | Rejected]:
    """Examples with stand-in texts; what the file says of each is in `extra`. The header is not counted as a record."""
    stream = iter(rows)
    header = header_of(next(stream).value)
    common = {"salt": header.salt, "gram": header.gram, "encoder": dict(header.encoder)}
    for number, row in enumerate(stream):
        ref = Ref(source, number, row.line, role)
        try:
            if row.problem:
                raise Unreadable(row.problem)
            yield _example(row.value, ref, common)
        except Unreadable as reason:
            raw = row.raw.encode("utf-8", "replace") if isinstance(row.raw, str) else row.raw or b""
            yield Rejected(ref, str(reason), raw)


def _example(record: Any, ref: Ref, common: Mapping[str, Any]) -> Example:
    if not isinstance(record, Mapping) or "input" not in record:
        raise Unreadable("not an example of a hashed eval set")
    given = HashedText.from_json(record["input"])
    # Two examples never stand for each other: the name is as good as the text.
    messages = [Message("user", f"private eval example {ref.record + 1} ({given.exact[:8]})")]
    if record.get("output") is not None:
        answer = HashedText.from_json(record["output"])
        messages.append(Message("assistant", f"private output ({answer.exact[:8]})"))
    kept = {**common, "input": record["input"], "output": record.get("output")}
    return Example(ref, tuple(messages), extra={EXTRA: kept})


def _packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()


def _unpacked(text: str, kind: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype=kind)
