"""What a release promises: every record is accounted for, nothing leaks, nothing half written, decisions honoured."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from curator import cli
from curator.embedding import Embedder
from curator.errors import EnvironmentFailure
from curator.model import Decision, Verdict
from curator.release import files
from curator.release import lines as release_lines
from curator.resources import resource
from curator.store import Project

SUPPORT = resource("samples/support")


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The support sample with two rows more that cannot be read."""
    path = tmp_path_factory.mktemp("mixed") / "mixed.jsonl"
    with (SUPPORT / "pairs.csv").open(encoding="utf-8", newline="") as file:
        written = [json.dumps({"text": row["text"], "label": row["intent"]}) for row in csv.DictReader(file)]
    path.write_text("\n".join([*written[:9], '{"text": "cut', *written[9:], "[1, 2]"]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def released(mixed: Path, embedding_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of it for three targets, with an eval set."""
    out = tmp_path_factory.mktemp("release") / "out"
    options = ["--eval", str(SUPPORT / "eval.csv"), "--target", "all", "--split", "80/10/10", "--seed", "7"]
    assert cli.run(["export", "-q", str(mixed), *options, "--out", str(out)]) == 0
    return out


def test_every_record_is_written_or_excluded_or_rejected_exactly_once(released: Path, mixed: Path) -> None:
    rows, excluded, rejected = (lines(released / f"{name}.jsonl") for name in ("rows", "excluded", "rejected"))
    everywhere = [line for line in excluded if "target" not in line]
    numbers = [line["from"]["record"] for line in (*rows, *everywhere, *rejected)]
    assert sorted(numbers) == list(range(len(mixed.read_text(encoding="utf-8").splitlines())))
    assert len(rejected) == 2
    assert all(line["reason"] and line["message"] and (line["finding"] or line["reason"]) for line in everywhere)


def test_every_written_line_is_named_by_its_row_and_says_what_its_record_said(released: Path, mixed: Path) -> None:
    records = mixed.read_text(encoding="utf-8").splitlines()
    rows = lines(released / "rows.jsonl")
    missing = [
        (line["target"], line["from"]["record"]) for line in lines(released / "excluded.jsonl") if "target" in line
    ]
    for target in ("openai", "trl", "jsonl"):
        for split in ("train", "validation", "test"):
            written = lines(released / target / f"{split}.jsonl")
            named = {row["lines"][target]: row for row in rows if row["split"] == split and target in row["lines"]}
            assert sorted(named) == list(range(1, len(written) + 1))
            for number, line in enumerate(written, 1):
                record = json.loads(records[named[number]["from"]["record"]])
                assert all(json.dumps(record[name]) in json.dumps(line) for name in ("text", "label"))
        absent = sum(target not in row["lines"] for row in rows)
        assert absent == sum(name == target for name, _ in missing)


def test_the_manifest_names_every_file_with_its_checksum_and_its_counts(released: Path, mixed: Path) -> None:
    manifest = json.loads((released / "manifest.json").read_text())
    assert manifest["schema"] == "curator/release/1"
    assert manifest["seed"] == 7
    there = {p.relative_to(released).as_posix() for p in released.rglob("*") if p.is_file()} - {"manifest.json"}
    assert {output["path"] for output in manifest["outputs"]} == there
    for output in manifest["outputs"]:
        content = (released / output["path"]).read_bytes()
        assert output["sha256"] == hashlib.sha256(content).hexdigest()
        assert output["bytes"] == len(content)
        if output["path"].endswith(".jsonl") and "rows" in output:
            assert output["rows"] == content.count(b"\n")
    source = manifest["sources"][0]
    assert source["sha256"] == hashlib.sha256(mixed.read_bytes()).hexdigest()
    assert source["records"] == source["examples"] + source["rejected"]
    counts = manifest["counts"]
    assert counts["read"] == source["records"]
    assert sum(counts["splits"].values()) == counts["chosen"]
    assert counts["chosen"] + sum(counts["excluded"].values()) == counts["readable"]
    assert (manifest["task"]["minimum"], manifest["task"]["ideal"]) == (200, 2_000)


def test_no_pair_across_splits_is_a_near_duplicate(released: Path) -> None:
    certificate = json.loads((released / "manifest.json").read_text())["certificate"]
    assert certificate["groups_straddling"] == 0
    texts, splits = [], []
    for split in ("train", "validation", "test"):
        for line in lines(released / "openai" / f"{split}.jsonl"):
            texts.append(line["messages"][-2]["content"])
            splits.append(split)
    embedder = Embedder()
    vectors = embedder.vectors(texts)
    embedder.close()
    cosine = vectors @ vectors.T
    names = np.asarray(splits)
    across = np.where(names[:, None] != names[None, :], cosine, -1)
    rows = lines(released / "rows.jsonl")
    assert max(row["nearest"]["cosine"] for row in rows) == pytest.approx(across.max(), abs=0.001)
    assert certificate["nearest_across_splits"] == pytest.approx(across.max(), abs=0.001)
    assert len({text.casefold().strip() for text in texts}) == len(texts)


def test_the_written_files_are_acceptable(curator: Callable, released: Path) -> None:
    for target in ("openai", "trl", "jsonl"):
        for part in ("train", "validation", "test"):
            ran = curator("validate", released / target / f"{part}.jsonl", "--target", target, "--part", part)
            assert ran.code == 0


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the first 230 rows of the sample."""
    monkeypatch.chdir(tmp_path)
    whole = (SUPPORT / "pairs.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    Path("some.csv").write_text("".join(whole[:231]), encoding="utf-8")
    assert cli.run(["new", "p.curator", "--task", "classification"]) == 0
    assert cli.run(["import", "-q", "p.curator", "some.csv"]) == 0
    return Path("p.curator")


LET_IN = ("--include", "label_error,conflict,near_duplicate,structure")


def test_below_the_minimum_nothing_is_written_unless_asked(curator: Callable, project: Path) -> None:
    few = ("export", "-q", project, "--task", "style", "--out", "out")
    ran = curator(*few)
    assert ran.code == 1
    assert "below the minimum of 500 for style" in ran.sentence
    assert "pass --allow-below-minimum" in ran.sentence
    assert sorted(p.name for p in Path().iterdir()) == ["p.curator", "some.csv"]
    ran = curator(*few, "--allow-below-minimum")
    assert ran.code == 0
    assert "few-shot prompting" in ran.out
    assert Path("out/manifest.json").exists()


def test_a_size_is_met_and_what_is_left_out_for_it_is_named(curator: Callable, project: Path) -> None:
    for size, count in (("minimum", 200), ("210", 210)):
        out = Path(f"out{size}")
        assert curator("export", "-q", project, "--size", size, "--out", out, *LET_IN).code == 0
        assert len(lines(out / "rows.jsonl")) == count
        assert sum(line["reason"] == "size" for line in lines(out / "excluded.jsonl")) > 0
    ran = curator("export", "-q", project, "--size", "ideal", "--out", "ideal", *LET_IN)
    assert ran.code == 0
    assert "2,000 were asked for" in ran.out
    assert curator("export", "-q", project, "--size", "100", "--out", "small", *LET_IN).code == 1
    assert not Path("small").exists()


def test_a_release_is_only_overwritten_with_force_and_whole(
    curator: Callable, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ("export", "-q", project, "--out", "out", *LET_IN)
    assert curator(*export, "--seed", "1").code == 0
    before = {p: p.read_bytes() for p in Path("out").rglob("*") if p.is_file()}
    ran = curator(*export, "--seed", "2")
    assert ran.code == 2
    assert "already holds a release; choose another folder, or overwrite it with --force" in ran.sentence

    def fails(*_: object) -> None:
        raise EnvironmentFailure("the disk is full.")

    for room, step in ((files, "_manifest"), (files, "_swap"), (release_lines, "rows")):
        with monkeypatch.context() as patch:
            patch.setattr(room, step, fails)
            assert curator(*export, "--seed", "2", "--force").code == 3
            assert curator(*export[:3], "--out", "new", *LET_IN).code == 3
        assert {p: p.read_bytes() for p in Path("out").rglob("*") if p.is_file()} == before
        assert sorted(p.name for p in Path().iterdir()) == ["out", "p.curator", "some.csv"]
    assert curator(*export, "--seed", "2", "--target", "trl", "--force").code == 0
    assert not Path("out/openai").exists()
    assert sorted(p.name for p in Path().iterdir()) == ["out", "p.curator", "some.csv"]
    Path("other").mkdir()
    Path("other/mine.txt").write_text("mine")
    assert curator(*export[:3], "--out", "other", "--force", *LET_IN).code == 2
    assert Path("other/mine.txt").read_text() == "mine"


def test_decisions_are_honoured_and_named(curator: Callable, project: Path) -> None:
    verdicts = [
        (Verdict.DROP, None),
        (Verdict.FLAG, None),
        (Verdict.KEEP, None),
        (Verdict.RELABEL, "a new label"),
        (
            Verdict.EDIT,
            json.dumps([{"role": "user", "content": "Edited?"}, {"role": "assistant", "content": "restock"}]),
        ),
    ]
    with Project.open(project) as opened:
        examples = list(opened.examples())[100:105]
        made = [
            Decision("", example.id, "", "ana", verdict, value, note=f"note {number}")
            for number, (example, (verdict, value)) in enumerate(zip(examples, verdicts, strict=True))
        ]
        opened.decide(made)
        ids = {d.example: d.id for d in opened.decisions()}
    assert curator("export", "-q", project, "--out", "out", "--target", "openai", *LET_IN).code == 0
    rows = {row["from"]["record"]: row for row in lines(Path("out/rows.jsonl"))}
    excluded = {line["from"]["record"]: line for line in lines(Path("out/excluded.jsonl"))}
    for example, word in zip(examples[:2], ("dropped", "flagged"), strict=True):
        line = excluded[example.ref.record]
        assert (line["reason"], line["decision"]) == ("decision", ids[example.id])
        assert line["message"].startswith(f"{word} by ana: note ")
    for example, (verdict, _) in zip(examples[2:], verdicts[2:], strict=True):
        expected = {"id": ids[example.id], "reviewer": "ana", "verdict": str(verdict)}
        assert rows[example.ref.record]["decision"] == expected
    written = {}
    for example in examples[3:]:
        row = rows[example.ref.record]
        written[example.id] = lines(Path("out/openai") / f"{row['split']}.jsonl")[row["lines"]["openai"] - 1][
            "messages"
        ]
    assert written[examples[3].id][-1]["content"] == "a new label"
    assert written[examples[4].id][-2]["content"] == "Edited?"
    assert "Undid: Made 5 decisions" in curator("undo", project).out
    assert curator("export", "-q", project, "--out", "again", "--target", "openai", *LET_IN).code == 0
    assert all(row["decision"] is None for row in lines(Path("again/rows.jsonl")))
