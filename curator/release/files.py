"""The files of a release: what providers take, and what proves it."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curator import sensitive, targets
from curator.checks.data import Data
from curator.errors import Cancelled, EnvironmentFailure
from curator.files import reason, write_bytes
from curator.model import Decision, Example, Severity
from curator.progress import Progress
from curator.release import budget, lines, matrix
from curator.release import manifest as manifests
from curator.release.manifest import Named, settings_of
from curator.release.manifest import manifest as _manifest
from curator.release.place import Placement
from curator.release.select import Selection
from curator.release.telling import report as report_of
from curator.release.wanted import MANIFEST, Wanted, limit_of
from curator.reports import data as reports
from curator.reports import html
from curator.review.provenance import NOBODY, Reviewed
from curator.targets.problem import FileProblem, errors
from curator.tasks import BELOW_MINIMUM, NEEDS
from curator.text import plural

MOST = 20
"""Notes on a file that one rule makes, beyond which the others are counted."""


@dataclass(frozen=True, slots=True)
class Release:
    """What was written. `near_eval`: the highest cosine between its inputs and those of the eval set, None without one."""

    report: reports.ReleaseReport
    settings: Mapping[str, Any]
    notes: tuple[str, ...]
    near_eval: float | None = None

    @property
    def ok(self) -> bool:
        return not any(file.problems for file in self.report.files)


def write(
    data: Data,
    checked: reports.CheckReport,
    decisions: Mapping[int, Decision],
    selection: Selection,
    placement: Placement,
    wanted: Wanted,
    progress: Progress,
    remember: Callable[[manifests.Written], None],
    named: Named,
    reviewed: Reviewed = NOBODY,
) -> Release:
    """Write the release to a folder beside `wanted.out` and put it in its place when it is whole.

    `named`: its name and number, and what becomes of every candidate; `reviewed`: what reviewers did, for the provenance of
    each example.

    `remember` is called when all is written and before anybody can see it: what is out there must not be unknown to the
    project.
    """
    out = selection.out
    partial = wanted.out.parent / f".{wanted.out.name}.{secrets.token_hex(4)}.part"
    try:
        partial.mkdir(parents=True)
        files, numbers = _write_targets(selection, placement, wanted, named.name, partial, progress)
        write_bytes(partial / "rows.jsonl", lines.rows(data, placement, decisions, reviewed, selection, numbers, named))
        write_bytes(partial / "acceptance.jsonl", matrix.by_example(data, selection, placement.split))
        write_bytes(partial / "excluded.jsonl", lines.excluded(data, reviewed, selection, out, named))
        if checked.rejected:
            write_bytes(partial / "rejected.jsonl", lines.jsonl(lines.rejected(checked)))
        costs = budget.of_release(selection, placement, wanted, {file.target for file in files})
        report = report_of(data, checked, selection, placement, wanted, files, out, reviewed, named, costs)
        html.write_release(report, partial / "report.html")
        settings = settings_of(data, wanted)
        made = _manifest(checked, report, placement, settings, partial, files, named, reviewed)
        made["costs"] = [cost.as_json() for cost in costs]
        content = manifests.encoded(made)
        write_bytes(partial / MANIFEST, content)
        remember(manifests.Written(settings, made, hashlib.sha256(content).hexdigest()))
        _swap(partial, wanted.out)
    except EnvironmentFailure as error:
        raise EnvironmentFailure(str(error).replace(str(partial), str(wanted.out))) from error
    except OSError as error:
        raise EnvironmentFailure(f"{wanted.out} could not be written: {reason(error)}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    said = notes(data, selection, wanted, placement.remembered)
    return Release(report, settings, said, placement.certificate.nearest_to_eval)


def _swap(partial: Path, out: Path) -> None:
    """Put the finished folder in place; an older release makes room only once the new one is whole."""
    aside = None
    if out.exists():
        aside = out.parent / f".{out.name}.{secrets.token_hex(4)}.old"
        out.rename(aside)
    try:
        partial.rename(out)
    except OSError:
        if aside is not None:
            aside.rename(out)
        raise
    if aside is not None:
        shutil.rmtree(aside, ignore_errors=True)


def _write_targets(
    selection: Selection, placement: Placement, wanted: Wanted, title: str, folder: Path, progress: Progress
) -> tuple[list[reports.TargetFile], dict[int, dict[str, int | list[int]]]]:
    """Write and validate every target's files; also the line of each candidate index by target, or its lines where a
    format makes several of an example."""
    files: list[reports.TargetFile] = []
    numbers: dict[int, dict[str, int | list[int]]] = defaultdict(dict)
    for number, name in enumerate(wanted.targets):
        progress.report(number, len(wanted.targets), "Writing")
        if progress.cancelled():
            raise Cancelled
        taken = [i for i in placement.order if i not in selection.refused[name]]
        if wanted.optional and passed_over(selection.acceptances[name].target, [placement.split[i] for i in taken]):
            continue
        examples = selection.acceptances[name].examples
        target = selection.acceptances[name].target.fitted([examples[i] for i in taken])
        made: dict[str, reports.TargetFile] = {}
        for split in wanted.shares.names:
            rows = [i for i in taken if placement.split[i] == split]
            _number(numbers, name, target, examples, rows)
            asked = selection.acceptances[name]
            tokens = int(asked.tokens[rows].sum())
            file = _write_target(target, [examples[i] for i in rows], split, folder, tokens)
            # What a format cannot carry is not in the file, which therefore does not tell of it.
            lost = [p for i in rows for p in asked.problems.get(i, ()) if p.severity is Severity.WARNING]
            made[split] = replace(file, notes=tuple(dict.fromkeys((*file.notes, *_told(lost)))))
        files += _together(target, made, title, folder)
    progress.report(len(wanted.targets), len(wanted.targets), "Writing")
    return files, numbers


def passed_over(target: targets.Target, splits: Sequence[str]) -> bool:
    """Whether a target is left out where all are asked for: it takes nothing, or the pairs to train on are too few for it.

    `splits` of the examples that it takes.
    """
    few = target.preference and splits.count("train") < (target.rules.min_rows or 0)
    return few or not splits


def few_pairs(selection: Selection, split: Mapping[int, str]) -> tuple[str, ...]:
    """What is to be said of the targets that are passed over though they take some examples. `split` of each example chosen."""
    said = []
    for name, acceptance in selection.acceptances.items():
        splits = [where for index, where in split.items() if index not in acceptance.refused]
        if splits and passed_over(acceptance.target, splits):
            need, have = acceptance.target.rules.min_rows, splits.count("train")
            said.append(f"{name} is not written: it takes no fewer than {need} pairs to train on, and there are {have}")
    return tuple(said)


def _number(
    numbers: dict[int, dict[str, int | list[int]]],
    name: str,
    target: targets.Target,
    examples: Sequence[Example],
    rows: Iterable[int],
) -> None:
    line = 1
    for index in rows:
        count = len(target.records(examples[index])) if target.splits_examples else 1
        numbers[index][name] = list(range(line, line + count)) if target.splits_examples else line
        line += count


def _together(
    target: targets.Target, made: Mapping[str, reports.TargetFile], title: str, folder: Path
) -> list[reports.TargetFile]:
    """The files of a target, with what is wrong with all of them together; what its tools want beside them is written."""
    written = {s: targets.Written(folder / f.path, f.rows, f.bytes, f.sha256) for s, f in made.items()}
    for path, content in target.companions(written, title).items():
        write_bytes(folder / target.name / path, content)
    found = target.release_problems({split: file.rows for split, file in made.items()})
    wrong = tuple(map(str, errors(found)))
    told = tuple(str(problem) for problem in found if problem.severity is not Severity.ERROR)
    # The errors stand with the file that is too large, the notes where the summary looks for them.
    of = {"validation": (wrong, ()), "train": ((), told)}
    return [
        replace(f, problems=(*f.problems, *of[s][0]), notes=(*f.notes, *of[s][1])) if s in of else f
        for s, f in made.items()
    ]


def _write_target(
    target: targets.Target, examples: list[Example], split: str, folder: Path, tokens: int
) -> reports.TargetFile:
    path = Path(target.name) / target.part_file(split)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    written = target.write(examples, folder / path)
    found = list(target.validate_file(folder / path, part=split))
    return reports.TargetFile(
        target.name,
        split,
        path,
        written.rows,
        written.bytes,
        written.sha256,
        tuple(sensitive.mask(str(p)) for p in found if p.severity is Severity.ERROR),
        tuple(_told(p for p in found if p.severity is not Severity.ERROR)),
        tokens,
        str(target.counter),
    )


def _told(problems: Iterable[FileProblem | targets.Problem]) -> Iterator[str]:
    """What problems say, each once and the first of a rule alone where there are many."""
    by_rule: dict[str, dict[str, None]] = defaultdict(dict)
    for problem in problems:
        by_rule[problem.rule][problem.message] = None
    for rule, messages in by_rule.items():
        yield from map(sensitive.mask, list(messages)[:MOST])
        if len(messages) > MOST:
            yield f"{len(messages) - MOST:,} more of the rule {rule}"


def notes(data: Data, selection: Selection, wanted: Wanted, remembered: int) -> tuple[str, ...]:
    """What is to be said of a release, or of one that is planned. `remembered`: examples that stay where they were."""
    need = NEEDS[data.task]
    notes = []
    limit = limit_of(wanted.size, need)
    if limit is not None and selection.clean < limit:
        notes.append(f"{limit:,} were asked for; {selection.clean:,} clean examples are all there are")
    if len(selection.chosen) < need.minimum:
        notes.append(
            f"{len(selection.chosen):,} examples are below the minimum of {need.minimum:,} for {data.task}: {BELOW_MINIMUM}"
        )
    if remembered:
        notes.append(
            f"{plural(remembered, 'example')} stayed in the split of an earlier release; seed and shares count for the rest"
        )
    missing = {name: len(found) for name, found in selection.refused.items() if 0 < len(found) < len(selection.chosen)}
    if missing:
        said = ", ".join(f"{count:,} from {name}" for name, count in missing.items())
        notes.append(f"left out where a target refuses them: {said}; excluded.jsonl says why")
    return tuple(notes)
