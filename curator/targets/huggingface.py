"""A dataset folder for the Hugging Face Hub: Parquet files with typed columns, and a card whose YAML describes them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.errors import EnvironmentFailure, InputError
from curator.files import reason, replacing_path, sha256_of
from curator.model import Example
from curator.targets import card, chat, openai
from curator.targets.base import Target, Written
from curator.targets.problem import FileProblem, Problem, at

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 1024
_ROWS_A_LABEL, _LABEL = 5, 100
"""Outputs that stand in so many rows on average, and have so many characters at most, are labels to the card."""
_ALWAYS = ("role", "content")
_OPTIONAL = ("name", "reasoning_content", "tool_calls", "tool_call_id", "weight")
"""Fields of a turn that are columns only where a release has them: readers hand every turn all fields, null or not."""


class HuggingFace(Target):
    """Rows of `messages` and `tools`: turns as structs, tool arguments and tool definitions as JSON text.

    A definition as a struct would get the keys of all other definitions, as nulls.
    """

    name = "huggingface"
    _fields: tuple[str, ...] = (*_ALWAYS, *_OPTIONAL)
    _with_tools = True
    _with_labels = False

    def record(self, example: Example) -> dict[str, Any]:
        given = openai.record(example, self.rules.carries)
        written: dict[str, Any] = {
            "messages": [{key: turn.get(key) for key in self._fields} for turn in given["messages"]]
        }
        if self._with_tools:
            tools = given.get("tools")
            written["tools"] = None if tools is None else json.dumps(tools, ensure_ascii=False)
        return written

    def fitted(self, examples: Iterable[Example]) -> Target:
        """Columns for what these examples have, the same in all files of the release."""
        target, used, tools, outputs = copy(self), set(_ALWAYS), False, Counter[str]()
        for example in examples:
            given = openai.record(example, self.rules.carries)
            used.update(*given["messages"])
            tools = tools or "tools" in given
            outputs[example.output] += 1
        target._fields = tuple(field for field in (*_ALWAYS, *_OPTIONAL) if field in used)
        target._with_tools = tools
        few = len(outputs) <= outputs.total() / _ROWS_A_LABEL
        target._with_labels = few and all(len(output) <= _LABEL for output in outputs)
        return target

    def part_file(self, split: str) -> str:
        return f"data/{split}-00000-of-00001.parquet"

    def companions(self, files: Mapping[str, Written], title: str) -> dict[str, bytes]:
        tasks = ("text-classification", "text-generation") if self._with_labels else ("text-generation",)
        return {"README.md": card.written(files, self.part_file, title, tasks)}

    def write(self, examples: Iterable[Example], path: str | Path) -> Written:
        """Write a row for each example, the same bytes in every run with the same pyarrow.

        The file appears complete or not at all. Raises EnvironmentFailure where it cannot be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows, schema, records = 0, self._schema(), map(self.record, examples)
        with replacing_path(path) as partial, pq.ParquetWriter(partial, schema, compression="snappy") as file:
            while batch := list(islice(records, _BATCH)):
                file.write_table(pa.Table.from_pylist(batch, schema=schema))
                rows += len(batch)
        return Written(Path(path), rows, Path(path).stat().st_size, sha256_of(path))

    def _schema(self) -> pa.Schema:
        import pyarrow as pa

        text = pa.string()
        function = pa.struct([("name", text), ("arguments", text)])
        kinds = {
            "tool_calls": pa.list_(pa.struct([("id", text), ("type", text), ("function", function)])),
            "weight": pa.int64(),
        }
        turn = pa.struct([(field, kinds.get(field, text)) for field in self._fields])
        columns = [("messages", pa.list_(turn)), *([("tools", text)] if self._with_tools else [])]
        return pa.schema(columns)

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        found = list(openai.unknown_keys(record, ("messages", "tools")))
        given = {"messages": _without_nulls(record.get("messages"))}
        tools = record.get("tools")
        if isinstance(tools, str):
            try:
                given["tools"] = json.loads(tools)
            except (ValueError, RecursionError):
                found.append(
                    Problem("tool_definition", "tools is a text that is not JSON", "write a list as JSON text")
                )
        elif tools is not None and _is_json(tools):
            given["tools"] = _without_nulls(tools)
        elif tools is not None:
            found.append(Problem("tool_definition", "tools hold a value that JSON does not have", "write JSON text"))
        example, problems = chat.read(given, keys=chat.MESSAGE_KEYS | {"reasoning_content"})
        return example, [*found, *problems]

    def validate_file(self, path: str | Path, part: str = "train") -> Iterator[FileProblem]:
        """Everything wrong with a Parquet file, by its rows, counted from 1.

        Raises InputError where there is no such file and EnvironmentFailure where it cannot be read.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = Path(path)
        if not path.is_file():
            what = "is a folder; give the path of one Parquet file in it" if path.is_dir() else "no such file"
            raise InputError(what, path=path)
        rows = 0
        try:
            with pq.ParquetFile(path) as file:
                if "messages" not in file.schema_arrow.names:
                    names = ", ".join(file.schema_arrow.names)
                    yield FileProblem(None, "messages", f"there is no column messages, only {names}", "write one")
                    return
                for batch in file.iter_batches(batch_size=_BATCH):
                    for row, record in enumerate(batch.to_pylist(), rows + 1):
                        yield from self._row_problems(row, record)
                    rows += batch.num_rows
        except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise EnvironmentFailure(f"{path} could not be read: {reason(error)}.") from error
            said = f"not a Parquet file, or a damaged one: {str(error).splitlines()[0].rstrip('.')}"
            fix = "give a Parquet file of a dataset folder; --fix safe and --out FILE.parquet make one of other files"
            yield FileProblem(None, "parquet", said, fix)
            return
        yield from self.file_problems(rows, path.stat().st_size, part)

    def _row_problems(self, row: int, record: Mapping[str, Any]) -> Iterator[FileProblem]:
        example, problems = self.read(record)
        if example is not None:
            problems = [*problems, *self.problems(example)]
        yield from (at(row, problem) for problem in problems)


def _is_json(value: Any) -> bool:
    """Parquet also has dates and bytes, which no definition of a tool holds."""
    try:
        json.dumps(value)
    except (TypeError, RecursionError):
        return False
    return True


def _without_nulls(value: Any) -> Any:
    """The value without the null keys that Arrow gives a struct."""
    if isinstance(value, Mapping):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


TARGET = HuggingFace()
