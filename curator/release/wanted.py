"""What the user asked to be released, and whether it can be begun."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from curator import splits, targets
from curator.costs import EPOCHS, refuse_epochs
from curator.errors import EnvironmentFailure, InputError
from curator.review.required import Required
from curator.splits import Shares
from curator.store.releases import checked_name
from curator.targets import base_models, fixes
from curator.tasks import Need

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked to be released. `size`: minimum, ideal, all or a number; `seed`: of the splits, None: the check's;
    `require`: rules about what reviewers did, see `curator.review.required`; `fixes`: names of fixes that are applied, of all
    targets or, as `TARGET:NAME`, of one; `base_model`: the open model that is to be tuned; `optional`: targets that take
    none of the examples are passed over; `name`: of the dataset, "" for the usual one; `epochs`: passes over the training data that
    its cost is told for."""

    out: Path
    targets: tuple[str, ...] = ("openai",)
    size: str = "all"
    shares: Shares = field(default_factory=lambda: Shares(0.9, 0.1))
    stratify: bool = True
    allow_below_minimum: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    force: bool = False
    seed: int | None = None
    require: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    base_model: str | None = None
    optional: bool = False
    name: str = ""
    epochs: int = EPOCHS

    def as_json(self) -> dict[str, Any]:
        """All that a release depends on, as plain values; `again` undoes it."""
        return {key: value for key, value in asdict(self).items() if key not in ("out", "force", "name")}

    @classmethod
    def again(cls, values: Mapping[str, Any], out: Path, name: str, *, force: bool = False) -> Self:
        """What was asked for, from what `as_json` gave: to be written to `out`."""
        known = {field.name for field in fields(cls)}
        given: dict[str, Any] = {
            key: tuple(v) if isinstance(v, list) else v for key, v in values.items() if key in known
        }
        given |= {"shares": Shares(**values["shares"]), "out": out, "name": name, "force": force}
        return cls(**given)

    def fixes_of(self, target: str) -> tuple[str, ...]:
        """The fixes that are chosen for a target, by name, in the order in which they are applied."""
        return fixes.parse([name.partition(":")[2] or name for name in self.fixes if self._is_for(name, target)])

    def _is_for(self, fix: str, target: str) -> bool:
        return ":" not in fix or fix.partition(":")[0] == target

    @property
    def required(self) -> Required:
        """What reviewers must have done. Raises InputError for a rule that is none."""
        return Required.parse(self.require)

    def seed_or(self, seed: int) -> int:
        """The seed of the splits, where the check has this one."""
        return seed if self.seed is None else self.seed


def refuse_taken(wanted: Wanted) -> None:
    """Raise InputError where the folder holds something that must not be overwritten, or an option is none.

    Raises EnvironmentFailure where nothing may be written there.
    """
    out = wanted.out
    for name in wanted.targets:
        targets.get(name)
    splits.rules(wanted.include, wanted.exclude)
    Required.parse(wanted.require)
    if wanted.name:
        checked_name(wanted.name)
    for name in wanted.fixes:
        wanted.fixes_of(targets.get(name.partition(":")[0]).name if ":" in name else "")
    if wanted.base_model is not None:
        base_models.get(wanted.base_model)
    limit_of(wanted.size, Need(0, 0, ""))
    refuse_epochs(wanted.epochs)
    if out.resolve() == Path.cwd() or out.is_mount():
        raise InputError("cannot be replaced by a release; name a folder in it", path=out)
    if out.is_file():
        raise InputError("is a file; choose another name for the folder", path=out)
    above = next(folder for folder in out.absolute().parents if folder.exists())
    if not above.is_dir():
        raise InputError(f"{above} is a file, not a folder; choose another folder", path=out)
    if not os.access(above, os.W_OK | os.X_OK):
        raise EnvironmentFailure(f"{out}: you may not write in {above}; choose another folder")
    if not out.exists() or not any(out.iterdir()):
        return
    if not (out / MANIFEST).exists():
        raise InputError("is not empty and holds no release; choose another folder", path=out)
    if not wanted.force:
        raise InputError("already holds a release; choose another folder, or overwrite it with --force", path=out)


def limit_of(size: str, need: Need) -> int | None:
    """How many examples a size allows, None for all; raises InputError where it is none."""
    named = {"all": None, "minimum": need.minimum, "ideal": need.ideal}
    if size in named:
        return named[size]
    if size.isdecimal() and int(size) > 0:
        return int(size)
    raise InputError(f"--size {size!r} is not a size: give minimum, ideal, all or a number above 0")
