"""What the page of rounds shows, without Qt: the rounds and how far they are, and what each reviewer owes in one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curator.errors import CuratorError
from curator.model import Round
from curator.store import Project
from ui.i18n import number, tr, trn
from ui.presenters.words import moment, round_title

if TYPE_CHECKING:
    from curator.review.packets.exchange import PacketMerged, Written
    from curator.review.rounds.planning import Moved, Progress, RoundProgress


@dataclass(frozen=True, slots=True)
class Line:
    """One round in the list."""

    id: str
    title: str
    state: str
    tone: str
    done: int
    looks: int
    people: str

    @property
    def percent(self) -> int:
        return percent(self.done, self.looks)


@dataclass(frozen=True, slots=True)
class Listed:
    """The rounds, the newest first. `bound`: the one reviewer in whose name this window may vote, None where anybody may;
    then nothing about rounds can be changed here."""

    lines: tuple[Line, ...]
    bound: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One reviewer's part: how far it is, how long the rest takes, and what is known of its quality."""

    name: str
    done: int
    owed: int
    far: str
    left: str
    when: str
    quality: str
    there: bool
    open: bool
    """Whether something is left to do."""

    @property
    def percent(self) -> int:
        return percent(self.done, self.owed)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it counts; `tone` as the window shows it."""

    value: str
    word: str
    tip: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """One round. `step` is what to do next in a sentence, `go` the page that helps with it ("" for none)."""

    round: Round
    title: str
    scope: str
    kind: str
    done: int
    looks: int
    far: str
    people: tuple[Person, ...]
    figures: tuple[Figure, ...]
    step: str
    go: str
    disputed: int

    @property
    def percent(self) -> int:
        return percent(self.done, self.looks)


def percent(done: int, of: int) -> int:
    """Whole percent; 100 only where all is done."""
    return 100 if of and done >= of else int(100 * done / of) if of else 0


def read(project: Project) -> Listed:
    """The list of rounds."""
    from curator.review.rounds.planning import overall

    lines = []
    for one in overall(project):
        words, tone = _state(one.round, one.done, one.looks)
        people = ", ".join(one.round.reviewers)
        lines.append(Line(one.round.id, round_title(one.round), words, tone, one.done, one.looks, people))
    return Listed(tuple(lines), project.me())


def detail(project: Project, round: str) -> Detail:
    """How far one round is."""
    from curator.review.rounds.planning import progress

    return told(progress(project, project.rounds.get(round)))


def told(found: RoundProgress) -> Detail:
    """How far a round is, in words."""
    one = found.round
    far = trn("{done} of {n} vote", "{done} of {n} votes", found.looks, done=number(found.done))
    return Detail(
        one,
        round_title(one),
        one.scope,
        kind(one),
        found.done,
        found.looks,
        far,
        tuple(_person(each, one, found.looks // max(1, len(one.reviewers))) for each in found.reviewers),
        _figures(found),
        _step(found),
        {"adjudicate": "adjudicate", "settle": "adjudicate", "close": "agreement", "done": "agreement"}.get(
            found.next.name, ""
        ),
        found.disputed,
    )


def kind(round: Round) -> str:
    """How a round is reviewed, in one line."""
    said = [trn("{n} reviewer sees each item", "{n} reviewers see each item", round.overlap)]
    said.append(tr("blind") if round.blind else tr("votes are seen by all"))
    if round.hide_output:
        said.append(tr("the given label is hidden"))
    if round.hints:
        said.append(tr("with what checks found"))
    if round.claimed:
        said.append(tr("everybody takes the next free item"))
    if round.guideline_version:
        said.append(tr("guideline version {n}", n=round.guideline_version))
    else:
        said.append(tr("no guideline"))
    return " · ".join(said)


def minutes(value: float) -> str:
    """A time to work, as people estimate one."""
    if value < 1:
        return tr("less than a minute")
    if value < 90:
        return trn("about {n} minute", "about {n} minutes", int(value + 0.5))
    return tr("about {hours} hours", hours=number(value / 60, 1))


def moved(found: Moved) -> str:
    """What came of somebody's leaving or joining."""
    if found.joined:
        return trn("{name} takes {n} vote over.", "{name} takes {n} votes over.", found.taken, name=found.reviewer)
    shares = ", ".join(f"{name} {number(n)}" for name, n in found.looks.items())
    said = [tr("{name} left; what they finished stays.", name=found.reviewer)]
    if shares:
        said.append(tr("The rest goes to: {shares}.", shares=shares))
    if found.unassigned:
        text = trn(
            "{n} vote can be given to nobody who stays: let somebody join.",
            "{n} votes can be given to nobody who stays: let somebody join.",
            found.unassigned,
        )
        said.append(text)
    return " ".join(said)


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of the answers that were merged: those that were taken, why others were refused, and how many items settled
    themselves on which all agree."""

    taken: tuple[PacketMerged, ...] = ()
    refused: tuple[str, ...] = ()
    settled: int = 0


def merge(project: Project, files: Sequence[str]) -> Answers:
    """Merge what reviewers sent back; a packet that is refused changes nothing, and the others count."""
    from curator.review.adjudication.settling import settle
    from curator.review.packets.exchange import merge_packet

    taken, refused = [], []
    for name in files:
        try:
            taken.append(merge_packet(project, Path(name)))
        except CuratorError as error:
            refused.append(str(error))
    rounds = {one.round.id: one.round for one in taken if one.round.settle and project.adjudicates}
    return Answers(tuple(taken), tuple(refused), sum(settle(project, round).settled for round in rounds.values()))


def merged(answers: Answers) -> str:
    """What answers brought."""
    said = []
    for one in answers.taken:
        text = trn("{n} new vote of {name}", "{n} new votes of {name}", one.new, name=one.reviewer)
        if one.known:
            text += ", " + trn("{n} known already", "{n} known already", one.known)
        if one.left:
            text += ", " + trn("{n} still owed", "{n} still owed", one.left)
        if one.changed:
            text += ", " + trn("{n} on a text that changed since", "{n} on texts that changed since", one.changed)
        said.append(text)
    if answers.settled:
        said.append(trn("{n} item settled itself", "{n} items settled themselves", answers.settled))
    return ". ".join(said) + "."


def packed(found: Sequence[Written], folder: Path) -> str:
    """Which packets were written."""
    return trn(
        "Wrote {n} packet to {folder}: send it to its reviewer.",
        "Wrote {n} packets to {folder}: send each to its reviewer.",
        len(found),
        folder=folder,
    )


def _state(round: Round, done: int, looks: int) -> tuple[str, str]:
    if round.closed:
        return tr("closed"), ""
    if looks and done >= looks:
        return tr("all voted"), "good"
    return (tr("under way"), "accent") if done else (tr("not begun"), "")


def _person(one: Progress, round: Round, share: int) -> Person:
    """`share`: where nobody has a list, an equal part of all."""
    owed = one.owed
    far = tr("{done} of {all}", done=number(one.done), all=number(owed))
    if round.claimed:
        far = trn("{n} vote", "{n} votes", one.done)
        owed = one.done if not one.there else max(1, share)
    if not one.there:
        left = tr("has left")
    elif one.minutes <= 0:
        left = tr("done")
    else:
        left = tr("{time} left", time=minutes(one.minutes))
    when = tr("last vote {when}", when=moment(one.last)) if one.last else tr("no vote yet")
    still = one.there and not round.closed and (one.left > 0 or round.claimed)
    return Person(one.reviewer, one.done, owed, far, left, when, _quality(one), one.there, still)


def _quality(one: Progress) -> str:
    """What known items and repeats tell."""
    said = []
    known = ((tr("gold"), one.gold), (tr("attention"), one.attention), (tr("the same twice"), one.repeats))
    for word, tally in known:
        if tally.seen:
            said.append(f"{word} {number(tally.right)}/{number(tally.seen)}")
    if one.skipped:
        said.append(trn("{n} skipped", "{n} skipped", one.skipped))
    return " · ".join(said)


def _figures(found: RoundProgress) -> tuple[Figure, ...]:
    shown = [
        Figure(number(found.items), tr("items"), tr("Examples to judge; known ones that are mixed in are not counted")),
        Figure(number(found.complete), tr("have all votes"), tr("Everybody who is to has voted on them")),
        Figure(number(found.unanimous), tr("unanimous"), tr("All who voted say the same"), "good"),
        Figure(
            number(found.disputed),
            tr("disputed"),
            tr("Votes differ, or somebody flagged: a person decides"),
            "warn" if found.disputed else "",
        ),
        Figure(number(found.settled), tr("settled"), tr("Their votes have become decisions")),
    ]
    if found.changed:
        tip = tr("Their examples say something else now than the round shows")
        shown.append(Figure(number(found.changed), tr("changed since"), tip, "warn"))
    if found.unassigned:
        tip = tr("Votes that nobody owes: let somebody join")
        shown.append(Figure(number(found.unassigned), tr("votes are nobody's"), tip, "bad"))
    return tuple(shown)


def _step(found: RoundProgress) -> str:
    name, n = found.next.name, found.next.n
    if name == "vote":
        return trn("{n} vote is still to come.", "{n} votes are still to come.", n)
    if name == "join":
        return trn("{n} vote is nobody's: let somebody join.", "{n} votes are nobody's: let somebody join.", n)
    if name == "adjudicate":
        return trn("{n} item waits for somebody to decide.", "{n} items wait for somebody to decide.", n)
    if name == "settle":
        return trn(
            "The votes on {n} item agree and can be settled.", "The votes on {n} items agree and can be settled.", n
        )
    if name == "close":
        return tr("Every vote is in, and everything is settled: the round can be closed.")
    return tr("The round is closed.")
