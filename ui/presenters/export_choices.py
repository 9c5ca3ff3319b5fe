"""What the user wants exported, as it is chosen and remembered, and where it is to go. No Qt here."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from ui.i18n import tr

MANIFEST = "manifest.json"
SPLITS = ("90/10", "80/10/10", "own")
STRICT = ":warning"
ASKED = ("votes", "consensus", "adjudicated", "alpha")
"""The choices about what reviewers must have done."""
ABOUT_FORMATS = ("fixes", "base_model", "epochs", "name")
"""The choices that are made beside the formats."""
EPOCHS, MOST_EPOCHS = 3, 100
_NAME = re.compile(r"[^\W_][\w. -]{0,79}")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user wants written, remembered for each project. `seed` None: the one that the check had.

    `off` are rules that usually count and are switched off, `on` those that usually do not and are switched on. What is asked
    of reviewers: `votes`, how many said something; `consensus`, how sure it is, in percent; `adjudicated`, where they
    disagreed; `alpha`, how far they agree in its round. 0: nothing. `fixes`: by name for all formats, or `FORMAT:NAME` for one;
    `base_model`: the open model that is to be tuned, "" not said; `name` of the release, "" the usual one.
    """

    targets: tuple[str, ...] = ("openai",)
    size: str = "all"
    count: int = 1_000
    split: str = "90/10"
    own_split: str = "85/15"
    stratify: bool = True
    seed: int | None = None
    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    folder: str = ""
    votes: int = 0
    consensus: int = 0
    adjudicated: bool = False
    alpha: float = 0.0
    fixes: tuple[str, ...] = ()
    base_model: str = ""
    epochs: int = EPOCHS
    name: str = ""

    @classmethod
    def remembered(cls, kept: Mapping[str, Any]) -> Choices:
        """From what `as_json` wrote, also by an older version or a hand."""
        usual = cls()
        right: dict[str, Any] = {}
        for each in fields(cls):
            value: Any = kept.get(each.name)
            value = tuple(map(str, value)) if isinstance(value, list) else value
            kind = int if each.name == "seed" else type(getattr(usual, each.name))
            if isinstance(value, kind):
                right[each.name] = value
        return cls(**right)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def switched(self, rule: str, on: bool, usual: bool) -> Choices:
        """The same with a rule of the policy on or off. What goes by warnings counts only where its rule does."""
        main = rule.removesuffix(STRICT)
        off, more = set(self.off) - {rule}, set(self.on) - {rule}
        if on != usual:
            (more if on else off).add(rule)
        if on:
            off.discard(main)
        else:
            more.discard(rule + STRICT)
        return replace(self, off=tuple(sorted(off)), on=tuple(sorted(more)))

    def ticked(self, target: str, on: bool) -> Choices:
        """The same with a format ticked or not."""
        names = set(self.targets) - {target} | ({target} if on else set())
        return replace(self, targets=tuple(sorted(names)))

    def fixed(self, fix: str, on: bool, target: str = "") -> Choices:
        """The same with a fix chosen or not: for one format, or "" for all."""
        name = f"{target}:{fix}" if target else fix
        kept = {one for one in self.fixes if one != name and (target or one.partition(":")[2] != fix)}
        return replace(self, fixes=tuple(sorted(kept | ({name} if on else set()))))

    def fixes_for(self, target: str) -> tuple[str, ...]:
        """The fixes that are chosen for a format, by name."""
        return tuple(
            one.partition(":")[2] or one for one in self.fixes if ":" not in one or one.startswith(f"{target}:")
        )

    @property
    def shares(self) -> str:
        return self.own_split.strip() if self.split == "own" else self.split

    @property
    def problem(self) -> str:
        """Why nothing can be counted with these choices, "" where it can."""
        if self.split == "own" and not _adds_up(self.shares):
            return tr("Give two or three shares in percent that add up to 100, such as 85/15 or 70/15/15.")
        if self.name.strip() and not _NAME.fullmatch(self.name.strip()):
            return tr("Name the release with letters, digits, spaces and . _ -, beginning with a letter or a digit.")
        return ""

    def arguments(self) -> dict[str, Any]:
        """For the job that plans."""
        return {
            "targets": list(self.targets),
            "size": str(self.count) if self.size == "number" else self.size,
            "split": self.shares,
            "stratify": self.stratify,
            "seed": self.seed,
            "include": list(self.off),
            "exclude": sorted({rule.removesuffix(STRICT) for rule in self.on}),
            "require": list(self.required),
            "fixes": list(self.fixes),
            "base_model": self.base_model,
            "epochs": self.epochs,
            "name": self.name.strip(),
        }

    @property
    def required(self) -> tuple[str, ...]:
        """What is asked of reviewers, as the engine has it."""
        asked = (
            (f"votes>={self.votes}", self.votes > 0),
            ("adjudicated", self.adjudicated),
            (f"consensus>={self.consensus / 100:g}", self.consensus > 0),
            (f"alpha>={self.alpha:g}", self.alpha > 0),
        )
        return tuple(rule for rule, on in asked if on)


def _adds_up(text: str) -> bool:
    try:
        parts = [float(part) for part in text.split("/")]
    except ValueError:
        return False
    return len(parts) in (2, 3) and min(parts) >= 0 and parts[0] > 0 and abs(sum(parts) - 100) <= 1e-6


@dataclass(frozen=True, slots=True)
class Place:
    """What is where the release is to go: `state` is missing, free, release, taken or locked; `text` says it."""

    state: str
    text: str

    @property
    def open(self) -> bool:
        """True where something can be written, if only in the place of an older release."""
        return self.state in ("free", "release")


def place_of(folder: str) -> Place:
    """Looks at the folder that was named; the export itself looks again."""
    if not folder.strip():
        return Place("missing", tr("Choose a folder; it is made if it is not there."))
    path = Path(folder).expanduser()
    try:
        if path.is_file():
            return Place("taken", tr("This is a file. Name a folder."))
        above = next((one for one in (path, *path.absolute().parents) if one.exists()), None)
        if above is None or not above.is_dir():
            return Place("taken", tr("There is a file on the way to this folder. Choose another one."))
        beside = path.absolute().parent if path.exists() else above
        if not os.access(beside, os.W_OK | os.X_OK):
            return Place("locked", tr("You may not write here. Choose another folder."))
        if not path.exists() or not any(path.iterdir()):
            return Place("free", tr("The files go into this folder."))
        if (path / MANIFEST).exists():
            return Place("release", tr("An earlier export is here."))
    except OSError as error:
        return Place("locked", tr("This folder cannot be looked at: {why}.", why=error.strerror or str(error)))
    return Place("taken", tr("This folder holds other things. Choose another one, or a new folder in it."))


def usual_folder(address: str) -> str:
    """Where the first export of a project goes: beside it."""
    if "://" in address:
        return str(Path.home() / "curator-export")
    path = Path(address)
    return str(path.parent / f"{path.stem}-export")
