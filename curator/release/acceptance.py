"""What each provider says of each candidate: asked once, and kept for every plan and export of the same data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from curator import targets
from curator.checks.data import Data
from curator.model import Example, Severity
from curator.progress import Progress, track
from curator.splits import Exclusion
from curator.targets import Problem
from curator.targets.base import json_line
from curator.targets.traps import CONDITIONS, Trap


class Acceptance:
    """One provider's view of the candidates, by index."""

    def __init__(self, target: targets.Target, examples: Sequence[Example], progress: Progress):
        self.target = target
        self._examples = examples
        self.problems: dict[int, list[Problem]] = {}
        for index, example in enumerate(track(examples, progress, f"Asking for {target.title}", len(examples))):
            if found := target.problems(example):
                self.problems[index] = found

    @cached_property
    def refused(self) -> dict[int, Exclusion]:
        """Those that the provider refuses, with its first reason."""
        name, title = self.target.name, self.target.title
        found = {}
        for index, problems in self.problems.items():
            errors = [problem for problem in problems if problem.severity is Severity.ERROR]
            if errors:
                id = self._examples[index].id
                found[index] = Exclusion(id, f"target:{name}", f"{title} refuses it: {errors[0].message}")
        return found

    @cached_property
    def tokens(self) -> np.ndarray:
        """Tokens of each candidate, (n,), as `target.counter` has them."""
        return np.array([self.target.counter.example(example) for example in self._examples], dtype=np.int64)

    @cached_property
    def trapped(self) -> dict[Trap, np.ndarray]:
        """By trap of the provider's models, which candidates run into it, (n,) of bool."""
        return {
            trap: np.array([CONDITIONS[trap.when](example) for example in self._examples], dtype=bool)
            for trap in self.target.rules.traps
        }

    def size(self, rows: Sequence[int], fitted: targets.Target) -> int:
        """Bytes of a file with these candidates, none of them refused. `fitted`: the target set up for the whole release."""
        if fitted is not self.target:
            return sum(len(json_line(fitted.record(self._examples[index]))) for index in rows)
        for index in rows:
            if self._bytes[index] < 0:
                self._bytes[index] = len(json_line(fitted.record(self._examples[index])))
        return int(self._bytes[list(rows)].sum())

    @cached_property
    def _bytes(self) -> np.ndarray:
        return np.full(len(self._examples), -1, dtype=np.int64)


class Acceptances:
    """The view of every provider that was asked for so far."""

    def __init__(self, data: Data):
        self._data = data
        self._known: dict[str, Acceptance] = {}

    def of(self, name: str) -> Acceptance:
        """Raises InputError for a name that is no target's."""
        if name not in self._known:
            self._known[name] = Acceptance(targets.get(name), self._data.candidates.examples, self._data.progress)
        return self._known[name]
