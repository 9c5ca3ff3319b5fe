"""What can be done about a finding, and the one entry of the journal that does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from curator.checks.field_values import like_json, object_in, replaced
from curator.errors import InputError
from curator.model import Decision, Example, Finding, Verdict
from curator.review import judging
from curator.review.calibration import CALIBRATED
from curator.store import FindingVerdict, JournalEntry, Project, Run
from ui.i18n import number, tr, trn
from ui.presenters.findings import GROUPS, Inbox, Row, State
from ui.presenters.findings_views import output_key

Deed = Callable[[Project], JournalEntry]
REASONS = 8
"""Reasons that are remembered."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who decides, and why."""

    reviewer: str
    note: str = ""


def accept(run: Run, finding: Finding, who: Who) -> Deed:
    """Do what the finding proposes."""
    return lambda project: judging.accept(project, _chosen(run, finding), who.reviewer, who.note)


def dismiss(run: Run, finding: Finding, who: Who) -> Deed:
    """Say that the finding is wrong: what it would take away or change stays, and counts in an export."""

    def do(project: Project) -> JournalEntry:
        judged = finding
        if finding.check in GROUPS and _dropped_by(project, finding.examples, who.reviewer):
            # Somebody who chose another keeper before brings that back as well, not the suggested drops alone.
            judged = replace(finding, suggestion=None)
        return judging.dismiss(project, _chosen(run, judged), who.reviewer, who.note)

    return do


def keep_one(run: Run, finding: Finding, keep: int, who: Who) -> Deed:
    """Of a group that repeats itself keep one example and drop the others, whichever was suggested."""
    drops = tuple(example for example in finding.examples if example != keep)

    def do(project: Project) -> JournalEntry:
        mine = _mine(project, [keep], who.reviewer)
        again = [_keep(keep, mine, who)] if keep in _dropped_by(project, [keep], who.reviewer) else []
        suggested = finding.suggestion.examples if finding.suggestion is not None else ()
        if not again and set(drops) == set(suggested):
            return accept(run, finding, who)(project)
        dropped = [Decision("", example, "", who.reviewer, Verdict.DROP, None, who.note) for example in drops]
        return _judge(project, run, finding, [*dropped, *again], who, "Kept another one of a group")

    return do


def settle(run: Run, finding: Finding, output: str, who: Who) -> Deed:
    """Give all examples of a conflict one output; those that have it are kept, so that the conflict holds them no longer."""

    def do(project: Project) -> JournalEntry:
        examples = project.get_examples(finding.examples)
        mine = _mine(project, finding.examples, who.reviewer)
        decisions = [
            _keep(example.id, mine, who)
            if output_key(example.output) == output_key(output)
            else Decision("", example.id, "", who.reviewer, Verdict.RELABEL, output, who.note)
            for example in examples
        ]
        return _judge(project, run, finding, decisions, who, "Settled a conflict")

    return do


def drop_all(run: Run, finding: Finding, who: Who) -> Deed:
    """Drop every example of a finding that proposes nothing."""
    decisions = [Decision("", id, "", who.reviewer, Verdict.DROP, None, who.note) for id in finding.examples]
    return lambda project: _judge(project, run, finding, decisions, who, f"Accepted a finding of {finding.check}")


def relabel(run: Run, finding: Finding, values: Mapping[int, str], who: Who) -> Deed:
    """Give examples of a finding another output than it suggests: the finding was right that theirs is wrong."""
    decisions = [
        Decision("", example, "", who.reviewer, Verdict.RELABEL, value, who.note) for example, value in values.items()
    ]
    return lambda project: _judge(project, run, finding, decisions, who, f"Mended by a finding of {finding.check}")


def _judge(
    project: Project, run: Run, finding: Finding, decisions: Sequence[Decision], who: Who, said: str
) -> JournalEntry:
    verdict = FindingVerdict(
        finding.check, finding.id, finding.score, True, who.reviewer, str(run.summary.get("encoder", ""))
    )
    return project.judge([verdict] if finding.check in CALIBRATED else [], decisions, said)


def _keep(example: int, mine: Mapping[int, Decision], who: Who) -> Decision:
    """A keep that names what the reviewer dismissed on this example before: they have one decision on it in force."""
    before = mine.get(example)
    dismissed = before.value if before is not None and before.verdict is Verdict.KEEP and not before.imported else None
    return Decision("", example, "", who.reviewer, Verdict.KEEP, dismissed, who.note)


def _mine(project: Project, examples: Iterable[int], reviewer: str) -> dict[int, Decision]:
    return {d.example: d for id in examples for d in project.decisions(id) if d.reviewer == reviewer}


def _dropped_by(project: Project, examples: Iterable[int], reviewer: str) -> set[int]:
    mine = _mine(project, examples, reviewer)
    return {example for example, decision in mine.items() if decision.verdict in (Verdict.DROP, Verdict.FLAG)}


def _chosen(run: Run, *findings: Finding) -> judging.Chosen:
    return judging.Chosen(run, tuple(findings))


# What stands on the buttons


def accept_text(finding: Finding) -> str:
    """What accepting does, for the button."""
    proposed = finding.suggestion
    if proposed is None or not proposed.examples:
        return ""
    n = len(proposed.examples)
    if finding.check in GROUPS:
        return trn("Keep one, drop {n}", "Keep one, drop {n}", n)
    if proposed.action is Verdict.RELABEL:
        if proposed.values:
            return trn("Put {n} output back", "Put {n} outputs back", n)
        short = "" if proposed.value is None or len(proposed.value) > 32 or "\n" in proposed.value else proposed.value
        return tr("Relabel as {label}", label=short) if short else tr("Take the suggested output")
    if proposed.action is Verdict.FLAG:
        return tr("Flag it") if n == 1 else tr("Flag {n}", n=number(n))
    return tr("Drop it") if n == 1 else tr("Drop {n}", n=number(n))


def dismiss_text(finding: Finding) -> str:
    """What dismissing says, for the button."""
    if finding.check in GROUPS:
        return tr("They differ, keep all")
    return {
        "conflict": tr("Both are right"),
        "leakage": tr("Not a leak, keep it"),
        "label_error": tr("The label is right"),
        "mismatched_pair": tr("It belongs together"),
        "outlier": tr("It belongs here"),
    }.get(finding.check, tr("Keep as it is"))


def remembered(reasons: Sequence[str], new: str) -> list[str]:
    """The reasons to offer next time, the newest first."""
    said = new.strip()
    return [said, *(one for one in reasons if one != said)][:REASONS] if said else list(reasons)


# Many at once


@dataclass(frozen=True, slots=True)
class Bulk:
    """What deciding many findings of a check at once would do. `problem`: why it cannot be done, "" if it can.

    `passed_over`: those of the check that stay: notes, and findings that propose nothing.
    """

    check: str
    findings: tuple[Finding, ...]
    passed_over: int
    accepting: bool
    drops: int = 0
    relabels: int = 0
    flags: int = 0
    keeps: int = 0
    problem: str = ""

    def sentences(self) -> list[str]:
        """The effect in words."""
        if not self.findings:
            return [tr("No open finding is left to decide at this score.")]
        n = len(self.findings)
        done = [trn("Accepts {n} finding.", "Accepts {n} findings.", n)]
        if not self.accepting:
            done = [trn("Dismisses {n} finding.", "Dismisses {n} findings.", n)]
        parts = [
            trn("drops {n} example", "drops {n} examples", self.drops) if self.drops else "",
            trn("relabels {n} example", "relabels {n} examples", self.relabels) if self.relabels else "",
            trn("flags {n} example", "flags {n} examples", self.flags) if self.flags else "",
            trn("keeps {n} example", "keeps {n} examples", self.keeps) if self.keeps else "",
        ]
        told = ", ".join(part for part in parts if part)
        done.append(told[:1].upper() + told[1:] + "." if told else "")
        if self.passed_over:
            done.append(
                trn(
                    "{n} more is passed over: it is a note, or proposes nothing.",
                    "{n} more are passed over: they are notes, or propose nothing.",
                    self.passed_over,
                )
            )
        return [one for one in done if one]

    def deed(self, run: Run, who: Who) -> Deed:
        """Decide them in one entry of the journal; they say nothing of single findings."""
        act = judging.accept if self.accepting else judging.dismiss
        chosen = judging.Chosen(run, self.findings, self.passed_over)
        return lambda project: act(project, chosen, who.reviewer, who.note, looked_at=False)


def bulk(inbox: Inbox, chosen: judging.Chosen, accepting: bool, at_least: float) -> Bulk:
    """The open findings among those that `judging.of_check` chose, from a score on."""
    rows = {row.id: row for line in inbox.lines for row in line.rows}
    found = tuple(f for f in chosen.findings if f.score >= at_least and f.id in rows and rows[f.id].open)
    made = Bulk(found[0].check if found else "", found, _passed_over(inbox, found, at_least), accepting)
    actions: dict[int, tuple[Verdict, str | None]] = {}
    for finding in found:
        proposed = finding.suggestion
        about = proposed.examples if proposed is not None else finding.examples
        for example in about:
            new = (Verdict.KEEP, None)
            if accepting and proposed is not None:
                new = (proposed.action, proposed.value_for(example))
            if actions.setdefault(example, new) != new:
                made = replace(
                    made, problem=tr("Two findings propose different things for one example; decide these singly.")
                )
    verdicts = [verdict for verdict, _ in actions.values()]
    return replace(
        made,
        drops=verdicts.count(Verdict.DROP),
        relabels=verdicts.count(Verdict.RELABEL),
        flags=verdicts.count(Verdict.FLAG),
        keeps=verdicts.count(Verdict.KEEP),
    )


def _passed_over(inbox: Inbox, found: Sequence[Finding], at_least: float) -> int:
    """How many open findings of the same check are not among those found; what is decided already is none of them."""
    line = inbox.line(found[0].check) if found else None
    open_now = sum(row.open and row.finding.score >= at_least for row in line.rows) if line is not None else 0
    return max(0, open_now - len(found))


def of_check(project: Project, check: str, accepting: bool) -> judging.Chosen:
    """All of a check that can be decided at once. Raises InputError where the newest check is not finished."""
    return judging.of_check(project, check, None, proposing=accepting)


def state_text(row: Row) -> str:
    """What became of a finding, in one line."""
    if row.below:
        return tr("Below the cut: it is not reported any more")
    said = {
        State.OPEN: "",
        State.ACCEPTED: tr("Accepted by {name}", name=row.by),
        State.DISMISSED: tr("Dismissed by {name}", name=row.by),
        State.OVERTAKEN: tr("Decided otherwise by {name}", name=row.by),
    }[row.state]
    return f"{said}: {row.note}" if said and row.note else said


def field_value(example: Example, name: str, value: str) -> str:
    """The output of an extraction with another value (as JSON) in the field `name`, in the way it is written."""
    document = object_in(example.output)
    if document is None:
        raise InputError(tr("The output of this example is no JSON object any more; edit it in Examples."))
    return like_json(example.output, replaced(document, tuple(name.split(".")), json.loads(value)))


def score_text(score: float) -> str:
    """A score as it is written everywhere: 0.98."""
    return number(score, 2)
