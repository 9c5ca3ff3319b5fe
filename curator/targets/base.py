"""What every provider format has in common: its rules as data, writing lines, checking files.

A new provider is one module in this package with a subclass of `Target` and a `TARGET`, and one data
file `resources/targets/NAME.json`; nothing else needs to know of it.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from curator.errors import EnvironmentFailure, InputError
from curator.files import reason, replacing
from curator.model import Example, Severity
from curator.resources import resource
from curator.targets import tokens
from curator.targets.columns import Columns
from curator.targets.traps import Trap, TrapCount


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a provider would refuse an example (error), or what it would lose or do to it (warning, info)."""

    rule: str
    message: str
    fix: str | None = None
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A `Problem` of a file; `line` is 1-based, None where the file as a whole is meant."""

    line: int | None
    rule: str
    message: str
    fix: str | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{self.message}" + (f" ({self.fix})" if self.fix else "")


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of a provider, read from its data file. None means unknown or none, never 0."""

    title: str
    as_of: str
    source: str
    min_rows: int | None
    max_rows: int | None
    max_bytes: int | None
    max_tokens: int | None
    over_max_tokens: str
    tokenizer: Mapping[str, str] | None
    byte_order_mark: bool
    notes: tuple[str, ...]
    traps: tuple[Trap, ...]

    @classmethod
    def load(cls, name: str) -> Rules:
        """The rules in `resources/targets/NAME.json`."""
        data = json.loads(resource(f"targets/{name}.json").read_text(encoding="utf-8"))
        data["traps"] = tuple(Trap(**trap) for trap in data["traps"])
        data["notes"] = tuple(data["notes"])
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: `rows` lines, `bytes` long."""

    path: Path
    rows: int
    bytes: int
    sha256: str


@dataclass(slots=True)
class _Seen:
    """What a pass over a file has to remember for the rules of the file as a whole."""

    columns: Columns
    traps: tuple[TrapCount, ...]
    rows: int = 0
    bytes: int = 0
    shapes: dict[str, int] = field(default_factory=dict)


class Target(ABC):
    """A provider's format. Cheap to make: rules are read, and vocabularies loaded, on first use."""

    name: str
    column_depth = 2
    """Levels of nesting in which a column may not change its type from row to row."""

    @cached_property
    def rules(self) -> Rules:
        return Rules.load(self.name)

    @property
    def title(self) -> str:
        return self.rules.title

    @cached_property
    def counter(self) -> tokens.Counter:
        """Counts tokens as this provider does, or as near to it as is known."""
        known = self.rules.tokenizer
        return tokens.counter() if known is None else tokens.counter(known["encoding"], tokens.Basis(known["basis"]))

    @abstractmethod
    def problems(self, example: Example) -> list[Problem]:
        """Why the provider would refuse this example, and what would be lost; [] where all is well."""

    @abstractmethod
    def record(self, example: Example) -> dict[str, Any]:
        """The JSON object that is written; defined for every example without problems of severity error."""

    @abstractmethod
    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        """What a record of a file says (None where it cannot be told), and what is wrong with its keys and types."""

    def shape(self, record: Mapping[str, Any]) -> str:
        """Names the form of a record, where the format has several and a file must keep to one."""
        return "messages"

    def fitted(self, examples: Iterable[Example]) -> Target:
        """This target set up for all `examples` of a release, so that all its files have one shape."""
        return self

    def write(self, examples: Iterable[Example], path: str | Path) -> Written:
        """Write one line per example: UTF-8, LF, no blank line, the same bytes in every run.

        The file appears complete or not at all. Raises EnvironmentFailure where it cannot be written.
        """
        digest, rows, size = hashlib.sha256(), 0, 0
        with replacing(path) as file:
            for example in examples:
                line = json_line(self.record(example))
                file.write(line)
                digest.update(line)
                rows, size = rows + 1, size + len(line)
        return Written(Path(path), rows, size, digest.hexdigest())

    def file_problems(self, rows: int, size: int, part: str = "train") -> list[FileProblem]:
        """What is wrong with a file of so many rows and bytes; the least number of rows holds for training files."""
        rules, found = self.rules, []
        if rows == 0:
            found.append(FileProblem(None, "empty", "the file holds no examples"))
        elif part == "train" and rules.min_rows is not None and rows < rules.min_rows:
            found.append(
                FileProblem(None, "rows", f"{rows:,} examples; {self.title} takes no fewer than {rules.min_rows:,}")
            )
        if rules.max_rows is not None and rows > rules.max_rows:
            found.append(FileProblem(None, "rows", f"{rows:,} examples; {self.title} takes {rules.max_rows:,} at most"))
        if rules.max_bytes is not None and size > rules.max_bytes:
            said = f"{size / 1e6:,.0f} MB; {self.title} takes {rules.max_bytes / 1e6:,.0f} MB at most"
            found.append(FileProblem(None, "size", said, "split the file or choose a smaller size"))
        return found

    def validate_file(self, path: str | Path, part: str = "train") -> Iterator[FileProblem]:
        """Everything this provider would refuse in a JSONL file, in the order of its lines, then the file's own.

        Reads one line at a time. Raises InputError where there is no such file and EnvironmentFailure
        where it cannot be read.
        """
        path = Path(path)
        if path.is_dir():
            raise InputError("is a folder; give the path of a JSONL file", path=path)
        if not path.is_file():
            raise InputError("no such file; give the path of a JSONL file", path=path)
        seen = _Seen(Columns(self.column_depth), tuple(TrapCount(trap) for trap in self.rules.traps))
        try:
            with path.open("rb") as file:
                for number, raw in enumerate(file, 1):
                    seen.bytes += len(raw)
                    yield from self._line_problems(number, raw, seen)
        except OSError as error:
            raise EnvironmentFailure(f"{path} could not be read: {reason(error)}.") from error
        yield from self.file_problems(seen.rows, seen.bytes, part)
        for trap in seen.traps:
            if trap.count:
                yield FileProblem(trap.line, "base_model", trap.message, trap.trap.fix, Severity.INFO)

    def _line_problems(self, number: int, raw: bytes, seen: _Seen) -> Iterator[FileProblem]:
        if number == 1:
            yield from self._mark_problems(raw)
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if not raw.strip():
            if number > 1 or raw:
                yield FileProblem(number, "blank_line", "the line is blank", "delete it")
            return
        seen.rows += 1
        record = _parsed(raw)
        if isinstance(record, Problem):
            yield at(number, record)
            return
        shape = self.shape(record)
        seen.shapes.setdefault(shape, number)
        first = next(iter(seen.shapes))
        if shape != first and seen.shapes[shape] == number:
            said = f"the file begins with {first} and has {shape} here"
            yield FileProblem(number, "mixed_shapes", said, "write one shape per file")
        for said in seen.columns.conflicts(record, number):
            said += "; the `datasets` library refuses such files (4.0) or hands them on as mixed (5.2)"
            fix = "give it one type in the whole file"
            yield FileProblem(number, "mixed_types", said, fix, Severity.WARNING)
        example, problems = self.read(record)
        if example is not None:
            problems = [*problems, *self.problems(example)]
            for trap in seen.traps:
                trap.see(example, number)
        yield from (at(number, problem) for problem in problems)

    def _mark_problems(self, first: bytes) -> Iterator[FileProblem]:
        marked = first.startswith(codecs.BOM_UTF8)
        if marked and not self.rules.byte_order_mark:
            yield FileProblem(1, "byte_order_mark", "the file begins with a byte order mark", 'save it as "UTF-8"')
        elif not marked and self.rules.byte_order_mark:
            fix = 'save it as "UTF-8 with BOM"'
            yield FileProblem(1, "byte_order_mark", "the file does not begin with a byte order mark", fix)


def at(line: int, problem: Problem) -> FileProblem:
    """`problem` with its place in a file."""
    return FileProblem(line, problem.rule, problem.message, problem.fix, problem.severity)


def json_line(record: Mapping[str, Any]) -> bytes:
    """One line of JSON: UTF-8, keys in their order, no characters that some readers take for a line end."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "\u0085\u2028\u2029":
        if character in text:
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8") + b"\n"


def _parsed(raw: bytes) -> dict[str, Any] | Problem:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return Problem("encoding", f"byte {error.start + 1} of the line is not UTF-8", 'save the file as "UTF-8"')
    try:
        record = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        return Problem("json", "the JSON is nested too deeply", "flatten it")
    except ValueError as error:
        said = f"{error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        return Problem("json", f"not JSON: {said}", "write one JSON object per line")
    if not isinstance(record, dict):
        return Problem("json", "not a JSON object", 'write an object such as {"messages": […]} on each line')
    return record


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON number")
