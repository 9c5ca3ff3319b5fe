"""Detection by content: containers, encodings, delimiters, headers, shapes, and what is refused."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.errors import InputError
from curator.formats import Detection, FieldMap, detect, read
from curator.model import Example, Rejected, Role


def jsonl(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return path


def pairs(path: Path, detection: Detection | None = None, role: Role = Role.CANDIDATE) -> list[tuple[str, str] | str]:
    """Input and output of each record, the reason of those rejected."""
    found = detection or detect(path, role=role)
    return [r.reason if isinstance(r, Rejected) else (r.input, r.output) for r in read(path, found, role)]


def test_the_format_is_named_for_people(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("text,category\nhello there,greeting\nbye then,parting\n")
    found = detect(table)
    assert (found.format, found.fields.input, found.fields.output) == ("csv", "text", "category")
    assert "commas" in found.why
    chat = jsonl(
        tmp_path / "c", {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    )
    assert detect(chat).format == "jsonl/openai"
    assert detect(chat).confidence == 1.0


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "mac_roman"]
)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_accents_come_through_in_every_encoding(tmp_path: Path, encoding: str, kind: str) -> None:
    rows = [
        ("Où est le café ?", "lieu"),
        ("C’était « très » bien, à côté", "avis"),
        ("Größe übel", "maß"),
        ("El niño", "español"),
    ]
    if encoding == "latin-1":
        rows[1] = ("C'était «très» bien, à côté", "avis")
    records = [{"question": q, "answer": a} for q, a in rows]
    texts = {
        "csv": "question,answer\n" + "".join(f'"{q}",{a}\n' for q, a in rows),
        "jsonl": "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records),
        "json": json.dumps(records, ensure_ascii=False, indent=2),
    }
    path = tmp_path / "file"
    path.write_bytes(texts[kind].encode(encoding))
    assert pairs(path) == rows


def test_a_late_accent_decides_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"text,label\n" + b"plain words,a\n" * 100_000 + "café crème,b\n".encode("cp1252"))
    assert pairs(path)[-1] == ("café crème", "b")


def test_a_few_bad_bytes_leave_a_utf8_file_utf8(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    lines = [json.dumps({"prompt": f"größe {n}", "completion": "ü"}, ensure_ascii=False).encode() for n in range(20)]
    lines[3] = lines[3].replace("ö".encode(), b"\xf6")
    path.write_bytes(b"\n".join(lines))
    found = detect(path)
    records = list(read(path, found))
    assert found.encoding == "utf-8"
    assert [n for n, record in enumerate(records) if isinstance(record, Rejected)] == [3]
    assert isinstance(records[3], Rejected)
    assert records[3].raw == lines[3]
    assert "UTF-8" in records[3].reason


def test_cyrillic_from_before_unicode_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    row = "Где находится ближайшая станция метро и как туда дойти пешком"
    path.write_bytes(f"text,label\n{row},вопрос\n{row} сегодня,вопрос\n".encode("cp1251"))
    assert pairs(path)[0] == (row, "вопрос")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_told_apart(tmp_path: Path, delimiter: str, end: str) -> None:
    path = tmp_path / "t.txt"
    rows = [f'"Well, yes; or | no {n}"{delimiter}"two{end}lines"' for n in range(5)]
    path.write_bytes(end.join([f"question{delimiter}answer", *rows]).encode())
    found = detect(path)
    records = list(read(path, found))
    assert found.delimiter == delimiter
    assert [r.ref.line for r in records] == [2, 4, 6, 8, 10]
    assert isinstance(records[0], Example)
    assert (records[0].input, records[0].output) == ("Well, yes; or | no 0", f"two{end}lines")


def test_a_table_without_header_is_pairs(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("What is the capital of France?,Paris\nAnd of Italy?,Rome\nOf Spain please?,Madrid\n")
    assert pairs(path) == [
        ("What is the capital of France?", "Paris"),
        ("And of Italy?", "Rome"),
        ("Of Spain please?", "Madrid"),
    ]


def test_a_label_per_row_is_told_by_its_values(tmp_path: Path) -> None:
    rows = [{"nr": n, "was": f"a longer piece of text, number {n}", "art": "xy"[n % 2]} for n in range(10)]
    found = detect(jsonl(tmp_path / "t.jsonl", *rows))
    assert (found.shape, found.fields) == ("columns", FieldMap("was", "art"))
    assert found.confidence < 1


def test_repeated_and_empty_column_names_get_their_own(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("text,text,,label\na long question,b,c,d\nanother long one,f,g,h\n")
    assert detect(path).columns == ("text", "text_2", "column_3", "label")


def test_the_user_names_fields_by_dotted_path(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "t.jsonl", {"q": {"text": "hi"}, "choices": [{"text": "yo"}], "id": 7})
    found = detect(path, fields=FieldMap("q.text", "choices.0.text"))
    assert pairs(path, found) == [("hi", "yo")]
    with pytest.raises(InputError, match=r"no record has a field nope; its fields are q, choices, id"):
        detect(path, fields=FieldMap("nope"))


def test_a_named_shape_overrules_and_is_strict(tmp_path: Path) -> None:
    chat = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    path = jsonl(tmp_path / "t.jsonl", {"prompt": "p", "completion": "c"}, {"prompt": "p", "completion": "c"}, chat)
    assert pairs(path) == [("p", "c"), ("p", "c"), ("q", "a")]
    reason = "looks like an input and an output, this file is OpenAI chat messages"
    assert pairs(path, detect(path, format="openai")) == [reason, reason, ("q", "a")]
    with pytest.raises(InputError, match="did you mean sharegpt"):
        detect(path, format="shargpt")
    with pytest.raises(InputError, match="no record has the shape gemini"):
        detect(path, format="gemini")


def test_inputs_alone_do_for_eval_only(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "t.jsonl", {"text": "one"}, {"text": "two"})
    assert pairs(path, role=Role.EVAL) == [("one", ""), ("two", "")]
    with pytest.raises(InputError, match="no outputs found: its fields are text; name one with --output-field"):
        detect(path)
    plain = tmp_path / "t.txt"
    plain.write_text("First line, and\n\nSecond line, with comma\n")
    assert pairs(plain, role=Role.EVAL) == [("First line, and", ""), ("Second line, with comma", "")]


def test_wrapped_lists_single_records_and_streams_of_json(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(
        '{"version": "[", "meta": {"a": [1]}, "data": [\n {"prompt": "p}", "completion": "c"},\n{"prompt": 1, "completion": true}\n]}'
    )
    records = list(read(path, detect(path)))
    assert [r.ref.line for r in records] == [2, 3]
    assert pairs(path) == [("p}", "c"), ("1", "true")]
    path.write_text('{\n "instruction": "do",\n "output": {"b": 1, "a": [2]}\n}')
    assert pairs(path) == [("do", '{"b":1,"a":[2]}')]
    path.write_text('{\n "prompt": "a",\n "completion": "b"\n}\n{\n "prompt": "c",\n "completion": "d"\n}\n')
    assert pairs(path) == [("a", "b"), ("c", "d")]
    path.write_text('{"train": [{"prompt": "a", "completion": "b"}], "test": [{"prompt": "c", "completion": "d"}]}')
    assert pairs(path) == [("a", "b"), "a second list of records, test: put it into its own file"]


def test_a_cut_off_list_gives_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    whole = json.dumps([{"prompt": f"p{n}", "completion": "c"} for n in range(3)])
    path.write_text(whole[:-8])
    assert pairs(path) == [("p0", "c"), ("p1", "c"), "the file is cut off in the middle of this record"]
    path.write_text(whole[:-1])
    assert pairs(path)[-1] == "the list of records is not closed: the file is cut off"


def test_gzip_is_unpacked_and_its_damage_reported(tmp_path: Path) -> None:
    lines = [json.dumps({"prompt": os.urandom(30).hex(), "completion": "c"}) for _ in range(3000)]
    path = tmp_path / "t.jsonl.gz"
    packed = gzip.compress("\n".join(lines).encode())
    path.write_bytes(packed)
    assert len(pairs(path)) == 3000
    path.write_bytes(packed[: len(packed) // 2])
    found = pairs(path)
    assert 0 < len(found) < 3000
    assert "compressed file is damaged" in found[-1]


def test_a_workbook_is_read_as_shown(tmp_path: Path) -> None:
    import datetime

    book = openpyxl.Workbook()
    book.active.title = "empty"
    sheet = book.create_sheet("data")
    rows = [
        ("text", "label"),
        ("one", 3),
        (None, None),
        ("two", 3.0),
        ("three", True),
        ("four", datetime.date(2024, 1, 5)),
    ]
    for row in (*rows, ("=1+1", 2.5)):
        sheet.append(row)
    path = tmp_path / "t.xlsx"
    book.save(path)
    found = detect(path)
    records = list(read(path, found))
    assert found.sheet == "data"
    assert "sheet data" in found.why
    assert [(r.ref.record, r.ref.line) for r in records] == [(0, 2), (1, 4), (2, 5), (3, 6), (4, 7)]
    assert [r.output for r in records if isinstance(r, Example)] == ["3", "3", "true", "2024-01-05", "2.5"]


def test_parquet_holds_conversations_and_tables(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "q", "weight": None}, {"role": "assistant", "content": "a", "weight": 1}]
    path = tmp_path / "t.parquet"
    pq.write_table(pa.Table.from_pylist([{"messages": turns, "id": n} for n in range(3000)]), path)
    records = list(read(path, detect(path)))
    assert len(records) == 3000
    assert isinstance(records[2999], Example)
    assert records[2999].messages[0].weight is None
    assert records[2999].messages[1].weight == 1
    assert records[2999].extra == {"id": 2999}
    pq.write_table(pa.table({"text": ["a b", "c d"], "label": [0, 1]}), path)
    assert pairs(path) == [("a b", "0"), ("c d", "1")]


def test_a_dataset_folder_is_read_without_datasets(tmp_path: Path) -> None:
    features = {"info": {"features": {"label": {"names": ["neg", "pos"], "_type": "ClassLabel"}}}}
    schema = pa.schema([("text", pa.string()), ("label", pa.int64())], {"huggingface": json.dumps(features)})
    for split in ("train", "test"):
        folder = tmp_path / split
        folder.mkdir()
        with pa.ipc.new_stream(folder / "data-00000-of-00001.arrow", schema) as stream:
            stream.write_table(pa.table([[f"{split} text"], [1]], schema=schema))
        (folder / "state.json").write_text('{"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}')
    (tmp_path / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    assert detect(tmp_path).split == "train"
    assert pairs(tmp_path) == [("train text", "pos")]
    assert pairs(tmp_path, role=Role.EVAL) == [("test text", "pos")]
    assert pairs(tmp_path / "test") == [("test text", "pos")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "nothing but blanks"),
        (bytes(range(256)) * 40, "binary data"),
        (b"%PDF-1.7 \n", "a PDF document"),
        (b"PK\x03\x04 not really", "not an Excel workbook"),
        (b"PAR1 not really", "Parquet file is damaged"),
        (b"text,label\n", "a header and no rows"),
        (b"[]", "it holds no records"),
        (b'{"prompt": "x", \n', "none of its records can be read"),
        (b"\x1f\x8b\x08nonsense", "compressed file is damaged or empty"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(InputError, match=reason) as caught:
        detect(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        detect(tmp_path / "none")
    with pytest.raises(InputError, match="a folder that is not a saved dataset"):
        detect(tmp_path)
