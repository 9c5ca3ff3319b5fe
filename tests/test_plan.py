"""What a plan of an export says is what the export then does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from curator import checking, pipeline, splits, targets
from curator.errors import GateNotMet
from curator.model import Decision, Role, Verdict
from curator.outlook import Outlook
from curator.progress import Silent
from curator.release import Plan, Wanted
from curator.splits import Shares
from curator.store import Project

Checked = pipeline.Checked
WISHES: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "three splits, every target": {"shares": Shares(0.8, 0.1, 0.1), "targets": ("jsonl", "openai", "trl")},
    "another policy": {"include": ("near_duplicate", "personal_data"), "exclude": ("outlier",), "targets": ("trl",)},
    "a size": {"size": "minimum", "stratify": False, "seed": 5},
    "warnings count": {"exclude": ("personal_data",), "size": "210"},
}


@pytest.fixture(scope="module", params=["support", "extraction"])
def sample(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Project, Checked]]:
    """A sample project and a check of it whose vectors can be asked for."""
    candidates, evals, task = pipeline.sample(request.param)
    where = tmp_path_factory.mktemp("plan") / "p.curator"
    with ExitStack() as stack:
        project = stack.enter_context(Project.create(where, task=task))
        pipeline.import_files(project, pipeline.Inputs((str(candidates),), (str(evals),)), Silent())
        yield project, stack.enter_context(checking.checking(project, pipeline.Settings(), Silent()))


def wanted(tmp_path: Path, **wishes: Any) -> Wanted:
    return Wanted(tmp_path / "out", **wishes)


@pytest.mark.parametrize("wishes", WISHES)
def test_a_plan_says_what_is_then_written(sample: tuple[Project, Checked], tmp_path: Path, wishes: str) -> None:
    project, checked = sample
    asked = wanted(tmp_path, allow_below_minimum=True, **WISHES[wishes])
    plan = pipeline.plan(project, checked, asked)
    _, made = pipeline.export(project, pipeline.Settings(), asked, checked=checked)
    manifest = json.loads((asked.out / "manifest.json").read_text("utf-8"))
    counts = manifest["counts"]
    assert [plan.records, plan.readable, plan.clean, plan.chosen] == [
        counts[name] for name in ("read", "readable", "clean", "chosen")
    ]
    assert {split.name: split.count for split in plan.splits} == counts["splits"]
    assert {left.rule: left.count for left in plan.out} == counts["excluded"]
    files = [file for target in plan.targets if target.wanted for file in target.files]
    written = [output for output in manifest["outputs"] if "target" in output]
    assert [(f.split, f.rows, f.tokens) for f in files] == [(o["split"], o["rows"], o["tokens"]) for o in written]
    priced = {
        one["target"]: [bill["model"] + ", " + bill["method"] for bill in one["costs"]] for one in manifest["costs"]
    }
    assert {t.name: [c.model for c in t.costs] for t in plan.targets if t.wanted and t.files} == priced
    drawn = {one.split: sum(b.count for b in one.bins) for one in plan.lengths}
    assert drawn == {name: count for name, count in counts["splits"].items() if count}
    assert plan.notes == made.notes
    assert plan.groups == manifest["certificate"]["duplicate_groups_kept_together"]
    assert plan.remembered == manifest["certificate"]["placed_by_memory"]
    left = [json.loads(line) for line in (asked.out / "excluded.jsonl").read_text("utf-8").splitlines()]
    said = {example.id: example.ref for example in checked.corpus.examples}
    named = {(reason.rule, said[id].source, said[id].record) for reason in plan.out for id in reason.ids}
    assert named == {(line["reason"], line["from"]["source"], line["from"]["record"]) for line in left}


def test_a_plan_from_an_earlier_run_is_the_same_as_from_a_check(
    sample: tuple[Project, Checked], tmp_path: Path
) -> None:
    project, checked = sample
    with checking.resumed(project, pipeline.Settings(), Silent()) as resumed:
        assert resumed is not None
        assert resumed.run == checked.run
        assert resumed.report == checked.report
        for name, wishes in WISHES.items():
            asked = wanted(tmp_path, **wishes)
            assert pipeline.plan(project, resumed, asked) == pipeline.plan(project, checked, asked), name


def test_a_plan_has_the_effective_size_that_the_overview_tells(sample: tuple[Project, Checked], tmp_path: Path) -> None:
    project, checked = sample
    plan = pipeline.plan(project, checked, wanted(tmp_path, include=("leakage",)))
    assert plan.effective == checked.report.effective == Outlook.of(project).effective


def test_a_rule_that_is_off_tells_what_it_would_keep_out(sample: tuple[Project, Checked], tmp_path: Path) -> None:
    project, checked = sample
    before = pipeline.plan(project, checked, wanted(tmp_path))
    rules = {rule.name: rule for rule in before.rules}
    assert set(splits.RULES) < set(rules)
    assert [name for name, rule in rules.items() if not rule.on] == ["personal_data:warning", "outlier"]
    after = pipeline.plan(project, checked, wanted(tmp_path, exclude=("outlier",)))
    assert {left.rule: left.ids for left in after.out}.get("outlier", ()) == rules["outlier"].ids
    off = {rule.name: rule for rule in pipeline.plan(project, checked, wanted(tmp_path, include=splits.RULES)).rules}
    for name in splits.RULES:
        alone = [other for other in splits.RULES if other != name]
        only = pipeline.plan(project, checked, wanted(tmp_path, include=tuple(set(alone) - {"outlier"})))
        kept_out = {left.rule: left.ids for left in only.out if left.rule == name and name != "outlier"}
        assert not off[name].on
        assert off[name].usual == (name in splits.DEFAULT)
        assert name == "outlier" or kept_out.get(name, ()) == off[name].ids
    assert sum(rule.count for rule in off.values()) > 0


def test_warnings_of_personal_data_are_a_rule_of_their_own(sample: tuple[Project, Checked], tmp_path: Path) -> None:
    project, checked = sample
    off, usual, strict = (
        {rule.name: rule for rule in pipeline.plan(project, checked, wanted(tmp_path, **wishes)).rules}
        for wishes in ({"include": ("personal_data",)}, {}, {"exclude": ("personal_data",)})
    )
    name, more = "personal_data", "personal_data:warning"
    assert [rules[name].on for rules in (off, usual, strict)] == [False, True, True]
    assert [rules[more].on for rules in (off, usual, strict)] == [False, False, True]
    assert off[name].ids == usual[name].ids == strict[name].ids
    assert off[more].ids == usual[more].ids == strict[more].ids


def test_too_few_is_told_and_not_raised(sample: tuple[Project, Checked], tmp_path: Path) -> None:
    project, checked = sample
    small = wanted(tmp_path, size="50")
    plan = pipeline.plan(project, checked, small)
    assert plan.below is not None
    assert (plan.below.chosen, plan.below.minimum) == (50, plan.minimum)
    assert plan.below.by_size == (plan.clean >= plan.minimum)
    assert "few-shot" in plan.below.advice
    with pytest.raises(GateNotMet):
        pipeline.export(project, pipeline.Settings(), small, checked=checked)
    assert not small.out.exists()


def test_decisions_count_as_they_are_now_and_none_left_is_a_plan_too(
    sample: tuple[Project, Checked], tmp_path: Path
) -> None:
    project, checked = sample
    before = pipeline.plan(project, checked, wanted(tmp_path))
    ids = [example.id for example in project.examples(Role.CANDIDATE)]
    entry = project.decide([Decision("", id, "", "Ada", Verdict.DROP) for id in ids])
    try:
        plan = pipeline.plan(project, checked, wanted(tmp_path))
        assert (plan.clean, plan.chosen, plan.splits) == (0, 0, ())
        assert [(left.rule, left.count) for left in plan.out] == [("decision", plan.readable)]
        with pytest.raises(GateNotMet, match="none of the"):
            pipeline.export(project, pipeline.Settings(), wanted(tmp_path, allow_below_minimum=True), checked=checked)
    finally:
        project.undo(entry.id)
    assert pipeline.plan(project, checked, wanted(tmp_path)) == before


def test_an_earlier_run_holds_as_long_as_no_example_says_anything_else(sample: tuple[Project, Checked]) -> None:
    project, _ = sample

    def holds() -> bool:
        with checking.resumed(project, pipeline.Settings(), Silent()) as resumed:
            return resumed is not None

    first = next(project.examples(Role.CANDIDATE))
    project.decide([Decision("", first.id, "", "Ada", Verdict.FLAG)])
    assert holds()
    entry = project.decide([Decision("", first.id, "", "Ada", Verdict.RELABEL, "something else")])
    assert not holds()
    project.undo(entry.id)
    assert holds()
    seeded = replace(pipeline.Settings(), seed=9)
    with checking.resumed(project, seeded, Silent()) as resumed:
        assert resumed is None


def test_the_seed_of_the_splits_moves_examples_and_no_finding(tmp_path: Path, sample: tuple[Project, Checked]) -> None:
    project, checked = sample
    whole = checked.data.candidates

    def placed(seed: int | None) -> tuple[Plan, dict[str, str], dict[str, Any]]:
        asked = wanted(tmp_path / str(seed), seed=seed, allow_below_minimum=True)
        plan = pipeline.plan(project, checked, asked)
        with Project.create(tmp_path / f"{seed}.curator"):
            pass
        _, made = pipeline.export(project, pipeline.Settings(), asked, checked=checked)
        rows = [json.loads(line) for line in (asked.out / "rows.jsonl").read_text("utf-8").splitlines()]
        return plan, {row["key"]: row["split"] for row in rows}, dict(made.settings)

    plan, _, settings = placed(11)
    assert (plan.seed, settings["seed"], settings["seed_of_the_check"]) == (11, 11, checked.data.seed)
    assert "seed_of_the_check" not in placed(None)[2]
    assert len(whole) == plan.readable


def test_what_a_target_refuses_is_told_by_rule_with_a_fix(tmp_path: Path) -> None:
    rows = [{"messages": [{"role": "user", "content": f"Question {n}?"}, {"role": "assistant", "content": f"Answer {n}"}]}
            for n in range(30)]  # fmt: skip
    rows[3]["messages"][1]["content"] = ""
    rows[4]["messages"][1]["content"] = " "
    rows[5]["messages"].insert(0, {"role": "narrator", "content": "Once"})
    source = tmp_path / "some.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    asked = wanted(tmp_path, targets=("openai",), include=splits.RULES, allow_below_minimum=True)
    with Project.create(tmp_path / "p.curator") as project:
        pipeline.import_files(project, pipeline.Inputs((str(source),)), Silent())
        with checking.checking(project, pipeline.Settings(), Silent()) as checked:
            plan = pipeline.plan(project, checked, asked)
        ids = [example.id for example in project.examples()]
    openai = next(target for target in plan.targets if target.name == "openai")
    found = {refusal.rule: refusal for refusal in openai.refusals}
    assert found["empty_output"].ids == (ids[3], ids[4])
    assert found["empty_output"].fix == "fill it or leave the example out"
    assert [(row.id, row.where) for row in found["empty_output"].rows] == [
        (ids[3], f"{source}, line 4"),
        (ids[4], f"{source}, line 5"),
    ]
    assert found["role"].ids == (ids[5],)
    assert (openai.takes, openai.refuses, openai.missing) == (27, 3, 3)
    assert plan.chosen == 27
    trl = next(target for target in plan.targets if target.name == "trl")
    assert not trl.wanted
    assert {trap.models: len(trap.ids) for trap in trl.traps} == {"Qwen 2.5": 27}
    assert {target.name for target in plan.targets} == set(targets.names())
    json.dumps(plan.as_json())
