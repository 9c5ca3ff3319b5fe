"""Where an SQLite project may lie: its file is looked at before SQLite ever touches it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import make_url

from curator.errors import EnvironmentFailure, InputError
from curator.store import schema

MOUNTS = Path("/proc/mounts")
_KERNEL = {
    "nfs",
    "nfs3",
    "nfs4",
    "cifs",
    "smb",
    "smb2",
    "smb3",
    "smbfs",
    "ncpfs",
    "afs",
    "afpfs",
    "webdav",
    "9p",
    "ceph",
    "gpfs",
    "beegfs",
    "orangefs",
    "panfs",
    "vboxsf",
    "prl_fs",
}
_FUSE = {
    "sshfs",
    "rclone",
    "s3fs",
    "gcsfuse",
    "glusterfs",
    "lustre",
    "davfs",
    "davfs2",
    "smbnetfs",
    "gvfsd-fuse",
    "juicefs",
    "ceph-fuse",
    "moosefs",
    "mfs",
    "vmhgfs-fuse",
}
NETWORK = frozenset(_KERNEL | _FUSE)
"""File systems whose locks or shared memory do not hold, so that SQLite's write-ahead log loses data on them."""

_HEADER = 100
_MAGIC = b"SQLite format 3\0"


def check_file(path: Path) -> None:
    """Look at an existing project without opening it in SQLite: not one byte of it or beside it changes.

    Raises InputError (missing, no project, made by a newer Curator, on a network folder) or EnvironmentFailure
    (not readable, not writable).
    """
    if path.is_dir():
        raise InputError("This is a folder, not a project file.", path=path)
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except FileNotFoundError:
        raise InputError("There is no such project; `curator new` makes one.", path=path) from None
    except OSError as error:
        raise EnvironmentFailure(f"{path}: The project cannot be read ({error.strerror}).") from None
    if len(header) < _HEADER or not header.startswith(_MAGIC) or _number(header, 68) != schema.APPLICATION_ID:
        raise InputError("This file is not a Curator project; `curator new` makes one.", path=path)
    check_version(_number(header, 60), str(path))
    check_folder(path)
    if not os.access(path, os.W_OK):
        raise EnvironmentFailure(f"{path}: The project is read-only; make it writable, or work on a copy.")


def check_version(found: int, where: str) -> None:
    """Raises InputError for a project that a newer Curator made."""
    if found > schema.VERSION:
        raise InputError(
            f"The project {where} was made by a newer Curator (format {found}, this one knows {schema.VERSION}); "
            "it was left untouched: update Curator to open it."
        )


def check_folder(path: Path) -> None:
    """Raises InputError where `path` would lie on a network folder, EnvironmentFailure where nothing can be written."""
    # Of a link, where the file itself lies: SQLite keeps its log there.
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise InputError(f"There is no folder {folder}; make it first.", path=path)
    kind = file_system(folder)
    if kind.rpartition(".")[2] in NETWORK:  # "fuse.sshfs"
        raise InputError(
            f"The folder is on a network file system ({kind}), where a project file could be damaged; work on a copy on a "
            "local disk, and with others by packets (curator pack) or in PostgreSQL (postgresql://…).",
            path=path,
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise EnvironmentFailure(f"{path}: The folder {folder} is read-only; choose another one, or make it writable.")


def file_system(folder: Path) -> str:
    """Name of the file system that holds `folder`, as the system calls it ("" where it does not say)."""
    real = folder.resolve()
    if sys.platform == "win32":
        return _windows_drive(real)
    best, kind = -1, ""
    for mount, name in _mounts():
        if (real == mount or mount in real.parents) and len(mount.parts) >= best:
            best, kind = len(mount.parts), name
    return kind


def _mounts() -> list[tuple[Path, str]]:
    """Mount points and their file systems; later ones hide earlier ones."""
    if MOUNTS.exists():
        rows = (line.split() for line in MOUNTS.read_text(errors="surrogateescape").splitlines())
        return [(Path(_unescaped(row[1])), row[2]) for row in rows if len(row) > 2]
    if sys.platform == "darwin":  # "//user@host/share on /Volumes/share (smbfs, nodev, …)"
        listing = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False, timeout=5).stdout
        pairs = (line.partition(" on ")[2].rpartition(" (") for line in listing.splitlines())
        return [(Path(mount), rest.split(",")[0].rstrip(")")) for mount, _, rest in pairs if mount]
    return []


def _unescaped(text: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def _windows_drive(folder: Path) -> str:
    import ctypes

    remote = 4  # DRIVE_REMOTE of GetDriveTypeW
    kind = ctypes.windll.kernel32.GetDriveTypeW(folder.anchor)  # type: ignore[attr-defined,unused-ignore]
    return "smb" if folder.anchor.startswith("\\\\") or kind == remote else ""


def _number(header: bytes, offset: int) -> int:
    return int.from_bytes(header[offset : offset + 4], "big")


def without_password(address: str) -> tuple[str, str | None]:
    """The address of a database as it may be written down, and the password that was in it."""
    url = make_url(address)
    password = url.password or url.query.get("password")
    plain = url.set(password=None).difference_update_query(["password"]).render_as_string(hide_password=False)
    return plain, None if password is None else str(password)


def with_password(address: str, password: str) -> str:
    """The address of a database with the password in it."""
    return make_url(address).set(password=password).render_as_string(hide_password=False)


def shown_address(where: str) -> str:
    """`where` fit to be shown: a database address without its password."""
    scheme, mark, rest = where.partition("://")
    account, at, host = rest.rpartition("@")
    if not mark or not at or ":" not in account:
        return where
    return f"{scheme}://{account.partition(':')[0]}:***@{host}"
