"""The questions that data cannot answer, and the answers as they are given, stored and read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curator.errors import InputError
from curator.files import reason
from curator.readiness.texts import Text, text

QUESTIONS = ("knowledge", "form", "narrow", "prompting", "few_shot", "measure", "cheaper", "explainable")
"""In the order in which they are asked."""
NUMBERS = ("score", "target")
"""What the prompted model scores and what it must score, as shares of right answers from 0 to 1."""
SETTING = "readiness"
"""The project's setting that holds the answers, so that the window and the command line share them."""
_YES, _NO, _OPEN = ("yes", "y", "true", "1"), ("no", "n", "false", "0"), ("unknown", "?", "")


@dataclass(frozen=True, slots=True)
class Answers:
    """`said`: yes (True) or no (False) by question; a question that is not there is open. `score`, `target`: 0..1 or None."""

    said: Mapping[str, bool] = field(default_factory=dict)
    score: float | None = None
    target: float | None = None

    def __getitem__(self, question: str) -> bool | None:
        return self.said.get(question)

    @property
    def open(self) -> tuple[str, ...]:
        """The questions that nobody answered."""
        return tuple(name for name in QUESTIONS if name not in self.said)

    @property
    def gap(self) -> float | None:
        """How far the prompted model is from where it must be; None where one of the two is not known."""
        return None if self.score is None or self.target is None else round(self.target - self.score, 6)

    def with_answer(self, question: str, said: bool | None) -> Answers:
        """The same with one answer changed; None takes it back."""
        rest = {name: value for name, value in self.said.items() if name != question}
        return Answers(rest if said is None else {**rest, question: said}, self.score, self.target)

    def as_json(self) -> dict[str, Any]:
        """Every question with yes, no or unknown, and the numbers that are known; `of` reads it back."""
        said = {None: "unknown", True: "yes", False: "no"}
        numbers = {name: getattr(self, name) for name in NUMBERS if getattr(self, name) is not None}
        return {**{name: said[self[name]] for name in QUESTIONS}, **numbers}

    @classmethod
    def of(cls, values: Mapping[str, Any], *, path: Path | None = None) -> Answers:
        """Answers from what a file, a setting or a form holds. Raises InputError for a question or an answer that is none."""
        said: dict[str, bool] = {}
        numbers: dict[str, float | None] = {}
        for name, value in values.items():
            if name in NUMBERS:
                numbers[name] = _share(name, value, path)
            elif name in QUESTIONS:
                told = _yes_or_no(name, value, path)
                if told is not None:
                    said[name] = told
            else:
                raise InputError(
                    f"there is no question {name!r}; the questions are {', '.join((*QUESTIONS, *NUMBERS))}", path=path
                )
        return cls(said, numbers.get("score"), numbers.get("target"))

    @classmethod
    def read(cls, path: Path) -> Answers:
        """Answers from a TOML file such as `prompting = true`, `few_shot = "unknown"`, `score = 0.82`."""
        try:
            return cls.of(tomllib.loads(path.read_text(encoding="utf-8-sig")), path=path)
        except FileNotFoundError:
            raise InputError("there is no such file; --answers names a TOML file of answers", path=path) from None
        except OSError as error:
            raise InputError(f"cannot be read ({reason(error)})", path=path) from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(f"cannot be read as TOML ({error})", path=path) from None


def parse(pairs: Iterable[str]) -> dict[str, str]:
    """Answers given one by one, as `prompting=yes`, by question. Raises InputError for what is written otherwise."""
    given = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise InputError(f"--answer {pair!r}: it is written QUESTION=yes, no or unknown, such as prompting=yes")
        given[name.strip()] = value.strip()
    return given


def title(question: str) -> Text:
    """The question itself."""
    return text(f"question.{question}")


def help_of(question: str) -> Text:
    """What it is asked for."""
    return text(f"question.{question}.help")


def _yes_or_no(name: str, value: Any, path: Path | None) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    said = str(value).strip().casefold()
    if said in (*_YES, *_NO, *_OPEN):
        return True if said in _YES else False if said in _NO else None
    raise InputError(f"{name} is answered with yes, no or unknown, not with {str(value)!r}", path=path)


def _share(name: str, value: Any, path: Path | None) -> float | None:
    """A share of 1; `82%` and 82 are .82."""
    if value is None or str(value).strip().casefold() in _OPEN:
        return None
    written = str(value).strip()
    try:
        number = float(written.rstrip("% "))
    except ValueError:
        number = -1.0
    number = number / 100 if written.endswith("%") or number > 1 else number
    if isinstance(value, bool) or not 0 <= number <= 1:
        raise InputError(f"{name} is a share of right answers such as 0.82 or 82%, not {value!r}", path=path)
    return number
