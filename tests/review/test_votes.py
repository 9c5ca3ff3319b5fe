"""Reading votes from tables and from decisions."""

from __future__ import annotations

import json
import random
import shutil
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator.errors import InputError
from curator.model import Decision, Example, Message, Ref, Verdict, content_key
from curator.review.votes.arrays import make_votes, read_votes, votes_from_decisions

ROWS = [("q2", "ann", "yes"), ("q1", "ann", "no"), ("q1", "bob", "no"), ("q2", "bob", "yes"), ("q2", "cy", "no")]


def as_rows(votes):
    codes = zip(votes.item, votes.reviewer, votes.label, strict=True)
    return [(votes.items[i], votes.reviewers[r], votes.labels[v]) for i, r, v in codes]


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def frame():
    return pd.DataFrame(ROWS, columns=["item", "reviewer", "label"])


@pytest.mark.parametrize("kind", ["csv", "tsv", "semicolon", "xlsx", "parquet", "jsonl", "json"])
def test_every_kind_of_table_gives_the_same_votes(tmp_path, kind):
    path = tmp_path / f"votes.{'csv' if kind == 'semicolon' else kind}"
    match kind:
        case "xlsx":
            frame().to_excel(path, index=False)
        case "parquet":
            frame().to_parquet(path)
        case "jsonl" | "json":
            frame().to_json(path, orient="records", lines=kind == "jsonl")
        case _:
            frame().to_csv(path, index=False, sep={"csv": ",", "tsv": "\t", "semicolon": ";"}[kind])
    assert as_rows(read_votes(path)) == sorted(ROWS)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_table_of_each_reviewer_in_a_folder_or_an_archive_is_one_table(tmp_path, zipped):
    folder = tmp_path / "people"
    folder.mkdir()
    for name in ("ann", "bob", "cy"):
        rows = [f"{item},{label}" for item, reviewer, label in ROWS if reviewer == name]
        write(folder / f"{name}.csv", "\n".join(["id,label", *rows]))
    where = shutil.make_archive(str(folder), "zip", folder) if zipped else folder
    assert as_rows(read_votes(where)) == sorted(ROWS)
    write(folder / "dee.csv", "id,label\nq1\n")
    with pytest.raises(InputError, match=r"dee\.csv, line 2: 1 cells, the table has 2 columns; mend it or leave"):
        read_votes(folder)


def test_columns_are_guessed_by_their_usual_names_and_can_be_named(tmp_path):
    crowd = write(tmp_path / "crowd.csv", "Task ID,Worker-ID,Answer\n1,a,x\n1,b,y\n")
    assert as_rows(read_votes(crowd)) == [("1", "a", "x"), ("1", "b", "y")]
    odd = write(tmp_path / "odd.csv", "what,who,says\n1,a,x\n1,b,y\n")
    assert as_rows(read_votes(odd, "what", "who", "says")) == as_rows(read_votes(crowd))


def test_a_column_per_reviewer_is_read_as_votes(tmp_path):
    path = write(tmp_path / "wide.csv", "id,ann,bob\nq1,no,no\nq2,yes,\nq3,,\n")
    votes = read_votes(path)
    assert as_rows(votes) == [("q1", "ann", "no"), ("q1", "bob", "no"), ("q2", "ann", "yes")]
    assert any("1 items have no vote" in note for note in votes.notes)


def test_a_column_of_texts_is_no_reviewer(tmp_path):
    lines = [f"q{n},some words number {n},yes,no" for n in range(30)]
    votes = read_votes(write(tmp_path / "wide.csv", "\n".join(["id,text,ann,bob", *lines])))
    assert votes.reviewers == ("ann", "bob")
    assert any("'text' was not taken for a reviewer" in note for note in votes.notes)


def test_the_last_vote_of_a_reviewer_on_an_item_counts_and_is_said(tmp_path):
    votes = read_votes(write(tmp_path / "v.csv", "item,reviewer,label\nq,a,no\nq,b,no\nq,a,yes\n"))
    assert as_rows(votes) == [("q", "a", "yes"), ("q", "b", "no")]
    assert "1 votes repeat" in votes.notes[0]


def test_words_that_look_like_missing_values_are_labels_and_item_names_stay_as_they_are(tmp_path):
    votes = read_votes(write(tmp_path / "v.csv", 'item,reviewer,label\n007,a,NA\n" 7",a,None\n=1+1,a,nan\n'))
    assert votes.items == (" 7", "007", "=1+1")
    assert votes.labels == ("NA", "None", "nan")


def test_number_labels_are_in_order_of_value():
    votes = make_votes([("q", "a", "10"), ("q", "b", "2")])
    assert votes.labels == ("2", "10")
    assert votes.label_values().tolist() == [2, 10]
    assert make_votes([("q", "a", "10"), ("q", "b", "x")]).label_values() is None


@given(st.permutations(ROWS))
def test_the_order_of_rows_does_not_matter(rows):
    assert as_rows(make_votes(rows)) == as_rows(make_votes(ROWS))


@pytest.mark.parametrize(
    ("text", "options", "says"),
    [
        ("", {}, "is empty"),
        ("item,reviewer,label\n", {}, "a header and no rows"),
        ("item,reviewer,label\nq,a,\n", {}, "has no votes"),
        ("item,reviewer,label\nq,,x\n", {}, "line 2: the reviewer of this vote is empty"),
        ("item,reviewer,label\nq,a,x\n\nq,a,b,c\n", {}, "line 4: this row has 4 fields"),
        ('item,reviewer,label\nq,a,"x\n', {}, "line 2: this row is broken"),
        (
            "item,who,label\nq,a,x\n",
            {"reviewer": "person"},
            "no column 'person' for --reviewer; its columns are item, who",
        ),
        ("item,who,label\nq,a,x\n", {"label": "label"}, "no column looks like the reviewer"),
        ("item,who,label\nq,a,x\n", {"reviewer": "who", "label": "who"}, "three different columns"),
        ("item,item,label\nq,a,x\n", {}, "the column 'item' twice"),
        ("id,a,b\nq,x,y\nq,x,y\n", {}, "line 3: the item 'q' is here twice"),
        ("item\nq\n", {}, "a column per reviewer"),
    ],
)
def test_a_bad_table_is_one_sentence_with_its_line(tmp_path, text, options, says):
    path = write(tmp_path / "v.csv", text)
    with pytest.raises(InputError) as error:
        read_votes(path, **options)
    assert says in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("v.jsonl", b'{"item": 1}\n{"item": \n', "line 2: this line is not valid JSON"),
        ("v.jsonl", b'{"item": 1}\n{"item": ' + b"1" * 5_000 + b"}\n", "line 2: this line is not valid JSON"),
        ("v.jsonl", b"[1, 2]", "each record must be an object"),
        ("v.xlsx", b"PK\x03\x04 and no more", "not a workbook"),
        ("v.parquet", b"PAR1 and no more", "damaged"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path, name, data, says):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=says):
        read_votes(tmp_path / name)


def test_a_missing_file_and_a_folder_are_said(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_votes(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is a folder"):
        read_votes(tmp_path)


def example(id, label):
    turns = (Message("user", f"question {id}"), Message("assistant", label))
    return Example(Ref("data.csv", id, id + 2), turns, id=id)


def decision(example, reviewer, verdict, value=None):
    return Decision(f"{example.id}{reviewer}", example.id, content_key(example), reviewer, verdict, value)


def test_decisions_vote_for_the_label_that_the_reviewer_saw_or_gave():
    before, plain = example(1, "refund"), example(2, "billing")
    now = before.with_output("billing")  # as a later relabel left it
    decisions = [
        decision(before, "ann", Verdict.KEEP),
        decision(before, "bob", Verdict.RELABEL, "billing"),
        decision(now, "cy", Verdict.KEEP),
        decision(plain, "ann", Verdict.DROP),
        decision(plain, "bob", Verdict.SKIP),
        decision(plain, "cy", Verdict.RELABEL, "refund"),
    ]
    assert as_rows(votes_from_decisions(decisions, [now, plain])) == [
        ("1", "ann", "refund"),
        ("1", "bob", "billing"),
        ("1", "cy", "billing"),
        ("2", "ann", "(drop)"),
        ("2", "cy", "refund"),
    ]


def test_decisions_on_texts_vote_by_verdict():
    long = example(1, "a long answer")
    decisions = [
        decision(long, "ann", Verdict.KEEP),
        decision(long, "bob", Verdict.EDIT, json.dumps([])),
        decision(long, "cy", Verdict.FLAG),
    ]
    assert as_rows(votes_from_decisions(decisions, [long], by_label=False)) == [
        ("1", "ann", "(keep)"),
        ("1", "bob", "(change)"),
    ]


def test_a_project_without_decisions_is_said():
    with pytest.raises(InputError, match="no decisions yet"):
        votes_from_decisions([], [])


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl", "zip"])
def test_damaged_files_are_read_or_refused_in_one_sentence(tmp_path, kind):
    path = tmp_path / f"votes.{kind}"
    match kind:
        case "xlsx":
            frame().to_excel(path, index=False)
        case "parquet":
            frame().to_parquet(path)
        case "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name in ("ann", "bob"):
                    archive.writestr(f"{name}.csv", "id,label\nq1,no\nq2,yes\n")
        case _:
            frame().to_csv(path, index=False) if kind == "csv" else frame().to_json(path, orient="records", lines=True)
    whole = path.read_bytes()
    rng = random.Random(kind)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 2, 8))):
            at = rng.randrange(len(data))
            if rng.random() < 0.7:
                data[at] = rng.randrange(256)
            else:
                del data[at : at + rng.randrange(1, 20)]
        path.write_bytes(data)
        try:
            assert len(read_votes(path))
        except InputError as error:
            assert str(path) in str(error)  # noqa: PT017
            assert "\n" not in str(error)  # noqa: PT017
