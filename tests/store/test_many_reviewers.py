"""Eight programs review one project at once, some of them killed amid it.

Nothing that was acknowledged is lost, nothing is held twice, and what the killed held goes to others when its lease ran out.
"""

import itertools
import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from store_material import pair

from curator.model import Role, Round, RoundItem, Slot, content_key
from curator.progress import Silent
from curator.store import Project, database
from curator.store.database import is_postgres

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")

REVIEWERS = tuple(f"Reviewer {number}" for number in range(1, 9))
LEASE = 4
BATCH = 20
TOGETHER = 10
"""So many votes are committed at once."""

# It says, each time after the commit: C, the looks that it holds, and until when; V, the votes that it gave.
PROGRAM = """
import json, sys, time, uuid
from curator.model import Decision, Kind, Verdict
from curator.store import Project, database

address, me, batch, together = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def tell(what, said):
    print(json.dumps([what, said]), flush=True)

with Project.open(address) as project:
    round = project.rounds.get(1)
    tell("ready", [])
    sys.stdin.readline()
    while True:
        held = project.rounds.claim(round.id, me, batch)
        tell("C", [(slot.example, slot.slot, slot.until) for slot in held])
        for start in range(0, len(held), together):
            votes = [
                Decision(str(uuid.uuid4()), slot.example, "", me, Verdict.KEEP, kind=Kind.VOTE, round=round.id)
                for slot in held[start : start + together]
            ]
            project.decide(votes)
            tell("V", [(vote.example, vote.id) for vote in votes])
        if not held:
            if not any(slot.until is not None for slot in project.rounds.slots(round.id)):
                break
            time.sleep(0.5)
"""


@dataclass
class Worker:
    """A program at work in the name of a reviewer; what it says goes to a file, whole lines however it ends."""

    reviewer: str
    process: subprocess.Popen[bytes]
    said: Path

    def told(self, what: str = "") -> list[Any]:
        """What it said, whole lines only; of one kind if that is given."""
        whole = [line for line in self.said.read_text().splitlines(keepends=True) if line.endswith("\n")]
        lines = map(json.loads, whole)
        return [said for kind, said in lines if kind == what] if what else list(lines)


@dataclass
class Office:
    """Programs at work on a project, each at an address of its reviewer's own."""

    addresses: Mapping[str, str]
    folder: Path
    workers: list[Worker] = field(default_factory=list)

    def start(self, reviewer: str) -> Worker:
        said = self.folder / f"{len(self.workers)}.txt"
        with said.open("wb") as out:
            asked = [self.addresses[reviewer], reviewer, str(BATCH), str(TOGETHER)]
            process = subprocess.Popen([sys.executable, "-c", PROGRAM, *asked], stdin=subprocess.PIPE, stdout=out)
        worker = Worker(reviewer, process, said)
        self.workers.append(worker)
        return worker

    def go(self, worker: Worker) -> None:
        while not worker.told():
            assert worker.process.poll() is None
            time.sleep(0.02)
        assert worker.process.stdin is not None
        worker.process.stdin.write(b"go\n")
        worker.process.stdin.close()

    def kill(self, worker: Worker) -> None:
        assert worker.process.poll() is None, "it was done before it could be killed"
        worker.process.send_signal(signal.SIGKILL)
        worker.process.wait()

    def kill_with_claims(self, worker: Worker) -> None:
        """Kill it soon after it claimed."""
        before = len(worker.told("C"))
        while len(worker.told("C")) == before and worker.process.poll() is None:
            time.sleep(0.002)
        self.kill(worker)

    def finish(self) -> None:
        """Wait for those that are still at work; all others were killed."""
        codes = [worker.process.wait() for worker in self.workers]
        assert set(codes) <= {0, -signal.SIGKILL}

    def stop(self) -> None:
        for worker in self.workers:
            worker.process.kill()
            worker.process.wait()

    def acknowledged(self) -> dict[str, tuple[int, str]]:
        """Example and reviewer, by id, of each vote of which a program was told that it is committed."""
        return {
            id: (example, worker.reviewer)
            for worker in self.workers
            for votes in worker.told("V")
            for example, id in votes
        }

    def claims(self) -> dict[tuple[int, int], list[tuple[float, float, str]]]:
        """Of each look when it was claimed, how long the claim held, and by whom, in that order."""
        held: dict[tuple[int, int], list[tuple[float, float, str]]] = {}
        for worker in self.workers:
            for example, slot, until in itertools.chain.from_iterable(worker.told("C")):
                held.setdefault((example, slot), []).append((until - LEASE, until, worker.reviewer))
        return {look: sorted(claims) for look, claims in held.items()}


@pytest.fixture
def office(address: str, tmp_path: Path) -> Iterator[Office]:
    """Eight reviewers of a new project; in PostgreSQL each has an account."""
    addresses = dict.fromkeys(REVIEWERS, address)
    with Project.create(address) as project:
        if is_postgres(address):
            suffix = uuid.uuid4().hex[:8]
            for name in REVIEWERS:
                role = f"{name.lower().replace(' ', '_')}_{suffix}"
                addresses[name] = project.accounts.grant(name, role).address
    made = Office(addresses, tmp_path)
    yield made
    made.stop()


def begin(project: Project, items: int, overlap: int) -> Round:
    rows = (pair("a.jsonl", record) for record in range(items))
    project.import_source("a.jsonl", "sha", "jsonl", Role.CANDIDATE, {}, rows, Silent())
    listed = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(project.examples())]
    slots = [Slot(item.example, slot, None, item.place) for item in listed for slot in range(overlap)]
    new = Round("", 0, "", "classification", ("a", "b"), "", 0, REVIEWERS, overlap, claimed=True, lease=LEASE)
    return project.rounds.add(new, listed, slots)


def check(project: Project, office: Office, round: Round, killed: Collection[str]) -> set[int]:
    """All that must hold when everybody is done; returns the examples of which a claim ran out."""
    kept = {vote.id: (vote.example, vote.reviewer) for vote in project.rounds.history(round.id)}
    told = office.acknowledged()
    assert told.items() <= kept.items()
    # What was committed in the moment of a kill could not be told any more: at most what is committed at once.
    untold = Counter(kept[id][1] for id in kept.keys() - told.keys())
    assert set(untold) <= set(killed)
    assert all(number <= TOGETHER * killed.count(name) for name, number in untold.items())

    looks, ran_out = office.claims(), set()
    for (example, _), claims in looks.items():
        for (_, until, before), (began, _, after) in itertools.pairwise(claims):
            if before != after:
                assert began >= until, "two held one look at the same time"
                ran_out.add(example)

    votes = Counter(kept.values())
    assert max(votes.values()) == 1, "a reviewer voted twice on an item"
    by_example = Counter(example for example, _ in votes)
    assert set(by_example) == set(project.ids())
    assert all(by_example[example] == round.overlap for example in by_example.keys() - ran_out)
    assert all(by_example[example] >= round.overlap for example in ran_out)
    slots = project.rounds.slots(round.id)
    assert all(slot.until is None and slot.reviewer is not None for slot in slots)
    # Of those who hold a look each has voted on it.
    assert {(slot.example, slot.reviewer) for slot in slots} <= set(votes)
    return ran_out


def test_nothing_is_lost_or_held_twice_when_eight_review_4000_items_and_some_are_killed(
    address: str, office: Office
) -> None:
    dice = random.Random(5)
    with Project.open(address) as project:
        round = begin(project, 4_000, overlap=1)
        workers = [office.start(reviewer) for reviewer in REVIEWERS]
        for worker in workers:
            office.go(worker)
        for worker in workers[:2]:
            office.kill_with_claims(worker)
        gone = [worker.reviewer for worker in workers[:2]]
        held = {s.example for s in project.rounds.slots(round.id) if s.reviewer in gone and s.until is not None}
        assert held
        for worker in workers[2:5]:
            time.sleep(dice.uniform(0.05, 0.3))
            office.kill(worker)
        for worker in workers[2:5]:
            office.go(office.start(worker.reviewer))
        office.finish()
        # What the first two held when they were killed, as they had been told, others have done.
        known = {look[0] for worker in workers[:2] for looks in worker.told("C") for look in looks}
        assert held & known <= check(project, office, round, [worker.reviewer for worker in workers[:5]])


def test_four_share_items_that_each_go_to_two(address: str, office: Office) -> None:
    with Project.open(address) as project:
        round = begin(project, 500, overlap=2)
        workers = [office.start(reviewer) for reviewer in REVIEWERS[:4]]
        for worker in workers:
            office.go(worker)
        office.kill_with_claims(workers[0])
        office.finish()
        check(project, office, round, [workers[0].reviewer])


def test_a_writer_waits_on_while_others_write_by_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    path, begun = tmp_path / "x.curator", threading.Event()

    def write_without_a_pause() -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other:
            for number in range(12):
                other.execute("BEGIN IMMEDIATE")
                other.execute("UPDATE identity SET project = ?", (str(number),))
                begun.set()
                time.sleep(0.1)
                other.execute("COMMIT")

    with Project.create(path) as project:
        writer = threading.Thread(target=write_without_a_pause)
        writer.start()
        begun.wait()
        project.set_settings(seed=1)
        writer.join()
        assert project.settings() == {"seed": 1}
