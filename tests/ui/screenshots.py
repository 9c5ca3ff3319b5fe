"""Pictures of every page with the sample project, light and dark, into build/screenshots: `make screenshots`.

They are made to be looked at, by whoever changed a page. The project is a fresh one: imported, checked, and reviewed a little.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from all_pages import PAGES
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QDialog

from curator import pipeline
from curator.model import Decision, Kind, Role, Round, RoundItem, Slot, Verdict, content_key
from curator.progress import Silent
from curator.release import Wanted
from curator.resources import resource
from curator.store import Project
from ui.app import apply_settings
from ui.garbage import Collector
from ui.keysheet import KeySheet
from ui.pages.compare.page import ComparePage
from ui.palette import Palette
from ui.preferences import Preferences
from ui.settings import Settings
from ui.window import Window

SIZE = (1440, 900)
SETTLE_S = 25.0
"""The longest that a page may take until nothing on it moves any more."""


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="curator-screenshots-") as folder:
        os.environ["CURATOR_STATE_DIR"] = folder
        _all(Path(folder))


def _all(folder: Path) -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "build/screenshots")
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication(["curator"])
    Collector(app)
    settings = Settings()
    settings.set("reviewer", "Ada")
    project, empty = _project(folder), folder / "empty.curator"
    Project.create(empty).close()
    for language in ("en", "de"):
        settings.set("language", language)
        for theme in ("light", "dark") if language == "en" else ("light",):
            _pictures(app, settings, theme, out / (theme if language == "en" else language), project, empty)
    settings.set("language", "en")
    _large(app, settings, out, project)


def _pictures(app: QApplication, settings: Settings, theme: str, out: Path, project: Path, empty: Path) -> None:
    out.mkdir(exist_ok=True)
    settings.set("theme", theme)
    apply_settings(app, settings)
    window = _window(settings)
    _grab(window, out / "welcome.png")
    window.go("importing", files=[str(resource("samples/support/pairs.csv"))])
    _grab(window, out / "importing.png")
    window.open_project(str(project))
    for page in PAGES:
        window.go(page)
        _grab(window, out / f"{page}.png")
    window.go("rounds", new=True)
    _grab(window, out / "rounds-new.png")
    _compared(window, project.parent)
    _grab(window, out / "compare-results.png")
    for check in ("near_duplicate", "conflict", "leakage", "label_error", "structure"):
        window.go("findings", check=check)
        _grab(window, out / f"findings-{check}.png")
    for name, make in (("palette", Palette), ("keys", KeySheet), ("preferences", Preferences)):
        _dialog(window, make, out / f"{name}.png")
    window.open_project(str(empty))
    for page in PAGES[:-1]:
        window.go(page)
        _grab(window, out / f"{page}-empty.png")
    window.close()


def _compared(window: Window, folder: Path) -> None:
    """The page Compare with two systems, of which the tuned one is right more often."""
    answers = [str(_answers(folder / f"{name}.csv", share)) for name, share in (("before", 0.72), ("tuned", 0.9))]
    window.go("compare")
    page = window.pages["compare"]
    assert isinstance(page, ComparePage)
    page.files.take("baseline", answers)
    deadline = time.monotonic() + SETTLE_S
    while not page.files.ready and time.monotonic() < deadline:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    page.begin()


def _answers(path: Path, share: float) -> Path:
    """What a system says of the sample's eval set that is right in this share of the cases."""
    dice = random.Random(share)
    with resource("samples/support/eval.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    labels = sorted({row["intent"] for row in rows})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "prediction"))
        for row in rows:
            writer.writerow((row["text"], row["intent"] if dice.random() < share else dice.choice(labels)))
    return path


def _large(app: QApplication, settings: Settings, out: Path, project: Path) -> None:
    """The review page at twice the size, where the least room is left."""
    settings.set("scale", 2.0)
    for theme in ("light", "dark"):
        settings.set("theme", theme)
        apply_settings(app, settings)
        window = _window(settings)
        window.open_project(str(project))
        window.go("review")
        _grab(window, out / theme / "review-200.png")
        window.close()
    settings.set("scale", 1.0)


def _window(settings: Settings) -> Window:
    window = Window(settings)
    window.resize(*SIZE)
    window.go("welcome")
    window.show()
    return window


def _grab(window: Window, path: Path) -> None:
    """A picture of the window once nothing on it moves."""
    app = QApplication.instance()
    assert app is not None
    deadline, quiet, last = time.monotonic() + SETTLE_S, 0, None
    while time.monotonic() < deadline and quiet < 8:
        until = time.monotonic() + 0.08
        while time.monotonic() < until:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        now = window.grab().toImage()
        quiet = quiet + 1 if now == last and not window.jobs.busy else 0
        last = now
    window.grab().save(str(path))
    print(path)


def _dialog(window: Window, make: Callable[[Window], QDialog], path: Path) -> None:
    dialog = make(window)
    dialog.show()
    QApplication.processEvents()
    dialog.grab().save(str(path))
    dialog.close()
    print(path)


def _project(folder: Path) -> Path:
    """The support sample, checked, with a first hour of review behind it."""
    path = folder / "support.curator"
    candidates, evals, task = pipeline.sample("support")
    with Project.create(path, task=task) as project:
        pipeline.import_files(project, pipeline.Inputs((str(candidates),), (str(evals),)), Silent())
        pipeline.check(project, pipeline.Settings())
        ids = [example.id for example in project.examples()][:24]
        verdicts = [Verdict.DROP if place % 6 == 0 else Verdict.KEEP for place in range(len(ids))]
        project.decide([Decision("", id, "", "Ada", verdict) for id, verdict in zip(ids, verdicts, strict=True)])
        pipeline.export(project, pipeline.Settings(), Wanted(folder / "first"))
        project.decide([Decision("", id, "", "Grace", Verdict.KEEP) for id in ids[:12]])
        project.decide([Decision("", id, "", "Grace", Verdict.RELABEL, "other") for id in ids[13:17]])
        _round(project)
        pipeline.export(project, pipeline.Settings(), Wanted(folder / "second"))
    return path


def _round(project: Project) -> None:
    """A round of three reviewers, of whom the first errs least and the last most."""
    right, draw = {"Ann": 0.96, "Bo": 0.88, "Cy": 0.74}, random.Random(1)
    examples = [example for example in project.examples() if example.ref.role is Role.CANDIDATE][100:220]
    labels = sorted({example.output for example in project.examples() if example.output})
    items = [RoundItem(example.id, content_key(example), place) for place, example in enumerate(examples)]
    slots = [Slot(item.example, at, name, item.place) for item in items for at, name in enumerate(right)]
    text = "Choose what the customer wants most."
    new = Round("", 0, "first", "classification", tuple(labels), text, 1, tuple(right), len(right))
    made = project.rounds.add(new, items, slots)
    near = {label: labels[(at + 1) % len(labels)] for at, label in enumerate(labels)} | {"": labels[0]}
    for name, share in right.items():
        said = [None if draw.random() < share else near[example.output] for example in examples]
        project.decide([_vote(made, name, e.id, value) for e, value in zip(examples, said, strict=True)])


def _vote(round: Round, reviewer: str, example: int, label: str | None) -> Decision:
    verdict = Verdict.KEEP if label is None else Verdict.RELABEL
    return Decision("", example, "", reviewer, verdict, label, kind=Kind.VOTE, round=round.id)


if __name__ == "__main__":
    main()
