"""What reviewers did goes with a release: a policy keeps out what they left undone, and the files say who stands behind each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from curator import checking, gates, pipeline
from curator.errors import GateNotMet, InputError
from curator.model import Basis, Cause, Decision, Kind, Role, Round, RoundItem, Slot, Verdict, content_key
from curator.outlook import Outlook
from curator.pipeline import Checked, Settings
from curator.progress import Silent
from curator.release import Wanted
from curator.review.required import Required
from curator.store import Project

PEOPLE = ("Ann", "Bo")


def reviewed(project: Project) -> Round:
    """Ann and Bo vote on 40 examples; they agree on 30 of them, and Cy adjudicates 6 of the others."""
    ids = project.ids(Role.CANDIDATE)[:40]
    labels = tuple(sorted({label for _, label in project.outputs(Role.CANDIDATE)}))
    shown = {one.id: one for one in project.get_examples(ids)}
    items = [RoundItem(id, content_key(shown[id]), place) for place, id in enumerate(ids)]
    slots = [Slot(id, at, name, place) for place, id in enumerate(ids) for at, name in enumerate(PEOPLE)]
    round = project.rounds.add(Round("", 0, "", "classification", labels, "", 0, PEOPLE, 2), items, slots)

    def vote(name: str, id: int, differs: bool) -> Decision:
        other = next(label for label in labels if label != shown[id].output)
        verdict, value = (Verdict.RELABEL, other) if differs else (Verdict.KEEP, None)
        return Decision("", id, "", name, verdict, value, kind=Kind.VOTE, round=round.id)

    project.decide([vote("Ann", id, False) for id in ids])
    project.decide([vote("Bo", id, at >= 30) for at, id in enumerate(ids)])
    votes = project.rounds.votes(round.id)
    project.decide(
        [
            Decision(
                "", id, "", "Cy", Verdict.KEEP, kind=Kind.ADJUDICATION, round=round.id, cause=Cause.AMBIGUOUS,
                basis=Basis(tuple(vote.id for vote in votes if vote.example == id)),
            )
            for id in ids[30:36]
        ]
    )  # fmt: skip
    return round


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, Checked]]:
    candidates, evals, task = pipeline.sample("support")
    with ExitStack() as stack:
        project = stack.enter_context(Project.create(tmp_path_factory.mktemp("r") / "p.curator", task=task))
        pipeline.import_files(project, pipeline.Inputs((str(candidates),), (str(evals),)), Silent())
        reviewed(project)
        pipeline.settle(project)
        yield project, stack.enter_context(checking.checking(project, Settings(), Silent()))


@pytest.fixture
def export(sample: tuple[Project, Checked], tmp_path: Path) -> Callable[..., Path]:
    project, checked = sample

    def made(*rules: str, name: str = "out", **wishes: Any) -> Path:
        wanted = Wanted(tmp_path / name, require=rules, allow_below_minimum=True, **wishes)
        pipeline.export(project, Settings(), wanted, checked=checked)
        return wanted.out

    return made


def lines(out: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text("utf-8").splitlines()]


def test_each_line_says_how_it_came_to_be_and_the_manifest_counts_it(export: Callable[..., Path]) -> None:
    out = export("votes>=2")
    rows = lines(out, "rows.jsonl")
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    said = [row["provenance"] for row in rows]
    counts = manifest["counts"]["provenance"]
    assert set(counts) == {"unanimous", "adjudicated"}
    assert counts == {how: sum(one["how"] == how for one in said) for how in counts}
    for one in said:
        assert (one["votes"], one["agree"], one["round"]) == (2, 2 if one["how"] == "unanimous" else 1, 1)
        assert (one["adjudicator"], one["cause"]) == (
            ("Cy", "ambiguous") if one["how"] == "adjudicated" else (None, None)
        )
        assert one["alpha"] == manifest["rounds"][0]["alpha"]
    page = (out / "report.html").read_text("utf-8")
    assert "Unanimous: reviewers agreed" in page
    assert manifest["settings"]["require"] == ["votes>=2"]


def test_what_reviewers_disagree_on_stays_out_unless_it_is_let_in(
    sample: tuple[Project, Checked], export: Callable[..., Path]
) -> None:
    project, _ = sample
    disputed = set(project.ids(Role.CANDIDATE)[36:40])
    places = {(example.ref.source, example.ref.record) for example in project.get_examples(disputed)}
    left = [line for line in lines(export(), "excluded.jsonl") if line["reason"] == "disagreement"]
    assert {(line["from"]["source"], line["from"]["record"]) for line in left} <= places
    assert all(line["provenance"]["votes"] == 2 and "disagree" in line["message"] for line in left)
    let_in = lines(export(name="all", include=("disagreement",)), "excluded.jsonl")
    assert not [line for line in let_in if line["reason"] == "disagreement"]
    outlook = Outlook.of(project)
    assert {id for id, one in outlook.out.items() if one.rule == "disagreement"} <= disputed
    assert outlook.by_reason["disagreement"] == len(left)


def test_a_plan_and_an_outlook_say_what_a_policy_leaves_out(
    sample: tuple[Project, Checked], export: Callable[..., Path], tmp_path: Path
) -> None:
    project, checked = sample
    rules = ("votes>=2", "consensus>=0.9", "adjudicated")
    plan = pipeline.plan(project, checked, Wanted(tmp_path / "plan", require=rules))
    counts = json.loads((export(*rules) / "manifest.json").read_text("utf-8"))["counts"]
    assert {left.rule: left.count for left in plan.out} == counts["excluded"]
    assert plan.review is not None
    assert {one.name: one.count for one in plan.review.provenance} == counts["provenance"]
    assert [left.rule for left in plan.review.required] == ["votes", "adjudicated", "consensus"]
    assert plan.review.required[0].count == counts["excluded"]["votes"]
    outlook = Outlook.of(project, required=Required.parse(rules))
    assert outlook.by_reason["votes"] == counts["excluded"]["votes"]


def test_an_export_that_leaves_nothing_is_refused_and_says_what_to_do(
    export: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(GateNotMet, match=r"none of the .* is left to export.* by votes.*ask for less"):
        export("votes>=3")
    with pytest.raises(GateNotMet, match="alpha"):
        export("alpha>=1")
    with pytest.raises(InputError, match="is no rule of an export"):
        export("quorum>=3")
    assert not (tmp_path / "out").exists()


def test_the_same_votes_and_settings_give_the_same_bytes(export: Callable[..., Path]) -> None:
    first, second = export("votes>=1", name="a"), export("votes>=1", name="b")
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert [(first / path).read_bytes() for path in files] == [(second / path).read_bytes() for path in files]


def test_items_on_which_all_agree_settle_before_an_export(tmp_path: Path) -> None:
    candidates, _, task = pipeline.sample("support")
    with Project.create(tmp_path / "p.curator", task=task) as project:
        pipeline.import_files(project, pipeline.Inputs((str(candidates),)), Silent())
        reviewed(project)
        wanted = Wanted(tmp_path / "out", require=("votes>=2",), allow_below_minimum=True)
        pipeline.export(project, Settings(only=("structure",)), wanted)
        assert {row["provenance"]["how"] for row in lines(wanted.out, "rows.jsonl")} == {"unanimous", "adjudicated"}
        assert sum(d.kind is Kind.CONSENSUS for d in project.decisions()) == 30


def test_a_gate_asks_how_far_reviewers_agree(sample: tuple[Project, Checked]) -> None:
    project, checked = sample
    agreed = gates.agreement(project)
    assert agreed.alpha is not None
    assert agreed.detail == "α of round 1"
    assert 0.5 < agreed.alpha < 0.9
    met, not_met, other = gates.apply(checked.report, ["agreement<0.5", "agreement<0.9", "leakage:9999"], agreed)
    assert (met.met, not_met.met, other.met) == (True, False, True)
    assert met.value == not_met.value == round(agreed.alpha, 4)


def test_agreement_that_cannot_be_measured_does_not_meet_its_gate(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator") as project:
        assert gates.agreement(project).alpha is None
        (gate,) = gates.apply(_nothing(), ["agreement<0"], gates.agreement(project))
        assert not gate.met
        assert gate.detail


def _nothing() -> Any:
    from curator.reports.data import CheckReport
    from curator.tasks import Task

    return CheckReport("1", Task.CLASSIFICATION, False, 0, (), (), (), (), {}, 0)


@pytest.mark.parametrize(
    "rule", ["agreement", "agreement<", "agreement:0.6", "agreement<2", "agreement>0.6", "agreements<0.6"]
)
def test_a_gate_on_agreement_that_is_written_otherwise_is_refused(rule: str) -> None:
    with pytest.raises(InputError, match="in quotes"):
        gates.refuse([rule], ["leakage"])
