"""What every provider looks at in the candidates, found out once for all of them.

Most examples are plain turns, of which no rule has a word; they need not be asked about one by one, 22 times.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import numpy as np

from curator import costs, targets
from curator.model import Example
from curator.targets import base_models, conversation, tokens

_PER_EXAMPLE, _PER_TURN, _PER_CHARACTER = 512, 128, 6
"""The most bytes of JSON: keys and brackets, and a control character as `\\u0001`."""


class Looks:
    """Columns over `examples`, (n,) each, made on first use."""

    def __init__(self, examples: Sequence[Example]):
        self.examples = list(examples)
        self._tokens: dict[str, np.ndarray] = {}
        self._caught: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def plain(self) -> np.ndarray:
        """Which are plain turns, see `conversation.is_plain`."""
        return self._column(conversation.is_plain)

    @cached_property
    def paired(self) -> np.ndarray:
        """Which come with an output that is not preferred."""
        return self._column(lambda example: bool(example.non_preferred))

    @cached_property
    def most_bytes(self) -> np.ndarray:
        """More bytes than any format has for an example, int64; -1 where that cannot be told without writing it."""
        every = zip(self.examples, self._characters, strict=True)
        most = (
            -1
            if example.tools or example.non_preferred or any(m.tool_calls or m.extra for m in example.messages)
            else _PER_EXAMPLE + _PER_TURN * len(example.messages) + _PER_CHARACTER * int(size)
            for example, size in every
        )
        return np.fromiter(most, dtype=np.int64, count=len(self))

    @cached_property
    def _characters(self) -> np.ndarray:
        sizes = (sum(len(message.content or "") for message in example.messages) for example in self.examples)
        return np.fromiter(sizes, dtype=np.int64, count=len(self))

    @cached_property
    def _turns(self) -> np.ndarray:
        return np.fromiter((len(example.messages) for example in self.examples), dtype=np.int64, count=len(self))

    def may_have(self, tokens: int | None) -> np.ndarray:
        """Of plain turns, which may have more than so many tokens: no character has more than four."""
        if tokens is None:
            return np.zeros(len(self), dtype=bool)
        long: np.ndarray = 8 * self._turns + 4 * self._characters >= tokens
        return long

    def holds(self, words: Sequence[str]) -> np.ndarray:
        """Of plain turns, which hold one of the words, however it is cased."""
        if not words:
            return np.zeros(len(self), dtype=bool)
        small = [word.lower() for word in words]
        return np.fromiter((any(word in text for word in small) for text in self._lower), dtype=bool, count=len(self))

    @cached_property
    def _lower(self) -> list[str]:
        return ["\n".join([m.content or "" for m in example.messages]).lower() for example in self.examples]

    def caught(self, when: str) -> np.ndarray:
        """Which of them a condition of `base_models.CONDITIONS` holds for."""
        if when not in self._caught:
            condition = base_models.CONDITIONS[when]
            if when in base_models.NEVER_PLAIN:
                pairs = zip(self.plain, self.examples, strict=True)
                found: Iterable[bool] = (not plain and condition(example) for plain, example in pairs)
            else:
                found = map(condition, self.examples)
            self._caught[when] = np.fromiter(found, dtype=bool, count=len(self))
        return self._caught[when]

    def tokens(self, target: targets.Target) -> np.ndarray:
        """Tokens of each as the target counts them, int64; counted once for all targets with one vocabulary."""
        pair = target.preference and bool(self.paired.any())
        model = target.base_model
        described = target.rules.tokenizer if model is None else model.tokenizer
        key = json.dumps([described, str(target.counter), pair], sort_keys=True, default=dict)
        if key not in self._tokens:
            self._tokens[key] = self._counted(target)
        return self._tokens[key]

    def _counted(self, target: targets.Target) -> np.ndarray:
        """As `costs.count`; but of examples that are texts alone, all texts are counted once and added up in columns."""
        rows, of_text, texts = self._texts
        known = np.array([target.counter.text(text) for text in texts], dtype=np.int64)
        counts = np.bincount(rows, weights=known[of_text], minlength=len(self)).astype(np.int64)
        counts += tokens.PER_EXAMPLE + tokens.PER_MESSAGE * self._turns
        others = np.flatnonzero(self.most_bytes < 0).tolist()
        if others:
            counts[others] = costs.count(target, [self.examples[index] for index in others])
        return counts

    @cached_property
    def _texts(self) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Of each turn of the examples that are texts alone the example (index) and its text, and the texts, each once."""
        numbers: dict[str, int] = {}
        rows, of_text = [], []
        for index in np.flatnonzero(self.most_bytes >= 0).tolist():
            for message in self.examples[index].messages:
                rows.append(index)
                of_text.append(numbers.setdefault(message.content or "", len(numbers)))
        return np.array(rows, dtype=np.int64), np.array(of_text, dtype=np.int64), list(numbers)

    def _column(self, look: Callable[[Example], bool]) -> np.ndarray:
        return np.fromiter(map(look, self.examples), dtype=bool, count=len(self))
