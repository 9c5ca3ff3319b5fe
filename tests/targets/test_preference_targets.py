"""Formats of preference pairs: what is written, what is refused, and what comes back when it is read again."""

from __future__ import annotations

import codecs
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator import formats, targets
from curator.model import Example, Message, Ref, Rejected, Severity, ToolCall
from curator.targets import fixes

OPENAI_FORM = ("openai-dpo", "azure-dpo", "together-dpo", "fireworks-dpo")
PAIRED = (*OPENAI_FORM, "trl-dpo")
ALL = (*PAIRED, "trl-kto")
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
ASKED = (Message("system", "Be kind."), Message("user", "Where is my card?"))
PAIR = Example(
    Ref("a.jsonl", 0, 1),
    (*ASKED, Message("assistant", "It is on its way.")),
    non_preferred=(Message("assistant", "Wait."),),
)
CALLING = Example(
    Ref("a.jsonl", 0, 1),
    (
        Message("user", "Oslo and Bergen?"),
        Message("assistant", None, (ToolCall("weather", '{"city": "Oslo"}'),)),
        Message("tool", "4"),
        Message("assistant", None, (ToolCall("weather", '{"city": "Bergen"}'),)),
    ),
    tools=(WEATHER,),
    non_preferred=(Message("assistant", None, (ToolCall("weather", '{"city": "Rome"}'),)),),
)


def rules(name: str, example: Example) -> set[str]:
    return {p.rule for p in targets.get(name).problems(example)}


def errors(name: str, example: Example) -> set[str]:
    return {p.rule for p in targets.get(name).problems(example) if p.severity is Severity.ERROR}


def checked(name: str, path: Path, *records: dict[str, Any], mark: bool = False) -> list[tuple[int | None, str]]:
    """Line and rule of everything worth a word but notes that the target says of a file with these records."""
    text = "".join(json.dumps(record) + "\n" for record in records).encode()
    path.write_bytes((codecs.BOM_UTF8 if mark else b"") + text)
    found = targets.get(name).validate_file(path)
    return [(p.line, p.rule) for p in found if p.severity is not Severity.INFO]


@pytest.mark.parametrize("name", OPENAI_FORM)
def test_openai_and_those_who_take_its_form_get_an_input_and_two_outputs(name: str) -> None:
    assert targets.get(name).record(PAIR) == {
        "input": {
            "messages": [
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "Where is my card?"},
            ]
        },
        "preferred_output": [{"role": "assistant", "content": "It is on its way."}],
        "non_preferred_output": [{"role": "assistant", "content": "Wait."}],
    }


def test_trl_gets_a_prompt_and_what_is_chosen_and_rejected() -> None:
    assert targets.get("trl-dpo").record(PAIR) == {
        "prompt": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Where is my card?"}],
        "chosen": [{"role": "assistant", "content": "It is on its way."}],
        "rejected": [{"role": "assistant", "content": "Wait."}],
    }


def test_kto_makes_two_rows_of_a_pair_and_one_of_an_example_without() -> None:
    target = targets.get("trl-kto")
    prompt = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Where is my card?"}]
    desirable = {"prompt": prompt, "completion": [{"role": "assistant", "content": "It is on its way."}], "label": True}
    undesirable = {"prompt": prompt, "completion": [{"role": "assistant", "content": "Wait."}], "label": False}
    assert target.records(PAIR) == [desirable, undesirable]
    assert target.records(replace(PAIR, non_preferred=())) == [desirable]


def test_both_outputs_answer_the_same_calls_of_tools() -> None:
    written = targets.get("openai-dpo").record(replace(CALLING, parallel_tool_calls=False))
    call, reply = written["input"]["messages"][1]["tool_calls"][0], written["input"]["messages"][2]
    assert call["id"] == reply["tool_call_id"]
    assert written["input"]["tools"] == [WEATHER]
    assert written["input"]["parallel_tool_calls"] is False
    outputs = (written[key][0]["tool_calls"][0] for key in ("preferred_output", "non_preferred_output"))
    assert [call["function"]["arguments"] for call in outputs] == ['{"city": "Bergen"}', '{"city": "Rome"}']
    row = targets.get("trl-dpo").record(CALLING)
    assert row["tools"] == [WEATHER]
    assert row["rejected"][0]["tool_calls"][0]["function"]["arguments"] == {"city": "Rome"}
    assert row["rejected"][0]["content"] == ""
    false = targets.get("trl-kto").records(CALLING)[1]
    assert (false["tools"], false["label"]) == ([WEATHER], False)


@pytest.mark.parametrize("name", ALL)
def test_a_pair_of_plain_texts_has_no_problem(name: str) -> None:
    assert rules(name, PAIR) == set()


@pytest.mark.parametrize("name", PAIRED)
def test_an_example_without_a_second_output_is_refused_and_told_what_to_do(name: str) -> None:
    (problem,) = targets.get(name).problems(replace(PAIR, non_preferred=()))
    assert (problem.rule, problem.severity) == ("no_pair", Severity.ERROR)
    assert problem.fix is not None
    assert "edit its output" in problem.fix


def test_kto_takes_examples_without_a_pair_unless_all_are_without() -> None:
    alone, target = replace(PAIR, non_preferred=()), targets.get("trl-kto")
    assert target.problems(alone) == []
    assert target.fitted([alone, PAIR]).problems(alone) == []
    assert [p.rule for p in target.fitted([alone, alone]).problems(alone)] == ["no_pair"]


@pytest.mark.parametrize("name", ["openai", "trl", "jsonl"])
def test_formats_of_conversations_say_that_the_second_output_is_left_out(name: str) -> None:
    assert rules(name, PAIR) == {"preference"}
    assert errors(name, PAIR) == set()
    assert "Wait." not in json.dumps(targets.get(name).record(PAIR))


BROKEN = [
    (replace(PAIR, non_preferred=PAIR.messages[-1:]), "same_outputs"),
    (replace(PAIR, non_preferred=(Message("assistant", " \n"),)), "empty_output"),
    (replace(PAIR, non_preferred=(Message("user", "Wait."),)), "one_turn"),
    (replace(PAIR, non_preferred=(Message("assistant", "\ud800"),)), "encoding"),
    (replace(PAIR, messages=PAIR.messages[-1:]), "no_input"),
    (replace(PAIR, messages=(ASKED[0], PAIR.messages[-1])), "input_end"),
    (replace(PAIR, messages=(*PAIR.messages, Message("user", "Thanks"))), "last_turn"),
    (replace(CALLING, non_preferred=(Message("assistant", None, (ToolCall("weather", "{"),)),)), "tool_arguments"),
]


@pytest.mark.parametrize("name", [name for name in PAIRED if name != "fireworks-dpo"])
@pytest.mark.parametrize(("example", "rule"), BROKEN, ids=[rule for _, rule in BROKEN])
def test_pairs_that_teach_nothing_or_cannot_be_written_are_refused(name: str, example: Example, rule: str) -> None:
    assert rule in errors(name, example)
    whole = replace(CALLING if rule == "tool_arguments" else PAIR)
    assert rule not in errors(name, whole)


def test_an_input_that_ends_with_the_assistant_is_refused_but_by_trl_which_goes_on_with_it() -> None:
    twice = replace(PAIR, messages=(*ASKED, Message("assistant", "Hm."), PAIR.messages[-1]))
    assert all("input_end" in errors(name, twice) for name in OPENAI_FORM)
    assert all(errors(name, twice) == set() and "input_end" in rules(name, twice) for name in ("trl-dpo", "trl-kto"))


def test_outputs_of_several_turns_go_to_trl_alone() -> None:
    more = replace(PAIR, non_preferred=(Message("assistant", "Hm."), Message("user", "?"), Message("assistant", "No.")))
    assert all("one_turn" in errors(name, more) for name in OPENAI_FORM)
    assert errors("trl-dpo", more) == set()
    assert [turn["role"] for turn in targets.get("trl-dpo").record(more)["rejected"]] == [
        "assistant",
        "user",
        "assistant",
    ]


def test_what_is_wrong_with_the_second_output_says_so_and_offers_no_fix() -> None:
    long = replace(PAIR, non_preferred=(Message("assistant", "word " * 70_000),))
    (problem,) = targets.get("openai-dpo").problems(long)
    assert problem.message.startswith("in the output that is not preferred, 70,")
    assert (problem.rule, problem.mend) == ("tokens", None)
    assert "tokens" not in rules("trl-dpo", long)


def test_weights_of_earlier_turns_make_no_difference_and_none_is_written() -> None:
    earlier = (Message("user", "Hi"), Message("assistant", "Hello", weight=0))
    example = replace(PAIR, messages=(*earlier, Message("user", "Where?"), Message("assistant", "Here.", weight=1)))
    for name in ALL:
        assert rules(name, example) == set()
        assert "weight" not in json.dumps(targets.get(name).records(example))
    unlearned = replace(PAIR, messages=(*ASKED, Message("assistant", "Here.", weight=0)))
    assert rules("openai-dpo", unlearned) == {"weight"}


def test_turns_before_the_output_are_joined_but_never_the_output_itself() -> None:
    target = targets.get("trl-dpo")
    users = replace(PAIR, messages=(ASKED[1], ASKED[1], PAIR.messages[-1]))
    assert fixes.apply(users, fixes.parse(["safe"]), target)[1] == ("merge-turns",)
    twice = replace(PAIR, messages=(*ASKED, Message("assistant", "Hm."), PAIR.messages[-1]))
    assert fixes.apply(twice, fixes.parse(["safe"]), target) == (twice, ())


def test_gemma_stumbles_over_the_system_turn_of_a_pair_until_it_is_merged() -> None:
    target = targets.get("trl-dpo").for_model("gemma-2")
    assert [p.mend for p in target.problems(PAIR)] == ["merge-system"]
    mended, applied = fixes.apply(PAIR, ("merge-system",), target)
    assert (applied, target.problems(mended), mended.non_preferred) == (("merge-system",), [], PAIR.non_preferred)


def test_fireworks_takes_texts_alone() -> None:
    assert "tools" in errors("fireworks-dpo", CALLING)
    assert errors("together-dpo", CALLING) == set()
    offered = replace(PAIR, tools=(WEATHER,))
    assert rules("fireworks-dpo", offered) == {"tools_lost"}
    assert "tools" not in targets.get("fireworks-dpo").record(offered)["input"]


GOOD = {
    "input": {"messages": [{"role": "user", "content": "q"}]},
    "preferred_output": [{"role": "assistant", "content": "a"}],
    "non_preferred_output": [{"role": "assistant", "content": "b"}],
}
ANSWER = {"role": "assistant", "content": "c"}


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({**GOOD, "id": 3}, "unknown_key"),
        ({**GOOD, "input": {**GOOD["input"], "system": "s"}}, "unknown_key"),
        ({**GOOD, "input": "q"}, "input"),
        ({**GOOD, "input": {"messages": []}}, "input"),
        ({**GOOD, "preferred_output": ANSWER}, "one_turn"),
        ({**GOOD, "preferred_output": [ANSWER, ANSWER]}, "one_turn"),
        ({**GOOD, "non_preferred_output": []}, "one_turn"),
        ({**GOOD, "non_preferred_output": [{"role": "user", "content": "b"}]}, "one_turn"),
        ({**GOOD, "non_preferred_output": [{**ANSWER, "score": 1}]}, "unknown_key"),
        ({**GOOD, "non_preferred_output": GOOD["preferred_output"]}, "same_outputs"),
        ({**GOOD, "input": {"messages": [{"role": "user", "content": "q"}, ANSWER]}}, "input_end"),
    ],
)
@pytest.mark.parametrize("name", OPENAI_FORM)
def test_a_file_says_in_which_line_a_pair_is_wrong(
    tmp_path: Path, name: str, record: dict[str, Any], rule: str
) -> None:
    records, mark = [GOOD] * 10 + [record], name == "azure-dpo"
    assert (11, rule) in checked(name, tmp_path / "a.jsonl", *records, mark=mark)
    assert checked(name, tmp_path / "a.jsonl", *[GOOD] * 10, mark=mark) == []


def test_a_developer_is_known_to_openai_alone(tmp_path: Path) -> None:
    asked = {"messages": [{"role": "developer", "content": "s"}, {"role": "user", "content": "q"}]}
    records = [{**GOOD, "input": asked}] * 10
    assert checked("openai-dpo", tmp_path / "a.jsonl", *records) == []
    assert checked("together-dpo", tmp_path / "a.jsonl", *records)[0] == (1, "role")
    developer = replace(PAIR, messages=(Message("developer", "s"), *PAIR.messages[1:]))
    assert targets.get("together-dpo").record(developer)["input"]["messages"][0]["role"] == "system"
    assert targets.get("openai-dpo").record(developer)["input"]["messages"][0]["role"] == "developer"


def test_files_have_the_least_number_of_rows_and_the_mark_that_each_provider_wants(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert [rule for _, rule in checked("openai-dpo", path, *[GOOD] * 9)] == ["rows"]
    assert [rule for _, rule in checked("fireworks-dpo", path, *[GOOD] * 2)] == ["rows"]
    assert checked("together-dpo", path, GOOD) == []
    assert checked("azure-dpo", path, *[GOOD] * 10) == [(1, "byte_order_mark")]
    assert targets.get("azure-dpo").write([PAIR], path).rows == 1
    assert path.read_bytes().startswith(codecs.BOM_UTF8)


def test_no_pair_may_be_held_out_but_there_must_be_some_to_train_on() -> None:
    target = targets.get("openai-dpo")
    assert [p.severity for p in target.file_problems(0, 0, "validation")] == [Severity.INFO]
    assert [p.severity for p in target.file_problems(0, 0, "train")] == [Severity.ERROR]


TURNS = {"prompt": [{"role": "user", "content": "q"}], "chosen": [ANSWER], "rejected": [{**ANSWER, "content": "d"}]}
TEXTS = {"prompt": "q", "chosen": "a", "rejected": "b"}


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"prompt": "q", "chosen": "a"}, "pair"),
        ({**TURNS, "chosen": "a"}, "pair"),
        ({**TURNS, "rejected": []}, "pair"),
        ({**TURNS, "chosen": [{"content": "a"}]}, "messages"),
        ({**TURNS, "prompt": [{"role": "system", "content": "s"}]}, "input_end"),
        ({**TURNS, "rejected": TURNS["chosen"]}, "same_outputs"),
        ({**TEXTS, "rejected": " "}, "empty_output"),
        ({"chosen": "q a", "rejected": ""}, "empty_output"),
    ],
)
def test_trl_pairs_that_are_wrong_are_named(tmp_path: Path, record: dict[str, Any], rule: str) -> None:
    assert (1, rule) in checked("trl-dpo", tmp_path / "a.jsonl", record)


def test_trl_reads_turns_texts_and_prompts_that_both_outputs_begin_with(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    whole = {key: [*TURNS["prompt"], *TURNS[key]] for key in ("chosen", "rejected")}
    for record in (TURNS, TEXTS, whole, {"chosen": "q a", "rejected": "q b"}, {**TURNS, "score": 3}):
        assert checked("trl-dpo", path, record) == []
    example, _ = targets.get("trl-dpo").read(whole)
    assert example is not None
    assert [m.content for m in (*example.messages, *example.non_preferred)] == ["q", "c", "d"]
    assert (2, "mixed_shapes") in checked("trl-dpo", path, TURNS, TEXTS)


def kto(completion: str, label: object = True, prompt: str = "q") -> dict[str, Any]:
    turns = [{"role": "user", "content": prompt}]
    return {"prompt": turns, "completion": [{"role": "assistant", "content": completion}], "label": label}


def test_kto_files_need_a_label_in_each_row_and_should_have_both(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    assert checked("trl-kto", path, kto("a"), kto("b", False)) == []
    assert (
        checked("trl-kto", path, {**TEXTS, "completion": "a", "label": True}, kto("b", False))[0][1] == "mixed_shapes"
    )
    assert checked("trl-kto", path, kto("a"), kto("b", "no"))[:2] == [(2, "mixed_types"), (2, "label")]
    assert checked("trl-kto", path, kto("a"), kto(" ", False)) == [(2, "empty_output")]
    assert checked("trl-kto", path, kto("a"), kto("b")) == [(None, "one_label")]
    assert checked("trl-kto", path, TURNS) == []


def test_an_uneven_number_of_labels_is_told_with_the_weights_that_trl_asks_for(tmp_path: Path) -> None:
    def told(desirable: int, undesirable: int) -> list[str]:
        rows = [kto(f"a{n}") for n in range(desirable)] + [kto(f"b{n}", False) for n in range(undesirable)]
        (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        found = targets.get("trl-kto").validate_file(tmp_path / "a.jsonl")
        return [p.message for p in found if p.rule == "label_balance"]

    # round(8 * 1 / 2 / 1.33, 2) and round(8 * 1 / 2, 2), as in KTOTrainer of TRL 1.16
    (many,) = told(8, 2)
    assert "undesirable_weight between 3.01 and 4.00, or desirable_weight between 0.25 and 0.33" in many
    (few,) = told(2, 8)
    assert "desirable_weight between 4.00 and 5.32, or undesirable_weight between 0.19 and 0.25" in few
    assert told(4, 4) == []


def imported(path: Path, *rows: dict[str, Any]) -> list[Example | Rejected]:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return list(formats.read(path, formats.detect(path)))


def test_undesirable_rows_are_never_examples_and_join_the_desirable_row_before_them(tmp_path: Path) -> None:
    found = imported(
        tmp_path / "kto.jsonl",
        kto("good"),
        kto("bad", False),
        kto("alone"),
        kto("of another prompt", False, "other"),
        kto("first"),
        kto("second"),
        kto("worse", False),
        kto("worst", False),
    )
    assert [one.ref.record for one in found] == list(range(8))
    kept = [one for one in found if isinstance(one, Example)]
    assert [(e.output, [m.content for m in e.non_preferred]) for e in kept] == [
        ("good", ["bad"]),
        ("alone", []),
        ("first", []),
        ("second", ["worse"]),
    ]
    reasons = {one.ref.record: one.reason for one in found if isinstance(one, Rejected)}
    assert "kept with" in reasons[1]
    assert "line 1" in reasons[1]
    assert "marked undesirable" in reasons[3]
    assert "kept with" in reasons[6]
    assert "marked undesirable" in reasons[7]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)
calls = st.builds(
    lambda city, n: Message(
        "assistant", None, tuple(ToolCall("weather", json.dumps({"city": city})) for _ in range(n))
    ),
    texts,
    st.integers(1, 2),
)
outputs = st.one_of(texts.map(lambda text: Message("assistant", text)), calls)


@st.composite
def pairs(draw: st.DrawFn) -> Example:
    messages = [Message("system", draw(texts))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, 2))):
        messages += [Message("user", draw(texts)), Message("assistant", draw(texts))]
    messages.append(Message("user", draw(texts | st.just(""))))
    return Example(Ref("a", 0, 1), (*messages, draw(outputs)), tools=(WEATHER,), non_preferred=(draw(outputs),))


def said(messages: Sequence[Message]) -> list[Any]:
    return [
        (m.role, m.content or "", [(call.name, json.loads(call.arguments)) for call in m.tool_calls]) for m in messages
    ]


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(made=st.lists(pairs(), min_size=3, max_size=6))
def test_pairs_come_back_with_both_outputs(
    name: str, tmp_path_factory: pytest.TempPathFactory, made: list[Example]
) -> None:
    target, path = targets.get(name), tmp_path_factory.mktemp("made") / "train.jsonl"
    taken = [e for e in made if not errors(name, e)]
    if len(taken) < 1:
        return
    target.write(taken, path)
    assert [p for p in target.validate_file(path, "validation") if p.severity is Severity.ERROR] == []
    back = [one for one in formats.read(path, formats.detect(path)) if isinstance(one, Example)]
    assert [(said(e.messages), said(e.non_preferred)) for e in back] == [
        (said(e.messages), said(e.non_preferred)) for e in taken
    ]
