"""`curator open`: the window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curator.errors import EnvironmentFailure, InputError

Data = Annotated[
    list[str] | None,
    typer.Argument(metavar="[DATA]", help="A project (.curator or postgresql://), or data files to import."),
]


def open_(data: Data = None) -> None:
    """Open the window: review, relabel and export with the mouse and the keyboard."""
    named = list(data or [])
    for where in named:
        if "://" not in where and not Path(where).exists():
            raise InputError("There is no such file; name a project or a data file.", path=where)
    try:
        from ui.app import main
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "PySide6":
            raise
        raise EnvironmentFailure(
            "the window needs the extra \"window\": pip install 'curator-workbench[window]'"
        ) from error
    raise typer.Exit(main(named))
