"""`curator validate`: would that provider take this file?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from curator.cli import common


def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSONL file.")],
    target: Annotated[str, typer.Option("--target", metavar="NAME", help="The provider's format.")],
    part: Annotated[
        str, typer.Option("--part", metavar="train|validation|test", help="What the file is for: rules differ.")
    ] = "train",
    config: common.Config = None,
) -> None:
    """Check a file against a provider's rules.

    A line per problem; exit 1 if there is one.
    """
    from curator import targets
    from curator.errors import InputError
    from curator.model import Severity
    from curator.splits import NAMES

    if part not in NAMES:
        raise InputError(f"--part {part!r} is not a part of a release; it is one of {', '.join(NAMES)}")

    errors = 0
    for problem in targets.get(target).validate_file(file, part):
        errors += problem.severity is Severity.ERROR
        where = f"{file}" if problem.line is None else f"{file}:{problem.line}"
        fix = f" ({problem.fix})" if problem.fix else ""
        print(f"{where}: {problem.severity}: {problem.message}{fix} [{problem.rule}]")
    if errors:
        print(f"{file} is not acceptable to {target}: {errors:,} problem{'' if errors == 1 else 's'}.")
        raise typer.Exit(1)
    print(f"{file} is acceptable to {target}.")
