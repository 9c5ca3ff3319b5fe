"""How the wording of two texts differs, and whether the difference changes what they say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese write no spaces: there each character counts as a word."""
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+(?:['’][^\W{_UNSPACED}]+)?|[^\w\s]")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n]\s*|[\"“(]\s*)$")

NEGATIONS = frozenset(
    "no not never none nothing nobody neither nor without cannot can't cant won't wont don't dont doesn't doesnt didn't didnt "
    "isn't isnt aren't arent wasn't wasnt weren't werent shouldn't wouldn't couldn't haven't hasn't hadn't unable "
    "kein keine keinen nicht nie ohne non pas jamais sans sin nunca senza mai 不 没 沒 無 无 非 別 别 勿 ไม่ 안 못".split()
)
NUMBER_WORDS = frozenset(
    "zero two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand million "
    "first second third half double twice once monday tuesday wednesday thursday friday saturday sunday "
    "january february march april june july august september october november december".split()
)

_PLAIN = frozenset(
    "i i'm i've i'd i'll a an and are at can could did do does for from had has have he hello hey hi how if in is it it's "
    "just let may me might my need no not now of ok on or our please she should so thank thanks that the their then there "
    "these they this to was we were what what's when where which who why will with would yes you your".split()
)
"""Words that people capitalise in the middle of a text without naming anything."""
_REACH = 2


@dataclass(frozen=True, slots=True)
class Difference:
    """`removed` and `added`: words only in the first and only in the second text, in order.

    `overlap`: multiset Jaccard similarity of the words, 0..1. `substance`: the differing words that change what is said
    (numbers, names, negations, code), empty where the texts differ in wording alone.
    """

    removed: tuple[str, ...]
    added: tuple[str, ...]
    overlap: float
    substance: tuple[str, ...]


def is_plain(word: str) -> bool:
    """True for marks and for words that say nothing of their own."""
    return not word[0].isalnum() or word in _PLAIN


def words(text: str) -> list[str]:
    """Words (with their apostrophes) and single marks, as written."""
    return _WORD.findall(text)


def difference(first: str, second: str) -> Difference:
    """Compare two texts word by word."""
    a, b = words(first), words(second)
    count_a, count_b = Counter(w.casefold() for w in a), Counter(w.casefold() for w in b)
    only_a, only_b = count_a - count_b, count_b - count_a
    union = sum((count_a | count_b).values())
    overlap = sum((count_a & count_b).values()) / union if union else 1.0
    marks_a = _substance(only_a, first, a)
    marks_b = _substance(only_b, second, b)
    facts_a, facts_b = [w for w in a if _is_fact(w)], [w for w in b if _is_fact(w)]
    # "EUR to USD" and "USD to EUR" have the same words and say the opposite.
    turned = tuple(facts_a) if facts_a != facts_b and sorted(facts_a) == sorted(facts_b) else ()
    return Difference(
        tuple(w for w in dict.fromkeys(w.casefold() for w in a) if w in only_a),
        tuple(w for w in dict.fromkeys(w.casefold() for w in b) if w in only_b),
        overlap,
        (*marks_a, *marks_b, *turned, *_negated(a, b)),
    )


def _negated(a: list[str], b: list[str]) -> tuple[str, ...]:
    """The negations where one text has more of them: "cannot" and "not able to" say the same, "can" does not."""
    first, second = ([w.casefold() for w in text if _is_negation(w.casefold())] for text in (a, b))
    if len(first) != len(second):
        return tuple(dict.fromkeys((*first, *second)))
    # "was charged, wasn't returned" and "was not charged, was returned": as many, of something else.
    of_a, of_b = _negated_words(a), _negated_words(b)
    moved_from = (of_a - of_b) & {w.casefold() for w in b}
    moved_to = (of_b - of_a) & {w.casefold() for w in a}
    return tuple(sorted(moved_from | moved_to)) if moved_from and moved_to else ()


def _negated_words(text: list[str]) -> set[str]:
    """The two words with a meaning of their own that follow each negation."""
    found: set[str] = set()
    folded = [w.casefold() for w in text]
    for at, word in enumerate(folded):
        if _is_negation(word):
            found.update([w for w in folded[at + 1 :] if not is_plain(w)][:_REACH])
    return found


def _is_negation(word: str) -> bool:
    return word in NEGATIONS or word.endswith(("n't", "n’t"))


def _is_fact(word: str) -> bool:
    """A number, or a code in capitals such as a currency."""
    return any(c.isdigit() for c in word) or (len(word) > 2 and word.isupper())


def _substance(only: Counter[str], text: str, tokens: list[str]) -> tuple[str, ...]:
    if not only:
        return ()
    names = _names(text, only)
    return tuple(
        word
        for word in dict.fromkeys(token.casefold() for token in tokens)
        if word in only and (any(c.isdigit() for c in word) or word in NUMBER_WORDS or word in names or "_" in word)
    )


def _names(text: str, only: Counter[str]) -> set[str]:
    """Capitalised words inside a sentence, and words in capitals: names, currencies, codes."""
    if text.isupper() or text.istitle():
        return set()
    found = set()
    for match in _WORD.finditer(text):
        word = match.group()
        if word.casefold() not in only or not word[0].isupper() or word.casefold() in _PLAIN:
            continue
        capitals = len(word) > 1 and word.isupper()
        inside = not _SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()])
        if capitals or inside:
            found.add(word.casefold())
    return found
