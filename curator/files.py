"""Writing files so that a reader never sees half of one.

Everything goes to a temporary file beside the target, which replaces it in one step once it is
complete and on the disk. Whatever fails leaves the old file as it was and nothing new behind.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from curator.errors import EnvironmentFailure, InputError

_REASONS = {
    errno.ENOSPC: "the disk is full; free some space or choose another folder",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another folder",
    errno.EROFS: "the disk is read-only; choose another folder",
    errno.EACCES: "you may not write there; choose another folder, or close the program that has it open",
    errno.EPERM: "you may not write there; choose another folder, or close the program that has it open",
    errno.EEXIST: "a part of that path is a file, not a folder; choose another folder",
    errno.ENOTDIR: "a part of that path is a file, not a folder; choose another folder",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


@contextmanager
def replacing(path: str | Path) -> Iterator[BinaryIO]:
    """A binary file that becomes `path` when the block ends well, and vanishes when it does not.

    A device or a pipe, such as /dev/stdout, is written to as it stands. Missing folders are made. Raises InputError
    where `path` is a folder and EnvironmentFailure where it cannot be written (disk full, no permission, read-only disk).
    """
    path = Path(path)
    if path.exists() and not path.is_file() and not path.is_dir():
        yield from _straight(path)
        return
    with replacing_path(path) as partial, partial.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def replacing_path(path: str | Path) -> Iterator[Path]:
    """As `replacing`, for writers that open a file by its name: the name to write to."""
    path = Path(path)
    if path.is_dir():
        raise InputError("is a folder; name a file to write", path=path)
    partial = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        if error.filename not in (None, str(partial), str(path.parent)):
            raise  # of another file, which the block reads
        raise _unwritable(path, error) from error
    finally:
        if partial.exists():
            partial.unlink()


def _straight(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("wb") as file:
            yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> EnvironmentFailure:
    return EnvironmentFailure(f"{path} could not be written: {reason(error)}.")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all; raises as `replacing` does."""
    with replacing(path) as file:
        file.write(data)


def write_text(path: str | Path, text: str) -> None:
    """Write `text` as UTF-8 with the line ends it has; raises as `replacing` does.

    Lone surrogates, which no UTF-8 file can hold, become U+FFFD.
    """
    write_bytes(path, text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").encode("utf-8"))


def reason(error: OSError) -> str:
    """Why an operation on a file failed and what to do, as the end of a sentence without its full stop."""
    if error.errno in _REASONS:
        return _REASONS[error.errno]
    return (error.strerror or str(error)).lower()


def sha256_of(path: str | Path) -> str:
    """Checksum of a file, or of a folder's files and names in order."""
    path = Path(path)
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(str(file.relative_to(path)).encode())
        with file.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
