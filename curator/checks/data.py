"""What checks read (`Data`) and what they give back (`Outcome`)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from curator.embedding import Embedder, Neighbours, Windows, nearest
from curator.model import Example, Finding, content_key, question_key
from curator.progress import Progress, Silent
from curator.tasks import Task

if TYPE_CHECKING:
    from curator.checks.pairs import Pairs

NEAR = 24
"""Neighbours looked at per distinct input; groups larger than that are still found, star by star."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found.

    `scores` holds columns of the score table, one value per candidate (NaN or None: does not apply);
    `calibration` says which thresholds were used and how the data at hand set them; its key `cut` is the score from which
    a check with a threshold reports. `borderline`: what would be found by a somewhat lower cut; not reported, but asked
    about when reviewers calibrate the check (filled only where `Data.borderline`).
    """

    findings: list[Finding]
    scores: Mapping[str, Sequence[Any] | np.ndarray] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    borderline: list[Finding] = field(default_factory=list)


class Corpus:
    """Examples of one role in an order that depends on what they say, not on where they stood in a file."""

    def __init__(self, examples: Sequence[Example]):
        keyed = sorted(
            ((content_key(e), e) for e in examples), key=lambda pair: (pair[0], pair[1].ref.source, pair[1].ref.record)
        )
        self.keys = [key for key, _ in keyed]
        self.examples = [example for _, example in keyed]
        self.inputs = [example.input for example in self.examples]
        self.outputs = [example.output for example in self.examples]

    def __len__(self) -> int:
        return len(self.examples)

    @cached_property
    def ids(self) -> np.ndarray:
        """Each example's number in the project, int64 (n,)."""
        return np.array([example.id for example in self.examples], dtype=np.int64)

    @cached_property
    def question_keys(self) -> list[str]:
        """What names each example's question, whatever the answer: one that is relabelled keeps it."""
        return [question_key(example) for example in self.examples]

    @cached_property
    def folded_inputs(self) -> list[str]:
        return [fold(text) for text in self.inputs]

    @cached_property
    def folded_outputs(self) -> list[str]:
        return [squeeze(text) for text in self.outputs]

    @cached_property
    def distinct(self) -> Distinct:
        return Distinct.of(self.folded_inputs)

    @cached_property
    def contexts(self) -> Distinct:
        """Distinct instructions: the system text and the tools that an input comes with."""
        return Distinct.of(
            [
                fold(e.system) + (json.dumps(e.tools, sort_keys=True, default=str) if e.tools else "")
                for e in self.examples
            ]
        )


@dataclass(frozen=True, slots=True)
class Distinct:
    """Distinct texts: `first` (m,) the index of one example with each; `of_example` (n,) each example's text."""

    first: np.ndarray
    of_example: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str]) -> Distinct:
        numbers: dict[str, int] = {}
        of_example = np.empty(len(texts), dtype=np.int64)
        first: list[int] = []
        for index, text in enumerate(texts):
            number = numbers.setdefault(text, len(numbers))
            if number == len(first):
                first.append(index)
            of_example[index] = number
        return cls(np.asarray(first, dtype=np.int64), of_example)


class Data:
    """Everything a check may look at. Costly views are made on first use and shared by all checks."""

    def __init__(
        self,
        candidates: Corpus,
        evals: Corpus,
        task: Task,
        embedder: Embedder,
        *,
        seed: int = 0,
        schema: Mapping[str, Any] | None = None,
        tokens: Mapping[int, int] | None = None,
        token_limit: int | None = None,
        cuts: Mapping[str, float] | None = None,
        borderline: bool = False,
        progress: Progress | None = None,
    ):
        self.candidates = candidates
        self.evals = evals
        self.task = task
        self.embedder = embedder
        self.seed = seed
        self.schema = schema
        self.tokens = tokens or {}
        self.token_limit = token_limit
        self.cuts = cuts or {}
        """By check, the score from which reviewers' verdicts say that it should report, instead of its own cut."""
        self.borderline = borderline
        self.progress = progress or Silent()
        self.flaws: np.ndarray = np.zeros(len(self.candidates), dtype=np.int64)
        """How many findings of their own (not of a pair) the candidates have so far: what ranks representatives."""

    @cached_property
    def distinct_vectors(self) -> np.ndarray:
        """Unit vectors of the distinct candidate inputs, (m, d)."""
        c = self.candidates
        return self.embedder.vectors([c.inputs[i] for i in c.distinct.first], self.progress)

    @property
    def input_vectors(self) -> np.ndarray:
        """Unit vectors of the candidate inputs, (n, d)."""
        rows: np.ndarray = self.distinct_vectors[self.candidates.distinct.of_example]
        return rows

    @cached_property
    def output_vectors(self) -> np.ndarray:
        """Unit vectors of the candidate outputs, (n, d)."""
        return self.embedder.vectors(self.candidates.outputs, self.progress)

    @cached_property
    def eval_vectors(self) -> np.ndarray:
        """Unit vectors of the eval inputs, (e, d)."""
        from curator.checks.private import vectors_of

        return vectors_of(self.evals, self.evals.inputs, False, self.embedder, self.progress)

    @cached_property
    def eval_output_vectors(self) -> np.ndarray:
        """Unit vectors of the eval outputs, (e, d)."""
        from curator.checks.private import vectors_of

        return vectors_of(self.evals, self.evals.outputs, True, self.embedder, self.progress)

    @cached_property
    def neighbours(self) -> Neighbours:
        """The nearest distinct inputs of each distinct input."""
        rows = self.distinct_vectors
        return nearest(rows, rows, NEAR, itself=True, exact=False, progress=self.progress)

    @cached_property
    def pairs(self) -> Pairs:
        """Candidates with the same or nearly the same input."""
        from curator.checks.pairs import find_pairs

        return find_pairs(self)

    @cached_property
    def best_nodes(self) -> list[int]:
        """The nodes of `pairs`, best first; to be asked for once all `flaws` are counted."""
        from curator.checks.pairs import best_first

        return best_first(self, self.pairs)

    def windows(self, texts: Sequence[str]) -> Windows:
        return self.embedder.windows(texts, self.progress)

    @cached_property
    def short_labels(self) -> bool:
        """True where the outputs are labels: they are compared as names, not as texts."""
        return self.task is Task.CLASSIFICATION

    @cached_property
    def answers(self) -> list[str]:
        """What each output says: equal where only the case of a label or the spelling of JSON differs."""
        c = self.candidates
        if self.short_labels:
            return [fold(text) for text in c.outputs]
        return [canonical_json(text) or squeezed for text, squeezed in zip(c.outputs, c.folded_outputs, strict=True)]

    def id_of(self, index: int) -> int:
        return self.candidates.examples[index].id


INVALID = object()
"""What `parse_json` gives for a text that is not JSON; None is the JSON null."""


def parse_json(text: str) -> Any:
    """The value that `text` is the JSON of, or INVALID."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return INVALID


def canonical_json(text: str) -> str | None:
    """A JSON object or list in one spelling (sorted keys, no spaces, 1.0 as 1); None for any other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(text, parse_float=_plain_number)
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):
        return None


def _plain_number(text: str) -> float | int:
    value = float(text)
    return int(value) if value.is_integer() else value


_SPACE = re.compile(r"\s+")
_INDENTED = re.compile(r"^[^\S\n]*\S.*\n[ \t]+\S", re.MULTILINE)  # anchored: one long line takes no quadratic time


def squeeze(text: str) -> str:
    """Composed characters (NFC) and single spaces. Where lines are indented after the first, as in code, the indentation
    stays, for it says something."""
    text = unicodedata.normalize("NFC", text)
    if not _INDENTED.search(text):
        return _SPACE.sub(" ", text).strip()
    lines = (line.rstrip().expandtabs(4) for line in text.strip("\r\n").splitlines() if line.strip())
    return "\n".join(line[: len(line) - len(line.lstrip())] + _SPACE.sub(" ", line.strip()) for line in lines)


def fold(text: str) -> str:
    """`squeeze` and case folded: texts that a reader would call the same are equal."""
    return squeeze(text).casefold()
