"""What the page Compare asks for and says, without the window."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curator.comparison.compare import Wanted, compare
from curator.comparison.document import document
from curator.comparison.evalset import read_eval
from curator.comparison.general import forgetting
from curator.tasks import Task
from ui import i18n
from ui.presenters import compare as presenter
from ui.presenters import compare_words as words
from ui.presenters.compare import Files
from ui.presenters.compare_view import view
from ui.worker import compare as job
from ui.worker.state import State

LABELS = ("red", "green", "blue")


@pytest.fixture
def german() -> Iterator[None]:
    i18n.use("de")
    yield
    i18n.use("en")


def files(folder: Path, number: int, before: float, after: float, seed: int = 1) -> tuple[str, str, str]:
    """An eval set of labels, and the answers of two models of which so large a share is right."""
    dice = random.Random(seed)
    gold = [LABELS[n % 3] for n in range(number)]
    folder.mkdir(exist_ok=True)
    paths = []
    for name, share in (("eval", 1.0), ("before", before), ("after", after)):
        said = [y if dice.random() < share else dice.choice([x for x in LABELS if x != y]) for y in gold]
        key = "output" if name == "eval" else "prediction"
        rows = [{"id": n, "input": f"What colour has thing {n}?", key: y} for n, y in enumerate(said)]
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        paths.append(str(path))
    return paths[0], paths[1], paths[2]


def told(folder: Path, number: int = 200, before: float = 0.6, after: float = 0.9, **wanted: Any) -> dict[str, Any]:
    evals, *answers = files(folder, number, before, after)
    return document(compare(read_eval(evals), *answers, Wanted(**wanted)), veiled=False)


def test_what_is_missing_is_said_one_after_the_other() -> None:
    chosen = Files()
    said = [chosen.missing(project_evals=0)]
    for name in ("evals", "baseline", "tuned"):
        chosen = chosen.taken(["x"], name)
        said.append(chosen.missing(project_evals=0))
    assert said[:3] == [
        "Choose an eval set.",
        "Choose the predictions of the model before.",
        "Choose the predictions of the tuned model.",
    ]
    assert said[3] == ""
    assert Files(baseline="a", tuned="b").missing(project_evals=12) == ""
    assert "three files" in Files(baseline="a", tuned="b", general=True).missing(project_evals=12)


def test_several_files_at_once_fill_the_empty_places_after_the_one_they_fell_on() -> None:
    assert Files().taken(["a", "b", "c"], "evals") == Files("a", "b", "c")
    assert Files().taken(["a", "b"], "baseline") == Files("", "a", "b")
    assert Files(tuned="t").taken(["a", "b"], "baseline") == Files("", "a", "t")
    general = Files().taken(["a", "b", "c"], "general_evals")
    assert (general.general_evals, general.general_baseline, general.general_tuned) == ("a", "b", "c")


def test_the_files_of_each_project_are_remembered() -> None:
    kept: Any = None
    for number in range(presenter.PROJECTS + 3):
        kept = presenter.remember(kept, f"p{number}", Files(baseline=f"b{number}"))
    kept = json.loads(json.dumps(kept))
    assert len(kept) == presenter.PROJECTS
    assert presenter.remembered(kept, "p5").baseline == "b5"
    assert presenter.remembered(kept, "p0") == Files()
    assert presenter.remembered({"p": {"baseline": "b", "gone": 1}}, "p") == Files(baseline="b")


def test_a_better_model_is_called_better_with_its_figures(tmp_path: Path) -> None:
    shown = view(told(tmp_path))
    assert (shown.headline, shown.tone) == ("The tuned model is better", "good")
    assert shown.figures.startswith("Accuracy: ")
    assert "points (95%: +" in shown.figures
    assert shown.rows[0].id == "accuracy"
    assert shown.about == "200 eval examples · Classification · before.jsonl against after.jsonl"
    assert {one.better for one in shown.better} == {True}
    assert len(shown.worse) + len(shown.better) > 0
    assert shown.names is not None
    assert {line.key[0] for line in shown.names.lines} == set(LABELS)
    assert shown.form == "The form that counts: one of the 3 labels."


def test_noise_says_what_it_takes(tmp_path: Path) -> None:
    shown = view(told(tmp_path, 60, 0.8, 0.82))
    assert shown.headline == "The difference is noise"
    assert shown.shown.startswith("60 examples show a difference of ")
    assert "would be needed" in shown.shown


def test_the_same_answers_are_no_difference(tmp_path: Path) -> None:
    shown = view(told(tmp_path, 60, 1.0, 1.0))
    assert shown.headline == "No difference"
    assert shown.shown.startswith("Both score the same on every one of the 60 examples. Stay with the model before")
    assert shown.worse == shown.better == ()


@pytest.mark.parametrize(
    ("after", "headline", "tone"),
    [
        (0.6, "The tuned model forgot", "bad"),
        (0.9, "Whether it forgot is open", "warn"),
        (1.0, "General abilities are kept", "good"),
    ],
)
def test_what_was_forgotten(tmp_path: Path, after: float, headline: str, tone: str) -> None:
    evals, *answers = files(tmp_path / "a", 60, 0.5, 0.9)
    other, *general = files(tmp_path / "b", 120, 0.9, after)
    wanted = Wanted(task=Task.CLASSIFICATION)
    main = compare(read_eval(evals), *answers, wanted)
    lost = forgetting(compare(read_eval(other), *general, wanted), 0.02)
    found = view(document(main, lost, veiled=False)).general
    assert found is not None
    assert (found.headline, found.tone) == (headline, tone)
    assert "on general tasks" in found.text
    assert found.rows


def test_figures_are_written_as_in_german(tmp_path: Path, german: None) -> None:
    shown = view(told(tmp_path))
    assert shown.headline == "Das trainierte Modell ist besser"
    assert shown.rows[0].change.startswith("+")
    assert "," in shown.rows[0].change
    assert words.points(-0.062) == "−6,2"
    assert words.rule_text("begins with 'Dear'") == "beginnt mit 'Dear'"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0"), (0.0004, "0.0"), (-0.0004, "0.0"), (0.062, "+6.2"), (-0.31, "−31.0")]
)
def test_points_have_a_sign_and_nothing_has_none(value: float, text: str) -> None:
    assert words.points(value) == text


def test_what_does_not_come_out_even_is_said(tmp_path: Path) -> None:
    evals, before, after = files(tmp_path, 40, 0.7, 0.9)
    lines = Path(before).read_text().splitlines(keepends=True)
    Path(before).write_text("".join([*lines[:38], json.dumps({"id": 99, "prediction": "red"}) + "\n"]))
    said = view(document(compare(read_eval(evals), before, after), veiled=False)).remarks
    assert said[0] == "2 examples have no prediction of the model before: they count as wrong."
    assert said[1].startswith("1 prediction of the model before is not used, for it answers no example")
    assert said[1].endswith("the first stands in line 39.")
    assert said[2].startswith("On the 38 examples that both answered: ")


def test_the_job_takes_the_projects_eval_set_and_writes_a_page(tmp_path: Path, support_project: Path) -> None:
    from curator.model import Role
    from curator.progress import Silent
    from curator.store import Project

    with Project.open(support_project) as project:
        evals = list(project.examples(Role.EVAL))
    for name in ("b", "a"):
        rows = [{"input": one.input, "output": one.output if name == "a" else "refund"} for one in evals]
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    state = State(str(support_project))
    try:
        order = Files(baseline=str(tmp_path / "b.jsonl"), tuned=str(tmp_path / "a.jsonl")).order()
        said = job.run(state, order | {"report": str(tmp_path / "page.html")}, Silent())
    finally:
        state.close()
    assert said["eval"]["examples"] == len(evals)
    assert said["measures"]["accuracy"]["tuned"]["value"] == 1.0
    assert said["eval"]["leak"]["state"] == "leaks"
    assert "The tuned model is better" in (tmp_path / "page.html").read_text(encoding="utf-8")
    shown = view(said)
    assert shown.leak_tone == "bad"
