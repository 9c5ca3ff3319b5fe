"""Full-text search over what the examples show.

In an SQLite project an index of words (FTS5) is made on demand and lies in the project file itself, so that texts never
leave it. It holds no texts, only where words stand: under `2 * id` those of an example as it was imported, under
`2 * id + 1` those of a revision. It is filled a little at a time, so that no decision waits for it. Where it is not
complete, in PostgreSQL, and for scripts that write no spaces between words, the texts themselves are looked through.
Instructions (system turns) are not searched: often all examples share them.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, inspect, or_, select, text

from curator.errors import Cancelled
from curator.model import SYSTEM_ROLES
from curator.progress import Progress
from curator.store.contents import turn_text
from curator.store.database import Database
from curator.store.schema import examples, loads, sources
from curator.store.state import ever_revised, shown, source_in_force

INDEX = "example_texts"
DONE = "example_texts_done"
STEP_SECONDS = 0.01
"""How long one step of indexing is meant to hold up writers; with the commit it stays under 30 ms."""
PAUSE_SECONDS = 0.01
"""Between two steps others get their turn."""
FEW = 1_000
"""So many texts that are not in the index yet are looked through one by one."""
_SCAN_PART = 25_000
# Scripts that write no spaces between words: Thai, Lao, Myanmar, Khmer, kana, Han, Yi.
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
_PART = re.compile(r'"([^"]*)"|([^\s"]+)')
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Indexed:
    """How far the index is: `done` of `total` texts. `possible` is False where there can be none (PostgreSQL)."""

    done: int
    total: int
    possible: bool = True

    @property
    def complete(self) -> bool:
        return self.possible and self.done >= self.total


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: all `phrases`, each a row of words; the last word of the last one may go on if it is `open`."""

    phrases: tuple[str, ...]
    open: bool

    @classmethod
    def of(cls, typed: str) -> Query:
        """Nothing that can be typed is wrong."""
        parts = [(quoted.strip(), False) if quoted else (word, True) for quoted, word in _PART.findall(typed)]
        parts = [(said, unquoted) for said, unquoted in parts if said]
        return cls(tuple(said for said, _ in parts), bool(parts) and parts[-1][1])

    @property
    def by_words(self) -> bool:
        """Whether an index of words can answer it."""
        return all(_WORDS.search(said) and not _SPACELESS.search(said) for said in self.phrases)

    @property
    def expression(self) -> str:
        """As FTS5 takes it: everything quoted, so that nothing in it is an operator."""
        quoted = ['"' + said.replace('"', " ").replace("\0", " ") + '"' for said in self.phrases]
        return " AND ".join(quoted) + (" *" if self.open else "")

    def found_in(self, said: str) -> bool:
        """Whether a text has all phrases, told as the index tells it."""
        words = folded(said)
        return all(
            _stands(folded(phrase), words, self.open and at == len(self.phrases) - 1)
            for at, phrase in enumerate(self.phrases)
        )

    def contained_in(self, said: str) -> bool:
        """Whether a text contains all phrases, also within words."""
        whole = said.casefold()
        return all(phrase.casefold() in whole for phrase in self.phrases)


def folded(said: str) -> list[str]:
    """The words of a text in small letters without marks, as the index keeps them."""
    plain = "".join(c for c in unicodedata.normalize("NFD", said) if not unicodedata.combining(c))
    return _WORDS.findall(plain.lower())


def _stands(phrase: list[str], words: list[str], goes_on: bool) -> bool:
    size = len(phrase)
    for at in range(len(words) - size + 1):
        here = words[at : at + size]
        if here[:-1] == phrase[:-1] and (here[-1].startswith(phrase[-1]) if goes_on else here[-1] == phrase[-1]):
            return True
    return False


# Indexing

_CALLS = """CASE WHEN instr(turn.value, '"tool_calls":') > 0 THEN (
SELECT group_concat(json_extract(call.value, '$.name') || '(' || json_extract(call.value, '$.arguments') || ')', char(10))
FROM json_each(turn.value, '$.tool_calls') AS call) END"""
_SAID = f"""coalesce((SELECT group_concat(coalesce(json_extract(turn.value, '$.content') || char(10), '') ||
coalesce({_CALLS}, ''), char(10)) FROM json_each(content, '$.messages') AS turn
WHERE json_extract(turn.value, '$.role') NOT IN ('system', 'developer')), '')"""
_STEPS = (
    ("example", "examples", 0),
    ("revision", "revisions", 1),
)


def index_texts(database: Database, progress: Progress, seconds: float | None = None) -> bool:
    """Bring the index up to date, for at most so many `seconds`; True once it is complete. Raises Cancelled.

    What was indexed stays so: it goes on where it stopped, also in another program.
    """
    if not possible(database):
        return False
    began, size = time.monotonic(), 200
    state = indexed(database)
    while not state.complete:
        progress.report(state.done, state.total, "Indexing texts")
        for _ in range(8):
            if progress.cancelled():
                raise Cancelled
            if seconds is not None and time.monotonic() - began >= seconds:
                return False
            took = _step(database, size)
            if took is None:
                break
            size = max(50, min(5_000, int(size * min(2.0, STEP_SECONDS / max(took, 1e-4)))))
            time.sleep(PAUSE_SECONDS)
        state = indexed(database)
    progress.report(state.done, state.total, "Indexing texts")
    return True


def possible(database: Database) -> bool:
    """Whether the project can hold an index of words."""
    if database.path is None:
        return False
    with database.read() as connection:
        return bool(connection.scalar(text("SELECT sqlite_compileoption_used('ENABLE_FTS5')")))


def indexed(database: Database) -> Indexed:
    """How far the index is."""
    if not possible(database):
        return Indexed(0, 0, possible=False)
    with database.read() as connection:
        example, revision = _until(connection)
        counts = [
            connection.scalar(text(f"SELECT (SELECT count(*) FROM {table} WHERE id <= :last)"), {"last": last}) or 0
            for table, last in (("examples", example), ("revisions", revision))
        ]
        total = sum(
            connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in ("examples", "revisions")
        )
    return Indexed(sum(counts), total)


def _until(connection: Connection) -> tuple[int, int]:
    """The last example and the last revision in the index."""
    if not inspect(connection).has_table(DONE):
        return 0, 0
    row = connection.execute(text(f"SELECT example, revision FROM {DONE}")).one()
    return row.example, row.revision


def _step(database: Database, size: int) -> float | None:
    """Index the next `size` texts; returns how many seconds writers had to wait, None where there was nothing to do."""
    with database.write(bulk=True) as connection:
        began = time.monotonic()
        if not inspect(connection).has_table(DONE):
            _make(connection)
        until = dict(zip(("example", "revision"), _until(connection), strict=True))
        for name, table, odd in _STEPS:
            values = {"last": until[name], "size": size, "odd": odd}
            last = connection.scalar(
                text(f"SELECT max(id) FROM (SELECT id FROM {table} WHERE id > :last ORDER BY id LIMIT :size)"), values
            )
            if last is not None:
                new = f"SELECT 2 * id + :odd, {_SAID} FROM {table} WHERE id > :last ORDER BY id LIMIT :size"
                connection.execute(text(f"INSERT INTO {INDEX} (rowid, said) {new}"), values)
                connection.execute(text(f"UPDATE {DONE} SET {name} = :last"), {"last": last})
                break
        else:
            return None
    return time.monotonic() - began


def _make(connection: Connection) -> None:
    connection.execute(
        text(f"CREATE VIRTUAL TABLE {INDEX} USING fts5(said, content='', tokenize='unicode61 remove_diacritics 2')")
    )
    connection.execute(text(f"CREATE TABLE {DONE} (example INTEGER NOT NULL, revision INTEGER NOT NULL)"))
    connection.execute(text(f"INSERT INTO {DONE} VALUES (0, 0)"))


# Searching


def search(database: Database, typed: str) -> np.ndarray:
    """Ids of the examples in force that show all that was typed, ascending: words, the last as the beginning of one,
    and phrases in quotes. All examples where nothing was typed."""
    query = Query.of(typed)
    with database.read() as connection:
        if database.path is not None and query.phrases and query.by_words and _nearly_complete(connection):
            return _in_force(connection, _by_index(connection, query))
        found = _scan_rows(connection, query) if database.path is None else _scan(connection, query)
        revised = {row.example_id: row.content for row in connection.execute(_revised().add_columns(_SHOWN.c.content))}
        shows = [id for id, content in revised.items() if query.contained_in(said_in(loads(content)))]
        return _in_force(connection, _and(_but(found, revised), shows))


def by_words(database: Database, typed: str) -> bool:
    """Whether the index of words answers this, so that its words are found as words and not anywhere in the texts."""
    if database.path is None or not Query.of(typed).by_words:
        return False
    with database.read() as connection:
        return _nearly_complete(connection)


_SHOWN = shown(ever_revised)


def _revised() -> Select[Any]:
    """Examples that show a revision, and which."""
    return select(_SHOWN.c.example_id, _SHOWN.c.revision)


def said_in(record: Mapping[str, Any]) -> str:
    """What of an example in the form in which it is kept is searched."""
    return "\n".join(turn_text(turn) for turn in record["messages"] if turn["role"] not in SYSTEM_ROLES)


def _nearly_complete(connection: Connection) -> bool:
    if not inspect(connection).has_table(DONE):
        return False
    return all(
        connection.scalar(
            text(f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE id > :last LIMIT {FEW + 1})"), {"last": last}
        )
        <= FEW
        for table, last in zip(("examples", "revisions"), _until(connection), strict=True)
    )


def _by_index(connection: Connection, query: Query) -> np.ndarray:
    """What the index finds, and what is shown but not in it yet."""
    listed = connection.scalar(
        text(f"SELECT json_group_array(rowid) FROM {INDEX} WHERE {INDEX} MATCH :query"), {"query": query.expression}
    )
    hits = np.array(orjson.loads(listed or "[]"), np.int64)
    revised = {row.example_id: row.revision for row in connection.execute(_revised())}
    kept = _but(hits[hits % 2 == 0] // 2, revised)
    example, revision = _until(connection)
    shows = {revised[id]: id for id in revised if revised[id] <= revision}
    found = [shows[id] for id in (hits[hits % 2 == 1] // 2).tolist() if id in shows]
    pending = select(examples.c.id, examples.c.content).where(examples.c.id > example)
    newer = [(row.id, row.content) for row in connection.execute(pending) if row.id not in revised]
    if any(id > revision for id in revised.values()):
        rewritten = _revised().add_columns(_SHOWN.c.content).where(_SHOWN.c.revision > revision)
        newer += [(row.example_id, row.content) for row in connection.execute(rewritten)]
    found += [id for id, content in newer if query.found_in(said_in(loads(content)))]
    return _and(kept, found)


def _but(found: np.ndarray, without: Iterable[int]) -> np.ndarray:
    return np.setdiff1d(found, np.fromiter(without, np.int64), assume_unique=True)


def _and(found: np.ndarray, more: list[int]) -> np.ndarray:
    new = np.sort(np.array(more, np.int64))
    return np.insert(found, np.searchsorted(found, new), new)


def _in_force(connection: Connection, found: np.ndarray) -> np.ndarray:
    gone = list(connection.scalars(select(sources.c.id).where(~source_in_force)))
    if not gone:
        return found
    theirs = connection.scalars(select(examples.c.id).where(examples.c.source_id.in_(gone)))
    return _but(found, theirs)


def _scan(connection: Connection, query: Query) -> np.ndarray:
    """Examples whose imported content contains all phrases, as SQLite looks them through."""
    values = {
        f"at{n}_{v}": pattern for n, said in enumerate(query.phrases) for v, pattern in enumerate(_patterns(said))
    }
    raw = {
        f"raw{n}_{v}": pattern
        for n, said in enumerate(query.phrases)
        for v, pattern in enumerate(_patterns(_escaped(said)))
    }
    # First the content as it is kept, for that is quick; then what it says, for words also stand in names of keys.
    quick = " AND ".join(f"({_likes('content', f'raw{n}_', raw)})" for n in range(len(query.phrases))) or "1"
    exact = " AND ".join(f"({_likes(_SAID, f'at{n}_', values)})" for n in range(len(query.phrases))) or "1"
    statement = text(
        f"SELECT json_group_array(id) FROM examples WHERE id > :first AND id <= :last "
        f"AND CASE WHEN {quick} OR content LIKE ' %' THEN {exact} ELSE 0 END"
    )
    parts = [np.empty(0, np.int64)]
    for first in _starts(connection):
        bounds = {"first": first, "last": first + _SCAN_PART, **values, **raw}
        parts.append(np.array(orjson.loads(connection.scalar(statement, bounds) or "[]"), np.int64))
    return np.concatenate(parts)


def _starts(connection: Connection) -> Iterator[int]:
    end = connection.scalar(text("SELECT max(id) FROM examples")) or 0
    return iter(range(0, end, _SCAN_PART))


def _likes(what: str, prefix: str, values: Iterable[str]) -> str:
    return " OR ".join(f"{what} LIKE :{name} ESCAPE '!'" for name in values if name.startswith(prefix))


def _patterns(said: str) -> list[str]:
    """Patterns that find a text in large and small letters: SQLite knows only those of ASCII to be the same."""
    forms = {said} if said.isascii() else {said, said.lower(), said.upper(), said.capitalize()}
    return ["%" + re.sub(r"([!%_])", r"!\1", form) + "%" for form in sorted(forms)]


def _escaped(said: str) -> str:
    return json.dumps(said, ensure_ascii=False)[1:-1]


def _scan_rows(connection: Connection, query: Query) -> np.ndarray:
    """The same where only a pattern can be asked for: what matches is looked at here."""
    quick: list[ColumnElement[bool]] = [
        or_(
            *(examples.c.content.ilike(pattern, escape="!") for pattern in _patterns(_escaped(said))),
            examples.c.content.like(" %"),
        )
        for said in query.phrases
    ]
    rows = connection.execution_options(yield_per=2_000).execute(
        select(examples.c.id, examples.c.content).where(and_(True, *quick)).order_by(examples.c.id)
    )
    return np.array([row.id for row in rows if query.contained_in(said_in(loads(row.content)))], np.int64)
