"""Gates: conditions that a check must meet, such as `leakage` or `label_error:2%`, for scripts and CI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from curator import checks
from curator.errors import InputError
from curator.model import Finding, Role
from curator.reports import data as reports

REJECTED = "rejected"


def apply(report: reports.CheckReport, rules: Iterable[str]) -> tuple[reports.Gate, ...]:
    """`CHECK`, `CHECK:N` or `CHECK:N%`: met while a check's findings (or the share of candidates in them) are no more.
    `rejected` stands for the records that could not be read.

    Raises InputError for a rule that is none, or names a check that did not run.
    """
    by_check = report.by_check()
    ran = {run.name: run.skipped for run in report.checks}
    return tuple(_gate(rule, report, by_check, ran) for rule in rules)


def refuse(rules: Iterable[str], running: Iterable[str]) -> None:
    """Raise InputError for a rule that `apply` would refuse after the work is done. `running`: the checks that will."""
    names = set(running)
    for rule in rules:
        _bound(rule, names)


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
            f"--fail-on {rule}: there is no check named {name!r}; the checks are {', '.join(checks.CHECKS)}, and rejected"
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
