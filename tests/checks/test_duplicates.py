"""exact_duplicate and near_duplicate: what is merged, and what must never be."""

from __future__ import annotations

import numpy as np
import pytest
from corpus_material import chat, corpus, data_of, found, records, run
from hypothesis import given
from hypothesis import strategies as st

from curator.checks import Corpus, Data
from curator.checks.nearness import FEWEST, HIGHEST, LOWEST, USUAL
from curator.checks.pairs import Edge, stars
from curator.checks.wording import difference
from curator.embedding import Embedder
from curator.model import Severity, Verdict
from curator.tasks import Task

ANSWER = "We are sorry for the delay and send it today."


def test_equal_pairs_are_found_but_for_white_space_and_the_case_of_the_input(embedder: Embedder) -> None:
    data = data_of(
        [
            ("Where is it?", ANSWER),
            ("where  is it?\n", ANSWER),
            ("Where is it?", ANSWER),
            ("Where is it?", ANSWER.upper()),
            ("Where was it?", ANSWER),
            ("Whe\u0301re is it?", ANSWER),
            ("Wh\u00e9re is it?", ANSWER),
        ],
        embedder=embedder,
    )
    finding, accented = run("exact_duplicate", data).findings
    assert records(finding) == {0, 1, 2}
    assert records(accented) == {5, 6}
    assert finding.severity is Severity.ERROR
    assert finding.evidence["kind"] == "case or white space"
    assert finding.suggestion is not None
    assert finding.suggestion.action is Verdict.DROP
    assert set(finding.suggestion.examples) == set(finding.examples) - {finding.evidence["keep"]}


def test_the_same_question_under_another_system_text_or_tool_is_another_example(embedder: Embedder) -> None:
    turns = (("user", "How much is it?"), ("assistant", "Ten."))
    examples = [
        chat(*turns, record=0),
        chat(("system", "Answer in one word."), *turns, record=1),
        chat(*turns, record=2, tools=({"type": "function", "function": {"name": "price"}},)),
    ]
    assert not run("exact_duplicate", data_of(Corpus(examples), embedder=embedder)).findings


def test_the_duplicate_without_flaws_is_kept(embedder: Embedder) -> None:
    data = data_of([("Same?", "Yes."), ("same?", "Yes."), ("SAME?", "Yes.")], embedder=embedder)
    sound = 1
    data.flaws[[i for i, e in enumerate(data.candidates.examples) if e.ref.record != sound]] = 1
    (finding,) = run("exact_duplicate", data).findings
    assert finding.evidence["keep"] == sound + 1


def test_rewordings_with_equal_labels_are_near_duplicates_and_show_the_words(embedder: Embedder) -> None:
    data = data_of(
        [
            ("My parcel has still not arrived, where is it?", "track"),
            ("My parcel still has not arrived. Where is it now?", "track"),
            ("How do I close my account?", "close"),
        ],
        task=Task.CLASSIFICATION,
        embedder=embedder,
    )
    outcome = run("near_duplicate", data)
    (finding,) = outcome.findings
    assert records(finding) == {0, 1}
    (other,) = finding.evidence["others"]
    assert other["cosine"] >= finding.evidence["threshold"]
    assert set(other["only_in_kept"]) | set(other["only_in_other"]) == {"now", ","} | {"."}
    assert finding.suggestion is not None
    assert finding.suggestion.examples == (other["example"],)
    alike = {
        e.ref.record: s for e, s in zip(data.candidates.examples, outcome.scores["duplicate_similarity"], strict=True)
    }
    assert alike[0] == alike[1] > 0.9 > alike[2]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Where is my order 70220, it should be here.", "Where is my order 70221, it should be here."),
        ("I was charged 20 euros too much.", "I was charged 30 euros too much."),
        ("Do you deliver to Austria by post?", "Do you deliver to Norway by post?"),
        ("The coupon works on this site.", "The coupon does not work on this site."),
        ("How many USD for my EUR today?", "How many EUR for my USD today?"),
    ],
)
def test_texts_that_differ_in_a_fact_are_not_near_duplicates(first: str, second: str, embedder: Embedder) -> None:
    data = data_of([(first, "same"), (second, "same")], task=Task.CLASSIFICATION, embedder=embedder)
    assert float(data.distinct_vectors[0] @ data.distinct_vectors[1]) > 0.7
    assert not run("near_duplicate", data).findings


COLOURS = "red blue green white black grey brown yellow purple pink".split()
THINGS = (
    "cup lamp chair kettle carpet mirror spoon shelf towel clock basket candle teapot blanket cushion vase stool drawer "
    "ladder bucket"
).split()
ASKED = (
    "I would like to know whether the small {} {} that I saw in the window of your shop last week is still for sale."
)


@pytest.mark.parametrize("task", [Task.CLASSIFICATION, Task.GENERATION])
def test_hundreds_of_rows_of_one_template_are_not_merged(task: Task, embedder: Embedder) -> None:
    """Cosines go up to .98 here, and only words in lower case tell the rows apart."""
    answer = "product" if task is Task.CLASSIFICATION else "Yes, it is. Shall we keep it for you?"
    data = data_of([(ASKED.format(c, t), answer) for c in COLOURS for t in THINGS], task=task, embedder=embedder)
    assert len(data.candidates) == 200
    assert float(data.neighbours.cosine.max()) > data.pairs.threshold
    assert not run("near_duplicate", data).findings


def test_a_template_does_not_hide_its_real_duplicates(embedder: Embedder) -> None:
    pairs = [(ASKED.format(c, t), "product") for c in COLOURS for t in THINGS]
    pairs.append((pairs[7][0].replace("I would like to know whether", "I'd like to know if"), "product"))
    assert found(run("near_duplicate", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder))) == [{7, 200}]


def test_outputs_that_follow_their_inputs_are_neither_duplicates_nor_conflicts(embedder: Embedder) -> None:
    said = "Please send two crates of {} to our kitchen on the hill, as we did last week."
    plain = [(said.format(item), f"Two crates of {item} are on their way.") for item in ("cornflakes", "pumpkins")]
    structured = [(said.format(item), f'{{"item": "{item}", "unit": "crate"}}') for item in ("cornflakes", "pumpkins")]
    for pairs, task in ((plain, Task.STYLE), (structured, Task.EXTRACTION)):
        data = data_of(pairs, task=task, embedder=embedder)
        assert not run("near_duplicate", data).findings
        assert not run("conflict", data).findings


def test_a_large_group_is_said_but_not_called_a_duplicate(embedder: Embedder) -> None:
    asked = "I bought a blue teapot in your shop last week and it arrived with a crack in the lid, what can I do"
    openings = ["", "Please, ", "Hi, ", "So ", "Hello, "]
    pairs = [(f"{opening}{asked}{end}", "damaged") for opening in openings for end in ["", "!", ".", "!!", "?"]]
    findings = run("near_duplicate", data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder)).findings
    assert any(len(finding.examples) >= 20 for finding in findings)
    assert {finding.severity for finding in findings if len(finding.examples) >= 20} == {Severity.INFO}


def test_similarity_is_never_chained(embedder: Embedder) -> None:
    """A~B and B~C, A and C apart: C must not fall to A's group."""
    data = data_of([("a", "x"), ("b", "x"), ("c", "x")], task=Task.CLASSIFICATION, embedder=embedder)
    near = difference("near", "near by")
    edges = [Edge(0, 1, 0.95, near, True, True), Edge(1, 2, 0.95, near, True, True)]
    assert [(lead, len(own)) for lead, own in stars(len(data.pairs.members), edges, [0, 1, 2])] == [(0, 1)]


@given(st.data())
def test_groups_are_stars_that_never_overlap(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    node = st.integers(0, count - 1)
    drawn = data.draw(st.lists(st.tuples(node, node).filter(lambda p: p[0] < p[1]), unique=True, max_size=30))
    order = data.draw(st.permutations(range(count)))
    same = difference("", "")
    groups = stars(count, [Edge(a, b, 0.9, same, True, True) for a, b in drawn], order)
    taken: set[int] = set()
    for lead, edges in groups:
        members = {lead, *(e.a for e in edges), *(e.b for e in edges)}
        assert all(lead in (e.a, e.b) for e in edges)
        assert len(members) == len(edges) + 1 > 1
        assert not members & taken
        taken |= members
    assert all(a in taken or b in taken for a, b in drawn)


def test_too_little_data_falls_back_to_a_stated_threshold(embedder: Embedder) -> None:
    calibration = run("near_duplicate", data_of([("one", "a"), ("two", "b")], embedder=embedder)).calibration
    assert calibration["threshold"] == USUAL
    assert str(FEWEST) in calibration["source"]


def test_every_candidate_has_a_similarity_and_members_share_a_group_number(embedder: Embedder) -> None:
    pairs = [
        ("Send the invoice to me.", "invoice"),
        ("Send me the invoice.", "invoice"),
        ("I forgot my password.", "login"),
    ]
    data = data_of(pairs * 2, task=Task.CLASSIFICATION, embedder=embedder)
    scores = run("near_duplicate", data).scores
    groups = {e.ref.record: g for e, g in zip(data.candidates.examples, scores["duplicate_group"], strict=True)}
    assert list(scores["duplicate_similarity"]) == [1.0] * 6
    assert groups[0] == groups[3] == groups[1] == groups[4] != groups[2]
    assert groups[2] == groups[5]


def test_one_example_and_none_are_no_duplicates(embedder: Embedder) -> None:
    for pairs in ([], [("alone", "yes")]):
        data: Data = data_of(corpus(pairs), embedder=embedder)
        assert found(run("exact_duplicate", data)) == found(run("near_duplicate", data)) == []
        assert len(run("near_duplicate", data).scores["duplicate_similarity"]) == len(pairs)


def test_the_calibrated_threshold_keeps_its_bounds(embedder: Embedder) -> None:
    words = "red blue old new small tall fast slow warm cold".split()
    data = data_of([(f"a {a} house and a {b} tree", "x") for a in words for b in words], embedder=embedder)
    assert LOWEST <= data.pairs.threshold <= HIGHEST
    assert np.isfinite(data.neighbours.cosine).all()
