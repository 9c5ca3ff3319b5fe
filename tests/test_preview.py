"""What is shown of a file before it is imported, and that the import does what was shown."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest

from curator import pipeline
from curator.formats import FieldMap
from curator.model import Example, Rejected, Role
from curator.preview import Preview, preview, suggest_role
from curator.progress import Silent
from curator.store import Project
from curator.tasks import NEEDS, Task

AMBIGUOUS = "who,first,second,third\n" + "".join(
    f"person {n},question number {n} about parcels,answer {n} with some words,remark {n}\n" for n in range(30)
)


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


def outputs(found: Preview) -> list[str]:
    return [record.output for record in found.records if isinstance(record, Example)]


def test_a_table_is_shown_as_the_pairs_it_becomes(tmp_path: Path) -> None:
    rows = "".join(f"message {n},{'refund' if n % 2 else 'delivery'}\n" for n in range(40))
    found = preview(write(tmp_path / "tickets.csv", "text,intent\n" + rows))
    assert found.detection is not None
    assert (found.detection.format, found.detection.fields) == ("csv", FieldMap("text", "intent"))
    assert found.names == ("text", "intent")
    assert (found.sampled, found.examples, found.whole) == (40, 40, True)
    assert outputs(found)[:2] == ["delivery", "refund"]
    assert len(found.records) == 20
    assert (found.task, found.need) == (Task.CLASSIFICATION, NEEDS[Task.CLASSIFICATION])
    assert "2 short values" in found.task_why
    assert found.role is Role.CANDIDATE


def test_rejected_records_are_shown_with_reason_and_line(tmp_path: Path) -> None:
    lines = ['{"prompt": "a", "completion": "b"}'] * 5
    lines.insert(2, "{broken")
    found = preview(write(tmp_path / "a.jsonl", "\n".join(lines)))
    (bad,) = found.rejected
    assert bad.ref.line == 3
    assert "JSON" in bad.reason
    assert isinstance(found.records[2], Rejected)
    assert found.examples == 5


def test_a_file_whose_fields_cannot_be_told_offers_them_for_a_mapping(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", AMBIGUOUS)
    unclear = preview(path)
    assert unclear.detection is None
    assert "cannot tell inputs from outputs" in unclear.problem
    assert unclear.names == ("who", "first", "second", "third")
    assert unclear.raw[0]["third"] == "remark 0"
    named = preview(path, fields=FieldMap("first", "second"))
    assert named.problem == ""
    assert outputs(named)[0] == "answer 0 with some words"


def test_nested_fields_are_offered_as_dotted_paths(tmp_path: Path) -> None:
    rows = [{"meta": {"id": n}, "data": {"ask": f"question {n}", "reply": {"best": f"answer {n}"}}} for n in range(5)]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert preview(path).names == ("meta.id", "data.ask", "data.reply.best")
    assert outputs(preview(path, fields=FieldMap("data.ask", "data.reply.best")))[0] == "answer 0"


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("eval.csv", Role.EVAL),
        ("support_test.jsonl", Role.EVAL),
        ("myDevSet.json", Role.EVAL),
        ("2026-holdout.csv.gz", Role.EVAL),
        ("pairs.csv", Role.CANDIDATE),
        ("train_valid.csv", Role.CANDIDATE),
        ("latest.csv", Role.CANDIDATE),
        ("developers.csv", Role.CANDIDATE),
    ],
)
def test_a_name_that_says_eval_suggests_that_role(name: str, role: Role) -> None:
    assert suggest_role(f"/data/{name}")[0] is role


def test_the_role_that_is_given_counts_and_eval_files_need_no_outputs(tmp_path: Path) -> None:
    path = write(tmp_path / "prompts.jsonl", "\n".join(json.dumps({"prompt": f"ask {n}"}) for n in range(5)))
    assert "no outputs" in preview(path).problem
    given = preview(path, role=Role.EVAL)
    assert (given.importable, given.examples, given.role_why) == (True, 5, "")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 \x00\x01", b"   \n"])
def test_a_file_that_cannot_be_read_says_why_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    found = preview(str(path))
    assert (found.importable, found.records, found.names) == (False, (), ())
    assert str(path) in found.problem
    assert "no such file" in preview(str(tmp_path / "none.csv")).problem


def test_a_damaged_archive_shows_what_is_left_of_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b"".join(b'{"prompt": "ask %d", "completion": "%d"}\n' % (n, n * 7919) for n in range(2000)))
    path.write_bytes(whole[: len(whole) // 20])
    found = preview(str(path))
    assert found.examples > 20
    assert found.rejected[-1].reason.startswith("the compressed file is damaged")


def test_only_the_head_of_a_large_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    line = json.dumps({"prompt": "how do I send it back? ü " * 4, "completion": "like this"}) + "\n"
    with path.open("w", encoding="utf-8") as file:
        for _ in range(100):
            file.write(line * 10_000)
    preview(str(path))
    began = time.perf_counter()
    found = preview(str(path))
    assert time.perf_counter() - began < 1
    assert found.size == path.stat().st_size > 100_000_000
    assert (found.sampled, found.whole) == (200, False)


def test_records_of_a_megabyte_each_do_not_hold_it_up(tmp_path: Path) -> None:
    line = json.dumps({"prompt": "long text " * 100_000, "completion": "short"})
    found = preview(write(tmp_path / "a.jsonl", "\n".join([line] * 60)))
    assert found.sampled == 20


def test_the_import_does_what_the_preview_showed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", AMBIGUOUS)
    shown = preview(path, fields=FieldMap("third", "first"), role=Role.EVAL)
    assert shown.detection is not None
    with Project.create(tmp_path / "p.curator") as project:
        (done,) = pipeline.import_detected(project, [(path, shown.role, shown.detection)], Silent())
        assert done.source.mapping == {"input": "third", "output": "first"}
        assert done.source.role is Role.EVAL
        stored = [(e.input, e.output) for e in project.examples()]
    assert stored[:20] == [(r.input, r.output) for r in shown.records if isinstance(r, Example)]
    assert len(stored) == 30
