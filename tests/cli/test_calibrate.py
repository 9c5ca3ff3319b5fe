"""`curator calibrate`, `accept` and `dismiss` as they are typed, on candidates of which some repeat the eval set."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_material import made_rows, write_rows

from curator import checks, pipeline
from curator.model import Verdict
from curator.review import judging
from curator.store import Project

LEAKS = 24


class Terminal(io.StringIO):
    """What is typed on a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 60 candidates, the first 24 of them eval examples as well, and a project where they are checked."""
    folder = tmp_path_factory.mktemp("made")
    rows = made_rows(60)
    pairs, evals = write_rows(folder / "pairs.csv", rows), write_rows(folder / "eval.csv", rows[:LEAKS])
    with pipeline.opened(pipeline.Inputs((str(pairs),), (str(evals),), str(folder / "p.curator"))) as (project, _):
        pipeline.check(project, pipeline.Settings(only=("leakage", "length")))
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A copy of the project that `made` has, in the folder where the command runs."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return "p.curator"


def latest(project: str, check: str = "leakage") -> list[str]:
    with Project.open(project) as opened:
        run = opened.latest_run("check")
        assert run is not None
        return [finding.id for finding in opened.findings(run.id, check)]


def calibrate(curator: Callable, project: str, *arguments: str) -> Any:
    return curator("calibrate", "-q", project, "--check", "leakage", *arguments)


def fill(sheet: str, word: Callable[[int, dict[str, str]], str]) -> None:
    """Fill in a sheet with what `word` says of the number and the cells of each row."""
    with Path(sheet).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with Path(sheet).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "right": word(number, row)} for number, row in enumerate(rows))


def judged(curator: Callable, project: str) -> int:
    """A sheet with 20 verdicts; returns how many call the finding right: those where the two texts are the same."""
    assert calibrate(curator, project, "--ask", "ask.csv", "--n", "20").code == 0
    right = []

    def word(number: int, row: dict[str, str]) -> str:
        right.append(row["input"] == row["other_input"])
        return "yes" if right[-1] else "no"

    fill("ask.csv", word)
    return sum(right)


def test_a_sheet_goes_out_and_its_answers_set_the_cut(curator: Callable, project: str) -> None:
    right = judged(curator, project)
    ran = calibrate(curator, project, "--answers", "ask.csv", "--reviewer", "ana")
    assert (ran.code, ran.err) == (0, "")
    assert f"{right} of 20 verdicts say right." in ran.out
    assert "For a precision of .90: " in ran.out
    with Project.open(project) as opened:
        (cut,) = opened.calibrations()
    assert f"leakage now reports from {cut.cut:.4f} on in this project" in ran.out
    assert (cut.verdicts, cut.right, cut.encoder_name) == (20, right, "all-MiniLM-L6-v2")
    assert cut.findings >= LEAKS
    assert curator("calibrate", project).out.startswith("leakage: reports from score ")
    log = curator("log", project).out
    assert f"ana: Judged 20 findings of leakage: {right} right" in log
    assert "ana: Calibrated leakage with 20 verdicts" in log


def test_a_check_uses_the_cut_and_says_so_everywhere(
    curator: Callable, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = judged(curator, project)
    calibrate(curator, project, "--answers", "ask.csv")
    used = []
    run = checks.run
    monkeypatch.setattr(checks, "run", lambda data, names: used.append(data.cuts) or run(data, names))
    ran = curator("check", "-q", project, "--only", "leakage", "--json", "found.json", "--report", "found.html")
    assert "leakage is calibrated by 20 verdicts: from score " in ran.out
    found = json.loads(Path("found.json").read_text())["calibration"]["leakage"]
    assert (found["verdicts"], found["right"], found["goal"]) == (20, right, 0.9)
    assert found["precision"]["low"] <= found["precision"]["value"] <= found["precision"]["high"]
    assert used == [{"leakage": found["cut"]}]
    assert "calibrated by 20 verdicts" in Path("found.html").read_text(encoding="utf-8")
    exported = curator("export", "-q", project, "--out", "out", "--target", "jsonl", "--allow-below-minimum")
    assert exported.code == 0, exported.err
    assert json.loads(Path("out/manifest.json").read_text())["calibration"] == {"leakage": found}
    assert calibrate(curator, project, "--forget").out == "Forgot the verdicts on leakage and its cut\n"
    ran = curator("check", "-q", project, "--only", "leakage", "--json", "-")
    assert json.loads(ran.out)["calibration"] == {}
    assert used[-1] == {}


def test_a_cut_set_by_hand_is_used_and_told_as_one(curator: Callable, project: str) -> None:
    assert calibrate(curator, project, "--ask", "ask.csv").code == 0
    with Project.open(project) as opened:
        pool = judging.asked(opened, "leakage")
        cut = round(sorted(pool.scores.values())[len(pool.findings) // 3], 4)
        judging.set_cut(opened, pool, cut)
        expected = opened.calibrations()[0].findings
    assert f"{cut:.4f} instead of" in curator("calibrate", project).out
    ran = curator("check", "-q", project, "--only", "leakage", "--json", "found.json", "--report", "found.html")
    assert f"leakage is cut by hand: from score {cut:.4f} on, precision unknown" in ran.out
    assert "cut by hand: from score" in Path("found.html").read_text(encoding="utf-8")
    found = json.loads(Path("found.json").read_text())
    assert found["calibration"]["leakage"]["precision"] == {"value": None, "low": None, "high": None}
    assert len(latest(project)) == expected != pool.reported
    assert curator("undo", project).code == 0
    curator("check", "-q", project, "--only", "leakage")
    assert len(latest(project)) == pool.reported


def test_a_cut_of_another_encoder_is_not_used_and_that_is_said(curator: Callable, project: str) -> None:
    judged(curator, project)
    calibrate(curator, project, "--answers", "ask.csv")
    with Project.open(project) as opened:
        (cut,) = opened.calibrations()
        opened.forget_calibration("leakage")
        opened.calibrate(replace(cut, encoder="ff" * 32, encoder_name="another"), "Calibrated")
    ran = curator("check", "-q", project, "--only", "leakage")
    assert "leakage was calibrated with the encoder another, not with this one" in ran.out
    assert "is calibrated by" not in ran.out


def test_where_verdicts_allow_no_cut_the_earlier_one_stays_and_is_named(curator: Callable, project: str) -> None:
    judged(curator, project)
    calibrate(curator, project, "--answers", "ask.csv")
    fill("ask.csv", lambda number, _: "no")
    ran = calibrate(curator, project, "--answers", "ask.csv")
    assert ran.code == 0
    assert "0 of 20 verdicts say right." in ran.out
    assert "at no score, so no cut is set" in ran.out
    assert "leakage still reports, as calibrated before, from" in ran.out


def test_few_verdicts_set_no_cut_but_stay(curator: Callable, project: str) -> None:
    calibrate(curator, project, "--ask", "ask.csv")
    fill("ask.csv", lambda number, _: "yes" if number < 4 else "")
    ran = calibrate(curator, project, "--answers", "ask.csv")
    assert ran.code == 0
    assert "4 verdicts on leakage so far; a cut needs 10 at least" in ran.out
    assert curator("calibrate", project).out.startswith("No check is calibrated")
    calibrate(curator, project, "--ask", "more.csv")
    fill("more.csv", lambda number, _: "yes")
    assert "verdicts say right." in calibrate(curator, project, "--answers", "more.csv").out


def test_on_a_terminal_it_asks_one_by_one_and_keeps_each_verdict(
    curator: Callable, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("y\nwhat\nn\ns\nq\n"))
    ran = calibrate(curator, project)
    assert ran.code == 0
    assert ran.out.count("right? [y/n/s/q]") == 5
    assert "2 verdicts on leakage so far" in ran.out
    with Project.open(project) as opened:
        assert sorted(verdict.right for verdict in opened.finding_verdicts("leakage")) == [False, True]
    monkeypatch.setattr("sys.stdin", Terminal("y\n" * 9))  # the input ends: as good as q
    ran = calibrate(curator, project)
    assert "10 of 11 verdicts say right." in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--check", "schema", "--ask", "a.csv"], "'schema' is no check that can be calibrated"),
        (["--check", "leakage"], "there is no terminal to ask on"),
        (["--check", "leakage", "--ask", "a.csv", "--forget"], "give one of them"),
        (["--check", "leakage", "--ask", "pairs.csv"], "pairs.csv: exists already"),
        (["--check", "leakage", "--answers", "pairs.csv"], "no sheet was asked for on leakage"),
        (["--check", "mismatched_pair", "--ask", "a.csv"], "the outputs are labels"),
        (["--ask", "a.csv"], "--ask needs the name of a check"),
        (["--check", "leakage", "--precision", "2", "--ask", "a.csv"], "--precision"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(curator: Callable, project: str, arguments: list[str], said: str) -> None:
    ran = curator("calibrate", "-q", project, *arguments)
    assert ran.code == 2
    assert said in ran.sentence


def test_a_project_is_needed(curator: Callable, project: str) -> None:
    for command in (["calibrate", "pairs.csv", "--check", "leakage"], ["accept", "pairs.csv", "abcdef"]):
        ran = curator(*command)
        assert ran.code == 2
        assert "curator check pairs.csv --project x.curator" in ran.sentence


# Accept and dismiss


def test_accepting_drops_and_one_undo_takes_it_back(curator: Callable, project: str) -> None:
    first, second, *_ = latest(project)
    ran = curator("accept", project, first, second[:8], "--reviewer", "ana", "--note", "leaks")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Accepted 2 findings of leakage: made 2 decisions: 2 drop.")
    with Project.open(project) as opened:
        assert [(d.verdict, d.reviewer, d.note) for d in opened.decisions()] == [(Verdict.DROP, "ana", "leaks")] * 2
    assert curator("undo", project).code == 0
    with Project.open(project) as opened:
        assert list(opened.decisions()) == []


def test_a_dismissed_finding_keeps_nothing_out(curator: Callable, project: str) -> None:
    found = latest(project)
    assert curator("dismiss", project, found[0]).code == 0
    with Project.open(project) as opened:
        decisions, dismissed = pipeline.judged(opened)
    assert dismissed == {found[0]}
    (kept,) = decisions
    curator("export", "-q", project, "--out", "out", "--target", "jsonl", "--allow-below-minimum")
    out = [json.loads(line) for line in Path("out/excluded.jsonl").read_text().splitlines()]
    with Project.open(project) as opened:
        record = opened.get_examples([kept])[0].ref.record
    assert record not in [row["from"]["record"] for row in out]
    assert len(out) >= len(found) - 1


def test_all_of_a_check_is_done_only_when_that_is_said(
    curator: Callable, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = len(latest(project))
    ran = curator("accept", project, "--check", "leakage")
    assert ran.code == 2
    assert f"Accept {count} findings of leakage? Say so with --yes" in ran.sentence
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert "nothing was done" in curator("accept", project, "--check", "leakage").err
    with Project.open(project) as opened:
        assert list(opened.decisions()) == []
    assert curator("accept", project, "--check", "leakage", "--at-least", "0.99", "--yes").code == 0
    with Project.open(project) as opened:
        assert len(list(opened.decisions())) >= LEAKS
        assert opened.finding_verdicts("leakage") == []
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert curator("dismiss", project, "--check", "leakage").code == 0
    with Project.open(project) as opened:
        assert {d.verdict for d in opened.decisions()} == {Verdict.KEEP}


@pytest.mark.parametrize("command", ["accept", "dismiss"])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "by their ids, or all of a check with --check"),
        (["abcdef", "--check", "leakage"], "by their ids, or all of a check with --check"),
        (["abcdef", "--at-least", "0.5"], "--at-least goes with --check"),
        (["abcdef"], "has no finding 'abcdef'"),
        (["--check", "outlier", "--yes"], "did not run 'outlier'"),
        (["--check", "leakage", "--at-least", "1.5", "--yes"], "there is no finding of leakage"),
    ],
)
def test_what_cannot_be_chosen_is_one_sentence(
    curator: Callable, project: str, command: str, arguments: list[str], said: str
) -> None:
    ran = curator(command, project, *arguments)
    assert ran.code == 2
    assert said in ran.sentence
