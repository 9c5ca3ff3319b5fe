"""The parts of a page made ready to show: what is chosen, cut, marked and put into words for the templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curator.model import Example, Finding, Severity, Verdict
from curator.reports import charts
from curator.reports.data import CheckReport, CheckRun, LabelSplit, Reason
from curator.reports.marking import Piece, differing, plain

_CARDS = 3
_ROWS = 5
_LABELS_SHOWN = 40
_LABELS_MOST, _LABELS_LEAST = 25, 10
# Evidence that the cards show in full.
_SHOWN_AS_TEXT = frozenset(
    {"text", "input", "output", "candidate", "eval", "example", "keep", "inputs", "only_in_kept", "only_in_other"}
)
_WORDS = {
    Verdict.DROP: "drop",
    Verdict.RELABEL: "relabel",
    Verdict.EDIT: "edit",
    Verdict.FLAG: "look at",
    Verdict.KEEP: "keep",
}


HOW = {
    "unanimous": "Unanimous: reviewers agreed",
    "consensus": "Consensus: most agreed, or their votes taken together",
    "adjudicated": "Adjudicated: they disagreed, and one settled it",
    "single": "Single: one reviewer",
    "imported": "Imported: annotated before it came here",
    "none": "None: nobody decided on it",
}
"""How an example came to be as it is, by the name of `curator.review.provenance`."""


@dataclass(frozen=True, slots=True)
class Card:
    """One example of a finding: where it is from, what it says, what is proposed for it."""

    ref: str
    role: str
    system: str
    input: tuple[Piece, ...]
    output: tuple[Piece, ...]
    proposal: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: int


@dataclass(frozen=True, slots=True)
class FindingView:
    id: str
    severity: Severity
    score: float
    message: str
    cards: tuple[Card, ...]
    more: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    relabel: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Section:
    """One check of the page: its run, counts by severity and worst findings."""

    run: CheckRun
    severities: tuple[tuple[Severity, int], ...]
    findings: tuple[FindingView, ...]


def severities(findings: Iterable[Finding]) -> tuple[tuple[Severity, int], ...]:
    counts = Counter(finding.severity for finding in findings)
    return tuple((severity, counts[severity]) for severity in Severity)


def finding(found: Finding, examples: Mapping[int, Example]) -> FindingView:
    """A finding with its first examples side by side, the words in which they differ marked."""
    known = [id for id in found.examples if id in examples]
    shown = known[:_CARDS]
    notes = _notes(found.evidence, frozenset(shown))
    lead = examples[shown[0]] if shown else None
    relabel = _relabel(found, lead)
    cards = []
    for id in shown:
        example = examples[id]
        other = lead if id != shown[0] else examples[shown[1]] if len(shown) > 1 else None
        cards.append(_card(example, other, _proposal(found, id), notes.get(id, "")))
    return FindingView(
        found.id,
        found.severity,
        found.score,
        found.message,
        tuple(cards),
        tuple(str(examples[id].ref) for id in known[_CARDS : _CARDS + 12]),
        tuple((name, said) for name, said in _facts(found.evidence) if relabel is None or said not in relabel),
        tuple(_tables(found.evidence, frozenset(shown))),
        relabel,
    )


def pair(first: Example, second: Example) -> tuple[Card, Card]:
    """Two examples side by side, differing words marked."""
    return _card(first, second), _card(second, first)


def samples(reason: Reason) -> tuple[Card, ...]:
    """A few of the examples that were left out for one reason."""
    return tuple(_card(example, None) for example in reason.examples[:_CARDS])


def _card(example: Example, other: Example | None, proposal: str = "", note: str = "") -> Card:
    return Card(
        str(example.ref),
        str(example.ref.role),
        "".join(piece.text for piece in plain(example.system, 200)),
        plain(example.input) if other is None else differing(example.input, other.input),
        plain(example.output) if other is None else differing(example.output, other.output),
        proposal,
        note,
    )


def _proposal(found: Finding, id: int) -> str:
    if found.suggestion is None or id not in found.suggestion.examples:
        return "keep" if found.evidence.get("keep") == id else ""
    return _WORDS.get(found.suggestion.action, str(found.suggestion.action))


def _relabel(found: Finding, lead: Example | None) -> tuple[str, str] | None:
    suggestion = found.suggestion
    if lead is None or suggestion is None or suggestion.action != Verdict.RELABEL or suggestion.value is None:
        return None
    return lead.output, suggestion.value


def _notes(evidence: Mapping[str, Any], shown: frozenset[int]) -> dict[int, str]:
    """Figures of the evidence that belong to one of the examples shown: "cosine 0.97 · kind wording"."""
    notes = {}
    for value in evidence.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping) and item.get("example") in shown:
                notes[int(item["example"])] = " · ".join(f"{name} {text}" for name, text in _facts(item))
    return notes


def _facts(evidence: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The single figures and words of the evidence, with names that can be read."""
    for key, value in evidence.items():
        name = str(key).replace("_", " ")
        if isinstance(value, Mapping):
            said = ", ".join(f"{inner} {text}" for inner, text in _facts(value))
            if said and "example" not in value:
                yield name, said
        elif isinstance(value, list | tuple):
            if key not in _SHOWN_AS_TEXT and value and all(isinstance(item, str) for item in value):
                yield name, ", ".join(value[:12]) + (f" and {len(value) - 12} more" if len(value) > 12 else "")
        elif value not in (None, "") and key not in _SHOWN_AS_TEXT:
            yield name, score(value)


def _tables(evidence: Mapping[str, Any], shown: frozenset[int]) -> Iterable[Table]:
    """Lists of things in the evidence (neighbours, outputs) as small tables, without what the cards show."""
    for key, value in evidence.items():
        items = (
            value if isinstance(value, list) else [value] if isinstance(value, Mapping) and "example" in value else []
        )
        rows = [item for item in items if isinstance(item, Mapping) and item.get("example") not in shown]
        if not rows:
            continue
        columns = [c for c in rows[0] if c != "example" and not isinstance(rows[0][c], list | dict)]
        cells = tuple(tuple(score(row.get(c, "")) for c in columns) for row in rows[:_ROWS])
        named = tuple(c.replace("_", " ") for c in columns)
        yield Table(str(key).replace("_", " "), named, cells, max(0, len(rows) - _ROWS))


def score(value: Any) -> str:
    """A figure as people read it: 0.987, 12,345, yes; texts as they are, cut to 240 characters."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"
    text = str(value)
    return text if len(text) <= 240 else text[:239] + "…"


def size(count: int) -> str:
    """Bytes as people read them."""
    for unit, power in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= power:
            return f"{count / power:,.1f} {unit}"
    return f"{count:,} bytes"


@dataclass(frozen=True, slots=True)
class LabelRows:
    """The largest labels and, where there are very many, the smallest, with how many lie between."""

    first: tuple[tuple[str, int, float], ...]
    between: int
    last: tuple[tuple[str, int, float], ...]
    count: int


def label_rows(labels: Mapping[str, int]) -> LabelRows:
    """Rows of label, count and width in percent of the largest."""
    ordered = sorted(labels.items(), key=lambda item: (-item[1], item[0]))
    most = ordered[0][1] if ordered else 0
    rows = tuple((name or "(empty)", count, 100 * count / most if most else 0.0) for name, count in ordered)
    if len(rows) <= _LABELS_SHOWN:
        return LabelRows(rows, 0, (), len(rows))
    first, last = rows[:_LABELS_MOST], rows[-_LABELS_LEAST:]
    return LabelRows(first, len(rows) - len(first) - len(last), last, len(rows))


def split_rows(labels: Sequence[LabelSplit]) -> list[tuple[str, int, tuple[charts.Share, ...]]]:
    """Rows of label, total and its shares by split, as wide as the label is large."""
    totals = {label.label: sum(label.counts.values()) for label in labels}
    most = max(totals.values(), default=0)
    ordered = sorted(labels, key=lambda label: (-totals[label.label], label.label))
    return [
        (row.label or "(empty)", totals[row.label], charts.shares(list(row.counts.items()), most)) for row in ordered
    ]


def next_steps(report: CheckReport) -> list[tuple[str, str]]:
    """What to do now, most pressing first: a sentence and the command that does it ("" for none)."""
    steps = []
    found = report.by_check()
    if report.rejected:
        many = "record" if len(report.rejected) == 1 else "records"
        steps.append((f"Mend the {len(report.rejected):,} {many} that could not be read, or go on without.", ""))
    if found.get("leakage"):
        steps.append(
            ("Never train on what repeats the eval set, or its scores will flatter; an export leaves it out.", "")
        )
    errors = sum(f.severity == Severity.ERROR for f in report.findings)
    if errors:
        steps.append((f"Look at findings of severity error first ({errors:,}): they are the surest.", ""))
    relabels = (f for f in report.findings if f.suggestion and f.suggestion.action == Verdict.RELABEL)
    if any(f.check != "mismatched_pair" for f in relabels):
        steps.append(("Let someone who knows the labels decide on the suggested ones: not all of them are right.", ""))
    lacking = report.need.minimum - report.effective
    if lacking > 0:
        said = f"Collect at least {lacking:,} more examples, or use few-shot prompting instead of fine-tuning."
        steps.append((said, ""))
    else:
        steps.append(("Write the splits.", "curator export DATA --target openai --out FOLDER"))
    return steps
