"""What the points are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curator.checks import Data
from curator.model import Decision, Finding, Role, Severity, Verdict
from curator.readiness.coverage import Coverage
from curator.reports.data import CheckReport


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far reviewers agree: Krippendorff's α, None where it is not known; `detail` says of whom, or why not."""

    alpha: float | None
    detail: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A finished check and what goes with it.

    `data`: with its vectors; without it what takes them is not looked at. `clean`: ids of the candidates that an export takes,
    None where that is not known. `scores`: columns in the order of `data.candidates`. `decisions`: resolved, by example;
    `dismissed`: ids of findings. `where`: DATA and `--eval` as a command takes them; `project`: whether that is a project.
    """

    report: CheckReport
    data: Data | None = None
    clean: frozenset[int] | None = None
    scores: Mapping[str, Sequence[Any] | np.ndarray] = field(default_factory=dict)
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    dismissed: frozenset[str] = frozenset()
    agreed: Agreed | None = None
    coverage: Coverage | None = None
    where: str = "DATA"
    project: bool = False

    @property
    def candidates(self) -> int:
        return self.report.total(Role.CANDIDATE)

    @property
    def evals(self) -> int:
        return self.report.total(Role.EVAL)

    def ran(self, *checks: str) -> list[str]:
        """Those of these checks that ran and were not skipped."""
        found = {run.name for run in self.report.checks if not run.skipped}
        return [name for name in checks if name in found]

    def open(self, *checks: str) -> list[Finding]:
        """Findings of these checks that count and that nobody has settled: not dismissed, and no reviewer decided on what they
        ask to change."""
        return [
            f
            for f in self.report.findings
            if f.check in checks
            and f.severity is not Severity.INFO
            and f.id not in self.dismissed
            and not self._settled(f)
        ]

    @property
    def repeats(self) -> set[int]:
        """The candidates that only repeat others."""
        found = self.open("exact_duplicate", "near_duplicate")
        return {id for f in found if f.suggestion for id in f.suggestion.examples}

    @property
    def judged(self) -> list[int]:
        """The examples whose output a reviewer judged here."""
        kept = self.decisions.items()
        return [id for id, one in kept if not one.imported and one.verdict is not Verdict.SKIP]

    def is_candidate(self, id: int) -> bool:
        return self.report.examples[id].ref.role is Role.CANDIDATE

    def _settled(self, finding: Finding) -> bool:
        named = finding.suggestion.examples if finding.suggestion else finding.examples
        ours = [id for id in named if self.is_candidate(id)]
        return bool(ours) and all(self._decided(id, leak=finding.check == "leakage") for id in ours)

    def _decided(self, id: int, *, leak: bool) -> bool:
        """A leak is settled where the candidate is out; what else is found of an example, where a reviewer judged it."""
        decision = self.decisions.get(id)
        if decision is None or decision.imported:
            return False
        out = (Verdict.DROP, Verdict.FLAG)
        return decision.verdict in out if leak else decision.verdict is not Verdict.SKIP

    def command(self, verb: str, more: str = "") -> str:
        """A command on this data; the window is opened on the candidates alone."""
        where = self.where.partition(" --eval ")[0] if verb == "open" else self.where
        return " ".join(part for part in ("curator", verb, where, more) if part)
