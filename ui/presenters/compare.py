"""What the page Compare asks for: the files, and whether they are all there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PureWindowsPath
from typing import Any

from ui.i18n import tr

PROJECTS = 20
"""Projects of which the files are remembered."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a comparison. `evals` "" stands for the project's own eval set; `general`, whether the second set of three
    is asked for; `margin`: points that may be lost there."""

    evals: str = ""
    baseline: str = ""
    tuned: str = ""
    general: bool = False
    general_evals: str = ""
    general_baseline: str = ""
    general_tuned: str = ""
    margin: float = 2.0
    by_order: bool = False

    def order(self) -> dict[str, Any]:
        """The arguments of the job."""
        three = [self.general_evals, self.general_baseline, self.general_tuned]
        return {
            "eval": self.evals,
            "baseline": self.baseline,
            "tuned": self.tuned,
            "general": three if self.general else None,
            "margin": self.margin,
            "by": "order" if self.by_order else "auto",
        }

    def missing(self, *, project_evals: int) -> str:
        """What is still to be chosen, as a sentence; "" where nothing is. `project_evals`: eval examples of the project."""
        if not self.evals and not project_evals:
            return tr("Choose an eval set.")
        if not self.baseline:
            return tr("Choose the predictions of the model before.")
        if not self.tuned:
            return tr("Choose the predictions of the tuned model.")
        if self.general and not (self.general_evals and self.general_baseline and self.general_tuned):
            return tr("Choose the three files of general tasks, or leave them out.")
        return ""

    def taken(self, dropped: Sequence[str], slot: str) -> Files:
        """With files put into a slot; further ones go to the empty slots after it, in their order."""
        order = ["evals", "baseline", "tuned"] if not slot.startswith("general_") else list(GENERAL)
        free = [name for name in order if name != slot and not getattr(self, name)]
        places = [slot, *[name for name in free if order.index(name) > order.index(slot)]]
        return replace(self, **dict(zip(places, dropped, strict=False)))


GENERAL = ("general_evals", "general_baseline", "general_tuned")


def remembered(kept: Any, where: str) -> Files:
    """The files that were compared in a project before."""
    held = kept.get(where) if isinstance(kept, Mapping) else None
    known = (
        {name: value for name, value in held.items() if name in Files.__slots__} if isinstance(held, Mapping) else {}
    )
    return Files(**known)


def remember(kept: Any, where: str, files: Files) -> dict[str, Any]:
    """What is remembered with these files added, the oldest projects forgotten."""
    others = {name: held for name, held in kept.items() if name != where} if isinstance(kept, Mapping) else {}
    return dict([*others.items(), (where, asdict(files))][-PROJECTS:])


def file_name(path: str) -> str:
    """The name of a file without its folders."""
    return PureWindowsPath(path).name


def example_lines() -> tuple[str, ...]:
    """Lines that show what a file of predictions may look like."""
    return (
        '{"input": "Where is my parcel?", "output": "delivery"}',
        '{"id": "17", "prediction": "delivery"}',
        '{"custom_id": "17", "response": {"body": {"choices": [{"message": {"content": "delivery"}}]}}}',
    )
