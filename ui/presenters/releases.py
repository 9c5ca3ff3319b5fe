"""The releases of a project, and what differs between two of them, in words. No Qt here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PureWindowsPath
from typing import Any

from curator.store import Project, Release
from ui.i18n import language, number, tr, trn
from ui.presenters.words import rule_title, split_title

NOW = 0
"""Stands for the project as it is now among the numbers of releases."""
KINDS = ("added", "removed", "relabelled", "edited", "moved")


@dataclass(frozen=True, slots=True)
class Part:
    """A split: its title and how many examples it has."""

    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One release. `kept`: all is known of it, so that it can be compared and written again."""

    number: int
    title: str
    size: str
    when: str
    by: str
    folder: str
    parts: tuple[Part, ...]
    targets: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Other:
    """What a release can be compared with: its number (or NOW), and what it is called."""

    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One example that differs: in which way, where from, what it said and says, and why."""

    kind: str
    title: str
    where: str
    was: str
    now: str
    why: str
    whole: str


@dataclass(frozen=True, slots=True)
class View:
    """A comparison. `figures`: kind, its title and how many; `other`: what else differs, a line each; `more`: how many rows
    there are besides those that are shown."""

    title: str
    sentence: str
    figures: tuple[tuple[str, str, int], ...]
    other: tuple[str, ...]
    rows: tuple[Row, ...]
    more: int


def listed(project: Project) -> tuple[Line, ...]:
    """The releases, the newest first."""
    return tuple(_line(one) for one in reversed(project.releases.all()))


def _line(made: Release) -> Line:
    dataset = made.summary.get("dataset") or {}
    examples = dataset.get("examples")
    return Line(
        made.number,
        made.title,
        tr("Written by an older version") if examples is None else trn("{n} example", "{n} examples", examples),
        _when(made.at),
        made.actor,
        made.folder,
        tuple(Part(split_title(name), count) for name, count in dataset.get("splits", {}).items()),
        ", ".join(dataset.get("targets", ())),
        made.snapshot is not None,
    )


def _when(at: str) -> str:
    """A time of the journal, in the time of this computer."""
    local = datetime.fromisoformat(at).astimezone()
    return local.strftime("%d.%m.%Y, %H:%M" if language() == "de" else "%Y-%m-%d, %H:%M")


def others(lines: Sequence[Line], chosen: int) -> tuple[Other, ...]:
    """What a release can be compared with: the one before it first, then the project as it is now, then the others."""
    rest = [line for line in lines if line.kept and line.number != chosen]
    before = next((line for line in rest if line.number < chosen), None)
    first = [] if before is None else [Other(before.number, before.title)]
    now = Other(NOW, tr("the project as it is now"))
    return (*first, now, *(Other(line.number, line.title) for line in rest if line is not before))


def sides(chosen: int, other: int) -> dict[str, int | None]:
    """Which of two is the earlier one, as `ui.worker.diff` takes them."""
    before, after = (chosen, other) if other == NOW else sorted((chosen, other))
    return {"before": before or None, "after": after or None}


def usual_folder(address: str, line: Line) -> str:
    """Where a release that is written again goes: beside the project."""
    beside = Path.home() if "://" in address else Path(address).absolute().parent
    return str(beside / f"{line.title.replace(' ', '-')}-again")


def view(document: Mapping[str, Any], titles: Mapping[int, str]) -> View:
    """The words for what `ui.worker.diff` answered. `titles`: of the releases, by number."""
    counts = document["counts"]
    kinds = kind_titles()
    rows = tuple(_row(one, kinds) for one in document["rows"])
    total = sum(counts[kind] for kind in KINDS)
    both = sum(one["moved"] and one["change"] != "moved" for one in document["rows"])
    before, after = (_title(document[side], titles) for side in ("before", "after"))
    return View(
        tr("From {before} to {after}", before=before, after=after),
        _sentence(counts, total),
        tuple((kind, kinds[kind], counts[kind]) for kind in KINDS),
        (*_facts(document["settings"]), *_files(document["sources"])),
        rows,
        max(0, total - both - len(rows)),
    )


def kind_titles() -> dict[str, str]:
    """What a change is called."""
    return {
        "added": tr("Added"),
        "removed": tr("Removed"),
        "relabelled": tr("Relabelled"),
        "edited": tr("Edited"),
        "moved": tr("Moved"),
    }


def _title(side: Mapping[str, Any], titles: Mapping[int, str]) -> str:
    dataset = side["dataset"]
    return tr("the project as it is now") if dataset is None else titles.get(dataset["version"], side["title"])


def _sentence(counts: Mapping[str, int], total: int) -> str:
    if not total:
        return tr("Both hold the same examples, in the same splits.")
    unchanged = trn("{n} example is unchanged", "{n} examples are unchanged", counts["unchanged"])
    return tr(
        "{before} before, {after} after; {unchanged}.",
        before=number(counts["before"]),
        after=number(counts["after"]),
        unchanged=unchanged,
    )


def _facts(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{one['name']}: {_value(one['before'])} → {_value(one['after'])}" for one in settings]


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return ", ".join(map(str, value)) or "–" if isinstance(value, list) else str(value)


def _files(sources: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    said = [tr("New file: {path}", path=_name(one["path"])) for one in sources["added"]]
    return said + [tr("File that is gone: {path}", path=_name(one["path"])) for one in sources["removed"]]


def _name(path: str) -> str:
    return PureWindowsPath(path).name


def _row(one: Mapping[str, Any], kinds: Mapping[str, str]) -> Row:
    before, after = one["before"] or {}, one["after"] or {}
    kind = one["change"]
    moved = f" → {kinds['moved']}" if one["moved"] and kind != "moved" else ""
    was, now = _said(before, after), _said(after, before)
    return Row(
        kind,
        kinds[kind] + moved,
        _where(before, after, kind),
        was,
        now,
        _why(one, (before or after)["from"]["source"]),
        "\n".join(part for part in (_whole(tr("Before"), before), _whole(tr("After"), after)) if part),
    )


def _where(before: Mapping[str, Any], after: Mapping[str, Any], kind: str) -> str:
    ref = (before if kind == "removed" else after)["from"]
    where = tr("record {n}", n=number(ref["record"])) if ref["line"] is None else tr("line {n}", n=number(ref["line"]))
    splits = [split_title(side["split"]) for side in (before, after) if side.get("split") not in (None, "in")]
    shown = " → ".join(dict.fromkeys(splits))
    return f"{_name(ref['source'])}, {where}" + (f" · {shown}" if shown else "")


def _said(side: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What a side says, in one line: the part that differs where both are known."""
    if "output" not in side:
        return ""
    if side.get("input") == other.get("input") and "output" in other:
        return " ".join(str(side["output"]).split())
    return " ".join(f"{side['input']} → {side['output']}".split())


def _whole(title: str, side: Mapping[str, Any]) -> str:
    return f"{title}\n{side['input']}\n→ {side['output']}\n" if "output" in side else ""


def _why(one: Mapping[str, Any], source: str) -> str:
    """The reason in the language in use, as far as it is one of ours: what a check or a reviewer wrote stays as it is."""
    said = "; ".join(_reason(part) for part in one["why"].replace(source, _name(source)).split("; "))
    return said + (tr(" (entry {n})", n=one["entry"]) if one["entry"] is not None else "")


def _reason(text: str) -> str:
    if found := re.fullmatch(r"(dropped|flagged) by ([^:]+)(: .*)?", text):
        who, note = found[2], found[3] or ""
        said = tr("dropped by {who}", who=who) if found[1] == "dropped" else tr("flagged by {who}", who=who)
        return said + note
    if found := re.fullmatch(r"(.+) decided to (\w+) it", text):
        return tr("{who} decided: {what}", who=found[1], what=_verdicts().get(found[2], found[2]))
    for ending, said in (
        (" was not read before", tr("{path} was not read before")),
        (" is no longer among what was read", tr("{path} is no longer among what was read")),
        (" has other bytes now", tr("{path} is another file now")),
        (" had other bytes", tr("{path} was another file")),
    ):
        if text.endswith(ending):
            return said.format(path=text.removesuffix(ending))
    if text.startswith("was left out before: "):
        return tr("was left out before: {why}", why=_reason(text.removeprefix("was left out before: ")))
    rule, mark, message = text.partition(": ")
    return f"{rule_title(rule)}{mark}{message}" if mark and " " not in rule else text


def _verdicts() -> dict[str, str]:
    return {
        "keep": tr("Keep"),
        "drop": tr("Drop"),
        "relabel": tr("Relabel"),
        "edit": tr("Edit"),
        "flag": tr("Flag"),
    }


def told(result: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether a release that was written again is the same, and the sentence that says so."""
    if result["same"]:
        return True, tr("{title} was written to {folder}: the same, byte for byte.", **_named(result))
    causes = "; ".join(result["differs"])
    files = ", ".join(result["files"])
    said = tr(
        "{title} was written to {folder}, but {files} are not the same: {causes}.",
        **_named(result),
        files=files,
        causes=causes,
    )
    return False, said


def _named(result: Mapping[str, Any]) -> dict[str, str]:
    return {"title": result["title"], "folder": result["folder"]}
