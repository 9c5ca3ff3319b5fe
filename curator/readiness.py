"""Fine-tune, or take a simpler step first? A first answer, from the data alone.

The ladder is the one that practitioners' guides agree on: better prompts, few-shot examples, retrieval, and only then
fine-tuning. Data can show that fine-tuning would fail; whether it is *needed* only a try at the earlier rungs can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curator.model import Role, Severity
from curator.reports.data import CheckReport
from curator.tasks import BELOW_MINIMUM, Task
from curator.text import plural

NOISE_LIMIT = 0.05
"""Share of likely wrong labels from which they should be mended first."""
EVAL_SHARE = 0.1
FEWEST_PER_LABEL = 10
RULE_OF_THREE = 30
"""Eval examples below which even a perfect score leaves the error rate unknown by 10 points (3/n)."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was looked at: `passed`, what was found, and what it would take where it was not."""

    name: str
    passed: bool
    found: str
    todo: str = ""
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    """`ready`: nothing that blocks; `rung`: the step of the ladder to take now, with its reason."""

    ready: bool
    rung: str
    why: str
    points: tuple[Point, ...]

    def lines(self) -> list[str]:
        """The answer as text for a terminal."""
        head = (
            f"{'Ready to fine-tune' if self.ready else 'Not ready to fine-tune'}. Next step: {self.rung}; {self.why}."
        )
        rows = [
            f"  {'ok  ' if p.passed else 'MISS' if p.blocking else 'look'}  {p.name}: {p.found}" for p in self.points
        ]
        todo = [f"  - {p.todo}" for p in self.points if not p.passed and p.todo]
        asked = (
            "The data cannot say whether fine-tuning is needed: try three rounds of prompting, a few examples in the prompt, "
            "and retrieval for knowledge that changes, and keep their scores to compare with."
        )
        return [head, *rows, *(["To do:", *todo] if todo else []), asked]

    def as_json(self) -> dict[str, Any]:
        points = [
            {"name": p.name, "passed": p.passed, "blocking": p.blocking, "found": p.found, "todo": p.todo}
            for p in self.points
        ]
        return {"schema": "curator/ready/1", "ready": self.ready, "rung": self.rung, "why": self.why, "points": points}


def judge(report: CheckReport) -> Readiness:
    """Weigh what a check found."""
    points = tuple(
        p
        for p in (_size(report), _held_out(report), _leaks(report), _noise(report), _labels(report), _form(report))
        if p
    )
    size = points[0]
    missing = [p for p in points if p.blocking and not p.passed]
    if not size.passed:
        return Readiness(False, "few-shot prompting", f"with so few clean examples {BELOW_MINIMUM}", points)
    if missing:
        return Readiness(False, "mend the data", f"{missing[0].name} comes first", points)
    return Readiness(True, "fine-tune", "the data meets what the task needs", points)


def _size(report: CheckReport) -> Point:
    need, left = report.need, report.effective
    found = f"{left:,} clean examples of {report.total(Role.CANDIDATE):,}; {need.title.lower()} needs {need.minimum:,}, ideally {need.ideal:,}"
    todo = f"collect or mend {need.minimum - left:,} more examples" if left < need.minimum else ""
    return Point("size", left >= need.minimum, found, todo, blocking=True)


def _held_out(report: CheckReport) -> Point:
    evals = report.total(Role.EVAL)
    if not evals:
        held = round(report.effective * EVAL_SHARE)
        found = f"no eval set given; the export would hold out about {held:,} examples"
        todo = "give the eval set that you compare prompts with, by --eval, so that it is protected"
        return Point("eval set", held >= RULE_OF_THREE, found, todo)
    found = f"{evals:,} eval examples: an error rate is known to about ±{100 / evals**0.5:.0f} points"
    todo = f"collect {RULE_OF_THREE - evals} more eval examples" if evals < RULE_OF_THREE else ""
    return Point("eval set", evals >= RULE_OF_THREE, found, todo)


def _leaks(report: CheckReport) -> Point | None:
    if not report.total(Role.EVAL):
        return None
    leaks = len(report.by_check().get("leakage", []))
    found = f"{leaks:,} candidates repeat eval examples" + ("; an export leaves them out" if leaks else "")
    return Point("leaks", True, found)


def _noise(report: CheckReport) -> Point | None:
    checks = {"label_error", "conflict", "mismatched_pair"} & {run.name for run in report.checks if not run.skipped}
    if not checks:
        return None
    named = {
        id
        for f in report.findings
        if f.check in checks and f.severity is not Severity.INFO
        for id in f.examples
        if report.examples[id].ref.role is Role.CANDIDATE
    }
    share = len(named) / max(1, report.total(Role.CANDIDATE))
    found = f"{len(named):,} examples ({share:.1%}) look wrong or contradictory"
    return Point(
        "noise", share <= NOISE_LIMIT, found, f"review these {len(named):,} examples: noisy labels teach noise"
    )


def _labels(report: CheckReport) -> Point | None:
    labels = {label: n for label, n in (report.labels or {}).items() if label.strip()}
    if report.task is not Task.CLASSIFICATION or not labels:
        return None
    rare = sorted(label for label, n in labels.items() if n < FEWEST_PER_LABEL)
    found = f"{len(labels):,} labels, {min(labels.values()):,} to {max(labels.values()):,} examples each"
    shown = ", ".join(rare[:5]) + (" …" if len(rare) > 5 else "")
    return Point("labels", not rare, found, f"collect more of the rare labels ({shown}), or merge them")


def _form(report: CheckReport) -> Point | None:
    form = [f for f in report.findings if f.check in ("structure", "schema") and f.severity is Severity.ERROR]
    total = len({id for f in form for id in f.examples})
    found = f"{total:,} examples break turns or schema" + ("; an export leaves them out" if total else "")
    return Point(
        "form", total <= 0.02 * report.total(Role.CANDIDATE), found, "mend the broken examples at their source"
    )


@dataclass(frozen=True, slots=True)
class Status:
    """What a project holds, and the next step. `packet`: it is a reviewer's part of a round, made from a packet."""

    where: str
    task: str | None
    candidates: int
    evals: int
    rejected: int
    decisions: int
    reviewers: int
    findings: Mapping[str, int]
    effective: int | None
    stale: bool
    size: int
    rounds: int = 0
    votes: int = 0
    packet: bool = False
    votes_only: bool = False
    """Whether this account is a reviewer's, who can run no check and write no export."""

    def next_step(self) -> str:
        if self.packet:
            return f"vote: curator open {self.where}; then send the answer: curator pack {self.where}"
        if self.votes_only:
            return f"vote: curator open {self.where}"
        if not self.candidates:
            return f"import a file: curator import {self.where} FILE"
        if self.effective is None:
            return f"check it: curator check {self.where}"
        return f"export it: curator export {self.where} --target openai --out FOLDER"

    def lines(self) -> list[str]:
        found = ", ".join(f"{name} {n:,}" for name, n in self.findings.items() if n) or "none yet"
        effective = "" if self.effective is None else f", {self.effective:,} of them would be exported"
        return [
            f"{self.where}: {self.candidates:,} candidates{effective}, {self.evals:,} eval examples, {self.rejected:,} rejected records",
            f"task: {self.task or 'guessed at each check'} · decisions: {self.decisions:,} {self._by()} · {self.size / 1e6:.1f} MB",
            *self._rounds(),
            f"findings of the latest check: {found}" + (" (the project changed since)" if self.stale else ""),
            f"Next: {self.next_step()}",
        ]

    def _by(self) -> str:
        # What all agree on settles itself: that is nobody's decision.
        return f"by {plural(self.reviewers, 'reviewer')}" if self.reviewers or not self.decisions else "by consensus"

    def _rounds(self) -> list[str]:
        if not self.rounds:
            return []
        return [f"rounds of review: {self.rounds:,}, with {plural(self.votes, 'vote')}; curator assign {self.where}"]

    def as_json(self) -> dict[str, Any]:
        keys = (
            "where",
            "task",
            "candidates",
            "evals",
            "rejected",
            "decisions",
            "reviewers",
            "rounds",
            "votes",
            "effective",
            "stale",
            "size",
        )
        values = {key: getattr(self, key) for key in keys}
        return {"schema": "curator/status/1", **values, "findings": dict(self.findings), "next": self.next_step()}
