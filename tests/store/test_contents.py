"""What a project tells of its examples without reading them whole, in both kinds of database."""

from store_material import load, verdict

from curator.model import Finding, Role, Severity, Verdict
from curator.store import Project
from curator.store.contents import Since


def test_ids_and_outputs_are_those_of_the_examples_in_force(project: Project) -> None:
    load(project, "a.jsonl", 10)
    load(project, "eval.jsonl", 5, Role.EVAL)
    undone = load(project, "b.jsonl", 5)
    project.decide([verdict(2, Verdict.RELABEL, value="better")])
    project.undo(next(e.id for e in project.log() if "b.jsonl" in e.text))
    assert undone.examples == 5
    for role in (None, *Role):
        examples = list(project.examples(role))
        assert project.ids(role) == [e.id for e in examples]
        assert list(project.outputs(role)) == [(e.id, e.output) for e in examples]
    assert dict(project.outputs())[2] == "better"


def test_what_changed_since_a_time_is_told_apart(project: Project) -> None:
    load(project)
    project.decide([verdict(1, Verdict.RELABEL, value="other")])
    at = project.log(1)[0].at
    assert project.changed_since(at) == Since()
    project.decide([verdict(3, Verdict.DROP)])
    assert project.changed_since(at) == Since()
    project.decide([verdict(3, Verdict.RELABEL, value="another")])
    assert project.changed_since(at) == Since(texts=True)
    project.set_settings(seed=3)
    load(project, "more.jsonl")
    assert project.changed_since(at) == Since(sources=True, texts=True, settings=True)


def test_an_undo_changes_what_it_undoes(project: Project) -> None:
    load(project)
    project.decide([verdict(1, Verdict.RELABEL, value="other")])
    at = project.log(1)[0].at
    project.undo()
    assert project.changed_since(at) == Since(texts=True)
    later = project.log(1)[0].at
    project.undo()
    assert project.changed_since(later) == Since(sources=True)


def test_findings_without_evidence_are_the_same_otherwise(project: Project) -> None:
    load(project)
    run = project.begin_run("check", {})
    found = [
        Finding("leakage", Severity.ERROR, 0.9, (id, 9), f"number {id}", {"text": "x"}, id=f"f{id}") for id in (1, 2)
    ]
    project.save_findings(run, "leakage", found)
    bare = list(project.findings(run, "leakage", evidence=False))
    assert [f.evidence for f in bare] == [{}, {}]
    whole = [(f.id, f.examples, f.message, f.score) for f in project.findings(run, "leakage")]
    assert [(f.id, f.examples, f.message, f.score) for f in bare] == whole
    assert [f.evidence for f in project.findings(run, "leakage", example=2)] == [{"text": "x"}]
