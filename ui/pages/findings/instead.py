"""What stands where there is no finding to show, and what stands above them: why, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from curator.model import Role
from ui.context import Context
from ui.i18n import number, tr, trn
from ui.presenters.findings import Inbox
from ui.presenters.words import check_title
from ui.widgets.basics import Banner, EmptyState, button


def nothing(context: Context, inbox: Inbox, check_now: Callable[[], object]) -> EmptyState:
    """For an inbox without a finding."""
    if inbox.run is None and not any(
        source.role is Role.CANDIDATE for source in context.need_session().project.sources()
    ):
        return EmptyState(
            tr("Nothing to find yet"),
            tr("The project has no examples to train on. Import a file first."),
            tr("Import a file"),
            lambda: context.registry.run("app.import"),
            picture="findings",
        )
    if inbox.run is None:
        return EmptyState(
            tr("Not checked yet"),
            tr("The checks look for duplicates, contradictions, leaks into the eval set, wrong labels and more."),
            tr("Check now"),
            check_now,
            picture="findings",
        )
    if not inbox.finished and _checking(context):
        said = tr("The check still runs; what it finds appears here.")
        return EmptyState(tr("Nothing found so far"), said, picture="findings")
    if not inbox.finished:
        said = tr("It was stopped, or runs in another place; what it finds appears here.")
        return EmptyState(tr("The check has not finished"), said, tr("Check now"), check_now, picture="findings")
    return EmptyState(
        tr("Nothing found"),
        tr("All checks ran, and there is nothing to judge. What is left is to look at a few examples, or to export."),
        tr("Go to Export"),
        lambda: context.go("export"),
        picture="check",
    )


def _checking(context: Context) -> bool:
    return any(job.kind == "check" for job in context.jobs.shown)


def decided(context: Context, inbox: Inbox, check: str, which: str, select: Callable[[str], object]) -> QWidget:
    """For a list without a finding: none is open, or none is decided."""
    if which == "decided":
        return EmptyState(tr("None decided yet"), tr("What you accept or dismiss stands here."))
    waiting = [line for line in inbox.lines if line.open]
    if waiting:
        following = waiting[0].name
        return EmptyState(
            tr("{check}: all decided", check=check_title(check)),
            trn("{n} check is still open.", "{n} checks are still open.", len(waiting)),
            tr("Next: {check}", check=check_title(following)),
            lambda: select(following),
            picture="check",
        )
    made = EmptyState(
        tr("Every finding is decided"),
        tr("Next: look through the examples that are left, or write the splits."),
        tr("Go to Export"),
        lambda: context.go("export"),
        picture="check",
    )
    review = button(tr("Go to Review"), lambda: context.go("review"), "quiet")
    inside = made.layout()
    assert isinstance(inside, QVBoxLayout)
    assert made.action is not None
    inside.insertWidget(inside.indexOf(made.action) + 1, review, alignment=Qt.AlignmentFlag.AlignHCenter)
    return made


def notices(context: Context, inbox: Inbox, check_now: Callable[[], object]) -> list[Banner]:
    """What one should know of the check that the findings are from."""
    made = []
    if not inbox.finished and inbox.run is not None:
        n, of = number(len(inbox.run.checks)), number(len(inbox.lines))
        if _checking(context):
            made.append(
                Banner(tr("Checking: {n} of {of} checks are done; the rest is of the check before.", n=n, of=of))
            )
        else:
            said = tr("The newest check was stopped after {n} of {of} checks.", n=n, of=of)
            made.append(Banner(said, "warn", tr("Check again"), check_now))
    if inbox.moved:
        names = ", ".join(check_title(name) for name in sorted(inbox.moved))
        said = tr(
            "The cut of {checks} changed since the check: check again to see all that it reports now.", checks=names
        )
        made.append(Banner(said, "", tr("Check again"), check_now))
    return made
