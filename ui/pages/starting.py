"""Making a project: what the welcome page and the import page share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from curator.errors import CuratorError
from curator.store import Project
from curator.tasks import Task
from ui.background import background
from ui.context import Context
from ui.i18n import tr
from ui.presenters import start

FOLDER = "projects.folder"


def home(context: Context) -> Path:
    """The folder where new projects are put."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return start.home_folder(documents, context.setting(FOLDER))


def choose_home(parent: QWidget, context: Context) -> Path | None:
    """Ask for another folder for projects; None where the question was closed."""
    chosen = QFileDialog.getExistingDirectory(parent, tr("Where to keep projects"), str(home(context)))
    if not chosen:
        return None
    context.settings.set(FOLDER, chosen)
    return Path(chosen)


def make_project(
    owner: QObject,
    context: Context,
    path: Path,
    task: Task | None,
    then: Callable[[], object],
    failed: Callable[[], object] | None = None,
) -> None:
    """Make a project and open it, then go on with `then`; an error is said, and `failed` hears of it."""

    def make() -> str:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            Project.create(path, task=task).close()
        except CuratorError as error:
            return str(error)
        except OSError as error:
            return tr("{path} cannot be made ({reason}); choose another folder.", path=path, reason=error.strerror)
        return ""

    def made(problem: str) -> None:
        if problem:
            context.trouble(problem)
            if failed is not None:
                failed()
        else:
            if context.open_project(str(path)):
                then()

    background().run(owner, make, made)


def begin_import(context: Context, order: Mapping[str, Any], then: Callable[[], object] | None = None) -> None:
    """Import files in the child, and say what came of it. The page that asks may be gone by then."""
    tell = context.tell

    def done(result: Mapping[str, Any]) -> None:
        tell(start.imported_text(result))
        if then is not None:
            then()

    context.jobs.start("import_", order, title=tr("Importing"), done=done)
