"""A command that is killed at any moment loses nothing that was committed, and the next run ends as if it had not been.

Killed with SIGKILL at random moments, which are the same in every run of the tests.
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from curator.resources import resource

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

KILLS = 6
RECORDS = 20_000


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    from forked import server

    return server()


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 20,000 rows, every hundredth of which cannot be read."""
    path = tmp_path_factory.mktemp("records") / "big.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(RECORDS):
            whole = json.dumps({"prompt": f"Question number {number}?", "completion": f"Answer {number}. " * 5})
            file.write((whole if number % 100 else whole[:20]) + "\n")
    return path


@pytest.fixture(scope="module")
def support(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 80 rows of the bundled support sample."""
    path = tmp_path_factory.mktemp("support") / "pairs.csv"
    with (resource("samples/support") / "pairs.csv").open(encoding="utf-8", newline="") as whole:
        rows = list(csv.reader(whole))[:81]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def stop_after(seconds: float, with_signal: int, *command: object) -> int:
    """Begin a command and stop it `seconds` after its first words; its exit code."""
    from forked import begin

    process = begin(*command)  # type: ignore[arg-type]
    folder = command[1]
    assert isinstance(folder, Path)
    err = folder / "err"
    while process.is_alive() and not (err.exists() and err.stat().st_size):
        time.sleep(0.002)
    time.sleep(seconds)
    assert process.pid is not None
    if process.is_alive():
        os.kill(process.pid, with_signal)
    process.join(60)
    assert process.exitcode is not None
    err.replace(folder / "err.last")
    return process.exitcode


def longest(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def contents(project: Path) -> list[tuple[object, ...]]:
    """What a project says, whatever its ids and times: sources, examples, rejected records."""
    with closing(sqlite3.connect(project)) as connection:
        sources = connection.execute("SELECT records, examples, rejected, complete FROM sources ORDER BY id").fetchall()
        examples = connection.execute("SELECT record, line, content FROM examples ORDER BY record").fetchall()
        rejected = connection.execute("SELECT record, line, reason FROM rejected ORDER BY record").fetchall()
    return [*sources, *examples, *rejected]


def test_a_killed_import_goes_on_where_it_was(context: ForkServerContext, records: Path, tmp_path: Path) -> None:
    from forked import finish

    cache = tmp_path / "cache"
    finish(context, tmp_path, cache, "new", "empty.curator")
    shutil.copy(tmp_path / "empty.curator", tmp_path / "a.curator")
    whole = longest(lambda: finish(context, tmp_path, cache, "import", "a.curator", records))
    expected = contents(tmp_path / "a.curator")
    assert len(expected) == RECORDS + 1
    dice = random.Random(1)
    (tmp_path / "err").unlink()
    unfinished = 0
    for kill in range(KILLS):
        project = tmp_path / f"{kill}.curator"
        shutil.copy(tmp_path / "empty.curator", project)
        stop_after(dice.uniform(0, whole), signal.SIGKILL, context, tmp_path, cache, "import", project.name, records)
        before = contents(project)
        unfinished += before != expected
        if before:
            stored = before[0][0]
            assert before[1:] == [row for row in expected[1:] if row[0] < stored]  # type: ignore[operator]
        finish(context, tmp_path, cache, "status", project.name)
        finish(context, tmp_path, cache, "import", project.name, records)
        assert contents(project) == expected
        (tmp_path / "err").unlink()
        project.unlink()
    assert unfinished > KILLS / 4


@pytest.mark.parametrize("cached", [True, False], ids=["warm cache", "cold cache"])
def test_a_killed_check_leaves_a_whole_project_and_the_next_ends_the_same(
    context: ForkServerContext, support: Path, tmp_path: Path, embedding_cache: Path, cached: bool
) -> None:
    from forked import finish

    check = ("check", "a.curator", "--json", "found.json")
    finish(context, tmp_path, embedding_cache, "new", "a.curator")
    finish(context, tmp_path, embedding_cache, "import", "a.curator", support)
    finish(context, tmp_path, embedding_cache, *check)
    expected = (tmp_path / "found.json").read_bytes()
    kept = contents(tmp_path / "a.curator")
    cold = tmp_path / "cold"
    whole = longest(lambda: finish(context, tmp_path, embedding_cache if cached else cold, *check))
    (tmp_path / "err").unlink()
    dice = random.Random(2)
    killed = 0
    for kill in range(KILLS if cached else 4):
        cache = embedding_cache if cached else tmp_path / f"cold{kill}"
        (tmp_path / "found.json").unlink()
        killed += stop_after(dice.uniform(0, whole), signal.SIGKILL, context, tmp_path, cache, *check) != 0
        assert contents(tmp_path / "a.curator") == kept
        assert "80 candidates" in finish(context, tmp_path, cache, "status", "a.curator")
        if kill % 10 == 9 or not cached:
            finish(context, tmp_path, cache, *check)
            assert (tmp_path / "found.json").read_bytes() == expected
        (tmp_path / "found.json").touch()
        (tmp_path / "err").unlink()
    finish(context, tmp_path, embedding_cache, *check)
    assert (tmp_path / "found.json").read_bytes() == expected
    assert killed > 1


def test_an_interrupted_command_says_one_line_and_exits_with_130(
    context: ForkServerContext, records: Path, support: Path, tmp_path: Path
) -> None:
    from forked import finish

    finish(context, tmp_path, tmp_path / "cache", "new", "a.curator")
    (tmp_path / "err").unlink()
    dice = random.Random(3)
    commands = [("import", "a.curator", records), ("check", support), ("export", support, "--out", "release")]
    for number in range(9):
        command = commands[number % 3]
        cache = tmp_path / f"cache{number}"
        code = stop_after(dice.uniform(0, 0.5), signal.SIGINT, context, tmp_path, cache, *command)
        said = (tmp_path / "err.last").read_text()
        assert code == 130, said
        assert said.splitlines()[-1] == "Stopped; everything that was finished is kept."
        assert "Traceback" not in said
        assert not (tmp_path / "release").exists()
    assert not [file.name for file in tmp_path.iterdir() if file.name.endswith((".part", ".old"))]
