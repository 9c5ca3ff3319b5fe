"""What a preference comes to, in plain English and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import curator
from curator.comparison.sides_preference import Preference
from curator.comparison.verdict import Outcome
from curator.review.agreement.estimates import Estimate
from curator.review.agreement.measures import RELIABLE, TENTATIVE
from curator.text import plural

SCHEMA = "curator/preference/1"


def verdict(found: Preference) -> str:
    """Whether people prefer one of the systems, and how sure that is."""
    counts = (
        f"{found.wins:,} of {plural(found.judged, 'item')} to {found.tuned}, {found.losses:,} to {found.baseline}, "
        f"{found.ties:,} to neither"
    )
    if found.verdict is Outcome.NOISE:
        if found.p is None:
            return f"Nobody prefers either system: {counts}."
        return (
            f"No difference is shown: {counts}. Were the systems level, a gap at least this large would come in "
            f"{chance(found.p)} (sign test)."
        )
    better, worse = found.tuned, found.baseline
    if found.verdict is Outcome.WORSE:
        better, worse = worse, better
    return (
        f"People prefer {better} to {worse}: {counts}. Were the systems level, a gap at least this large would come in "
        f"{chance(found.p or 0)} (sign test)."
    )


def lines(found: Preference) -> Iterator[str]:
    """The other sentences: what the verdict rests on, and what speaks against it."""
    yield f"Win rate of {found.tuned}, ties as half a win: {span(found.rate)}."
    if found.same:
        yield (
            f"On {found.same:,} more both say the same, which nobody was asked about; with those as ties it is "
            f"{span(found.overall)} of all {plural(found.differing + found.same, 'example')}."
        )
    if found.judged < found.differing and not found.open:
        yield f"The items are a sample of the {found.differing:,} on which the systems answer differently."
    if found.open:
        yield f"On {plural(found.open, 'item')} nobody said anything; they are left out."
    if found.both_bad:
        yield f"On {plural(found.both_bad, 'item')} both answers are bad."
    if found.verdict is Outcome.NOISE:
        yield _reach(found)
    yield leaning(found)
    yield agreement(found)


def leaning(found: Preference) -> str:
    """Whether judges lean to a side."""
    lean = found.leaning
    if lean.share.value is None or lean.p is None:
        return "Whether judges lean to a side cannot be said: none preferred an answer."
    said = f"{lean.share.value:.0%} of {plural(lean.first + lean.second, 'preference')} are for the answer that stood first"
    if lean.leans:
        side = "first" if lean.share.value > 0.5 else "second"
        return (
            f"Judges lean to the {side} answer: {said} (p = {lean.p:.3f}). It favours neither system, for each stood first "
            "as often, but it hides differences; ask the judges to read both before they decide."
        )
    return f"No leaning to a side is seen: {said} (p = {lean.p:.2f})."


def agreement(found: Preference) -> str:
    """How far judges agree."""
    alpha = found.alpha
    if alpha.value is None:
        return f"How far judges agree is not known: {alpha.why}."
    if alpha.value >= RELIABLE:
        means = "they see the same"
    elif alpha.value >= TENTATIVE:
        means = "they mostly see the same"
    else:
        means = "what is better depends on who is asked; a guideline that says what counts would help"
    differ = f"; on {plural(len(found.splits), 'item')} they differ" if found.splits else ""
    return f"Krippendorff's alpha of the judges is {alpha.value:.2f}: {means}{differ}."


def chance(p: float) -> str:
    """A probability as people can picture it."""
    if p < 0.001:
        return "fewer than 1 in 1,000 such rounds"
    if p < 0.1:
        return f"{round(p * 1000):,} in 1,000 such rounds"
    return f"{round(p * 100)} in 100 such rounds"


def span(found: Estimate) -> str:
    """A share with its interval."""
    if found.value is None or found.low is None or found.high is None:
        return f"unknown ({found.why})"
    return f"{found.value:.1%} (95% interval {found.low:.1%} to {found.high:.1%})"


def document(found: Preference) -> dict[str, Any]:
    """The JSON document: shares from 0 to 1."""
    made = asdict(found)
    refs = [one.ref.as_json() for one in found.splits]
    made["splits"] = [split | {"ref": ref} for split, ref in zip(made["splits"], refs, strict=True)]
    return {
        "schema": SCHEMA,
        "curator": curator.__version__,
        **made,
        "judged": found.judged,
        "verdict": str(found.verdict),
        "sentence": verdict(found),
    }


def _reach(found: Preference) -> str:
    decided = found.wins + found.losses
    if found.shows is None:
        return f"With {plural(decided, 'item')} that somebody won no difference can be shown; judge more."
    return (
        f"With {plural(decided, 'item')} that somebody won, four of five such rounds show a system that wins "
        f"{found.shows:.0%} of them; a smaller lead needs more items."
    )
