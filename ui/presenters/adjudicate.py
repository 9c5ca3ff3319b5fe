"""Adjudicating, without the window: the disputes in their order, what can be chosen, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from curator.model import Round, Verdict
from curator.review.adjudication import rulings as adjudication
from curator.review.adjudication.answers import Answer
from curator.review.adjudication.disputes import disputes_of, looked_up, outright, ranked
from curator.review.adjudication.rulings import Dispute, Gap, Reason, Settled
from curator.review.adjudication.settling import foresee_of
from curator.review.rounds.state import voted
from curator.review.votes.arrays import CHANGE, DROP, KEEP
from curator.store import JournalEntry, Project
from ui.i18n import number, tr, trn
from ui.presenters import labels as project_labels
from ui.presenters import review
from ui.presenters.agreement_votes import owed_blind
from ui.presenters.sides import is_side_by_side
from ui.presenters.words import label_title, round_title

SURE = 0.9
"""How sure a consensus has to be to settle an item, until somebody chooses another share."""
SHARES = (0.8, 0.85, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which disputes to queue: all by default, those of one round (its id), or those on examples (`ids`), disputed or not."""

    round: str | None = None
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """What a sitting starts from. `disputes` are those that are wanted, in order; `counts`: all disputes by the id of their
    round, "" outside of rounds. `standing`: what became of the items of each round, by its id. `labels`: those of the
    project, the commonest first."""

    wanted: Wanted
    disputes: tuple[Dispute, ...]
    rounds: tuple[Round, ...]
    counts: Mapping[str, int]
    standing: Mapping[str, Settled]
    labels: tuple[str, ...] = ()
    guideline: str = ""
    gaps: tuple[Gap, ...] = ()
    withheld: int = 0
    """Disputes of blind rounds that the reader is not to see yet, for they have still to vote on them."""
    allowed: bool = True
    """Whether the reader's account may adjudicate; else nothing was read."""

    @property
    def waiting(self) -> int:
        """Items that votes are still to come on."""
        return sum(len(one.waiting) for one in self.standing.values())

    @property
    def agreed(self) -> int:
        """Items on which all agree, and that are not settled yet."""
        return sum(one.settled for one in self.standing.values())

    @property
    def settled(self) -> int:
        return sum(len(one.before) for one in self.standing.values())

    @property
    def voted(self) -> bool:
        """Whether anybody has voted at all, in whatever round."""
        return bool(self.disputes) or any(
            one.before or one.settled or one.disputed or one.changed for one in self.standing.values()
        )


def begin(project: Project, wanted: Wanted, reviewer: str = "") -> Begun:
    """The disputes that are wanted and that this reviewer may see, and where all rounds stand."""
    if not project.adjudicates:
        return Begun(wanted, (), (), {}, {}, allowed=False)
    rounds = project.rounds.all()
    found: list[Dispute] = []
    standing: dict[str, Settled] = {}
    hidden: dict[str, set[int]] = {}
    withheld = 0
    for each in rounds:
        items = voted(project, each)
        hidden[each.id] = owed_blind(project, each, reviewer)
        there = disputes_of(items, each)
        found += [one for one in there if one.example not in hidden[each.id]]
        withheld += sum(one.example in hidden[each.id] for one in there)
        standing[each.id] = foresee_of(items, each)
    found += outright(project)
    counts: dict[str, int] = {}
    for one in found:
        counts[_round_of(one)] = counts.get(_round_of(one), 0) + 1
    return Begun(
        wanted,
        tuple(_chosen(project, found, rounds, wanted, hidden)),
        tuple(rounds),
        counts,
        standing,
        tuple(each.name for each in project_labels.load(project, {}).listed),
        project.settings().get("guideline", ""),
        tuple(adjudication.gaps(project)),
        withheld,
    )


def _round_of(dispute: Dispute) -> str:
    return "" if dispute.round is None else dispute.round.id


def _chosen(
    project: Project,
    found: Sequence[Dispute],
    rounds: Sequence[Round],
    wanted: Wanted,
    hidden: Mapping[str, Set[int]],
) -> list[Dispute]:
    """The disputes that are wanted; of examples that were asked for also what is no dispute, in the newest round that has
    votes on them."""
    if wanted.round is not None:
        found = [one for one in found if _round_of(one) == wanted.round]
    if wanted.ids is None:
        return ranked(found)
    asked = set(wanted.ids)
    chosen = [one for one in found if one.example in asked]
    for each in reversed(rounds):
        missing = asked - {one.example for one in chosen}
        if missing and wanted.round in (None, each.id):
            chosen += looked_up(project, each, missing - hidden[each.id])
    return ranked(chosen)


class Deck:
    """The disputes of a queue and where one is among them. Holds what was decided in this sitting; reads and writes nothing."""

    def __init__(self, begun: Begun):
        self._all = {one.name: one for one in begun.disputes}
        self._order = list(self._all)
        self._decided: set[str] = set()
        self.at = 0

    def __len__(self) -> int:
        return len(self._order)

    @property
    def current(self) -> Dispute | None:
        """The dispute to show, None past the last."""
        return self._all[self._order[self.at]] if self.at < len(self._order) else None

    @property
    def decided(self) -> int:
        return len(self._decided)

    def is_decided(self, name: str) -> bool:
        return name in self._decided

    def settle(self, name: str) -> None:
        """This one is adjudicated, and that is on disk."""
        self._decided.add(name)

    def advance(self) -> None:
        """Go to the next open one: after this one, else before it; past the last where none is."""
        here = [at for at, name in enumerate(self._order) if name not in self._decided]
        after = [at for at in here if at > self.at]
        self.at = next(iter(after or here), len(self._order))

    def move(self, step: int) -> bool:
        """Go on or back by one without deciding; False at either end."""
        to = self.at + step
        if not 0 <= to < len(self._order):
            return False
        self.at = to
        return True

    def skip(self) -> bool:
        """Go to the next open one after this one, or to the first; False where this is the only one."""
        before = self.at
        self.advance()
        if self.at >= len(self._order):
            self.at = before
        return self.at != before

    def reopen(self, examples: Iterable[int]) -> bool:
        """Decisions on these examples were taken back: go to the first of them; False where none is here."""
        ids = set(examples)
        there = [at for at, name in enumerate(self._order) if self._all[name].example in ids]
        self._decided -= {self._order[at] for at in there}
        if there:
            self.at = there[0]
        return bool(there)

    def close_again(self, examples: Iterable[int]) -> None:
        """Decisions on these examples were done again: they are adjudicated, and one goes on after them."""
        ids = set(examples)
        self._decided |= {name for name in self._order if self._all[name].example in ids}
        if self.current is not None and self.current.name in self._decided:
            self.advance()

    def renew(self, begun: Begun) -> None:
        """Take on what the project holds now: what one decided on here stays in its place, new disputes come behind, and
        those that are none any more go. One stays where one is."""
        here = self.current
        fresh = {one.name: one for one in begun.disputes}
        kept = [name for name in self._order if name in fresh or name in self._decided]
        self._decided -= {name for name, one in fresh.items() if one.reason is not Reason.OPEN}  # disputed again
        self._order = list(dict.fromkeys([*kept, *fresh]))
        self._all = {name: fresh.get(name) or self._all[name] for name in self._order}
        if here is not None and here.name in self._all:
            self.at = self._order.index(here.name)
        else:
            self.at = min(self.at, len(self._order)) - 1
            self.advance()


# What can be chosen


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to decide for with one key. `name` is shown and names it; `votes`: how many said so; `verdict` and `value` are
    of what the example shows now; `now`: it is what the example is already; `drop`: it takes the example out."""

    name: str
    votes: int
    verdict: Verdict
    value: str | None = None
    now: bool = False

    @property
    def drop(self) -> bool:
        return self.verdict is Verdict.DROP


def choices(dispute: Dispute, labels: Sequence[str], called: Mapping[str, str]) -> tuple[Choice, ...]:
    """What was voted for, the commonest first, then the other labels. `labels`: those of the project; `called`: what each
    reviewer is called on this card. An empty label can be kept, but nothing can be given one."""
    voted_for = [_choice(dispute, answer, called) for answers in by_label(dispute).values() for answer in answers]
    made = [one for one in voted_for if one.verdict is not Verdict.RELABEL or (one.value or "").strip()]
    if not has_labels(dispute, labels):
        return tuple(made)
    known = {choice.name for choice in made}
    listed = dispute.round.labels if dispute.round is not None else labels
    if is_side_by_side(dispute.round):
        # In one order, so that each has the key on which it was judged.
        by_name = {one.name: one for one in made}
        return tuple(by_name.get(label_title(name)) or _label(name, dispute) for name in listed)
    there = [
        name for name in dict.fromkeys((*listed, dispute.now.output)) if name.strip() or name == dispute.now.output
    ]
    others = [name for name in there if label_title(name) not in known]
    return (*made, *(_label(name, dispute) for name in others))


def by_label(dispute: Dispute) -> dict[str, list[Answer]]:
    return adjudication.answers_by_label(dispute)


def has_labels(dispute: Dispute, labels: Sequence[str]) -> bool:
    """Whether the outputs are labels: by the round, and outside of rounds by the project."""
    return bool(dispute.round.labels if dispute.round is not None else labels)


def proposed(dispute: Dispute, offered: Sequence[Choice]) -> Choice | None:
    """What the consensus says, as one of the choices."""
    answer = adjudication.suggested(dispute)
    if answer is None:
        return None
    wanted = adjudication.take(dispute, answer)
    return next((one for one in offered if (one.verdict, one.value) == wanted), None)


def _choice(dispute: Dispute, answer: Answer, called: Mapping[str, str]) -> Choice:
    who = [called[vote.reviewer] for vote in dispute.votes if _wants(dispute, vote.id, answer)]
    verdict, value = adjudication.take(dispute, answer)
    return Choice(answer_title(answer, who), len(who), verdict, value, verdict is Verdict.KEEP)


def _wants(dispute: Dispute, vote: str, answer: Answer) -> bool:
    said = dispute.answers.get(vote)
    return said is not None and said.key == answer.key


def answer_title(answer: Answer, who: Sequence[str] = ()) -> str:
    """What an answer is called on a button; an edit by those `who` made it."""
    if answer.label == KEEP:
        return tr("As it was shown")
    if answer.label == DROP:
        return tr("Drop it")
    if answer.label == CHANGE:
        return tr("Edit by {names}", names=", ".join(who)) if who else tr("Edited")
    return label_title(answer.label)


def _label(name: str, dispute: Dispute) -> Choice:
    now = name == dispute.now.output
    return Choice(label_title(name), 0, Verdict.KEEP if now else Verdict.RELABEL, None if now else name, now)


# The way back


@dataclass(frozen=True, slots=True)
class Turned:
    """An undo or a redo: its entry, and the examples whose decisions it touched."""

    entry: JournalEntry
    examples: tuple[int, ...]


def take_back(project: Project, reviewer: str) -> Turned | None:
    """Undo what this reviewer adjudicated, settled or decided last; None where there is nothing."""
    entry = review.newest(project, reviewer)
    return None if entry is None else _turned(project, lambda: project.undo(entry.id, actor=reviewer))


def do_again(project: Project, reviewer: str) -> Turned:
    """Take back the newest undo. Raises InputError where there is none."""
    return _turned(project, lambda: project.redo(actor=reviewer, by=reviewer))


def _turned(project: Project, turn: Callable[[], JournalEntry]) -> Turned:
    before = project.mark()
    entry = turn()
    change = project.changes_since(before)
    return Turned(entry, tuple(sorted(change.examples)) if change is not None else ())


# Settling


@dataclass(frozen=True, slots=True)
class Settling:
    """What settling would do in the rounds that are shown: how many items all agree on, and how many more have a consensus
    from `at_least` on."""

    unanimous: int
    by_consensus: int
    at_least: float
    rounds: tuple[Round, ...] = field(default_factory=tuple)


def settling(project: Project, wanted: Wanted, at_least: float) -> Settling:
    """What settling would do now."""
    rounds = _settled_rounds(project, wanted)
    found = [adjudication.foresee(project, each, at_least) for each in rounds]
    return Settling(
        sum(len(one.unanimous) for one in found), sum(len(one.by_consensus) for one in found), at_least, tuple(rounds)
    )


def settle(project: Project, wanted: Wanted, at_least: float | None, reviewer: str) -> int:
    """Settle in the rounds that are shown; returns how many items."""
    return sum(
        adjudication.settle(project, each, reviewer, at_least, asked=True).settled
        for each in _settled_rounds(project, wanted)
    )


def _settled_rounds(project: Project, wanted: Wanted) -> list[Round]:
    return [each for each in project.rounds.all() if wanted.round in (None, each.id)]


# Words


def queues(begun: Begun) -> list[tuple[str, Wanted]]:
    """What can be chosen to adjudicate, with how many disputes there are in each."""
    whole = sum(begun.counts.values())
    listed = [(tr("All disagreements ({count})", count=number(whole)), Wanted())]
    for each in begun.rounds:
        count = number(begun.counts.get(each.id, 0))
        listed.append((f"{round_title(each)} ({count})", Wanted(each.id)))
    if begun.wanted.ids is not None:
        listed.append((trn("{n} chosen example", "{n} chosen examples", len(begun.wanted.ids)), begun.wanted))
    return listed
