"""What a plan of an export is made of: plain values, for a process that does not load the engine."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Count:
    """A name and how many."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Left:
    """Examples (ids) that stay out by one rule: a check's name, `decision`, `target:NAME` or `size`. `message`: of the first."""

    rule: str
    ids: tuple[int, ...]
    message: str

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class RuleState:
    """A rule of the policy: whether it is `on`, as it is `usual` or not, and the examples (ids) that it keeps out, or would
    if it were on.

    `name` ends in `:warning` for the part of a rule that goes by warnings and is switched by itself.
    """

    name: str
    on: bool
    usual: bool
    ids: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Row:
    """One example of a refusal: where it came from, and what is wrong in its own words."""

    id: int
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a provider refuses (error), or loses or changes (warning, info), by one of its rules.

    `mend`: the fix that makes it go away for those of the examples in `mended`, None where there is none.
    """

    rule: str
    severity: str
    message: str
    fix: str | None
    ids: tuple[int, ...]
    rows: tuple[Row, ...]
    mend: str | None = None
    mended: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Caught:
    """Examples that would go out and that base models handle in a way one may not want."""

    models: str
    effect: str
    fix: str
    ids: tuple[int, ...]
    mend: str | None = None
    model: str = ""

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was chosen, and the examples (ids) of a target's files that it changes."""

    fix: str
    title: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FilePlan:
    """One file that would be written."""

    split: str
    rows: int
    tokens: int


@dataclass(frozen=True, slots=True)
class CostPlan:
    """What training a model would cost, and its price with the date, in words; "unknown" where it is."""

    model: str
    cost: str
    rate: str


@dataclass(frozen=True, slots=True)
class LengthBin:
    """`count` examples of `low` tokens up to, not including, `high` (None: no upper end)."""

    low: int
    high: int | None
    count: int


@dataclass(frozen=True, slots=True)
class LimitPlan:
    """The most tokens that an example may have for these targets, and how many examples are `over` it."""

    targets: tuple[str, ...]
    most: int
    over: int


@dataclass(frozen=True, slots=True)
class LengthPlan:
    """How long the examples of a split are ("" where splits are not known yet: all that are chosen).

    `unit`: what is counted and how surely, such as "tokens, exact (o200k_base)". All splits have the same bins.
    """

    split: str
    unit: str
    bins: tuple[LengthBin, ...]
    median: int
    longest: int
    limits: tuple[LimitPlan, ...]


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What one provider would take. `wanted`: it is among those that are to be written.

    `takes`: examples in its files; `refuses`: of all candidates, `missing` of them would go out otherwise. `limits`: what is
    wrong with the files as a whole; `told`: the limits that are known, in words. `billed`: the tokens that are, in words, and
    `costs` of each model, once splits are known. `group`: whom it is for; `base_models`: open models are tuned on its files; `warned`: of those it takes, how many have a warning or a trap;
    `asked`: False where it was not asked yet, so that no count is known.
    """

    name: str
    title: str
    wanted: bool
    takes: int
    refuses: int
    missing: int
    refusals: tuple[Refusal, ...]
    warnings: tuple[Refusal, ...]
    traps: tuple[Caught, ...]
    files: tuple[FilePlan, ...]
    tokens: int
    basis: str
    vocabulary: str
    limits: tuple[str, ...]
    told: tuple[str, ...]
    notes: tuple[str, ...]
    as_of: str
    source: str
    applied: tuple[Applied, ...] = ()
    preference: bool = False
    billed: str = ""
    costs: tuple[CostPlan, ...] = ()
    group: str = ""
    base_models: bool = False
    warned: int = 0
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Named:
    """Something that can be chosen: its name for options, its title for people, and what it `loses`, "" nothing."""

    name: str
    title: str
    loses: str = ""


@dataclass(frozen=True, slots=True)
class Below:
    """Fewer examples than the task needs. `by_size`: enough are clean, and only the size that was asked for is too small."""

    minimum: int
    chosen: int
    by_size: bool
    advice: str


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """A round, and how far its reviewers agree: Krippendorff's α, or `why` it is not known."""

    number: int
    name: str
    alpha: float | None
    why: str


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """What reviewers did, where there are several or a round: how the examples came to be as they are that go out
    (`provenance`), the `rounds`, and the rules about it: `disputes` with the examples that are disputed, `required` with those
    that stay out by each."""

    provenance: tuple[Count, ...]
    rounds: tuple[RoundPlan, ...]
    disputes: RuleState
    required: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export would do. `effective`: candidates left under the default policy whatever the target, as a check says;
    `fixes` and `models`: all that can be chosen, fixes in the order in which they are applied, and open models."""

    task: str
    minimum: int
    ideal: int
    size: str
    seed: int
    stratified: bool
    records: int
    readable: int
    effective: int
    clean: int
    chosen: int
    splits: tuple[Count, ...]
    out: tuple[Left, ...]
    rules: tuple[RuleState, ...]
    targets: tuple[TargetPlan, ...]
    groups: int
    remembered: int
    below: Below | None
    notes: tuple[str, ...]
    review: ReviewPlan | None = None
    lengths: tuple[LengthPlan, ...] = ()
    fixes: tuple[Named, ...] = ()
    models: tuple[Named, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As plain values, for a process that does not load the engine."""
        found: dict[str, Any] = _plain(self)
        return found


def _plain(value: Any) -> Any:
    """As `asdict` has it; but the many ids of examples are not looked at one by one."""
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple) and value and is_dataclass(value[0]):
        return tuple(map(_plain, value))
    return value
