"""conflict: one input, several outputs."""

from __future__ import annotations

from corpus_material import Pair, data_of, found, records, run

from curator.embedding import Embedder
from curator.model import Finding, Severity, Verdict
from curator.tasks import Task

QUESTION = "Where is my parcel? It should be here by now."


def conflicts(pairs: list[Pair], task: Task, embedder: Embedder) -> list[Finding]:
    return run("conflict", data_of(pairs, task=task, embedder=embedder)).findings


def test_one_text_with_two_labels_is_an_error_that_nobody_settles_by_guessing(embedder: Embedder) -> None:
    (finding,) = conflicts(
        [(QUESTION, "track"), (QUESTION, "refund"), ("Close my account.", "close")], Task.CLASSIFICATION, embedder
    )
    assert records(finding) == {0, 1}
    assert finding.severity is Severity.ERROR
    assert finding.suggestion is None
    assert {(o["output"], o["examples"]) for o in finding.evidence["outputs"]} == {("track", 1), ("refund", 1)}


def test_a_majority_of_two_thirds_is_suggested(embedder: Embedder) -> None:
    (finding,) = conflicts([(QUESTION, label) for label in ("track", "track", "refund")], Task.CLASSIFICATION, embedder)
    assert finding.suggestion is not None
    assert finding.suggestion.action is Verdict.RELABEL
    assert (finding.suggestion.examples, finding.suggestion.value) == ((3,), "track")


def test_spellings_of_a_label_vote_together(embedder: Embedder) -> None:
    (finding,) = conflicts([(QUESTION, label) for label in ("Track", "track", "refund")], Task.CLASSIFICATION, embedder)
    assert finding.suggestion is not None
    assert finding.suggestion.examples == (3,)
    assert [o["examples"] for o in finding.evidence["outputs"]] == [2, 1]


def test_the_case_of_a_label_is_no_conflict(embedder: Embedder) -> None:
    assert not conflicts([(QUESTION, "Track"), (QUESTION, "track ")], Task.CLASSIFICATION, embedder)


def test_nearly_the_same_text_is_a_warning(embedder: Embedder) -> None:
    pairs = [(QUESTION, "track"), ("Where's my parcel? It should be here by now!", "refund")]
    (finding,) = conflicts(pairs, Task.CLASSIFICATION, embedder)
    assert finding.severity is Severity.WARNING
    assert not finding.evidence["same_input"]


def test_texts_that_differ_in_a_fact_may_have_different_labels(embedder: Embedder) -> None:
    pairs = [("The coupon worked on my order.", "praise"), ("The coupon never worked on my order.", "coupon")]
    assert not conflicts(pairs, Task.CLASSIFICATION, embedder)


def test_json_outputs_agree_by_value_and_not_by_spelling(embedder: Embedder) -> None:
    agree = ['{"item": "tea", "count": 2}', '{"count":2.0,\n "item":"tea"}']
    differ = [*agree, '{"item": "tea", "count": 3}', '{"item": "tea", "count": true}']
    assert not conflicts([(QUESTION, output) for output in agree], Task.EXTRACTION, embedder)
    (finding,) = conflicts([(QUESTION, output) for output in differ], Task.EXTRACTION, embedder)
    assert [o["examples"] for o in finding.evidence["outputs"]] == [2, 1, 1]


def test_json_nested_without_end_is_compared_as_text(embedder: Embedder) -> None:
    deep = ['{"a":' * 5_000 + "1" + "}" * 5_000, '{"a":' * 5_000 + "2" + "}" * 5_000]
    assert found(run("conflict", data_of([(QUESTION, o) for o in deep], task=Task.EXTRACTION, embedder=embedder)))


def test_two_good_answers_to_one_question_are_shown_and_not_called_wrong(embedder: Embedder) -> None:
    pairs = [
        ("Tell me a story.", "Once there was a fox who lived beneath a bridge and counted trains."),
        ("Tell me a story.", "The lighthouse keeper baked bread each night, and ships came for the smell."),
    ]
    (finding,) = conflicts(pairs, Task.GENERATION, embedder)
    assert finding.severity is Severity.INFO
    assert finding.suggestion is None


def test_the_fields_that_differ_are_named_with_their_values(embedder: Embedder) -> None:
    outputs = [
        '{"item": "tea", "count": 2}',
        '{"item": "tea", "count": 2}',
        '{"item": "tea", "count": 20, "gift": true}',
    ]
    (finding,) = conflicts([(QUESTION, output) for output in outputs], Task.EXTRACTION, embedder)
    assert "'count'" in finding.message
    count, gift = finding.evidence["fields"]
    assert count == {"field": "count", "values": [{"value": 2, "examples": 2}, {"value": 20, "examples": 1}]}
    assert gift["values"][0] == {"value": None, "missing": True, "examples": 2}


REWORDED = "Where's my parcel? It should be here by now!"


def test_reworded_questions_with_other_answers_are_shown(embedder: Embedder) -> None:
    pairs = [
        (QUESTION, "It is on the van of our driver and reaches you this evening, we promise."),
        (REWORDED, "We never had such a thing in our shop. Write to the police and wait for a year."),
    ]
    (finding,) = conflicts(pairs, Task.STYLE, embedder)
    assert records(finding) == {0, 1}
    assert finding.severity is Severity.INFO


def test_answers_that_differ_in_a_fact_alone_contradict_each_other(embedder: Embedder) -> None:
    for first, second in (
        ("It reaches you within 3 days, in the evening.", "It reaches you within 13 days, in the evening."),
        ("Yes, you get it back in a week or so.", "No, that money is gone for good, sorry."),
        ("You can open it before you pay for it.", "You cannot open it before you pay for it."),
    ):
        (finding,) = conflicts([(QUESTION, first), (REWORDED, second)], Task.DOMAIN, embedder)
        assert finding.severity is Severity.WARNING
        assert finding.evidence["contradicting"]


def test_rows_of_one_conflict_are_not_reported_as_duplicates_too(embedder: Embedder) -> None:
    pairs = [(QUESTION, "track"), (REWORDED, "track"), (QUESTION, "refund")]
    data = data_of(pairs, task=Task.CLASSIFICATION, embedder=embedder)
    assert found(run("conflict", data)) == [{0, 1, 2}]
    assert found(run("near_duplicate", data)) == []
