"""What the welcome page and the import page show, without Qt: recent projects, samples, and a plan of what to import."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.model import Role
from curator.store import shown_address
from curator.tasks import Task
from ui.i18n import number, tr, trn

if TYPE_CHECKING:
    from curator.formats import Detection, FieldMap
    from curator.preview import Preview

SUFFIX = ".curator"


@dataclass(frozen=True, slots=True)
class Recent:
    """A project that was open before. `missing`: its file is not there any more."""

    address: str
    name: str
    place: str
    missing: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A bundled set to try the window on, with one line on what it is."""

    name: str
    title: str
    text: str


@dataclass(slots=True)
class FilePlan:
    """One file to be imported, as it is looked at now. The user's own choices are None until they make them.

    `preview` is None before the first look; `asked` numbers the looks, so that a late answer is told apart.
    """

    path: str
    preview: Preview | None = None
    role: Role | None = None
    fields: FieldMap | None = None
    format: str | None = None
    asked: int = 0
    answered: int = 0

    @property
    def name(self) -> str:
        return Path(self.path).name

    def look(self) -> Callable[[], Preview]:
        """A new look at the file under the choices so far, to be taken off the main thread; its answer goes to `seen`."""
        from curator.preview import preview

        self.asked += 1
        path, format, fields, role = self.path, self.format, self.fields, self.role
        return lambda: preview(path, format=format, fields=fields, role=role)

    def seen(self, asked: int, found: Preview) -> bool:
        """Take the answer to look number `asked`; False where a newer look is under way."""
        if asked != self.asked:
            return False
        self.preview, self.answered = found, asked
        return True

    @property
    def mapping(self) -> FieldMap | None:
        """The fields in use, None where the format says by itself where input and output are."""
        if self.fields:
            return self.fields
        detection = self.preview.detection if self.preview is not None else None
        return detection.fields if detection is not None and detection.fields else None

    @property
    def chosen_role(self) -> Role:
        """The user's choice, else what its name suggests."""
        if self.role is not None:
            return self.role
        return Role.CANDIDATE if self.preview is None else self.preview.role

    @property
    def state(self) -> str:
        """looking, broken, partly (some records rejected) or good."""
        if self.preview is None or self.asked != self.answered:
            return "looking"
        if not self.preview.importable:
            return "broken"
        return "partly" if self.preview.rejected else "good"

    @property
    def line(self) -> str:
        """What stands under its name in the list."""
        found = self.preview
        if found is None or self.state == "looking":
            return tr("Looking at it…")
        if found.detection is None:
            return tr("Needs a mapping") if found.names else tr("Cannot be read")
        role = tr("to train on") if found.role is Role.CANDIDATE else tr("to protect")
        return f"{found.detection.format} · {role}"


@dataclass(slots=True)
class Plan:
    """The files to import, in order, and the task that the user chose, if they did. `new`: into a project still to be made."""

    files: list[FilePlan] = field(default_factory=list)
    task: Task | None = None
    new: bool = True

    def add(self, paths: Iterable[str]) -> list[FilePlan]:
        """Put in files that are not there yet; returns those."""
        known = {one.path for one in self.files}
        fresh = [FilePlan(path) for path in dict.fromkeys(paths) if path not in known]
        self.files.extend(fresh)
        return fresh

    def remove(self, path: str) -> None:
        self.files = [one for one in self.files if one.path != path]

    @property
    def guess(self) -> tuple[Task, str] | None:
        """The task by the first file to train on, with the reason."""
        for one in self.files:
            if one.preview is not None and one.preview.task is not None and one.chosen_role is Role.CANDIDATE:
                return one.preview.task, one.preview.task_why
        return None

    @property
    def chosen_task(self) -> Task | None:
        return self.task or (self.guess[0] if self.guess else None)

    @property
    def missing(self) -> str:
        """What is still needed before the import can begin, "" when nothing is."""
        if not self.files:
            return tr("Add a file first.")
        for one in self.files:
            if one.state == "looking":
                return tr("Looking at {name}…", name=one.name)
            if one.state == "broken":
                return tr("{name} cannot be read yet: choose its fields, or take it out.", name=one.name)
        if self.new and not any(one.chosen_role is Role.CANDIDATE for one in self.files):
            return tr("All files are to be protected: add one to train on.")
        if self.new and self.chosen_task is None:
            return tr("Choose the task.")
        return ""

    @property
    def summary(self) -> str:
        """What the import will do, in one line."""
        training = sum(one.chosen_role is Role.CANDIDATE for one in self.files)
        protected = len(self.files) - training
        said = [trn("{n} file to train on", "{n} files to train on", training)] if training else []
        said += [trn("{n} file to protect", "{n} files to protect", protected)] if protected else []
        return ", ".join(said)

    def order(self) -> dict[str, Any]:
        """The arguments of the import job: each file with its role and the detection that was shown."""
        files = [
            {"path": one.path, "role": str(one.chosen_role), "detection": asdict(one.preview.detection)}
            for one in self.files
            if one.preview is not None and one.preview.detection is not None
        ]
        return {"files": files}


def detection_of(kept: Mapping[str, Any]) -> Detection:
    """The detection that `Plan.order` wrote, back from JSON."""
    from curator.formats import Detection, FieldMap

    return Detection(**{**kept, "fields": FieldMap(**kept["fields"]), "columns": tuple(kept["columns"])})


def recent(addresses: Iterable[str]) -> list[Recent]:
    """The projects that were open before, the newest first; those that are gone are marked."""
    return [_recent(address) for address in addresses]


def _recent(address: str) -> Recent:
    if "://" in address:
        shown = shown_address(address)
        return Recent(address, shown.rpartition("/")[2] or shown, shown, False)
    path = Path(address)
    return Recent(address, path.stem, tidy(path.parent), not path.exists())


def tidy(folder: Path) -> str:
    """The folder as people write it, from their home on."""
    home = Path.home()
    return str(Path("~") / folder.relative_to(home)) if folder.is_relative_to(home) else str(folder)


def samples() -> list[Sample]:
    """The bundled samples, each with one line."""
    return [
        Sample("support", tr("Support messages"), tr("Classification: 955 messages to a shop, each with its intent.")),
        Sample("extraction", tr("Orders as JSON"), tr("Extraction: 644 orders by mail, each with its fields as JSON.")),
        Sample("style", tr("A voice for a plant shop"), tr("Style: 629 chats whose answers should all sound alike.")),
    ]


def home_folder(documents: str | None, remembered: str | None = None) -> Path:
    """Where new projects lie: the folder of the last one, else Documents/Curator, else a temporary folder."""
    wanted = [Path(remembered)] if remembered else []
    wanted += [Path(documents) / "Curator"] if documents else []
    for folder in wanted:
        nearest = next((place for place in (folder, *folder.parents) if place.exists()), None)
        if nearest is not None and nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
            return folder
    return Path(tempfile.gettempdir()) / "Curator"


def free_path(folder: Path, name: str) -> Path:
    """A project file of this name that is not there yet: name.curator, name 2.curator, …"""
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f\s]+', " ", name).strip(" .")[:80] or tr("project")
    path, again = folder / f"{stem}{SUFFIX}", 2
    while path.exists():
        path, again = folder / f"{stem} {again}{SUFFIX}", again + 1
    return path


def name_for(paths: Iterable[str]) -> str:
    """A name for the project of these files: that of the first to train on."""
    from curator.preview import suggest_role

    listed = list(paths)
    first = next((one for one in listed if suggest_role(one)[0] is Role.CANDIDATE), listed[0] if listed else "")
    return Path(first).name.split(".")[0]


def said_of(problem: str, path: str) -> str:
    """What is wrong with a file, for the window: without its path, which is on the screen, and the options of the command line."""
    text = problem.removeprefix(f"{path}: ")
    text = re.sub(r"[;,]? *(?:name|give)(?: it| them| one)? with --[^;.]*", "", text)
    text = re.sub(r"; [^;]*--[a-z][^;]*$", "", text).strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def as_it_stands(found: Preview, most: int = 6) -> tuple[tuple[str, ...], list[list[str]]]:
    """The first records with their fields as columns, for choosing among these: names, and a row of texts for each."""
    from curator.formats import field_text

    names = found.names[:most]
    return names, [[field_text(record, name) for name in names] for record in found.raw]


def looked_at(found: Preview) -> str:
    """How much of the file the preview stands for."""
    if found.whole:
        return trn("All {n} record was looked at.", "All {n} records were looked at.", found.sampled)
    return trn(
        "The first {n} record was looked at; the import reads the rest.",
        "The first {n} records were looked at; the import reads the rest.",
        found.sampled,
    )


def sure(confidence: float) -> tuple[str, str]:
    """How sure the detection is, in words and as a tone."""
    if confidence >= 0.9:
        return tr("sure"), "good"
    return (tr("fairly sure"), "accent") if confidence >= 0.6 else (tr("a guess: please look"), "warn")


def size_text(size: int) -> str:
    """Bytes as people say them."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{number(size, 0 if unit == 'B' or size >= 10 else 1)} {unit}"
        size = size / 1000  # type: ignore[assignment]
    return f"{number(size, 1)} GB"


def imported_text(result: Mapping[str, Any]) -> str:
    """What an import came to, in one sentence."""
    if result["known"] and not result["examples"] + result["rejected"]:
        return tr("These files are in the project already; nothing was added.")
    said = trn("Imported {n} example", "Imported {n} examples", result["examples"])
    if result["votes"]:
        votes = trn("{n} vote", "{n} votes", result["votes"])
        said += ", " + votes + " " + trn("of {n} reviewer", "of {n} reviewers", result["reviewers"])
    if result["rejected"]:
        said += ", " + trn("{n} record could not be read", "{n} records could not be read", result["rejected"])
    return f"{said}."
