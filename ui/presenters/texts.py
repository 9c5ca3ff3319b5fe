"""A text taken apart for showing: prose, JSON or code, as pieces that know where in the text they came from.

Nothing is lost or made up: JSON is laid out anew from its own tokens, so that numbers and repeated keys stay as written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

RECOGNISED = 200_000
"""Characters up to which a text is looked at for JSON and code; what is longer is shown as it is."""
COLOURED = 20_000
"""Characters of one stretch of code that are coloured."""
INLINE = 64
"""Lists of plain values up to this length stay on one line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end` of a text: added, removed, match or bad."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch to show. `kind` is how it is coloured (key, string, number, literal, keyword, comment, name; note: said by
    Curator, not in the text; layout: white space or a bidirectional mark that is not in the text); `at` where it starts in the
    text, -1 for what is not in it; `size` how many characters of the text it stands for; `mark` the kind of its mark."""

    text: str
    kind: str = ""
    at: int = -1
    size: int = 0
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text of one `kind`: prose, json or code."""

    kind: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """All that is shown of it."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place in a JSON value. `path` as `$.a[0]`; where it ends in `[]`, `value` says which item."""

    path: str
    message: str
    value: object = None


def parts(text: str, problems: Sequence[Problem] = (), marks: Sequence[Mark] = ()) -> tuple[Part, ...]:
    """The text as parts in order; none for an empty one."""
    if not text:
        return ()
    found = [Part("prose", (_piece(text, 0),))] if len(text) > RECOGNISED else list(_parts(text, problems))
    return tuple(marked(part, marks) for part in found) if marks else tuple(found)


def clean(text: str) -> str:
    """The text with what cannot be shown replaced, character by character: control characters by their pictures, line
    breaks of all kinds by one, halves of characters by the sign for a broken one."""
    return _UNSHOWN.sub(_shown, text.replace("\r\n", " \n"))


_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


def _shown(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code in (0x0D, 0x0B, 0x0C, 0x85, 0x2028, 0x2029):
        return "\n"
    if code == 0x7F:
        return "\u2421"
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"


def _piece(text: str, at: int, kind: str = "") -> Piece:
    return Piece(clean(text), kind, at, len(text))


def _parts(text: str, problems: Sequence[Problem]) -> Iterator[Part]:
    if is_json(text):
        yield Part("json", tuple(json_pieces(text, problems)))
        return
    at = 0
    for fence in _FENCE.finditer(text):
        if text[at : fence.start()].strip():
            yield Part("prose", (_piece(text[at : fence.start()].rstrip("\n"), at),))
        inside, start = fence.group("inside"), fence.start("inside")
        if is_json(inside):
            yield Part("json", tuple(replace(p, at=p.at + start if p.at >= 0 else -1) for p in json_pieces(inside, ())))
        else:
            yield Part("code", tuple(code_pieces(inside, start, fence.group("language").strip().lower())))
        at = fence.end()
    rest = text[at:]
    if at:
        rest = rest.removeprefix("\n")
        at = len(text) - len(rest)
    if not rest.strip() and at:
        return
    language = guess_language(rest)
    if language is not None:
        yield Part("code", tuple(code_pieces(rest, at, language)))
    else:
        yield Part("prose", (_piece(rest, at),))


_FENCE = re.compile(r"^```(?P<language>[^\n`]*)\n(?P<inside>.*?)(?:\n```[ \t]*$|\Z)", re.S | re.M)


# JSON


def is_json(text: str) -> bool:
    """True for a JSON object or list; a bare word or number is prose."""
    bare = text.strip()
    if not bare or (bare[0], bare[-1]) not in (("{", "}"), ("[", "]")):
        return False
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        return False
    return True


_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}\[\],:]', re.S
)
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LTR = re.compile("[A-Za-z\u00aa-\u02af\u0370-\u058f\u0900-\u1fff\u2c00-\ud7ff\uf900-\ufaff]")
_ISOLATE, _RELEASE = "\u2068", "\u2069"


def json_pieces(text: str, problems: Sequence[Problem] = ()) -> Iterator[Piece]:
    """The tokens of a JSON text, laid out one field a line; what is wrong is marked and said on a line below."""
    return _Layout(list(_TOKEN.finditer(text)), problems).pieces()


class _Level:
    """An object or a list that is open."""

    def __init__(self, opener: str, inline: bool):
        self.opener, self.inline = opener, inline
        self.key: str | None = None
        self.index = 0


class _Layout:
    """Lays the tokens of a JSON text out; not recursive, for JSON may be nested deeply."""

    def __init__(self, tokens: list[re.Match[str]], problems: Sequence[Problem]):
        self._tokens = tokens
        self._problems = list(problems)
        self._levels: list[_Level] = []
        self._notes: list[str] = []

    def pieces(self) -> Iterator[Piece]:
        for number, token in enumerate(self._tokens):
            word = token.group()
            if word in "{[":
                yield from self._value(token)
                self._levels.append(_Level(word, self._fits_a_line(number)))
                if self._tokens[number + 1].group() not in "}]":
                    yield from self._break()
            elif word in "}]":
                empty = self._tokens[number - 1].group() in "{["
                level = self._levels.pop()
                if not empty and not level.inline:
                    yield from self._break()
                yield Piece(word, "", token.start(), 1)
            elif word == ",":
                level = self._levels[-1]
                level.index, level.key = level.index + 1, None
                yield Piece(word, "", token.start(), 1)
                if level.inline:
                    yield Piece(" ", "layout")
                else:
                    yield from self._break()
            elif word == ":":
                yield Piece(word, "", token.start(), 1)
                yield Piece(" ", "layout")
            else:
                yield from self._value(token)
        yield from self._flush()

    def _value(self, token: re.Match[str]) -> Iterator[Piece]:
        word = token.group()
        level = self._levels[-1] if self._levels else None
        if level is not None and level.opener == "{" and level.key is None:
            level.key = json.loads(word, strict=False)
            yield from _string(token, "key")
            return
        mark = "bad" if self._problems and self._wrong_here(word) else ""
        if word[0] == '"':
            yield from _string(token, "string", mark)
        else:
            kind = "" if word in "{[" else "literal" if word in ("true", "false", "null") else "number"
            yield Piece(word, kind, token.start(), len(word), mark)

    def _wrong_here(self, word: str) -> bool:
        path = self._path()
        said = [problem for problem in self._problems if _meets(problem, path, word)]
        for problem in said:
            self._problems.remove(problem)
            self._notes.append(problem.message)
        return bool(said)

    def _path(self) -> str:
        path = "$"
        for level in self._levels:
            path += f"[{level.index}]" if level.opener == "[" else json_path_step(level.key or "")
        return path

    def _break(self) -> Iterator[Piece]:
        yield from self._flush()
        if not self._levels or not self._levels[-1].inline:
            yield Piece("\n" + "  " * len(self._levels), "layout")

    def _flush(self) -> Iterator[Piece]:
        for note in self._notes:
            yield Piece("\n" + "  " * len(self._levels), "layout")
            yield Piece(f"\u25b2 {clean(note)}", "note")
        self._notes.clear()

    def _fits_a_line(self, number: int) -> bool:
        """A list of plain values that is short."""
        if self._tokens[number].group() != "[":
            return False
        length = 0
        for token in self._tokens[number + 1 :]:
            word = token.group()
            if word == "]":
                return True
            length += len(word) + 1
            if word in "{[" or length > INLINE:
                return False
        return False


def json_path_step(key: str) -> str:
    """A key as a step of a JSON path, as the jsonschema library writes it."""
    if re.fullmatch("[a-zA-Z][a-zA-Z0-9_]*", key):
        return f".{key}"
    escaped = key.replace("\\", "\\\\").replace("'", r"\'")
    return f"['{escaped}']"


def _meets(problem: Problem, path: str, word: str) -> bool:
    if problem.path == path:
        return True
    if problem.value is None or re.sub(r"\[\d+\]", "[]", path) != problem.path or word in "{[":
        return False
    return bool(json.loads(word, strict=False) == problem.value)


def _string(token: re.Match[str], kind: str, mark: str = "") -> Iterator[Piece]:
    """A string with its letters readable, kept apart from the marks around it where it runs from right to left."""
    word = token.group()
    shown = word
    if "\\u" in word:
        decoded = json.dumps(json.loads(word, strict=False), ensure_ascii=False)
        shown = decoded if decoded.isprintable() else word
    piece = Piece(clean(shown), kind, token.start(), len(word), mark)
    if _RTL.search(shown):
        yield from (Piece(_ISOLATE, "layout"), piece, Piece(_RELEASE, "layout"))
    else:
        yield piece


def is_rtl(line: str) -> bool | None:
    """True where the first strong character runs from right to left, None without one."""
    rtl = _RTL.search(line)
    ltr = _LTR.search(line)
    if rtl is None or (ltr is not None and ltr.start() < rtl.start()):
        return None if ltr is None else False
    return True


# Code

_SIGNS = {
    "python": r"(async )?def \w+\(.*|class \w+.*:|(from [\w.]+ )?import [\w.*, ]+|(if|for|while|elif|with|try|except|else)\b.*:|return\b.*|print\(.*|@\w+.*|>>> .*|\w+(\.\w+)* [-+*/]?= .*",
    "javascript": r"(export |async )*(function\b.*\{|const \w+ = .*|let \w+ = .*|var \w+ = .*)|.*=> \{|\}\)?;?|.*[;{]|//.*",
    "sql": r"(?i:select|insert into|update|delete from|create (table|view|index)|from|where|group by|order by|(left |inner |outer )?join|having|limit|values|union|with \w+ as)\b.*",
    "c": r"#include\b.*|(public|private|protected|static|void|int|double|bool|char|string)\b.*[;{]|.*[;{]|\}|//.*",
    "html": r"</?[a-zA-Z!][^>]*>.*",
    "bash": r"\$ .*|#!.*|(sudo|apt|pip|npm|git|cd|ls|cat|echo|export|curl|docker)\b .*",
}
_LINE = {language: re.compile(rf"\s*(?:{pattern})\s*") for language, pattern in _SIGNS.items()}
_STARTS = {
    "python": re.compile(r"\s*((async )?def \w+\(|class \w+[(:]|import \w+\s*$|from [\w.]+ import |@\w+|>>> )", re.M),
    "javascript": re.compile(r"\s*(export |async )*(function\b.*\(|const \w+ =|let \w+ =|var \w+ =)"),
    "sql": re.compile(
        r"\s*(SELECT\b.+\bFROM\b|INSERT INTO \w+|UPDATE \w+ SET |DELETE FROM \w+|CREATE (TABLE|VIEW|INDEX)\b"
        r"|select\s+[\w*., ]+\s+from\s+\w+\s*(;|where\b|group by\b|order by\b|limit\b|$))",
        re.S,
    ),
    "c": re.compile(r"\s*(#include\b|(public |private |static )+[\w<>]+|(void|int|double|char|bool) \w+\()"),
    "html": re.compile(r"\s*<(!doctype|html|div|p|span|ul|table|body|head|\?xml|svg|h[1-6])\b", re.I),
    "bash": re.compile(r"\s*(#!/|\$ \w+)"),
}
CODE_LINES = 0.5
"""Share of the lines that must look like code of a language before a text is shown as that."""


def guess_language(text: str) -> str | None:
    """The language of a text that is code from its first line on, None for prose."""
    lines = [line for line in text[:COLOURED].splitlines() if line.strip()]
    for language, start in _STARTS.items():
        if not start.match(text):
            continue
        # What is indented belongs to the line above it, whatever it says.
        hits = sum(bool(_LINE[language].fullmatch(line)) or line.startswith(("    ", "\t")) for line in lines)
        if hits >= CODE_LINES * len(lines):
            return language
    return None


def code_pieces(text: str, at: int, language: str) -> Iterator[Piece]:
    """Code as pieces, coloured where its language is known."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False) if language else None
    except ClassNotFound:
        lexer = None
    coloured = text[:COLOURED] if lexer is not None else ""
    # Pygments makes one line break of two characters, which would move all that follows.
    if lexer is None or "\r" in coloured or coloured.startswith("\ufeff"):
        yield _piece(text, at)
        return
    for start, token, value in lexer.get_tokens_unprocessed(coloured):
        yield _piece(value, at + start, _code_kind(str(token)))
    if len(text) > COLOURED:
        yield _piece(text[COLOURED:], at + COLOURED)


def _code_kind(token: str) -> str:
    for prefix, kind in _CODE_KINDS.items():
        if token.startswith(prefix):
            return kind
    return ""


_CODE_KINDS: Mapping[str, str] = {
    "Token.Comment": "comment",
    "Token.Keyword": "keyword",
    "Token.Operator.Word": "keyword",
    "Token.Literal.String": "string",
    "Token.Literal.Number": "number",
    "Token.Name.Function": "name",
    "Token.Name.Class": "name",
    "Token.Name.Tag": "name",
}


# Marks


def marked(part: Part, marks: Sequence[Mark]) -> Part:
    """The part with its pieces cut at the marks; a piece that is not shown letter by letter is marked whole."""
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.end))
    return replace(part, pieces=tuple(cut for piece in part.pieces for cut in _cut(piece, ordered)))


def _cut(piece: Piece, marks: Sequence[Mark]) -> Iterator[Piece]:
    end = piece.at + piece.size
    inside = [m for m in marks if m.end > piece.at and m.start < end] if piece.at >= 0 and piece.size else []
    if not inside:
        yield piece
        return
    if len(piece.text) != piece.size:
        yield replace(piece, mark=inside[0].kind)
        return
    at = piece.at
    for mark in inside:
        start, stop = max(at, mark.start), min(end, mark.end)
        if start > at:
            yield _slice(piece, at, start, piece.mark)
        if stop > start:
            yield _slice(piece, start, stop, mark.kind)
        at = max(at, stop)
    if at < end:
        yield _slice(piece, at, end, piece.mark)


def _slice(piece: Piece, start: int, stop: int, mark: str) -> Piece:
    return Piece(piece.text[start - piece.at : stop - piece.at], piece.kind, start, stop - start, mark)


def shortened(found: Sequence[Part], room: int) -> tuple[tuple[Part, ...], int]:
    """The parts cut to about `room` characters, and how many characters are left out."""
    total = sum(len(piece.text) for part in found for piece in part.pieces)
    # A few words more are shown sooner than a line that says they are hidden.
    if total <= room * 1.2:
        return tuple(found), 0
    kept: list[Part] = []
    left = room
    for part in found:
        pieces: list[Piece] = []
        for piece in part.pieces:
            if left <= 0:
                break
            size = left if len(piece.text) == piece.size else len(piece.text)
            pieces.append(piece if len(piece.text) <= size else _slice(piece, piece.at, piece.at + size, piece.mark))
            left -= len(piece.text)
        if pieces:
            kept.append(replace(part, pieces=tuple(pieces)))
    return tuple(kept), total - sum(len(piece.text) for part in kept for piece in part.pieces)
