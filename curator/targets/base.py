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
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from curator.errors import EnvironmentFailure, InputError
from curator.files import reason, replacing
from curator.model import Example, Severity
from curator.targets import base_models, conversation, forms, lines, tokens
from curator.targets.base_models import BaseModel, TrapCount
from curator.targets.columns import Columns
from curator.targets.problem import FileProblem, Problem, at
from curator.targets.rules import Rules
from curator.text import plural


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
    preference = False
    """It takes pairs: examples with an output that is preferred to another one."""
    splits_examples = False
    """It makes several lines of some examples."""
    minds_plain = True
    """The `problems` and `own_problems` of a class may speak of plain turns (`conversation.is_plain`) that are no pair; where
    not, those are not asked about."""
    column_depth = 2
    """Levels of nesting in which a column may not change its type from row to row."""
    base_model: BaseModel | None = None
    """The open model that is to be tuned, where the user named it: what its chat template does then counts."""

    @cached_property
    def rules(self) -> Rules:
        return Rules.load(self.name)

    @property
    def title(self) -> str:
        return self.rules.title

    @cached_property
    def counter(self) -> tokens.Counter:
        """Counts tokens as this provider does, or as near to it as is known; as the base model does where that is named."""
        return tokens.of(self.base_model.tokenizer if self.base_model is not None else self.rules.tokenizer)

    def for_model(self, name: str | None) -> Target:
        """This target, with what the base model of this name does to its examples; itself where it has none.

        Raises InputError for a model whose template is not known.
        """
        if name is None or not self.rules.base_models:
            return self
        target = copy(self)
        target.base_model = base_models.get(name)
        target.__dict__.pop("counter", None)
        return target

    def problems(self, example: Example) -> list[Problem]:
        """Why the provider would refuse this example, and what would be lost; [] where all is well."""
        found = [*conversation.problems(example, self.rules), *self._pair(example), *self.own_problems(example)]
        if self.base_model is not None:
            found += self.base_model.problems(example)
        return [*found, *self._length(example)]

    def own_problems(self, example: Example) -> list[Problem]:
        """What this provider alone refuses."""
        return []

    @property
    def asks_plain(self) -> bool:
        """Whether `problems` may find something in plain turns that no rule of all providers tells: its own rules may."""
        order = type(self).__mro__
        owners = {next(one for one in order if name in one.__dict__) for name in ("problems", "own_problems")}
        return any(one.__dict__.get("minds_plain", True) for one in owners - {Target})

    @abstractmethod
    def record(self, example: Example) -> dict[str, Any]:
        """The JSON object that is written; defined for every example without problems of severity error."""

    def records(self, example: Example) -> list[dict[str, Any]]:
        """The objects of an example, in the order of their lines: one, but where a format splits it."""
        return [self.record(example)]

    @abstractmethod
    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        """What a record of a file says (None where it cannot be told), and what is wrong with its keys and types."""

    def shape(self, record: Mapping[str, Any]) -> str:
        """Names the form of a record, where the format has several and a file must keep to one."""
        return "messages"

    def fitted(self, examples: Iterable[Example]) -> Target:
        """This target set up for all `examples` of a release, so that all its files have one shape."""
        return self

    def part_file(self, split: str) -> str:
        """The path of a split's file in the target's folder, with slashes."""
        return f"{split}.jsonl"

    def companions(self, files: Mapping[str, Written], title: str) -> dict[str, bytes]:
        """What the provider's tools want beside the files of the splits, by path in the target's folder.

        `files`: what was written, by split; `title` of the data.
        """
        return {}

    def write(self, examples: Iterable[Example], path: str | Path) -> Written:
        """Write the lines of each example: UTF-8, LF, no blank line, the same bytes in every run.

        The file appears complete or not at all. Raises EnvironmentFailure where it cannot be written.
        """
        digest, rows, size = hashlib.sha256(), 0, 0
        with replacing(path) as file:
            for line in self._lines(examples):
                file.write(line)
                digest.update(line)
                rows, size = rows + 1, size + len(line)
        return Written(Path(path), rows, size, digest.hexdigest())

    def _lines(self, examples: Iterable[Example]) -> Iterator[bytes]:
        mark = codecs.BOM_UTF8 if self.rules.byte_order_mark else b""
        for example in examples:
            for record in self.records(example):
                yield mark + json_line(record)
                mark = b""

    def _pair(self, example: Example) -> list[Problem]:
        if self.preference and not example.non_preferred:
            fix = "edit its output: the edited one is then preferred to the original"
            return [Problem("no_pair", "it has no output that another one is preferred to", fix)]
        if example.non_preferred and not self.preference:
            said = "the output that was not preferred is left out: this is no preference format"
            return [Problem("preference", said, None, Severity.WARNING)]
        return []

    def _length(self, example: Example) -> list[Problem]:
        limit = self.rules.max_tokens
        if limit is None:
            return []
        # No text has more tokens than bytes, and no character more than four of those: most need no counting.
        if not example.tools and sum(8 + 4 * len(m.text) for m in example.messages) < limit:
            return []
        count = self.counter.example(example)
        if count <= limit:
            return []
        cut = self.rules.over_max_tokens == "cut"
        said = f"{count:,} tokens, {self.counter}; the limit is {limit:,}"
        said += ", and what is over it, the output first, is cut" if cut else ""
        severity = Severity.WARNING if cut else Severity.ERROR
        return [Problem("tokens", said, "shorten it or leave it out", severity, "cut-long")]

    def file_problems(self, rows: int, size: int, part: str = "train") -> list[FileProblem]:
        """What is wrong with a file of so many rows and bytes; the least number of rows holds for training files."""
        rules, found = self.rules, []
        most, largest = rules.max_rows, rules.max_bytes
        if part == "validation":
            most, largest = rules.max_validation_rows or most, rules.max_validation_bytes or largest
        if rows == 0:
            found.append(FileProblem(None, "empty", "the file holds no examples"))
        elif part == "train" and rules.min_rows is not None and rows < rules.min_rows:
            found.append(
                FileProblem(
                    None,
                    "rows",
                    f"{plural(rows, 'example')}; {self.title} takes no fewer than {rules.min_rows:,}",
                    f"add {rules.min_rows - rows:,} or more",
                )
            )
        what = f" for {part}" if part == "validation" and (most, largest) != (rules.max_rows, rules.max_bytes) else ""
        if most is not None and rows > most:
            found.append(FileProblem(None, "rows", f"{rows:,} examples; {self.title} takes {most:,} at most{what}"))
        if largest is not None and size > largest:
            said = (
                f"{size / 1e6:,.{0 if size > 1e7 else 1}f} MB; {self.title} takes {largest / 1e6:,.0f} MB at most{what}"
            )
            found.append(FileProblem(None, "size", said, "split the file or choose a smaller size"))
        return found

    def release_problems(self, rows: Mapping[str, int]) -> list[FileProblem]:
        """What is wrong with the files of a release together; `rows` of each split."""
        share, held = self.rules.max_validation_share, rows.get("validation", 0)
        total = rows.get("train", 0) + held
        if share is None or not total or held <= share * total:
            return []
        said = f"{held / total:.0%} of the examples are for validation; {self.title} takes {share:.0%} at most"
        return [FileProblem(None, "validation_share", said, "hold out fewer, such as with --split 95/5")]

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
        seen = _Seen(Columns(self.column_depth), self._traps())
        try:
            if (other := lines.container(path)) is not None:
                yield other
                return
            with path.open("rb") as file:
                for number, raw in enumerate(file, 1):
                    seen.bytes += len(raw)
                    yield from self._line_problems(number, raw, seen)
        except OSError as error:
            raise EnvironmentFailure(f"{path} could not be read: {reason(error)}.") from error
        yield from self.file_problems(seen.rows, seen.bytes, part)
        for trap in seen.traps:
            if trap.count:
                yield FileProblem(
                    trap.line, base_models.RULE, trap.message, trap.trap.fix, Severity.INFO, trap.trap.mend
                )

    def _traps(self) -> tuple[TrapCount, ...]:
        """What the models that the user may choose would do; nothing where one is chosen, for then it is said by example."""
        if not self.rules.base_models or self.base_model is not None:
            return ()
        return tuple(TrapCount(model, trap) for model in base_models.every() for trap in model.traps)

    def _line_problems(self, number: int, raw: bytes, seen: _Seen) -> Iterator[FileProblem]:
        if number == 1:
            yield from self._mark_problems(raw)
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if not raw.strip():
            if number > 1 or raw:
                yield FileProblem(number, "blank_line", "the line is blank", "delete it")
            return
        seen.rows += 1
        record = lines.parse(raw)
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
        if example is None and problems:
            problems = self._told_by_form(record, problems)
        if example is not None:
            problems = [*problems, *self.problems(example)]
            for trap in seen.traps:
                trap.see(example, number)
        yield from (at(number, problem) for problem in problems)

    def _told_by_form(self, record: Mapping[str, Any], problems: list[Problem]) -> list[Problem]:
        """The same problems of a record that cannot be read, or one where it is of another form as a whole."""
        form = forms.of(record)
        if form is None or self._has_form(form):
            return problems
        fix = "export a project in which outputs were edited" if self.preference else lines.REWRITE
        return [Problem("form", f"the record is {form.title}, which is not the form of {self.title}", fix)]

    def _has_form(self, form: forms.Form) -> bool:
        """Records of this form are read, or what is written is of this form and more."""
        if not any(problem.severity is Severity.ERROR for problem in self.read(form.sample)[1]):
            return True
        return any(other.title == form.title and other.is_of(self.records(forms.EXAMPLE)[0]) for other in forms.FORMS)

    def _mark_problems(self, first: bytes) -> Iterator[FileProblem]:
        marked = first.startswith(codecs.BOM_UTF8)
        if marked and not self.rules.byte_order_mark:
            yield FileProblem(1, "byte_order_mark", "the file begins with a byte order mark", 'save it as "UTF-8"')
        elif not marked and self.rules.byte_order_mark:
            fix = 'save it as "UTF-8 with BOM"'
            yield FileProblem(1, "byte_order_mark", "the file does not begin with a byte order mark", fix)


def json_line(record: Mapping[str, Any]) -> bytes:
    """One line of JSON: UTF-8, keys in their order, no characters that some readers take for a line end."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "\u0085\u2028\u2029":
        if character in text:
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8") + b"\n"
