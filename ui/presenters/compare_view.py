"""What the page Compare shows of a comparison, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curator.review.agreement.estimates import Estimate
from ui.i18n import number, tr, trn
from ui.presenters import compare_words as words
from ui.presenters.agreement_view import Column, Line, Table
from ui.presenters.compare import file_name
from ui.presenters.rendering import differing_marks
from ui.presenters.sides import MARKED
from ui.presenters.texts import Mark
from ui.presenters.words import label_title, task_title

_EXCERPT = 120


@dataclass(frozen=True, slots=True)
class Row:
    """A measure: before, after, and the difference with its interval, `change` and `span` in words."""

    id: str
    title: str
    help: str
    before: str
    after: str
    change: str
    span: str
    difference: Estimate
    outcome: str
    tone: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An example whose answer got better or worse."""

    place: str
    input: str
    expected: str
    baseline: str
    tuned: str
    better: bool
    change: str

    @property
    def marks(self) -> tuple[list[Mark], list[Mark]]:
        """The words of either answer that the other does not have; none where that would be nearly all."""
        both = (
            differing_marks(self.baseline, self.tuned, "match"),
            differing_marks(self.tuned, self.baseline, "match"),
        )
        covered = sum(mark.end - mark.start for some in both for mark in some)
        whole = len(self.baseline) + len(self.tuned)
        return ([], []) if covered > MARKED * whole else both

    @property
    def excerpt(self) -> str:
        text = " ".join(self.input.split())
        return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT]} …"


@dataclass(frozen=True, slots=True)
class General:
    """What was forgotten."""

    headline: str
    text: str
    tone: str
    rows: tuple[Row, ...]
    reach: float


@dataclass(frozen=True, slots=True)
class View:
    """A comparison as it is shown. `reach`: the largest difference to be drawn to either side of 0, of measures and names."""

    headline: str
    figures: str
    shown: str
    tone: str
    about: str
    leak: str
    leak_tone: str
    rows: tuple[Row, ...]
    reach: float
    form: str
    turned: str
    remarks: tuple[str, ...]
    names: Table | None
    names_reach: float
    worse: tuple[Changed, ...]
    better: tuple[Changed, ...]
    flips_note: str
    general: General | None
    labelled: bool = False

    def changed(self, kind: str, label: str = "") -> tuple[Changed, ...]:
        """The answers that got worse or better; of one `label` alone, where it is the right answer or was given."""
        listed = self.worse if kind == "worse" else self.better
        wanted = _plain(label)
        return tuple(
            one for one in listed if not wanted or wanted in map(_plain, (one.expected, one.baseline, one.tuned))
        )


def view(document: Mapping[str, Any]) -> View:
    """The view of a document of `curator.comparison.document`."""
    main = document["measures"][document["measure"]]
    leak, leak_tone = words.leak(document)
    flips = [_changed(one, truth=document["turned"] is not None) for one in document["flips"]]
    table = _names(document)
    return View(
        words.headline(document["verdict"], varies=main["smallest_shown"] is not None),
        words.figures(document["measure"], main),
        " ".join(said for said in (words.reach(document), words.advice(document["verdict"])) if said),
        words.outcome_tone(document["verdict"]),
        _about(document),
        leak,
        leak_tone,
        rows(document),
        reach_of([one["difference"] for one in document["measures"].values()]),
        _form(document),
        words.turned(document),
        tuple(words.even(document)),
        table,
        reach_of([one["difference"] for one in document["by_name"]]),
        tuple(one for one in flips if not one.better),
        tuple(one for one in reversed(flips) if one.better),
        _flips_note(document),
        _general(document),
        document["task"] == "classification",
    )


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()


def rows(document: Mapping[str, Any]) -> tuple[Row, ...]:
    """The measures, the one of the verdict first."""
    order = sorted(document["measures"], key=lambda id: id != document["measure"])
    return tuple(_row(id, document["measures"][id]) for id in order)


def _row(id: str, found: Mapping[str, Any]) -> Row:
    difference = found["difference"]
    # Where nothing varies there is no noise either.
    outcome = found["verdict"] if any(difference[name] for name in ("value", "low", "high")) else "same"
    return Row(
        id,
        words.measure_title(id),
        words.measure_help(id),
        words.percent(found["baseline"]["value"]),
        words.percent(found["tuned"]["value"]),
        words.points(difference["value"]),
        words.span(difference),
        estimate_of(difference),
        words.outcome_title(outcome),
        words.outcome_tone(outcome),
    )


def estimate_of(found: Mapping[str, Any]) -> Estimate:
    """A figure of the document with its interval."""
    return Estimate(found["value"], found["low"], found["high"])


def reach_of(differences: Sequence[Mapping[str, Any]]) -> float:
    """The largest figure to be drawn to either side of 0; never 0 itself."""
    sizes = [abs(one[name]) for one in differences for name in ("low", "value", "high") if one[name] is not None]
    return max(sizes, default=0.0) or 0.01


def _about(document: Mapping[str, Any]) -> str:
    examples = trn("{n} eval example", "{n} eval examples", document["eval"]["examples"])
    before, after = file_name(document["baseline"]["path"]), file_name(document["tuned"]["path"])
    files = tr("{before} against {after}", before=before, after=after)
    return f"{examples} · {task_title(document['task'])} · {files}"


def _form(document: Mapping[str, Any]) -> str:
    if not document["rules"]:
        return ""
    return tr("The form that counts: {rules}.", rules=", ".join(map(words.rule_text, document["rules"])))


def _names(document: Mapping[str, Any]) -> Table | None:
    listed = document["by_name"]
    if not listed:
        return None
    labelled = document["task"] == "classification"
    columns = (
        Column(tr("Label") if labelled else tr("Field")),
        Column(tr("Right"), "number", tr("How often it is the right answer")),
        Column(tr("F1 before"), "share"),
        Column(tr("F1 after"), "share"),
        Column(tr("Difference in points"), "share", tr("With its 95% interval"), bar=True),
        Column(tr("After Holm"), help=tr("Whether it changed, corrected for how many are looked at")),
    )
    lines = tuple(
        Line(
            (one["name"],),
            (
                label_title(one["name"]) if labelled else field_name(one["name"]),
                one["baseline"]["support"],
                one["baseline"]["f1"],
                one["tuned"]["f1"],
                estimate_of(one["difference"]),
                tr("changed") if one["changed"] else "",
            ),
        )
        for one in listed
    )
    return Table(tr("By label") if labelled else tr("By field"), columns, lines, words.names_note(document))


def field_name(name: str) -> str:
    """A field as it is called; the one for what no right answer has in words."""
    return tr("(fields that no right answer has)") if name.startswith("(") else name


def _changed(one: Mapping[str, Any], *, truth: bool) -> Changed:
    place = tr("line {n}", n=number(one["line"])) if one["line"] else tr("record {n}", n=number(one["record"] + 1))
    moved = "" if truth else words.points(one["after"] - one["before"])
    return Changed(
        place,
        one["input"],
        one["expected"],
        one["baseline"] or "",
        one["tuned"] or "",
        one["change"] == "better",
        moved,
    )


def _flips_note(document: Mapping[str, Any]) -> str:
    shown, number_of = len(document["flips"]), document["flips_in_all"]
    if shown < number_of:
        return tr(
            "{shown} of {n} are listed, those that moved most; the command line has all: curator compare --flips.",
            shown=number(shown),
            n=number(number_of),
        )
    if document["turned"] is None and number_of:
        return tr("Listed is what came at least 10 points nearer to the reference, or went as far from it.")
    return ""


def _general(document: Mapping[str, Any]) -> General | None:
    found = document["general"]
    if found is None:
        return None
    kept = found["forgetting"]["verdict"]
    return General(
        words.general_headline(kept),
        words.general_text(found),
        words.outcome_tone(kept),
        rows(found),
        reach_of([one["difference"] for one in found["measures"].values()]),
    )
