"""The same data gives the same release, whatever the order of its rows and the threads; a split is stable as data grows."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from curator.model import Decision, Verdict
from curator.resources import resource
from curator.store import Project

SPLITS = ("train", "validation", "test")
Rows = list[tuple[str, str]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    with (resource("samples/support") / "pairs.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["intent"]) for row in csv.DictReader(file) if row["text"].strip()]


def write(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "intent"), *rows])
    return path


def places(release: Path) -> dict[tuple[str, str], str]:
    """The split of each text and label."""
    found = {}
    for split in SPLITS:
        for line in (release / "openai" / f"{split}.jsonl").read_text(encoding="utf-8").splitlines():
            *_, user, assistant = json.loads(line)["messages"]
            found[user["content"], assistant["content"]] = split
    return found


def texts(release: Path) -> dict[str, bytes]:
    return {split: (release / "openai" / f"{split}.jsonl").read_bytes() for split in SPLITS}


EXPORT = ("--split", "80/10/10", "--task", "classification")


def test_the_order_of_rows_changes_not_one_byte(curator: Callable, rows: Rows, tmp_path: Path) -> None:
    found = []
    for seed in range(3):
        shuffled = random.Random(seed).sample(rows, len(rows)) if seed else rows
        source = write(tmp_path / f"{seed}.csv", shuffled)
        assert curator("export", "-q", source, "--out", tmp_path / f"{seed}", "--size", "600", *EXPORT).code == 0
        found.append(texts(tmp_path / f"{seed}"))
    assert found[0] == found[1] == found[2]


def test_threads_and_an_empty_cache_change_not_one_byte(rows: Rows, tmp_path: Path) -> None:
    found, findings = [], []
    write(tmp_path / "some.csv", rows[:300])
    for threads in ("1", "2"):
        environment = os.environ | {"OMP_NUM_THREADS": threads, "CURATOR_CACHE_DIR": str(tmp_path / f"cache{threads}")}
        code = (
            "from curator import cli\n"
            f"assert cli.run(['export', '-q', 'some.csv', '--out', '{threads}', *{EXPORT!r}]) == 0\n"
            f"assert cli.run(['check', '-q', 'some.csv', '--json', '{threads}.json']) == 0\n"
        )
        subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, check=True, timeout=200)
        found.append(texts(tmp_path / threads))
        findings.append((tmp_path / f"{threads}.json").read_bytes())
    assert found[0] == found[1]
    assert findings[0] == findings[1]


def grown(rows: Rows, dice: random.Random) -> tuple[Rows, Rows]:
    """The sample without 5% of its rows; and all of it, with near duplicates of rows that were there already."""
    shuffled = dice.sample(rows, len(rows))
    before = shuffled[len(rows) // 20 :]
    near = [(f"Hello, {text[0].lower()}{text[1:]}", label) for text, label in dice.sample(before, 20)]
    return before, [*shuffled, *near]


def test_more_rows_move_no_example_to_another_split(curator: Callable, rows: Rows, tmp_path: Path) -> None:
    before, after = grown(rows, random.Random(5))
    for name, some in (("before", before), ("after", after)):
        source = write(tmp_path / f"{name}.csv", some)
        assert curator("export", "-q", source, "--out", tmp_path / name, "--no-stratify", *EXPORT).code == 0
    old, new = places(tmp_path / "before"), places(tmp_path / "after")
    both = old.keys() & new.keys()
    assert len(both) > 0.9 * len(old)
    assert {pair: (old[pair], new[pair]) for pair in both if old[pair] != new[pair]} == {}


def test_more_rows_move_nothing_towards_train_where_labels_are_spread_and_a_project_is_kept(
    curator: Callable, rows: Rows, tmp_path: Path
) -> None:
    before, after = grown(rows, random.Random(5))
    for name, some in (("before", before), ("after", after)):
        source = write(tmp_path / f"{name}.csv", some)
        options = ("--project", tmp_path / "p.curator", "--out", tmp_path / name)
        assert curator("export", "-q", source, *options, *EXPORT).code == 0
    old, new = places(tmp_path / "before"), places(tmp_path / "after")
    both = old.keys() & new.keys()
    assert len(both) > 0.9 * len(old)
    assert not [pair for pair in both if SPLITS.index(new[pair]) < SPLITS.index(old[pair])]


def test_what_was_released_as_test_is_never_trained_on_later(curator: Callable, rows: Rows, tmp_path: Path) -> None:
    project = tmp_path / "p.curator"
    write(tmp_path / "first.csv", rows[:400])
    held: dict[str, str] = {}
    for number, options in enumerate(((), ("--no-stratify",), ("--size", "300"), ("--seed", "9"))):
        out = tmp_path / f"out{number}"
        more = [(f"Hello, {text[0].lower()}{text[1:]}", label) for text, label in rows[:400:9]]
        source = write(tmp_path / f"{number}.csv", rows[:400] if not number else [*rows[number * 100 :][:200], *more])
        ran = curator("export", "-q", source, "--project", project, "--out", out, *EXPORT, *options)
        assert ran.code == 0
        now = places(out)
        for (text, _), split in now.items():
            assert SPLITS.index(split) >= SPLITS.index(held.get(text, "train")), text
            held[text] = split


def test_a_near_duplicate_of_what_was_released_as_test_stays_out_of_train(
    curator: Callable, rows: Rows, tmp_path: Path
) -> None:
    project = tmp_path / "p.curator"
    source = write(tmp_path / "first.csv", rows[:400])
    assert curator("export", "-q", source, "--project", project, "--out", tmp_path / "first", *EXPORT).code == 0
    before = places(tmp_path / "first")
    held = [pair for pair, split in before.items() if split == "test"]
    fuller = {f"Hello, {text[0].lower()}{text[1:]}": (text, label) for text, label in held}
    source = write(tmp_path / "second.csv", [(text, label) for text, (_, label) in fuller.items()])
    assert curator("export", "-q", source, "--project", project, "--out", tmp_path / "second", *EXPORT).code == 0
    after = places(tmp_path / "second")
    replaced = [(text, label) for text, label in after if text in fuller and fuller[text] not in after]
    assert len(replaced) > len(held) / 2
    assert {after[pair] for pair in replaced} == {"test"}


@pytest.mark.parametrize("kept", [True, False], ids=["with a project's memory", "with none"])
def test_a_relabelled_example_stays_in_its_split(curator: Callable, rows: Rows, tmp_path: Path, kept: bool) -> None:
    path = tmp_path / "p.curator"
    source = write(tmp_path / "some.csv", rows[:300])
    curator("new", path)
    curator("import", "-q", path, source)
    first = path if kept else source
    assert curator("export", "-q", first, "--out", tmp_path / "first", "--no-stratify", *EXPORT).code == 0
    before = {text: split for (text, _), split in places(tmp_path / "first").items()}
    with Project.open(path) as project:
        held = [e for e in project.examples() if before.get(e.input) == "test"]
        project.decide([Decision("", e.id, "", "ana", Verdict.RELABEL, "another") for e in held])
    assert curator("export", "-q", path, "--out", tmp_path / "second", "--no-stratify", *EXPORT).code == 0
    after = places(tmp_path / "second")
    assert {after.get((e.input, "another"), "test") for e in held} == {"test"}
    assert sum((e.input, "another") in after for e in held) > len(held) / 2
