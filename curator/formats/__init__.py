"""Files of input/output pairs: found out by their content, read as a stream of examples, written in other formats.

    detection = detect("pairs.csv")
    for record in read("pairs.csv", detection, Role.CANDIDATE): ...

A container (`tables`, `json_stream`, `sheets`, `columnar`) gives rows; a shape (`shapes`, with `turns`,
`pairs` and `annotations`) makes an example of each, `items` one of all lines about one item.
"""

from curator.formats.annotations import Tally
from curator.formats.detect import CONTAINERS, FORMATS, detect, glance
from curator.formats.guess import guess_task
from curator.formats.hashed import NAME as HASHED
from curator.formats.hashed import is_header as is_hashed
from curator.formats.reading import read
from curator.formats.records import Detection, FieldMap, field_text
from curator.formats.write import WRITE_FORMATS, Written, write

__all__ = [
    "CONTAINERS",
    "FORMATS",
    "HASHED",
    "WRITE_FORMATS",
    "Detection",
    "FieldMap",
    "Tally",
    "Written",
    "detect",
    "field_text",
    "glance",
    "guess_task",
    "is_hashed",
    "read",
    "write",
]
