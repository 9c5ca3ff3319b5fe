"""One decision on many examples: what it changes, told before it is made, and the decisions themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from curator.catalogue import Catalogue
from curator.catalogue.filtering import STATUSES
from curator.model import Decision, Role, Verdict
from curator.store import JournalEntry, Project
from ui.i18n import number, tr, trn
from ui.presenters.examples import Detail

LABELS_SHOWN = 8
MANY = 5_000
"""From so many decisions on it takes long enough to be said."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """A verdict (`value`: the label of a relabel) on the examples `ids`, those where it says nothing new left out.

    `same`: how many those are; `mine`, `others`: how many of `ids` this reviewer and others decided on before; `evals`: how
    many are eval examples; `from_labels`: for a relabel, how many have which label now.
    """

    verdict: Verdict
    value: str | None
    ids: np.ndarray
    same: int
    mine: int
    others: int
    evals: int
    from_labels: Mapping[str, int]

    def sentences(self) -> list[str]:
        """What it does, a sentence each."""
        n = len(self.ids)
        doing = {
            Verdict.KEEP: trn("{n} example is kept.", "{n} examples are kept.", n),
            Verdict.DROP: trn("{n} example is dropped.", "{n} examples are dropped.", n),
            Verdict.FLAG: trn("{n} example is flagged.", "{n} examples are flagged.", n),
            Verdict.RELABEL: trn(
                "{n} example becomes “{label}”.", "{n} examples become “{label}”.", n, label=self.value or "…"
            ),
        }
        said = [doing[self.verdict]]
        if self.same:
            said.append(trn("{n} is so already, by you.", "{n} are so already, by you.", self.same))
        if self.mine:
            said.append(
                trn(
                    "You decided on {n} of them before; this takes its place.",
                    "You decided on {n} of them before; this takes the place of that.",
                    self.mine,
                )
            )
        if self.others:
            said.append(
                trn(
                    "Others decided on {n} of them; their decision stays beside yours.",
                    "Others decided on {n} of them; their decisions stay beside yours.",
                    self.others,
                )
            )
        if self.evals:
            said.append(
                trn(
                    "{n} is an eval example, which is never trained on.",
                    "{n} are eval examples, which are never trained on.",
                    self.evals,
                )
            )
        return said


def bulk(rows: Catalogue, ids: np.ndarray, verdict: Verdict, value: str | None, reviewer: str) -> Bulk:
    """What the verdict would come to by the catalogue as it is now."""
    places = rows.places(ids)
    mine = rows.decided_by([reviewer])[places]
    everyone = np.zeros(len(places), np.int64)
    for word in range(rows.deciders.shape[1]):
        everyone += np.bitwise_count(rows.deciders[places, word]).astype(np.int64)
    alone = mine & (everyone == 1)
    same = alone & (rows.status[places] == STATUSES.index(str(verdict)))
    if verdict is Verdict.RELABEL:
        code = rows.labels.index(value) if value in rows.labels else -2
        same &= rows.label[places] == code
    left = places[~same]
    now = rows.tally(rows.label[left], len(rows.labels))
    order = np.argsort(-now, kind="stable")
    evals = [source.role is Role.EVAL for source in rows.sources]
    return Bulk(
        verdict,
        value,
        rows.ids[left].astype(np.int64),
        int(same.sum()),
        int((mine & ~same).sum()),
        int((everyone - mine > 0)[~same].sum()),
        int(np.array(evals or [False])[rows.source[left]].sum()),
        {rows.labels[at]: int(now[at]) for at in order if now[at] and rows.labels[at] != value},
    )


def decide(project: Project, made: Bulk, reviewer: str, note: str = "") -> JournalEntry:
    """Commit it as one entry of the journal. What the reviewer dismissed on a kept example stays dismissed."""
    dismissed: dict[int, str] = {}
    if made.verdict is Verdict.KEEP:
        wanted = set(made.ids.tolist())
        dismissed = {
            d.example: d.value
            for d in project.decisions()
            if d.reviewer == reviewer
            and d.verdict is Verdict.KEEP
            and d.value
            and not d.imported
            and d.example in wanted
        }
    value = made.value if made.verdict is Verdict.RELABEL else None
    return project.decide(
        [Decision("", id, "", reviewer, made.verdict, dismissed.get(id, value), note) for id in made.ids.tolist()]
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """How many examples an export would take before and after, in all and by label (those that change, the most first)."""

    before: int
    after: int
    by_label: Sequence[tuple[str, int, int]] = ()

    @classmethod
    def of(cls, told: Mapping[str, object]) -> Effect:
        """From the answer of the job `effect`."""
        before, after, labels = told["before"], told["after"], told["labels"]
        assert isinstance(before, int)
        assert isinstance(after, int)
        assert isinstance(labels, list)
        return cls(before, after, [(str(name), int(b), int(a)) for name, b, a in labels])

    def sentences(self) -> list[str]:
        if self.before == self.after and not self.by_label:
            return [tr("The effective size stays {n}.", n=number(self.before))]
        said = [tr("The effective size goes from {a} to {b}.", a=number(self.before), b=number(self.after))]
        said += [
            tr("{label}: {a} → {b}", label=name or tr("(empty)"), a=number(b), b=number(a))
            for name, b, a in self.by_label[:LABELS_SHOWN]
        ]
        if len(self.by_label) > LABELS_SHOWN:
            said.append(tr("and {n} more labels", n=number(len(self.by_label) - LABELS_SHOWN)))
        return said


def working_text(made: Bulk) -> str:
    return trn("Deciding on {n} example …", "Deciding on {n} examples …", len(made.ids))


def kept_dismissals(detail: Detail, reviewer: str) -> str | None:
    """The findings (ids) that the reviewer's own decision in force dismisses: a new keep names them again."""
    for one in detail.history:
        if one.id in detail.standing and one.reviewer == reviewer and one.verdict is Verdict.KEEP and not one.imported:
            return one.value
    return None
