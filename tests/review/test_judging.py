"""Accepting and dismissing findings, the sheet, and how verdicts become a cut, on findings made by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from curator.errors import InputError
from curator.model import Decision, Example, Finding, Message, Ref, Role, Severity, Suggestion, Verdict
from curator.progress import Silent
from curator.review import judging, sheet
from curator.store import FindingVerdict, Project

ROWS = 60


def example(number: int, role: Role, text: str = "") -> Example:
    path = "data.csv" if role is Role.CANDIDATE else "eval.csv"
    turns = (Message("user", text or f"question {number}"), Message("assistant", f"answer {number}"))
    return Example(Ref(path, number, number + 2, role), turns)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """60 candidates with the ids 1 to 60, 5 eval examples after them."""
    with Project.create(tmp_path / "made.curator", actor="tester") as made:
        for role, count in ((Role.CANDIDATE, ROWS), (Role.EVAL, 5)):
            rows = (example(number, role) for number in range(count))
            made.import_source(f"{role}.csv", f"sha {role}", "csv", role, {}, rows, Silent())
        yield made


def finding(
    id: str,
    examples: tuple[int, ...],
    suggestion: Suggestion | None,
    score: float = 0.9,
    check: str = "label_error",
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding(check, severity, score, examples, f"finding {id}", {}, suggestion, id)


def drop(*examples: int) -> Suggestion:
    return Suggestion(Verdict.DROP, examples)


FOUND = {
    "near_duplicate": [
        finding("aaaaaa1", (1, 2, 3), drop(2, 3), check="near_duplicate"),
        finding("aaaaaa2", (4, 5), drop(5), 0.8, "near_duplicate"),
        finding("bbbbbb3", (6, 7), drop(7), 1.0, "near_duplicate", Severity.INFO),
    ],
    "leakage": [finding("cccccc4", (8, 61), drop(8), check="leakage")],
    "label_error": [
        finding("dddddd5", (9,), Suggestion(Verdict.RELABEL, (9,), "right")),
        finding("dddddd6", (9,), Suggestion(Verdict.RELABEL, (9,), "left")),
        finding("eeeeee7", (10, 11), Suggestion(Verdict.RELABEL, (10, 11), values=("ten", "eleven"))),
        finding("ffffff8", (12, 13), None),
    ],
}


def checked(project: Project, found: dict[str, list[Finding]]) -> None:
    run = project.begin_run("check", {"checks": list(found)})
    for check, findings in found.items():
        project.save_findings(run, check, findings)
    project.finish_run(run, {"encoder": "aa"})


def decided(project: Project) -> dict[int, tuple[Verdict, str | None]]:
    return {d.example: (d.verdict, d.value) for d in project.decisions()}


def test_accepting_does_what_is_proposed_and_one_undo_takes_it_back(project: Project) -> None:
    checked(project, FOUND)
    entry = judging.accept(project, judging.by_id(project, ["aaaaaa1", "eeeeee7", "dddddd5"]), "ana", "seen")
    assert decided(project) == {
        2: (Verdict.DROP, None),
        3: (Verdict.DROP, None),
        9: (Verdict.RELABEL, "right"),
        10: (Verdict.RELABEL, "ten"),
        11: (Verdict.RELABEL, "eleven"),
    }
    assert {(d.reviewer, d.note) for d in project.decisions()} == {("ana", "seen")}
    assert [e.output for e in project.get_examples([9, 10, 11])] == ["right", "ten", "eleven"]
    assert entry.text.startswith("Accepted 2 findings of label_error, 1 finding of near_duplicate: made 5 decisions")
    assert [v.right for v in project.finding_verdicts("label_error")] == [True, True]
    project.undo()
    assert decided(project) == {}
    assert project.finding_verdicts("label_error") == []
    assert project.get_examples([9])[0].output == "answer 8"


def test_dismissing_keeps_what_would_have_gone(project: Project) -> None:
    checked(project, FOUND)
    judging.dismiss(project, judging.by_id(project, ["aaaaaa1", "cccccc4", "ffffff8"]), "ana")
    kept = {2: "aaaaaa1", 3: "aaaaaa1", 8: "cccccc4", 12: "ffffff8", 13: "ffffff8"}
    assert decided(project) == {id: (Verdict.KEEP, value) for id, value in kept.items()}
    assert judging.dismissals(project.decisions()) == {"aaaaaa1", "cccccc4", "ffffff8"}
    assert [v.right for v in project.finding_verdicts("leakage")] == [False]


def test_a_second_dismissal_on_an_example_keeps_the_first(project: Project) -> None:
    checked(project, FOUND)
    judging.dismiss(project, judging.by_id(project, ["dddddd5"]), "ana")
    judging.dismiss(project, judging.by_id(project, ["dddddd6"]), "ana")
    assert judging.dismissals(project.decisions()) == {"dddddd5", "dddddd6"}
    project.undo()
    assert judging.dismissals(project.decisions()) == {"dddddd5"}


def test_an_annotation_that_came_with_the_file_dismisses_nothing() -> None:
    imported = Decision("", 1, "", "ana", Verdict.KEEP, "some label", imported=True)
    assert judging.dismissals([imported]) == frozenset()


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["ffffff8"], "proposes nothing"),
        (["dddddd5", "dddddd6"], "proposes something else"),
        (["99999999"], "has no finding '99999999'"),
        (["aa"], "has no finding 'aa'"),
        (["aaaaaa"], "2 findings begin with 'aaaaaa'"),
    ],
)
def test_what_cannot_be_accepted_is_said(project: Project, ids: list[str], said: str) -> None:
    checked(project, FOUND)
    with pytest.raises(InputError, match=said):
        judging.accept(project, judging.by_id(project, ids), "ana")
    assert decided(project) == {}


def test_a_project_that_was_never_checked_has_no_findings(project: Project) -> None:
    with pytest.raises(InputError, match="was not checked yet"):
        judging.by_id(project, ["aaaaaa1"])


def test_all_of_a_check_leaves_notes_and_dismissed_ones_alone_and_says_nothing_of_each(project: Project) -> None:
    checked(project, FOUND)
    chosen = judging.of_check(project, "near_duplicate", None, proposing=True)
    assert ([f.id for f in chosen.findings], chosen.passed_over) == (["aaaaaa1", "aaaaaa2"], 1)
    assert len(judging.of_check(project, "near_duplicate", 0.85, proposing=True).findings) == 1
    judging.accept(project, chosen, "ana", looked_at=False)
    assert set(decided(project)) == {2, 3, 5}
    assert project.finding_verdicts("near_duplicate") == []
    judging.dismiss(project, judging.by_id(project, ["dddddd5"]), "ana")
    again = judging.of_check(project, "label_error", None, proposing=True)
    assert ([f.id for f in again.findings], again.passed_over) == (["dddddd6", "eeeeee7"], 2)
    assert len(judging.of_check(project, "label_error", None, proposing=False).findings) == 4
    with pytest.raises(InputError, match="did not run 'outlier'"):
        judging.of_check(project, "outlier", None, proposing=True)


# From verdicts to a cut


def asked(project: Project, encoder: str = "aa", cut: float | None = 0.7, reported: int = 30) -> judging.Pool:
    """60 findings with scores from .99 down to .4, of which the first 30 are reported."""
    found = [
        finding(f"{number:06x}ff", (number,), drop(number), 0.99 - 0.01 * number, "outlier")
        for number in range(1, ROWS + 1)
    ]
    run = project.begin_run("ask", {"check": "outlier"})
    project.save_findings(run, "outlier", found)
    summary = {"reported": reported, "cut": cut, "own_cut": cut, "encoder": encoder, "encoder_name": "a model"}
    project.finish_run(run, summary)
    return judging.asked(project, "outlier")


def answer(project: Project, findings: list[Finding], bound: float, encoder: str = "aa", reviewer: str = "ana") -> None:
    said = [FindingVerdict("outlier", f.id, f.score, f.score > bound, reviewer, encoder) for f in findings]
    project.judge(said)


def test_verdicts_move_the_cut_and_it_is_kept_with_its_encoder(project: Project) -> None:
    pool = asked(project)
    questions = judging.questions(project, pool, 30)
    assert len(questions) == 30
    assert sum(f.score < 0.69 for f in questions) == 15
    answer(project, questions, 0.8)
    done = judging.conclude(project, pool, 0.9, "ana")
    (kept,) = project.calibrations()
    assert done.calibration is not None
    assert (kept.cut, kept.encoder, kept.own_cut, kept.verdicts) == (done.calibration.cut, "aa", 0.7, 30)
    assert 0.75 < kept.cut < 0.84
    assert project.log(1)[0].actor == "ana"
    assert "30 verdicts" in judging.describe(kept)
    project.undo()
    assert project.calibrations() == []


def test_judged_findings_are_not_asked_again_and_new_ones_lie_around_the_cut(project: Project) -> None:
    pool = asked(project)
    first = judging.questions(project, pool, 20)
    answer(project, first, 0.8)
    second = judging.questions(project, pool, 10)
    assert len(second) == 10
    assert not {f.id for f in first} & {f.id for f in second}
    cut = judging.conclude(project, pool, 0.9).fitted.at.cut  # type: ignore[union-attr]
    assert sum(f.score >= cut for f in second) in (4, 5, 6)


def test_two_verdicts_on_one_finding_count_once_in_part(project: Project) -> None:
    pool = asked(project)
    answer(project, list(pool.findings[:12]), 0.0)
    answer(project, list(pool.findings[:1]), 1.0, reviewer="bo")
    done = judging.conclude(project, pool, 0.5)
    assert done.fitted is not None
    assert (done.fitted.verdicts, done.fitted.right) == (12, 11.5)


def test_another_encoder_takes_over_verdicts_on_what_it_finds_too_and_no_others(project: Project) -> None:
    pool = asked(project)
    answer(project, list(pool.findings[:20]), 0.8)
    gone = [finding(f"{number:06x}00", (1,), None, 0.6, "outlier") for number in range(5)]
    answer(project, gone, 0.8)
    assert judging.conclude(project, pool, 0.9).verdicts == 25
    assert judging.conclude(project, asked(project, encoder="bb"), 0.9).verdicts == 20


def test_where_no_cut_reaches_the_goal_none_is_kept(project: Project) -> None:
    pool = asked(project)
    answer(project, judging.questions(project, pool, 30), 1.0)
    done = judging.conclude(project, pool, 0.9)
    assert done.calibration is None
    assert project.calibrations() == []
    assert len(project.finding_verdicts("outlier")) == 30


def test_a_cut_set_by_hand_is_kept_like_a_calibration_of_unknown_precision(project: Project) -> None:
    pool = asked(project)
    answer(project, judging.questions(project, pool, 30), 0.8)
    judging.conclude(project, pool, 0.9, "ana")
    entry = judging.set_cut(project, pool, 0.55, "ana")
    (kept,) = project.calibrations()
    assert (kept.cut, kept.encoder, kept.own_cut, kept.findings) == (0.55, "aa", 0.7, 44)
    assert kept.by_hand
    assert (kept.precision, kept.low, kept.high, kept.verdicts) == (None, None, None, 0)
    assert (entry.actor, entry.action, entry.undoable) == ("ana", "calibrate", True)
    assert "set by hand, precision unknown" in judging.describe(kept)
    project.undo()
    assert not project.calibrations()[0].by_hand
    # The verdicts are still there: judging a few more fits a cut to all of them.
    judging.set_cut(project, pool, 0.55, "ana")
    assert judging.conclude(project, pool, 0.9).verdicts == 30
    assert not project.calibrations()[0].by_hand
    project.forget_calibration("outlier")
    assert project.calibrations() == []


@pytest.mark.parametrize("cut", [-0.1, 1.1, float("nan")])
def test_a_cut_that_is_no_score_is_refused(project: Project, cut: float) -> None:
    pool = asked(project)
    with pytest.raises(InputError, match="between 0 and 1"):
        judging.set_cut(project, pool, cut)
    assert project.calibrations() == []


def test_checks_without_a_score_are_refused(project: Project) -> None:
    with pytest.raises(InputError, match="'schema' is no check that can be calibrated"):
        judging.refuse_check("schema")
    with pytest.raises(InputError, match="no sheet was asked for"):
        judging.asked(project, "leakage")


# The sheet


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path: Path, words: list[str]) -> None:
    rows = rows_of(path)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "right": word} for row, word in zip(rows, words, strict=True))


@pytest.fixture
def some(tmp_path: Path) -> tuple[Path, list[Finding]]:
    """A sheet of four findings."""
    texts = ["=HYPERLINK(1)", "+1 cannot log in", "naïve Größe\nline two", "@all", "-", "\tx"]
    examples = {id: example(id, Role.CANDIDATE, texts[id]) for id in range(6)}
    findings = [
        finding("1234567890123456", (0, 1, 2), drop(1, 2), check="leakage"),
        finding("12345e6789012345", (3,), Suggestion(Verdict.RELABEL, (3,), "=new"), check="leakage"),
        finding("aa", (4,), drop(4), check="leakage"),
        finding("bb", (5,), None, check="leakage"),
    ]
    path = tmp_path / "ask.csv"
    sheet.write(path, findings, examples)
    return path, findings


def test_a_sheet_shows_the_texts_side_by_side_and_runs_no_formula(some: tuple[Path, list[Finding]]) -> None:
    rows = rows_of(some[0])
    assert tuple(rows[0]) == sheet.COLUMNS
    assert [row["right"] for row in rows] == [""] * 4
    assert rows[0]["input"] == "'=HYPERLINK(1)"
    assert rows[0]["other_input"] == "1) +1 cannot log in\n2) naïve Größe\nline two"
    assert rows[1]["proposal"] == "relabel this as =new"
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "\t")]


def test_a_filled_sheet_is_read_in_any_wording_and_blanks_are_skipped(some: tuple[Path, list[Finding]]) -> None:
    path, findings = some
    for words in (["yes", "no", "", "Y"], ["TRUE", " false ", "", "1"]):
        fill(path, words)
        found = sheet.read(path, "leakage", [f.id for f in findings])
        assert [(a.finding, a.right) for a in found] == [
            (findings[0].id, True),
            (findings[1].id, False),
            (findings[3].id, True),
        ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["yes", "perhaps", "", ""],
            r"ask.csv, line 6: 'perhaps', said of leakage:12345e6789012345, is neither yes nor no",
        ),
        (["", "", "", ""], r"ask.csv: nothing is filled in"),
    ],
)
def test_a_word_that_is_no_answer_is_named_with_its_line(
    some: tuple[Path, list[Finding]], words: list[str], said: str
) -> None:
    path, findings = some
    fill(path, words)
    with pytest.raises(InputError, match=said):
        sheet.read(path, "leakage", [f.id for f in findings])


def test_a_sheet_of_something_else_is_refused(some: tuple[Path, list[Finding]], tmp_path: Path) -> None:
    path, findings = some
    fill(path, ["yes"] * 4)
    with pytest.raises(InputError, match="one of leakage, not of outlier"):
        sheet.read(path, "outlier", [f.id for f in findings])
    with pytest.raises(InputError, match="found no 'bb'"):
        sheet.read(path, "leakage", [f.id for f in findings[:3]])
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="has no column 'finding'"):
        sheet.read(other, "leakage", [])
    path.write_text(path.read_text() + "leakage:bb,1,,,,,,,no\n")
    with pytest.raises(InputError, match="bb is here twice"):
        sheet.read(path, "leakage", [f.id for f in findings])


def test_a_sheet_that_is_there_is_not_overwritten(some: tuple[Path, list[Finding]]) -> None:
    before = some[0].read_bytes()
    with pytest.raises(InputError, match="exists already"):
        sheet.write(some[0], [], {})
    assert some[0].read_bytes() == before
