"""Releases have a name and a number, and what it takes to write them again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    columns()
    op.create_table(
        "release_contents",
        sa.Column("release_id", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("release_id", name="pk_release_contents"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_release_contents_release_id"),
    )


def columns() -> None:
    """Releases are numbered in their order; of what an older Curator wrote only that is known."""
    with op.batch_alter_table("releases") as table:
        table.add_column(sa.Column("number", sa.Integer))
        table.add_column(sa.Column("name", sa.Text))
        table.add_column(sa.Column("manifest", sa.Text))
        table.add_column(sa.Column("snapshot", sa.Text))
        table.add_column(sa.Column("summary", sa.Text))
    op.execute(
        "UPDATE releases SET name = 'release', "
        "number = (SELECT count(*) FROM releases earlier WHERE earlier.id <= releases.id)"
    )
    with op.batch_alter_table("releases") as table:
        table.alter_column("number", existing_type=sa.Integer, nullable=False)
        table.alter_column("name", existing_type=sa.Text, nullable=False)
        table.create_unique_constraint("uq_releases_number", ["number"])
