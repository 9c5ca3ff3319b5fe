"""Which examples go out, and why each other one does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from curator import splits, targets
from curator.checks import structure
from curator.checks.data import Data
from curator.checks.pairs import stars
from curator.errors import GateNotMet
from curator.model import Decision, Finding, Severity
from curator.release.acceptance import Acceptance, Acceptances, Preferences
from curator.release.wanted import Wanted, limit_of
from curator.reports import data as reports
from curator.review.provenance import NOBODY, Reviewed
from curator.review.required import RULES, Required, withheld
from curator.splits import Exclusion
from curator.tasks import BELOW_MINIMUM, NEEDS, Need, Task


@dataclass(frozen=True, slots=True)
class Selection:
    """`chosen`: candidate indices that are released; `out`: why each other one is not; `clean`: how many were left to
    choose from; `refused`: indices that are not out and that one target or another refuses, by target, with the reason;
    `barred`: the ids that all of them refuse, or that the policy holds back for what reviewers did; `acceptances`: what each
    target says of every candidate."""

    chosen: list[int]
    out: dict[int, Exclusion]
    clean: int
    refused: dict[str, dict[int, Exclusion]]
    barred: dict[int, Exclusion]
    acceptances: dict[str, Acceptance]


def select(
    data: Data,
    report: reports.CheckReport,
    decisions: Mapping[int, Decision],
    scores: Mapping[str, Sequence[Any] | np.ndarray],
    wanted: Wanted,
    dismissed: Collection[str] = (),
    acceptances: Acceptances | None = None,
    *,
    reviewed: Reviewed = NOBODY,
    preferences: Preferences | None = None,
    guarded: bool = True,
) -> Selection:
    """Leave out what decisions, findings, the targets' rules and the policy exclude, and choose the best of the rest.

    `reviewed`: what reviewers did, for the policy; `preferences`: the outputs that they preferred others to. Raises GateNotMet where none is left, or fewer than the task's minimum; not so for a plan, which is not `guarded`.
    """
    c = data.candidates
    in_force = splits.rules(wanted.include, wanted.exclude)
    acceptances = acceptances or Acceptances(data)
    asked = {name: acceptances.of(name, wanted, preferences or {}) for name in wanted.targets}
    refused = {name: acceptance.refused for name, acceptance in asked.items()}
    everywhere = set.intersection(*(set(found) for found in refused.values())) if refused else set()
    place = {e.id: i for i, e in enumerate(c.examples)}
    barred = {c.examples[i].id: next(found[i] for found in refused.values()) for i in everywhere}
    barred |= held_back(reviewed, place, wanted.required, in_force)
    dismissed = {
        *dismissed,
        *_shortened(report.findings, place, asked[wanted.targets[0]] if asked else None),
        *_put_right(report.findings, place, list(asked.values())),
    }
    by_id = exclusions(data, report.findings, decisions, in_force, dismissed=dismissed, barred=barred)
    out = {place[id]: exclusion for id, exclusion in by_id.items()}
    clean = [i for i in range(len(c)) if i not in out]
    need = NEEDS[data.task]
    limit = limit_of(wanted.size, need)
    available = len(clean) if limit is None else min(limit, len(clean))
    if guarded and not clean:
        raise GateNotMet(_none_left(len(c), out.values()))
    if guarded and available < need.minimum and not wanted.allow_below_minimum:
        raise GateNotMet(_too_few(data.task, need, available, len(clean), len(c), out.values()))
    chosen = clean
    if limit is not None and len(clean) > limit:
        chosen = _best(data, clean, decisions, scores, limit)
        for index in set(clean) - set(chosen):
            out[index] = Exclusion(
                c.examples[index].id, "size", f"not among the best and most diverse {limit:,} (--size {wanted.size})"
            )
    left = {name: {i: e for i, e in found.items() if i not in out} for name, found in refused.items()}
    return Selection(chosen, out, len(clean), left, barred, asked)


def _shortened(findings: Iterable[Finding], place: Mapping[int, int], acceptance: Acceptance | None) -> Iterable[str]:
    """The findings (ids) of examples that were too long and that a fix has shortened: they no longer hold."""
    if acceptance is None or not acceptance.applied:
        return ()
    return (
        finding.id
        for finding in findings
        if finding.check == "length"
        and finding.severity is Severity.ERROR
        and all("cut-long" in acceptance.applied.get(place.get(id, -1), ()) for id in finding.examples)
    )


def _put_right(
    findings: Iterable[Finding], place: Mapping[int, int], acceptances: Sequence[Acceptance]
) -> Iterator[str]:
    """The findings (ids) about the order of turns that no longer hold of what is written: a fix was chosen for every target
    that takes the example, and it does for each what the check would ask."""
    for finding in findings:
        rule = finding.evidence.get("rule")
        if finding.check != structure.NAME or rule not in structure.FORMAL:
            continue
        at = [place[id] for id in finding.examples if id in place]
        written = [(one, index) for one in acceptances for index in at if index not in one.refused]
        if written and all(
            index in one.applied and rule not in structure.broken_turns(one.examples[index]) for one, index in written
        ):
            yield finding.id


def held_back(
    reviewed: Reviewed, examples: Iterable[int], required: Required, in_force: frozenset[str]
) -> dict[int, Exclusion]:
    """The examples (ids) that reviewers did not do with what is asked, or disagree on."""
    found = withheld(reviewed, examples, required, disputes=splits.DISAGREEMENT in in_force)
    return {id: Exclusion(id, one.rule, one.message, decision=one.decision) for id, one in found.items()}


def exclusions(
    data: Data,
    findings: Iterable[Finding],
    decisions: Mapping[int, Decision],
    in_force: frozenset[str],
    *,
    dismissed: Collection[str] = (),
    barred: Mapping[int, Exclusion] | None = None,
) -> dict[int, Exclusion]:
    """Every candidate (id) that stays out, and why.

    Near duplicates are grouped anew among those that are left: if the representative of a group is out for another
    reason, its members need not be near each other, and none may go for being like one that is gone.
    """
    listed = list(findings)
    ids = [e.id for e in data.candidates.examples]
    out = splits.decide(ids, listed, decisions, in_force, dismissed=dismissed, barred=barred)
    if "near_duplicate" in in_force:
        near = [f for f in listed if f.check == "near_duplicate"]
        out |= _near_duplicates(data, near, splits.approved(decisions), dismissed, out)
    return out


def _near_duplicates(
    data: Data,
    near: Sequence[Finding],
    approved: Collection[int],
    dismissed: Collection[str],
    out: Mapping[int, Exclusion],
) -> dict[int, Exclusion]:
    pairs, examples = data.pairs, data.candidates.examples
    alive = [[i for i in members if examples[i].id not in out] for members in pairs.members]
    # Groups that may be templates, and those that a reviewer called different, stay whole.
    spared = {id: f.id for f in near if f.severity is Severity.INFO or f.id in dismissed for id in f.examples}
    named = {id: f for f in near for id in f.examples}

    def together(a: int, b: int) -> bool:
        first, second = (spared.get(examples[pairs.members[node][0]].id) for node in (a, b))
        return first is not None and first == second

    edges = [e for e in pairs.edges if e.repeats and alive[e.a] and alive[e.b] and not together(e.a, e.b)]
    reviewed = {node for node, members in enumerate(alive) if any(examples[i].id in approved for i in members)}
    order = sorted(data.best_nodes, key=lambda node: node not in reviewed)
    leaving = {}
    for lead, group in stars(len(alive), edges, order):
        kept = examples[alive[lead][0]]
        for node in {node for edge in group for node in (edge.a, edge.b)} - {lead}:
            for id in (examples[i].id for i in alive[node]):
                finding = named.get(id)
                leaving[id] = Exclusion(
                    id,
                    "near_duplicate",
                    f"near duplicate of {kept.ref}, which stays",
                    finding=finding.id if finding else None,
                )
    return leaving


def _because(out: Iterable[Exclusion]) -> str:
    reasons = Counter(exclusion.rule for exclusion in out).most_common()
    return f" (left out: {', '.join(f'{n:,} by {rule}' for rule, n in reasons)})" if reasons else ""


def _none_left(total: int, out: Iterable[Exclusion]) -> str:
    out = list(out)
    remedy = "`curator check` with --report shows the findings, and --include lets in what a rule leaves out"
    if any(exclusion.rule in RULES for exclusion in out):
        remedy = "let reviewers do what --require asks for, or ask for less"
    elif refused := next((exclusion for exclusion in out if exclusion.rule.startswith("target:")), None):
        remedy = f"choose another target, or mend what it asks for ({refused.message})"
    return f"none of the {total:,} examples is left to export{_because(out)}. Nothing was written; {remedy}"


def _too_few(task: Task, need: Need, available: int, clean: int, total: int, out: Iterable[Exclusion]) -> str:
    out = list(out)
    because, remedy = _because(out), "collect or mend more examples"
    refused = {exclusion.rule.removeprefix("target:") for exclusion in out if exclusion.rule.startswith("target:")}
    asked = f"{clean:,} of {total:,} examples are clean{' and taken' if refused else ''}{because},"
    if any(targets.get(name).preference for name in refused):
        remedy = "edit more outputs, for each edit makes a pair"
    if available < clean:
        asked = f"--size {available:,} is"
        remedy = "ask for --size minimum" if clean >= need.minimum else remedy
    return (
        f"{asked} below the minimum of {need.minimum:,} for {task}: {BELOW_MINIMUM}. Nothing was written; {remedy}, "
        "or pass --allow-below-minimum"
    )


def _best(
    data: Data,
    clean: list[int],
    decisions: Mapping[int, Decision],
    scores: Mapping[str, Sequence[Any] | np.ndarray],
    limit: int,
) -> list[int]:
    c = data.candidates
    reviewed = splits.approved(decisions)
    quality = [(_quality(i, scores) + (c.examples[i].id in reviewed), c.keys[i]) for i in clean]
    strata = [c.outputs[i] if data.short_labels else "" for i in clean]
    return [clean[i] for i in splits.choose(data.input_vectors[clean], quality, limit, strata)]


def _quality(index: int, scores: Mapping[str, Sequence[Any] | np.ndarray]) -> float:
    """The worst of an example's scores, 0..1, to 3 digits: finer differences are noise, and diversity should decide."""
    values = [scores[name][index] for name in ("label_quality", "pair_quality") if name in scores]
    if "outlier" in scores:
        values.append(1 - scores["outlier"][index])
    known = [float(v) for v in values if v is not None and not np.isnan(v)]
    return round(min(known, default=1.0), 3)
