"""What is looked at in real data: the bundled sample, with known defects put in or taken out."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from curator import pipeline
from curator.model import Decision, Finding, Role, Severity, Suggestion, Verdict
from curator.readiness import Agreed, Answers, Evidence, Point, Readiness, State, judge
from curator.resources import resource
from curator.store import Project
from curator.tasks import Task

SAMPLE = resource("samples/support")


def rows_of(name: str) -> list[dict[str, str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("text", "intent"), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six hundred rows of the sample, checked once."""
    folder = tmp_path_factory.mktemp("readiness")
    path = folder / "support.curator"
    with Project.create(path, task=Task.CLASSIFICATION) as project:
        files = pipeline.Inputs((write(folder / "pairs.csv", rows_of("pairs.csv")[:600]),), (str(SAMPLE / "eval.csv"),))
        pipeline.import_files(project, files, pipeline.Silent())
        pipeline.check(project, pipeline.Settings())
    return path


@pytest.fixture
def project(checked: Path, tmp_path: Path) -> Iterator[Project]:
    with Project.open(shutil.copy(checked, tmp_path / "support.curator")) as opened:
        yield opened


@pytest.fixture(scope="module")
def weighed(checked: Path) -> Readiness:
    """What is said of the sample as it came."""
    with Project.open(checked) as opened:
        before = len(list(opened.runs("check")))
        found = pipeline.ready(opened, pipeline.Settings())
        assert len(list(opened.runs("check"))) == before, "a checked project is weighed without another check"
    return found


def ready(project: Project, **more: object) -> Readiness:
    return pipeline.ready(project, pipeline.Settings(), **more)  # type: ignore[arg-type]


def ready_on(candidates: str, evals: str = "", **more: object) -> Readiness:
    with Project.temporary() as project:
        pipeline.import_files(project, pipeline.Inputs((candidates,), (evals,) if evals else ()), pipeline.Silent())
        return pipeline.ready(project, pipeline.Settings(task=Task.CLASSIFICATION), **more)  # type: ignore[arg-type]


def point(found: Readiness, name: str) -> Point:
    return next(one for one in found.points if one.name == name)


def test_leaks_are_counted_from_both_sides_and_dropping_them_mends_the_eval_set(
    project: Project, weighed: Readiness
) -> None:
    found = weighed
    leaks = point(found, "leaks")
    assert (found.state, leaks.status) == (State.MEND, "miss")
    assert found.reasons[0].point == "leaks"
    held = {id for f in project.findings(project.latest_run("check").id, "leakage") for id in f.examples}
    evals = set(project.ids(Role.EVAL))
    assert leaks.figures["compromised"] == len(held & evals)
    assert leaks.figures["candidates"] == len(held - evals)
    assert point(found, "resolution").figures["examples"] == len(evals) - len(held & evals)
    project.decide([Decision("", id, "", "Ann", Verdict.DROP) for id in held - evals])
    mended = ready(project)
    assert point(mended, "leaks").passed
    assert mended.ready
    assert point(mended, "resolution").figures["examples"] == len(evals)


def test_the_noise_has_an_interval_and_less_of_it_is_left_after_cleaning(weighed: Readiness) -> None:
    noise = point(weighed, "noise").figures
    assert noise["low"] < noise["share"] < noise["high"]
    assert noise["left_after_cleaning"] < noise["share"]
    assert noise["named"] > 0


def test_what_reviewers_judged_right_is_no_noise_any_more(project: Project, weighed: Readiness) -> None:
    before = point(weighed, "noise").figures
    named = {id for f in project.findings(project.latest_run("check").id, "label_error") for id in f.examples}
    project.decide([Decision("", id, "", "Ann", Verdict.KEEP) for id in named])
    after = point(ready(project), "noise").figures
    assert after["expected_wrong"] < before["expected_wrong"] - len(named) / 3


def test_nobody_measured_agreement_is_unknown_and_holds_up_nothing(weighed: Readiness) -> None:
    agreement = point(weighed, "agreement")
    assert (agreement.status, agreement.blocking) == ("unknown", False)


def test_the_answer_speaks_german(weighed: Readiness) -> None:
    document = weighed.as_json("de")
    assert document["next"] == "erst die Daten ausbessern"
    assert document["points"][0]["title"] == "Größe"
    assert "Eval-Beispiel" in next(p["found"] for p in document["points"] if p["name"] == "leaks")


def test_a_label_that_is_wrong_the_same_way_again_and_again_is_named(project: Project) -> None:
    checked = pipeline.check(project, pipeline.Settings(only=("label_error", "structure")))
    ids = tuple(checked.data.id_of(i) for i in range(12))
    told = {"given": "return", "suggested": "refund", "inputs": [{"example": ids[0], "text": "money back"}]}
    message = "the label 'return' is given to 12 examples alike that the rest of the data calls 'refund'"
    relabel = Suggestion(Verdict.RELABEL, ids, "refund")
    slice_ = Finding("label_error", Severity.WARNING, 0.8, ids, message, told, relabel, "slice")
    report = replace(checked.report, findings=(*checked.report.findings, slice_))
    found = judge(Evidence(report, where="p.curator", project=True))
    systematic = point(found, "systematic errors")
    assert (systematic.status, found.state) == ("miss", State.MEND)
    assert systematic.figures["slices"][0]["examples"] == list(ids)
    assert "12 alike are called 'return', which the rest of the data calls 'refund' (such as 'money back')" in str(
        systematic.found
    )
    assert systematic.todo[0].command == "curator open p.curator"
    dismissed = judge(Evidence(report, dismissed=frozenset({"slice"})))
    assert point(dismissed, "systematic errors").passed


def test_forty_rows_of_anything_are_few_shot_prompting(tmp_path: Path) -> None:
    found = ready_on(write(tmp_path / "few.csv", rows_of("pairs.csv")[:40]))
    assert str(found.rung) == "few-shot prompting"
    size = point(found, "size")
    assert str(size.todo[0].what) == f"collect {200 - size.figures['clean']} more clean examples"
    assert "overfit" in found.head()
    assert not any("put aside" in str(one.what) for one in point(found, "eval set").todo), "4 examples are no eval set"
    assert "0 eval examples can show no difference" in str(point(found, "resolution").found)


def test_labels_with_hardly_an_example_are_named(tmp_path: Path) -> None:
    rows = rows_of("pairs.csv")
    rare = [row for row in rows if row["intent"] == "track_order"]
    kept = [row for row in rows if row not in rare] + rare[:4]
    labels = point(ready_on(write(tmp_path / "rare.csv", kept)), "labels")
    assert labels.status == "look"
    assert list(labels.figures["rare"]) == ["track_order"]
    assert len(labels.where["ids"]) == 4


def test_production_inputs_that_no_candidate_is_like_are_found(tmp_path: Path) -> None:
    rows = rows_of("pairs.csv")
    gone = {"gift_card"}
    asked = [row["text"] for row in rows[::2]]
    missing = {row["text"] for row in rows[::2] if row["intent"] in gone}
    kept = [row for row in rows[1::2] if row["intent"] not in gone]
    found = ready_on(write(tmp_path / "kept.csv", kept), production=asked)
    named = set(found.coverage.missing)
    assert len(named & missing) >= 0.4 * len(missing)
    assert len(named & missing) >= 0.85 * len(named)
    assert found.coverage.clusters[0].inputs[0] in {text[:160] for text in missing}
    assert point(found, "coverage").status in ("look", "miss")


def test_production_like_the_candidates_raises_no_alarm(tmp_path: Path) -> None:
    rows = rows_of("pairs.csv")
    found = ready_on(write(tmp_path / "half.csv", rows[1::2]), production=[row["text"] for row in rows[::2]])
    assert point(found, "coverage").passed
    assert not found.coverage.missing


def test_production_that_asks_the_same_in_many_wordings_raises_no_alarm(tmp_path: Path) -> None:
    rows = rows_of("pairs.csv")
    texts = [row["text"].rstrip(".?!") for row in rows[::8]]
    asked = list(dict.fromkeys(text + end for text in texts for end in ("", "?", "!", " ...", " please", " !!")))
    found = ready_on(write(tmp_path / "half.csv", rows[1::2]), production=asked)
    assert len(found.coverage.missing) < 0.05 * len(asked), "as many as are far by chance"
    assert point(found, "coverage").status != "miss"


def test_a_gap_that_the_eval_set_cannot_show_asks_for_more_examples(project: Project) -> None:
    narrow = point(ready(project, answers=Answers(score=0.90, target=0.93)), "resolution")
    assert narrow.status == "look"
    assert "3 points take" in str(narrow.todo[0].what)
    e = Evidence(pipeline.check(project, pipeline.Settings(only=("structure",))).report)
    assert point(judge(e, Answers(score=0.60, target=0.90)), "resolution").passed


def test_a_report_alone_is_weighed_without_vectors(project: Project) -> None:
    report = pipeline.check(project, pipeline.Settings(only=("structure", "leakage"))).report
    found = judge(report)
    assert {p.name for p in found.points} >= {"size", "eval set", "leaks", "resolution"}
    assert judge(Evidence(replace(report, effective=10))).rung == "few-shot prompting"


def test_an_eval_set_of_a_few_examples_is_none(project: Project) -> None:
    report = pipeline.check(project, pipeline.Settings(only=("structure",))).report
    few = tuple(replace(s, examples=12) if s.role is Role.EVAL else s for s in report.sources)
    found = judge(replace(report, sources=few))
    assert (point(found, "eval set").status, found.state) == ("miss", State.MEND)
    assert "12 eval examples: 12 clean ones are fewer than 30" in found.head()
    assert "can show no difference" in str(point(found, "resolution").found)


@pytest.mark.parametrize(("alpha", "status"), [(0.9, "ok"), (0.7, "look"), (0.5, "miss")])
def test_reviewers_who_disagree_hold_fine_tuning_up(project: Project, alpha: float, status: str) -> None:
    report = pipeline.check(project, pipeline.Settings(only=("structure",))).report
    found = judge(Evidence(report, agreed=Agreed(alpha, "α of round 1")))
    assert point(found, "agreement").status == status
    assert (found.state is State.MEND) == (status == "miss")


def test_one_label_that_holds_nearly_all_is_no_balance(project: Project) -> None:
    report = pipeline.check(project, pipeline.Settings(only=("structure",))).report
    lopsided = judge(Evidence(replace(report, labels={"refund": 95, "return": 5})))
    assert point(lopsided, "balance").status == "look"
    assert "holds 95%: a model that always answers it would be right as often" in str(point(lopsided, "balance").found)
    assert point(lopsided, "balance").figures["effective_labels"] == pytest.approx(1.22, abs=0.01)
    assert point(judge(Evidence(replace(report, labels={"refund": 80, "return": 20}))), "balance").passed


def test_an_eval_set_that_does_not_ask_what_production_asks_says_nothing_of_it(project: Project) -> None:
    bread = [f"how do I bake bread with {n} grams of rye flour and sourdough" for n in range(60)]
    asked = [row["text"] for row in rows_of("pairs.csv")[:200]]
    apart = point(ready(project, production=asked + bread), "eval coverage")
    assert apart.status == "miss", "a score on it would not be of what is asked"
    assert apart.figures["missing"] >= 50
    assert point(ready(project, production=asked), "eval coverage").passed
