"""`curator rebuild`: write a release again, from the project alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curator.cli import common
from curator.cli.keep import Project
from curator.errors import InputError


def rebuild(
    project: Project,
    release: Annotated[str, typer.Argument(metavar="NUMBER|NAME", help="The release, as `curator status` lists it.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where it goes: a new folder.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a release that is already there.")] = False,
    config: common.Config = None,
    quiet: common.Quiet = False,
) -> None:
    """Write a release again as it was, whatever was done to the project since.

    It is proven: the manifest, which has the checksum of every file, must have the checksum that the project keeps. Exit 1
    where it has not; then it is said what differs. The files that were imported need not be there any more.
    """
    from curator import pipeline
    from curator.store import Project as Store

    if not pipeline.is_project(project):
        raise InputError(pipeline.not_a_project_name(project))
    with Store.open(project) as opened, common.shown(quiet) as progress:
        made = pipeline.rebuild(opened, release, out, progress, force=force)
    examples = made.release.summary["dataset"]["examples"]
    print(f"{made.release.title}: {examples:,} examples written to {out}")
    if made.same:
        print(f"The same, byte for byte: manifest sha256 {made.release.manifest}")
        return
    print(f"NOT the same: {', '.join(made.files)}")
    for cause in made.differs:
        print(f"  {cause}")
    raise typer.Exit(1)
