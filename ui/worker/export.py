"""Write a release. Checks are run only where what was found before no longer holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator import pipeline, release
from curator.checking import Settings
from curator.errors import InputError
from curator.progress import Progress
from ui.worker.plan import wanted_of
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`arguments`: out, targets, size, split, stratify, seed, include, exclude, require, fixes, base_model, name,
    epochs, allow_below_minimum, force.

    Raises InputError where the folder is taken, EnvironmentFailure where nothing may be written there, GateNotMet where
    too little is left, Cancelled where the user stops it: then nothing was written.
    """
    wanted = wanted_of(arguments)
    if not arguments.get("out"):
        raise InputError("name a folder to write to")
    if not wanted.targets:
        raise InputError("choose at least one format to write")
    release.refuse_taken(wanted)
    pipeline.settle(state.project)
    checked = state.current(progress=progress) or state.check(progress=progress)
    checked, made = pipeline.export(state.project, Settings(), wanted, progress, checked)
    report, certificate = made.report, made.report.certificate
    pair = certificate.pair
    return {
        "folder": str(wanted.out),
        "release": f"{report.name} {report.number}",
        "ok": made.ok,
        "chosen": report.chosen,
        "steps": [{"name": step.name, "count": step.count} for step in report.steps],
        "splits": [{"name": split.name, "count": split.count} for split in report.splits],
        "out": [{"rule": reason.reason, "count": reason.count} for reason in report.excluded],
        "certificate": {
            "nearest": certificate.nearest,
            "straddling": certificate.straddling,
            "groups": certificate.groups,
            "near_eval": made.near_eval,
            "threshold": checked.data.pairs.threshold,
            "pair": None if pair is None else [example.id for example in pair],
            "seed": certificate.seed,
        },
        "files": [
            {"target": f.target, "split": f.split, "path": f.path.as_posix(), "rows": f.rows, "bytes": f.bytes}
            | {"tokens": f.tokens, "basis": f.tokens_basis, "problems": list(f.problems), "notes": list(f.notes)}
            for f in report.files
        ],
        "provenance": dict(report.provenance) if report.reviewed else {},
        "notes": [*made.notes, *checked.notes],
    }
