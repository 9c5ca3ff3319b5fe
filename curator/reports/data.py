"""What a report is made of. The pipeline fills these in; nothing here reads files or computes findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curator.embedding import EncoderInfo
from curator.model import Example, Finding, Rejected, Role, Severity, Source
from curator.store import Calibration
from curator.tasks import NEEDS, Need, Task
from curator.text import plural, share


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check that ran, or did not (`skipped` says why). `examples` is how many its findings name.

    `calibration`: what set the score from which it reports, verdicts or a hand, None where its own rule did.
    """

    name: str
    findings: int
    examples: int
    title: str = ""
    skipped: str | None = None
    calibration: Calibration | None = None

    def __post_init__(self) -> None:
        if not self.title:
            object.__setattr__(self, "title", self.name.replace("_", " ").capitalize())

    @property
    def calibrated(self) -> str:
        """How sure the findings are by the reviewers' verdicts, or that a hand set the cut; "" where neither did."""
        c = self.calibration
        if c is None or self.skipped is not None:
            return ""
        if c.precision is None or c.low is None or c.high is None:
            return f"cut by hand: from score {c.cut:.4f} on, precision unknown"
        return (
            f"calibrated by {plural(c.verdicts, 'verdict')}: from score {c.cut:.4f} on, "
            f"precision {share(c.precision)} ({share(c.low)}–{share(c.high)})"
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that the user set, such as `leakage:0`; `check` names the check it is about, if one. `detail`: what the
    value is, or why there is none, where that does not go without saying."""

    rule: str
    met: bool
    value: float | None
    check: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bin:
    """`count` values from `low` up to, not including, `high` (None: no upper end)."""

    low: int
    high: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Limit:
    """So long may an example be for these targets; `over`: how many are longer."""

    targets: tuple[str, ...]
    most: int
    over: int


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long examples are. `unit` says what is counted and how surely, such as "tokens, exact (o200k_base)"; `limits` are
    those of the targets, the lowest first; `name` that of the split, "" where it is about all."""

    unit: str
    bins: tuple[Bin, ...]
    median: int
    longest: int
    limits: tuple[Limit, ...] = ()
    name: str = ""

    @classmethod
    def of(cls, values: Iterable[int], unit: str, limits: Mapping[str, int] | None = None) -> Lengths | None:
        """About 20 bins of one width, a round number; the longest hundredth share the last. None without values.

        `limits`: the most that an example may have, by target.
        """
        made = cls.by({"": list(values)}, unit, limits)
        return made[0] if made else None

    @classmethod
    def by(
        cls, values: Mapping[str, Sequence[int]], unit: str, limits: Mapping[str, int] | None = None
    ) -> tuple[Lengths, ...]:
        """The same for each of these lists by its name, all in the bins of them together; empty ones are left out."""
        ordered = sorted(value for some in values.values() for value in some)
        if not ordered:
            return ()
        usual = ordered[(len(ordered) - 1) * 99 // 100]
        width = _round_up(max(1, -(-(usual + 1) // 20)))
        count = -(-(usual + 1) // width)
        open_ended = ordered[-1] // width >= count
        made = []
        for name, some in values.items():
            if not some:
                continue
            mine, counts = sorted(some), Counter(min(value // width, count) for value in some)
            bins = [Bin(i * width, (i + 1) * width, counts[i]) for i in range(count)]
            bins += [Bin(count * width, None, counts[count])] if open_ended else []
            made.append(cls(unit, tuple(bins), mine[len(mine) // 2], mine[-1], _limits(limits or {}, mine), name))
        return tuple(made)


def _limits(limits: Mapping[str, int], values: Sequence[int]) -> tuple[Limit, ...]:
    return tuple(
        Limit(
            tuple(name for name in sorted(limits) if limits[name] == most), most, sum(value > most for value in values)
        )
        for most in sorted(set(limits.values()))
    )


def _round_up(width: int) -> int:
    """The next of 1, 2, 5, 10, 20, 50, …"""
    power = int(10 ** (len(str(width)) - 1))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= width)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Everything `curator check` found.

    `findings` are all of them and `examples` finds one by its id; `effective` is how many candidates
    are left once what the findings suggest to drop is gone. `labels` counts the outputs of a
    classification task (None: another task). `created` is a time for people, "" to leave it out.
    """

    version: str
    task: Task
    task_guessed: bool
    seed: int
    sources: tuple[Source, ...]
    rejected: tuple[Rejected, ...]
    checks: tuple[CheckRun, ...]
    findings: tuple[Finding, ...]
    examples: Mapping[int, Example]
    effective: int
    encoder: EncoderInfo | None = None
    gates: tuple[Gate, ...] = ()
    labels: Mapping[str, int] | None = None
    lengths: Lengths | None = None
    created: str = ""

    @property
    def need(self) -> Need:
        return NEEDS[self.task]

    def total(self, role: Role) -> int:
        """Examples read in a role."""
        return sum(source.examples for source in self.sources if source.role == role)

    def by_check(self) -> dict[str, list[Finding]]:
        """The findings of each check, the gravest and highest scores first."""
        grouped: dict[str, list[Finding]] = {run.name: [] for run in self.checks}
        for finding in sorted(self.findings, key=_gravest):
            grouped.setdefault(finding.check, []).append(finding)
        return grouped


_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def _gravest(finding: Finding) -> tuple[int, float, str]:
    return _GRAVITY[finding.severity], -finding.score, finding.id


@dataclass(frozen=True, slots=True)
class Step:
    """How many examples are left after a step of the export; `note` says what the step did."""

    name: str
    count: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why `count` examples were left out, with a few of them to look at."""

    reason: str
    count: int
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was measured across the splits. `nearest` is the highest cosine of two examples in different
    splits (None: there is one split, or nothing to compare), `pair` those two; `straddling` how many
    groups of near duplicates lie in more than one split: 0, or the release is not written."""

    nearest: float | None
    groups: int
    straddling: int
    seed: int
    pair: tuple[Example, Example] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LabelSplit:
    """How many examples of a label each split has, by the name of the split."""

    label: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round of review: how many `items` were voted on, and how far its reviewers agree (Krippendorff's α); where that is
    not known `why` says why."""

    number: int
    name: str
    items: int
    votes: int
    reviewers: int
    alpha: float | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class TargetFile:
    """One file that was written and what its provider's rules say of it. `tokens` None: not counted."""

    target: str
    split: str
    path: Path
    rows: int
    bytes: int
    sha256: str
    problems: Sequence[str] = ()
    notes: Sequence[str] = ()
    tokens: int | None = None
    tokens_basis: str = ""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What a provider's rule says of `count` examples: the `message` of the first, what to do (`fix`), and the fix named
    `mend`, "" where there is none, that makes it go away for `mended` of them."""

    rule: str
    count: int
    message: str
    fix: str = ""
    mend: str = ""
    mended: int = 0


@dataclass(frozen=True, slots=True)
class TargetLine:
    """A line of the matrix: `takes` of the chosen examples are in a target's files, `refuses` of all candidates never would
    be. `fixed`: how many of the taken each chosen fix changes; `traps`: what open models would do to them."""

    name: str
    title: str
    takes: int
    refuses: int
    refusals: tuple[RuleLine, ...] = ()
    warnings: tuple[RuleLine, ...] = ()
    fixed: tuple[tuple[str, int], ...] = ()
    traps: tuple[RuleLine, ...] = ()
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class CostLine:
    """What training with a model would cost, in words, and the price with its date."""

    model: str
    cost: str
    rate: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TargetCosts:
    """What a release comes to for a target, in words: `counted` says by which vocabulary and how surely, `summary` all of it
    in one line, `notes` what is to be known about it."""

    target: str
    counted: str
    billed: str
    limit: str
    summary: str
    lines: tuple[CostLine, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseReport:
    """One export. `steps` go from what was read to what was chosen; `splits` share the last of them.

    `provenance`: how many of these came to be as they are in each way, such as "unanimous"; `rounds`: those of the project.
    `name` of the dataset, and `number` of this release of it. `lengths`: of each split, all in the same bins.
    """

    version: str
    task: Task
    task_guessed: bool
    seed: int
    size: str
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    excluded: tuple[Reason, ...]
    splits: tuple[Step, ...]
    certificate: Certificate
    files: tuple[TargetFile, ...]
    targets: tuple[TargetLine, ...] = ()
    encoder: EncoderInfo | None = None
    labels: tuple[LabelSplit, ...] = ()
    settings: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = ""
    provenance: Mapping[str, int] = field(default_factory=dict)
    rounds: tuple[RoundLine, ...] = ()
    name: str = ""
    number: int = 0
    lengths: tuple[Lengths, ...] = ()
    costs: tuple[TargetCosts, ...] = ()

    @property
    def need(self) -> Need:
        return NEEDS[self.task]

    @property
    def reviewed(self) -> bool:
        """Whether people had a say in it, other than by annotations that came with a file."""
        return bool(self.rounds or set(self.provenance) - {"none", "imported"})

    @property
    def chosen(self) -> int:
        """Examples in all splits together."""
        return sum(split.count for split in self.splits)
