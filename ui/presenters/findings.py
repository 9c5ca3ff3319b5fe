"""The inbox of findings: by check, worst first, each with the state that the decisions in force give it.

Nothing here is stored: what a finding comes to is derived from decisions whenever they change. Findings are held without
their evidence, which is read again for the one that is shown, so that an inbox of thousands stays small.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from curator import outlook
from curator.model import Decision, Finding, Severity, Verdict
from curator.review import judging
from curator.store import Calibration, Project, Run

GROUPS = ("exact_duplicate", "near_duplicate")
EXCERPT = 120
ONE_BY_ONE = 40
"""Examples whose decisions are read one by one; for more of them all decisions are read at once."""
_OUT = (Verdict.DROP, Verdict.FLAG)
_SEVERITIES = list(Severity)
_TEXTS = ("input", "text", "candidate")
_LISTS = ("inputs", "shown")
_FOLDERS = re.compile(r"[^\s('\"]*[/\\](?=[^/\\\s]+, (?:lines?|records?) \d)")


class State(StrEnum):
    """What has become of a finding. `OVERTAKEN`: all its examples were decided otherwise than it proposes."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Row:
    """One finding of the list: its state, and who decided so with what reason. `excerpt` is the beginning of its text.

    `below`: its score lies under the cut that was set since, so it counts no longer once the check runs again.
    """

    finding: Finding
    run: int
    excerpt: str
    state: State = State.OPEN
    by: str = ""
    note: str = ""
    below: bool = False

    @property
    def id(self) -> str:
        return self.finding.id

    @property
    def open(self) -> bool:
        return self.state is State.OPEN and not self.below


@dataclass(frozen=True, slots=True)
class Standing:
    """What the decisions in force come to by example, and which of them dismiss each finding."""

    resolved: Mapping[int, Decision] = field(default_factory=dict)
    dismissed: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, project: Project) -> Self:
        by_example: dict[int, list[Decision]] = defaultdict(list)
        for decision in project.decisions():
            by_example[decision.example].append(decision)
        return cls.of(by_example)

    @classmethod
    def of(cls, votes: Mapping[int, Iterable[Decision]]) -> Self:
        """From the decisions in force by example."""
        listed = [decision for some in votes.values() for decision in some]
        resolved, _ = outlook.settled(listed)
        dismissed: dict[str, tuple[Decision, ...]] = {}
        for decision in listed:
            for id in judging.dismissals([decision]):
                dismissed[id] = (*dismissed.get(id, ()), decision)
        return cls(resolved, dismissed)

    def again(self, project: Project, examples: Collection[int]) -> Standing:
        """The same after decisions on these examples changed."""
        if len(examples) > ONE_BY_ONE:
            return Standing.read(project)
        now = Standing.of({example: tuple(project.decisions(example)) for example in examples})
        kept = {example: one for example, one in self.resolved.items() if example not in examples}
        said = {
            id: left
            for id, some in self.dismissed.items()
            if (left := tuple(decision for decision in some if decision.example not in examples))
        }
        return Standing(
            kept | now.resolved, said | {id: (*said.get(id, ()), *new) for id, new in now.dismissed.items()}
        )

    def decided(self, example: int) -> Decision | None:
        """What was decided on an example; what came with a file decides nothing, unless it drops."""
        decision = self.resolved.get(example)
        if decision is None or (decision.imported and decision.verdict not in _OUT):
            return None
        return decision


def judge(finding: Finding, standing: Standing) -> tuple[State, Decision | None]:
    """The state of a finding, and the decision that tells who made it so."""
    if dismissals := standing.dismissed.get(finding.id):
        return State.DISMISSED, max(dismissals, key=lambda decision: (decision.at, decision.id))
    if finding.check in GROUPS:
        return _judge_group(finding, standing)
    proposed = finding.suggestion
    about = proposed.examples if proposed is not None else finding.examples
    decided = {example: standing.decided(example) for example in about}
    made = [decision for decision in decided.values() if decision is not None]
    if not made or len(made) < len(decided):
        return State.OPEN, None
    newest = max(made, key=lambda decision: (decision.at, decision.id))
    # A reviewer who keeps a leak has not made it harmless: an export leaves it out until the finding is dismissed.
    if finding.check == "leakage" and any(decision.verdict not in _OUT for decision in made):
        return State.OPEN, None
    as_proposed = proposed is None or all(
        decision.verdict is proposed.action
        and (proposed.action is not Verdict.RELABEL or decision.value == proposed.value_for(decision.example))
        for decision in made
    )
    return State.ACCEPTED if as_proposed else State.OVERTAKEN, newest


def _judge_group(finding: Finding, standing: Standing) -> tuple[State, Decision | None]:
    """A group is settled once at most one member is left, whichever that is."""
    out = [standing.decided(example) for example in finding.examples]
    gone = [decision for decision in out if decision is not None and decision.verdict in _OUT]
    left = len(finding.examples) - len(gone)
    if left > 1 or not gone:
        return State.OPEN, None
    newest = max(gone, key=lambda decision: (decision.at, decision.id))
    return State.ACCEPTED if left else State.OVERTAKEN, newest


@dataclass(frozen=True)
class CheckLine:
    """One check of the inbox with its findings, worst first. `pending`: the newest run has not come to it yet, so what
    stands here, if anything, is of the run before."""

    name: str
    rows: tuple[Row, ...]
    pending: bool = False

    @cached_property
    def severity(self) -> Severity | None:
        """The worst there is, decided or not: so that checks keep their place while one works through them."""
        return min((row.finding.severity for row in self.rows), key=_SEVERITIES.index, default=None)

    @property
    def open(self) -> int:
        return self._counts[0]

    @property
    def below(self) -> int:
        return self._counts[1]

    @property
    def decided(self) -> int:
        return self._counts[2]

    @cached_property
    def _counts(self) -> tuple[int, int, int]:
        states, below = Counter(row.state for row in self.rows), [row for row in self.rows if row.below]
        undecided = sum(row.state is State.OPEN for row in below)
        return states[State.OPEN] - undecided, len(below), len(self.rows) - states[State.OPEN]


@dataclass(frozen=True, slots=True)
class Inbox:
    """All findings of the newest run. `run` is None before the first check; while one goes on it is that one.

    `cuts`: the calibrations that hold for the encoder of the run, by check; `moved`: the checks whose cut was set or taken
    back after the run, so that another run would report otherwise.
    """

    run: Run | None
    lines: tuple[CheckLine, ...]
    standing: Standing
    runs: Mapping[int, Run] = field(default_factory=dict)
    cuts: Mapping[str, Calibration] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()
    places: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)
    """By example, the findings about it: number of the check, and place in it."""

    @classmethod
    def load(cls, project: Project) -> Self:
        """Read it anew: after a check, an import, or when the project is opened."""
        standing = Standing.read(project)
        run, earlier = _newest(project)
        if run is None:
            return cls(None, (), standing)
        names = list(run.settings["checks"])
        of = {name: run if name in run.checks else earlier for name in names}
        lines = []
        for name in names:
            source = of[name]
            held = source is not None and name in source.checks
            rows = _read(project, source, name) if source is not None and held else []
            judged = tuple(_with_state(row, standing) for row in rows)
            lines.append(CheckLine(name, judged, pending=name not in run.checks))
        lines.sort(key=_rank)
        runs = {one.id: one for one in of.values() if one is not None}
        return cls(run, tuple(lines), standing, runs, places=_places(lines)).under_cuts(project)

    def after(self, project: Project, examples: Collection[int]) -> Self:
        """The same after decisions on these examples changed."""
        standing = self.standing.again(project, examples)
        touched: dict[int, set[int]] = defaultdict(set)
        for example in examples:
            for line, place in self.places.get(example, ()):
                touched[line].add(place)
        lines = list(self.lines)
        for number, places in touched.items():
            rows = list(lines[number].rows)
            for place in places:
                rows[place] = _with_state(rows[place], standing)
            lines[number] = replace(lines[number], rows=tuple(rows))
        return replace(self, lines=tuple(lines), standing=standing)

    def under_cuts(self, project: Project) -> Self:
        """The same after a cut was set, forgotten or brought back."""
        if self.run is None:
            return self
        cuts = _cuts(project, self.runs.values())
        lines = []
        for line in self.lines:
            cut = cuts[line.name].cut if line.name in cuts else -1.0
            lines.append(replace(line, rows=tuple(_with_below(row, row.finding.score < cut) for row in line.rows)))
        return replace(self, lines=tuple(lines), cuts=cuts, moved=_moved(self.run, cuts))

    def line(self, check: str) -> CheckLine | None:
        return next((line for line in self.lines if line.name == check), None)

    def find(self, id: str) -> Row | None:
        return next((row for line in self.lines for row in line.rows if row.id == id), None)

    def about(self, row: Row) -> Run:
        """The run that a row is of."""
        return self.runs[row.run]

    @property
    def open(self) -> int:
        return sum(line.open for line in self.lines)

    @property
    def total(self) -> int:
        return sum(len(line.rows) for line in self.lines)

    @property
    def finished(self) -> bool:
        return self.run is not None and self.run.finished is not None


def _places(lines: Iterable[CheckLine]) -> dict[int, list[tuple[int, int]]]:
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, line in enumerate(lines):
        for place, row in enumerate(line.rows):
            for example in row.finding.examples:
                places[example].append((number, place))
    return dict(places)


def _newest(project: Project) -> tuple[Run | None, Run | None]:
    """The newest run, also one that goes on, and for one that is not finished the newest finished before it."""
    runs = project.runs("check")
    if not runs:
        return None, None
    earlier = next((run for run in runs[1:] if run.finished is not None), None)
    if runs[0].finished is None and not runs[0].checks and earlier is not None:
        # It was stopped, or has just begun: until it has found something the one before stands alone.
        return earlier, None
    return runs[0], None if runs[0].finished is not None else earlier


def _read(project: Project, run: Run, check: str) -> list[Row]:
    rows = [Row(replace(f, evidence={}), run.id, excerpt(f)) for f in project.findings(run.id, check)]
    return sorted(rows, key=lambda r: (_SEVERITIES.index(r.finding.severity), -r.finding.score, r.id))


def _rank(line: CheckLine) -> tuple[Any, ...]:
    worst = line.severity
    alike = sum(row.finding.severity is worst for row in line.rows)
    return (len(_SEVERITIES) if worst is None else _SEVERITIES.index(worst), -alike, line.name)


def _cuts(project: Project, runs: Iterable[Run]) -> dict[str, Calibration]:
    encoders = {str(run.summary["encoder"]) for run in runs if run.summary.get("encoder")}
    # The encoder is told at the end of a run; until then whatever cut there is is taken to hold for it.
    return {one.check: one for one in project.calibrations() if not encoders or one.encoder in encoders}


def _moved(run: Run, cuts: Mapping[str, Calibration]) -> frozenset[str]:
    """Checks that the run ran by another cut than now."""
    then = run.settings.get("cuts", {})
    now = {check: one.cut for check, one in cuts.items()}
    return frozenset(check for check in {*then, *now} if then.get(check) != now.get(check))


def _with_state(row: Row, standing: Standing) -> Row:
    state, decision = judge(row.finding, standing)
    by, note = (decision.reviewer, decision.note) if decision is not None else ("", "")
    return row if (state, by, note) == (row.state, row.by, row.note) else replace(row, state=state, by=by, note=note)


def _with_below(row: Row, below: bool) -> Row:
    return row if row.below == below else replace(row, below=below)


def excerpt(finding: Finding) -> str:
    """The beginning of what the finding is about, on one line."""
    evidence = finding.evidence
    found = next((evidence[key] for key in _TEXTS if isinstance(evidence.get(key), str)), None)
    if found is None:
        first = next((evidence[key][0] for key in _LISTS if evidence.get(key)), {})
        found = first.get("text", first.get("input", ""))
    text = " ".join(str(found).split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"


def said_of(finding: Finding) -> str:
    """The message of a finding as a sentence, without the folders of the files that it names."""
    said = _FOLDERS.sub("", finding.message)
    return said[:1].upper() + said[1:]


def next_open(rows: Sequence[Row], after: str) -> Row | None:
    """The open finding that comes next, from the beginning again where none follows."""
    at = next((place for place, row in enumerate(rows) if row.id == after), -1)
    order = (*range(at + 1, len(rows)), *range(max(at, 0)))
    return next((rows[place] for place in order if rows[place].open), None)
