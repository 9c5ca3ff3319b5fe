"""A program that is killed at any moment loses nothing that it had said was committed."""

import os
import random
import signal
import sys
import time
import uuid
from collections.abc import Callable

import pytest
from store_material import load, pair, records

from curator.model import Decision, Example, Finding, Rejected, Role, Severity, Verdict
from curator.progress import Silent
from curator.store import Project, imports

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")

KILLS = 12
RECORDS = 200


class Told(Silent):
    """Tells the parent what was committed."""

    def __init__(self, tell: Callable[[str], None]):
        self.tell = tell

    def report(self, done: int, total: int | None, text: str) -> None:
        self.tell(str(done))


def killed(work: Callable[[Callable[[str], None]], None], after: float) -> list[str]:
    """What a child process told while it did `work`, killed `after` seconds from its first word on."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(lambda said: os.write(write, f"{said}\n".encode()))
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        first = pipe.readline()
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines = (first + pipe.read()).decode().splitlines(keepends=True)
    return [line.strip() for line in lines if line.endswith("\n")]


def duration(work: Callable[[Callable[[str], None]], None]) -> float:
    """Seconds from the first to the last word of `work`."""
    told: list[float] = []
    work(lambda _: told.append(time.monotonic()))
    return told[-1] - told[0]


def test_a_killed_import_is_taken_up_without_loss_or_repetition(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "RECORDS_PER_COMMIT", 10)
    Project.create(address).close()

    def work(path: str) -> Callable[[Callable[[str], None]], None]:
        def run(tell: Callable[[str], None]) -> None:
            with Project.open(address) as project:
                load(project, path, RECORDS, progress=Told(tell))

        return run

    longest = duration(work("whole.jsonl"))
    dice = random.Random(1)
    unfinished = 0
    for kill in range(KILLS):
        path = f"{kill}.jsonl"
        told = killed(work(path), dice.uniform(0, longest))
        with Project.open(address) as project:
            source = next(s for s in project.sources() if s.path == path)
            stored = [e.ref.record for e in project.examples() if e.ref.source == path]
            refused = [r.ref.record for r in project.rejected(source.id)]
            assert source.records >= max(map(int, told))
            assert (source.examples, source.rejected) == (len(stored), len(refused))
            assert sorted(stored + refused) == list(range(source.records))
            unfinished += not source.complete
            load(project, path, RECORDS)
            again = [e for e in project.examples() if e.ref.source == path]
            wanted = [r for r in records(path, RECORDS) if isinstance(r, Example)]
            assert [e.messages for e in again] == [r.messages for r in wanted]
            assert list(project.rejected(source.id)) == [r for r in records(path, RECORDS) if isinstance(r, Rejected)]
    assert unfinished > KILLS / 4


def test_a_killed_review_keeps_every_decision_that_was_committed(address: str) -> None:
    with Project.create(address) as project:
        records = [pair("a.jsonl", i) for i in range(20)]
        project.import_source("a.jsonl", "s", "jsonl", Role.CANDIDATE, {}, records, Silent())
        ids = [e.id for e in project.examples()]

    def work(tell: Callable[[str], None]) -> None:
        with Project.open(address) as project:
            for id in ids:
                decision = Decision(str(uuid.uuid4()), id, "", "ana", Verdict.RELABEL, f"label {uuid.uuid4()}")
                project.decide([decision])
                tell(f"{decision.id} {decision.value}")

    longest = duration(work)
    dice = random.Random(2)
    expected: set[str] = set()
    for _ in range(KILLS):
        told = [line.split(" ", 1) for line in killed(work, dice.uniform(0, longest))]
        expected |= {id for id, _ in told}
        with Project.open(address) as project:
            history = {d.id: d for d in project.decisions(history=True)}
            assert expected <= set(history)
            in_force = {d.example: d for d in project.decisions()}
            assert {e.id: e.output for e in project.examples()} == {id: d.value for id, d in in_force.items()}
            assert len(history) == sum(e.action == "decide" for e in project.log(None))


def test_a_killed_check_keeps_the_checks_that_finished(address: str) -> None:
    with Project.create(address) as project:
        load(project, number=5)
        first = next(project.examples()).id

    def work(tell: Callable[[str], None]) -> None:
        with Project.open(address) as project:
            run = project.begin_run("check", {})
            tell(f"{run} begun")
            for number in range(20):
                found = [Finding(f"check {number}", Severity.INFO, 0, (first,), "x") for _ in range(number)]
                project.save_findings(run, f"check {number}", found)
                tell(f"{run} check {number}")
            project.finish_run(run, {})
            tell(f"{run} finished")

    longest = duration(work)
    dice = random.Random(3)
    for _ in range(KILLS):
        told = [line.split(" ", 1) for line in killed(work, dice.uniform(0, longest))]
        with Project.open(address) as project:
            run = next(r for r in project.runs() if r.id == int(told[0][0]))
            said = {what for _, what in told if what.startswith("check")}
            assert said <= set(run.checks)
            assert all(count == int(check.split()[1]) for check, count in run.checks.items())
            assert sum(run.checks.values()) == len(list(project.findings(run.id)))
            assert run.finished or "finished" not in {what for _, what in told}
