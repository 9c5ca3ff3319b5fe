"""What one decision on many examples would do to the effective size. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curator.model import Decision, Verdict
from curator.outlook import InOut, Outlook
from curator.progress import Progress
from ui.worker.state import State


def run(state: State, arguments: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """`examples` (ids), `verdict`, `value`, `reviewer`. Gives `before` and `after`: how many an export would take, and
    `labels`: name, before and after of those that change, the most first."""
    verdict, value = Verdict(arguments["verdict"]), arguments.get("value")
    progress.report(0, None, "Counting what remains")
    new = [Decision("", int(id), "", arguments["reviewer"], verdict, value) for id in arguments["examples"]]
    now = Outlook.of(state.project)
    then = Outlook.of(state.project, new=new, outputs=now.outputs)
    none = InOut(0, 0)
    labels = [
        (name, now.by_label.get(name, none).remaining, then.by_label.get(name, none).remaining)
        for name in {**now.by_label, **then.by_label}
    ]
    changed = sorted((one for one in labels if one[1] != one[2]), key=lambda one: (-abs(one[2] - one[1]), one[0]))
    return {"before": now.effective, "after": then.effective, "labels": changed}
