"""What reviewers must have done with an example before it is released: the rules of an export's policy, and why each one that
breaks them stays out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from curator.errors import InputError
from curator.review.provenance import How, Provenance, Reviewed
from curator.text import plural

DISAGREEMENT = "disagreement"
"""The rule that keeps out what is disputed; it is in force unless it is let in."""
RULES = ("reviewed", "votes", "adjudicated", "consensus", "alpha")
"""The names of all other rules, in the order in which they are looked at."""
_FORMS = "votes>=2, consensus>=0.8, adjudicated, alpha>=0.67 and reviewed"


@dataclass(frozen=True, slots=True)
class Required:
    """What is asked of each example.

    `reviewed`: somebody decided on it. `votes`: at least so many reviewers said something of it. `adjudicated`: where they
    disagreed, somebody adjudicated it; that it was outvoted is not enough. `consensus`: it is at least this sure, 0..1; what was
    adjudicated is. `alpha`: Krippendorff's α of its round is at least this.
    """

    reviewed: bool = False
    votes: int = 0
    adjudicated: bool = False
    consensus: float | None = None
    alpha: float | None = None

    @classmethod
    def parse(cls, rules: Iterable[str]) -> Required:
        """From `votes>=2`, `consensus>=0.8`, `adjudicated`, `alpha>=0.67` and `reviewed`. Raises InputError for any other."""
        found, seen = cls(), set[str]()
        for rule in rules:
            name, sign, bound = (part.strip() for part in rule.partition(">="))
            if name not in RULES or (bool(sign) is (name in ("reviewed", "adjudicated"))):
                raise InputError(f"--require {rule!r} is no rule of an export; the rules are {_FORMS}")
            if name in seen:
                raise InputError(f"--require names {name} twice; name it once")
            seen.add(name)
            found = replace(found, **{name: _bound(rule, name, bound)})
        return found

    def __bool__(self) -> bool:
        return self != Required()

    @property
    def names(self) -> tuple[str, ...]:
        """The rules that ask for something."""
        asked = {
            "reviewed": self.reviewed,
            "votes": self.votes > 0,
            "adjudicated": self.adjudicated,
            "consensus": self.consensus is not None,
            "alpha": self.alpha is not None,
        }
        return tuple(name for name in RULES if asked[name])


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why an example stays out for what reviewers did or did not do: the rule, in words, and the decision that counts."""

    rule: str
    message: str
    decision: str | None = None


def withheld(reviewed: Reviewed, examples: Iterable[int], required: Required, *, disputes: bool) -> dict[int, Withheld]:
    """Of these examples the ones that stay out. `disputes`: those among them that are disputed."""
    found = {}
    for id in examples:
        one = reviewed.of(id)
        if disputes and one.dispute:
            found[id] = Withheld(DISAGREEMENT, one.dispute, one.decision)
            continue
        for rule in required.names:
            if why := _why(rule, required, one):
                found[id] = Withheld(rule, why, one.decision)
                break
    return found


def _why(rule: str, required: Required, one: Provenance) -> str:
    """Why an example breaks a rule, "" where it does not."""
    if rule == "reviewed":
        return "nobody decided on it" if one.how in (How.NONE, How.IMPORTED) else ""
    if rule == "votes":
        return "" if one.votes >= required.votes else _too_few(one.votes, required.votes)
    if rule == "adjudicated":
        if one.dispute:
            return f"{one.dispute}; it must be adjudicated"
        if one.how not in (How.CONSENSUS, How.IMPORTED, How.SINGLE) or one.agree >= one.votes:
            return ""
        how = "outvoted the rest" if 2 * one.agree > one.votes else "said so last"
        return f"{one.agree} of {plural(one.votes, 'reviewer')} {how}, and nobody adjudicated it"
    if rule == "consensus":
        return "" if one.how is How.ADJUDICATED else _unsure(one, required.consensus or 0.0)
    return _apart(one, required.alpha if required.alpha is not None else -1.0)


def _too_few(votes: int, least: int) -> str:
    said = f"{plural(votes, 'reviewer')} said something of it" if votes else "no reviewer said anything of it"
    return f"{said}; at least {least} must"


def _unsure(one: Provenance, least: float) -> str:
    if one.confidence is None:
        return (
            "one reviewer is no consensus" if one.votes else "no reviewer said anything of it, so there is no consensus"
        )
    return (
        "" if one.confidence >= least else f"its consensus is sure to {_figure(one.confidence)}, below {_figure(least)}"
    )


def _apart(one: Provenance, least: float) -> str:
    if one.round is None:
        return "it was in no round, so nobody knows how far reviewers agree on it"
    if one.alpha is None:
        return f"how far reviewers agree in round {one.round} is not known"
    return "" if one.alpha >= least else f"its round's α is {_figure(one.alpha)}, below {_figure(least)}"


def _figure(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _bound(rule: str, name: str, bound: str) -> Any:
    if name in ("reviewed", "adjudicated"):
        return True
    try:
        value = float(bound)
    except ValueError:
        value = float("nan")
    if name == "votes":
        if not (value >= 1 and value.is_integer()):
            raise InputError(f"--require {rule!r}: after >= comes a number of reviewers, such as votes>=2")
        return int(value)
    low, high = (0, 1) if name == "consensus" else (-1, 1)
    if not low <= value <= high:
        raise InputError(f"--require {rule!r}: after >= comes a number from {low} to {high}, such as {name}>=0.8")
    return value
