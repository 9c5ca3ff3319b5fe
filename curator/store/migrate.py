"""Making a new project's tables, and bringing an older project to the present format, backed up first.

An SQLite project is copied to a file beside it; in PostgreSQL, where the tables are all we may touch, they
are copied into a schema of their own. Each migration is one transaction: it happens wholly or not at all.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, text

from curator.errors import EnvironmentFailure, InputError
from curator.store import roles, schema
from curator.store.database import Database, sqlite
from curator.store.failures import explained

MIGRATIONS = Path(__file__).parent / "migrations"
OLDEST_SERVER = 14
"""The first PostgreSQL whose functions name the tables that they read when they are made, and not when they run."""
VERSIONS = [MIGRATIONS / "versions"]
"""Folders with migrations."""


def make_tables(connection: Connection) -> None:
    """Make the tables of the present format in an empty database, without the cost of running migrations."""
    present = set(inspect(connection).get_table_names()) & set(schema.metadata.tables)
    if present:
        raise InputError(
            f"The database already has a table named {min(present)}; name an empty database, or a schema of your own "
            "(?options=-csearch_path%3Dname)."
        )
    schema.metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(schema.version).values(version_num=f"{schema.VERSION:04d}"))
    connection.execute(insert(schema.identity).values(project=str(uuid.uuid4()), secret=secrets.token_hex(32)))
    _mark(connection)


def make_schema(database: Database) -> None:
    """Make the tables in a PostgreSQL database. Raises InputError where it already holds a project."""
    if database.version() is not None:
        raise InputError(f"The database {database.where} already holds a project; open that one.")
    with database.write() as connection:
        check_server(int(connection.scalar(text("SHOW server_version_num")) or 0), database.where)
        make_tables(connection)


def check_server(version: int, where: str) -> None:
    """Raises EnvironmentFailure for a PostgreSQL server that is too old; `version` is its `server_version_num`."""
    if version // 10_000 < OLDEST_SERVER:
        raise EnvironmentFailure(
            f"The server of {where} is PostgreSQL {version // 10_000}; a project needs PostgreSQL {OLDEST_SERVER} or newer."
        )


def make_file(path: Path) -> None:
    """Make an empty project file. It appears at `path` complete or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    database = sqlite(draft)
    database.where = str(path)  # what messages name
    try:
        with database.write() as connection:
            make_tables(connection)
        database.close()
        with explained(str(path)), closing(sqlite3.connect(draft)) as log:
            # The file alone must be the project; on a full disk closing would leave it half made and say nothing.
            log.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        draft.replace(path)
    finally:
        database.close()
        for leftover in (draft, *(draft.with_name(draft.name + end) for end in ("-wal", "-shm", "-journal"))):
            leftover.unlink(missing_ok=True)


def bring_up_to_date(database: Database, found: int) -> str:
    """Migrate a project of the older format `found`; returns where its backup is.

    Raises EnvironmentFailure where the backup cannot be made: then nothing was changed.
    """
    stamp = f"v{found:04d}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    if database.path is None:
        with database.write() as connection:
            check_server(int(connection.scalar(text("SHOW server_version_num")) or 0), database.where)
            backup = _copy_schema(connection, stamp)
            run_migrations(connection)
            roles.grant_again(connection)
        return backup
    copy = database.path.with_name(f"{database.path.stem}.{stamp}{database.path.suffix}")
    _copy_file(database.path, copy)
    # Rebuilding a table drops the old one, which foreign keys would forbid; they are checked at the end.
    without_keys = sqlite(database.path, foreign_keys=False)
    try:
        with without_keys.write() as connection:
            run_migrations(connection)
            if broken := connection.execute(text("PRAGMA foreign_key_check")).first():
                raise InputError(f"The project {database.where} is damaged (table {broken[0]}); go back to {copy}.")
    finally:
        without_keys.close()
    return str(copy)


def run_migrations(connection: Connection, to: str = "head") -> None:
    """Run the migrations that the database lacks, up to the one named; it may be empty."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in VERSIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    _mark(connection)


def _mark(connection: Connection) -> None:
    """Put the format into the header of an SQLite file, where it can be read without opening the database."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA application_id = {schema.APPLICATION_ID}"))
        connection.execute(text(f"PRAGMA user_version = {schema.VERSION}"))


def _copy_file(path: Path, copy: Path) -> None:
    try:
        copy.touch(exist_ok=False)
    except OSError as error:
        raise EnvironmentFailure(
            f"The project {path} is of an older format, and no backup can be written to {copy} ({error.strerror})."
        ) from None
    with explained(str(path)), closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _copy_schema(connection: Connection, stamp: str) -> str:
    here = connection.scalar(text("SELECT current_schema()"))
    backup = f"{here}_{stamp}".lower()
    quoted = connection.dialect.identifier_preparer.quote
    connection.execute(text(f"CREATE SCHEMA {quoted(backup)}"))
    for table in schema.metadata.tables:
        if inspect(connection).has_table(table):
            source, target = f"{quoted(here)}.{quoted(table)}", f"{quoted(backup)}.{quoted(table)}"
            connection.execute(text(f"CREATE TABLE {target} AS TABLE {source}"))
    return backup
