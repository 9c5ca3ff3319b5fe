"""One module per check, one registry. A new check is a module with NAME and run(data), and a line here.

The order matters twice: checks of single examples come first, for what they find ranks the representatives of
duplicate groups; and cheap checks come before costly ones, so that an interrupted run has said something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module

from curator.checks.data import Corpus, Data, Outcome
from curator.checks.findings import finding_id
from curator.errors import Cancelled, InputError
from curator.model import Finding

CHECKS: tuple[str, ...] = (
    "structure",
    "schema",
    "length",
    "personal_data",
    "language",
    "exact_duplicate",
    "near_duplicate",
    "conflict",
    "leakage",
    "outlier",
    "mismatched_pair",
    "label_error",
)
OF_ONE_EXAMPLE = ("structure", "schema")
"""Checks whose findings rank the representatives of duplicate groups: they run before any other."""


def select(only: Iterable[str] = (), skip: Iterable[str] = ()) -> list[str]:
    """The checks to run, in order. Raises InputError for a name that is none, and where none is left."""
    only, skip = list(only), list(skip)
    for name in (*only, *skip):
        if name not in CHECKS:
            raise InputError(f"there is no check named {name!r}; the checks are {', '.join(CHECKS)}")
    names = [name for name in CHECKS if (not only or name in only) and name not in skip]
    if not names:
        raise InputError("no check is left to run: --skip takes away all that --only names")
    return names


def run(data: Data, names: Iterable[str]) -> Iterator[tuple[str, Outcome]]:
    """Run checks one after the other, yielding each as it is done. Raises Cancelled between two checks."""
    names = list(names)
    for number, name in enumerate(names):
        if data.progress.cancelled():
            raise Cancelled
        data.progress.report(number, len(names), f"Checking: {name}")
        outcome: Outcome = import_module(f"curator.checks.{name}").run(data)
        count_flaws(data, {name: outcome})
        told, reported = _told_apart([*outcome.findings, *outcome.borderline]), len(outcome.findings)
        yield name, replace(outcome, findings=told[:reported], borderline=told[reported:])


def count_flaws(data: Data, outcomes: Mapping[str, Outcome]) -> None:
    """Add what checks of single examples found to the flaws of these."""
    found = [f for name in OF_ONE_EXAMPLE if name in outcomes for f in outcomes[name].findings]
    place = {example.id: index for index, example in enumerate(data.candidates.examples)} if found else {}
    for finding in found:
        data.flaws[place[finding.examples[0]]] += 1


def _told_apart(findings: list[Finding]) -> list[Finding]:
    """Equal examples have equal findings: number their ids, so that each names one."""
    seen: Counter[str] = Counter()
    unique = []
    for finding in findings:
        seen[finding.id] += 1
        again = seen[finding.id]
        unique.append(finding if again == 1 else replace(finding, id=finding_id(finding.id, (), f"#{again}")))
    return unique


__all__ = ["CHECKS", "OF_ONE_EXAMPLE", "Corpus", "Data", "Outcome", "count_flaws", "run", "select"]
