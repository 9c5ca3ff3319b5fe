"""Laws of merging: the order, the number of times and the parts make no difference; nothing is lost, nothing counts twice."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from packet_material import LABELS, Standing, answer, begin, cast, opened, owner, standing, take_back

from curator.errors import InputError
from curator.model import Decision, Kind, Round, Verdict
from curator.review.packets.content import PacketVote, read_votes
from curator.review.packets.exchange import merge_packet
from curator.review.packets.file import read_members
from curator.store import Project

MACHINES = ("Ann", "Bo", "Ann's other computer")


@dataclass(frozen=True)
class Sent:
    """An answer, and what stood on the machine that it came from."""

    path: Path
    stood: Standing


@dataclass(frozen=True)
class Post:
    """A project before anything is merged into it, and answers from three machines, those of one in the order sent."""

    project: Path
    round: Round
    answers: dict[str, list[Sent]]

    @property
    def all(self) -> list[Sent]:
        return [sent for some in self.answers.values() for sent in some]


def work(local: Project, round: Round, machine: int) -> list[Sent]:
    """Some votes, second thoughts, withdrawals and undoing, and an answer after each bit."""
    steps = (
        lambda: (cast(local, machine), cast(local, 3, LABELS[machine])),
        lambda: (cast(local, machine, LABELS[machine]), take_back(local, 3)),
        lambda: (local.undo(), local.undo(), cast(local, 0, "x", repeat=True)),
        lambda: (local.undo(), local.redo(), cast(local, 4, "x"), local.undo(), cast(local, 5)),
    )
    sent = []
    for number, step in enumerate(steps):
        step()
        sent.append(Sent(answer(local, f"{number}.packet"), standing(local, round)))
    return sent


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Post:
    folder = tmp_path_factory.mktemp("post")
    with owner(folder) as project:
        round = begin(project)
        answers = {}
        for number, machine in enumerate(MACHINES):
            (folder / machine).mkdir()
            with opened(project, round, machine.split("'")[0], folder / machine) as local:
                answers[machine] = work(local, round, number)
    return Post(Path(project.address), round, answers)


@contextmanager
def fresh(post: Post) -> Iterator[Project]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(post.project, Path(folder) / "p.curator")
        with Project.open(Path(folder) / "p.curator") as project:
            yield project


def merged(post: Post, answers: list[Sent]) -> Standing:
    with fresh(post) as project:
        for sent in answers:
            merge_packet(project, sent.path)
        return standing(project, post.round)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_answers_in_any_order_and_any_number_of_times_give_the_same_votes(post: Post, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(post.all))), min_size=1, max_size=6))
    once = [post.all[number] for number in sorted(set(chosen))]
    assert merged(post, [post.all[number] for number in chosen]) == merged(post, once)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_last_answer_of_each_reviewer_stands_whatever_else_came(post: Post, data: st.DataObject) -> None:
    mine = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    theirs = data.draw(st.lists(st.integers(0, 3), max_size=3))
    expected = dict(post.answers["Ann"][max(mine)].stood)
    if theirs:
        expected |= post.answers["Bo"][max(theirs)].stood
    sent = [post.answers["Ann"][n] for n in mine] + [post.answers["Bo"][n] for n in theirs]
    assert merged(post, data.draw(st.permutations(sent))) == expected


def test_the_answers_of_the_laws_differ(post: Post) -> None:
    for sent in post.answers.values():
        assert len({str(sorted(one.stood.items())) for one in sent}) == len(sent)


Key = tuple[int, str, bool]


@dataclass(frozen=True)
class Known:
    """A vote as the project should know it: `entry` brought it."""

    entry: int
    key: Key
    stamp: tuple[str, str]
    says: tuple[str, str | None] | None


class Rounds(RuleBasedStateMachine):
    """Whatever is assigned, voted here and there, undone here and there, sent and merged: a replay tells the same votes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        self.project = owner(folder)
        self.round = begin(self.project)
        self.locals = {name: opened(self.project, self.round, name, folder) for name in self.round.reviewers}
        self.example_of = {example.input: example.id for example in self.project.examples()}
        self.sent: dict[str, list[tuple[Path, list[PacketVote]]]] = {name: [] for name in self.locals}
        self.votes: dict[str, Known] = {}

    def teardown(self) -> None:
        for project in (self.project, *self.locals.values()):
            project.close()
        self.folder.cleanup()

    who = st.sampled_from(["Ann", "Bo"])
    places = st.integers(0, 5)
    labels = st.sampled_from([None, "thanks", "question"])

    def votes_in(self, reviewer: str, places: int) -> int:
        """The example of the project at a place of a reviewer's list."""
        local = self.locals[reviewer]
        return self.example_of[local.rounds.examples(self.round.id)[places].input]

    def note(self, entry: int, vote: Decision) -> None:
        says = None if vote.kind is Kind.WITHDRAWAL else (str(vote.verdict), vote.value)
        key = (vote.example, vote.reviewer, vote.repeat)
        self.votes.setdefault(vote.id, Known(entry, key, (vote.at, vote.id), says))

    @rule(who=who, place=places, label=labels)
    def vote_there(self, who: str, place: int, label: str | None) -> None:
        cast(self.locals[who], place, label, repeat=place == 0 and label == "thanks")

    @rule(who=who, place=places)
    def take_back_there(self, who: str, place: int) -> None:
        take_back(self.locals[who], place)

    @rule(who=who)
    def undo_or_redo_there(self, who: str) -> None:
        local = self.locals[who]
        turnable = [e for e in local.log(None) if e.in_force and e.action in ("decide", "undo") and e.entry != 1]
        if turnable:
            local.undo(turnable[len(turnable) // 2].id)

    @rule(who=who, place=places, label=labels)
    def vote_here(self, who: str, place: int, label: str | None) -> None:
        verdict = Verdict.KEEP if label is None else Verdict.RELABEL
        example = self.votes_in(who, place)
        vote = Decision("", example, "", who, verdict, label, kind=Kind.VOTE, round=self.round.id)
        entry = self.project.decide([vote])
        ((_, made),) = [(e, v) for e, v in self.project.rounds.cast(self.round.id) if e == entry.id]
        self.note(entry.id, made)

    @rule(place=places)
    def assign(self, place: int) -> None:
        slots = [slot for slot in self.project.rounds.slots(self.round.id) if slot.place == place]
        others = {"Ann": "Bo", "Bo": "Ann"}
        turned = [replace(slot, reviewer=others[str(slot.reviewer)]) for slot in slots]
        self.project.rounds.assign(self.round.id, turned, self.round.reviewers, "Swapped")

    @rule(who=who)
    def answer(self, who: str) -> None:
        local, number = self.locals[who], len(self.sent[who])
        try:
            path = answer(local, f"{number}.packet")
        except InputError:
            assert not local.rounds.cast(self.round.id)
            return
        said = read_votes(read_members(path), path)
        stood = {(vote.example, vote.repeat): (str(vote.verdict), vote.value) for vote in local.rounds.votes()}
        items = {str(e.extra["item"]): e.id for e in local.examples()}
        assert {(items[v.item], v.repeat): (str(v.verdict), v.value) for v in said if v.verdict is not None} == stood
        for _, earlier in self.sent[who]:
            now = {(vote.item, vote.repeat): vote for vote in said}
            for vote in earlier:
                later = now[vote.item, vote.repeat]
                assert later == vote or (later.at, later.id) > (vote.at, vote.id)
        self.sent[who].append((path, said))

    @precondition(lambda self: any(self.sent.values()))
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from([name for name, sent in self.sent.items() if sent]))
        path, said = data.draw(st.sampled_from(self.sent[who]))
        known = {vote.id for vote in said} & set(self.votes)
        done = merge_packet(self.project, path)
        assert (done.new + done.taken_back, done.known) == (len(said) - len(known), len(known))
        assert (done.entry is None) == (done.new + done.taken_back == 0)
        for entry, vote in self.project.rounds.cast(self.round.id):
            if vote.id in {one.id for one in said}:
                self.note(entry, vote)

    @rule(data=st.data())
    def undo_or_redo_here(self, data: st.DataObject) -> None:
        votes = {vote.entry for vote in self.votes.values()}
        turnable = [e.id for e in self.project.log(None) if e.in_force and (e.id in votes or e.entry in votes)]
        if turnable:
            self.project.undo(data.draw(st.sampled_from(turnable)))

    @invariant()
    def the_votes_are_a_replay_of_what_came(self) -> None:
        in_force = {entry.id for entry in self.project.log(None) if entry.in_force}
        latest: dict[Key, Known] = {}
        for vote in self.votes.values():
            if vote.entry in in_force and (vote.key not in latest or latest[vote.key].stamp < vote.stamp):
                latest[vote.key] = vote
        stand = self.project.rounds.votes(self.round.id)
        keys = [(vote.example, vote.reviewer, vote.repeat) for vote in stand]
        assert len(set(keys)) == len(keys)
        assert {key: (str(v.verdict), v.value) for key, v in zip(keys, stand, strict=True)} == {
            key: vote.says for key, vote in latest.items() if vote.says is not None
        }
        assert {vote.id for _, vote in self.project.rounds.cast(self.round.id)} == set(self.votes)
        assert not list(self.project.decisions())


def test_no_sequence_of_steps_loses_a_vote_or_counts_one_twice() -> None:
    run_state_machine_as_test(
        Rounds,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
