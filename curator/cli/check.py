"""`curator check`: find what is wrong with the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.text import plural

if TYPE_CHECKING:
    from curator.pipeline import Checked
    from curator.reports.data import CheckReport, Gate


def check(
    data: common.Data,
    evals: common.Eval = None,
    project: common.ProjectOption = None,
    format: common.Format = None,
    input_field: common.InputField = None,
    output_field: common.OutputField = None,
    system_field: common.SystemField = None,
    task: common.TaskOption = None,
    encoder: common.EncoderOption = None,
    schema: common.Schema = None,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="CHECK,…", help="Run these checks alone.")] = None,
    skip: Annotated[
        list[str] | None, typer.Option("--skip", metavar="CHECK,…", help="Do not run these checks.")
    ] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on",
            metavar="CHECK[:N|:N%],…",
            help="Exit 1 on more than N findings, or N% of the candidates [N: 0]; rejected counts unreadable records; "
            "'agreement<0.67' (in quotes): where reviewers agree less than that, by Krippendorff's α.",
        ),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", metavar="NAME", help="Provider whose token limit counts.")
    ] = "openai",
    json: Annotated[str | None, typer.Option("--json", metavar="FILE|-", help="Findings as one JSON document.")] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE.html", help="Findings as a page.")] = None,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE.xml", help="Findings as JUnit XML.")] = None,
    scores: Annotated[
        Path | None, typer.Option("--scores", metavar="FILE.csv|.parquet", help="Scores of every example.")
    ] = None,
    seed: common.Seed = None,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Find what is wrong with the data.

    Duplicates, conflicts, leaks into the eval set, wrong labels, outputs of another input, broken structure.
    """
    from curator import checks, gates, pipeline

    fields = (input_field, output_field, system_field)
    wanted = common.settings(task, encoder, seed, only=only, skip=skip, schema=schema, target=target)
    pipeline.refuse_settings(wanted)
    gates.refuse(common.listed(fail_on), checks.select(wanted.only, wanted.skip))
    _refuse(json, report, junit, scores)
    with (
        common.shown(quiet) as progress,
        pipeline.opened(common.inputs(data, evals, project, format, fields), progress) as (opened, imported),
    ):
        common.tell_imports(imported, common.told(quiet))
        checked = pipeline.check(opened, wanted, progress)
        rules = common.listed(fail_on)
        agreement = gates.agreement(opened) if gates.asks_agreement(rules) else None
        found = replace(checked.report, gates=gates.apply(checked.report, rules, agreement))
    _write(found, checked, json, report, junit, scores)
    if json != "-":
        _summary(found, checked, [str(path) for path in (report, json, junit, scores) if path])
    if not all(gate.met for gate in found.gates):
        raise typer.Exit(1)


def _refuse(json: str | None, report: Path | None, junit: Path | None, scores: Path | None) -> None:
    """Say what is wrong with the names of the results before the work, not after it."""
    from curator.reports.scores import refuse_suffix

    if scores is not None:
        refuse_suffix(scores)
    common.refuse_results(json, report, junit, scores)


def _write(
    found: CheckReport, checked: Checked, json: str | None, report: Path | None, junit: Path | None, scores: Path | None
) -> None:
    from curator import pipeline
    from curator.reports import findings_json, html
    from curator.reports import junit as junit_xml
    from curator.reports import scores as score_file

    if scores is not None:
        score_file.write(pipeline.score_table(checked), scores)
    if report is not None:
        html.write_check(found, report)
    if junit is not None:
        junit_xml.write(found, junit)
    if json is not None:
        common.write_result(json, findings_json.dumps(found))


def _summary(found: CheckReport, checked: Checked, written: list[str]) -> None:
    from curator.model import Role, Severity

    how = f"guessed: {checked.task_reason}" if found.task_guessed else "as given"
    candidates, evals = found.total(Role.CANDIDATE), found.total(Role.EVAL)
    print(f"{plural(candidates, 'candidate')}, {plural(evals, 'eval example')}, task {found.task} ({how})")
    if found.rejected:
        first = found.rejected[0]
        print(f"{plural(len(found.rejected), 'record')} could not be read; the first: {first.ref}: {first.reason}")
    print()
    print(f"{'check':<16}  errors  warnings  notes  examples")
    by_check = found.by_check()
    for run in found.checks:
        if run.skipped:
            print(f"{run.name:<16}  not run: {run.skipped}")
            continue
        levels = [finding.severity for finding in by_check[run.name]]
        errors, warnings, notes = (levels.count(s) for s in (Severity.ERROR, Severity.WARNING, Severity.INFO))
        print(f"{run.name:<16}  {errors:>6,}  {warnings:>8,}  {notes:>5,}  {run.examples:>8,}")
    for run in found.checks:
        if run.calibrated:
            print(f"{run.name} is {run.calibrated}.")
    if found.findings and not written:
        print("\nSee them with --report FILE.html, or take them with --json FILE.")
    print(f"\n{_size_sentence(found.effective, found.need.minimum, found.need.ideal)}")
    for note in (*checked.notes, *(f"Written: {path}" for path in written)):
        print(note)
    for gate in found.gates:
        print(_gate_sentence(gate))


def _size_sentence(effective: int, minimum: int, ideal: int) -> str:
    from curator.tasks import BELOW_MINIMUM

    text = f"{plural(effective, 'example')} would remain; the task wants {minimum:,} at least and {ideal:,} ideally"
    return f"{text}: {BELOW_MINIMUM}." if effective < minimum else f"{text}."


def _gate_sentence(gate: Gate) -> str:
    value = f"{gate.value:g}" if gate.value is not None else "" if gate.detail else "it did not run"
    said = ": ".join(part for part in (value, gate.detail) if part)
    return f"gate {gate.rule}: {'met' if gate.met else 'NOT met'} ({said})"
