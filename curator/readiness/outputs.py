"""Do outputs keep to one form? What most of them share is taken for the rule: kind, keys, opening, closing, markdown, language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curator.checks.data import INVALID, parse_json
from curator.model import Severity
from curator.readiness.evidence import Evidence
from curator.readiness.points import Point, Todo
from curator.readiness.texts import Text, text

RULE = 0.8
"""Share of outputs from which a trait counts as their rule."""
MIXED = 0.2
"""And the share from which the others are no slips but another form: a model cannot know which of two to take."""
ADHERE = 0.95
"""Share of outputs that should keep to all rules."""
PHRASE = 3
"""Words of an opening."""
FEWEST = 20
LANGUAGE_SAMPLE = 300
_MARKDOWN = re.compile(r"^#{1,6} [^\W\d]|^\s*[-*] \S|\*\*\S|^\s*\d+\. \S|```|^\|.*\|\s*$", re.MULTILINE)
_DIGITS = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait of outputs: what most of them have, and how many do. `either`: outputs have one of few forms by it, so that a
    second frequent one is a mix; an opening phrase is free."""

    name: str
    value: str
    share: float
    either: bool

    @property
    def is_rule(self) -> bool:
        return self.share >= RULE

    @property
    def is_mixed(self) -> bool:
        return self.either and not self.is_rule and self.share < 1 - MIXED


@dataclass(frozen=True, slots=True)
class Form:
    """The form of outputs: the traits, which of them (`keeps`, by index) keep to every rule, and the spread of lengths: the
    tenth and the ninetieth of a hundred, in characters."""

    traits: tuple[Trait, ...]
    keeps: tuple[bool, ...]
    short: int
    long: int

    @property
    def adherence(self) -> float:
        return sum(self.keeps) / max(1, len(self.keeps))


def form_of(outputs: Sequence[str]) -> Form:
    """Describe the form of outputs, in one pass over them."""
    if not outputs:
        return Form((), (), 0, 0)
    described = [_describe(output) for output in outputs]
    _forgive_optional_keys(described)
    traits, keeps = [], [True] * len(outputs)
    for name, either in _TRAITS.items():
        counts = Counter(one.get(name, "") for one in described)
        value, n = min(counts.items(), key=lambda item: (-item[1], item[0]))
        trait = Trait(name, value, n / max(1, len(outputs)), either)
        if not value:
            continue
        traits.append(trait)
        if trait.is_rule:
            keeps = [kept and one.get(name, "") == value for kept, one in zip(keeps, described, strict=True)]
    lengths = sorted(len(output) for output in outputs) or [0]
    at = (len(lengths) - 1) / 10
    return Form(tuple(traits), tuple(keeps), lengths[round(at)], lengths[round(9 * at)])


_TRAITS = {"kind": True, "keys": True, "markdown": True, "opening": False, "closing": False}


def _describe(output: str) -> dict[str, str]:
    stripped = output.strip()
    value: Any = parse_json(stripped) if stripped.startswith(("{", "[")) else INVALID
    if isinstance(value, dict):
        return {"kind": "json_object", "keys": ", ".join(sorted(map(str, value)))}
    if isinstance(value, list):
        return {"kind": "json_list"}
    words = _DIGITS.sub("#", stripped).split()
    last = _DIGITS.sub("#", stripped.splitlines()[-1].strip()) if stripped else ""
    return {
        "kind": "text",
        "markdown": "yes" if _MARKDOWN.search(output) else "no",
        "opening": " ".join(words[:PHRASE]) if len(words) > PHRASE else "",
        "closing": last
        if len(last.split()) <= 8 and len(words) > 8
        else " ".join(words[-PHRASE:])
        if len(words) > 8
        else "",
    }


def _forgive_optional_keys(described: list[dict[str, str]]) -> None:
    """Objects that have all keys which most have are alike, whatever they have beyond: some fields are optional."""
    objects = [one for one in described if "keys" in one]
    counts = Counter(key for one in objects for key in one["keys"].split(", "))
    core = {key for key, n in counts.items() if n >= RULE * len(objects)}
    for one in objects:
        if core and core <= set(one["keys"].split(", ")):
            one["keys"] = ", ".join(sorted(core))


def form(e: Evidence) -> Point | None:
    """Turns and schema, and how far outputs keep to one form. Labels have none but their spelling."""
    broken = _broken(e)
    total = max(1, e.candidates)
    labels = e.data is None or e.data.short_labels
    c = None if e.data is None else e.data.candidates
    rows = [] if c is None or labels else [i for i, x in enumerate(c.examples) if e.clean is None or x.id in e.clean]
    values: dict[str, Any] = {"broken": len(broken), "share": len(broken) / total}
    figures: dict[str, Any] = {"broken": len(broken)}
    clean = len(broken) <= 0.02 * total
    where: dict[str, Any] = {"page": "findings", "check": "schema" if _is_schema(e) else "structure"}
    todo = [] if clean else [Todo(text("form.mend", n=len(broken)), e.command("open"))]
    if c is None or len(rows) < FEWEST:
        return Point("form", clean, text("form.labels", **values), tuple(todo), where=where, figures=figures)
    found = form_of([c.outputs[i] for i in rows])
    mixed = [t for t in found.traits if t.is_mixed]
    rules = [t for t in found.traits if t.is_rule]
    odd = [c.examples[i].id for i, kept in zip(rows, found.keeps, strict=True) if not kept]
    languages = _languages([c.outputs[i] for i in rows])
    figures |= {
        "adherence": round(found.adherence, 4),
        "length_10_90": [found.short, found.long],
        "languages": languages,
    }
    figures |= {"rules": {t.name: t.value for t in rules}, "mixed": {t.name: round(t.share, 4) for t in mixed}}
    passed = clean and found.adherence >= ADHERE and not mixed
    if found.adherence < ADHERE:
        todo.append(Todo(text("form.odd", n=len(odd))))
        where = {"page": "examples", "ids": odd, "title": text("form.title").say()} if clean else where
    todo += [Todo(text(f"form.mixed.{t.name}")) for t in mixed]
    said = text(
        "form.found", adherence=found.adherence, rules=in_words(rules), short=found.short, long=found.long, **values
    )
    return Point("form", passed, _with(said, mixed, languages), tuple(todo), where=where, figures=figures)


def in_words(rules: Sequence[Trait]) -> list[Text]:
    """The traits that are rules, as they are told."""
    return [
        text(
            f"form.rule.{t.name}.{t.value}" if t.name in ("kind", "markdown") else f"form.rule.{t.name}",
            value=t.value[:60],
        )
        for t in rules
    ] or [text("form.rule.none")]


def _with(found: Text, mixed: Sequence[Trait], languages: dict[str, float]) -> Text:
    """The sentence, and what is mixed in it."""
    more: list[Text] = [text(f"form.mix.{t.name}", share=t.share, value=t.value[:60]) for t in mixed]
    if len(languages) > 1:
        more.append(
            text("form.languages", languages=[f"{name} {share:.0%}" for name, share in list(languages.items())[:3]])
        )
    return text("form.more", found=found, more=more) if more else found


def _languages(outputs: Sequence[str]) -> dict[str, float]:
    """The languages of outputs by their share of those that are surely one, on an even sample; the rare ones left out."""
    from curator.checks import language

    step = -(-len(outputs) // LANGUAGE_SAMPLE)
    told = [one.language for one in map(language.tell, outputs[::step]) if one]
    counts = Counter(told)
    return {
        language.name(code): round(n / len(told), 4)
        for code, n in counts.most_common()
        if n >= max(2, 0.02 * len(told))
    }


def _broken(e: Evidence) -> set[int]:
    found = e.open("structure", "schema")
    return {id for f in found if f.severity is Severity.ERROR for id in f.examples}


def _is_schema(e: Evidence) -> bool:
    return any(f.check == "schema" for f in e.open("schema") if f.severity is Severity.ERROR)
