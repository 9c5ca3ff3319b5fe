"""The task table: how many examples each kind of task needs before fine-tuning is worth trying.

Source: the common practice table of fine-tuning guides ("rough minimums"): classification 200/2,000,
extraction 500/5,000, style 500/2,000, domain 1,000/10,000, generation 2,000/20,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Task(StrEnum):
    """What the fine-tuned model will do."""

    CLASSIFICATION = "classification"
    EXTRACTION = "extraction"
    STYLE = "style"
    DOMAIN = "domain"
    GENERATION = "generation"


@dataclass(frozen=True, slots=True)
class Need:
    """How many examples a task takes: below `minimum` do not fine-tune; `ideal` is enough."""

    minimum: int
    ideal: int
    title: str


NEEDS: dict[Task, Need] = {
    Task.CLASSIFICATION: Need(200, 2_000, "Classification"),
    Task.EXTRACTION: Need(500, 5_000, "Extraction"),
    Task.STYLE: Need(500, 2_000, "Style or format adaptation"),
    Task.DOMAIN: Need(1_000, 10_000, "Domain knowledge"),
    Task.GENERATION: Need(2_000, 20_000, "Open-ended generation"),
}

BELOW_MINIMUM = "fine-tuning will likely overfit; use few-shot prompting instead"
DEFAULT_SPLIT = (90, 10)
"""Train and validation shares in percent; 10–20% held out is the usual advice."""
