"""The files of a release: what providers take, and what proves it."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curator import __version__, sensitive, targets
from curator.checks.data import Data
from curator.costs import TargetCost
from curator.errors import Cancelled, EnvironmentFailure
from curator.files import reason, write_bytes
from curator.model import Decision, Example, Role, Severity
from curator.progress import Progress
from curator.release import budget, matrix
from curator.release import manifest as manifests
from curator.release.manifest import Named, settings_of, versions
from curator.release.manifest import manifest as _manifest
from curator.release.place import Placement
from curator.release.select import Selection
from curator.release.wanted import MANIFEST, Wanted, limit_of
from curator.reports import data as reports
from curator.reports import html, masking
from curator.review.provenance import NOBODY, Reviewed
from curator.review.required import DISAGREEMENT, RULES
from curator.splits import Exclusion
from curator.store import ReleaseRow
from curator.targets.problem import FileProblem, errors
from curator.tasks import BELOW_MINIMUM, NEEDS
from curator.text import json_bytes, plural

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
        files, lines = _write_targets(selection, placement, wanted, named.name, partial, progress)
        write_bytes(partial / "rows.jsonl", _rows(data, placement, decisions, reviewed, selection, lines, named))
        write_bytes(partial / "acceptance.jsonl", matrix.by_example(data, selection, placement.split))
        write_bytes(partial / "excluded.jsonl", _excluded(data, reviewed, selection, out, named))
        if checked.rejected:
            write_bytes(partial / "rejected.jsonl", _jsonl(_rejected(checked)))
        costs = budget.of_release(selection, placement, wanted, {file.target for file in files})
        report = _report(data, checked, selection, placement, wanted, files, out, reviewed, named, costs)
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
    lines: dict[int, dict[str, int | list[int]]] = defaultdict(dict)
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
            _number(lines, name, target, examples, rows)
            asked = selection.acceptances[name]
            tokens = int(asked.tokens[rows].sum())
            file = _write_target(target, [examples[i] for i in rows], split, folder, tokens)
            # What a format cannot carry is not in the file, which therefore does not tell of it.
            lost = [p for i in rows for p in asked.problems.get(i, ()) if p.severity is Severity.WARNING]
            made[split] = replace(file, notes=tuple(dict.fromkeys((*file.notes, *_told(lost)))))
        files += _together(target, made, title, folder)
    progress.report(len(wanted.targets), len(wanted.targets), "Writing")
    return files, lines


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
    lines: dict[int, dict[str, int | list[int]]],
    name: str,
    target: targets.Target,
    examples: Sequence[Example],
    rows: Iterable[int],
) -> None:
    line = 1
    for index in rows:
        count = len(target.records(examples[index])) if target.splits_examples else 1
        lines[index][name] = list(range(line, line + count)) if target.splits_examples else line
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


def _jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json_bytes(record) for record in records)


def _rows(
    data: Data,
    placement: Placement,
    decisions: Mapping[int, Decision],
    reviewed: Reviewed,
    selection: Selection,
    lines: Mapping[int, Mapping[str, int | list[int]]],
    named: Named,
) -> bytes:
    examples = data.candidates.examples
    ambiguous = _ambiguous(named)

    def row(index: int) -> dict[str, Any]:
        example, decision = examples[index], decisions.get(examples[index].id)
        near = placement.nearest.get(index)
        return {
            "split": placement.split[index],
            "lines": dict(lines.get(index, {})),
            "tokens": {name: int(selection.acceptances[name].tokens[index]) for name in lines.get(index, {})},
            "fixes": {
                name: list(asked.applied[index])
                for name, asked in selection.acceptances.items()
                if index in asked.applied and name in lines.get(index, {})
            },
            "from": _from(named.rows[index], example, ambiguous),
            "key": data.candidates.keys[index],
            "question": named.rows[index].question,
            "group": named.rows[index].group or None,
            "remembered": named.rows[index].remembered,
            "decision": None
            if decision is None
            else {"id": decision.id, "reviewer": decision.reviewer, "verdict": str(decision.verdict)},
            "provenance": reviewed.of(example.id).as_json(),
            "nearest": None
            if near is None
            else {"from": examples[near[0]].ref.as_json(), "split": placement.split[near[0]], "cosine": near[1]},
        }

    return _jsonl(row(index) for index in placement.order)


def _ambiguous(named: Named) -> frozenset[str]:
    """The paths that stand for several files, as where one was changed and imported anew."""
    count = Counter(path for path, _ in {(row.source, row.sha256) for row in named.rows.values()})
    return frozenset(path for path, files in count.items() if files > 1)


def _from(row: ReleaseRow, example: Example, ambiguous: Collection[str]) -> dict[str, Any]:
    """Where a row came from; with the checksum of its file where the path does not tell which it is."""
    return example.ref.as_json() | ({"sha256": row.sha256} if row.source in ambiguous else {})


def _excluded(
    data: Data, reviewed: Reviewed, selection: Selection, out: Mapping[int, Exclusion], named: Named
) -> bytes:
    c, ambiguous = data.candidates, _ambiguous(named)

    def line(index: int, exclusion: Exclusion, target: str | None) -> dict[str, Any]:
        # This file explains and may be passed on: who wants the true text finds it in the source.
        example = masking.example(c.examples[index])
        record: dict[str, Any] = {
            "from": _from(named.rows[index], example, ambiguous),
            "reason": exclusion.rule,
            "message": sensitive.mask(exclusion.message),
            "finding": exclusion.finding,
            "decision": exclusion.decision,
            "reviewer": named.rows[index].reviewer,
            "verdict": named.rows[index].verdict,
            "input": example.input,
            "output": example.output,
        }
        if example is not c.examples[index]:
            record["masked"] = True
        if exclusion.rule in (DISAGREEMENT, *RULES):
            record["provenance"] = reviewed.of(example.id).as_json()
        return record | ({"target": target} if target else {})

    everywhere = [line(i, out[i], None) for i in sorted(out)]
    some = [
        line(i, exclusion, name)
        for name, found in selection.refused.items()
        for i, exclusion in sorted(found.items())
        if i not in out
    ]
    return _jsonl(everywhere + some)


def _rejected(checked: reports.CheckReport) -> Iterable[dict[str, Any]]:
    for rejected in checked.rejected:
        yield {"from": rejected.ref.as_json(), "reason": sensitive.mask(rejected.reason)}


def _report(
    data: Data,
    checked: reports.CheckReport,
    selection: Selection,
    placement: Placement,
    wanted: Wanted,
    files: Sequence[reports.TargetFile],
    out: Mapping[int, Exclusion],
    reviewed: Reviewed,
    named: Named,
    costs: Sequence[TargetCost],
) -> reports.ReleaseReport:
    c = data.candidates
    sources = [s for s in checked.sources if s.role is Role.CANDIDATE]
    records = sum(s.records for s in sources)
    counts = Counter(placement.split.values())
    by_rule: dict[str, list[int]] = defaultdict(list)
    for index, exclusion in sorted(out.items()):
        by_rule[exclusion.rule].append(index)
    cert = placement.certificate
    labels: tuple[reports.LabelSplit, ...] = ()
    if data.short_labels:
        split_of: dict[str, Counter[str]] = defaultdict(Counter)
        for index, name in placement.split.items():
            split_of[c.outputs[index]][name] += 1
        labels = tuple(reports.LabelSplit(label, dict(split_of[label])) for label in sorted(split_of))
    return reports.ReleaseReport(
        version=__version__,
        task=data.task,
        task_guessed=checked.task_guessed,
        seed=wanted.seed_or(data.seed),
        size=wanted.size,
        sources=checked.sources,
        steps=(
            reports.Step("read", records, "records of the candidate files"),
            reports.Step("readable", len(c), f"{records - len(c):,} records were rejected"),
            reports.Step("clean", selection.clean, "after decisions, findings and the targets' rules"),
            reports.Step("chosen", len(placement.order), f"size {wanted.size}"),
        ),
        excluded=tuple(
            reports.Reason(rule, len(rows), tuple(masking.example(c.examples[i]) for i in rows[:3]))
            for rule, rows in by_rule.items()
        ),
        splits=tuple(reports.Step(name, counts[name]) for name in wanted.shares.names),
        certificate=reports.Certificate(
            cert.nearest_across_splits,
            placement.groups,
            cert.groups_straddling,
            wanted.seed_or(data.seed),
            None
            if cert.pair is None
            else (masking.example(checked.examples[cert.pair[0]]), masking.example(checked.examples[cert.pair[1]])),
            ""
            if cert.nearest_to_eval is None
            else f"The nearest pair with the eval set has cosine {cert.nearest_to_eval:.3f}.",
        ),
        files=tuple(files),
        targets=matrix.lines(data, selection),
        encoder=checked.encoder,
        labels=labels,
        settings={
            k: ", ".join(v) if isinstance(v, tuple) else v
            for k, v in settings_of(data, wanted).items()
            if v is not None
        },
        versions=versions(),
        provenance=reviewed.counts(data.id_of(i) for i in placement.order),
        rounds=tuple(
            reports.RoundLine(one.number, one.name, one.items, one.votes, one.reviewers, _rounded(one.alpha), one.why)
            for one in reviewed.rounds
        ),
        name=named.name,
        number=named.number,
        lengths=budget.lengths(selection, placement.split, wanted),
        costs=tuple(budget.told(cost) for cost in costs),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


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
