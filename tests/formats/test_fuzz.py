"""Damaged files of every container and shape: an InputError or a full account of every record, never a crash."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator.errors import InputError
from curator.formats import detect, items, read
from curator.formats.json_stream import read_jsonl
from curator.model import Example, Rejected, Role

Mutation = Callable[[bytes, random.Random], bytes]

CHAT = [
    {"messages": [{"role": "user", "content": f"Wie geht's, Nr. {n}?"}, {"role": "assistant", "content": "Gut: äöü"}]}
    for n in range(8)
]
TOOL_CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": [1]}'}}
RECORDS = {
    "openai": CHAT,
    "tools": [
        {
            "messages": [
                {"role": "user", "content": "x"},
                {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]},
            ]
        }
        for _ in range(5)
    ],
    "sharegpt": [
        {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": f"a{n}"}]} for n in range(5)
    ],
    "alpaca": [
        {"instruction": f"do {n}", "input": "this", "output": "done", "history": [["a", "b"]]} for n in range(5)
    ],
    "dpo": [{"prompt": f"p{n}", "chosen": "good", "rejected": "bad"} for n in range(5)],
    "openai-dpo": [
        {
            "input": {"messages": [{"role": "user", "content": f"p{n}"}]},
            "preferred_output": [{"role": "assistant", "content": "a"}],
            "non_preferred_output": [{"role": "assistant", "content": "b"}],
        }
        for n in range(4)
    ],
    "gemini": [
        {"contents": [{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [{"text": f"a{n}"}]}]}
        for n in range(4)
    ],
    "nova": [
        {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "s"}],
            "messages": [
                {"role": "user", "content": [{"text": "q"}]},
                {"role": "assistant", "content": [{"text": f"{n}"}]},
            ],
        }
        for n in range(4)
    ],
    "label-studio": [
        {
            "id": n,
            "data": {"text": f"text {n}"},
            "annotations": [
                {"completed_by": who, "result": [{"from_name": "s", "value": {"choices": ["pos"]}}]} for who in (1, 2)
            ],
        }
        for n in range(4)
    ],
    "prodigy": [
        {"text": f"t{n}", "_task_hash": n, "label": "A", "answer": "accept", "_session_id": "s"} for n in range(5)
    ],
    "argilla": [
        {
            "fields": {"text": f"t{n}"},
            "responses": [{"user_id": "u", "values": {"l": {"value": "x"}}, "status": "submitted"}],
        }
        for n in range(4)
    ],
    "label-studio-min": [
        {
            "text": f"text {n}",
            "id": n,
            "label": "pos",
            "annotator": who,
            "annotation_id": 2 * n + who,
            "created_at": "2026-01-02T03:04:05.000006Z",
            "updated_at": "2026-01-02T03:04:05.000006Z",
            "lead_time": 1.5,
        }
        for n in range(3)
        for who in (1, 2)
    ],
    "argilla-flat": [
        {
            "id": str(n),
            "text": f"t{n}",
            "l.responses": ["x", "y"],
            "l.responses.users": ["u", "v"],
            "l.responses.status": ["submitted", "draft"],
        }
        for n in range(4)
    ],
    "doccano": [{"text": f"Anna in Rom {n}", "label": [[0, 4, "PER"]]} for n in range(5)],
    "kto": [{"prompt": f"p{n}", "completion": "c", "label": n != 1} for n in range(5)],
    "label": [{"sentence": f"some words {n}", "category": "ab"[n % 2]} for n in range(8)],
}


def _jsonl(records: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in [("text", "label"), *((f"text {n}", "ab"[n % 2]) for n in range(6))]:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _parquet() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(CHAT * 20), buffer, row_group_size=40)
    return buffer.getvalue()


def _people() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for who in ("ann", "bo"):
            archive.writestr(f"{who}.jsonl", _jsonl([{"id": n, "text": f"t{n}", "label": ["a"]} for n in range(4)]))
    return buffer.getvalue()


TABLE = 'text,label\n"Hello, ""you""",a\n"two\nlines",b\nGrüße – schön,a\nlast,b\n' + "".join(
    f"row {n},c\n" for n in range(5)
)
SEEDS: dict[str, bytes] = {
    **{f"{name}.jsonl": _jsonl(records) for name, records in RECORDS.items()},
    "people.zip": _people(),
    "chat.json": json.dumps(CHAT, ensure_ascii=False, indent=1).encode(),
    "wrapped.json": json.dumps({"version": 1, "data": RECORDS["label"], "more": {"x": [1]}}).encode(),
    "table.csv": TABLE.encode(),
    "table16.csv": TABLE.encode("utf-16"),
    "latin.csv": TABLE.encode("cp1252"),
    "table.tsv": TABLE.replace(",", "\t").encode(),
    "semicolon.csv": TABLE.replace(",", ";").replace("\n", "\r\n").encode(),
    "chat.jsonl.gz": gzip.compress(_jsonl(CHAT), mtime=0),
    "plain.txt": b"Just a line.\n\nAnd another one\n",
    "book.xlsx": _xlsx(),
    "chat.parquet": _parquet(),
}


# fmt: off
PIECES = [
    b"\x00", b"\xef\xbb\xbf", b'"', b"\n", b"\r", b"\r\n", b'"\\ud800"', b"\xed\xa0\x80", b"NaN", b"[" * 3000, b"'", b"\\",
    b"{", b"}", b"]", b",", b"\t", b"\xff", b"\xe2\x80\xa8", b"Infinity", b"1e999", b"null", b"9" * 5000,
]
# fmt: on


def _flip(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _insert(data: bytes, rng: random.Random) -> bytes:
    piece = rng.choice(PIECES)
    at = rng.randrange(len(data) + 1)
    return data[:at] + piece + data[at:]


def _lines(data: bytes, rng: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    match rng.randrange(3):
        case 0:
            lines[first], lines[second] = lines[second], lines[first]
        case 1:
            lines.insert(first, lines[second])
        case _:
            del lines[first]
    return b"".join(lines)


def _recode(data: bytes, rng: random.Random) -> bytes:
    text = data.decode("utf-8", "replace")
    return text.encode(rng.choice(["utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman", "utf-32"]), "replace")


def _junk(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((4, 40, 400))) + data[at:]


def _ends(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\n", rng.choice([b"\r", b"\r\n", b"\n\n", b"", b" \n"]))


MUTATIONS: tuple[Mutation, ...] = (_flip, _cut, _insert, _insert, _lines, _recode, _junk, _ends)


def _numbers(record: Example | Rejected) -> list[int]:
    """The records of the file that this one stands for: those of one item are one example."""
    return [record.ref.record] if isinstance(record, Rejected) else record.extra.get(items.RECORDS, [record.ref.record])


def _check(path: Path, role: Role) -> bool:
    """Whether the file could be read; fails on any other error and on an account that does not add up."""
    try:
        found = detect(path, role=role)
        records = list(read(path, found, role))
    except InputError:
        return False
    numbers = sorted(number for record in records for number in _numbers(record))
    assert numbers == list(range(len(numbers)))
    assert records == list(read(path, found, role))
    assert found == detect(path, role=role)
    assert all(record.reason for record in records if isinstance(record, Rejected))
    if found.container == "jsonl" and path.suffix != ".gz":
        assert len(numbers) == sum(1 for _ in read_jsonl(path, found.encoding or ""))
        if (found.encoding or "").startswith("utf-8") and b"\n" in path.read_bytes():
            lines = path.read_bytes().split(b"\n")
            assert len(numbers) == sum(bool(line.strip().removeprefix(b"\xef\xbb\xbf").strip()) for line in lines)
    return True


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_files_are_accounted_for_or_refused(name: str, tmp_path: Path) -> None:
    rng = random.Random(name)
    path = tmp_path / name
    path.write_bytes(SEEDS[name])
    assert _check(path, Role.EVAL)
    count = 40 if name.endswith(".xlsx") else 90
    for number in range(count):
        data = SEEDS[name]
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            data = rng.choice(MUTATIONS)(data or b" ", rng)
        path.write_bytes(data)
        _check(path, (Role.CANDIDATE, Role.EVAL)[number % 2])


def test_the_fuzz_test_tries_two_thousand_files() -> None:
    assert sum(40 if name.endswith(".xlsx") else 90 for name in SEEDS) >= 2000
