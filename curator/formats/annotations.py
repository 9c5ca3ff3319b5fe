"""What annotators of other tools said of a text: their answers, and the example and votes that these make.

One module per tool (`label_studio`, `argilla`, `prodigy`, `doccano`) tells what one record of its exports holds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from curator.formats.pairs import name_fields
from curator.formats.records import Unreadable, dump_json, label_set, text_of
from curator.formats.turns import is_turns, read_turns
from curator.model import Example, Message, Ref, Rejected, Verdict, Vote
from curator.text import plural

NOBODY = "annotator"
"""Who answered where the export does not say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one annotator gave: a value, or a verdict that stands in for one.

    `free` marks text that the annotator wrote, which can replace an output; a choice or rating cannot. `part`: it is about
    one label of those that the text may have, so that a reviewer's answers belong together. `at`: when, ISO 8601 in UTC.
    `question`: the name of the one that was answered, "" for several.
    """

    reviewer: str
    value: str | None
    verdict: Verdict | None = None
    free: bool = False
    part: bool = False
    note: str = ""
    at: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Annotated:
    """One record of an export: the `fields` that were shown, the answers, and whatever else it holds as `extra`.

    `item` names what was annotated where a tool writes a line for each annotation: lines of one item belong together. None
    where a record holds all there is. `own`: keys of `extra` that are about the one annotation in this line.
    """

    fields: Any
    answers: tuple[Answer, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)
    item: str | None = None
    own: frozenset[str] = frozenset()


@dataclass(slots=True)
class Tally:
    """What the annotators of a file said, counted while its records pass through `count`."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    reviewers: set[str] = field(default_factory=set)

    def count(self, records: Iterable[Example | Rejected]) -> Iterator[Example | Rejected]:
        """The records as they are."""
        for record in records:
            if isinstance(record, Example) and record.votes:
                self.verdicts.update(vote.verdict for vote in record.votes)
                self.reviewers.update(vote.reviewer for vote in record.votes)
            yield record

    def __str__(self) -> str:
        """`9 votes of 3 reviewers (1 to drop, 2 skipped)`, "" where nobody voted."""
        if not self.reviewers:
            return ""
        odd = {"to drop": self.verdicts[Verdict.DROP], "skipped": self.verdicts[Verdict.SKIP]}
        rest = ", ".join(f"{count:,} {what}" for what, count in odd.items() if count)
        said = f"{plural(self.verdicts.total(), 'vote')} of {plural(len(self.reviewers), 'reviewer')}"
        return said + (f" ({rest})" if rest else "")


def example_of(record: Annotated, ref: Ref) -> Example:
    """The example that annotators saw, with a vote of each who is named.

    Where the fields hold an output of their own, answers judge it; else the answer given most often (of
    equals the first) is the output. Raises Unreadable where there is neither input nor output.
    """
    if not isinstance(record.fields, Mapping):
        raise Unreadable("the annotated data is not an object")
    asked, own, rest = _shown(record.fields)
    answers = _together(record.answers)
    # Each reviewer counts once, with the last answer; those without a name may be anybody.
    last = {at if a.reviewer in ("", NOBODY) else a.reviewer: a for at, a in enumerate(answers)}
    values = [a.value for a in last.values() if a.value is not None and a.verdict is None]
    values = values or [a.value for a in last.values() if a.value is not None]
    # Counter keeps the order of first sight, so the first of equals wins.
    output = own if own is not None else Counter(values).most_common(1)[0][0] if values else ""
    if not output and not any(message.text.strip() for message in asked):
        raise Unreadable("neither input nor output")
    messages = asked
    if own is not None or values or not _ends_with_answer(asked):
        messages = (*asked, Message("assistant", output))
    votes = tuple(_vote(answer, output, own is not None) for answer in answers if answer.reviewer)
    return Example(ref, messages, votes=votes, extra={**rest, **record.extra})


def dicts(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def who(*values: Any) -> str:
    """The annotator's name as exported, the first of `values` that is one: text, a number, or an object with such."""
    for value in values:
        if isinstance(value, dict):
            value = next((value[key] for key in ("email", "username", "name", "id") if value.get(key)), None)
        if value is not None and (name := text_of(value).strip()):
            return name
    return NOBODY


def when(value: Any) -> str:
    """A time as exported (ISO 8601, or seconds since 1970) as ISO 8601 in UTC; "" where it is none, or lies ahead."""
    try:
        if isinstance(value, str) and value[:4].isdecimal():
            found = datetime.fromisoformat(value)
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf:
            found = datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        else:
            return ""
        return found.astimezone(UTC).isoformat() if found <= datetime.now(UTC) else ""
    except (ValueError, OverflowError, OSError):
        return ""


def label_text(values: Iterable[str]) -> str | None:
    """Labels as one text: a single one as it is, several as the JSON of their set; None where there is none."""
    different = list(dict.fromkeys(values))
    return different[0] if len(different) == 1 else label_set(different) if different else None


def value_text(value: Any) -> str | None:
    """One question's answer as text. A list of texts is a set of labels; other lists and objects stay as they are."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return label_text(value)
    return None if value is None else text_of(value)


def answer_text(questions: Mapping[str, Any]) -> str | None:
    """The answers to several questions as one text: a lone one by itself, several as an object by the questions' names."""
    given = {name: value for name, value in questions.items() if value is not None and value != []}
    if len(given) < 2:
        return next((value_text(value) for value in given.values()), None)
    return dump_json({name: _plain(given[name]) for name in sorted(given)})


def lone_question(questions: Mapping[str, Any]) -> str:
    """The name of the only question that was answered, "" where more were, or none."""
    given = [name for name, value in questions.items() if value is not None and value != []]
    return given[0] if len(given) == 1 else ""


def span_text(text: Any, spans: Iterable[Mapping[str, Any]]) -> str:
    """Marked spans (`start`, `end`, `label`, and `text` where the offsets do not tell) as JSON."""

    def words(span: Mapping[str, Any]) -> str:
        start, end = span.get("start"), span.get("end")
        inside = isinstance(text, str) and isinstance(start, int) and isinstance(end, int)
        return text[start:end] if inside else text_of(span.get("text"))

    return dump_json([{"text": words(span), "label": text_of(span.get("label"))} for span in spans])


def _plain(value: Any) -> Any:
    """A question's answer within an object: a set of labels in one order, a single label without its list."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return value[0] if len(set(value)) == 1 else sorted(set(value))
    return value


def _together(answers: Sequence[Answer]) -> list[Answer]:
    """The answers, those of a reviewer about single labels made one: what they accepted, or else what they rejected.

    Of two answers about the same label the last counts, as of two answers about all.
    """
    parts: dict[str, dict[str | None, Answer]] = {}
    for answer in answers:
        if answer.part:
            said = parts.setdefault(answer.reviewer, {})
            said.pop(answer.value, None)
            said[answer.value] = answer
    made: dict[str, Answer] = {}
    for reviewer, said in parts.items():
        last = max(said.values(), key=lambda answer: answer.at)
        for verdict in (None, Verdict.DROP, Verdict.SKIP):
            chosen = [answer.value for answer in said.values() if answer.verdict is verdict]
            if chosen:
                value = None if verdict is Verdict.SKIP else label_text(v for v in chosen if v is not None)
                made[reviewer] = Answer(reviewer, value, verdict, note=last.note, at=last.at)
                break
    whole: list[Answer] = []
    for answer in answers:
        if not answer.part:
            whole.append(answer)
        elif answer.reviewer in made:
            whole.append(made.pop(answer.reviewer))
    return whole


def _shown(fields: Mapping[str, Any]) -> tuple[tuple[Message, ...], str | None, dict[str, Any]]:
    """The turns shown to the annotator, an output among the fields, and the fields left over."""
    for name, value in fields.items():
        if is_turns(value):
            return read_turns(value), None, {k: v for k, v in fields.items() if k != name}
    named = name_fields(tuple(fields))
    key: str | None = named.input
    if key is None:
        texts = {k: v for k, v in fields.items() if isinstance(v, str) and k != named.output}
        key = max(texts, key=lambda k: len(texts[k]), default=None)
    output = named.output if key != named.output else None
    parts = [text_of(fields[k]) for k in (key, named.context) if k is not None and fields[k] is not None]
    rest = {k: v for k, v in fields.items() if k not in (key, output, named.context)}
    own = None if output is None or fields[output] is None else text_of(fields[output])
    return (Message("user", "\n\n".join(part for part in parts if part)),), own, rest


def _vote(answer: Answer, output: str, judged: bool) -> Vote:
    value, verdict, note = answer.value, answer.verdict, answer.note
    if verdict is not None:
        value, note = None, ": ".join(part for part in (answer.value, note) if part)
    elif value is None:
        verdict = Verdict.SKIP
    elif value == output:
        verdict = Verdict.KEEP
    elif judged and not answer.free:
        verdict, note, value = Verdict.KEEP, value, None
    else:
        verdict = Verdict.RELABEL
    return Vote(answer.reviewer, verdict, value, note, answer.at, answer.question)


def _ends_with_answer(messages: tuple[Message, ...]) -> bool:
    return bool(messages) and messages[-1].role == "assistant"
