"""Axolotl: JSON that changes from row to row is text, and the stanza names what is in the files."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

from curator import targets
from curator.model import Example, Message, Ref, Severity, ToolCall

TARGET = targets.get("axolotl")
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tells it", "parameters": PARAMETERS}}
CALLING = Example(
    Ref("a.jsonl", 0, 1),
    (
        Message("user", "Oslo?"),
        Message("assistant", None, (ToolCall("weather", '{"city": "Oslo"}', "call_1"),), weight=0),
        Message("tool", "4 °C", tool_call_id="call_1"),
        Message("assistant", "4 °C.", weight=1),
    ),
    tools=(WEATHER,),
)


def test_arguments_and_parameters_are_text_and_every_turn_has_a_content() -> None:
    written = TARGET.record(CALLING)
    call = written["messages"][1]["tool_calls"][0]["function"]
    assert call == {"name": "weather", "arguments": '{"city": "Oslo"}'}
    assert json.loads(written["tools"][0]["function"]["parameters"]) == PARAMETERS
    assert [turn["content"] for turn in written["messages"]] == ["Oslo?", "", "4 °C", "4 °C."]


def test_weights_say_whether_a_turn_is_trained_on() -> None:
    assert [turn.get("train") for turn in TARGET.record(CALLING)["messages"]] == [None, False, None, True]


def test_a_row_is_read_as_datasets_hands_it_on() -> None:
    row = TARGET.record(CALLING)
    keys = {key: None for turn in row["messages"] for key in turn}
    filled = {"messages": [{**keys, **turn} for turn in row["messages"]], "tools": row["tools"]}
    example, problems = TARGET.read(filled)
    assert problems == []
    assert example is not None
    assert example.messages[1].weight == 0
    assert example.tools == (WEATHER,)


def test_messages_and_tools_may_be_text_altogether() -> None:
    row = TARGET.record(CALLING)
    example, problems = TARGET.read({key: json.dumps(value) for key, value in row.items()} | {"other": 1})
    assert problems == []
    assert example is not None
    assert example.tools == (WEATHER,)


def test_the_stanza_is_yaml_that_names_the_files_and_their_keys(tmp_path: Path) -> None:
    files = {split: TARGET.write([CALLING], tmp_path / TARGET.part_file(split)) for split in ("train", "validation")}
    (path,) = made = TARGET.companions(files, "weather")
    stanza = yaml.safe_load(made[path])
    assert path == "axolotl.yaml"
    (data,), (held,) = stanza["datasets"], stanza["test_datasets"]
    assert stanza["val_set_size"] == 0
    assert (data["path"], held["path"]) == ("train.jsonl", "validation.jsonl")
    assert data["type"] == "chat_template"
    row = TARGET.record(CALLING)
    assert {data["field_messages"], data["field_tools"]} == set(row)
    assert set(data["message_property_mappings"].values()) == set(row["messages"][0])
    assert data["message_field_training"] in row["messages"][1]
    assert data["roles_to_train"] == ["assistant"]


def test_the_stanza_names_no_file_without_rows(tmp_path: Path) -> None:
    files = {
        split: TARGET.write(rows, tmp_path / split) for split, rows in {"train": [CALLING], "validation": []}.items()
    }
    assert set(yaml.safe_load(TARGET.companions(files, "")["axolotl.yaml"])) == {"chat_template", "datasets"}


def test_what_a_base_model_raises_on_is_refused_where_it_is_named() -> None:
    system = Example(Ref("a", 0, 1), (Message("system", "s"), Message("user", "q"), Message("assistant", "a")))
    assert TARGET.problems(system) == []
    (problem,) = TARGET.for_model("gemma-2").problems(system)
    assert (problem.severity, problem.mend) == (Severity.ERROR, "merge-system")
