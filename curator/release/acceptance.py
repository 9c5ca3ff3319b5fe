"""What each provider says of each candidate: asked once, and kept for every plan and export of the same data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from curator import costs, targets
from curator.checks.data import Data
from curator.model import Example, Message, Severity
from curator.progress import Progress, track
from curator.release.looks import Looks
from curator.release.plan_parts import Refusal
from curator.release.wanted import Wanted
from curator.splits import Exclusion
from curator.targets import Problem, base_models, fixes
from curator.targets.base import json_line
from curator.targets.base_models import BaseModel, Trap

if TYPE_CHECKING:
    from curator.release.place import Assigned

Preferences = Mapping[int, tuple[Message, ...]]
"""By example (id) the output that a reviewer's is preferred to."""
MOST_KEPT = 96
"""Views with fixes that are kept: a few choices of all targets."""


class Acceptance:
    """One provider's view of the candidates, by index.

    `examples`: as they are written, with the chosen fixes; `applied`: the fixes that changed each; `problems`: what the
    provider still says of them.
    """

    def __init__(
        self,
        target: targets.Target,
        looks: Looks,
        progress: Progress,
        pairs: Mapping[int, Example] | None = None,
    ):
        """`pairs`: by index, candidates that are taken with another output that theirs is preferred to."""
        self.target = target
        self.examples: Sequence[Example] = looks.examples
        self.applied: dict[int, tuple[str, ...]] = {}
        self.problems: dict[int, list[Problem]] = {}
        self.said_of_refused: tuple[Refusal, ...] | None = None
        """Of all refused ones, once it was asked for."""
        self._looks, self._cut = looks, False
        self._changed: list[int] = []
        if pairs:
            self.examples = list(looks.examples)
            for index, example in pairs.items():
                self.examples[index] = example
            self._changed = list(pairs)
        known = self._known()
        to_ask = np.flatnonzero(~np.isin(np.arange(len(looks)), known)).tolist()
        for index in track(to_ask, progress, f"Asking for {target.title}", len(to_ask)):
            if found := target.problems(self.examples[index]):
                self.problems[index] = found

    def _known(self) -> np.ndarray:
        """The candidates that need not be asked about; what there is to say of them is in `problems` then."""
        target, looks = self.target, self._looks
        same = np.ones(len(looks), dtype=bool)
        same[self._changed] = False
        if target.preference and len(alone := np.flatnonzero(same & ~looks.paired)):
            said = target.problems(self.examples[int(alone[0])])
            if [one.rule for one in said] == ["no_pair"]:
                # Of what is no pair nothing else is asked, so the answer is the same for all of them.
                self.problems = dict.fromkeys(alone.tolist(), said)
                return alone
        plain = same & looks.plain & ~looks.may_have(target.rules.max_tokens) & ~looks.holds(target.rules.reserved)
        if target.asks_plain:
            plain[:] = False
        if target.base_model is not None:
            self._add_traps(target.base_model, plain)
        return np.flatnonzero(plain)

    def _add_traps(self, model: BaseModel, plain: np.ndarray) -> None:
        """What a model's template does to plain turns, said once for all that run into the same traps."""
        caught = np.stack([self._looks.caught(trap.when) for trap in model.traps], axis=1)
        said: dict[bytes, list[Problem]] = {}
        for index in np.flatnonzero(plain & caught.any(axis=1)).tolist():
            key = caught[index].tobytes()
            if key not in said:
                said[key] = model.problems(self.examples[index])
            self.problems[index] = said[key]

    def mended(self, chosen: Sequence[str], *, cut: bool, progress: Progress) -> Acceptance:
        """The same with these fixes, by name, and with what is `cut`: examples over the limit go out all the same, where the
        provider cuts them. Only those are asked about again that a fix may change."""
        done = copy(self)
        for name in ("refused", "out", "tokens", "trapped", "_mends", "_bytes"):
            done.__dict__.pop(name, None)
        done._cut, done.said_of_refused = cut, None
        done.examples, done.problems, done.applied = list(self.examples), dict(self.problems), {}
        wanted = {index for index, found in self.problems.items() if any(one.mend in chosen for one in found)}
        for index in track(sorted(wanted), progress, f"Mending for {self.target.title}", len(wanted)):
            example, names = fixes.apply(self.examples[index], chosen, self.target)
            if not names:
                continue
            done.examples[index], done.applied[index] = example, names
            if found := self.target.problems(example):
                done.problems[index] = found
            else:
                del done.problems[index]
        done._changed = sorted({*self._changed, *done.applied})
        return done

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
    def out(self) -> np.ndarray:
        """Which candidates are `refused`, (n,) of bool."""
        rows = np.zeros(len(self.examples), dtype=bool)
        grave: dict[int, bool] = {}  # many share one list of problems
        for index, problems in self.problems.items():
            if id(problems) not in grave:
                grave[id(problems)] = any(map(self.refuses, problems))
            rows[index] = grave[id(problems)]
        return rows

    @cached_property
    def tokens(self) -> np.ndarray:
        """Tokens of each candidate, (n,), as `target.counter` has them."""
        counts = self._looks.tokens(self.target)
        if self._changed:
            counts = counts.copy()
            counts[self._changed] = costs.count(self.target, [self.examples[index] for index in self._changed])
        return counts

    @cached_property
    def trapped(self) -> dict[tuple[BaseModel, Trap], np.ndarray]:
        """By trap of the open models that the provider tunes, which candidates run into it, (n,) of bool; none where the
        model is chosen, for then they are problems."""
        if not self.target.rules.base_models or self.target.base_model is not None:
            return {}
        return {(model, trap): self._caught(trap) for model in base_models.every() for trap in model.traps}

    def _caught(self, trap: Trap) -> np.ndarray:
        found = self._looks.caught(trap.when)
        if self._changed:
            found = found.copy()
            found[self._changed] = [trap.catches(self.examples[index]) for index in self._changed]
        return found

    @cached_property
    def _mends(self) -> dict[tuple[int, str, str], bool]:
        return {}

    def mended_by(self, index: int, problem: Problem) -> str | None:
        """The fix that would make this problem of a candidate go away, None where there is none."""
        if problem.mend is None:
            return None
        key = (index, problem.rule, problem.mend)
        if key not in self._mends:
            example, applied = fixes.apply(self.examples[index], [problem.mend], self.target)
            left = {(found.rule, found.mend) for found in self.target.problems(example)}
            self._mends[key] = bool(applied) and (problem.rule, problem.mend) not in left
        return problem.mend if self._mends[key] else None

    def size(self, rows: np.ndarray, every: np.ndarray, fits: int) -> int:
        """Bytes of a file with these candidates, none of them refused, of `every` one in the release; or, where it fits for
        certain, some number between that and `fits`, for which nothing has to be written."""
        most = self._looks.most_bytes[rows]
        told = most >= 0
        told[np.isin(rows, self._changed)] = False
        sure = int(most[told].sum())
        if sure > fits:
            told[:], sure = False, 0
        rest = rows[~told].tolist()
        if not rest:
            return sure
        fitted = self.target.fitted(self.examples[index] for index in every)
        if fitted is not self.target:
            return sure + sum(self._size(index, fitted) for index in rest)
        for index in rest:
            if self._bytes[index] < 0:
                self._bytes[index] = self._size(index, fitted)
        return sure + int(self._bytes[rest].sum())

    def _size(self, index: int, fitted: targets.Target) -> int:
        return sum(len(json_line(record)) for record in fitted.records(self.examples[index]))

    @cached_property
    def _bytes(self) -> np.ndarray:
        return np.full(len(self.examples), -1, dtype=np.int64)


class Acceptances:
    """The view of every provider that was asked for so far."""

    def __init__(self, data: Data):
        self.assigned: tuple[object, Assigned] | None = None
        """What was split last, and from what."""
        self._data = data
        self._asked: dict[tuple[object, ...], Acceptance] = {}
        self._mended: dict[tuple[object, ...], Acceptance] = {}

    @cached_property
    def _looks(self) -> Looks:
        return Looks(self._data.candidates.examples)

    def of(self, name: str, wanted: Wanted, preferences: Preferences) -> Acceptance:
        """What the target called `name` says, with the fixes and the base model that are wanted.

        Raises InputError for a name that is no target's.
        """
        target = targets.get(name).for_model(wanted.base_model)
        chosen, cut = wanted.fixes_of(name), "length" in wanted.include
        key = (name, target.base_model, tuple(sorted(preferences)) if target.preference else ())
        if key not in self._asked:
            self._asked[key] = self._ask(target, preferences)
        if not chosen and not cut:
            return self._asked[key]
        if (*key, chosen, cut) not in self._mended:
            made = self._asked[key].mended(chosen, cut=cut, progress=self._data.progress)
            self._mended[(*key, chosen, cut)] = made
            for old in list(self._mended)[:-MOST_KEPT]:
                del self._mended[old]
        return self._mended[(*key, chosen, cut)]

    def _ask(self, target: targets.Target, preferences: Preferences) -> Acceptance:
        looks, pairs = self._looks, {}
        if target.preference:
            pairs = {
                index: replace(example, non_preferred=preferences[example.id])
                for index, example in enumerate(looks.examples)
                if not example.non_preferred and example.id in preferences
            }
            target = target.fitted(pairs.get(index, example) for index, example in enumerate(looks.examples))
        return Acceptance(target, looks, self._data.progress, pairs)
