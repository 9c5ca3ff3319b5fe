"""Which of the five tasks a file is for, judged by a sample of its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import orjson

from curator.model import Example
from curator.tasks import Task

_LABEL_LENGTH, _LABEL_WORDS = 60, 6


def guess_task(examples: Sequence[Example]) -> tuple[Task, str]:
    """The likeliest task and the reason, a sentence for the user. A sample of 200 to 2,000 is enough.

    Few different short outputs: classification. JSON, tool calls or words lifted from the input: extraction.
    Outputs that share most words with the input: style. Short questions: domain. Else: generation.
    """
    answered = [example for example in examples if example.output.strip()]
    if not answered:
        return Task.GENERATION, "no outputs to judge by"
    outputs = [example.output.strip() for example in answered]
    count = len(outputs)

    structured = sum(_is_structured(example) for example in answered)
    if structured >= 0.8 * count:
        return Task.EXTRACTION, f"{structured} of {count} outputs are JSON or tool calls"

    different = len(set(outputs))
    short = sum(len(text) <= _LABEL_LENGTH and len(text.split()) <= _LABEL_WORDS for text in outputs)
    if short >= 0.95 * count and different <= max(1, count / 2):
        values = "1 short value" if different == 1 else f"{different} short values"
        return Task.CLASSIFICATION, f"{count:,} outputs take {values}"

    lifted = sum(len(e.input) > 2 * len(e.output) and e.output.strip() in e.input for e in answered)
    if lifted >= 0.7 * count:
        return Task.EXTRACTION, f"{lifted} of {count} outputs are words of their input"

    rewritten = sum(_is_rewrite(example) for example in answered)
    if rewritten >= 0.5 * count:
        return Task.STYLE, f"{rewritten} of {count} outputs say their input again in other words"

    questions = sum(example.input.rstrip().endswith(("?", "？")) for example in answered)
    if questions >= 0.6 * count and median(len(example.input) for example in answered) <= 400:
        return Task.DOMAIN, f"{questions} of {count} inputs are short questions"
    return Task.GENERATION, f"outputs are free text of {int(median(map(len, outputs)))} characters (median)"


def _is_structured(example: Example) -> bool:
    at = example.output_at
    if at is not None and example.messages[at].tool_calls:
        return True
    text = example.output.strip()
    if text[:1] not in "{[":
        return False
    try:
        return isinstance(orjson.loads(text), dict | list)
    except orjson.JSONDecodeError:
        return False


def _is_rewrite(example: Example) -> bool:
    words, others = set(example.output.lower().split()), set(example.input.lower().split())
    if len(words) < 4 or not 0.4 <= len(words) / max(len(others), 1) <= 2.5:
        return False
    return len(words & others) / len(words | others) >= 0.35
