"""The findings as one JSON document, schema `curator/findings/1`: for scripts and CI."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curator.files import write_bytes
from curator.model import Example, Finding, Suggestion
from curator.reports.data import CheckReport
from curator.text import json_bytes

SCHEMA = "curator/findings/1"
# Evidence names other examples by their number in the project under these keys; outside it only a reference helps.
_ID_KEYS = frozenset({"example", "keep"})


def document(report: CheckReport) -> dict[str, Any]:
    """The document as a dict; every example is given as its source, record, line and role."""
    encoder = report.encoder
    return {
        "schema": SCHEMA,
        "curator": report.version,
        "task": str(report.task),
        "encoder": encoder and encoder.as_json(),
        "seed": report.seed,
        "sources": [
            {
                "path": source.path,
                "sha256": source.sha256,
                "format": source.format,
                "role": str(source.role),
                "records": source.records,
                "examples": source.examples,
                "rejected": source.rejected,
            }
            for source in report.sources
        ],
        "rejected": [
            {"source": r.ref.source, "record": r.ref.record, "line": r.ref.line, "reason": r.reason}
            for r in report.rejected
        ],
        "summary": {
            run.name: {"findings": run.findings, "examples": run.examples}
            for run in report.checks
            if run.skipped is None
        },
        "calibration": calibration(report),
        "gates": [
            {"rule": gate.rule, "met": gate.met, "value": gate.value} | ({"detail": gate.detail} if gate.detail else {})
            for gate in report.gates
        ],
        "findings": [_finding(finding, report.examples) for finding in report.findings],
    }


def calibration(report: CheckReport) -> dict[str, Any]:
    """By check, what the reviewers' verdicts say of its findings; checks that use their own cut are absent. Where the cut was
    set by hand nothing is known of the precision: its values are null."""
    found = {run.name: run.calibration for run in report.checks if run.calibration and run.skipped is None}
    return {
        name: {
            "cut": one.cut,
            "own_cut": one.own_cut,
            "goal": one.goal,
            "precision": {"value": one.precision, "low": one.low, "high": one.high},
            "verdicts": one.verdicts,
            "right": one.right,
            "at": one.at,
        }
        for name, one in found.items()
    }


def dumps(report: CheckReport) -> bytes:
    """The document as UTF-8 JSON. NaN and infinity become null, lone surrogates U+FFFD."""
    return json_bytes(document(report), indent=True)


def write(report: CheckReport, path: str | Path) -> None:
    """Write the document; raises EnvironmentFailure where `path` cannot be written."""
    write_bytes(path, dumps(report))


def _finding(finding: Finding, examples: Mapping[int, Example]) -> dict[str, Any]:
    return {
        "id": finding.id,
        "check": finding.check,
        "severity": str(finding.severity),
        "score": finding.score,
        "examples": [examples[id].ref.as_json() for id in finding.examples],
        "message": finding.message,
        "evidence": _with_refs(finding.evidence, examples),
        "suggestion": finding.suggestion and _suggestion(finding.suggestion, examples),
    }


def _suggestion(suggestion: Suggestion, examples: Mapping[int, Example]) -> dict[str, Any]:
    refs = [examples[id].ref.as_json() for id in suggestion.examples]
    proposed: dict[str, Any] = {"action": str(suggestion.action), "examples": refs, "value": suggestion.value}
    return proposed | ({"values": list(suggestion.values)} if suggestion.values else {})


def _with_refs(value: Any, examples: Mapping[int, Example], key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {k: _with_refs(v, examples, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_with_refs(v, examples, key) for v in value]
    if key in _ID_KEYS and isinstance(value, int) and value in examples:
        return examples[value].ref.as_json()
    return value
