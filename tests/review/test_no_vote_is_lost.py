"""Whatever is assigned, voted, undone, packed, merged, settled and adjudicated, in any order: no decision is lost or counted twice."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections import Counter
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from packet_material import LABELS, owner
from sqlalchemy import text

from curator.model import CONSENSUS_REVIEWER, Cause, Decision, Kind, Round, RoundItem, Slot, Verdict, content_key
from curator.review.adjudication.rulings import adjudicate, disputes, settle
from curator.review.packets.exchange import merge_packet, write_packet
from curator.review.packets.project import answer_packet, open_packet
from curator.store import Project

LOCAL, REMOTE = "Ann", ("Bo", "Cy")
Standing = dict[tuple[str, int, bool], tuple[Verdict, str | None]]
"""What stands, by reviewer, place of the item in the round, and showing."""


class Reviewing(RuleBasedStateMachine):
    """One project, in which Ann votes; Bo and Cy vote in packets, whose answers are merged early, late, twice or in part."""

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.folder = Path(self.home.name)
        self.project = owner(self.folder)
        self.round = self._begin()
        self.acknowledged: set[str] = set()
        """Ids of all that was ever said to be kept."""
        self.answers: list[Path] = []
        self.packets: dict[str, Project] = {}
        for name in REMOTE:
            packet = self.folder / f"{name}.packet"
            write_packet(self.project, self.round, name, packet)
            self.packets[name] = Project.open(open_packet(packet))

    def _begin(self) -> Round:
        shown = list(self.project.examples())[:3]
        items = [RoundItem(e.id, content_key(e), place) for place, e in enumerate(shown)]
        names = (LOCAL, *REMOTE)
        slots = [Slot(i.example, at, name, i.place) for i in items for at, name in enumerate(names)]
        slots += [Slot(items[0].example, 3 + at, name, 3, True) for at, name in enumerate(names)]
        new = Round("", 0, "", "classification", LABELS, "", 0, names, 3)
        return self.project.rounds.add(new, items, slots)

    def teardown(self) -> None:
        try:
            self._merging_all_last_answers_gives_what_stands_in_the_packets()
        finally:
            for project in (self.project, *self.packets.values()):
                project.close()
            self.home.cleanup()

    # What people do

    @rule(who=st.sampled_from([LOCAL, *REMOTE]), place=st.integers(0, 3), label=st.sampled_from([None, *LABELS]))
    def vote(self, who: str, place: int, label: str | None) -> None:
        project = self.packets.get(who, self.project)
        (round,) = project.rounds.all()
        slot = next(s for s in project.rounds.slots(round.id, who) if s.place == place)
        said = Decision(str(uuid.uuid4()), slot.example, "", who, Verdict.RELABEL if label else Verdict.KEEP, label)
        project.decide([replace(said, kind=Kind.VOTE, round=round.id, repeat=slot.repeat)])
        if project is self.project:
            self.acknowledged.add(said.id)

    @rule(who=st.sampled_from([LOCAL, *REMOTE]), again=st.booleans())
    def turn(self, who: str, again: bool) -> None:
        project = self.packets.get(who, self.project)
        votes = [e for e in project.log(None) if e.actor == who and (e.action == "vote" or e.entry is not None)]
        if again and votes and votes[0].action == "undo":
            project.redo(actor=who, by=who)
        elif not again and any(e.undoable for e in votes):
            project.undo(next(e.id for e in votes if e.undoable), actor=who)

    @rule(who=st.sampled_from(REMOTE))
    def answer(self, who: str) -> None:
        (round,) = self.packets[who].rounds.all()
        if not self.packets[who].rounds.history(round.id):
            return  # nothing was voted yet, or all of it was undone
        made = answer_packet(self.packets[who])
        self.answers.append(Path(shutil.copy(made.path, self.folder / f"{len(self.answers)}-{who}.packet")))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        merge_packet(self.project, data.draw(st.sampled_from(self.answers)), "owner")

    @rule()
    def undo_in_the_project(self) -> None:
        undoable = [e for e in self.project.log(None) if e.undoable and e.action in ("merge", "decide")]
        if undoable:
            self.project.undo(undoable[0].id)

    @rule()
    def settle(self) -> None:
        before = {d.id for d in self.project.decisions(history=True)}
        settled = settle(self.project, self.round, "owner")
        new = {d.id for d in self.project.decisions(history=True)} - before
        assert len(new) == settled.settled
        self.acknowledged |= new
        # What is settled once is not settled again.
        assert settle(self.project, self.round, "owner").settled == 0

    @rule(data=st.data(), label=st.sampled_from(LABELS), cause=st.sampled_from([None, *Cause]))
    def adjudicate(self, data: st.DataObject, label: str, cause: Cause | None) -> None:
        found = disputes(self.project, self.round)
        if found:
            about = data.draw(st.sampled_from(found))
            before = {d.id for d in self.project.decisions(history=True)}
            adjudicate(self.project, about, Verdict.RELABEL, label, reviewer="Dee", cause=cause)
            (new,) = {d.id for d in self.project.decisions(history=True)} - before
            self.acknowledged.add(new)
            assert about.example not in {left.example for left in disputes(self.project, self.round)}
            assert self.project.get_examples([about.example])[0].output == label

    # What must hold

    def _rows(self) -> list[str]:
        with self.project._database.read() as connection:
            return list(connection.scalars(text("SELECT id FROM decisions")))

    @invariant()
    def nothing_is_lost(self) -> None:
        rows = self._rows()
        assert len(rows) == len(set(rows))
        assert self.acknowledged <= set(rows)

    @invariant()
    def nobody_counts_twice(self) -> None:
        votes = self.project.rounds.votes(self.round.id)
        assert set(Counter((v.reviewer, v.example, v.repeat) for v in votes).values()) <= {1}
        settled = Counter(d.example for d in self.project.decisions() if d.reviewer == CONSENSUS_REVIEWER)
        assert set(settled.values()) <= {1}

    @invariant()
    def the_latest_vote_stands(self) -> None:
        latest: dict[tuple[str, int, bool], Decision] = {}
        for one in self.project.rounds.history(self.round.id):
            key = (one.reviewer, one.example, one.repeat)
            if key not in latest or (one.at, one.id) > (latest[key].at, latest[key].id):
                latest[key] = one
        standing = {d.id for d in latest.values() if d.kind is Kind.VOTE}
        assert {v.id for v in self.project.rounds.votes(self.round.id)} == standing

    @invariant()
    def what_was_adjudicated_and_stands_is_shown(self) -> None:
        newest: dict[int, Decision] = {}
        for one in self.project.decisions():
            newest[one.example] = one
        for example in self.project.get_examples(newest):
            if newest[example.id].verdict is Verdict.RELABEL:
                assert example.output == newest[example.id].value

    def _merging_all_last_answers_gives_what_stands_in_the_packets(self) -> None:
        for name in REMOTE:
            self.answer(name)
        for path in (*reversed(self.answers), *self.answers):
            merge_packet(self.project, path, "owner")
        here = self._standing(self.project)
        for name, project in self.packets.items():
            there = {key: said for key, said in self._standing(project).items() if key[0] == name}
            assert {key: said for key, said in here.items() if key[0] == name} == there

    @staticmethod
    def _standing(project: Project) -> Standing:
        (round,) = project.rounds.all()
        texts = {e.id: e.input for e in project.rounds.examples(round.id)}
        places = {id: sorted(texts.values()).index(text) for id, text in texts.items()}
        votes = project.rounds.votes(round.id)
        return {(v.reviewer, places[v.example], v.repeat): (v.verdict, v.value) for v in votes}


def test_no_sequence_of_steps_loses_or_double_counts_a_decision() -> None:
    run_state_machine_as_test(
        Reviewing,
        settings=settings(
            max_examples=4,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
