"""`curator assign`: rounds of review, who owes what in them, and who leaves or joins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from curator.cli import common
from curator.cli.calibrate import refuse_files
from curator.cli.keep import Project
from curator.errors import InputError
from curator.text import plural

if TYPE_CHECKING:
    from rich.table import Table

    from curator.model import Round
    from curator.review.rounds.planning import Asked, Planned, Progress, RoundProgress
    from curator.review.rounds.progress import Tally
    from curator.store import Project as Store

ANY = "any"
"""With --findings: of all checks."""
_SHOWN = 12
_KNOWN = ("gold", "attention", "repeats")


def assign(
    project: Project,
    reviewers: Annotated[
        list[str] | None, typer.Option("--reviewers", metavar="NAME,…", help="Begin a round with these reviewers.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Review all candidates.")] = False,
    sample: Annotated[
        str | None,
        typer.Option("--sample", metavar="N|±P%", help="Review a random sample: so many, or for this margin of error."),
    ] = None,
    findings: Annotated[
        str | None,
        typer.Option("--findings", metavar="CHECK,…|any", help="Review what these checks found and nobody decided."),
    ] = None,
    ids: Annotated[
        Path | None, typer.Option("--ids", metavar="FILE", help="Review the examples whose numbers this file lists.")
    ] = None,
    filter: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="KEY=VALUE",
            help="Review the candidates with this label, check, status, reviewer, split or text; repeatable.",
        ),
    ] = None,
    overlap: Annotated[
        int, typer.Option("--overlap", metavar="N", min=1, help="How many reviewers see each item.")
    ] = 2,
    overlap_share: Annotated[
        str,
        typer.Option("--overlap-share", metavar="P%", help="Share of the items that several see; one sees the others."),
    ] = "100%",
    gold: Annotated[
        int, typer.Option("--gold", metavar="N", min=0, help="Mix in items of which the answer is known.")
    ] = 0,
    attention: Annotated[
        int, typer.Option("--attention", metavar="N", min=0, help="Mix in known items shown with another label.")
    ] = 0,
    gold_table: Annotated[
        Path | None,
        typer.Option("--gold-table", metavar="FILE", help="Known answers: a table with the columns example and label."),
    ] = None,
    repeats: Annotated[
        int, typer.Option("--repeats", metavar="N", min=0, help="Show each reviewer so many of their items again.")
    ] = 0,
    blind: Annotated[bool, typer.Option("--blind/--no-blind", help="Reviewers do not see each other's votes.")] = True,
    hide_output: Annotated[
        bool, typer.Option("--hide-output", help="Reviewers do not see the label that is given.")
    ] = False,
    hints: Annotated[bool, typer.Option("--hints", help="Tell reviewers what a check found.")] = False,
    claimed: Annotated[
        bool, typer.Option("--claimed", help="Nobody has a list: everybody takes the next free item.")
    ] = False,
    settle: Annotated[
        bool, typer.Option("--settle/--no-settle", help="Items on which all agree settle themselves.")
    ] = True,
    guideline: Annotated[
        Path | None, typer.Option("--guideline", metavar="FILE", help="How to decide [default: the project's].")
    ] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--labels", metavar="LABEL,…", help="Labels to choose from [default: all].")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help="A name for the round.")] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", min=0, help="Seed of the sample and the shares [default: another for each round]."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what the round would be, and begin none.")] = False,
    round: Annotated[str | None, typer.Option("--round", metavar="N", help="A round, by number or name.")] = None,
    leave: Annotated[
        str | None, typer.Option("--leave", metavar="NAME", help="With --round: this reviewer leaves.")
    ] = None,
    join: Annotated[
        str | None, typer.Option("--join", metavar="NAME", help="With --round: this reviewer joins.")
    ] = None,
    close: Annotated[bool, typer.Option("--close", help="With --round: take no more votes.")] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="With --round: take votes again.")] = False,
    config: common.Config = None,
) -> None:
    """Begin a round of review, or see how far the rounds are.

    Every item goes to several reviewers, who do not see each other's votes; where they agree it is settled, and where not
    somebody adjudicates. Without options the rounds are listed.
    """
    from curator.store import Project as Store

    refuse_files(project)
    changes = {"--leave": leave is not None, "--join": join is not None, "--close": close, "--reopen": reopen}
    changing = [option for option, given in changes.items() if given]
    if len(changing) > 1:
        raise InputError(f"{changing[0]} and {changing[1]} are different things; give one of them")
    if changing and round is None:
        raise InputError(f"{changing[0]} needs a round: --round N")
    if reviewers and round is not None:
        raise InputError("--reviewers begins a new round; to let somebody into a round that is there, use --join NAME")
    scopes = {"--all": everything, "--sample": sample, "--findings": findings, "--ids": ids, "--filter": filter}
    chosen = [option for option, given in scopes.items() if given]
    if not reviewers and (chosen or dry_run):
        raise InputError(f"{(chosen or ['--dry-run'])[0]} begins a round: name who reviews with --reviewers ann,bo")
    with Store.open(project) as opened:
        if reviewers:
            what = _scope(opened, chosen, sample, findings, ids, filter or [])
            options: dict[str, Any] = {
                "overlap": overlap,
                "overlap_share": percent(overlap_share, "--overlap-share"),
                "gold": gold,
                "attention": attention,
                "gold_table": gold_table,
                "repeats": repeats,
                "blind": blind,
                "hide_output": hide_output,
                "hints": hints,
                "claimed": claimed,
                "settle": settle,
                "guideline": None if guideline is None else _text(guideline),
                "labels": common.listed(labels) or None,
                "name": name or "",
                # As in the window: with the same seed a second sample would be of the same examples.
                "seed": len(opened.rounds.all()) if seed is None else seed,
            }
            _begin(opened, project, _asked(reviewers, what, options), dry_run)
        elif changing:
            _change(opened, opened.rounds.get(str(round)), leave, join, close)
        elif round is not None:
            _detail(opened, opened.rounds.get(round))
        else:
            _list(opened)


# What is asked for


def _asked(reviewers: list[str], what: dict[str, Any], options: dict[str, Any]) -> Asked:
    from curator.review.rounds.planning import Asked

    return Asked(common.listed(reviewers), **what, **options)


def _scope(
    opened: Store,
    chosen: list[str],
    sample: str | None,
    findings: str | None,
    ids: Path | None,
    filter: list[str],
) -> dict[str, Any]:
    """What is reviewed, as the fields of `Asked`."""
    from curator.review.rounds.planning import Scope

    if not chosen:
        raise InputError("say what is reviewed: --all, --sample 400, --findings any, --filter label=NAME or --ids FILE")
    if len(chosen) > 1:
        raise InputError(f"{chosen[0]} and {chosen[1]} choose differently; give one of them")
    if sample is not None:
        return {"scope": Scope.SAMPLE, **_sample(sample)}
    if findings is not None:
        return {"scope": Scope.FINDINGS, "checks": () if findings == ANY else common.listed([findings])}
    if ids is not None:
        return {"scope": Scope.IDS, "ids": _numbers(ids)}
    if filter:
        from curator.cli.filters import filtered

        return {"scope": Scope.IDS, **filtered(opened, filter)}
    return {"scope": Scope.ALL}


def _sample(text: str) -> dict[str, Any]:
    plain = text.strip().removeprefix("±").removeprefix("+-").strip()
    if plain.endswith("%"):
        return {"margin": percent(plain, "--sample")}
    if not plain.replace(",", "").isdecimal():
        raise InputError(f"--sample takes a number, such as 400, or a margin of error, such as ±5%, not {text!r}")
    return {"size": int(plain.replace(",", ""))}


def percent(text: str, option: str) -> float:
    """A share as it is typed: 20% or 0.2."""
    plain = text.strip()
    try:
        value = float(plain.removesuffix("%"))
    except ValueError:
        raise InputError(f"{option} takes a share, such as 20%, not {text!r}") from None
    return value / 100 if plain.endswith("%") else value


def _numbers(path: Path) -> tuple[int, ...]:
    found: list[int] = []
    for line, text in enumerate(_text(path).splitlines(), 1):
        for word in text.replace(",", " ").split():
            if not word.isdecimal():
                raise InputError(f"{word!r} is no number of an example", path=path, line=line)
            found.append(int(word))
    return tuple(found)


def _text(path: Path) -> str:
    from curator.files import reason

    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({reason(error)})", path=path) from None
    except UnicodeDecodeError:
        raise InputError("is not text in UTF-8; save it as such", path=path) from None


# What is done


def _begin(opened: Store, address: str, asked: Asked, dry_run: bool) -> None:
    from curator.review.rounds import planning as rounds
    from curator.store import shown_address

    planned = rounds.plan(opened, asked)
    if dry_run:
        _show_plan(planned)
        print("Nothing was written.")
        return
    round = rounds.begin(opened, planned)
    _show_plan(planned)
    where = shown_address(address)
    print(f"Began {_named(round)}. Next, one of:")
    print(f"  curator open {where}    the reviewers take turns here, on the page Rounds")
    if not round.claimed:
        print(f"  curator pack {where} --round {round.number} --out FOLDER    a file for each, to send by mail")
    print(f"`curator assign {where} --round {round.number}` tells how far it is, `curator undo {where}` takes it back.")


def _show_plan(planned: Planned) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    votes = sum(slot.reviewer is not None or planned.round.claimed for slot in planned.slots)
    console.print(Text(f"{planned.round.scope}."), style="bold")
    console.print(f"{plural(planned.count, 'item')}, {plural(votes, 'look')} in all")
    table = _table("reviewer", "looks", "about", "estimated by")
    for one in planned.owed:
        how = "own pace" if one.pace.measured else "words to read"
        _row(table, one.reviewer, f"{one.looks:,}", minutes(one.minutes), how)
    console.print(table)
    for note in planned.notes:
        console.print(Text(f"{'!' if note.warn else '•'} {note.text}"))


def _change(opened: Store, round: Round, leave: str | None, join: str | None, close: bool) -> None:
    from curator.review.rounds import planning as rounds
    from curator.store import shown_address

    if leave is not None or join is not None:
        moved = rounds.leave(opened, round, leave) if leave is not None else rounds.join(opened, round, str(join))
        for sentence in moved.sentences:
            print(sentence)
        if moved.looks and not round.claimed:
            print("Packets that are out show the old lists. New ones, which take nothing from what was voted:")
            print(f"  curator pack {shown_address(opened.address)} --round {round.number} --out FOLDER")
    else:
        done = rounds.close(opened, round) if close else rounds.reopen(opened, round)
        print(f"{done.text}.")


def _list(opened: Store) -> None:
    from rich.console import Console
    from rich.text import Text

    from curator.review.rounds.planning import overall
    from curator.store import shown_address

    found = overall(opened)
    if not found:
        print("There is no round yet. Begin one with, for example:")
        print(f"  curator assign {shown_address(opened.address)} --reviewers ann,bo,cy --sample 120")
        return
    console = Console(highlight=False)
    table = _table("round", "reviewers", "looks", "done", "")
    for one in found:
        share = f"{one.done / one.looks:.0%}" if one.looks else "–"
        state = "closed" if one.round.closed else "open"
        people = ", ".join(one.round.reviewers)
        _row(table, _named(one.round), people, f"{one.done:,} of {one.looks:,}", share, state)
    console.print(table)
    open_ = [one.round for one in found if not one.round.closed]
    if open_:
        console.print(Text(f"`--round {open_[0].number}` tells more of {_named(open_[0])}."))


def _detail(opened: Store, round: Round) -> None:
    from rich.console import Console
    from rich.text import Text

    from curator.review.rounds.planning import progress
    from curator.store import shown_address

    found = progress(opened, round)
    console = Console(highlight=False)
    console.print(Text(f"{_named(found.round).capitalize()}: {found.round.scope}."), style="bold")
    console.print(Text(_kind(found.round)))
    columns = ["reviewer", "done", "skipped", "left", "last vote (UTC)"]
    asked = [name for name in _KNOWN if any(getattr(one, name).seen for one in found.reviewers)]
    table = _table(*columns, *asked)
    for one in found.reviewers:
        _row(table, *_progress_cells(one), *(_tally(getattr(one, name)) for name in asked))
    console.print(table)
    for sentence in _standing(found):
        console.print(Text(f"• {sentence}"))
    console.print(Text(f"Next: {found.next.text}"))
    if command := _next(found.next.name, shown_address(opened.address), f"--round {found.round.number}"):
        print(f"  curator {command}")  # not wrapped: it is there to be copied


def _progress_cells(one: Progress) -> tuple[str, ...]:
    name = one.reviewer if one.there else f"{one.reviewer} (left)"
    left = "–" if not one.there else minutes(one.minutes) if one.minutes else "nothing"
    return name, f"{one.done:,} of {one.owed:,}", f"{one.skipped:,}", left, one.last[:16].replace("T", " ") or "never"


def _tally(one: Tally) -> str:
    return f"{one.right:,} of {one.seen:,}" if one.seen else "–"


def _next(step: str, where: str, round: str) -> str:
    """The command for the next step of a round, "" where it is nobody's at this keyboard."""
    return {
        "adjudicate": f"adjudicate {where} {round}",
        "settle": f"adjudicate {where} {round} --settle",
        "join": f"assign {where} {round} --join NAME",
        "close": f"assign {where} {round} --close",
    }.get(step, "")


def _standing(found: RoundProgress) -> list[str]:
    said = [
        f"{found.complete:,} of {plural(found.items, 'item')} have all their votes; on {found.unanimous:,} all agree, "
        f"{found.disputed:,} {'is' if found.disputed == 1 else 'are'} disputed, {found.settled:,} settled."
    ]
    if found.changed:
        said.append(f"{plural(found.changed, 'item')} changed since the round began.")
    if found.unassigned:
        said.append(f"{plural(found.unassigned, 'look')} belong to nobody; --join NAME lets somebody take them.")
    return said


def _kind(round: Round) -> str:
    words = [f"overlap {round.overlap}", "blind" if round.blind else "votes are seen"]
    words += ["given label hidden"] * round.hide_output + ["the next free item for everybody"] * round.claimed
    words.append(f"guideline version {round.guideline_version}" if round.guideline_version else "no guideline")
    return f"{', '.join(words)}; seed {round.seed}" + ("; closed" if round.closed else "")


def _named(round: Round) -> str:
    return f"round {round.number}" + (f" ({round.name})" if round.name else "")


def minutes(value: float) -> str:
    """An estimate, as people say one."""
    if value < 1:
        return "under a minute"
    return plural(max(1, int(value + 0.5)), "minute") if value < 90 else f"{value / 60:.1f} hours"


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for at, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=at > 1, min_width=8 if at < 2 else None)
    return table


def _row(table: Table, *cells: str) -> None:
    from rich.text import Text

    # Text, so that a name in square brackets is no markup.
    table.add_row(*(Text(cell) for cell in cells))
