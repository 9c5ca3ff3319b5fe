"""Which prediction answers which eval example: by an id, by what was asked, or by order where the user says so.

Nothing is dropped silently: what matches no example, what is given twice, and what has no prediction is named.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from curator.checks.data import fold
from curator.comparison.predictions import IDS, Answers, Prediction
from curator.errors import InputError
from curator.formats import field_text
from curator.model import Example, Ref
from curator.text import plural

By = Literal["auto", "id", "input", "order"]
WAYS: tuple[By, ...] = ("auto", "id", "input", "order")


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A prediction that was not used, and why."""

    ref: Ref
    why: str


@dataclass(frozen=True, slots=True)
class Matched:
    """The answers of one system in the order of the eval examples; None where there is none.

    `how` says by what they were matched. `shared`: eval examples with the same input that one prediction answers; `missing`:
    places of the examples without an answer; `unmatched`: predictions that were not used; `cut`: answers that ended at the
    token limit.
    """

    path: str
    format: str
    how: str
    answers: tuple[str | None, ...]
    refs: tuple[Ref | None, ...]
    missing: tuple[int, ...]
    unmatched: tuple[Unmatched, ...] = ()
    shared: int = 0
    cut: int = 0


Found = dict[int, Prediction]


def match(examples: Sequence[Example], answers: Answers, by: By = "auto", id: str | None = None) -> Matched:
    """Give each eval example its prediction.

    `auto`: by an id that both have, else by what was asked (case and white space apart). Raises InputError where nothing
    matches, where `by` cannot be done, or where the eval set gives one `id` twice.
    """
    if by == "order":
        return _by_order(examples, answers)
    names = None if by == "input" else _common_id(examples, answers, id)
    if names is not None and by == "auto" and id is None and _contradicted(examples, answers, *names):
        names = None
    if names is not None:
        found, spare, shared = _by_id(examples, answers, *names)
        how = f"id ({names[0]})" if names[0] == names[1] else f"id ({names[1]} is {names[0]})"
    elif by == "id" or id is not None:
        raise InputError(_no_id(examples, answers, id), path=answers.path)
    else:
        found, spare, shared = _by_input(examples, answers)
        how = "input"
    if not found:
        raise InputError(_nothing(examples, answers), path=answers.path)
    return _matched(examples, answers, how, found, spare, shared)


def _matched(
    examples: Sequence[Example], answers: Answers, how: str, found: Found, spare: list[Unmatched], shared: int
) -> Matched:
    given = [found.get(place) for place in range(len(examples))]
    texts = tuple(None if one is None else one.text for one in given)
    used = {id(one): one for one in given if one is not None}.values()
    return Matched(
        answers.path,
        answers.format,
        how,
        texts,
        tuple(None if one is None else one.ref for one in given),
        tuple(place for place, text in enumerate(texts) if text is None),
        tuple(sorted(spare, key=lambda one: one.ref.record)),
        shared,
        sum(one.cut for one in used),
    )


def _by_order(examples: Sequence[Example], answers: Answers) -> Matched:
    """One after the other; where ids count the records, as in `request-17`, by their numbers, for a batch keeps no order."""
    given = answers.predictions
    if (numbers := _numbers(answers, len(examples))) is not None:
        return _matched(examples, answers, "the numbers in custom_id", dict(zip(numbers, given, strict=True)), [], 0)
    if any(_NUMBERED in one.ids for one in given):
        raise InputError(
            f"a batch does not keep the order of its requests, and these {_NUMBERED}s do not count the eval examples from 0 or 1; "
            f"put each {_NUMBERED} into the eval set too",
            path=answers.path,
        )
    if len(given) != len(examples):
        raise InputError(
            f"holds {plural(len(given), 'prediction')} for {plural(len(examples), 'eval example')}: by order there must be as "
            "many; give each an id or its input instead",
            path=answers.path,
        )
    return _matched(examples, answers, "order", dict(enumerate(given)), [], 0)


_NUMBERED = "custom_id"
_LAST_NUMBER = re.compile(r"(\d+)\D*$")


def _numbers(answers: Answers, examples: int) -> list[int] | None:
    """Places in the eval set by the number at the end of each custom_id, counted from 0 or 1; None where that is not sure."""
    found = [_LAST_NUMBER.search(one.ids.get(_NUMBERED, "")) for one in answers.predictions]
    numbers = [int(one[1]) for one in found if one is not None]
    if len(numbers) < len(found) or len(set(numbers)) < len(numbers):
        return None
    if min(numbers) == 0 and max(numbers) < examples:
        return numbers
    return [number - 1 for number in numbers] if min(numbers) > 0 and max(numbers) == examples else None


def _common_id(examples: Sequence[Example], answers: Answers, id: str | None) -> tuple[str, str] | None:
    """The eval set's field and the predictions' field that name the same examples: the two that share most ids.

    None where no field of the eval set is an id (each value once), or too few agree for it to be no accident.
    """
    ours = {name: values for name in ([id] if id else IDS) if (values := _ids(examples, name, strict=id is not None))}
    theirs: dict[str, set[str]] = defaultdict(set)
    for one in answers.predictions:
        for name, value in one.ids.items():
            theirs[name].add(value)
    best, most = None, 0
    for name, values in ours.items():
        for other in [id, "custom_id"] if id else theirs:
            agreeing = len(values.keys() & theirs.get(other, set()))
            if agreeing > most:
                best, most = (name, other), agreeing
    return best if most >= max(1, min(len(examples), len(answers.predictions)) / 2) or (id and most) else None


def _contradicted(examples: Sequence[Example], answers: Answers, ours: str, theirs: str) -> bool:
    """Whether the inputs say that the ids are numbers of something else, such as of the rows of each file."""
    places = _ids(examples, ours, strict=False)
    both = [
        (places[one.ids[theirs]], one.input)
        for one in answers.predictions
        if one.input and one.ids.get(theirs) in places
    ]
    agreeing = sum(fold(examples[place].input) == fold(asked) for place, asked in both)
    if agreeing >= len(both) / 2:
        return False
    asked = {fold(example.input) for example in examples}
    return sum(fold(text) in asked for _, text in both) > agreeing


def _ids(examples: Sequence[Example], name: str, *, strict: bool) -> dict[str, int]:
    """Places of the eval examples by their id; empty where it is none: not all have it, or two have the same."""
    found: dict[str, int] = {}
    for place, example in enumerate(examples):
        value = field_text(example.extra, name)
        if value in found and strict and value:
            first = examples[found[value]].ref
            raise InputError(
                f"{name} {value!r} is given twice in the eval set, here and at {first}: an id must be one example's alone",
                path=example.ref.source,
                line=example.ref.line,
            )
        if not value or value in found:
            if strict and not value:
                continue
            return {}
        found[value] = place
    return found


def _by_id(examples: Sequence[Example], answers: Answers, ours: str, theirs: str) -> tuple[Found, list[Unmatched], int]:
    places = _ids(examples, ours, strict=False) or {field_text(e.extra, ours): p for p, e in enumerate(examples)}
    found: Found = {}
    spare: list[Unmatched] = []
    for one in answers.predictions:
        value = one.ids.get(theirs, "")
        place = places.get(value) if value else None
        if place is None:
            said = f"no eval example has the {ours} {value!r}" if value else f"it has no {theirs}"
            spare.append(Unmatched(one.ref, one.why if not value and one.why else said))
        elif place in found:
            spare.append(Unmatched(one.ref, f"the {theirs} {value!r} was given before, at {found[place].ref}"))
        else:
            found[place] = one
    return found, spare, 0


def _by_input(examples: Sequence[Example], answers: Answers) -> tuple[Found, list[Unmatched], int]:
    """By what was asked. Examples that ask the same take the answers to it in their order; one answer serves them all."""
    asked: dict[str, list[int]] = defaultdict(list)
    for place, example in enumerate(examples):
        asked[fold(example.input)].append(place)
    given: dict[str, list[Prediction]] = defaultdict(list)
    spare: list[Unmatched] = []
    for one in answers.predictions:
        key = None if one.input is None else fold(one.input)
        if key is None:
            spare.append(Unmatched(one.ref, one.why or "it does not say what it answers"))
        elif key not in asked:
            spare.append(Unmatched(one.ref, "no eval example has this input"))
        else:
            given[key].append(one)
    found: Found = {}
    shared = 0
    for key, ones in given.items():
        places = asked[key]
        if len({one.text for one in ones}) == 1 and len(ones) < len(places):
            found.update((place, ones[0]) for place in places)
            shared += len(places) - len(ones)
            continue
        found.update(zip(places, ones, strict=False))
        for one in ones[len(places) :]:
            spare.append(Unmatched(one.ref, f"this input was answered before, at {ones[len(places) - 1].ref}"))
    return found, spare, shared


def _no_id(examples: Sequence[Example], answers: Answers, id: str | None) -> str:
    names = Counter(name for one in answers.predictions for name in one.ids)
    theirs = ", ".join(names) or "none"
    ours = ", ".join(dict.fromkeys(key for e in examples[:100] for key in e.extra)) or "none"
    wanted = f"no {id} is" if id else "no id is"
    return (
        f"{wanted} the same here and in the eval set (fields beside the texts there: {ours}; ids here: {theirs}); "
        "name the field with --id FIELD"
    )


def _nothing(examples: Sequence[Example], answers: Answers) -> str:
    given = len(answers.predictions)
    batch = next((one.ids[_NUMBERED] for one in answers.predictions if _NUMBERED in one.ids), None)
    if batch is not None:
        return (
            f"none of its {plural(given, 'prediction')} matches an eval example: no field of the eval set holds a {_NUMBERED} such as "
            f"{batch!r}; put it there, or say --by order if its numbers count the eval examples"
        )
    if given == len(examples):
        return (
            f"none of its {plural(given, 'prediction')} matches an eval example by id or input; there are as many of both: "
            "say --by order if they stand in the same order"
        )
    return (
        f"none of its {plural(given, 'prediction')} matches one of the {plural(len(examples), 'eval example')}: give each "
        "prediction the input it answers, or an id that the eval set has too"
    )
