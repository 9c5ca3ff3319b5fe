"""Comparisons in plain English, for the terminal, the report and the JSON document."""

from __future__ import annotations

import math

from curator.comparison import verdict
from curator.comparison.compare import Comparison
from curator.comparison.general import Forgetting
from curator.comparison.matching import Matched
from curator.comparison.verdict import ALPHA, Kept, Outcome
from curator.review.agreement.estimates import Estimate
from curator.text import plural

TITLES = {
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
    "weighted_f1": "weighted F1",
    "balanced_accuracy": "balanced accuracy",
    "exact": "exact match",
    "exact_raw": "exact match, to the letter",
    "final": "final answer",
    "parses": "valid JSON",
    "adherence": "format adherence",
    "field_f1": "field F1",
    "token_f1": "word F1",
    "rouge_l": "ROUGE-L",
    "meaning": "meaning (cosine)",
}
HELP = {
    "accuracy": "share of right labels; case, spaces and marks around a label do not count",
    "macro_f1": "mean F1 of the labels, each weighing the same",
    "weighted_f1": "mean F1 of the labels, each weighing as often as it is right",
    "balanced_accuracy": "mean recall of the labels",
    "exact": "share of answers that are the reference but for case, spaces and marks around it; JSON by what it says",
    "exact_raw": "share of answers that are the reference to the letter",
    "final": "share of answers that come to the right number",
    "parses": "share of answers that are JSON as they stand",
    "adherence": "share of answers that keep the form of the right ones",
    "field_f1": "F1 of the values, field by field, over all",
    "token_f1": "words in common with the reference",
    "rouge_l": "longest sequence of words in common with the reference",
    "meaning": "cosine of the vectors of answer and reference",
}


def percent(value: float | None) -> str:
    """A share as it is written: 71.4%."""
    return "–" if value is None else f"{100 * value:.1f}%"


def points(value: float | None) -> str:
    """A difference of shares in points, with its sign: +6.2."""
    if value is None:
        return "–"
    rounded = round(100 * value, 1) or 0.0
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"


def span(found: Estimate) -> str:
    """The interval of a difference in points, "" without one."""
    return "" if found.low is None else f"{points(found.low)} to {points(found.high)}"


def sentence(found: Comparison) -> str:
    """The verdict: what changed by how much, and whether that is more than chance."""
    main = found.main
    title = TITLES[main.id]
    figures = f"{title} {percent(main.baseline.value)} → {percent(main.tuned.value)}"
    change = f"{points(main.difference.value)} points"
    if interval := span(main.difference):
        change += f" (95% interval {interval})"
    if found.outcome is Outcome.BETTER:
        return f"The tuned model is better: {figures}, {change}."
    if found.outcome is Outcome.WORSE:
        return f"The tuned model is worse: {figures}, {change}."
    if main.is_same:
        return f"No difference: {figures} on {_all(found)}."
    return f"The difference is noise: {figures}, {change}."


def reach(found: Comparison) -> str:
    """The smallest difference that this eval set would show, and what it takes to show the one that was found."""
    main = found.main
    if main.is_same:
        return (
            f"Both score the same on {_all(found)}: a difference of less than about "
            f"{100 * verdict.hidden(found.examples):.1f} points could not show."
        )
    if main.smallest is None:
        return f"The difference is the same on {_all(found)}."
    text = f"{plural(found.examples, 'example')} show a difference of {100 * main.smallest:.1f} points or more in four cases of five"
    if found.outcome is Outcome.NOISE and main.needed is not None:
        text += (
            f"; for one of {abs(100 * (main.difference.value or 0)):.1f}, about {_round(main.needed):,} would be needed"
        )
    return f"{text}."


def advice(found: Comparison) -> str:
    """What follows from the verdict, where the tuned model is not shown to be better; "" where it is."""
    if found.outcome is Outcome.BETTER:
        return ""
    if found.outcome is Outcome.WORSE:
        return "Stay with the model before: look at what got worse, mend the training data, and train again."
    return "Stay with the model before until a difference is shown: it needs no training and no upkeep."


def turned(found: Comparison) -> str:
    """How many answers turned, and McNemar's test; "" where nothing is right or wrong."""
    if (turns := found.turned) is None:
        return ""
    return (
        f"{plural(turns.better, 'answer')} got better, {turns.worse:,} got worse, {turns.both_right:,} are right in both, "
        f"{turns.both_wrong:,} wrong in both (McNemar, exact: p {p_value(turns.p)})."
    )


def p_value(p: float) -> str:
    """A p value as it is written behind "p": = 0.031."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}" if p < 0.9995 else "= 1"


def names(found: Comparison) -> str:
    """What may be said of single labels or fields, given how many are looked at; "" without any."""
    if not found.by_name:
        return ""
    kind = "label" if found.labelled else "field"
    apart = sum(1 for one in found.by_name if not _holds_zero(one.difference))
    changed = [one for one in found.by_name if one.changed]
    number = len(found.by_name)
    text = (
        f"Of {plural(number, kind)}, {apart} {'have' if apart != 1 else 'has'} a 95% interval that leaves out 0 "
        f"(chance alone: about {max(1, round(ALPHA * number))}); after Holm's correction for {number} looks, "
    )
    if not changed:
        return text + f"no {kind} changed."
    listed = ", ".join(f"{one.name} ({points(one.difference.value)})" for one in changed[:6])
    more = f" and {len(changed) - 6} more" if len(changed) > 6 else ""
    return text + f"{plural(len(changed), kind)} changed: {listed}{more}."


def even(matched: Matched, name: str) -> list[str]:
    """What did not come out even between the predictions of one system and the eval set."""
    said = []
    if matched.missing:
        said.append(f"{plural(len(matched.missing), 'eval example')} without a prediction of {name}: counted as wrong.")
    if matched.unmatched:
        first = matched.unmatched[0]
        said.append(
            f"{plural(len(matched.unmatched), 'prediction')} of {name} not used; the first, at {first.ref}: {first.why}."
        )
    if matched.shared:
        said.append(f"{plural(matched.shared, 'eval example')} share a prediction of {name}, for they ask the same.")
    if matched.cut:
        said.append(
            f"{plural(matched.cut, 'answer')} of {name} ended at the token limit: raise max_tokens and ask again."
        )
    return said


def both(found: Comparison) -> list[str]:
    """What the verdict's measure is without the examples that one system alone answered."""
    if (one := found.both) is None:
        return []
    number = "the one example" if one.examples == 1 else f"the {one.examples:,} examples"
    return [
        f"On {number} that both answered: {TITLES[found.primary]} {percent(one.baseline)} → {percent(one.tuned)}, "
        f"{points(one.tuned - one.baseline)} points."
    ]


def general(found: Forgetting) -> str:
    """What was forgotten, in a sentence."""
    title, margin, change = TITLES[found.comparison.main.id], f"{100 * found.margin:g}", found.change
    if found.kept is Kept.FORGOTTEN:
        low, high = (abs(100 * (x or 0)) for x in (change.high, change.low))
        value = abs(100 * (change.value or 0))
        return f"The tuned model lost {value:.1f} points ({low:.1f} to {high:.1f}) of {title} on general tasks: more than the {margin} allowed cannot be ruled out."
    if found.kept is Kept.KEPT:
        worst = max(0.0, -100 * (change.low or 0))
        lost = f"at most {worst:.1f} points" if worst > 0.05 else "nothing"
        return f"The tuned model kept its general abilities: {title} lost {lost} (95%), within the {margin} allowed."
    return (
        f"Whether the tuned model forgot is open: {points(change.value)} points of {title} ({span(change)}), so a loss of more than "
        f"the {margin} allowed cannot be ruled out; about {_round(found.needed or 0):,} general examples would tell."
    )


def _all(found: Comparison) -> str:
    return "the one example" if found.examples == 1 else f"all {found.examples:,} examples"


def _holds_zero(found: Estimate) -> bool:
    return found.low is None or found.high is None or found.low <= 0 <= found.high


def _round(number: int) -> int:
    """Two digits of a number: more would promise too much."""
    digits = max(0, len(str(number)) - 2)
    return int(math.ceil(number / 10**digits) * 10**digits)
