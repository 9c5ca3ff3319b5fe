"""The one place where an error of a database becomes a sentence for the user."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from curator.errors import CuratorError, EnvironmentFailure, InputError
from curator.store.entries import Account

_SQLITE: dict[str, tuple[type[CuratorError], str]] = {
    "SQLITE_BUSY": (EnvironmentFailure, "is locked by another program; close that one, or try again when it is done"),
    "SQLITE_FULL": (EnvironmentFailure, "cannot grow: the disk is full; free some space and try again"),
    "SQLITE_READONLY": (EnvironmentFailure, "is read-only; make the file and its folder writable, or copy it"),
    "SQLITE_CANTOPEN": (EnvironmentFailure, "cannot be opened; make the file and its folder readable and writable"),
    "SQLITE_IOERR": (EnvironmentFailure, "cannot be read or written; look at the disk, then try again"),
    "SQLITE_CORRUPT": (InputError, "is damaged; go back to a backup"),
    "SQLITE_NOTADB": (InputError, "is damaged or is no Curator project; go back to a backup"),
    "SQLITE_CONSTRAINT": (EnvironmentFailure, "was changed by another program at the same moment; try again"),
    "SQLITE_ERROR": (InputError, "is not as Curator made it; go back to a backup"),
}
for _same, _as in {"LOCKED": "BUSY", "PROTOCOL": "BUSY", "PERM": "CANTOPEN", "AUTH": "CANTOPEN"}.items():
    _SQLITE[f"SQLITE_{_same}"] = _SQLITE[f"SQLITE_{_as}"]

_NOT_ALLOWED = "42501"
# By SQLSTATE, or by its class (the first two characters).
_POSTGRES: dict[str, tuple[type[CuratorError], str]] = {
    "55P03": _SQLITE["SQLITE_BUSY"],
    "40": _SQLITE["SQLITE_BUSY"],
    "23": _SQLITE["SQLITE_CONSTRAINT"],
    "53100": _SQLITE["SQLITE_FULL"],
    "53": (EnvironmentFailure, "cannot go on: the server is out of memory or connections; try again later"),
    "25006": (EnvironmentFailure, "is read-only; connect to the primary server"),
    _NOT_ALLOWED: (
        EnvironmentFailure,
        "refuses: this user may not do that; ask for the right to create and write tables",
    ),
    "42": (InputError, "is not as Curator made it; go back to a backup"),
    "57": (EnvironmentFailure, "was closed by the server; try again"),
    "08": (EnvironmentFailure, "lost its connection; try again"),
    "58": (EnvironmentFailure, "cannot be read or written; look at the server's disk"),
    "XX": (EnvironmentFailure, "has an internal error of the server; look at its log"),
}
_OTHER = (EnvironmentFailure, "refuses what was asked of it; see what it says, then try again")

# What only the owner of a project does, by the action in the journal or the table in which it shows.
_OWNERS = {
    "import": "import files",
    "round": "begin rounds",
    "assign": "say who reviews what, and close rounds",
    "merge": "merge packets",
    "calibrate": "set from which score checks report",
    "settings": "change its settings",
    "export": "export it",
    "grant": "let others review",
    "check": "run checks",
    "identity": "make and merge packets",
    "sources": "import files",
    "rounds": "begin and close rounds",
    "round_slots": "say who reviews what, and close rounds",
    "runs": "run checks",
    "reviewers": "let others review",
    "releases": "export it",
    "release_contents": "compare releases, and write them again",
    "journal": "undo what others did",
    "decisions": "settle votes, and decide in other names",
}
_REFUSED = re.compile(r'(?:permission denied for (?:table|relation)|row-level security policy for table) "?(\w+)')


@contextmanager
def explained(where: str, secret: str | None = None, account: Account | None = None) -> Iterator[None]:
    """Turn the errors of SQLite and psycopg in the body into one clear sentence about the project `where`.

    `secret` (a password) never shows; `account` is that of a reviewer who is not the project's owner. What no database
    said, such as a wrong argument, is our bug and passes.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if account is not None and getattr(cause, "sqlstate", None) == _NOT_ALLOWED:
            table = _REFUSED.search(str(cause))
            raise owners_part(account, table.group(1) if table else "") from error
        told = _sentence(cause, where)
        if told is None:
            raise
        kind, sentence = told
        raise kind(sentence.replace(secret, "***") if secret else sentence) from error


def owners_part(account: Account, what: str) -> InputError:
    """The error for what only the owner may do: an action in the journal, or the table in which it shows."""
    does = f"its owner can {_OWNERS[what]}" if what in _OWNERS else "its owner can do what this account may not"
    return InputError(f"This account ({account.role}) reviews in this project as {account.name}; {does}.")


def _sentence(cause: BaseException | None, where: str) -> tuple[type[CuratorError], str] | None:
    first_line = next(iter(str(cause).strip().splitlines()), "")
    if name := getattr(cause, "sqlite_errorname", None):
        family = "_".join(name.split("_")[:2])
        kind, what = _SQLITE.get(family, _OTHER)
        return kind, f"The project {where} {what} ({first_line})."
    if state := getattr(cause, "sqlstate", None):
        kind, what = _POSTGRES.get(state) or _POSTGRES.get(state[:2]) or _OTHER
        return kind, f"The project {where} {what} ({first_line})."
    if type(cause).__module__.startswith("psycopg") and type(cause).__name__ == "OperationalError":
        reason = first_line.rsplit("FATAL:", 1)[-1].removeprefix("connection failed: ").strip().rstrip(".")
        return (
            EnvironmentFailure,
            f"The database {where} does not answer: {reason}; look at the address and the server.",
        )
    return None
