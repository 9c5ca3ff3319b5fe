"""Small examples and sources that the tests of the store share."""

from collections.abc import Iterator

from curator.model import Decision, Example, Message, Ref, Rejected, Role, Source, Verdict
from curator.progress import Progress, Silent
from curator.store import Project


def pair(path: str, record: int, output: str | None = None) -> Example:
    turns = (Message("user", f"question {record} of {path}"), Message("assistant", output or f"answer {record}"))
    return Example(Ref(path, record, record + 1), turns)


def records(path: str, number: int, bad_every: int = 10) -> Iterator[Example | Rejected]:
    """`number` records, of which every `bad_every`-th cannot be read."""
    for record in range(number):
        if record % bad_every == bad_every - 1:
            yield Rejected(Ref(path, record, record + 1), "This line is not JSON.", b"{\x00\xff")
        else:
            yield pair(path, record)


def load(
    project: Project,
    path: str = "a.jsonl",
    number: int = 10,
    role: Role = Role.CANDIDATE,
    progress: Progress | None = None,
) -> Source:
    return project.import_source(
        path, f"sha of {path!a}", "jsonl", role, {}, records(path, number), progress or Silent()
    )


def verdict(
    example: int, verdict: Verdict, reviewer: str = "ana", value: str | None = None, seen: str = ""
) -> Decision:
    return Decision("", example, seen, reviewer, verdict, value)
