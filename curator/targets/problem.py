"""What a provider's rules say of an example, and of a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from curator.model import Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a provider would refuse an example (error), or what it would lose or do to it (warning, info).

    `fix` says what to do; `mend` names the fix in `curator.targets.fixes` that does it, where one is safe to offer.
    """

    rule: str
    message: str
    fix: str | None = None
    severity: Severity = Severity.ERROR
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A `Problem` of a file; `line` is 1-based, None where the file as a whole is meant."""

    line: int | None
    rule: str
    message: str
    fix: str | None = None
    severity: Severity = Severity.ERROR
    mend: str | None = None

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{self.message}" + (f" ({self.fix})" if self.fix else "")


def at(line: int, problem: Problem) -> FileProblem:
    """`problem` with its place in a file."""
    return FileProblem(line, problem.rule, problem.message, problem.fix, problem.severity, problem.mend)


def errors(problems: Iterable[FileProblem]) -> list[FileProblem]:
    """Those for which the provider refuses the file."""
    return [problem for problem in problems if problem.severity is Severity.ERROR]
