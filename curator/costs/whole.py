"""The cost of data that was read, target by target; a vocabulary that several share counts each example once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from curator import targets
from curator.costs.estimate import EPOCHS, TargetCost, of_counts
from curator.costs.prices import prices_of
from curator.costs.reading import Counted, Part, Read
from curator.errors import InputError
from curator.targets import Target
from curator.targets.tokens import Basis, Counter

ALL = "all"


def names(wanted: Sequence[str], read: Read | Counted) -> tuple[str, ...]:
    """The targets that are meant: those named, or `all`; without any, those of the release, or those with a known price.

    Raises InputError for a name that is none, or not in the release.
    """
    known = read.targets or targets.names()
    for name in wanted:
        if name not in (ALL, *known):
            targets.get(name)
            raise InputError(f"the release holds no files for {name}; it has {', '.join(known)}")
    if ALL in wanted or (not wanted and read.targets):
        return known
    return tuple(dict.fromkeys(wanted)) or tuple(name for name in known if _priced(name))


def _priced(name: str) -> bool:
    return any(price.per_million is not None for price in prices_of(name))


def costs(
    read: Read | Counted, wanted: Sequence[str] = (), epochs: int = EPOCHS, counter: Counter | None = None
) -> Iterator[TargetCost]:
    """What training on it costs for each target in `names(wanted, read)`.

    `counter` counts where the target's own is not exact: a vocabulary of another model is none of OpenAI's.
    Raises InputError for a target that is none.
    """
    if isinstance(read, Counted):
        yield from _as_written(read, names(wanted, read), epochs)
        return
    known: dict[tuple[str, str, bool], dict[str, list[int]]] = {}
    for name in names(wanted, read):
        target = targets.get(name)
        whose = name if name in read.parts else ""
        parts = [_taken(part, target) for part in read.parts[whose]]
        used = target.counter if counter is None or target.counter.basis is Basis.EXACT else counter
        key = (str(used), whose, target.preference)
        if key not in known:
            known[key] = {part.split: used.examples(part.examples, pair=target.preference) for part in parts}
        where = {part.split: [example.ref for example in part.examples] for part in parts}
        yield of_counts(target, known[key], epochs, where, str(used), used.note)


def _as_written(read: Counted, wanted: Sequence[str], epochs: int) -> Iterator[TargetCost]:
    for name in wanted:
        target = targets.get(name)
        # The vocabulary may have been another when the release was written: then nothing is known of how far it was off.
        note = target.counter.note if str(target.counter) == read.basis[name] else ""
        yield of_counts(target, read.tokens[name], epochs, read.where[name], read.basis[name], note)


def _taken(part: Part, target: Target) -> Part:
    """Of a split what the target can train on: a format of pairs takes those alone."""
    if not target.preference:
        return part
    return Part(part.split, tuple(example for example in part.examples if example.non_preferred))
