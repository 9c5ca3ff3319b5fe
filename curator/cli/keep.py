"""`curator new`, `import`, `status`, `log` and `undo`: keeping a project."""

from __future__ import annotations

import json as json_text
import sys
from typing import Annotated

import typer

from curator.cli import common
from curator.errors import InputError

Project = Annotated[str, typer.Argument(metavar="PROJECT", help="A .curator file, or a postgresql:// address.")]


def new(
    project: Project,
    task: common.TaskOption = None,
    encoder: common.EncoderOption = None,
    seed: common.Seed = None,
    config: common.Config = None,
) -> None:
    """Make an empty project."""
    from curator import pipeline
    from curator.store import Project as Store
    from curator.store import shown_address

    if not pipeline.is_project(project):
        raise InputError(pipeline.not_a_project_name(project))
    chosen = {key: value for key, value in {"encoder": encoder, "seed": seed}.items() if value is not None}
    with Store.create(project, task=task, settings=chosen) as made:
        print(f"Made {made.where}. Next: curator import {shown_address(project)} FILE")


def import_(
    project: Project,
    data: Annotated[list[str] | None, typer.Argument(metavar="FILE…", help="Files of candidates.")] = None,
    evals: common.Eval = None,
    format: common.Format = None,
    input_field: common.InputField = None,
    output_field: common.OutputField = None,
    system_field: common.SystemField = None,
    task: common.TaskOption = None,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Import files into a project.

    A file that is there already is not imported twice.
    """
    from curator import pipeline
    from curator.store import Project as Store

    if not data and not evals:
        raise InputError("name the files to import, or eval sets with --eval")
    wanted = common.inputs(data or [], evals, None, format, (input_field, output_field, system_field))
    with Store.open(project) as opened, common.shown(quiet) as progress:
        imported = pipeline.import_files(opened, wanted, progress)
        if task is not None and opened.settings().get("task") != task:
            opened.set_settings(task=str(task))
        common.tell_imports(imported, sys.stdout)


def status(
    project: Project,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    config: common.Config = None,
) -> None:
    """Say what a project holds, and what is next."""
    from curator import pipeline
    from curator.store import Project as Store

    with Store.open(project) as opened:
        state = pipeline.status(opened)
    if json:
        print(json_text.dumps(state.as_json(), indent=2))
        return
    for line in state.lines():
        print(line)


def log(
    project: Project,
    limit: Annotated[int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many entries.")] = 50,
    config: common.Config = None,
) -> None:
    """List what was done to a project."""
    from curator.store import Project as Store

    with Store.open(project) as opened:
        for entry in opened.log(limit):
            undone = "" if entry.in_force else " (undone)"
            print(f"{entry.id:>5}  {entry.at[:19].replace('T', ' ')} UTC  {entry.actor}: {entry.text}{undone}")


def undo(
    project: Project,
    entry: Annotated[
        int | None, typer.Argument(metavar="ENTRY", help="Number in `curator log` [default: the newest].")
    ] = None,
    config: common.Config = None,
) -> None:
    """Undo the newest step, or the one named.

    Nothing is deleted, and an undo can be undone.
    """
    from curator.store import Project as Store

    with Store.open(project) as opened:
        print(opened.undo(entry).text)
