"""The guide: its pages as files, their order, search, and the page that fits each place of the window.

The pages are plain Markdown in `resources/guide`, so that they read as well where the code is hosted. `index.md` says their
order: each of its headings with links below it is a group, and the words of a link are its line. A translation of NAME.md is LANGUAGE/NAME.md; what has none is
shown in English, and said to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from curator.resources import resource
from ui.i18n import language

INDEX = "index"
FITTING = {
    "welcome": "getting-started",
    "importing": "getting-started",
    "overview": "getting-started",
    "readiness": "when-to-fine-tune",
    "examples": "examples",
    "findings": "findings",
    "review": "reviewing",
    "rounds": "rounds",
    "agreement": "agreement",
    "adjudicate": "agreement",
    "map": "map",
    "export": "export",
    "releases": "releases",
    "compare": "compare",
}
"""The page of the guide for each page of the window; for the others the index."""
EXCERPT = 90
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class Article:
    """One page. `translated`: it is in the language asked for."""

    name: str
    title: str
    text: str
    translated: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the contents."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Group:
    """Pages under one heading of the index."""

    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A page that says what was searched for, and where."""

    name: str
    title: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads: a page of the guide (and a heading on it), or an address outside."""

    page: str = ""
    heading: str = ""
    outside: str = ""


def exists(name: str) -> bool:
    """Whether the guide has a page of this name."""
    return re.fullmatch(r"[\w-]+", name) is not None and _file(name).is_file()


def article(name: str, spoken: str | None = None) -> Article:
    """A page in the language in use, else in English. Raises KeyError for a page that there is not."""
    if not exists(name):
        raise KeyError(name)
    return _read(name, spoken or language())


def _file(name: str, spoken: str = "en") -> Path:
    folder = resource("guide")
    return (folder if spoken == "en" else folder / spoken) / f"{name}.md"


@lru_cache(maxsize=128)
def _read(name: str, spoken: str) -> Article:
    own = _file(name, spoken)
    translated = own.is_file()
    text = (own if translated else _file(name)).read_text(encoding="utf-8")
    first = text.splitlines()[0] if text else ""
    return Article(name, first.removeprefix("# ").strip(), text, translated)


def contents(spoken: str | None = None) -> list[Group]:
    """The pages in the order of the index, by its headings; the index itself leads."""
    index = article(INDEX, spoken)
    groups = [Group("", (Entry(INDEX, index.title),))]
    for heading, body in _sections(index.text):
        named = {target(address, INDEX).page: text for text, address in _LINK.findall(body)}
        entries = tuple(Entry(name, text) for name, text in named.items() if exists(name) and name != INDEX)
        if entries and heading:
            groups.append(Group(heading, entries))
    return groups


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Headings of the second level, each with what stands below it; "" for what stands before the first."""
    heading, lines = "", []
    for line in text.splitlines():
        if line.startswith("## "):
            yield heading, "\n".join(lines)
            heading, lines = line.removeprefix("## ").strip(), []
        else:
            lines.append(line)
    yield heading, "\n".join(lines)


def target(address: str, here: str) -> Target:
    """Where a link on the page `here` leads."""
    if re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE):
        return Target(outside=address)
    path, _, heading = address.partition("#")
    if not path:
        return Target(page=here, heading=heading)
    return Target(page=path.removeprefix("./").removeprefix("../").removesuffix(".md"), heading=heading)


def links(text: str) -> list[str]:
    """The addresses that a page links to."""
    return [address for _, address in _LINK.findall(text)]


def anchor(heading: str) -> str:
    """The name of a heading in a link, as the sites that show Markdown make it."""
    kept = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return re.sub(r"\s", "-", kept)


def fitting(place: str) -> str:
    """The page that helps on a page of the window."""
    name = FITTING.get(place, INDEX)
    return name if exists(name) else INDEX


def search(typed: str, spoken: str | None = None) -> list[Hit]:
    """The pages that hold all the words (or beginnings of words), those with them in the title first, then by how often."""
    words = typed.casefold().split()
    if not words:
        return []
    found: list[tuple[bool, int, int, Hit]] = []
    names = dict.fromkeys(entry.name for group in contents(spoken) for entry in group.entries)
    for order, name in enumerate(names):
        page = article(name, spoken)
        plain = _plain(page.text)
        folded = plain.casefold()
        at = [_places(word, folded) for word in words]
        if all(at):
            in_title = all(_places(word, page.title.casefold()) for word in words)
            often = min(len(places) for places in at)
            found.append((not in_title, -often, order, Hit(name, page.title, _excerpt(plain, at[0], len(page.title)))))
    return [hit for *_, hit in sorted(found, key=lambda one: one[:3])]


def _places(word: str, folded: str) -> list[int]:
    return [match.start() for match in re.finditer(rf"(?<!\w){re.escape(word)}", folded)]


def _plain(text: str) -> str:
    """What a page says, without the signs of Markdown, on one line."""
    text = _LINK.sub(r"\1", text)
    text = re.sub(r"^\|[\s|:-]+\|$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(#+|>|[-*]|\d+\.)\s+", "", text, flags=re.MULTILINE)
    return " ".join(re.sub(r"[*`|]", " ", text).split())


def _excerpt(plain: str, places: Sequence[int], title: int) -> str:
    """Some words around the first place below the title, if there is one."""
    at = next((place for place in places if place > title), places[0])
    begin = max(0, at - EXCERPT // 3)
    begin = plain.find(" ", begin) + 1 if begin else 0
    end = begin + EXCERPT
    if end < len(plain):
        end = plain.rfind(" ", begin, end)
    return ("… " if begin else "") + plain[begin:end] + (" …" if end < len(plain) else "")


__all__ = [
    "FITTING",
    "INDEX",
    "Article",
    "Entry",
    "Group",
    "Hit",
    "Target",
    "anchor",
    "article",
    "contents",
    "exists",
    "fitting",
    "links",
    "search",
    "target",
]
