"""Inputs in other words: found where they say the same, left alone where one word makes them say something else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from corpus_material import Pair, by_content, corpus, data_of, found, run
from hypothesis import given
from hypothesis import strategies as st

from curator.checks.nearness import Evidence, Scale, scale_of, score_of
from curator.checks.pairs import BAND
from curator.checks.wording import difference
from curator.embedding import Embedder
from curator.tasks import Task

THINGS = "kettle lamp chair mirror carpet towel clock candle teapot cushion vase stool ladder bucket tent drum".split()
BACKGROUND = [
    (f"{ask.format(thing)}", f"About the {thing}: {answer}.")
    for thing in THINGS
    for ask, answer in (
        ("Does the {} come in other colours?", "it comes in three colours, all of them in stock"),
        ("Our neighbours broke the {} that we lent them, who pays?", "the one who broke it pays, or an insurance"),
        ("Which museum shows a {} from the middle ages?", "the town museum has a fine one on its first floor"),
        ("I dreamt of a {} that could sing.", "how lovely, write it down before you forget"),
    )
]
SAME = [
    ("How do I reset my password?", "I forgot my login code, how can I get a new one?"),
    ("My laptop won't turn on any more.", "The notebook is dead, it doesn't start."),
    ("Why does my bread not rise?", "What is the reason my loaf stays flat?"),
    ("Do I have to pay tax on a gift from my parents?", "Is money given to me by my parents taxable?"),
    ("How can I read a file line by line in Python?", "Python: process a text file one line at a time"),
    (
        "What is the cheapest way from the airport to the centre?",
        "How do I get downtown from the airport for the least money?",
    ),
]
ALONE = [
    ("What can I use instead of eggs in a cake?", "Which egg substitutes work when baking a cake?"),
    ("Do I need a visa for Japan?", "Is a visa required to enter Japan?"),
    ("Sort a list of dictionaries by a key in Python.", "In Python, order a list of dicts by one of their keys."),
    ("How long does a trademark last?", "What is the duration of trademark protection?"),
]
"""Near enough to be found where the outputs are labels, and say nothing of the questions."""
OTHER = [
    ("How do I activate two-factor login?", "How do I deactivate two-factor login?"),
    ("How do I treat high blood pressure?", "How do I treat low blood pressure?"),
    ("Who pays for the repair before the sale?", "Who pays for the repair after the sale?"),
    ("Can a tenant terminate the lease early?", "Can a landlord terminate the lease early?"),
    ("Check whether x < y holds for all pairs.", "Check whether x <= y holds for all pairs."),
    ("Sort the list in ascending order.", "Sort the list in descending order."),
    ("How do I convert a string to an integer in Python?", "How do I convert an integer to a string in Python?"),
    ("When does the train from berlin to munich leave?", "When does the train from munich to berlin leave?"),
    ("How many miles is it to the lake?", "How many kilometres is it to the lake?"),
    ("What are the symptoms of iron deficiency?", "What are the causes of iron deficiency?"),
    ("Why is my transfer still pending?", "When is my transfer no longer pending?"),
    ("Can I freeze cooked pasta?", "Can I freeze cooked potatoes?"),
    ("Do I need a visa for china?", "Do I need a visa for india?"),
]


def planted(pairs: list[Pair], answers: list[str] | None = None) -> list[Pair]:
    """Both questions of each pair with one answer of their own, before a background of others."""
    rows = [(text, answers[at] if answers else "label") for at, both in enumerate(pairs) for text in both]
    return [*rows, *((text, answer if answers else "other") for text, answer in BACKGROUND)]


def both(pairs: list[Pair]) -> list[set[int]]:
    return [{2 * at, 2 * at + 1} for at in range(len(pairs))]


def answers_to(pairs: list[Pair]) -> list[str]:
    return [
        f"{' '.join(dict.fromkeys(a.lower().split()))} is answered on page {at + 1} of our guide"
        for at, (a, _) in enumerate(pairs)
    ]


def test_questions_in_other_words_with_one_telling_answer_are_found(embedder: Embedder) -> None:
    outcome = run("near_duplicate", data_of(planted(SAME, answers_to(SAME)), task=Task.DOMAIN, embedder=embedder))
    assert found(outcome) == both(SAME)
    assert all(f.evidence["others"][0]["kind"] == "paraphrase" for f in outcome.findings)
    assert any(f.evidence["others"][0]["by_outputs"] for f in outcome.findings)


def test_rewordings_that_stand_out_are_found_by_their_inputs_alone(embedder: Embedder) -> None:
    data = data_of(planted(ALONE), task=Task.CLASSIFICATION, embedder=embedder)
    assert max(float(data.input_vectors[i] @ data.input_vectors[j]) for i in range(4) for j in range(i)) < 0.93
    assert found(run("near_duplicate", data)) == both(ALONE)


def test_a_word_that_changes_the_question_keeps_two_texts_apart(embedder: Embedder) -> None:
    assert not found(run("near_duplicate", data_of(planted(OTHER), task=Task.CLASSIFICATION, embedder=embedder)))


def test_a_stock_answer_is_no_evidence(embedder: Embedder) -> None:
    """Questions about different things, five to an answer."""
    asked = [f"{ask} {thing}?" for thing in THINGS for ask in ("Where is my", "Who invented the", "Can I paint a")]
    stock = [f"Thank you for your question number {at // 5}, we shall look into it today." for at in range(len(asked))]
    data = data_of(list(zip(asked, stock, strict=True)), task=Task.DOMAIN, embedder=embedder)
    assert not found(run("near_duplicate", data))


def test_reviewers_move_the_cut_and_see_what_lies_below(embedder: Embedder) -> None:
    rows = planted(ALONE)
    own = run("near_duplicate", data_of(rows, task=Task.CLASSIFICATION, embedder=embedder))
    assert own.calibration["cut"] == 0.5
    assert not own.borderline
    scores = sorted(f.score for f in own.findings)
    cut = (scores[0] + scores[1]) / 2
    settings = {"task": Task.CLASSIFICATION, "embedder": embedder, "borderline": True}
    stricter = run("near_duplicate", data_of(rows, cuts={"near_duplicate": cut}, **settings))
    assert [f.score >= cut for f in stricter.findings] == [True] * (len(own.findings) - 1)
    assert stricter.calibration["cut"] == cut
    asked = {f.score for f in stricter.borderline}
    assert all(cut - BAND <= score < cut for score in asked)
    assert scores[0] in asked or scores[0] < cut - BAND


@pytest.mark.parametrize("cut", [0.4, 0.5, 0.6, 0.8])
def test_a_higher_cut_never_reports_more(cut: float, embedder: Embedder) -> None:
    low, high = (
        data_of(planted(ALONE), task=Task.CLASSIFICATION, embedder=embedder, cuts={"near_duplicate": value}).pairs.edges
        for value in (cut, cut + 0.1)
    )
    assert {(e.a, e.b) for e in high if e.repeats} <= {(e.a, e.b) for e in low if e.repeats and e.score >= cut}


def test_findings_do_not_depend_on_the_order_of_the_rows(embedder: Embedder) -> None:
    rows = planted([*SAME, *OTHER], answers_to([*SAME, *OTHER]))
    there = data_of(rows, task=Task.DOMAIN, embedder=embedder)
    back = data_of(rows[::-1], task=Task.DOMAIN, embedder=embedder)
    for check in ("near_duplicate", "conflict"):
        assert by_content(there, run(check, there).findings) == by_content(back, run(check, back).findings)


def test_case_and_white_space_change_no_score(embedder: Embedder) -> None:
    rows = planted(ALONE)
    folded = [(f"  {text}\n", output) for text, output in rows]
    plain, spaced = (
        run("near_duplicate", data_of(corpus(r), task=Task.CLASSIFICATION, embedder=embedder)) for r in (rows, folded)
    )
    assert [round(f.score, 2) for f in plain.findings] == [round(f.score, 2) for f in spaced.findings]


cosines = st.lists(st.floats(0.0, 1.0), min_size=2, max_size=20).map(np.asarray)


@given(cosines, st.floats(0.3, 0.98))
def test_scores_rise_with_the_cosine_and_are_half_at_what_is_needed(cosine: np.ndarray, needed: float) -> None:
    score = score_of(np.sort(cosine), np.full(len(cosine), needed))
    assert np.all(np.diff(score) >= 0)
    assert score_of(np.array([needed, 1.0]), np.full(2, needed)).tolist() == [0.5, 1.0]


@given(st.floats(0.0, 0.9), st.floats(0.0, 0.9))
def test_a_crowd_asks_for_more_and_is_asked_the_same_from_both_sides(first: float, second: float) -> None:
    scale = Scale(0.94, np.array([first, second]), "")
    x, y = np.array([0]), np.array([1])
    for kind in Evidence:
        assert scale.needed(x, y, kind) == scale.needed(y, x, kind)
        crowded = replace(scale, background=np.minimum(np.array([first, second]) + 0.05, 1))
        assert crowded.needed(x, y, kind) >= scale.needed(x, y, kind)
    assert scale.needed(x, y, Evidence.ANSWERED) <= scale.needed(x, y) <= scale.needed(x, y, Evidence.DISPUTED)


def test_a_few_texts_have_no_background(embedder: Embedder) -> None:
    assert scale_of(data_of([("one", "a"), ("two", "b")], embedder=embedder).neighbours).background is None
    assert scale_of(data_of(BACKGROUND, embedder=embedder).neighbours).background is not None


def test_one_fact_more_is_no_fact_replaced() -> None:
    order = "Please deliver 8 kg of flour to the Crab Apple."
    assert not difference(order, "The Crab Apple needs 8 kg of flour. Ask for Kim at the gate.").replaced
    assert difference(order, "The Crab Apple needs 9 kg of flour.").replaced
