"""`curator compare … --sides` and `--preference`: people judge the answers of two systems side by side, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from curator.cli import common
from curator.errors import InputError
from curator.text import plural

if TYPE_CHECKING:
    from curator.comparison.compare import Comparison
    from curator.comparison.sides_preference import Preference

_SPLITS = 12


def begin(
    project: str,
    found: Comparison,
    reviewers: Sequence[str],
    overlap: int,
    sample: int | None,
    repeats: int,
    guideline: Path | None,
    seed: int,
) -> None:
    """Begin a round on what was compared, and say how it goes on."""
    from curator.comparison.sides import pairs_of, system_names
    from curator.comparison.sides_round import Wanted, begin_sides, differing_of, open_or_create
    from curator.pipeline import is_project, not_a_project_name
    from curator.store import shown_address

    if not is_project(project):
        raise InputError(not_a_project_name(project))
    if not reviewers:
        raise InputError("--sides needs to know who judges: --reviewers ann,bo")
    pairs = pairs_of(found.evals.examples, found.baseline.answers, found.tuned.answers)
    differing_of(pairs)  # before a project is made for nothing
    baseline, tuned = system_names(found.baseline.path, found.tuned.path)
    wanted = Wanted(
        found.evals.where, baseline, tuned, tuple(reviewers), overlap, sample, repeats, _text(guideline), seed=seed
    )
    with open_or_create(project) as opened:
        made = begin_sides(opened, pairs, wanted)
    where, number = shown_address(project), made.round.number
    print(f"\n{made.round.scope}.")
    print(
        f"Began round {number} in {project}: {plural(made.items, 'item')}, {plural(len(made.planned.slots), 'judgement')}."
    )
    print("Nobody who judges is told which system an answer is of. Next, one of:")
    print(f"  curator open {where}    they take turns here, on the page Rounds")
    print(f"  curator pack {where} --round {number} --out FOLDER    a file for each, to send by mail")
    print(f"When all is judged: curator compare --preference {where}")


def tell(project: str, round: str | None, json: str | None, seed: int) -> None:
    """Say what a round came to."""
    from curator.comparison.sides_preference import newest, preference
    from curator.comparison.sides_wording import document, lines, verdict
    from curator.store import Project
    from curator.text import json_bytes

    with Project.open(project) as opened:
        found = preference(opened, newest(opened) if round is None else round, seed)
    if json is not None:
        common.write_result(json, json_bytes(document(found), indent=True))
    if json == "-":
        return
    for line in _judges(found):
        print(line)
    print()
    for line in (*lines(found), *_splits(found), "", verdict(found)):
        print(line)


def _text(path: Path | None) -> str | None:
    """The text of a guideline, None without one."""
    from curator.files import reason

    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({reason(error)})", path=path) from None
    except UnicodeDecodeError:
        raise InputError("is not text in UTF-8; save it as such", path=path) from None


def _judges(found: Preference) -> list[str]:
    title = f"Round {found.round}: {plural(found.asked, 'item')}, judged by {plural(len(found.judges), 'person')}"
    rows = [("", found.tuned, found.baseline, "equal", "both bad", "same again")]
    rows += [
        (
            one.name,
            f"{one.tuned:,}",
            f"{one.baseline:,}",
            f"{one.equal:,}",
            f"{one.both_bad:,}",
            "–" if one.repeats is None else f"{one.repeats.right} of {one.repeats.asked}",
        )
        for one in found.judges
    ]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    made = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in rows
    ]
    return [title.replace("persons", "people"), "", *made]


def _splits(found: Preference) -> list[str]:
    """The items that judges see differently."""
    if not found.splits:
        return []
    called = {"tuned": found.tuned, "baseline": found.baseline}
    listed = [
        f"  {one.ref}: " + ", ".join(f"{name} {called.get(said, said)}" for name, said in one.said.items())
        for one in found.splits[:_SPLITS]
    ]
    more = len(found.splits) - _SPLITS
    return ["Where judges differ:", *listed, *([f"  and {more:,} more (--json has them)"] if more > 0 else [])]
