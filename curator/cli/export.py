"""`curator export`: clean splits for providers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curator.cli import common, export_summary


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
    from curator.errors import InputError
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
    if base_model is not None and not any(targets.get(name).rules.base_models for name in wanted.targets):
        raise InputError("--base-model: none of the targets tunes open models; leave it out, or name one such as trl")
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
    for line in export_summary.lines(released, checked, out):
        print(line)
    if not released.ok:
        raise typer.Exit(1)
