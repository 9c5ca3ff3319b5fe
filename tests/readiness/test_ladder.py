"""The rung of the ladder: every row of the decision matrix, and what each answer changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator.readiness import QUESTIONS, Answers, Point, Rung, State, decide, openings
from curator.readiness.ladder import sources
from curator.readiness.texts import text

LADDER = sources()
COLUMNS = {
    "prompting": {Rung.PROMPT, Rung.FEW_SHOT},
    "retrieval": {Rung.RETRIEVAL},
    "fine-tune": {Rung.FINE_TUNE},
}
TRIED = {"prompting": True, "few_shot": True, "measure": True, "knowledge": False, "narrow": True}
TRIED |= {"form": False, "cheaper": False, "explainable": False}
CONDITIONS: dict[str, dict[str, bool]] = {
    "knowledge is external": {"knowledge": True},
    "style or format matters": {"form": True},
    "data changes frequently": {"knowledge": True},
    "need low latency": {"cheaper": True},
    "too few examples": {},
    "need to reduce cost": {"cheaper": True},
    "task is narrow": {"narrow": True, "form": True},
    "task is general": {"narrow": False},
    "need explainability": {"explainable": True},
}
"""What is answered where a row of the matrix applies, beside `TRIED`: the ladder up to there has been climbed. That a task is
narrow is no reason of its own: something must ask for more than a prompt gives."""


def size(left: int, minimum: int = 500) -> Point:
    figures = {"clean": left, "minimum": minimum}
    return Point("size", left >= minimum, text("eval.found", n=left), blocking=True, figures=figures)


def leaking(passed: bool = False) -> Point:
    return Point("leaks", passed, text("leaks.none", n=100), blocking=True)


@pytest.mark.parametrize("row", LADDER["matrix"])
def test_every_row_of_the_matrix_leads_where_it_says_yes_and_not_where_it_says_no(row: str) -> None:
    points = (size(80 if row == "too few examples" else 2_000),)
    rung = decide(points, Answers({**TRIED, **CONDITIONS[row]})).rung
    says = LADDER["matrix"][row]
    chosen = next(column for column, rungs in COLUMNS.items() if rung in rungs)
    assert says[chosen] == "yes", f"{row}: {rung}"


@pytest.mark.parametrize("row", LADDER["matrix"])
def test_where_the_matrix_says_no_or_risky_no_amount_of_data_leads_there(row: str) -> None:
    if LADDER["matrix"][row]["fine-tune"] in ("no", "risky") and row != "too few examples":
        assert decide((size(100_000),), Answers({**TRIED, **CONDITIONS[row]})).state is State.SIMPLER


def test_the_matrix_has_the_rungs_of_the_ladder() -> None:
    assert LADDER["rungs"] == [str(rung) for rung in Rung]
    assert set(CONDITIONS) == set(LADDER["matrix"])


@pytest.mark.parametrize(
    ("left", "said", "rung"),
    [
        (2_000, {"prompting": False}, Rung.PROMPT),
        (40, {"prompting": False}, Rung.PROMPT),
        (40, {}, Rung.FEW_SHOT),
        (40, {"knowledge": True}, Rung.RETRIEVAL),
        (2_000, {"knowledge": True, "prompting": False}, Rung.RETRIEVAL),
        (2_000, {"prompting": True, "few_shot": False}, Rung.FEW_SHOT),
        (2_000, {"explainable": True, "prompting": True}, Rung.FEW_SHOT),
        (2_000, {"explainable": True}, Rung.PROMPT),
        (2_000, {"measure": False, "prompting": True}, Rung.PROMPT),
        (2_000, {"form": False, "cheaper": False}, Rung.FEW_SHOT),
        (2_000, {}, Rung.FINE_TUNE),
    ],
)
def test_what_comes_first(left: int, said: dict[str, bool], rung: Rung) -> None:
    assert decide((size(left),), Answers(said)).rung is rung


def test_a_prompt_that_reaches_the_target_is_enough() -> None:
    reached = Answers({**TRIED, "form": True}, score=0.96, target=0.95)
    assert decide((size(2_000),), reached).rung is Rung.FEW_SHOT
    short = Answers({**TRIED}, score=0.80, target=0.95)
    found = decide((size(2_000),), short)
    assert found.state is State.READY
    assert "15.0 points short" in str(found.reasons[-1].what)


def test_data_that_must_be_mended_is_a_state_before_the_last_rung() -> None:
    found = decide((size(2_000), leaking()), Answers())
    assert (found.rung, found.state) == (Rung.FINE_TUNE, State.MEND)
    assert found.reasons[0].point == "leaks"
    assert decide((size(2_000), leaking(True)), Answers()).state is State.READY


def test_prompting_that_was_not_tried_comes_before_data_that_leaks() -> None:
    found = decide((size(2_000), leaking()), Answers({"prompting": False}))
    assert (found.rung, found.state) == (Rung.PROMPT, State.SIMPLER)


def test_an_open_question_says_what_its_answer_would_change() -> None:
    found = {(one.question, one.said): one.rung for one in openings((size(2_000),), Answers())}
    assert found["prompting", False] is Rung.PROMPT
    assert found["knowledge", True] is Rung.RETRIEVAL
    assert ("prompting", True) not in found
    assert ("form", True) not in found


said = st.dictionaries(st.sampled_from(QUESTIONS), st.booleans())
numbers = st.one_of(st.none(), st.floats(0, 1))


@given(said, numbers, numbers, st.integers(0, 3_000), st.booleans())
@settings(max_examples=60, deadline=None)
def test_whatever_is_answered_there_is_one_answer_with_a_reason(
    said: dict[str, bool], score: float | None, target: float | None, left: int, leaks: bool
) -> None:
    points = (size(left), leaking(not leaks))
    found = decide(points, Answers(said, score, target))
    assert found.reasons[0].point or found.reasons[0].question
    assert (found.state is State.SIMPLER) == (found.rung is not Rung.FINE_TUNE)
    if found.state is State.READY:
        assert all(p.passed for p in points)
    for language in ("en", "de"):
        assert all("{" not in one.what.say(language) for one in found.reasons)


@given(said, numbers, numbers)
@settings(max_examples=40, deadline=None)
def test_answers_are_read_back_as_they_were_written(
    said: dict[str, bool], score: float | None, target: float | None
) -> None:
    answers = Answers(said, score, target)
    assert Answers.of(answers.as_json()) == answers
