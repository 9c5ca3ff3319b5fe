"""structure: every rule, what breaks it and what only looks as if it did."""

from __future__ import annotations

import pytest
from corpus_material import chat, data_of, pair, run

from curator.checks import Corpus
from curator.embedding import Embedder
from curator.model import Example, Message, Severity, ToolCall
from curator.tasks import Task

TOOL = {"type": "function", "function": {"name": "price", "parameters": {}}}
ASK, REPLY = ("user", "How much is the blue one?"), ("assistant", "It costs ten.")


def broken(example: Example, embedder: Embedder, task: Task = Task.GENERATION) -> dict[str, Severity]:
    outcome = run("structure", data_of(Corpus([example]), task=task, embedder=embedder))
    assert all(f.examples == (example.id,) and f.suggestion and "excerpt" in f.evidence for f in outcome.findings)
    return {f.evidence["rule"]: f.severity for f in outcome.findings}


def call(arguments: str, name: str = "price") -> Message:
    return Message("assistant", None, (ToolCall(name, arguments, "call_1"),))


def with_call(*turns: Message) -> Example:
    start = chat(ASK)
    return Example(start.ref, (*start.messages, *turns), tools=(TOOL,), id=1)


@pytest.mark.parametrize(
    ("turns", "rule", "severity"),
    [
        ([ASK], "no_assistant", Severity.ERROR),
        ([ASK, REPLY, ("user", "And the red one?")], "last_turn", Severity.ERROR),
        ([("system", "Be kind."), REPLY], "no_user", Severity.ERROR),
        ([("human", "Hello"), ASK, REPLY], "unknown_role", Severity.ERROR),
        ([ASK, ASK, REPLY], "role_order", Severity.ERROR),
        ([ASK, REPLY, REPLY], "role_order", Severity.ERROR),
        ([REPLY, ASK, REPLY], "role_order", Severity.ERROR),
        ([ASK, ("system", "Be kind."), REPLY], "role_order", Severity.ERROR),
        ([("user", " \n"), REPLY], "empty_input", Severity.ERROR),
        ([ASK, ("assistant", "")], "empty_output", Severity.ERROR),
        ([("system", ""), ASK, REPLY], "empty_turn", Severity.WARNING),
        ([("user", "The cafÃ© is closed."), REPLY], "encoding", Severity.WARNING),
        ([ASK, ("assistant", "It\u2019s at the caf\ufffd.")], "encoding", Severity.WARNING),
        ([ASK, ("assistant", "It is 5 â‚¬ and itâ€™s blue.")], "encoding", Severity.WARNING),
        ([("user", "a\x00b"), REPLY], "encoding", Severity.WARNING),
        ([ASK, ("assistant", "I'm sorry, but I can't help with that.")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "As an AI language model, I have no shop.")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "Dear [CUSTOMER NAME], it costs ten.")], "placeholder", Severity.WARNING),
        ([ASK, ("assistant", "It costs {{price}}.")], "placeholder", Severity.WARNING),
        ([ASK, ("assistant", "Lorem ipsum dolor sit amet.")], "placeholder", Severity.WARNING),
        ([ASK, ("assistant", "TODO: ask the shop")], "placeholder", Severity.WARNING),
        ([ASK, ("assistant", "N/A")], "placeholder", Severity.WARNING),
        ([("user", "[INSERT QUESTION HERE]"), REPLY], "placeholder", Severity.WARNING),
        ([ASK, ("assistant", '{"price": 10, "colour": "bl')], "truncated", Severity.WARNING),
        ([ASK, ("assistant", "Run this:\n```\nprint(10)\n")], "truncated", Severity.WARNING),
        ([ASK, ("assistant", "The blue one costs ten, the red one costs twelve, and the green one, which is the newest, is...")],
         "truncated", Severity.WARNING),
    ],
)  # fmt: skip
def test_each_rule_finds_what_breaks_it(
    turns: list[tuple[str, str]], rule: str, severity: Severity, embedder: Embedder
) -> None:
    assert broken(chat(*turns), embedder)[rule] is severity


@pytest.mark.parametrize(
    "turns",
    [
        [ASK, REPLY],
        [("system", "Be kind."), ("developer", "Be short."), ASK, REPLY, ("user", "Thanks"), ("assistant", "Welcome!")],
        [("user", "Der Bär aß Müsli für 5 €, naïve Ã la carte?"), ("assistant", "Ça va.")],
        [ASK, ("assistant", "I'm sorry to hear that. It costs ten.")],
        [ASK, ("assistant", "I can't wait to see it on your shelf!")],
        [ASK, ("assistant", "Mark it with // TODO in the code, then fix it.")],
        [ASK, ("assistant", "My list is [1, 2, 3] and my tag is <b>.")],
        [ASK, ("assistant", "Wait for it...")],
        [ASK, ("assistant", '{"price": 10}')],
        [ASK, ("assistant", "[sic] was the word")],
        [ASK, ("assistant", "```\nprint(10)\n```")],
        [("user", "How do I say that an AI can't help with that?"), REPLY],
        [("user", "Line one\n\tline two\r\n"), REPLY],
    ],
)
def test_sound_examples_are_left_alone(turns: list[tuple[str, str]], embedder: Embedder) -> None:
    assert broken(chat(*turns), embedder) == {}


def test_tool_calls_are_checked_against_the_tools(embedder: Embedder) -> None:
    result = Message("tool", "10", tool_call_id="call_1")
    end = Message("assistant", "It costs ten.")
    assert broken(with_call(call('{"colour": "blue"}'), result, end), embedder) == {}
    assert "tool_arguments" in broken(with_call(call("blue"), result, end), embedder)
    assert "tool_arguments" in broken(with_call(call('["blue"]'), result, end), embedder)
    assert "tool_arguments" in broken(with_call(call("[" * 100_000), result, end), embedder)
    assert "unknown_tool" in broken(with_call(call("{}", "weight"), result, end), embedder)
    assert "tool_result" in broken(with_call(call("{}"), Message("tool", "10", tool_call_id="call_2"), end), embedder)


def test_labels_are_not_read_as_answers(embedder: Embedder) -> None:
    assert broken(pair("Is it blue?", "none"), embedder, Task.CLASSIFICATION) == {}
    assert broken(pair("Is it blue?", "none"), embedder) != {}
    refused = pair("As an AI language model I cannot write a customer message.", "refund")
    assert set(broken(refused, embedder, Task.CLASSIFICATION)) == {"refusal"}


def test_an_answer_that_stops_in_a_sentence_is_told_from_data_without_full_stops(embedder: Embedder) -> None:
    whole = "The blue one is in the second room on the left, and it comes with a box and a long red ribbon"
    sentences = [(f"Where is number {n}?", whole + ".") for n in range(40)]
    cut = ("Where is the last?", "The last one is in the second room on the")
    found = run("structure", data_of([*sentences, cut], embedder=embedder)).findings
    assert [(f.evidence["rule"], f.examples) for f in found] == [("truncated", (41,))]
    titles = [(question, whole) for question, _ in sentences]
    assert not run("structure", data_of([*titles, cut], embedder=embedder)).findings


def test_placeholders_that_are_the_way_of_the_data_are_not_reported(embedder: Embedder) -> None:
    masked = [(f"My name is [NAME], my order {n} is late.", "We look into it.") for n in range(20)]
    plain = [(f"My order {n} is late.", "We look into it.") for n in range(20, 40)]
    usual = run("structure", data_of([*masked, *plain], embedder=embedder))
    assert usual.calibration["placeholders_are_usual"]
    assert not usual.findings
    assert len(run("structure", data_of([masked[0], *plain], embedder=embedder)).findings) == 1
