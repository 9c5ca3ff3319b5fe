"""How many examples remain: the effective size as it stands now, without the vectors that a check takes.

Derived from the findings that the newest check left, the decisions in force and the policy of an export. What only
vectors could tell, which members of a duplicate group are near each other once its representative is gone, is taken to be
all of them: one stays. An export measures it anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Self

from curator import formats, splits
from curator.model import Decision, Finding, Role, Severity, Verdict
from curator.review import judging
from curator.review.provenance import trace
from curator.review.required import Required, withheld
from curator.splits import Exclusion
from curator.store import Project, Run
from curator.tasks import NEEDS, Need, Task

NEAR = "near_duplicate"
ASKS_NOTHING = Required()
_GUESSED_BY = 200
_LATER = "9999"


@dataclass(frozen=True, slots=True)
class InOut:
    """How many examples of a label are in, and how many are out."""

    remaining: int
    out: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an export would take now.

    `run`: the check it goes by, None before the first (then only decisions count). `out`: why each candidate that is out
    is so. `by_label`: filled where the outputs are labels. `stale`: what changed since the check, of "sources", "texts",
    "cuts" and "task": another check may find otherwise. `outputs`: by candidate, where they are labels.
    """

    candidates: int
    evals: int
    out: Mapping[int, Exclusion]
    task: Task
    task_guessed: bool
    run: Run | None = None
    by_label: Mapping[str, InOut] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    outputs: Mapping[int, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        project: Project,
        in_force: frozenset[str] = splits.DEFAULT,
        run: Run | None = None,
        new: Sequence[Decision] = (),
        outputs: Mapping[int, str] | None = None,
        required: Required = ASKS_NOTHING,
    ) -> Self:
        """The outlook under these rules, and with what is `required` of reviewers, by the newest finished check or by the `run` given, such as one that goes on; as
        it would be with the decisions `new`. `outputs`: those of an earlier outlook, if no text changed since."""
        run = run or project.latest_run("check")
        settings = project.settings()
        task, guessed = _task(project, settings.get("task"), run)
        read: Mapping[int, str] = {}
        if task is Task.CLASSIFICATION:
            read = outputs or dict(project.outputs(Role.CANDIDATE))
        labels = dict(read)
        ids = list(labels) or project.ids(Role.CANDIDATE)
        standing = supposed(list(project.decisions()), new)
        decisions, dismissed = settled(standing)
        reviewed = trace(project, standing, decisions, alphas=required.alpha is not None)
        held = withheld(reviewed, ids, required, disputes=splits.DISAGREEMENT in in_force)
        barred = {id: Exclusion(id, one.rule, one.message, decision=one.decision) for id, one in held.items()}
        labels |= {d.example: d.value or "" for d in new if d.verdict is Verdict.RELABEL and d.example in labels}
        found = _findings(project, run) if run is not None else []
        out = splits.decide(ids, found, decisions, in_force, dismissed=dismissed, barred=barred)
        if NEAR in in_force:
            out |= _near_duplicates(found, set(ids), splits.approved(decisions), dismissed, out)
        evals, stale = project.counts().examples[Role.EVAL], _stale(project, run, task, len(ids))
        return cls(len(ids), evals, out, task, guessed, run, _by_label(labels, out), stale, read)

    @property
    def effective(self) -> int:
        """Candidates that are in."""
        return self.candidates - len(self.out)

    @property
    def by_reason(self) -> Mapping[str, int]:
        """How many are out by each rule, "decision" among them; the most first."""
        return dict(Counter(exclusion.rule for exclusion in self.out.values()).most_common())

    @property
    def need(self) -> Need:
        return NEEDS[self.task]

    @property
    def checked(self) -> bool:
        return self.run is not None


def supposed(standing: Sequence[Decision], new: Sequence[Decision]) -> list[Decision]:
    """The decisions in force if these were made as well, each in the place of its reviewer's earlier one."""
    replaced = {(d.reviewer, d.example) for d in new}
    return [*(d for d in standing if (d.reviewer, d.example) not in replaced), *(replace(d, at=_LATER) for d in new)]


def settled(standing: Sequence[Decision]) -> tuple[dict[int, Decision], frozenset[str]]:
    """What decisions in force come to, by example, and the findings (ids) that they dismiss."""
    by_example: dict[int, list[Decision]] = defaultdict(list)
    for decision in standing:
        by_example[decision.example].append(decision)
    resolved = {example: splits.resolve(votes) for example, votes in by_example.items()}
    return {example: one for example, one in resolved.items() if one is not None}, judging.dismissals(standing)


def _findings(project: Project, run: Run) -> list[Finding]:
    """The findings of a run; only groups need their evidence, which says who in them says the very same."""
    return [f for check in run.checks for f in project.findings(run.id, check, evidence=check == NEAR)]


def _near_duplicates(
    findings: Iterable[Finding],
    known: Collection[int],
    approved: Collection[int],
    dismissed: Collection[str],
    out: Mapping[int, Exclusion],
) -> dict[int, Exclusion]:
    """Of each group that has lost a member for another reason, or none, one stays: the representative, unless it is out,
    or a reviewer wants another. Groups that may be templates, and dismissed ones, stay whole."""
    listed = list(findings)
    copies = {id: f.examples for f in listed if f.check == "exact_duplicate" for id in f.examples}
    leaving: dict[int, Exclusion] = {}
    for finding in (f for f in listed if f.check == NEAR):
        if finding.severity is Severity.INFO or finding.id in dismissed:
            continue
        nodes = [[id for id in node if id in known and id not in out] for node in _nodes(finding, copies)]
        alive = [node for node in nodes if node]
        stays = next((node for node in alive if any(id in approved for id in node)), alive[0] if alive else [])
        for id in (id for node in alive if node is not stays for id in node):
            leaving[id] = Exclusion(id, NEAR, finding.message, finding=finding.id)
    return leaving


def _nodes(finding: Finding, copies: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """The members of a group, those that say the very same together: the representative's first."""
    lead = finding.examples[0]
    firsts = {other["example"] for other in finding.evidence.get("others", ())}
    nodes = [[lead, *(id for id in copies.get(lead, ()) if id not in finding.examples)]]
    for id in finding.examples[1:]:
        if id in firsts or len(nodes) == 1:
            nodes.append([id])
        else:
            nodes[-1].append(id)
    return nodes


def _task(project: Project, stored: str | None, run: Run | None) -> tuple[Task, bool]:
    """The task that was set, else that of the check, else a guess by the first examples."""
    if stored:
        return Task(stored), False
    if run is not None:
        return Task(run.settings["task"]), True
    return formats.guess_task(list(islice(project.examples(Role.CANDIDATE), _GUESSED_BY)))[0], True


def _by_label(labels: Mapping[int, str], out: Collection[int]) -> dict[str, InOut]:
    """Labels by how many examples have them, the most first."""
    total = Counter(label.strip() for label in labels.values())
    outside = Counter(labels[id].strip() for id in out if id in labels)
    return {
        label: InOut(n - outside[label], outside[label])
        for label, n in sorted(total.items(), key=lambda item: (-item[1], item[0]))
    }


def _stale(project: Project, run: Run | None, task: Task, candidates: int) -> tuple[str, ...]:
    if run is None:
        return ()
    since = project.changed_since(run.began)
    changed = {
        # An import that went on while the check ran has an entry from before it.
        "sources": since.sources or candidates != run.summary.get("candidates", candidates),
        "texts": since.texts,
        "cuts": since.cuts,
        "task": str(task) != run.settings["task"],
    }
    return tuple(name for name, is_so in changed.items() if is_so)
