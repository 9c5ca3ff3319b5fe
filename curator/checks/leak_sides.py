"""What candidates and evals are compared by: their inputs, their outputs, or all they say where the two are laid out
differently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator.checks.data import Corpus, Data, Distinct
from curator.checks.leak_runs import GRAM, spoken
from curator.checks.private import Hidden, joined
from curator.formats.hashed import HashedText, text_hash

SHARED = 5
"""Different partners from which a text may be an instruction: the same text before many outputs says nothing of them."""
SHARE = 0.01
"""The same as a share of the corpus. Sixteen sampled answers each to a few hundred questions stay below it."""
MARK = "\0"
"""Begins what stands for a private text."""
MOST = 0.5
"""Share of a corpus whose inputs tell something from which the inputs are what it is about."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way to compare. `texts`: distinct texts of candidates that count; `of_candidate` (n,): which one each candidate
    has, −1 where its text tells nothing; `evals`: the texts of the evals, "" where theirs tells nothing or is not meant.

    In a side of private evals `hidden` has what is known of each text; in `evals` a mark stands for it.
    """

    name: str
    texts: list[str]
    of_candidate: np.ndarray
    evals: list[str]
    hidden: Mapping[int, HashedText]
    salts: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class _Texts:
    """Inputs and outputs, as written and folded; `words` of each output."""

    inputs: list[str]
    folded: list[str]
    outputs: list[str]
    folded_outputs: list[str]
    words: list[int]

    @classmethod
    def of(cls, corpus: Corpus) -> _Texts:
        words = [len(spoken(text)) for text in corpus.outputs]
        return cls(corpus.inputs, corpus.folded_inputs, corpus.outputs, corpus.folded_outputs, words)

    def __len__(self) -> int:
        return len(self.inputs)

    def only(self, rows: Sequence[int]) -> _Texts:
        return _Texts(*([column[row] for row in rows] for column in self._columns()))

    def _columns(self) -> tuple[list[Any], ...]:
        return self.inputs, self.folded, self.outputs, self.folded_outputs, self.words


def groups(data: Data) -> list[list[Side]]:
    """The sides on which candidates and evals both say something of their own: those of evals with texts, and those of
    private ones. Inputs come first."""
    hidden = Hidden(data.evals)
    hidden.refuse_other_encoder(data.embedder)
    mine, theirs = _Texts.of(data.candidates), _Texts.of(data.evals)
    open_to_all = [number for number in range(len(theirs)) if number not in hidden.salts]
    made = [_sides(data, mine, theirs, open_to_all, None)] if open_to_all else []
    if hidden.salts:
        made.append(_sides(data, mine, _marks(theirs, hidden), sorted(hidden.salts), hidden))
    return [group for group in made if group]


def _marks(theirs: _Texts, hidden: Hidden) -> _Texts:
    """The texts with marks for private ones: equal texts have equal marks."""
    inputs, outputs, words = list(theirs.inputs), list(theirs.outputs), list(theirs.words)
    for number, text in hidden.inputs.items():
        inputs[number] = MARK + text.exact
        answer = hidden.outputs.get(number)
        outputs[number], words[number] = (MARK + answer.exact, answer.words) if answer else ("", 0)
    return _Texts(inputs, inputs, outputs, outputs, words)


def _sides(data: Data, mine: _Texts, theirs: _Texts, rows: Sequence[int], hidden: Hidden | None) -> list[Side]:
    salts = set(hidden.salts.values()) if hidden is not None else None
    general, some = _general(mine), theirs.only(rows)
    names = {text: [text] if salts is None else [MARK + text_hash(text, salt) for salt in salts] for text in general}
    theirs_general = _general(some, frozenset(name for known in names.values() for name in known))
    # Many sampled answers do not make an instruction of what one eval example asks.
    asked = set(some.folded) - theirs_general
    general = frozenset(text for text in general if asked.isdisjoint(names[text]))
    my_inputs, my_outputs = _telling(mine, data, general)
    their_inputs, their_outputs = _telling(some, data, theirs_general)
    made: list[Side] = []

    def add(name: str, texts: list[str], folded: Sequence[str], others: list[str]) -> None:
        if any(texts) and any(others):
            evals = [""] * len(theirs)
            for row, text in zip(rows, others, strict=True):
                evals[row] = text
            made.append(_side(name, texts, folded, evals, hidden))

    add("input", my_inputs, mine.folded, their_inputs)
    add("output", my_outputs, mine.folded_outputs, their_outputs)
    if _mostly(my_inputs) != _mostly(their_inputs):
        # One says in its output what the other says in its input, or in both.
        whole = _whole(my_inputs, my_outputs)
        add("pair", whole, whole, _whole(their_inputs, their_outputs))
    return made


def _mostly(texts: list[str]) -> bool:
    return sum(map(bool, texts)) > MOST * len(texts)


def _telling(texts: _Texts, data: Data, general: frozenset[str]) -> tuple[list[str], list[str]]:
    """Inputs and outputs with "" for what says nothing of its own: instructions that many rows share, labels, numbers."""
    inputs = ["" if same in general else text for text, same in zip(texts.inputs, texts.folded, strict=True)]
    if data.short_labels:
        return inputs, [""] * len(texts)
    often = _partners(texts.folded_outputs, texts.folded)
    bound = max(SHARED, SHARE * len(texts))
    outputs = [
        text if count >= GRAM and often[same] <= bound else ""
        for text, same, count in zip(texts.outputs, texts.folded_outputs, texts.words, strict=True)
    ]
    return inputs, outputs


def _general(texts: _Texts, elsewhere: frozenset[str] = frozenset()) -> frozenset[str]:
    """Folded inputs that are instructions with many outputs; two are many for one that is an instruction `elsewhere`."""
    bound = max(SHARED, SHARE * len(texts))
    often = _partners(texts.folded, texts.folded_outputs)
    return frozenset(text for text, count in often.items() if count > (1 if text in elsewhere else bound))


def _partners(texts: Sequence[str], others: Sequence[str]) -> dict[str, int]:
    met: dict[str, set[str]] = defaultdict(set)
    for text, other in zip(texts, others, strict=True):
        met[text].add(other)
    return {text: len(found) for text, found in met.items()}


def _whole(inputs: list[str], outputs: list[str]) -> list[str]:
    return ["\n".join(filter(None, pair)) for pair in zip(inputs, outputs, strict=True)]


def _side(name: str, texts: list[str], folded: Sequence[str], evals: list[str], hidden: Hidden | None) -> Side:
    rows = [row for row, text in enumerate(texts) if text]
    distinct = Distinct.of([folded[row] for row in rows])
    of_candidate = np.full(len(texts), -1, dtype=np.int64)
    of_candidate[rows] = distinct.of_example
    known: dict[int, HashedText] = {}
    for number in (number for number, text in enumerate(evals) if text and hidden is not None):
        assert hidden is not None
        asked, answer = hidden.inputs[number], hidden.outputs.get(number)
        parts = evals[number].count(MARK)
        if name == "pair" and parts > 1:
            known[number] = joined(asked, answer)
        else:
            known[number] = asked if asked.exact in evals[number] or answer is None else answer
    salts = hidden.salts if hidden is not None else {}
    return Side(name, [texts[rows[at]] for at in distinct.first], of_candidate, evals, known, salts)
