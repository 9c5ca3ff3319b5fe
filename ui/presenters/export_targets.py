"""What a format says of a planned release, in words. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui.i18n import number, tr, trn
from ui.presenters.export_budget import cost_words, rate_words
from ui.presenters.export_fixes import fix_title
from ui.presenters.words import split_title


@dataclass(frozen=True, slots=True)
class Row:
    """One example of a group: where it came from and what is said of it."""

    id: int
    where: str
    message: str


Packed = Mapping[str, Sequence[int]] | Sequence[int]


def ids_of(packed: Packed) -> tuple[int, ...]:
    """The ids of a list that may be packed as the first and last of each run."""
    if not isinstance(packed, Mapping):
        return tuple(packed)
    ends = packed["runs"]
    return tuple(id for first, last in zip(ends[::2], ends[1::2], strict=True) for id in range(first, last + 1))


def count_of(packed: Packed) -> int:
    """How many ids these are."""
    if not isinstance(packed, Mapping):
        return len(packed)
    ends = packed["runs"]
    return sum(last - first + 1 for first, last in zip(ends[::2], ends[1::2], strict=True))


@dataclass(frozen=True, slots=True)
class Group:
    """Examples of which a provider says the same: `kind` is refused, changed, trap or fixed. `mend`: the fix that makes it go
    away for `mended` of them, "" none; `model`: the open model (its title `models`) that stumbles over them."""

    kind: str
    title: str
    fix: str
    packed: Packed
    rows: tuple[Row, ...] = ()
    mend: str = ""
    packed_mended: Packed = ()
    model: str = ""
    models: str = ""

    @property
    def ids(self) -> tuple[int, ...]:
        return ids_of(self.packed)

    @property
    def count(self) -> int:
        return count_of(self.packed)

    @property
    def mended(self) -> tuple[int, ...]:
        return ids_of(self.packed_mended)


@dataclass(frozen=True, slots=True)
class Target:
    """A line of the matrix. `limits`: what is wrong with its files as a whole, once they are `measured`; `known`: the limits
    there are. `asked`: False where no count is known yet; `idle`: why it can take nothing, "" where it can."""

    name: str
    title: str
    takes: int
    refuses: int
    missing: int
    warns: int
    tokens: int
    exact: str
    exact_help: str
    measured: bool
    limits: tuple[str, ...]
    known: tuple[str, ...]
    notes: tuple[str, ...]
    groups: tuple[Group, ...]
    as_of: str
    group: str = "hosted"
    base_models: bool = False
    asked: bool = True
    idle: str = ""
    by_split: tuple[tuple[str, int], ...] = ()
    billed: str = ""
    costs: tuple[tuple[str, str, str], ...] = ()

    @property
    def refused(self) -> tuple[int, ...]:
        return self._ids(lambda kind: kind == "refused")

    @property
    def warned(self) -> tuple[int, ...]:
        return self._ids(lambda kind: kind in ("changed", "trap"))

    def _ids(self, asked: Callable[[str], bool]) -> tuple[int, ...]:
        return tuple(sorted({id for group in self.groups if asked(group.kind) for id in group.ids}))

    @property
    def said_of_refused(self) -> str:
        """What becomes of the refused ones."""
        if not self.refuses:
            return tr("It takes every example.")
        others = self.refuses - self.missing
        if not self.missing:
            return trn("It is out for another reason, too.", "All {n} are out for another reason, too.", others)
        return trn(
            "{n} example that would go out otherwise is missing from its files.",
            "{n} examples that would go out otherwise are missing from its files.",
            self.missing,
        )


def target(one: Mapping[str, Any]) -> Target:
    groups = [
        *(_group("refused", said) for said in one["refusals"]),
        *(_group("changed", said) for said in one["warnings"]),
        *(_trap(said) for said in one["traps"]),
        *(
            Group("fixed", fix_title(said["fix"], said["title"]), "", said["ids"], mend=said["fix"])
            for said in one.get("applied", ())
        ),
    ]
    exact, exact_help = basis_words(one["basis"], one["vocabulary"])
    asked = one.get("asked", True)
    idle = asked and one.get("preference", False) and not one["takes"]
    return Target(
        one["name"],
        one["title"],
        one["takes"],
        one["refuses"],
        one["missing"],
        one.get("warned", 0),
        one["tokens"],
        exact,
        exact_help,
        bool(one["files"]),
        tuple(sentence(said) for said in one["limits"]),
        tuple(one["told"]),
        tuple(one["notes"]),
        tuple(groups),
        one["as_of"],
        one.get("group", "hosted"),
        one.get("base_models", False),
        asked,
        tr("No pairs: no output is preferred to another one. Edit outputs, and each is preferred to what it was.")
        if idle
        else "",
        tuple((split_title(file["split"]), file["tokens"]) for file in one["files"]),
        one.get("billed", ""),
        tuple((cost["model"], cost_words(cost["cost"]), rate_words(cost["rate"])) for cost in one.get("costs", ())),
    )


def _group(kind: str, said: Mapping[str, Any]) -> Group:
    rows = tuple(Row(row["id"], row["where"], row["message"]) for row in said["rows"])
    mend, mended = said.get("mend") or "", said.get("mended", ())
    return Group(kind, said["message"], said["fix"] or "", said["ids"], rows, mend, mended)


def _trap(said: Mapping[str, Any]) -> Group:
    # A fix has a use only where the model is chosen: then what it stumbles over is a problem of its own.
    title = f"{said['models']}: {said['effect']}"
    return Group("trap", title, said["fix"], said["ids"], model=said.get("model", ""), models=said["models"])


def basis_words(basis: str, vocabulary: str) -> tuple[str, str]:
    """How far a number of tokens can be trusted: a word, and what it means."""
    if basis == "exact":
        return tr("exact"), tr("Counted with the provider's own vocabulary, {name}.", name=vocabulary)
    if basis == "proxy":
        return tr("nearly"), tr("Counted with {name}, which stands in for the provider's own.", name=vocabulary)
    return tr("estimate"), tr("A rough figure: {name}.", name=vocabulary)


def sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


@dataclass(frozen=True, slots=True)
class Shelf:
    """The formats (names) for the same people, and in one line what they would take."""

    name: str
    title: str
    targets: tuple[str, ...]
    said: str
    idle: str


def shelves(targets: Sequence[Target]) -> tuple[Shelf, ...]:
    """The formats by whom they are for."""
    titles = {
        "hosted": tr("Providers that tune their own models"),
        "trainers": tr("Trainers for open models"),
        "files": tr("Files for your own scripts"),
        "preference": tr("Preference pairs"),
    }
    found = []
    for name, title in titles.items():
        of = [target for target in targets if target.group == name]
        idle = of[0].idle if of and all(target.idle for target in of) else ""
        if of:
            found.append(Shelf(name, title, tuple(target.name for target in of), _taken(of, idle), idle))
    return tuple(found)


def _taken(of: Sequence[Target], idle: str) -> str:
    formats = trn("{n} format", "{n} formats", len(of))
    known = [target.takes for target in of if target.asked]
    if not known or idle:
        return formats
    low, high = min(known), max(known)
    if low == high:
        return tr("{formats}, take {n}", formats=formats, n=number(low))
    return tr("{formats}, take {low} to {high}", formats=formats, low=number(low), high=number(high))
