"""`curator export`: clean splits for providers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.text import plural

if TYPE_CHECKING:
    from curator.pipeline import Checked
    from curator.release import Release
    from curator.reports.data import ReleaseReport


def export(
    data: common.Data,
    out: Annotated[
        Path,
        typer.Option(
            "--out", metavar="FOLDER", help="Where the release goes: a new folder, or an older release with --force."
        ),
    ],
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="NAME[,NAME]|all",
            help="Provider formats, such as openai, mistral or trl; `curator targets` lists them [default: openai].",
        ),
    ] = None,
    size: Annotated[
        str,
        typer.Option(
            "--size",
            metavar="minimum|ideal|all|N",
            help="How many examples: the task's minimum or ideal, all, or a number.",
        ),
    ] = "all",
    split: Annotated[str, typer.Option("--split", metavar="90/10|80/10/10|…", help="Shares in percent.")] = "90/10",
    stratify: Annotated[bool, typer.Option("--stratify/--no-stratify", help="Every label in every split.")] = True,
    allow_below_minimum: Annotated[
        bool, typer.Option("--allow-below-minimum", help="Write even where fine-tuning will likely overfit.")
    ] = False,
    include: Annotated[
        list[str] | None,
        typer.Option(
            "--include",
            metavar="RULE,…",
            help="Let in what this rule (a check's name, or disagreement) would leave out.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="RULE,…", help="Leave out by this rule too; only outlier is off at first."),
    ] = None,
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--require",
            metavar="RULE,…",
            help="Only what reviewers did this with: 'votes>=2', 'consensus>=0.8', 'alpha>=0.67' (of its round; in quotes), "
            "adjudicated (where they disagree), reviewed.",
        ),
    ] = None,
    fix: common.Fix = None,
    base_model: common.BaseModel = None,
    epochs: common.Epochs = 3,
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help="What the dataset is called [default: as the project, or the first file]."
        ),
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite a release that is already there.")] = False,
    evals: common.Eval = None,
    project: common.ProjectOption = None,
    format: common.Format = None,
    input_field: common.InputField = None,
    output_field: common.OutputField = None,
    system_field: common.SystemField = None,
    task: common.TaskOption = None,
    encoder: common.EncoderOption = None,
    schema: common.Schema = None,
    seed: common.Seed = None,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Write clean splits that a provider accepts.

    Beside them: a report, a manifest, and the reason for every example left out.
    """
    from curator import pipeline, targets
    from curator.release import Wanted, refuse_taken
    from curator.splits import Shares

    asked = common.listed(target) or ("openai",)
    wanted = Wanted(
        out,
        targets.names() if "all" in asked else tuple(dict.fromkeys(asked)),
        size,
        Shares.parse(split),
        stratify,
        allow_below_minimum,
        common.listed(include),
        common.listed(exclude),
        force,
        require=common.listed(require),
        fixes=common.listed(fix),
        base_model=base_model,
        optional="all" in asked,
        epochs=epochs,
        name=name,
    )
    fields = (input_field, output_field, system_field)
    chosen = common.settings(task, encoder, seed, schema=schema, target=wanted.targets[0])
    pipeline.refuse_settings(chosen)
    refuse_taken(wanted)
    with (
        common.shown(quiet) as progress,
        pipeline.opened(common.inputs(data, evals, project, format, fields), progress) as (opened, imported),
    ):
        common.tell_imports(imported, common.told(quiet))
        checked, released = pipeline.export(opened, chosen, wanted, progress)
    _summary(released, checked, out)
    if not released.ok:
        raise typer.Exit(1)


def _summary(released: Release, checked: Checked, out: Path) -> None:
    from curator.targets import get

    report = released.report
    guessed = f", guessed: {checked.task_reason}" if report.task_guessed else ""
    print(
        f"{report.name} {report.number}: {report.chosen:,} of {plural(report.steps[0].count, 'record')} written to {out} "
        f"(task {report.task}{guessed})"
    )
    for reason in sorted(report.excluded, key=lambda e: (-e.count, e.reason)):
        print(f"  left out by {reason.reason}: {reason.count:,}")
    if report.reviewed:
        said = ", ".join(f"{count:,} {how}" for how, count in report.provenance.items())
        print(f"  how they came to be: {said}")
    for line in _matrix(report):
        print(line)
    for file in report.files:
        tokens = "" if file.tokens is None else f", {file.tokens:,} tokens, {file.tokens_basis}"
        what = "row" if get(file.target).splits_examples else "example"
        print(f"  {file.path}: {plural(file.rows, what)}{tokens}")
        for problem in file.problems[:5]:
            print(f"    NOT acceptable: {problem}")
    for cost in report.costs:
        if cost.lines:
            print(f"  {cost.target}: {cost.summary}")
    certificate = report.certificate
    if certificate.nearest is not None:
        near = certificate.nearest >= checked.data.pairs.threshold
        differing = " (the two differ in a number, a name or a negation)" if near else ""
        print(
            f"{plural(certificate.straddling, 'duplicate group')} in more than one split; the nearest pair across splits has "
            f"cosine {certificate.nearest:.3f}{differing}."
        )
    for note in (*_of_files(report), *released.notes, *checked.notes):
        print(f"Note: {note.rstrip('.')}.")
    print(f"Open {out / 'report.html'} for the whole story.")


def _of_files(report: ReleaseReport) -> Iterator[str]:
    """What is to be said of the training files, once for all targets of which it holds."""
    by_note: dict[str, list[str]] = {}
    for file in report.files:
        for note in file.notes if file.split == "train" else ():
            by_note.setdefault(note, []).append(file.target)
    return (f"{', '.join(names)}: {note}" for note, names in by_note.items())


def _matrix(report: ReleaseReport) -> Iterator[str]:
    """Who takes what, where there is something to say: several targets, or one that refuses or is mended."""
    said = [line for line in report.targets if line.refusals or line.fixed]
    if len(report.targets) < 2 and not said:
        return
    wide = max(len(line.name) for line in report.targets)
    yield f"  {'target':{wide}}  {'takes':>9}  {'refuses':>9}"
    for line in report.targets:
        mended = "".join(f"  mended by {name}: {count:,}" for name, count in line.fixed)
        yield f"  {line.name:{wide}}  {line.takes:>9,}  {line.refuses:>9,}{mended}"
        for rule in line.refusals:
            some = f" for {rule.mended:,}" if rule.mend and rule.mended < rule.count else ""
            remedy = f"--fix {rule.mend}{some}" if rule.mend else rule.fix
            yield f"    {rule.rule} {rule.count:,}: {rule.message}{f' ({remedy})' if remedy else ''}"
