"""Rounds of review, votes, and what names and signs a project."""

import secrets
import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


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
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("expected", sa.Text),
        sa.Column("content", sa.Text),
        sa.Column("hint", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "example_id", name="pk_round_items"),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name="fk_round_items_round_id"),
        sa.ForeignKeyConstraint(["example_id"], ["examples.id"], name="fk_round_items_example_id"),
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
        for table in ("journal", "decisions", "round_items"):
            for word in ("update", "delete"):
                op.execute(f"DROP TRIGGER IF EXISTS {table}_keeps_{word}")
                op.execute(
                    f"CREATE TRIGGER {table}_keeps_{word} BEFORE {word.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
    else:
        op.execute(
            "CREATE TRIGGER round_items_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON round_items "
            "FOR EACH STATEMENT EXECUTE FUNCTION curator_append_only()"
        )
