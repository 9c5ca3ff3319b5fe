"""The open project: writes in order, reads beside them, and word of what others do."""

from __future__ import annotations

import threading

import pytest

from curator.errors import InputError
from curator.model import Decision, Verdict
from curator.store import Project
from ui.session import Session


@pytest.fixture
def session(qtbot, support_project):
    opened = Session(Project.open(support_project), "Ada")
    yield opened
    opened.close()


def keep(example: int, reviewer: str = "Ada") -> Decision:
    return Decision("", example, "", reviewer, Verdict.KEEP)


def test_decisions_are_on_disk_when_then_is_called(session, support_project, qtbot):
    seen = []

    def then(_entry):
        with Project.open(support_project) as other:
            seen.append([d.example for d in other.decisions()])

    session.decide([keep(3)], then)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [[3]]


def test_writes_happen_in_the_order_they_were_asked_for(session, qtbot):
    done = []
    for example in range(1, 30):
        session.decide([keep(example)], lambda _entry, example=example: done.append(example))
    qtbot.waitUntil(lambda: len(done) == 29, timeout=10_000)
    assert done == list(range(1, 30))
    assert [d.example for d in session.project.decisions()] == done


def test_what_another_window_decides_is_heard(session, support_project, qtbot):
    with qtbot.waitSignal(session.changed, timeout=5_000) as heard, Project.open(support_project) as other:
        other.decide([keep(7, "Grace")])
    assert heard.args[0].examples == {7}


def test_an_undo_names_the_examples_that_it_changes(session, qtbot):
    changes = []
    session.changed.connect(changes.append)
    session.decide([keep(5), keep(6)])
    session.undo()
    qtbot.waitUntil(lambda: len(changes) == 2 or (len(changes) == 1 and len(changes[0].entries) == 2), timeout=5_000)
    assert frozenset().union(*(change.examples for change in changes)) == {5, 6}
    assert list(session.project.decisions()) == []


def test_one_change_is_told_once(session, qtbot):
    entries = []
    session.changed.connect(lambda change: entries.extend(entry.id for entry in change.entries))
    for example in range(1, 12):
        session.decide([keep(example)])
        session.look()
    qtbot.waitUntil(lambda: len(entries) >= 11, timeout=10_000)
    qtbot.wait(900)
    assert len(entries) == len(set(entries)) == 11


def test_of_reads_with_one_key_only_the_newest_answer_is_told(session, qtbot):
    told, gate = [], threading.Event()
    session.read(lambda project: gate.wait(5) and "old", told.append, key="answer")
    session.read(lambda project: "new", told.append, key="answer")
    qtbot.waitUntil(lambda: told == ["new"])
    gate.set()
    qtbot.wait(200)
    assert told == ["new"]


def test_an_expected_error_is_one_sentence_for_the_window(session, qtbot):
    with qtbot.waitSignal(session.trouble) as said:
        session.read(lambda project: project.get_examples([10**9]), lambda _examples: None)
    assert said.args == ["There is no example 1000000000 in this project."]


def test_an_expected_error_goes_to_whoever_wants_it(session, qtbot):
    errors = []
    session.write(lambda project: project.undo(by="nobody"), failed=errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], InputError)


def test_answers_for_pages_that_are_gone_are_dropped(session, qtbot):
    told, gate = [], threading.Event()
    session.read(lambda project: gate.wait(5), told.append)
    session.forget_readers()
    gate.set()
    qtbot.wait(200)
    assert told == []


def test_closing_waits_for_what_is_being_written(qtbot, support_project):
    opened = Session(Project.open(support_project), "Ada")
    for example in range(1, 20):
        opened.decide([keep(example)])
    opened.close()
    with Project.open(support_project) as project:
        assert len(list(project.decisions())) == 19


def test_the_catalogue_follows_decisions(session, qtbot):
    qtbot.waitUntil(lambda: session.catalogue is not None, timeout=10_000)
    from curator.catalogue import Filter

    told = []
    session.catalogue_changed.connect(lambda: told.append(1))
    session.decide([keep(4)])
    qtbot.waitUntil(lambda: list(session.catalogue.view(Filter(statuses=("keep",)))) == [4], timeout=5_000)
    assert told


def test_a_bug_is_reported_and_whoever_waits_for_the_write_is_told(session, qtbot):
    told = []
    with qtbot.captureExceptions() as raised:
        session.write(lambda _project: [][0], failed=told.append)
        qtbot.waitUntil(lambda: bool(told) and bool(raised), timeout=5_000)
    assert raised[0][0] is IndexError
    assert "fault in Curator" in str(told[0])


def test_what_cannot_be_written_any_more_is_told_on_closing(qtbot, support_project):
    opened = Session(Project.open(support_project), "Ada")
    opened.decide([keep(10**9)])
    assert opened.close() == ["There is no example 1000000000 in this project."]
