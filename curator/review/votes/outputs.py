"""What reviewers leave as the outputs of examples, where outputs are texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Output:
    """The `text` that a reviewer's vote leaves as the output of an item (an example's number, as in `Votes.items`)."""

    item: str
    reviewer: str
    text: str
