"""What the overview shows, without Qt: how many examples remain and why, what was found, and the one thing to do next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.model import Role, Severity, Source, Verdict
from curator.store import Project, Run
from curator.tasks import Need, Task
from ui.i18n import number, tr, trn
from ui.presenters.agreement import AgreementLine, agreement
from ui.presenters.sides import judging_text
from ui.presenters.words import check_advice, check_help, check_title, rule_title, task_title

if TYPE_CHECKING:
    from curator.outlook import Outlook
    from curator.reports.data import Lengths
    from ui.presenters.findings import Inbox

DECISION = "decision"
DISAGREEMENT = "disagreement"
PROVIDER = "openai"
SAMPLE = 30
"""Examples that a person should have looked at before an export: checks find what they know, people the rest."""
MEASURED, AT_ONCE = 5_000, 250
"""Examples whose length is measured, a few at a time; of more, these are taken evenly."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """How many examples remain, against what the task needs and the provider asks for."""

    count: int
    candidates: int
    need: Need
    provider: str
    provider_minimum: int | None

    @property
    def zone(self) -> str:
        """below, enough or ideal."""
        if self.count < self.minimum:
            return "below"
        return "ideal" if self.count >= self.need.ideal else "enough"

    @property
    def minimum(self) -> int:
        return max(self.need.minimum, self.provider_minimum or 0)

    @property
    def verdict(self) -> str:
        """What the number means, in a sentence."""
        if self.zone == "ideal":
            return tr("As many as is ideal.")
        if self.zone == "enough":
            return tr("{n} more would be ideal.", n=number(self.need.ideal - self.count))
        return tr("{n} too few to fine-tune: take few-shot prompting instead.", n=number(self.minimum - self.count))


@dataclass(frozen=True, slots=True)
class Taken:
    """One reason for which examples are out: a check, or the decisions of reviewers."""

    rule: str
    title: str
    examples: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.examples)


@dataclass(frozen=True, slots=True)
class Check:
    """One check and how far its findings are decided. `severity` None: it found nothing; `pending`: it has not run yet."""

    name: str
    title: str
    help: str
    total: int
    open: int
    severity: Severity | None
    pending: bool = False

    @property
    def todo(self) -> str:
        """What to do about it."""
        if self.pending:
            return tr("Not run yet")
        if not self.total:
            return tr("Nothing found")
        if not self.open:
            return tr("All decided")
        if self.severity is Severity.INFO:
            return trn("{n} note to look at", "{n} notes to look at", self.open)
        return trn("{n} to decide", "{n} to decide", self.open)


@dataclass(frozen=True, slots=True)
class LabelLine:
    label: str
    remaining: int
    out: int


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One file: where it is from, and what was made of it."""

    id: int
    name: str
    path: str
    role: Role
    format: str
    examples: int
    rejected: int
    complete: bool


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do now: `kind` is import, check, findings, review, collect or export; `where` what it is about."""

    kind: str
    title: str
    why: str
    button: str
    where: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of it. `stale` is a sentence on what changed since the check, "" where nothing did."""

    gauge: Gauge
    evals: int
    task: Task
    task_guessed: bool
    checked: bool
    complete: bool
    taken: tuple[Taken, ...]
    checks: tuple[Check, ...]
    labels: tuple[LabelLine, ...]
    agreement: AgreementLine
    sources: tuple[SourceLine, ...]
    stale: str
    step: NextStep
    outputs: Mapping[int, str] = field(default_factory=dict, repr=False)

    @property
    def rejected(self) -> int:
        return sum(source.rejected for source in self.sources)

    @property
    def out(self) -> int:
        return sum(one.count for one in self.taken)

    @property
    def open(self) -> int:
        return sum(check.open for check in self.checks)


def read(project: Project, before: Overview | None = None, *, texts: bool = True) -> Overview:
    """Everything but the lengths; about a second for 100,000 examples. Less where no `texts` changed since `before`."""
    from curator.comparison.sides_round import holds_sides
    from curator.outlook import Outlook
    from ui.presenters.findings import Inbox

    inbox = Inbox.load(project)
    run = inbox.run if inbox.run is not None and inbox.run.checks else None
    outlook = Outlook.of(project, run=run, outputs=None if texts or before is None else before.outputs)
    settings = project.settings()
    gauge = _gauge(outlook, str(settings.get("target") or PROVIDER))
    decisions = [d for d in project.decisions() if not d.imported]
    decided = {d.example for d in decisions if d.verdict is not Verdict.SKIP}
    sources = tuple(_source(one) for one in project.sources())
    checks = _checks(inbox)
    return Overview(
        gauge,
        outlook.evals,
        outlook.task,
        outlook.task_guessed,
        inbox.run is not None,
        _finished(inbox.run),
        _taken(outlook),
        checks,
        _labels(outlook),
        agreement(project, decisions, outlook.task),
        sources,
        _stale(outlook.stale),
        _judge_step()
        if holds_sides(project)
        else next_step(gauge, sources, inbox.run, outlook.stale, checks, len(decided)),
        outlook.outputs,
    )


def providers() -> list[tuple[str, str]]:
    """Name and title of each provider whose rules are known."""
    from curator.targets import Rules, names

    return [(name, Rules.load(name).title) for name in names()]


def lengths(project: Project) -> tuple[Lengths | None, Lengths | None, bool]:
    """How long inputs and outputs are, in characters; and whether a part of the examples stands for all."""
    from curator.reports.data import Lengths

    ids = project.ids(Role.CANDIDATE)
    every = -(-len(ids) // MEASURED) if ids else 1
    some, inputs, outputs = ids[::every], [], []
    for start in range(0, len(some), AT_ONCE):
        for example in project.get_examples(some[start : start + AT_ONCE]):
            inputs.append(len(example.input))
            outputs.append(len(example.output))
    return Lengths.of(inputs, "characters"), Lengths.of(outputs, "characters"), every > 1


def next_step(
    gauge: Gauge,
    sources: Sequence[SourceLine],
    run: Run | None,
    stale: Sequence[str],
    checks: Iterable[Check],
    decided: int,
) -> NextStep:
    """The first of the ladder that is not done: import, check, decide, look at some, then collect or export."""
    if (unfinished := next((one for one in sources if not one.complete), None)) is not None:
        why = tr("Its import was stopped. Importing it again goes on where it was.")
        title = tr("Finish importing {name}", name=unfinished.name)
        return NextStep("import", title, why, tr("Go on"), {"files": [unfinished.path]})
    if not gauge.candidates:
        why = tr("There is nothing to train on in this project yet.")
        return NextStep("import", tr("Import a file to train on"), why, tr("Import files…"), {})
    if not _finished(run) or {"sources", "task"} & set(stale):
        return _check_step(run, stale)
    undecided = next((c for c in checks if c.open and c.severity is not Severity.INFO), None)
    if undecided is not None:
        title = trn(
            "Decide {n} finding: {check}", "Decide {n} findings: {check}", undecided.open, check=undecided.title
        )
        return NextStep(
            "findings", title, check_advice(undecided.name), tr("Go to findings"), {"check": undecided.name}
        )
    if stale:
        return _check_step(run, stale)
    if decided < min(SAMPLE, gauge.candidates):
        why = tr("Checks find what they know. Half an hour of looking at a sample tells whether the rest is good.")
        return NextStep("review", tr("Review a sample"), why, tr("Start reviewing"), {})
    if gauge.zone == "below":
        short = gauge.minimum - gauge.count
        title = trn("Collect {n} more example", "Collect {n} more examples", short)
        why = tr("With so few, fine-tuning will likely overfit: take few-shot prompting until there are more.")
        return NextStep("collect", title, why, tr("Import more…"), {})
    why = tr("Everything found is decided. {verdict}", verdict=gauge.verdict)
    return NextStep(
        "export", trn("Export {n} example", "Export {n} examples", gauge.count), why, tr("Go to export"), {}
    )


def _judge_step() -> NextStep:
    return NextStep("rounds", tr("Judge the answers"), judging_text(), tr("Go to rounds"), {})


def _check_step(run: Run | None, stale: Sequence[str]) -> NextStep:
    if run is None or run.finished is None:
        why = tr("Duplicates, leaks into the eval set, wrong labels and broken records are still to be found.")
        return NextStep("check", tr("Check the data"), why, tr("Check now"), {})
    return NextStep("check", tr("Check again"), _stale(stale), tr("Check again"), {})


def _stale(what: Sequence[str]) -> str:
    """What changed since the check, in one sentence."""
    if not what:
        return ""
    said = {
        "sources": tr("files came or went"),
        "texts": tr("examples were rewritten"),
        "cuts": tr("a check was calibrated"),
        "task": tr("the task was changed"),
    }
    return tr("Since the last check {changes}.", changes=", ".join(said[one] for one in what))


def _finished(run: Run | None) -> bool:
    return run is not None and run.finished is not None


def _gauge(outlook: Outlook, provider: str) -> Gauge:
    from curator.targets import Rules, names

    known = provider if provider in names() else PROVIDER
    rules = Rules.load(known)
    return Gauge(outlook.effective, outlook.candidates, outlook.need, rules.title, rules.min_rows)


def _taken(outlook: Outlook) -> tuple[Taken, ...]:
    by_rule: dict[str, list[int]] = defaultdict(list)
    for id, exclusion in outlook.out.items():
        by_rule[exclusion.rule].append(id)
    order = sorted(by_rule, key=lambda rule: (-len(by_rule[rule]), rule))
    return tuple(Taken(rule, _reason(rule), tuple(sorted(by_rule[rule]))) for rule in order)


def _reason(rule: str) -> str:
    return tr("Dropped or flagged by reviewers") if rule == DECISION else rule_title(rule)


def _labels(outlook: Outlook) -> tuple[LabelLine, ...]:
    """The labels with most examples left first."""
    lines = (LabelLine(label, n.remaining, n.out) for label, n in outlook.by_label.items())
    return tuple(sorted(lines, key=lambda line: (-line.remaining, -line.out, line.label)))


def _checks(inbox: Inbox) -> tuple[Check, ...]:
    """The gravest first; those that found nothing last."""
    made = [
        Check(line.name, check_title(line.name), check_help(line.name), len(line.rows), line.open, line.severity, line.pending)
        for line in inbox.lines
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda check: (not check.pending and not check.total, not check.open)))


def _source(one: Source) -> SourceLine:
    name = Path(one.path).name
    return SourceLine(one.id, name, one.path, one.role, one.format, one.examples, one.rejected, one.complete)


def label_spread(labels: Sequence[LabelLine], fewest: int = 10) -> str:
    """What the distribution of labels says, in a sentence."""
    if not labels:
        return ""
    counts = Counter({line.label: line.remaining for line in labels})
    rare = sum(n < fewest for n in counts.values())
    said = trn("{n} label", "{n} labels", len(labels))
    if rare:
        return (
            said
            + ", "
            + trn("{n} with fewer than {few} examples", "{n} with fewer than {few} examples", rare, few=fewest)
        )
    most, least = max(counts.values()), min(counts.values())
    return said + ", " + tr("{least} to {most} examples each", least=number(least), most=number(most))


def task_line(view: Overview) -> str:
    """The task, and whether it was guessed."""
    title = task_title(view.task)
    return tr("{task} (guessed)", task=title) if view.task_guessed else title
