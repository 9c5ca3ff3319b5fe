"""The child process plans and exports: real orders through the window's own jobs, real files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from curator import targets
from curator.model import Decision, Role, Verdict
from curator.progress import Silent
from curator.store import Project
from curator.tasks import Task
from ui.jobs import Jobs
from ui.presenters.export_targets import count_of, ids_of
from ui.worker import export as export_job
from ui.worker import fixes as fixes_job
from ui.worker import plan as plan_job
from ui.worker.state import State

LONG = 90_000
WANTED = {"targets": ["openai", "jsonl"], "split": "80/10/10"}


@pytest.fixture
def jobs(qtbot, support_project: Path) -> Iterator[Jobs]:
    made = Jobs()
    made.use_project(str(support_project), "Ada")
    yield made
    made.stop()


@pytest.fixture
def ask(qtbot, jobs: Jobs) -> Callable[..., tuple[str, Any]]:
    """Runs one job to its end: how it ended, and with what."""

    def run(kind: str, arguments: dict[str, Any], lane: str = "main") -> tuple[str, Any]:
        said: list[tuple[str, Any]] = []
        job = jobs.start(
            kind,
            arguments,
            lane=lane,
            done=lambda value: said.append(("finished", value)),
            failed=lambda text: said.append(("failed", text)),
        )
        if job.running:
            with qtbot.waitSignal(job.ended, timeout=LONG):
                pass
        return said[0] if said else ("cancelled", None)

    return run


@pytest.fixture
def state(support_project: Path) -> Iterator[State]:
    made = State(str(support_project), "Ada")
    yield made
    made.close()


def planned(state: State, **arguments: Any) -> dict[str, Any]:
    return plan_job.run(state, {"targets": ["openai"], **arguments}, Silent())


def candidates(state: State) -> list[int]:
    return [example.id for example in state.project.examples(Role.CANDIDATE)]


def test_a_plan_comes_from_the_check_that_the_project_holds_and_the_export_keeps_to_it(
    ask: Callable[..., tuple[str, Any]], support_project: Path, tmp_path: Path
) -> None:
    how, said = ask("plan", WANTED, "side")
    assert how == "finished"
    plan = said["plan"]
    how, done = ask("export", {**WANTED, "out": str(tmp_path / "out")})
    assert (how, done["ok"], done["folder"]) == ("finished", True, str(tmp_path / "out"))
    assert done["splits"] == plan["splits"]
    assert [step["count"] for step in done["steps"]] == [plan[k] for k in ("records", "readable", "clean", "chosen")]
    assert done["certificate"]["straddling"] == 0
    assert 0 < done["certificate"]["nearest"] <= 1
    assert 0 < done["certificate"]["near_eval"] <= 1
    manifest = json.loads((tmp_path / "out/manifest.json").read_text("utf-8"))
    assert done["certificate"]["near_eval"] == manifest["certificate"]["nearest_to_eval"]
    wanted = {target["name"]: target["files"] for target in plan["targets"] if target["wanted"]}
    for file in done["files"]:
        path = tmp_path / "out" / file["path"]
        assert list(targets.get(file["target"]).validate_file(path, file["split"])) == []
        assert len(path.read_text("utf-8").splitlines()) == file["rows"]
        (row,) = [one for one in wanted[file["target"]] if one["split"] == file["split"]]
        assert (row["rows"], row["tokens"]) == (file["rows"], file["tokens"])
    with Project.open(support_project) as project:
        assert len(project.runs("check")) == 1, "no check had to be run again"


def test_the_folder_that_is_taken_and_the_one_that_may_not_be_written_are_one_sentence(
    ask: Callable[..., tuple[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    how, said = ask("export", {**WANTED, "out": str(tmp_path / "mine")})
    assert (how, said) == (
        "failed",
        f"{tmp_path / 'mine'}: is not empty and holds no release; choose another folder.",
    )
    below = tmp_path / "file"
    below.write_text("a file")
    how, said = ask("export", {**WANTED, "out": str(below / "out")})
    assert how == "failed"
    assert said.endswith("is a file, not a folder; choose another folder.")
    if os.geteuid():
        (tmp_path / "locked").mkdir(mode=0o500)
        how, said = ask("export", {**WANTED, "out": str(tmp_path / "locked/out")})
        assert how == "failed"
        assert "you may not write in" in said
    how, said = ask("export", {**WANTED, "out": str(tmp_path / "out"), "size": "10"})
    assert how == "failed"
    assert "below the minimum" in said
    assert not (tmp_path / "out").exists()


def test_keeps_and_drops_are_read_anew_without_a_check(state: State) -> None:
    before = planned(state)["plan"]
    kept = state.current()
    chosen = set(candidates(state)) - {id for left in before["out"] for id in left["ids"]}
    entry = state.project.decide([Decision("", id, "", "Ada", Verdict.DROP) for id in sorted(chosen)[:7]])
    after = planned(state)["plan"]
    assert after["clean"] <= before["clean"] - 7
    assert {left["rule"]: len(left["ids"]) for left in after["out"]}["decision"] == 7
    now = state.current()
    assert kept is not None
    assert now is not None
    assert now.data is kept.data, "the check was kept"
    state.project.undo(entry.id)
    assert planned(state)["plan"] == before


def test_a_text_that_changed_asks_for_a_check_and_undoing_it_does_not(state: State) -> None:
    before = planned(state)["plan"]
    entry = state.project.decide([Decision("", candidates(state)[0], "", "Ada", Verdict.RELABEL, "another_label")])
    assert planned(state) == {"plan": None, "why": ["texts"]}
    state.project.undo(entry.id)
    assert planned(state)["plan"] == before


def test_another_seed_of_the_project_asks_for_a_check(state: State) -> None:
    assert planned(state)["plan"] is not None
    state.project.set_settings(seed=4)
    assert planned(state) == {"plan": None, "why": ["settings"]}


def test_a_project_without_a_check_or_without_examples_says_so(tmp_path: Path) -> None:
    source = tmp_path / "some.csv"
    source.write_text("input,output\n" + "".join(f"question {n},answer {n}\n" for n in range(20)), "utf-8")
    with Project.create(tmp_path / "empty.curator"):
        pass
    state = State(str(tmp_path / "empty.curator"), "Ada")
    assert planned(state) == {"plan": None, "why": ["empty"]}
    from curator import pipeline

    pipeline.import_files(state.project, pipeline.Inputs((str(source),)), Silent())
    assert planned(state) == {"plan": None, "why": ["never"]}
    state.check(pipeline.Settings(only=("structure",)))
    assert planned(state) == {"plan": None, "why": ["never"]}
    state.check()
    assert planned(state)["plan"]["readable"] == 20
    state.close()


def test_the_formats_that_are_ticked_come_first_then_the_splits_then_the_others(state: State) -> None:
    parts: list[Any] = []
    state.partial = parts.append
    whole = planned(state)["plan"]
    first, second = parts
    assert [t["name"] for t in first["plan"]["targets"] if t["asked"]] == ["openai"]
    assert second["plan"]["splits"] == whole["splits"]
    assert [t for t in second["plan"]["targets"] if t["asked"]] == [t for t in whole["targets"] if t["wanted"]]
    assert all(target["asked"] for target in whole["targets"])
    assert not first["plan"]["splits"]
    assert first["plan"]["out"] == whole["out"]
    assert sum(split["count"] for split in whole["splits"]) == whole["chosen"] == first["plan"]["chosen"]


def test_fixes_are_counted_when_they_are_chosen_and_kept_in_the_release(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Where is order {n}?"}, {"role": "assistant", "content": "In street {n}."}]
    rows = [[*turns[:1], {"role": "system", "content": "Be brief."}, *turns[1:]] if n < 4 else turns for n in range(24)]
    text = "".join(json.dumps({"messages": row}).replace("{n}", str(n)) + "\n" for n, row in enumerate(rows))
    (tmp_path / "some.jsonl").write_text(text, "utf-8")
    from curator import pipeline

    with Project.create(tmp_path / "p.curator", task=Task.GENERATION) as project:
        pipeline.import_files(project, pipeline.Inputs((str(tmp_path / "some.jsonl"),)), Silent())
        pipeline.check(project, pipeline.Settings())
    state = State(str(tmp_path / "p.curator"), "Ada")
    asked = {"targets": ["bedrock-claude"], "include": ["structure"], "epochs": 2}
    (refused,) = [t for t in planned(state, **asked)["plan"]["targets"] if t["wanted"]]
    (said,) = [one for one in refused["refusals"] if one["mend"] == "system-first"]
    assert len(said["mended"]) == 4
    fixed = planned(state, **asked, fixes=["bedrock-claude:system-first"], base_model="gemma-2")["plan"]
    (taken,) = [t for t in fixed["targets"] if t["wanted"]]
    assert (taken["takes"], refused["takes"] + 4) == (refused["takes"] + 4, taken["takes"])
    assert [(one["fix"], list(one["ids"])) for one in taken["applied"]] == [("system-first", list(said["mended"]))]
    sides = fixes_job.run(
        state, {"example": said["mended"][0], "target": "bedrock-claude", "fixes": ["system-first"]}, Silent()
    )
    assert [turn["role"] for turn in sides["before"]] == ["user", "system", "assistant"]
    assert [turn["role"] for turn in sides["after"]] == ["system", "user", "assistant"]
    assert sides["applied"] == ["system-first"]
    out = tmp_path / "out"
    chosen = {"fixes": ["system-first"], "name": "orders", "allow_below_minimum": True, "out": str(out)}
    export_job.run(state, {**asked, **chosen}, Silent())
    state.close()
    rows = [json.loads(line) for line in (out / "rows.jsonl").read_text("utf-8").splitlines()]
    assert sum("system-first" in json.dumps(row.get("fixes", {})) for row in rows) == 4
    assert "orders" in json.dumps(json.loads((out / "manifest.json").read_text("utf-8")))


def test_long_lists_of_ids_are_packed_as_runs_and_unpacked_the_same() -> None:
    runs = (*range(5, 2_000), *range(3_000, 3_500), 4_000)
    odd = tuple(range(1, 5_000, 2))
    sent = plan_job.packed({"targets": ({"ids": runs, "mended": odd, "rows": ({"id": 1},)},)})["targets"][0]
    assert sent["ids"] == {"runs": [5, 1_999, 3_000, 3_499, 4_000, 4_000]}
    assert (ids_of(sent["ids"]), ids_of(sent["mended"])) == (runs, odd)
    assert (count_of(sent["ids"]), count_of(sent["mended"])) == (len(runs), len(odd))
