"""The tables of the first format."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPEND_ONLY = ("journal", "decisions", "revisions")


def upgrade() -> None:
    journal()
    examples()
    decisions()
    runs()
    releases()
    guards()


def journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("entry", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
        sa.ForeignKeyConstraint(["entry"], ["journal.id"], name="fk_journal_entry"),
    )
    op.create_index("ix_journal_entry", "journal", ["entry"])
    op.create_table(
        "settings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("journal_id", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_settings"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_settings_journal_id"),
    )


def examples() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("journal_id", sa.Integer, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("mapping", sa.Text, nullable=False),
        sa.Column("records", sa.Integer, nullable=False),
        sa.Column("examples", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_sources_journal_id"),
        sa.UniqueConstraint("identity", name="uq_sources_identity"),
    )
    op.create_index("ix_sources_journal_id", "sources", ["journal_id"])
    op.create_table(
        "examples",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source_id", sa.Integer, nullable=False),
        sa.Column("record", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer),
        sa.Column("content_key", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_examples"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_examples_source_id"),
        sa.UniqueConstraint("source_id", "record", name="uq_examples_source_id"),
    )
    op.create_table(
        "rejected",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("source_id", sa.Integer, nullable=False),
        sa.Column("record", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rejected"),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name="fk_rejected_source_id"),
        sa.UniqueConstraint("source_id", "record", name="uq_rejected_source_id"),
    )


def decisions() -> None:
    op.create_table(
        "reviewers",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviewers"),
        sa.UniqueConstraint("name", name="uq_reviewers_name"),
    )
    op.create_table(
        "decisions",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("journal_id", sa.Integer, nullable=False),
        sa.Column("example_id", sa.Integer, nullable=False),
        sa.Column("reviewer_id", sa.Integer, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("value", sa.Text),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("supersedes", sa.Text),
        sa.PrimaryKeyConstraint("seq", name="pk_decisions"),
        sa.UniqueConstraint("id", name="uq_decisions_id"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_decisions_journal_id"),
        sa.ForeignKeyConstraint(["example_id"], ["examples.id"], name="fk_decisions_example_id"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewers.id"], name="fk_decisions_reviewer_id"),
    )
    op.create_index("ix_decisions_journal_id", "decisions", ["journal_id"])
    op.create_index("ix_decisions_example_id", "decisions", ["example_id", "reviewer_id", "seq"])
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("decision_id", sa.Text, nullable=False),
        sa.Column("example_id", sa.Integer, nullable=False),
        sa.Column("content_key", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("decision_id", name="uq_revisions_decision_id"),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_revisions_decision_id"),
        sa.ForeignKeyConstraint(["example_id"], ["examples.id"], name="fk_revisions_example_id"),
    )
    op.create_index("ix_revisions_example_id", "revisions", ["example_id"])


def runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("began", sa.Text, nullable=False),
        sa.Column("finished", sa.Text),
        sa.Column("summary", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "run_checks",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("findings", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run_checks"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_run_checks_run_id"),
        sa.UniqueConstraint("run_id", "name", name="uq_run_checks_run_id"),
    )
    op.create_table(
        "findings",
        sa.Column("run_check_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("suggestion", sa.Text),
        sa.PrimaryKeyConstraint("run_check_id", "position", name="pk_findings"),
        sa.ForeignKeyConstraint(["run_check_id"], ["run_checks.id"], name="fk_findings_run_check_id"),
    )
    op.create_table(
        "finding_examples",
        sa.Column("run_check_id", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("place", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("example_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("run_check_id", "position", "place", name="pk_finding_examples"),
        sa.ForeignKeyConstraint(["run_check_id"], ["run_checks.id"], name="fk_finding_examples_run_check_id"),
        sa.ForeignKeyConstraint(["example_id"], ["examples.id"], name="fk_finding_examples_example_id"),
    )
    op.create_index("ix_finding_examples_example_id", "finding_examples", ["example_id"])
    op.create_table(
        "scores",
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("example_id", sa.Integer, nullable=False),
        sa.Column("duplicate_similarity", sa.Float),
        sa.Column("duplicate_group", sa.Integer),
        sa.Column("leakage", sa.Float),
        sa.Column("leakage_example", sa.Integer),
        sa.Column("label_quality", sa.Float),
        sa.Column("suggested_label", sa.Text),
        sa.Column("pair_quality", sa.Float),
        sa.Column("outlier", sa.Float),
        sa.PrimaryKeyConstraint("run_id", "example_id", name="pk_scores"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_scores_run_id"),
        sa.ForeignKeyConstraint(["example_id"], ["examples.id"], name="fk_scores_example_id"),
    )


def releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("journal_id", sa.Integer, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name="fk_releases_journal_id"),
    )
    op.create_table(
        "release_rows",
        sa.Column("release_id", sa.Integer, nullable=False),
        sa.Column("content_key", sa.Text, nullable=False),
        sa.Column("split", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("release_id", "content_key", name="pk_release_rows"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_release_rows_release_id"),
    )


def guards() -> None:
    """Let the database itself refuse to change what is append-only."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for word in ("update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_keeps_{word} BEFORE {word.upper()} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION curator_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION curator_append_only()"
        )
