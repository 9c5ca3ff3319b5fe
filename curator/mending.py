"""A file made acceptable to a provider: read in whatever form it has, mended by the fixes that were chosen, written anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from curator import formats, targets
from curator.errors import InputError
from curator.formats import kto
from curator.model import Example, Ref, Rejected, Role, Severity
from curator.targets import Target, fixes


@dataclass(frozen=True, slots=True)
class Mended:
    """What was written (`written` examples): by record the fixes that changed it, and the records that are missing with the
    reason."""

    path: Path
    written: int
    changed: tuple[tuple[Ref, tuple[str, ...]], ...]
    missing: tuple[tuple[Ref, str], ...]


def mend(file: str, target: Target, chosen: Sequence[str], out: Path, *, force: bool = False) -> Mended:
    """Write the examples of `file` that `target` takes, with the fixes `chosen` by name, to `out`.

    Raises InputError for an unknown fix, for a file of which nothing can be read, and where `out` is taken and not `force`.
    """
    names = fixes.parse(chosen)
    detection = formats.detect(file, role=Role.CANDIDATE)
    if out.exists() and out.samefile(file):
        raise InputError("would overwrite the file that is read; name another with --out", path=out)
    if out.exists() and not force:
        raise InputError("exists already; name another with --out, or overwrite it with --force", path=out)
    changed: list[tuple[Ref, tuple[str, ...]]] = []
    missing: list[tuple[Ref, str]] = []
    examples = []
    for ref, example, said in _taken(file, detection, target, names):
        if example is None:
            missing.append((ref, said[0]))
            continue
        if said:
            changed.append((ref, said))
        examples.append(example)
    target.fitted(examples).write(examples, out)
    return Mended(out, len(examples), tuple(changed), tuple(missing))


def would_take(file: str, target: Target, chosen: Sequence[str]) -> tuple[int, int]:
    """How many examples `mend` would write, and of how many records.

    Raises InputError for an unknown fix and for a file of which nothing can be read.
    """
    names = fixes.parse(chosen)
    detection = formats.detect(file, role=Role.CANDIDATE)
    found = [example is not None for _, example, _ in _taken(file, detection, target, names)]
    return sum(found), len(found)


def _taken(
    file: str, detection: formats.Detection, target: Target, names: Sequence[str]
) -> Iterator[tuple[Ref, Example | None, tuple[str, ...]]]:
    """Each record as an example that the target takes, with the fixes that changed it; or None, with the reason."""
    for record in formats.read(file, detection, Role.CANDIDATE):
        if isinstance(record, Rejected) and record.reason.startswith(kto.KEPT):
            continue  # It is in the example before.
        if isinstance(record, Rejected):
            yield record.ref, None, (record.reason,)
            continue
        example, applied = fixes.apply(record, names, target)
        wrong = [problem for problem in target.problems(example) if problem.severity is Severity.ERROR]
        if wrong:
            yield record.ref, None, (wrong[0].message,)
        else:
            yield record.ref, example, applied


def acceptable(name: str, base_model: str | None) -> Target:
    """The target called `name`, for the base model if one is named; raises InputError where either is unknown, or the
    target tunes no open models."""
    target = targets.get(name)
    if base_model is not None and not target.rules.base_models:
        raise InputError(
            f"--base-model: {target.title} tunes models of its own, whose templates are its affair; leave it out"
        )
    return target.for_model(base_model)
