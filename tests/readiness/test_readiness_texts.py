"""The words of readiness: all there in both languages, numbers as people write them."""

from __future__ import annotations

import string

import pytest

from curator.readiness import QUESTIONS, Rung
from curator.readiness.questions import NUMBERS
from curator.readiness.texts import text, words


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_say_the_same_things() -> None:
    assert words("en").keys() == words("de").keys()
    for key, said in words("en").items():
        assert placeholders(said) == placeholders(words("de")[key]), key


def test_every_question_and_rung_has_its_words() -> None:
    wanted = [f"question.{name}{part}" for name in QUESTIONS for part in ("", ".help")]
    wanted += [f"question.{name}" for name in NUMBERS]
    wanted += [f"{what}.{rung.name.lower()}" for rung in Rung for what in ("rung", "do")]
    assert set(wanted) <= words("en").keys()


@pytest.mark.parametrize(
    ("key", "values", "english", "german"),
    [
        ("eval.found", {"n": 1}, "1 eval example", "1 Eval-Beispiel"),
        ("eval.found", {"n": 1234}, "1,234 eval examples", "1.234 Eval-Beispiele"),
        ("agreement.good", {"alpha": 0.85}, "reviewers agree, α 0.85", "die Prüfenden sind sich einig, α 0,85"),
    ],
)
def test_numbers_are_written_as_in_the_language(key: str, values: dict, english: str, german: str) -> None:
    assert text(key, **values).say() == english
    assert text(key, **values).say("de") == german


def test_shares_have_a_decimal_where_it_says_something() -> None:
    said = [text("noise.none", high=share, low=0, share=0).say() for share in (0, 0.004, 0.52)]
    assert [" 0%" in said[0], " 0.4%" in said[1], " 52%" in said[2]] == [True] * 3
