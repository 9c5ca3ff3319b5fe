"""The labels to choose from, and the number keys they are on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from curator.model import Finding, Role, Round, Verdict
from curator.store import Project
from curator.tasks import Task
from ui.presenters.matching import ranked

KEYS = 9
MOST = 500
"""Distinct outputs beyond which they are no labels, where nobody said what the task is."""
LONGEST = 60
EXAMPLES_A_LABEL = 4
SHOWN = 50
"""Labels listed at most for what is typed."""


@dataclass(frozen=True, slots=True)
class Label:
    """`examples`: how many have it, 0 where that is not told; `key`: its number key, None beyond the nine."""

    name: str
    examples: int
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of a project, those that are used and suggested most first. Their keys do not change while one reviews."""

    listed: tuple[Label, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.listed)

    def on_key(self, key: int) -> Label | None:
        """The label on a number key, 1 to 9."""
        return self.listed[key - 1] if 1 <= key <= min(KEYS, len(self.listed)) else None

    def named(self, name: str | None) -> Label | None:
        return next((label for label in self.listed if label.name == name), None)

    def as_before(self, earlier: Labels) -> Labels:
        """The same labels, those of `earlier` in its order and on its keys: hands have learnt them."""
        known = {label.name: place for place, label in enumerate(earlier.listed)}
        ordered = sorted(self.listed, key=lambda label: known.get(label.name, len(known)))
        return _on_keys((label.name, label.examples) for label in ordered)

    def matching(self, typed: str) -> list[Label]:
        """The labels that fit what is typed, best first; the label that is typed out comes before all others."""
        wanted = typed.strip()
        fit = ranked(self.listed, wanted, lambda label: label.name.replace("_", " ").replace("-", " "))
        fit += [label for label in ranked(self.listed, wanted, lambda label: label.name) if label not in fit]
        fit.sort(key=lambda label: label.name.casefold() != wanted.casefold())
        return fit[:SHOWN]


def choose(counted: Mapping[str, int], suggested: Mapping[str, int]) -> Labels:
    """Labels by their share of the examples plus their share of what findings suggest; equal ones by name."""
    names = {name for name in (*counted, *suggested) if name.strip()}
    used, proposed = max(1, sum(counted.values())), max(1, sum(suggested.values()))

    def weight(name: str) -> float:
        return counted.get(name, 0) / used + suggested.get(name, 0) / proposed

    ordered = sorted(names, key=lambda name: (-weight(name), name))
    return _on_keys((name, counted.get(name, 0)) for name in ordered)


def _on_keys(listed: Iterable[tuple[str, int]]) -> Labels:
    """Names and how many examples have them, in order, the first nine on the number keys."""
    numbered = enumerate(listed, 1)
    return Labels(tuple(Label(name, n, place if place <= KEYS else None) for place, (name, n) in numbered))


def suggestions(findings: Iterable[Finding]) -> Counter[str]:
    """How often findings propose each label."""
    found: Counter[str] = Counter()
    for finding in findings:
        proposed = finding.suggestion
        if proposed is not None and proposed.action is Verdict.RELABEL:
            values = (proposed.value_for(id) for id in proposed.examples)
            found.update(value for value in values if value)
    return found


def of_round(round: Round) -> Labels:
    """The labels to choose from in a round, in its order: the same keys for every reviewer."""
    return _on_keys((name, 0) for name in round.labels if name.strip())


def load(project: Project, suggested: Mapping[str, int]) -> Labels:
    """The labels of a project's candidates; none where the outputs are no labels."""
    task = project.settings().get("task")
    run = project.latest_run("check")
    if task is None and run is not None:
        task = run.settings.get("task")
    if task not in (None, Task.CLASSIFICATION):
        return Labels()
    counted = Counter(output for _, output in project.outputs(Role.CANDIDATE))
    if task is None and not _are_labels(counted):
        return Labels()
    return choose(counted, suggested)


def _are_labels(counted: Mapping[str, int]) -> bool:
    """Few short outputs, each given many times."""
    if not counted or len(counted) > MOST or max(map(len, counted)) > LONGEST:
        return False
    return sum(counted.values()) >= EXAMPLES_A_LABEL * len(counted)
