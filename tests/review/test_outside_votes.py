"""Votes of tables and other tools brought into a project as those reviewers' decisions, or as votes in a round."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import annotator_exports as exports
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import InputError
from curator.formats import detect, read
from curator.model import Decision, Kind, Role, Round, RoundItem, Slot, Verdict, content_key
from curator.progress import Silent
from curator.review.votes.outside import merge_votes
from curator.store import Project

TEXTS = ["the bill is wrong", "cannot log in", "where is it", "cancel my plan"]
LABELS = ["billing", "account", "shipping", "account"]


def bring_in(project: Project, path: Path) -> None:
    found = detect(path)
    project.import_source(str(path), path.name, found.format, Role.CANDIDATE, {}, read(path, found), Silent())


def write(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    path.write_bytes(exports.jsonl(records))
    return path


def table(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Four examples that kept the ids q0 to q3 of their file."""
    pairs = [{"id": f"q{at}", "text": text, "label": LABELS[at]} for at, text in enumerate(TEXTS)]
    with Project.create(tmp_path / "p.curator", actor="tester") as made:
        bring_in(made, write(tmp_path / "pairs.jsonl", pairs))
        yield made


def begin(project: Project, ids: Sequence[int], labels: Sequence[str] = ()) -> Round:
    shown = project.get_examples(ids)
    items = [RoundItem(example.id, content_key(example), place) for place, example in enumerate(shown)]
    slots = [Slot(id, 0, "ann", place) for place, id in enumerate(ids)]
    made = Round("", 0, "", "classification", tuple(labels), "", 0, ("ann",), 1)
    return project.rounds.add(made, items, slots)


def decided(project: Project) -> list[tuple[int, str, Verdict, str | None]]:
    return sorted((d.example, d.reviewer, d.verdict, d.value) for d in project.decisions())


def outputs(project: Project) -> list[str]:
    return [example.output for example in project.examples()]


def test_votes_become_decisions_and_the_label_most_chose_is_shown(project: Project, tmp_path: Path) -> None:
    rows = [
        "q0,ann,billing",
        "q0,bo,refund",
        "q0,cy,billing",
        "q1,ann,login",
        "q1,bo,login",
        "q1,cy,account",
        "q2,ann,(drop)",
    ]
    merged = merge_votes(project, table(tmp_path / "v.csv", "item,reviewer,label", *rows))
    assert (merged.matched, merged.new, merged.known, merged.unmatched) == (7, 7, 0, ())
    assert merged.how == "id (id)"
    assert merged.round is None
    assert outputs(project) == ["billing", "login", "shipping", "account"]
    assert {(d.reviewer, d.verdict) for d in project.decisions(3)} == {("ann", Verdict.DROP)}
    assert sorted(d.reviewer for d in project.decisions(1)) == ["ann", "bo", "cy"]
    assert not any(decision.imported for decision in project.decisions())
    assert merged.entry is not None
    assert merged.entry.text.startswith("Merged votes of v.csv")


def test_a_label_that_no_example_had_is_told(project: Project, tmp_path: Path) -> None:
    project.set_settings(task="classification")
    known = outputs(project)[1]
    merged = merge_votes(
        project, table(tmp_path / "v.csv", "item,reviewer,label", f"q0,ann,{known}", "q1,ann,gift cards")
    )
    assert [note for note in merged.notes if "had before" in note] == [
        "Labels that no example had before: 'gift cards' (1 vote); if one is a slip, mend the file and undo the merge."
    ]


def test_merging_again_changes_nothing_and_what_was_undone_comes_back(project: Project, tmp_path: Path) -> None:
    votes = table(tmp_path / "v.csv", "item,reviewer,label", "q0,ann,refund", "q0,bo,refund", "q1,ann,account")
    first = merge_votes(project, votes)
    before, log = decided(project), len(project.log(None))
    second = merge_votes(project, votes)
    assert (second.matched, second.new, second.known, second.entry) == (3, 0, 3, None)
    assert (decided(project), len(project.log(None))) == (before, log)
    assert first.entry is not None
    project.undo(first.entry.id)
    assert outputs(project)[0] == "billing"
    third = merge_votes(project, votes)
    assert (third.new, third.known) == (0, 3)
    assert decided(project) == before
    assert outputs(project)[0] == "refund"


def test_a_later_export_adds_what_is_new_in_it(project: Project, tmp_path: Path) -> None:
    merge_votes(project, table(tmp_path / "v.csv", "item,reviewer,label", "q0,ann,refund"))
    merged = merge_votes(project, table(tmp_path / "w.csv", "item,reviewer,label", "q0,ann,refund", "q1,ann,login"))
    assert (merged.matched, merged.new, merged.known) == (2, 1, 1)
    assert decided(project) == [(1, "ann", Verdict.RELABEL, "refund"), (2, "ann", Verdict.RELABEL, "login")]


def test_the_same_votes_from_another_tool_are_there_already(project: Project, tmp_path: Path) -> None:
    said = {"ann": ["billing"], "bo": ["refund"], "cy": ["account"], "dee": ["refund"]}
    votes: exports.Votes = dict.fromkeys(TEXTS, said)
    for name in ("choice.jsonl", "ls.json", "argilla.json", "doccano.zip"):
        merged = merge_votes(project, exports.write(tmp_path, name, votes))
        assert (merged.new, merged.known) == ((16, 0) if name == "choice.jsonl" else (0, 16))
    assert outputs(project) == ["refund"] * 4


def test_an_old_answer_does_not_undo_what_its_reviewer_decided_since(project: Project, tmp_path: Path) -> None:
    project.decide([Decision("", 1, "", "ann@example.org", Verdict.RELABEL, "refund")])
    path = tmp_path / "ls.json"
    path.write_bytes(exports.document(exports.label_studio_tasks({TEXTS[0]: {"ann": ["account"], "bo": ["account"]}})))
    merged = merge_votes(project, path)
    assert (merged.matched, merged.new) == (1, 1)
    assert [(one.line, one.reviewer) for one in merged.unmatched] == [(2, "ann@example.org")]
    assert "has decided otherwise since" in merged.unmatched[0].reason
    assert (1, "ann@example.org", Verdict.RELABEL, "refund") in decided(project)


def test_a_vote_without_a_date_takes_the_place_of_no_adjudication(project: Project, tmp_path: Path) -> None:
    project.decide([Decision("", 1, "", "Ann", Verdict.RELABEL, "refund", kind=Kind.ADJUDICATION)])
    votes = table(tmp_path / "v.csv", "item,reviewer,label", f"{TEXTS[0]},Ann,account", f"{TEXTS[1]},Ann,account")
    merged = merge_votes(project, votes)
    assert [one.reason for one in merged.unmatched] == ["Ann has adjudicated it otherwise, and the vote has no date"]
    assert outputs(project)[:2] == ["refund", "account"]


@pytest.mark.parametrize(
    ("header", "rows", "how"),
    [
        ("item,reviewer,label", ("1,ann,x", "2,ann,x", "4,bo,x"), "number"),
        ("example,id,reviewer,label", ("1,7,ann,x", "2,8,ann,x", "4,9,bo,x"), "number"),
        ("item,reviewer,label", ("q0,ann,x", "q1,ann,x", "q3,bo,x"), "id (id)"),
        ("item,reviewer,label", ("pairs.jsonl:0,ann,x", "pairs.jsonl:1,ann,x", "pairs.jsonl:3,bo,x"), "place"),
        (
            "item,reviewer,label",
            ('"pairs.jsonl, line 1",ann,x', '"pairs.jsonl, line 2",ann,x', '"pairs.jsonl, line 4",bo,x'),
            "place",
        ),
        (
            "key,source,line,reviewer,label",
            ("a,pairs.jsonl,1,ann,x", "b,pairs.jsonl,2,ann,x", "c,pairs.jsonl,4,bo,x"),
            "place",
        ),
        (
            "text,reviewer,label",
            (f"{TEXTS[0]},ann,x", f" {TEXTS[1].replace(' ', '  ')} ,ann,x", f"{TEXTS[3]},bo,x"),
            "text",
        ),
        ("item,text,reviewer,label", (f"z,{TEXTS[0]},ann,x", f"y,{TEXTS[1]},ann,x", f"x,{TEXTS[3]},bo,x"), "text"),
    ],
)
def test_items_are_told_by_number_id_place_or_text(
    project: Project, tmp_path: Path, header: str, rows: Sequence[str], how: str
) -> None:
    merged = merge_votes(project, table(tmp_path / "v.csv", header, *rows))
    assert merged.how == how
    assert not merged.unmatched
    assert {(d.example, d.reviewer) for d in project.decisions()} == {(1, "ann"), (2, "ann"), (4, "bo")}


def test_a_wide_table_is_a_column_of_votes_for_each_reviewer(project: Project, tmp_path: Path) -> None:
    merged = merge_votes(project, table(tmp_path / "v.csv", "id,ann,bo", "q0,billing,refund", "q1,login,"))
    assert merged.matched == 3
    assert [(d.example, d.reviewer, d.verdict) for d in project.decisions(2)] == [(2, "ann", Verdict.RELABEL)]


def test_texts_are_compared_composed(tmp_path: Path) -> None:
    text = "Größe ändern café"
    with Project.create(tmp_path / "p.curator") as project:
        bring_in(project, write(tmp_path / "a.jsonl", [{"text": unicodedata.normalize("NFD", text), "label": "x"}] * 1))
        merged = merge_votes(project, table(tmp_path / "v.csv", "text,reviewer,label", f"{text},ann,y"))
    assert merged.new == 1


def test_what_fits_no_example_or_two_is_told_with_line_and_reason(project: Project, tmp_path: Path) -> None:
    bring_in(project, write(tmp_path / "again.jsonl", [{"id": "q0", "text": TEXTS[0], "label": "billing"}]))
    merged = merge_votes(
        project, table(tmp_path / "v.csv", "item,reviewer,label", "q0,ann,x", "q1,ann,x", "nobody,ann,x", "q2,bo,x")
    )
    assert [str(one) for one in merged.unmatched] == [
        "line 2, ann: it fits examples 1, 5",
        "line 4, ann: no example has its number, its id, its place or its text",
    ]
    assert merged.matched == 2


def test_items_that_could_be_two_sets_of_examples_are_an_error_until_texts_tell(tmp_path: Path) -> None:
    pairs = [{"id": 4 - at, "text": text, "label": LABELS[at]} for at, text in enumerate(TEXTS)]
    with Project.create(tmp_path / "p.curator") as project:
        bring_in(project, write(tmp_path / "pairs.jsonl", pairs))
        rows = [f"{n},ann,x" for n in (1, 2, 3, 4)]
        with pytest.raises(InputError, match=r"by the examples' number or by their id \(id\)"):
            merge_votes(project, table(tmp_path / "v.csv", "item,reviewer,label", *rows))
        rows = [f"{n},{TEXTS[4 - n]},ann,x" for n in (1, 2, 3)]
        assert merge_votes(project, table(tmp_path / "w.csv", "item,text,reviewer,label", *rows)).how == "id (id)"
        assert {d.example for d in project.decisions()} == {2, 3, 4}


def test_a_file_that_is_about_other_texts_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"v\.csv: none of its items is in this project; the first: line 2, ann: no example"
    ):
        merge_votes(project, table(tmp_path / "v.csv", "item,reviewer,label", "z1,ann,x"))
    assert decided(project) == []


def test_the_same_number_with_another_text_is_not_taken(project: Project, tmp_path: Path) -> None:
    tasks = exports.label_studio_tasks({"some other text": {"ann": ["x"]}, TEXTS[1]: {"ann": ["login"]}})
    path = tmp_path / "ls.json"
    path.write_bytes(exports.document(tasks))
    merged = merge_votes(project, path)
    assert decided(project) == [(2, "ann@example.org", Verdict.RELABEL, "login")]
    assert [one.reason for one in merged.unmatched] == ["example 1 has its number and another text"]


@pytest.mark.parametrize("name", exports.EXPORTS)
def test_an_export_of_any_tool_is_merged_by_its_texts(project: Project, tmp_path: Path, name: str) -> None:
    votes: exports.Votes = {
        TEXTS[0]: {"ann": ["billing"], "bo": ["refund"], "cy": ["billing"]},
        TEXTS[1]: {"ann": ["login"], "bo": None},
        "not here": {"ann": ["login"]},
    }
    merged = merge_votes(project, exports.write(tmp_path, name, votes))
    skipped = name in exports.SKIPS_ARE_TOLD
    assert (merged.matched, len(merged.unmatched)) == (4 + skipped, 1)
    assert outputs(project)[:2] == ["billing", "login"]
    assert len(list(project.decisions(2))) == 1 + skipped
    assert merge_votes(project, exports.write(tmp_path, name, votes)).new == 0


def test_in_a_round_they_are_votes_and_change_nothing(project: Project, tmp_path: Path) -> None:
    begin(project, [1, 2])
    second = begin(project, [1, 2, 3], ["billing", "account", "Refund"])
    rows = ["q0,ann,refund", "q0,bo,billing", "q1,ann,login", "q3,ann,account", "q2,bo,(drop)"]
    votes = table(tmp_path / "v.csv", "item,reviewer,label", *rows)
    merged = merge_votes(project, votes, round=2)
    assert (merged.matched, merged.new, merged.round) == (3, 3, second)
    assert [str(one) for one in merged.unmatched] == [
        "line 4, ann: round 2 has no label 'login'",
        "line 5, ann: example 4 is not in round 2",
    ]
    cast = [(v.example, v.reviewer, v.verdict, v.value) for v in project.rounds.votes(second.id)]
    assert cast == [
        (1, "ann", Verdict.RELABEL, "Refund"),
        (1, "bo", Verdict.KEEP, None),
        (3, "bo", Verdict.DROP, None),
    ]
    assert all(vote.kind is Kind.VOTE for vote in project.rounds.votes(second.id))
    assert decided(project) == []
    assert outputs(project) == LABELS
    again = merge_votes(project, votes, round=2)
    assert (again.matched, again.new, again.known, again.entry) == (3, 0, 3, None)


def test_the_one_open_round_that_has_all_the_examples_takes_the_votes(project: Project, tmp_path: Path) -> None:
    first, second = begin(project, [1, 2]), begin(project, [2, 3])
    votes = table(tmp_path / "v.csv", "item,reviewer,label", "q0,ann,refund")
    assert merge_votes(project, votes).round == first
    both = table(tmp_path / "w.csv", "item,reviewer,label", "q1,ann,login")
    assert merge_votes(project, both).round is None
    project.rounds.close(first.id)
    third = table(tmp_path / "x.csv", "item,reviewer,label", "q1,bo,login")
    found = merge_votes(project, third).round
    assert found is not None
    assert found.id == second.id
    with pytest.raises(InputError, match="Round 1 is closed"):
        merge_votes(project, votes, round=1)


def test_one_annotators_file_is_in_the_name_of_its_file(project: Project, tmp_path: Path) -> None:
    votes: exports.Votes = {TEXTS[0]: {"ann": ["refund"]}, TEXTS[1]: {"ann": ["account"]}}
    merge_votes(project, write(tmp_path / "ann.jsonl", exports.doccano_lines(votes, "ann")))
    assert decided(project) == [(1, "ann", Verdict.RELABEL, "refund"), (2, "ann", Verdict.KEEP, None)]


_rows = st.lists(
    st.tuples(
        st.sampled_from(["q0", "q1", "q2", "q9"]),
        st.sampled_from(["ann", "bo"]),
        st.sampled_from(["account", "x", "(drop)"]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=10, derandomize=True, deadline=None)
@given(rows=_rows)
def test_every_row_is_a_decision_a_repeat_or_told_as_left_out(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    with Project.create(folder / "p.curator") as project:
        pairs = [{"id": f"q{at}", "text": text, "label": LABELS[at]} for at, text in enumerate(TEXTS)]
        bring_in(project, write(folder / "pairs.jsonl", pairs))
        path = folder / "v.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("item", "reviewer", "label"), *rows])
        known = {(item, who): label for item, who, label in rows if item != "q9"}
        if not known:
            with pytest.raises(InputError, match="none of its items"):
                merge_votes(project, path)
            return
        merged = merge_votes(project, path)
        assert len(merged.unmatched) == sum(item == "q9" for item, _, _ in rows)
        assert merged.new == len(known)
        ids = {f"q{at}": at + 1 for at in range(4)}
        said = {
            (d.example, d.reviewer): "(drop)" if d.verdict is Verdict.DROP else d.value for d in project.decisions()
        }
        shown = {key: label for key, label in said.items() if label is not None}
        assert shown.items() <= {(ids[item], who): label for (item, who), label in known.items()}.items()
        assert set(said) == {(ids[item], who) for item, who in known}
        before = (decided(project), outputs(project))
        assert merge_votes(project, path).new == 0
        assert (decided(project), outputs(project)) == before
        assert json.dumps([str(one) for one in merged.unmatched])
