"""The effective size, told from stored findings and decisions: the same as a check would find, and always up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from curator import pipeline
from curator.model import Decision, Example, Finding, Message, Ref, Role, Severity, Suggestion, Verdict
from curator.outlook import InOut, Outlook
from curator.pipeline import Inputs, Settings
from curator.progress import Silent
from curator.review import judging
from curator.store import Project
from curator.tasks import NEEDS, Task

CHECKS = ("exact_duplicate", "near_duplicate", "conflict", "leakage", "personal_data", "outlier")


@pytest.mark.parametrize("sample", pipeline.SAMPLES)
def test_it_is_what_a_check_finds_before_and_after_decisions(sample: str, tmp_path: Path) -> None:
    pairs, evals, task = pipeline.sample(sample)
    with Project.create(tmp_path / "s.curator", task=task) as project:
        pipeline.import_files(project, Inputs((str(pairs),), (str(evals),)), Silent())
        said = pipeline.check(project, Settings()).report.effective
        outlook = Outlook.of(project)
        assert (outlook.effective, outlook.stale, outlook.task_guessed) == (said, (), False)
        assert outlook.candidates - sum(outlook.by_reason.values()) == said

        project.decide([Decision("", id, "", "ana", Verdict.KEEP) for id in list(outlook.out)[::3]])
        inside = [id for id in project.ids(Role.CANDIDATE) if id not in outlook.out]
        project.decide([Decision("", id, "", "ana", Verdict.DROP) for id in inside[:7]])
        judging.dismiss(project, judging.of_check(project, "near_duplicate", 0.9, proposing=True), "ben")
        foretold = Outlook.of(project)
        assert foretold.effective != said
        assert foretold.by_reason["decision"] == 7
        assert foretold.effective == pipeline.check(project, Settings()).report.effective


def example(number: int, role: Role) -> Example:
    turns = (Message("user", f"question {number}"), Message("assistant", f"label {number % 3}"))
    return Example(Ref(f"{role}.csv", number, number + 2, role), turns)


def finding(check: str, *examples: int, id: str, severity: Severity = Severity.WARNING, **evidence: object) -> Finding:
    drop = Suggestion(Verdict.DROP, examples[1:] or examples)
    return Finding(check, severity, 0.9, examples, f"finding {id}", evidence, drop, id)


def group(id: str, *nodes: tuple[int, ...], severity: Severity = Severity.WARNING) -> Finding:
    """A group of near duplicates; each node holds examples that say the very same."""
    others = [{"example": node[0]} for node in nodes[1:]]
    members = [nodes[0][0], *(id for node in nodes[1:] for id in node)]
    return finding("near_duplicate", *members, id=id, severity=severity, others=others)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """30 candidates with the ids 1 to 30, 2 eval examples after them; no check yet."""
    with Project.create(tmp_path / "made.curator", task=Task.CLASSIFICATION, actor="tester") as made:
        for role, count in ((Role.CANDIDATE, 30), (Role.EVAL, 2)):
            rows = (example(number, role) for number in range(count))
            made.import_source(f"{role}.csv", f"sha {role}", "csv", role, {}, rows, Silent())
        yield made


def check(project: Project, *found: Finding) -> None:
    run = project.begin_run("check", {"task": "classification", "seed": 0, "checks": list(CHECKS)})
    for name in CHECKS:
        project.save_findings(run, name, [f for f in found if f.check == name])
    project.finish_run(run, {"candidates": len(project.ids(Role.CANDIDATE))})


def decide(project: Project, verdict: Verdict, *examples: int, value: str | None = None) -> None:
    project.decide([Decision("", id, "", "ana", verdict, value) for id in examples])


def out(project: Project) -> dict[int, str]:
    return {id: exclusion.rule for id, exclusion in sorted(Outlook.of(project).out.items())}


def test_without_a_check_only_decisions_take_away(project: Project) -> None:
    decide(project, Verdict.DROP, 3)
    outlook = Outlook.of(project)
    assert (outlook.checked, outlook.candidates, outlook.effective, outlook.evals) == (False, 30, 29, 2)
    assert outlook.need == NEEDS[Task.CLASSIFICATION]


def test_one_of_a_group_stays_and_it_is_the_representative(project: Project) -> None:
    check(project, group("a", (1,), (2, 3), (4,)))
    assert out(project) == dict.fromkeys((2, 3, 4), "near_duplicate")


def test_where_the_representative_is_out_a_member_takes_its_place(project: Project) -> None:
    check(project, group("a", (1,), (2, 3), (4,)), finding("leakage", 1, id="b"))
    assert out(project) == {1: "leakage", 4: "near_duplicate"}
    decide(project, Verdict.DROP, 2, 3)
    assert out(project) == {1: "leakage", 2: "decision", 3: "decision"}


def test_a_copy_of_the_representative_takes_its_place_first(project: Project) -> None:
    check(project, finding("exact_duplicate", 9, 1, id="x"), group("a", (1,), (2,)))
    assert out(project) == {1: "exact_duplicate", 2: "near_duplicate"}


def test_the_member_that_a_reviewer_kept_stays(project: Project) -> None:
    check(project, group("a", (1,), (2,), (3,)))
    decide(project, Verdict.KEEP, 3)
    assert out(project) == dict.fromkeys((1, 2), "near_duplicate")


def test_templates_and_dismissed_groups_stay_whole(project: Project) -> None:
    check(project, group("a", (1,), (2,), severity=Severity.INFO), group("b", (5,), (6,)))
    assert out(project) == {6: "near_duplicate"}
    decide(project, Verdict.KEEP, 6, value="b")
    assert out(project) == {}


def test_it_follows_the_rules_in_force(project: Project) -> None:
    check(project, finding("outlier", 7, id="o"), finding("personal_data", 8, id="p"), group("a", (1,), (2,)))
    assert out(project) == {2: "near_duplicate"}
    asked = Outlook.of(project, frozenset({"outlier"}))
    assert set(asked.out) == {7}


def test_undo_brings_an_example_back(project: Project) -> None:
    check(project)
    decide(project, Verdict.DROP, 5)
    assert out(project) == {5: "decision"}
    project.undo()
    assert out(project) == {}


def test_labels_are_counted_as_they_are_now(project: Project) -> None:
    check(project)
    decide(project, Verdict.DROP, 1)
    decide(project, Verdict.RELABEL, 2, value="label 9")
    assert Outlook.of(project).by_label == {
        "label 0": InOut(9, 1),
        "label 2": InOut(10, 0),
        "label 1": InOut(9, 0),
        "label 9": InOut(1, 0),
    }


def test_a_check_goes_stale_with_what_it_read(project: Project) -> None:
    check(project)
    assert Outlook.of(project).stale == ()
    decide(project, Verdict.DROP, 1)
    assert Outlook.of(project).stale == ()
    decide(project, Verdict.RELABEL, 2, value="other")
    assert Outlook.of(project).stale == ("texts",)
    rows = (example(number, Role.CANDIDATE) for number in range(5))
    project.import_source("more.csv", "sha more", "csv", Role.CANDIDATE, {}, rows, Silent())
    project.set_settings(task="extraction")
    assert Outlook.of(project).stale == ("sources", "texts", "task")
    check(project)
    assert Outlook.of(project).stale == ("task",)


def test_undoing_an_edit_that_a_check_read_makes_it_stale(project: Project) -> None:
    decide(project, Verdict.RELABEL, 2, value="other")
    decide(project, Verdict.DROP, 3)
    check(project)
    project.undo()
    assert Outlook.of(project).stale == ()
    project.undo()
    assert Outlook.of(project).stale == ("texts",)


def test_a_check_that_goes_on_counts_as_far_as_it_is(project: Project) -> None:
    run = project.begin_run("check", {"task": "classification", "seed": 0, "checks": list(CHECKS)})
    project.save_findings(run, "leakage", [finding("leakage", 4, id="l")])
    going = next(run for run in project.runs("check") if run.finished is None)
    assert Outlook.of(project).effective == 30
    assert Outlook.of(project, run=going).effective == 29
