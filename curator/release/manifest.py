"""The manifest of a release: what it is, what it was made of, and the checksum of every file in it.

With the same project and settings it is the same, byte for byte: no time, no folder and no absolute path that nobody typed is
in it. `resources/guide/releases.md` says what each key means.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from curator import __version__, sensitive
from curator.checks.data import Data
from curator.files import sha256_of
from curator.model import Decision, Role, Source
from curator.release.place import Placement
from curator.release.select import Selection
from curator.release.wanted import Wanted
from curator.reports import data as reports
from curator.reports import findings_json
from curator.review.provenance import Reviewed
from curator.store import ReleaseRow
from curator.text import json_bytes

SCHEMA = "curator/release/1"
LIBRARIES = (
    "bpe-openai",
    "cleanlab",
    "faiss-cpu",
    "mistral-common",
    "numpy",
    "phonenumbers",
    "py3langid",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "tokenizers",
    "torch",
)
"""What findings, splits, counts of tokens and files may depend on; one that is not installed is not told."""


@dataclass(frozen=True, slots=True)
class Named:
    """A release among those of its project: its dataset's `name`, its `number`, what became of every candidate (`rows`, by
    index), and the release before it as the manifest tells of it, None where it is the first."""

    name: str
    number: int
    rows: Mapping[int, ReleaseRow]
    parent: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A manifest that was written: its `settings`, what it says, and its own sha256."""

    settings: Mapping[str, Any]
    document: Mapping[str, Any]
    sha256: str


def rows_of(
    data: Data,
    selection: Selection,
    placement: Placement,
    decisions: Mapping[int, Decision],
    sources: Mapping[int, Source],
) -> dict[int, ReleaseRow]:
    """What becomes of every candidate, by index: those that are written in their order, then the others. `sources`: by
    example (id) the file it came from."""
    c = data.candidates

    def row(index: int) -> ReleaseRow:
        example = c.examples[index]
        decision, exclusion, ref = decisions.get(example.id), selection.out.get(index), example.ref
        lead, decided = placement.lead.get(index), None if decision is None else decision.id
        return ReleaseRow(
            source=ref.source,
            sha256=sources[example.id].sha256,
            record=ref.record,
            line=ref.line,
            key=c.keys[index],
            question=c.question_keys[index],
            split=placement.split.get(index, ""),
            reason="" if exclusion is None else exclusion.rule,
            message="" if exclusion is None else exclusion.message,
            finding=None if exclusion is None else exclusion.finding,
            decision=decided if exclusion is None else exclusion.decision,
            reviewer=None if decision is None else decision.reviewer,
            verdict=None if decision is None else str(decision.verdict),
            group="" if lead is None else c.keys[lead],
            remembered=index in placement.known,
        )

    return {index: row(index) for index in (*placement.order, *sorted(selection.out))}


def versions() -> dict[str, str]:
    found = {"curator": __version__}
    for name in LIBRARIES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def settings_of(data: Data, wanted: Wanted) -> dict[str, Any]:
    """What a release was asked to be, as it was carried out."""
    seed = wanted.seed_or(data.seed)
    apart = {"seed_of_the_check": data.seed} if seed != data.seed else {}
    return wanted.as_json() | {"shares": str(wanted.shares), "task": str(data.task), "seed": seed} | apart


def fingerprint(files: Iterable[tuple[str, str]]) -> str:
    """One sha256 for all that providers get: over the lines `SHA256  PATH` of these paths and sha256s, sorted. The same data
    in the same splits and formats has the same, whatever project it comes from."""
    lines = sorted(f"{sha256}  {path}\n" for path, sha256 in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def manifest(
    checked: reports.CheckReport,
    report: reports.ReleaseReport,
    placement: Placement,
    settings: Mapping[str, Any],
    folder: Path,
    files: Sequence[reports.TargetFile],
    named: Named,
    reviewed: Reviewed,
) -> dict[str, Any]:
    """The document, of the files that are in `folder`."""
    need, encoder = report.need, report.encoder
    listed = {file.path.as_posix() for file in files}
    beside = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return {
        "schema": SCHEMA,
        "dataset": _dataset(report, files, named),
        "parent": named.parent,
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
        "counts": _counts(report),
        "rounds": [asdict(one) for one in report.rounds],
        "agreement": {
            "reviewers": reviewed.reviewers,
            "provenance": dict(report.provenance),
            "krippendorff_alpha": [
                {"round": one.number, "name": one.name, "value": one.alpha, "items": one.items, "votes": one.votes}
                | {"why": one.why}
                for one in report.rounds
            ],
        },
        "outputs": [
            {"path": file.path.as_posix(), "target": file.target, "split": file.split, "rows": file.rows}
            | {"bytes": file.bytes, "sha256": file.sha256, "tokens": file.tokens, "tokens_basis": file.tokens_basis}
            | {"problems": list(file.problems), "notes": list(file.notes)}
            for file in files
        ]
        + [
            {"path": path, "sha256": sha256_of(folder / path), "bytes": (folder / path).stat().st_size}
            for path in beside
            if path not in listed
        ],
        "certificate": _certificate(report, placement),
    }


def encoded(document: Mapping[str, Any]) -> bytes:
    return json_bytes(document, indent=True)


def _dataset(report: reports.ReleaseReport, files: Sequence[reports.TargetFile], named: Named) -> dict[str, Any]:
    return {
        "name": named.name,
        "version": named.number,
        "fingerprint": fingerprint((file.path.as_posix(), file.sha256) for file in files),
        "examples": report.chosen,
        "task": str(report.task),
        "splits": {split.name: split.count for split in report.splits},
        "labels": _labels(report),
        "targets": list(dict.fromkeys(file.target for file in files)),
    }


def _labels(report: reports.ReleaseReport) -> dict[str, dict[str, int]] | None:
    """By label, personal data masked, how many examples of it each split has; None where the outputs are no labels."""
    if not report.labels:
        return None
    found: dict[str, Counter[str]] = {}
    for one in report.labels:
        found.setdefault(sensitive.mask(one.label), Counter()).update(one.counts)
    return {label: {split.name: counts[split.name] for split in report.splits} for label, counts in found.items()}


def _counts(report: reports.ReleaseReport) -> dict[str, Any]:
    return {step.name: step.count for step in report.steps} | {
        "excluded": {e.reason: e.count for e in report.excluded},
        "splits": {s.name: s.count for s in report.splits},
        "provenance": dict(report.provenance),
    }


def _certificate(report: reports.ReleaseReport, placement: Placement) -> dict[str, Any]:
    evals = [source for source in report.sources if source.role is Role.EVAL]
    left = {reason.reason: reason.count for reason in report.excluded}
    return (
        placement.certificate.as_json()
        | {"duplicate_groups_kept_together": placement.groups}
        | {"placed_by_memory": placement.remembered}
        | {"leaks_excluded": left.get("leakage", 0)}
        | {"eval_sources": [{"path": s.path, "sha256": s.sha256, "examples": s.examples} for s in evals]}
    )
