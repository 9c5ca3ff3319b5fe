"""Azure OpenAI: OpenAI's lines behind a byte order mark."""

from __future__ import annotations

from pathlib import Path

from curator import formats, targets
from curator.model import Example, Message, Ref

MARK = b"\xef\xbb\xbf"
PAIR = Example(Ref("a.jsonl", 0, 1), (Message("user", "Wo ist München?"), Message("assistant", "✓ Im Süden.")))


def test_a_file_is_openais_behind_one_byte_order_mark(tmp_path: Path) -> None:
    written = {name: targets.get(name).write([PAIR] * 10, tmp_path / f"{name}.jsonl") for name in ("azure", "openai")}
    azure, openai = (written[name].path.read_bytes() for name in ("azure", "openai"))
    assert azure == MARK + openai
    assert written["azure"].bytes == len(azure)


def test_the_mark_is_wanted_here_and_refused_elsewhere(tmp_path: Path) -> None:
    path = targets.get("azure").write([PAIR] * 10, tmp_path / "train.jsonl").path
    assert list(targets.get("azure").validate_file(path)) == []
    assert [p.rule for p in targets.get("openai").validate_file(path)] == ["byte_order_mark"]
    path.write_bytes(path.read_bytes().removeprefix(MARK))
    (problem,) = targets.get("azure").validate_file(path)
    assert (problem.line, problem.rule) == (1, "byte_order_mark")
    assert "UTF-8 with BOM" in str(problem.fix)


def test_a_file_with_the_mark_is_imported_again(tmp_path: Path) -> None:
    path = targets.get("azure").write([PAIR] * 3, tmp_path / "train.jsonl").path
    read = [one for one in formats.read(path, formats.detect(path)) if isinstance(one, Example)]
    assert [one.messages for one in read] == [PAIR.messages] * 3
