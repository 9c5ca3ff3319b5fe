"""The files of a release: what providers take, and what proves it."""

from __future__ import annotations

import importlib.metadata
import secrets
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from curator import __version__, sensitive, targets
from curator.checks.data import Data
from curator.errors import Cancelled, EnvironmentFailure
from curator.files import reason, sha256_of, write_bytes
from curator.model import Decision, Example, Role, Severity
from curator.progress import Progress
from curator.release.place import Placement
from curator.release.select import Selection
from curator.release.wanted import MANIFEST, Wanted, limit_of
from curator.reports import data as reports
from curator.reports import findings_json, html, masking
from curator.review.provenance import NOBODY, Reviewed
from curator.review.required import DISAGREEMENT, RULES
from curator.splits import Exclusion
from curator.tasks import BELOW_MINIMUM, NEEDS
from curator.text import json_bytes, plural

SCHEMA = "curator/release/1"
LIBRARIES = ("cleanlab", "faiss-cpu", "numpy", "scikit-learn", "sentence-transformers", "torch")


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
    remember: Callable[[Mapping[str, Any]], None],
    reviewed: Reviewed = NOBODY,
) -> Release:
    """Write the release to a folder beside `wanted.out` and put it in its place when it is whole.

    `reviewed`: what reviewers did, for the provenance of each example.

    `remember(settings)` is called when all is written and before anybody can see it: what is out there must not be
    unknown to the project.
    """
    out = selection.out
    partial = wanted.out.parent / f".{wanted.out.name}.{secrets.token_hex(4)}.part"
    try:
        partial.mkdir(parents=True)
        files, lines = _write_targets(selection, placement, wanted, str(data.task), partial, progress)
        write_bytes(partial / "rows.jsonl", _rows(data, placement, decisions, reviewed, selection, lines))
        write_bytes(partial / "acceptance.jsonl", acceptance_lines(data, selection, placement.split))
        write_bytes(partial / "excluded.jsonl", _excluded(data, reviewed, selection, out))
        if checked.rejected:
            write_bytes(partial / "rejected.jsonl", _jsonl(_rejected(checked)))
        report = _report(data, checked, selection, placement, wanted, files, out, reviewed)
        settings = _settings(data, wanted)
        html.write_release(report, partial / "report.html")
        write_bytes(partial / MANIFEST, _manifest(checked, report, placement, settings, partial, files))
        remember(settings)
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
        if not taken and wanted.optional:
            continue
        examples = selection.acceptances[name].examples
        target = selection.acceptances[name].target.fitted([examples[i] for i in taken])
        made: dict[str, reports.TargetFile] = {}
        for split in wanted.shares.names:
            rows = [i for i in taken if placement.split[i] == split]
            _number(lines, name, target, examples, rows)
            made[split] = _write_target(target, [examples[i] for i in rows], split, folder)
        files += _together(target, made, title, folder)
    progress.report(len(wanted.targets), len(wanted.targets), "Writing")
    return files, lines


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
    wrong = tuple(map(str, target.release_problems({split: file.rows for split, file in made.items()})))
    return [replace(f, problems=(*f.problems, *wrong)) if s == "validation" else f for s, f in made.items()]


def _write_target(target: targets.Target, examples: list[Example], split: str, folder: Path) -> reports.TargetFile:
    path = Path(target.name) / target.part_file(split)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    written = target.write(examples, folder / path)
    found = list(target.validate_file(folder / path, part=split))
    counter = target.counter
    return reports.TargetFile(
        target.name,
        split,
        path,
        written.rows,
        written.bytes,
        written.sha256,
        tuple(str(p) for p in found if p.severity is Severity.ERROR),
        tuple(dict.fromkeys(p.message for p in found if p.severity is not Severity.ERROR)),
        sum(counter.example(e) for e in examples),
        str(counter),
    )


def _jsonl(records: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(json_bytes(record) for record in records)


def _rows(
    data: Data,
    placement: Placement,
    decisions: Mapping[int, Decision],
    reviewed: Reviewed,
    selection: Selection,
    lines: Mapping[int, Mapping[str, int | list[int]]],
) -> bytes:
    examples = data.candidates.examples

    def row(index: int) -> dict[str, Any]:
        example, decision = examples[index], decisions.get(examples[index].id)
        near = placement.nearest.get(index)
        return {
            "split": placement.split[index],
            "lines": dict(lines.get(index, {})),
            "fixes": {
                name: list(asked.applied[index])
                for name, asked in selection.acceptances.items()
                if index in asked.applied and name in lines.get(index, {})
            },
            "from": example.ref.as_json(),
            "key": data.candidates.keys[index],
            "decision": None
            if decision is None
            else {"id": decision.id, "reviewer": decision.reviewer, "verdict": str(decision.verdict)},
            "provenance": reviewed.of(example.id).as_json(),
            "nearest": None
            if near is None
            else {"from": examples[near[0]].ref.as_json(), "split": placement.split[near[0]], "cosine": near[1]},
        }

    return _jsonl(row(index) for index in placement.order)


def acceptance_lines(data: Data, selection: Selection, split: Mapping[int, str]) -> bytes:
    """A line for each candidate: which targets take it, and which rules it breaks of the others, with the fix there is."""

    def said(name: str, index: int) -> list[dict[str, Any]]:
        acceptance = selection.acceptances[name]
        return [
            {"rule": problem.rule, "message": sensitive.mask(problem.message), "fix": problem.fix}
            | {"mend": acceptance.mended_by(index, problem)}
            for problem in acceptance.problems[index]
            if acceptance.refuses(problem)
        ]

    def line(index: int) -> dict[str, Any]:
        asked = selection.acceptances
        return {
            "from": data.candidates.examples[index].ref.as_json(),
            "split": split.get(index),
            "accepted": [name for name, acceptance in asked.items() if index not in acceptance.refused],
            "refused": {name: said(name, index) for name, acceptance in asked.items() if index in acceptance.refused},
            "fixed": {name: list(a.applied[index]) for name, a in asked.items() if index in a.applied},
        }

    return _jsonl(line(index) for index in range(len(data.candidates)))


def _excluded(data: Data, reviewed: Reviewed, selection: Selection, out: Mapping[int, Exclusion]) -> bytes:
    c = data.candidates

    def line(index: int, exclusion: Exclusion, target: str | None) -> dict[str, Any]:
        # This file explains and may be passed on: who wants the true text finds it in the source.
        example = masking.example(c.examples[index])
        record: dict[str, Any] = {
            "from": example.ref.as_json(),
            "reason": exclusion.rule,
            "message": sensitive.mask(exclusion.message),
            "finding": exclusion.finding,
            "decision": exclusion.decision,
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


def _settings(data: Data, wanted: Wanted) -> dict[str, Any]:
    values = {key: value for key, value in asdict(wanted).items() if key not in ("out", "force")}
    seed = wanted.seed_or(data.seed)
    apart = {"seed_of_the_check": data.seed} if seed != data.seed else {}
    return values | {"shares": str(wanted.shares), "task": str(data.task), "seed": seed} | apart


def _report(
    data: Data,
    checked: reports.CheckReport,
    selection: Selection,
    placement: Placement,
    wanted: Wanted,
    files: Sequence[reports.TargetFile],
    out: Mapping[int, Exclusion],
    reviewed: Reviewed,
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
        encoder=checked.encoder,
        labels=labels,
        settings={
            k: ", ".join(v) if isinstance(v, tuple) else v for k, v in _settings(data, wanted).items() if v is not None
        },
        versions=_versions(),
        provenance=reviewed.counts(data.id_of(i) for i in placement.order),
        rounds=tuple(
            reports.RoundLine(one.number, one.name, one.items, one.votes, one.reviewers, _rounded(one.alpha), one.why)
            for one in reviewed.rounds
        ),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _versions() -> dict[str, str]:
    return {"curator": __version__} | {name: importlib.metadata.version(name) for name in LIBRARIES}


def _manifest(
    checked: reports.CheckReport,
    report: reports.ReleaseReport,
    placement: Placement,
    settings: Mapping[str, Any],
    folder: Path,
    files: Sequence[reports.TargetFile],
) -> bytes:
    need = report.need
    side = sorted(p.name for p in folder.iterdir() if p.is_file())
    encoder = report.encoder
    document = {
        "schema": SCHEMA,
        "versions": dict(report.versions),
        "settings": dict(settings),
        "seed": report.seed,
        "task": {
            "name": str(report.task),
            "guessed": report.task_guessed,
            "minimum": need.minimum,
            "ideal": need.ideal,
        },
        "encoder": encoder and asdict(encoder),
        "calibration": findings_json.calibration(checked),
        "sources": [
            {"path": s.path, "sha256": s.sha256, "format": s.format, "role": str(s.role)}
            | {"records": s.records, "examples": s.examples, "rejected": s.rejected}
            for s in report.sources
        ],
        "counts": {step.name: step.count for step in report.steps}
        | {
            "excluded": {e.reason: e.count for e in report.excluded},
            "splits": {s.name: s.count for s in report.splits},
            "provenance": dict(report.provenance),
        },
        "rounds": [asdict(one) for one in report.rounds],
        "outputs": [
            {"path": file.path.as_posix(), "target": file.target, "split": file.split, "rows": file.rows}
            | {"bytes": file.bytes, "sha256": file.sha256, "tokens": file.tokens, "tokens_basis": file.tokens_basis}
            | {"problems": list(file.problems), "notes": list(file.notes)}
            for file in files
        ]
        + [
            {"path": name, "sha256": sha256_of(folder / name), "bytes": (folder / name).stat().st_size} for name in side
        ],
        "certificate": placement.certificate.as_json()
        | {"duplicate_groups_kept_together": placement.groups}
        | {"placed_by_memory": placement.remembered},
    }
    return json_bytes(document, indent=True)


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
    for name, found in selection.refused.items():
        if found:
            notes.append(
                f"{len(found):,} examples are missing from {name}, which refuses them; excluded.jsonl says why"
            )
    return tuple(notes)
