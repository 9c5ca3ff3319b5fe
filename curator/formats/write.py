"""Examples into a file of another format, for `curator convert`."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from curator.errors import InputError
from curator.files import replacing_path
from curator.formats import hashed
from curator.formats.records import Unreadable, dump_json
from curator.formats.tables import FORMULA_STARTS
from curator.formats.turns import openai_turns, sharegpt_call
from curator.model import SYSTEM_ROLES, Example, Message, Ref

_XLSX_CELL = 32_767
_XLSX_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_PARQUET_BATCH = 10_000
_COLUMNS = ("system", "input", "output")
_SHAREGPT = {"user": "human", "assistant": "gpt", "tool": "observation", "system": "system"}


@dataclass(frozen=True, slots=True)
class Written:
    """How many examples a file got, and those it could not hold with the reason."""

    written: int
    skipped: tuple[tuple[Ref, str], ...] = ()


def write(examples: Iterable[Example], path: str | Path, format: str) -> Written:
    """Write the examples in one of WRITE_FORMATS, or hashed; the file appears whole or not at all.

    openai and trl carry everything but a non-preferred answer, extra keys included; the others carry texts
    alone, and what does not fit is skipped with its reason. In csv, tsv and xlsx a text that a spreadsheet
    would run (it starts with = + - @, a tab or CR, after any apostrophes) gets one apostrophe in front,
    which `read` takes off again. hashed takes examples that `curator.checks.private` has hidden.

    Raises InputError for an unknown format or a folder that is missing, EnvironmentFailure where the disk fails.
    """
    path = Path(path)
    if format not in _WRITERS:
        raise InputError(f"there is no format {format} to write; it is one of {', '.join(_WRITERS)}")
    to_record, open_sink = _WRITERS[format]
    skipped: list[tuple[Ref, str]] = []
    written = 0
    if not path.parent.is_dir():
        raise InputError("its folder does not exist; make it first", path=path)
    with replacing_path(path) as part, open_sink(part) as add:
        for example in examples:
            try:
                add(to_record(example))
            except Unreadable as reason:
                skipped.append((example.ref, str(reason)))
            else:
                written += 1
    return Written(written, tuple(skipped))


# Examples to records


def _openai(example: Example) -> dict[str, Any]:
    return _chat(example, arguments_as_text=True)


def _trl(example: Example) -> dict[str, Any]:
    return _chat(example, arguments_as_text=False)


def _chat(example: Example, *, arguments_as_text: bool) -> dict[str, Any]:
    _refuse_preference(example)
    record: dict[str, Any] = {"messages": openai_turns(example.messages, arguments_as_text=arguments_as_text)}
    if example.tools:
        record["tools"] = list(example.tools)
    if example.parallel_tool_calls is not None:
        record["parallel_tool_calls"] = example.parallel_tool_calls
    return record | dict(example.extra)


def _sharegpt(example: Example) -> dict[str, Any]:
    _refuse_preference(example)
    turns = []
    for message in example.messages:
        if message.weight is not None:
            raise Unreadable("turns with weights")
        if message.tool_calls and (message.content or len(message.tool_calls) > 1):
            raise Unreadable("a turn with text and tool calls, or several calls")
        if message.tool_calls:
            turns.append({"from": "function_call", "value": sharegpt_call(message.tool_calls[0])})
        else:
            role = "system" if message.role in SYSTEM_ROLES else _SHAREGPT.get(message.role)
            if role is None:
                raise Unreadable(f"a turn of the role {message.role}")
            turns.append({"from": role, "value": message.content or ""})
    record: dict[str, Any] = {"conversations": turns}
    if example.tools:
        record["tools"] = dump_json(list(example.tools))
    return record


def _alpaca(example: Example) -> dict[str, Any]:
    system, turns = _texts(example)
    if len(turns) % 2 or any(m.role != ("user", "assistant")[at % 2] for at, m in enumerate(turns)):
        raise Unreadable("turns that are not user and assistant by turns")
    texts = [message.content or "" for message in turns]
    record: dict[str, Any] = {"instruction": texts[-2], "input": "", "output": texts[-1]}
    if system:
        record["system"] = system
    if len(texts) > 2:
        record["history"] = [texts[at : at + 2] for at in range(0, len(texts) - 2, 2)]
    return record


def _prompt_completion(example: Example) -> dict[str, Any]:
    row = _row(example)
    record: dict[str, Any] = {"prompt": row["input"], "completion": row["output"]}
    return {"system": row["system"], **record} if row["system"] else record


def _row(example: Example) -> dict[str, str]:
    system, turns = _texts(example)
    if [message.role for message in turns] != ["user", "assistant"]:
        raise Unreadable("several turns, or no answer" if len(turns) != 2 else "turns other than user and assistant")
    return {"system": system, "input": turns[0].content or "", "output": turns[1].content or ""}


def _sheet_row(example: Example) -> dict[str, str]:
    row = _row(example)
    for name, text in row.items():
        if len(text) >= _XLSX_CELL:
            raise Unreadable(f"its {name} is longer than a cell of a workbook holds ({_XLSX_CELL:,} characters)")
        if _XLSX_FORBIDDEN.search(text):
            raise Unreadable(f"its {name} has a control character that a workbook cannot hold")
        if "\r" in text:
            raise Unreadable(f"its {name} has a carriage return, which a workbook would change")
    return row


def _texts(example: Example) -> tuple[str, list[Message]]:
    """System text and the other turns of an example that is text alone; raises Unreadable for others."""
    _refuse_preference(example)
    if example.tools or any(message.tool_calls or message.role == "tool" for message in example.messages):
        raise Unreadable("tools or tool calls")
    if any(message.weight not in (None, 1) for message in example.messages):
        raise Unreadable("turns with weights")
    turns = [message for message in example.messages if message.role not in SYSTEM_ROLES]
    systems = [message for message in example.messages if message.role in SYSTEM_ROLES]
    if len(systems) > 1 or (systems and example.messages[0] is not systems[0]):
        raise Unreadable("several system turns, or one that does not come first")
    if not turns:
        raise Unreadable("no turns but the system's")
    return (systems[0].content or "" if systems else ""), turns


def _refuse_preference(example: Example) -> None:
    if example.non_preferred:
        raise Unreadable("a non-preferred answer")


def defuse(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula."""
    return "'" + text if text.lstrip("'")[:1] in FORMULA_STARTS else text


def _hashed(example: Example) -> dict[str, Any]:
    kept: dict[str, Any] | None = example.extra.get(hashed.EXTRA)
    if kept is None:
        raise Unreadable("no hashes and vectors in it")
    return kept


# Records to files


class _Add(Protocol):
    def __call__(self, record: dict[str, Any], /) -> None: ...


@contextmanager
def _json_lines(path: Path) -> Iterator[_Add]:
    with path.open("xb") as file:
        yield lambda record: _ignore(file.write(dump_json(record).encode() + b"\n"))


@contextmanager
def _hashed_lines(path: Path) -> Iterator[_Add]:
    """A header, and then each example without what the header says."""
    with _json_lines(path) as add_line:
        headed = False

        def add(record: dict[str, Any]) -> None:
            nonlocal headed
            if not headed:
                add_line(hashed.Header(record["encoder"], record["salt"], record["gram"]).as_json())
                headed = True
            add_line({"input": record["input"], "output": record["output"]})

        yield add


@contextmanager
def _delimited(path: Path, delimiter: str) -> Iterator[_Add]:
    with path.open("x", encoding="utf-8", newline="") as file:
        # CRLF as RFC 4180 has it; with LF alone the module would leave a CR inside a text unquoted.
        rows = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        rows.writerow(_COLUMNS)
        yield lambda record: _ignore(rows.writerow([defuse(record[name]) for name in _COLUMNS]))


@contextmanager
def _comma(path: Path) -> Iterator[_Add]:
    with _delimited(path, ",") as add:
        yield add


@contextmanager
def _tab(path: Path) -> Iterator[_Add]:
    with _delimited(path, "\t") as add:
        yield add


@contextmanager
def _workbook(path: Path) -> Iterator[_Add]:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("examples")

    def text_cell(text: str) -> Any:
        cell = WriteOnlyCell(sheet, defuse(text) or None)
        if text:
            cell.data_type = "s"  # never a formula, a number or an error code
        return cell

    sheet.append(_COLUMNS)
    yield lambda record: sheet.append([text_cell(record[name]) for name in _COLUMNS])
    workbook.save(path)


@contextmanager
def _parquet(path: Path) -> Iterator[_Add]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string()) for name in _COLUMNS])
    batch: list[dict[str, Any]] = []
    with pq.ParquetWriter(path, schema) as writer:

        def flush() -> None:
            writer.write_table(pa.Table.from_pylist(batch, schema))
            batch.clear()

        def add(record: dict[str, Any]) -> None:
            batch.append(record)
            if len(batch) >= _PARQUET_BATCH:
                flush()

        yield add
        flush()


def _ignore(_: object) -> None:
    """Drop the count that a write returns."""


_WRITERS: dict[str, tuple[Callable[[Example], dict[str, Any]], Callable[[Path], Any]]] = {
    "jsonl": (_prompt_completion, _json_lines),
    "openai": (_openai, _json_lines),
    "sharegpt": (_sharegpt, _json_lines),
    "alpaca": (_alpaca, _json_lines),
    "trl": (_trl, _json_lines),
    "csv": (_row, _comma),
    "tsv": (_row, _tab),
    "xlsx": (_sheet_row, _workbook),
    "parquet": (_row, _parquet),
    hashed.NAME: (_hashed, _hashed_lines),
}
WRITE_FORMATS = tuple(name for name in _WRITERS if name != hashed.NAME)
"""Formats that carry the texts; `convert --to` takes these, and hashed."""
