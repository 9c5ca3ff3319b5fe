"""`curator compare` as it is typed: what it prints, writes, and exits with."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from comparison_material import answered, colours, labelled, write_lines

from curator.formats import detect, read
from curator.model import Finding, Role, Severity
from curator.store import Project

GOLD = colours(150)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    return labelled(tmp_path, GOLD, answered(GOLD, 0.55, 1), answered(GOLD, 0.95, 2))


def test_a_tuned_model_that_is_better_is_called_so(curator: Callable, files: tuple[Path, ...]) -> None:
    ran = curator("compare", *files, "-q")
    assert ran.code == 0
    assert "150 eval examples, task classification" in ran.out
    assert re.search(
        r"The tuned model is better: accuracy \d+\.\d% → \d+\.\d%, \+\d+\.\d points \(95% interval \+", ran.out
    )
    assert "matched by id (id)" in ran.out


def test_noise_says_what_it_would_take(curator: Callable, tmp_path: Path) -> None:
    ran = curator("compare", *labelled(tmp_path, GOLD, answered(GOLD, 0.7, 1), answered(GOLD, 0.7, 4)), "-q")
    assert "The difference is noise" in ran.out
    assert re.search(r"for one of \d+\.\d, about [\d,]+ would be needed", ran.out)


def test_the_json_document_holds_every_figure(curator: Callable, files: tuple[Path, ...]) -> None:
    ran = curator("compare", *files, "--json", "-", "-q")
    said = json.loads(ran.out)
    assert said["schema"] == "curator/compare/1"
    assert said["verdict"] == "better"
    assert set(said["measures"]) == {
        "accuracy",
        "exact_raw",
        "adherence",
        "macro_f1",
        "weighted_f1",
        "balanced_accuracy",
    }
    one = said["measures"]["accuracy"]
    assert one["difference"]["low"] <= one["difference"]["value"] <= one["difference"]["high"]
    assert one["difference"]["value"] == pytest.approx(one["tuned"]["value"] - one["baseline"]["value"], abs=2e-6)
    assert {row["name"] for row in said["by_name"]} == {"red", "green", "blue"}
    assert len(said["flips"]) == said["turned"]["better"] + said["turned"]["worse"]
    assert curator("compare", *files, "--json", "-", "-q").out == ran.out


def test_gates_for_ci(curator: Callable, files: tuple[Path, ...], tmp_path: Path) -> None:
    eval, before, after = files
    assert curator("compare", eval, before, after, "-q", "--fail-on", "worse,noise").code == 0
    assert curator("compare", eval, after, before, "-q", "--fail-on", "worse").code == 1
    assert curator("compare", eval, after, before, "-q", "--fail-on", "noise").code == 0
    same = curator("compare", eval, after, after, "-q", "--fail-on", "noise")
    assert same.code == 1
    assert "gate noise: NOT met" in same.out


@pytest.mark.parametrize(
    ("right", "size", "sentence", "code"),
    [
        (0.5, 150, "The tuned model lost", 1),
        (0.9, 150, "Whether the tuned model forgot is open", 1),
        (1.0, 400, "The tuned model kept its general abilities", 0),
    ],
)
def test_forgetting_is_judged_on_general_tasks(
    curator: Callable, files: tuple[Path, ...], tmp_path: Path, right: float, size: int, sentence: str, code: int
) -> None:
    folder = tmp_path / "general"
    folder.mkdir()
    gold = colours(size, 9)
    before = answered(gold, 0.9, 5)
    after = answered(gold, right, 6) if right < 1 else [y if dice % 7 else g for dice, (g, y) in enumerate(zip(gold, before, strict=True))]  # fmt: skip
    general = labelled(folder, gold, before, after)
    ran = curator("compare", *files, "--general", *general, "-q", "--fail-on", "forgetting")
    assert sentence in ran.out
    assert ran.code == code
    if code == 1:
        assert (
            curator("compare", *files, "--general", *general, "-q", "--margin", "90", "--fail-on", "forgetting").code
            == 0
        )


def test_flips_are_a_table_that_no_spreadsheet_runs(curator: Callable, tmp_path: Path) -> None:
    asked = [{"input": f"=cmd({n})", "output": "yes"} for n in range(8)]
    files = [write_lines(tmp_path / f"{k}.jsonl", [one | {"output": text} for one in asked]) for k, text in (("eval", "yes"), ("before", "@no"), ("after", "yes"))]  # fmt: skip
    out = tmp_path / "flips.csv"
    assert curator("compare", *files, "--task", "classification", "--flips", out, "-q").code == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert {row["change"] for row in rows} == {"better"}
    assert all(row["input"].startswith("'=") and row["baseline"] == "'@no" for row in rows)


def test_the_report_is_one_page_that_loads_nothing_and_masks_and_escapes(curator: Callable, tmp_path: Path) -> None:
    asked = [f"<script>alert({n})</script> write to ann.smith@shop-{n}.net" for n in range(12)]
    made = [write_lines(tmp_path / f"{k}.jsonl", [{"input": q, "output": text} for q in asked]) for k, text in (("eval", "yes"), ("before", "no <b>"), ("after", "yes"))]  # fmt: skip
    page, out = tmp_path / "r.html", tmp_path / "r.json"
    assert curator("compare", *made, "--task", "classification", "--report", page, "--json", out, "-q").code == 0
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(3)" in text
    assert "no &lt;b&gt;" in text
    for written in (text, out.read_text(encoding="utf-8")):
        assert "ann.smith@" not in written
    assert not re.search(r"(?:src|href)=[\"']?https?:", text)
    assert "The tuned model is better" in text


def test_a_projects_eval_set_serves_and_its_leaks_are_said(
    curator: Callable, tmp_path: Path, files: tuple[Path, ...]
) -> None:
    where = tmp_path / "p.curator"
    eval, before, after = files
    train = write_lines(tmp_path / "train.jsonl", [{"input": f"other {n}", "output": "red"} for n in range(10)])
    assert curator("new", where, "--task", "classification").code == 0
    assert curator("import", where, train, "--eval", eval, "-q").code == 0
    ran = curator("compare", where, before, after, "-q")
    assert "150 eval examples, task classification (the project's)" in ran.out
    assert "Nobody has looked whether training examples leak" in ran.out
    with Project.open(where) as project:
        run = project.begin_run("check", {"checks": ["leakage"]})
        leaking = project.ids(Role.CANDIDATE)[:2]
        held = project.ids(Role.EVAL)[0]
        project.save_findings(run, "leakage", [Finding("leakage", Severity.ERROR, 1.0, (one, held), "the same", id=str(one)) for one in leaking])  # fmt: skip
        project.finish_run(run, {})
    assert "2 training examples leak into this eval set" in curator("compare", where, before, after, "-q").out


def test_training_data_in_the_eval_set_is_said(curator: Callable, files: tuple[Path, ...]) -> None:
    ran = curator("compare", *files, "--train", files[0], "-q")
    assert "150 eval examples of 150 are in the training data too" in ran.out


def test_missing_predictions_count_as_wrong_and_are_said(
    curator: Callable, files: tuple[Path, ...], tmp_path: Path
) -> None:
    eval, _, after = files
    part = tmp_path / "part.jsonl"
    part.write_text("".join(after.read_text().splitlines(keepends=True)[:100]))
    ran = curator("compare", eval, part, after, "-q")
    assert "50 eval examples without a prediction of the baseline: counted as wrong." in ran.out
    assert "The tuned model is better" in ran.out
    said = next(line for line in ran.out.splitlines() if line.startswith("On the 100 examples that both answered"))
    assert said.endswith("0.0 points.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--by", "luck"], "--by luck: it is one of auto, id, input, order"),
        (["--fail-on", "rain"], "--fail-on rain: it takes worse, noise, forgetting"),
        (["--fail-on", "forgetting"], "needs --general"),
        (["--margin", "0"], "--margin 0"),
        (["--resamples", "5"], "--resamples 5"),
        (["--measure", "beauty"], "what is: accuracy"),
        (["--id", "nummer"], "--id FIELD"),
        (["--prediction", "nowhere"], "it has no field nowhere"),
        (["--json", "x.json", "--flips", "x.json"], "two results would go to this file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    curator: Callable,
    files: tuple[Path, ...],
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = curator("compare", *files, *arguments, "-q")
    assert ran.code == 2
    assert said in ran.sentence


def test_a_file_that_is_not_there(curator: Callable, files: tuple[Path, ...]) -> None:
    ran = curator("compare", files[0], files[1], "nowhere.jsonl", "-q")
    assert (ran.code, ran.sentence) == (2, "curator: nowhere.jsonl: there is no such file; check the name.")


def test_predictions_come_back_from_other_formats_of_the_same_rows(
    curator: Callable, files: tuple[Path, ...], tmp_path: Path
) -> None:
    """The eval set as CSV and the predictions as chat give what JSONL gives."""
    eval, before, after = files
    turned = [tmp_path / "eval.csv", tmp_path / "before.chat.jsonl", tmp_path / "after.chat.jsonl"]
    examples = list(read(eval, detect(eval), Role.EVAL))
    with turned[0].open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("input", "output"), *((one.input, one.output) for one in examples)])  # type: ignore[union-attr]
    for path, target in ((before, turned[1]), (after, turned[2])):
        given = [json.loads(line)["prediction"] for line in path.read_text().splitlines()]
        write_lines(target, [{"messages": [{"role": "user", "content": f"question {n}"}, {"role": "assistant", "content": a}]} for n, a in enumerate(given)])  # fmt: skip
    first, second = (json.loads(curator("compare", *three, "--json", "-", "-q").out) for three in (files, turned))
    assert first["measures"] == second["measures"]
