"""What a model registry wants of a release is in its manifest, and is true; a release has a name and a number."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from release_material import bring_in, candidates, content, decide, lines, release, sample_rows, write_csv
from sqlalchemy import insert, text

from curator.errors import EnvironmentFailure, InputError
from curator.model import Verdict
from curator.pipeline import Settings
from curator.resources import resource
from curator.store import Project
from curator.store.releases import LONGEST, checked_name, name_from
from curator.store.schema import releases
from curator.tasks import Task

ROWS = sample_rows()
GUIDE = resource("guide")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two releases, "one" and "two", of a project that Ann worked on between them, with an eval set."""
    folder = tmp_path_factory.mktemp("made")
    leaked = [(f"{text} Thanks.", label) for text, label in ROWS[100:103]]
    evals = write_csv(folder / "eval.csv", ROWS[100:140])
    with Project.create(folder / "shop.curator", task=Task.CLASSIFICATION, actor="Ann") as project:
        bring_in(project, write_csv(folder / "some.csv", [*ROWS[:100], *leaked, ROWS[100]]), evals=(evals,))
        release(project, folder / "one", targets=("openai", "jsonl"), split="80/20")
        ids = candidates(project)
        decide(project, ids[ROWS[0][0]], Verdict.RELABEL, "another label")
        decide(project, ids[ROWS[3][0]], Verdict.DROP)
        release(project, folder / "two", targets=("openai", "jsonl"), split="80/20", name="Shop mails")
    return folder


def manifest(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("name", ["one", "two"])
def test_every_checksum_is_that_of_the_file_and_no_file_is_missing(made: Path, name: str) -> None:
    files = {path: file for path, file in content(made / name).items() if path != "manifest.json"}
    listed = {one["path"]: one for one in manifest(made / name)["outputs"]}
    assert listed.keys() == files.keys()
    for path, bytes in files.items():
        assert listed[path]["sha256"] == hashlib.sha256(bytes).hexdigest()
        assert listed[path]["bytes"] == len(bytes)
    for source in manifest(made / name)["sources"]:
        assert source["sha256"] == hashlib.sha256(Path(source["path"]).read_bytes()).hexdigest()


def test_the_fingerprint_is_that_of_what_providers_get(made: Path) -> None:
    document = manifest(made / "two")
    written = [one for one in document["outputs"] if "target" in one]
    said = "".join(sorted(f"{one['sha256']}  {one['path']}\n" for one in written))
    assert document["dataset"]["fingerprint"] == hashlib.sha256(said.encode()).hexdigest()
    assert document["dataset"]["fingerprint"] != manifest(made / "one")["dataset"]["fingerprint"]


def test_the_dataset_has_its_name_number_and_counts(made: Path) -> None:
    dataset, rows = manifest(made / "two")["dataset"], lines(made / "two" / "rows.jsonl")
    assert (dataset["name"], dataset["version"], dataset["task"]) == ("Shop mails", 2, "classification")
    assert dataset["targets"] == ["openai", "jsonl"]
    assert dataset["examples"] == len(rows)
    assert dataset["splits"] == dict(Counter(row["split"] for row in rows))
    labels: Counter[str] = Counter()
    for split in dataset["splits"]:
        labels += Counter(line["messages"][-1]["content"] for line in lines(made / "two" / "openai" / f"{split}.jsonl"))
    assert {label: sum(by.values()) for label, by in dataset["labels"].items()} == dict(labels)
    assert dataset["labels"]["another label"] in ({"train": 1, "validation": 0}, {"train": 0, "validation": 1})


def test_the_parent_is_the_release_before_with_what_changed_since(made: Path, curator: Callable[..., Any]) -> None:
    first, second = manifest(made / "one"), manifest(made / "two")
    assert first["parent"] is None
    assert (first["dataset"]["name"], first["dataset"]["version"]) == ("shop", 1)
    parent = second["parent"]
    assert (parent["name"], parent["version"]) == ("shop", 1)
    assert parent["fingerprint"] == first["dataset"]["fingerprint"]
    ran = curator("diff", made / "one", made / "two", "--json", "-")
    assert parent["changes"] == json.loads(ran.out)["counts"]
    assert (parent["changes"]["relabelled"], parent["changes"]["removed"]) == (1, 1)


def test_the_certificate_names_the_eval_files_and_the_leaks_that_were_left_out(made: Path) -> None:
    certificate = manifest(made / "one")["certificate"]
    evals = made / "eval.csv"
    sha256 = hashlib.sha256(evals.read_bytes()).hexdigest()
    assert certificate["eval_sources"] == [{"path": str(evals), "sha256": sha256, "examples": 40}]
    left = [line for line in lines(made / "one" / "excluded.jsonl") if line["reason"] == "leakage"]
    assert certificate["leaks_excluded"] == len(left) == 4
    assert certificate["groups_straddling"] == 0
    assert certificate["nearest_to_eval"] < 1


def test_the_agreement_counts_who_stands_behind_the_examples(made: Path) -> None:
    agreement, rows = manifest(made / "two")["agreement"], lines(made / "two" / "rows.jsonl")
    assert agreement["reviewers"] == 1
    assert agreement["provenance"] == dict(Counter(row["provenance"]["how"] for row in rows))
    assert agreement["krippendorff_alpha"] == []


def test_the_manifest_says_nothing_that_another_machine_or_hour_would_say_otherwise(made: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "shop.curator", task=Task.CLASSIFICATION, actor="Bo") as project:
        bring_in(project, made / "some.csv", evals=(made / "eval.csv",))
        other = release(project, tmp_path / "elsewhere" / "one", targets=("openai", "jsonl"), split="80/20")
    assert content(other) == content(made / "one")


@pytest.mark.parametrize("page", ["releases.md", "de/releases.md"])
def test_the_guide_explains_each_key(made: Path, page: str) -> None:
    document, said = manifest(made / "two"), (GUIDE / page).read_text(encoding="utf-8")
    parts = [document, document["dataset"], document["parent"], document["agreement"], document["certificate"]]
    missing = {key for part in parts for key in part if f"`{key}`" not in said}
    assert not missing


def test_status_and_log_tell_name_and_number(made: Path, curator: Callable[..., Any]) -> None:
    project = made / "shop.curator"
    assert "releases: 2, the newest Shop mails 2 (" in curator("status", project).out
    assert json.loads(curator("status", project, "--json").out)["releases"] == 2
    said = curator("log", project).out
    assert "Ann: Exported shop 1: " in said
    assert "Ann: Exported Shop mails 2: " in said


def test_a_temporary_project_is_called_after_its_first_file_and_begins_with_one(
    curator: Callable[..., Any], tmp_path: Path
) -> None:
    source = write_csv(tmp_path / "kitchen mails.csv", ROWS[:60])
    for _ in range(2):
        ran = curator("export", "-q", source, "--out", tmp_path / "out", "--force", "--allow-below-minimum")
        assert ran.out.startswith("kitchen-mails 1: ")
    for wrong in ("../up", "a/b", "x" * 61, "con", ".hidden"):
        ran = curator("export", "-q", source, "--out", tmp_path / "out2", "--allow-below-minimum", "--name", wrong)
        assert ran.code == 2
        assert "cannot name a release" in ran.sentence
    assert not (tmp_path / "out2").exists()


def test_two_who_export_at_once_get_no_number_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from curator.release import files

    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:60]))
        writes = files.html.write_release

        def meanwhile(*arguments: Any) -> None:
            writes(*arguments)
            monkeypatch.undo()
            with Project.open(tmp_path / "p.curator") as other:
                release(other, tmp_path / "theirs")

        monkeypatch.setattr(files.html, "write_release", meanwhile)
        with pytest.raises(EnvironmentFailure, match="wrote release 1 of this project meanwhile"):
            release(project, tmp_path / "mine")
        assert not (tmp_path / "mine").exists()
        assert [one.number for one in project.releases.all()] == [1]
        release(project, tmp_path / "mine", Settings(), split="80/20")
        assert manifest(tmp_path / "mine")["dataset"]["version"] == 2


def test_what_is_exported_again_unchanged_is_the_same_release_with_the_same_bytes(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION, actor="Ann") as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:80]))
        first = release(project, tmp_path / "first")
        again = release(project, tmp_path / "again")
        assert content(first) == content(again)
        assert [(one.title, one.folder) for one in project.releases.all()] == [("p 1", str(again))]
        assert project.log(1)[0].text == f"Exported p 1 again, to {again}"
        dropped = lines(first / "rows.jsonl")[0]["from"]["record"]
        decide(project, project.ids()[dropped], Verdict.DROP)
        assert manifest(release(project, tmp_path / "less"))["dataset"]["version"] == 2
        project.undo()
        back = release(project, tmp_path / "back")
        assert manifest(back)["dataset"]["version"] == 3
        assert manifest(back)["dataset"]["fingerprint"] == manifest(first)["dataset"]["fingerprint"]
        assert manifest(release(project, tmp_path / "named", name="other"))["dataset"]["version"] == 4


def test_a_vote_that_changes_no_example_makes_another_release_all_the_same(tmp_path: Path) -> None:
    """What stands behind the examples is in the manifest, too."""
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION, actor="Ann") as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:60]))
        release(project, tmp_path / "first")
        kept = lines(tmp_path / "first" / "rows.jsonl")[0]["from"]["record"]
        decide(project, project.ids()[kept], Verdict.KEEP)
        second = manifest(release(project, tmp_path / "second"))
        assert second["dataset"]["version"] == 2
        assert second["parent"]["changes"]["unchanged"] == second["dataset"]["examples"]
        assert second["parent"]["fingerprint"] == second["dataset"]["fingerprint"]
        assert not list(tmp_path.glob(".*")), "nothing half written is left behind"


def test_a_release_is_found_by_number_name_or_both(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator") as project:
        for name in ("shop", "shop", "mails"):
            project.releases.add("out", {}, {}, name=name)
        found = project.releases.get
        assert [found(which).number for which in (2, "2", "shop 2", "shop-2", "release-2", "mails")] == [
            2,
            2,
            2,
            2,
            2,
            3,
        ]
        with pytest.raises(InputError, match="There are 2 releases named shop; name one by its number: 1, 2"):
            found("shop")
        with pytest.raises(InputError, match="its releases are shop 1, shop 2, mails 3"):
            found("shop 3")


def test_numbers_are_never_given_twice_by_the_database_either(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator") as project:
        project.releases.add("out", {}, {})
        row = {"journal_id": 1, "folder": "x", "settings": {}, "number": 1, "name": "x"}
        with pytest.raises((InputError, EnvironmentFailure)), project._database.write() as connection:
            connection.execute(insert(releases).values(row))
        with project._database.read() as connection:
            assert connection.scalar(text("SELECT count(*) FROM releases")) == 1


@settings(derandomize=True, max_examples=50, deadline=None)
@example("CON")
@example("aux.tar")
@example("ünï 日本")
@example("\udcff\udcfe")
@given(st.text(max_size=80))
def test_any_file_gives_a_name_that_can_be_used(stem: str) -> None:
    name = name_from(stem)
    assert checked_name(name) == name
    assert 0 < len(name) <= LONGEST
    assert Path(name).name == name
    name.encode("utf-8")
