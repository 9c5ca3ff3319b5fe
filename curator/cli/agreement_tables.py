"""How `curator agreement` shows what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curator.text import plural

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from curator.review.agreement.estimates import Estimate, Share
    from curator.review.agreement.fields import FieldAgreement
    from curator.review.agreement.measures import Agreement
    from curator.review.agreement.report import Texts
    from curator.review.consensus.choosing import Consensus
    from curator.review.votes.arrays import Votes

_SHOWN = 12  # rows of a table on the screen; files have all


def show(votes: Votes, found: Agreement, consensus: Consensus, advice: list[str], left: Texts | None = None) -> None:
    """Print the figures, tables and advice."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    said = f"{plural(found.votes, 'vote')} of {plural(found.reviewers, 'reviewer')} on {plural(found.items, 'item')}"
    console.print(said, style="bold")
    _show_coefficients(console, found, left)
    if len(found.by_label) > 1:
        _show_labels(console, found)
    if found.sets is not None:
        _show_sets(console, found)
    if left is not None and left.fields:
        _show_fields(console, left.fields)
    _show_reviewers(console, found)
    _show_periods(console, found)
    sure = int((consensus.confidence >= 0.9).sum())
    console.print(Text(f"\nConsensus: {consensus.why}"))
    console.print(f"{sure:,} of {plural(found.items, 'item')} are at least 90% sure.")
    for sentence in (*votes.notes, *consensus.notes, *advice):
        console.print(Text(f"• {sentence}"))


def _show_coefficients(console: Console, found: Agreement, left: Texts | None) -> None:
    from rich.text import Text

    table = _table("agreement", "value", "95% interval")
    rows = [
        ("Percent agreement", found.percent_agreement),
        ("Krippendorff's α", found.krippendorff_alpha),
        ("  ordinal", found.ordinal_alpha),
        ("  interval", found.interval_alpha),
        ("Fleiss' κ", found.fleiss_kappa),
        ("Gwet's AC1", found.gwet_ac1),
    ]
    if found.sets is not None:
        rows.insert(2, ("  of sets, by MASI", found.sets.masi_alpha))
    rows += [(f"Cohen's κ, {pair.a} and {pair.b}", pair.kappa) for pair in found.cohen_kappa[:3]]
    if left is not None and left.texts is not None:
        texts = left.texts
        rows += [
            ("Texts: similarity by edits", texts.similarity),
            ("  the same to the letter", texts.identical),
            ("  α by edits", texts.alpha),
        ]
    for name, estimate in rows:
        if estimate is not None:
            _row(table, name, _figure(estimate.value), _interval(estimate))
    console.print(table)
    undefined: dict[str, list[str]] = {}
    for name, estimate in rows:
        if estimate is not None and estimate.why is not None:
            undefined.setdefault(estimate.why, []).append(name.strip())
    for why, names in undefined.items():
        console.print(Text(f"Undefined: {'; '.join(names)}: {why}."))


def _show_labels(console: Console, found: Agreement) -> None:
    table = _table("label", "votes", "items", "agreement", "95% interval", "confused with")
    for label in sorted(found.by_label, key=lambda one: (-one.votes, one.label))[:_SHOWN]:
        other = "–" if label.confused_with is None else f"{label.confused_with} ({label.confused_share:.0%})"
        figures = (_figure(label.agreement.value), _interval(label.agreement))
        _row(table, label.label, f"{label.votes:,}", f"{label.items:,}", *figures, other)
    console.print(table)
    _say_more(console, len(found.by_label), "labels")


def _show_sets(console: Console, found: Agreement) -> None:
    assert found.sets is not None
    table = _table("label in sets", "votes", "agreement", "α", "95% interval")
    for part in sorted(found.sets.by_label, key=lambda one: (-one.votes, one.label))[:_SHOWN]:
        alpha = part.krippendorff_alpha
        figures = (_figure(part.percent_agreement.value), _figure(alpha.value), _interval(alpha))
        _row(table, part.label, f"{part.votes:,}", *figures)
    console.print(table)
    _say_more(console, len(found.sets.by_label), "labels")


def _show_fields(console: Console, fields: tuple[FieldAgreement, ...]) -> None:
    """The fields that reviewers agree on least."""
    table = _table("field", "items", "values", "agreement", "95% interval", "α")
    least = sorted(fields, key=lambda one: (one.percent_agreement.value or 0, one.path))
    for one in least[:_SHOWN]:
        percent = one.percent_agreement
        figures = (_figure(percent.value), _interval(percent), _figure(one.krippendorff_alpha.value))
        _row(table, one.path, f"{one.items:,}", f"{one.values:,}", *figures)
    console.print(table)
    _say_more(console, len(fields), "fields")


def _show_reviewers(console: Console, found: Agreement) -> None:
    from rich.text import Text

    known: list[tuple[str, dict[str, Share | None]]] = [
        ("gold", {one.reviewer: one.gold for one in found.by_reviewer}),
        ("attention", {one.reviewer: one.attention for one in found.by_reviewer}),
        ("repeats", {one.reviewer: one.repeats for one in found.by_reviewer}),
    ]
    asked = [(name, shares) for name, shares in known if any(shares.values())]
    table = _table("reviewer", "votes", "agreement", "accuracy", "95% interval", *(name for name, _ in asked))
    for one in sorted(found.by_reviewer, key=lambda reviewer: (-reviewer.votes, reviewer.reviewer))[:_SHOWN]:
        figures = (_figure(one.agreement), _figure(one.accuracy.value), _interval(one.accuracy))
        more = (_of(shares[one.reviewer]) for _, shares in asked)
        _row(table, one.reviewer, f"{one.votes:,}", *figures, *more)
    console.print(table)
    _say_more(console, len(found.by_reviewer), "reviewers")
    for why in sorted({one.accuracy.why for one in found.by_reviewer if one.accuracy.why}):
        console.print(Text(f"Accuracy undefined: {why}."))


def _show_periods(console: Console, found: Agreement) -> None:
    periods = found.by_day or found.by_batch
    if not periods:
        return
    table = _table("day" if found.by_day else "from", "items", "agreement", "α", "95% interval")
    for one in periods[-_SHOWN:]:
        name = one.start[:10] if found.by_day else one.start[:16].replace("T", " ")
        alpha = one.krippendorff_alpha
        figures = (_figure(one.percent_agreement.value), _figure(alpha.value), _interval(alpha))
        _row(table, name, f"{one.items:,}", *figures)
    console.print(table)
    _say_more(console, len(periods), "days before" if found.by_day else "batches before")


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, column in enumerate(columns):
        figure = at > 0 and column != "confused with"
        width = None if figure else 8
        table.add_column(
            column, justify="right" if figure else "left", overflow="fold", no_wrap=figure, min_width=width
        )
    return table


def _row(table: Table, *cells: str) -> None:
    from rich.text import Text

    # Text, so that a name in square brackets is no markup.
    table.add_row(*(Text(cell) for cell in cells))


def _say_more(console: Console, number: int, what: str) -> None:
    if number > _SHOWN:
        console.print(f"and {number - _SHOWN:,} more {what}; --json has them all", style="dim")


def _of(share: Share | None) -> str:
    return "–" if share is None else f"{share.right:,} of {share.asked:,}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "–"
    return f"{estimate.low:.3f} to {estimate.high:.3f}"
