"""`curator validate`: would that provider take this file?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curator.cli import common
from curator.text import plural

if TYPE_CHECKING:
    from curator.targets import Target

SHOWN = 10
"""Lines of one kind of problem that are printed before the rest is only counted."""


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
    every: Annotated[bool, typer.Option("--all", help="Print every problem, not the first ten of each kind.")] = False,
    config: common.Config = None,
) -> None:
    """Check a file against a provider's rules.

    A line per problem, the first ten of each kind; exit 1 if the provider would refuse the file. `[mend: NAME]` names the fix that makes a problem go away: `--fix NAME --out
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
        for ref, names in mended.changed if every else mended.changed[:SHOWN]:
            print(f"{_at(file, ref.line)}: mended by {', '.join(names)}")
        _more(len(mended.changed), every, "mended")
        for ref, why in mended.missing if every else mended.missing[:SHOWN]:
            print(f"{_at(file, ref.line)}: left out: {why}")
        _more(len(mended.missing), every, "left out")
        print(
            f"{plural(mended.written, 'example')} written to {out} in the form of {judge.name}, {len(mended.changed):,} of them "
            "mended."
        )
        errors += len(mended.missing)
    wrong, mends = _tell(out or file, judge, part, every)
    if mends is not None and out is None:
        _tell_next(file, judge, mends)
    if errors + wrong:
        raise typer.Exit(1)


def _more(count: int, every: bool, what: str) -> None:
    if count > SHOWN and not every:
        print(f"… {count - SHOWN:,} more {what} (--all names them)")


def _at(file: Path, line: int | None) -> str:
    return f"{file}" if line is None else f"{file}:{line}"


def _tell(file: Path, target: Target, part: str, every: bool) -> tuple[int, set[str] | None]:
    """Print what is wrong with the file; returns how much of it the provider would refuse it for, and the fixes that mend some
    of that: None where writing the file anew changes nothing, as where it has too few rows."""
    from curator.model import Severity

    errors, formal = 0, False
    mends: set[str] = set()
    told: Counter[tuple[str, str | None]] = Counter()
    for problem in target.validate_file(file, part):
        if problem.severity is Severity.ERROR:
            errors += 1
            formal = formal or problem.line is not None or problem.rule == "container"
            mends |= {problem.mend} if problem.mend else set()
        kind = (problem.rule, problem.fix)
        told[kind] += 1
        if told[kind] > SHOWN and not every:
            continue
        fix = f" ({problem.fix})" if problem.fix else ""
        mend = f" [mend: {problem.mend}]" if problem.mend else ""
        print(f"{_at(file, problem.line)}: {problem.severity}: {problem.message}{fix} [{problem.rule}]{mend}")
    for (rule, _), count in told.items():
        _more(count, every, f"[{rule}]")
    verdict = (
        f"not acceptable to {target.name}: {plural(errors, 'problem')}" if errors else f"acceptable to {target.name}"
    )
    print(f"{file} is {verdict}.")
    return errors, mends if formal else None


def _tell_next(file: Path, target: Target, mends: set[str]) -> None:
    """What a mended file would hold, where the file can be read at all."""
    from curator import mending
    from curator.errors import InputError
    from curator.targets import fixes

    chosen = [fixes.SAFE, *sorted(name for name in mends if fixes.FIXES[name].loses)]
    try:
        taken, records = mending.would_take(str(file), target, chosen)
    except InputError:
        return  # It cannot be read as anything; what is wrong with each line is said above.
    if taken:
        print(
            f"Next: --fix {','.join(chosen)} --out FILE writes {taken:,} of {plural(records, 'record')} in the form of "
            f"{target.name}."
        )
