"""The tables of a project, the same in SQLite and PostgreSQL.

Text that comes from the user's data is kept as JSON text (`Json`), so that any character survives in
either database: PostgreSQL takes no NUL and neither takes half a surrogate pair. Decisions, revisions,
verdicts, calibrations and the journal are append-only; triggers in the database refuse to change them.

Whoever changes a table here adds a migration in `migrations/versions` and raises `VERSION`; a test
compares the two.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    Dialect,
    Double,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
)
from sqlalchemy.types import TypeDecorator

from curator.store.policies import POLICIES

VERSION = 4
"""Number of the newest migration; a project with a higher one was made by a newer Curator."""

APPLICATION_ID = 0x43757261
"""In the header of every SQLite project (`PRAGMA application_id`): the letters "Cura"."""

VERSION_TABLE = "curator_version"
APPEND_ONLY = ("journal", "decisions", "revisions", "finding_verdicts", "calibrations", "round_items", "round_answers")

_ORJSON = orjson.OPT_SERIALIZE_NUMPY


def dumps(value: Any) -> str:
    """`value` as JSON text.

    What orjson refuses (half surrogate pairs, integers over 64 bits, keys that are no strings) goes to the
    standard library; a leading space marks it, for `loads` must then leave it to the standard library
    too: orjson would read a large integer as a float.
    """
    try:
        return orjson.dumps(value, option=_ORJSON).decode()
    except TypeError:
        return " " + json.dumps(value)


def loads(text: str) -> Any:
    """The value that `dumps` wrote."""
    return json.loads(text) if text.startswith(" ") else orjson.loads(text)


class Json(TypeDecorator[Any]):
    """Any JSON value as text; None is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else loads(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str = "id") -> Column[int]:
    return Column(name, Integer, primary_key=True)


def _ref(name: str, target: str, **options: Any) -> Column[int]:
    return Column(name, Integer, ForeignKey(target), nullable=False, **options)


version = Table(VERSION_TABLE, metadata, Column("version_num", Text, primary_key=True))

# One row: what names this project among all, and the secret (hex digits) that signs its packets.
identity = Table(
    "identity",
    metadata,
    _id(),
    Column("project", Text, nullable=False),
    Column("secret", Text, nullable=False),
)

# `entry`: the entry that an undo or a redo is about, always the original one. It is not in force
# when the newest row about it is an undo. `round`: the uuid of the round whose votes the entry tells of.
journal = Table(
    "journal",
    metadata,
    _id(),
    Column("at", Text, nullable=False),
    Column("actor", Json, nullable=False),
    Column("action", Text, nullable=False),
    Column("text", Json, nullable=False),
    Column("entry", Integer, ForeignKey("journal.id"), index=True),
    Column("round", Text),
)

settings = Table(
    "settings",
    metadata,
    _id(),
    _ref("journal_id", "journal.id"),
    Column("key", Text, nullable=False),
    Column("value", Json),
)

# `identity` hashes what makes an import the same import: path, bytes, format, role and mapping.
# The counts and `complete` change with every commit of an import, together with the rows they count.
sources = Table(
    "sources",
    metadata,
    _id(),
    _ref("journal_id", "journal.id", index=True),
    Column("identity", Text, nullable=False, unique=True),
    Column("path", Json, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("mapping", Json, nullable=False),
    Column("records", Integer, nullable=False),
    Column("examples", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("complete", Boolean(create_constraint=False), nullable=False),
)

examples = Table(
    "examples",
    metadata,
    _id(),
    _ref("source_id", "sources.id"),
    Column("record", Integer, nullable=False),
    Column("line", Integer),
    Column("content_key", Text, nullable=False),
    Column("content", Text, nullable=False),
    UniqueConstraint("source_id", "record"),
)

rejected = Table(
    "rejected",
    metadata,
    _id(),
    _ref("source_id", "sources.id"),
    Column("record", Integer, nullable=False),
    Column("line", Integer),
    Column("reason", Json, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    UniqueConstraint("source_id", "record"),
)

# `role`: the database role that decides in this name; `adjudicates`: it may settle votes. For PostgreSQL.
reviewers = Table(
    "reviewers",
    metadata,
    _id(),
    Column("name", Json, nullable=False, unique=True),
    Column("role", Text, unique=True),
    Column("adjudicates", Boolean(create_constraint=False), nullable=False, server_default=false()),
)

# Who reviews, and whether it is closed, may change. What PostgreSQL's policies go by has columns of its own, `settings`
# is the rest.
rounds = Table(
    "rounds",
    metadata,
    _id(),
    _ref("journal_id", "journal.id", index=True),
    Column("uuid", Text, nullable=False, unique=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("settings", Json, nullable=False),
    Column("reviewers", Json, nullable=False),
    Column("blind", Boolean(create_constraint=False), nullable=False),
    Column("claimed", Boolean(create_constraint=False), nullable=False),
    Column("lease", Integer, nullable=False),
    Column("closed", Boolean(create_constraint=False), nullable=False),
)

# `content` is what is shown in place of the example, where something was planted.
round_items = Table(
    "round_items",
    metadata,
    Column("round_id", Integer, ForeignKey("rounds.id"), primary_key=True),
    Column("example_id", Integer, ForeignKey("examples.id"), primary_key=True),
    Column("content_key", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("content", Json),
    Column("hint", Json, nullable=False),
)

# The items of which the answer is known: apart from the others, for who reviews must not see which they are. With the kind
# "item" `expected` is what is sealed of an item until the round is closed.
round_answers = Table(
    "round_answers",
    metadata,
    Column("round_id", Integer, ForeignKey("rounds.id"), primary_key=True),
    Column("example_id", Integer, ForeignKey("examples.id"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("expected", Json),
)

# `until`: when a claim runs out, in seconds since 1970; NULL: the slot is the reviewer's for good.
round_slots = Table(
    "round_slots",
    metadata,
    Column("round_id", Integer, ForeignKey("rounds.id"), primary_key=True),
    Column("example_id", Integer, ForeignKey("examples.id"), primary_key=True),
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("reviewer_id", Integer, ForeignKey("reviewers.id")),
    Column("place", Integer, nullable=False),
    Column("repeat", Boolean(create_constraint=False), nullable=False),
    Column("until", Double),
    Index(None, "round_id", "reviewer_id", "place"),
    Index("ix_round_slots_until", "round_id", "until"),
)
# What nobody holds, in the order in which it is claimed.
Index(
    "ix_round_slots_free",
    *(round_slots.c[name] for name in ("round_id", "place", "example_id", "slot")),
    sqlite_where=round_slots.c.reviewer_id.is_(None),
    postgresql_where=round_slots.c.reviewer_id.is_(None),
)

# `seen` is the content key that the reviewer saw, `result` the one they left the example with. `round_id`: the round in
# which this is a vote or whose votes it settles.
decisions = Table(
    "decisions",
    metadata,
    _id("seq"),
    Column("id", Text, nullable=False, unique=True),
    _ref("journal_id", "journal.id", index=True),
    _ref("example_id", "examples.id"),
    _ref("reviewer_id", "reviewers.id"),
    Column("verdict", Text, nullable=False),
    Column("seen", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("value", Json),
    Column("note", Json, nullable=False),
    Column("at", Text, nullable=False),
    Column("supersedes", Text),
    Column("kind", Text, nullable=False, server_default="decision"),
    Column("round_id", Integer, ForeignKey("rounds.id"), index=True),
    Column("repeat", Boolean(create_constraint=False), nullable=False, server_default=false()),
    Column("cause", Text),
    Column("basis", Json),
    Index(None, "example_id", "reviewer_id", "seq"),
)

revisions = Table(
    "revisions",
    metadata,
    _id(),
    Column("decision_id", Text, ForeignKey("decisions.id"), nullable=False, unique=True),
    _ref("example_id", "examples.id", index=True),
    Column("content_key", Text, nullable=False),
    Column("content", Text, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("kind", Text, nullable=False),
    Column("settings", Json, nullable=False),
    Column("began", Text, nullable=False),
    Column("finished", Text),
    Column("summary", Json),
)

# One row for each check of a run that finished, whether or not it found anything.
run_checks = Table(
    "run_checks",
    metadata,
    _id(),
    _ref("run_id", "runs.id"),
    Column("name", Text, nullable=False),
    Column("findings", Integer, nullable=False),
    UniqueConstraint("run_id", "name"),
)

findings = Table(
    "findings",
    metadata,
    Column("run_check_id", Integer, ForeignKey("run_checks.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("message", Json, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("suggestion", Json),
)

finding_examples = Table(
    "finding_examples",
    metadata,
    Column("run_check_id", Integer, ForeignKey("run_checks.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    _ref("example_id", "examples.id", index=True),
)

scores = Table(
    "scores",
    metadata,
    Column("run_id", Integer, ForeignKey("runs.id"), primary_key=True),
    Column("example_id", Integer, ForeignKey("examples.id"), primary_key=True),
    Column("duplicate_similarity", Float),
    Column("duplicate_group", Integer),
    Column("leakage", Float),
    Column("leakage_example", Integer),
    Column("label_quality", Float),
    Column("suggested_label", Json),
    Column("pair_quality", Float),
    Column("outlier", Float),
)

# What a reviewer said of a finding. `encoder`: sha256 of the weights by which `score` was made, "" where it is not known.
finding_verdicts = Table(
    "finding_verdicts",
    metadata,
    _id(),
    _ref("journal_id", "journal.id", index=True),
    _ref("reviewer_id", "reviewers.id"),
    Column("check_name", Text, nullable=False, index=True),
    Column("finding", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("encoder", Text, nullable=False),
    Column("says_right", Boolean(create_constraint=False), nullable=False),
)

# The score from which a check reports, as verdicts set it, for one encoder. A row without a cut makes all that came before
# it, verdicts too, count no longer.
calibrations = Table(
    "calibrations",
    metadata,
    _id(),
    _ref("journal_id", "journal.id", index=True),
    Column("check_name", Text, nullable=False),
    Column("encoder", Text, nullable=False),
    Column("encoder_name", Text, nullable=False),
    Column("cut", Float),
    Column("own_cut", Float),
    Column("goal", Float),
    Column("findings", Integer),
    Column("precision", Float),
    Column("low", Float),
    Column("high", Float),
    Column("verdicts", Integer),
    Column("right_verdicts", Float),
)

# `manifest`: sha256 of the manifest that was written; `snapshot`: what of the project it was made of, and with which settings,
# NULL for a release of before that was kept; `summary`: what the manifest says of it in short.
releases = Table(
    "releases",
    metadata,
    _id(),
    _ref("journal_id", "journal.id"),
    Column("folder", Json, nullable=False),
    Column("settings", Json, nullable=False),
    Column("number", Integer, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("manifest", Text),
    Column("snapshot", Json),
    Column("summary", Json),
)

# What became of every candidate: `curator.store.release_contents` reads and writes it.
release_contents = Table(
    "release_contents",
    metadata,
    Column("release_id", Integer, ForeignKey("releases.id"), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

release_rows = Table(
    "release_rows",
    metadata,
    Column("release_id", Integer, ForeignKey("releases.id"), primary_key=True),
    Column("content_key", Text, primary_key=True),
    Column("split", Text, nullable=False),
)

SQLITE_GUARDS = tuple(
    f"CREATE TRIGGER {table}_keeps_{word} BEFORE {word.upper()} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    for table in APPEND_ONLY
    for word in ("update", "delete")
)
POSTGRES_GUARDS = (
    "CREATE FUNCTION curator_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
    *(
        f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION curator_append_only()"
        for table in APPEND_ONLY
    ),
)
for _dialect, _guards in (("sqlite", SQLITE_GUARDS), ("postgresql", (*POSTGRES_GUARDS, *POLICIES))):
    for _guard in _guards:
        event.listen(metadata, "after_create", DDL(_guard.replace("%", "%%")).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
