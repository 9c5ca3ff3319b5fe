"""Votes from elsewhere brought into a project: what reviewers said in a table or another tool, as their decisions."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from curator.errors import InputError
from curator.files import sha256_of
from curator.formats.records import label_set
from curator.model import Decision, Example, Kind, Role, Round, Verdict, content_key
from curator.review.votes.arrays import CHANGE
from curator.review.votes.files import DROP, KEEP, Said, read_vote_file
from curator.review.votes.matching import Matcher
from curator.store import JournalEntry, Project
from curator.tasks import Task
from curator.text import plural

_SHOWN = 20
_NEW_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A vote that was left out, and why. `line` is where it stands, None without lines."""

    line: int | None
    item: str
    reviewer: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line is not None else f"item {self.item!r}"
        return f"{where}, {self.reviewer}: {self.reason}"


@dataclass(frozen=True, slots=True)
class OutsideMerged:
    """What was brought in: of the `matched` votes `new` ones were kept and `known` ones there already.

    `round`: the one in which they are votes, None where they are decisions outright. `how` says by what the examples were
    told. `entry` is None where nothing was new. `notes`: what was assumed of the file.
    """

    matched: int
    new: int
    known: int
    unmatched: tuple[Unmatched, ...]
    entry: JournalEntry | None
    round: Round | None = None
    how: str = ""
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> list[str]:
        """For people: what was done first, then what was assumed, then what was left out."""
        where = "decisions of their reviewers" if self.round is None else f"votes in round {self.round.number}"
        again = f", {self.known:,} there already" if self.known else ""
        done = f"{plural(self.new, 'new vote')} as {where}{again}; examples told by their {self.how}"
        lines = [done, *self.notes]
        if self.unmatched:
            lines.append(f"{plural(len(self.unmatched), 'vote')} left out:")
            lines += [f"  {one}" for one in self.unmatched[:_SHOWN]]
        if (more := len(self.unmatched) - _SHOWN) > 0:
            lines.append(f"  and {more:,} more")
        return lines


def merge_votes(
    project: Project,
    path: str | Path,
    *,
    item: str | None = None,
    reviewer: str | None = None,
    label: str | None = None,
    round: str | int | None = None,
    actor: str | None = None,
) -> OutsideMerged:
    """Bring the votes of a file into a project, in the names of those who cast them; merging it again changes nothing.

    They are votes in `round`; without it in the one open round that has all their examples, else they are decisions outright,
    of which the label that most chose is what the example shows. `item`, `reviewer` and `label` name columns (`label` also
    the question of an export). Raises InputError where the file cannot be read, no item is in the project, or it is not clear
    which examples are meant.
    """
    path = Path(path)
    file = read_vote_file(path, item, reviewer, label, one_reviewer=True)
    if not file.said:
        raise InputError("has no votes: every cell that should hold a label is empty.", path=path)
    wanted = None if round is None else project.rounds.get(round)
    matcher = Matcher(project.examples(Role.CANDIDATE), file)
    unmatched: list[Unmatched] = []
    placed: dict[tuple[int, str], Said] = {}
    again = 0
    for one in file.said:
        fit = matcher.find(one)
        if fit.example is None:
            unmatched.append(_left_out(one, fit.reason))
            continue
        again += (fit.example, one.reviewer) in placed
        placed.pop((fit.example, one.reviewer), None)
        placed[fit.example, one.reviewer] = one
    if not placed:
        first = f"; the first: {unmatched[0]}" if unmatched else ""
        raise InputError(f"none of its items is in this project{first}.", path=path)
    notes = [*file.notes]
    if again:
        notes.append(f"{again:,} votes repeat a reviewer's vote on the same example; the last of each counts.")
    chosen = wanted or _only_round(project, {example for example, _ in placed})
    merge = _InRound(project, chosen) if chosen is not None else _Outright(project, {example for example, _ in placed})
    made = merge.decisions(placed, sha256_of(path), unmatched)
    if chosen is None:
        notes += _new_labels(project, made)
    known, entry = merge.keep(made, f"Merged votes of {path.name}", actor)
    return OutsideMerged(
        len(made) + merge.same,
        len(made) - known,
        known + merge.same,
        tuple(sorted(unmatched, key=lambda one: (one.line is None, one.line or 0))),
        entry,
        chosen,
        matcher.how,
        tuple(notes),
    )


class _Merge:
    """Turns what was said into decisions. `same`: votes that the project had already from elsewhere."""

    def __init__(self, project: Project):
        self._project = project
        self._namespace = uuid.UUID(project.identity().id)
        self.same = 0

    def _id(self, example: int, said: Said, sha256: str, round: str) -> str:
        """The same for the same vote of the same file, whenever it is merged."""
        parts = [said.reviewer, example, said.label, sha256, round]
        return str(uuid.uuid5(self._namespace, "outside vote " + json.dumps(parts)))


class _InRound(_Merge):
    """Votes in a round, on what it shows."""

    def __init__(self, project: Project, round: Round):
        super().__init__(project)
        self._round = round
        if round.closed:
            raise InputError(f"Round {round.number} is closed; open it again to merge votes into it.")

    def decisions(
        self, placed: Mapping[tuple[int, str], Said], sha256: str, unmatched: list[Unmatched]
    ) -> list[Decision]:
        """The votes; whose example or label is not in the round is put into `unmatched`."""
        round = self._round
        shown = {example.id: example for example in self._project.rounds.examples(round.id)}
        standing = {(v.example, v.reviewer): v for v in self._project.rounds.votes(round.id) if not v.repeat}
        made = []
        for (example, reviewer), said in placed.items():
            if example not in shown:
                unmatched.append(_left_out(said, f"example {example} is not in round {round.number}"))
                continue
            label = _one_of(said.label, round.labels)
            if reason := self._refused(label):
                unmatched.append(_left_out(said, reason))
                continue
            verdict, value = _verdict(label, shown[example].output)
            id = self._id(example, said, sha256, round.id)
            before = standing.get((example, reviewer))
            if before is not None and before.id != id and (before.verdict, before.value) == (verdict, value):
                self.same += 1
                continue
            vote = Decision(id, example, content_key(shown[example]), reviewer, verdict, value, said.note, said.at)
            made.append(replace(vote, kind=Kind.VOTE, round=round.id))
        return made

    def keep(self, made: Sequence[Decision], text: str, actor: str | None) -> tuple[int, JournalEntry | None]:
        """Commit; returns how many were known, and the entry of the journal."""
        if not made:
            return 0, None
        merged = self._project.rounds.merge(self._round.id, made, text, actor)
        return merged.known, merged.entry

    def _refused(self, label: str | None) -> str:
        labels = self._round.labels
        if label == CHANGE:
            return "it says that the text is to be changed, and not how"
        if label is None or not labels or label in (DROP, KEEP) or label in labels or set(_parts(label)) <= set(labels):
            return ""
        return f"round {self._round.number} has no label {label!r}"


class _Outright(_Merge):
    """Decisions that count at once."""

    def __init__(self, project: Project, examples: Iterable[int]):
        super().__init__(project)
        self._examples = {example.id: example for example in project.get_examples(examples)}

    def decisions(
        self, placed: Mapping[tuple[int, str], Said], sha256: str, unmatched: list[Unmatched]
    ) -> list[Decision]:
        """The decisions on each example, those for what most chose last, so that the example shows it."""
        standing = {(d.example, d.reviewer): d for d in self._project.decisions()}
        by_example: dict[int, list[Said]] = {}
        for (example, reviewer), said in placed.items():
            before = standing.get((example, reviewer))
            # Its own decision from an earlier merge of this file is known by its id.
            other = before if before is not None and before.id != self._id(example, said, sha256, "") else None
            if said.label == CHANGE:
                unmatched.append(_left_out(said, "it says that the text is to be changed, and not how"))
            elif other is not None and self._says(other, said.label):
                self.same += 1
            elif other is not None and other.kind is Kind.ADJUDICATION and not said.at:
                unmatched.append(_left_out(said, f"{reviewer} has adjudicated it otherwise, and the vote has no date"))
            elif other is not None and said.at and other.at > said.at:
                unmatched.append(_left_out(said, f"{reviewer} has decided otherwise since, on {other.at[:10]}"))
            else:
                by_example.setdefault(example, []).append(said)
        return [made for id, votes in by_example.items() for made in self._in_order(self._examples[id], votes, sha256)]

    def keep(self, made: Sequence[Decision], text: str, actor: str | None) -> tuple[int, JournalEntry | None]:
        """Commit; returns how many were known, and the entry of the journal. What was undone is done again."""
        if not made:
            return 0, None
        ids = {decision.id for decision in made}
        known = ids & {decision.id for decision in self._project.decisions(history=True)}
        entry = self._project.judge((), made, text, actor)
        if known != ids:
            return len(known), entry
        if entry.in_force:
            return len(known), None
        log = self._project.log(None)
        undo = next(one for one in log if one.action == "undo" and one.entry == entry.id)
        return len(known), self._project.undo(undo.id, actor=actor)

    def _in_order(self, example: Example, votes: Sequence[Said], sha256: str) -> Iterable[Decision]:
        counts = Counter(said.label for said in votes if said.label is not None)
        most = counts.most_common(1)[0][0] if counts else None
        shows = example.output
        for said in sorted(votes, key=lambda one: one.label == most):
            verdict, value = _verdict(said.label, shows)
            shows = shows if value is None else value
            id = self._id(example.id, said, sha256, "")
            yield Decision(id, example.id, "", said.reviewer, verdict, value, said.note, said.at)

    def _says(self, decision: Decision, label: str | None) -> bool:
        """Whether a reviewer's standing decision is for this label."""
        plain = {Verdict.DROP: DROP, Verdict.SKIP: None}
        if decision.verdict in plain:
            return plain[decision.verdict] == label
        if label is None or label == DROP:
            return False
        if decision.verdict is Verdict.RELABEL or (decision.imported and decision.value is not None):
            return decision.value == label
        # Others may have changed the example since: the key of what was seen tells which label was kept.
        example = self._examples[decision.example]
        kept = example if label in (KEEP, example.output) else example.with_output(label)
        return decision.verdict is Verdict.KEEP and decision.seen == content_key(kept)


def _new_labels(project: Project, made: Iterable[Decision]) -> list[str]:
    """That decisions name labels which no candidate had, where the outputs are labels: a slip of the pen would be learnt."""
    if project.settings().get("task") != Task.CLASSIFICATION:
        return []
    named = Counter(one.value for one in made if one.verdict is Verdict.RELABEL and one.value is not None)
    known = {output for _, output in project.outputs(Role.CANDIDATE)}
    new = [(label, number) for label, number in named.most_common() if label not in known]
    if not new:
        return []
    listed = ", ".join(f"{label!r} ({plural(number, 'vote')})" for label, number in new[:_NEW_SHOWN])
    more = f" and {len(new) - _NEW_SHOWN:,} more" if len(new) > _NEW_SHOWN else ""
    return [f"Labels that no example had before: {listed}{more}; if one is a slip, mend the file and undo the merge."]


def _only_round(project: Project, examples: set[int]) -> Round | None:
    """The one open round that all of these examples are in; None where there is none, or more than one."""
    found = [
        round
        for round in project.rounds.all()
        if not round.closed and examples <= {item.example for item in project.rounds.items(round.id)}
    ]
    return found[0] if len(found) == 1 else None


def _verdict(label: str | None, shows: str) -> tuple[Verdict, str | None]:
    """What a vote for a label is where the example shows this output."""
    if label is None:
        return Verdict.SKIP, None
    if label == DROP:
        return Verdict.DROP, None
    if label in (KEEP, shows) or _parts(label) == _parts(shows):
        return Verdict.KEEP, None
    return Verdict.RELABEL, label


def _parts(label: str) -> list[str]:
    """The labels in a set of them, sorted; a label that is no set is one."""
    if label.startswith("["):
        try:
            found = json.loads(label)
        except (ValueError, RecursionError):
            return [label]
        if isinstance(found, list) and all(isinstance(part, str) for part in found):
            return sorted(set(found))
    return [label]


def _one_of(label: str | None, labels: Sequence[str]) -> str | None:
    """The label as the round spells it, where it differs in case alone."""
    if label is None or not labels or label in labels:
        return label
    spelt: dict[str, list[str]] = {}
    for known in labels:
        spelt.setdefault(known.casefold(), []).append(known)
    parts = [spelt.get(part.casefold(), [part]) for part in _parts(label)]
    if any(len(found) > 1 for found in parts):
        return label
    plain = [found[0] for found in parts]
    return plain[0] if len(plain) == 1 else label_set(plain)


def _left_out(said: Said, reason: str) -> Unmatched:
    return Unmatched(said.line, said.item, said.reviewer, reason)
