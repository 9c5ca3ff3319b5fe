"""Import files as they were shown: each with the detection of its preview, read once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator import pipeline
from curator.model import Role
from curator.progress import Progress
from ui.presenters.start import detection_of
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`files`: path, role and detection of each. Files that were imported before are told apart as not new."""
    files = [(one["path"], Role(one["role"]), detection_of(one["detection"])) for one in arguments["files"]]
    imported = pipeline.import_detected(state.project, files, progress)
    return {
        "examples": sum(one.source.examples for one in imported if one.new),
        "rejected": sum(one.source.rejected for one in imported if one.new),
        "votes": sum(one.votes.verdicts.total() for one in imported if one.new),
        "reviewers": len({name for one in imported if one.new for name in one.votes.reviewers}),
        "known": [one.source.path for one in imported if not one.new],
        "sources": [one.source.id for one in imported],
    }
