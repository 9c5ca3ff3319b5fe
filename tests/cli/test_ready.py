"""`curator ready`: its exit codes, its document, the questions and where their answers are kept, samples of production."""

from __future__ import annotations

import io
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_material import made_rows, write_rows

from curator import pipeline
from curator.readiness import production
from curator.resources import resource
from curator.store import Project
from curator.tasks import Task


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files, and a project with a check of them."""
    folder = tmp_path_factory.mktemp("ready")
    rows = made_rows(320)
    files = write_rows(folder / "made.csv", rows[:260]), write_rows(folder / "evals.csv", rows[260:])
    with Project.create(folder / "p.curator", task=Task.CLASSIFICATION) as project:
        pipeline.import_files(project, pipeline.Inputs((str(files[0]),), (str(files[1]),)), pipeline.Silent())
        pipeline.check(project, pipeline.Settings())
    return folder


@pytest.fixture
def data(checked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A checked project that is ready; beside it `made.csv` and `evals.csv`, which it is from."""
    shutil.copytree(checked, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return "p.curator"


def document(curator: Callable, *arguments: object) -> dict:
    return json.loads(curator("ready", "-q", *arguments, "--json", "-").out)


def test_the_document_keeps_its_keys(curator: Callable, data: str) -> None:
    found = document(curator, data)
    assert found["schema"] == "curator/ready/1"
    assert {"ready", "rung", "why", "points", "state", "reasons", "todo", "answers", "open", "coverage"} <= found.keys()
    assert {"name", "passed", "blocking", "found", "todo"} <= found["points"][0].keys()
    guide = resource("guide/when-to-fine-tune.md").read_text(encoding="utf-8")
    told = {*found, *found["points"][0]} - {"schema"}
    assert not [key for key in told if f"`{key}`" not in guide], "the guide tells of every key"


def test_data_that_is_ready_ends_with_0_and_with_1_where_a_simpler_step_comes_first(
    curator: Callable, data: str
) -> None:
    assert curator("ready", "-q", data).code == 0
    ran = curator("ready", "-q", data, "--answer", "prompting=no")
    assert ran.code == 1
    assert ran.out.startswith("Not ready to fine-tune. Next step: better prompt;")


def test_nothing_is_ready_without_an_eval_set_and_the_command_that_puts_one_aside_works(
    curator: Callable, data: str
) -> None:
    alone = document(curator, "made.csv", "--project", "alone.curator")
    assert (alone["ready"], alone["state"], alone["reasons"][0]["point"]) == (False, "mend the data", "eval set")
    give, aside = next(p["steps"] for p in alone["points"] if p["name"] == "eval set")
    assert give["command"] == "curator ready alone.curator --eval FILE"
    assert curator(*aside["command"].removeprefix("curator ").split(), "-q").code == 0
    assert len(Path("aside/jsonl/test.jsonl").read_text().splitlines()) == pytest.approx(52, abs=20)


def test_labels_that_are_given_at_random_hold_fine_tuning_up(curator: Callable, data: str) -> None:
    dice = random.Random(3)
    write_rows(Path("random.csv"), [(text, f"label {dice.randrange(4)}") for text, _ in made_rows(260)])
    found = document(curator, "random.csv")
    noise = next(p for p in found["points"] if p["name"] == "noise")
    assert (noise["status"], "noise" in [r["point"] for r in found["reasons"]]) == ("miss", True)
    assert noise["figures"]["told_by_neighbours"] < noise["figures"]["largest_share"] + 0.1


def test_answers_of_a_file_and_given_alone_go_together(curator: Callable, data: str) -> None:
    Path("answers.toml").write_text("\ufeffprompting = true\nfew_shot = 'no'\nscore = 0.8\ntarget = '90%'\n")
    found = document(curator, data, "--answers", "answers.toml")
    assert found["rung"] == "few-shot prompting"
    assert (found["answers"]["few_shot"], found["answers"]["target"]) == ("no", 0.9)
    found = document(curator, data, "--answers", "answers.toml", "--answer", "few_shot=yes")
    assert (found["ready"], found["rung"]) == (True, "fine-tune")


def test_answers_stand_in_the_configuration(curator: Callable, data: str) -> None:
    Path("curator.toml").write_text("[ready]\nanswer = ['knowledge=yes']\n")
    assert document(curator, data)["rung"] == "retrieval"


def test_a_project_remembers_the_answers(curator: Callable, data: str) -> None:
    document(curator, data, "--answer", "prompting=no")
    found = document(curator, data)
    assert (found["rung"], found["answers"]["prompting"]) == ("better prompt", "no")
    found = document(curator, data, "--answer", "prompting=unknown")
    assert found["ready"]
    with Project.open(data) as project:
        assert project.settings()["readiness"]["prompting"] == "unknown"


def test_questions_are_asked_on_the_terminal(curator: Callable, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["no", "yes", "maybe", "yes", "yes", "yes", "yes", "", "?", "82%", "much", "90"]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed) + "\n"))
    ran = curator("ready", "-q", data, "--ask", "--json", "-")
    found = json.loads(ran.out)
    assert found["answers"]["knowledge"] == "no"
    assert found["answers"]["cheaper"] == "unknown"
    assert (found["answers"]["score"], found["answers"]["target"]) == (0.82, 0.9)
    assert "a share of right answers such as 0.82 or 82%" in ran.err


def test_questions_without_anybody_to_answer_are_an_error(
    curator: Callable, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    ran = curator("ready", "-q", data, "--ask")
    assert ran.code == 2
    assert "--answers FILE.toml" in ran.err


@pytest.mark.parametrize("name", ["asked.txt", "asked.csv", "asked.jsonl", "pairs.csv"])
def test_production_inputs_come_in_any_form(data: str, name: str) -> None:
    texts = [text for text, _ in made_rows(40, seed=2)]
    lines = {
        "asked.txt": [*texts, "", texts[0].upper()],
        "asked.csv": ["message", *(f'"{text}"' for text in texts)],
        "asked.jsonl": [json.dumps({"prompt": text}) for text in texts],
        "pairs.csv": ["text,intent", *(f'"{text}",some label' for text in texts)],
    }
    Path(name).write_text("\n".join(lines[name]) + "\n")
    assert production.read([name]) == texts


def test_what_production_lacks_is_written_for_labelling(curator: Callable, data: str) -> None:
    mine = [text for text, _ in made_rows(60, seed=2)]
    other = [f"how do I bake bread with {n} grams of rye flour and sourdough" for n in range(60)]
    Path("asked.txt").write_text("\n".join(mine + other) + "\n")
    ran = curator("ready", "-q", data, "--production", "asked.txt", "--missing", "missing.jsonl")
    rows = [json.loads(line) for line in Path("missing.jsonl").read_text().splitlines()]
    assert {row["input"] for row in rows} >= set(other)
    assert rows[0]["cluster"] == 0
    assert "Missing of production, the largest clusters first" in ran.out
    assert "bread" in ran.out
    assert ran.code == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--answer", "prompting"], "it is written QUESTION=yes"),
        (["--answer", "prompting=perhaps"], "prompting is answered with yes, no or unknown"),
        (["--answer", "speed=yes"], "there is no question 'speed'"),
        (["--answer", "score=900"], "score is a share of right answers"),
        (["--answers", "gone.toml"], "there is no such file"),
        (["--production", "gone.txt"], "there is no such file"),
        (["--production", "short.txt"], "takes at least 20"),
        (["--missing", "m.jsonl"], "--production FILE"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_before_the_work(
    curator: Callable, data: str, arguments: list[str], said: str
) -> None:
    Path("short.txt").write_text("one\ntwo\n")
    ran = curator("ready", "-q", data, *arguments)
    assert ran.code == 2
    assert said in ran.sentence
