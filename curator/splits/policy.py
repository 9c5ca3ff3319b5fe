"""What goes into a release and what stays out, each with its reason. Reviewers' decisions come before findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from curator.errors import InputError
from curator.model import Decision, Finding, Kind, Severity, Verdict

DUPLICATES = ("exact_duplicate", "near_duplicate")
JUDGED = frozenset(
    "structure schema length personal_data language conflict label_error mismatched_pair outlier".split()
)
"""Rules about an example itself: a reviewer who approved it has judged them."""
RULES: tuple[str, ...] = (
    "structure",
    "schema",
    "length",
    "personal_data",
    "language",
    "leakage",
    "conflict",
    "label_error",
    "mismatched_pair",
    "outlier",
    *DUPLICATES,
)
DISAGREEMENT = "disagreement"
"""The rule about what reviewers disagree on and nobody settled: to let one of them win would be a guess."""
DEFAULT: frozenset[str] = frozenset((*RULES, DISAGREEMENT)) - {"outlier"}
"""An outlier may be the rare case that the model needs most: it is shown, and left in."""
ERRORS_ALONE = frozenset({"personal_data"})
"""Rules that go by errors alone unless they are named to exclude by: a key or a card number is never wanted, an e-mail
address may be what the data is about."""
SETTLING = (Kind.CONSENSUS, Kind.ADJUDICATION)
"""Decisions that settle the votes of a round."""
_AND_WARNINGS = ":warning"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why one example stays out: the `rule`, in words, and the finding or decision behind it."""

    example: int
    rule: str
    message: str
    finding: str | None = None
    decision: str | None = None


def rules(include: Iterable[str] = (), exclude: Iterable[str] = ()) -> frozenset[str]:
    """The rules in force; with `NAME:warning` for one that goes by warnings, too. Raises InputError for a name that is none."""
    include, exclude = set(include), set(exclude)
    known = (*RULES, DISAGREEMENT)
    for name in sorted(include | exclude):
        if name not in known:
            raise InputError(f"there is no rule named {name!r}; the rules are {', '.join(known)}")
    if both := include & exclude:
        raise InputError(f"{sorted(both)[0]!r} is both included and excluded; name it once")
    return (DEFAULT - include) | exclude | {name + _AND_WARNINGS for name in exclude & ERRORS_ALONE}


def strict(name: str) -> str | None:
    """What the part of a rule that goes by warnings is called among the rules in force; None where it is no part by itself."""
    return name + _AND_WARNINGS if name in ERRORS_ALONE else None


def resolve(decisions: Sequence[Decision]) -> Decision | None:
    """What one example's decisions in force come to; votes of a round are none until they are settled.

    The newest consensus or adjudication, or what reviewers decided outright after it, wins over all before it. Of outright
    decisions the verdict that most reviewers share counts, of equals the newest.
    """
    said = [d for d in decisions if d.verdict is not Verdict.SKIP and d.kind not in (Kind.VOTE, Kind.WITHDRAWAL)]
    settled = max((d for d in said if d.kind in SETTLING), key=_age, default=None)
    outright = [d for d in said if d.kind is Kind.DECISION]
    if settled is not None:
        # An annotation that comes with a file says nothing of what others settled before it was imported.
        outright = [d for d in outright if _age(d) > _age(settled) and not d.imported]
    if not outright:
        return settled
    counts = Counter(d.verdict for d in outright)
    return max(outright, key=lambda d: (counts[d.verdict], *_age(d)))


def _age(decision: Decision) -> tuple[str, str]:
    return decision.at, decision.id


def decide(
    examples: Sequence[int],
    findings: Iterable[Finding],
    decisions: Mapping[int, Decision],
    in_force: frozenset[str],
    *,
    dismissed: Collection[str] = (),
    barred: Mapping[int, Exclusion] | None = None,
) -> dict[int, Exclusion]:
    """The examples (ids) that stay out, each with the first reason that applies; near duplicates are left to
    `release.exclusions`, which knows who is near whom.

    `decisions`: resolved, by example. Drop and flag keep out. A reviewer's keep, relabel or edit outweighs findings about
    the example itself, but makes neither a leak nor a repetition harmless: for those a finding must be `dismissed` (ids),
    or its rule included. `barred`: examples that stay out whatever is found, unless a better reason is known: no target takes
    them, or reviewers did not do with them what is asked.
    """
    out: dict[int, Exclusion] = {}
    for id in examples:
        decision = decisions.get(id)
        if decision is not None and decision.verdict in (Verdict.DROP, Verdict.FLAG):
            word = "dropped" if decision.verdict is Verdict.DROP else "flagged"
            who = "all who voted" if decision.kind is Kind.CONSENSUS else decision.reviewer
            note = f": {decision.note}" if decision.note else ""
            out[id] = Exclusion(id, "decision", f"{word} by {who}{note}", decision=decision.id)
    safe, known = approved(decisions), set(examples)
    by_check: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if _counts(finding, in_force) and finding.id not in dismissed:
            by_check[finding.check].append(finding)
    for check in RULES:
        if check == DUPLICATES[0]:
            # Before duplicates are judged, or the one that is kept might be one that cannot go out.
            out = {**(barred or {}), **out}
        for finding in by_check[check] if check != "near_duplicate" else ():
            members = [id for id in finding.examples if id in known]
            if check == "exact_duplicate":
                leaving = _all_but_one(members, out, safe)
            else:
                leaving = [id for id in (finding.suggestion.examples if finding.suggestion else members) if id in known]
            for id in leaving:
                if id not in safe or check not in JUDGED:
                    out.setdefault(id, Exclusion(id, check, finding.message, finding=finding.id))
    return out


def _counts(finding: Finding, in_force: frozenset[str]) -> bool:
    if finding.check in ERRORS_ALONE and finding.severity is Severity.WARNING:
        return finding.check + _AND_WARNINGS in in_force
    return finding.check in in_force and finding.severity is not Severity.INFO


def approved(decisions: Mapping[int, Decision]) -> set[int]:
    """The examples that a reviewer wants as they are, or as they made them. Annotations that came with a file do not
    count: that someone labelled an example says nothing of what is found about it."""
    wanted = (Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT)
    return {id for id, decision in decisions.items() if decision.verdict in wanted and not decision.imported}


def _all_but_one(members: list[int], out: Mapping[int, Exclusion], safe: set[int]) -> list[int]:
    """Of equal examples one that is still in stays, a reviewed one if there is one."""
    alive = [id for id in members if id not in out]
    keep = next((id for id in alive if id in safe), alive[0] if alive else None)
    return [id for id in alive if id != keep]
