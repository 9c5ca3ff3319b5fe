"""language: answers not in the language of their question, rows of another language, and what must stay silent."""

from __future__ import annotations

import pytest
from corpus_material import Pair, clean_pairs, data_of, records, run

from curator.checks import Outcome
from curator.embedding import Embedder
from curator.model import Severity
from curator.tasks import Task

ENGLISH: list[Pair] = clean_pairs("style", "chat.jsonl")[:120]
GERMAN = ("Wie lange muss ein Hefeteig gehen, bevor man ihn zum Zopf flechtet?", "Eine Stunde an einem warmen Ort genügt, danach kann man ihn flechten.")  # fmt: skip
SPANISH = ("¿Cuánta agua necesita una planta de albahaca en verano?", "Riégala cada dos días y deja que la tierra se seque un poco.")  # fmt: skip
FRENCH = (
    "Combien de fois faut-il arroser un basilic en été ?",
    "Tous les deux jours, en laissant la terre sécher un peu.",
)


def checked(pairs: list[Pair], embedder: Embedder, task: Task = Task.STYLE) -> Outcome:
    return run("language", data_of(pairs, task=task, embedder=embedder))


def test_english_alone_is_silent(embedder: Embedder) -> None:
    outcome = checked(ENGLISH, embedder)
    assert not outcome.findings
    assert outcome.calibration == {"input": "en", "output": "en", "pairs_share_a_language": True}


@pytest.mark.parametrize(("foreign", "said"), [(GERMAN, "German"), (SPANISH, "Spanish"), (FRENCH, "French")])
def test_an_answer_in_another_language_than_its_question_is_a_warning(
    foreign: Pair, said: str, embedder: Embedder
) -> None:
    (finding,) = checked([*ENGLISH, (ENGLISH[0][0], foreign[1])], embedder).findings
    assert records(finding) == {len(ENGLISH)}
    assert finding.severity is Severity.WARNING
    assert f"the output is in {said}, its input in English" in finding.message


@pytest.mark.parametrize("foreign", [GERMAN, SPANISH, FRENCH])
def test_an_example_of_another_language_is_a_note(foreign: Pair, embedder: Embedder) -> None:
    (finding,) = checked([*ENGLISH, foreign], embedder).findings
    assert records(finding) == {len(ENGLISH)}
    assert finding.severity is Severity.INFO


def test_what_was_asked_for_in_another_language_is_right(embedder: Embedder) -> None:
    asked = ("Please say that in German: an hour in a warm place is enough.", GERMAN[1])
    assert not checked([*ENGLISH, asked], embedder).findings


def test_translations_are_silent_until_one_is_left_as_it_was(embedder: Embedder) -> None:
    into_german = [(question, f"{GERMAN[1]} {GERMAN[0]}") for question, _ in ENGLISH]
    assert not checked(into_german, embedder).findings
    (finding,) = checked([*into_german, ENGLISH[0]], embedder).findings
    assert finding.severity is Severity.WARNING
    assert "the output is in English, nearly all others are in German" in finding.message


def test_data_of_many_languages_is_silent_but_for_pairs_that_do_not_match(embedder: Embedder) -> None:
    mixed = [*ENGLISH[:40], *[GERMAN] * 40, *[SPANISH] * 40]
    assert not checked(mixed, embedder).findings
    (finding,) = checked([*mixed, (GERMAN[0], SPANISH[1])], embedder).findings
    assert records(finding) == {120}


def test_labels_code_and_short_texts_are_not_judged(embedder: Embedder) -> None:
    labels = [(question, "carte_perdue") for question, _ in ENGLISH]
    assert not checked(labels, embedder, Task.CLASSIFICATION).findings
    odd = [
        ("Oui, ça va.", "Sí."),
        (ENGLISH[1][0], "for eintrag in liste:\n    drucke(eintrag)\n    return wert;\nimport os\n"),
    ]
    assert not checked([*ENGLISH, *odd], embedder).findings


def test_too_few_texts_have_no_usual_language(embedder: Embedder) -> None:
    outcome = checked([*ENGLISH[:10], GERMAN], embedder)
    assert not outcome.findings
    assert "no language is usual" in outcome.calibration["note"]
