"""Files that people have: damaged at any place, with odd line ends, numbers and texts. Each is told of and mended, or refused,
in sentences."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from test_any_record import OTHER, TALK, USED, places

from curator import mending, targets
from curator.errors import InputError
from curator.model import Example

RAW = [
    "null", "true", "0", "1.5", '""', "[]", "{}", '"x"', "[null]", "[{}]", '[["a", "b"]]', '{"text": 5}', '{"role": {}}',
    '{"type": {}}', r'"\ud800"', r'{"\ud800": 1}', r'"\u2028"', r'"\u0000"', "1" + 400 * "0", "1e999", "NaN",
    '"' + 3000 * "x y " + '"', 900 * "[" + 900 * "]", '"' + 2000 * "[" + '"', r'"{\"a\": 1e999}"', r'"{\"a\": \"\\ud800\"}"',
    '{"minimum": 1' + 400 * "0" + "}", '{"pattern": "("}', '{"type": 5}', '[{"type": "text", "text": "q"}]',
    '[{"type": "image_url", "image_url": {"url": "x"}}]',
]  # fmt: skip
"""JSON, and what is nearly that, to stand in the place of a value."""
KEYS = [
    "role",
    "content",
    "weight",
    "name",
    "tools",
    "tool_calls",
    "messages",
    "label",
    "id",
    "extra",
    "system",
    "prompt",
]


def damaged(record: dict[str, Any], random: Random) -> str:
    """The text of a record in which up to three values are others, missing, twice there or new."""
    put = {}
    for number in range(random.randint(0, 3)):
        *path, last = random.choice(list(places(record)) or [("x",)])
        holder: Any = record
        for key in path:
            holder = holder[key]
        mark, how = f"@{number}@", random.random()
        if how < 0.6:
            holder[last], put[mark] = mark, random.choice(RAW)
        elif how < 0.7 and last in (holder if isinstance(holder, dict) else range(len(holder))):
            del holder[last]
        elif isinstance(holder, dict):
            holder[random.choice(KEYS)], put[mark] = mark, random.choice(RAW)
        else:
            holder.append(copy.deepcopy(holder[last]))
    text = json.dumps(record)
    for mark, raw in put.items():
        text = text.replace(f'"{mark}"', raw)
    return text


@pytest.mark.parametrize("name", targets.names())
def test_a_file_that_is_damaged_anywhere_is_told_of_and_mended(name: str, tmp_path: Path) -> None:
    target, random = targets.get(name), Random(name)
    path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    examples = [TALK, USED]
    if target.preference:
        examples = [Example(one.ref, one.messages, one.tools, OTHER) for one in examples]
    taken = [one for one in examples if not any(p.severity == "error" for p in target.problems(one))]
    read = 0
    for _ in range(20):
        rows = [
            damaged(copy.deepcopy(random.choice(target.records(random.choice(taken)))), random)
            for _ in range(random.randint(1, 3))
        ]
        text = random.choice(["\n", "\n", "\r\n", "\n\n", "\r"]).join(rows) + random.choice(["\n", ""])
        path.write_bytes(random.choice([b"", b"\xef\xbb\xbf"]) + text.encode())
        judge = target.for_model(random.choice([None, "gemma-2", "llama-3.1", "mistral-7b"]))
        assert all(str(problem) for problem in judge.validate_file(path))
        try:
            mended = mending.mend(str(path), judge, ["safe", "cut-long", "drop-text-of-calls"], out, force=True)
        except InputError:
            continue  # nothing in it can be read
        read += 1
        assert not [p for p in judge.validate_file(out) if p.severity == "error" and p.line is not None]
        assert mended.written + len(mended.missing) >= 1
    assert read > 2


@pytest.mark.parametrize("name", ["together", "fireworks"])
def test_the_weight_of_a_row_may_be_any_number_however_large(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    record = {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}
    told = []
    for weight in ("1" + 400 * "0", "1e999"):
        path.write_text(json.dumps(record)[:-1] + f', "weight": {weight}}}\n', encoding="utf-8")
        told.append([p.rule for p in targets.get(name).validate_file(path) if p.line and p.rule == "row_weight"])
    assert told == [[], ["row_weight"]]


def test_the_weight_of_a_turn_may_be_no_number_that_a_computer_counts_with(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(openai_turns("@")).replace('"@"', "1" + 400 * "0") + "\n", encoding="utf-8")
    assert "weight_value" in {p.rule for p in targets.get("openai").validate_file(path)}


def openai_turns(weight: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a", "weight": weight}]}


def test_the_rows_of_a_pair_are_one_example_that_is_written_and_none_is_missing(tmp_path: Path) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    row = {"prompt": [{"role": "user", "content": "q"}], "label": True}
    rows = [{**row, "completion": [{"role": "assistant", "content": text}]} for text in "ab"]
    path.write_text("".join(json.dumps(one) + "\n" for one in (rows[0], {**rows[1], "label": False})), encoding="utf-8")
    mended = mending.mend(str(path), targets.get("trl-kto"), ["safe"], out)
    assert (mended.written, mended.missing) == (1, ())
    assert [json.loads(line)["label"] for line in out.read_text(encoding="utf-8").splitlines()] == [True, False]
