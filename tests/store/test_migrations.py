"""Migrations and the tables agree; an older project is backed up and migrated, a newer one left alone."""

import textwrap
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, Table, text
from store_material import load, verdict

from curator.errors import EnvironmentFailure, InputError
from curator.model import Verdict
from curator.store import FindingVerdict, Project, database, migrate, schema

NEXT = textwrap.dedent(
    """
    import sqlalchemy as sa
    from alembic import op

    revision = "0005"
    down_revision = "0004"


    def upgrade() -> None:
        with op.batch_alter_table("examples", recreate="{recreate}") as table:
            table.add_column(sa.Column("colour", sa.Text))
        op.execute("UPDATE examples SET colour = {colour}")
    """
)


def with_next_format(patch: pytest.MonkeyPatch, folder: Path, colour: str = "'red'", recreate: str = "auto") -> None:
    """Make this Curator one that knows the next format."""
    (folder / "0005_colour.py").write_text(NEXT.format(colour=colour, recreate=recreate))
    patch.setattr(migrate, "VERSIONS", [*migrate.VERSIONS, folder])
    patch.setattr(schema, "VERSION", 5)


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    folder = tmp_path / "versions"
    folder.mkdir()
    return folder


def structure(connection: Connection) -> list[Any]:
    """All that the database knows of its tables, indexes, triggers, functions and policies."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"))
        # A table that a migration copied has its name in quotes.
        return [
            (*row[:3], sorted(part.strip(" ,") for part in (row[3] or "").replace('"', "").split("\n"))) for row in rows
        ]
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY 1, 2",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT tablename, policyname, cmd, roles::text, qual, with_check FROM pg_policies ORDER BY 1, 2",
        "SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY 1",
    )
    return [tuple(row) for query in queries for row in connection.execute(text(query))]


def without_version(rows: list[Any]) -> list[Any]:
    """Alembic makes its own table itself."""
    return [row for row in rows if schema.VERSION_TABLE not in str(row)]


def test_the_migrations_make_the_same_tables_as_the_code(address: str) -> None:
    opened = database.postgres(address) if database.is_postgres(address) else database.sqlite(Path(address))
    found = []
    for make in (migrate.make_tables, migrate.run_migrations):
        with opened.write() as connection:
            make(connection)
            found.append(without_version(structure(connection)))
            assert connection.scalar(text(f"SELECT version_num FROM {schema.VERSION_TABLE}")) == f"{schema.VERSION:04d}"
            connection.rollback()
    opened.close()
    assert found[0] == found[1]
    assert len(found[0]) > 30


@pytest.mark.parametrize("recreate", ["auto", "always"])
def test_an_older_project_is_migrated_after_a_backup(
    address: str, versions: Path, monkeypatch: pytest.MonkeyPatch, recreate: str
) -> None:
    if recreate == "always" and database.is_postgres(address):
        pytest.skip("PostgreSQL changes its tables in place")
    with Project.create(address) as project:
        load(project)
        ids = [e.id for e in project.examples()]
        project.decide([verdict(ids[0], Verdict.RELABEL, value="spam")])
        before = list(project.examples())
        assert project.backup is None
    with_next_format(monkeypatch, versions, recreate=recreate)
    with Project.open(address) as project:
        assert list(project.examples()) == before
        assert len(list(project.decisions())) == 1
        with project._database.read() as connection:
            assert set(connection.scalars(text("SELECT colour FROM examples"))) == {"red"}
        backup = project.backup
        assert backup is not None
    with Project.open(address) as again:
        assert again.backup is None
    monkeypatch.undo()
    with pytest.raises(InputError, match=r"newer Curator \(format 5, this one knows 4\)"):
        Project.open(address)
    if database.is_postgres(address):
        address = f"{address}&options=-csearch_path%3D{backup}"
    else:
        address = backup
        assert Path(backup).parent == versions.parent
    with Project.open(address) as old:
        assert list(old.examples()) == before
        assert len(old.log()) == 3


def make_old(address: str, present: Project) -> None:
    """Make a project of the first format that holds what `present` holds."""
    opened = database.postgres(address) if database.is_postgres(address) else database.sqlite(Path(address))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "VERSION", 1)
        with opened.write() as connection, present._database.read() as source:
            migrate.run_migrations(connection, "0001")
            old = MetaData()
            old.reflect(connection)
            for table in old.sorted_tables:
                if table.name != schema.VERSION_TABLE:
                    rows = source.execute(
                        text(f"SELECT {', '.join(table.columns.keys())} FROM {table.name}")
                    ).mappings()
                    if listed := [dict(row) for row in rows]:
                        connection.execute(table.insert(), [typed(row, table) for row in listed])
                        move_sequence(connection, table)
    opened.close()


def move_sequence(connection: Connection, table: Table) -> None:
    """PostgreSQL counts on from the ids that were given."""
    key = next(iter(table.primary_key)).name
    if connection.dialect.name == "postgresql" and len(table.primary_key) == 1:
        sequence = f"pg_get_serial_sequence('{table.name}', '{key}')"
        connection.execute(text(f"SELECT setval({sequence}, (SELECT max({key}) FROM {table.name}))"))


def typed(row: dict[str, Any], table: Table) -> dict[str, Any]:
    """SQLite has no truth values of its own."""
    return {key: bool(value) if table.columns[key].type.python_type is bool else value for key, value in row.items()}


def test_a_project_of_the_first_format_is_brought_up_to_date(address: str, tmp_path: Path) -> None:
    with Project.create(tmp_path / "present.curator") as project:
        load(project)
        ids = [e.id for e in project.examples()]
        project.decide([verdict(ids[0], Verdict.DROP)])
        before = list(project.examples())
        made = list(project.decisions())
        make_old(address, project)
    with Project.open(address) as project:
        assert project.backup is not None
        assert list(project.examples()) == before
        assert list(project.decisions()) == made
        assert project.calibrations() == []
        project.judge([FindingVerdict("leakage", "ab", 0.5, True, "ana")])
        assert len(project.finding_verdicts("leakage")) == 1
        with project._database.read() as connection:
            found = without_version(structure(connection))
    fresh = database.sqlite(Path(address).with_name("fresh")) if not database.is_postgres(address) else None
    if fresh is not None:
        with fresh.write() as connection:
            migrate.make_tables(connection)
            assert without_version(structure(connection)) == found
        fresh.close()


def test_a_newer_project_is_not_touched(tmp_path: Path, versions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_next_format(monkeypatch, versions)
    path = tmp_path / "new.curator"
    Project.create(path).close()
    monkeypatch.undo()
    before, changed = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(InputError, match="left untouched"):
        Project.open(path)
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == changed
    assert {file.name for file in tmp_path.iterdir()} == {"new.curator", "versions"}


def test_a_migration_that_fails_changes_nothing(address: str, versions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Project.create(address) as project:
        load(project)
    with pytest.MonkeyPatch.context() as patch:
        with_next_format(patch, versions, colour="no_such_column")
        with pytest.raises(InputError, match="is not as Curator made it"):
            Project.open(address)
    with Project.open(address) as project:
        assert len(list(project.examples())) == 9
        with project._database.read() as connection:
            assert "colour" not in connection.execute(text("SELECT * FROM examples")).keys()  # noqa: SIM118


def test_without_a_backup_there_is_no_migration(
    tmp_path: Path, versions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.curator"
    Project.create(path).close()
    with_next_format(monkeypatch, versions)
    before = path.read_bytes()

    class SameSecond(migrate.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return cls(2026, 1, 1, tzinfo=tz)

    monkeypatch.setattr(migrate, "datetime", SameSecond)
    (tmp_path / "old.v0004-20260101T000000.curator").write_text("something of the user's")
    with pytest.raises(EnvironmentFailure, match="no backup can be written"):
        Project.open(path)
    assert path.read_bytes() == before


def test_releases_of_before_they_had_numbers_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "old.curator"
    opened = database.sqlite(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "VERSION", 3)
        with opened.write() as connection:
            migrate.run_migrations(connection, "0003")
            connection.execute(
                text("INSERT INTO journal (at, actor, action, text) VALUES ('x', '\"a\"', 'export', '\"\"')")
            )
            for folder in ("first", "second"):
                connection.execute(
                    text("INSERT INTO releases (journal_id, folder, settings) VALUES (1, :folder, '{}')"),
                    {"folder": f'"{folder}"'},
                )
    opened.close()
    with Project.open(path) as project:
        assert [(one.number, one.title, one.folder) for one in project.releases.all()] == [
            (1, "release 1", "first"),
            (2, "release 2", "second"),
        ]
        assert project.releases.rows(1) is None
        project.releases.add("third", {}, {})
        assert project.releases.get("release 3").folder == "third"
