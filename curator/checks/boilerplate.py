"""What most inputs share word for word: instructions before and after the question, lines of a prompt template.

Texts that are nine tenths boilerplate all lie close together, whatever they ask. They are compared on what remains.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

SHARE, FEWEST = 0.2, 20
"""Share and number of the texts that must hold a run of words in the same place: several templates may be mixed."""
RUN = 5
"""Words of a run: fewer begin or end sentences that have nothing else in common ("How do I …")."""
LINE = 2
"""Words of a line of a template, anywhere in the text."""
_WORD = re.compile(r"\S+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def without_boilerplate(texts: Sequence[str]) -> list[str] | None:
    """The texts without what many of them share at their beginning, at their end and in whole lines.

    None where too few share anything. Of a text that is nothing else its last word stays.
    """
    least = max(FEWEST, round(SHARE * len(texts)))
    if len(texts) < least:
        return None
    lines = _without_lines(texts, least)
    said = [text.casefold().split() for text in lines]
    starts = _shared_from_the_start(said, least)
    ends = _shared_from_the_start([words[start:][::-1] for words, start in zip(said, starts, strict=True)], least)
    kept = [
        _between(line, start, end) if start or end else line
        for line, start, end in zip(lines, starts, ends, strict=True)
    ]
    changed = sum(new != old for new, old in zip(kept, texts, strict=True))
    return kept if changed >= least else None


def taken(text: str, rest: str) -> frozenset[tuple[str, int]]:
    """The words that `rest` lacks of `text`, with their number."""
    return frozenset((Counter(text.casefold().split()) - Counter(rest.casefold().split())).items())


def _between(text: str, start: int, end: int) -> str:
    """`text` without its first `start` and last `end` words, one word at least."""
    found = list(_WORD.finditer(text))
    first = min(start, len(found) - 1)
    last = max(len(found) - end, first + 1)
    return text[found[first].start() : found[last - 1].end()]


def _without_lines(texts: Sequence[str], least: int) -> list[str]:
    split = [text.split("\n") for text in texts]
    counts = Counter(line for lines in split if len(lines) > 1 for line in {_key(line) for line in lines})
    common = {line for line, n in counts.items() if n >= least and len(line.split()) >= LINE}
    if not common:
        return list(texts)
    return [
        "\n".join(line for line in lines if _key(line) not in common).strip() or text
        for lines, text in zip(split, texts, strict=True)
    ]


def _key(line: str) -> str:
    return " ".join(line.split()).casefold()


def _shared_from_the_start(said: Sequence[list[str]], least: int) -> list[int]:
    """How many of its first words each text shares with `least` texts at least; 0 where that is no run.

    In sorted order texts with a common beginning stand together, so the words that the first and the last of some
    neighbours share are shared by all between them. Half of the texts that begin with the same `RUN` words must go on
    alike: "Answer the customer: How do I …" is boilerplate up to the colon, however many ask "How do I".
    """
    order = sorted((i for i, words in enumerate(said) if len(words) > RUN), key=lambda i: said[i])
    shared = [0] * len(said)
    for _, group in groupby(order, key=lambda i: said[i][:RUN]):
        alike = list(group)
        span = max(least, (len(alike) + 1) // 2)
        if len(alike) < span:
            continue
        across = [_common(said[a], said[b]) for a, b in zip(alike, alike[span - 1 :], strict=False)]
        best = sliding_window_view(np.pad(np.asarray(across, dtype=np.int64), span - 1), span).max(axis=1)
        for index, length in zip(alike, best.tolist(), strict=True):
            shared[index] = length
    return shared


def _common(first: list[str], second: list[str]) -> int:
    for at, (a, b) in enumerate(zip(first, second, strict=False)):
        if a != b:
            return at
    return min(len(first), len(second))


def apart(first: str, second: str) -> tuple[str, str] | None:
    """What two texts say beside the sentences that both hold; None where they share no sentence of `LINE` words.

    Two questions about one passage are as near to each other as the passage is long: they are compared by themselves.
    """
    a, b = ([part for part in _SENTENCE.split(text) if part.strip()] for text in (first, second))
    if len(a) < 2 and len(b) < 2:
        return None
    mine, theirs = {_key(part) for part in a}, {_key(part) for part in b}
    if not any(len(part.split()) >= LINE for part in mine & theirs):
        return None
    return " ".join(part for part in a if _key(part) not in theirs), " ".join(
        part for part in b if _key(part) not in mine
    )
