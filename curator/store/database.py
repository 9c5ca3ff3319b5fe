"""Connections to a project's database, SQLite or PostgreSQL, and the transactions on them.

A write waits at most `BUSY_SECONDS` for another program that holds the project, longer where many write by turns. Readers
never wait for writers: SQLite runs with a write-ahead log, and every read is a transaction of its own on a connection of
its own.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from curator.errors import InputError
from curator.store.entries import Account
from curator.store.failures import explained
from curator.store.schema import VERSION_TABLE

BUSY_SECONDS = 5.0
LOOK_AGAIN = (0.0005, 0.003)
"""Seconds between two looks of a writer whether SQLite's lock is free."""
ROWS_PER_PAGE = 2_000
_POSTGRES = ("postgresql://", "postgres://", "postgresql+psycopg://")
_WRITE = "curator_write"
ACCOUNT = "curator_account"
"""What a connection's options call the account of a reviewer."""
_WRITER_LOCK = 0x43757261


class Database:
    """An open database. `where` names it in messages (never a password), `address` opens it again.

    `account` is that of a reviewer in a project of another's, None for the owner's.
    """

    def __init__(self, where: str, address: str, engine: Engine, secret: str | None = None):
        self.where = where
        self.address = address
        self._engine = engine
        self._secret = secret
        self.account: Account | None = None
        self._writing = threading.Lock()
        self._wrote = 0.0

    @property
    def path(self) -> Path | None:
        """The file of an SQLite project, None for PostgreSQL."""
        return Path(self.address) if self._engine.dialect.name == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the project, whatever is written meanwhile."""
        with explained(self.where, self._secret, self.account), self._engine.connect() as connection:
            if self.path is None:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self, *, bulk: bool = False) -> Iterator[Connection]:
        """A transaction that is committed, to disk, when the body ends, and undone where it raises.

        Writers take turns, so that the order of ids is the order of commits. In PostgreSQL a `bulk` write, which
        may take long and touches no decisions, lets the others go on.
        """
        if self.path is not None and time.monotonic() - self._wrote < LOOK_AGAIN[1]:
            time.sleep(sum(LOOK_AGAIN) / 2)  # who writes without a pause lets those in who wait for the lock
        with self._writing, explained(self.where, self._secret, self.account), self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITE: True, ACCOUNT: self.account})
            with connection.begin():
                if self.path is None:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{int(BUSY_SECONDS * 1000)}ms'"))
                    if not bulk:
                        lock = text("SELECT pg_advisory_xact_lock(:lock, hashtext(current_schema()))")
                        connection.execute(lock, {"lock": _WRITER_LOCK})
                yield connection
            self._wrote = time.monotonic()

    def stream(self, query: Select[Any]) -> Iterator[Row[Any]]:
        """The rows of a query, a page at a time, all of one state of the project."""
        # The cursor is closed by name: an iterator that is left half read must close it on the server too.
        with self.read() as paged, paged.execution_options(yield_per=ROWS_PER_PAGE).execute(query) as rows:
            yield from rows

    def version(self) -> int | None:
        """Number of the project's format, None where the database holds no project."""
        with self.read() as connection:
            if not inspect(connection).has_table(VERSION_TABLE):
                return None
            found = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
            return None if found is None else int(found)

    def size(self) -> int:
        """Bytes on disk: the SQLite file and its log, or the tables and indexes in PostgreSQL."""
        if self.path is not None:
            files = (self.path, self.path.with_name(self.path.name + "-wal"))
            return sum(file.stat().st_size for file in files if file.exists())
        total = text(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c "
            "WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
        )
        with self.read() as connection:
            return int(connection.scalar(total) or 0)

    def close(self) -> None:
        """Close the connections; the last program to leave an SQLite project folds its log into the file."""
        self._engine.dispose()


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert one row; returns its id."""
    key = connection.execute(insert(table).values(values)).inserted_primary_key
    assert key is not None  # an insert of one row has one
    return int(key[0])


def is_postgres(where: str | Path) -> bool:
    """True where `where` is the address of a PostgreSQL database and not a file."""
    return isinstance(where, str) and where.startswith(_POSTGRES)


def sqlite(path: Path, *, foreign_keys: bool = True) -> Database:
    """The SQLite database at `path`, which may not exist yet; nothing is opened before it is used."""
    where = str(path)
    engine = create_engine(
        URL.create("sqlite", database=where),
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        max_overflow=-1,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself: `begin` does
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA synchronous = FULL")  # a commit outlives a power cut
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            raise InputError("This disk cannot hold a write-ahead log; move the project to a local disk.", path=path)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if not connection.get_execution_options().get(_WRITE):
            connection.exec_driver_sql("BEGIN")
            return
        # A writer takes its lock at once: waiting for it later, after a read, would fail instead of wait.
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        try:
            _begin_write(connection)
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

    return Database(where, where, engine)


def _begin_write(connection: Connection) -> None:
    """Take the lock of the one writer, as soon as it is free; give up when it was not, and nobody has written, for a while.

    SQLite's own waiting looks ever more rarely, up to every 100 ms: among several who write without a pause one may
    then wait for seconds, until it gives up. Everybody who looks as often as the others gets a turn.
    """
    raw = connection.connection.driver_connection
    assert raw is not None  # a connection that begins is open
    end, seen = time.monotonic() + BUSY_SECONDS, _writes_of_others(raw)
    while True:
        try:
            raw.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                break
        if time.monotonic() >= end:
            before, seen = seen, _writes_of_others(raw)
            if seen == before:
                break
            end = time.monotonic() + BUSY_SECONDS
        time.sleep(random.uniform(*LOOK_AGAIN))
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, for the error that names the project


def _writes_of_others(raw: Any) -> int:
    """A number that is another one after another program has written."""
    return int(raw.execute("PRAGMA data_version").fetchone()[0])


def postgres(address: str) -> Database:
    """The PostgreSQL database at `address`; tables lie in the first schema of its search path.

    Raises InputError for an address that cannot be read, or where psycopg is not installed.
    """
    scheme, _, rest = address.partition("://")
    try:
        url = make_url(f"postgresql+psycopg://{rest}")
        url.port  # noqa: B018  a port that is no number shows here
    except (ArgumentError, ValueError):
        raise InputError(
            f"This {scheme}:// address cannot be read; write postgresql://user:password@host:port/database."
        ) from None
    secret = url.password or url.query.get("password")
    safe = url.set(drivername="postgresql").difference_update_query(["password"])
    try:
        engine = create_engine(url, pool_pre_ping=True, max_overflow=-1)
    except ModuleNotFoundError:
        raise InputError(
            'A PostgreSQL project needs the extra "postgres": pip install "curator-workbench[postgres]".'
        ) from None
    return Database(safe.render_as_string(), address, engine, str(secret) if secret else None)
