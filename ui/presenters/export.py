"""What the export page shows: a plan of the engine in words. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui.i18n import number, share, tr, trn
from ui.presenters.export_budget import Length, length
from ui.presenters.export_choices import STRICT, Choices, Place
from ui.presenters.export_fixes import Fix, fix_title, loses
from ui.presenters.export_targets import Target, sentence, target
from ui.presenters.sides import judging_text
from ui.presenters.words import check_help, check_title, rule_title, split_title, task_title


@dataclass(frozen=True, slots=True)
class Rule:
    """A switch of the policy and what it does."""

    name: str
    title: str
    help: str
    on: bool
    usual: bool
    part: bool
    ids: tuple[int, ...]

    @property
    def effect(self) -> str:
        if not self.ids:
            return tr("nothing to keep out")
        if self.on:
            return trn("keeps {n} out", "keeps {n} out", len(self.ids))
        return trn("would keep {n} out", "would keep {n} out", len(self.ids))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why examples stay out."""

    rule: str
    title: str
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Split:
    name: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Below:
    """Too few: what that means, and what to do instead."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Origin:
    """How many of the examples that go out came to be as they are in one way."""

    how: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Work:
    """What reviewers did. `origins`: of what goes out; `rounds`: how far they agree in each, in a sentence; `disputes`: the
    rule about what they disagree on; `left`: the examples (ids) that stay out for each thing that is asked."""

    origins: tuple[Origin, ...]
    rounds: tuple[str, ...]
    disputes: Rule
    left: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class View:
    """A plan in words. `splits` is empty while they are still counted; `work` is None where there is but one reviewer."""

    task: str
    minimum: int
    ideal: int
    seed: int
    labels: bool
    records: int
    readable: int
    effective: int
    clean: int
    chosen: int
    splits: tuple[Split, ...]
    reasons: tuple[Reason, ...]
    rules: tuple[Rule, ...]
    targets: tuple[Target, ...]
    below: Below | None
    notes: tuple[str, ...]
    work: Work | None = None
    fixes: tuple[Fix, ...] = ()
    models: tuple[tuple[str, str], ...] = ()
    lengths: tuple[Length, ...] = ()

    @property
    def out(self) -> int:
        return self.readable - self.chosen

    @property
    def title(self) -> str:
        """What goes out, beside the number."""
        return tr("of {n} go out", n=number(self.readable))

    @property
    def size_help(self) -> str:
        """How the size stands to what is clean and to what the task needs."""
        clean = trn("{n} example is clean.", "{n} examples are clean.", self.clean)
        if self.chosen < self.clean:
            return clean + " " + tr("The best and most different of them are taken.")
        return clean


def view(plan: Mapping[str, Any]) -> View:
    """The words for what `release.Plan.as_json` says."""
    below = plan["below"]
    return View(
        task_title(plan["task"]),
        plan["minimum"],
        plan["ideal"],
        plan["seed"],
        plan["task"] == "classification",
        plan["records"],
        plan["readable"],
        plan["effective"],
        plan["clean"],
        plan["chosen"],
        tuple(Split(one["name"], split_title(one["name"]), one["count"]) for one in plan["splits"]),
        tuple(Reason(one["rule"], _reason(one["rule"], plan), tuple(one["ids"])) for one in plan["out"]),
        tuple(_rule(one) for one in plan["rules"]),
        tuple(target(one) for one in plan["targets"]),
        None if below is None or not plan["chosen"] else _below(below, plan),
        tuple(sentence(note) for note in plan["notes"] if below is None or "below the minimum" not in note),
        _work(plan["review"]) if plan.get("review") else None,
        tuple(
            Fix(one["name"], fix_title(one["name"], one["title"]), loses(one["loses"])) for one in plan.get("fixes", ())
        ),
        tuple((one["name"], one["title"]) for one in plan.get("models", ())),
        tuple(length(one, {t["name"]: t["title"] for t in plan["targets"]}) for one in plan.get("lengths", ())),
    )


def _work(review: Mapping[str, Any]) -> Work:
    disputes = review["disputes"]
    return Work(
        origins({one["name"]: one["count"] for one in review["provenance"]}),
        tuple(_round(one) for one in review["rounds"]),
        Rule(
            disputes["name"],
            rule_title("disagreement"),
            tr("Votes that differ and that nobody settled; letting one of them win would be a guess."),
            disputes["on"],
            True,
            False,
            tuple(disputes["ids"]),
        ),
        {one["rule"]: tuple(one["ids"]) for one in review["required"]},
    )


def origins(counts: Mapping[str, int]) -> tuple[Origin, ...]:
    """How examples came to be as they are, in words."""
    titles = {
        "unanimous": tr("Unanimous"),
        "consensus": tr("By consensus"),
        "adjudicated": tr("Adjudicated"),
        "single": tr("By one reviewer"),
        "imported": tr("Annotated before"),
        "none": tr("Not reviewed"),
    }
    return tuple(Origin(how, title, counts[how]) for how, title in titles.items() if counts.get(how))


def origin_words(some: Sequence[Origin]) -> str:
    """The same in one line."""
    return " · ".join(f"{one.title}: {number(one.count)}" for one in some)


def _round(one: Mapping[str, Any]) -> str:
    name = one["name"] or tr("Round {n}", n=one["number"])
    if one["alpha"] is None:
        return tr("{round}: how far reviewers agree is not known yet.", round=name)
    return tr("{round}: reviewers agree to α = {alpha}.", round=name, alpha=number(one["alpha"], 2))


def _reason(rule: str, plan: Mapping[str, Any]) -> str:
    if not rule.startswith("target:"):
        return rule_title(rule)
    titles = {one["name"]: one["title"] for one in plan["targets"] if one["wanted"]}
    if len(titles) > 1:
        return tr("Refused by every format that is ticked")
    return tr("Refused by {target}", target=next(iter(titles.values()), rule))


def _below(below: Mapping[str, Any], plan: Mapping[str, Any]) -> Below:
    task, minimum = task_title(plan["task"]), number(below["minimum"])
    title = trn(
        "{n} example: below the minimum of {minimum} for this task ({task})",
        "{n} examples: below the minimum of {minimum} for this task ({task})",
        below["chosen"],
        minimum=minimum,
        task=task,
    )
    advice = tr(
        "Fine-tuning will likely overfit: put a few good examples into the prompt instead (few-shot prompting)."
    )
    if below["by_size"]:
        return Below(title, advice + " " + tr("Enough are clean: choose a larger size."))
    return Below(title, advice + " " + tr("Or collect more, and put right what is left out."))


def _rule(one: Mapping[str, Any]) -> Rule:
    name = one["name"]
    part = name.endswith(STRICT)
    title = tr("Contact data, too") if part else check_title(name)
    said = (
        tr("E-mail addresses and telephone numbers, which may be what the data is about.") if part else check_help(name)
    )
    return Rule(name, title, said, one["on"], one["usual"], part, tuple(one["ids"]))


@dataclass(frozen=True, slots=True)
class Need:
    """Why no plan can be made, and the one thing to do: import or check."""

    title: str
    text: str
    action: str
    button: str


def need(why: Sequence[str]) -> Need:
    """What to say where the engine has no plan."""
    if "judging" in why:
        return Need(tr("Nothing to export here"), judging_text(), "judge", tr("Go to rounds"))
    if "empty" in why:
        said = tr("Import the examples you want to train on; then this page shows what each provider would take.")
        return Need(tr("Nothing to export yet"), said, "import", tr("Import files…"))
    if "never" in why:
        said = tr("Duplicates, leaks and wrong labels are kept out of an export, so they have to be looked for first.")
        return Need(tr("Not checked yet"), said, "check", tr("Check now"))
    changed = {
        "sources": tr("Files were added or taken away since the last check."),
        "texts": tr("Some examples say something else since the last check."),
        "cuts": tr("A check was calibrated since it ran."),
        "settings": tr("The settings, or this program, are not those of the last check."),
    }
    said = " ".join(changed[name] for name in why if name in changed)
    return Need(tr("Check again first"), said + " " + tr("What was found no longer fits."), "check", tr("Check again"))


def why_not(choices: Choices, plan: View | None, place: Place, *, replaced: bool, known: bool) -> str:
    """Why the export cannot begin, "" where it can. `replaced`, `known`: what the user ticked."""
    if choices.problem:
        return choices.problem
    if not choices.targets:
        return tr("Tick at least one format.")
    if plan is None or not plan.splits:
        return tr("Counting…") if plan is None or plan.chosen else tr("No example is left to export.")
    if plan.below is not None and not known:
        return tr("Tick above that you know what too few examples mean.")
    if not place.open:
        return place.text
    if place.state == "release" and not replaced:
        return tr("Tick that the earlier export may be replaced, or choose another folder.")
    return ""


def part_of(count: int, total: int) -> str:
    """A count with its share: 862 (90%)."""
    return f"{number(count)} ({share(count / total)})" if total else number(count)
