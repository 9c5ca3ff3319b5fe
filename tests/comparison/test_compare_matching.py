"""Predictions in the files that people have, and how each finds its example; nothing is dropped silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from comparison_material import write_lines

from curator.comparison.evalset import EvalSet, leak_into, read_eval
from curator.comparison.matching import Matched, match
from curator.comparison.predictions import read_answers
from curator.errors import InputError

ASKED = [("Where is my parcel?", "delivery"), ("The lamp is broken.", "damage"), ("Can I pay later?", "payment")]


@pytest.fixture
def evals(tmp_path: Path) -> EvalSet:
    rows = [{"id": f"e{n}", "input": asked, "output": right} for n, (asked, right) in enumerate(ASKED)]
    return read_eval(str(write_lines(tmp_path / "eval.jsonl", rows)))


def matched(evals: EvalSet, path: Path, by: Any = "auto", id: str | None = None, column: str | None = None) -> Matched:
    return match(evals.examples, read_answers(str(path), column, id), by, id)


def chat(answer: str) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}]}


def openai(n: int, answer: str) -> dict[str, Any]:
    return {
        "id": f"batch_{n}",
        "custom_id": f"e{n}",
        "response": {"status_code": 200, "body": chat(answer)},
        "error": None,
    }


def responses(n: int, answer: str) -> dict[str, Any]:
    body = {
        "output": [{"type": "reasoning"}, {"type": "message", "content": [{"type": "output_text", "text": answer}]}]
    }
    return {"custom_id": f"e{n}", "response": {"status_code": 200, "body": body}, "error": None}


def anthropic(n: int, answer: str) -> dict[str, Any]:
    message = {"content": [{"type": "text", "text": answer}], "stop_reason": "end_turn"}
    return {"custom_id": f"e{n}", "result": {"type": "succeeded", "message": message}}


def bedrock(n: int, answer: str) -> dict[str, Any]:
    asked = {"messages": [{"role": "user", "content": [{"type": "text", "text": ASKED[n][0]}]}]}
    return {"recordId": f"e{n}", "modelInput": asked, "modelOutput": {"content": [{"type": "text", "text": answer}]}}


def vertex(n: int, answer: str) -> dict[str, Any]:
    asked = {"contents": [{"role": "user", "parts": [{"text": ASKED[n][0]}]}]}
    return {"request": asked, "response": {"candidates": [{"content": {"parts": [{"text": answer}]}}]}}


FORMS: dict[str, Any] = {
    "input and output": lambda n, a: {"input": ASKED[n][0], "output": a},
    "prompt and completion": lambda n, a: {"prompt": ASKED[n][0], "completion": a},
    "chat": lambda n, a: {"messages": [{"role": "user", "content": ASKED[n][0]}, {"role": "assistant", "content": a}]},
    "prediction beside input and right answer": lambda n, a: {"text": ASKED[n][0], "label": "x", "prediction": a},
    "prediction beside turns": lambda n, a: {
        "messages": [{"role": "user", "content": ASKED[n][0]}, {"role": "assistant", "content": "right"}],
        "prediction": a,
    },
    "id and prediction": lambda n, a: {"id": f"e{n}", "prediction": a},
    "id and label": lambda n, a: {"id": f"e{n}", "label": a},
    "id and one other field": lambda n, a: {"id": f"e{n}", "what_it_said": a},
    "OpenAI batch": openai,
    "OpenAI batch of responses": responses,
    "Anthropic batch": anthropic,
    "Bedrock batch": bedrock,
    "Vertex batch": vertex,
}


@pytest.mark.parametrize("form", FORMS)
def test_predictions_are_read_in_every_form_and_in_any_order(tmp_path: Path, evals: EvalSet, form: str) -> None:
    rows = [FORMS[form](n, answer) for n, answer in ((2, "c"), (0, "a"), (1, "b"))]
    found = matched(evals, write_lines(tmp_path / "predictions.jsonl", rows))
    assert found.answers == ("a", "b", "c")
    assert not found.missing
    assert not found.unmatched


def test_predictions_in_a_table(tmp_path: Path, evals: EvalSet) -> None:
    path = tmp_path / "predictions.csv"
    path.write_text('id,prediction\ne1,b\ne0,"a, with a comma"\ne2,c\n')
    assert matched(evals, path).answers == ("a, with a comma", "b", "c")


def test_lines_of_text_are_matched_by_order_where_one_says_so(tmp_path: Path, evals: EvalSet) -> None:
    path = tmp_path / "predictions.txt"
    path.write_text("a\n\nc\n")
    with pytest.raises(InputError, match="--by order"):
        matched(evals, path)
    assert matched(evals, path, by="order").answers == ("a", "", "c")


def test_by_order_there_must_be_as_many(tmp_path: Path, evals: EvalSet) -> None:
    path = tmp_path / "predictions.txt"
    path.write_text("a\nb\n")
    with pytest.raises(InputError, match=r"predictions\.txt: holds 2 predictions for 3 eval examples"):
        matched(evals, path, by="order")


@pytest.mark.parametrize("first", [0, 1])
def test_a_batch_keeps_no_order_and_is_put_into_it_by_its_numbers(tmp_path: Path, evals: EvalSet, first: int) -> None:
    rows = [openai(n, answer) | {"custom_id": f"request-{n + first}"} for n, answer in ((2, "c"), (0, "a"), (1, "b"))]
    path = write_lines(tmp_path / "p.jsonl", rows)
    with pytest.raises(InputError, match="no field of the eval set holds a custom_id such as 'request-"):
        matched(evals, path)
    found = matched(evals, path, by="order")
    assert found.answers == ("a", "b", "c")
    assert found.how == "the numbers in custom_id"


def test_numbers_that_do_not_count_the_examples_are_no_order(tmp_path: Path, evals: EvalSet) -> None:
    rows = [openai(n, "x") | {"custom_id": f"ticket-{100 * n + 7}"} for n in range(3)]
    with pytest.raises(InputError, match="a batch does not keep the order"):
        matched(evals, write_lines(tmp_path / "p.jsonl", rows), by="order")


def test_a_question_that_somebody_put_into_a_batch_matches(tmp_path: Path, evals: EvalSet) -> None:
    rows = [openai(n, "abc"[n]) | {"custom_id": f"z{n}", "question": ASKED[n][0]} for n in (1, 2, 0)]
    assert matched(evals, write_lines(tmp_path / "p.jsonl", rows)).answers == ("a", "b", "c")


def test_inputs_match_whatever_their_case_and_spaces(tmp_path: Path, evals: EvalSet) -> None:
    rows = [{"input": f"  {asked.upper()} \n", "output": "x"} for asked, _ in ASKED]
    assert matched(evals, write_lines(tmp_path / "p.jsonl", rows)).answers == ("x", "x", "x")


def test_what_does_not_match_is_named_with_its_line(tmp_path: Path, evals: EvalSet) -> None:
    rows = [{"id": "e0", "prediction": "a"}, {"id": "zz", "prediction": "b"}, {"id": "e0", "prediction": "c"}, {"id": "e2", "prediction": "d"}]  # fmt: skip
    found = matched(evals, write_lines(tmp_path / "p.jsonl", rows))
    assert found.answers == ("a", None, "d")
    assert found.missing == (1,)
    assert [(one.ref.line, one.why.split(",")[0]) for one in found.unmatched] == [
        (2, "no eval example has the id 'zz'"),
        (3, "the id 'e0' was given before"),
    ]


def test_failed_requests_and_broken_lines_are_missing_predictions(tmp_path: Path, evals: EvalSet) -> None:
    failed = {"custom_id": "e1", "response": {"status_code": 429, "body": {"error": {"message": "too many requests"}}}}
    path = write_lines(tmp_path / "p.jsonl", [openai(0, "a"), failed, openai(2, "c")])
    path.write_text(path.read_text() + "{broken\n")
    answers = read_answers(str(path))
    assert answers.predictions[1].why == "the request failed with status 429: too many requests"
    found = match(evals.examples, answers)
    assert found.answers == ("a", None, "c")
    assert [one.ref.line for one in found.unmatched] == [4]


def test_answers_that_ended_at_the_token_limit_are_counted(tmp_path: Path, evals: EvalSet) -> None:
    cut = openai(0, "a")
    cut["response"]["body"]["choices"][0]["finish_reason"] = "length"
    assert matched(evals, write_lines(tmp_path / "p.jsonl", [cut, openai(1, "b"), openai(2, "c")])).cut == 1


def test_an_input_that_is_asked_twice_takes_its_answers_in_order(tmp_path: Path) -> None:
    rows = [{"input": "Same?", "output": "x"}, {"input": "Same?", "output": "y"}, {"input": "Other?", "output": "z"}]
    evals = read_eval(str(write_lines(tmp_path / "eval.jsonl", rows)))
    two = [{"input": "Same?", "output": "1"}, {"input": "Other?", "output": "3"}, {"input": "same?", "output": "2"}]
    assert matched(evals, write_lines(tmp_path / "two.jsonl", two)).answers == ("1", "2", "3")
    once = matched(evals, write_lines(tmp_path / "once.jsonl", two[:2]))
    assert once.answers == ("1", "1", "3")
    assert once.shared == 1
    thrice = matched(evals, write_lines(tmp_path / "thrice.jsonl", [*two, {"input": "Same?", "output": "4"}]))
    assert [one.ref.line for one in thrice.unmatched] == [4]


def test_ids_under_another_name_and_numbers_match(tmp_path: Path) -> None:
    rows = [{"idx": n, "input": f"q{n}", "output": "x"} for n in range(4)]
    evals = read_eval(str(write_lines(tmp_path / "eval.jsonl", rows)))
    found = matched(
        evals, write_lines(tmp_path / "p.jsonl", [{"custom_id": str(n), "prediction": n} for n in range(4)])
    )
    assert found.answers == ("0", "1", "2", "3")
    assert found.how == "id (custom_id is idx)"


def test_numbers_of_rows_are_no_ids_where_the_inputs_say_otherwise(tmp_path: Path) -> None:
    """Each file counts its own rows, in another order: the inputs tell what belongs together."""
    rows = [{"idx": n, "input": f"question {n}", "output": "x"} for n in range(6)]
    evals = read_eval(str(write_lines(tmp_path / "eval.jsonl", rows)))
    given = [{"idx": n, "input": f"question {5 - n}", "prediction": str(5 - n)} for n in range(6)]
    found = matched(evals, write_lines(tmp_path / "p.jsonl", given))
    assert found.how == "input"
    assert found.answers == tuple("012345")


def test_an_id_that_is_named_must_be_one_examples_alone(tmp_path: Path) -> None:
    rows = [{"row": n // 2, "input": f"q{n}", "output": "x"} for n in range(4)]
    evals = read_eval(str(write_lines(tmp_path / "eval.jsonl", rows)))
    path = write_lines(tmp_path / "p.jsonl", [{"row": n, "prediction": "x"} for n in range(4)])
    with pytest.raises(InputError, match=r"eval\.jsonl, line 2: row '0' is given twice"):
        matched(evals, path, id="row")


def test_a_named_field_of_ids_and_of_predictions(tmp_path: Path) -> None:
    rows = [{"meta": {"no": n}, "input": f"q{n}", "output": "x"} for n in range(3)]
    evals = read_eval(str(write_lines(tmp_path / "eval.jsonl", rows)))
    given = [{"meta": {"no": 2 - n}, "out": {"text": f"a{2 - n}"}} for n in range(3)]
    assert matched(evals, write_lines(tmp_path / "p.jsonl", given), id="meta.no", column="out.text").answers == ("a0", "a1", "a2")  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"id": "q", "prediction": "x"}], r"none of its 1 prediction matches one of the 3 eval examples"),
        ([{"a": 1, "b": 2}], r"p\.jsonl, line 1: none of its 1 records holds a prediction.*--prediction FIELD"),
        ([{"custom_id": "e0", "response": None, "error": {"message": "no"}}], "the request failed: no"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(tmp_path: Path, evals: EvalSet, rows: list[Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        matched(evals, write_lines(tmp_path / "p.jsonl", rows))


def test_eval_examples_without_an_answer_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [{"input": "q", "output": "x"}, {"input": "r", "output": ""}]
    found = read_eval(str(write_lines(tmp_path / "eval.jsonl", rows)))
    assert (len(found.examples), len(found.unanswered)) == (1, 1)
    empty = write_lines(tmp_path / "empty.jsonl", [{"input": "q", "output": ""}])
    with pytest.raises(InputError, match="holds an answer to compare with"):
        read_eval(str(empty))


def test_inputs_that_were_trained_on_are_named(tmp_path: Path, evals: EvalSet) -> None:
    train = write_lines(tmp_path / "train.jsonl", [{"input": ASKED[1][0].lower(), "output": "damage"}])
    found = leak_into(evals.examples, [str(train)])
    assert found.state == "leaks"
    assert "1 eval example of 3" in found.said
    other = write_lines(tmp_path / "other.jsonl", [{"input": "something else", "output": "x"}])
    assert leak_into(evals.examples, [str(other)]).state == "clean"
