"""From what the user typed to a state: a project, a project at an entry or a release (`@`), a release folder, a manifest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curator.errors import InputError
from curator.store import Project
from curator.versions.folders import MANIFEST, of_folder
from curator.versions.states import State, of_project, of_release

SUFFIX = ".curator"


@contextmanager
def find(text: str) -> Iterator[State]:
    """The state that `text` names, while the project it belongs to is open.

    `shop.curator` (now), `shop.curator@12` (after entry 12 of its journal), `shop.curator@release-2` or `@shop-2`,
    `postgresql://…@release-2` alike, a folder that `curator export` wrote, or its manifest.json. Raises InputError where
    there is none.
    """
    where, which = split(text)
    if where is None:
        path = Path(text)
        if not path.exists():
            raise InputError(
                "there is no such project, release folder or manifest; a release of a project is named as in "
                "shop.curator@release-2",
                path=path,
            )
        if path.is_file() and path.name != MANIFEST:
            raise InputError("is neither a project nor the manifest.json of a release", path=path)
        yield of_folder(path)
        return
    with Project.open(where) as project:
        if which is None:
            yield of_project(project)
        elif which.isdecimal():
            yield of_project(project, int(which))
        else:
            yield of_release(project, project.releases.get(which))


def split(text: str) -> tuple[str | None, str | None]:
    """The project and what of it is named; None where it is no project."""
    if text.startswith(("postgresql://", "postgres://")):
        # The user's password may stand before an @, too: what is named comes after the database.
        where, mark, which = text.rpartition("@")
        return (where, which) if mark and "/" in where.partition("://")[2] and "/" not in which else (text, None)
    if text.endswith(SUFFIX) and not Path(text).is_dir():
        return text, None
    where, mark, which = text.rpartition("@")
    if mark and where.endswith(SUFFIX) and "/" not in which:
        return where, which
    return None, None
