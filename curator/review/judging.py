"""What reviewers say of findings: accepted and dismissed, and the cut that their verdicts on one check come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curator.errors import InputError
from curator.model import Decision, Finding, Role, Severity, Verdict
from curator.review.calibration import CALIBRATED, GOAL, Answered, Fitted, fit, sample
from curator.store import Calibration, FindingVerdict, JournalEntry, Project, Run
from curator.text import plural, share

BELOW = 100
"""Findings below a cut that may be asked about: as many as a check names as borderline."""
SHORTEST_ID = 6
"""Digits of a finding's id that must be given; like the names of commits, an id may be cut where it stays the only one."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The findings of one check from one run: the first `reported`, and then those just below `cut`, where it reports from.

    `own_cut`: where it would without any verdicts. `encoder`: sha256 of the weights by which the scores were made.
    """

    check: str
    findings: tuple[Finding, ...]
    reported: int
    cut: float | None
    own_cut: float | None
    encoder: str
    encoder_name: str

    @property
    def scores(self) -> dict[str, float]:
        return {finding.id: finding.score for finding in self.findings}


@dataclass(frozen=True, slots=True)
class Concluded:
    """What all verdicts on a check come to. `fitted` is None where they are too few; `calibration` is what was kept, if any."""

    verdicts: int
    fitted: Fitted | None
    calibration: Calibration | None


def refuse_check(check: str) -> None:
    """Raise InputError for a check that has no score to move a cut on."""
    if check not in CALIBRATED:
        raise InputError(f"{check!r} is no check that can be calibrated; those are {', '.join(CALIBRATED)}")


def asked(project: Project, check: str) -> Pool:
    """The findings that were last looked for to ask about. Raises InputError where there are none."""
    runs = (run for run in project.runs("ask") if run.finished is not None and run.settings["check"] == check)
    newest = next(runs, None)
    if newest is None:
        raise InputError(f"no sheet was asked for on {check} in {project.where}; write one with --ask FILE")
    return pool_of(project, newest)


def pool_of(project: Project, run: Run) -> Pool:
    said, check = run.summary, run.settings["check"]
    findings = tuple(project.findings(run.id, check))
    return Pool(check, findings, said["reported"], said["cut"], said["own_cut"], said["encoder"], said["encoder_name"])


def questions(project: Project, pool: Pool, number: int, goal: float = GOAL, seed: int = 0) -> list[Finding]:
    """Findings to ask about, highest score first: spread over those from the cut on, and over those just below it.

    The first time the cut is the one that the check used; later the one that the verdicts so far come to, so that new ones
    are given where they are worth most. What was judged is not asked about again.
    """
    verdicts = project.finding_verdicts(pool.check)
    judged = {verdict.finding for verdict in verdicts}
    ranked = sorted(pool.findings, key=lambda f: (-f.score, f.id))
    fitted = fit(pool.scores, _answers(verdicts, pool), goal, own=pool.cut, seed=seed)
    if fitted is not None:
        # No score reached the goal: if one does, it is among the highest.
        above = fitted.at.findings if fitted.at is not None else max(number, len(ranked) // 10)
        reported, below = ranked[:above], ranked[above : above + BELOW]
    else:
        reported, below = list(pool.findings[: pool.reported]), list(pool.findings[pool.reported :])
    candidates = _candidates(project, pool.findings)
    groups = {f.id: [id for id in f.examples if id in candidates] for f in ranked}
    named = {f.id: f for f in ranked}
    upper, lower = ({f.id: f.score for f in side if f.id not in judged} for side in (reported, below))
    return [named[id] for id in sample(upper, lower, groups, number, seed)]


def conclude(project: Project, pool: Pool, goal: float, reviewer: str | None = None, seed: int = 0) -> Concluded:
    """Fit a cut to every verdict on the check, and keep it where one reaches `goal`.

    A verdict counts at the score that its finding has now; where the finding is gone, at the score it had, if that was made
    by the same encoder.
    """
    answers = _answers(project.finding_verdicts(pool.check), pool)
    fitted = fit(pool.scores, answers, goal, own=pool.cut, seed=seed)
    if fitted is None or fitted.at is None:
        return Concluded(len(answers), fitted, None)
    at = fitted.at
    new = Calibration(
        pool.check,
        pool.encoder,
        pool.encoder_name,
        at.cut,
        pool.own_cut,
        goal,
        at.findings,
        at.precision,
        at.low,
        at.high,
        fitted.verdicts,
        fitted.right,
    )
    said = (
        f"Calibrated {pool.check} with {plural(fitted.verdicts, 'verdict')}: reports from {at.cut:.4f}, precision {at}"
    )
    project.calibrate(new, said, reviewer)
    return Concluded(len(answers), fitted, new)


def _answers(verdicts: Iterable[FindingVerdict], pool: Pool) -> list[Answered]:
    """One answer for each finding; where reviewers differ, the share that calls it right."""
    scores = pool.scores
    said: dict[str, list[bool]] = defaultdict(list)
    at: dict[str, float] = {}
    for verdict in verdicts:
        score = scores.get(verdict.finding, verdict.score if verdict.encoder == pool.encoder else None)
        if score is not None:
            said[verdict.finding].append(verdict.right)
            at[verdict.finding] = score
    return [Answered(id, at[id], sum(votes) / len(votes)) for id, votes in sorted(said.items())]


def set_cut(project: Project, pool: Pool, cut: float, reviewer: str | None = None) -> JournalEntry:
    """Let a check report from `cut` on because somebody says so. It is kept as a calibration is, without a precision.

    Raises InputError where the cut is no score.
    """
    refuse_check(pool.check)
    if not 0 <= cut <= 1:
        raise InputError(f"a cut is a score between 0 and 1, and {cut:g} is none")
    found = sum(finding.score >= cut for finding in pool.findings)
    new = Calibration(
        pool.check, pool.encoder, pool.encoder_name, cut, pool.own_cut, None, found, None, None, None, 0, 0.0
    )
    said = f"Set the cut of {pool.check} by hand: reports from {cut:.4f}, {plural(found, 'finding')}"
    return project.calibrate(new, said, reviewer)


def describe(one: Calibration) -> str:
    """A calibration in one line."""
    own = "" if one.own_cut is None else f" instead of {one.own_cut:.4f}"
    if one.precision is None or one.low is None or one.high is None:
        return (
            f"{one.check}: reports from score {one.cut:.4f}{own}, set by hand, precision unknown, "
            f"encoder {one.encoder_name}, {one.at[:10]}"
        )
    return (
        f"{one.check}: reports from score {one.cut:.4f}{own}, precision {share(one.precision)} "
        f"({share(one.low)}–{share(one.high)}), {plural(one.verdicts, 'verdict')} ({one.right:g} right), "
        f"encoder {one.encoder_name}, {one.at[:10]}"
    )


# Accepting and dismissing


@dataclass(frozen=True, slots=True)
class Chosen:
    """Findings of the latest check, and how many of a check were passed over: notes, and those that propose nothing."""

    run: Run
    findings: tuple[Finding, ...]
    passed_over: int = 0


def by_id(project: Project, wanted: Sequence[str]) -> Chosen:
    """Findings of the latest check by their ids, or the first digits of them. Raises InputError for one that is not there."""
    run = _latest(project)
    listed = list(project.findings(run.id))
    chosen = {}
    for given in wanted:
        digits = given.strip().lower()
        found = [f for f in listed if f.id.startswith(digits)] if len(digits) >= SHORTEST_ID else []
        if not found:
            raise InputError(
                f"the latest check of {project.where} has no finding {given!r}; --report and --json of `curator check` name them"
            )
        if len(found) > 1:
            raise InputError(f"{len(found)} findings begin with {given!r}; give more of the id")
        chosen[found[0].id] = found[0]
    return Chosen(run, tuple(chosen.values()))


def of_check(project: Project, check: str, at_least: float | None, *, proposing: bool) -> Chosen:
    """All findings of a check, from a score on if one is given. Notes are passed over: they are there to be looked at one by
    one; with `proposing` so are findings that propose nothing, or that were dismissed. Raises InputError where the check did not run."""
    run = _latest(project)
    if check not in run.checks:
        raise InputError(f"the latest check of {project.where} did not run {check!r}; it ran {', '.join(run.checks)}")
    found = [f for f in project.findings(run.id, check) if at_least is None or f.score >= at_least]
    dismissed = dismissals(project.decisions()) if proposing else frozenset()
    kept = [
        f
        for f in found
        if f.severity is not Severity.INFO and not (proposing and (f.suggestion is None or f.id in dismissed))
    ]
    return Chosen(run, tuple(kept), len(found) - len(kept))


def _latest(project: Project) -> Run:
    run = project.latest_run("check")
    if run is None:
        raise InputError(f"{project.where} was not checked yet; run `curator check` on it first")
    return run


def accept(project: Project, chosen: Chosen, reviewer: str, note: str = "", *, looked_at: bool = True) -> JournalEntry:
    """Do what the findings propose, in one entry of the journal.

    `looked_at`: each finding was judged by itself, so that it counts as a verdict; taken in a heap they say nothing of
    single findings. Raises InputError where a finding proposes nothing, or two of them different things.
    """
    made: dict[int, Decision] = {}
    for finding in chosen.findings:
        proposed = finding.suggestion
        if proposed is None or not proposed.examples:
            raise InputError(
                f"finding {finding.id} ({finding.check}) proposes nothing to accept; decide on its examples"
            )
        for example in proposed.examples:
            new = Decision("", example, "", reviewer, proposed.action, proposed.value_for(example), note)
            if made.setdefault(example, new) != new:
                raise InputError(
                    f"finding {finding.id} ({finding.check}) proposes something else for an example than one before it; "
                    "accept one of the two"
                )
    return _keep(project, chosen, list(made.values()), "Accepted", right=True, reviewer=reviewer if looked_at else None)


def dismiss(project: Project, chosen: Chosen, reviewer: str, note: str = "", *, looked_at: bool = True) -> JournalEntry:
    """Keep what the findings would take away or change, in one entry of the journal; they count no longer in an export.

    A reviewer has one decision in force on an example: the new one names what they dismissed before as well.
    """
    candidates = _candidates(project, chosen.findings)
    standing = {d.example: d for d in project.decisions() if d.reviewer == reviewer and _dismisses(d)}
    values = {example: (decision.value or "").split() for example, decision in standing.items()}
    touched: dict[int, list[str]] = {}
    for finding in chosen.findings:
        about = finding.suggestion.examples if finding.suggestion is not None else finding.examples
        for example in about:
            if example in candidates:
                touched.setdefault(example, values.get(example, [])).append(finding.id)
    decisions = [
        Decision("", example, "", reviewer, Verdict.KEEP, " ".join(dict.fromkeys(ids)), note)
        for example, ids in touched.items()
    ]
    return _keep(project, chosen, decisions, "Dismissed", right=False, reviewer=reviewer if looked_at else None)


def dismissals(decisions: Iterable[Decision]) -> frozenset[str]:
    """Ids of the findings that decisions in force dismiss."""
    return frozenset(id for d in decisions if _dismisses(d) for id in (d.value or "").split())


def _dismisses(decision: Decision) -> bool:
    # What came with the file says what its author labelled, not that they judged a finding.
    return decision.verdict is Verdict.KEEP and bool(decision.value) and not decision.imported


def _keep(
    project: Project, chosen: Chosen, decisions: list[Decision], did: str, *, right: bool, reviewer: str | None
) -> JournalEntry:
    counts: Mapping[str, int] = {
        c: sum(f.check == c for f in chosen.findings) for c in {f.check for f in chosen.findings}
    }
    what = ", ".join(f"{plural(number, 'finding')} of {check}" for check, number in sorted(counts.items()))
    encoder = str(chosen.run.summary.get("encoder", ""))
    verdicts = [
        FindingVerdict(f.check, f.id, f.score, right, reviewer, encoder)
        for f in chosen.findings
        if reviewer is not None and f.check in CALIBRATED
    ]
    return project.judge(verdicts, decisions, f"{did} {what}")


def _candidates(project: Project, findings: Iterable[Finding]) -> set[int]:
    """The examples of these findings that are to be trained on."""
    ids = sorted({id for finding in findings for id in finding.examples})
    return {example.id for example in project.get_examples(ids) if example.ref.role is Role.CANDIDATE}
