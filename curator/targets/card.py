"""The card of a dataset folder: README.md, whose YAML tells the Hub and `datasets` what is in the files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.targets.base import Written

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_ /.<-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)
_TEXT = """
# {title}

{rows}, written by Curator in the form that chat models are tuned on: each row is a conversation whose last
assistant turn is the output.

```python
from datasets import load_dataset

dataset = load_dataset("path/to/this/folder")
```

| split | examples | file |
|---|---|---|
{table}

- `messages`: the turns of the conversation, each with its `role` and `content`.{fields}
{tools}
## Before you publish it

The card names no licence and no language, which Curator does not know: add `license:` (see the Hub's list) and `language:`
to the YAML above, and say where the data is from and who may be in it.
"""
_FIELDS = {
    "name": "`name`: who speaks",
    "reasoning_content": "`reasoning_content`: what the model thought before it answered",
    "tool_calls": "`tool_calls`: the functions that the turn calls, their arguments as JSON text",
    "tool_call_id": "`tool_call_id`: the call that a tool's turn answers",
    "weight": "`weight`: 0 for a turn that is not to be trained on",
}
_TOOLS = "- `tools`: the tools of the conversation as JSON text (`json.loads` gives OpenAI's form), null without any.\n"


def written(files: Mapping[str, Written], part_file: Callable[[str], str], title: str, tasks: Iterable[str]) -> bytes:
    """The card for the files of the splits (Parquet). `title` of the data; `tasks` by the Hub's names for them."""
    # `datasets` stops at a split without rows.
    files = {split: file for split, file in files.items() if file.rows} or dict(files)
    schema, sizes = _measured([file.path for file in files.values()])
    rows = sum(file.rows for file in files.values())
    name = title or "Dataset"
    data = {
        "pretty_name": name,
        "size_categories": [next((said for most, said in _SIZES if rows < most), "n>1T")],
        "task_categories": list(tasks),
        "tags": ["fine-tuning", "conversational"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": split, "path": part_file(split)} for split in files],
            }
        ],
        "dataset_info": {
            "features": [_feature(column.name, column.type) for column in schema],
            "splits": [
                {"name": split, "num_bytes": size, "num_examples": file.rows}
                for (split, file), size in zip(files.items(), sizes, strict=True)
            ],
            "download_size": sum(file.bytes for file in files.values()),
            "dataset_size": sum(sizes),
        },
    }
    turn = schema.field("messages").type.value_type
    extra = [said for field, said in _FIELDS.items() if turn.get_field_index(field) >= 0]
    body = _TEXT.format(
        title=name,
        rows="1 example" if rows == 1 else f"{rows:,} examples",
        table="\n".join(f"| {split} | {file.rows:,} | `{part_file(split)}` |" for split, file in files.items()),
        fields="".join(f"\n  - {said}" for said in extra),
        tools=_TOOLS if "tools" in schema.names else "",
    )
    return f"---\n{_yaml(data)}---\n{body}".encode()


def _measured(paths: list[Path]) -> tuple[pa.Schema, list[int]]:
    """The schema that the files share, and the bytes of each in memory, as `datasets` counts them."""
    import pyarrow.parquet as pq

    sizes = []
    for path in paths:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            sizes.append(sum(batch.nbytes for batch in file.iter_batches()))
    return schema, sizes


def _feature(name: str, kind: pa.DataType) -> dict[str, Any]:
    """A column as the card's YAML has it."""
    import pyarrow.types as types

    if types.is_list(kind):
        inner = kind.value_type
        items = [_feature(field.name, field.type) for field in inner] if types.is_struct(inner) else str(inner)
        return {"name": name, "list": items}
    if types.is_struct(kind):
        return {"name": name, "struct": [_feature(field.name, field.type) for field in kind]}
    return {"name": name, "dtype": str(kind)}


def _yaml(value: Mapping[str, Any] | list[Any], depth: int = 0) -> str:
    """Block YAML of objects, lists, texts and numbers: what the card needs, in the order given."""
    pad = "  " * depth
    if isinstance(value, Mapping):
        return "".join(f"{pad}{key}:{_below(item, depth)}" for key, item in value.items())
    # The first key of an object stands behind its dash.
    nested = (_yaml(item, depth + 1).lstrip() if isinstance(item, Mapping) else f"{_scalar(item)}\n" for item in value)
    return "".join(f"{pad}- {said}" for said in nested)


def _below(value: Any, depth: int) -> str:
    if isinstance(value, Mapping | list):
        return "\n" + _yaml(value, depth + isinstance(value, Mapping))
    return f" {_scalar(value)}\n"


def _scalar(value: str | int) -> str:
    # JSON's quotes are YAML's; a plain text needs none, but for words such as `no` that YAML takes for something else.
    plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return str(value) if plain else json.dumps(value, ensure_ascii=False)
