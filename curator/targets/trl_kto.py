"""TRL's outputs with a label, for its KTOTrainer: whether an output is desirable for its prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

from curator.model import Example, Severity
from curator.targets import pairs, trl_dpo
from curator.targets.base import Target
from curator.targets.preference import Preference, counterpart
from curator.targets.problem import FileProblem, Problem

EVEN = 1.33
"""TRL wants the weighted losses of desirable and undesirable rows in a ratio of 1:1 to 4:3."""


class TRLKTO(Preference):
    """`{"prompt": [turns], "completion": [turn], "label": true}`: a pair makes two rows, an example without one a desirable
    row."""

    name = "trl-kto"
    column_depth = 12
    splits_examples = True
    minds_plain = False
    one_turn = False
    ends_with_user = False

    def __init__(self) -> None:
        self._one_label = False
        self._seen: Counter[Any] = Counter()

    def fitted(self, examples: Iterable[Example]) -> Target:
        """Without any pair among all of them, no example is taken: there would be no undesirable row."""
        target = copy(self)
        target._one_label = not any(example.non_preferred for example in examples)
        return target

    def problems(self, example: Example) -> list[Problem]:
        if _is_undesirable(example):
            return super().problems(
                counterpart(replace(example, messages=(*example.messages, example.non_preferred[0])))
            )
        return super().problems(example)

    def _pair(self, example: Example) -> list[Problem]:
        if not self._one_label:
            return []
        fix = "edit outputs: the original ones are then undesirable"
        return [Problem("no_pair", "no example has an output that another one is preferred to", fix)]

    def record(self, example: Example) -> dict[str, Any]:
        return self.records(example)[0]

    def records(self, example: Example) -> list[dict[str, Any]]:
        """The desirable row, then that of the output that it is preferred to."""
        if _is_undesirable(example):
            whole = replace(example, messages=(*example.messages, *example.non_preferred))
            return [_row(*trl_dpo.parted(whole, len(example.messages)), False)]
        rows = [_row(*trl_dpo.parted(example), True)]
        if example.non_preferred:
            rows.append(_row(*trl_dpo.parted(counterpart(example), len(example.messages) - 1), False))
        return rows

    def shape(self, record: Mapping[str, Any]) -> str:
        return trl_dpo.TARGET.shape(record) if "chosen" in record else pairs.shape(record)

    def read(self, record: Mapping[str, Any]) -> tuple[Example | None, list[Problem]]:
        """An undesirable row is an example without an output that has one which is not preferred. KTOTrainer takes pairs,
        too; other columns are ignored."""
        if "chosen" in record and "rejected" in record:
            self._seen.update((True, False))
            return trl_dpo.TARGET.read(record)
        example, found = pairs.read(record, as_object=True)
        label = record.get("label")
        if not isinstance(label, bool):
            fix = "write true for a desirable output and false for an undesirable one"
            return None, [*found, Problem("label", "label is neither true nor false", fix)]
        self._seen[label] += 1
        if example is None or label:
            return example, found
        given = record["completion"]
        at = len(example.messages) - (len(given) if isinstance(given, list) else 1)
        return replace(example, messages=example.messages[:at], non_preferred=example.messages[at:]), found

    def validate_file(self, path: str | Path, part: str = "train") -> Iterator[FileProblem]:
        target = copy(self)
        target._one_label, target._seen = False, Counter()
        yield from super(TRLKTO, target).validate_file(path, part)
        if part == "train":
            yield from _balance(target._seen[True], target._seen[False])


def _is_undesirable(example: Example) -> bool:
    """An output is not preferred, and there is none that is."""
    return bool(example.non_preferred) and (not example.messages or example.messages[-1].role != "assistant")


def _row(
    prompt: list[dict[str, Any]], completion: list[dict[str, Any]], rest: dict[str, Any], label: bool
) -> dict[str, Any]:
    return {"prompt": prompt, "completion": completion, "label": label, **rest}


def _balance(desirable: int, undesirable: int) -> Iterator[FileProblem]:
    """What the labels of a training file ask for, by the formula of KTOTrainer."""
    if not desirable and not undesirable:
        return
    if not desirable or not undesirable:
        missing = "undesirable" if desirable else "desirable"
        said = f"no row is {missing}; KTO learns from the difference between the two"
        yield FileProblem(None, "one_label", said, "edit outputs, so that there are pairs", Severity.WARNING)
        return
    ratio = desirable / undesirable
    if 1 <= ratio <= EVEN:
        return
    more = f"undesirable_weight between {ratio / EVEN:.2f} and {ratio:.2f}"
    less = f"desirable_weight between {1 / ratio:.2f} and {EVEN / ratio:.2f}"
    weight = f"{more}, or {less}" if ratio > 1 else f"{less}, or {more}"
    said = f"{desirable:,} rows are desirable and {undesirable:,} undesirable; train with {weight}"
    yield FileProblem(None, "label_balance", said, None, Severity.INFO)


TARGET = TRLKTO()
