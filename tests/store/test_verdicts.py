"""Verdicts on findings and calibrated cuts: kept for good, in force until undone, superseded or forgotten."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from store_material import load, verdict

from curator.errors import EnvironmentFailure, InputError
from curator.model import Verdict
from curator.store import Calibration, FindingVerdict, Project

CUT = Calibration("leakage", "aa", "a model", 0.75, 0.8, 0.9, 40, 0.91, 0.82, 0.97, 30, 26.5)


def said(finding: str, right: bool, reviewer: str = "ana", check: str = "leakage") -> FindingVerdict:
    return FindingVerdict(check, finding, 0.7, right, reviewer, "aa")


def test_the_newest_verdict_of_each_reviewer_counts(project: Project) -> None:
    project.judge([said("f1", True), said("f2", True)])
    project.judge([said("f1", False), said("f1", True, "bo"), said("f9", True, check="outlier")])
    assert project.finding_verdicts("leakage") == [said("f1", False), said("f1", True, "bo"), said("f2", True)]
    assert project.finding_verdicts("outlier") == [said("f9", True, check="outlier")]
    assert project.reviewers() == ["ana", "bo"]
    with pytest.raises(InputError):
        project.judge([])
    with pytest.raises(InputError, match="name of its reviewer"):
        project.judge([said("f3", True, "")])


def test_verdicts_are_undone_with_their_entry(project: Project) -> None:
    project.judge([said("f1", True)])
    project.judge([said("f1", False)])
    project.undo()
    assert project.finding_verdicts("leakage") == [said("f1", True)]
    project.redo()
    assert project.finding_verdicts("leakage") == [said("f1", False)]


def test_a_verdict_and_the_decisions_that_follow_are_one_entry(project: Project) -> None:
    load(project)
    ids = [e.id for e in project.examples()]
    decided = [verdict(id, Verdict.DROP) for id in ids[:2]]
    entry = project.judge([said("f1", True)], decided, "Accepted 1 finding of leakage")
    assert entry.text == "Accepted 1 finding of leakage: made 2 decisions: 2 drop"
    assert (len(list(project.decisions())), len(project.finding_verdicts("leakage"))) == (2, 1)
    project.undo()
    assert (len(list(project.decisions())), len(project.finding_verdicts("leakage"))) == (0, 0)


def test_where_a_decision_cannot_be_kept_no_verdict_is(project: Project) -> None:
    load(project)
    with pytest.raises(InputError, match="no example"):
        project.judge([said("f1", True)], [verdict(12_345, Verdict.DROP)])
    assert project.finding_verdicts("leakage") == []


def test_the_newest_calibration_counts_for_each_check_and_encoder(project: Project) -> None:
    other, outlier = replace(CUT, encoder="bb", cut=0.6), replace(CUT, check="outlier")
    for one in (CUT, other, outlier, replace(CUT, cut=0.7)):
        project.calibrate(one, "Calibrated")
    found = project.calibrations()
    assert [replace(one, at="") for one in found] == [replace(CUT, cut=0.7), other, outlier]
    assert all(one.at for one in found)
    project.undo()
    assert [one.cut for one in project.calibrations()] == [0.75, 0.6, 0.75]


def test_what_is_forgotten_counts_no_longer_until_that_is_undone(project: Project) -> None:
    project.judge([said("f1", True), said("f9", True, check="outlier")])
    project.calibrate(CUT, "Calibrated")
    project.calibrate(replace(CUT, encoder="bb"), "Calibrated")
    project.calibrate(replace(CUT, check="outlier"), "Calibrated")
    forgotten = project.forget_calibration("leakage")
    assert [one.check for one in project.calibrations()] == ["outlier"]
    assert project.finding_verdicts("leakage") == []
    assert len(project.finding_verdicts("outlier")) == 1
    project.judge([said("f2", False)])
    assert project.finding_verdicts("leakage") == [said("f2", False)]
    project.undo(forgotten.id)
    assert len(project.calibrations()) == 3
    assert project.finding_verdicts("leakage") == [said("f1", True), said("f2", False)]


@pytest.mark.parametrize("table", ["finding_verdicts", "calibrations"])
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET check_name = 'outlier'"])
def test_the_database_refuses_to_change_them(project: Project, table: str, change: str) -> None:
    project.judge([said("f1", True)])
    project.calibrate(CUT, "Calibrated")
    with (
        pytest.raises(EnvironmentFailure, match=f"{table} is append-only"),
        project._database.write() as connection,
    ):
        connection.execute(text(change.format(table)))
    assert len(project.finding_verdicts("leakage")) == len(project.calibrations()) == 1
