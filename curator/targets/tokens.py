"""How many tokens an example has, and how far the figure can be trusted.

Exact for the OpenAI vocabularies, which ship with `bpe-openai` and need no network; characters / 4
otherwise. Every counter says which of the two it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from curator.model import Example

PER_MESSAGE = 3
PER_EXAMPLE = 3
"""What a chat format adds around the texts (the OpenAI cookbook's "how to count tokens")."""

_PIECE = 100_000
# Where a letter or digit meets a space or a mark, every vocabulary here begins a new token: a safe place to cut.
_SAFE_CUT = re.compile(r"(?<=[^\W_])(?=[ \n,.;:!?、。，；])")


class Basis(StrEnum):
    """How far a token count can be trusted."""

    EXACT = "exact"
    PROXY = "proxy"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts tokens. `name` is the vocabulary, `basis` whether it is the model's own, another's or none."""

    name: str
    basis: Basis
    text: Callable[[str], int]

    def example(self, example: Example) -> int:
        """Tokens of all turns and tools, with 3 more for each turn and 3 for the example."""
        total = PER_EXAMPLE
        for message in example.messages:
            total += PER_MESSAGE + self.text(message.content or "")
            for call in message.tool_calls:
                total += self.text(call.name) + self.text(call.arguments)
        if example.tools:
            total += self.text(json.dumps(list(example.tools), ensure_ascii=False))
        return total

    def __str__(self) -> str:
        return f"{self.basis} ({self.name})"


def counter(encoding: str | None = None, basis: Basis = Basis.EXACT) -> Counter:
    """The counter for a vocabulary of bpe-openai ("o200k_base", "cl100k_base"); None: characters / 4.

    `basis` is EXACT where the vocabulary is the model's own and PROXY where it stands in for it.
    """
    if encoding is None:
        return Counter("characters / 4", Basis.ESTIMATE, _quarter)
    return Counter(encoding, basis, _bpe(encoding))


def _quarter(text: str) -> int:
    return (len(text) + 3) // 4


@lru_cache(maxsize=2)
def _bpe(encoding: str) -> Callable[[str], int]:
    import bpe_openai

    # `encode` refuses texts that hold "<|endoftext|>"; `encode_ordinary` reads it as the text that it is.
    encode = bpe_openai.get_encoding(encoding).encode_ordinary

    def count(text: str) -> int:
        if len(text) <= _PIECE:
            return len(encode(text))
        return sum(len(encode(piece)) for piece in _pieces(text))

    return count


def _pieces(text: str) -> list[str]:
    """`text` cut into parts that the tokenizer takes (it refuses a million characters), between two tokens."""
    pieces = []
    while len(text) > _PIECE:
        cut = next((m.start() for m in _SAFE_CUT.finditer(text, _PIECE // 2, _PIECE)), _PIECE)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]
