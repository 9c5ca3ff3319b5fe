"""What the guideline leaves open: disagreements that an adjudicator put down to it, by the labels that were confused."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curator.model import Cause, Decision, Example, Kind, Round, Verdict
from curator.review.adjudication.answers import (
    Answer,
    answer_of,
    applied,
    is_by_label,
    known_labels,
    outright_answers,
    pair_of,
    shares,
)
from curator.review.votes.arrays import CHANGE, DROP, KEEP
from curator.store import Project

_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")
_ROOM = 200
"""Characters of an example that are quoted."""


@dataclass(frozen=True, slots=True)
class Case:
    """One adjudication. `text`: the input of the example; `decided`: the label it got, or "(keep)", "(drop)", "(change)"."""

    example: int
    text: str
    decided: str
    note: str
    reviewer: str
    at: str
    round: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Labels that the guideline does not tell apart, in the order of their names, and the cases of it, the oldest first."""

    labels: tuple[str, ...]
    cases: tuple[Case, ...]


def gaps(project: Project) -> list[Gap]:
    """The gaps of the guideline that adjudications in force name, those with the most cases first."""
    blamed = [d for d in project.decisions() if d.kind is Kind.ADJUDICATION and d.cause is Cause.GUIDELINE]
    if not blamed:
        return []
    rounds = {round.id: round for round in project.rounds.all()}
    votes = _votes(project, blamed, rounds)
    shown = _shown(project, blamed, rounds)
    now = {example.id: example for example in project.get_examples(sorted({d.example for d in blamed}))}
    by_task = is_by_label(project)
    known = known_labels(project) if by_task and any(d.round is None for d in blamed) else []
    found: dict[tuple[str, ...], list[Case]] = defaultdict(list)
    for one in sorted(blamed, key=lambda d: (d.at, d.id)):
        round = rounds.get(one.round or "")
        by_label = by_task if round is None else bool(round.labels)
        example = shown.get((one.round, one.example), now[one.example])
        case = Case(
            one.example,
            example.input,
            _decided(one, now[one.example], by_label),
            one.note,
            one.reviewer,
            one.at,
            None if round is None else round.number,
        )
        said = votes.get(one.id, [])
        if round is None:
            answers = [*outright_answers(said, example, by_label, known).values()]
        else:
            answers = [answer for vote in said if (answer := answer_of(vote, example, by_label)) is not None]
        found[_labels(answers)].append(case)
    made = [Gap(labels, tuple(cases)) for labels, cases in found.items()]
    return sorted(made, key=lambda gap: (-len(gap.cases), gap.labels))


def gaps_markdown(found: Sequence[Gap]) -> str:
    """The gaps as Markdown, to be pasted into the guideline: the cases under the labels that they are about."""
    parts = []
    for gap in found:
        lines = [f"### {_title(gap)}", ""]
        lines += [_line(case) for case in gap.cases]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n" if parts else ""


def _title(gap: Gap) -> str:
    return " or ".join(_plain(_called(label)) for label in gap.labels) or "Unclear"


def _line(case: Case) -> str:
    text = " ".join(case.text.split())
    quoted = text if len(text) <= _ROOM else text[: _ROOM - 1].rstrip() + "…"
    note = " ".join(case.note.split())
    return f"- “{_plain(quoted)}” is **{_plain(_called(case.decided))}**" + (f": {_plain(note)}" if note else "")


def _called(label: str) -> str:
    """Without the brackets that tell a verdict from a label."""
    return label.strip("()") if label in (KEEP, DROP, CHANGE) else label


def _plain(text: str) -> str:
    """A text in which nothing is a mark of Markdown's."""
    return _MARKS.sub(r"\\\1", text)


def _votes(project: Project, blamed: Sequence[Decision], rounds: Mapping[str, Round]) -> dict[str, list[Decision]]:
    """The votes that each adjudication rests on, also those that were superseded since."""
    found: dict[str, list[Decision]] = {}
    for id in sorted({d.round for d in blamed if d.round is not None and d.round in rounds}):
        cast = {vote.id: vote for vote in project.rounds.history(id)}
        found.update((d.id, _based(d, cast)) for d in blamed if d.round == id)
    for one in blamed:
        if one.round is None:
            made = {d.id: d for d in project.decisions(one.example, history=True)}
            found[one.id] = _based(one, made)
    return found


def _based(one: Decision, known: Mapping[str, Decision]) -> list[Decision]:
    named = one.basis.votes if one.basis is not None else ()
    return [known[id] for id in named if id in known]


def _shown(
    project: Project, blamed: Sequence[Decision], rounds: Mapping[str, Round]
) -> dict[tuple[str | None, int], Example]:
    """The examples as their rounds show them."""
    found: dict[tuple[str | None, int], Example] = {}
    for id in rounds:
        ids = sorted({d.example for d in blamed if d.round == id})
        if ids:
            found.update(((id, example.id), example) for example in project.rounds.examples(id, ids))
    return found


def _labels(answers: Iterable[Answer]) -> tuple[str, ...]:
    """The two labels that most voted for, by name, or the one."""
    by_share = shares(answers)
    return pair_of(by_share) or tuple(by_share)


def _decided(one: Decision, now: Example, by_label: bool) -> str:
    if one.verdict is Verdict.DROP:
        return DROP
    if not by_label:
        return KEEP if one.verdict is Verdict.KEEP else CHANGE
    return applied(one, now).output
