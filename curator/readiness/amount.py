"""Enough examples? Of all together, and of each label."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

from curator.readiness.evidence import Evidence
from curator.readiness.points import Point, Todo
from curator.readiness.texts import text
from curator.tasks import NEEDS, Task

FEWEST_PER_LABEL = 10
"""Clean examples of a label below which a model will hardly learn it: fewer than one in a usual batch."""
EVEN = 0.4
"""Evenness from which labels count as balanced: with two labels, nine to one is below it, eight to two above."""
SHOWN = 5


def size(e: Evidence) -> Point:
    """What is left after cleaning, against the minimum and the ideal of the task."""
    left, task = e.report.effective, e.report.task
    found = size_of(left, e.candidates, task)
    if found.passed:
        return found
    todo, short = list(found.todo), NEEDS[task].minimum - left
    out = e.candidates - left - len(e.repeats)  # a repeat stays one, however it is mended
    if out > 0 and out * 4 >= short:
        todo.append(Todo(text("size.mend", n=out), e.command("open")))
    if e.report.task_guessed:
        todo.append(Todo(text("size.task", task=text(f"task.{task}")), e.command("ready", "--task TASK")))
    return replace(found, todo=tuple(todo))


def size_of(left: int, candidates: int, task: Task) -> Point:
    """The same by the numbers alone: `left` clean ones of so many candidates."""
    need = NEEDS[task]
    values = {
        "left": left,
        "all": candidates,
        "task": text(f"task.{task}"),
        "minimum": need.minimum,
        "ideal": need.ideal,
    }
    todo = (Todo(text("size.collect", n=need.minimum - left)),) if left < need.minimum else ()
    return Point(
        "size",
        left >= need.minimum,
        text("size.found", **values),
        todo,
        blocking=True,
        where={"page": "findings"},
        figures={"clean": left, "candidates": candidates, "minimum": need.minimum, "ideal": need.ideal}
        | {"missing": max(0, need.minimum - left), "missing_to_ideal": max(0, need.ideal - left)},
    )


def labels(e: Evidence) -> Point | None:
    """How many clean examples the rarest labels have; None where outputs are no labels."""
    counts = label_counts(e)
    if e.report.task is not Task.CLASSIFICATION or not counts:
        return None
    rare = sorted((n, label) for label, n in counts.items() if n < FEWEST_PER_LABEL)
    shown = [f"{label} {n}" for n, label in rare[:SHOWN]] + (["…"] if len(rare) > SHOWN else [])
    found = text("labels.found", n=len(counts), least=min(counts.values()), most=max(counts.values()))
    if rare:
        found = text("labels.rare", n=len(counts), rare=len(rare), fewest=FEWEST_PER_LABEL, labels=shown)
    missing = sum(FEWEST_PER_LABEL - n for n, _ in rare)
    todo = Todo(text("labels.collect", n=missing, labels=shown))
    if len(counts) == 1:
        found, todo = text("labels.one", label=next(iter(counts))), Todo(text("labels.others"))
    return Point(
        "labels",
        not rare and len(counts) > 1,
        found,
        (todo,) if rare or len(counts) == 1 else (),
        where={"page": "examples", "ids": _ids(e, {label for _, label in rare}), "title": ", ".join(shown)}
        if rare
        else {},
        figures={"labels": len(counts), "rare": {label: n for n, label in rare}, "fewest_per_label": FEWEST_PER_LABEL},
    )


def balance(e: Evidence) -> Point | None:
    """How evenly labels are spread: their effective number, the exponential of the entropy of their shares (Hill 1973), and
    the evenness that follows from it (Heip 1974)."""
    counts = [n for n in label_counts(e).values() if n]
    if e.report.task is not Task.CLASSIFICATION or len(counts) < 2:
        return None
    shares = [n / sum(counts) for n in counts]
    effective = math.exp(-sum(p * math.log(p) for p in shares))
    most = max(label_counts(e).items(), key=lambda item: (item[1], item[0]))
    even = (effective - 1) / (len(counts) - 1) >= EVEN
    share = most[1] / sum(counts)
    values = {"effective": effective, "n": len(counts), "label": most[0], "share": share}
    return Point(
        "balance",
        even,
        text("balance.found" if even else "balance.uneven", **values),
        () if even else (Todo(text("balance.todo", label=most[0])),),
        figures={"effective_labels": round(effective, 2), "labels": len(counts), "largest": most[0]}
        | {"largest_share": round(share, 4)},
    )


def label_counts(e: Evidence) -> Counter[str]:
    """Clean examples of each label; of all candidates where it is not known which are clean."""
    known = {label: n for label, n in (e.report.labels or {}).items() if label.strip()}
    if e.clean is None or e.data is None or not known:
        return Counter(known)
    c = e.data.candidates
    found = Counter(dict.fromkeys(known, 0))
    found.update(o for x, o in zip(c.examples, c.outputs, strict=True) if x.id in e.clean and o.strip())
    return found


def _ids(e: Evidence, labels: set[str]) -> list[int]:
    """The candidates with these labels."""
    return [id for id, x in e.report.examples.items() if e.is_candidate(id) and x.output in labels]
