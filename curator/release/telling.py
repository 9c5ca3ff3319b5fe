"""What the page and the summary of a release tell of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from curator import __version__
from curator.checks.data import Data
from curator.costs import TargetCost
from curator.model import Role
from curator.release import budget, matrix
from curator.release.manifest import Named, settings_of, versions
from curator.release.place import Placement
from curator.release.select import Selection
from curator.release.wanted import Wanted
from curator.reports import data as reports
from curator.reports import masking
from curator.review.provenance import Reviewed
from curator.splits import Exclusion


def report(
    data: Data,
    checked: reports.CheckReport,
    selection: Selection,
    placement: Placement,
    wanted: Wanted,
    files: Sequence[reports.TargetFile],
    out: Mapping[int, Exclusion],
    reviewed: Reviewed,
    named: Named,
    costs: Sequence[TargetCost],
) -> reports.ReleaseReport:
    c = data.candidates
    sources = [s for s in checked.sources if s.role is Role.CANDIDATE]
    records = sum(s.records for s in sources)
    counts = Counter(placement.split.values())
    by_rule: dict[str, list[int]] = defaultdict(list)
    for index, exclusion in sorted(out.items()):
        by_rule[exclusion.rule].append(index)
    cert = placement.certificate
    labels: tuple[reports.LabelSplit, ...] = ()
    if data.short_labels:
        split_of: dict[str, Counter[str]] = defaultdict(Counter)
        for index, name in placement.split.items():
            split_of[c.outputs[index]][name] += 1
        labels = tuple(reports.LabelSplit(label, dict(split_of[label])) for label in sorted(split_of))
    return reports.ReleaseReport(
        version=__version__,
        task=data.task,
        task_guessed=checked.task_guessed,
        seed=wanted.seed_or(data.seed),
        size=wanted.size,
        sources=checked.sources,
        steps=(
            reports.Step("read", records, "records of the candidate files"),
            reports.Step("readable", len(c), f"{records - len(c):,} records were rejected"),
            reports.Step("clean", selection.clean, "after decisions, findings and the targets' rules"),
            reports.Step("chosen", len(placement.order), f"size {wanted.size}"),
        ),
        excluded=tuple(
            reports.Reason(rule, len(rows), tuple(masking.example(c.examples[i]) for i in rows[:3]))
            for rule, rows in by_rule.items()
        ),
        splits=tuple(reports.Step(name, counts[name]) for name in wanted.shares.names),
        certificate=reports.Certificate(
            cert.nearest_across_splits,
            placement.groups,
            cert.groups_straddling,
            wanted.seed_or(data.seed),
            None
            if cert.pair is None
            else (masking.example(checked.examples[cert.pair[0]]), masking.example(checked.examples[cert.pair[1]])),
            ""
            if cert.nearest_to_eval is None
            else f"The nearest pair with the eval set has cosine {cert.nearest_to_eval:.3f}.",
        ),
        files=tuple(files),
        targets=matrix.lines(data, selection),
        encoder=checked.encoder,
        labels=labels,
        settings={
            k: ", ".join(v) if isinstance(v, tuple) else v
            for k, v in settings_of(data, wanted).items()
            if v is not None
        },
        versions=versions(),
        provenance=reviewed.counts(data.id_of(i) for i in placement.order),
        rounds=tuple(
            reports.RoundLine(one.number, one.name, one.items, one.votes, one.reviewers, _rounded(one.alpha), one.why)
            for one in reviewed.rounds
        ),
        name=named.name,
        number=named.number,
        lengths=budget.lengths(selection, placement.split, wanted),
        costs=tuple(budget.told(cost) for cost in costs),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
