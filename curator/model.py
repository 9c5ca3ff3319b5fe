"""The words of the project as frozen dataclasses. No input or output happens here.

An *example* is one input/output pair: a conversation whose last assistant turn is the output.
Each knows where it came from (`Ref`). What a check says of examples is a `Finding`; what a
reviewer says of one is a `Decision`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What an example is for: to be trained on, or to be protected from training."""

    CANDIDATE = "candidate"
    EVAL = "eval"


class Severity(StrEnum):
    """How sure a finding is that the example must not be trained on as it stands."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Verdict(StrEnum):
    """What a reviewer decided about an example."""

    KEEP = "keep"
    DROP = "drop"
    RELABEL = "relabel"
    EDIT = "edit"
    FLAG = "flag"
    SKIP = "skip"


class Kind(StrEnum):
    """What a decision is among those on its example.

    A vote in a round changes nothing until the round's votes are settled, by a consensus or an adjudication; a withdrawal
    takes the reviewer's vote back. What is decided outright counts at once.
    """

    DECISION = "decision"
    VOTE = "vote"
    WITHDRAWAL = "withdrawal"
    CONSENSUS = "consensus"
    ADJUDICATION = "adjudication"


class Cause(StrEnum):
    """Why reviewers disagreed, as an adjudicator sees it."""

    GUIDELINE = "guideline"
    ERROR = "error"
    AMBIGUOUS = "ambiguous"
    BAD_ITEM = "bad_item"


class ItemKind(StrEnum):
    """Why an example is in a round: to be judged; or, its answer being known, to see how well it is judged, shown as it
    is (gold) or with another label (attention)."""

    ITEM = "item"
    GOLD = "gold"
    ATTENTION = "attention"


CONSENSUS_REVIEWER = "(consensus)"
"""In whose name votes that agree settle an item."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Where an example came from.

    `source` is the path as the user gave it, `record` the 0-based number of the record in it (header
    not counted, rejected records counted), `line` the 1-based line it starts on (None: no lines).
    """

    source: str
    record: int
    line: int | None
    role: Role = Role.CANDIDATE

    def as_json(self) -> dict[str, Any]:
        return {"source": self.source, "record": self.record, "line": self.line, "role": str(self.role)}

    def __str__(self) -> str:
        return f"{self.source}, " + (f"record {self.record}" if self.line is None else f"line {self.line}")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function call in an assistant turn; `arguments` is JSON text, kept as it was given."""

    name: str
    arguments: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `role` is system, developer, user, assistant or tool (others are kept and found by a check).

    `weight` is the training weight of an assistant turn (0 or 1; None: not given). `extra` holds
    keys that no provider format names, so that a round trip loses nothing.
    """

    role: str
    content: str | None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None
    weight: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The turn as plain text: its content, then its tool calls as `name(arguments)`."""
        calls = [f"{call.name}({call.arguments})" for call in self.tool_calls]
        return "\n".join([self.content, *calls] if self.content else calls)


@dataclass(frozen=True, slots=True)
class Vote:
    """What an annotator of another tool said of an example: imported as that reviewer's decision.

    `at`: when, ISO 8601 in UTC, "" where the tool does not say. `question`: which of several the value answers, "" where it
    answers more than one (the value is then an object by their names) or they have no names.
    """

    reviewer: str
    verdict: Verdict
    value: str | None = None
    note: str = ""
    at: str = ""
    question: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Example:
    """One input/output pair and where it came from. `id` is its number in the project (0: not stored)."""

    ref: Ref
    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Any], ...] = ()
    non_preferred: tuple[Message, ...] = ()
    parallel_tool_calls: bool | None = None
    votes: tuple[Vote, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def output_at(self) -> int | None:
        """Index of the last assistant turn, None without one."""
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].role == "assistant":
                return index
        return None

    @property
    def output(self) -> str:
        """Text of the last assistant turn, "" without one. For classification: the label."""
        at = self.output_at
        return "" if at is None else self.messages[at].text

    @property
    def input(self) -> str:
        """Text of the turns before the output, system turns left out: what tells examples apart."""
        before = self.messages[: self.output_at]
        return "\n".join(m.text for m in before if m.role not in SYSTEM_ROLES)

    @property
    def system(self) -> str:
        """Text of the system turns."""
        return "\n".join(m.text for m in self.messages if m.role in SYSTEM_ROLES)

    def with_output(self, text: str) -> Example:
        """The same example with the content of its last assistant turn replaced (or one added)."""
        at = self.output_at
        if at is None:
            return replace(self, messages=(*self.messages, Message("assistant", text)))
        turn = replace(self.messages[at], content=text, tool_calls=())
        return replace(self, messages=(*self.messages[:at], turn, *self.messages[at + 1 :]))


SYSTEM_ROLES = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be read: kept, counted, with its reason and its bytes as found."""

    ref: Ref
    reason: str
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was imported. `sha256` is of its bytes; `records` = `examples` + `rejected`."""

    path: str
    sha256: str
    format: str
    role: Role
    records: int
    examples: int
    rejected: int
    id: int = 0
    mapping: Mapping[str, Any] = field(default_factory=dict)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a finding proposes for `examples` (ids): drop them, or relabel them with `value`, the new label or text.

    `values`: one value for each example where they are not the same, as when a block of outputs has slipped by a row.
    """

    action: Verdict
    examples: tuple[int, ...]
    value: str | None = None
    values: tuple[str, ...] = ()

    def value_for(self, example: int) -> str | None:
        """The value proposed for one of `examples`."""
        return self.values[self.examples.index(example)] if self.values else self.value


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check says of one or more examples (`examples`: ids, the one to look at first leading).

    `score` ranks findings within a check, higher is worse, in 0..1. `evidence` is JSON-ready and
    enough to judge by: the other example, the differing words, the neighbours that vote otherwise.
    `id` depends on the check and the texts alone, so it is the same in every run.
    """

    check: str
    severity: Severity
    score: float
    examples: tuple[int, ...]
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    suggestion: Suggestion | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision that settles votes rests on: their ids, and for a consensus its `method` and `confidence` (0..1)."""

    votes: tuple[str, ...]
    method: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One reviewer's verdict on one example as they saw it. Never overwritten, only superseded.

    `seen` is the content key of the revision that was shown; `value` the label of a relabel, the
    messages (JSON text) of an edit, or the ids of the findings that a keep dismisses, spaces between; `at` an ISO 8601 time in
    UTC; `supersedes` the id of the decision that this one replaces; `imported` is True for an annotation that
    came with the file: it says what its author labelled, not that they judged a finding.

    `round` is the id of the round in which it is a vote, or whose votes it settles on the `basis` of them; `repeat` marks a
    vote on an item that the reviewer is shown a second time; `cause` is what an adjudicator says of the disagreement.
    """

    id: str
    example: int
    seen: str
    reviewer: str
    verdict: Verdict
    value: str | None = None
    note: str = ""
    at: str = ""
    supersedes: str | None = None
    imported: bool = False
    kind: Kind = Kind.DECISION
    round: str | None = None
    repeat: bool = False
    cause: Cause | None = None
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """A batch of review: who looks at what, and how.

    `number` counts the rounds of a project from 1. `labels` to choose from, () where outputs are texts. `guideline` is the
    text as it stood, `guideline_version` counts its versions from 1 (0: there was none). Each item goes to `overlap` reviewers,
    who do not see each other's votes where `blind`, nor the given output where `hide_output`; `hints` tell what a check found.
    Where `claimed`, nobody has a list: each takes the next free item and holds it for `lease` seconds. `settle`: items whose
    votes all agree settle themselves. `scope` says what was chosen, in a sentence. `made`: ISO 8601, UTC.
    """

    id: str
    number: int
    name: str
    task: str
    labels: tuple[str, ...]
    guideline: str
    guideline_version: int
    reviewers: tuple[str, ...]
    overlap: int
    blind: bool = True
    hide_output: bool = False
    hints: bool = False
    claimed: bool = False
    lease: int = 900
    settle: bool = True
    seed: int = 0
    scope: str = ""
    made: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class RoundItem:
    """An example as a round shows it: `key` is the content key of what is shown, `place` its order in the round.

    `expected` is the answer where it is known; `content` what is shown in its stead (as `as_json` has it) in an attention
    item; `hint` what a check found. `sealed` (JSON-ready) is what nobody who reviews is to know before the round is closed:
    it goes into no packet, and accounts of reviewers cannot read it before then.
    """

    example: int
    key: str
    place: int
    kind: ItemKind = ItemKind.ITEM
    expected: str | None = None
    content: Mapping[str, Any] | None = None
    hint: str = ""
    sealed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One look that an item is owed, number `slot` of it, by `reviewer` (None: nobody yet), at `place` in their list.

    `repeat`: it is the reviewer's second look. `until`: when a claim runs out, in seconds since 1970; None where the slot is
    the reviewer's for good.
    """

    example: int
    slot: int
    reviewer: str | None
    place: int
    repeat: bool = False
    until: float | None = None


def as_json(example: Example) -> dict[str, Any]:
    """The content of an example (not where it came from) as a JSON-ready dict; `from_json` undoes it."""
    record: dict[str, Any] = {"messages": [_message_json(m) for m in example.messages]}
    if example.tools:
        record["tools"] = list(example.tools)
    if example.non_preferred:
        record["non_preferred"] = [_message_json(m) for m in example.non_preferred]
    if example.parallel_tool_calls is not None:
        record["parallel_tool_calls"] = example.parallel_tool_calls
    if example.extra:
        record["extra"] = dict(example.extra)
    return record


def from_json(record: Mapping[str, Any], ref: Ref, id: int = 0) -> Example:
    """The example that `as_json` wrote."""
    return Example(
        ref=ref,
        messages=tuple(_message(m) for m in record["messages"]),
        tools=tuple(record.get("tools", ())),
        non_preferred=tuple(_message(m) for m in record.get("non_preferred", ())),
        parallel_tool_calls=record.get("parallel_tool_calls"),
        extra=record.get("extra", {}),
        id=id,
    )


def content_key(example: Example) -> str:
    """32 hex digits that name what an example says: equal for equal turns and tools, whatever the file.

    Extra keys (ids, timestamps) do not count, so the same pair from two files has one key.
    """
    record = as_json(replace(example, extra={}))
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def question_key(example: Example) -> str:
    """What names an example's question, whatever the answer: one that is relabelled keeps it."""
    return content_key(replace(example.with_output(""), non_preferred=()))


def _message_json(message: Message) -> dict[str, Any]:
    record: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        record["tool_calls"] = [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in message.tool_calls]
    for key in ("tool_call_id", "name", "weight"):
        value = getattr(message, key)
        if value is not None:
            record[key] = value
    if message.extra:
        record["extra"] = dict(message.extra)
    return record


def _message(record: Mapping[str, Any]) -> Message:
    return Message(
        role=record["role"],
        content=record["content"],
        tool_calls=tuple(ToolCall(c["name"], c["arguments"], c["id"]) for c in record.get("tool_calls", ())),
        tool_call_id=record.get("tool_call_id"),
        name=record.get("name"),
        weight=record.get("weight"),
        extra=record.get("extra", {}),
    )
