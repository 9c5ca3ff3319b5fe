"""Two answers side by side: blinding and its undoing, and the figures of a preference."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sides_material import pair, pairs, wins

from curator.comparison.sides import (
    BASELINE,
    BOTH_BAD,
    EQUAL,
    FIRST_BETTER,
    LABELS,
    SECOND_BETTER,
    TUNED,
    Sealed,
    blinded,
    orders,
    pairs_of,
    preferred,
    seal,
    sides_of,
    turned,
    turned_label,
    unseal,
)
from curator.comparison.sides_statistics import decide, leaning, least_shown, sign_test, win_rate
from curator.comparison.verdict import Outcome
from curator.model import Example, Message, Ref, ToolCall, as_json, content_key, from_json

PROPERTY = settings(derandomize=True, max_examples=60, deadline=None)


@PROPERTY
@given(baseline=st.text(), tuned=st.text(), tuned_first=st.booleans(), prefers_tuned=st.booleans())
def test_unblinding_undoes_blinding_in_any_order(
    baseline: str, tuned: str, tuned_first: bool, prefers_tuned: bool
) -> None:
    shown = sides_of(blinded(pair(0, baseline, tuned), tuned_first))
    assert shown is not None
    answers = (shown.first.content, shown.second.content)
    assert answers == ((tuned, baseline) if tuned_first else (baseline, tuned))
    # Whoever prefers the text at one place prefers the system whose text it is.
    at = answers.index(tuned if prefers_tuned else baseline)
    if baseline != tuned:
        assert preferred((FIRST_BETTER, SECOND_BETTER)[at], tuned_first) == (TUNED if prefers_tuned else BASELINE)
    assert {preferred(label, tuned_first) for label in (EQUAL, BOTH_BAD)} == {EQUAL, BOTH_BAD}


@PROPERTY
@given(baseline=st.text(), tuned=st.text(), tuned_first=st.booleans(), label=st.sampled_from(LABELS))
def test_the_other_way_round_a_label_means_the_same(baseline: str, tuned: str, tuned_first: bool, label: str) -> None:
    shown = blinded(pair(0, baseline, tuned), tuned_first)
    assert turned(shown) == blinded(pair(0, baseline, tuned), not tuned_first)
    assert turned(turned(shown)) == shown
    assert preferred(turned_label(label) or "", not tuned_first) == preferred(label, tuned_first)
    assert turned_label(turned_label(label)) == label


@PROPERTY
@given(number=st.integers(0, 200), seed=st.integers(0, 2**40), secret=st.binary(min_size=1, max_size=32))
def test_either_system_stands_first_as_often(number: int, seed: int, secret: bytes) -> None:
    drawn = orders(number, seed, secret)
    assert len(drawn) == number
    assert abs(sum(drawn) - number / 2) <= 0.5
    assert drawn == orders(number, seed, secret)


def test_without_the_secret_the_seed_tells_no_order() -> None:
    drawn = [orders(60, 7, bytes([at])) for at in range(200)]
    alike = [sum(a == b for a, b in zip(drawn[0], other, strict=True)) / 60 for other in drawn[1:]]
    assert abs(float(np.mean(alike)) - 0.5) < 0.02
    assert sum(one[0] for one in drawn) in range(70, 131)


def test_the_blinded_example_keeps_the_question_and_nothing_that_names_a_system() -> None:
    call = ToolCall("look_up", '{"id": 7}')
    question = (Message("system", "Be brief."), Message("user", "Where is it?", extra={"model": "zebra"}))
    example = Example(Ref("e.jsonl", 0, 1), (*question, Message("assistant", "There.")), ({"name": "look_up"},))
    one = blinded(
        type(pair(0, "", ""))(
            example, Message("assistant", "Here.", name="zebra-7b"), Message("assistant", None, (call,))
        ),
        tuned_first=True,
    )
    assert "zebra" not in str(as_json(one))
    assert "There." not in str(as_json(one))
    assert one.tools == example.tools
    shown = sides_of(from_json(as_json(one), one.ref))
    assert shown is not None
    assert [turn.text for turn in shown.question] == ["Be brief.", "Where is it?"]
    assert (shown.first.tool_calls, shown.second.content) == ((call,), "Here.")
    # A label changes neither the answers nor what is found in them.
    assert sides_of(one.with_output(FIRST_BETTER)) == sides_of(one)
    assert content_key(one.with_output(EQUAL)) != content_key(one)


def test_examples_of_several_sources_are_named_by_their_place() -> None:
    evals = [Example(Ref(f"{name}.jsonl", 0, 1), (Message("user", name), Message("assistant", "x"))) for name in "abc"]
    found = pairs_of(evals, ["1", None, "3"], ["2", "2", "3"])
    assert [(one.example.ref.record, one.example.ref.line, one.same) for one in found] == [
        (0, None, False),
        (2, None, True),
    ]
    assert pairs_of(evals[:1], ["1"], ["2"])[0].example.ref.line == 1


def test_what_is_sealed_comes_back_and_what_is_kept_away_is_none() -> None:
    sealed = Sealed("a", "b", True, 12, 3)
    assert unseal(seal(sealed)) == sealed
    assert unseal(None) is None
    assert unseal({"label": "x"}) is None


# Figures


def test_the_sign_test_worked_by_hand() -> None:
    # 8 of 9: (1 + 9) of 512 outcomes are as extreme on one side.
    assert sign_test(8, 1) == pytest.approx(2 * 10 / 512)
    assert sign_test(0, 6) == pytest.approx(2 / 64)
    assert sign_test(3, 3) == 1
    assert sign_test(0, 0) is None


def test_the_win_rate_counts_a_tie_as_half() -> None:
    rate = win_rate(6, 2, 2)
    assert rate.value == pytest.approx(0.7)
    assert rate.low is not None
    assert rate.high is not None
    # The normal interval is near for so even a spread: ±1.96 sqrt(var / n), var = E[x²] − E[x]² = .65 − .49.
    assert rate.low == pytest.approx(0.7 - 1.96 * math.sqrt(0.16 / 10), abs=0.06)
    assert win_rate(6, 2, 2) == rate
    every = win_rate(12, 0, 0)
    assert every.value == 1
    assert every.low == pytest.approx(0.7575, abs=0.001)  # Wilson's of 12 of 12
    assert win_rate(0, 0, 0).value is None


@pytest.mark.parametrize("ties", [0.0, 0.25])
def test_level_systems_are_seldom_called_different(ties: float) -> None:
    draw = np.random.default_rng(5)
    found = []
    for at in range(500):
        tied = int((draw.random(60) < ties).sum())
        won = int(draw.binomial(60 - tied, 0.5))
        found.append(decide(win_rate(won, tied, 60 - tied - won, at), sign_test(won, 60 - tied - won)))
    assert found.count(Outcome.BETTER) <= 25
    assert found.count(Outcome.WORSE) <= 25


def test_a_system_that_wins_two_of_three_is_found_with_two_hundred_items() -> None:
    draw = np.random.default_rng(6)
    won = draw.binomial(200, 0.65, size=200)
    found = [decide(win_rate(int(n), 0, 200 - int(n)), sign_test(int(n), 200 - int(n))) for n in won]
    assert found.count(Outcome.BETTER) >= 190
    assert found.count(Outcome.WORSE) == 0


def test_what_so_many_items_show() -> None:
    assert least_shown(5) is None  # not even five of five: 2 of 32
    assert least_shown(200) == pytest.approx(0.6, abs=0.01)
    draw = np.random.default_rng(7)
    won = draw.binomial(60, least_shown(60) or 0, size=4_000)
    shown = np.mean([(sign_test(int(n), 60 - int(n)) or 1) < 0.05 for n in won])
    assert shown == pytest.approx(0.8, abs=0.03)


def test_a_leaning_is_found_and_none_is_made_up() -> None:
    assert leaning([(2, 0)] * 20).leans
    assert leaning([(2, 0)] * 20).share.value == 1
    none = leaning([(2, 0), (0, 2)] * 10 + [(1, 1)] * 5)
    assert (none.first, none.second, none.leans) == (25, 25, False)
    assert leaning([]).p is None
    draw = random.Random(3)
    false = 0
    for at in range(300):
        # Two judges who mostly agree: votes on one item are no two pieces of evidence.
        firsts = [draw.random() < 0.5 for _ in range(40)]
        said = [sum(first if draw.random() < 0.9 else not first for _ in range(2)) for first in firsts]
        false += leaning([(n, 2 - n) for n in said], at).leans
    assert false <= 27


def test_the_material_is_what_it_says() -> None:
    made = pairs("tbexs")
    assert [one.same for one in made] == [False, False, False, False, True]
    assert wins(FIRST_BETTER, True) is True
    assert wins(EQUAL, True) is None
