"""A sample of what the model will be asked in production: files of inputs, in any format."""

from __future__ import annotations

from collections.abc import Sequence

from curator import formats
from curator.checks.data import fold
from curator.errors import InputError
from curator.formats import FieldMap
from curator.model import Example, Role

FEWEST = 20
"""Different inputs below which nothing can be said."""


def read(files: Sequence[str], fields: FieldMap | None = None, format: str | None = None) -> list[str]:
    """The different inputs of these files, in their order: of pairs the inputs, of plain text the lines.

    Raises InputError for a file that cannot be read, and where there are too few inputs to say anything.
    """
    asked: dict[str, str] = {}
    # Production has no outputs: a column that is named for them may be missing.
    named = FieldMap(fields.input if fields else None, None, fields.system if fields else None)
    for file in files:
        detection = formats.detect(file, format=format, fields=named, role=Role.EVAL)
        if detection.shape == formats.HASHED:
            raise InputError("a hashed file holds no texts; give the inputs themselves", path=file)
        for record in formats.read(file, detection, Role.EVAL):
            if isinstance(record, Example) and record.input.strip():
                asked.setdefault(fold(record.input), record.input)
    if len(asked) < FEWEST:
        raise InputError(
            f"{', '.join(files)}: {len(asked)} different inputs; a sample of production takes at least {FEWEST}"
        )
    return list(asked.values())
