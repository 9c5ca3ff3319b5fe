"""What each provider format writes, refuses and says of a file."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from curator import targets
from curator.errors import InputError
from curator.model import Example, Message, Ref, Severity, ToolCall
from curator.targets import chat

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def chat_example(*turns: tuple[str, str], **fields: object) -> Example:
    messages = tuple(Message(role, text) for role, text in turns)
    return replace(Example(Ref("a.jsonl", 0, 1), messages), **fields)  # type: ignore[arg-type]


def tool_example() -> Example:
    messages = (
        Message("user", "How warm is it in Oslo?"),
        Message("assistant", None, (ToolCall("weather", '{"city": "Oslo"}'),)),
        Message("tool", '{"celsius": 4}'),
        Message("assistant", "4 °C."),
    )
    return Example(Ref("a.jsonl", 0, 1), messages, tools=(WEATHER,))


PAIR = chat_example(("user", "Where is my card?"), ("assistant", "card_arrival"))


def errors(name: str, example: Example) -> set[str]:
    return {p.rule for p in targets.get(name).problems(example) if p.severity == Severity.ERROR}


def rules(name: str, example: Example) -> set[str]:
    return {p.rule for p in targets.get(name).problems(example)}


def file_rules(name: str, path: Path, part: str = "train") -> list[tuple[int | None, str]]:
    problems = targets.get(name).validate_file(path, part)
    return [(p.line, p.rule) for p in problems if p.severity != Severity.INFO]


@pytest.mark.parametrize("name", targets.names())
def test_every_target_has_rules_with_a_date_and_a_source(name: str) -> None:
    target = targets.get(name)
    assert target.name == name
    assert target.title
    assert target.rules.as_of
    assert target.rules.source
    limits = (target.rules.min_rows, target.rules.max_rows, target.rules.max_bytes, target.rules.max_tokens)
    assert 0 not in limits


def test_an_unknown_target_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"no target 'opnai'; choose one of .*jsonl,.* openai,"):
        targets.get("opnai")


@pytest.mark.parametrize("name", targets.names())
def test_a_plain_pair_has_no_problem_but_where_two_outputs_are_wanted(name: str) -> None:
    target = targets.get(name)
    assert rules(name, PAIR) <= ({"no_pair"} if target.preference else set())


@pytest.mark.parametrize("name", targets.names())
@pytest.mark.parametrize(
    ("example", "rule"),
    [
        (chat_example(("user", "q")), "no_assistant"),
        (chat_example(("user", "q"), ("assistant", " \n")), "empty_output"),
        (chat_example(("user", "q"), ("gpt", "a"), ("assistant", "a")), "role"),
        (chat_example(("user", "q\ud800"), ("assistant", "a")), "encoding"),
        (chat_example(("user", "q"), ("tool", "4"), ("assistant", "a")), "tool_reply"),
        (replace(PAIR, messages=(PAIR.messages[0], replace(PAIR.messages[1], weight=0.5))), "weight_value"),
        (replace(PAIR, tools=({"type": "function"},)), "tool_definition"),
        (replace(PAIR, tools=({"function": {"name": "f", "parameters": {"x": float("nan")}}},)), "tool_definition"),
        (
            replace(PAIR, messages=(PAIR.messages[0], Message("assistant", None, (ToolCall("f", "{city: Oslo"),)))),
            "tool_arguments",
        ),
        (
            replace(PAIR, messages=(PAIR.messages[0], Message("assistant", None, (ToolCall("f", "[1]"),)))),
            "tool_arguments",
        ),
    ],
)
def test_broken_examples_are_errors_everywhere(name: str, example: Example, rule: str) -> None:
    if targets.get(name).preference and name != "trl-kto":
        example = replace(example, non_preferred=(Message("assistant", "No idea."),))
    if rule.startswith("tool_") and "tools" not in targets.get(name).rules.carries:
        rule = "tools" if any(m.tool_calls or m.role == "tool" for m in example.messages) else "tools_lost"
        assert rule in rules(name, example)
    else:
        assert rule in errors(name, example)


def test_a_tool_call_that_is_never_answered_is_an_error_but_may_end_the_conversation() -> None:
    call = Message("assistant", None, (ToolCall("weather", "{}"),))
    ends = Example(Ref("a", 0, 1), (Message("user", "q"), call), tools=(WEATHER,))
    goes_on = replace(ends, messages=(*ends.messages, Message("user", "and?"), Message("assistant", "4")))
    assert errors("openai", ends) == set()
    assert errors("openai", goes_on) == {"tool_reply"}


def test_a_calling_turn_needs_no_content_and_its_tool_a_definition() -> None:
    assert rules("openai", tool_example()) == set()
    assert rules("openai", replace(tool_example(), tools=())) == {"tool_undefined"}


def test_weights_are_kept_by_openai_and_missed_by_trl() -> None:
    messages = (
        Message("user", "a"),
        Message("assistant", "b", weight=0),
        Message("user", "c"),
        Message("assistant", "d"),
    )
    example = Example(Ref("a", 0, 1), messages)
    assert targets.get("openai").record(example)["messages"][1] == {"role": "assistant", "content": "b", "weight": 0}
    assert rules("openai", example) == set()
    assert rules("trl", example) == {"weight"}
    assert "weight" not in json.dumps(targets.get("trl").record(example))


def test_openai_says_that_a_long_example_is_cut_and_how_the_tokens_were_counted() -> None:
    long = chat_example(("user", "word " * 70_000), ("assistant", "a"))
    (problem,) = targets.get("openai").problems(long)
    assert problem.rule == "tokens"
    assert "exact (o200k_base)" in problem.message


def test_arguments_are_text_for_openai_and_an_object_for_trl() -> None:
    call = targets.get("openai").record(tool_example())["messages"][1]["tool_calls"][0]
    assert call["function"] == {"name": "weather", "arguments": '{"city": "Oslo"}'}
    call = targets.get("trl").record(tool_example())["messages"][1]["tool_calls"][0]
    assert call["function"] == {"name": "weather", "arguments": {"city": "Oslo"}}


def test_missing_tool_ids_are_made_of_nine_letters_and_digits_and_join_call_and_answer() -> None:
    first, second = (targets.get("openai").record(tool_example())["messages"] for _ in range(2))
    made = first[1]["tool_calls"][0]["id"]
    assert first == second
    assert len(made) == 9
    assert made.isalnum()
    assert first[2]["tool_call_id"] == made


def test_given_tool_ids_stay_and_serve_where_only_one_side_has_them() -> None:
    call = Message("assistant", None, (ToolCall("f", "{}", "call_1"), ToolCall("g", "{}")))
    turns = (call, Message("tool", "1", tool_call_id="call_1"), Message("tool", "2", tool_call_id="call_2"))
    done = chat.with_ids(turns)
    assert [c.id for c in done[0].tool_calls] == ["call_1", "call_2"]
    assert [m.tool_call_id for m in done[1:]] == ["call_1", "call_2"]


def test_plain_jsonl_writes_pairs_and_turns_to_messages_for_the_whole_file(tmp_path: Path) -> None:
    target = targets.get("jsonl")
    with_system = chat_example(("system", "Sort."), ("user", "q"), ("assistant", "a"))
    target.write([PAIR, with_system], tmp_path / "pairs.jsonl")
    assert (tmp_path / "pairs.jsonl").read_text() == (
        '{"prompt":"Where is my card?","completion":"card_arrival"}\n{"system":"Sort.","prompt":"q","completion":"a"}\n'
    )
    target.write([PAIR, tool_example()], tmp_path / "chat.jsonl")
    assert [set(json.loads(line)) for line in (tmp_path / "chat.jsonl").read_text().splitlines()] == [
        {"messages"},
        {"messages", "tools"},
    ]


def test_files_of_one_release_share_a_shape(tmp_path: Path) -> None:
    target = targets.get("jsonl").fitted([PAIR, tool_example()])
    target.write([PAIR], tmp_path / "train.jsonl")
    assert '"messages"' in (tmp_path / "train.jsonl").read_text()


def test_written_figures_are_those_of_the_file(tmp_path: Path) -> None:
    import hashlib

    written = targets.get("openai").write([PAIR] * 3, tmp_path / "train.jsonl")
    data = (tmp_path / "train.jsonl").read_bytes()
    assert (written.rows, written.bytes, written.sha256) == (3, len(data), hashlib.sha256(data).hexdigest())


def write_lines(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


GOOD = b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}'


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f.jsonl", *[GOOD] * 10)
    for name in ("fireworks", "jsonl", "mistral", "openai", "together", "trl"):
        assert file_rules(name, path) == []


def test_problems_of_a_file_come_with_their_lines(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "f.jsonl",
        b"\xef\xbb\xbf" + GOOD,
        b"",
        b'{"messages": [',
        b"[1]",
        GOOD.replace(b'"q"', b'"\xff"'),
        GOOD.replace(b"messages", b"message"),
        GOOD.replace(b'"q"', b"7"),
        GOOD.replace(b'"content":"a"', b'"content":"a","weight":0.5,"mood":1'),
        GOOD.replace(b'"q"', b"NaN"),
        GOOD.replace(b'{"messages"', b'{"id":1,"messages"'),
    )
    assert file_rules("openai", path) == [
        (1, "byte_order_mark"),
        (2, "blank_line"),
        (3, "json"),
        (4, "json"),
        (5, "encoding"),
        (6, "messages"),
        (7, "mixed_types"),
        (7, "content"),
        (8, "unknown_key"),
        (8, "weight_value"),
        (9, "json"),
        (10, "unknown_key"),
        (None, "rows"),
    ]


def test_the_least_number_of_rows_holds_for_training_files_alone(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "f.jsonl", GOOD)
    assert file_rules("openai", path) == [(None, "rows")]
    assert file_rules("openai", path, part="validation") == []


def test_an_empty_and_a_missing_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert file_rules("trl", tmp_path / "empty.jsonl") == [(None, "empty")]
    with pytest.raises(InputError, match="no such file"):
        list(targets.get("trl").validate_file(tmp_path / "none.jsonl"))


def test_a_file_over_the_size_limit_is_told() -> None:
    (problem,) = targets.get("openai").file_problems(20, 600_000_000)
    assert problem.rule == "size"
    assert "600 MB" in problem.message


def test_trl_refuses_arguments_as_text_and_columns_that_change_their_type(tmp_path: Path) -> None:
    call = b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"","tool_calls":[%s]}]}'
    path = write_lines(
        tmp_path / "f.jsonl",
        call % b'{"function":{"name":"f","arguments":{"n":1}}}',
        call % b'{"function":{"name":"f","arguments":{"n":"1"}}}',
        call % b'{"function":{"name":"f","arguments":"{}"}}',
    )
    found = [pair for pair in file_rules("trl", path) if pair[1] in ("mixed_types", "tool_arguments")]
    assert found == [(2, "mixed_types"), (3, "mixed_types"), (3, "tool_arguments")]


def test_trl_takes_prompt_and_completion_but_one_shape_per_file(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "f.jsonl",
        b'{"prompt":"q","completion":"a"}',
        b'{"prompt":[{"role":"user","content":"q"}],"completion":[{"role":"assistant","content":"a"}]}',
    )
    assert (2, "mixed_shapes") in file_rules("trl", path)


def test_trl_notes_what_base_models_do_once_per_file(tmp_path: Path) -> None:
    line = GOOD.replace(b"[{", b'[{"role":"system","content":"S"},{')
    path = write_lines(tmp_path / "f.jsonl", GOOD, line, line)
    notes = [p for p in targets.get("trl").validate_file(path) if p.severity == Severity.INFO]
    assert [(n.line, n.message.split(":")[0]) for n in notes] == [
        (2, "Gemma 2"),
        (2, "Mistral 7B v0.3 and Mistral Nemo"),
        (1, "Qwen 2.5"),
    ]
    assert "2 examples" in notes[0].message
