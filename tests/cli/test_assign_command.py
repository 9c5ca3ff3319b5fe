"""`curator assign`: a round is begun, looked at and changed by what is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from curator.model import Decision, Kind, Verdict
from curator.store import Project

ROWS = "\n".join(f"question {at} about order {at},{('refund', 'restock', 'warranty')[at % 3]}" for at in range(90))


@pytest.fixture
def shop(tmp_path: Path, curator) -> Path:
    data, made = tmp_path / "shop.csv", tmp_path / "shop.curator"
    data.write_text(f"text,label\n{ROWS}\n")
    assert curator("new", made, "--task", "classification").code == 0
    assert curator("import", made, data).code == 0
    return made


def test_a_round_is_begun_and_told(shop: Path, curator) -> None:
    ran = curator("assign", shop, "--reviewers", "Ann,Bo,Cy", "--sample", "30", "--name", "audit", "--repeats", 2)
    assert ran.code == 0, ran.err
    assert "30 items, 66 looks in all" in ran.out
    assert "Began round 1 (audit)" in ran.out
    assert "curator pack" in ran.out
    with Project.open(shop) as project:
        (round,) = project.rounds.all()
        assert round.reviewers == ("Ann", "Bo", "Cy")
        assert round.labels == ("refund", "restock", "warranty")
    listed = curator("assign", shop)
    assert "round 1 (audit)" in listed.out
    assert "0 of 66" in listed.out
    told = curator("assign", shop, "--round", "audit")
    assert told.code == 0
    assert "0 of 22" in told.out
    assert "66 looks are still to come" in told.out


def test_a_dry_run_writes_nothing(shop: Path, curator) -> None:
    ran = curator("assign", shop, "--reviewers", "Ann,Bo", "--all", "--dry-run")
    assert "Nothing was written" in ran.out
    assert "90 items, 180 looks" in ran.out
    assert "There is no round yet" in curator("assign", shop).out


@pytest.mark.parametrize("typed", ["±10%", "10%", "+-10%", "47"])
def test_a_sample_is_a_number_or_a_margin(shop: Path, curator, typed: str) -> None:
    assert "47 items" in curator("assign", shop, "--reviewers", "Ann,Bo", "--sample", typed, "--dry-run").out


def test_examples_are_chosen_by_filter_or_by_number(shop: Path, curator, tmp_path: Path) -> None:
    ran = curator(
        "assign", shop, "--reviewers", "Ann,Bo", "--filter", "label=refund", "--filter", "text=order 3", "--dry-run"
    )
    assert ran.code == 0, ran.err
    assert "with label=refund, text=order 3" in ran.out
    numbers = tmp_path / "ids.txt"
    numbers.write_text("3, 4\n5\n")
    assert "3 items" in curator("assign", shop, "--reviewers", "Ann", "--ids", numbers, "--dry-run").out
    for odd in ("four", "4²"):
        numbers.write_text(f"3\n{odd}\n", encoding="utf-8")
        assert f"ids.txt, line 2: '{odd}'" in curator("assign", shop, "--reviewers", "Ann", "--ids", numbers).sentence


def test_a_second_sample_is_of_other_examples_than_the_first(shop: Path, curator) -> None:
    for name in ("first", "second"):
        assert curator("assign", shop, "--reviewers", "Ann,Bo", "--sample", "30", "--name", name).code == 0
    with Project.open(shop) as project:
        first, second = ({item.example for item in project.rounds.items(round.id)} for round in project.rounds.all())
    assert first != second


def test_progress_names_the_command_for_the_next_step(shop: Path, curator) -> None:
    assert curator("assign", shop, "--reviewers", "Ann", "--sample", "1", "--overlap", "1").code == 0
    ran = curator("assign", shop, "--round", 1)
    assert "One look is still to come." in ran.out
    assert "gold" not in ran.out
    with Project.open(shop) as project:
        (round,) = project.rounds.all()
        (slot,) = project.rounds.slots(round.id)
        project.decide([Decision("", slot.example, "", "Ann", Verdict.KEEP, kind=Kind.VOTE, round=round.id)])
    ran = curator("assign", shop, "--round", 1)
    assert f"  curator assign {shop} --round 1 --close\n" in ran.out


def test_reviewers_leave_and_join_and_a_round_is_closed_and_opened(shop: Path, curator) -> None:
    assert curator("assign", shop, "--reviewers", "Ann,Bo,Cy", "--sample", "30").code == 0
    assert "Ann leaves" in curator("assign", shop, "--round", 1, "--leave", "Ann").out
    ran = curator("assign", shop, "--round", 1, "--join", "Dee")
    assert "Dee joins and takes" in ran.out
    assert f"curator pack {shop} --round 1" in ran.out
    assert curator("assign", shop, "--round", 1, "--close").out.strip() == "Closed round 1."
    assert "closed" in curator("assign", shop, "--round", 1, "--join", "Eve").sentence
    assert curator("assign", shop, "--round", 1, "--reopen").code == 0
    with Project.open(shop) as project:
        assert project.rounds.get("1").reviewers == ("Bo", "Cy", "Dee")


def test_the_guideline_of_a_round_is_read_from_a_file(shop: Path, curator, tmp_path: Path) -> None:
    text = tmp_path / "guideline.md"
    text.write_text("Money that is on its way is refund.\n")
    ran = curator("assign", shop, "--reviewers", "Ann,Bo", "--all", "--guideline", text, "--labels", "refund,other")
    assert ran.code == 0, ran.err
    assert "guideline version 1" in curator("assign", shop, "--round", 1).out
    with Project.open(shop) as project:
        assert project.settings()["guideline"] == "Money that is on its way is refund."
        assert project.rounds.get("1").labels == ("refund", "other")


def test_its_options_are_keys_of_the_configuration(shop: Path, curator, tmp_path: Path) -> None:
    config = tmp_path / "curator.toml"
    config.write_text('[assign]\nreviewers = ["Ann", "Bo"]\nsample = "12"\noverlap-share = "50%"\n')
    ran = curator("assign", shop, "--config", config, "--dry-run")
    assert ran.code == 0, ran.err
    assert "12 items, 18 looks" in ran.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--reviewers", "Ann"], "say what is reviewed"),
        (["--reviewers", "Ann", "--all", "--sample", "5"], "--all and --sample"),
        (["--reviewers", "Ann", "--sample", "many"], "takes a number"),
        (["--reviewers", "Ann", "--sample", "5²"], "takes a number"),
        (["--reviewers", "Ann", "--all", "--overlap-share", "half"], "takes a share"),
        (["--reviewers", "Ann", "--filter", "colour=red"], "KEY is label, check"),
        (["--reviewers", "Ann", "--filter", "label=red"], "There is no label 'red'"),
        (["--reviewers", "Ann", "--findings", "any"], "was not checked yet"),
        (["--reviewers", "Ann", "--round", "1"], "--join NAME"),
        (["--sample", "5"], "--reviewers"),
        (["--leave", "Ann"], "--round N"),
        (["--round", "1", "--leave", "Ann", "--close"], "--leave and --close"),
        (["--round", "7"], "no round '7'"),
        (["--reviewers", "Ann", "--all", "--guideline", "none.md"], "none.md: cannot be read"),
    ],
)
def test_what_cannot_be_is_one_sentence(shop: Path, curator, arguments: list[str], words: str) -> None:
    ran = curator("assign", shop, *arguments)
    assert ran.code == 2
    assert words in ran.sentence
