"""A catalogue shows what a plain loop over the examples would, and stays right as reviewers decide and undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curator.catalogue import STATUSES, UNDECIDED, Catalogue, Filter
from curator.catalogue.filtering import SORTS
from curator.catalogue.reading import settle
from curator.model import Decision, Example, Finding, Kind, Message, Ref, Role, Severity, Suggestion, Verdict
from curator.progress import Silent
from curator.splits.policy import resolve
from curator.store import Project
from curator.store.columns import NUMBERS, SEVERITIES, SPLITS, VERDICTS
from curator.tasks import Task

LABELS = ("card", "Order", "refund")
REVIEWERS = ("Ada", "Bo", "Cy")
NUMBER = 60


def make(path: Path) -> Project:
    project = Project.create(path, task=Task.CLASSIFICATION, actor="Ada")
    for role, name, number in ((Role.CANDIDATE, "a.jsonl", NUMBER - 10), (Role.EVAL, "b.jsonl", 10)):
        made = [
            Example(
                Ref(name, at, at + 1, role),
                (
                    Message("user", f"{'bca'[at % 3]} text {at % 7} " + "x" * (at % 5)),
                    Message("assistant", LABELS[at % 3]),
                ),
            )
            for at in range(number)
        ]
        project.import_source(name, name, "jsonl", role, {}, made, Silent())
    ids = project.ids()
    run = project.begin_run("check", {"task": "classification"})
    grouped = [
        Finding("conflict", Severity.ERROR, 0.5, (ids[at], ids[at + 1]), "two labels", id=f"c{at}")
        for at in range(0, 20, 2)
    ]
    single = [
        Finding(
            "length",
            Severity.INFO,
            0.5,
            (ids[at],),
            "long",
            id=f"l{at}",
            suggestion=Suggestion(Verdict.DROP, (ids[at],)),
        )
        for at in range(0, 50, 5)
    ]
    project.save_findings(run, "conflict", grouped)
    project.save_findings(run, "length", single)
    some = np.linspace(0, 1, 40)
    some[::7] = np.nan
    project.save_scores(run, {"outlier": some, "duplicate_group": np.arange(40) // 4}, ids[:40])
    project.finish_run(run, {})
    with project._database.read() as connection:
        keys = list(connection.exec_driver_sql("SELECT content_key FROM examples ORDER BY id").scalars())
    project.releases.add("out", {}, dict(zip(keys, ["train", "test", "validation"] * 10, strict=False)))
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with make(tmp_path_factory.mktemp("catalogue") / "one.curator") as made:
        yield made


def same(a: Catalogue, b: Catalogue) -> None:
    """Both say the same of every example, whatever their codes."""
    for name in ("ids", "source", "length", "status", "severity", "group", "split", "inputs", "outputs"):
        assert np.array_equal(getattr(a, name), getattr(b, name)), name
    for name in NUMBERS:
        assert np.array_equal(a.scores[name], b.scores[name], equal_nan=True), name
    for sort in ("input", "output"):
        assert np.array_equal(a.order(None, sort), b.order(None, sort)), sort
    for place in range(len(a)):
        assert set(a.checks_at(place)) == set(b.checks_at(place))
        assert set(a.reviewers_at(place)) == set(b.reviewers_at(place))
        assert (a.labels[a.label[place]] if a.label[place] >= 0 else None) == (
            b.labels[b.label[place]] if b.label[place] >= 0 else None
        )


def naive(project: Project) -> list[dict[str, object]]:
    """What each example is, told one by one from what the project says."""
    (run,) = project.runs("check")
    votes: dict[int, list[Decision]] = {}
    for decision in project.decisions():
        votes.setdefault(decision.example, []).append(decision)
    dismissed = {
        id for said in votes.values() for d in said if d.verdict is Verdict.KEEP and d.value for id in d.value.split()
    }
    findings = [f for f in project.findings(run.id) if f.id not in dismissed]
    scores = project.scores(run.id)
    outliers = dict(zip(scores["example_id"], scores["outlier"], strict=True))
    told = []
    for e in project.examples():
        said = votes.get(e.id, [])
        settled = resolve(said)
        status = str(settled.verdict) if settled else ("skip" if said else UNDECIDED)
        mine = [f for f in findings if e.id in f.examples]
        told.append(
            {
                "id": e.id,
                "role": e.ref.role,
                "source": e.ref.source,
                "label": e.output,
                "status": status,
                "reviewers": {d.reviewer for d in said},
                "checks": {f.check for f in mine},
                "outlier": outliers.get(e.id),
                "length": len(e.input) + len(e.output),
            }
        )
    return told


decision = st.tuples(
    st.integers(0, NUMBER - 1),
    st.sampled_from(REVIEWERS),
    st.sampled_from([v for v in Verdict if v is not Verdict.EDIT]),
    st.sampled_from([*LABELS, "brand new"]),
    st.sampled_from([None, "c0", "c0 l0", "c4 c6", "l5"]),
)
step = st.one_of(st.lists(decision, min_size=1, max_size=4), st.just("undo"), st.just("redo"))


def take(project: Project, what: object) -> None:
    if what == "undo":
        if any(entry.undoable and entry.action == "decide" for entry in project.log(1)):
            project.undo()
        return
    if what == "redo":
        if project.log(1)[0].action == "undo":
            project.redo()
        return
    assert isinstance(what, list)
    ids = project.ids()
    project.decide(
        [
            Decision(
                "",
                ids[at],
                "",
                who,
                verdict,
                label if verdict is Verdict.RELABEL else dismissed if verdict is Verdict.KEEP else None,
            )
            for at, who, verdict, label, dismissed in what
        ]
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(step, min_size=1, max_size=5))
def test_an_update_comes_to_the_same_as_loading_anew(project: Project, steps: list[object]) -> None:
    held = Catalogue.load(project)
    for what in steps:
        take(project, what)
        held = held.updated(project)
        same(held, Catalogue.load(project))
    assert held.updated(project) is held


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(step, max_size=2),
    st.sets(st.sampled_from(["conflict", "length"])),
    st.sets(st.sampled_from([*LABELS, "brand new"])),
    st.sets(st.sampled_from(STATUSES)),
    st.sets(st.sampled_from(REVIEWERS)),
    st.one_of(st.none(), st.sampled_from([(0.0, 0.5), (0.2, 0.9)])),
    st.one_of(st.none(), st.sampled_from([(0, 14), (15, 99)])),
    st.sampled_from([None, Role.EVAL, Role.CANDIDATE]),
    st.one_of(st.none(), st.sets(st.integers(1, NUMBER + 5))),
)
def test_a_view_is_what_a_plain_loop_finds(
    project: Project,
    steps: list[object],
    checks: set[str],
    labels: set[str],
    statuses: set[str],
    reviewers: set[str],
    outlier: tuple[float, float] | None,
    length: tuple[int, int] | None,
    role: Role | None,
    ids: set[int] | None,
) -> None:
    for what in steps:
        take(project, what)
    wanted = Filter(
        ids=None if ids is None else np.array(sorted(ids)),
        role=role,
        checks=tuple(checks),
        labels=tuple(labels),
        statuses=tuple(statuses),
        reviewers=tuple(reviewers),
        scores={"outlier": outlier} if outlier else None,
        length=length,
    )

    def meets(row: dict[str, object]) -> bool:
        return (
            (ids is None or row["id"] in ids)
            and role in (None, row["role"])
            and (not checks or bool(checks & row["checks"]))
            and (not labels or row["label"] in labels)
            and (not statuses or row["status"] in statuses)
            and (not reviewers or bool(reviewers & row["reviewers"]))
            and (not outlier or (row["outlier"] is not None and outlier[0] <= row["outlier"] <= outlier[1]))
            and (not length or length[0] <= row["length"] <= length[1])
        )

    assert Catalogue.load(project).view(wanted).tolist() == [row["id"] for row in naive(project) if meets(row)]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_column_sorts_with_equal_rows_by_id_and_missing_ones_last(
    project: Project, sort: str, descending: bool
) -> None:
    held = Catalogue.load(project)
    values = dict(zip(held.ids.tolist(), np.asarray(SORTS[sort](held), np.float64).tolist(), strict=True))
    shown = held.view(None, sort, descending).tolist()
    missing = {id for id, value in values.items() if np.isnan(value) or (sort in ("findings", "label") and value < 0)}

    def key(id: int) -> tuple[bool, float, int]:
        value = 0 if id in missing else values[id]
        return (id in missing, -value if descending else value, id if sort != "id" else 0)

    assert shown == sorted(values, key=key)


def test_texts_sort_as_they_begin(project: Project) -> None:
    held = Catalogue.load(project)
    inputs = {e.id: e.input for e in project.examples()}
    assert held.view(None, "input").tolist() == sorted(inputs, key=lambda id: (inputs[id], id))
    outputs = {e.id: e.output.lower() for e in project.examples()}
    assert held.view(None, "output").tolist() == sorted(outputs, key=lambda id: (outputs[id], id))
    assert held.view(None, "label").tolist() == sorted(outputs, key=lambda id: (outputs[id], id))


votes = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(list(Verdict))),
    unique_by=lambda vote: vote[:2],
    max_size=12,
)


@given(votes)
def test_votes_settle_as_an_export_settles_them(said: list[tuple[int, str, Verdict]]) -> None:
    decisions = [
        Decision(f"{at:04}", e, "", who, verdict, at=f"2026-01-01T00:{at:02}")
        for at, (e, who, verdict) in enumerate(said)
    ]
    examples, settled = settle(
        np.array([d.example for d in decisions], np.int32),
        np.array([VERDICTS.index(str(d.verdict)) for d in decisions], np.int8),
    )
    for example, code in zip(examples.tolist(), settled.tolist(), strict=True):
        wanted = resolve([d for d in decisions if d.example == example])
        assert VERDICTS[code] == (str(wanted.verdict) if wanted else "skip")
    assert set(examples.tolist()) == {d.example for d in decisions}


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from([Verdict.KEEP, Verdict.DROP, Verdict.FLAG, Verdict.SKIP]),
            st.sampled_from([Kind.DECISION, Kind.DECISION, Kind.CONSENSUS, Kind.ADJUDICATION]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_settles_votes_stands_as_in_an_export(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, Verdict, Kind]]
) -> None:
    with make(tmp_path_factory.mktemp("settled") / "own.curator") as project:
        id = project.ids()[0]
        for at, (who, verdict, kind) in enumerate(said):
            project.decide([Decision("", id, "", who, verdict, kind=kind, at=f"2026-01-01T00:{at:02}:00+00:00")])
        held, wanted = Catalogue.load(project), resolve(list(project.decisions(id)))
        assert VERDICTS[held.status[held.places([id])[0]]] == (str(wanted.verdict) if wanted else "skip")
        again = held.updated(project)
        assert again.status.tolist() == held.status.tolist()


def test_a_dismissed_finding_counts_no_longer_for_all_its_examples(tmp_path: Path) -> None:
    with make(tmp_path / "own.curator") as project:
        ids, held = project.ids(), Catalogue.load(project)
        assert held.checks_at(0) == ("conflict", "length")
        project.decide([Decision("", ids[1], "", "Ada", Verdict.KEEP, "c0")])
        held = held.updated(project)
        assert held.checks_at(0) == ("length",)
        assert held.checks_at(1) == ()
        assert SEVERITIES[held.severity[0]] == "info"
        project.undo()
        assert held.updated(project).checks_at(1) == ("conflict",)


def test_new_findings_scores_sources_and_releases_are_taken_up(tmp_path: Path) -> None:
    with make(tmp_path / "own.curator") as project:
        held = Catalogue.load(project)
        ids = project.ids()
        run = project.begin_run("check", {})
        project.save_findings(run, "length", [Finding("length", Severity.ERROR, 1.0, (ids[1],), "long", id="n")])
        project.save_scores(run, {"leakage": [0.5]}, [ids[1]])
        held = held.updated(project)
        assert set(held.checks_at(1)) == {"conflict", "length"}
        assert "length" not in held.checks_at(0)
        assert held.scores["leakage"][1] == np.float32(0.5)
        assert not np.isnan(held.scores["outlier"][1])
        project.releases.add("next", {}, {})
        held = held.updated(project)
        assert not held.split.any()
        more = Example(Ref("c.jsonl", 0, 1), (Message("user", "more"), Message("assistant", "card")))
        project.import_source("c.jsonl", "c", "jsonl", Role.CANDIDATE, {}, [more], Silent())
        held = held.updated(project)
        assert len(held) == NUMBER + 1
        assert [source.path for source in held.sources] == ["a.jsonl", "b.jsonl", "c.jsonl"]
        project.undo()
        same(held.updated(project), Catalogue.load(project))


def test_splits_are_those_of_the_newest_release(project: Project) -> None:
    held = Catalogue.load(project)
    assert {SPLITS[code] for code in held.split.tolist()} == set(SPLITS)
    trained = held.view(Filter(splits=("train",)))
    assert len(trained) > 0
    assert set(held.view(Filter(splits=("",)))) | set(held.view(Filter(splits=SPLITS[1:]))) == set(held.ids)


def test_more_than_sixty_four_reviewers_are_told_apart(tmp_path: Path) -> None:
    with make(tmp_path / "crowd.curator") as project:
        ids, held = project.ids(), Catalogue.load(project)
        project.decide([Decision("", ids[0], "", f"r{n:03}", Verdict.KEEP) for n in range(150)])
        held = held.updated(project)
        assert len(held.reviewers_at(0)) == 150
        project.decide([Decision("", ids[1], "", "r149", Verdict.KEEP)])
        held = held.updated(project)
        assert held.view(Filter(reviewers=("r149",))).tolist() == [ids[0], ids[1]]
        same(held, Catalogue.load(project))


def test_outputs_that_are_no_labels_have_none(tmp_path: Path) -> None:
    with Project.create(tmp_path / "texts.curator") as project:
        made = [
            Example(Ref("a", at, at + 1), (Message("user", "q"), Message("assistant", f"answer {at}")))
            for at in range(20)
        ]
        project.import_source("a", "a", "jsonl", Role.CANDIDATE, {}, made, Silent())
        held = Catalogue.load(project)
        assert held.labels == ()
        assert set(held.label.tolist()) == {-1}
        project.set_settings(task="classification")
        assert len(held.updated(project).labels) == 20


def test_an_empty_project_has_an_empty_catalogue(tmp_path: Path) -> None:
    with Project.create(tmp_path / "empty.curator") as project:
        held = Catalogue.load(project)
        assert len(held) == 0
        for sort in SORTS:
            assert held.view(Filter(text="x", found=np.array([1, 2])), sort).tolist() == []
        assert held.places([1]).tolist() == []


def test_an_import_that_votes_came_with_is_decided(tmp_path: Path) -> None:
    from curator.model import Vote

    with Project.create(tmp_path / "voted.curator") as project:
        made = [
            Example(
                Ref("a", 0, 1),
                (Message("user", "q"), Message("assistant", "x")),
                votes=(Vote("Ann", Verdict.KEEP, "x"),),
            )
        ]
        project.import_source("a", "a", "jsonl", Role.CANDIDATE, {}, made, Silent())
        held = Catalogue.load(project)
        assert STATUSES[held.status[0]] == "keep"
        assert held.reviewers_at(0) == ("Ann",)
