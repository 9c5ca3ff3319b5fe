"""The words of a comparison: names of measures, figures as people write them, verdicts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ui.i18n import number, share, tr, trn

MINUS = "−"


def measure_title(id: str) -> str:
    """What a measure is called."""
    return {
        "accuracy": tr("Accuracy"),
        "macro_f1": tr("Macro F1"),
        "weighted_f1": tr("Weighted F1"),
        "balanced_accuracy": tr("Balanced accuracy"),
        "exact": tr("Exact match"),
        "exact_raw": tr("To the letter"),
        "final": tr("Final answer"),
        "parses": tr("Valid JSON"),
        "adherence": tr("Format adherence"),
        "field_f1": tr("Field F1"),
        "token_f1": tr("Word F1"),
        "rouge_l": "ROUGE-L",
        "meaning": tr("Meaning"),
    }.get(id, id)


def measure_help(id: str) -> str:
    """What a measure means, in a line."""
    return {
        "accuracy": tr("Share of right labels; case, spaces and marks around a label do not count"),
        "macro_f1": tr("Mean F1 of the labels, each weighing the same"),
        "weighted_f1": tr("Mean F1 of the labels, weighed by how often each is right"),
        "balanced_accuracy": tr("Mean recall of the labels"),
        "exact": tr("Answers that are the reference but for case, spaces and marks around it; JSON by what it says"),
        "exact_raw": tr("Answers that are the reference, letter by letter"),
        "final": tr("Answers that come to the right number"),
        "parses": tr("Answers that are JSON as they stand"),
        "adherence": tr("Answers that keep the form of the right ones"),
        "field_f1": tr("Values that are right, field by field"),
        "token_f1": tr("Words in common with the reference"),
        "rouge_l": tr("The longest sequence of words in common with the reference"),
        "meaning": tr("How near answer and reference are in meaning, by embedding"),
    }.get(id, "")


def percent(value: float | None) -> str:
    """A share as it is written: 71.4%."""
    return "–" if value is None else share(value, 1)


def points(value: float | None) -> str:
    """A difference of shares in points, with its sign: +6.2."""
    if value is None:
        return "–"
    rounded = round(100 * value, 1)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else ""
    return sign + number(abs(rounded), 1)


def span(found: Mapping[str, Any]) -> str:
    """The interval of a difference, "" without one."""
    if found.get("low") is None:
        return ""
    return tr("{low} to {high}", low=points(found["low"]), high=points(found["high"]))


def outcome_title(outcome: str) -> str:
    """A verdict in a word."""
    return {"better": tr("better"), "worse": tr("worse"), "noise": tr("noise"), "same": tr("the same")}.get(
        outcome, outcome
    )


def outcome_tone(outcome: str) -> str:
    """The colour of a verdict."""
    return {"better": "good", "worse": "bad", "kept": "good", "forgotten": "bad", "unclear": "warn"}.get(
        outcome, "muted"
    )


def headline(outcome: str, *, varies: bool) -> str:
    """The verdict in a few words."""
    if outcome == "better":
        return tr("The tuned model is better")
    if outcome == "worse":
        return tr("The tuned model is worse")
    return tr("The difference is noise") if varies else tr("No difference")


def figures(measure: str, found: Mapping[str, Any]) -> str:
    """What the main measure did."""
    title, interval = measure_title(measure), span(found["difference"])
    before, after = percent(found["baseline"]["value"]), percent(found["tuned"]["value"])
    change = points(found["difference"]["value"])
    if not interval:
        return tr("{measure}: {before} before, {after} after.", measure=title, before=before, after=after)
    return tr(
        "{measure}: {before} before, {after} after, a difference of {change} points (95%: {span}).",
        measure=title,
        before=before,
        after=after,
        change=change,
        span=interval,
    )


def reach(document: Mapping[str, Any]) -> str:
    """The smallest difference that this eval set shows, and what it takes for the one found."""
    main, examples = document["measures"][document["measure"]], document["eval"]["examples"]
    smallest, needed = main["smallest_shown"], main["examples_needed"]
    if smallest is None and main["difference"]["value"]:
        return tr("The difference is the same on every example.")
    if smallest is None:
        return trn(
            "Both score the same on the one example.",
            "Both score the same on every one of the {n} examples.",
            examples,
        )
    said = trn(
        "{n} example shows a difference of {points} points or more in four cases of five.",
        "{n} examples show a difference of {points} points or more in four cases of five.",
        examples,
        points=number(100 * smallest, 1),
    )
    if document["verdict"] == "noise" and needed:
        change = number(abs(100 * main["difference"]["value"]), 1)
        said += " " + tr("For one of {points}, about {n} would be needed.", points=change, n=number(two_digits(needed)))
    return said


def advice(outcome: str) -> str:
    """What follows from the verdict, where the tuned model is not shown to be better."""
    return {
        "worse": tr("Stay with the model before: look at what got worse, mend the training data, and train again."),
        "noise": tr("Stay with the model before until a difference is shown: it needs no training and no upkeep."),
    }.get(outcome, "")


def turned(document: Mapping[str, Any]) -> str:
    """How answers turned, "" where none is right or wrong."""
    found = document["turned"]
    if found is None:
        return ""
    p = found["p"]
    chance = "< " + number(0.001, 3) if p < 0.001 else "= " + number(p, 3)
    return tr(
        "{better} answers got better, {worse} got worse, {right} are right in both, {wrong} wrong in both (McNemar, exact: p {p}).",
        better=number(found["better"]),
        worse=number(found["worse"]),
        right=number(found["both_right"]),
        wrong=number(found["both_wrong"]),
        p=chance,
    )


def names_note(document: Mapping[str, Any]) -> str:
    """What may be said of single labels or fields, given how many are looked at."""
    listed = document["by_name"]
    apart = sum(1 for one in listed if not _holds_zero(one["difference"]))
    changed = sum(1 for one in listed if one["changed"])
    return tr(
        "{apart} of {n} intervals leave out 0; chance alone gives about {chance}. After Holm's correction for {n} looks, {changed} changed.",
        apart=number(apart),
        n=number(len(listed)),
        chance=number(max(1, round(0.05 * len(listed)))),
        changed=number(changed),
    )


def general_headline(kept: str) -> str:
    """Whether something was forgotten, in a few words."""
    return {
        "kept": tr("General abilities are kept"),
        "forgotten": tr("The tuned model forgot"),
    }.get(kept, tr("Whether it forgot is open"))


def general_text(general: Mapping[str, Any]) -> str:
    """What was lost on general tasks, and what that is held against."""
    found = general["forgetting"]
    change, margin = found["change"], number(100 * found["margin"], 1)
    title = measure_title(general["measure"])
    if found["verdict"] == "forgotten":
        return tr(
            "{measure} on general tasks fell by {lost} points (95%: {low} to {high}); up to {margin} were allowed.",
            lost=number(abs(100 * change["value"]), 1),
            measure=title,
            low=number(abs(100 * change["high"]), 1),
            high=number(abs(100 * change["low"]), 1),
            margin=margin,
        )
    if found["verdict"] == "kept":
        return tr(
            "{measure} on general tasks moved by {change} points (95%: {span}): a loss of more than {margin} can be ruled out.",
            measure=title,
            change=points(change["value"]),
            span=span(change),
            margin=margin,
        )
    return tr(
        "{measure} on general tasks moved by {change} points (95%: {span}): a loss of more than {margin} cannot be ruled out. About {n} examples would tell.",
        measure=title,
        change=points(change["value"]),
        span=span(change),
        margin=margin,
        n=number(two_digits(found["examples_needed"])),
    )


def even(document: Mapping[str, Any]) -> list[str]:
    """What did not come out even between the files, in sentences."""
    said = []
    for side, who in (("baseline", tr("the model before")), ("tuned", tr("the tuned model"))):
        found = document[side]
        if found["missing"]:
            said.append(
                trn(
                    "{n} example has no prediction of {who}: it counts as wrong.",
                    "{n} examples have no prediction of {who}: they count as wrong.",
                    len(found["missing"]),
                    who=who,
                )
            )
        if found["unused"]:
            first = found["unused"][0]
            said.append(
                trn(
                    "{n} prediction of {who} is not used, for it answers no example or one that is answered already; the first stands in line {line}.",
                    "{n} predictions of {who} are not used, for they answer no example or one that is answered already; the first stands in line {line}.",
                    len(found["unused"]),
                    who=who,
                    line=number(first["line"] or first["record"] + 1),
                )
            )
        if found["cut"]:
            said.append(
                trn(
                    "{n} answer of {who} ended at the token limit: raise it and ask again.",
                    "{n} answers of {who} ended at the token limit: raise it and ask again.",
                    found["cut"],
                    who=who,
                )
            )
    if (both := document["both_answered"]) is not None:
        said.append(
            trn(
                "On the {n} example that both answered: {before} before, {after} after.",
                "On the {n} examples that both answered: {before} before, {after} after.",
                both["examples"],
                before=percent(both["baseline"]),
                after=percent(both["tuned"]),
            )
        )
    if left := document["eval"]["unanswered"]:
        said.append(
            trn(
                "{n} eval example has no answer and is left out.",
                "{n} eval examples have no answer and are left out.",
                left,
            )
        )
    if document["eval"]["examples"] < 30:
        said.append(tr("There are few examples: intervals from so few say little."))
    return said


def leak(document: Mapping[str, Any]) -> tuple[str, str]:
    """What is known of leaks into the eval set, and its tone; "" where nothing is to be said."""
    state = document["eval"]["leak"]["state"]
    if state == "leaks":
        return tr("Training examples leak into this eval set: figures of a model trained on them are too high."), "bad"
    if state in ("unchecked", "stale"):
        return tr("Whether training examples leak into this eval set is not known: check the project."), "warn"
    return "", ""


_BEGINS = re.compile(r"(begins|ends) with (.+)", re.DOTALL)
_SIZE = re.compile(r"([\d,]+) to ([\d,]+) characters")
_LABELS = re.compile(r"one of the ([\d,]+) labels")


def rule_text(rule: str) -> str:
    """One thing that the right answers share, as the engine names it."""
    if found := _LABELS.fullmatch(rule):
        return tr("one of the {n} labels", n=_plain(found[1]))
    if found := _SIZE.fullmatch(rule):
        return tr("{low} to {high} characters", low=_plain(found[1]), high=_plain(found[2]))
    if rule == "ends with #### and a number":
        return tr("ends with #### and a number")
    if found := _BEGINS.fullmatch(rule):
        return (
            tr("begins with {what}", what=found[2]) if found[1] == "begins" else tr("ends with {what}", what=found[2])
        )
    return {
        "one line": tr("one line"),
        "several lines": tr("several lines"),
        "a list": tr("a list"),
        "a code fence": tr("a code fence"),
        "a heading": tr("a heading"),
        "no bold text": tr("no bold text"),
        "no lists": tr("no lists"),
        "no headings": tr("no headings"),
        "no code fences": tr("no code fences"),
        "the JSON Schema given": tr("the JSON Schema given"),
        "the schema of the right answers": tr("the schema of the right answers"),
    }.get(rule, rule)


def _plain(digits: str) -> str:
    """A number of the engine as people write it here."""
    return number(int(digits.replace(",", "")))


def two_digits(number_: int) -> int:
    """Two digits of a number: more would promise too much."""
    digits = max(0, len(str(number_)) - 2)
    return -(-number_ // 10**digits) * 10**digits


def _holds_zero(found: Mapping[str, Any]) -> bool:
    return found["low"] is None or found["low"] <= 0 <= found["high"]
