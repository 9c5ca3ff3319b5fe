"""The examples behind a cell of the matrix: what each says, and who voted what on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curator.store import Project
from ui.i18n import tr, trn
from ui.presenters.agreement_matrix import label_text

if TYPE_CHECKING:
    from curator.review.votes.arrays import Votes

READ = 200
"""Examples whose texts are read for the list; all of them can be opened."""
EXCERPT = 400


@dataclass(frozen=True, slots=True)
class Said:
    """A reviewer's vote by its label."""

    reviewer: str
    label: str


@dataclass(frozen=True, slots=True)
class Behind:
    """An example with its votes; `disputed`: somebody has still to decide on it."""

    example: int
    excerpt: str
    said: tuple[Said, ...]
    disputed: bool

    @property
    def votes(self) -> str:
        """The votes in a line."""
        return " · ".join(f"{one.reviewer}: {label_text(one.label)}" for one in self.said)


@dataclass(frozen=True, slots=True)
class CellView:
    """What stands behind a cell. `ids` are all of its examples, `listed` those that were read,
    `disputed` those on which somebody has still to decide; `withheld`: how many are not
    shown to somebody who has still to vote on them."""

    title: str
    ids: tuple[int, ...]
    listed: tuple[Behind, ...]
    disputed: tuple[int, ...] = ()
    withheld: int = 0

    @property
    def note(self) -> str:
        """What is not in the list, and why."""
        said = []
        if len(self.ids) > len(self.listed):
            said.append(trn("The first {n} is listed.", "The first {n} are listed.", len(self.listed)))
        if self.withheld:
            said.append(
                trn(
                    "{n} example is not shown, since the round is blind and you have still to vote on it.",
                    "{n} examples are not shown, since the round is blind and you have still to vote on them.",
                    self.withheld,
                )
            )
        return " ".join(said)


def votes_by_item(votes: Votes) -> dict[str, tuple[Said, ...]]:
    """Who said what of each item."""
    edges = np.searchsorted(votes.item, np.arange(len(votes.items) + 1))
    return {
        name: tuple(
            Said(votes.reviewers[votes.reviewer[at]], votes.labels[votes.label[at]])
            for at in range(edges[code], edges[code + 1])
        )
        for code, name in enumerate(votes.items)
    }


def behind(
    project: Project,
    title: str,
    items: Sequence[str],
    examples: Mapping[str, int],
    said: Mapping[str, tuple[Said, ...]],
    disputed: Collection[int],
    withheld: Collection[int],
) -> CellView:
    """The examples behind a cell, those first on which somebody has still to decide. `examples`: by the names of items."""
    names = [name for name in items if examples[name] not in withheld]
    names.sort(key=lambda name: (examples[name] not in disputed, examples[name]))
    ids = list(dict.fromkeys(examples[name] for name in names))
    few = names[:READ]
    texts = {example.id: example.input for example in project.get_examples(dict.fromkeys(examples[n] for n in few))}
    listed = tuple(
        Behind(examples[name], _excerpt(texts[examples[name]]), said[name], examples[name] in disputed) for name in few
    )
    open_ones = tuple(id for id in ids if id in disputed)
    return CellView(title, tuple(ids), listed, open_ones, len({examples[name] for name in items}) - len(ids))


def _excerpt(text: str) -> str:
    return " ".join(text[:EXCERPT].split()) or tr("(empty)")
