"""What can go wrong, told apart by whose move is next: the user's, the machine's, or ours.

The command line turns each into one sentence on stderr and an exit code (see `exit_code`).
Anything that is not a CuratorError is a bug, and the only thing that may show a traceback.
"""

from __future__ import annotations

from pathlib import Path


class CuratorError(Exception):
    """Base of all expected errors. `str(error)` is one sentence that says what to do."""

    exit_code = 2


class InputError(CuratorError):
    """Bad usage or bad input: the user can put it right. Names the file and line where known."""

    exit_code = 2

    def __init__(self, message: str, *, path: str | Path | None = None, line: int | None = None):
        where = "" if path is None else f"{path}: " if line is None else f"{path}, line {line}: "
        super().__init__(where + message)


class GateNotMet(CuratorError):
    """The input is fine, but a condition that guards the result is not met, so nothing was written."""

    exit_code = 1


class EnvironmentFailure(CuratorError):
    """The surroundings fail: no disk space, no database, a locked project, missing weights."""

    exit_code = 3


class Cancelled(CuratorError):
    """The user stopped the work. Whatever was committed stays."""

    exit_code = 130

    def __init__(self, message: str = "Stopped; everything that was finished is kept."):
        super().__init__(message)
