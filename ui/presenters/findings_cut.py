"""Where a check reports from: what another cut would report, and what verdicts on borderline findings come to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from curator.errors import InputError
from curator.model import Finding
from curator.review import judging
from curator.review.calibration import ASKED, CALIBRATED, FEWEST, GOAL, Fitted
from curator.store import Calibration, FindingVerdict, JournalEntry, Project, Run
from ui.i18n import number, share, tr, trn
from ui.presenters.findings import Inbox, excerpt

STEPS = 1_000
"""Positions of the slider from 0 to 1."""
NEAR = 2
"""Findings shown on each side of the cut."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """All that is known around the cut of a check: `findings`, highest score first, and where it stands `now`.

    `pool` is None where nobody looked yet below the cut: then only what the run reported is here, and a cut cannot be kept.
    `kept`: the calibration in force; `verdicts` how many are in force on the check.
    """

    check: str
    findings: tuple[Finding, ...]
    now: float
    pool: judging.Pool | None = None
    kept: Calibration | None = None
    verdicts: int = 0
    excerpts: Mapping[str, str] = field(default_factory=dict)
    """The beginning of what each finding is about."""

    @property
    def lowest(self) -> float:
        """The least score that the slider reaches."""
        return math.floor(min((f.score for f in self.findings), default=0.0) * STEPS) / STEPS

    def count(self, cut: float) -> int:
        """How many findings are reported from a score on."""
        return sum(finding.score >= cut for finding in self.findings)

    def near(self, cut: float) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """The findings just above a cut and those just below it, the nearest to it in the middle."""
        at = self.count(cut)
        return self.findings[max(0, at - NEAR) : at], self.findings[at : at + NEAR]

    def sentence(self, cut: float) -> str:
        """What a cut would report, against now."""
        n, before = self.count(cut), self.count(self.now)
        said = trn("{n} finding from {cut} on", "{n} findings from {cut} on", n, cut=number(cut, 3))
        if n == before:
            return tr("{said}; as many as now", said=said)
        if n > before:
            return tr("{said}; {n} more than now", said=said, n=number(n - before))
        return tr("{said}; {n} fewer than now", said=said, n=number(before - n))


def can_be_moved(check: str) -> bool:
    """Whether a check reports from a score on."""
    return check in CALIBRATED


def threshold(project: Project, inbox: Inbox, check: str) -> Threshold:
    """What is known now: the pool that was last looked for, if nothing was checked since, else what the run reported."""
    kept = inbox.cuts.get(check)
    pool = _pool(project, check, inbox.run)
    verdicts = len(project.finding_verdicts(check))
    line = inbox.line(check)
    if pool is not None:
        listed, excerpts = list(pool.findings), {finding.id: excerpt(finding) for finding in pool.findings}
    else:
        rows = line.rows if line is not None else ()
        listed, excerpts = [row.finding for row in rows], {row.id: row.excerpt for row in rows}
    ranked = tuple(sorted(listed, key=lambda finding: (-finding.score, finding.id)))
    if kept is not None:
        now = kept.cut
    elif pool is not None and pool.own_cut is not None:
        now = pool.own_cut
    else:
        now = min((finding.score for finding in ranked), default=0.0)
    return Threshold(check, ranked, now, pool, kept, verdicts, excerpts)


def _pool(project: Project, check: str, run: Run | None) -> judging.Pool | None:
    """What was last looked for around the cut, unless it is older than the check, or by another encoder."""
    asked = (one for one in project.runs("ask") if one.finished is not None and one.settings["check"] == check)
    newest = next(asked, None)
    if newest is None or run is None or newest.began < run.began:
        return None
    pool = judging.pool_of(project, newest)
    return pool if run.summary.get("encoder", pool.encoder) == pool.encoder else None


def set_cut(project: Project, held: Threshold, cut: float, reviewer: str) -> JournalEntry:
    """Keep a cut that somebody chose by hand."""
    if held.pool is None:
        raise InputError(tr("Look below the cut first: only then is it known what another one would report."))
    return judging.set_cut(project, held.pool, cut, reviewer)


def kept_text(kept: Calibration | None) -> str:
    """What set the cut in force."""
    if kept is None:
        return tr("The check's own cut is in force.")
    if kept.precision is None or kept.low is None or kept.high is None:
        return tr("A cut set by hand is in force: {cut}. Its precision is not known.", cut=number(kept.cut, 3))
    return tr(
        "Verdicts set the cut at {cut}: {precision} of the findings from there on are expected to be right ({low} to {high}).",
        cut=number(kept.cut, 3),
        precision=share(kept.precision),
        low=share(kept.low),
        high=share(kept.high),
    )


# Judging borderline findings one by one


@dataclass(frozen=True, slots=True)
class Asking:
    """Findings to be judged, the place of the one that is asked about now, and what was said of those before it."""

    check: str
    questions: tuple[Finding, ...]
    place: int = 0
    said: tuple[bool | None, ...] = ()

    @property
    def current(self) -> Finding | None:
        return self.questions[self.place] if self.place < len(self.questions) else None

    @property
    def given(self) -> int:
        return sum(one is not None for one in self.said)

    def answered(self, right: bool | None) -> Asking:
        """On to the next; None: it was passed over."""
        return Asking(self.check, self.questions, self.place + 1, (*self.said, right))

    def back(self) -> Asking:
        """To the one before."""
        return Asking(self.check, self.questions, max(0, self.place - 1), self.said[:-1])


def ask(project: Project, pool: judging.Pool) -> Asking:
    """What is worth asking now: half of it above the cut, half below."""
    seed = int(project.settings().get("seed", 0))
    return Asking(pool.check, tuple(judging.questions(project, pool, ASKED, seed=seed)))


def answer(project: Project, pool: judging.Pool, finding: Finding, right: bool, reviewer: str) -> JournalEntry:
    """Keep one verdict."""
    word = "right" if right else "wrong"
    verdict = FindingVerdict(pool.check, finding.id, finding.score, right, reviewer, pool.encoder)
    return project.judge([verdict], text=f"Judged a finding of {pool.check} {word}: {finding.id}")


def conclude(project: Project, pool: judging.Pool, reviewer: str, goal: float = GOAL) -> judging.Concluded:
    """Let all verdicts on the check set its cut, where they are enough."""
    return judging.conclude(project, pool, goal, reviewer, int(project.settings().get("seed", 0)))


def outcome(done: judging.Concluded) -> list[str]:
    """What the verdicts came to, in words."""
    if done.fitted is None:
        missing = max(0, FEWEST - done.verdicts)
        said = trn("{n} verdict so far.", "{n} verdicts so far.", done.verdicts)
        return [said, trn("{n} more sets a cut.", "{n} more set a cut.", missing)]
    return list(_fitted(done.fitted))


def _fitted(fitted: Fitted) -> Iterable[str]:
    yield tr("{right} of {n} verdicts say right.", right=number(fitted.right), n=number(fitted.verdicts))
    if fitted.own is not None:
        yield tr(
            "As it was, {precision} of {n} findings are expected to be right ({low} to {high}).",
            precision=share(fitted.own.precision),
            n=number(fitted.own.findings),
            low=share(fitted.own.low),
            high=share(fitted.own.high),
        )
    if fitted.at is None:
        yield tr(
            "No cut reaches {goal}, so none was set: choose one by hand, or dismiss what is wrong.",
            goal=share(fitted.goal),
        )
    else:
        yield tr(
            "From {cut} on, {precision} of {n} findings are expected to be right ({low} to {high}): the cut is set there.",
            cut=number(fitted.at.cut, 3),
            precision=share(fitted.at.precision),
            n=number(fitted.at.findings),
            low=share(fitted.at.low),
            high=share(fitted.at.high),
        )
    if fitted.lowest:
        yield tr("Even the lowest findings are in: look again to see further down.")
    if fitted.more:
        yield trn("{n} more verdict would make this surer.", "{n} more verdicts would make this surer.", fitted.more)


def position(score: float) -> int:
    """Where a score is on the slider."""
    return round(score * STEPS)


def score_at(position: int) -> float:
    return position / STEPS
