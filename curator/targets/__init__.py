"""Provider formats: `get("openai")` writes and validates one. A provider is a module here and a data file."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module

from curator.errors import InputError
from curator.resources import resource
from curator.targets.base import Target, Written
from curator.targets.problem import FileProblem, Problem
from curator.targets.rules import Rules

__all__ = ["FileProblem", "Problem", "Rules", "Target", "Written", "get", "limits", "names"]


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """The names of all targets, sorted: one for each data file."""
    return tuple(sorted(path.stem for path in resource("targets").glob("*.json")))


def get(name: str) -> Target:
    """The target called `name`; raises InputError where there is none."""
    if name not in names():
        raise InputError(f"there is no target {name!r}; choose one of {', '.join(names())}")
    target: Target = import_module(f"curator.targets.{name.replace('-', '_')}").TARGET
    return target


def limits() -> dict[str, int]:
    """The most tokens that an example may have, by target, of those that have such a limit."""
    known = {name: Rules.load(name).max_tokens for name in names()}
    return {name: most for name, most in known.items() if most is not None}
