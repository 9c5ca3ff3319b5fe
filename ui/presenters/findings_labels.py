"""Findings about labels: one label, a set of labels, fields of an extraction, or a slice that is wrong as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curator.model import Example, Finding
from curator.store import Project
from ui.presenters.findings_views import SHOWN, Card


@dataclass(frozen=True, slots=True)
class Bar:
    """A label with the probability that the models give it, 0..1."""

    label: str
    share: float
    given: bool = False
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An example near this one. `against`: its label is not the given one."""

    example: int
    text: str
    label: str
    cosine: float
    against: bool


@dataclass(frozen=True, slots=True)
class Label:
    """One label that is likely wrong. `agrees`: whether confident learning, the second opinion, says so too."""

    card: Card
    given: str
    suggested: str
    bars: tuple[Bar, ...]
    neighbours: tuple[Neighbour, ...]
    agrees: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelSet:
    """A set of labels of which some are likely wrong (`surplus`) or not there (`missing`)."""

    card: Card
    given: tuple[str, ...]
    suggested: tuple[str, ...]
    surplus: tuple[str, ...]
    missing: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an extraction whose value is likely wrong; values as JSON."""

    name: str
    given: str
    suggested: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """An extraction with values that are likely wrong; `mended`: the output with the suggested ones."""

    card: Card
    fields: tuple[Field, ...]
    mended: Example
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Examples alike that all carry a label which the rest of the data calls by another; `elsewhere`: some of that one."""

    cards: tuple[Card, ...]
    given: str
    suggested: str
    elsewhere: tuple[tuple[int, str], ...]
    more: int


def view(project: Project, finding: Finding) -> Label | LabelSet | Fields | Slice:
    """The view that fits the evidence."""
    e = finding.evidence
    if "elsewhere" in e:
        return _slice(project, finding)
    (example,) = project.get_examples(finding.examples[:1])
    if "fields" in e:
        return _fields(example, finding)
    if "surplus" in e:
        return _set(example, finding)
    given, suggested = str(e["given"]), str(e["suggested"])
    agrees = {"agrees": True, "disagrees": False}.get(str(e.get("confident_learning")))
    bars = bars_of(e["probabilities"], given, suggested)
    return Label(Card(example), given, suggested, bars, neighbours_of(e, given), agrees)


def bars_of(probabilities: Mapping[str, float], given: str, suggested: str) -> tuple[Bar, ...]:
    """The labels, likeliest first; the suggested one is the first of equals, and the given one is always among them."""
    order = sorted(probabilities.items(), key=lambda item: (-item[1], item[0] != suggested, item[0]))
    return tuple(Bar(label, float(value), label == given, label == suggested) for label, value in order)


def neighbours_of(evidence: Mapping[str, Any], given: str) -> tuple[Neighbour, ...]:
    return tuple(
        Neighbour(
            int(n["example"]), n["text"], str(n["label"]), float(n["cosine"]), _plain(n["label"]) != _plain(given)
        )
        for n in evidence.get("neighbours", ())
    )


def _plain(label: Any) -> str:
    return " ".join(str(label).split())


def _set(example: Example, finding: Finding) -> LabelSet:
    e = finding.evidence
    sets = (tuple(map(str, e[name])) for name in ("given", "suggested", "surplus", "missing"))
    given, suggested, surplus, missing = sets
    return LabelSet(Card(example), given, suggested, surplus, missing, neighbours_of(e, example.output))


def _fields(example: Example, finding: Finding) -> Fields:
    e = finding.evidence
    fields = tuple(_field(one) for one in e["fields"])
    value = finding.suggestion.value if finding.suggestion is not None else None
    mended = example if value is None else example.with_output(value)
    return Fields(Card(example), fields, mended, neighbours_of(e, fields[0].given))


def _field(one: Mapping[str, Any]) -> Field:
    given, suggested = (json.dumps(one[name], ensure_ascii=False) for name in ("given", "suggested"))
    return Field(str(one["field"]), given, suggested, bars_of(one["probabilities"], given, suggested))


def _slice(project: Project, finding: Finding) -> Slice:
    e = finding.evidence
    cards = tuple(Card(example) for example in project.get_examples(finding.examples[:SHOWN]))
    elsewhere = tuple((int(one["example"]), str(one["text"])) for one in e["elsewhere"])
    return Slice(cards, str(e["given"]), str(e["suggested"]), elsewhere, len(finding.examples) - len(cards))
