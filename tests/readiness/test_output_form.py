"""The form of outputs: what most share is the rule, and two frequent forms are a mix."""

from __future__ import annotations

import json

import pytest

from curator.readiness.outputs import form_of, in_words


def rules(outputs: list[str]) -> dict[str, str]:
    return {trait.name: trait.value for trait in form_of(outputs).traits if trait.is_rule}


def mixed(outputs: list[str]) -> set[str]:
    return {trait.name for trait in form_of(outputs).traits if trait.is_mixed}


def record(number: int, **more: object) -> str:
    return json.dumps({"name": f"Ann {number}", "age": number, **more})


def test_json_objects_of_one_kind_keep_to_their_keys_and_may_have_more() -> None:
    outputs = [record(n) for n in range(60)] + [record(n, town="Ulm") for n in range(35)]
    outputs += [json.dumps({"age": n}) for n in range(5)]
    found = form_of(outputs)
    assert rules(outputs) == {"kind": "json_object", "keys": "age, name"}
    assert found.adherence == 0.95
    assert [at for at, kept in enumerate(found.keeps) if not kept] == list(range(95, 100))


def test_two_sets_of_keys_are_a_mix() -> None:
    outputs = [record(n) for n in range(60)] + [json.dumps({"who": "Ann", "years": n}) for n in range(40)]
    assert mixed(outputs) == {"keys"}


def test_prose_among_json_is_another_form() -> None:
    outputs = [record(n) for n in range(90)] + [f"Sorry, I found nothing in text {n}." for n in range(10)]
    assert form_of(outputs).adherence == 0.9
    assert "kind" in mixed([record(n) for n in range(60)] + ["no"] * 40)


def test_a_template_is_found_whatever_the_numbers_in_it() -> None:
    outputs = [
        f"Thank you for asking about order {n}.\nIt is on its way to you today.\n#### {n * 7}" for n in range(50)
    ]
    found = rules(outputs)
    assert found["closing"] == "#### #"
    assert found["opening"] == "Thank you for"
    assert found["markdown"] == "no"


def test_markdown_for_some_and_not_for_others_is_a_mix() -> None:
    outputs = [f"- first point {n}\n- second point" for n in range(50)] + [f"A plain answer to {n}." for n in range(50)]
    assert mixed(outputs) == {"markdown"}
    assert form_of(outputs[:50]).adherence == 1


def test_lengths_are_told_without_their_tails() -> None:
    found = form_of(["x" * n for n in range(1, 102)])
    assert (found.short, found.long) == (11, 91)


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ([record(n) for n in range(20)], ["a JSON object", "the keys age, name"]),
        ([f"[{n}]" for n in range(20)], ["a JSON list"]),
        ([f"- point {n}\n- another" for n in range(20)], ["text", "Markdown", "beginning “- point # …”"]),
        ([f"word{n}" for n in range(20)], ["text", "no Markdown"]),
        ([], ["nothing"]),
    ],
)
def test_every_rule_has_its_words(outputs: list[str], said: list[str]) -> None:
    found = in_words([trait for trait in form_of(outputs).traits if trait.is_rule])
    assert [str(text) for text in found] == said
    assert all(text.say("de") for text in found)
