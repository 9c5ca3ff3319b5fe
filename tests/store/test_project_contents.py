"""What goes into a project comes out of it, in SQLite and in PostgreSQL alike."""

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_material import load, pair, records, verdict

from curator.errors import Cancelled, InputError
from curator.model import (
    Example,
    Finding,
    Message,
    Ref,
    Rejected,
    Role,
    Severity,
    Suggestion,
    ToolCall,
    Verdict,
    Vote,
    as_json,
    content_key,
)
from curator.progress import Silent
from curator.store import Project, imports, schema
from curator.tasks import Task


def test_examples_and_rejected_records_come_back_as_they_were(project: Project) -> None:
    source = load(project, number=25)
    assert (source.records, source.examples, source.rejected, source.complete) == (25, 23, 2, True)
    wanted = list(records("a.jsonl", 25))
    examples = list(project.examples())
    assert [replace(e, id=0) for e in examples] == [r for r in wanted if isinstance(r, Example)]
    assert [e.id for e in examples] == sorted({e.id for e in examples})
    assert (
        list(project.rejected()) == [r for r in wanted if isinstance(r, Rejected)] == list(project.rejected(source.id))
    )


def test_everything_an_example_can_hold_survives(project: Project) -> None:
    awkward = Example(
        Ref("b.json", 0, None),
        (
            Message("system", None, extra={"key": [1, None, 2**80]}),
            Message("assistant", "nul \0, half a pair \ud800", (ToolCall("f", '{"a": 1}', "call"), ToolCall("g", ""))),
            Message("tool", "", tool_call_id="call", name="f", weight=0),
        ),
        tools=({"type": "function"},),
        non_preferred=(Message("assistant", "worse"),),
        parallel_tool_calls=False,
        extra={"id": "né", "deep": {"x": [1.5, True]}},
    )
    project.import_source("b.json", "s", "openai", Role.EVAL, {"input": "q\0"}, [awkward], Silent())
    (stored,) = project.examples()
    assert as_json(stored) == as_json(awkward)
    assert content_key(stored) == content_key(awkward)
    assert stored.ref == Ref("b.json", 0, None, Role.EVAL)
    assert project.sources()[0].mapping == {"input": "q\0"}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(st.characters()), st.lists, max_leaves=5))
def test_any_json_value_survives_as_text(value: object) -> None:
    assert schema.loads(schema.dumps(value)) == value


def test_the_same_file_is_imported_once(project: Project) -> None:
    first = load(project)
    assert load(project) == first
    assert len(project.sources()) == 1
    assert len([e for e in project.log() if e.action == "import"]) == 1
    load(project, role=Role.EVAL)
    assert [s.role for s in project.sources()] == [Role.CANDIDATE, Role.EVAL]
    assert len(list(project.examples(Role.EVAL))) == first.examples
    assert len(list(project.examples())) == 2 * first.examples


class StopsAfter(Silent):
    """A user who presses Ctrl+C after some records."""

    def __init__(self, records: int):
        self.records = records
        self.done = 0

    def report(self, done: int, total: int | None, text: str) -> None:
        self.done = done

    def cancelled(self) -> bool:
        return self.done >= self.records


def test_a_stopped_import_is_counted_and_goes_on_where_it_was(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "RECORDS_PER_COMMIT", 7)
    with pytest.raises(Cancelled):
        load(project, number=40, progress=StopsAfter(14))
    (source,) = project.sources()
    assert (source.records, source.examples, source.rejected, source.complete) == (14, 13, 1, False)
    assert len(list(project.examples())) == 13
    assert "not finished" in project.log()[0].text
    assert load(project, number=40).records == 40
    assert [e.ref.record for e in project.examples()] == [r for r in range(40) if r % 10 != 9]
    assert "not finished" not in project.log()[0].text


def test_a_reader_that_fails_leaves_what_was_committed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "RECORDS_PER_COMMIT", 4)

    def failing():
        yield from list(records("a.jsonl", 40))[:6]
        raise InputError("broken", path="a.jsonl", line=7)

    with pytest.raises(InputError, match=r"a.jsonl, line 7: broken"):
        project.import_source("a.jsonl", "sha of 'a.jsonl'", "jsonl", Role.CANDIDATE, {}, failing(), Silent())
    assert project.sources()[0].records == 4
    assert load(project, number=40).records == 40


def test_votes_of_other_tools_become_decisions_and_leave_the_content(project: Project) -> None:
    votes = (Vote("bo", Verdict.RELABEL, "spam", "sure"), Vote("cy", Verdict.KEEP), Vote("cy", Verdict.DROP))
    project.import_source(
        "v.json", "s", "label-studio", Role.CANDIDATE, {}, [replace(pair("v.json", 0, "ham"), votes=votes)], Silent()
    )
    (example,) = project.examples()
    said = list(project.decisions())
    assert [(d.reviewer, d.verdict, d.value, d.note) for d in said] == [
        ("bo", Verdict.RELABEL, "spam", "sure"),
        ("cy", Verdict.DROP, None, ""),
    ]
    assert example.output == "ham"
    assert {d.seen for d in said} == {content_key(example)}
    history = list(project.decisions(history=True))
    assert len(history) == 3
    assert history[2].supersedes == history[1].id
    project.undo()
    assert list(project.decisions()) == []


def test_get_examples_keeps_the_order_asked_for_and_refuses_unknown_ids(project: Project) -> None:
    load(project)
    ids = [e.id for e in project.examples()]
    assert [e.id for e in project.get_examples([ids[3], ids[0], ids[3]])] == [ids[3], ids[0], ids[3]]
    with pytest.raises(InputError, match="no example 999"):
        project.get_examples([999])


def test_findings_are_kept_by_check_and_replaced_as_a_whole(project: Project) -> None:
    load(project)
    ids = [e.id for e in project.examples()]
    run = project.begin_run("check", {"seed": 1})
    twice = Finding(
        "near_duplicate",
        Severity.WARNING,
        0.9,
        (ids[1], ids[0]),
        "Nearly \0 the same.",
        {"words": ["a", "\ud800"], "cosine": 0.5},
        Suggestion(Verdict.DROP, (ids[1],), None),
        "f1",
    )
    once = Finding("near_duplicate", Severity.INFO, 0.1, (ids[2],), "Alike.", {}, None, "f2")
    project.save_findings(run, "near_duplicate", iter([twice, once]))
    project.save_findings(run, "leakage", [])
    assert list(project.findings(run)) == [twice, once]
    assert list(project.findings(run, example=ids[0])) == [twice]
    assert list(project.findings(run, "leakage")) == []
    assert project.latest_run("check") is None
    project.save_findings(run, "near_duplicate", [once])
    assert list(project.findings(run, "near_duplicate")) == [once]
    project.finish_run(run, {"examples": 3})
    latest = project.latest_run("check")
    assert latest is not None
    assert (latest.id, latest.checks, latest.summary) == (run, {"leakage": 0, "near_duplicate": 1}, {"examples": 3})
    assert project.log()[0].action == "check"
    assert [r.id for r in project.runs("check")] == [run]
    assert project.runs("other") == []
    with pytest.raises(InputError, match="no run 99"):
        project.save_findings(99, "leakage", [])
    with pytest.raises(InputError, match="no run 99"):
        project.finish_run(99, {})


def test_scores_come_in_columns_and_nan_means_not_applicable(project: Project) -> None:
    load(project, number=4)
    ids = np.array([e.id for e in project.examples()])
    run = project.begin_run("check", {})
    project.save_scores(run, {"outlier": np.array([0.5, np.nan, 1, 0], np.float32)}, ids)
    project.save_scores(run, {"suggested_label": ["spam\0"], "duplicate_group": [np.int64(3)]}, [int(ids[1])])
    scores = project.scores(run)
    assert scores["example_id"] == ids.tolist()
    assert scores["outlier"] == [0.5, None, 1, 0]
    assert scores["suggested_label"] == [None, "spam\0", None, None]
    assert scores["duplicate_group"] == [None, 3, None, None]
    assert scores["leakage"] == [None] * 4
    assert project.scores(run + 1)["outlier"] == []


def test_released_splits_are_those_of_the_newest_release_that_has_the_row(project: Project) -> None:
    project.releases.add("out", {"target": "openai"}, {"a": "train", "b": "validation"})
    project.releases.add("out2", {}, {"b": "train", "c": "test"})
    assert project.releases.splits() == {"a": "train", "b": "train", "c": "test"}
    assert project.log()[0].text == "Exported release 2: 2 examples to out2"


def test_settings_are_journalled_and_undone(address: str) -> None:
    with Project.create(address, task=Task.STYLE, settings={"seed": 7}) as project:
        assert project.settings() == {"seed": 7, "task": "style"}
        with pytest.raises(InputError, match="nothing to undo"):
            project.undo()
        project.set_settings(seed=8, encoder={"name": "x"}, task=None)
        assert project.settings() == {"encoder": {"name": "x"}, "seed": 8}
        project.undo()
        assert project.settings() == {"seed": 7, "task": "style"}


def test_counts_say_what_is_in_force(project: Project) -> None:
    load(project, number=20)
    load(project, "e.jsonl", 10, Role.EVAL)
    ids = [e.id for e in project.examples()]
    project.decide([verdict(ids[0], Verdict.KEEP), verdict(ids[0], Verdict.DROP, "bo"), verdict(ids[-1], Verdict.KEEP)])
    counts = project.counts()
    assert (counts.sources, counts.rejected, counts.decisions, counts.reviewers) == (2, 3, 3, 2)
    assert counts.examples == {Role.CANDIDATE: 18, Role.EVAL: 9}
    assert counts.size > 10_000
    imported = next(e for e in project.log() if e.action == "import" and "e.jsonl" in e.text)
    project.undo(imported.id)
    counts = project.counts()
    assert (counts.sources, counts.rejected, counts.decisions) == (1, 2, 2)
    assert counts.examples == {Role.CANDIDATE: 18, Role.EVAL: 0}


def test_another_program_sees_what_was_committed(project: Project, reopened: Callable[[], Project]) -> None:
    load(project)
    with reopened() as other:
        assert list(other.examples()) == list(project.examples())
        assert other.where == project.where
        first = next(other.examples()).id
        other.decide([verdict(first, Verdict.DROP)])
    assert [d.example for d in project.decisions()] == [first]


def test_reading_goes_on_while_others_write(project: Project) -> None:
    load(project, number=50)
    for at, example in enumerate(project.examples()):
        project.decide([verdict(example.id, Verdict.EDIT, value=json.dumps([{"role": "user", "content": str(at)}]))])
    assert [e.messages[0].content for e in project.examples()] == [str(at) for at in range(45)]


def test_threads_take_turns(project: Project) -> None:
    load(project)
    ids = [e.id for e in project.examples()]
    failures: list[BaseException] = []

    def review(reviewer: str) -> None:
        try:
            for id in ids:
                project.decide([verdict(id, Verdict.KEEP, reviewer)])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=review, args=(name,)) for name in ("ana", "bo", "cy")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(list(project.decisions())) == 3 * len(ids)


def test_a_source_path_may_hold_bytes_that_are_no_text(project: Project) -> None:
    path = b"caf\xe9.jsonl".decode("utf-8", "surrogateescape") if sys.platform != "win32" else "café.jsonl"
    load(project, path)
    assert project.sources()[0].path == path
    assert next(project.examples()).ref.source == path
