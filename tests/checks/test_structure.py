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
        ([ASK, ("assistant", "These are the ones that we have in the shop and on the web today:\n1. The blue one, for ten\n2.")],
         "truncated", Severity.WARNING),
        ([ASK, ("assistant", "Lo siento, pero no puedo ayudarte con esa solicitud.")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "Désolé, mais je ne peux pas vous aider avec cela.")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "Es tut mir leid, aber ich kann dir dabei nicht helfen.")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "Als KI-Sprachmodell habe ich keine Meinung.")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "Sinto muito, mas não posso ajudar com isso.")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "Mi dispiace, ma non posso aiutarti.")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "很抱歉，我无法提供这方面的帮助。")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "申し訳ありませんが、そのご依頼にはお手伝いできません。")], "refusal", Severity.WARNING),
        ([ASK, ("assistant", "It costs ten.<|im_end|>")], "control_token", Severity.WARNING),
        ([ASK, ("assistant", "[INST] How much? [/INST] Ten.")], "control_token", Severity.WARNING),
        ([ASK, ("assistant", "It costs ten.</s>")], "control_token", Severity.WARNING),
        ([("user", "<start_of_turn>user\nHow much?"), REPLY], "control_token", Severity.WARNING),
        ([ASK, ("assistant", "It costs ten.\n### Instruction:\nSay it again.")], "template", Severity.WARNING),
        ([ASK, ("assistant", "It is the the the the the the the the blue one.")], "loop", Severity.WARNING),
        ([ASK, ("assistant", "The blue one costs ten today. " * 3)], "loop", Severity.WARNING),
        ([ASK, ("assistant", "It is on sale.\n" + "It comes with a box and a red ribbon\n" * 5)], "loop", Severity.WARNING),
        ([ASK, ("assistant", "It &amp; its box cost ten.")], "markup", Severity.INFO),
        ([ASK, ("assistant", "It costs <b>ten</b>.<br>")], "markup", Severity.INFO),
        ([ASK, ("assistant", "Itâ€™s the cafÃƒÂ©.")], "encoding", Severity.WARNING),
        ([ASK, ("assistant", "РџСЂРёРІРµС‚, РјРёСЂ")], "encoding", Severity.WARNING),
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
        [ASK, ("assistant", "Lo siento, no puedo encontrar su pedido. ¿Me dice el número?")],
        [ASK, ("assistant", "Es tut mir leid, der blaue ist nicht mehr da.")],
        [ASK, ("assistant", "In ChatML a turn ends with `<|im_end|>`, in Llama with '[/INST]'.")],
        [ASK, ("assistant", "<s>Twelve</s> It costs ten.")],
        [ASK, ("assistant", "Ha ha ha ha ha ha ha ha! It is very very very blue.")],
        [ASK, ("assistant", "The blue one costs ten. The red one costs twelve. The green one costs ten.")],
        [ASK, ("assistant", "x = [0, 0, 0, 0, 0, 0, 0, 0]\n" + "    step(x)\n" * 3)],
        [("user", "How do I write bold text in HTML?"), ("assistant", "Like this: <b>bold</b>.")],
        [ASK, ("assistant", "Есть синий, РАСПРОДАЖА в СССР и РСФСР. Распространение.")],
        [ASK, ("assistant", "Il est désolé, il ne peut pas venir.")],
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


PRICE = {
    "type": "function",
    "function": {
        "name": "price",
        "parameters": {
            "type": "object",
            "properties": {"colour": {"type": "string", "enum": ["blue", "red"]}, "count": {"type": "integer"}},
            "required": ["colour"],
        },
    },
}


def called(arguments: str, tool: dict[str, object]) -> Example:
    plain = with_call(call(arguments))
    return Example(plain.ref, plain.messages, tools=(tool,), id=1)


@pytest.mark.parametrize(
    ("arguments", "severity"),
    [
        ('{"count": 2}', Severity.ERROR),
        ('{"colour": "green"}', Severity.ERROR),
        ('{"colour": "blue", "count": "two"}', Severity.ERROR),
        ('{"colour": "blue", "size": 3}', Severity.WARNING),
    ],
)
def test_arguments_must_fit_what_the_tool_declares(arguments: str, severity: Severity, embedder: Embedder) -> None:
    assert broken(called(arguments, PRICE), embedder) == {"tool_schema": severity}


@pytest.mark.parametrize(
    "tool",
    [
        PRICE,
        {"name": "price", "input_schema": PRICE["function"]["parameters"]},  # type: ignore[index]
        {"name": "price", "parameters": {"type": "dict", "properties": {"colour": {"type": "str"}}, "required": ["colour"]}},
        {"name": "price", "parameters": {"colour": {"type": "str", "description": "of the cup"}}},
        {"name": "price"},
    ],
)  # fmt: skip
def test_declarations_of_many_kinds_are_understood(tool: dict[str, object], embedder: Embedder) -> None:
    assert broken(called('{"colour": "blue"}', tool), embedder) == {}


def test_a_tool_that_is_declared_wrongly_is_said(embedder: Embedder) -> None:
    for wrong in ({"properties": {"colour": {"type": "string", "minLength": "many"}}}, {"$ref": "#/nowhere"}):
        tool = {"name": "price", "parameters": wrong}
        assert broken(called('{"colour": "blue"}', tool), embedder) == {"tool_definition": Severity.WARNING}


def test_headings_of_a_template_in_all_rows_are_the_way_of_the_data(embedder: Embedder) -> None:
    rows = [(f"### Instruction:\nSay {n}.", f"It is {n}.") for n in range(30)]
    outcome = run("structure", data_of(rows, embedder=embedder))
    assert not outcome.findings
    assert outcome.calibration["template_headings_are_usual"]
