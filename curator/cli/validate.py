"""`curator validate`: would that provider take this file?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.text import plural

if TYPE_CHECKING:
    from curator.targets import Target


def validate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file in the provider's form, mostly JSONL.")],
    target: Annotated[str, typer.Option("--target", metavar="NAME", help="The provider's format.")],
    part: Annotated[
        str, typer.Option("--part", metavar="train|validation|test", help="What the file is for: rules differ.")
    ] = "train",
    base_model: common.BaseModel = None,
    fix: common.Fix = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="With --fix: where the mended file goes.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a mended file that is already there.")] = False,
    config: common.Config = None,
) -> None:
    """Check a file against a provider's rules.

    A line per problem; exit 1 if there is one. `[mend: NAME]` names the fix that makes a problem go away: `--fix NAME --out
    FILE` writes a mended file, and says what was changed in each line and which lines had to be left out.
    """
    from curator import mending
    from curator.errors import InputError
    from curator.splits import NAMES

    if part not in NAMES:
        raise InputError(f"--part {part!r} is not a part of a release; it is one of {', '.join(NAMES)}")
    if (out is None) != (fix is None):
        raise InputError("--fix and --out go together: which fixes, and where the mended file goes")
    judge = mending.acceptable(target, base_model)
    errors = 0
    if out is not None:
        mended = mending.mend(str(file), judge, common.listed(fix), out, force=force)
        for ref, names in mended.changed:
            print(f"{_at(file, ref.line)}: mended by {', '.join(names)}")
        for ref, why in mended.missing:
            print(f"{_at(file, ref.line)}: left out: {why}")
        print(f"{plural(mended.written, 'example')} written to {out}, {len(mended.changed):,} of them mended.")
        errors += len(mended.missing)
    errors += _tell(out or file, judge, part)
    if errors:
        raise typer.Exit(1)


def _at(file: Path, line: int | None) -> str:
    return f"{file}" if line is None else f"{file}:{line}"


def _tell(file: Path, target: Target, part: str) -> int:
    """Print what is wrong with the file; returns how much of it the provider would refuse it for."""
    from curator.model import Severity

    errors = 0
    for problem in target.validate_file(file, part):
        errors += problem.severity is Severity.ERROR
        fix = f" ({problem.fix})" if problem.fix else ""
        mend = f" [mend: {problem.mend}]" if problem.mend else ""
        print(f"{_at(file, problem.line)}: {problem.severity}: {problem.message}{fix} [{problem.rule}]{mend}")
    verdict = (
        f"not acceptable to {target.name}: {plural(errors, 'problem')}" if errors else f"acceptable to {target.name}"
    )
    print(f"{file} is {verdict}.")
    return errors
