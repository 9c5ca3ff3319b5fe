"""Reviewing, without the window: the cards of a queue, what each key decides, and the way back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from curator.errors import InputError
from curator.model import Decision, Example, Finding, Kind, Role, Round, Verdict, as_json, content_key
from curator.review import judging, queue
from curator.review.queue import Item, Queue, Wanted
from curator.store import JournalEntry, Project
from ui.i18n import tr
from ui.presenters import sides

OTHERS = 6
"""Other examples that a card shows at most: those that its findings name."""
ONE_BY_ONE = 40
"""Examples whose decisions are read one by one; for more of them all decisions are read at once."""
LOOK_BACK = (64, 1_024, None)
"""Entries of the journal that are read to find the newest decision, more where it is not among them."""


@dataclass(frozen=True, slots=True)
class Card:
    """One example to decide on. `key`: the content key of what is shown; `others`: the examples that its findings name;
    `mine`: this reviewer's decision in force, None before there is one. In a `round` what is decided is a vote, and `example`
    is what the round shows."""

    item: Item
    example: Example
    key: str
    others: Mapping[int, Example] = field(default_factory=dict)
    mine: Decision | None = None
    round: Round | None = None

    @property
    def id(self) -> int:
        """What names the card in its queue: the example's id, negative where it is shown a second time in a round."""
        return self.item.key

    @property
    def hides_output(self) -> bool:
        """Whether the given label is not to be seen, so that it sways nobody."""
        return self.round is not None and self.round.hide_output

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.item.findings

    @property
    def proposing(self) -> Finding | None:
        """The strongest finding that proposes something."""
        return next((f for f in self.findings if f.suggestion is not None and f.suggestion.examples), None)

    @property
    def suggested(self) -> str | None:
        """The label or text that the findings propose for this example."""
        for finding in self.findings:
            proposed = finding.suggestion
            if proposed is not None and proposed.action is Verdict.RELABEL and self.id in proposed.examples:
                return proposed.value_for(self.id)
        return None


@dataclass(frozen=True, slots=True)
class Begun:
    """What a sitting starts from. `today`: the examples that this reviewer decided on today already; `checks`: how many
    findings each check has; `skipped` and `flagged`: how many examples wait there; `round`: the one that the queue is of, and
    `rounds` all that wait for this reviewer."""

    queue: Queue
    wanted: Wanted
    today: frozenset[int] = frozenset()
    guideline: str = ""
    checks: Mapping[str, int] = field(default_factory=dict)
    examples: int = 0
    skipped: int = 0
    flagged: int = 0
    round: Round | None = None
    rounds: tuple[Owed, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """A round in which this reviewer has a list or may claim, and how many looks are `left`, None where nobody has a list."""

    round: Round
    left: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one is in one part of the queue. `audit`: in the sample without findings, else among those with findings."""

    decided: int
    left: int
    audit: bool

    @property
    def total(self) -> int:
        return self.decided + self.left


@dataclass(frozen=True, slots=True)
class Turned:
    """An undo or a redo: its entry, and the verdict of this reviewer (None: none) on each example it touched."""

    entry: JournalEntry
    verdicts: Mapping[int, Verdict | None]

    @property
    def examples(self) -> tuple[int, ...]:
        return tuple(self.verdicts)


class Deck:
    """The cards of a queue and where one is among them. Holds what was decided in this sitting; reads and writes nothing."""

    def __init__(self, begun: Begun):
        self.wanted = begun.wanted
        self.run = begun.queue.run
        self.at = 0
        self._before = (begun.queue.decided, begun.queue.audited)
        self._items = {item.key: item for item in begun.queue.items}
        self._ids = [*self._items, *begun.queue.sample]
        self._sample = frozenset(begun.queue.sample)
        self._places = set(self._ids)
        self._known = set(self._ids)
        self._verdicts: dict[int, Verdict] = {}
        self._today = set(begun.today)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def current(self) -> Item | None:
        """The item to show, None past the last."""
        return self.item(self._ids[self.at]) if self.at < len(self._ids) else None

    def item(self, example: int) -> Item:
        return self._items.get(example) or Item(abs(example), repeat=example < 0)

    def verdict(self, example: int) -> Verdict | None:
        """What was decided on an example in this sitting."""
        return self._verdicts.get(example)

    def settle(self, decided: Mapping[int, Verdict]) -> None:
        """These examples are decided, and that is on disk."""
        self._verdicts.update(decided)
        self._today |= set(decided)

    def advance(self) -> Item | None:
        """Go to the next example that is not decided: after this one, else before it. None where all are."""
        at = self._undecided_from(self.at)
        if at is None:
            at = next(iter(self._undecided(0, min(self.at, len(self._ids)))), None)
        self.at = len(self._ids) if at is None else at
        return self.current

    def move(self, step: int) -> bool:
        """Go on or back by one card without deciding; False at either end."""
        to = self.at + step
        if not 0 <= to < len(self._ids):
            return False
        self.at = to
        return True

    def reopen(self, examples: Iterable[int]) -> Item | None:
        """The decisions on these examples were taken back: go to the first of them in the queue. One that is not in the
        queue, for it was decided before this sitting, comes in here."""
        ids = set(examples)
        for id in ids:
            self._verdicts.pop(id, None)
        self._today -= ids
        here = next((at for at, id in enumerate(self._ids) if id in ids), None)
        if here is None and ids:
            here = min(self.at, len(self._ids))
            self._ids[here:here] = sorted(ids)
            self._places |= ids
            self._before = (max(0, self._before[0] - len(ids)), self._before[1])
        if here is not None:
            self.at = here
        return self.current

    def forget(self, examples: Iterable[int]) -> None:
        """These examples are open again, for somebody took their decisions back; one stays where one is."""
        for id in examples:
            self._verdicts.pop(id, None)
            self._today.discard(id)

    def go_to(self, example: int) -> bool:
        """Show this example; False where it is not in the queue."""
        try:
            self.at = self._ids.index(example)
        except ValueError:
            return False
        return True

    def wants_findings(self, item: Item) -> bool:
        """Whether the findings about an item have yet to be read: it came into the queue by an undo."""
        return self.wanted.round is None and not item.findings and item.key not in self._known

    def add(self, item: Item) -> None:
        """Take on what is known of an example."""
        self._items[item.key] = item
        self._known.add(item.key)

    def ahead(self, number: int) -> list[Item]:
        """The next undecided items after this one, and the one before it: what is worth having at hand."""
        coming: list[Item] = []
        for at in self._undecided(self.at + 1, len(self._ids)):
            coming.append(self.item(self._ids[at]))
            if len(coming) == number:
                break
        if 0 < self.at <= len(self._ids):
            coming.append(self.item(self._ids[self.at - 1]))
        return coming

    @property
    def done(self) -> bool:
        return self.at >= len(self._ids)

    @property
    def decided_here(self) -> int:
        """Examples decided in this sitting."""
        return len(self._verdicts)

    def count(self, verdict: Verdict) -> int:
        """Examples that got this verdict in this sitting."""
        return sum(one is verdict for one in self._verdicts.values())

    @property
    def today(self) -> int:
        """Examples decided today."""
        return len(self._today)

    @property
    def progress(self) -> Progress:
        """In the part of the queue where one is: first the examples with findings, then the audit sample."""
        here = self.current
        audit = here is not None and here.key in self._sample
        whole = len(self._sample) if audit else len(self._ids) - len(self._sample)
        sampled = sum(id in self._sample for id in self._verdicts)
        settled = sampled if audit else sum(id in self._places for id in self._verdicts) - sampled
        return Progress(self._before[audit] + settled, whole - settled, audit)

    def _undecided_from(self, start: int) -> int | None:
        return next(iter(self._undecided(start, len(self._ids))), None)

    def _undecided(self, start: int, end: int) -> Iterator[int]:
        return (at for at in range(start, end) if self._ids[at] not in self._verdicts)


# Reading


def begin(project: Project, reviewer: str, wanted: Wanted, today: datetime | None = None) -> Begun:
    """The queue of this reviewer, and how much they did today (`today`: now, with its time zone)."""
    made = queue.load(project, reviewer, wanted)
    decisions = [decision for decision in project.decisions() if not decision.imported]
    run = project.latest_run("check")
    begun = Begun(
        made,
        wanted,
        decided_today(decisions, reviewer, today),
        project.settings().get("guideline", ""),
        {name: count for name, count in run.checks.items() if count} if run is not None else {},
        project.counts().examples[Role.CANDIDATE],
        sum(d.verdict is Verdict.SKIP and d.reviewer == reviewer for d in decisions),
        len({d.example for d in decisions if d.verdict is Verdict.FLAG}),
        rounds=owed(project, reviewer),
    )
    return begun if wanted.round is None else _in_round(project, reviewer, begun, wanted.round, today)


def _in_round(project: Project, reviewer: str, begun: Begun, round: str, today: datetime | None) -> Begun:
    """What is of the round instead: its votes, its guideline and its items."""
    asked = project.rounds.get(round)
    return replace(
        begun,
        today=decided_today(cast(project, asked.id, reviewer).values(), reviewer, today),
        guideline=asked.guideline,
        examples=len(project.rounds.items(asked.id)),
        round=asked,
    )


def owed(project: Project, reviewer: str) -> tuple[Owed, ...]:
    """The open rounds in which this reviewer has something to look at, the oldest first."""
    found = []
    for round in project.rounds.all():
        if round.closed or not (round.claimed or reviewer in round.reviewers):
            continue
        if round.claimed:
            found.append(Owed(round, None))
            continue
        slots, voted = project.rounds.slots(round.id, reviewer), cast(project, round.id, reviewer)
        found.append(Owed(round, sum((-slot.example if slot.repeat else slot.example) not in voted for slot in slots)))
    return tuple(found)


def decided_today(decisions: Iterable[Decision], reviewer: str, now: datetime | None = None) -> frozenset[int]:
    """The examples with a decision of this reviewer since midnight where they are."""
    now = now or datetime.now().astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC).isoformat()
    mine = (d for d in decisions if d.reviewer == reviewer and not d.imported and d.at >= midnight)
    return frozenset(-d.example if d.repeat else d.example for d in mine)


def read_cards(
    project: Project, items: Sequence[tuple[Item, bool]], reviewer: str, run: int | None, round: Round | None = None
) -> list[Card]:
    """As `load_cards`, with the findings of those items that are marked as wanting them; in a `round` as it shows them."""
    if round is not None:
        return _round_cards(project, [item for item, _ in items], reviewer, round)
    whole = [with_findings(project, item, run) if wants else item for item, wants in items]
    return load_cards(project, whole, reviewer)


def load_cards(project: Project, items: Sequence[Item], reviewer: str) -> list[Card]:
    """The cards of these items, as the project is now."""
    named = {item.example: _named_by(item) for item in items}
    wanted = list(dict.fromkeys([*named, *(id for ids in named.values() for id in ids)]))
    found = {example.id: example for example in project.get_examples(wanted)}
    cards = []
    for item in items:
        mine = [d for d in project.decisions(item.example) if _is_of(d, reviewer)]
        example = found[item.example]
        others = {id: found[id] for id in named[item.example]}
        cards.append(Card(item, example, content_key(example), others, mine[-1] if mine else None))
    return cards


def _round_cards(project: Project, items: Sequence[Item], reviewer: str, round: Round) -> list[Card]:
    shown = project.rounds.examples(round.id, [item.example for item in items])
    cards = []
    for item, example in zip(items, shown, strict=True):
        votes = project.rounds.votes(round.id, item.example)
        cast_here = [vote for vote in votes if vote.reviewer == reviewer and vote.repeat == item.repeat]
        key, last = content_key(example), cast_here[-1] if cast_here else None
        example, mine = sides.shown_again(example, last, round, repeat=item.repeat)
        cards.append(Card(item, example, key, mine=mine, round=round))
    return cards


def with_findings(project: Project, item: Item, run: int | None) -> Item:
    """The item of an example that left the queue, with the findings about it again."""
    if item.findings or run is None:
        return item
    found = [f for f in project.findings(run, example=item.example) if item.example in queue.subject(f)]
    return replace(item, findings=tuple(sorted(found, key=lambda f: (-queue.WEIGHT[f.severity], -f.score, f.id))))


def _named_by(item: Item) -> list[int]:
    """The examples that an item's findings set beside it, the strongest finding's first."""
    named = (id for finding in item.findings for id in finding.examples if id != item.example)
    return list(dict.fromkeys(named))[:OTHERS]


# Deciding


def decision(card: Card, reviewer: str, verdict: Verdict, value: str | None = None, note: str = "") -> Decision:
    """What a key decides on the card that is shown: in a round a vote. To give a label that is there already is to keep the
    example."""
    if verdict is Verdict.RELABEL and value == card.example.output:
        verdict, value = Verdict.KEEP, None
    made = Decision(str(uuid.uuid4()), card.example.id, card.key, reviewer, verdict, value, note.strip())
    if card.round is None:
        return made
    said = sides.stored(made.value, card.round, repeat=card.item.repeat)
    return replace(made, value=said, kind=Kind.VOTE, round=card.round.id, repeat=card.item.repeat)


def edited(example: Example, texts: Mapping[int, str]) -> str | None:
    """The messages of an example with other texts (by the number of the turn), as JSON; None where nothing differs."""
    messages = as_json(example)["messages"]
    for place, text in texts.items():
        if text != (messages[place]["content"] or ""):
            messages[place]["content"] = text
    changed = messages != as_json(example)["messages"]
    return json.dumps(messages, ensure_ascii=False) if changed else None


def settled_by(finding: Finding) -> dict[int, Verdict]:
    """What accepting a finding decides, by example."""
    proposed = finding.suggestion
    return {} if proposed is None else dict.fromkeys(proposed.examples, proposed.action)


def accept(project: Project, finding: Finding, reviewer: str, note: str = "") -> JournalEntry:
    """Do what a finding proposes for all of its examples, and count it as right."""
    return judging.accept(project, _chosen(project, [finding]), reviewer, note)


def dismiss(project: Project, findings: Sequence[Finding], reviewer: str, note: str = "") -> JournalEntry:
    """Keep what these findings would take away, and count them as wrong: they keep nothing out of a release any more."""
    return judging.dismiss(project, _chosen(project, findings), reviewer, note)


def dismissed_by(card: Card) -> dict[int, Verdict]:
    """What dismissing the findings of a card decides, by example."""
    return {id: Verdict.KEEP for finding in card.findings for id in queue.subject(finding)}


def _chosen(project: Project, findings: Sequence[Finding]) -> judging.Chosen:
    run = project.latest_run("check")
    if run is None:
        raise InputError(tr("The project was not checked yet."))
    return judging.Chosen(run, tuple(findings))


# The way back


def newest(project: Project, reviewer: str, round: str | None = None) -> JournalEntry | None:
    """The newest entry in force by which this reviewer decided something; in a round, by which they voted in it."""
    wanted = ("decide", "judge") if round is None else ("vote",)
    for limit in LOOK_BACK:
        for entry in project.log(limit):
            mine = entry.actor == reviewer and entry.action in wanted and entry.in_force
            if mine and (round is None or entry.round == round):
                return entry
    return None


def take_back(project: Project, reviewer: str, round: str | None = None) -> Turned | None:
    """Undo this reviewer's newest decision, or vote in a round, from whatever sitting; None where there is none."""
    entry = newest(project, reviewer, round)
    if entry is None:
        return None
    return _turned(project, reviewer, lambda: project.undo(entry.id, actor=reviewer), round)


def do_again(project: Project, reviewer: str, round: str | None = None) -> Turned:
    """Take back the newest undo. Raises InputError where there is none."""
    return _turned(project, reviewer, lambda: project.redo(actor=reviewer, by=reviewer), round)


def _turned(project: Project, reviewer: str, turn: Callable[[], JournalEntry], round: str | None) -> Turned:
    before, votes = project.mark(), cast(project, round, reviewer) if round is not None else {}
    entry = turn()
    if round is not None:
        now = cast(project, round, reviewer)
        turned = [key for key in sorted(votes.keys() | now.keys()) if votes.get(key) != now.get(key)]
        return Turned(entry, {key: now[key].verdict if key in now else None for key in turned})
    change = project.changes_since(before)
    return Turned(entry, verdicts(project, change.examples if change is not None else (), reviewer))


def cast(project: Project, round: str, reviewer: str) -> dict[int, Decision]:
    """The votes of a reviewer in a round, by what names their cards."""
    votes = project.rounds.votes(round, reviewer=reviewer)
    return {(-vote.example if vote.repeat else vote.example): vote for vote in votes}


def verdicts(
    project: Project, examples: Iterable[int], reviewer: str, round: str | None = None
) -> dict[int, Verdict | None]:
    """What this reviewer decided on examples, in the order of their ids; None where nothing is in force.

    In a round: what they voted, with a second showing under its own key.
    """
    ids = sorted(examples)
    if round is not None:
        votes, asked = cast(project, round, reviewer), set(ids)
        again = [
            -slot.example for slot in project.rounds.slots(round, reviewer) if slot.repeat and slot.example in asked
        ]
        return {key: votes[key].verdict if key in votes else None for key in (*ids, *again)}
    if len(ids) > ONE_BY_ONE:
        made = {d.example: d.verdict for d in project.decisions() if _is_of(d, reviewer)}
    else:
        made = {d.example: d.verdict for id in ids for d in project.decisions(id) if _is_of(d, reviewer)}
    return {id: made.get(id) for id in ids}


def _is_of(decision: Decision, reviewer: str) -> bool:
    return decision.reviewer == reviewer and not decision.imported


def settle(project: Project, round: str) -> None:
    """Settle what all agree on in a round that is meant to do so, where this account may."""
    from curator.review.adjudication import settling

    asked = project.rounds.get(round)
    if asked.settle and project.adjudicates:
        settling.settle(project, asked)


def keep_guideline(project: Project, text: str) -> JournalEntry:
    """Keep the guideline with the project, for everybody who reviews it."""
    return project.set_settings(guideline=text.strip() or None)
