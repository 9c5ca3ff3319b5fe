"""What `curator export` says when it is done: what went out, what stayed out, who takes what, and what it would cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from curator.text import plural

if TYPE_CHECKING:
    from curator.pipeline import Checked
    from curator.release import Release
    from curator.reports.data import ReleaseReport, RuleLine

FEW = 3
"""Targets up to which each file has a line of its own; more of them make a table."""


def lines(released: Release, checked: Checked, out: Path) -> Iterator[str]:
    """The summary of an export, line by line."""
    report = released.report
    guessed = f", guessed: {checked.task_reason}" if report.task_guessed else ""
    yield (
        f"{report.name} {report.number}: {report.chosen:,} of {plural(report.steps[0].count, 'record')} written to {out} "
        f"(task {report.task}{guessed})"
    )
    for reason in sorted(report.excluded, key=lambda e: (-e.count, e.reason)):
        hint = _mendable(report, checked, reason.count) if reason.reason == "structure" else ""
        yield f"  left out by {reason.reason}: {reason.count:,}{hint}"
    if report.reviewed:
        said = ", ".join(f"{count:,} {how}" for how, count in report.provenance.items())
        yield f"  how they came to be: {said}"
    yield from _matrix(report)
    yield from _files(report)
    for cost in report.costs:
        if cost.lines:
            yield f"  {cost.target}: {cost.summary}"
    yield from _certificate(report, checked)
    for note in (*_notes(report), *released.notes, *checked.notes):
        yield f"Note: {note.rstrip('.')}."
    yield f"Open {out / 'report.html'} for the whole story."


def _mendable(report: ReleaseReport, checked: Checked, out: int) -> str:
    """How many of the `out` examples stay out for the order of their turns alone, which fixes put right, where none was chosen."""
    from curator.checks import structure
    from curator.model import Severity

    if any(line.fixed for line in report.targets):
        return ""
    broken: dict[int, set[str]] = {}
    for finding in checked.report.findings:
        if finding.check != structure.NAME or finding.severity is Severity.INFO:
            continue
        if finding.id not in checked.dismissed:
            for id in finding.examples:
                broken.setdefault(id, set()).add(str(finding.evidence["rule"]))
    count = min(out, sum(rules <= structure.FORMAL for rules in broken.values()))
    return f", {count:,} of them for the order of their turns alone (try --fix safe)" if count else ""


def _matrix(report: ReleaseReport) -> Iterator[str]:
    """Who takes what, where there is something to say: several targets, or one that refuses or is mended."""
    said = [line for line in report.targets if line.refusals or line.fixed]
    if len(report.targets) < 2 and not said:
        return
    many, tokens = len(report.targets) > FEW, _tokens(report)
    wide = max(len("target"), *(len(line.name) for line in report.targets))
    yield f"  {'target':{wide}}  {'takes':>9}  {'refuses':>9}" + ("  tokens in all" if many else "")
    for line in report.targets:
        counted = f"  {tokens[line.name]}" if many and line.name in tokens else ""
        mended = "".join(f"; {name} mends {count:,}" for name, count in line.fixed)
        yield f"  {line.name:{wide}}  {line.takes:>9,}  {line.refuses:>9,}{counted}{mended}"
    yield from _rules(report)


def _tokens(report: ReleaseReport) -> dict[str, str]:
    """How many tokens the files of a target have together, and how sure that is."""
    total: dict[str, int] = {}
    basis: dict[str, str] = {}
    for file in report.files:
        if file.tokens is not None:
            total[file.target] = total.get(file.target, 0) + file.tokens
            basis[file.target] = file.tokens_basis
    return {name: f"{count:>13,}, {basis[name]}" for name, count in total.items()}


def _rules(report: ReleaseReport) -> Iterator[str]:
    """The rules that are broken, those of most examples first; what several targets say alike is said once."""
    by_rule: dict[RuleLine, list[str]] = {}
    for line in report.targets:
        for rule in line.refusals:
            by_rule.setdefault(rule, []).append(line.name)
    if by_rule:
        yield "  refused, by rule, of all that was read (acceptance.jsonl says it of every example):"
    for rule, names in sorted(by_rule.items(), key=lambda item: (-item[0].count, item[0].rule)):
        some = f" for {rule.mended:,}" if rule.mend and rule.mended < rule.count else ""
        remedy = f"--fix {rule.mend}{some}" if rule.mend else rule.fix
        by = "" if len(names) == len(report.targets) else f" [{', '.join(names)}]"
        yield f"    {rule.rule} {rule.count:,}: {rule.message}{f' ({remedy})' if remedy else ''}{by}"


def _files(report: ReleaseReport) -> Iterator[str]:
    from curator.targets import get

    few = len({file.target for file in report.files}) <= FEW
    for file in report.files:
        if few:
            tokens = "" if file.tokens is None else f", {file.tokens:,} tokens, {file.tokens_basis}"
            what = "row" if get(file.target).splits_examples else "example"
            yield f"  {file.path}: {plural(file.rows, what)}{tokens}"
        for problem in file.problems[:5]:
            yield f"    {'' if few else f'{file.path}: '}NOT acceptable: {problem}"


def _certificate(report: ReleaseReport, checked: Checked) -> Iterator[str]:
    certificate = report.certificate
    if certificate.nearest is not None:
        near = certificate.nearest >= checked.data.pairs.threshold
        differing = " (the two differ in a number, a name or a negation)" if near else ""
        yield (
            f"{plural(certificate.straddling, 'duplicate group')} in more than one split; the nearest pair across splits has "
            f"cosine {certificate.nearest:.3f}{differing}."
        )


def _notes(report: ReleaseReport) -> Iterator[str]:
    """What is to be said of the training files, once for all targets of which it holds."""
    by_note: dict[str, list[str]] = {}
    for file in report.files:
        for note in file.notes if file.split == "train" else ():
            by_note.setdefault(note, []).append(file.target)
    return (f"{', '.join(names)}: {note}" for note, names in by_note.items())
