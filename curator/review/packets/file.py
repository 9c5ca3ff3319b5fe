"""The file of a packet: a zip of a fixed set of members, signed, and read in memory without trusting any of it.

Signing: the project's secret makes one key for each packet, and the packet carries its key, so that the reviewer's
Curator can sign the answer; the owner's makes the key anew from the secret. This shows damage on the way, edits by hand,
a packet of another project, and one reviewer writing as another, whose key they have not. It does not protect against
somebody who reads the mail: they hold the key as the reviewer does. Who must keep such people out sends packets by a way
that they cannot read.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from curator.errors import EnvironmentFailure, InputError
from curator.files import reason, write_bytes

SUFFIX = ".packet"
SCHEMA = "curator/packet/1"
HEAD, ITEMS, SLOTS, VOTES, SIGNATURE = "packet.json", "items.jsonl", "slots.jsonl", "votes.jsonl", "signature"
MEMBERS = frozenset({HEAD, ITEMS, SLOTS, VOTES, SIGNATURE})
_SETS = (frozenset({HEAD, ITEMS, SLOTS, SIGNATURE}), frozenset({HEAD, VOTES, SIGNATURE}))

MAX_FILE = 256 << 20
MAX_UNPACKED = 512 << 20
_MOST_MEMBERS = 16
_PLAIN = re.compile(r"[a-z]{1,20}(\.[a-z]{1,10})?")
_MAX_RATIO = 200
"""Texts of one template are compressed to a fiftieth; a bomb to a thousandth."""
_RATIO_FROM = 1 << 20
_DAY = (1980, 1, 1, 0, 0, 0)
_MODE = (stat.S_IFREG | 0o644) << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x41
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises for a file that is none, or no longer one."""
_LOCAL_HEADER = struct.Struct("<4s22xHH")


def is_packet(path: str | Path) -> bool:
    """Whether the content of a file begins as a packet does; the name tells nothing."""
    try:
        with Path(path).open("rb") as file:
            start = file.read(_LOCAL_HEADER.size + len(HEAD))
    except OSError:
        return False
    if len(start) < _LOCAL_HEADER.size:
        return False
    magic, length, _ = _LOCAL_HEADER.unpack_from(start)
    return magic == b"PK\3\4" and length == len(HEAD) and start.endswith(HEAD.encode())


def key_of(secret: bytes, packet: str) -> bytes:
    """The key of a packet, by its id."""
    return hmac.digest(secret, b"packet" + packet.encode(), "sha256")


def write_members(path: Path, members: Mapping[str, bytes], key: bytes, secret: bytes | None = None) -> None:
    """Write a packet: its members, and a signature over them by `key`; with `secret` also the owner's seal.

    The same members give the same bytes. Raises InputError for more than `read_members` takes.
    """
    signed = {"signature": _sign(key, members)}
    if secret is not None:
        signed["seal"] = _sign(secret, members)
    whole = {**members, SIGNATURE: json.dumps(signed, sort_keys=True).encode()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(whole, key=lambda name: (name != HEAD, name)):
            _add(archive, name, whole[name])
    if file.tell() > MAX_FILE or sum(map(len, whole.values())) > MAX_UNPACKED:
        raise InputError(
            f"This packet would be larger than the {MAX_FILE >> 20} MB that one may have; share the items among more "
            "reviewers, or make several smaller rounds.",
            path=path,
        )
    write_bytes(path, file.getvalue())


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """Add a member under the same time and rights always, packed unless the reader would take it for a bomb."""
    info = zipfile.ZipInfo(name, _DAY)
    info.create_system, info.external_attr = 3, _MODE
    info.compress_type = zipfile.ZIP_DEFLATED
    if len(data) > _RATIO_FROM and len(data) > _MAX_RATIO * len(zlib.compress(data, 6)):
        info.compress_type = zipfile.ZIP_STORED
    archive.writestr(info, data, compresslevel=6)


def read_members(path: Path) -> dict[str, bytes]:
    """The members of a packet by name, read in memory; nothing but the form of the file is checked.

    Raises InputError for what is no packet, is damaged, is of a newer Curator, holds what belongs in no packet, or unpacks
    to more than one may hold.
    """
    data = _bytes_of(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _members(archive, path)
    except InputError:
        raise
    except _DAMAGED:
        if data[:2] == b"PK":
            raise InputError(DAMAGED, path=path) from None
        raise InputError("is not a packet of Curator.", path=path) from None


def check_signature(members: Mapping[str, bytes], key: bytes, path: Path) -> None:
    """Raises InputError where the packet was not signed by this key as it is now."""
    if not hmac.compare_digest(_signed(members, path)["signature"].encode(), _sign(key, members).encode()):
        raise InputError(DAMAGED, path=path)


def sealed_by(members: Mapping[str, bytes], secret: bytes, path: Path) -> bool:
    """Whether the project with this secret wrote the packet."""
    return hmac.compare_digest(_signed(members, path).get("seal", "").encode(), _sign(secret, members).encode())


DAMAGED = "was damaged or changed on the way; nothing was taken from it: ask for it to be sent again."


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        raise InputError("There is no such file; name a packet.", path=path) from None
    except OSError as error:
        if path.is_dir():
            raise InputError("is a folder; name a packet.", path=path) from None
        raise EnvironmentFailure(f"{path}: The packet cannot be read ({reason(error)}).") from None
    if len(data) > MAX_FILE:
        raise InputError(f"is larger than the {MAX_FILE >> 20} MB that a packet may have.", path=path)
    return data


def _members(archive: zipfile.ZipFile, path: Path) -> dict[str, bytes]:
    infos = {info.orig_filename: info for info in archive.infolist()}
    if len(infos) < len(archive.infolist()) or len(infos) > _MOST_MEMBERS:
        raise InputError("is not a packet of Curator: it holds a file twice, or far too many.", path=path)
    if wild := [name for name in infos if not _PLAIN.fullmatch(name)]:
        raise InputError(f"was refused: it holds a file named {wild[0][:60]!r}, which no packet does.", path=path)
    if HEAD not in infos:
        raise InputError(f"is not a packet of Curator: there is no {HEAD} in it.", path=path)
    _check_sizes(list(infos.values()), path)
    members = {HEAD: archive.read(infos[HEAD])}
    _check_schema(members[HEAD], path)
    if other := sorted(set(infos) - MEMBERS):
        raise InputError(f"was refused: it holds a file named {other[0][:60]!r}, which no packet does.", path=path)
    if set(infos) not in _SETS:
        raise InputError(DAMAGED, path=path)
    return members | {name: archive.read(infos[name]) for name in sorted(infos) if name != HEAD}


def _check_sizes(infos: list[zipfile.ZipInfo], path: Path) -> None:
    """By what the file says of itself: reading stops where a member is longer than said, for its checksum is then wrong."""
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            raise InputError("is encrypted, which no packet is.", path=path)
        if info.compress_type not in _METHODS:
            raise InputError("is not a packet of Curator: it is packed in a way that no packet is.", path=path)
        bomb = info.file_size > _RATIO_FROM and info.file_size > _MAX_RATIO * info.compress_size
        if bomb or sum(one.file_size for one in infos) > MAX_UNPACKED:
            raise InputError("was refused: it would unpack to far more than a packet holds.", path=path)


def _check_schema(head: bytes, path: Path) -> None:
    try:
        said = json.loads(head)["schema"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise InputError(DAMAGED, path=path) from None
    if said == SCHEMA:
        return
    name, _, version = SCHEMA.rpartition("/")
    found = re.fullmatch(rf"{name}/(\d{{1,6}})", said) if isinstance(said, str) else None
    if found is None:
        raise InputError("is not a packet of Curator.", path=path)
    raise InputError(
        f"was made by another version of Curator (packet format {found[1]}, this one knows {version}); update Curator on "
        "both sides, then write it anew.",
        path=path,
    )


def _signed(members: Mapping[str, bytes], path: Path) -> dict[str, str]:
    try:
        said = json.loads(members[SIGNATURE])
        signed = {name: said[name] for name in ("signature", "seal") if name in said}
    except (ValueError, TypeError, RecursionError):
        raise InputError(DAMAGED, path=path) from None
    if "signature" not in signed or not all(isinstance(value, str) and value.isascii() for value in signed.values()):
        raise InputError(DAMAGED, path=path)
    return signed


def _sign(key: bytes, members: Mapping[str, bytes]) -> str:
    """HMAC-SHA256 over every member but the signature: its name and content, each after its length."""
    digest = hmac.new(key, SCHEMA.encode() + b"\0", hashlib.sha256)
    for name in sorted(set(members) - {SIGNATURE}):
        for part in (name.encode(), members[name]):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return digest.hexdigest()
