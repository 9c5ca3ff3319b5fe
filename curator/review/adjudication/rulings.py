"""Adjudication: a person's decision where reviewers disagree, with the cause of it; and what the guideline leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curator.errors import InputError
from curator.model import CONSENSUS_REVIEWER, Basis, Cause, Decision, Kind, Round, Verdict
from curator.review.adjudication.answers import Answer, towards
from curator.review.adjudication.disputes import SAID, Dispute, Reason, dispute_of, disputes, letters
from curator.review.adjudication.gaps import Gap, gaps, gaps_markdown
from curator.review.adjudication.settling import Settled, foresee, settle
from curator.store import JournalEntry, Project

__all__ = [
    "SAID",
    "Dispute",
    "Gap",
    "Reason",
    "Ruling",
    "Settled",
    "adjudicate",
    "adjudicate_all",
    "answers_by_label",
    "dispute_of",
    "disputes",
    "foresee",
    "gaps",
    "gaps_markdown",
    "letters",
    "ruling",
    "settle",
    "suggested",
    "take",
]
_VERDICTS = (Verdict.KEEP, Verdict.RELABEL, Verdict.EDIT, Verdict.DROP)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided on a dispute, said of what the example shows now: keep, drop, relabel (`value`: the label) or edit
    (`value`: the messages as JSON). `cause`: why the reviewers disagreed."""

    dispute: Dispute
    verdict: Verdict
    value: str | None = None
    cause: Cause | None = None
    note: str = ""


def adjudicate(
    project: Project,
    dispute: Dispute | int,
    verdict: Verdict,
    value: str | None = None,
    *,
    reviewer: str,
    cause: Cause | None = None,
    note: str = "",
    round: Round | None = None,
) -> JournalEntry:
    """Decide on a dispute, or on an example by its number (of the `round`, if one is given).

    Raises InputError for a verdict that decides nothing, and a label that is not one of the round's.
    """
    if isinstance(dispute, int):
        dispute = dispute_of(project, dispute, round)
    return adjudicate_all(project, [Ruling(dispute, verdict, value, cause, note)], reviewer)


def adjudicate_all(project: Project, rulings: Sequence[Ruling], reviewer: str) -> JournalEntry:
    """Commit several in one entry of the journal. Raises InputError as `adjudicate` does."""
    return project.decide([ruling(one, reviewer) for one in rulings])


def ruling(one: Ruling, reviewer: str) -> Decision:
    """The decision that a ruling comes to. Raises InputError where it is none."""
    about = one.dispute
    if one.verdict not in _VERDICTS:
        raise InputError(
            f"Adjudicating example {about.example} as {one.verdict!r} decides nothing; keep, relabel, edit or drop it."
        )
    if reviewer in ("", CONSENSUS_REVIEWER):
        raise InputError(f"An adjudication needs the name of a person, and {reviewer!r} is none.")
    verdict, value = one.verdict, one.value if one.verdict in (Verdict.RELABEL, Verdict.EDIT) else None
    if verdict is Verdict.RELABEL:
        _refuse_label(about, value)
        if value == about.now.output:
            verdict, value = Verdict.KEEP, None
    return Decision(
        "",
        about.example,
        about.now_key,
        reviewer,
        verdict,
        value,
        one.note.strip(),
        kind=Kind.ADJUDICATION,
        round=None if about.round is None else about.round.id,
        cause=one.cause,
        basis=Basis(about.basis),
    )


def take(dispute: Dispute, answer: Answer) -> tuple[Verdict, str | None]:
    """The verdict, and its value, that gives one of the answers right."""
    return towards(answer, dispute.now)


def answers_by_label(dispute: Dispute) -> dict[str, list[Answer]]:
    """The different answers that were given, under what they are called, the commonest label first."""
    found: dict[str, list[Answer]] = {label: [] for label in dispute.shares}
    for vote in dispute.votes:
        answer = dispute.answers.get(vote.id)
        if answer is not None and all(answer.key != one.key for one in found[answer.label]):
            found[answer.label].append(answer)
    return found


def suggested(dispute: Dispute) -> Answer | None:
    """What the consensus wants the example to be; None where it does not say."""
    meant = answers_by_label(dispute).get(dispute.label, []) if dispute.label is not None else []
    return meant[0] if len(meant) == 1 else None


def _refuse_label(about: Dispute, value: str | None) -> None:
    if not (value or "").strip():
        raise InputError(f"Relabelling example {about.example} needs a label.")
    known = {*about.round.labels, *about.shares, about.now.output} if about.round is not None else set()
    if about.round is not None and about.round.labels and value not in known:
        listed = ", ".join(about.round.labels[:12]) + (", …" if len(about.round.labels) > 12 else "")
        raise InputError(f"{value!r} is no label of round {about.round.number}; its labels are {listed}.")
