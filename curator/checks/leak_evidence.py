"""How much two texts have in common, window by window: meaning, facts and form.

*Meaning* is the cosine of the windows, scaled by how crowded each one's neighbourhood is (CSLS, Conneau et al. 2018,
arXiv:1710.04087). *Facts* are numbers and names: who rewords a question keeps them, while another question of the same
kind has others. *Form* is the run of usual words and marks, all others masked: it outlives renamed identifiers and
replaced words (function-word n-grams, Stamatatos 2011, doi:10.1002/asi.21630).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from curator.checks.wording import words
from curator.embedding import Windows, nearest

CROWD = 10
"""Nearest texts whose mean cosine says how crowded a place is; as many are compared in facts and form."""
USUAL = 0.1
"""Share of the texts that hold a word which belongs to their form."""
RUNS = (3, 4, 5)
"""Lengths of the runs of words and marks that make up the form."""
_BUCKETS = 1 << 20
"""Columns that the runs are hashed to: two runs in one are too few to matter."""
_BLOCK = 1 << 14
_FACT = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+")
_INSIDE = re.compile(r"(?<=[\w,'’)] )[^\W\d_]+")
"""Words that do not begin a sentence."""
_VALUES = {
    name: str(value)
    for value, names in {
        0: "zero", 1: "one once", 2: "two twice double", 3: "three thrice triple", 4: "four", 5: "five", 6: "six",
        7: "seven", 8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve dozen", 13: "thirteen", 14: "fourteen",
        15: "fifteen", 16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty", 30: "thirty",
        40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety", 100: "hundred", 1000: "thousand",
    }.items()
    for name in names.split()
}  # fmt: skip
_NAMED = 0.9
"""Share of a word's occurrences inside sentences that begin with a capital, where it is a name."""


@dataclass(frozen=True, slots=True)
class Units:
    """Windows with what is compared of them, (w,) rows each: `vectors` (w, d), `facts` and `form` sparse.

    `owner` (w,) is the number of the text. Where texts are not known (private eval sets) facts and form are empty rows.
    """

    vectors: np.ndarray
    owner: np.ndarray
    facts: sparse.csr_matrix
    form: sparse.csr_matrix

    def __len__(self) -> int:
        return len(self.owner)

    def some(self, texts: np.ndarray) -> Units:
        """The windows of those texts (ascending numbers); `owner` counts along `texts`."""
        place = np.full(int(self.owner.max(initial=-1)) + 1, -1, dtype=np.int64)
        place[texts] = np.arange(len(texts))
        rows = np.flatnonzero(place[self.owner] >= 0)
        return Units(self.vectors[rows], place[self.owner[rows]], self.facts[rows], self.form[rows])


@dataclass(frozen=True, slots=True)
class Compared:
    """Pairs of windows and what they share: `query` and `base` (p,) window numbers, the values (p,) each."""

    query: np.ndarray
    base: np.ndarray
    cosine: np.ndarray
    meaning: np.ndarray
    facts: np.ndarray
    form: np.ndarray


def compare(queries: Units, base: Units) -> Compared:
    """Each window of `queries` with its CROWD nearest of `base`."""
    near = nearest(queries.vectors, base.vectors, CROWD)
    back = nearest(base.vectors, queries.vectors, CROWD)
    scaled = 2 * near.cosine - near.cosine.mean(axis=1, keepdims=True) - back.cosine.mean(axis=1)[near.index]
    query = np.repeat(np.arange(len(queries)), near.index.shape[1])
    found = near.index.ravel()
    return Compared(
        query,
        found,
        near.cosine.ravel(),
        scaled.ravel(),
        _jaccard(queries.facts, base.facts, query, found),
        _products(queries.form, base.form, query, found),
    )


def _products(first: sparse.csr_matrix, second: sparse.csr_matrix, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Inner products of the pairs of rows, (p,)."""
    made = np.zeros(len(rows), dtype=np.float64)
    if first.nnz and second.nnz:
        for start in range(0, len(rows), _BLOCK):
            at = slice(start, start + _BLOCK)
            made[at] = np.asarray(first[rows[at]].multiply(second[others[at]]).sum(axis=1)).ravel()
    return made


def _jaccard(first: sparse.csr_matrix, second: sparse.csr_matrix, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Shared weight by the weight of both, (p,) in 0..1; 0 where neither has any."""
    shared = _products(first, second, rows, others)
    both = _weights(first)[rows] + _weights(second)[others] - shared
    overlap: np.ndarray = np.divide(shared, both, out=np.zeros_like(shared), where=both > 0)
    return overlap


def _weights(matrix: sparse.csr_matrix) -> np.ndarray:
    weights: np.ndarray = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    return weights


def units(mine: Windows, pieces: Sequence[str], theirs: Windows, others: Sequence[str]) -> tuple[Units, Units]:
    """The windows of candidates and of evals (`pieces`, `others`: their texts, "" where not known) in common terms."""
    texts = [*pieces, *others]
    facts, form = _fact_matrix(texts), _form_matrix(texts)
    split = len(pieces)
    return (
        Units(mine.vectors, mine.owner, facts[:split], form[:split]),
        Units(theirs.vectors, theirs.owner, facts[split:], form[split:]),
    )


def _facts(text: str) -> Iterator[tuple[str, bool]]:
    for word in _FACT.findall(text):
        if word[0].isdigit():
            yield _number(word), True
            continue
        folded = word.casefold()
        if folded in _VALUES:
            yield _VALUES[folded], True
        elif word[0].isupper():
            yield folded, False


def _number(word: str) -> str:
    """1,000 as 1000 and 2.50 as 2.5; dates, times and versions as they are."""
    plain = word.replace(",", "")
    if ":" in plain or plain.count(".") > 1 or not plain.isascii():
        return word
    return plain.rstrip("0").rstrip(".") if "." in plain else plain.lstrip("0") or "0"


def _fact_matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """Which facts each text holds; the square of a weight is the log of how rare the fact is."""
    inside = Counter(word for text in texts for word in _INSIDE.findall(text))
    capital: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    for word, count in inside.items():
        (capital if word[0].isupper() else lower)[word.casefold()] += count
    names = {word for word, count in capital.items() if count >= _NAMED * (count + lower[word])}
    found = [{fact for fact, number in _facts(text) if number or fact in names} for text in texts]
    columns: dict[str, int] = {}
    rows, places = [], []
    for row, facts in enumerate(found):
        for fact in sorted(facts):
            rows.append(row)
            places.append(columns.setdefault(fact, len(columns)))
    at = np.asarray(places, dtype=np.int64)
    held = np.bincount(at, minlength=len(columns))
    weights = np.sqrt(np.log((1 + len(texts)) / np.maximum(held, 1))).astype(np.float32)
    return sparse.csr_matrix((weights[at], (rows, at)), shape=(len(texts), max(len(columns), 1)))


def _form_matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """Runs of usual words and marks, others masked: log counts weighted by rarity, rows of length 1."""
    known: dict[str, int] = {}
    lengths = np.zeros(len(texts), dtype=np.int64)
    parts = []
    for row, text in enumerate(texts):
        ids = [known.setdefault(word, len(known)) for word in words(text.casefold())]
        lengths[row] = len(ids)
        parts.append(np.asarray(ids, dtype=np.int64))
    tokens = np.concatenate([*parts, np.zeros(0, dtype=np.int64)])
    owner = np.repeat(np.arange(len(texts)), lengths)
    seen = np.unique(tokens * max(len(texts), 1) + owner) // max(len(texts), 1)
    usual = np.bincount(seen, minlength=len(known)) >= USUAL * np.count_nonzero(lengths)
    codes = np.where(usual[tokens], tokens + 1, 0).astype(np.uint64) if len(tokens) else tokens.astype(np.uint64)
    cells = np.unique(np.concatenate([_runs(codes, owner, length) for length in RUNS]), return_counts=True)
    rows, columns = cells[0] // _BUCKETS, cells[0] % _BUCKETS
    rare = np.log((1 + len(texts)) / (1 + np.bincount(columns, minlength=_BUCKETS)[columns])) + 1
    values = (1 + np.log(cells[1])) * rare
    norms = np.sqrt(np.bincount(rows, values**2, minlength=len(texts)))
    values = (values / norms[rows]).astype(np.float32)
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), _BUCKETS))


def _runs(codes: np.ndarray, owner: np.ndarray, length: int) -> np.ndarray:
    """Cells row * _BUCKETS + column of all runs of one length that lie within one text."""
    count = max(len(codes) - length + 1, 0)
    mixed = np.full(count, length, dtype=np.uint64)
    for at in range(length):
        # A multiply-and-shift hash per step; the constant is 2^64 over the golden ratio.
        mixed = (mixed ^ codes[at : at + count]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    inside = owner[:count] == owner[length - 1 : length - 1 + count] if count else np.zeros(0, dtype=bool)
    columns = (mixed >> np.uint64(20)).astype(np.int64) % _BUCKETS
    made: np.ndarray = (owner[:count] * _BUCKETS + columns)[inside]
    return made
