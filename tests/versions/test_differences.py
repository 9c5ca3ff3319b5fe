"""What differs between two states of a dataset, told the same by folders alone and by the project, with the reasons."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from release_material import LET_IN, bring_in, candidates, decide, edited, release, sample_rows, write_csv

from curator.model import Verdict
from curator.pipeline import Settings, check
from curator.store import Project, ReleaseRow
from curator.tasks import Task
from curator.versions import Change, Diff, Kind, State, compare, counts_between, document, find
from curator.versions.finding import split
from curator.versions.states import Said

ROWS = sample_rows()
MADE = ("before", "after")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with two releases, `before` and `after` in its folder; between them people worked on it."""
    folder = tmp_path_factory.mktemp("shop")
    with Project.create(folder / "shop.curator", task=Task.CLASSIFICATION, actor="Ann") as project:
        bring_in(project, write_csv(folder / "first.csv", ROWS[:120]), write_csv(folder / "second.csv", ROWS[120:140]))
        release(project, folder / "before", targets=("openai", "jsonl"))
        out = {row["from"]["record"] for row in _lines(folder / "before" / "excluded.jsonl")}
        ids = candidates(project)
        texts = [text for at, (text, _) in enumerate(ROWS[:120]) if at not in out]
        decide(project, ids[texts[0]], Verdict.RELABEL, "another label", "Bo")
        decide(project, ids[texts[1]], Verdict.EDIT, edited("Where is my blue lamp?", "track_order"), "Bo")
        decide(project, ids[texts[2]], Verdict.DROP, by="Cy")
        project.undo(next(entry.id for entry in project.log(None) if "second.csv" in entry.text))
        bring_in(project, write_csv(folder / "third.csv", ROWS[140:160]))
        release(project, folder / "after", targets=("openai", "jsonl"))
    return folder


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def difference(a: str | Path, b: str | Path) -> Diff:
    with find(str(a)) as old, find(str(b)) as new:
        return compare(old, new)


def told(change: Change) -> tuple[Any, ...]:
    row = change.row
    return change.kind, change.moved, row.source, row.record, change.why


@pytest.fixture(scope="module")
def by_folders(shop: Path) -> Diff:
    return difference(shop / "before", shop / "after")


def test_each_row_is_counted_once(by_folders: Diff) -> None:
    counts = by_folders.counts
    kept = counts["before"] - counts["removed"]
    assert kept == counts["after"] - counts["added"]
    rewritten = counts["relabelled"] + counts["edited"]
    alone = sum(change.kind is Kind.MOVED for change in by_folders.changes)
    assert kept == counts["unchanged"] + rewritten + alone
    assert (counts["relabelled"], counts["edited"]) == (1, 1)
    assert Counter(change.kind for change in by_folders.changes)[Kind.REMOVED] == counts["removed"]


def test_the_project_tells_the_same_as_the_folders(shop: Path, by_folders: Diff) -> None:
    project = f"{shop / 'shop.curator'}"
    by_project = difference(f"{project}@release-1", f"{project}@shop-2")
    assert by_project.counts == by_folders.counts
    assert sorted(map(told, by_project.changes), key=str) == sorted(map(told, by_folders.changes), key=str)
    said = {told(change): (change.was, change.now) for change in by_folders.changes}
    assert {told(change): (change.was, change.now) for change in by_project.changes} == said
    assert by_project.facts == by_folders.facts
    assert (by_project.came, by_project.went) == (by_folders.came, by_folders.went)
    mixed = difference(shop / "before", f"{project}@2")
    assert mixed.counts["before"] == by_folders.counts["before"]


def test_a_relabel_and_an_edit_say_from_what_to_what_by_whom_and_in_which_entry(shop: Path) -> None:
    project = shop / "shop.curator"
    found = difference(f"{project}@release-1", f"{project}@release-2")
    (relabelled,) = (change for change in found.changes if change.kind is Kind.RELABELLED)
    assert relabelled.was is not None
    assert relabelled.now is not None
    assert relabelled.was.input == relabelled.now.input
    assert relabelled.was.output != relabelled.now.output == "another label"
    (edit,) = (change for change in found.changes if change.kind is Kind.EDITED)
    assert edit.now is not None
    assert edit.now.input == "Where is my blue lamp?"
    assert relabelled.why == "Bo decided to relabel it"
    moved = "; its split is drawn by what it says, and that is something else now" if edit.moved else ""
    assert edit.why == "Bo decided to edit it" + moved
    with Project.open(project) as opened:
        entries = {entry.text.split()[0]: entry.id for entry in opened.log(None) if entry.action == "decide"}
    assert (relabelled.entry, edit.entry) == (entries["Relabelled"], entries["Edited"])


def test_what_is_gone_says_who_dropped_it_or_that_its_source_is_gone(shop: Path, by_folders: Diff) -> None:
    gone = [change for change in by_folders.changes if change.kind is Kind.REMOVED]
    reasons = Counter(change.why for change in gone)
    assert reasons["dropped by Cy"] == 1
    second = str(shop / "second.csv")
    assert (
        reasons[f"{second} is no longer among what was read"] == sum(change.row.source == second for change in gone) > 5
    )
    assert [Path(file.path).name for file in by_folders.went] == ["second.csv"]
    assert [Path(file.path).name for file in by_folders.came] == ["third.csv"]
    new = {change.why for change in by_folders.changes if change.kind is Kind.ADDED and change.before is None}
    assert new == {f"{shop / 'third.csv'} was not read before"}


def test_a_state_is_named_by_an_entry_of_the_journal_and_by_what_is_now(shop: Path) -> None:
    project = shop / "shop.curator"
    with Project.open(project) as opened:
        dropped = next(entry.id for entry in opened.log(None) if entry.text.startswith("Dropped"))
    found = difference(f"{project}@{dropped - 1}", f"{project}@{dropped}")
    (change,) = found.changes
    assert (change.kind, change.why, change.entry) == (Kind.REMOVED, "dropped by Cy", dropped)
    now = difference(f"{project}@release-2", project)
    assert now.counts["unchanged"] == now.counts["after"]
    assert {change.kind for change in now.changes} == {Kind.REMOVED}
    assert {change.after.reason for change in now.changes if change.after} <= set(LET_IN), "what the release let in"


def test_a_state_goes_by_the_check_that_was_there_then(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", [*ROWS[:60], ROWS[0]]))
        before = project.log(1)[0].id
        check(project, Settings())
        found = difference(f"{tmp_path}/p.curator@{before}", tmp_path / "p.curator")
    assert found.counts["before"] == 61
    copies = [
        change for change in found.changes if change.after is not None and change.after.reason == "exact_duplicate"
    ]
    assert len(copies) == 1
    assert copies[0].why.startswith("exact_duplicate: ")


def test_a_file_that_was_changed_at_its_place_is_not_another_dataset(tmp_path: Path) -> None:
    source = tmp_path / "rows.csv"
    made = []
    for number, rows in enumerate((ROWS[:100], [*ROWS[90:110], *ROWS[:88], (ROWS[88][0], "another label")])):
        write_csv(source, rows)
        with Project.temporary() as project:
            bring_in(project, source)
            made.append(release(project, tmp_path / f"out{number}", Settings(task=Task.CLASSIFICATION)))
    found = difference(*made)
    relabelled = [change for change in found.changes if change.kind is Kind.RELABELLED]
    assert [change.row.record for change in relabelled] == [108]
    assert relabelled[0].why == f"{source} had other bytes"
    gone = [change for change in found.changes if change.kind is Kind.REMOVED and change.after is None]
    assert {change.why for change in gone} == {f"{source} has other bytes now"}
    assert found.counts["unchanged"] + found.counts["moved"] > 80


def test_a_file_that_lies_elsewhere_is_the_same_file(tmp_path: Path) -> None:
    made = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        with Project.create(tmp_path / f"{name}.curator", task=Task.CLASSIFICATION) as project:
            bring_in(project, write_csv(tmp_path / name / "rows.csv", ROWS[:60]))
            if made:
                decide(project, project.ids()[0], Verdict.EDIT, edited("Where is my lamp?", "track_order"))
                decide(project, project.ids()[1], Verdict.DROP)
            made.append(release(project, tmp_path / f"out-{name}"))
    found = difference(*made)
    assert (found.came, found.went) == ([], [])
    assert [(change.kind, change.why) for change in found.changes if not change.moved] == [
        (Kind.EDITED, "Ann decided to edit it"),
        (Kind.REMOVED, "dropped by Ann"),
    ]


def test_a_row_that_moves_says_why(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "rows.csv", ROWS[:100])
    made = []
    for seed in (0, 1):
        with Project.temporary() as project:
            bring_in(project, source)
            chosen = Settings(task=Task.CLASSIFICATION, seed=seed)
            made.append(release(project, tmp_path / f"out{seed}", chosen, split="70/30", stratify=False))
    moved = [change for change in difference(*made).changes if change.kind is Kind.MOVED]
    assert len(moved) > 5
    assert {change.why for change in moved} == {"other settings: seed 0 → 1"}
    assert all(change.was is change.now is None for change in moved), "texts that are the same are not told"


def test_a_near_duplicate_that_joins_a_group_says_whom_it_joins(tmp_path: Path) -> None:
    """Ann's edit makes a validation row nearly the same as a training row: they have to be together."""
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:120]))
        wishes: dict[str, Any] = {"include": ("near_duplicate", "conflict", "label_error"), "stratify": False}
        first = release(project, tmp_path / "first", split="60/40", **wishes)
        rows = _lines(first / "rows.jsonl")
        train = next(row for row in rows if row["split"] == "train" and row["group"] is None)
        held = next(row for row in rows if row["split"] == "validation" and row["group"] is None)
        text, label = ROWS[held["from"]["record"]]
        decide(project, project.ids()[train["from"]["record"]], Verdict.EDIT, edited(f"Hello, {text}", label))
        second = release(project, tmp_path / "second", split="60/40", **wishes)
    (change,) = (one for one in difference(first, second).changes if one.row.record == train["from"]["record"])
    assert (change.kind, change.moved) == (Kind.EDITED, True)
    assert change.why == (
        "Ann decided to edit it; near duplicates stay together: it belongs to "
        f"{tmp_path / 'some.csv'}, record {held['from']['record']}, of validation"
    )


def test_personal_data_is_masked_in_every_form(curator: Callable[..., Any], tmp_path: Path) -> None:
    card, mail = "4111 1111 1111 1111", "ann.miller@gmail.com"
    rows = [*ROWS[:80], (f"My card {card} was charged twice, write to {mail}.", "refund")]
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", rows))
        release(project, tmp_path / "one", include=("personal_data", "label_error", "conflict"))
        secret = project.ids()[-1]
        decide(project, secret, Verdict.RELABEL, f"ask {mail}")
        release(project, tmp_path / "two", include=("personal_data", "label_error", "conflict"))
        decide(project, secret, Verdict.DROP)
        release(project, tmp_path / "three")
    for a, b in (("one", "two"), ("two", "three"), ("p.curator@release-1", "p.curator@release-3")):
        files = ("--json", tmp_path / "d.json", "--csv", tmp_path / "d.csv", "--report", tmp_path / "d.html")
        ran = curator("diff", tmp_path / a, tmp_path / b, *files, "--rows", "1000")
        assert ran.code == 0
        for said in (
            ran.out,
            *((tmp_path / f"d.{end}").read_text(encoding="utf-8") for end in ("json", "csv", "html")),
        ):
            assert "•" in said
            assert "1111 1111" not in said
            assert "ann.miller" not in said


def test_the_command_writes_every_change(
    curator: Callable[..., Any], shop: Path, by_folders: Diff, tmp_path: Path
) -> None:
    ran = curator("diff", shop / "before", shop / "after", "--json", "-")
    document = json.loads(ran.out)
    assert document["schema"] == "curator/diff/1"
    assert document["counts"] == dict(by_folders.counts)
    assert len(document["rows"]) == len(by_folders.changes)
    assert document["after"]["dataset"]["version"] == 2
    ran = curator("diff", shop / "before", shop / "after", "--csv", tmp_path / "d.csv", "--rows", "1")
    assert ran.code == 0
    assert len((tmp_path / "d.csv").read_text(encoding="utf-8").splitlines()) > len(by_folders.changes)
    assert f"… and {len(by_folders.changes) - 1:,} more" in ran.out
    same = curator("diff", shop / "before", shop / "before" / "manifest.json")
    assert "unchanged: " in same.out
    assert "removed" not in same.out


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("nothing.curator@release-1", "There is no such project"),
        ("nothing", "there is no such project, release folder or manifest"),
        ("shop.curator@release-9", "There is no release 'release-9' in this project; its releases are shop 1, shop 2"),
        ("shop.curator@999", "has no journal entry 999; its entries go from 1 to"),
        ("first.csv", "is neither a project nor the manifest.json of a release"),
        (".", "holds no release: it has no manifest.json"),
    ],
)
def test_what_is_no_state_is_refused_in_one_sentence(
    curator: Callable[..., Any], shop: Path, monkeypatch: pytest.MonkeyPatch, wrong: str, said: str
) -> None:
    monkeypatch.chdir(shop)
    ran = curator("diff", "before", wrong)
    assert ran.code == 2
    assert said in ran.sentence


def test_a_release_with_a_file_missing_or_spoilt_is_refused(curator: Callable[..., Any], tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.curator", task=Task.CLASSIFICATION) as project:
        bring_in(project, write_csv(tmp_path / "some.csv", ROWS[:60]))
        out = release(project, tmp_path / "out")
    (out / "excluded.jsonl").write_text('{"from": ', encoding="utf-8")
    ran = curator("diff", out, out)
    assert ran.code == 2
    assert "line 1 is not JSON" in ran.sentence
    (out / "rows.jsonl").unlink()
    assert "is missing in this release" in curator("diff", out, out).sentence
    (out / "manifest.json").write_text("{}", encoding="utf-8")
    assert "is no manifest of a release" in curator("diff", out, out).sentence


def test_an_address_of_a_database_keeps_the_at_of_its_password() -> None:
    address = "postgresql://ann:secret@host:5432/shop"
    assert split(address) == (address, None)
    assert split(f"{address}@release-2") == (address, "release-2")
    assert split(f"{address}?options=-csearch_path%3Done@12") == (f"{address}?options=-csearch_path%3Done", "12")
    assert split("shop.curator@shop-2") == ("shop.curator", "shop-2")
    assert split("out@2026") == (None, None)


names = st.integers(0, 5).map(str)
rows = st.builds(
    ReleaseRow,
    source=st.sampled_from(["a.csv", "b.csv"]),
    sha256=st.sampled_from(["one", "two"]),
    record=st.integers(0, 6),
    line=st.none(),
    key=names,
    question=st.sampled_from(["", "x", "y"]),
    split=st.sampled_from(["train", "validation", ""]),
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(rows, max_size=14), st.lists(rows, max_size=14))
def test_whatever_the_rows_are_the_counts_add_up_both_ways(a: list[ReleaseRow], b: list[ReleaseRow]) -> None:
    there, back = counts_between(a, b), counts_between(b, a)
    assert there["before"] - there["removed"] == there["after"] - there["added"]
    assert (there["added"], there["removed"]) == (back["removed"], back["added"])
    assert counts_between(a, a)["unchanged"] == sum(row.written for row in a)
    found = compare(State("a", a, ()), State("b", b, ()))
    assert Counter(change.kind for change in found.changes)[Kind.ADDED] == there["added"]
    assert found.counts == there


def test_what_is_written_shows_the_place_that_differs_and_no_formula(by_folders: Diff) -> None:
    change = next(change for change in by_folders.changes if change.kind is Kind.EDITED)
    long = "word " * 60
    said = replace(change, was=Said(long + "old end", "=A1"), now=Said(long + "new end", "=A2"))
    shown = "\n".join(document.lines(replace(by_folders, changes=(said,)), 5))
    assert "old end' → '…" in shown
    assert "new end'" in shown
    (row,) = csv.DictReader(io.StringIO(document.table(replace(by_folders, changes=(said,))).decode("utf-8")))
    assert (row["output_before"], row["output_after"]) == ("'=A1", "'=A2")
