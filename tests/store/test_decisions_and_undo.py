"""Decisions are never lost: superseded, undone and redone, with the content of the examples following."""

import json
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text
from store_material import load, verdict

from curator.errors import EnvironmentFailure, InputError
from curator.model import Decision, Role, Verdict, content_key
from curator.store import JournalEntry, Project


@pytest.fixture
def ids(project: Project) -> list[int]:
    load(project)
    return [e.id for e in project.examples()]


def outputs(project: Project, *ids: int) -> list[str]:
    return [e.output for e in project.get_examples(ids)]


def test_a_reviewers_newer_decision_supersedes_the_older(project: Project, ids: list[int]) -> None:
    project.decide([verdict(ids[0], Verdict.KEEP)])
    project.decide([verdict(ids[0], Verdict.DROP, "bo")])
    project.decide([verdict(ids[0], Verdict.DROP)])
    first, other, second = project.decisions(history=True)
    assert list(project.decisions()) == [other, second]
    assert (first.supersedes, other.supersedes, second.supersedes) == (None, None, first.id)
    assert list(project.decisions(ids[1])) == []
    assert project.reviewers() == ["ana", "bo"]


def test_what_is_left_out_is_filled_in(project: Project, ids: list[int]) -> None:
    shown = content_key(project.get_examples([ids[0]])[0])
    project.decide([verdict(ids[0], Verdict.KEEP)])
    project.decide([Decision("", ids[1], "", "ana", Verdict.KEEP, at="2026-01-02T03:04:05+02:00")])
    first, second = project.decisions()
    assert uuid.UUID(first.id)
    assert first.seen == shown
    assert first.at.endswith("+00:00")
    assert second.at == "2026-01-02T01:04:05+00:00"


def test_the_same_decision_twice_changes_nothing(project: Project, ids: list[int]) -> None:
    decision = replace(verdict(ids[0], Verdict.KEEP), id=str(uuid.uuid4()))
    entry = project.decide([decision, decision])
    assert project.decide([decision]) == entry
    assert len(list(project.decisions(history=True))) == 1
    assert len([e for e in project.log() if e.action == "decide"]) == 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"example": 999}, "no example 999"),
        ({"id": "seven"}, "ids are UUIDs"),
        ({"supersedes": "six"}, "ids are UUIDs"),
        ({"seen": "something\0"}, "no content key"),
        ({"at": "yesterday"}, "ISO 8601"),
        ({"reviewer": ""}, "name of its reviewer"),
        ({"verdict": Verdict.RELABEL}, "has no value"),
        ({"verdict": Verdict.EDIT, "value": "{not json"}, "list of messages in JSON"),
        ({"verdict": Verdict.EDIT, "value": '[{"content": "no role"}]'}, "list of messages in JSON"),
        ({"verdict": Verdict.EDIT, "value": '"text"'}, "list of messages in JSON"),
    ],
)
def test_a_wrong_decision_is_refused_with_all_of_its_batch(
    project: Project, ids: list[int], wrong: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        project.decide([verdict(ids[1], Verdict.DROP), replace(verdict(ids[0], Verdict.KEEP), **wrong)])
    assert list(project.decisions(history=True)) == []
    assert project.reviewers() == []
    assert project.log()[0].action == "import"


def test_no_decisions_at_all_are_refused(project: Project) -> None:
    with pytest.raises(InputError, match="no decision"):
        project.decide([])


def test_a_relabel_shows_until_it_is_undone_and_again_after_a_redo(project: Project, ids: list[int]) -> None:
    project.decide([verdict(ids[0], Verdict.RELABEL, value="spam")])
    assert outputs(project, *ids[:2]) == ["spam", "answer 1"]
    undone = project.undo(actor="bo")
    assert (undone.action, undone.actor) == ("undo", "bo")
    assert outputs(project, ids[0]) == ["answer 0"]
    project.undo(undone.id)
    assert outputs(project, ids[0]) == ["spam"]
    assert next(project.examples()).output == "spam"


def test_an_edit_replaces_the_turns_and_keeps_the_rest(project: Project, ids: list[int]) -> None:
    turns = [{"role": "user", "content": "why?"}, {"role": "assistant", "content": "so"}]
    project.decide([verdict(ids[0], Verdict.EDIT, value=json.dumps(turns))])
    (example,) = project.get_examples(ids[:1])
    assert (example.input, example.output, example.ref.record) == ("why?", "so", 0)


def test_an_edit_that_its_reviewer_then_keeps_stays(project: Project, ids: list[int]) -> None:
    original = content_key(project.get_examples(ids[:1])[0])
    project.decide([verdict(ids[0], Verdict.RELABEL, value="spam")])
    project.decide([verdict(ids[0], Verdict.KEEP)])
    assert outputs(project, ids[0]) == ["spam"]
    project.decide([verdict(ids[0], Verdict.KEEP, seen=original)])
    assert outputs(project, ids[0]) == ["answer 0"]


def test_of_several_reviewers_changes_the_newest_shows(project: Project, ids: list[int]) -> None:
    project.decide([verdict(ids[0], Verdict.RELABEL, "ana", "spam")])
    project.decide([verdict(ids[0], Verdict.RELABEL, "bo", "ham")])
    assert outputs(project, ids[0]) == ["ham"]
    project.undo()
    assert outputs(project, ids[0]) == ["spam"]
    project.decide([verdict(ids[0], Verdict.RELABEL, "cy", "answer 0")])
    assert outputs(project, ids[0]) == ["answer 0"]


def test_undo_goes_back_step_by_step_and_redo_forward(project: Project, ids: list[int]) -> None:
    for value in ("one", "two", "three"):
        project.decide([verdict(ids[0], Verdict.RELABEL, value=value)])
    shown = []
    for step in (project.undo, project.undo, project.redo, project.undo, project.undo, project.redo, project.redo):
        step()
        shown += outputs(project, ids[0])
    assert shown == ["two", "one", "two", "one", "answer 0", "one", "two"]
    project.decide([verdict(ids[0], Verdict.RELABEL, value="four")])
    with pytest.raises(InputError, match="nothing to redo"):
        project.redo()


def test_an_undone_import_takes_its_examples_and_decisions_out_of_sight(project: Project, ids: list[int]) -> None:
    project.decide([verdict(ids[0], Verdict.DROP)])
    entry = project.log()[1]
    project.undo(entry.id)
    assert (list(project.examples()), project.sources(), list(project.decisions())) == ([], [], [])
    assert list(project.rejected()) == []
    assert len(list(project.decisions(history=True))) == 1
    with pytest.raises(InputError, match="import that was undone"):
        project.decide([verdict(ids[0], Verdict.KEEP)])
    load(project)  # importing the same file again brings it back, with what was decided
    assert [e.id for e in project.examples()] == ids
    assert [d.verdict for d in project.decisions()] == [Verdict.DROP]


def test_undo_refuses_what_it_cannot_do(project: Project, ids: list[int]) -> None:
    release = project.releases.add("out", {}, {})
    assert release == 1
    exported, imported, created = project.log()
    for entry in (exported, created):
        assert not entry.undoable
        with pytest.raises(InputError, match="cannot be undone"):
            project.undo(entry.id)
    project.undo(imported.id)
    with pytest.raises(InputError, match="undone already"):
        project.undo(imported.id)
    with pytest.raises(InputError, match="no entry 99"):
        project.undo(99)


def test_undo_may_be_narrowed_to_ones_own_work(project: Project, ids: list[int]) -> None:
    project.decide([verdict(ids[0], Verdict.KEEP, "ana")])
    project.decide([verdict(ids[1], Verdict.KEEP, "bo")])
    project.undo(by="ana")
    assert [d.reviewer for d in project.decisions()] == ["bo"]


def test_the_log_says_what_was_done_in_plain_sentences(project: Project, ids: list[int]) -> None:
    project.decide([verdict(ids[0], Verdict.RELABEL, value="spam")])
    project.decide([verdict(id, Verdict.DROP) for id in ids[:3]] + [verdict(ids[4], Verdict.FLAG)])
    project.undo()
    project.set_settings(seed=3)
    assert [e.text for e in project.log()] == [
        "Set seed to 3",
        "Undid: Made 4 decisions: 3 drop, 1 flag",
        "Made 4 decisions: 3 drop, 1 flag",
        'Relabelled a.jsonl, line 1 as "spam"',
        "Imported a.jsonl to train on (9 examples, 1 rejected)",
        "Made the project",
    ]
    assert [e.in_force for e in project.log()] == [True, True, False, True, True, True]
    assert [e.actor for e in project.log(limit=3)] == ["tester", "tester", "ana"]


@pytest.mark.parametrize("table", ["decisions", "revisions", "journal"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_history(
    project: Project, ids: list[int], table: str, change: str
) -> None:
    project.decide([verdict(ids[0], Verdict.RELABEL, value="spam")])
    with (
        pytest.raises(EnvironmentFailure, match=f"{table} is append-only"),
        project._database.write() as connection,
    ):
        connection.execute(text(change.format(table)))


class Replay(RuleBasedStateMachine):
    """Whatever is imported, decided, undone and redone: the project shows what a replay of its journal gives."""

    PATHS = ("a.jsonl", "b.jsonl")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.project = Project.create(Path(self.folder.name) / "p.curator")
        self.did: dict[int, tuple[str, object]] = {}
        self.paths: dict[int, str] = {}

    def teardown(self) -> None:
        self.project.close()
        self.folder.cleanup()

    def note(self, entry: JournalEntry, what: object) -> None:
        self.did[entry.id] = (entry.action, what)

    @rule(path=st.sampled_from(PATHS))
    def import_source(self, path: str) -> None:
        load(self.project, path, 3, Role.CANDIDATE)
        for entry in self.project.log(None):
            if entry.action == "import" and entry.id not in self.did:
                self.note(entry, path)
        self.paths |= {e.id: e.ref.source for e in self.project.examples()}

    @precondition(lambda self: any(self.active().get(at) and d[0] == "import" for at, d in self.did.items()))
    @rule(
        data=st.data(),
        reviewer=st.sampled_from(["ana", "bo"]),
        verdict=st.sampled_from([Verdict.KEEP, Verdict.DROP, Verdict.RELABEL]),
        value=st.sampled_from(["x", "y"]),
    )
    def decide(self, data: st.DataObject, reviewer: str, verdict: Verdict, value: str) -> None:
        example = data.draw(st.sampled_from([e.id for e in self.project.examples()]))
        label = value if verdict is Verdict.RELABEL else None
        decision = Decision(str(uuid.uuid4()), example, "", reviewer, verdict, label)
        self.note(self.project.decide([decision]), (decision, self.project.get_examples([example])[0].output))

    @rule(seed=st.integers(0, 3))
    def set_seed(self, seed: int) -> None:
        self.note(self.project.set_settings(seed=seed), seed)

    @rule()
    def undo(self) -> None:
        if any(e.undoable for e in self.project.log(None)):
            self.project.undo()
        else:
            with pytest.raises(InputError, match="nothing to undo"):
                self.project.undo()

    @rule(data=st.data())
    def turn_any(self, data: st.DataObject) -> None:
        turnable = [
            e.id for e in self.project.log(None) if e.in_force and e.action in ("import", "decide", "undo", "redo")
        ]
        if turnable:
            self.project.undo(data.draw(st.sampled_from(turnable)))

    def active(self) -> dict[int, bool]:
        state: dict[int, bool] = {}
        for entry in reversed(self.project.log(None)):
            if entry.entry is None:
                state[entry.id] = True
            else:
                state[entry.entry] = entry.action == "redo"
        return state

    @invariant()
    def the_state_is_a_replay_of_the_journal(self) -> None:
        active = self.active()
        in_force = [(at, *self.did[at]) for at in sorted(self.did) if active[at]]
        paths = {what for _, action, what in in_force if action == "import"}
        seeds = [what for _, action, what in in_force if action == "settings"]
        assert {s.path for s in self.project.sources()} == paths
        assert self.project.settings().get("seed") == (seeds[-1] if seeds else None)

        standing: dict[tuple[int, str], tuple[int, Decision, str]] = {}
        available: set[tuple[int, str]] = set()
        for at, action, what in in_force:
            if action == "decide":
                decision, left_with = what
                standing[decision.example, decision.reviewer] = (at, decision, left_with)
                if decision.verdict is Verdict.RELABEL:
                    available.add((decision.example, left_with))
        visible = {id for id, path in self.paths.items() if path in paths}
        wanted = {d.id for _, d, _ in standing.values() if d.example in visible}
        assert {d.id for d in self.project.decisions()} == wanted
        assert {d.id for d in self.project.decisions(history=True)} == {
            what[0].id for action, what in self.did.values() if action == "decide"
        }
        shown = {e.id: e.output for e in self.project.examples()}
        assert set(shown) == visible
        for example, output in shown.items():
            left = [(at, o) for at, d, o in standing.values() if d.example == example and (example, o) in available]
            if left:
                assert output == max(left)[1]
            else:
                assert output.startswith("answer")


def test_no_sequence_of_steps_loses_a_decision() -> None:
    run_state_machine_as_test(
        Replay,
        settings=settings(
            max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
