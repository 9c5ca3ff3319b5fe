"""The sheet of disputes, out and in, and `curator adjudicate` around it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from round_material import DROP, KEEP, SKIP, TEXTS, begin, make_project, outputs, vote, vote_all

from curator.cli import run
from curator.errors import InputError
from curator.model import Cause, Kind, Round, Verdict
from curator.review.adjudication import sheet
from curator.review.adjudication.rulings import adjudicate, adjudicate_all, disputes, letters
from curator.store import Project
from curator.tasks import Task

Rows = list[dict[str, str]]


@pytest.fixture
def disputed(tmp_path: Path) -> Path:
    """A project with one round, in which 1, 2 and 3 are disputed, 4 is agreed on and the rest waits."""
    path = tmp_path / "made.curator"
    with make_project(path) as project:
        round = begin(project, name="pilot")
        vote(project, round, "Ann", 1, KEEP, "=1+1 is what it asks")
        vote_all(project, round, {2: (DROP, "refund"), 3: (SKIP, SKIP), 4: ("cancel", "cancel"), 5: (KEEP,)})
        vote(project, round, "Bo", 1, "cancel")
    return path


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path: Path, change: Callable[[Rows], None]) -> None:
    rows = rows_of(path)
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sheet.COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def by_example(rows: Rows) -> dict[str, dict[str, str]]:
    return {row["item"].split("-")[1]: row for row in rows}


def answered(rows: Rows) -> None:
    found = by_example(rows)
    found["e1"] |= {"label": "address", "cause": "Guideline", "note": "as in the guideline"}
    found["e2"] |= {"verdict": "Drop"}
    found["e3"] |= {"verdict": "keep", "cause": "bad item"}


def test_a_sheet_goes_out_and_comes_back_as_adjudications(disputed: Path, tmp_path: Path, capsys) -> None:
    path = tmp_path / "sheet.csv"
    assert run(["adjudicate", str(disputed), "--sheet", str(path)]) == 0
    assert "Wrote 3 examples" in capsys.readouterr().out
    first = by_example(rows_of(path))["e1"]
    assert "Ann): refund – =1+1 is what it asks" in first["votes"]
    assert first["suggestion"].startswith(("cancel (", "refund ("))
    fill(path, answered)
    assert run(["adjudicate", str(disputed), "--answers", str(path), "--as", "Cy"]) == 0
    assert "Adjudicated 3 examples as Cy." in capsys.readouterr().out
    with Project.open(disputed) as project:
        made = {d.example: d for d in project.decisions() if d.kind is Kind.ADJUDICATION}
        assert {id: (d.verdict, d.value, d.cause, d.reviewer) for id, d in made.items()} == {
            1: (Verdict.RELABEL, "address", Cause.GUIDELINE, "Cy"),
            2: (Verdict.DROP, None, None, "Cy"),
            3: (Verdict.KEEP, None, Cause.BAD_ITEM, "Cy"),
        }
        entries = len(project.log(None))
    assert run(["adjudicate", str(disputed), "--answers", str(path), "--as", "Cy"]) == 0
    assert "3 rows had been read before and changed nothing" in capsys.readouterr().out
    with Project.open(disputed) as project:
        assert len(project.log(None)) == entries


def test_a_workbook_does_the_same(disputed: Path, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with Project.open(disputed) as project:
        sheet.write(path, disputes(project))
        book = load_workbook(path)
        page = book.worksheets[0]
        titles = [cell.value for cell in page[1]]
        assert tuple(titles) == sheet.COLUMNS
        for row in page.iter_rows(min_row=2):
            row[titles.index("label")].value = "cancel"
        book.save(path)
        found = sheet.read(project, path, "Cy")
        assert {one.dispute.example: one.value for one in found.rulings} == {1: "cancel", 2: "cancel", 3: "cancel"}


def test_a_vote_can_be_taken_by_its_letter_and_no_name_is_told(tmp_path: Path) -> None:
    with make_project(tmp_path / "texts.curator", TEXTS, Task.STYLE) as project:
        round = begin(project, ("Ann", "Bo", "Cy"), labels=(), seed=5)
        vote_all(project, round, {1: ("edit: Done.", "edit: Yes.", KEEP)})
        path = tmp_path / "sheet.csv"
        sheet.write(path, disputes(project), hide_names=True)
        (row,) = rows_of(path)
        letter = letters(1, ("Ann", "Bo", "Cy"), 5)["Bo"]
        assert f"{letter}: Yes." in row["votes"]
        assert not any(name in row["votes"] for name in ("Ann", "Bo", "Cy"))
        fill(path, lambda rows: rows[0].update(verdict=f"vote {letter.lower()}"))
        found = sheet.read(project, path, "Di")
        adjudicate_all(project, found.rulings, "Di")
        assert outputs(project)[1] == "Yes."
        assert sheet.read(project, path, "Di").known == (2,)


def test_what_a_spreadsheet_would_run_is_defused_and_read_back(tmp_path: Path) -> None:
    with make_project(tmp_path / "made.curator", ["=a", "-b", "=a"]) as project:
        round = begin(project, examples=(1, 2), labels=("=a", "-b"))
        vote_all(project, round, {1: (KEEP, "-b"), 2: (KEEP, "=a")})
        path = tmp_path / "sheet.csv"
        sheet.write(path, disputes(project))
        rows = rows_of(path)
        assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
        fill(path, lambda rows: [row.update(label="'=a") for row in rows])
        assert [one.value for one in sheet.read(project, path, "Cy").rulings] == ["=a", "=a"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label": "refnud"}, "'refnud' is no label of round 1"),
        ({"verdict": "perhaps"}, "'perhaps' is no verdict; write keep, drop, the letter of a vote"),
        ({"verdict": "Z"}, "'Z' is no verdict"),
        ({"verdict": "keep", "label": "refund"}, "leave one of them empty"),
        (
            {"label": "refund", "cause": "mood"},
            "'mood' is no cause; it is one of guideline, error, ambiguous, bad_item",
        ),
        ({"verdict": "keep", "item": "42"}, "'42' names no item"),
        ({"verdict": "keep", "item": f"r1-e{10**20}-0123abcd"}, "names no item"),
        ({"verdict": "keep", "item": "r7-e1-00000000"}, "no round '7'"),
        ({"verdict": "keep", "item": "r1-e99-00000000"}, "Example 99 is not one that round 1 is to settle"),
    ],
)
def test_a_row_that_says_nothing_sensible_is_named_with_its_line(
    disputed: Path, tmp_path: Path, change: dict[str, str], said: str
) -> None:
    path = tmp_path / "sheet.csv"
    with Project.open(disputed) as project:
        sheet.write(path, disputes(project))
        fill(path, lambda rows: [rows[0].update(verdict="keep"), rows[1].update(change)])
        with pytest.raises(InputError) as error:
            sheet.read(project, path, "Cy")
        assert said in str(error.value)


def test_an_item_that_is_there_twice_is_refused(disputed: Path, tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    with Project.open(disputed) as project:
        sheet.write(path, disputes(project))
        fill(path, lambda rows: [rows[0].update(verdict="keep"), rows.append(rows[0])])
        with pytest.raises(InputError, match="is here twice"):
            sheet.read(project, path, "Cy")


def test_all_wrong_lines_are_named_and_nothing_is_taken(disputed: Path, tmp_path: Path, capsys) -> None:
    path = tmp_path / "sheet.csv"
    assert run(["adjudicate", str(disputed), "--sheet", str(path)]) == 0
    fill(path, lambda rows: [row.update(votes="", label="no such label") for row in rows])
    assert run(["adjudicate", str(disputed), "--answers", str(path), "--as", "Cy"]) == 2
    said = capsys.readouterr().err
    assert ", line 2: 'no such label' is no label" in said
    assert "something is wrong in lines 3, 4, too" in said
    with Project.open(disputed) as project:
        assert not list(project.decisions())


def test_a_row_about_other_votes_is_put_aside(disputed: Path, tmp_path: Path, capsys) -> None:
    path = tmp_path / "sheet.csv"
    assert run(["adjudicate", str(disputed), "--sheet", str(path)]) == 0
    fill(path, answered)
    with Project.open(disputed) as project:
        round = project.rounds.get(1)
        vote(project, round, "Ann", 1, "address")
        adjudicate(project, 2, KEEP, reviewer="Di", round=round)
    assert run(["adjudicate", str(disputed), "--answers", str(path), "--as", "Cy"]) == 0
    said = capsys.readouterr().out
    assert "Adjudicated 1 example as Cy." in said
    assert "2 rows put aside" in said
    with Project.open(disputed) as project:
        assert {d.example: d.reviewer for d in project.decisions()} == {2: "Di", 3: "Cy"}


def test_an_empty_sheet_and_one_that_is_there_are_refused(disputed: Path, tmp_path: Path, capsys) -> None:
    path = tmp_path / "sheet.csv"
    assert run(["adjudicate", str(disputed), "--sheet", str(path)]) == 0
    assert run(["adjudicate", str(disputed), "--sheet", str(path)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert run(["adjudicate", str(disputed), "--answers", str(path)]) == 2
    assert "nothing is filled in" in capsys.readouterr().err
    other = Workbook()
    other.active.append(["item", "answer"])  # type: ignore[union-attr]
    other.active.append(["x", "y"])  # type: ignore[union-attr]
    other.save(tmp_path / "other.xlsx")
    assert run(["adjudicate", str(disputed), "--answers", str(tmp_path / "other.xlsx")]) == 2
    assert "has no column 'verdict'" in capsys.readouterr().err


def test_the_list_shows_who_said_what_and_how_far_each_round_is(disputed: Path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    assert run(["adjudicate", str(disputed)]) == 0
    said = capsys.readouterr().out
    assert "Ann: refund, Bo: cancel" in said
    assert "too few could say" in said
    assert "3 examples to adjudicate." in said
    assert "Round 1 (pilot): 1 agreed and not settled yet (--settle), 3 disputed, 2 waiting for votes" in said
    assert run(["adjudicate", str(disputed), "--round", "pilot", "--hide-names"]) == 0
    hidden = capsys.readouterr().out
    assert "Ann" not in hidden
    assert "A: " in hidden


def test_settling_says_what_it_settled_and_what_is_left(disputed: Path, capsys) -> None:
    assert run(["adjudicate", str(disputed), "--settle", "--as", "Di"]) == 0
    assert capsys.readouterr().out == "Round 1: settled 1 item (1 unanimous); 3 disputed; 2 waiting for votes\n"
    with Project.open(disputed) as project:
        assert outputs(project)[4] == "cancel"
        assert project.log()[0].actor == "Di"
    assert run(["adjudicate", str(disputed), "--settle", "--at-least", "0.9"]) == 0
    assert capsys.readouterr().out.startswith("Round 1: settled 0 items (0 unanimous, 0 by consensus)")


def test_gaps_are_shown_or_written(disputed: Path, tmp_path: Path, capsys) -> None:
    assert run(["adjudicate", str(disputed), "--gaps", "-"]) == 0
    assert "No adjudication names the guideline" in capsys.readouterr().out
    with Project.open(disputed) as project:
        round: Round = project.rounds.get(1)
        adjudicate(project, 1, Verdict.RELABEL, "cancel", reviewer="Di", cause=Cause.GUIDELINE, note="why", round=round)
    assert run(["adjudicate", str(disputed), "--gaps", "-"]) == 0
    assert capsys.readouterr().out == "### cancel or refund\n\n- “question 0” is **cancel**: why\n"
    path = tmp_path / "gaps.md"
    assert run(["adjudicate", str(disputed), "--gaps", str(path)]) == 0
    assert "Wrote 1 gap of the guideline, from 1 adjudication" in capsys.readouterr().out
    assert path.read_text(encoding="utf-8").startswith("### cancel or refund")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--settle", "--gaps", "-"], "four different things"),
        (["--at-least", "0.9"], "--at-least says what --settle settles"),
        (["--round", "9"], "no round '9'"),
    ],
)
def test_options_that_make_no_sense_are_refused(disputed: Path, options: list[str], said: str, capsys) -> None:
    assert run(["adjudicate", str(disputed), *options]) == 2
    assert said in capsys.readouterr().err


def test_a_project_without_rounds_says_so(tmp_path: Path, capsys) -> None:
    path = tmp_path / "made.curator"
    make_project(path).close()
    assert run(["adjudicate", str(path)]) == 0
    assert capsys.readouterr().out == "Nothing is disputed.\n"
    assert run(["adjudicate", str(path), "--settle"]) == 2
    assert "`curator assign` begins one" in capsys.readouterr().err
