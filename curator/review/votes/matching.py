"""Which example of a project each item of an outside file of votes is."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from curator.errors import InputError
from curator.formats.records import text_of
from curator.model import Example
from curator.review.votes.files import Said, VoteFile
from curator.text import plural

_NUMBERED = frozenset({"example", "example_id"})
"""Columns that hold the examples' numbers and nothing else."""
_MAY_NUMBER = frozenset("id item item_id number nr".split())
_OWN_ID = re.compile(r"^(?:.*[_.\- ])?(?:id|uuid|guid|key|hash|no|nr|number)$", re.I)
_NOT_OWN = frozenset({"annotation_id", "_task_hash", "user_id", "_session_id", "_annotator_id", "project_id"})
"""Ids of something else than the text."""
_PLACE = re.compile(r"^(?P<source>.+?)(?:, line (?P<line>\d+)|, record (?P<record>\d+)|:(?P<at>\d+))$", re.S)

Key = Callable[[Said], str | None]


@dataclass(frozen=True, slots=True)
class Fit:
    """Where an item belongs: the id of its `example`, or None and the reason."""

    example: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to tell the example: what the item says (`key`), and the examples that answer to it. `name` as in an error."""

    name: str
    key: Key
    ids: Mapping[str, tuple[int, ...]]

    def find(self, said: Said) -> tuple[int, ...]:
        key = self.key(said)
        return () if key is None else self.ids.get(key, ())


class Matcher:
    """Finds examples by number, by an id that they were imported with, by source and record or line, or by their very input.

    The first way that fits most items is taken for all; where two would give different examples, nobody can know which is
    meant, unless the items' texts tell. Raises InputError then.
    """

    def __init__(self, examples: Iterable[Example], file: VoteFile):
        self._file = file
        self._texts: dict[str, list[int]] = {}
        self._text_of: dict[int, str] = {}
        numbers: dict[str, list[int]] = {}
        places: dict[str, list[int]] = {}
        own: dict[str, dict[str, list[int]]] = {}
        said, texts = _mentioned(file.said)
        for example in examples:
            # What the file does not mention is not kept: a project may hold far more than the file.
            text, number = folded(example.input), str(example.id)
            found = [(self._texts, text)] if text in texts else []
            found += [(numbers, number)] if number in said else []
            found += [(places, place) for place in _places(example) if place in said]
            for key, value in example.extra.items():
                if isinstance(value, str | int) and key not in _NOT_OWN and _OWN_ID.match(key):
                    name = text_of(value).strip()
                    found += [(own.setdefault(key, {}), name)] if name in said else []
            for kept, key in found:
                kept.setdefault(key, []).append(example.id)
                self._text_of[example.id] = text
        self._by_text = _Way("text", self._text_key(), _frozen(self._texts))
        self._way = self._choose(self._ways(numbers, own, places))

    @property
    def how(self) -> str:
        """By what most items were found."""
        return self._way.name

    def find(self, said: Said) -> Fit:
        """The example that an item is."""
        found = self._sure(self._way, said) or self._sure(self._by_text, said)
        if len(found) == 1:
            return Fit(found[0])
        if found:
            return Fit(
                None, f"it fits examples {', '.join(map(str, found[:5]))}" + (" and more" if len(found) > 5 else "")
            )
        other = self._way.find(said)
        if other:
            return Fit(None, f"example {other[0]} has its {self._way.name} and another text")
        return Fit(None, "no example has its number, its id, its place or its text")

    def _sure(self, way: _Way, said: Said) -> tuple[int, ...]:
        """The examples that an item may be; none whose text is not the item's, where that is known."""
        found = way.find(said)
        text = self._by_text.key(said)
        # A text that no example has says nothing: it may have been edited, or be no text of an example at all.
        if not found or text is None or (said.text is None and text not in self._texts):
            return found
        return tuple(id for id in found if self._text_of[id] == text)

    def _text_key(self) -> Key:
        """The item's text: an export has it; of a table's columns the one that holds most examples' texts."""
        said = self._file.said
        columns = {name: None for one in said for name in one.names}
        hits = {name: sum(folded(one.names.get(name, "")) in self._texts for one in said) for name in columns}
        best = max(hits, key=lambda name: hits[name], default=None)
        column = best if best is not None and hits[best] else None

        def key(one: Said) -> str | None:
            if one.text is not None:
                return folded(one.text)
            return folded(one.names.get(column, "")) if column is not None else folded(one.item)

        return key

    def _ways(
        self,
        numbers: Mapping[str, list[int]],
        own: Mapping[str, Mapping[str, list[int]]],
        places: Mapping[str, list[int]],
    ) -> list[list[_Way]]:
        """All ways, those that tell no more than each other together, the surest first."""
        columns = dict.fromkeys(name for one in self._file.said for name in one.names)
        plain = {name: name.strip().lower().replace(" ", "_") for name in columns}
        by_number = _frozen(numbers)
        sure = [_Way("number", _cell(name), by_number) for name in columns if plain[name] in _NUMBERED]
        keys: list[Key] = [lambda said: said.item.strip()]
        keys += [_cell(name) for name in columns if plain[name] in _MAY_NUMBER and name != self._file.item]
        guessed = [_Way("number", key, by_number) for key in keys]
        guessed += [_Way(f"id ({name})", keys[0], _frozen(ids)) for name, ids in own.items()]
        # A column of the name that the id had when the examples were imported.
        named = [_Way(f"id ({name})", _cell(name), _frozen(own[name])) for name in columns if name in own]
        placed = [_Way("place", key, _frozen(places)) for key in (_place_cells, _place_item)]
        return [sure, placed, named, guessed, [self._by_text]]

    def _choose(self, groups: Sequence[Sequence[_Way]]) -> _Way:
        items = list({(one.item, tuple(one.names.items())): one for one in self._file.said}.values())
        for ways in groups:
            found = [[self._sure(way, one) for one in items] for way in ways]
            hits = [sum(map(bool, one)) for one in found]
            few = max(hits, default=0) * 2 < len(items)
            if not any(hits) or (few and self._text_hits(items) > max(hits)):
                continue
            best = hits.index(max(hits))
            for at, way in enumerate(ways):
                pairs = [(a, b) for a, b in zip(found[best], found[at], strict=True) if a and b]
                differ = sum(not set(a) & set(b) for a, b in pairs)
                if hits[at] * 2 >= hits[best] and differ * 2 > len(pairs):
                    raise InputError(
                        f"{plural(differ, 'item')} could be told by the examples' {ways[best].name} or by their {way.name}, which "
                        'are different examples; add a column "example" with their numbers, or one with their texts.',
                        path=self._file.path,
                    )
            return ways[best]
        return self._by_text

    def _text_hits(self, items: Sequence[Said]) -> int:
        return sum(bool(self._by_text.find(one)) for one in items)


def _mentioned(said: Iterable[Said]) -> tuple[set[str], set[str]]:
    """Whatever a file says that may be a number, an id or a place; and what may be a text, folded."""
    plain: set[str] = set()
    texts: set[str] = set()
    for one in said:
        cells = (one.item, *one.names.values())
        plain.update(cell.strip() for cell in cells)
        plain.update(place for place in (_place_cells(one), _place_item(one)) if place is not None)
        texts.update(folded(cell) for cell in (cells if one.text is None else [one.text]))
    return plain, texts


def folded(text: str) -> str:
    """A text as it is compared: composed, blanks made one; its hash, where it is long."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if len(plain) <= 64:
        return plain
    return hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=24).hexdigest()


def _frozen(found: Mapping[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(ids) for key, ids in found.items() if key}


def _cell(name: str) -> Key:
    return lambda said: said.names.get(name, "").strip() or None


def _places(example: Example) -> Iterable[str]:
    ref = example.ref
    for source in {ref.source, PurePath(ref.source).name}:
        yield f"{source}\0record\0{ref.record}"
        if ref.line is not None:
            yield f"{source}\0line\0{ref.line}"


def _place_cells(said: Said) -> str | None:
    """Columns `source` with `record` or `line`, as the table of scores has them."""
    source = said.names.get("source")
    for kind in ("record", "line"):
        if source and (at := said.names.get(kind, "").strip()):
            return f"{source}\0{kind}\0{at}"
    return None


def _place_item(said: Said) -> str | None:
    """`pairs.csv:3` for a record, and what examples are called on the screen: `pairs.csv, line 4`."""
    found = _PLACE.match(said.item.strip())
    if found is None:
        return None
    kind, at = ("line", found["line"]) if found["line"] else ("record", found["record"] or found["at"])
    return f"{found['source']}\0{kind}\0{at}"
