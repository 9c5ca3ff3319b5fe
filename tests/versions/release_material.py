"""Small projects to release, and what a folder of a release holds."""

from __future__ import annotations

import csv
import json
import uuid
from pathlib import Path
from typing import Any

from curator import pipeline
from curator.model import Decision, Role, Verdict
from curator.pipeline import Settings
from curator.progress import Silent
from curator.release import Wanted
from curator.resources import resource
from curator.splits import Shares
from curator.store import Project

LET_IN = ("label_error", "conflict", "mismatched_pair")


def sample_rows() -> list[tuple[str, str]]:
    with (resource("samples/support") / "pairs.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["intent"]) for row in csv.DictReader(file) if row["text"].strip()]


def write_csv(path: Path, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *rows])
    return path


def bring_in(project: Project, *data: Path, evals: tuple[Path, ...] = ()) -> None:
    inputs = pipeline.Inputs(tuple(map(str, data)), tuple(map(str, evals)))
    pipeline.import_files(project, inputs, Silent())


def release(project: Project, out: Path, settings: Settings | None = None, **wishes: Any) -> Path:
    """A release, however few examples are left."""
    wishes.setdefault("include", LET_IN)
    if "split" in wishes:
        wishes["shares"] = Shares.parse(wishes.pop("split"))
    pipeline.export(project, settings or Settings(), Wanted(out, allow_below_minimum=True, **wishes))
    return out


def decide(project: Project, example: int, verdict: Verdict, value: str | None = None, by: str = "Ann") -> Decision:
    made = Decision(str(uuid.uuid4()), example, "", by, verdict, value)
    project.decide([made])
    return made


def edited(text: str, answer: str) -> str:
    """The value of an edit: both turns anew."""
    return json.dumps([{"role": "user", "content": text}, {"role": "assistant", "content": answer}])


def candidates(project: Project) -> dict[str, int]:
    """The candidates' ids by their inputs."""
    return {example.input: example.id for example in project.examples(Role.CANDIDATE)}


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
