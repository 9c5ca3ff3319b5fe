"""What is measured of an answer: sameness, final numbers, JSON fields and form, words."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from comparison_material import write_lines

from curator.comparison import fields, forms, similarity
from curator.comparison.compare import Comparison, Wanted, compare
from curator.comparison.evalset import read_eval
from curator.comparison.normal import final_number, normal
from curator.tasks import Task


def compared(folder: Path, gold: list[str], before: list[str], after: list[str], **wanted: object) -> Comparison:
    asked = [f"question {n}" for n in range(len(gold))]
    files = [
        write_lines(folder / name, [{"input": q, "output": a} for q, a in zip(asked, answers, strict=True)])
        for name, answers in (("eval.jsonl", gold), ("before.jsonl", before), ("after.jsonl", after))
    ]
    settings = Wanted(**({"meaning": False} | wanted))  # type: ignore[arg-type]
    return compare(read_eval(str(files[0])), str(files[1]), str(files[2]), settings)


def value(found: Comparison, id: str) -> tuple[float, float]:
    one = found.measure(id)
    assert one is not None, [m.id for m in found.measures]
    assert one.baseline.value is not None
    assert one.tuned.value is not None
    return one.baseline.value, one.tuned.value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Refund", "refund."),
        ("  refund \n", '"refund"'),
        ("```\nrefund\n```", "refund"),
        ("**refund**", "refund"),
        ('{"a": 1, "b": 2.0}', '{"b":2,"a":1}'),
        ("Cafe\u0301", "café"),
    ],
)
def test_answers_that_say_the_same_are_the_same(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("refund", "no refund"),
        ("-5", "5"),
        ('{"a": 1}', '{"a": "1"}'),
        ("C", "C#"),
        ("1.5", "15"),
        (".5", "5"),
        ("**", "*"),
        ("!open", "open"),
    ],
)
def test_answers_that_differ_stay_apart(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She has 9 * 2 = 18.\n#### 18", "18"),
        ("The answer is 1,234.50 dollars.", "1234.5"),
        ("so x is \\boxed{-07}", "-7"),
        ("#### 5 apples and 3 pears", "3"),
        ("It costs $0.50", "0.5"),
        ("no number here", None),
        ("minus zero: -0", "0"),
        ("So it is −7.", "-7"),
        ("That leaves 10-5", "5"),
    ],
)
def test_the_number_an_answer_comes_to(text: str, expected: str | None) -> None:
    assert final_number(text) == expected


def test_sums_are_judged_by_their_final_number(tmp_path: Path) -> None:
    gold = [f"First {n} then {n + 1}.\n#### {n}" for n in range(30)]
    before = [f"I think it is {n if n % 2 else n + 1}" for n in range(30)]
    after = [f"So the result is {n}." for n in range(30)]
    found = compared(tmp_path, gold, before, after)
    assert found.primary == "final"
    assert value(found, "final") == (0.5, 1.0)
    assert value(found, "exact") == (0.0, 0.0)


RECORDS = [
    {"customer": f"shop {n}", "items": [{"name": "tea", "count": n}, {"name": "milk", "count": 2}]} for n in range(25)
]


def test_json_is_compared_field_by_field(tmp_path: Path) -> None:
    gold = [json.dumps(one) for one in RECORDS]
    before = ["no idea"] * 5 + [json.dumps(one | {"customer": "who"}) for one in RECORDS[5:]]
    after = [json.dumps(one, indent=1) for one in RECORDS]
    found = compared(tmp_path, gold, before, after)
    assert found.task is Task.EXTRACTION
    assert value(found, "exact") == (0.0, 1.0)
    assert value(found, "exact_raw") == (0.0, 0.0)
    assert value(found, "parses") == (0.8, 1.0)
    # 25 records of 5 values: 20 have 4 right and 1 wrong, 5 have none.
    assert value(found, "field_f1") == (pytest.approx(2 * 80 / (100 + 125)), 1.0)
    by_name = {one.name: one for one in found.by_name}
    assert by_name["customer"].baseline.f1 == 0
    assert by_name["items[].name"].baseline.recall == pytest.approx(40 / 50)
    assert by_name["customer"].changed


def test_the_order_of_a_list_and_a_code_fence_do_not_make_values_wrong() -> None:
    one = fields.pairs('{"items": ["b", "a"], "price": 5.0}')
    other = fields.pairs('```json\n{"price": 5, "items": ["a", "b"]}\n```')
    assert one == other == Counter({("items[]", '"a"'): 1, ("items[]", '"b"'): 1, ("price", "5"): 1})


def test_fields_that_no_right_answer_has_cost_precision(tmp_path: Path) -> None:
    gold = [json.dumps({"a": n}) for n in range(25)]
    found = compared(tmp_path, gold, gold, [json.dumps({"a": n, "b": 1}) for n in range(25)])
    assert value(found, "field_f1") == (1.0, pytest.approx(2 * 25 / (50 + 25)))
    assert [one.tuned.given for one in found.by_name if one.name.startswith("(")] == [25]


def test_the_schema_of_the_right_answers_is_what_counts_as_form(tmp_path: Path) -> None:
    gold = [json.dumps({"name": f"n{n}", "count": n}) for n in range(25)]
    before = [json.dumps({"name": f"n{n}", "count": str(n)}) for n in range(25)]
    found = compared(tmp_path, gold, before, gold)
    assert value(found, "adherence") == (0.0, 1.0)
    given = compared(tmp_path, gold, before, gold, schema={"type": "object", "required": ["name"]})
    assert value(given, "adherence") == (1.0, 1.0)


def test_json_in_a_code_fence_breaks_the_format_and_is_read_all_the_same(tmp_path: Path) -> None:
    gold = [json.dumps({"a": n}) for n in range(25)]
    fenced = [f"```json\n{text}\n```" for text in gold]
    found = compared(tmp_path, gold, fenced, gold)
    assert value(found, "parses") == (0.0, 1.0)
    assert value(found, "exact") == (1.0, 1.0)
    assert any("code fence" in note for note in found.notes)


GREETED = [f"Dear customer, your order {n} is on its way.\nKind regards, the shop." for n in range(40)]


def test_the_form_is_what_nearly_all_right_answers_share() -> None:
    rules = forms.infer(GREETED)
    said = [rule.said for rule in rules]
    assert "several lines" in said
    assert "begins with 'Dear'" in said
    assert all(forms.keeps(text, rules) for text in GREETED)
    assert not forms.keeps("Hi! Your order is coming.", rules)
    assert not forms.keeps("**Dear** customer,\n- your order\n- is late.", rules)
    assert forms.infer(GREETED[:5]) == ()
    sums = [rule.said for rule in forms.infer([f"{n} and {n} is\n#### {2 * n}" for n in range(30)])]
    assert "ends with #### and a number" in sums
    assert "a heading" not in sums


def test_free_text_is_compared_by_words_and_listed_where_it_moved(tmp_path: Path) -> None:
    before = ["Something else entirely.\nThanks." for _ in GREETED]
    found = compared(tmp_path, GREETED, before, GREETED, task=Task.GENERATION)
    assert found.primary == "rouge_l"
    assert value(found, "token_f1")[1] == 1.0
    assert value(found, "adherence") == (0.0, 1.0)
    assert found.turned is None
    assert len(found.flips) == 40
    assert all(one.better for one in found.flips)


def test_meaning_is_compared_by_embedding(tmp_path: Path) -> None:
    gold = ["The parcel arrives on Monday.", "You can pay by card.", "The lamp is out of stock."] * 3
    near = ["Your package comes on Monday.", "Paying with a card is possible.", "That lamp is sold out."] * 3
    far = ["Bananas are yellow.", "The moon is far away.", "Seven rivers run north."] * 3
    found = compared(tmp_path, gold, far, near, task=Task.GENERATION, meaning=True)
    low, high = value(found, "meaning")
    assert low < 0.3 < 0.6 < high
    assert found.encoder


@pytest.mark.parametrize(
    ("given", "reference", "f1", "in_order"),
    [
        ("the cat sat", "the cat sat", 1.0, 1.0),
        ("sat cat the", "the cat sat", 1.0, 1 / 3),
        ("the dog", "the cat sat", 2 / 5, 2 / 5),
        ("", "the cat", 0.0, 0.0),
        ("", "", 1.0, 1.0),
        ("東京の天気", "東京の空", 2 * 3 / 9, 2 * 3 / 9),
    ],
)
def test_words_in_common_by_hand(given: str, reference: str, f1: float, in_order: float) -> None:
    one, other = similarity.words(given), similarity.words(reference)
    assert similarity.token_f1(one, other) == pytest.approx(f1)
    assert similarity.rouge_l(one, other) == pytest.approx(in_order)
