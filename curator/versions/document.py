"""A difference as lines for people, as JSON, as CSV and as a page. Personal data in texts is masked in all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from curator import __version__, sensitive
from curator.formats.write import defuse
from curator.store import ReleaseRow
from curator.text import json_bytes, plural
from curator.versions.diff import Change, Diff, Kind
from curator.versions.states import File, Said, State

SCHEMA = "curator/diff/1"
COLUMNS = (
    "change",
    "moved",
    "source",
    "record",
    "line",
    "split_before",
    "split_after",
    "why",
    "by",
    "entry",
    "input_before",
    "output_before",
    "input_after",
    "output_after",
)
_SHORT = 72


def as_json(diff: Diff) -> dict[str, Any]:
    """The whole of a difference as one document; rows that are the same are counted alone."""
    return {
        "schema": SCHEMA,
        "curator": __version__,
        "before": _state(diff.before),
        "after": _state(diff.after),
        "counts": dict(diff.counts),
        "settings": [{"name": fact.name, "before": fact.before, "after": fact.after} for fact in diff.facts],
        "sources": {"added": [_file(one) for one in diff.came], "removed": [_file(one) for one in diff.went]},
        "rows": [_change(change) for change in diff.changes],
    }


def json_document(diff: Diff) -> bytes:
    return json_bytes(as_json(diff), indent=True)


def table(diff: Diff) -> bytes:
    """A row for each change, as CSV with the columns COLUMNS; what a spreadsheet would take for a formula is defused."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for change in diff.changes:
        row, was, now = change.row, change.was, change.now
        cells = (
            change.kind,
            "yes" if change.moved else "",
            row.source,
            row.record,
            row.line,
            change.before and change.before.split,
            change.after and change.after.split,
            change.why,
            by(change),
            change.entry,
            was and was.input,
            was and was.output,
            now and now.input,
            now and now.output,
        )
        writer.writerow([defuse(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


def page(diff: Diff, rows: int = 200) -> str:
    """A self-contained page: the counts, what differs besides, and the first `rows` changes of each kind."""
    from curator.reports.html import render

    listed = {kind: [change for change in diff.changes if change.kind is kind] for kind in Kind}
    return render(
        "diff.html",
        report={"version": __version__, "created": ""},
        diff=diff,
        listed={kind: found[:rows] for kind, found in listed.items() if found},
        total={kind: len(found) for kind, found in listed.items()},
        by=by,
        place=place,
        shown=shown,
    )


def lines(diff: Diff, rows: int) -> Iterator[str]:
    """What is printed: the counts, what differs besides, and the first `rows` changes."""
    counts = diff.counts
    yield f"{diff.before.title} → {diff.after.title}"
    yield f"  {plural(counts['before'], 'example')} → {counts['after']:,}"
    for kind in Kind:
        if counts[kind]:
            yield f"  {kind}: {counts[kind]:,}"
    yield f"  unchanged: {counts['unchanged']:,}"
    for fact in diff.facts:
        yield f"  {fact.name}: {shown(fact.before)} → {shown(fact.after)}"
    for word, files in (("new source", diff.came), ("source gone", diff.went)):
        for file in files:
            yield f"  {word}: {file.path} ({file.role}, sha256 {file.sha256[:12]}…)"
    for change in diff.changes[:rows]:
        yield from _said(change)
    if len(diff.changes) > rows:
        yield f"… and {len(diff.changes) - rows:,} more: --rows N shows more of them here, --json and --csv write all."


def place(change: Change) -> str:
    """Where the row is from, and its splits."""
    before, after = (row.split if row is not None and row.written else "" for row in (change.before, change.after))
    splits = before or after if not (before and after) or before == after else f"{before} → {after}"
    row = change.row
    where = f"record {row.record}" if row.line is None else f"line {row.line}"
    return f"{row.source}, {where} ({splits})"


def by(change: Change) -> str:
    """Who decided it, "" where nobody did."""
    before, after = change.before, change.after
    if after is not None and after.decision is not None and (before is None or after.decision != before.decision):
        return after.reviewer or ""
    return ""


def shown(value: Any) -> str:
    """A setting as it is read."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def _said(change: Change) -> Iterator[str]:
    entry = f" (entry {change.entry})" if change.entry is not None else ""
    why = f": {change.why}{entry}" if change.why else entry
    yield f"{change.kind:>10}  {place(change)}{why}"
    was, now = change.was, change.now
    if was is not None and now is not None:
        if was.input != now.input:
            yield f"{'':>12}input:  {_where_they_differ(was.input, now.input)}"
        if was.output != now.output:
            yield f"{'':>12}output: {_where_they_differ(was.output, now.output)}"
    elif (said := was or now) is not None:
        yield f"{'':>12}{_short(said.input)!r} → {_short(said.output)!r}"


def _where_they_differ(was: str, now: str) -> str:
    """Both texts in short, from a little before the first character that differs."""
    first = next((at for at, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now)))
    start = max(0, first - _SHORT // 3) if max(len(was), len(now)) > _SHORT else 0
    left = "…" if start else ""
    return f"{left + _short(was[start:])!r} → {left + _short(now[start:])!r}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


def _state(state: State) -> dict[str, Any]:
    return {"title": state.title, "dataset": dict(state.dataset) or None}


def _file(file: File) -> dict[str, Any]:
    return {"path": file.path, "sha256": file.sha256, "role": file.role}


def _change(change: Change) -> dict[str, Any]:
    return {
        "change": str(change.kind),
        "moved": change.moved,
        "before": _row(change.before, change.was),
        "after": _row(change.after, change.now),
        "why": change.why,
        "by": by(change) or None,
        "entry": change.entry,
    }


def _row(row: ReleaseRow | None, said: Said | None) -> Mapping[str, Any] | None:
    if row is None:
        return None
    found: dict[str, Any] = {
        "from": {"source": row.source, "record": row.record, "line": row.line},
        "split": row.split or None,
    }
    if not row.written:
        found |= {"reason": row.reason, "message": sensitive.mask(row.message), "finding": row.finding}
    found |= {"decision": row.decision}
    return found if said is None else found | {"input": said.input, "output": said.output}
