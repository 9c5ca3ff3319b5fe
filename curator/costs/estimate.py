"""From the tokens of the examples to what a job would be billed, with how sure each figure is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from curator.costs.prices import OWN_MACHINES, Price, prices_of
from curator.errors import InputError
from curator.model import Example
from curator.targets import Target
from curator.text import plural

EPOCHS = 3
"""Passes over the data where nobody says how many: what providers propose for sets of some hundred examples and more."""
LOOK = "Prices change: look at the provider's own page before you start a job."
TRAIN = "train"
_FIRST = 5


@dataclass(frozen=True, slots=True)
class Spread:
    """Tokens of the examples of a split: their sum and how they lie. `p95`: 95% of the examples have no more."""

    split: str
    examples: int
    total: int
    median: int
    p95: int
    longest: int

    @classmethod
    def of(cls, split: str, counts: Sequence[int]) -> Spread:
        """All zero where there are none."""
        ordered = sorted(counts)
        if not ordered:
            return cls(split, 0, 0, 0, 0, 0)
        return cls(
            split,
            len(ordered),
            sum(ordered),
            ordered[len(ordered) // 2],
            ordered[-(-len(ordered) * 95 // 100) - 1],
            ordered[-1],
        )

    def line(self) -> str:
        if not self.examples:
            return "no examples"
        each = f"median {self.median:,}, 95% have up to {self.p95:,}, longest {self.longest:,}"
        return f"{plural(self.total, 'token')} in {plural(self.examples, 'example')}: {each}"


@dataclass(frozen=True, slots=True)
class Over:
    """An example over the target's limit: where it came from and its tokens."""

    where: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Bill:
    """What a job with a model would cost: `amount` in the currency of the price, None where that is unknown."""

    price: Price
    tokens: int
    amount: float | None

    @property
    def cost(self) -> str:
        """`13.09 USD`, `at least 0.40 USD`, `less than 0.01 USD` or `unknown`."""
        if self.amount is None:
            return "unknown"
        currency = self.price.currency
        if 0 < self.amount < 0.01:
            return f"less than 0.01 {currency}"
        return f"{'at least ' if self.price.at_least else ''}{self.amount:,.2f} {currency}"

    @property
    def name(self) -> str:
        return f"{self.price.model}, {self.price.method}"

    def line(self) -> str:
        """`gpt-4.1, sft: 13.09 USD (25 USD per 1M tokens, as of 2026-05)`."""
        if self.amount is None:
            return f"{self.name}: unknown as of {self.price.as_of} ({self.price.note})"
        return f"{self.name}: {self.cost} ({self.price.rate})"

    def as_json(self) -> dict[str, Any]:
        said = asdict(self.price)
        del said["targets"]
        return {"amount": None if self.amount is None else round(self.amount, 6)} | said


@dataclass(frozen=True, slots=True)
class TargetCost:
    """What the examples come to for one target.

    `counted`: by which vocabulary and how surely, such as "exact (o200k_base)"; `note`: how far off one that stands in was
    found to be. `limit`: tokens that an example may have, None where none is known; `cut`: longer ones are cut, not refused;
    `over`: how many are, `first` of them the first. `billed`: tokens of the training split as they are billed, times epochs.
    """

    target: str
    title: str
    counted: str
    note: str
    splits: tuple[Spread, ...]
    limit: int | None
    cut: bool
    over: int
    first: tuple[Over, ...]
    epochs: int
    billed: int
    bills: tuple[Bill, ...]

    @property
    def limit_line(self) -> str:
        if self.limit is None:
            return "no limit of tokens an example is known"
        said = f"limit {self.limit:,} tokens an example, "
        if not self.over:
            return f"{said}none is over it"
        return f"{said}{self.over:,} over it, {'which would be cut' if self.cut else 'which would be refused'}"

    @property
    def billed_line(self) -> str:
        billed = plural(self.billed, "billed token" if self.bills else "token")
        return f"{plural(self.epochs, 'epoch')} of training: {billed}"

    @property
    def cost_lines(self) -> tuple[str, ...]:
        """A line for each model with its price and date; why there is none otherwise."""
        if not self.billed:
            return ("there is nothing to train on",)
        return tuple(bill.line() for bill in self.bills) or (OWN_MACHINES,)

    @property
    def summary(self) -> str:
        """`3 epochs of training: 803,244 billed tokens; gpt-4.1, sft: 20.08 USD; … (as of 2026-05)`, in one line."""
        known = [bill for bill in self.bills if bill.amount is not None]
        dates = dict.fromkeys(bill.price.as_of for bill in (known or self.bills))
        said = [self.billed_line, *(f"{bill.name}: {bill.cost}" for bill in known)]
        if not known:
            said.append("price unknown" if self.bills else self.cost_lines[0])
        return "; ".join(said) + (f" (as of {', '.join(dates)})" if dates else "")

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known about the prices, each said once."""
        return tuple(dict.fromkeys(b.price.note for b in self.bills if b.amount is not None and b.price.note))

    def lines(self) -> tuple[str, ...]:
        """All of it but the `note` as lines of text, those below the first indented."""
        several = len(self.splits) > 1
        said = [f"{self.target}: {self.title}, tokens {self.counted}"]
        said += [f"  {spread.split + ': ' if several else ''}{spread.line()}" for spread in self.splits]
        said.append(f"  {self.limit_line}")
        said += [f"    {over.where}: {over.tokens:,} tokens" for over in self.first]
        said.append(f"  {self.billed_line}")
        said += [f"    {line}" for line in self.cost_lines]
        said += [f"  {note}" for note in self.notes]
        return tuple(said)

    @property
    def is_empty(self) -> bool:
        return not any(spread.examples for spread in self.splits)

    def as_json(self) -> dict[str, Any]:
        """For a manifest or `--json`; `cost` per model is null where the price is unknown."""
        return {
            "target": self.target,
            "tokenizer": self.counted,
            "tokenizer_note": self.note,
            "splits": [asdict(spread) for spread in self.splits],
            "limit": self.limit,
            "over_limit": {"examples": self.over, "first": [asdict(over) for over in self.first]},
            "epochs": self.epochs,
            "billed_tokens": self.billed,
            "costs": [bill.as_json() for bill in self.bills],
            "note": LOOK if self.bills else self.cost_lines[0],
        }


def refuse_epochs(epochs: int) -> None:
    """Raise InputError where nobody trains for so many."""
    if not 1 <= epochs <= 100:
        raise InputError(f"--epochs {epochs} is no number of passes over the data: give 1 to 100")


def count(target: Target, examples: Sequence[Example]) -> list[int]:
    """Tokens of each example as the target counts them; of pairs both outputs."""
    return target.counter.examples(examples, pair=target.preference)


def of_counts(
    target: Target,
    counts: Mapping[str, Sequence[int]],
    epochs: int = EPOCHS,
    where: Mapping[str, Sequence[object]] | None = None,
    counted: str | None = None,
    note: str | None = None,
) -> TargetCost:
    """The cost of training on `counts["train"]`, tokens of each example by split; other splits are counted, not billed.

    `where`: the same shape, what names each example. `counted` and `note` where another counter than the target's own was
    used. Of an example over the limit, only what is kept is billed, and nothing where it is refused.
    """
    rules = target.rules
    limit, cut = rules.max_tokens, rules.over_max_tokens == "cut"
    over = [
        Over(str(where[split][at]) if where else f"{split}, example {at + 1}", tokens)
        for split, some in counts.items()
        for at, tokens in enumerate(some)
        if limit is not None and tokens > limit
    ]
    trained = counts.get(TRAIN, ())
    if limit is None:
        once = sum(trained)
    else:
        once = sum(tokens if tokens <= limit else limit if cut else 0 for tokens in trained)
    billed = once * epochs
    return TargetCost(
        target.name,
        target.title,
        str(target.counter) if counted is None else counted,
        target.counter.note if note is None else note,
        tuple(Spread.of(split, some) for split, some in counts.items()),
        limit,
        cut,
        len(over),
        tuple(over[:_FIRST]),
        epochs,
        billed,
        tuple(Bill(price, billed, price.amount(billed)) for price in prices_of(target.name)) if billed else (),
    )
