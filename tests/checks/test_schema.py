"""schema: a given JSON Schema, one that the data sets, values that the input does not hold, spellings of labels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from corpus_material import Pair, data_of, records, run
from hypothesis import given
from hypothesis import strategies as st

from curator.checks import Outcome
from curator.checks.schema import infer
from curator.checks.support import Source
from curator.embedding import Embedder
from curator.errors import InputError
from curator.model import Severity, Verdict
from curator.tasks import Task

ITEMS = "tea rice salt milk flour".split()
UNITS = ["box", "sack", "crate"]


def order(n: int, **changed: Any) -> Pair:
    item, unit = ITEMS[n % 5], UNITS[n % 3]
    value = {"item": item, "count": n, "unit": unit, "note": {"gift": n % 2 == 0}} | changed
    return f"Please send {n} {unit} of {item}.", json.dumps({k: v for k, v in value.items() if v != "missing"})


ORDERS = [order(n) for n in range(60)]


def checked(pairs: list[Pair], embedder: Embedder, **settings: Any) -> Outcome:
    return run("schema", data_of(pairs, task=Task.EXTRACTION, embedder=embedder, **settings))


def test_the_inferred_schema_states_what_the_data_does() -> None:
    schema = infer([json.loads(output) for _, output in ORDERS])
    assert schema is not None
    assert schema["required"] == ["item", "count", "unit", "note"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["count"] == {"type": "integer"}
    assert schema["properties"]["unit"] == {"type": "string", "enum": sorted(UNITS)}
    assert schema["properties"]["note"]["properties"] == {"gift": {"type": "boolean"}}


def test_sound_orders_are_left_alone(embedder: Embedder) -> None:
    assert not checked(ORDERS, embedder).findings


@pytest.mark.parametrize(
    ("output", "rule"),
    [
        (order(60, count="missing")[1], "schema"),
        (order(60, count="60")[1], "schema"),
        (order(60, count=None)[1], "schema"),
        (order(60, unit="Box")[1], "schema"),
        (order(60, colour="red")[1], "schema"),
        (order(60, note={"gift": "no"})[1], "schema"),
        ("[]", "schema"),
        ("null", "schema"),
        ("item: tea", "not_json"),
        ("```json\n" + order(60)[1] + "\n```", "not_json"),
        (order(60)[1][:-1], "not_json"),
        ('{"item":' * 5_000 + "1" + "}" * 5_000, "not_json"),
        (order(60, count=10**400)[1], "unsupported $.count"),
        (order(60, count=61)[1], "unsupported $.count"),
    ],
)
def test_outputs_that_break_the_habit_are_found(output: str, rule: str, embedder: Embedder) -> None:
    (finding,) = checked([*ORDERS, (order(60)[0], output)], embedder).findings
    assert finding.evidence["rule"] == rule
    assert records(finding) == {60}
    assert finding.severity is (Severity.WARNING if rule.startswith("unsupported") else Severity.ERROR)
    assert finding.suggestion is not None


def test_values_may_be_written_in_other_ways_in_the_input(embedder: Embedder) -> None:
    said = [("Please send 1,250 box of Milk.", {"count": 1250, "item": "milk", "unit": "box"}),
            ("Please send 1.250 box of Tea!", {"count": 1250, "item": "tea", "unit": "box"})]  # fmt: skip
    plain = [
        (text, json.dumps({k: v for k, v in json.loads(output).items() if k != "note"})) for text, output in ORDERS
    ]
    assert not checked([*plain, *((text, json.dumps(value)) for text, value in said)], embedder).findings


def test_fields_that_are_not_copied_from_the_input_are_not_looked_for(embedder: Embedder) -> None:
    pairs = [
        (text, json.dumps(json.loads(output) | {"mood": ["calm", "glad"][n % 2]}))
        for n, (text, output) in enumerate(ORDERS)
    ]
    outcome = checked(pairs, embedder)
    assert not outcome.findings
    assert outcome.calibration["fields_found_in_inputs"] == ["$.count", "$.item", "$.unit"]


def test_a_given_schema_rules_alone(embedder: Embedder) -> None:
    schema = {"type": "object", "properties": {"count": {"maximum": 9}}, "required": ["count"]}
    found = checked(ORDERS[:12], embedder, schema=schema).findings
    assert sorted(next(iter(records(f))) for f in found) == [10, 11]
    assert found[0].evidence["violations"][0]["field"] == "$.count"


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"$ref": "https://example.com/order.json"}, "refers to 'https://example.com/order.json'"),
        ({"properties": {"item": {"pattern": "("}}}, "no regular expression"),
        ({"$ref": "#"}, "refers to itself"),
    ],
)
def test_a_schema_that_cannot_be_used_is_one_sentence_and_no_download(
    schema: dict[str, Any], said: str, embedder: Embedder
) -> None:
    with pytest.raises(InputError, match=said):
        checked(ORDERS[:3], embedder, schema=schema)


def test_prose_has_no_schema(embedder: Embedder) -> None:
    outcome = checked([(f"Say {n}.", f"It is {n}.") for n in range(40)], embedder)
    assert not outcome.findings
    assert "not JSON" in outcome.calibration["note"]


def test_spellings_of_a_label_are_named_with_the_usual_one(embedder: Embedder) -> None:
    labels = ["refund"] * 5 + ["Refund", "refund ", "track", "Track", "track", "trap"]
    pairs = [(f"message {n}", label) for n, label in enumerate(labels)]
    found = run("schema", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder)).findings
    wrong = {next(iter(records(f))): f.suggestion.value for f in found if f.suggestion}
    assert wrong == {5: "refund", 6: "refund", 8: "track"}
    assert all(f.suggestion and f.suggestion.action is Verdict.RELABEL for f in found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Total 1.000,50 EUR", 1000.5), ("It costs $1,000.50", 1000.5), ("1 250 000 Ft", 1250000), ("a budget of 5k", 5000),
        ("15% off", 0.15), ("two boxes", 2), ("on 1 May 2024", "2024-05-01"), ("by May 1st", "2024-05-01"), ("5/1/2024", "2024-05-01"),
        ("am 14. März", "2024-03-14"), ("le 3 août 2023", "2023-08-03"), ("see you tomorrow", "2024-05-01"), ("at 2 pm", "14:00"),
        ("at noon", "12:00"), ("€ 50", "EUR"), ("50 dollars", "USD"), ("for John Smith", "Smith, John"), ("order WK-38-E", "WK38E"),
        ("two boxes", "box"), ("+1 (415) 867-5309", "+14158675309"), ("BLUE cups", "blue cup"),
    ],
)  # fmt: skip
def test_an_input_holds_a_value_in_whatever_way_it_is_written(text: str, value: str | float) -> None:
    assert Source(text).holds(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Total 1.000,50 EUR", 1000.6), ("on 1 May 2024", "2024-05-02"), ("on 1 May 2024", "2023-05-01"), ("Friday 14 March", "2024-03-15"),
        ("at 2 pm", "15:00"), ("two boxes", 3), ("for John Smith", "John Brown"), ("order WK-38-E", "WK39E"), ("€ 50", "USD"),
    ],
)  # fmt: skip
def test_another_value_is_not_held(text: str, value: str | float) -> None:
    assert not Source(text).holds(value)


@given(
    st.one_of(st.text(max_size=30), st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    st.text(max_size=60),
)
def test_any_input_can_be_asked_for_any_value(value: str | float, text: str) -> None:
    assert Source(text).holds(value) in (True, False)
    if isinstance(value, str):
        assert Source(f"{text} {value} {text}").holds(value)


def test_values_that_inputs_often_say_in_other_words_are_classes(embedder: Embedder) -> None:
    said = ["urgent!", "as soon as you can", "high priority", "high"]
    pairs = []
    for n, (text, output) in enumerate(ORDERS):
        level = "high" if n % 6 == 0 else "low"
        words = said[n // 6 % 4] if level == "high" else "low priority"
        pairs.append((f"{text} {words}", json.dumps(json.loads(output) | {"priority": level})))
    assert not checked(pairs, embedder).findings


@pytest.mark.parametrize(
    ("output", "rule"),
    [
        ('{"item": "tea", "count": 60, "count": 61, "unit": "box", "note": {"gift": true}}', "duplicate_key"),
        ('{"item": "tea", "count": NaN, "unit": "box", "note": {"gift": true}}', "not_finite"),
    ],
)
def test_json_that_readers_take_differently_is_found(output: str, rule: str, embedder: Embedder) -> None:
    found = checked([*ORDERS, (order(60)[0] + " 61", output)], embedder).findings
    assert rule in {f.evidence["rule"] for f in found}
    assert {n for f in found for n in records(f)} == {60}


def test_a_date_in_another_form_than_all_others_breaks_the_habit(embedder: Embedder) -> None:
    dated = [
        (f"{text} On {n % 28 + 1} May 2024.", json.dumps(json.loads(output) | {"day": f"2024-05-{n % 28 + 1:02}"}))
        for n, (text, output) in enumerate(ORDERS)
    ]
    assert not checked(dated, embedder).findings
    odd = (dated[3][0], json.dumps(json.loads(dated[3][1]) | {"day": "May 4th"}))
    (finding,) = checked([*dated, odd], embedder).findings
    assert records(finding) == {60}
    assert finding.evidence["violations"][0]["field"] == "$.day"


def test_lists_of_objects_are_judged_item_by_item(embedder: Embedder) -> None:
    def listed(n: int, second: str) -> Pair:
        items = [{"name": ITEMS[n % 5], "count": n}, {"name": second, "count": n + 1}]
        return f"{n} {ITEMS[n % 5]} and {n + 1} {ITEMS[(n + 1) % 5]}", json.dumps({"items": items})

    sound = [listed(n, ITEMS[(n + 1) % 5]) for n in range(40)]
    assert not checked(sound, embedder).findings
    found = checked([*sound, listed(41, "pepper")], embedder).findings
    assert "unsupported $.items[].name" in {f.evidence["rule"] for f in found}
    assert {n for f in found for n in records(f)} == {40}
