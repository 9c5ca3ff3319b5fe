"""What a person needs to see to judge a finding: its evidence put beside the examples it is about.

`view_of` makes one of the views below of a finding, by its check. Marks are places in the turns of an example, as
`ui.presenters.rendering` takes them.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from curator import sensitive
from curator.checks.field_values import object_in
from curator.model import Example, Finding, Ref, Role
from curator.store import Project
from ui.i18n import number, share, tr
from ui.presenters.rendering import Marks, compared
from ui.presenters.texts import Mark

SHOWN = 12
"""Members of a group that are shown side by side; the rest opens in Examples."""
RUN, SHORTEST = 3, 4
"""Words in a row that count as shared with a text; of a rewording single words of so many letters do."""
LABEL, MOST_MARKED = 60, 0.6
"""Texts as short as a label are marked whole where they differ; longer ones only if at most this share of them does."""
RATED = 200
"""Candidates from which on the score of a leak reads as a false-positive rate; with fewer it is a plain similarity."""
SUREST = 10_000
"""Rates are told down to 1 in so many: beyond that they are extrapolated."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Card:
    """An example to show: its turns, what is marked in them, and `facts` about it in this finding."""

    example: Example
    marks: Marks = field(default_factory=dict)
    facts: tuple[str, ...] = ()

    @property
    def id(self) -> int:
        return self.example.id

    @property
    def ref(self) -> str:
        return short_ref(self.example.ref)


@dataclass(frozen=True, slots=True)
class Plain:
    """A finding about single examples: the first with its place marked, and others that belong to it."""

    cards: tuple[Card, ...]
    facts: tuple[tuple[str, str], ...] = ()
    beside: Card | None = None
    beside_title: str = ""
    more: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Examples that repeat each other. `keep` is the one that is suggested to stay, `suggested` the members as they look
    then; `more` are not shown."""

    examples: tuple[Example, ...]
    keep: int
    facts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    more: int = 0
    suggested: tuple[Card, ...] = ()

    def cards(self, keep: int) -> tuple[Card, ...]:
        """The members with the words marked in which they differ from the one that stays, and that one from the next."""
        held = {example.id: example for example in self.examples}
        kept = held.get(keep, self.examples[0])
        other = next((example for example in self.examples if example.id != kept.id), None)
        cards = []
        for example in self.examples:
            against = other if example.id == kept.id else kept
            tone = "added" if example.id == kept.id else "removed"
            marks = {} if against is None else compared(example, against, tone)
            cards.append(Card(example, marks, self.facts.get(example.id, ())))
        return tuple(cards)


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the outputs that contradict each other, and the examples that have it. `differs`: of JSON outputs the fields
    in which they differ, as this one has them."""

    output: str
    examples: tuple[int, ...]
    suggested: bool = False
    differs: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Examples of which only one output can be right."""

    cards: tuple[Card, ...]
    answers: tuple[Answer, ...]
    same_input: bool = True
    more: int = 0


@dataclass(frozen=True, slots=True)
class Leak:
    """A candidate beside the eval example it repeats; `evidence`: what says so, and how strongly. `private`: the eval set
    is hashed, so that its words cannot be shown."""

    candidate: Card
    protected: Card
    side: str
    evidence: tuple[tuple[str, str], ...]
    private: bool = False


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An input with an output that seems to be another's, and the output that would fit, if one does."""

    card: Card
    fitting: Example | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Slipped:
    """A row of a block of outputs that slipped."""

    example: int
    input: str
    now: str
    right: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A block of outputs that slipped by `shift` rows: decided as one. `missing`: rows whose own output is lost."""

    rows: tuple[Slipped, ...]
    shift: int
    more: int
    missing: int
    chance: float


def short_ref(ref: Ref) -> str:
    """Where an example is from, without the folders: `pairs.csv, line 95`."""
    name = PurePath(ref.source).name or ref.source
    if ref.line is None:
        return tr("{file}, record {n}", file=name, n=number(ref.record))
    return tr("{file}, line {n}", file=name, n=number(ref.line))


def evidence_of(project: Project, run: int, finding: Finding) -> Finding:
    """The finding of an inbox row again, with its evidence."""
    about = finding.examples[0] if finding.examples else None
    return next((f for f in project.findings(run, finding.check, example=about) if f.id == finding.id), finding)


def view_of(project: Project, finding: Finding) -> Any:
    """What to show for a finding with its evidence: one of the dataclasses of this module or of `findings_labels`."""
    from ui.presenters import findings_labels

    made = {
        "exact_duplicate": _group,
        "near_duplicate": _group,
        "conflict": _conflict,
        "leakage": _leak,
        "mismatched_pair": _mismatch,
        "label_error": findings_labels.view,
    }
    return made.get(finding.check, _plain)(project, finding)


def _group(project: Project, finding: Finding) -> Group:
    shown = finding.examples[:SHOWN]
    facts: dict[int, tuple[str, ...]] = {}
    for other in finding.evidence.get("others", ()):
        facts[int(other["example"])] = tuple(_likeness(other))
    examples = tuple(project.get_examples(shown))
    keep = int(finding.evidence.get("keep", finding.examples[0]))
    made = Group(examples, keep, facts, len(finding.examples) - len(shown))
    return replace(made, suggested=made.cards(keep))


def _likeness(other: Mapping[str, Any]) -> Iterator[str]:
    kinds = {
        "same input": tr("the same input"),
        "lexical": tr("a few words changed"),
        "paraphrase": tr("said in other words"),
    }
    yield kinds.get(str(other.get("kind")), str(other.get("kind", "")))
    yield tr("similarity {value}", value=number(other["cosine"], 2))
    yield tr("{share} of the words shared", share=share(other["word_overlap"]))


def _conflict(project: Project, finding: Finding) -> Conflict:
    examples = project.get_examples(finding.examples)
    lead = examples[0]
    answers = answers_of(examples, finding)
    cards = []
    for example in examples[:SHOWN]:
        other = next((e for e in examples if output_key(e.output) != output_key(example.output)), None)
        against = other if example.id == lead.id else lead
        cards.append(Card(example, _telling(example, against)))
    same = bool(finding.evidence.get("same_input", False))
    return Conflict(tuple(cards), answers, same, max(0, len(examples) - SHOWN))


def _telling(example: Example, against: Example | None) -> Marks:
    """What differs; nothing in a turn that says something else altogether, where marks would tell nothing."""
    if against is None:
        return {}
    marks = compared(example, against, "match")
    short = {at: sum(m.end - m.start for m in some) for at, some in marks.items()}
    return {at: some for at, some in marks.items() if _worth_marking(example.messages[at].content or "", short[at])}


def _worth_marking(text: str, marked: int) -> bool:
    return len(text) <= LABEL or marked <= MOST_MARKED * len(text)


def answers_of(examples: Sequence[Example], finding: Finding) -> tuple[Answer, ...]:
    """The different outputs, the most frequent first; the suggested one, if there is one, before all."""
    held: dict[str, list[Example]] = {}
    for example in examples:
        held.setdefault(output_key(example.output), []).append(example)
    wanted = finding.suggestion.value if finding.suggestion is not None else None
    fields = [str(one["field"]) for one in finding.evidence.get("fields", ())]
    made = [
        Answer(
            some[0].output,
            tuple(e.id for e in some),
            wanted is not None and key == output_key(wanted),
            _values(some[0].output, fields),
        )
        for key, some in held.items()
    ]
    return tuple(sorted(made, key=lambda a: (not a.suggested, -len(a.examples))))


def output_key(output: str) -> str:
    """Equal for outputs that say the same: white space, case and the order of JSON keys aside."""
    text = " ".join(output.split())
    if text.startswith(("{", "[")):
        try:
            return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)
        except ValueError:
            return text
    return text.casefold()


def _values(output: str, fields: Sequence[str]) -> str:
    document = object_in(output) if fields else None
    if document is None:
        return ""
    said = (json.dumps(document[name], ensure_ascii=False) if name in document else tr("(missing)") for name in fields)
    return ", ".join(f"{name}: {value}" for name, value in zip(fields, said, strict=True))


def _leak(project: Project, finding: Finding) -> Leak:
    candidate, protected = project.get_examples(finding.examples[:2])
    e, side = finding.evidence, str(finding.evidence.get("side", "input"))
    in_runs = "ngram" in e or "exact" in e
    private = bool(protected.extra) and not e.get("eval")
    mine, theirs = _sides(candidate, side), _sides(protected, side)
    return Leak(
        Card(candidate, {at: shared(candidate, at, protected, theirs, in_runs) for at in mine}),
        Card(protected, {at: shared(protected, at, candidate, mine, in_runs) for at in theirs}),
        side,
        tuple(_why_leak(e, rates=project.counts().examples[Role.CANDIDATE] >= RATED)),
        private,
    )


def _sides(example: Example, side: str) -> list[int]:
    """The turns of a side: input, output or pair."""
    at = example.output_at
    before = range(len(example.messages) if at is None else at)
    inputs = [i for i in before if example.messages[i].role not in ("system", "developer")]
    outputs = [] if at is None else [at]
    return {"input": inputs, "output": outputs}.get(side, [*inputs, *outputs])


def shared(example: Example, at: int, other: Example, there: Iterable[int], in_runs: bool) -> list[Mark]:
    """Where a turn says what the turns `there` of another example say, too: in runs of words, or word by word."""
    text = example.messages[at].content or ""
    words = list(_WORD.finditer(text))
    said = [w.casefold() for i in there for w in _WORD.findall(other.messages[i].content or "")]
    length = min(RUN, len(said)) if in_runs else 1
    if not length:
        return []
    runs = {tuple(said[i : i + length]) for i in range(len(said) - length + 1)}
    mine = [word.group().casefold() for word in words]
    covered = [False] * len(words)
    for i in range(len(mine) - length + 1):
        if tuple(mine[i : i + length]) in runs and (in_runs or len(mine[i]) >= SHORTEST):
            covered[i : i + length] = [True] * length
    return _stretches(words, covered)


def _stretches(words: Sequence[re.Match[str]], covered: Sequence[bool]) -> list[Mark]:
    """Marks over words that follow each other as one."""
    marks: list[Mark] = []
    for place, word in enumerate(words):
        if not covered[place]:
            continue
        if marks and place and covered[place - 1]:
            marks[-1] = Mark(marks[-1].start, word.end(), "match")
        else:
            marks.append(Mark(word.start(), word.end(), "match"))
    return marks


def _why_leak(evidence: Mapping[str, Any], rates: bool) -> Iterator[tuple[str, str]]:
    if "exact" in evidence:
        same = evidence["exact"].get("same_output")
        yield tr("Word for word"), tr("with the same output") if same else tr("with another output")
    if "ngram" in evidence:
        run = evidence["ngram"]
        yield (
            tr("Runs of {n} words", n=run["words"]),
            tr("{share} of the shorter text", share=share(run["covered"])),
        )
    if "near_duplicate" in evidence:
        cosine = number(evidence["near_duplicate"]["cosine"], 2)
        yield tr("But for a few words"), tr("similarity {value}", value=cosine)
    if "semantic" in evidence:
        found = evidence["semantic"]
        yield (
            tr("In meaning"),
            tr(
                "score {score}, similarity {cosine}",
                score=number(found["score"], 3),
                cosine=number(found["cosine"], 2),
            ),
        )
        if rates:
            yield tr("By chance"), by_chance(found["score"])


def by_chance(score: float) -> str:
    """How many candidates chance alone would flag at a leakage score: .5 is read as 1 in 100, .9 as 1 in 1,000, and each
    further tenth multiplies the odds by nine."""
    odds = min(score, 1 - 1e-9) / (1 - min(score, 1 - 1e-9))
    one_in = 100 * 10 ** (math.log(max(odds, 1e-9)) / math.log(9))
    if one_in > SUREST:
        return tr("fewer than 1 in {n} harmless candidates reach this", n=number(SUREST))
    digits = max(0, len(str(round(one_in))) - 2)
    return tr("1 in {n} harmless candidates reaches this", n=number(max(1, round(one_in, -digits))))


def _mismatch(project: Project, finding: Finding) -> Mismatch | Shift:
    e = finding.evidence
    if "shown" in e:
        rows = tuple(
            Slipped(int(one["example"]), one["input"], one["output"], one["right_output"]) for one in e["shown"]
        )
        missing = len(e.get("right_output_missing", ()))
        return Shift(rows, int(e["shift"]), len(finding.examples) - len(rows), missing, float(e["chance"]))
    (example,) = project.get_examples(finding.examples[:1])
    better = e.get("better")
    fitting = project.get_examples([int(better["example"])])[0] if better else None
    facts = []
    if "pair_quality" in e:
        facts.append((tr("Chance that they belong together"), share(e["pair_quality"])))
    if better:
        facts.append((tr("Chance that the other output fits"), share(better["fit"])))
    return Mismatch(Card(example), fitting, tuple(facts))


def _plain(project: Project, finding: Finding) -> Plain:
    shown = project.get_examples(finding.examples[:3])
    more = len(finding.examples) - len(shown)
    e = finding.evidence
    if finding.check == "personal_data":
        cards = tuple(Card(example, _private(example)) for example in shown)
        found = [(str(one["kind"]), str(one["shown"])) for one in e.get("found", ())]
        return Plain(cards, tuple(found), more=more)
    cards = tuple(Card(example) for example in shown)
    if finding.check == "outlier":
        near = e.get("nearest")
        beside = Card(project.get_examples([int(near["example"])])[0]) if near else None
        facts = [
            (tr("Similarity to its neighbours"), number(e["mean_cosine"], 2)),
            (tr("Usual in this data"), number(e["usual"], 2)),
        ]
        if near:
            facts.append((tr("Similarity to the nearest one"), number(near["cosine"], 2)))
        return Plain(cards, tuple(facts), beside, tr("The nearest other"), more)
    return Plain(cards, tuple(_facts(e)), more=more)


def _private(example: Example) -> Marks:
    return {
        at: [Mark(hit.start, hit.end, "bad") for hit in sensitive.find(message.content or "")]
        for at, message in enumerate(example.messages)
    }


def _facts(evidence: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if evidence.get("limit") is not None:
        yield tr("Tokens"), tr("{n} of {limit}", n=number(evidence["tokens"]), limit=number(evidence["limit"]))
    if "probability" in evidence:
        yield tr("How sure the language is"), share(evidence["probability"])
    violations = evidence.get("violations", ())
    for violation in violations if len(violations) > 1 else ():
        yield str(violation["field"]), str(violation["problem"])
    if evidence.get("rule") == "spelling":
        yield tr("Usually written"), str(evidence.get("usual", ""))
    if evidence.get("rule") == "role_order":
        yield tr("Turns"), str(evidence.get("excerpt", ""))
