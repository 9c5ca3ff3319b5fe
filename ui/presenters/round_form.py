"""A round before it begins, without Qt: what is filled into the form, and what it would come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from curator.store import Project
from ui.i18n import number, share, tr, trn
from ui.presenters.rounds import minutes
from ui.presenters.words import check_title

if TYPE_CHECKING:
    from curator.review.rounds.items import Asked, Pool
    from curator.review.rounds.planning import Note, Planned

SAMPLE = 120
"""Items of the sample that is proposed: an afternoon's work for three."""
MARGINS = (0.1, 0.07, 0.05, 0.03)


@dataclass(frozen=True, slots=True)
class Form:
    """What is filled in. `scope` is sample, findings, all or ids; `check` "" is all of them; `ids` with their `title` came
    from another page."""

    reviewers: str = ""
    scope: str = "sample"
    check: str = ""
    size: int = SAMPLE
    ids: tuple[int, ...] = ()
    title: str = ""
    overlap: int = 2
    part: float = 1.0
    gold: int = 0
    attention: int = 0
    repeats: int = 0
    blind: bool = True
    hide_output: bool = False
    hints: bool = False
    claimed: bool = False
    settle: bool = True
    guideline: str = ""
    name: str = ""
    seed: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The reviewers, each once."""
        return tuple(dict.fromkeys(name.strip() for name in self.reviewers.split(",") if name.strip()))


@dataclass(frozen=True, slots=True)
class Ground:
    """What a form stands on: the `pool` to choose from, kept while nothing changes; names that are `known`; `checks` with
    how many candidates have undecided findings; and whether outputs are labels."""

    pool: Pool
    known: tuple[str, ...]
    checks: Mapping[str, int]
    guideline: str
    labels: bool
    form: Form

    @property
    def candidates(self) -> int:
        return len(self.pool.candidates)


@dataclass(frozen=True, slots=True)
class Owing:
    """One line of what everybody owes."""

    name: str
    looks: str
    time: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence; `tone` is "" or "warn"."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the round would come to: a `headline` such as "120 items × 2 reviewers = 240 votes", who owes what, and what is to
    be known. `problem`: why there can be none, "" where there can. `size`: how many items."""

    headline: str = ""
    owing: tuple[Owing, ...] = ()
    pace: str = ""
    remarks: tuple[Remark, ...] = ()
    problem: str = ""
    size: int = 0


def ground(project: Project, before: Form | None = None) -> Ground:
    """What there is to choose from, and a form to begin with."""
    from curator.review.rounds.items import Asked, pool

    have = pool(project, Asked(()))
    rounds = project.rounds.all()
    guideline = str(project.settings().get("guideline") or "")
    form = before
    if form is None:
        names = rounds[-1].reviewers if rounds else (project.actor,)
        form = Form(", ".join(names), guideline=guideline, seed=len(rounds))
    known = tuple(name for name in project.reviewers() if not name.startswith("("))
    return Ground(have, known, _undecided(project, have), guideline, bool(have.outputs), form)


def _undecided(project: Project, have: Pool) -> dict[str, int]:
    """By check, the candidates with a finding of it that nobody decided."""
    from curator.review.queue import subject

    if have.run is None:
        return {}
    there = set(have.candidates) - set(have.decided)
    found: dict[str, set[int]] = {}
    for finding in project.findings(have.run.id, evidence=False):
        if finding.id not in have.dismissed:
            found.setdefault(finding.check, set()).update(there.intersection(subject(finding)))
    return {name: len(ids) for name, ids in sorted(found.items()) if ids}


def asked(form: Form) -> Asked:
    """The form as the engine takes it."""
    from curator.review.rounds.items import Asked, Scope

    return Asked(
        form.names,
        Scope(form.scope),
        checks=(form.check,) if form.check else (),
        size=form.size if form.scope == "sample" else None,
        ids=form.ids if form.scope == "ids" else (),
        overlap=form.overlap,
        overlap_share=form.part,
        gold=form.gold,
        attention=form.attention,
        repeats=form.repeats,
        blind=form.blind,
        hide_output=form.hide_output,
        hints=form.hints,
        claimed=form.claimed,
        settle=form.settle,
        guideline=form.guideline,
        seed=form.seed,
        name=form.name,
    )


def outcome(project: Project, form: Form, ground: Ground) -> Outcome:
    """What the round would come to; a problem in a sentence where there can be none."""
    from curator.errors import InputError
    from curator.review.rounds.planning import plan

    if not form.names:
        return Outcome(problem=tr("Name at least one reviewer."))
    if form.scope == "findings" and not ground.checks:
        return Outcome(problem=tr("No finding is left to decide; take a random sample."))
    try:
        planned = plan(project, asked(form), ground.pool)
    except InputError as error:
        return Outcome(problem=str(error))
    return foreseen(planned)


def foreseen(planned: Planned) -> Outcome:
    """A plan in words."""
    round, items = planned.round, planned.count
    votes = sum(slot.reviewer is not None or round.claimed for slot in planned.slots)
    said = trn("{n} item", "{n} items", items)
    plain = planned.shared == items and len(planned.slots) == items * round.overlap and round.overlap > 1
    if plain:
        said += " × " + trn("{n} reviewer", "{n} reviewers", round.overlap)
        headline = tr("{items} = {votes} votes", items=said, votes=number(len(planned.slots)))
    else:
        headline = trn("{items}, {n} vote in all", "{items}, {n} votes in all", votes, items=said)
    owing = tuple(
        Owing(one.reviewer, trn("{n} vote", "{n} votes", one.looks), minutes(one.minutes)) for one in planned.owed
    )
    own = sum(one.pace.measured for one in planned.owed)
    if own == len(planned.owed):
        pace = tr("Times go by the pace of each so far.")
    elif own:
        pace = tr("Times go by the pace of each so far, else by the words to read.")
    else:
        pace = tr("Times are estimated by the words to read.")
    remarks = tuple(Remark(remark(note), "warn" if note.warn else "") for note in planned.notes)
    return Outcome(headline, owing, pace, remarks, size=items)


def scope_said(form: Form, ground: Ground, size: int) -> str:
    """What is reviewed, to be kept with the round in the language in use."""
    if form.scope == "ids":
        return form.title or trn("{n} chosen example", "{n} chosen examples", size)
    if form.scope == "findings":
        if form.check:
            title = check_title(form.check)
            return trn(
                "{n} candidate with open findings: {check}",
                "{n} candidates with open findings: {check}",
                size,
                check=title,
            )
        return trn("{n} candidate with open findings", "{n} candidates with open findings", size)
    if form.scope == "all":
        return trn("{n} candidate: all", "All {n} candidates", size)
    return tr("A random sample of {n} of {all} candidates", n=number(size), all=number(ground.candidates))


def begun(form: Form, ground: Ground, size: int) -> Asked:
    """What is asked of the engine when the round begins."""
    return replace(asked(form), said=scope_said(form, ground, size))


def margin_size(margin: float, ground: Ground) -> int:
    """How many to look at to be so sure."""
    from curator.review.rounds.sampling import size_for

    return size_for(margin, ground.candidates)


def remark(note: Note) -> str:
    """A note of the engine in the language in use."""
    v = note.values
    n = int(v.get("n", 0))
    simple = {
        "whole": tr("Everything is looked at, so what is counted is exact."),
        "alone": tr("There is one reviewer, so no agreement can be measured."),
        "apart": tr("Each item is seen by one reviewer, so no agreement can be measured; two make it possible."),
        "attention_hidden": tr("Outputs are not shown, so attention items are gold items here."),
        "hints_hidden": tr("Outputs are not shown, and what a check found may name them, so there are no hints."),
        "repeats_claimed": tr("Repeats need lists; where everybody takes the next free item there are none."),
        "no_guideline": tr("There is no guideline yet; with one, everybody decides doubtful cases alike."),
        "output_shown": tr("Reviewers see the label that is given; whoever sees it tends to agree with it."),
    }
    if note.name in simple:
        return simple[note.name]
    if note.name == "margin":
        return tr("Margin of error ±{margin}, 95 times in 100.", margin=share(v["margin"], 1))
    if note.name == "agreement":
        return trn("Agreement can be measured on {n} item.", "Agreement can be measured on {n} items.", n)
    if note.name == "few_shared":
        return trn(
            "Agreement on only {n} item is a rough figure; from about 50 on it says more.",
            "Agreement on only {n} items is a rough figure; from about 50 on it says more.",
            n,
        )
    if note.name == "few_people":
        return trn(
            "There are fewer reviewers than are to see each item: {n} vote waits until somebody joins.",
            "There are fewer reviewers than are to see each item: {n} votes wait until somebody joins.",
            n,
        )
    if note.name == "rare":
        values = {"labels": number(v["labels"]), "few": number(v["few"])}
        return trn(
            "{n} of {labels} labels has fewer than {few} items; about it the round says little.",
            "{n} of {labels} labels have fewer than {few} items; about those the round says little.",
            n,
            **values,
        )
    return _planted(note.name, v, n)


def _planted(name: str, v: Mapping[str, float], n: int) -> str:
    """Notes on known items, and on what is fewer than was asked for."""
    if name == "gold":
        return trn(
            "{n} item of known answer is among those of each reviewer.",
            "{n} items of known answer are among those of each reviewer.",
            n,
        )
    if name == "attention":
        return trn(
            "{n} item of each reviewer shows a wrong answer on purpose; say that there is one.",
            "{n} items of each reviewer show a wrong answer on purpose; say that there are such.",
            n,
        )
    if name == "repeats":
        return trn(
            "{n} item comes a second time to each reviewer; say that there is one.",
            "{n} items come a second time to each reviewer; say that there are such.",
            n,
        )
    if name == "claimed":
        return tr("Whoever takes an item has it for {n} minutes.", n=number(v["minutes"]))
    wanted, there = number(v["wanted"]), number(v["there"])
    if name == "no_gold":
        return tr(
            "{wanted} known answers are wanted and {there} are there; adjudicate some first.",
            wanted=wanted,
            there=there,
        )
    if name == "fewer_repeats":
        return tr("The lists are too short for {wanted} repeats: one has {there}.", wanted=wanted, there=there)
    return tr("{wanted} are wanted and {there} are there: all of them are reviewed.", wanted=wanted, there=there)
