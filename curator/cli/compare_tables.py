"""A comparison on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from curator.comparison import wording
from curator.comparison.compare import Comparison
from curator.comparison.general import Forgetting
from curator.comparison.measuring import Measured, Named
from curator.text import plural

_NAMES = 12
_WIDTH = 34


def show(found: Comparison, lost: Forgetting | None, written: Sequence[str]) -> None:
    """Print what was compared, every measure, what changed, and the verdict, which comes last for it is what is looked for."""
    for line in lines(found, lost):
        print(line)
    if found.flips and not written:
        print("\nSee the answers that turned with --report FILE.html, or take them with --flips FILE.csv.")
    for path in written:
        print(f"Written: {path}")


def lines(found: Comparison, lost: Forgetting | None) -> Iterator[str]:
    """The lines of the account."""
    yield from _about(found)
    yield ""
    yield from _measures(found.measures)
    if found.rules:
        yield f"The form that counts: {', '.join(found.rules)}."
    yield from _names(found)
    yield from (*(s for s in (wording.turned(found), wording.names(found)) if s), *found.notes)
    if found.leak.said:
        yield found.leak.said
    yield ""
    yield wording.sentence(found)
    yield " ".join(said for said in (wording.reach(found), wording.advice(found)) if said)
    if lost is not None:
        yield ""
        yield "General tasks"
        yield from _about(lost.comparison)
        yield from _measures(lost.comparison.measures)
        yield wording.general(lost)


def _about(found: Comparison) -> Iterator[str]:
    left = len(found.evals.unanswered)
    without = f", {left:,} more without an answer left out" if left else ""
    yield f"{plural(found.examples, 'eval example')}{without}, task {found.task} ({_reason(found)})"
    for name, side in (("baseline", found.baseline), ("tuned", found.tuned)):
        yield f"{name:<8}  {side.path}: matched by {side.how}"
        for said in wording.even(side, "the baseline" if name == "baseline" else "the tuned model"):
            yield f"          {said}"
    yield from wording.both(found)
    for one in found.evals.rejected[:1]:
        yield f"{plural(len(found.evals.rejected), 'eval record')} could not be read; the first: {one.ref}: {one.reason}"


def _reason(found: Comparison) -> str:
    return found.task_reason if found.task_reason in ("as given", "the project's") else f"guessed: {found.task_reason}"


def _measures(measures: Sequence[Measured]) -> Iterator[str]:
    yield f"{'measure':<30}  {'before':>7}  {'after':>7}  {'points':>7}  {'95% interval':<16}"
    for one in measures:
        before, after = wording.percent(one.baseline.value), wording.percent(one.tuned.value)
        change = wording.points(one.difference.value)
        outcome = "the same" if one.is_same else one.outcome
        yield (
            f"{wording.TITLES[one.id]:<30}  {before:>7}  {after:>7}  {change:>7}  {wording.span(one.difference):<16}  "
            f"{outcome}"
        )


def _names(found: Comparison) -> Iterator[str]:
    if not found.by_name:
        return
    kind = "label" if found.labelled else "field"
    yield ""
    yield f"{kind:<{_WIDTH}}  {'right':>6}  {'F1 before':>9}  {'after':>7}  {'points':>7}  95% interval"
    for one in found.by_name[:_NAMES]:
        yield _name(one)
    if len(found.by_name) > _NAMES:
        yield f"… {plural(len(found.by_name) - _NAMES, 'more ' + kind)} that changed less"
    if any(found.predicted_only):
        before, after = found.predicted_only
        yield (
            f"Answers that are no label: {before:,} different ones before, {after:,} after; they count as wrong, and as no label "
            "of their own."
        )
    yield ""


def _name(one: Named) -> str:
    name = one.name if len(one.name) <= _WIDTH else f"{one.name[: _WIDTH - 1]}…"
    name = "".join(c if c.isprintable() else " " for c in name)
    before, after = wording.percent(one.baseline.f1), wording.percent(one.tuned.f1)
    mark = "  changed" if one.changed else ""
    return (
        f"{name:<{_WIDTH}}  {one.baseline.support:>6,}  {before:>9}  {after:>7}  "
        f"{wording.points(one.difference.value):>7}  {wording.span(one.difference)}{mark}"
    )
