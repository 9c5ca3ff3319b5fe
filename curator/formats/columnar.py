"""Parquet files, and Hugging Face dataset folders: saved ones by their Arrow files, those of the Hub by their Parquet files."""

from __future__ import annotations

import base64
import datetime
import decimal
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from curator.errors import InputError
from curator.formats.records import Row, lookup
from curator.model import Role

_BATCH = 1024
_SHARD = re.compile(r"(\w+)(?:-\d+-of-\d+(?:-[0-9a-f]+)?)?\.parquet")
_SPLITS = {Role.CANDIDATE: ("train",), Role.EVAL: ("test", "validation", "eval", "dev")}


def read_parquet(path: Path) -> Iterator[Row]:
    """One row per record, its value a dict; damage ends the rows with a problem."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = _label_names(file.schema_arrow)
            for batch in file.iter_batches(batch_size=_BATCH):
                yield from _rows(batch, names)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        yield Row(None, b"", None, f"the Parquet file is damaged from here on ({_first_line(error)})")


def read_folder(folder: Path, split: str | None) -> Iterator[Row]:
    """One row per record of a split of a dataset folder, None where it has but one."""
    if is_dataset(folder):
        yield from read_dataset(folder if split is None else folder / split)
        return
    for file in parquet_splits(folder).get(split or "", ()):
        yield from read_parquet(file)


def read_dataset(folder: Path) -> Iterator[Row]:
    """One row per record of a dataset folder (one split), in the order of its Arrow files."""
    import pyarrow as pa

    for file in arrow_files(folder):
        try:
            with pa.memory_map(str(file)) as source:
                try:
                    batches: Any = pa.ipc.open_stream(source)
                except pa.ArrowInvalid:
                    reader = pa.ipc.open_file(source)
                    batches = (reader.get_batch(number) for number in range(reader.num_record_batches))
                for batch in batches:
                    names = _label_names(batch.schema)
                    for start in range(0, batch.num_rows, _BATCH):
                        yield from _rows(batch.slice(start, _BATCH), names)
        except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
            yield Row(None, b"", None, f"{file.name} is damaged from here on ({_first_line(error)})")


def is_dataset(folder: Path) -> bool:
    """Whether the folder was written by `datasets`' save_to_disk."""
    return (folder / "state.json").is_file() or (folder / "dataset_dict.json").is_file()


def parquet_splits(folder: Path) -> dict[str, list[Path]]:
    """The Parquet files of a folder as the Hub has them, in order, by the split that their names begin with; {} for a folder
    of anything else."""
    found: dict[str, list[Path]] = defaultdict(list)
    for file in sorted((*folder.glob("*.parquet"), *folder.glob("data/*.parquet"))):
        if match := _SHARD.fullmatch(file.name):
            found[match[1]].append(file)
    usual = {name for names in _SPLITS.values() for name in names}
    return dict(found) if usual & set(found) else {}


def choose_split(folder: Path, role: Role) -> str | None:
    """The split of a dataset folder that fits the role, None for a saved folder of one split.

    Raises InputError where there are several and none has a usual name.
    """
    if (folder / "state.json").is_file():
        return None
    if not is_dataset(folder):
        return _fitting(list(parquet_splits(folder)), folder, role)
    listed = _json(folder / "dataset_dict.json").get("splits")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    return _fitting([name for name in names if (folder / name / "state.json").is_file()], folder, role)


def _fitting(splits: Sequence[str], folder: Path, role: Role) -> str:
    if len(splits) == 1:
        return splits[0]
    for name in _SPLITS[role]:
        if name in splits:
            return name
    if not splits:
        raise InputError("the dataset folder has no split that can be read; save it again", path=folder)
    raise InputError(f"the dataset has the splits {', '.join(splits)}; name the folder of one of them", path=folder)


def arrow_files(folder: Path) -> list[Path]:
    """The Arrow files of a dataset folder, in order. Raises InputError where they do not hold all of it."""
    state = _json(folder / "state.json")
    if state.get("_indices_data_files") or state.get("_indices_files"):
        return _flattened(folder)
    listed = state.get("_data_files")
    files = [folder / str(lookup(item, "filename")) for item in listed or () if isinstance(item, dict)]
    for file in files:
        if not file.is_file() or file.parent != folder:
            raise InputError(f"its file {file.name} is missing; save the dataset again", path=folder)
    return files


def _flattened(folder: Path) -> list[Path]:
    """A dataset saved as a selection of rows: only `datasets` knows how to apply it."""
    try:
        from datasets import load_from_disk
    except ImportError:
        raise InputError(
            'the dataset is stored with an index of rows; pip install "curator-workbench[datasets]" to read it',
            path=folder,
        ) from None
    flat = load_from_disk(str(folder)).flatten_indices()
    return [Path(item["filename"]) for item in flat.cache_files]


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot be read ({_first_line(error)}); save the dataset again", path=path) from None
    return value if isinstance(value, dict) else {}


def _rows(batch: Any, names: dict[str, list[str]]) -> Iterator[Row]:
    try:
        records = batch.to_pylist()
    except (UnicodeDecodeError, OverflowError):
        if batch.num_rows > 1:
            for number in range(batch.num_rows):
                yield from _rows(batch.slice(number, 1), names)
            return
        yield Row(None, b"", None, "text that is not valid UTF-8, or a date out of range")
        return
    for record in records:
        value = {str(key): plain(cell) for key, cell in record.items()}
        for column, labels in names.items():
            label = value.get(column)
            if isinstance(label, int) and 0 <= label < len(labels):
                value[column] = labels[label]
        yield Row(value)


def plain(value: Any) -> Any:
    """A cell as JSON has it: dates and decimals as text, NaN as None, absent keys of structs left out."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        # Arrow gives every struct all keys of the column: those that are null were not there.
        return {str(key): plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)


def _label_names(schema: Any) -> dict[str, list[str]]:
    """Names of the numbers in ClassLabel columns, which `datasets` keeps in the schema's metadata."""
    text = (schema.metadata or {}).get(b"huggingface")
    try:
        features = lookup(json.loads(text), "info.features") if text else None
    except (ValueError, RecursionError):
        return {}  # another tool's metadata: the numbers are shown as they are
    if not isinstance(features, dict):
        return {}
    found = {str(column): lookup(feature, "names") for column, feature in features.items() if isinstance(feature, dict)}
    return {
        column: names
        for column, names in found.items()
        if isinstance(names, list) and all(isinstance(n, str) for n in names)
    }


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
