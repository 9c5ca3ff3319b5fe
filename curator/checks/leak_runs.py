"""Runs of words that a candidate and an eval text share, as in the contamination studies of GPT-3 (arXiv:2005.14165,
appendix C): whole eval texts inside longer candidates, candidates inside longer eval texts, and long passages in both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from curator.checks.wording import words

GRAM = 8
"""Words in a run. GPT-3 used 13 on web pages; examples here are short, and 8 words in a row are no accident."""
SHORTEST = 5
"""Words that a whole eval text must have to be looked for inside longer candidates."""
COMMON = 5
"""Different candidates that may share a run before it counts as a usual phrase (or 1 in 200, if that is more)."""
COVERED, LONG = 0.8, 6
"""A text repeats another by words alone where it holds this share of its runs, or half of them and at least 6:
13 words in a row, GPT-3's bound. Less is often one phrase about two different things."""
RARE = 2
"""Different candidates that may share a run which is to count for half a text: a template fits more of them."""
PART = 20
"""Runs that a candidate must have to be looked for inside longer eval texts: a sentence of a template has fewer."""
PASSAGE = 20
"""Rare runs that are a leak whatever else the texts hold: 27 words in a row, twice GPT-3's bound, or a passage of 120 words
of which one in seven was changed."""
RECITED = 43
"""The same for outputs under inputs that differ: 50 words in a row, the bound of Lee et al. 2022, arXiv:2107.06499, for
passages that models recite."""

Digest = Callable[[list[str]], int]
"""A run of words to 64 bits: keyed, where the eval set holds only digests."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of some texts: `codes` (r,) uint64 and `owner` (r,), each pair once; `sizes` (n,) how many runs each text has
    (of a candidate, which is cut into runs of several lengths, only those of GRAM words count)."""

    codes: np.ndarray
    owner: np.ndarray
    sizes: np.ndarray


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a candidate repeats: the eval text's number, the share of the runs of the shorter of the two that both hold, and
    how many of these hardly any other candidate holds."""

    eval: int
    covered: float
    rare: int


def spoken(text: str) -> list[str]:
    """The words of a text, folded, without its marks."""
    return [word for word in words(text.casefold()) if word[0].isalnum()]


def runs_of_evals(texts: Sequence[str], known: dict[str, int]) -> tuple[Runs, list[int]]:
    """Runs of GRAM words; of shorter texts the whole, from SHORTEST words on; and the lengths that occur.

    `known` numbers the words, for these and for the candidates.
    """
    ids, owner, count = _numbered(texts, known)
    length = np.where(count >= SHORTEST, np.minimum(count, GRAM), 0)
    lengths = np.unique(length[length > 0]).tolist()
    parts = []
    for n in lengths:
        at = length[owner] == n
        parts.append(_vectorised(ids[at], owner[at], n))
    made = _joined(parts)
    return Runs(*made, np.bincount(made[1], minlength=len(texts))), lengths


def runs_of_candidates(texts: Sequence[str], lengths: Sequence[int], known: dict[str, int]) -> Runs:
    """Runs of each of the lengths in every text."""
    ids, owner, _ = _numbered(texts, known)
    whole = _joined([_vectorised(ids, owner, GRAM)])
    others = [_vectorised(ids, owner, n) for n in lengths if n != GRAM]
    return Runs(*_joined([whole, *others]), np.bincount(whole[1], minlength=len(texts)))


def digested(texts: Sequence[str], lengths: Sequence[int], digest: Digest) -> Runs:
    """As `runs_of_candidates`, each run by `digest`."""
    tokens = [spoken(text) for text in texts]
    whole = _joined([_digests(tokens, GRAM, digest)])
    others = [_digests(tokens, n, digest) for n in lengths if n != GRAM]
    return Runs(*_joined([whole, *others]), np.bincount(whole[1], minlength=len(texts)))


def _digests(tokens: list[list[str]], length: int, digest: Digest) -> tuple[np.ndarray, np.ndarray]:
    counts = [max(len(t) - length + 1, 0) for t in tokens]
    codes = (digest(t[at : at + length]) for t, count in zip(tokens, counts, strict=True) for at in range(count))
    return np.fromiter(codes, dtype=np.uint64, count=sum(counts)), np.repeat(np.arange(len(tokens)), counts)


def _numbered(texts: Sequence[str], known: dict[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The words of all texts as numbers, whose each is, and how many words each text has."""
    numbers: list[int] = []
    count = np.zeros(len(texts), dtype=np.int64)
    for row, text in enumerate(texts):
        tokens = spoken(text)
        count[row] = len(tokens)
        numbers.extend([known.setdefault(word, len(known)) for word in tokens])
    return np.asarray(numbers, dtype=np.uint64), np.repeat(np.arange(len(texts)), count), count


def _vectorised(ids: np.ndarray, owner: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes of all runs of one length that lie within one text, and whose they are."""
    count = max(len(ids) - length + 1, 0)
    mixed = np.full(count, length, dtype=np.uint64)
    for at in range(length):
        mixed = (mixed ^ (ids[at : at + count] + np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(31)
    inside = owner[:count] == owner[length - 1 : length - 1 + count]
    return mixed[inside], owner[:count][inside]


def _joined(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Codes and owners, each pair once, by owner."""
    codes = np.concatenate([codes for codes, _ in parts] or [np.zeros(0, dtype=np.uint64)])
    owner = np.concatenate([owner for _, owner in parts] or [np.zeros(0, dtype=np.int64)])
    order = np.lexsort((codes, owner))
    codes, owner = codes[order], owner[order]
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (codes[1:] != codes[:-1]) | (owner[1:] != owner[:-1])
    return codes[new], owner[new]


def repeats(mine: Runs, theirs: Runs) -> dict[int, Repeat]:
    """For candidates (distinct texts) that repeat the words of an eval text: which, and how much of it.

    A run that many candidates share is the way these texts are written, not a leak, and does not count.
    """
    order = np.lexsort((theirs.owner, theirs.codes))
    codes, owners = theirs.codes[order], theirs.owner[order]
    left = np.searchsorted(codes, mine.codes, side="left")
    many = np.searchsorted(codes, mine.codes, side="right") - left
    hit = np.flatnonzero(many)
    if not len(hit):
        return {}
    usual = np.bincount(left[hit], minlength=len(codes))[left[hit]]
    kept = usual <= max(COMMON, 0.005 * len(mine.sizes))
    hit, usual = hit[kept], usual[kept]
    times = many[hit]
    into = np.repeat(left[hit], times) + np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    pair = np.repeat(mine.owner[hit], times) * len(theirs.sizes) + owners[into]
    pairs, place, shared = np.unique(pair, return_inverse=True, return_counts=True)
    rare = np.bincount(place, weights=np.repeat(usual <= RARE, times), minlength=len(pairs))
    return _judged(pairs, shared, rare, mine, theirs)


def _judged(pairs: np.ndarray, shared: np.ndarray, rare: np.ndarray, mine: Runs, theirs: Runs) -> dict[int, Repeat]:
    candidate, other = pairs // len(theirs.sizes), pairs % len(theirs.sizes)
    whole, own = theirs.sizes[other], mine.sizes[candidate]
    # A candidate inside an eval text: that one is longer by far, and the candidate too long to be a phrase in it.
    shorter = np.where((own >= PART) & (whole >= 2 * own), own, whole)
    covered = np.minimum(shared / shorter, 1.0)
    found = (covered >= COVERED) | ((rare >= 0.5 * shorter) & (rare >= LONG)) | (rare >= PASSAGE)
    best: dict[int, Repeat] = {}
    for at in np.lexsort((other, -covered, candidate))[::-1]:
        if found[at]:
            best[int(candidate[at])] = Repeat(int(other[at]), float(covered[at]), int(rare[at]))
    return best
