"""What each provider says of each candidate: asked once, and kept for every plan and export of the same data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from curator import costs, targets
from curator.checks.data import Data
from curator.model import Example, Message, Severity
from curator.progress import Progress, track
from curator.release.wanted import Wanted
from curator.splits import Exclusion
from curator.targets import Problem, base_models, fixes
from curator.targets.base import json_line
from curator.targets.base_models import BaseModel, Trap

Preferences = Mapping[int, tuple[Message, ...]]
"""By example (id) the output that a reviewer's is preferred to."""


class Acceptance:
    """One provider's view of the candidates, by index.

    `examples`: as they are written, with the chosen fixes; `applied`: the fixes that changed each; `problems`: what the
    provider still says of them.
    """

    def __init__(
        self,
        target: targets.Target,
        examples: Sequence[Example],
        progress: Progress,
        chosen: Sequence[str] = (),
        *,
        cut: bool = False,
    ):
        """`chosen`: fixes by name. `cut`: examples over the limit go out all the same, where the provider cuts them."""
        self.target = target
        self._cut = cut
        self.problems: dict[int, list[Problem]] = {}
        self.applied: dict[int, tuple[str, ...]] = {}
        self.examples = list(examples)
        for index, example in enumerate(track(examples, progress, f"Asking for {target.title}", len(examples))):
            found = target.problems(example)
            if found and chosen:
                self.examples[index], names = fixes.apply(example, chosen, target)
                if names:
                    self.applied[index] = names
                    found = target.problems(self.examples[index])
            if found:
                self.problems[index] = found

    @cached_property
    def refused(self) -> dict[int, Exclusion]:
        """Those that the provider refuses, or would cut, with its first reason."""
        name, title = self.target.name, self.target.title
        found = {}
        for index, problems in self.problems.items():
            grave = [problem for problem in problems if self.refuses(problem)]
            if grave:
                id, does = self.examples[index].id, "refuses" if grave[0].severity is Severity.ERROR else "cuts"
                found[index] = Exclusion(id, f"target:{name}", f"{title} {does} it: {grave[0].message}")
        return found

    def refuses(self, problem: Problem) -> bool:
        """Whether an example with this problem is left out: a cut output teaches to stop in the middle."""
        return problem.severity is Severity.ERROR or (problem.rule == "tokens" and not self._cut)

    @cached_property
    def tokens(self) -> np.ndarray:
        """Tokens of each candidate, (n,), as `target.counter` has them."""
        return np.array(costs.count(self.target, self.examples), dtype=np.int64)

    @cached_property
    def trapped(self) -> dict[tuple[BaseModel, Trap], np.ndarray]:
        """By trap of the open models that the provider tunes, which candidates run into it, (n,) of bool; none where the
        model is chosen, for then they are problems."""
        if not self.target.rules.base_models or self.target.base_model is not None:
            return {}
        return {
            (model, trap): np.array([trap.catches(example) for example in self.examples], dtype=bool)
            for model in base_models.every()
            for trap in model.traps
        }

    def mended_by(self, index: int, problem: Problem) -> str | None:
        """The fix that would make this problem of a candidate go away, None where there is none."""
        if problem.mend is None:
            return None
        example, applied = fixes.apply(self.examples[index], [problem.mend], self.target)
        left = [found.rule for found in self.target.problems(example)] if applied else [problem.rule]
        return None if problem.rule in left else problem.mend

    def size(self, rows: Sequence[int], fitted: targets.Target) -> int:
        """Bytes of a file with these candidates, none of them refused. `fitted`: the target set up for the whole release."""
        if fitted is not self.target:
            return sum(self._size(index, fitted) for index in rows)
        for index in rows:
            if self._bytes[index] < 0:
                self._bytes[index] = self._size(index, fitted)
        return int(self._bytes[list(rows)].sum())

    def _size(self, index: int, fitted: targets.Target) -> int:
        return sum(len(json_line(record)) for record in fitted.records(self.examples[index]))

    @cached_property
    def _bytes(self) -> np.ndarray:
        return np.full(len(self.examples), -1, dtype=np.int64)


class Acceptances:
    """The view of every provider that was asked for so far."""

    def __init__(self, data: Data):
        self._data = data
        self._known: dict[tuple[object, ...], Acceptance] = {}

    def of(self, name: str, wanted: Wanted, preferences: Preferences) -> Acceptance:
        """What the target called `name` says, with the fixes and the base model that are wanted.

        Raises InputError for a name that is no target's.
        """
        target = targets.get(name).for_model(wanted.base_model)
        chosen, cut = wanted.fixes_of(name), "length" in wanted.include
        key = (name, target.base_model, chosen, cut, tuple(sorted(preferences)) if target.preference else ())
        if key not in self._known:
            examples = self._data.candidates.examples
            if target.preference:
                examples = [self._paired(example, preferences) for example in examples]
                target = target.fitted(examples)
            self._known[key] = Acceptance(target, examples, self._data.progress, chosen, cut=cut)
        return self._known[key]

    @staticmethod
    def _paired(example: Example, preferences: Preferences) -> Example:
        """The example with the output that its own is preferred to, if it came without one."""
        if example.non_preferred or example.id not in preferences:
            return example
        return replace(example, non_preferred=preferences[example.id])
