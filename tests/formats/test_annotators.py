"""Exports of annotation tools with several annotators: everybody's vote, on one example for each text."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import annotator_exports as exports
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.errors import InputError
from curator.formats import Tally, detect, per_annotator, read
from curator.formats.items import RECORDS
from curator.formats.records import label_set
from curator.model import Example, Rejected, Verdict, Vote
from curator.review.votes.arrays import read_votes

VOTES: exports.Votes = {
    "the bill is wrong": {"ann": ["billing"], "bo": ["billing"], "cy": ["account"]},
    "cannot log in": {"ann": ["account", "login"], "bo": ["login", "account"], "cy": None},
    "where is it": {"ann": ["shipping"], "bo": None, "cy": ["shipping"]},
}


def load(path: Path) -> list[Example | Rejected]:
    return list(read(path, detect(path)))


def examples(path: Path) -> list[Example]:
    found = load(path)
    assert all(isinstance(record, Example) for record in found), found
    return [record for record in found if isinstance(record, Example)]


def write(folder: Path, records: Sequence[Mapping[str, Any]], name: str = "file.jsonl") -> Path:
    path = folder / name
    path.write_bytes(exports.jsonl(records))
    return path


def text_of(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else label_set(labels)


def cast(votes: exports.Votes, *, skips: bool) -> dict[str, dict[str, str | None]]:
    """Text → annotator → label as one text, None for a skip."""
    return {
        text: {
            f"{who}@example.org": None if labels is None else text_of(labels)
            for who, labels in said.items()
            if skips or labels is not None
        }
        for text, said in votes.items()
    }


def read_back(found: Sequence[Example]) -> dict[str, dict[str, str | None]]:
    spoken = (Verdict.KEEP, Verdict.RELABEL)
    return {e.input: {v.reviewer: v.value if v.verdict in spoken else None for v in e.votes} for e in found}


@pytest.mark.parametrize("name", exports.EXPORTS)
def test_every_annotators_vote_is_on_the_one_example_of_its_text(tmp_path: Path, name: str) -> None:
    found = examples(exports.write(tmp_path, name, VOTES))
    assert read_back(found) == cast(VOTES, skips=name in exports.SKIPS_ARE_TOLD)
    assert [example.output for example in found] == ["billing", label_set(["account", "login"]), "shipping"]
    assert "never" not in str([(example.messages, example.votes) for example in found])


_labels = st.lists(st.sampled_from(["a", "b", "c d"]), min_size=1, max_size=3, unique=True)
_said = st.dictionaries(st.sampled_from(["ann", "bo", "cy"]), st.none() | _labels, min_size=1)
_votes = st.lists(_said, min_size=1, max_size=6).map(
    lambda all: {f"text number {at}": said for at, said in enumerate(all)}
)


@settings(max_examples=12, derandomize=True, deadline=None)
@given(votes=_votes.filter(lambda votes: any(labels for said in votes.values() for labels in said.values())))
@pytest.mark.parametrize("name", [name for name in exports.EXPORTS if name != "ls.csv"])
def test_votes_come_back_from_the_shapes_of_every_tool(name: str, votes: exports.Votes) -> None:
    skips = name in exports.SKIPS_ARE_TOLD
    with TemporaryDirectory() as folder:
        path = exports.write(Path(folder), name, votes)
        back = read_back(examples(path))
    expected = cast(votes, skips=skips)
    assert {text: said for text, said in back.items() if said} == {
        text: said for text, said in expected.items() if said
    }


@pytest.mark.parametrize("name", exports.EXPORTS)
def test_an_export_is_a_file_of_votes_by_itself(tmp_path: Path, name: str) -> None:
    votes = read_votes(exports.write(tmp_path, name, VOTES))
    assert (len(votes), len(votes.items), len(votes.reviewers)) == (7, 3, 3)
    # Where labels are sets, each is one: the lists of two tools are the same text.
    assert votes.labels == ('["account","login"]', '["account"]', '["billing"]', '["shipping"]')
    assert votes.notes[0].startswith("Read as a")


def test_records_of_one_item_are_all_accounted_for(tmp_path: Path) -> None:
    path = exports.write(tmp_path, "choice.jsonl", VOTES)
    found = examples(path)
    assert [example.ref.line for example in found] == [1, 2, 3]
    assert sorted(number for example in found for number in example.extra[RECORDS]) == list(range(9))
    assert not any("_annotator_id" in example.extra for example in found)
    assert found[0].extra["_input_hash"] == 1000


def test_who_annotated_is_told_by_address_name_or_number(tmp_path: Path) -> None:
    people = [7, "ann@example.org", {"id": 9, "email": "bo@example.org"}, {"id": 9, "email": ""}, None]
    annotations = [{"completed_by": who, "result": []} for who in people]
    (example,) = examples(write(tmp_path, [{"id": 1, "data": {"text": "q"}, "annotations": annotations}]))
    assert [vote.reviewer for vote in example.votes] == ["7", "ann@example.org", "bo@example.org", "9", "annotator"]


def test_every_kind_of_label_studio_answer_is_a_value(tmp_path: Path) -> None:
    values: list[tuple[dict[str, Any], str]] = [
        ({"choices": ["b", "a"]}, '["a","b"]'),
        ({"text": ["a summary"]}, "a summary"),
        ({"taxonomy": [["Bird", "Owl"]]}, "Bird > Owl"),
        ({"taxonomy": [["Bird", "Owl"], ["Fish"]]}, '["Bird > Owl","Fish"]'),
        ({"rating": 4}, "4"),
        ({"number": 2.5}, "2.5"),
        ({"datetime": "2026-01-02"}, "2026-01-02"),
        ({"selected": "left"}, "left"),
        ({"ranker": {"rank": ["x", "a"]}}, '[{"rank":["x","a"]}]'),
        ({"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}, '[{"text":"Anna","label":"PER"}]'),
    ]
    for value, said in values:
        result = [{"from_name": "n", "to_name": "text", "type": "any", "value": value}]
        record = {"id": 1, "data": {"text": "q"}, "annotations": [{"completed_by": 1, "result": result}]}
        (example,) = examples(write(tmp_path, [record]))
        assert (example.output, example.votes) == (said, (Vote("1", Verdict.KEEP, said),))
        row = {"text": "q", "id": 1, "n": [value], "annotator": 1, "annotation_id": 1, "lead_time": 1.0}
        if "choices" not in value and "text" not in value:
            (example,) = examples(write(tmp_path, [row]))
            assert example.output == said


def test_answers_to_several_questions_are_one_object_and_one_can_be_chosen(tmp_path: Path) -> None:
    def record(number: int, *answers: tuple[str, int]) -> dict[str, Any]:
        annotations = [
            {
                "completed_by": who,
                "result": [
                    {"from_name": "stars", "type": "rating", "value": {"rating": stars}},
                    {"from_name": "mood", "type": "choices", "value": {"choices": [mood]}},
                ],
            }
            for who, (mood, stars) in enumerate(answers)
        ]
        return {"id": number, "data": {"text": f"q{number}"}, "annotations": annotations}

    path = write(tmp_path, [record(1, ("good", 5), ("good", 4)), record(2, ("bad", 1), ("good", 4))])
    assert examples(path)[0].output == '{"mood":"good","stars":5}'
    assert read_votes(path, label="mood").labels == ("bad", "good")
    assert read_votes(path, label="stars").labels == ("1", "4", "5")
    with pytest.raises(InputError, match="has no question 'colour'; its questions are mood, stars"):
        read_votes(path, label="colour")
    # Who answered one question alone said nothing of the other.
    half = record(3, ("good", 2), ("good", 3))
    half["annotations"][1]["result"].pop()
    votes = read_votes(write(tmp_path, [record(1, ("good", 5)), half]), label="mood")
    assert (len(votes), votes.labels) == (2, ("good",))
    assert "1 of the answers say nothing" in votes.notes[1]
    stars = read_votes(write(tmp_path, [record(1, ("good", 5)), half]), label="stars")
    assert stars.labels == ("2", "3", "5")


def test_the_column_of_a_csv_that_is_no_label_by_its_look_can_be_named(tmp_path: Path) -> None:
    path = exports.write(tmp_path, "ls.csv", {text: {"ann": ["yes"], "bo": ["yes"]} for text in ("one", "two")})
    assert read_votes(path, label="topic").labels == ("yes",)
    assert read_votes(path, label="origin").labels == ("mail",)


def test_the_columns_of_a_label_studio_csv_that_differ_within_a_task_are_its_labels(tmp_path: Path) -> None:
    path = exports.write(tmp_path, "ls.csv", VOTES)
    assert all(example.extra["origin"] == "mail" for example in examples(path))
    agreed = {
        text: {"ann": ["yes" if at % 2 else "no"]} for at, text in enumerate(f"some words, no. {n}" for n in range(9))
    }
    found = examples(exports.write(tmp_path, "ls.csv", agreed))
    assert [example.output for example in found] == ["no", "yes"] * 4 + ["no"]


@pytest.mark.parametrize("kind", ["tsv", "xlsx", "parquet"])
def test_a_label_studio_csv_that_was_saved_as_another_table_is_read_alike(tmp_path: Path, kind: str) -> None:
    plain = exports.write(tmp_path, "ls.csv", VOTES)
    frame = pd.read_csv(plain)
    other = tmp_path / f"other.{kind}"
    match kind:
        case "tsv":
            frame.to_csv(other, sep="\t", index=False)
        case "xlsx":
            frame.to_excel(other, index=False)
        case _:
            frame.to_parquet(other)
    assert read_back(examples(other)) == read_back(examples(plain))
    assert read_votes(other).labels == read_votes(plain).labels


def test_when_votes_were_cast_is_kept(tmp_path: Path) -> None:
    for name, at in (("ls.json", "2026-03-04T05:06:07.123456+00:00"), ("choice.jsonl", "2026-03-04T05:06:07+00:00")):
        path = exports.write(tmp_path, name, VOTES)
        assert {vote.at for example in examples(path) for vote in example.votes} == {at}
        times = read_votes(path).at
        assert times is not None
        assert times.astype(int).tolist() == [1772600767] * 7
    assert read_votes(exports.write(tmp_path, "argilla.json", VOTES)).at is None
    table = tmp_path / "votes.csv"
    table.write_text("item,reviewer,label,created_at\n1,ann,x,2026-03-04T05:06:07Z\n1,bo,y,soon\n1,cy,y,3026-01-01\n")
    times = read_votes(table).at
    assert times is not None
    assert [value if value == value else None for value in times.tolist()] == [1772600767.0, None, None]


JUNK: list[Any] = [
    None,
    0,
    True,
    10**30,
    "",
    "[",
    '{"a":1}',
    [],
    [[]],
    [None],
    {},
    {"id": None},
    [{"user_id": []}],
    [{}],
]


@pytest.mark.parametrize("name", [name for name in exports.EXPORTS if name.endswith(".jsonl")])
def test_exports_with_anything_in_any_place_are_read_or_refused(tmp_path: Path, name: str) -> None:
    rng = random.Random(name)
    path = tmp_path / name
    whole = [json.loads(line) for line in exports.EXPORTS[name](VOTES).splitlines()]
    read = 0
    refused: list[str] = []
    for _ in range(60):
        records = json.loads(json.dumps(whole))
        for _ in range(rng.choice((1, 2, 4))):
            spoil(records, rng)
        path.write_bytes(exports.jsonl(records))
        try:
            found = load(path)
            numbers = [
                n
                for r in found
                for n in (r.extra.get(RECORDS, [r.ref.record]) if isinstance(r, Example) else [r.ref.record])
            ]
            assert sorted(numbers) == list(range(len(records)))
            read_votes(path)
            read += 1
        except InputError as error:
            refused.append(str(error))
    assert read > 20
    assert not any("\n" in sentence for sentence in refused)


def spoil(value: Any, rng: random.Random) -> None:
    """Put something else in one place of nested lists and objects."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = rng.choice(keys)
        if isinstance(value[key], list | dict) and rng.random() < 0.8:
            value = value[key]
        elif value[key] in JUNK or not isinstance(value, list) or not isinstance(value[key], dict):
            value[key] = rng.choice(JUNK)
            return


def test_a_rejected_label_of_prodigy_speaks_against_it_and_a_bare_answer_for_the_text(tmp_path: Path) -> None:
    line = {"text": "q", "_input_hash": 1, "_task_hash": 2}
    rows = [
        {**line, "label": "x", "answer": "accept", "_annotator_id": "ann"},
        {**line, "label": "y", "answer": "reject", "_annotator_id": "ann"},
        {**line, "label": "x", "answer": "reject", "_annotator_id": "bo"},
        {**line, "label": "x", "answer": "ignore", "_annotator_id": "cy"},
    ]
    (example,) = examples(write(tmp_path, rows))
    assert example.output == "x"
    assert example.votes == (
        Vote("ann", Verdict.KEEP, "x"),
        Vote("bo", Verdict.DROP, note="x"),
        Vote("cy", Verdict.SKIP),
    )
    rows = [{**line, "answer": answer, "_annotator_id": who} for answer, who in (("accept", "ann"), ("reject", "bo"))]
    path = write(tmp_path, rows)
    (example,) = examples(path)
    assert [vote.verdict for vote in example.votes] == [Verdict.KEEP, Verdict.DROP]
    assert read_votes(path).labels == ("(drop)", "(keep)")


def test_what_prodigy_reviewed_has_the_votes_it_reviewed(tmp_path: Path) -> None:
    record = {
        "text": "q",
        "accept": ["x"],
        "answer": "accept",
        "_input_hash": 1,
        "_task_hash": 2,
        "_session_id": "dee",
        "versions": [
            {"text": "q", "accept": ["x"], "answer": "accept", "sessions": ["ann", "bo"], "default": True},
            {"text": "q", "accept": ["y"], "answer": "accept", "sessions": ["cy"], "default": False},
        ],
    }
    (example,) = examples(write(tmp_path, [record]))
    assert [(v.reviewer, v.value) for v in example.votes] == [("ann", "x"), ("bo", "x"), ("cy", "y"), ("dee", "x")]


def test_a_reviewer_who_answers_twice_counts_once_for_the_output(tmp_path: Path) -> None:
    line = {"text": "q", "_input_hash": 1, "_task_hash": 2, "answer": "accept"}
    said = [("ann", "x"), ("ann", "x"), ("bo", "y"), ("cy", "y"), ("ann", "z")]
    rows = [{**line, "accept": [label], "_annotator_id": who} for who, label in said]
    (example,) = examples(write(tmp_path, rows))
    assert example.output == "y"
    assert len(example.votes) == 5


def test_records_of_the_first_argilla_are_votes_of_their_agent(tmp_path: Path) -> None:
    common = {"prediction": [{"label": "never", "score": 0.9}], "prediction_agent": "m1", "metadata": {}, "id": "1"}
    rows = [
        {
            **common,
            "text": "q",
            "inputs": {"text": "q"},
            "annotation": "x",
            "annotation_agent": "ann",
            "status": "Validated",
        },
        {**common, "text": "r", "annotation": ["b", "a"], "annotation_agent": "ann", "status": "Validated"},
        {
            **common,
            "text": "Anna is in",
            "annotation": [{"label": "PER", "start": 0, "end": 4}],
            "annotation_agent": "ann",
            "status": "Validated",
        },
        {**common, "text": "s", "annotation": None, "annotation_agent": None, "status": "Discarded"},
        {**common, "text": "t", "annotation": None, "annotation_agent": None, "status": "Default"},
    ]
    found = examples(write(tmp_path, rows))
    assert [example.output for example in found] == ["x", '["a","b"]', '[{"text":"Anna","label":"PER"}]', "", ""]
    assert [[vote.verdict for vote in example.votes] for example in found] == [[Verdict.KEEP]] * 3 + [
        [Verdict.SKIP],
        [],
    ]


def test_texts_of_another_data_set_are_not_merged_and_name_no_annotator(tmp_path: Path) -> None:
    rows = [{"text": "same", "label": ["a"], "user": "ann"}, {"text": "same", "label": ["a"], "user": "bo"}]
    found = examples(write(tmp_path, rows))
    assert [example.votes for example in found] == [(), ()]
    assert [example.extra["user"] for example in found] == ["ann", "bo"]


def test_a_folder_is_read_as_the_archive_is(tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    for who in ("ann", "bo", "cy"):
        write(folder, exports.doccano_lines(VOTES, who), f"{who}@example.org.jsonl")
    (folder / "notes.md").write_text("what we agreed on")
    archived = examples(exports.write(tmp_path, "doccano.zip", VOTES))
    assert [(e.messages, e.votes) for e in examples(folder)] == [(e.messages, e.votes) for e in archived]
    assert read_votes(folder).reviewers == ("ann@example.org", "bo@example.org", "cy@example.org")


def test_parts_of_a_data_set_are_not_taken_for_annotators(tmp_path: Path) -> None:
    for name in ("train", "test"):
        write(tmp_path, [{"text": f"{name} {n}", "label": ["a"]} for n in range(3)], f"{name}.jsonl")
    with pytest.raises(
        InputError, match="not several annotators' answers to the same texts; name the files one by one"
    ):
        detect(tmp_path)


def test_names_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "people.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../../ann.jsonl", "/etc/bo.jsonl", "C:\\temp\\cy.jsonl", "__MACOSX/._ann.jsonl"):
            archive.writestr(name, exports.jsonl([{"id": 1, "text": "q", "label": ["x"]}]))
    before = sorted(tmp_path.rglob("*"))
    (example,) = examples(path)
    assert [vote.reviewer for vote in example.votes] == ["ann", "bo", "cy"]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("names", "reason"),
    [(("a/ann.jsonl", "b/ann.jsonl"), "two files of the annotator 'ann'"), (("ann.txt",), "not an Excel workbook")],
)
def test_an_archive_that_cannot_be_told_apart_is_refused(tmp_path: Path, names: Sequence[str], reason: str) -> None:
    path = tmp_path / "people.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, exports.jsonl([{"id": 1, "text": "q", "label": ["x"]}]))
    with pytest.raises(InputError, match=reason):
        load(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = exports.write(tmp_path, "doccano.zip", VOTES)
    monkeypatch.setattr(per_annotator, "MOST_BYTES", 100)
    with pytest.raises(InputError, match="name the files one by one"):
        load(path)


def test_a_bad_line_of_one_annotator_is_rejected_with_its_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "people.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ann.jsonl", exports.jsonl([{"id": 1, "text": "q", "label": ["x"]}]) + b'{"id": 2,\n')
        archive.writestr("bo.jsonl", exports.jsonl([{"id": 1, "text": "q", "label": ["y"]}]))
    found = load(path)
    assert [r.reason for r in found if isinstance(r, Rejected)] == [
        "ann.jsonl, line 2: cut off: the JSON ends in the middle"
    ]
    assert [len(r.votes) for r in found if isinstance(r, Example)] == [2]


def test_what_was_said_is_counted_in_words(tmp_path: Path) -> None:
    path = exports.write(tmp_path, "binary.jsonl", {**VOTES, "spam": {"ann": [], "bo": ["billing"]}})
    tally = Tally()
    assert len(list(tally.count(read(path, detect(path))))) == 4
    assert str(tally) == "11 votes of 3 reviewers (1 to drop, 2 skipped)"
    assert not str(Tally())


def test_a_value_that_is_json_text_stays_what_was_written(tmp_path: Path) -> None:
    result = [{"from_name": "t", "type": "textarea", "value": {"text": ["[not json"]}}]
    record = {"id": 1, "data": {"text": "q"}, "annotations": [{"completed_by": 1, "result": result}]}
    (example,) = examples(write(tmp_path, [record]))
    assert example.output == "[not json"
    row = {"text": "q", "id": 1, "t": "[not json", "annotator": 1, "annotation_id": 1, "lead_time": 1.0}
    (example,) = examples(write(tmp_path, [row]))
    assert example.output == "[not json"
    assert json.dumps(example.extra)
