"""Gates: conditions that a check must meet, such as `leakage`, `label_error:2%` or `agreement<0.67`, for scripts and CI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from curator import checks
from curator.errors import InputError
from curator.model import Finding, Role
from curator.reports import data as reports
from curator.review.votes.of_rounds import agreement_of, alpha_of
from curator.store import Project
from curator.text import plural

REJECTED = "rejected"
AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Measured:
    """How far reviewers agree: Krippendorff's α, None where it is not known. `detail`: of whom it is, or why there is none."""

    alpha: float | None
    detail: str


def apply(
    report: reports.CheckReport, rules: Iterable[str], agreed: Measured | None = None
) -> tuple[reports.Gate, ...]:
    """`CHECK`, `CHECK:N` or `CHECK:N%`: met while a check's findings (or the share of candidates in them) are no more.
    `rejected` stands for the records that could not be read. `agreement<N` is met where reviewers agree at least so far,
    which `agreed` says; where that is not known it is not met.

    Raises InputError for a rule that is none, or names a check that did not run.
    """
    by_check = report.by_check()
    ran = {run.name: run.skipped for run in report.checks}
    return tuple(
        _agreement_gate(rule, agreed) if _is_agreement(rule) else _gate(rule, report, by_check, ran) for rule in rules
    )


def refuse(rules: Iterable[str], running: Iterable[str]) -> None:
    """Raise InputError for a rule that `apply` would refuse after the work is done. `running`: the checks that will."""
    names = set(running)
    for rule in rules:
        if _is_agreement(rule):
            _least(rule)
        else:
            _bound(rule, names)


def asks_agreement(rules: Iterable[str]) -> bool:
    """Whether one of these rules is about how far reviewers agree."""
    return any(_is_agreement(rule) for rule in rules)


def agreement(project: Project) -> Measured:
    """How far reviewers agree in the round in which they do so least, of those where two voted on the same items; without
    rounds, what several decided outright."""
    rounds = project.rounds.all()
    if not rounds:
        found = agreement_of(project)
        figure = found.krippendorff_alpha
        return Measured(figure.value, figure.why or f"α of {plural(found.reviewers, 'reviewer')}")
    measured = [(round, *alpha_of(project, round)) for round in rounds]
    known = [(alpha, round.number) for round, alpha, _ in measured if alpha is not None]
    if known:
        alpha, number = min(known)
        return Measured(alpha, f"α of round {number}")
    return Measured(None, "; ".join(f"round {round.number}: {why}" for round, _, why in measured))


def _is_agreement(rule: str) -> bool:
    return rule.startswith(AGREEMENT)


def _agreement_gate(rule: str, agreed: Measured | None) -> reports.Gate:
    if agreed is None or agreed.alpha is None:
        return reports.Gate(rule, False, None, detail="nothing was measured" if agreed is None else agreed.detail)
    return reports.Gate(rule, agreed.alpha >= _least(rule), round(agreed.alpha, 4), detail=agreed.detail)


def _least(rule: str) -> float:
    """The agreement below which a rule is not met."""
    _, sign, bound = rule.partition("<")
    try:
        least = float(bound)
    except ValueError:
        least = float("nan")
    if rule.partition("<")[0].strip() != AGREEMENT or not sign or not -1 <= least <= 1:
        raise InputError(
            f"--fail-on {rule!r}: it is written 'agreement<0.67', in quotes for the sake of the shell, with a number from -1 to 1"
        )
    return least


def _gate(
    rule: str, report: reports.CheckReport, by_check: Mapping[str, list[Finding]], ran: Mapping[str, str | None]
) -> reports.Gate:
    name, limit, percent = _bound(rule, set(ran))
    if name == REJECTED:
        count, records = len(report.rejected), sum(source.records for source in report.sources)
        value = 100 * count / max(1, records) if percent else count
        return reports.Gate(rule, value <= limit, round(value, 4))
    if ran[name]:
        # What did not run guards nothing, and must not look as if it did.
        return reports.Gate(rule, False, None, name)
    found = by_check.get(name, [])
    if not percent:
        return reports.Gate(rule, len(found) <= limit, len(found), name)
    candidates = {id for id, e in report.examples.items() if e.ref.role is Role.CANDIDATE}
    share = 100 * len({i for f in found for i in f.examples if i in candidates}) / max(1, len(candidates))
    return reports.Gate(rule, share <= limit, round(share, 4), name)


def _bound(rule: str, ran: set[str]) -> tuple[str, float, bool]:
    """A gate's check, its limit, and whether that is a share in percent."""
    name, _, bound = rule.partition(":")
    if name not in (*checks.CHECKS, REJECTED):
        raise InputError(
            f"--fail-on {rule}: there is no check named {name!r}; the checks are {', '.join(checks.CHECKS)}, "
            "and rejected and agreement<N"
        )
    if name not in ran and name != REJECTED:
        raise InputError(f"--fail-on {rule}: {name} does not run with these options")
    percent = bound.endswith("%")
    try:
        limit = float(bound.rstrip("%") or 0)
    except ValueError:
        limit = -1.0
    if not 0 <= limit < float("inf"):
        raise InputError(f"--fail-on {rule}: after the colon comes a number or a share, such as {name}:5 or {name}:2%")
    return name, limit, percent
