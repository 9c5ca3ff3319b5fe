"""Agreement on labels that are sets, on JSON fields and on texts."""

from __future__ import annotations

import json
from itertools import combinations

import krippendorff
import numpy as np
import pytest

from curator.review.agreement.fields import measure_fields
from curator.review.agreement.measures import measure_agreement
from curator.review.agreement.sets import label_sets, masi_distances, merge_equal_sets
from curator.review.agreement.statistics import alpha_by_distance
from curator.review.agreement.texts import measure_texts
from curator.review.consensus.choosing import find_consensus
from curator.review.votes.arrays import make_votes
from curator.review.votes.outputs import Output


def alpha_by_loops(units, distance):
    """Krippendorff's α from lists of values per unit, straight from its definition."""
    units = [unit for unit in units if len(unit) > 1]
    values = [value for unit in units for value in unit]
    n = len(values)
    observed = sum(2 * sum(distance(a, b) for a, b in combinations(unit, 2)) / (len(unit) - 1) for unit in units) / n
    expected = 2 * sum(distance(a, b) for a, b in combinations(values, 2)) / (n * (n - 1))
    return 1 - observed / expected


def masi(a: frozenset[str], b: frozenset[str]) -> float:
    if a == b:
        return 0.0
    overlap = len(a & b) / len(a | b)
    if a <= b or b <= a:
        return 1 - overlap * 2 / 3
    return 1 - overlap / 3 if a & b else 1.0


def test_masi_distance_of_passonneaus_four_cases():
    sets = tuple(frozenset(names) for names in ("ab", "ab", "a", "bc", "cd"))
    distances = masi_distances(sets)
    assert distances[0].tolist() == pytest.approx([0, 0, 1 - 1 / 2 * 2 / 3, 1 - 1 / 3 * 1 / 3, 1])


def test_alpha_on_random_sets_is_that_of_the_definition():
    generator = np.random.default_rng(0)
    for _ in range(50):
        units = [
            [
                frozenset(np.array(list("abcd"))[generator.random(4) < 0.5].tolist())
                for _reviewer in range(generator.integers(1, 5))
            ]
            for _item in range(generator.integers(4, 12))
        ]
        sets = tuple(sorted({value for unit in units for value in unit}, key=sorted))
        counts = np.array([[unit.count(one) for one in sets] for unit in units], dtype=float)
        if len({value for unit in units if len(unit) > 1 for value in unit}) < 2:
            continue
        found = alpha_by_distance(counts, np.ones((1, len(units))), masi_distances(sets))[0]
        assert found == pytest.approx(alpha_by_loops(units, masi), abs=1e-9)


def test_alpha_by_nominal_distance_is_krippendorffs():
    table = np.array(
        [[1, 2, 3, 3, 2, 1, 4, 1, 2, np.nan], [1, 2, 3, 3, 2, 2, 4, 1, 2, 5], [np.nan, 3, 3, 3, 2, 3, 4, 2, 2, 5]]
    )
    counts = np.array([[(unit == label).sum() for label in range(1, 6)] for unit in table.T], dtype=float)
    found = alpha_by_distance(counts, np.ones((1, 10)), 1 - np.eye(5))[0]
    assert found == pytest.approx(krippendorff.alpha(table, level_of_measurement="nominal"), abs=1e-9)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (('["a", "b"]', '["b"]', "[]"), [{"a", "b"}, {"b"}, set()]),
        (("a;b", "b", "a"), [{"a", "b"}, {"b"}, {"a"}]),
        (("b|a", "a|b", "b"), [{"a", "b"}, {"a", "b"}, {"b"}]),
        (("a, b", "b", "a, c", "c"), [{"a", "b"}, {"b"}, {"a", "c"}, {"c"}]),
        (("yes, surely", "no, thanks"), None),
        (("a", "b"), None),
        (('["a"]', "b"), None),
    ],
)
def test_sets_are_known_by_how_they_are_written(labels, found):
    sets = label_sets(labels)
    assert (None if sets is None else [set(one) for one in sets]) == found


def test_sets_that_overlap_agree_in_part_and_each_label_is_measured():
    rows = []
    for n in range(30):
        whole = "billing;refund" if n % 3 else "login"
        rows += [(str(n), "Ann", whole), (str(n), "Bo", "billing" if n % 3 == 1 else whole)]
    votes = make_votes(rows)
    found = measure_agreement(votes, find_consensus(votes, "majority"))
    assert found.sets is not None
    assert found.krippendorff_alpha.value < found.sets.masi_alpha.value < 1
    labels = {one.label: one for one in found.sets.by_label}
    assert labels["billing"].krippendorff_alpha.value == labels["login"].krippendorff_alpha.value == 1
    assert labels["refund"].percent_agreement.value == pytest.approx(2 / 3)
    assert labels["refund"].votes == 30


def test_equal_sets_are_one_label_however_they_are_ordered():
    rows = [
        ("1", "Ann", "a;b"),
        ("1", "Bo", "b;a"),
        ("2", "Ann", "b;a"),
        ("2", "Bo", "c"),
        ("3", "Ann", "b"),
        ("3", "Bo", "b"),
    ]
    votes = merge_equal_sets(make_votes(rows))
    assert votes.labels == ("b", "b;a", "c")
    assert votes.counts().tolist() == [[0, 2, 0], [0, 1, 1], [2, 0, 0]]
    assert "count as the same" in votes.notes[0]
    plain = make_votes([("1", "Ann", "x"), ("1", "Bo", "y")])
    assert merge_equal_sets(plain) is plain


def output(item, reviewer, value):
    return Output(str(item), reviewer, value if isinstance(value, str) else json.dumps(value))


def test_fields_agree_one_by_one_and_a_missing_field_is_a_difference():
    outputs = []
    for n in range(20):
        ann = {"name": f"n{n}", "price": {"amount": 1.0, "currency": "EUR"}, "tags": ["a", n]}
        bo = {"name": f"n{n}", "price": {"amount": 1}, "tags": ["a", n + n % 2]}
        outputs += [output(n, "Ann", ann), output(n, "Bo", bo)]
    outputs += [output(0, "Cy", "no JSON"), output(30, "Ann", {"name": "alone"})]
    found = {one.path: one for one in measure_fields(outputs)}
    assert [*found] == ["name", "price.amount", "price.currency", "tags"]
    assert found["name"].percent_agreement.value == found["name"].krippendorff_alpha.value == 1
    assert found["price.amount"].percent_agreement.value == 1
    assert "one and the same value" in found["price.amount"].krippendorff_alpha.why
    assert found["price.currency"].percent_agreement.value == 0
    assert found["tags"].percent_agreement.value == pytest.approx(0.5)
    assert found["tags"].items == 20
    assert found["tags"].krippendorff_alpha.low < found["tags"].krippendorff_alpha.value


def test_a_number_with_more_digits_than_can_be_read_is_no_json():
    long = f'{{"total": {"1" * 5_000}}}'
    assert measure_fields([Output("1", name, long) for name in ("Ann", "Bo")]) == ()
    assert label_sets((f"[{'1' * 5_000}]", "a")) is None


def test_alpha_of_a_field_is_krippendorffs():
    generator = np.random.default_rng(1)
    table = generator.integers(0, 3, (3, 40)).astype(float)
    table[:, :20] = table[0, :20]
    table[2, ::3] = np.nan
    outputs = [
        output(item, f"r{reviewer}", {"f": int(table[reviewer, item])})
        for reviewer in range(3)
        for item in range(40)
        if not np.isnan(table[reviewer, item])
    ]
    (found,) = measure_fields(outputs)
    expected = krippendorff.alpha(table, level_of_measurement="nominal")
    assert found.krippendorff_alpha.value == pytest.approx(expected, abs=1e-9)


def test_texts_are_as_far_apart_as_their_edits():
    outputs = [output(n, who, f"Answer number {n} is {n * 37}.") for n in range(25) for who in ("Ann", "Bo")]
    same = measure_texts(outputs)
    assert same.similarity.value == same.identical.value == same.alpha.value == 1
    changed = [
        output(n, who, "kitten" if who == "Ann" else "sitting") if n == 0 else one
        for one, n, who in ((one, int(one.item), one.reviewer) for one in outputs)
    ]
    found = measure_texts(changed)
    assert found.similarity.value == pytest.approx(1 - 3 / 7 / 25)
    assert found.identical.value == pytest.approx(24 / 25)
    assert found.similarity.low < found.similarity.value
    assert found.alpha.value < 1
    assert measure_texts([output(1, "Ann", "alone")]) is None


def test_alpha_of_texts_is_that_of_the_definition():
    words = np.array("red green blue round square big small old new".split())
    generator = np.random.default_rng(2)
    units = [[" ".join(generator.choice(words, 4)) for _ in range(int(generator.integers(2, 4)))] for _ in range(12)]
    outputs = [output(f"{n:02}", f"r{k}", text) for n, unit in enumerate(units) for k, text in enumerate(unit)]

    def edits(a, b):
        row = list(range(len(b) + 1))
        for i, x in enumerate(a, 1):
            before, row[0] = row[0], i
            for j, y in enumerate(b, 1):
                before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
        return row[-1] / max(len(a), len(b))

    assert measure_texts(outputs).alpha.value == pytest.approx(alpha_by_loops(units, edits), abs=1e-9)


def test_unlike_texts_have_an_alpha_near_nothing():
    generator = np.random.default_rng(3)
    letters = np.array(list("abcdefghij"))
    outputs = [output(n, who, "".join(generator.choice(letters, 30))) for n in range(200) for who in ("Ann", "Bo")]
    alpha = measure_texts(outputs).alpha
    assert alpha.low < 0.02
    assert abs(alpha.value) < 0.05
