"""What figures of agreement mean and what to do next, in plain sentences."""

from __future__ import annotations

from curator.review.agreement import RELIABLE, TENTATIVE, Agreement

_FEW_VOTES = 10


def advise(found: Agreement) -> list[str]:
    """Sentences, the most important first: how reliable the labels are, why, and what would help."""
    alpha = found.krippendorff_alpha
    if alpha.value is None:
        return [f"Agreement cannot be measured: {alpha.why}.", *_what_is_missing(found)]
    sentences = [_reliability(alpha.value, alpha.low, alpha.high), *_prevalence(found), *_sample(found)]
    if alpha.value < RELIABLE:
        sentences += _weakest_label(found)
    sentences += _reviewers(found)
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
    return [f"Look at the votes of {names}: giving every item the commonest label would be right more often."]
