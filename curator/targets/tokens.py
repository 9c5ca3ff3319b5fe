"""How many tokens an example has, and how far the figure can be trusted.

Exact where the vocabulary is the model's own and at hand without a network: OpenAI's, which ship with `bpe-openai`;
Mistral's, with the extra `mistral`; and whatever `tokenizer.json` the user names. The vocabularies of other models may not be
shipped: another one stands in for them, and every counter says so.

What stands in was chosen by measuring against the models' own vocabularies: customer questions, word problems, code, and the
Universal Declaration of Human Rights in nine languages. Llama 3 is cl100k_base with words of other scripts added: 0.0% off on
English and code, 0.1% on German, French and Spanish, but 42 to 89% too many elsewhere, where o200k_base is at most 17% off (44%
too few in Hindi). Qwen is the same with every digit a token of its own: 0.0% off on English and code, 1.5% on Latin script (31%
too many in Chinese, 68% too few in Hindi). Gemma 3 and Mistral take digits one by one too: o200k_base with single digits is 1 to
7% too few on English and code, 1 to 17% off elsewhere (Gemma: 48% too many in Japanese). Characters / 4 is 28% too few on word
problems, 20 to 27% on code, 50 to 70% in Chinese, Japanese and Korean.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from curator.errors import InputError
from curator.files import reason
from curator.model import Example, Message
from curator.resources import resource

PER_MESSAGE = 3
PER_EXAMPLE = 3
"""What a chat format adds around the texts (the OpenAI cookbook's "how to count tokens")."""
TOKENIZER_FILE = "tokenizer.json"

_PIECE = 100_000
# Where a letter or digit meets a space or a mark, every vocabulary here begins a new token: a safe place to cut.
_SAFE_CUT = re.compile(r"(?<=[^\W_])(?=[ \n,.;:!?、。，；])")
_NUMBER = re.compile(r"[0-9]+")
# From Greek on, but for the marks, arrows and signs that texts of all scripts have.
_BEYOND_LATIN = re.compile("[\u0370-\u1fff\u2e80-\U0010ffff]+")

Count = Callable[[str], int]


class Basis(StrEnum):
    """How far a token count can be trusted."""

    EXACT = "exact"
    PROXY = "proxy"
    ESTIMATE = "estimate"


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts tokens. `name` is the vocabulary, `basis` whether it is the model's own, another's or none; `note`: how far
    off one that stands in was found to be."""

    name: str
    basis: Basis
    text: Count
    note: str = ""

    def example(self, example: Example, *, pair: bool = False) -> int:
        """Tokens of all turns and tools, with 3 more for each turn and 3 for the example.

        `pair`: those of the output that is not preferred as well, for it is trained on too.
        """
        return _example(example, pair, self.text)

    def examples(self, examples: Iterable[Example], *, pair: bool = False) -> list[int]:
        """The same of many: a text that recurs, such as a system text or a label, is counted once."""
        known: dict[str, int] = {}
        count = self.text

        def once(text: str) -> int:
            found = known.get(text)
            if found is None:
                found = known[text] = count(text)
            return found

        return [_example(example, pair, once) for example in examples]

    def __str__(self) -> str:
        return f"{self.basis} ({self.name})"


def _example(example: Example, pair: bool, count: Count) -> int:
    total = PER_EXAMPLE + sum(_turn(message, count) for message in example.messages)
    if pair:
        total += sum(_turn(message, count) for message in example.non_preferred)
    if example.tools:
        total += count(json.dumps(list(example.tools), ensure_ascii=False))
    return total


def _turn(message: Message, count: Count) -> int:
    total = PER_MESSAGE + count(message.content or "")
    for call in message.tool_calls:
        total += count(call.name) + count(call.arguments)
    return total


def counter(encoding: str | None = None, basis: Basis = Basis.EXACT) -> Counter:
    """The counter for a vocabulary of bpe-openai ("o200k_base", "cl100k_base"); None: characters / 4.

    `basis` is EXACT where the vocabulary is the model's own and PROXY where it stands in for it.
    """
    if encoding is None:
        return Counter("characters / 4", Basis.ESTIMATE, _quarter)
    return Counter(encoding, basis, _bpe(encoding))


def of(known: str | Mapping[str, Any] | None) -> Counter:
    """The counter that a provider's data file names or describes; None: characters / 4.

    A name is one of `resources/tokenizers.json`, which has descriptions.
    `encoding` and `basis` as of `counter`. One that stands in names the models that it stands in `for`, and can say more:
    `digits` "single", their vocabularies hold no numbers of several digits; `other_scripts`, the vocabulary for texts whose
    letters are mostly not Latin ones; `note`, how far off it was found to be. `package` and `file`: the vocabulary comes in a
    package that need not be installed, and `else` says what stands in where it is not.
    """
    if known is None:
        return counter()
    if isinstance(known, str):
        return of(_described()[known])
    if "package" in known:
        own = _mistral(known["file"])
        return of(known["else"]) if own is None else Counter(f"{known['file']} of {known['package']}", Basis.EXACT, own)
    name, count = str(known["encoding"]), _bpe(known["encoding"])
    if other := known.get("other_scripts"):
        count = _by_script(count, _bpe(other))
        name += f"/{other}"
    if known.get("digits") == "single":
        count = _with_single_digits(count)
        name += " with single digits"
    if models := known.get("for"):
        name += f" for {models}"
    return Counter(name, Basis(known["basis"]), count, known.get("note", ""))


@lru_cache(maxsize=1)
def _described() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(resource("tokenizers.json").read_text(encoding="utf-8"))
    return found


def from_file(path: str | Path, basis: Basis = Basis.EXACT) -> Counter:
    """The counter of a `tokenizer.json` (Hugging Face `tokenizers`), or of the folder that holds one.

    Control tokens in a text are counted as the text that they are; what the file says of cutting and padding is left out.
    Raises InputError where there is no such file or it is none.
    """
    path = Path(path)
    file = path / TOKENIZER_FILE if path.is_dir() else path
    if not file.is_file():
        raise InputError(f"there is no such file; name the {TOKENIZER_FILE} of a model", path=file)
    return Counter(_shown(file), basis, _tokenizer(file))


def _shown(file: Path) -> str:
    return f"{file.absolute().parent.name}/{file.name}" if file.name == TOKENIZER_FILE else file.name


def _quarter(text: str) -> int:
    return (len(text) + 3) // 4


@lru_cache(maxsize=2)
def _bpe(encoding: str) -> Count:
    import bpe_openai

    # `encode` refuses texts that hold "<|endoftext|>"; `encode_ordinary` reads it as the text that it is.
    encode = bpe_openai.get_encoding(encoding).encode_ordinary

    def count(text: str) -> int:
        if len(text) <= _PIECE:
            return len(encode(text))
        return sum(len(encode(piece)) for piece in _pieces(text))

    return count


@lru_cache(maxsize=2)
def _mistral(file: str) -> Count | None:
    """Counts by a vocabulary of mistral-common, which carries them; None where it, or that one, is not installed."""
    try:
        import tiktoken
        from mistral_common import __file__ as package
    except ImportError:
        return None
    path = Path(package).parent / "data" / file
    if not path.is_file():
        return None
    # As the package itself reads it; that looks at each of 130,000 tokens four times, and takes a second.
    told = orjson.loads(path.read_bytes())
    most = told["config"]["default_vocab_size"] - told["config"]["default_num_special_tokens"]
    ranks = {b64decode(token["token_bytes"]): token["rank"] for token in told["vocab"][:most]}
    pattern = told["config"]["pattern"]
    encode = tiktoken.Encoding(file, pat_str=pattern, mergeable_ranks=ranks, special_tokens={}).encode_ordinary

    def count(text: str) -> int:
        return sum(len(encode(piece)) for piece in _pieces(text))

    return count


@lru_cache(maxsize=2)
def _tokenizer(file: Path) -> Count:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_str(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read ({reason(error)})", path=file) from None
    except Exception as error:  # the library raises nothing narrower
        raise InputError(f"is no {TOKENIZER_FILE} of Hugging Face tokenizers ({error})", path=file) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True

    def count(text: str) -> int:
        return len(tokenizer.encode(_whole(text), add_special_tokens=False))

    return count


def _by_script(latin: Count, other: Count) -> Count:
    def count(text: str) -> int:
        if text.isascii() or 2 * len(_BEYOND_LATIN.sub("", text)) >= len(text):
            return latin(text)
        return other(text)

    return count


def _with_single_digits(grouped: Count) -> Count:
    """Of a vocabulary that takes up to three digits for a token, as OpenAI's do."""

    def count(text: str) -> int:
        more = sum(len(number) - (len(number) + 2) // 3 for number in _NUMBER.findall(text))
        return grouped(text) + more

    return count


def _whole(text: str) -> str:
    """`text` with halves of UTF-16 pairs made the replacement character, as tiktoken does."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _pieces(text: str) -> list[str]:
    """`text` cut into parts that the tokenizer takes (it refuses a million characters), between two tokens."""
    pieces = []
    while len(text) > _PIECE:
        cut = next((m.start() for m in _SAFE_CUT.finditer(text, _PIECE // 2, _PIECE)), _PIECE)
        pieces.append(text[:cut])
        text = text[cut:]
    return [*pieces, text]
