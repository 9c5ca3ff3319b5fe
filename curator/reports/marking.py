"""Texts cut to what is worth showing, with the words marked that another text does not have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS = 600
"""What lies between the common beginning and end is compared up to here: it takes quadratic time at worst."""
ROOM = 640


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `marked` where the other text does not have it."""

    text: str
    marked: bool = False


def differing(text: str, other: str, room: int = ROOM) -> tuple[Piece, ...]:
    """`text` as pieces, marked where it differs from `other`, cut to about `room` characters around the first mark.

    Nothing is marked where `other` is empty: everything would be.
    """
    if not other.strip():
        return plain(text, room)
    mine, theirs = _WORDS.findall(text), _WORDS.findall(other)
    before = _shared(mine, theirs)
    after = _shared(mine[before:][::-1], theirs[before:][::-1])
    middle, other_middle = mine[before : len(mine) - after], theirs[before : len(theirs) - after]
    compared = SequenceMatcher(None, middle[:_MOST_WORDS], other_middle[:_MOST_WORDS], autojunk=False)
    pieces = [Piece("".join(mine[:before]))]
    for kind, start, end, _, _ in compared.get_opcodes():
        pieces.append(Piece("".join(middle[start:end]), kind != "equal"))
    pieces.append(Piece("".join(middle[_MOST_WORDS:])))
    pieces.append(Piece("".join(mine[len(mine) - after :])))
    return _around_first_mark(_joined([piece for piece in pieces if piece.text]), room)


def _shared(first: list[str], second: list[str]) -> int:
    """How many words the two begin with in common."""
    count = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        count += 1
    return count


def plain(text: str, room: int = ROOM) -> tuple[Piece, ...]:
    """`text` without marks, cut to `room` characters."""
    return _around_first_mark([Piece(text)], room)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Marks with nothing but a space between them as one mark, which is calmer to read."""
    joined: list[Piece] = []
    for index, piece in enumerate(pieces):
        between = 0 < index < len(pieces) - 1 and pieces[index - 1].marked and pieces[index + 1].marked
        marked = piece.marked or (between and piece.text.isspace())
        if joined and joined[-1].marked and marked:
            joined[-1] = Piece(joined[-1].text + piece.text, True)
        else:
            joined.append(Piece(piece.text, marked))
    return [part for piece in joined for part in _bare(piece)]


def _bare(piece: Piece) -> list[Piece]:
    """A mark without the spaces at its ends, which would be drawn as marks of nothing."""
    core = piece.text.strip()
    if not piece.marked or not core:
        return [piece]
    start = piece.text.index(core)
    parts = (Piece(piece.text[:start]), Piece(core, True), Piece(piece.text[start + len(core) :]))
    return [part for part in parts if part.text]


def _around_first_mark(pieces: list[Piece], room: int) -> tuple[Piece, ...]:
    before = 0
    for piece in pieces:
        if piece.marked:
            break
        before += len(piece.text)
    else:
        before = 0
    skip = max(0, before - room // 3) if sum(len(p.text) for p in pieces) > room else 0
    kept: list[Piece] = [Piece("… ")] if skip else []
    for piece in pieces:
        text, skip = piece.text[skip:], max(0, skip - len(piece.text))
        if not text:
            continue
        if len(text) > room:
            kept.append(Piece(text[:room] + " …", piece.marked))
            break
        kept.append(Piece(text, piece.marked))
        room -= len(text)
    return tuple(kept)
