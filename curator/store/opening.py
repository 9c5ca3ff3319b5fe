"""Opening the database of a project: made anew, or looked at, backed up and brought to the present format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curator.errors import InputError
from curator.store import migrate, places, roles, schema
from curator.store.database import Database, is_postgres, postgres, sqlite


def make(where: str | Path) -> Database:
    """A new database. Raises InputError where there is a project, or a file, already."""
    if is_postgres(where):
        database = postgres(str(where))
        with closed_on_error(database):
            migrate.make_schema(database)
        return database
    path = Path(where)
    places.check_folder(path)
    if path.exists():
        raise InputError("This file exists already; open it, or choose another name.", path=path)
    migrate.make_file(path)
    return sqlite(path)


def existing(where: str | Path) -> tuple[Database, str | None]:
    """The database of a project, in the present format, and where its backup is if it was migrated.

    An account in PostgreSQL that does not own the project is bound to its reviewer. Raises InputError as `Project.open` does.
    """
    if not is_postgres(where):
        places.check_file(Path(where))
    database = postgres(str(where)) if is_postgres(where) else sqlite(Path(where))
    with closed_on_error(database):
        own = roles.owns(database)
        found = database.version()
        if found is None:
            raise InputError(f"{database.where} holds no Curator project; `curator new` makes one.")
        places.check_version(found, database.where)
        if found < schema.VERSION and not own:
            raise InputError(
                f"The project {database.where} is of an older format; its owner has to open it first, which brings it "
                "up to date."
            )
        backup = migrate.bring_up_to_date(database, found) if found < schema.VERSION else None
        if not own:
            database.account = roles.account_of(database)
    return database, backup


@contextmanager
def closed_on_error(database: Database) -> Iterator[None]:
    """Close the database where the body raises."""
    try:
        yield
    except BaseException:
        database.close()
        raise
