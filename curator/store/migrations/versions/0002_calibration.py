"""What reviewers say of findings, and the cuts that follow from it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("finding_verdicts", "calibrations")


def upgrade() -> None:
    op.create_table(
        "finding_verdicts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("journal_id", sa.Integer, nullable=False),
        sa.Column("reviewer_id", sa.Integer, nullable=False),
        sa.Column("check_name", sa.Text, nullable=False),
        sa.Column("finding", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("encoder", sa.Text, nullable=False),
        sa.Column("says_right", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finding_verdicts"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_finding_verdicts_journal_id"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewers.id"], name="fk_finding_verdicts_reviewer_id"),
    )
    op.create_index("ix_finding_verdicts_journal_id", "finding_verdicts", ["journal_id"])
    op.create_index("ix_finding_verdicts_check_name", "finding_verdicts", ["check_name"])
    op.create_table(
        "calibrations",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("journal_id", sa.Integer, nullable=False),
        sa.Column("check_name", sa.Text, nullable=False),
        sa.Column("encoder", sa.Text, nullable=False),
        sa.Column("encoder_name", sa.Text, nullable=False),
        sa.Column("cut", sa.Float),
        sa.Column("own_cut", sa.Float),
        sa.Column("goal", sa.Float),
        sa.Column("findings", sa.Integer),
        sa.Column("precision", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("verdicts", sa.Integer),
        sa.Column("right_verdicts", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_calibrations"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_calibrations_journal_id"),
    )
    op.create_index("ix_calibrations_journal_id", "calibrations", ["journal_id"])
    guards()


def guards() -> None:
    """Let the database itself refuse to change what is append-only."""
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            for word in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_keeps_{word} BEFORE {word.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION curator_append_only()"
            )
