"""Whatever is wrong with the place of a project is said in one sentence, and harms nothing."""

import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text
from store_material import load, verdict

from curator.errors import CuratorError, EnvironmentFailure, InputError
from curator.model import Verdict
from curator.store import Project, database, places


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A closed SQLite project with a few examples."""
    path = tmp_path / "made.curator"
    with Project.create(path) as project:
        load(project)
    return path


def test_a_project_is_made_once(address: str, project: Project) -> None:
    with pytest.raises(InputError, match=r"exists already|already holds a project"):
        Project.create(address)


def test_the_tables_of_others_are_left_alone(postgres_address: str) -> None:
    other = database.postgres(postgres_address)
    with other.write() as connection:
        connection.execute(text("CREATE TABLE sources (mine integer)"))
    with pytest.raises(InputError, match="already has a table named sources"):
        Project.create(postgres_address)
    with pytest.raises(InputError, match="holds no Curator project"):
        Project.open(postgres_address)
    with other.write() as connection:
        connection.execute(text("CREATE SCHEMA apart"))
    other.close()
    apart = f"{postgres_address}{'&' if '?' in postgres_address else '?'}options=-csearch_path%3Dapart"
    with Project.create(apart) as project:
        assert load(project).examples == 9


def test_a_made_project_is_one_file(made: Path) -> None:
    assert [file.name for file in made.parent.iterdir()] == [made.name]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such project"),
        (b"", "not a Curator project"),
        (b"just some text" * 99, "not a Curator project"),
        (b"SQLite format 3\0" + bytes(4080), "not a Curator project"),
    ],
)
def test_what_is_no_project_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "x.curator"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        Project.open(path)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == ([] if content is None else [content])


def test_a_folder_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a folder"):
        Project.open(tmp_path)
    with pytest.raises(InputError, match="no folder"):
        Project.create(tmp_path / "missing" / "x.curator")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.curator"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(InputError, match="not a Curator project"):
        Project.open(path)


@pytest.mark.parametrize("part", range(1, 12))
def test_a_damaged_project_is_said_to_be_damaged(made: Path, part: int) -> None:
    content = bytearray(made.read_bytes())
    middle = len(content) * part // 12
    content[middle : middle + 6000] = b"\xa5" * len(content[middle : middle + 6000])
    made.write_bytes(content)
    said = ""
    try:
        with Project.open(made) as project:
            list(project.examples()), list(project.rejected()), project.log(), project.counts()
            project.decide([verdict(1, Verdict.KEEP)])
    except InputError as error:
        said = str(error)
    assert said == "" or "go back to a backup" in said


def test_a_cut_off_project_is_said_to_be_damaged(made: Path) -> None:
    os.truncate(made, 5000)
    with pytest.raises(InputError, match="damaged"):
        Project.open(made)


def test_a_project_without_its_tables_is_said_to_be_damaged(made: Path) -> None:
    with closing(sqlite3.connect(made)) as connection:
        connection.execute("DROP TABLE finding_examples")
        connection.execute("DROP TABLE rejected")
    with Project.open(made) as project, pytest.raises(InputError, match="is not as Curator made it"):
        list(project.rejected())


def test_a_locked_project_is_waited_for_and_then_named(
    address: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(project)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.3)
    with Project.open(address) as other:
        with project._database.write():
            with pytest.raises(EnvironmentFailure, match="is locked by another program") as failure:
                other.set_settings(seed=1)
            assert failure.value.exit_code == 3
            assert len(list(other.examples())) == 9
        other.set_settings(seed=2)
    assert project.settings() == {"seed": 2}


def test_a_short_lock_is_only_waited_for(address: str, project: Project) -> None:
    begun = threading.Event()

    def hold() -> None:
        with project._database.write():
            begun.set()
            time.sleep(0.3)

    holder = threading.Thread(target=hold)
    holder.start()
    begun.wait()
    with Project.open(address) as other:
        other.set_settings(seed=1)
    holder.join()
    assert project.settings() == {"seed": 1}


def test_a_full_disk_loses_only_what_was_not_committed(made: Path) -> None:
    with Project.open(made) as project:

        @event.listens_for(project._database._engine, "connect")
        def limit(connection: sqlite3.Connection, _: object) -> None:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")

        project._database.close()
        with pytest.raises(EnvironmentFailure, match="disk is full"):
            load(project, "big.jsonl", 5_000)
    with Project.open(made) as project:
        assert len(list(project.examples())) == 9
        assert load(project, "big.jsonl", 5_000).records == 5_000


def test_a_file_that_may_not_grow_is_told_apart_from_a_bug(made: Path) -> None:
    resource = pytest.importorskip("resource")

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        with Project.open(made) as project:
            load(project, "big.jsonl", 5_000)

    assert "cannot be read or written" in str(failure_in_child(work))


@pytest.mark.parametrize(("state", "said"), [("53100", "the disk is full"), ("57P01", "closed by the server")])
def test_a_servers_trouble_is_told_apart_from_a_bug(postgres_address: str, state: str, said: str) -> None:
    trouble = text(f"DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '{state}'; END $$")
    with (
        Project.create(postgres_address) as project,
        pytest.raises(EnvironmentFailure, match=said),
        project._database.write() as connection,
    ):
        connection.execute(trouble)


def failure_in_child(work: Callable[[], None]) -> CuratorError | None:
    """The error that `work` raises in a process of its own, which may give up its rights."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work()
            os.write(write, b"none\n")
        except CuratorError as error:
            os.write(write, f"{type(error).__name__}\n{error}".encode())
        except BaseException as error:
            os.write(write, f"bug\n{error!r}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        kind, _, message = pipe.read().decode().partition("\n")
    os.waitpid(child, 0)
    assert kind != "bug", message
    return {"InputError": InputError, "EnvironmentFailure": EnvironmentFailure}[kind](message) if message else None


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and permissions")
@pytest.mark.parametrize("what", ["file", "folder", "unreadable"])
def test_a_read_only_place_is_the_environments_fault(made: Path, what: str) -> None:
    with Project.open(made) as project:  # what the child needs is imported before it gives up its rights
        list(project.examples())
    folder = Path(tempfile.mkdtemp())
    try:
        path = Path(shutil.copy(made, folder))
        folder.chmod(0o777 if what == "file" else 0o755 if os.geteuid() == 0 else 0o555)
        path.chmod({"file": 0o444, "folder": 0o666, "unreadable": 0o000}[what])

        def work() -> None:
            if os.geteuid() == 0:
                os.setuid(65534)
            if what == "folder":
                with pytest.raises(EnvironmentFailure, match="is read-only"):
                    Project.create(folder / "new.curator")
            Project.open(path)

        error = failure_in_child(work)
        assert isinstance(error, EnvironmentFailure)
        assert "cannot be read" in str(error) if what == "unreadable" else "is read-only" in str(error)
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_killed_projects_log_moves_with_it(made: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    project = Project.open(made)
    load(project, "b.jsonl")
    for file in made.parent.glob(made.name + "*"):  # as a copy of the files of a program that was killed
        shutil.copy(file, elsewhere)
    project.close()
    (elsewhere / (made.name + "-shm")).unlink()
    with Project.open(elsewhere / made.name) as moved:
        assert [s.path for s in moved.sources()] == ["a.jsonl", "b.jsonl"]
        assert len(list(moved.examples())) == 18


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_network_folder_is_refused_with_what_to_do_instead(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    mounts = tmp_path / "mounts"
    share = str(made.parent).replace(" ", "\\040")
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\nserver:/x {share} {kind} rw 0 0\ntmpfs {share}/inner tmpfs rw 0 0\n")
    monkeypatch.setattr(places, "MOUNTS", mounts)
    before = made.read_bytes()
    for attempt in (Project.open, Project.create):
        with pytest.raises(InputError, match=rf"network file system \({kind}\).*copy on a local disk.*PostgreSQL"):
            attempt(made)
    assert made.read_bytes() == before
    (tmp_path / "inner").mkdir()
    Project.create(tmp_path / "inner" / "x.curator").close()


def test_the_file_system_of_a_folder_is_known_here(tmp_path: Path) -> None:
    if not places.MOUNTS.exists():
        pytest.skip("no /proc/mounts")
    assert places.file_system(tmp_path)
    assert places.file_system(Path("/proc")) == "proc"


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InputError, match=r"curator-workbench\[postgres\]"):
        Project.open("postgresql://ana:secret@localhost/data")


@pytest.mark.parametrize("address", ["postgresql://ana:secret@localhost:port/x", "postgresql://ana:secret@[::1:5/x"])
def test_an_unreadable_address_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(InputError, match="address cannot be read") as failure:
        Project.open(address)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ana:secret@127.0.0.1:1/data",
        "postgres://ana@127.0.0.1:1/data?password=secret",
        "postgresql://ana:secret@/data?host=/nowhere",
    ],
)
def test_no_server_is_the_environments_fault_and_keeps_the_password(address: str) -> None:
    with pytest.raises(EnvironmentFailure, match="does not answer") as failure:
        Project.open(address)
    assert "secret" not in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_missing_database_is_named(postgres_server: str) -> None:
    with pytest.raises(EnvironmentFailure, match='"absent" does not exist'):
        Project.open(postgres_server.replace("/postgres?", "/absent?"))


def test_a_password_shows_only_in_the_address(postgres_address: str) -> None:
    address = postgres_address.replace("postgres:@", "postgres:secret@")
    assert "secret" in address
    with Project.create(address) as project:
        assert "secret" not in project.where
        assert project.address == address


def test_a_temporary_project_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Project.temporary() as project:
        load(project)
        assert Path(project.where).is_file()
    assert list(tmp_path.iterdir()) == []
