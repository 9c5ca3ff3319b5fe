"""Data that breaks naive checks: repeated inputs, several instructions, unlearnable labels, other scripts."""

from __future__ import annotations

import pytest
from corpus_material import data_of

from curator import checks
from curator.checks.data import Data
from curator.checks.schema import infer
from curator.checks.wording import difference, words
from curator.embedding import Embedder
from curator.model import Example, Finding, Message, Ref
from curator.tasks import Task


def run(name: str, data: Data) -> list[Finding]:
    ((_, outcome),) = checks.run(data, [name])
    return outcome.findings


def instructed(system: str, text: str, label: str, number: int) -> Example:
    turns = (Message("system", system), Message("user", text), Message("assistant", label))
    return Example(Ref("pairs.jsonl", number, number + 1), turns, id=number + 1)


@pytest.mark.parametrize("inputs", [1, 2, 4])
def test_labels_on_fewer_inputs_than_folds_are_not_judged(inputs: int, embedder: Embedder) -> None:
    pairs = [(f"Where is parcel number {i % inputs}?", "ab"[i // 10]) for i in range(20)]
    assert not run("label_error", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder))


def test_labels_that_no_input_explains_are_not_called_wrong(embedder: Embedder) -> None:
    pairs = [(f"Message {i} of the day, nothing new.", "abc"[i * i % 3]) for i in range(60)]
    assert not run("label_error", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder))


def test_two_instructions_on_one_input_do_not_contradict_each_other(embedder: Embedder) -> None:
    examples = [
        instructed(system, "The soup was cold and the waiter rude.", label, i)
        for i, (system, label) in enumerate((("Name the topic.", "food"), ("Name the mood.", "angry")))
    ]
    data = Data(checks.Corpus(examples), checks.Corpus([]), Task.CLASSIFICATION, embedder)
    assert not run("conflict", data)
    same = [instructed("Name the topic.", e.input, e.output, i) for i, e in enumerate(examples)]
    assert run("conflict", Data(checks.Corpus(same), checks.Corpus([]), Task.CLASSIFICATION, embedder))


def test_every_finding_has_an_id_of_its_own(embedder: Embedder) -> None:
    found = run("structure", data_of([("Where is it?", "")] * 3, embedder=embedder))
    assert len({finding.id for finding in found}) == len(found) == 3


def test_powers_and_indentation_are_not_folded_away(embedder: Embedder) -> None:
    powers = [("What is 2³?", "8"), ("What is 23?", "8")]
    assert not run("exact_duplicate", data_of(powers, embedder=embedder))
    code = ("Mend the loop.", "if x:\n    a()\nb()"), ("Mend the loop.", "if x:\n    a()\n    b()")
    assert not run("exact_duplicate", data_of(list(code), embedder=embedder))


def test_negative_numbers_are_found_in_the_input(embedder: Embedder) -> None:
    pairs = [(f"It is {-i} degrees in town {i}.", f'{{"degrees": {-i}, "town": {i}}}') for i in range(1, 30)]
    assert not run("schema", data_of(pairs, task=Task.EXTRACTION, embedder=embedder))


def test_a_schema_of_plain_text_takes_plain_text(embedder: Embedder) -> None:
    data = data_of([("Hm?", "yes"), ("Ha?", "maybe")], task=Task.CLASSIFICATION, embedder=embedder)
    data.schema = {"enum": ["yes", "no"]}
    (finding,) = run("schema", data)
    assert finding.evidence["output"] == "maybe"


def test_scripts_without_spaces_have_words_and_negations() -> None:
    assert words("请取消订单") == list("请取消订单")
    assert difference("我要取消订单", "我不要取消订单").substance
    assert not difference("请取消订单", "请取消这个订单").substance


def test_a_schema_needs_enough_objects() -> None:
    assert infer([{"a": 1}] * 3) is None
