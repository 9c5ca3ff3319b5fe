"""What figures of agreement mean and what to do next, in the words of the window."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from ui.i18n import number, share, tr, trn
from ui.presenters.agreement_matrix import label_text
from ui.presenters.agreement_view import Figure

if TYPE_CHECKING:
    from curator.review.agreement.estimates import Estimate
    from curator.review.agreement.fields import FieldAgreement
    from curator.review.agreement.measures import Agreement
    from curator.review.agreement.texts import TextAgreement

Kind = Literal["labels", "sets", "texts"]
"""What votes are."""
TENTATIVE, RELIABLE = 0.667, 0.8
NARROW = 0.05
"""Krippendorff's bounds, and a half-width of the interval that is enough to decide by, as `curator.review.agreement.measures` has them."""
FEW_VOTES = 10


def headline(alpha: Estimate, kind: Kind) -> tuple[str, str]:
    """How far one can rely on what was voted, by Krippendorff's own bounds, and the tone of that."""
    if alpha.value is None:
        return tr("Agreement cannot be measured yet"), "warn"
    said = number(alpha.value, 2)
    if alpha.value >= RELIABLE:
        if kind == "texts":
            return tr("The outputs are reliable: α is {alpha}", alpha=said), "good"
        return tr("The labels are reliable: α is {alpha}", alpha=said), "good"
    if alpha.value >= TENTATIVE:
        return tr("Good for tentative conclusions: α is {alpha}", alpha=said), "warn"
    return tr("Too low to rely on: α is {alpha}", alpha=said), "bad"


def advice(found: Agreement, alpha: Estimate, kind: Kind) -> list[str]:
    """What to know about the figures and what would help, the most important first. `alpha`: the one to go by."""
    if alpha.value is None:
        return [why(alpha.why), _missing(found)]
    said = [_what_to_do(alpha.value, kind), *_crossing(alpha)]
    single = found.items - found.double
    if single:
        said.append(
            trn(
                "{n} of {all} items has one vote only and says nothing of agreement.",
                "{n} of {all} items have one vote only and say nothing of agreement.",
                single,
                all=number(found.items),
            )
        )
    if kind == "texts":
        return said
    if alpha.value < RELIABLE and kind == "labels":
        said += _weakest(found)
    return said + _poor(found)


def more(alpha: Estimate, double: int) -> str:
    """How many more items would make α known well enough, "" where it is. The width of an interval falls with the square root
    of the number of items."""
    if alpha.low is None or alpha.high is None or alpha.high - alpha.low <= 2 * NARROW:
        return ""
    half = (alpha.high - alpha.low) / 2
    return trn(
        "α is known to ±{half}. {n} more double-labelled item would narrow it to ±{target}.",
        "α is known to ±{half}. {n} more double-labelled items would narrow it to ±{target}.",
        math.ceil(double * ((half / NARROW) ** 2 - 1)),
        half=number(half, 2),
        target=number(NARROW, 2),
    )


def prevalence(found: Agreement, kind: Kind) -> str:
    """The warning that one label outweighs the others, "" where none does."""
    skewed = found.prevalence
    if skewed is None:
        return ""
    values = {
        "share": share(skewed.share),
        "label": label_text(skewed.label),
        "agreement": share(skewed.agreement),
    }
    if kind == "texts":
        return tr(
            "{share} of the votes are {label}, so that reviewers would often agree by chance: α by verdict is low although "
            "they agree in {agreement} of cases. Go by how alike the texts are.",
            **values,
        )
    text = tr(
        "{share} of the votes are {label}, so that reviewers would often agree by chance: κ and α are low although they agree "
        "in {agreement} of cases. Add items of the rare labels to judge agreement on those.",
        **values,
    )
    if found.gwet_ac1.value is None:
        return text
    return text + " " + tr("AC1, less moved by this, is {ac1}.", ac1=number(found.gwet_ac1.value, 2))


def usual(alpha: Estimate, percent: Estimate, kappa: Estimate, ac1: Estimate) -> tuple[Figure, ...]:
    """The measures that are always given, the one to go by first."""
    return (
        Figure("alpha", tr("Krippendorff's α"), explanation("alpha"), _said(alpha)),
        Figure("percent", tr("Agree"), explanation("percent"), _said(percent), "share"),
        Figure("kappa", tr("Fleiss' κ"), explanation("kappa"), _said(kappa)),
        Figure("ac1", tr("Gwet's AC1"), explanation("ac1"), _said(ac1)),
    )


def figures(found: Agreement) -> tuple[Figure, ...]:
    """All measures."""
    shown = [*usual(found.krippendorff_alpha, found.percent_agreement, found.fleiss_kappa, found.gwet_ac1)]
    if found.ordinal_alpha is not None:
        shown.append(Figure("ordinal", tr("α, by rank"), explanation("ordinal"), _said(found.ordinal_alpha)))
    if found.interval_alpha is not None:
        shown.append(Figure("interval", tr("α, by distance"), explanation("interval"), _said(found.interval_alpha)))
    if found.sets is not None:
        shown.insert(0, Figure("masi", tr("α of sets"), explanation("masi"), _said(found.sets.masi_alpha)))
    return tuple(shown)


def figures_of_texts(found: Agreement, texts: TextAgreement | None) -> tuple[Figure, ...]:
    """How alike the texts are that reviewers leave, then how far they agree on what is to be done."""
    shown = []
    if texts is not None:
        shown = [
            Figure("edits", tr("α of texts"), explanation("edits"), _said(texts.alpha)),
            Figure("similarity", tr("Alike"), explanation("similarity"), _said(texts.similarity), "share"),
            Figure("identical", tr("Identical"), explanation("identical"), _said(texts.identical), "share"),
        ]
    return (
        *shown,
        Figure("percent", tr("Same verdict"), explanation("verdict"), _said(found.percent_agreement), "share"),
        Figure("alpha", tr("α by verdict"), explanation("alpha"), _said(found.krippendorff_alpha)),
        Figure("ac1", tr("AC1 by verdict"), explanation("ac1"), _said(found.gwet_ac1)),
    )


def _said(estimate: Estimate) -> Estimate:
    """With the reason in the words of the window."""
    return estimate if estimate.why is None else replace(estimate, why=why(estimate.why))


def explanation(id: str) -> str:
    """What a measure means, in one line."""
    return {
        "alpha": tr(
            "How far reviewers agree beyond chance, whatever their number and gaps: 1 is full agreement, 0 is chance. Rely on "
            "labels from 0.8 on; below 0.667 do not."
        ),
        "percent": tr(
            "How often two reviewers of an item say the same. Easy to read, but it counts what they agree on by chance."
        ),
        "kappa": tr("Agreement beyond chance, as most papers report it; on the same scale as α."),
        "ac1": tr("Agreement beyond chance that stays steady where one label is far commoner than the others."),
        "ordinal": tr("α where labels are ranks: a 4 for a 5 is a smaller disagreement than a 1 for a 5."),
        "interval": tr("α where labels are measures: disagreements count by the square of their distance."),
        "masi": tr("α where a vote is a set of labels: sets that overlap agree in part."),
        "edits": tr(
            "α on the texts that reviewers leave: 1 where they are the same, 0 where those of one example are as far apart as "
            "those of different ones."
        ),
        "similarity": tr("How alike the texts of two reviewers are: the share of letters that need no edit."),
        "identical": tr("How often two reviewers leave the same text to the letter."),
        "verdict": tr("How often two reviewers want the same: keep the text, change it or drop it."),
    }[id]


def why(reason: str | None) -> str:
    """Why a figure is undefined, as a sentence."""
    known = {
        "only one reviewer voted": tr("Only one reviewer voted."),
        "no item has votes of two reviewers": tr("No item has votes of two reviewers."),
        "only one label was used on the items that two or more reviewers voted on": tr(
            "Only one label was used on the items that two or more reviewers voted on."
        ),
        "both gave one and the same label to every item they share": tr(
            "Both gave one and the same label to every item they share."
        ),
        "no item with a vote for it has another vote": tr("No item with a vote for it has another vote."),
        "nobody else voted on the same items": tr("Nobody else voted on the same items."),
        "two reviewers alone do not tell which of them is right; a third does, and gold items": tr(
            "Two reviewers alone do not tell which of them is right; a third does, and gold items."
        ),
        "they voted on no item whose answer is known": tr("They voted on no item whose answer is known."),
        "no item with two votes or more has it, or all have it": tr(
            "No item with two votes or more has it, or all have it."
        ),
        "no two reviewers voted on the same items, or all chose one and the same set": tr(
            "No two reviewers voted on the same items, or all chose one and the same set."
        ),
        "all texts are one and the same": tr("All texts are one and the same."),
        "it has one and the same value everywhere": tr("It has one and the same value everywhere."),
        "only one label was used": tr("Only one label was used."),
    }
    text = reason or ""
    return known.get(text, f"{text[:1].upper()}{text[1:]}." if text else "")


def _missing(found: Agreement) -> str:
    if found.reviewers < 2 or not found.double:
        return tr("Have a second reviewer label 50 or more of the same items.")
    return tr("Add items that should get other labels: with one label there is nothing to tell chance from agreement.")


def _what_to_do(alpha: float, kind: Kind) -> str:
    if alpha >= RELIABLE:
        if kind == "texts":
            return tr("Reviewers leave nearly the same outputs: train on them, and settle where they differ.")
        return tr("Reviewers understand the task alike: train on what they agree on, and settle the rest.")
    if alpha >= TENTATIVE:
        return tr("Settle the disagreements before you train on this.")
    return tr("Sharpen the guideline where reviewers differ, then have a sample done again.")


def _crossing(alpha: Estimate) -> list[str]:
    if alpha.low is None or alpha.high is None:
        return []
    low, high = alpha.low, alpha.high
    if not any(low < mark <= high for mark in (TENTATIVE, RELIABLE)):
        return []
    span = tr("{low} to {high}", low=number(low, 2), high=number(high, 2))
    return [tr("The interval of α ({span}) reaches across a bound, so this may change with more items.", span=span)]


def _weakest(found: Agreement) -> list[str]:
    judged = [
        (label.agreement.value, label.label, label)
        for label in found.by_label
        if label.agreement.value is not None and label.votes >= FEW_VOTES
    ]
    if len(judged) < 2:
        return []
    value, _, worst = min(judged, key=lambda one: one[:2])
    name = label_text(worst.label)
    if worst.confused_with is None:
        return [tr("Reviewers agree least on {label}: {part} of the other votes say the same.", label=name, part=share(value))]  # fmt: skip
    return [
        tr(
            "Reviewers agree least on {label} ({part} of the other votes say the same), most often against {other}: tell these "
            "two apart in the guideline.",
            label=name,
            part=share(value),
            other=label_text(worst.confused_with),
        )
    ]


def weakest_field(fields: Sequence[FieldAgreement]) -> list[str]:
    """The field of JSON outputs on which reviewers agree least, where they do not agree on all."""
    judged = [(one.percent_agreement.value, one.path) for one in fields if one.percent_agreement.value is not None]
    if len(judged) < 2 or min(judged)[0] == 1:
        return []
    value, path = min(judged)
    return [tr("Reviewers agree least on the field {field}: in {part} of cases.", field=path, part=share(value))]


def _poor(found: Agreement) -> list[str]:
    """Reviewers whose votes are right too seldom to be better than saying the commonest label, if by chance alone."""
    common = max(found.label_shares.values())
    poor = [
        one.reviewer
        for one in found.by_reviewer
        if one.votes >= FEW_VOTES and one.accuracy.high is not None and one.accuracy.high < common
    ]
    if not poor:
        return []
    said = tr("Look at the votes of {names}: giving every item the commonest label would be right more often.", names=", ".join(poor[:5]))  # fmt: skip
    return [said]


def method(name: str, why_chosen: str) -> tuple[str, str]:
    """What the method of a consensus is called and does, and why it was chosen."""
    titles = {
        "majority": tr("Majority: the label with the most votes."),
        "one-coin": tr("One-coin Dawid-Skene: votes weigh by how often each reviewer is right."),
        "mace": tr("MACE: votes weigh by how much each reviewer seems to guess."),
        "dawid-skene": tr("Dawid-Skene: votes weigh by what each reviewer mistakes for what."),
    }
    if name == "majority" and "no other can be tried" in why_chosen:
        return titles[name], tr("Too few items have two votes for any other method to be tried.")
    scores = re.search(r"\(([\d.]+)(?:; the majority ([\d.]+))?\)", why_chosen)
    if scores is None:
        return titles.get(name, name), ""
    if scores[2] is None:
        return titles[name], tr("No other method foretells votes that were held out better.")
    return titles.get(name, name), tr(
        "Of all methods it foretells votes that were held out best: {score}, and the majority {plain}.",
        score=number(float(scores[1]), 3),
        plain=number(float(scores[2]), 3),
    )
