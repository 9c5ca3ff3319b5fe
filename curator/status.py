"""What a project holds, and what to do with it next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curator.text import plural


@dataclass(frozen=True, slots=True)
class Status:
    """What a project holds, and the next step. `packet`: it is a reviewer's part of a round, made from a packet."""

    where: str
    task: str | None
    candidates: int
    evals: int
    rejected: int
    decisions: int
    reviewers: int
    findings: Mapping[str, int]
    effective: int | None
    stale: bool
    size: int
    rounds: int = 0
    votes: int = 0
    packet: bool = False
    releases: int = 0
    newest: str = ""
    """Name, number and size of the newest release, "" without one."""
    judging: bool = False
    """Whether it holds answers that people judge side by side, and nothing to train on."""
    votes_only: bool = False
    """Whether this account is a reviewer's, who can run no check and write no export."""

    def next_step(self) -> str:
        if self.packet:
            return f"vote: curator open {self.where}; then send the answer: curator pack {self.where}"
        if self.judging:
            return f"judge: curator open {self.where}; when all is judged: curator compare --preference {self.where}"
        if self.votes_only:
            return f"vote: curator open {self.where}"
        if not self.candidates:
            return f"import a file: curator import {self.where} FILE"
        if self.effective is None:
            return f"check it: curator check {self.where}"
        return f"export it: curator export {self.where} --target openai --out FOLDER"

    def lines(self) -> list[str]:
        found = ", ".join(f"{name} {n:,}" for name, n in self.findings.items() if n) or "none yet"
        effective = "" if self.effective is None else f", {self.effective:,} of them would be exported"
        return [
            f"{self.where}: {self.candidates:,} candidates{effective}, {self.evals:,} eval examples, {self.rejected:,} rejected records",
            f"task: {self.task or 'guessed at each check'} · decisions: {self.decisions:,} {self._by()} · {self.size / 1e6:.1f} MB",
            *self._rounds(),
            *self._releases(),
            f"findings of the latest check: {found}" + (" (the project changed since)" if self.stale else ""),
            f"Next: {self.next_step()}",
        ]

    def _by(self) -> str:
        # What all agree on settles itself: that is nobody's decision.
        return f"by {plural(self.reviewers, 'reviewer')}" if self.reviewers or not self.decisions else "by consensus"

    def _rounds(self) -> list[str]:
        if not self.rounds:
            return []
        return [f"rounds of review: {self.rounds:,}, with {plural(self.votes, 'vote')}; curator assign {self.where}"]

    def _releases(self) -> list[str]:
        if not self.releases:
            return []
        return [f"releases: {self.releases:,}, the newest {self.newest}"]

    def as_json(self) -> dict[str, Any]:
        keys = (
            "where",
            "task",
            "candidates",
            "evals",
            "rejected",
            "decisions",
            "reviewers",
            "rounds",
            "votes",
            "releases",
            "effective",
            "stale",
            "size",
        )
        values = {key: getattr(self, key) for key in keys}
        return {"schema": "curator/status/1", **values, "findings": dict(self.findings), "next": self.next_step()}
