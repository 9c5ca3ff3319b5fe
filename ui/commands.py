"""What can be done anywhere in the window, page or no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QFileDialog

from ui.actions import Action
from ui.databases import ask_address
from ui.i18n import tr
from ui.theme import SCALES

if TYPE_CHECKING:
    from ui.window import Window

MOST_KEYS = 9
"""Pages that have a number key."""
THEMES = ("system", "light", "dark")


def commands(window: Window) -> list[Action]:
    """The actions of the window itself, in the order of the menus."""
    return [*_project(window), *_edit(window), *_view(window), *_help(window)]


def _project(window: Window) -> list[Action]:
    def has_project() -> bool:
        return window.session is not None

    return [
        Action("app.open", tr("Open…"), lambda: _open(window), ("Ctrl+O",), menu="project"),
        Action("app.open_database", tr("Open a database…"), lambda: ask_address(window), menu="project"),
        Action("app.import", tr("Import files…"), lambda: _import(window), ("Ctrl+I",), menu="project"),
        Action(
            "app.new_window",
            tr("New window on this project"),
            window.new_window,
            ("Ctrl+Shift+N",),
            menu="project",
            enabled=has_project,
        ),
        Action(
            "app.close_project",
            tr("Close the project"),
            window.close_project,
            ("Ctrl+W",),
            menu="project",
            enabled=has_project,
        ),
        Action(
            "project.check",
            tr("Check now"),
            window.check,
            ("F5",),
            menu="project",
            enabled=lambda: (
                has_project() and window.packet is None and not any(job.kind == "check" for job in window.jobs.shown)
            ),
        ),
        Action(
            "project.cancel",
            tr("Cancel what is running"),
            lambda: [job.cancel() for job in window.jobs.shown],
            ("Ctrl+.",),
            menu="project",
            enabled=lambda: bool(window.jobs.shown),
        ),
        Action("quit.quit", tr("Quit"), window.close, ("Ctrl+Q",), menu="project"),
    ]


def _edit(window: Window) -> list[Action]:
    def has_project() -> bool:
        return window.session is not None

    return [
        Action("app.undo", tr("Undo"), window.undo, ("Ctrl+Z",), menu="edit", enabled=has_project),
        Action("app.redo", tr("Redo"), window.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), menu="edit", enabled=has_project),
        Action("app.preferences", tr("Preferences…"), lambda: _preferences(window), ("Ctrl+,",), menu="edit"),
    ]


def _view(window: Window) -> list[Action]:
    listed = [place for place in window.places.values() if place.listed and place.name != "welcome"]
    made = [
        Action(
            f"page.{place.name}",
            place.title,
            lambda name=place.name: window.go(name),  # type: ignore[misc]
            (f"Ctrl+{number}",) if number <= MOST_KEYS else (),
            menu="view",
            enabled=lambda place=place: not place.needs_project or window.session is not None,  # type: ignore[misc]
        )
        for number, place in enumerate(listed, 1)
    ]
    made.append(
        Action(
            "page.releases",
            tr("Releases"),
            lambda: window.go("releases"),
            menu="view",
            enabled=lambda: window.session is not None and window.packet is None,
        )
    )
    titles = {"system": tr("Colours of the system"), "light": tr("Light colours"), "dark": tr("Dark colours")}
    made += [
        Action(
            f"theme.{name}",
            titles[name],
            lambda name=name: _set(window, "theme", name),  # type: ignore[misc]
            menu="view",
            checkable=True,
            checked=lambda name=name: window.settings.get("theme") == name,  # type: ignore[misc]
        )
        for name in THEMES
    ]
    sizes = [
        Action("scale.larger", tr("Larger"), lambda: _scale(window, 1), ("Ctrl++", "Ctrl+="), menu="view"),
        Action("scale.smaller", tr("Smaller"), lambda: _scale(window, -1), ("Ctrl+-",), menu="view"),
        Action("scale.normal", tr("Normal size"), lambda: _set(window, "scale", 1.0), ("Ctrl+0",), menu="view"),
    ]
    return made + sizes


def _help(window: Window) -> list[Action]:
    return [
        Action("app.guide", tr("Guide to this page"), lambda: _guide(window), ("F1",), menu="help"),
        Action("app.keys", tr("Keys"), lambda: _keys(window), ("?", "Ctrl+/"), menu="help"),
        Action("app.palette", tr("Find an action…"), lambda: _palette(window), ("Ctrl+K",), menu="help"),
        Action("app.about", tr("About Curator"), lambda: _about(window), menu="help"),
    ]


def _open(window: Window) -> None:
    kinds = (
        tr("Projects and data") + " (*.curator *.packet *.jsonl *.json *.csv *.tsv *.xlsx *.parquet *.txt *.gz *.zip);;"
    )
    chosen, _ = QFileDialog.getOpenFileNames(
        window, tr("Open a project or data"), window.settings.get("folder", ""), kinds + tr("All files") + " (*)"
    )
    if chosen:
        _remember_folder(window, chosen[0])
        window.open_files(chosen)


def _import(window: Window) -> None:
    chosen, _ = QFileDialog.getOpenFileNames(window, tr("Import files"), window.settings.get("folder", ""))
    if chosen:
        _remember_folder(window, chosen[0])
        window.go("importing", files=chosen)


def _remember_folder(window: Window, file: str) -> None:
    window.settings.set("folder", file.rpartition("/")[0])


def _preferences(window: Window) -> None:
    from ui.preferences import Preferences

    Preferences(window).exec()


def _set(window: Window, name: str, value: object) -> None:
    if window.settings.get(name) != value:
        window.settings.set(name, value)
        window.rebuild()


def _scale(window: Window, step: int) -> None:
    now = window.settings.get("scale")
    nearest = min(range(len(SCALES)), key=lambda at: abs(SCALES[at] - now))
    _set(window, "scale", SCALES[min(len(SCALES) - 1, max(0, nearest + step))])


def _guide(window: Window) -> None:
    shown = window.pages.get(window.place)
    window.go("guide", page=(shown.guide_page() if shown is not None else "") or None, about=window.place)


def _keys(window: Window) -> None:
    from ui.keysheet import KeySheet

    KeySheet(window).exec()


def _palette(window: Window) -> None:
    from ui.palette import Palette

    chosen = Palette(window).choose()
    if chosen is not None:
        window.registry.run(chosen)


def _about(window: Window) -> None:
    from PySide6.QtWidgets import QMessageBox

    from curator import __version__

    QMessageBox.about(
        window,
        tr("About Curator"),
        tr(
            "Curator {version}\nClean, reviewed, provider-ready fine-tuning data.\nApache License 2.0",
            version=__version__,
        ),
    )
    QApplication.processEvents()
