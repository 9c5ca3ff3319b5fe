"""What a card says of the findings about its example, briefly: what speaks for them, what they propose, and what a keep does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curator.model import Example, Finding, Role, Severity, Suggestion, Verdict
from curator.review.packets.file import SUFFIX
from curator.splits.policy import DEFAULT, DUPLICATES, ERRORS_ALONE, JUDGED
from ui.i18n import number, share, tr, trn
from ui.presenters.rendering import differing_marks
from ui.presenters.review import Card
from ui.presenters.sides import SidesView, is_side_by_side, view
from ui.presenters.texts import Mark
from ui.presenters.words import check_title, severity_title, severity_tone

ROOM = 320
"""Characters of another example that are shown."""
LINES = 3
"""Other examples or neighbours that are shown for one finding."""
VALUE_ROOM = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A text that speaks for a finding, under what it is; `marks` are the words in it that differ from the example's."""

    title: str
    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finding on a card. `proposal`: what accepting it does, "" where it proposes nothing."""

    finding: Finding
    title: str
    severity: str
    tone: str
    message: str
    lines: tuple[Line, ...]
    proposal: str


@dataclass(frozen=True, slots=True)
class Told:
    """All that is said beside an example: made ahead of time, for the words that differ take a moment to find."""

    where: str
    why: str
    evidence: tuple[Evidence, ...]
    standing: Standing | None
    sides: SidesView | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plain keep comes to: `text` says it; `dismissible` are the findings that a keep does not outweigh."""

    text: str
    dismissible: tuple[Finding, ...] = ()


def told(card: Card) -> Told:
    """All that is said beside the example of a card."""
    shown = view(card.example) if is_side_by_side(card.round) else None
    return Told(where(card.example), why(card), evidence(card), standing(card), shown)


def evidence(card: Card) -> tuple[Evidence, ...]:
    """The findings of a card, the strongest first."""
    return tuple(
        Evidence(
            finding,
            check_title(finding.check),
            severity_title(finding.severity),
            severity_tone(finding.severity),
            finding.message[:1].upper() + finding.message[1:],
            _lines(card, finding),
            proposal(finding.suggestion, card.id),
        )
        for finding in card.findings
    )


def proposal(proposed: Suggestion | None, example: int) -> str:
    """What accepting a suggestion does, as on a button; "" where nothing is proposed."""
    if proposed is None or not proposed.examples:
        return ""
    many = len(proposed.examples)
    if proposed.action is Verdict.RELABEL:
        if many > 1:
            return trn("Correct {n} example", "Correct {n} examples", many)
        value = proposed.value_for(proposed.examples[0]) or ""
        return tr("Relabel as {label}", label=_cut(value, VALUE_ROOM))
    if proposed.action is Verdict.DROP:
        if many > 1:
            return trn("Drop {n} example of the group", "Drop {n} examples of the group", many)
        return tr("Drop it") if example in proposed.examples else tr("Drop the other one")
    if proposed.action is Verdict.FLAG:
        return tr("Flag it") if many == 1 else trn("Flag {n} example", "Flag {n} examples", many)
    return tr("Do as proposed")


def standing(card: Card) -> Standing | None:
    """What a keep does about the findings of a card, by the rules of an export; None where there are none."""
    if not card.findings:
        return None
    held = tuple(f for f in card.findings if _counts(f) and f.check not in JUDGED)
    if any(f.check not in DUPLICATES for f in held):
        return Standing(
            tr("A keep does not let a leak into a release. If it is none, keep it and dismiss the finding."), held
        )
    if held:
        said = tr("A keep makes it the one of its group that stays. To keep the others, too, dismiss the finding.")
        return Standing(said, held)
    if any(_counts(f) for f in card.findings):
        return Standing(tr("A keep outweighs what was found: the example goes into a release."))
    return Standing(tr("Only worth a look: what was found keeps nothing out of a release."))


def _counts(finding: Finding) -> bool:
    """Whether a finding keeps examples out unless a reviewer says otherwise."""
    least = (Severity.ERROR,) if finding.check in ERRORS_ALONE else (Severity.ERROR, Severity.WARNING)
    return finding.check in DEFAULT and finding.severity in least


def why(card: Card) -> str:
    """Why the card comes now, in a few words; "" where nothing is to say."""
    reason = card.item.why
    if card.round is not None:
        return card.item.hint
    if reason is None:
        return tr("No findings: part of the audit sample")
    said = [trn("settles {n} example", "settles {n} examples", reason.settles)] if reason.settles > 1 else []
    if reason.uncertainty >= 0.66:
        said.append(tr("close to the cut, so least sure"))
    if reason.reviewed:
        said.append(trn("{n} other reviewer decided", "{n} other reviewers decided", reason.reviewed))
    text = ", ".join(said)
    return text[:1].upper() + text[1:]


def where(example: Example) -> str:
    """Source and line of an example, the name of the file alone."""
    name = example.ref.source.replace("\\", "/").rpartition("/")[2]
    if of_packet(example):
        return tr("Item {number} of this packet", number=number(example.ref.record + 1))
    if example.ref.line is None:
        return tr("{file}, record {number}", file=name, number=number(example.ref.record))
    return tr("{file}, line {number}", file=name, number=number(example.ref.line))


def of_packet(example: Example) -> bool:
    """Whether an example came in a packet, whose name and numbers say nothing to its reviewer."""
    return example.ref.line is None and example.ref.source.casefold().endswith(SUFFIX)


def _lines(card: Card, finding: Finding) -> tuple[Line, ...]:
    known = finding.evidence
    if finding.check == "label_error":
        return _neighbours(known)
    if finding.check == "schema":
        return tuple(_violations(known))
    if finding.check == "outlier":
        nearest = known.get("nearest")
        return (Line(tr("Nearest other example"), _cut(str(nearest["text"]), ROOM)),) if nearest else ()
    beside = [card.others[id] for id in finding.examples if id in card.others][:LINES]
    return tuple(_beside(card.example, other, finding) for other in beside)


def _neighbours(known: Mapping[str, Any]) -> tuple[Line, ...]:
    lines = []
    chances = known.get("probabilities")
    given, suggested = known.get("given"), known.get("suggested")
    if isinstance(chances, Mapping) and given in chances and suggested in chances:
        said = tr(
            "{suggested} {most}, {given} {least}",
            suggested=suggested,
            most=share(chances[suggested]),
            given=given,
            least=share(chances[given]),
        )
        lines.append(Line(tr("How likely"), said))
    for near in known.get("neighbours", ())[:LINES]:
        lines.append(Line(_cut(str(near.get("label", "")), VALUE_ROOM), _cut(str(near.get("text", "")), ROOM)))
    return tuple(lines)


def _violations(known: Mapping[str, Any]) -> list[Line]:
    listed = known.get("violations", ())
    return [Line(str(one.get("field", "")), _cut(str(one.get("problem", "")), ROOM)) for one in listed[:LINES]]


def _beside(example: Example, other: Example, finding: Finding) -> Line:
    """Another example beside this one: its output where that is what matters, else its input."""
    if finding.check == "mismatched_pair":
        text = _cut(other.output, ROOM)
        return Line(tr("Output that would fit, from {where}", where=where(other)), text)
    text = _cut(other.input, ROOM)
    marks = tuple(differing_marks(text, _cut(example.input, ROOM), "added"))
    if finding.check == "conflict":
        return Line(tr("Answered with: {output}", output=_cut(other.output, VALUE_ROOM * 2)), text, marks)
    if other.ref.role is Role.EVAL:
        return Line(tr("Eval example, {where}", where=where(other)), text, marks)
    return Line(where(other), text, marks)


def _cut(text: str, room: int) -> str:
    squeezed = " ".join(text.split())
    return squeezed if len(squeezed) <= room else squeezed[: room - 1].rstrip() + "…"
