"""What figures of agreement mean and what to do next, in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence

from curator.review.agreement.fields import FieldAgreement
from curator.review.agreement.measures import RELIABLE, TENTATIVE, Agreement
from curator.review.votes.arrays import VERDICTS

_FEW_VOTES = 10
_FEW_LOOKS = 3
_CARELESS = 0.7  # of attention items right, or of second looks the same: fewer are worth a word


def advise(found: Agreement, fields: Sequence[FieldAgreement] = ()) -> list[str]:
    """Sentences, the most important first: how reliable the labels are, why, and what would help.

    `fields`: agreement on the fields of outputs that are JSON.
    """
    alpha = found.krippendorff_alpha
    if alpha.value is None:
        return [f"Agreement cannot be measured: {alpha.why}.", *_what_is_missing(found)]
    verdicts = set(found.label_shares) <= VERDICTS
    reliability = _verdicts(alpha.value) if verdicts else _reliability(alpha.value, alpha.low, alpha.high)
    sentences = [reliability, *_sets(found), *_prevalence(found), *_sample(found)]
    if alpha.value < RELIABLE and not verdicts:
        sentences += _weakest_label(found)
    sentences += [*_weakest_field(fields), *_reviewers(found), *_careless(found)]
    if found.pairs > len(found.cohen_kappa):
        sentences.append(
            f"Cohen's κ is listed for the {len(found.cohen_kappa)} of {found.pairs:,} pairs of reviewers with the most "
            "items in common."
        )
    return sentences


def _what_is_missing(found: Agreement) -> list[str]:
    if found.reviewers < 2 or not found.double:
        return ["Have a second reviewer label 50 or more of the same items."]
    return ["Add items that should get other labels: with one label there is nothing to tell chance from agreement."]


def _reliability(alpha: float, low: float | None, high: float | None) -> str:
    if alpha < TENTATIVE:
        text = (
            f"Krippendorff's α is {alpha:.2f}, below {TENTATIVE}: too low to rely on these labels; sharpen the guideline "
            "where reviewers differ, then label a sample again."
        )
    elif alpha < RELIABLE:
        text = (
            f"Krippendorff's α is {alpha:.2f}, from {TENTATIVE} to {RELIABLE}: good enough for tentative conclusions only; "
            "settle the disagreements before training on these labels."
        )
    else:
        text = f"Krippendorff's α is {alpha:.2f}, {RELIABLE} or more: the labels are reliable."
    if low is None or high is None:
        return text
    crossed = [mark for mark in (TENTATIVE, RELIABLE) if low < mark <= high]
    if crossed:
        text += f" Its interval ({low:.2f} to {high:.2f}) reaches across {' and '.join(map(str, crossed))}, so this may change."
    return text


def _verdicts(alpha: float) -> str:
    if alpha >= RELIABLE:
        return f"Krippendorff's α of the verdicts is {alpha:.2f}: reviewers agree on what has to be changed or dropped."
    return (
        f"Krippendorff's α of the verdicts is {alpha:.2f}, below {RELIABLE}: reviewers differ on what has to be changed or "
        "dropped; say in the guideline what makes an output wrong."
    )


def _sets(found: Agreement) -> list[str]:
    if found.sets is None or found.sets.masi_alpha.value is None:
        return []
    return [
        f"Labels are sets. With sets that overlap agreeing in part (MASI), α is {found.sets.masi_alpha.value:.2f}; the other "
        "figures take sets that are not the same for different labels."
    ]


def _prevalence(found: Agreement) -> list[str]:
    skewed = found.prevalence
    if skewed is None:
        return []
    text = (
        f"{skewed.share:.0%} of the votes are {skewed.label!r}, so reviewers would agree often by chance and κ and α are low "
        f"although they agree in {skewed.agreement:.0%} of cases"
    )
    if found.gwet_ac1.value is not None:
        text += f" (AC1, less moved by this, is {found.gwet_ac1.value:.2f})"
    return [text + "; add items of the rare labels to judge agreement on those."]


def _sample(found: Agreement) -> list[str]:
    sentences = []
    single = found.items - found.double
    if single:
        sentences.append(f"{single:,} of {found.items:,} items have one vote only and say nothing of agreement.")
    if found.narrowing is not None:
        known = found.narrowing
        sentences.append(
            f"α is known to ±{known.half:.2f} from {found.double:,} items with two votes or more; "
            f"about {known.more:,} more would narrow it to ±{known.target}."
        )
    return sentences


def _weakest_label(found: Agreement) -> list[str]:
    judged = [
        (label.agreement.value, label)
        for label in found.by_label
        if label.agreement.value is not None and label.votes >= _FEW_VOTES
    ]
    if len(judged) < 2:
        return []
    value, worst = min(judged, key=lambda pair: (pair[0], pair[1].label))
    text = f"Reviewers agree least on {worst.label!r} ({value:.0%} of other votes say the same)"
    if worst.confused_with is not None:
        text += f", most often against {worst.confused_with!r}; tell these two apart in the guideline"
    return [text + "."]


def _weakest_field(fields: Sequence[FieldAgreement]) -> list[str]:
    judged = [
        (field.percent_agreement.value, field.path) for field in fields if field.percent_agreement.value is not None
    ]
    if not judged or min(judged)[0] == 1:
        return []
    value, path = min(judged)
    return [f"Of the fields, reviewers agree least on {path!r}: {value:.0%} of the pairs of values are the same."]


def _careless(found: Agreement) -> list[str]:
    sentences = []
    for one in found.by_reviewer:
        missed, differing = one.attention, one.repeats
        if missed is not None and missed.asked >= _FEW_LOOKS and missed.right < _CARELESS * missed.asked:
            sentences.append(
                f"{one.reviewer} noticed the wrong label on only {missed.right:,} of {missed.asked:,} attention items; look at their votes."
            )
        if differing is not None and differing.asked >= _FEW_LOOKS and differing.right < _CARELESS * differing.asked:
            sentences.append(
                f"{one.reviewer} said the same on {differing.right:,} of {differing.asked:,} items that they saw twice: "
                "unsure of the guideline, or in haste."
            )
    return sentences


def _reviewers(found: Agreement) -> list[str]:
    """Reviewers whose votes are right too seldom to be better than saying the commonest label, if by chance alone."""
    common = max(found.label_shares.values())
    poor = [
        reviewer.reviewer
        for reviewer in found.by_reviewer
        if reviewer.votes >= _FEW_VOTES and reviewer.accuracy.high is not None and reviewer.accuracy.high < common
    ]
    if not poor:
        return []
    names = ", ".join(poor[:5]) + (f" and {len(poor) - 5} more" if len(poor) > 5 else "")
    commonest = max(found.label_shares, key=lambda label: found.label_shares[label])
    says = f"saying {commonest} to every item" if commonest in VERDICTS else "giving every item the commonest label"
    return [f"Look at the votes of {names}: {says} would be right more often."]
