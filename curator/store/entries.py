"""The dataclasses that only the store hands out: entries of the journal, runs, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from curator.model import Role


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that was done to a project: `at` (ISO 8601, UTC), by `actor`, said in the sentence `text`.

    `action` is create, import, round, assign, decide, vote, merge, judge, calibrate, settings, check (or another kind of run),
    export, undo or redo; an undo or a redo is about `entry`. `in_force` is False once it is undone, `undoable` where `undo`
    takes it. `round` is the id of the round that it is about.
    """

    id: int
    at: str
    actor: str
    action: str
    text: str
    entry: int | None = None
    in_force: bool = True
    round: str | None = None

    @property
    def undoable(self) -> bool:
        return self.in_force and self.action in UNDOABLE


UNDOABLE = ("import", "round", "decide", "vote", "merge", "judge", "calibrate", "settings")


@dataclass(frozen=True, slots=True)
class Run:
    """One run over the examples, such as a check. `finished` is None for one that was stopped or still goes on.

    `checks` has, for each check that finished, the number of its findings.
    """

    id: int
    kind: str
    settings: Mapping[str, Any]
    began: str
    finished: str | None
    summary: Mapping[str, Any]
    checks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FindingVerdict:
    """What a reviewer says of one finding, which had the score `score`: right, or wrong.

    `encoder` is the sha256 of the weights by which the score was made, "" where it is not known.
    """

    check: str
    finding: str
    score: float
    right: bool
    reviewer: str
    encoder: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The score `cut` from which a check reports, as reviewers' verdicts set it, for one encoder (sha256 of its weights).

    `verdicts` were given, `right` of them in favour of the finding (of several reviewers on one finding each counts in part).
    Of the `findings` from the cut on a share of `precision` was expected to be right, `low` to `high` with 95%; `goal` was
    asked for. `own_cut`: where the check reported before, None where it did not say. `at`: when, ISO 8601 in UTC.

    A cut that somebody set by hand rests on no verdict: `goal`, `precision`, `low` and `high` are None.
    """

    check: str
    encoder: str
    encoder_name: str
    cut: float
    own_cut: float | None
    goal: float | None
    findings: int
    precision: float | None
    low: float | None
    high: float | None
    verdicts: int
    right: float
    at: str = ""

    @property
    def by_hand(self) -> bool:
        return self.precision is None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a project holds, in force; `votes` are no `decisions`. `findings` is by check, of the newest finished run; `size` in bytes."""

    sources: int
    examples: Mapping[Role, int]
    rejected: int
    decisions: int
    reviewers: int
    findings: Mapping[str, int]
    size: int
    rounds: int = 0
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """What names a project among all (`id`, a UUID), and the 32 bytes that sign its packets: they never leave it."""

    id: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Account:
    """A reviewer and the database role that decides in their name, None where there is none; `adjudicates`: settles votes."""

    name: str
    role: str | None
    adjudicates: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """Votes that came from elsewhere: `new` were kept, `known` were there already. `entry` is None where none was new."""

    entry: JournalEntry | None
    new: int
    known: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What of a project a release was made of: everything up to these numbers of `journal`, `examples`, `rejected` records and
    `decisions`; `unfinished`: ids of the sources whose import was not complete.

    `looks`: by round (its id), example and reviewer (None: nobody yet) of the looks that were owed on items with votes.
    `check`: the settings of the check, `wanted`: what was asked to be released, both as plain values. `moved`: something was done to the project while the release was made.
    """

    journal: int
    examples: int
    rejected: int
    decisions: int
    unfinished: tuple[int, ...] = ()
    looks: Mapping[str, Sequence[tuple[int, str | None]]] = field(default_factory=dict)
    check: Mapping[str, Any] = field(default_factory=dict)
    wanted: Mapping[str, Any] = field(default_factory=dict)
    moved: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        looks = {id: tuple((example, who) for example, who in listed) for id, listed in values["looks"].items()}
        return cls(**{**values, "unfinished": tuple(values["unfinished"]), "looks": looks})


@dataclass(frozen=True, slots=True)
class Release:
    """One export, number `number` of the project, under the `name` of its dataset; `at` (ISO 8601, UTC), by `actor`.

    `entry`: its number in the journal. `folder`: where it was written. `settings`: as its manifest has them. `manifest`:
    sha256 of that file. `summary`: counts and fingerprint, as the manifest has them. `manifest` and `snapshot` are None where an
    older Curator wrote it.
    """

    id: int
    number: int
    name: str
    at: str
    actor: str
    entry: int
    folder: str
    settings: Mapping[str, Any]
    manifest: str | None = None
    snapshot: Snapshot | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Its name and number, as they are said."""
        return f"{self.name} {self.number}"


def now() -> str:
    """The time as it is kept: ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
