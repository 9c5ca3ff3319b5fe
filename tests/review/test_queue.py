"""The review queue: what a reviewer's minute is worth, and what is left to do."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.model import Decision, Example, Finding, Message, Ref, Role, Severity, Suggestion, Verdict
from curator.progress import Silent
from curator.review import judging, queue
from curator.review.queue import Wanted, build
from curator.store import Project

ALL = range(1, 41)


def found(
    id: str,
    *examples: int,
    severity: Severity = Severity.WARNING,
    score: float = 0.9,
    check: str = "label_error",
    about: tuple[int, ...] | None = None,
) -> Finding:
    """A finding that proposes to drop `about` (None: it proposes nothing)."""
    proposed = Suggestion(Verdict.DROP, about) if about is not None else None
    return Finding(check, severity, score, examples, f"finding {id}", {}, proposed, id)


def said(example: int, verdict: Verdict = Verdict.KEEP, by: str = "ana", value: str | None = None) -> Decision:
    return Decision(f"{example}-{by}", example, "", by, verdict, value, at="2026-01-01T00:00:00+00:00")


def order(findings: list[Finding], decisions: list[Decision] = [], wanted: Wanted = Wanted(), **more) -> list[int]:  # noqa: B006, B008
    made = build(ALL, findings, decisions, "ana", wanted, **more)
    return [item.example for item in made.items]


def test_the_same_finding_is_worth_more_the_graver_it_is() -> None:
    by_severity = [found(f"f{n}", n, severity=s) for n, s in enumerate(reversed(Severity), 1)]
    assert order(by_severity) == [3, 2, 1]


def test_where_the_engine_is_least_sure_a_look_is_worth_most() -> None:
    assert order([found("a", 1, score=0.99), found("b", 2, score=0.5), found("c", 3, score=0.7)]) == [2, 3, 1]


def test_a_calibrated_cut_moves_what_is_unsure() -> None:
    findings = [found("a", 1, score=0.5), found("b", 2, score=0.7), found("c", 3, score=0.95)]
    assert order(findings)[0] == 1
    assert order(findings, cuts={"label_error": 0.7})[0] == 2


def test_a_sure_error_comes_before_an_unsure_note() -> None:
    error = found("a", 1, severity=Severity.ERROR, score=1.0, check="structure")
    notes = [found("b", 2, 3, 4, 5, 6, severity=Severity.INFO, score=0.5), found("c", 7, severity=Severity.INFO)]
    assert order([*notes, error])[0] == 1


def test_a_decision_that_settles_many_comes_first_and_its_members_follow_each_other() -> None:
    group = found("g", 1, 2, 3, 4, 5, about=(2, 3, 4, 5), check="near_duplicate")
    single = found("s", 9)
    made = build(ALL, [single, group], [], "ana", Wanted())
    assert [item.example for item in made.items] == [2, 3, 4, 5, 9]
    assert made[0].why is not None
    assert made[0].why.settles == 4


def test_a_group_is_worth_less_the_more_of_it_is_decided() -> None:
    group = found("g", 1, 2, 3, 4, about=(2, 3, 4), score=1.0)
    whole = build(ALL, [group], [], "ana", Wanted())[0].worth
    rest = build(ALL, [group], [said(2), said(3)], "ana", Wanted())
    assert [item.example for item in rest.items] == [4]
    assert rest[0].worth < whole


def test_of_a_conflict_the_side_that_its_scores_speak_against_comes_first() -> None:
    conflict = found("c", 1, 2, check="conflict")
    scores = {"example_id": [1, 2], "label_quality": [0.9, 0.2], "pair_quality": [None, None]}
    assert order([conflict], scores=scores) == [2, 1]
    assert order([conflict]) == [1, 2]


def test_an_example_stands_once_with_all_its_findings_strongest_first() -> None:
    weak, strong = found("a", 1, severity=Severity.INFO), found("b", 1, severity=Severity.ERROR)
    (item,) = build(ALL, [weak, strong], [], "ana", Wanted()).items
    assert [f.id for f in item.findings] == ["b", "a"]
    assert item.why is not None
    assert item.why.severity is Severity.ERROR


def test_eval_examples_are_never_queued() -> None:
    leak = found("l", 1, 99, about=(1,), check="leakage")
    conflict = found("c", 2, 98, check="conflict")
    assert sorted(order([leak, conflict])) == [1, 2]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_what_this_reviewer_decided_is_gone(verdict: Verdict) -> None:
    made = build(ALL, [found("a", 1), found("b", 2)], [said(1, verdict), said(30, verdict)], "ana", Wanted())
    assert [item.example for item in made.items] == [2]
    assert 1 not in made.sample
    assert 30 not in made.sample
    assert (made.decided, made.audited) == (1, 1)


def test_what_others_decided_stays_but_is_worth_half_for_each_that_agrees() -> None:
    findings = [found("a", 1), found("b", 2), found("c", 3)]
    decisions = [said(1, by="ben"), said(3, by="ben"), said(3, Verdict.DROP, by="cem")]
    made = build(ALL, findings, decisions, "ana", Wanted())
    assert [item.example for item in made.items] == [2, 3, 1]
    assert made[2].worth == made[0].worth / 2


def test_labels_that_came_with_the_file_are_nobodys_decision() -> None:
    imported = Decision("i", 1, "", "ana", Verdict.KEEP, at="2026-01-01T00:00:00+00:00", imported=True)
    assert order([found("a", 1)], [imported]) == [1]


def test_a_finding_that_this_reviewer_dismissed_is_gone_and_one_that_another_dismissed_stays() -> None:
    findings = [found("a", 1, 2), found("b", 2)]
    # The keep on 1 dismisses the finding for 2 as well.
    assert order(findings, [said(1, value="a")]) == [2]
    assert [f.id for f in build(ALL, findings, [said(1, value="a")], "ana", Wanted())[0].findings] == ["b"]
    assert order(findings, [said(1, by="ben", value="a")]) == [2, 1]


def test_examples_without_findings_follow_as_a_sample_in_seeded_order() -> None:
    made = build(ALL, [found("a", 5)], [], "ana", Wanted(), seed=3)
    assert len(made) == len(ALL)
    assert set(made.sample) == set(ALL) - {5}
    assert made[0].example == 5
    assert made[1].example == made.sample[0]
    assert made[1].why is None
    assert list(made.sample) != sorted(made.sample)
    assert made.sample != build(ALL, [found("a", 5)], [], "ana", Wanted(), seed=4).sample


def test_more_examples_do_not_reorder_the_sample() -> None:
    few, more = queue.sample_order(range(1, 500), 7), queue.sample_order(range(1, 1000), 7)
    assert few == [id for id in more if id < 500]
    # No stretch of the file is preferred: the first fifth of the order has its share of every fifth of the ids.
    head = more[:200]
    assert all(20 <= sum(fifth * 200 <= id < (fifth + 1) * 200 for id in head) <= 60 for fifth in range(5))


def test_one_check_alone() -> None:
    findings = [found("a", 1), found("b", 2, check="outlier"), found("c", 1, check="outlier")]
    made = build(ALL, findings, [said(2)], "ana", Wanted(check="outlier"))
    assert [(item.example, [f.id for f in item.findings]) for item in made.items] == [(1, ["c"])]
    assert made.sample == ()
    assert made.decided == 1


def test_given_ids_keep_their_order_and_those_decided_are_shown_again() -> None:
    made = build(ALL, [found("a", 3), found("b", 4)], [said(4)], "ana", Wanted(ids=(9, 4, 3, 9, 999)))
    assert [item.example for item in made.items] == [9, 4, 3]
    assert [f.id for f in made[1].findings] == ["b"]


def test_flagged_by_anybody_until_this_reviewer_settles_it() -> None:
    decisions = [said(1, Verdict.FLAG), said(2, Verdict.FLAG, by="ben"), said(3, Verdict.FLAG, by="ben"), said(3)]
    assert order([found("a", 2)], decisions, Wanted(flagged=True)) == [2, 1]


def test_my_skipped_are_mine_alone() -> None:
    decisions = [said(1, Verdict.SKIP), said(2, Verdict.SKIP, by="ben"), said(3, Verdict.DROP)]
    assert order([], decisions, Wanted(skipped=True)) == [1]


severities = st.sampled_from(list(Severity))
groups = st.lists(st.integers(1, 45), min_size=1, max_size=6, unique=True)


@st.composite
def findings_made(draw: st.DrawFn) -> list[Finding]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        members = draw(groups)
        proposes = draw(st.sampled_from([None, tuple(members), tuple(members[1:])]))
        check = draw(st.sampled_from(["label_error", "conflict", "near_duplicate"]))
        score = draw(st.floats(0, 1))
        made.append(found(f"f{number}", *members, severity=draw(severities), score=score, check=check, about=proposes))
    return made


decisions_made = st.lists(
    st.builds(
        said,
        st.integers(1, 40),
        st.sampled_from(list(Verdict)),
        st.sampled_from(["ana", "ben"]),
        st.sampled_from([None, "f0", "f1 f2"]),
    ),
    max_size=30,
    unique_by=lambda d: (d.example, d.reviewer),
)


@settings(deadline=None)
@given(findings_made(), decisions_made, st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_makes_no_difference(
    findings: list[Finding], decisions: list[Decision], dice: random.Random
) -> None:
    first = build(ALL, findings, decisions, "ana", Wanted())
    ids, others, votes = list(ALL), list(findings), list(decisions)
    for listed in (ids, others, votes):
        dice.shuffle(listed)
    assert build(ids, others, votes, "ana", Wanted()) == first


@settings(deadline=None)
@given(findings_made(), decisions_made)
def test_nothing_stands_twice_nothing_is_missing_and_nothing_decided_comes_back(
    findings: list[Finding], decisions: list[Decision]
) -> None:
    made = build(ALL, findings, decisions, "ana", Wanted())
    ids = [item.example for item in made]
    mine = {d.example for d in decisions if d.reviewer == "ana"}
    assert len(ids) == len(set(ids)) == len(made)
    assert not mine & set(ids)
    dismissed = judging.dismissals(d for d in decisions if d.reviewer == "ana")
    at_issue = {id for f in findings for id in queue.subject(f)} & set(ALL)
    only_dismissed = at_issue - {id for f in findings if f.id not in dismissed for id in queue.subject(f)}
    assert set(ids) == set(ALL) - mine - only_dismissed
    assert [item.worth for item in made.items] == sorted((item.worth for item in made.items), reverse=True)
    assert made.decided + made.audited == len(mine)


@settings(deadline=None)
@given(findings_made(), st.integers(0, 30))
def test_deciding_card_by_card_ends_with_an_empty_queue(findings: list[Finding], steps: int) -> None:
    decisions: list[Decision] = []
    made = build(ALL, findings, decisions, "ana", Wanted())
    for _ in range(min(steps, len(made))):
        before = {item.example for item in made}
        decisions.append(said(made[0].example))
        made = build(ALL, findings, decisions, "ana", Wanted())
        assert {item.example for item in made} == before - {decisions[-1].example}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "made.curator", actor="ana") as made:
        for role, count in ((Role.CANDIDATE, 20), (Role.EVAL, 3)):
            turns = (Message("user", "q"), Message("assistant", "a"))
            rows = (Example(Ref(f"{role}.csv", n, n + 2, role), turns) for n in range(count))
            made.import_source(f"{role}.csv", f"sha {role}", "csv", role, {}, rows, Silent())
        yield made


def test_a_project_that_was_never_checked_can_be_reviewed_in_audit_order(project: Project) -> None:
    made = queue.load(project, "ana")
    assert made.run is None
    assert sorted(made.sample) == project.ids(Role.CANDIDATE)


def test_the_newest_finished_check_counts_and_undo_brings_an_example_back(project: Project) -> None:
    for number in (1, 2):
        run = project.begin_run("check", {"checks": ["label_error"]})
        project.save_findings(run, "label_error", [found("a", number, about=(number,))])
        project.finish_run(run, {})
    unfinished = project.begin_run("check", {"checks": ["label_error"]})
    project.save_findings(unfinished, "label_error", [found("a", 3)])
    assert [item.example for item in queue.load(project, "ana").items] == [2]
    (wanted,) = queue.load(project, "ana").items
    judging.accept(project, _chosen(project, wanted), "ana")
    assert queue.load(project, "ana").items == ()
    assert queue.load(project, "ben").items[0].example == 2
    project.undo(by="ana")
    assert [item.example for item in queue.load(project, "ana").items] == [2]


def _chosen(project: Project, item: queue.Item) -> judging.Chosen:
    run = project.latest_run("check")
    assert run is not None
    return judging.Chosen(run, item.findings)


def test_a_hundred_thousand_examples_are_ranked_in_a_moment() -> None:
    dice = random.Random(1)
    findings = [
        found(f"{n}", *dice.sample(range(1, 100_001), 2), score=dice.random(), severity=dice.choice(list(Severity)))
        for n in range(20_000)
    ]
    began = time.process_time()
    made = build(range(1, 100_001), findings, [], "ana", Wanted())
    assert time.process_time() - began < 2  # .4 s on a machine with nothing else to do
    assert len(made) == 100_000
