"""Columns tell the same of examples, decisions, findings, scores and splits as the project tells one by one."""

import numpy as np
from store_material import load, verdict

from curator.model import Example, Finding, Message, Ref, Role, Severity, ToolCall, Verdict
from curator.progress import Silent
from curator.store import Project
from curator.store.columns import NUMBERS, SPLITS
from curator.store.columns_text import KEY, beginning

ODD = (
    (Message("user", "No answer"),),
    (Message("assistant", "No question"),),
    (Message("system", "Be kind"), Message("user", "  Hello\nthere"), Message("assistant", "SHORT ")),
    (Message("user", "One"), Message("assistant", "two"), Message("user", "three"), Message("assistant", "four")),
    (Message("developer", "x"), Message("system", "y"), Message("user", "z"), Message("assistant", "Ä" * 90)),
    (Message("user", "broken \ud83d pair"), Message("assistant", "half")),
    (Message("user", "nul \0 in it"), Message("assistant", "a\0b")),
    (Message("user", "call"), Message("assistant", None, (ToolCall("go", '{"to": 1}'),))),
    (Message("user", None), Message("tool", "told"), Message("assistant", "done"), Message("user", "thanks")),
    (Message("user", "ÉCOLE Straße " * 5), Message("assistant", "größe"), Message("tool", "after")),
    (),
)


def load_odd(project: Project) -> list[Example]:
    examples = [Example(Ref("odd.jsonl", at, at + 1), turns) for at, turns in enumerate(ODD)]
    project.import_source("odd.jsonl", "odd", "jsonl", Role.CANDIDATE, {}, examples, Silent())
    return list(project.examples())


def test_texts_come_to_what_examples_say(project: Project) -> None:
    examples = load_odd(project)
    (told,) = project.columns().imported()
    assert told.ids.tolist() == [e.id for e in examples]
    assert told.lengths.tolist() == [len(e.input) + len(e.output) for e in examples]
    for column, texts in ((told.inputs, [e.input for e in examples]), (told.outputs, [e.output for e in examples])):
        keys = [beginning(said).encode("utf-8", "surrogatepass")[:KEY].rstrip(b"\0") for said in texts]
        assert column.tolist() == keys
    assert told.labels == [e.output.strip() if len(e.output) <= 80 else None for e in examples]


def test_revisions_are_told_apart_from_what_was_imported(project: Project) -> None:
    first, second, *_ = load_odd(project)
    columns = project.columns()
    assert len(columns.revised().ids) == 0
    project.decide([verdict(first.id, Verdict.RELABEL, value="new"), verdict(second.id, Verdict.KEEP)])
    assert columns.revised().labels == ["new"]
    assert columns.rewritten([first.id, second.id]).labels == ["new"]
    project.undo()
    assert len(columns.revised().ids) == 0
    assert columns.rewritten([first.id, second.id]).labels == [first.output]


def test_votes_are_the_decisions_in_force_in_the_order_of_their_times(project: Project) -> None:
    load(project)
    ids = project.ids()
    project.decide([verdict(ids[0], Verdict.KEEP, "ana", "f1 f2"), verdict(ids[1], Verdict.DROP, "bo")])
    project.decide([verdict(ids[0], Verdict.FLAG, "bo"), verdict(ids[1], Verdict.SKIP, "bo")])
    votes = project.columns().votes()
    names = project.columns().reviewers()
    told = [
        (e, names[r], v)
        for e, r, v in zip(*(c.tolist() for c in (votes.examples, votes.reviewers, votes.verdicts)), strict=True)
    ]
    assert sorted(told) == [(ids[0], "ana", 1), (ids[0], "bo", 5), (ids[1], "bo", 6)]
    assert votes.dismissed == {ids[0]: {"f1", "f2"}}
    assert project.columns().votes([ids[1]]).examples.tolist() == [ids[1]]


def found(check: str, id: str, *examples: int, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(check, severity, 0.5, examples, "said", id=id)


def test_links_are_those_of_the_newest_run_and_of_the_one_before_it_while_it_goes_on(project: Project) -> None:
    load(project)
    a, b, c, *_ = project.ids()
    run = project.begin_run("check", {"checks": ["length", "conflict"]})
    for check in ("length", "conflict"):
        project.save_findings(run, check, [found(check, f"{check}1", a, b), found(check, f"{check}2", c)])
    project.finish_run(run, {})
    columns = project.columns()

    def links(dismissed: tuple[str, ...] = (), only: list[int] | None = None) -> set[tuple[str, int]]:
        checks = columns.checks()
        told = columns.links(checks, dismissed, only)
        return {(list(checks)[n], e) for n, e in zip(told.checks.tolist(), told.examples.tolist(), strict=True)}

    everything = {(check, e) for check in ("length", "conflict") for e in (a, b, c)}
    assert links() == everything
    assert links(("length1",)) == everything - {("length", a), ("length", b)}
    assert links(("length1",), [a, c]) == {("length", c), ("conflict", a), ("conflict", c)}
    assert columns.sharing(columns.checks(), [a]) == ({"length1", "conflict1"}, {a, b})
    run = project.begin_run("check", {"checks": ["length", "conflict"]})
    project.save_findings(run, "length", [found("length", "length3", c)])
    assert links() == {("length", c), ("conflict", a), ("conflict", b), ("conflict", c)}


def test_scores_and_splits_come_as_columns(project: Project) -> None:
    load(project)
    ids = project.ids()
    run = project.begin_run("check", {})
    project.save_scores(run, {"outlier": [0.25, None], "duplicate_group": [3, None]}, ids[:2])
    project.finish_run(run, {})
    columns = project.columns()
    assert columns.scored() == [run]
    ((scored, values),) = columns.scores(run)
    assert scored.tolist() == ids[:2]
    assert values["outlier"][0] == np.float32(0.25)
    assert np.isnan(values["outlier"][1])
    assert values["duplicate_group"][0] == 3
    assert set(NUMBERS) < set(values)

    assert columns.release() == 0
    with project._database.read() as connection:
        keys = dict(connection.exec_driver_sql("SELECT id, content_key FROM examples").tuples().all())
    release = project.releases.add("out", {}, {keys[ids[0]]: "train", keys[ids[1]]: "test"})
    project.decide([verdict(ids[1], Verdict.RELABEL, value="other")])

    def splits(parts: list[tuple[np.ndarray, np.ndarray]]) -> dict[int, str]:
        told = {
            id: SPLITS[code] for some, codes in parts for id, code in zip(some.tolist(), codes.tolist(), strict=True)
        }
        return {id: split for id, split in told.items() if split}

    assert columns.release() == release
    assert splits(list(columns.splits(release))) == {ids[0]: "train"}
    assert splits([columns.splits_of(release, ids)]) == {ids[0]: "train"}
