"""What goes into a release and what stays out, each with its reason. Reviewers' decisions come before findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from curator.errors import InputError
from curator.model import Decision, Finding, Severity, Verdict

DUPLICATES = ("exact_duplicate", "near_duplicate")
RULES: tuple[str, ...] = (
    "structure",
    "schema",
    "length",
    "leakage",
    "conflict",
    "label_error",
    "mismatched_pair",
    "outlier",
    *DUPLICATES,
)
DEFAULT: frozenset[str] = frozenset(RULES) - {"outlier"}
"""An outlier may be the rare case that the model needs most: it is shown, and left in."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why one example stays out: the `rule`, in words, and the finding or decision behind it."""

    example: int
    rule: str
    message: str
    finding: str | None = None
    decision: str | None = None


def rules(include: Iterable[str] = (), exclude: Iterable[str] = ()) -> frozenset[str]:
    """The rules in force. Raises InputError for a name that is none."""
    include, exclude = set(include), set(exclude)
    for name in sorted(include | exclude):
        if name not in RULES:
            raise InputError(f"there is no rule named {name!r}; the rules are {', '.join(RULES)}")
    if both := include & exclude:
        raise InputError(f"{sorted(both)[0]!r} is both included and excluded; name it once")
    return (DEFAULT - include) | exclude


def resolve(decisions: Sequence[Decision]) -> Decision | None:
    """What one example's decisions in force come to: the verdict most reviewers share, of equals the newest."""
    votes = [d for d in decisions if d.verdict is not Verdict.SKIP]
    if not votes:
        return None
    counts = Counter(d.verdict for d in votes)
    return max(votes, key=lambda d: (counts[d.verdict], d.at, d.id))


def decide(
    examples: Sequence[int],
    findings: Iterable[Finding],
    decisions: Mapping[int, Decision],
    in_force: frozenset[str],
    barred: Mapping[int, Exclusion] | None = None,
) -> dict[int, Exclusion]:
    """The examples (ids) that stay out, each with the first reason that applies.

    `decisions`: resolved, by example. A reviewer's keep, relabel or edit outweighs every finding; drop and flag keep
    out. `barred`: examples that stay out whatever anybody says, unless a better reason is known.
    """
    out: dict[int, Exclusion] = {}
    for id in examples:
        decision = decisions.get(id)
        if decision is not None and decision.verdict in (Verdict.DROP, Verdict.FLAG):
            word = "dropped" if decision.verdict is Verdict.DROP else "flagged"
            note = f": {decision.note}" if decision.note else ""
            out[id] = Exclusion(id, "decision", f"{word} by {decision.reviewer}{note}", decision=decision.id)
    safe = {id for id, d in decisions.items() if d.verdict in (Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT)}
    known = set(examples)
    by_check: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.check in in_force and finding.severity is not Severity.INFO:
            by_check[finding.check].append(finding)
    for check in RULES:
        if check == DUPLICATES[0]:
            # Before duplicates are judged, or the one that is kept might be one that cannot go out.
            out = {**(barred or {}), **out}
        for finding in by_check[check]:
            members = [id for id in finding.examples if id in known]
            if check in DUPLICATES:
                leaving = _all_but_one(members, out, safe)
            else:
                leaving = [id for id in (finding.suggestion.examples if finding.suggestion else members) if id in known]
            for id in leaving:
                if id not in safe:
                    out.setdefault(id, Exclusion(id, check, finding.message, finding=finding.id))
    return out


def _all_but_one(members: list[int], out: Mapping[int, Exclusion], safe: set[int]) -> list[int]:
    """Of a duplicate group the first that is still in stays; those a reviewer kept stay too."""
    alive = [id for id in members if id not in out]
    keep = next((id for id in alive if id in safe), alive[0] if alive else None)
    return [id for id in alive if id != keep]
