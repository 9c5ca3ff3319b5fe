"""Personal data and secrets: what a model would repeat to strangers.

Found by the formats that issuers publish, check digits and the numbering plans of telephones (`curator/sensitive`), never
by a model's guess at names. Evidence holds veiled values alone.

A secret or the number of an account is an error wherever it stands. An address or a telephone number may be the very
point of the data, as where contacts are extracted: it is a warning, left in by default, and where it is usual one finding
says so for all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from curator import sensitive
from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, plural, shorten
from curator.model import Example, Finding, Severity, Suggestion, Verdict
from curator.sensitive import Class, Hit

NAME = "personal_data"
USUAL, OFTEN = 0.1, 5
"""Share of examples (and how many at least) from which a kind of contact is the way this data is written, and a value that
all of them repeat is one thing to mend: the same bounds as for placeholders."""
SHOWN = 5
"""Values named in a message and in the evidence."""
_SURE = {Class.SECRET: Severity.ERROR, Class.NUMBER: Severity.ERROR, Class.CONTACT: Severity.WARNING}
_SCORE = {Severity.ERROR: 1.0, Severity.WARNING: 0.7, Severity.INFO: 0.3}


@dataclass(frozen=True, slots=True)
class Place:
    """A value and where it stands: "input", "output", "system text" or, in a pair, "output that is not preferred"."""

    where: str
    hit: Hit

    @property
    def severity(self) -> Severity:
        return Severity.INFO if self.hit.documentation else _SURE[self.hit.group]


def run(data: Data) -> Outcome:
    """One finding per example with such values; one for all where a kind of contact, or one value, is usual."""
    c = data.candidates
    places = [_places(example) for example in c.examples]
    counts = Counter(kind for found in places for kind in {p.hit.kind for p in found})
    bound = max(OFTEN, USUAL * len(c))
    repeated = Counter(value for found in places for value in {p.hit.value for p in found})
    contacts = {p.hit.kind for found in places for p in found if p.hit.group is Class.CONTACT}
    usual_kinds = {kind for kind in contacts if counts[kind] > bound}
    usual_values = {value for value, n in repeated.items() if n > bound}
    findings = []
    shared: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, found in enumerate(places):
        own = []
        for place in found:
            kind, value = place.hit.kind, place.hit.value
            if value in usual_values:
                shared[kind, value].append(index)
            elif kind in usual_kinds:
                shared[kind, ""].append(index)
            else:
                own.append(place)
        if own:
            findings.append(_finding(data, index, own))
    for (kind, value), members in sorted(shared.items()):
        findings.append(_usual(data, kind, value, sorted(set(members)), places))
    return Outcome(
        findings, calibration={"examples_with": dict(sorted(counts.items())), "usual_here": sorted(usual_kinds)}
    )


def _places(example: Example) -> list[Place]:
    texts = [("input", example.input), ("output", example.output), ("system text", example.system)]
    texts += [("output that is not preferred", message.text) for message in example.non_preferred]
    return [Place(where, hit) for where, text in texts for hit in sensitive.find(text)]


def _finding(data: Data, index: int, places: list[Place]) -> Finding:
    c, id = data.candidates, data.id_of(index)
    severity = min((place.severity for place in places), key=list(Severity).index)
    gravest = [place for place in places if place.severity is severity]
    made_up = " (made up for show)" if severity is Severity.INFO else ""
    return Finding(
        NAME,
        severity,
        _SCORE[severity],
        (id,),
        f"{_named(gravest)}{made_up}",
        _evidence(data, index, places),
        _suggestion(severity, (id,)),
        finding_id(NAME, (c.keys[index],)),
    )


def _usual(data: Data, kind: str, value: str, members: list[int], all_places: list[list[Place]]) -> Finding:
    c = data.candidates
    ids = tuple(data.id_of(i) for i in members)
    places = [p for p in all_places[members[0]] if p.hit.kind == kind and value in ("", p.hit.value)]
    severity = places[0].severity
    one = f"the same {kind} ({places[0].hit.shown}) stands" if value else f"{_article(kind)} stands"
    usual = " and seems to belong to this data" if places[0].hit.group is Class.CONTACT else ""
    return Finding(
        NAME,
        severity,
        _SCORE[severity],
        ids,
        f"{one} in {plural(len(ids), 'example')} of {len(c):,}{usual}",
        {"usual": True} | _evidence(data, members[0], places),
        _suggestion(severity, ids),
        finding_id(NAME, (c.keys[members[0]],), f"usual {kind}"),
    )


def _suggestion(severity: Severity, ids: tuple[int, ...]) -> Suggestion:
    return Suggestion(Verdict.DROP if severity is Severity.ERROR else Verdict.FLAG, ids)


def _evidence(data: Data, index: int, places: list[Place]) -> dict[str, object]:
    c = data.candidates
    return {
        "found": [{"kind": p.hit.kind, "where": p.where, "shown": p.hit.shown} for p in places[:SHOWN]],
        "values": len(places),
        "input": shorten(sensitive.mask(c.inputs[index])),
        "output": shorten(sensitive.mask(c.outputs[index])),
    }


def _named(places: list[Place]) -> str:
    """`the input holds an e-mail address (j•••@e•••.com); the output holds a password (…(11 characters))`"""
    by_where: dict[str, list[Hit]] = defaultdict(list)
    for place in places[:SHOWN]:
        by_where[place.where].append(place.hit)
    said = (f"the {where} holds {_list(hits)}" for where, hits in by_where.items())
    more = len(places) - SHOWN
    return "; ".join(said) + (f", and {more:,} more" if more > 0 else "")


def _list(hits: Iterable[Hit]) -> str:
    return ", ".join(dict.fromkeys(f"{_article(hit.kind)} {hit.shown}" for hit in hits))


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOaeio' else 'a'} {kind}"
