"""What stays out of a release and why: decisions before findings, one of each duplicate group stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import InputError
from curator.model import Decision, Finding, Kind, Severity, Suggestion, Verdict
from curator.splits import DEFAULT, RULES, Exclusion, across, decide, resolve, rules
from curator.splits.policy import JUDGED

numbers = count()


def finding(
    check: str, *examples: int, severity: Severity = Severity.WARNING, drop: tuple[int, ...] | None = None
) -> Finding:
    suggestion = None if drop is None else Suggestion(Verdict.DROP, drop)
    return Finding(check, severity, 0.9, examples, f"{check} of {examples}", {}, suggestion, id=f"f{next(numbers)}")


def decision(
    example: int, verdict: Verdict, reviewer: str = "ann", at: str = "2026-01-01T00:00:00Z", note: str = ""
) -> Decision:
    return Decision(f"d{next(numbers):04}", example, "", reviewer, verdict, None, note, at)


def out(findings: list[Finding], *decisions: Decision, in_force: frozenset[str] = DEFAULT) -> dict[int, Exclusion]:
    return decide(range(1, 10), findings, {d.example: d for d in decisions}, in_force)


def test_what_findings_suggest_to_drop_stays_out_with_its_reason() -> None:
    leak = finding("leakage", 3, 99, drop=(3,))
    assert out([leak]) == {3: Exclusion(3, "leakage", leak.message, finding=leak.id)}


def test_a_finding_without_a_suggestion_keeps_out_all_it_names() -> None:
    assert set(out([finding("conflict", 2, 3)])) == {2, 3}


def test_a_suggested_label_keeps_out_only_those_it_would_change() -> None:
    settled = finding("conflict", 2, 3, 4, drop=(4,))
    assert set(out([settled])) == {4}


def test_notes_and_rules_that_are_off_keep_nothing_out() -> None:
    assert not out([finding("length", 1, severity=Severity.INFO), finding("outlier", 2, drop=(2,))])
    assert set(out([finding("outlier", 2, drop=(2,))], in_force=rules(exclude=["outlier"]))) == {2}
    assert not out([finding("leakage", 2, drop=(2,))], in_force=rules(include=["leakage"]))


def test_the_first_reason_is_the_one_that_is_given() -> None:
    both = [finding("label_error", 1, drop=(1,)), finding("structure", 1, drop=(1,))]
    assert out(both)[1].rule == "structure"
    assert out(both, decision(1, Verdict.DROP))[1].rule == "decision"


@pytest.mark.parametrize("verdict", [Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT])
def test_what_a_reviewer_approved_outweighs_what_was_found_about_it(verdict: Verdict) -> None:
    about_itself = [finding(check, 1, drop=(1,)) for check in RULES if check in JUDGED]
    assert 1 not in out(about_itself, decision(1, verdict))


@pytest.mark.parametrize("verdict", [Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT])
def test_approval_makes_a_leak_no_less_a_leak(verdict: Verdict) -> None:
    assert out([finding("leakage", 1, drop=(1,))], decision(1, verdict))[1].rule == "leakage"


def test_a_dismissed_finding_keeps_nothing_out() -> None:
    leak = finding("leakage", 1, drop=(1,))
    assert not decide([1, 2], [leak], {}, DEFAULT, dismissed={leak.id})


def test_a_label_that_came_with_the_file_is_no_approval() -> None:
    wrong = finding("label_error", 1, drop=(1,))
    labelled = replace(decision(1, Verdict.KEEP), imported=True)
    assert set(out([wrong], labelled)) == {1}
    rejected = replace(decision(2, Verdict.DROP), imported=True)
    assert set(out([], rejected)) == {2}


@pytest.mark.parametrize("verdict", [Verdict.DROP, Verdict.FLAG])
def test_what_a_reviewer_dropped_or_flagged_stays_out_though_nothing_was_found(verdict: Verdict) -> None:
    dropped = decision(1, verdict, note="rude")
    kept_out = out([], dropped)[1]
    assert (kept_out.rule, kept_out.decision) == ("decision", dropped.id)
    assert "by ann: rude" in kept_out.message


def test_of_duplicates_the_first_that_can_go_out_stays() -> None:
    group = finding("exact_duplicate", 1, 2, 3, drop=(2, 3))
    assert set(out([group])) == {2, 3}
    assert set(out([group], decision(1, Verdict.DROP))) == {1, 3}
    assert set(out([group, finding("leakage", 1, drop=(1,))])) == {1, 3}
    assert set(out([group], decision(3, Verdict.KEEP))) == {1, 2}
    assert set(out([group], decision(2, Verdict.KEEP), decision(3, Verdict.KEEP))) == {1, 3}


def test_an_example_that_no_target_takes_is_not_the_one_that_is_kept() -> None:
    group = finding("exact_duplicate", 1, 2, drop=(2,))
    barred = {1: Exclusion(1, "target:openai", "refused")}
    assert decide([1, 2], [group], {}, DEFAULT, barred=barred) == barred


@given(
    st.lists(
        st.tuples(st.sampled_from(RULES), st.lists(st.integers(1, 9), min_size=2, max_size=5, unique=True)), max_size=8
    ),
    st.dictionaries(st.integers(1, 9), st.sampled_from(list(Verdict))),
)
def test_every_duplicate_group_keeps_a_member_or_has_lost_all_for_a_reason(
    drawn: list[tuple[str, list[int]]], verdicts: dict[int, Verdict]
) -> None:
    findings = [finding(check, *members, drop=tuple(members[1:])) for check, members in drawn]
    kept_out = out(findings, *(decision(id, verdict) for id, verdict in verdicts.items()))
    for each in findings:
        if each.check in ("exact_duplicate", "near_duplicate") and all(id in kept_out for id in each.examples):
            assert any(kept_out[id].finding != each.id for id in each.examples)
    for id, verdict in verdicts.items():
        if verdict in (Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT) and id in kept_out:
            assert kept_out[id].rule not in JUDGED
        if verdict in (Verdict.DROP, Verdict.FLAG):
            assert kept_out[id].rule == "decision"


def test_rules_are_the_default_less_and_more() -> None:
    assert rules() == DEFAULT
    assert "leakage" not in rules(include=["leakage"])
    assert "outlier" in rules(exclude=["outlier"])
    with pytest.raises(InputError, match="no rule named 'leak'"):
        rules(include=["leak"])
    with pytest.raises(InputError, match="both included and excluded"):
        rules(include=["leakage"], exclude=["leakage"])


def test_the_verdict_most_share_wins_and_of_equals_the_newest() -> None:
    keep = decision(1, Verdict.KEEP, "ann", "2026-01-03T00:00:00Z")
    drop = decision(1, Verdict.DROP, "ben", "2026-01-02T00:00:00Z")
    other = decision(1, Verdict.DROP, "cem", "2026-01-01T00:00:00Z")
    skip = decision(1, Verdict.SKIP, "dee", "2026-01-04T00:00:00Z")
    assert resolve([]) is None
    assert resolve([skip]) is None
    assert resolve([keep, drop, skip]) == keep
    assert resolve([keep, drop, other]) == drop


@pytest.mark.parametrize("kind", [Kind.CONSENSUS, Kind.ADJUDICATION])
def test_what_settles_votes_wins_over_all_that_was_decided_before(kind: Kind) -> None:
    before = [
        decision(1, Verdict.DROP, name, f"2026-01-0{day}T00:00:00Z") for day, name in enumerate(("ann", "ben"), 1)
    ]
    settled = replace(decision(1, Verdict.KEEP, "cy", "2026-01-03T00:00:00Z"), kind=kind)
    older = replace(decision(1, Verdict.FLAG, "cy", "2026-01-02T00:00:00Z"), kind=kind)
    assert resolve([*before, settled, older]) == settled
    after = decision(1, Verdict.RELABEL, "ann", "2026-01-04T00:00:00Z")
    assert resolve([before[1], settled, after]) == after
    assert resolve([before[1], settled, replace(after, verdict=Verdict.SKIP)]) == settled
    assert resolve([before[1], settled, replace(after, imported=True)]) == settled


def test_votes_change_nothing_until_they_are_settled() -> None:
    vote = replace(decision(1, Verdict.DROP, "ann", "2026-01-05T00:00:00Z"), kind=Kind.VOTE)
    keep = decision(1, Verdict.KEEP, "ben", "2026-01-01T00:00:00Z")
    assert resolve([vote]) is None
    assert resolve([keep, vote]) == keep


@pytest.mark.parametrize("kind", [Kind.CONSENSUS, Kind.ADJUDICATION])
def test_what_was_settled_is_approved_as_by_a_reviewer(kind: Kind) -> None:
    wrong = finding("label_error", 1, drop=(1,))
    settled = replace(decision(1, Verdict.KEEP), kind=kind)
    assert not out([wrong], settled)
    assert out([], replace(settled, verdict=Verdict.DROP))[1].rule == "decision"


_DECISIONS = st.lists(
    st.tuples(st.sampled_from(list(Kind)), st.sampled_from(list(Verdict)), st.integers(1, 4), st.booleans()), max_size=7
)


@given(_DECISIONS, st.randoms(use_true_random=False))
def test_what_decisions_come_to_does_not_depend_on_their_order(
    drawn: list[tuple[Kind, Verdict, int, bool]], random: Random
) -> None:
    made = [
        replace(decision(1, verdict, f"r{at}", f"2026-01-0{day}T00:00:00Z"), kind=kind, imported=imported)
        for at, (kind, verdict, day, imported) in enumerate(drawn)
    ]
    shuffled = random.sample(made, len(made))
    found = resolve(made)
    assert resolve(shuffled) == found
    if found is not None and any(d.kind in (Kind.CONSENSUS, Kind.ADJUDICATION) for d in made):
        newer = [d for d in made if d.kind in (Kind.CONSENSUS, Kind.ADJUDICATION) and d.verdict is not Verdict.SKIP]
        assert all((found.at, found.id) >= (d.at, d.id) for d in newer)


def test_the_nearest_in_another_split_is_measured_for_every_row() -> None:
    angles = np.deg2rad([0, 5, 40, 41, 90])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    found = across(vectors, ["train", "train", "validation", "train", "test"])
    assert found.index.tolist() == [2, 2, 3, 2, 3]
    assert found.cosine == pytest.approx(np.cos(np.deg2rad([40, 35, 1, 1, 49])), abs=1e-5)


def test_one_split_alone_has_no_other() -> None:
    found = across(np.eye(3, dtype=np.float32), ["train"] * 3)
    assert found.index.tolist() == [-1, -1, -1]
    assert np.isnan(found.cosine).all()
