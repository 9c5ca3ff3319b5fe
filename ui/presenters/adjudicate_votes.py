"""What a card shows beside the example: the votes side by side, what they would change, and the consensus."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from curator.model import Cause, Decision, Example, Verdict
from curator.review.adjudication.rulings import Dispute, Reason, letters
from curator.review.votes.arrays import CHANGE
from ui.i18n import share, tr, trn
from ui.presenters.adjudicate import answer_title
from ui.presenters.words import moment, status_title, turn_title, verdict_tone

ROOM = 1_200
"""Characters of a text with differences that are shown."""
_AROUND = 160
"""Characters that stay where a stretch without differences is cut."""
_MOST_WORDS = 1_200
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `kind` is "added", "removed", or "" where both texts have it."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A turn that an edit would change: `title` says which, `pieces` its text with what comes and goes."""

    title: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class VoteView:
    """One vote as it is shown. `said`: what it wants, in the `tone` of it; `at`: when, as people say it."""

    who: str
    said: str
    tone: str
    at: str
    note: str
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """All that is shown of a dispute. `called`: what each reviewer is called. `example` is what it shows now; `before`: what
    the round showed, where that is something else."""

    dispute: Dispute
    called: Mapping[str, str]
    votes: tuple[VoteView, ...]
    reason: str
    why: str
    consensus: str
    example: Example
    before: Example | None


def card(dispute: Dispute, hide_names: bool) -> Card:
    """What to show of a dispute."""
    called = names(dispute, hide_names)
    votes = sorted(dispute.votes, key=lambda vote: called[vote.reviewer])
    return Card(
        dispute,
        called,
        tuple(_vote(vote, dispute, called[vote.reviewer]) for vote in votes),
        reason_title(dispute.reason),
        why(dispute),
        consensus(dispute),
        dispute.now,
        dispute.shown if dispute.changed else None,
    )


def names(dispute: Dispute, hide: bool) -> dict[str, str]:
    """What each reviewer is called: by their name, or by a letter that is another's on the next card."""
    reviewers = [vote.reviewer for vote in dispute.votes]
    if not hide:
        return {name: name for name in reviewers}
    seed = dispute.round.seed if dispute.round is not None else 0
    found = letters(dispute.example, reviewers, seed)
    return {name: tr("Reviewer {letter}", letter=letter) for name, letter in found.items()}


def reason_title(reason: Reason) -> str:
    return {
        Reason.DIFFER: tr("Votes differ"),
        Reason.FLAGGED: tr("Flagged"),
        Reason.SKIPPED: tr("Too few could say"),
        Reason.CHANGED: tr("Changed since"),
        Reason.STALE: tr("Disputed again"),
        Reason.OPEN: tr("No dispute"),
    }[reason]


def reason_tone(reason: Reason) -> str:
    return {Reason.OPEN: "", Reason.SKIPPED: "", Reason.DIFFER: "accent"}.get(reason, "warn")


def why(dispute: Dispute) -> str:
    """What is to be known before one decides, in a sentence; "" where nothing is."""
    if dispute.reason is Reason.CHANGED:
        return tr(
            "All votes say the same, but the example was changed or decided on otherwise since. What it says now is shown."
        )
    if dispute.reason is Reason.STALE:
        return tr("It was settled before, and votes that came since say otherwise.")
    if dispute.reason is Reason.OPEN:
        return tr("Nobody disagrees on this one, or it is settled; what you decide takes its place.")
    if dispute.changed:
        return tr(
            "The example was changed since the round began. What it says now is shown; the votes are about what it said then."
        )
    return tr("Votes are still to come.") if not dispute.complete else ""


def consensus(dispute: Dispute) -> str:
    """How sure the consensus is, and by what method."""
    if dispute.label is None or dispute.confidence is None:
        return tr("The votes give no consensus.")
    return tr("{share} sure, by {method}", share=share(dispute.confidence), method=method_title(dispute.method))


def consensus_label(dispute: Dispute) -> str:
    """What the consensus is called."""
    if dispute.label == CHANGE:
        return tr("An edit is needed")
    answers = [answer for answer in dispute.answers.values() if answer.label == dispute.label]
    return answer_title(answers[0]) if answers else dispute.label or ""


def method_title(method: str) -> str:
    known = {
        "majority": tr("majority"),
        "one-coin": tr("one-coin Dawid-Skene"),
        "mace": "MACE",
        "dawid-skene": "Dawid-Skene",
        "crowdlab": "CROWDLAB",
    }
    return known.get(method, method)


def cause_title(cause: Cause) -> str:
    return {
        Cause.GUIDELINE: tr("Guideline unclear"),
        Cause.ERROR: tr("A mistake"),
        Cause.AMBIGUOUS: tr("Truly ambiguous"),
        Cause.BAD_ITEM: tr("Bad item"),
    }[cause]


def cause_word(cause: Cause) -> str:
    """The same in a word, under the question why they disagreed."""
    return {
        Cause.GUIDELINE: tr("Guideline"),
        Cause.ERROR: tr("Mistake"),
        Cause.AMBIGUOUS: tr("Ambiguous"),
        Cause.BAD_ITEM: tr("Bad item"),
    }[cause]


def cause_help(cause: Cause) -> str:
    return {
        Cause.GUIDELINE: tr("The guideline does not say which it is. It goes on the list of gaps, with your note."),
        Cause.ERROR: tr("The guideline is clear; somebody slipped."),
        Cause.AMBIGUOUS: tr("Both can be right, whatever a guideline says."),
        Cause.BAD_ITEM: tr("The example itself is broken or does not belong here."),
    }[cause]


def votes_title(count: int) -> str:
    return trn("{n} vote", "{n} votes", count)


def _vote(vote: Decision, dispute: Dispute, who: str) -> VoteView:
    answer = dispute.answers.get(vote.id)
    if answer is None:
        said = tr("Cannot say") if vote.verdict is Verdict.SKIP else status_title(vote.verdict)
        return VoteView(who, said, verdict_tone(vote.verdict), moment(vote.at), vote.note)
    said = answer_title(answer) if answer.label != CHANGE else tr("Edited")
    tone = {Verdict.DROP: "bad", Verdict.KEEP: "good"}.get(vote.verdict, "accent")
    changed = ()
    if answer.label == CHANGE and answer.example is not None:
        changed = tuple(differences(dispute.shown, answer.example))
    return VoteView(who, said, tone, moment(vote.at), vote.note, changed)


def differences(before: Example, after: Example) -> Iterator[Difference]:
    """The turns of an example that are not the same after an edit."""
    for at in range(max(len(before.messages), len(after.messages))):
        old = before.messages[at].text if at < len(before.messages) else ""
        new = after.messages[at].text if at < len(after.messages) else ""
        if old != new:
            role = (after if at < len(after.messages) else before).messages[at].role
            output = at == after.output_at
            yield Difference(tr("Output") if output else turn_title(role), difference(old, new))


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Word by word what comes and goes from one text to the other; long stretches that are the same are cut."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) > _MOST_WORDS or len(new) > _MOST_WORDS:
        # Comparing takes quadratic time at worst.
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        if kind == "equal":
            found.append(Piece(_middle_cut(gone)))
            continue
        if gone:
            found.append(Piece(gone, "removed"))
        if come:
            found.append(Piece(come, "added"))
    return _within(found, ROOM)


def _middle_cut(text: str) -> str:
    return text if len(text) <= 2 * _AROUND + 20 else f"{text[:_AROUND]} … {text[-_AROUND:]}"


def _within(pieces: list[Piece], room: int) -> tuple[Piece, ...]:
    kept: list[Piece] = []
    for piece in pieces:
        if len(piece.text) > room:
            return (*kept, Piece(piece.text[:room] + " …", piece.kind))
        kept.append(piece)
        room -= len(piece.text)
    return tuple(kept)
