"""A release is written again byte for byte from the project alone, whatever was done to the project since."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from release_material import bring_in, candidates, content, decide, edited, release, sample_rows, write_csv
from round_material import begin, vote
from sqlalchemy import update

from curator import pipeline, targets
from curator.checks import Data
from curator.errors import Cancelled, InputError
from curator.model import Role, Verdict
from curator.pipeline import Settings
from curator.progress import Silent
from curator.release import Wanted
from curator.resources import resource
from curator.store import Calibration, Project, imports
from curator.store.schema import releases
from curator.tasks import Task

ROWS = sample_rows()
LABELS = tuple(sorted({label for _, label in ROWS}))


class Walk:
    """A project that people work on at random, and the releases that were written on the way."""

    def __init__(self, project: Project, folder: Path, seed: int):
        self.project, self.folder, self.dice = project, folder, random.Random(seed)
        self.files = iter(ROWS[at : at + 25] for at in range(120, len(ROWS), 25))
        self.made: list[Path] = []
        self.read(ROWS[:120])

    def read(self, rows: list[tuple[str, str]]) -> None:
        path = write_csv(self.folder / f"file{len(list(self.folder.glob('*.csv')))}.csv", rows)
        bring_in(self.project, path)

    def more(self) -> None:
        self.read(next(self.files))

    def somebody(self) -> str:
        return self.dice.choice(["Ann", "Bo", "Cy"])

    def anything(self) -> int:
        return self.dice.choice(self.project.ids(Role.CANDIDATE))

    def rule(self) -> None:
        verdict = self.dice.choice([Verdict.DROP, Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT, Verdict.FLAG])
        value = {Verdict.RELABEL: self.dice.choice(LABELS), Verdict.EDIT: edited("Where is it?", "where_is")}.get(
            verdict
        )
        decide(self.project, self.anything(), verdict, value, self.somebody())

    def take_back(self) -> None:
        entry = self.dice.choice([one for one in self.project.log(None) if one.undoable] or [None])
        if entry is not None and entry.action != "import":
            self.project.undo(entry.id)

    def take_back_an_import(self) -> None:
        """An import that somebody undoes takes its examples along; a second undo brings them back."""
        entries = [one for one in self.project.log(None) if one.action == "import"]
        self.project.undo(self.dice.choice(entries[:-1] or entries).id)
        if not self.project.ids(Role.CANDIDATE):
            self.project.redo()

    def do_again(self) -> None:
        undos = [one for one in self.project.log(None) if one.action == "undo" and one.in_force]
        if undos:
            self.project.undo(undos[0].id)

    def begin_a_round(self) -> None:
        some = self.dice.sample(self.project.ids(Role.CANDIDATE), 6)
        begin(self.project, ("Ann", "Bo"), some, LABELS, name=f"round {self.dice.random()}")

    def look(self) -> None:
        open_rounds = [one for one in self.project.rounds.all() if not one.closed]
        if open_rounds:
            round = self.dice.choice(open_rounds)
            gone = {item.example for item in self.project.rounds.items(round.id)} - set(self.project.ids())
            item = self.dice.choice([one.example for one in self.project.rounds.items(round.id)])
            if item not in gone:
                said = self.dice.choice([Verdict.KEEP, self.dice.choice(LABELS)])
                vote(self.project, round, self.dice.choice(round.reviewers), item, said)

    def change_reviewers(self) -> None:
        """Somebody's looks are given to another: it is changed in place, and only the journal tells that it was."""
        for round in self.project.rounds.all()[-1:]:
            slots = self.project.rounds.slots(round.id)
            voted = {(one.example, one.reviewer) for one in self.project.rounds.votes(round.id)}
            owed = [slot for slot in slots if (slot.example, slot.reviewer) not in voted]
            if owed:
                self.project.rounds.assign(
                    round.id, [replace(owed[0], reviewer="Cy")], [*round.reviewers, "Cy"], "Moved"
                )

    def set_a_cut(self) -> None:
        encoder = self.project.latest_run("check")
        if encoder is not None:
            sha = encoder.summary["encoder"]
            check = self.dice.choice(["outlier", "near_duplicate", "label_error"])
            cut = self.dice.choice([0.5, 0.7, 0.9, 0.97])
            made = Calibration(check, sha, "all-MiniLM-L6-v2", cut, None, None, 0, None, None, None, 0, 0.0)
            self.project.calibrate(made, f"Set the cut of {check}")

    def change_settings(self) -> None:
        self.project.set_settings(seed=self.dice.randrange(4))

    def write(self) -> None:
        out = self.folder / f"out{len(self.made)}"
        release(
            self.project,
            out,
            Settings(task=self.dice.choice([None, Task.CLASSIFICATION]), target="openai"),
            split=self.dice.choice(["90/10", "80/10/10"]),
            targets=self.dice.choice([("openai",), ("jsonl", "openai")]),
            size=self.dice.choice(["all", "60"]),
            stratify=self.dice.random() < 0.5,
            exclude=self.dice.choice([(), ("outlier",)]),
            name=self.dice.choice(["", "shop", "shop 2"]),
            seed=self.dice.choice([None, 7]),
        )
        self.made.append(out)

    def steps(self) -> list[Callable[[], None]]:
        often = [self.rule, self.rule, self.rule, self.look, self.look, self.look, self.take_back, self.do_again]
        return [*often, self.begin_a_round, self.change_reviewers, self.set_a_cut, self.change_settings, self.more]


def proven(project: Project, made: list[Path], folder: Path) -> None:
    """Each release is what it was, by the checksum that the project keeps and by its bytes."""
    for number, out in enumerate(made, 1):
        again = pipeline.rebuild(project, number, folder / f"again{number}")
        assert again.same, (number, again.files, again.differs)
        assert content(again.folder) == content(out)


@pytest.mark.parametrize("seed", [2])
def test_after_anything_that_people_do_each_release_is_written_again(tmp_path: Path, seed: int) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION, actor="Ann") as project:
        walk = Walk(project, tmp_path, seed)
        walk.begin_a_round()
        for _ in range(3):
            for _ in range(14):
                walk.dice.choice(walk.steps())()
            walk.write()
        walk.take_back_an_import()
        for _ in range(14):
            walk.dice.choice(walk.steps())()
        before = [(entry.id, entry.text) for entry in project.log(None)]
        for file in tmp_path.glob("*.csv"):
            file.unlink()
        proven(project, walk.made, tmp_path)
        assert [(entry.id, entry.text) for entry in project.log(None)] == before, "nothing of the project changes"
        assert [one.number for one in project.releases.all()] == [1, 2, 3]


def test_a_project_in_postgresql_writes_its_releases_again_too(postgres_address: str, tmp_path: Path) -> None:
    with Project.create(postgres_address, task=Task.CLASSIFICATION, actor="Ann") as project:
        walk = Walk(project, tmp_path, 5)
        walk.begin_a_round()
        for _ in range(12):
            walk.look()
        walk.rule()
        walk.write()
        for _ in range(12):
            walk.dice.choice(walk.steps())()
        walk.take_back_an_import()
        proven(project, walk.made, tmp_path)


def test_the_files_of_every_target_are_written_again(tmp_path: Path) -> None:
    """With tool calls, several turns and a fix that is chosen."""
    chats = (resource("samples/style") / "chat.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    source = tmp_path / "chat.jsonl"
    source.write_text("".join(chats[:60]), encoding="utf-8")
    with Project.create(tmp_path / "p.curator", task=Task.STYLE) as project:
        bring_in(project, source)
        decide(project, project.ids()[0], Verdict.RELABEL, "Another answer, as we give it.")
        wishes = {"targets": targets.names(), "optional": True, "fixes": ("merge-system",), "base_model": "gemma-2"}
        out = release(project, tmp_path / "out", size="40", **wishes)
        assert len({path.partition("/")[0] for path in content(out)}) > 10
        proven(project, [out], tmp_path)


class Stops(Silent):
    """Progress that a user stops once something is done."""

    def __init__(self) -> None:
        self.seen = False

    def report(self, done: int, total: int | None, text: str) -> None:
        self.seen = done > 0

    def cancelled(self) -> bool:
        return self.seen


def test_an_import_that_went_on_later_changes_no_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "RECORDS_PER_COMMIT", 60)
    whole = write_csv(tmp_path / "whole.csv", ROWS[:150])
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        inputs = pipeline.Inputs((str(whole),))
        with pytest.raises(Cancelled):
            pipeline.import_files(project, inputs, Stops())
        made = [release(project, tmp_path / "half")]
        assert not project.sources()[0].complete
        bring_in(project, whole)
        made.append(release(project, tmp_path / "whole"))
        assert project.sources()[0].complete
        proven(project, made, tmp_path)


def test_what_people_decide_while_a_check_goes_on_counts_and_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:100]))
        dropped = project.ids()[0]
        begun = Data.__init__

        def meanwhile(*arguments: object, **named: object) -> None:
            begun(*arguments, **named)  # type: ignore[arg-type]
            if not list(project.decisions()):
                with Project.open(tmp_path / "p.curator") as other:
                    decide(other, dropped, Verdict.DROP, by="Bo")

        monkeypatch.setattr(Data, "__init__", meanwhile)
        made = [release(project, tmp_path / "out")]
        monkeypatch.undo()
        kept = project.releases.all()[0].snapshot
        assert kept is not None
        assert not kept.moved
        rows = project.releases.rows(1) or []
        assert {row.reviewer for row in rows if row.reason == "decision"} == {"Bo"}
        proven(project, made, tmp_path)


def test_where_texts_were_changed_while_a_check_went_on_the_release_says_that_the_project_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:100]))
        begun = Data.__init__

        def meanwhile(*arguments: object, **named: object) -> None:
            begun(*arguments, **named)  # type: ignore[arg-type]
            if not list(project.decisions()):
                with Project.open(tmp_path / "p.curator") as other:
                    decide(other, project.ids()[0], Verdict.RELABEL, "another")

        monkeypatch.setattr(Data, "__init__", meanwhile)
        release(project, tmp_path / "out")
        kept = project.releases.all()[0].snapshot
        assert kept is not None
        assert kept.moved


def test_a_rebuild_says_which_version_is_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from curator.release import manifest

    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:100]))
        release(project, tmp_path / "out")
        monkeypatch.setattr(manifest, "__version__", "99.0")
        again = pipeline.rebuild(project, 1, tmp_path / "again")
    assert not again.same
    assert again.files == ("report.html", "manifest.json")
    assert len(again.differs) == 1
    assert again.differs[0].startswith("curator was ")
    assert again.differs[0].endswith("here it is 99.0")


def test_the_command_says_whether_it_is_the_same(curator: Callable[..., Any], tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:100]))
        out = release(project, tmp_path / "out")
    ran = curator("rebuild", "-q", tmp_path / "p.curator", "1", "--out", tmp_path / "again")
    sha256 = hashlib.sha256((out / "manifest.json").read_bytes()).hexdigest()
    examples = len((out / "rows.jsonl").read_bytes().splitlines())
    assert ran.code == 0
    assert ran.out.splitlines() == [
        f"p 1: {examples} examples written to {tmp_path / 'again'}",
        f"The same, byte for byte: manifest sha256 {sha256}",
    ]
    with Project.open(tmp_path / "p.curator") as project, project._database.write() as connection:
        connection.execute(update(releases).values(manifest="0" * 64))
    ran = curator("rebuild", "-q", tmp_path / "p.curator", "p-1", "--out", tmp_path / "third")
    assert ran.code == 1
    assert "NOT the same: manifest.json" in ran.out
    for wrong, said in (("some.csv", "is not a name for a project"), ("none.curator", "There is no such project")):
        ran = curator("rebuild", tmp_path / wrong, "1", "--out", tmp_path / "fourth")
        assert ran.code == 2
        assert said in ran.sentence


def test_a_folder_that_is_taken_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:80]))
        out = release(project, tmp_path / "out")
        with pytest.raises(InputError, match="already holds a release"):
            pipeline.rebuild(project, 1, out)
        (out / "openai" / "train.jsonl").write_text("spoilt")
        assert pipeline.rebuild(project, "p 1", out, force=True).same
        with pytest.raises(InputError, match="no release '2' in this project; its releases are p 1"):
            pipeline.rebuild(project, 2, tmp_path / "other")


def test_a_release_of_an_older_curator_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator") as project:
        project.releases.add("out", {}, {"ab": "train"})
        with pytest.raises(InputError, match="written by an older Curator"):
            pipeline.rebuild(project, 1, tmp_path / "again")


def test_a_snapshot_holds_what_was_there_and_no_more(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION, actor="Ann") as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:40]))
        first, second = list(candidates(project).values())[:2]
        decide(project, first, Verdict.RELABEL, "refund")
        stands = project.snapshot()
        before = list(project.examples()), list(project.decisions()), [entry.text for entry in project.log(None)]
        decide(project, second, Verdict.RELABEL, "refund")
        project.undo(2)
        bring_in(project, write_csv(tmp_path / "more.csv", ROWS[40:60]))
        then = project.as_of(stands)
        where = Path(then.where)
        with then:
            assert list(then.examples()) == before[0]
            assert list(then.decisions()) == before[1]
            assert [entry.text for entry in then.log(None)] == before[2]
            assert then.sources() == [source for source in then.sources() if source.complete]
        assert not where.parent.exists()


def test_wishes_come_back_from_what_is_kept_of_them(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path / "a", ("openai", "jsonl"), "200", name="shop", seed=3, require=("votes>=2",), force=True)
    assert Wanted.again(wanted.as_json(), tmp_path / "a", "shop", force=True) == wanted
