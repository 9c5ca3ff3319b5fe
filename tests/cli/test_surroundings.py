"""A disk that is full or read-only, a locked, damaged or newer project: one sentence, exit code 3 or 2, nothing harmed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cli_material import made_rows, write_rows

from curator.store import database

QUICK = ("--only", "structure")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_rows(Path("small.csv"), made_rows(40))


@pytest.fixture
def project(small: Path, curator: Callable) -> Path:
    """A project with 40 examples."""
    path = Path("made.curator")
    assert curator("new", path).code == 0
    assert curator("import", "-q", path, small).code == 0
    return path


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 kB of its own; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("may not mount a disk here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


RESULTS = [
    ("check", "--json"),
    ("check", "--report"),
    ("check", "--junit"),
    ("check", "--scores"),
    ("check", "--project"),
    ("convert", "--out"),
    ("export", "--out"),
]


def command(name: str, option: str, where: Path, file: Path) -> list[str]:
    suffix = {"--scores": ".csv", "--project": ".curator"}.get(option, "")
    more = {"check": QUICK, "convert": ("--to", "openai"), "export": ("--allow-below-minimum",)}[name]
    return [name, "-q", str(file), *more, option, str(where / f"result{suffix}")]


@pytest.mark.parametrize(("name", "option"), RESULTS)
def test_a_full_disk_is_named_and_nothing_half_written_stays(
    curator: Callable, disk: Path, small: Path, name: str, option: str
) -> None:
    fill(disk)
    ran = curator(*command(name, option, disk, small))
    assert ran.code == 3
    assert "the disk is full; free some space" in ran.sentence
    assert f"{disk}/result" in ran.sentence
    assert [file.name for file in disk.iterdir()] == ["filler"]


@pytest.mark.parametrize(("name", "option"), RESULTS)
def test_a_read_only_disk_is_named(curator: Callable, disk: Path, small: Path, name: str, option: str) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    ran = curator(*command(name, option, disk, small))
    assert ran.code == 3
    assert "read-only" in ran.sentence or "may not write" in ran.sentence
    assert f"{disk}/result" in ran.sentence


@pytest.mark.parametrize("option", ["--json", "--report", "--junit"])
def test_a_device_is_written_to_and_not_replaced(curator: Callable, small: Path, option: str) -> None:
    for device, code in (("/dev/full", 3), ("/dev/null", 0)):
        if not Path(device).is_char_device():
            pytest.skip(f"no {device} here")
        ran = curator("check", "-q", small, *QUICK, option, device)
        assert ran.code == code
        assert "the disk is full" in ran.sentence if code else ran.err == ""
        assert Path(device).is_char_device()


def test_a_full_disk_for_temporary_files_is_named(
    curator: Callable, disk: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(disk)
    monkeypatch.setenv("TMPDIR", str(disk))
    monkeypatch.setattr(tempfile, "tempdir", str(disk))  # what TMPDIR sets in a new process
    ran = curator("check", "-q", small, *QUICK)
    assert ran.code == 3
    assert f"in {disk}, which is full" in ran.sentence
    assert "set TMPDIR to another folder" in ran.sentence
    assert [file.name for file in disk.iterdir()] == ["filler"]


def test_a_project_that_fills_the_disk_keeps_what_was_committed(curator: Callable, disk: Path, tmp_path: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=700k", str(disk)], check=True)
    path = disk / "p.curator"
    assert curator("new", path).code == 0
    big = write_rows(tmp_path / "big.csv", made_rows(9_000))
    ran = curator("import", "-q", path, big)
    assert ran.code == 3
    assert "the disk is full; free some space and try again" in ran.sentence
    subprocess.run(["mount", "-o", "remount,size=30m", str(disk)], check=True)
    assert curator("status", path).code == 0
    assert curator("import", "-q", path, big).code == 0
    assert "9,000 candidates" in curator("status", path).out


@pytest.mark.parametrize("broken", ["full", "a file"])
def test_a_cache_that_cannot_be_kept_costs_time_and_not_the_result(
    curator: Callable, small: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, broken: str
) -> None:
    check = ("check", "-q", small, "--only", "near_duplicate")
    usual = curator(*check)
    if broken == "full":
        folder = request.getfixturevalue("disk")
        fill(folder)
    else:
        folder = small
    monkeypatch.setenv("CURATOR_CACHE_DIR", str(folder))
    ran = curator(*check)
    assert ran.code == 0
    assert "the embedding cache" in " ".join(ran.out.split())
    assert "set CURATOR_CACHE_DIR to another folder" in " ".join(ran.out.split())
    assert ran.out.startswith(usual.out)


def test_a_newer_project_is_refused_and_not_one_byte_changes(curator: Callable, project: Path) -> None:
    content = bytearray(project.read_bytes())
    content[60:64] = (9_999).to_bytes(4, "big")  # user_version in the header of SQLite
    project.write_bytes(content)
    before = sorted(Path().iterdir())
    for name in ("status", "check", "log", "undo"):
        ran = curator(name, project)
        assert ran.code == 2
        assert "made by a newer Curator" in ran.sentence
        assert "update Curator" in ran.sentence
    assert project.read_bytes() == content
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_locked_project_can_be_read_and_is_not_waited_for_long(
    curator: Callable, project: Path, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.3)
    holder = (
        "import sqlite3, sys\n"
        f"c = sqlite3.connect({str(project)!r}, isolation_level=None)\n"
        f"c.execute('BEGIN {lock}')\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", holder], text=True, **pipes) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        for command in (["undo", project], ["import", "-q", project, "--eval", "small.csv"], ["check", "-q", project]):
            ran = curator(*command)
            assert ran.code == 3
            assert "made.curator is locked by another program; close that one" in ran.sentence
        assert "40 candidates" in curator("status", project).out
    assert curator("undo", project).code == 0


def test_a_damaged_project_is_said_to_be_damaged(curator: Callable, project: Path) -> None:
    content = project.read_bytes()
    project.write_bytes(content[:4096] + b"\xa5" * 9_000 + content[13_096:])
    for name in ("status", "check", "log"):
        ran = curator(name, "-q", project) if name == "check" else curator(name, project)
        assert ran.code == 2
        assert "made.curator is damaged; go back to a backup" in ran.sentence
    project.write_bytes(content[:3_000])
    assert "damaged" in curator("status", project).sentence


def test_a_database_that_does_not_answer_is_named_without_its_password(curator: Callable) -> None:
    pytest.importorskip("psycopg")
    ran = curator("status", "postgresql://someone:secret@127.0.0.1:1/data")
    assert ran.code == 3
    assert "does not answer" in ran.sentence
    assert "secret" not in ran.sentence


def test_a_project_of_the_same_name_in_use_is_shared(curator: Callable, project: Path) -> None:
    with closing(sqlite3.connect(project)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM examples").fetchone()
        assert curator("undo", project).code == 0
        assert reader.execute("SELECT count(*) FROM examples").fetchone() == (40,)
