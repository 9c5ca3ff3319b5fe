"""`curator agreement` from the outside."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner
from vote_simulation import simulate, symmetric

from curator.cli.agreement import agreement
from curator.errors import InputError
from curator.model import (
    Decision,
    Example,
    Kind,
    Message,
    Ref,
    Role,
    Round,
    RoundItem,
    Slot,
    Verdict,
    as_json,
    content_key,
)
from curator.progress import Silent
from curator.store import Project

app = typer.Typer()
app.command()(agreement)


def run(*arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def votes_file(tmp_path):
    votes, _ = simulate([symmetric(0.85, 3)] * 8, 80, 3, [0.5, 0.3, 0.2])
    path = tmp_path / "votes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["item", "reviewer", "label"])
        for i, r, v in zip(votes.item, votes.reviewer, votes.label, strict=True):
            writer.writerow([votes.items[i], votes.reviewers[r], votes.labels[v]])
    return path


def test_the_summary_is_readable_and_progress_goes_to_stderr(votes_file):
    result = run(votes_file)
    assert result.exit_code == 0
    assert "240 votes of 8 reviewers on 80 items" in result.stdout
    assert "Krippendorff's α" in result.stdout
    assert "Reading votes" in result.stderr
    assert "Reading votes" not in result.stdout


def test_quiet_says_nothing(votes_file):
    result = run(votes_file, "--quiet")
    assert (result.stdout, result.stderr) == ("", "")


def test_json_on_standard_output_is_the_documented_document_alone(votes_file):
    document = json.loads(run(votes_file, "--json", "-").stdout)
    assert document["schema"] == "curator/agreement/1"
    assert (document["items"], document["reviewers"], document["votes"]) == (80, 8, 240)
    for name in ("percent_agreement", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1"):
        assert document[name]["low"] <= document[name]["value"] <= document[name]["high"]
    assert {"a", "b", "value", "low", "high"} <= document["cohen_kappa"][0].keys()
    assert {row["label"] for row in document["by_label"]} == {"label 0", "label 1", "label 2"}
    assert len(document["by_reviewer"]) == 8
    assert document["method"] in ("majority", "one-coin", "mace", "dawid-skene")
    assert document["advice"]


def test_consensus_has_a_row_per_item_and_runs_are_identical(votes_file, tmp_path):
    tables = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for table in tables:
        run(votes_file, "--method", "mace", "--consensus", table, "--quiet")
    assert tables[0].read_bytes() == tables[1].read_bytes()
    assert b"\r" not in tables[0].read_bytes()
    with tables[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["item", "label", "confidence", "agreement", "votes"]
    assert len({row["item"] for row in rows}) == 80
    assert all(0 < float(row["confidence"]) <= 1 and row["votes"] == "3" for row in rows)


def test_item_names_in_the_consensus_are_those_of_the_file(tmp_path):
    path = tmp_path / "v.csv"
    path.write_text('item,reviewer,label\n"=a, ""b""",x,1\n"=a, ""b""",y,1\né ,x,[red]\n', encoding="utf-8")
    result = run(path, "--consensus", tmp_path / "c.csv")
    assert "[red]" in result.stdout
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as file:
        assert [row["item"] for row in csv.DictReader(file)] == ['=a, "b"', "é "]


def test_undefined_figures_are_null_with_a_why(tmp_path):
    path = tmp_path / "v.csv"
    path.write_text("item,reviewer,label\n1,a,x\n2,a,y\n", encoding="utf-8")
    document = json.loads(run(path, "--json", "-").stdout)
    expected = {"value": None, "low": None, "high": None, "why": "only one reviewer voted"}
    assert document["krippendorff_alpha"] == expected
    assert document["cohen_kappa"] == []


def test_bad_use_is_said_before_anything_is_written(votes_file, tmp_path):
    with pytest.raises(InputError, match="no consensus method 'best'"):
        run(votes_file, "--method", "best", "--json", tmp_path / "a.json")
    with pytest.raises(InputError, match="same file"):
        run(votes_file, "--json", tmp_path / "a", "--consensus", tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["votes.csv"]


def test_labels_that_are_sets_and_times_are_measured_too(tmp_path):
    rows = ["item,reviewer,label,at"]
    for n in range(60):
        day = f"2026-03-{1 + n // 30:02}T10:{n % 30:02}:00Z"
        rows += [
            f"{n},Ann,{'a;b' if n % 2 else 'b'},{day}",
            f"{n},Bo,{'b;a' if n % 2 else ('a' if n % 4 else 'b')},{day}",
        ]
    path = tmp_path / "v.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    document = json.loads(run(path, "--json", "-").stdout)
    assert document["labels"] == ["a", "a;b", "b"]
    assert document["sets"]["masi_alpha"]["low"] < document["sets"]["masi_alpha"]["value"]
    assert [part["label"] for part in document["sets"]["by_label"]] == ["a", "b"]
    assert [(day["start"][:10], day["items"]) for day in document["by_day"]] == [("2026-03-01", 30), ("2026-03-02", 30)]
    assert document["confusion"] == [{"a": "a", "b": "b", "pairs": 15}]
    shown = run(path).stdout
    assert "of sets, by MASI" in shown
    assert "2026-03-02" in shown


def test_what_needs_a_project_is_refused_for_a_table(votes_file, tmp_path):
    with pytest.raises(InputError, match="CROWDLAB needs a project"):
        run(votes_file, "--method", "crowdlab", "--json", tmp_path / "a.json")
    with pytest.raises(InputError, match="--round names a round of a project"):
        run(votes_file, "--round", "1")
    assert [path.name for path in tmp_path.iterdir()] == ["votes.csv"]


WORDS = {
    "weather": "rain snow sunshine storm clouds wind forecast umbrella".split(),
    "money": "invoice refund payment card bank fee account receipt".split(),
    "food": "pizza salad soup bread recipe dinner cheese kitchen".split(),
}


@pytest.fixture
def team(tmp_path, monkeypatch):
    """A project with a round of 120 questions on which three weak reviewers voted."""
    monkeypatch.setenv("CURATOR_CACHE_DIR", str(tmp_path / "cache"))
    generator = np.random.default_rng(0)
    names = sorted(WORDS)
    examples = []
    for n in range(120):
        label = names[n % 3]
        text = " ".join(generator.choice(WORDS[label], 4))
        examples.append(Example(Ref("data.csv", n, n + 2), (Message("user", text), Message("assistant", label))))
    with Project.create(tmp_path / "team.curator") as project:
        project.import_source("data.csv", "0" * 64, "csv", Role.CANDIDATE, {}, examples, Silent())
        stored = list(project.examples())
        items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(stored)]
        slots = [Slot(item.example, at, who, item.place) for item in items for at, who in enumerate(("Ann", "Bo"))]
        new = Round("", 0, "pilot", "classification", tuple(names), "", 0, ("Ann", "Bo"), 2)
        round = project.rounds.add(new, items, slots)
        votes = []
        for example in stored:
            for who in ("Ann", "Bo"):
                right = generator.random() < 0.65
                says = example.output if right else str(generator.choice([n for n in names if n != example.output]))
                verdict = Verdict.KEEP if right else Verdict.RELABEL
                value = None if right else says
                votes.append(Decision("", example.id, "", who, verdict, value, kind=Kind.VOTE, round=round.id))
        project.decide(votes)
    return tmp_path / "team.curator", {str(e.id): e.output for e in stored}


def test_a_round_is_measured_and_texts_help_once_they_are_embedded(team, tmp_path):
    path, truth = team
    first = json.loads(run(path, "--round", "pilot", "--json", "-").stdout)
    assert (first["items"], first["votes"], first["reviewers"]) == (120, 240, 2)
    assert any("120 of them are not embedded yet" in sentence for sentence in first["advice"])
    table = tmp_path / "c.csv"
    run(path, "--round", "1", "--method", "crowdlab", "--consensus", table, "--quiet")
    with table.open(encoding="utf-8", newline="") as file:
        found = {row["item"]: row["label"] for row in csv.DictReader(file)}
    assert sum(found[item] == label for item, label in truth.items()) > 0.85 * len(truth)
    again = json.loads(run(path, "--json", "-").stdout)
    assert again["method"] == "crowdlab"
    with pytest.raises(InputError, match="no round '7'"):
        run(path, "--round", "7")


def test_a_round_of_texts_is_measured_by_verdict_field_and_edits(tmp_path):
    examples = [
        Example(
            Ref("d.csv", n, n + 2),
            (Message("user", f"order {n}"), Message("assistant", f'{{"id": {n}, "city": "Bonn"}}')),
        )
        for n in range(30)
    ]
    with Project.create(tmp_path / "team.curator") as project:
        project.import_source("d.csv", "0" * 64, "csv", Role.CANDIDATE, {}, examples, Silent())
        stored = list(project.examples())
        items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(stored)]
        slots = [Slot(item.example, at, who, item.place) for item in items for at, who in enumerate(("Ann", "Bo"))]
        round = project.rounds.add(Round("", 0, "", "extraction", (), "", 0, ("Ann", "Bo"), 2), items, slots)
        votes = []
        for n, example in enumerate(stored):
            edited = json.dumps(as_json(example.with_output(f'{{"id": {n}, "city": "Berlin"}}'))["messages"])
            votes.append(Decision("", example.id, "", "Ann", Verdict.KEEP, kind=Kind.VOTE, round=round.id))
            other = (Verdict.EDIT, edited) if n % 3 == 0 else (Verdict.KEEP, None)
            votes.append(Decision("", example.id, "", "Bo", *other, kind=Kind.VOTE, round=round.id))
        project.decide(votes)
    document = json.loads(run(tmp_path / "team.curator", "--json", "-").stdout)
    assert {row["label"]: row["votes"] for row in document["by_label"]} == {"(change)": 10, "(keep)": 50}
    assert {field["path"]: field["percent_agreement"]["value"] for field in document["fields"]} == {
        "city": pytest.approx(2 / 3),
        "id": 1,
    }
    assert document["texts"]["identical"]["value"] == pytest.approx(2 / 3)
    assert document["texts"]["similarity"]["value"] > 0.9
    assert any("agree least on 'city'" in sentence for sentence in document["advice"])
    shown = run(tmp_path / "team.curator").stdout
    assert "Texts: similarity by edits" in shown
    assert "city" in shown


def test_the_decisions_of_a_project_are_its_votes(tmp_path):
    path = tmp_path / "team.curator"
    examples = [
        Example(Ref("data.csv", n, n + 2), (Message("user", f"question {n}"), Message("assistant", "ab"[n % 2])))
        for n in range(6)
    ]
    with Project.create(path) as project:
        project.import_source("data.csv", "0" * 64, "csv", Role.CANDIDATE, {}, examples, Silent())
        stored = list(project.examples())
        project.decide([Decision("", e.id, content_key(e), "ann", Verdict.KEEP) for e in stored])
        relabelled = stored[0]
        seen = content_key(relabelled)
        project.decide([Decision("", relabelled.id, seen, "bob", Verdict.RELABEL, "b")])
    document = json.loads(run(path, "--json", "-").stdout)
    assert (document["items"], document["reviewers"], document["votes"]) == (6, 2, 7)
    assert {row["label"]: row["votes"] for row in document["by_label"]} == {"a": 3, "b": 4}
    with pytest.raises(InputError, match="--label names columns"):
        run(path, "--label", "label")
