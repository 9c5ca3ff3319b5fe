"""The reports as one self-contained HTML page each: no network, no script, light and dark, fit to print."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curator.files import write_text
from curator.model import Role
from curator.reports import charts, views
from curator.reports.data import CheckReport, ReleaseReport
from curator.resources import resource
from curator.tasks import BELOW_MINIMUM

if TYPE_CHECKING:
    from jinja2 import Environment

WORST = 20
"""Findings shown of each check; the JSON document has all."""
REJECTED = 50


def check_page(report: CheckReport) -> str:
    """What a check found, as HTML. Every text of the data is escaped."""
    found = report.by_check()
    sections = [
        views.Section(
            run,
            views.severities(found.get(run.name, [])),
            tuple(views.finding(f, report.examples) for f in found.get(run.name, [])[:WORST]),
        )
        for run in report.checks
    ]
    return render(
        "check.html",
        report=report,
        sections=sections,
        gauge=charts.gauge(report.effective, report.need),
        histogram=report.lengths and charts.histogram(report.lengths),
        labels=views.label_rows(report.labels or {}),
        candidates=report.total(Role.CANDIDATE),
        evals=report.total(Role.EVAL),
        named=len({id for finding in report.findings for id in finding.examples}),
        rejected=report.rejected[:REJECTED],
        steps=views.next_steps(report),
        below_minimum=BELOW_MINIMUM,
    )


def release_page(report: ReleaseReport) -> str:
    """What an export wrote and left out, as HTML. Every text of the data is escaped."""
    read = max((step.count for step in report.steps), default=0)
    splits = [(split.name, split.count) for split in report.splits]
    return render(
        "release.html",
        report=report,
        gauge=charts.gauge(report.chosen, report.need),
        funnel=[(step, charts.shares([(step.name, step.count)], read)[0]) for step in report.steps],
        split_shares=charts.shares(splits),
        labels=views.split_rows(report.labels),
        excluded=[
            (reason, charts.shares([(reason.reason, reason.count)], read)[0], views.samples(reason))
            for reason in sorted(report.excluded, key=lambda e: (-e.count, e.reason))
        ],
        left_out=sum(reason.count for reason in report.excluded),
        pair=report.certificate.pair and views.pair(*report.certificate.pair),
        below_minimum=BELOW_MINIMUM,
        lengths=[(charts.histogram(of_split), of_split) for of_split in report.lengths],
        provenance=charts.shares([(views.HOW[how], count) for how, count in report.provenance.items()]),
    )


def write_check(report: CheckReport, path: str | Path) -> None:
    """Write the page of a check; raises EnvironmentFailure where `path` cannot be written."""
    write_text(path, check_page(report))


def write_release(report: ReleaseReport, path: str | Path) -> None:
    """Write the page of an export; raises EnvironmentFailure where `path` cannot be written."""
    write_text(path, release_page(report))


def render(template: str, **values: Any) -> str:
    """A template of `resources/templates` filled in; every text is escaped."""
    return _environment().get_template(template).render(values)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(resource("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(whole=lambda n: f"{n:,}", size=views.size, score=views.score)
    environment.globals.update(
        GAUGE_WIDTH=charts.GAUGE_WIDTH, PLOT_WIDTH=charts.PLOT_WIDTH, PLOT_HEIGHT=charts.PLOT_HEIGHT
    )
    return environment
