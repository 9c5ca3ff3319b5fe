"""What each shape of record is read as."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curator.formats import detect, read
from curator.formats.turns import read_turns
from curator.model import Example, Message, Rejected, Role, ToolCall, Verdict, Vote

USER, ANSWER = Message("user", "q"), Message("assistant", "a")
OPENAI = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]


def load(
    folder: Path, *records: Any, shape: str | None = None, role: Role = Role.CANDIDATE
) -> list[Example | Rejected]:
    path = folder / "file.jsonl"
    path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records), encoding="utf-8")
    found = detect(path, role=role)
    if shape is not None:
        assert found.shape == shape
    return list(read(path, found, role))


def one(folder: Path, record: Any, shape: str) -> Example:
    (example,) = load(folder, record, shape=shape)
    assert isinstance(example, Example)
    return example


@pytest.mark.parametrize(
    ("shape", "record"),
    [
        ("openai", {"messages": OPENAI}),
        ("sharegpt", {"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}),
        ("sharegpt", {"conversations": OPENAI}),
        (
            "gemini",
            {"contents": [{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [{"text": "a"}]}]},
        ),
        (
            "bedrock-nova",
            {
                "messages": [
                    {"role": "user", "content": [{"text": "q"}]},
                    {"role": "assistant", "content": [{"text": "a"}]},
                ]
            },
        ),
        ("openai", {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}]}, OPENAI[1]]}),
        ("alpaca", {"instruction": "q", "input": "", "output": "a"}),
        ("prompt-completion", {"prompt": [OPENAI[0]], "completion": [OPENAI[1]]}),
        ("kto", {"prompt": [OPENAI[0]], "completion": [OPENAI[1]], "label": True}),
        *(
            ("prompt-completion", {asked: "q", answered: "a"})
            for asked, answered in [
                ("prompt", "completion"),
                ("Question", "Answer"),
                ("query", "response"),
                ("input", "output"),
                ("source", "target"),
                ("instruction", "response"),
                ("input", "expected output"),
            ]
        ),
        *(("text-label", {"text": "q", name: "a"}) for name in ("label", "category", "intent", "sentiment")),
    ],
)
def test_a_question_and_its_answer_are_found_in_every_shape(tmp_path: Path, shape: str, record: Any) -> None:
    example = one(tmp_path, record, shape)
    assert example.messages == (USER, ANSWER)
    assert not example.extra


@pytest.mark.parametrize(
    ("shape", "record"),
    [
        ("bedrock-claude", {"system": "s", "messages": OPENAI}),
        (
            "gemini",
            {
                "systemInstruction": {"parts": [{"text": "s"}]},
                "contents": [{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [{"text": "a"}]}],
            },
        ),
        ("bedrock-nova", {"schemaVersion": "bedrock-conversation-2024", "system": [{"text": "s"}], "messages": OPENAI}),
        (
            "sharegpt",
            {"system": "s", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]},
        ),
        ("alpaca", {"system": "s", "instruction": "q", "output": "a"}),
        ("prompt-completion", {"system_prompt": "s", "prompt": "q", "completion": "a"}),
    ],
)
def test_a_system_text_comes_first(tmp_path: Path, shape: str, record: dict[str, Any]) -> None:
    example = one(tmp_path, record, shape)
    assert example.messages == (Message("system", "s"), USER, ANSWER)
    assert set(example.extra) <= {"schemaVersion"}


@pytest.mark.parametrize(
    ("shape", "record"),
    [
        ("preference", {"prompt": "q", "chosen": "a", "rejected": "b"}),
        (
            "preference",
            {"prompt": [OPENAI[0]], "chosen": [OPENAI[1]], "rejected": [{"role": "assistant", "content": "b"}]},
        ),
        ("preference", {"chosen": OPENAI, "rejected": [OPENAI[0], {"role": "assistant", "content": "b"}]}),
        (
            "preference",
            {"prompt": "q", "chosen": OPENAI, "rejected": [OPENAI[0], {"role": "assistant", "content": "b"}]},
        ),
        (
            "openai-dpo",
            {
                "input": {"messages": [OPENAI[0]], "tools": []},
                "preferred_output": [OPENAI[1]],
                "non_preferred_output": [{"role": "assistant", "content": "b"}],
            },
        ),
    ],
)
def test_a_preference_has_both_answers(tmp_path: Path, shape: str, record: Any) -> None:
    example = one(tmp_path, record, shape)
    assert example.messages == (USER, ANSWER)
    assert example.non_preferred == (Message("assistant", "b"),)


def test_tools_calls_and_results_are_one_whatever_the_provider(tmp_path: Path) -> None:
    call = ToolCall("f", '{"x":1}', "c1")
    expected = (USER, Message("assistant", None, (call,)), Message("tool", "r", tool_call_id="c1"), ANSWER)
    openai = [
        OPENAI[0],
        {
            "role": "assistant",
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "r"},
        OPENAI[1],
    ]
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    example = one(tmp_path, {"messages": openai, "tools": [tool], "parallel_tool_calls": False, "id": 3}, "openai")
    assert example.messages == expected
    assert (example.tools, example.parallel_tool_calls, example.extra) == ((tool,), False, {"id": 3})
    claude = [
        OPENAI[0],
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {"x": 1}}]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "r"}]}],
        },
        OPENAI[1],
    ]
    assert one(tmp_path, {"system": "", "messages": claude}, "bedrock-claude").messages == expected
    nova = [
        {"role": "user", "content": [{"text": "q"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "c1", "name": "f", "input": {"x": 1}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "c1", "content": [{"text": "r"}]}}]},
        OPENAI[1],
    ]
    config = {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}]}
    example = one(tmp_path, {"schemaVersion": "x", "messages": nova, "toolConfig": config}, "bedrock-nova")
    assert (example.messages, example.tools) == (expected, (tool,))


def test_older_function_calls_are_tool_calls(tmp_path: Path) -> None:
    turns = [
        OPENAI[0],
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "r"},
        OPENAI[1],
    ]
    example = one(tmp_path, {"messages": turns, "functions": [{"name": "f"}]}, "openai")
    assert example.messages[1:3] == (Message("assistant", None, (ToolCall("f", "{}"),)), Message("tool", "r", name="f"))
    assert example.tools == ({"type": "function", "function": {"name": "f"}},)
    turns = [
        {"from": "human", "value": "q"},
        {"from": "function_call", "value": '{"name": "f", "arguments": {}}'},
        {"from": "observation", "value": "r"},
        {"from": "gpt", "value": "a"},
    ]
    example = one(tmp_path, {"conversations": turns, "tools": '[{"name": "f"}]'}, "sharegpt")
    assert example.messages == (USER, Message("assistant", None, (ToolCall("f", "{}"),)), Message("tool", "r"), ANSWER)
    assert example.tools == ({"type": "function", "function": {"name": "f"}},)


def test_context_and_history_belong_to_the_input(tmp_path: Path) -> None:
    assert one(tmp_path, {"instruction": "do", "input": "this", "output": "a"}, "alpaca").input == "do\n\nthis"
    assert (
        one(tmp_path, {"question": "why", "context": "since", "answer": "a"}, "prompt-completion").input
        == "why\n\nsince"
    )
    example = one(tmp_path, {"instruction": "q", "output": "a", "history": [["x", "y"]]}, "alpaca")
    assert [m.content for m in example.messages] == ["x", "y", "q", "a"]


def test_annotators_become_votes(tmp_path: Path) -> None:
    def task(*labels: str, **more: Any) -> dict[str, Any]:
        return {
            "completed_by": {"email": f"{labels[0]}@example.org"},
            "result": [{"from_name": "s", "type": "choices", "value": {"choices": list(labels[1:])}}],
            **more,
        }

    record = {
        "id": 1,
        "data": {"text": "q"},
        "annotations": [task("a", "pos"), task("b", "neg"), task("c", "neg"), task("d", "pos", was_cancelled=True)],
    }
    example = one(tmp_path, record, "label-studio")
    assert (example.input, example.output) == ("q", "neg")
    assert example.votes == (
        Vote("a@example.org", Verdict.RELABEL, "pos"),
        Vote("b@example.org", Verdict.KEEP, "neg"),
        Vote("c@example.org", Verdict.KEEP, "neg"),
        Vote("d@example.org", Verdict.SKIP, note="pos"),
    )
    record = {"text": "q", "id": 5, "label": "pos", "annotator": 3, "annotation_id": 9, "lead_time": 1.5}
    example = one(tmp_path, record, "label-studio-min")
    assert (example.input, example.output, example.votes) == ("q", "pos", (Vote("3", Verdict.KEEP, "pos"),))


def test_spans_become_json(tmp_path: Path) -> None:
    expected = '[{"text":"Anna","label":"PER"}]'
    assert one(tmp_path, {"text": "Anna is in", "label": [[0, 4, "PER"]]}, "doccano").output == expected
    record = {
        "text": "Anna is in",
        "spans": [{"start": 0, "end": 4, "label": "PER"}],
        "_task_hash": 1,
        "answer": "accept",
    }
    assert one(tmp_path, record, "prodigy").output == expected
    value = {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}
    record = {"data": {"text": "Anna is in"}, "annotations": [{"result": [{"from_name": "n", "value": value}]}]}
    assert one(tmp_path, record, "label-studio").output == expected
    assert one(tmp_path, {"text": "q", "label": ["a"]}, "doccano").output == "a"


def test_prodigy_and_argilla_answers_are_verdicts(tmp_path: Path) -> None:
    rows = [
        {"text": f"q {answer}", "label": "x", "answer": answer, "_task_hash": 1, "_annotator_id": "ann"}
        for answer in ("accept", "reject", "ignore")
    ]
    examples = [e for e in load(tmp_path, *rows, shape="prodigy") if isinstance(e, Example)]
    assert [e.votes[0].verdict for e in examples] == [Verdict.KEEP, Verdict.DROP, Verdict.SKIP]
    responses = [
        {"user_id": user, "status": status, "values": {"label": {"value": value}}}
        for user, status, value in (("u", "submitted", "x"), ("v", "submitted", "y"), ("w", "discarded", "x"))
    ]
    example = one(tmp_path, {"fields": {"text": "q"}, "responses": responses}, "argilla")
    assert example.output == "x"
    assert [(v.reviewer, v.verdict) for v in example.votes] == [
        ("u", Verdict.KEEP),
        ("v", Verdict.RELABEL),
        ("w", Verdict.SKIP),
    ]
    record = {"fields": {"text": "q"}, "responses": {"label": [{"user_id": "u", "value": "x", "status": "submitted"}]}}
    assert one(tmp_path, record, "argilla").votes == (Vote("u", Verdict.KEEP, "x"),)


def test_records_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    good = {"messages": OPENAI}
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
    rows: list[tuple[Any, str]] = [
        ({"messages": [image]}, "turn 1: a part of the kind image_url; only text can be read"),
        ({"messages": []}, "a conversation without turns"),
        ({"messages": [{"content": "x"}]}, "turn 1: it has no role"),
        ([1], "not a record with named fields but a list"),
        ('{"messages": NaN}', "NaN is not a JSON value"),
        ('{"messages": "\\ud800"}', "half of a surrogate pair"),
        ('{"messages": ' + "[" * 100_000, "nested more than 200 levels deep"),
        ('{"messages": ' + "[" * 500 + "]" * 500 + "}", "nested more than 200 levels deep"),
        ('{"messages": [{"role": "user"', "cut off: the JSON ends in the middle"),
        ({"prompt": "p", "completion": "c", "label": False}, "marked undesirable"),
        ({"a": 1}, "its fields are a, this file is OpenAI chat messages"),
        ({"text": "x"}, "looks like texts without outputs, this file is OpenAI chat messages"),
    ]
    records = load(tmp_path, good, good, *(row for row, _ in rows), good, shape="openai")
    assert [r.ref.line for r in records] == list(range(1, len(rows) + 4))
    for record, (row, reason) in zip(records[2:-1], rows, strict=True):
        assert isinstance(record, Rejected), row
        assert record.reason.startswith(reason)
        assert record.raw == (row if isinstance(row, str) else json.dumps(row)).encode()


def test_an_empty_output_is_an_example_and_an_empty_record_is_not(tmp_path: Path) -> None:
    rows = [
        {"prompt": "q", "completion": "a"},
        {"prompt": "q"},
        {"prompt": "q", "completion": None},
        {"prompt": "", "completion": ""},
    ]
    records = load(tmp_path, *rows)
    assert [r.messages for r in records if isinstance(r, Example)] == [(USER, ANSWER)] + [
        (USER, Message("assistant", ""))
    ] * 2
    assert isinstance(records[3], Rejected)
    assert records[3].reason == "neither input nor output"
    assert [
        r.output
        for r in load(tmp_path, *({"input": "x", "output": v} for v in (True, 3, 2.5, [1, "ü"])))
        if isinstance(r, Example)
    ] == ["true", "3", "2.5", '[1,"ü"]']


def test_tables_keep_their_bad_rows_apart(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(
        b'text,label\nfine,a\ntoo,many,cells\nfew\n\n"never closed,b\nfine again,c\nwith \x00 in it,d\n,\n'
    )
    records = list(read(path, detect(path)))
    assert [(r.ref.record, r.ref.line) for r in records] == [(0, 2), (1, 3), (2, 4), (3, 6), (4, 7), (5, 8), (6, 9)]
    assert [r.reason for r in records if isinstance(r, Rejected)] == [
        "3 cells, the table has 2 columns",
        "1 cells, the table has 2 columns",
        "a quote opens here and never closes",
        "neither input nor output",
    ]
    assert [r.input for r in records if isinstance(r, Example)] == ["fine", "fine again", "with \x00 in it"]


def test_ten_megabyte_records_are_read(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    path = tmp_path / "t.csv"
    path.write_text(f'text,label\n"{long}\n{long}",a\nb,c\n')
    assert [len(r.input) for r in read(path, detect(path)) if isinstance(r, Example)] == [20_000_001, 1]
    for text in (json.dumps({"prompt": long, "completion": "a"}), json.dumps([{"prompt": long, "completion": "a"}])):
        path.write_text(text)
        assert [len(r.input) for r in read(path, detect(path)) if isinstance(r, Example)] == [10_000_000]


def test_unknown_keys_are_kept(tmp_path: Path) -> None:
    example = one(tmp_path, {"id": 7, "prompt": "q", "completion": "a", "meta": {"k": [1]}}, "prompt-completion")
    assert example.extra == {"id": 7, "meta": {"k": [1]}}


def test_roles_are_known_in_whatever_case_they_are_written() -> None:
    turns = read_turns([{"role": "User", "content": "q"}, {"role": " Assistant", "content": "a"}])
    assert [message.role for message in turns] == ["user", "assistant"]
    assert read_turns([{"role": "Narrator", "content": "q"}])[0].role == "Narrator"
