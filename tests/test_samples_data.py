"""The bundled samples are what their lists of defects say they are."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from curator.resources import resource

FILES = {"support": "pairs.csv", "extraction": "pairs.jsonl", "style": "chat.jsonl"}
AT_LEAST = {"support": (900, 150), "extraction": (560, 60), "style": (560, 60)}
PLANTED = {
    "exact_duplicate": 8,
    "near_duplicate": 12,
    "conflict": 8,
    "leakage": 10,
    "outlier": 5,
    "structure": 8,
    "length": 2,
}
UNITS = {"kg", "litre", "box", "crate", "bottle", "tray", "sack", "case"}
REQUIRED: dict[str, Any] = {"customer": str, "item": str, "quantity": int, "unit": str, "delivery": str}
OPTIONAL: dict[str, Any] = {"price": (int, float), "order_number": str}
MOJIBAKE = re.compile("Ã.|â€")
PLACEHOLDER = re.compile(r"\[[A-Z ]{4,}\]|\bTODO\b|Lorem ipsum")
REFUSAL = re.compile(r"As an AI language model|as an AI language model|I can't help with that")


@dataclass(frozen=True)
class Row:
    """Input and output as text; `record` is what the file holds. `readable` is False for a broken line."""

    input: str
    output: str
    record: Any
    readable: bool = True


@cache
def rows(sample: str, file: str) -> tuple[Row, ...]:
    path = resource(f"samples/{sample}/{file}")
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as lines:
            header, *records = csv.reader(lines)
        assert header == ["text", "intent"]
        return tuple(Row(text, label, (text, label)) for text, label in records)
    return tuple(_row(line) for line in path.read_text(encoding="utf-8").splitlines())


def _row(line: str) -> Row:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return Row("", "", line, readable=False)
    if "prompt" in record:
        assert set(record) == {"prompt", "completion"}
        return Row(record["prompt"], record["completion"], record)
    *before, last = record["messages"]
    text = "\n".join(m["content"] or "" for m in before if m["role"] != "system")
    return Row(text, last["content"] or "", record)


@cache
def listing(sample: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(resource(f"samples/{sample}/defects.json").read_text(encoding="utf-8"))
    return document


def defects(sample: str, check: str, *kinds: str) -> Iterator[tuple[dict[str, Any], list[Row]]]:
    for defect in listing(sample)["defects"]:
        if defect["check"] == check and (not kinds or defect["kind"] in kinds):
            yield defect, [rows(sample, r["file"])[r["record"]] for r in defect["records"]]


def touched(sample: str) -> set[int]:
    """Candidates named by any defect or unreadable."""
    file = FILES[sample]
    named = {r["record"] for d in listing(sample)["defects"] for r in d["records"] if r["file"] == file}
    return named | {r["record"] for r in listing(sample)["rejected"]}


def clean(sample: str) -> list[Row]:
    skip = touched(sample)
    return [row for n, row in enumerate(rows(sample, FILES[sample])) if n not in skip]


def evaluation(sample: str) -> tuple[Row, ...]:
    return rows(sample, "eval" + Path(FILES[sample]).suffix)


def folded(text: str) -> str:
    return " ".join(text.casefold().split())


each_sample = pytest.mark.parametrize("sample", FILES)


@each_sample
def test_samples_are_large_enough_and_small_to_ship(sample: str) -> None:
    candidates, held_out = AT_LEAST[sample]
    assert len(rows(sample, FILES[sample])) >= candidates
    assert len(evaluation(sample)) >= held_out
    assert sum(p.stat().st_size for p in resource("samples").rglob("*") if p.is_file()) < 2_000_000


@each_sample
def test_enough_defects_of_each_kind_are_planted(sample: str) -> None:
    counts = Counter(d["check"] for d in listing(sample)["defects"])
    assert all(counts[check] >= least for check, least in PLANTED.items())
    assert counts["label_error"] >= {"support": 30, "extraction": 10, "style": 0}[sample]
    assert counts["mismatched_pair"] >= {"support": 0, "extraction": 10, "style": 10}[sample]
    assert len(listing(sample)["decoys"]) >= 6


@each_sample
def test_every_record_number_exists_and_is_named_once_per_defect(sample: str) -> None:
    document = listing(sample)
    allowed = {FILES[sample], "eval" + Path(FILES[sample]).suffix}
    for entry in document["defects"] + document["decoys"]:
        places = [(r["file"], r["record"]) for r in entry["records"]]
        assert len(set(places)) == len(places)
        for file, record in places:
            assert file in allowed
            assert 0 <= record < len(rows(sample, file))
            assert entry["check"] == "leakage" or file == FILES[sample]


@each_sample
def test_no_candidate_bears_two_kinds_of_defect(sample: str) -> None:
    """A row may be the sound original of a conflict or duplicate only once, so that scores stay plain to read."""
    named = [r["record"] for d in listing(sample)["defects"] for r in d["records"] if r["file"] == FILES[sample]]
    assert len(named) == len(set(named))


@each_sample
def test_only_the_listed_lines_are_unreadable(sample: str) -> None:
    broken = {n for n, row in enumerate(rows(sample, FILES[sample])) if not row.readable}
    assert broken == {r["record"] for r in listing(sample)["rejected"]}
    assert all(row.readable for row in evaluation(sample))


@each_sample
def test_exact_duplicates_are_equal_after_folding_case_and_whitespace(sample: str) -> None:
    for defect, group in defects(sample, "exact_duplicate"):
        assert len({(folded(row.input), row.output) for row in group}) == 1
        assert len({row.input for row in group}) == (1 if defect["kind"] == "verbatim" else 2)


@each_sample
def test_near_duplicates_differ_and_keep_their_output(sample: str) -> None:
    for _, (first, second) in defects(sample, "near_duplicate"):
        assert folded(first.input) != folded(second.input)
        assert first.output == second.output


@each_sample
def test_conflicts_disagree_in_their_output(sample: str) -> None:
    for defect, (first, second) in defects(sample, "conflict"):
        assert first.output != second.output
        assert (first.input == second.input) == (defect["kind"] == "verbatim")


@each_sample
def test_leaks_name_the_eval_row_they_repeat(sample: str) -> None:
    for defect, (candidate, held_out) in defects(sample, "leakage"):
        file, at = defect["records"][1]["file"], defect["records"][1]["record"]
        assert rows(sample, file)[at] == held_out
        assert file.startswith("eval")
        assert defect["kind"] in {"verbatim", "reworded", "passage"}
        assert (candidate.input == held_out.input) == (defect["kind"] == "verbatim")
        assert (held_out.input in candidate.input) == (defect["kind"] != "reworded")


@each_sample
def test_nothing_is_repeated_beyond_what_is_listed(sample: str) -> None:
    texts = [folded(row.input) for row in clean(sample)] + [folded(row.input) for row in evaluation(sample)]
    assert [text for text, n in Counter(texts).items() if n > 1] == []


@each_sample
def test_eval_and_clean_rows_have_no_broken_text(sample: str) -> None:
    for row in (*clean(sample), *evaluation(sample)):
        whole = row.input + "\n" + row.output
        assert len(row.input.strip()) > 5
        assert len(row.input) < 2_000
        assert not any(pattern.search(whole) for pattern in (MOJIBAKE, PLACEHOLDER, REFUSAL))


@each_sample
def test_planted_broken_texts_show_what_they_are_listed_for(sample: str) -> None:
    patterns = {"mojibake": MOJIBAKE, "placeholder": PLACEHOLDER, "refusal": REFUSAL}
    for kind, pattern in patterns.items():
        found = list(defects(sample, "structure", kind))
        assert found
        assert all(pattern.search(row.input + row.output) for _, (row,) in found)
    assert all(row.output == "" for _, (row,) in defects(sample, "structure", "empty_output"))
    assert all(row.input.strip() == "" for _, (row,) in defects(sample, "structure", "empty_input"))
    assert all(len(row.input.split()) > 3_000 for _, (row,) in defects(sample, "length", "too_long"))
    assert all(len(row.input) == 1 for _, (row,) in defects(sample, "length", "too_short"))


@each_sample
def test_the_readable_list_names_every_defect(sample: str) -> None:
    text = resource(f"samples/{sample}/DEFECTS.md").read_text(encoding="utf-8")
    counts = Counter(d["check"] for d in listing(sample)["defects"])
    assert all(f"## {check} ({n})" in text for check, n in counts.items())


def test_support_labels_are_spelled_consistently_and_frequent_enough() -> None:
    labels = {row.output for row in evaluation("support")}
    counts = Counter(row.output for row in clean("support"))
    assert set(counts) == labels
    assert len(labels) >= 14
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", label) for label in labels)
    assert {row.output for row in rows("support", "pairs.csv")} == labels | {""}
    assert min(Counter(row.output for row in evaluation("support")).values()) >= 5


def test_support_label_errors_carry_the_wrong_label_that_is_listed() -> None:
    found = list(defects("support", "label_error"))
    assert {defect["kind"] for defect, _ in found} == {"obvious", "plausible"}
    for defect, (row,) in found:
        assert row.output == defect["given"] != defect["correct"]


def shown(value: object, text: str) -> bool:
    """Whether a value stands in the text: numbers also with two decimals."""
    return str(value) in text or (isinstance(value, float) and f"{value:.2f}" in text)


def order_problem(row: Row) -> str | None:
    """What breaks the schema of an order: the `kind` under which it is listed, None for a sound one."""
    try:
        order = json.loads(row.output)
    except json.JSONDecodeError:
        return "not_json"
    if not isinstance(order, dict):
        return "wrong_type"
    if not set(REQUIRED) <= set(order):
        return "missing_field"
    if any(not isinstance(value, (REQUIRED | OPTIONAL)[key]) for key, value in order.items()):
        return "wrong_type"
    if order["unit"] not in UNITS:
        return "enum"
    return None if all(shown(value, row.input) for value in order.values()) else "not_in_input"


def test_clean_orders_keep_the_schema_and_hold_only_what_the_message_says() -> None:
    for row in (*clean("extraction"), *evaluation("extraction")):
        assert order_problem(row) is None


def test_planted_orders_break_the_schema_as_listed() -> None:
    found = list(defects("extraction", "schema"))
    assert {d["kind"] for d, _ in found} == {"not_json", "missing_field", "wrong_type", "enum", "not_in_input"}
    for defect, (row,) in found:
        assert order_problem(row) == defect["kind"]


def test_rows_marked_as_also_against_the_schema_are() -> None:
    for check in ("label_error", "mismatched_pair", "outlier", "structure", "length", "conflict"):
        for defect, group in defects("extraction", check):
            assert (order_problem(group[-1]) is not None) == ("schema" in defect.get("also", []))


def test_cut_outputs_of_extraction_are_unfinished_json() -> None:
    found = list(defects("extraction", "structure", "truncated"))
    assert len(found) >= 2
    assert all(row.output.startswith("{") and order_problem(row) == "not_json" for _, (row,) in found)


def test_wrong_values_are_wrong_in_one_field_only() -> None:
    for defect, (row,) in defects("extraction", "label_error"):
        order = json.loads(row.output)
        assert order[defect["field"]] == defect["given"] != defect["correct"]
        assert order_problem(Row(row.input, json.dumps({**order, defect["field"]: defect["correct"]}), None)) is None


@pytest.mark.parametrize("sample", ["extraction", "style"])
def test_mismatched_outputs_are_rotated_among_themselves(sample: str) -> None:
    found = [defect for defect, _ in defects(sample, "mismatched_pair")]
    assert {d["records"][0]["record"] for d in found} == {d["output_of"]["record"] for d in found}
    assert all(d["records"][0]["record"] != d["output_of"]["record"] for d in found)


def sound_chat(record: dict[str, Any]) -> bool:
    """System, then user and assistant in turn (a tool's answer between two assistant turns), assistant last."""
    roles = "".join(m["role"][0] for m in record["messages"])
    return re.fullmatch("s?(ua(ta)*)+", roles) is not None


def test_chats_are_in_order_apart_from_the_listed_ones() -> None:
    assert all(sound_chat(row.record) for row in (*clean("style"), *evaluation("style")))
    found = list(defects("style", "structure", "role_order", "last_turn", "no_assistant"))
    assert {defect["kind"] for defect, _ in found} == {"role_order", "last_turn", "no_assistant"}
    assert all(not sound_chat(row.record) for _, (row,) in found)


def test_tool_calls_are_answered_declared_and_carry_their_arguments_as_json_text() -> None:
    with_tools = [row.record for row in clean("style") if "tools" in row.record]
    assert len(with_tools) >= 12
    for record in with_tools:
        declared = {tool["function"]["name"]: tool["function"]["parameters"] for tool in record["tools"]}
        calls = [call for m in record["messages"] for call in m.get("tool_calls", ())]
        answers = [m["tool_call_id"] for m in record["messages"] if m["role"] == "tool"]
        assert calls
        for call in calls:
            assert call["type"] == "function"
            assert set(json.loads(call["function"]["arguments"])) == set(declared[call["function"]["name"]]["required"])
        if record["messages"][-1].get("content"):
            assert answers == [call["id"] for call in calls]


def test_chats_have_turns_and_weights_of_every_sort() -> None:
    turns = [row.record["messages"] for row in clean("style")]
    assert sum(sum(m["role"] == "user" for m in chat) > 1 for chat in turns) >= 20
    weights = Counter(m["weight"] for chat in turns for m in chat if "weight" in m)
    assert set(weights) == {0, 1}
    assert all(m["role"] == "assistant" for chat in turns for m in chat if "weight" in m)
    assert len({chat[0]["content"] for chat in turns if chat[0]["role"] == "system"}) == 1
