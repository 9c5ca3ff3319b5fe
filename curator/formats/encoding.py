"""Bytes to text: which encoding a file is in, and streams of its lines that never fail on a bad byte.

Bytes that cannot be decoded come through as lone surrogates, so one bad record is rejected and the rest
of the file is read.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

BROKEN_STREAM = (EOFError, zlib.error, gzip.BadGzipFile)
"""What a cut-off or damaged .gz raises while it is read."""

_EVIDENCE_LINES = 400
_EVIDENCE_BYTES = 1 << 18
_CHUNK = 1 << 20
# The codecs without a byte order mark of their own never fail on one; readers take the mark off the text.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff" * (error.end - error.start), error.end


codecs.register_error("curator.mark", _mark)


def errors_for(encoding: str) -> str:
    """The error handler for an encoding: UTF-8 keeps bad bytes exactly, the others mark them."""
    return "surrogateescape" if encoding.startswith("utf-8") else "curator.mark"


def open_bytes(path: Path) -> BinaryIO:
    """The file's bytes, unpacked where it is gzip."""
    stream = path.open("rb")
    if stream.read(2) == b"\x1f\x8b":
        stream.close()
        return cast(BinaryIO, gzip.open(path, "rb"))
    stream.seek(0)
    return stream


def open_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """The file's text, line ends kept as they are; a line ends at LF, CR or CRLF."""
    return io.TextIOWrapper(open_bytes(path), encoding, errors_for(encoding), newline="")


def chunks(path: Path, size: int = _CHUNK) -> Iterator[bytes]:
    """The file's bytes in pieces of at most `size`; ends early where a .gz is damaged."""
    with open_bytes(path) as stream:
        while True:
            try:
                chunk = cast(io.BufferedReader, stream).read1(size)
            except BROKEN_STREAM:
                return
            if not chunk:
                return
            yield chunk


def head_bytes(path: Path, size: int) -> bytes:
    """The first `size` bytes."""
    found = bytearray()
    for chunk in chunks(path, size):
        found += chunk
        if len(found) >= size:
            break
    return bytes(found[:size])


def head_text(path: Path, encoding: str, size: int) -> str:
    """About the first `size` bytes as text; a character cut in two at the end is left out."""
    decoder = codecs.getincrementaldecoder(encoding)(errors_for(encoding))
    return decoder.decode(head_bytes(path, size), final=False)


def detect_encoding(path: Path) -> str:
    """The name of the file's encoding; UTF-8 where every byte is ASCII.

    Looks at the whole file until it has seen enough lines with bytes above 127, since the first accent of
    a Latin-1 file may come late.
    """
    head = head_bytes(path, 4096)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if wide := _utf16_without_bom(head):
        return wide
    evidence = _evidence(path)
    if not evidence:
        return "utf-8"
    good, bad = _utf8_counts(evidence)
    return "utf-8" if good >= bad else _legacy(evidence)


def _utf16_without_bom(head: bytes) -> str | None:
    """ASCII letters in UTF-16 leave a NUL in every second byte, on one side only."""
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = head[0::2].count(0) / pairs, head[1::2].count(0) / pairs
    if odd > 0.3 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 and odd < 0.05 else None


def _evidence(path: Path) -> list[bytes]:
    """Lines with bytes above 127, at most _EVIDENCE_LINES of them, none cut inside a character if it is short."""
    lines: list[bytes] = []
    size = 0
    rest = b""
    for chunk in chunks(path):
        if chunk.isascii() and not rest:
            continue
        data = rest + chunk
        cut = data.rfind(b"\n") + 1 or len(data)
        rest = data[cut:]
        if rest.isascii():
            rest = b""
        for line in data[:cut].splitlines():
            if not line.isascii():
                lines.append(line[: 1 << 16])
                size += len(lines[-1])
        if len(lines) >= _EVIDENCE_LINES or size >= _EVIDENCE_BYTES:
            return lines
    return [*lines, rest[: 1 << 16]] if rest else lines


_UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|([\x80-\xff])"
)


def _utf8_counts(lines: list[bytes]) -> tuple[int, int]:
    """How many characters of several bytes are valid UTF-8, and how many bytes are not."""
    good = bad = 0
    for line in lines:
        for found in _UTF8_SEQUENCE.finditer(line):
            if found[1]:
                bad += 1
            else:
                good += 1
    return good, bad


def _legacy(lines: list[bytes]) -> str:
    """An encoding from before Unicode.

    For Western text charset-normalizer confuses Mac Roman and Windows-1252, so those two are told apart by
    how their letters and signs sit in words; it is asked for everything else.
    """
    data = b"\n".join(lines)[:_EVIDENCE_BYTES]
    letters = sum(byte > 127 or chr(byte).isalpha() for byte in data)
    high = sum(byte > 127 for byte in data)
    if high > 0.3 * letters:
        from charset_normalizer import from_bytes

        best = from_bytes(data).best()
        if best is not None and not best.encoding.startswith(("ascii", "utf")):  # those were ruled out
            return best.encoding
    # cp1252 is tried first and so wins a tie; it reads what Latin-1 files hold in the same way.
    return max(("cp1252", "mac_roman"), key=lambda name: _western_score(data.decode(name, "curator.mark")))


_COMMON = frozenset("éèêëàâäáãåçñíìîïóòôöõøúùûüßæœýÿ")
_QUOTES_OPEN, _QUOTES_CLOSE = frozenset("“‘«„"), frozenset("”’»")


def _western_score(text: str) -> float:
    """How much the characters above 127 look like Western text: higher is likelier."""
    score = 0.0
    padded = f" {text} "
    for at in range(1, len(padded) - 1):
        here = padded[at]
        if here.isascii():
            continue
        before, after = padded[at - 1], padded[at + 1]
        inside = before.isalpha() or after.isalpha()
        if "\udc80" <= here <= "\udcff" or "\x80" <= here <= "\x9f":
            score -= 4
        elif here == "’" and before.isalpha():
            score += 3
        elif here in _QUOTES_OPEN:
            score += 2 if not before.isalpha() else -1
        elif here in _QUOTES_CLOSE:
            score += 2 if not before.isspace() else -1
        elif here in "–—…€°£·•":
            score += 1 if not (before.isalpha() and after.isalpha()) else -1
        elif here.isalpha():
            score += _letter_score(here, before, inside)
        else:
            score -= 3 if before.isalpha() and after.isalpha() else 1
    return score


def _letter_score(here: str, before: str, inside: bool) -> float:
    if not inside:
        return 1 if here in "àéèôóáâ" else -2
    if here.isupper():
        return -3 if before.islower() else 0.5
    return 2 if here in _COMMON else 0
