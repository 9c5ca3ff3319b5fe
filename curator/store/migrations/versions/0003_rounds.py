"""Rounds of review, votes, and what names and signs a project."""

import secrets
import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

# What PostgreSQL lets the accounts of reviewers do.
_ME = "(SELECT me.id FROM reviewers me WHERE me.role = current_user)"
_NAME = "(SELECT me.name FROM reviewers me WHERE me.role = current_user)"
_ADJUDICATES = "coalesce((SELECT me.adjudicates FROM reviewers me WHERE me.role = current_user), false)"
_CONSENSUS = """(SELECT them.id FROM reviewers them WHERE them.name = '"(consensus)"')"""
_NOW = "extract(epoch FROM clock_timestamp())"
_VOTES = "('vote', 'withdrawal')"

POLICED = ("journal", "decisions", "revisions", "finding_verdicts", "round_slots", "round_answers")

# A function, for a policy of the journal cannot look into the journal itself. It runs with the rights of who asks.
_OWN_ENTRY = (
    "CREATE FUNCTION curator_own_entry(wanted integer) RETURNS boolean LANGUAGE sql STABLE "
    "SET search_path = pg_catalog, pg_temp "
    "RETURN EXISTS (SELECT FROM journal j WHERE j.id = wanted AND j.action IN ('decide', 'vote', 'judge') "
    f"AND j.actor = {_NAME})"
)
_OPEN_TO_ALL = tuple(
    f"CREATE POLICY {table}_are_read ON {table} FOR SELECT USING (true)"
    for table in ("journal", "revisions", "finding_verdicts", "round_slots")
)
_ENTRIES = (
    "CREATE POLICY journal_in_own_name ON journal FOR INSERT WITH CHECK ("
    f"actor = {_NAME} AND (action IN ('decide', 'vote', 'judge') AND entry IS NULL "
    "OR action IN ('undo', 'redo') AND curator_own_entry(entry)))"
)
_BLIND = (
    "CREATE POLICY decisions_are_read ON decisions FOR SELECT USING ("
    f"kind NOT IN {_VOTES} OR reviewer_id = {_ME} OR {_ADJUDICATES} "
    "OR round_id IN (SELECT r.id FROM rounds r WHERE r.closed OR NOT r.blind))"
)
_DECISIONS = (
    "CREATE POLICY decisions_in_own_name ON decisions FOR INSERT WITH CHECK (curator_own_entry(journal_id) AND ("
    f"kind = 'decision' AND reviewer_id = {_ME} "
    f"OR kind IN {_VOTES} AND reviewer_id = {_ME} "
    "AND EXISTS (SELECT FROM rounds r JOIN round_items i ON i.round_id = r.id "
    "WHERE r.id = decisions.round_id AND NOT r.closed AND i.example_id = decisions.example_id) "
    f"OR kind = 'adjudication' AND reviewer_id = {_ME} AND {_ADJUDICATES} "
    f"OR kind = 'consensus' AND reviewer_id = {_CONSENSUS} AND {_ADJUDICATES}))"
)
_REVISIONS = (
    "CREATE POLICY revisions_of_own_decisions ON revisions FOR INSERT WITH CHECK (EXISTS ("
    "SELECT FROM decisions d WHERE d.id = revisions.decision_id AND d.example_id = revisions.example_id "
    f"AND d.result = revisions.content_key AND d.kind NOT IN {_VOTES} AND curator_own_entry(d.journal_id)))"
)
_VERDICTS = (
    "CREATE POLICY finding_verdicts_in_own_name ON finding_verdicts FOR INSERT WITH CHECK ("
    f"reviewer_id = {_ME} AND curator_own_entry(journal_id))"
)
# Taken: what is free, held by oneself or no longer held. Left: held by oneself for a lease at most, for good once it is
# voted on, or free.
_CLAIMS = (
    "CREATE POLICY round_slots_are_claimed ON round_slots FOR UPDATE USING ("
    "round_id IN (SELECT r.id FROM rounds r WHERE r.claimed AND NOT r.closed) "
    f"AND (reviewer_id IS NULL OR until IS NOT NULL AND (reviewer_id = {_ME} OR until < {_NOW}))) "
    "WITH CHECK (reviewer_id IS NULL AND until IS NULL "
    f"OR reviewer_id = {_ME} AND until <= {_NOW} + (SELECT r.lease FROM rounds r WHERE r.id = round_slots.round_id) "
    f"OR reviewer_id = {_ME} AND until IS NULL AND EXISTS (SELECT FROM decisions d "
    "WHERE d.round_id = round_slots.round_id AND d.example_id = round_slots.example_id "
    f"AND d.reviewer_id = {_ME} AND d.kind IN {_VOTES}))"
)
_ANSWERS = (
    "CREATE POLICY round_answers_are_read ON round_answers FOR SELECT USING ("
    f"{_ADJUDICATES} OR round_id IN (SELECT r.id FROM rounds r WHERE r.closed))"
)

POLICIES = (
    _OWN_ENTRY,
    *(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY" for table in POLICED),
    *_OPEN_TO_ALL,
    _ENTRIES,
    _BLIND,
    _DECISIONS,
    _REVISIONS,
    _VERDICTS,
    _CLAIMS,
    _ANSWERS,
)


def upgrade() -> None:
    identity()
    rounds()
    columns()
    guards()


def identity() -> None:
    made = op.create_table(
        "identity",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
    )
    op.execute(sa.insert(made).values(project=str(uuid.uuid4()), secret=secrets.token_hex(32)))


def rounds() -> None:
    op.create_table(
        "rounds",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("journal_id", sa.Integer, nullable=False),
        sa.Column("uuid", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("reviewers", sa.Text, nullable=False),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.Column("claimed", sa.Boolean, nullable=False),
        sa.Column("lease", sa.Integer, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rounds"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_rounds_journal_id"),
        sa.UniqueConstraint("uuid", name="uq_rounds_uuid"),
        sa.UniqueConstraint("number", name="uq_rounds_number"),
    )
    op.create_index("ix_rounds_journal_id", "rounds", ["journal_id"])
    op.create_table(
        "round_items",
        sa.Column("round_id", sa.Integer, nullable=False),
        sa.Column("example_id", sa.Integer, nullable=False),
        sa.Column("content_key", sa.Text, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("content", sa.Text),
        sa.Column("hint", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "example_id", name="pk_round_items"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_items_round_id"),
        sa.ForeignKeyConstraint(["example_id"], ["examples.id"], name="fk_round_items_example_id"),
    )
    op.create_table(
        "round_answers",
        sa.Column("round_id", sa.Integer, nullable=False),
        sa.Column("example_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("expected", sa.Text),
        sa.PrimaryKeyConstraint("round_id", "example_id", name="pk_round_answers"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_answers_round_id"),
        sa.ForeignKeyConstraint(["example_id"], ["examples.id"], name="fk_round_answers_example_id"),
    )
    op.create_table(
        "round_slots",
        sa.Column("round_id", sa.Integer, nullable=False),
        sa.Column("example_id", sa.Integer, nullable=False),
        sa.Column("slot", sa.Integer, nullable=False),
        sa.Column("reviewer_id", sa.Integer),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("repeat", sa.Boolean, nullable=False),
        sa.Column("until", sa.Double),
        sa.PrimaryKeyConstraint("round_id", "example_id", "slot", name="pk_round_slots"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_slots_round_id"),
        sa.ForeignKeyConstraint(["example_id"], ["examples.id"], name="fk_round_slots_example_id"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewers.id"], name="fk_round_slots_reviewer_id"),
    )
    op.create_index("ix_round_slots_round_id", "round_slots", ["round_id", "reviewer_id", "place"])
    op.create_index("ix_round_slots_until", "round_slots", ["round_id", "until"])
    free = sa.text("reviewer_id IS NULL")
    op.create_index(
        "ix_round_slots_free",
        "round_slots",
        ["round_id", "place", "example_id", "slot"],
        sqlite_where=free,
        postgresql_where=free,
    )


def columns() -> None:
    """SQLite cannot add what has a constraint: there the tables are copied."""
    with op.batch_alter_table(
        "journal", recreate="always" if op.get_bind().dialect.name == "sqlite" else "never"
    ) as table:
        table.add_column(sa.Column("round", sa.Text))
    with op.batch_alter_table("reviewers") as table:
        table.add_column(sa.Column("role", sa.Text))
        table.add_column(sa.Column("adjudicates", sa.Boolean, nullable=False, server_default=sa.false()))
        table.create_unique_constraint("uq_reviewers_role", ["role"])
    with op.batch_alter_table("decisions") as table:
        table.add_column(sa.Column("kind", sa.Text, nullable=False, server_default="decision"))
        table.add_column(sa.Column("round_id", sa.Integer))
        table.add_column(sa.Column("repeat", sa.Boolean, nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("cause", sa.Text))
        table.add_column(sa.Column("basis", sa.Text))
        table.create_foreign_key("fk_decisions_round_id", "rounds", ["round_id"], ["id"])
    op.create_index("ix_decisions_round_id", "decisions", ["round_id"])


def guards() -> None:
    """Let the database itself refuse to change what is append-only; copied tables have lost their guards."""
    if op.get_bind().dialect.name == "sqlite":
        for table in ("journal", "decisions", "round_items", "round_answers"):
            for word in ("update", "delete"):
                op.execute(f"DROP TRIGGER IF EXISTS {table}_keeps_{word}")
                op.execute(
                    f"CREATE TRIGGER {table}_keeps_{word} BEFORE {word.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
    else:
        for table in ("round_items", "round_answers"):
            op.execute(
                f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION curator_append_only()"
            )
        for statement in POLICIES:
            op.execute(statement)
