"""How the wording of two texts differs, and whether the difference changes what they say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from curator.checks.contrast import contrasts

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese write no spaces: there each character counts as a word."""
_SPOKEN = rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+(?:['’][^\W{_UNSPACED}]+)?|[^\w\s]"
_WORD = re.compile(_SPOKEN)
_TOKEN = re.compile(rf"\d+(?:[.,:/]\d+)+|{_SPOKEN}")
"""As `_WORD`, with 12,500.00 and 12/05 as one."""
_SENTENCE_START = re.compile(r"(?:^\s*|[.!?:;\n]\s*|[\"“(]\s*)$")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMALS = re.compile(r"\d+\.\d+")
_OPERATOR = re.compile(
    r"[<>]=?|[=!]==?|&&|\|\||\*\*|[-+*/]=|(?<=[\d)\]])\s*[-+*/%^]\s*(?=[\d(])|(?<=\b[a-z])\s[-+*/%^]\s(?=[a-z\d]\b)"
)
"""Comparisons and assignments anywhere; arithmetic between numbers or single letters only, for prose has dashes too."""
_QUOTED = re.compile(r"\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|`([^`\n]{1,200})`|(?<![\w])'([^'\n]{1,200})'(?!\w)")
_INNER_CAPITAL = re.compile(r"[a-z][A-Z]")

NEGATIONS = frozenset(
    "no not never none nothing nobody neither nor without cannot can't cant won't wont don't dont doesn't doesnt didn't didnt "
    "isn't isnt aren't arent wasn't wasnt weren't werent shouldn't wouldn't couldn't haven't hasn't hadn't havent hasnt "
    "hadnt wouldnt couldnt shouldnt unable kein keine keinen nicht nie ohne non pas jamais sans sin nunca senza mai "
    "不 没 沒 無 无 非 別 别 勿 ไม่ 안 못".split()
)
_FAILING = frozenset(
    "fail fails failed failing failure decline declines declined declining reject rejects rejected rejecting refuse refuses "
    "refused refusing deny denied missing lost forgot forgotten forget stuck pending lack lacks impossible unsuccessful stop "
    "stops stopped prevent prevents prevented problem problems trouble issue issues wrong yet still".split()
)
"""What people say in the place of a negation: "it was declined" for "it was not accepted"."""
_NUMBERS = {
    **{word: str(n) for n, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)},
    **dict(zip("first second third".split(), "1st 2nd 3rd".split(), strict=True)),
    **{word: f"{n}th" for n, word in enumerate("fourth fifth sixth seventh eighth ninth tenth".split(), 4)},
}
"""Written as figures by some and as words by others ("one" is a pronoun too)."""
NUMBER_WORDS = frozenset(
    "zero twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half "
    "double triple twice once monday tuesday wednesday thursday friday saturday sunday january february march april june "
    "july august september october november december".split()
)

_PLAIN = frozenset(
    "i i'm i've i'd i'll a an and are at be been being but can could did do does for from had has have he hello hey hi how if "
    "in is it it's its just let me may might my need no not now of ok on or our please she should so some thank thanks that "
    "that's the their them then there these they this those to was we were what what's when where where's which who why "
    "will with would yes you you're your any also about as by get got into than too up us am us".split()
)
"""Words that people capitalise in the middle of a text without naming anything."""
_REACH = 2
_NEW_CLAUSE = frozenset((*",.;:!?", "but", "and", "or", "so", "because"))
_FOCUS: dict[tuple[str, ...], str] = {
    ("why",): "why",
    ("how", "come"): "why",
    ("reason",): "why",
    ("when",): "time",
    ("how", "long"): "time",
    ("how", "soon"): "time",
    ("how", "much"): "amount",
    ("how", "many"): "amount",
    ("how", "often"): "frequency",
    ("who",): "person",
}
"""What a question asks for. "How" and "what" alone ask for anything, so they exclude nothing."""
_SPANS = frozenset("seconds minutes hours days nights weeks months years".split())
"""After "how many" they ask how long."""
_ROLES = ("from", "to", "into", "than", "before", "after", "by", "over", "against")


@dataclass(frozen=True, slots=True)
class Difference:
    """`removed` and `added`: words only in the first and only in the second text, in order.

    `overlap`: multiset Jaccard similarity of the words, 0..1. `substance`: the differing words that change what is said
    (numbers, names, negations, opposites, code), empty where the texts differ in wording alone. `replaced`: facts of one
    text stand against those of the other; False where one merely says more.
    """

    removed: tuple[str, ...]
    added: tuple[str, ...]
    overlap: float
    substance: tuple[str, ...]
    replaced: bool = False


class Said:
    """A text taken apart once, to be compared with many: `tokens` as written, `folded` (one spelling of case and
    numbers), `counts` of the folded; `telling` the words that state a fact, `asked` what it asks for."""

    def __init__(self, text: str):
        self.text = text
        self.tokens: list[str] = _TOKEN.findall(text)
        self.folded = [_spelled(token) for token in self.tokens]
        self.counts = Counter(self.folded)
        self.facts = [f for t, f in zip(self.tokens, self.folded, strict=True) if _is_fact(t)]
        self.negations = [word for word in self.folded if _is_negation(word)]
        self.operators = (
            Counter(found.strip() for found in _OPERATOR.findall(text)) if _may_be_code(text) else Counter()
        )
        self.quoted = {
            _spelled(token)
            for groups in (_QUOTED.findall(text) if _may_quote(text) else ())
            for token in _TOKEN.findall("".join(groups))
            if token[0].isalnum()
        }

    @cached_property
    def telling(self) -> set[str]:
        return _names(self.text) | {
            word
            for token, word in zip(self.tokens, self.folded, strict=True)
            if (not word.isalpha() and ("_" in word or any(c.isdigit() for c in word)))
            or word in NUMBER_WORDS
            or (not token.islower() and _INNER_CAPITAL.search(token))
        }

    @cached_property
    def asked(self) -> set[str]:
        return _asked(self)


def _may_quote(text: str) -> bool:
    return any(mark in text for mark in "\"“`'")


def _may_be_code(text: str) -> bool:
    return any(mark in text for mark in "<>=&|*/+-%^")


def _spelled(token: str) -> str:
    word = token.casefold().replace("’", "'")
    if word[0].isdigit():
        if _THOUSANDS.fullmatch(word):
            word = word.replace(",", "")
        if _DECIMALS.fullmatch(word):
            word = word.rstrip("0").rstrip(".")
        return word
    return _NUMBERS.get(word, word)


def is_plain(word: str) -> bool:
    """True for marks and for words that say nothing of their own."""
    return not word[0].isalnum() or word in _PLAIN


def words(text: str) -> list[str]:
    """Words (with their apostrophes) and single marks, as written."""
    return _WORD.findall(text)


def difference(first: str | Said, second: str | Said) -> Difference:
    """Compare two texts word by word."""
    a = Said(first) if isinstance(first, str) else first
    b = Said(second) if isinstance(second, str) else second
    only_a, only_b = a.counts - b.counts, b.counts - a.counts
    removed = tuple(w for w in dict.fromkeys(a.folded) if w in only_a)
    added = tuple(w for w in dict.fromkeys(b.folded) if w in only_b)
    mine, theirs = _told(a, b, only_a), _told(b, a, only_b)
    negated = _negated(a, b, removed, added)
    against = (
        *sorted(contrasts(removed, added)),
        *_turned(a, b),
        *sorted((a.operators - b.operators) + (b.operators - a.operators)),
    )
    substance = tuple(dict.fromkeys((*mine, *theirs, *against, *negated, *_focus(a, b))))
    denied = bool(negated) and bool(_negated_words(a, 1) & b.counts.keys() or _negated_words(b, 1) & a.counts.keys())
    return Difference(removed, added, overlap(a, b), substance, bool(against or denied or (mine and theirs)))


def overlap(a: Said, b: Said) -> float:
    """Multiset Jaccard similarity of the words, 0..1; 1 for two texts without any."""
    shared = sum(min(n, b.counts[word]) for word, n in a.counts.items() if word in b.counts)
    union = len(a.folded) + len(b.folded) - shared
    return shared / union if union else 1.0


def _told(text: Said, other: Said, only: Counter[str]) -> tuple[str, ...]:
    """The words of one text alone that state a fact: numbers, names, identifiers, what is quoted in both."""
    if not only:
        return ()
    telling = text.telling | text.quoted if other.quoted else text.telling
    return tuple(word for word in text.folded if word in only and word in telling)


def _turned(a: Said, b: Said) -> tuple[str, ...]:
    """Words that change places: "EUR to USD" and "USD to EUR" have the same words and say the opposite."""
    turned: set[str] = set()
    if a.facts != b.facts and sorted(a.facts) == sorted(b.facts):
        facts = set(a.facts)
        for step in (-1, 1):
            turned |= _swapped(_beside(a, facts, step), _beside(b, facts, step))
    directed = "from" in a.counts and "from" in b.counts
    for role in _ROLES:
        # Without a "from", "to" mostly leads a verb.
        if role in a.counts and role in b.counts and (directed or role != "to"):
            swapped = _swapped({role: _after(a, role)}, {role: _after(b, role)})
            turned |= {word for word in swapped if word in a.counts and word in b.counts}
        if role in a.counts and role in b.counts:
            # "a string to an integer" and "an integer to a string".
            ours, theirs = _around(a, role), _around(b, role)
            turned |= {word for before, after in ours if (after, before) in theirs for word in (before, after)}
            # "Tom from Rome and Ann from Oslo" and "Tom from Oslo and Ann from Rome".
            turned |= {
                word
                for before, after in ours - theirs
                for owner, other in theirs - ours
                if owner == before and other in a.counts and after in b.counts
                for word in (after, other)
            }
    return tuple(sorted(turned)) if len(turned) > 1 else ()


def _beside(text: Said, facts: set[str], step: int) -> dict[str, set[str]]:
    """By word, the facts that stand right after it (step -1) or right before it (1)."""
    found: dict[str, set[str]] = {}
    for at, word in enumerate(text.folded):
        if word in facts and 0 <= at + step < len(text.folded) and text.folded[at + step][0].isalnum():
            found.setdefault(text.folded[at + step], set()).add(word)
    return found


def _after(text: Said, role: str) -> set[str]:
    """The word with a meaning of its own that follows each `role`, if it follows soon."""
    found = set()
    for at, word in enumerate(text.folded):
        if word == role:
            found.update([w for w in text.folded[at + 1 : at + 4] if not is_plain(w)][:1])
    return found


def _around(text: Said, role: str) -> set[tuple[str, str]]:
    """The words with a meaning of their own right before and right after each `role`, articles aside."""
    found: set[tuple[str, str]] = set()
    for at, word in enumerate(text.folded):
        if word == role:
            before = [w for w in text.folded[max(0, at - 2) : at] if not is_plain(w)][-1:]
            after = [w for w in text.folded[at + 1 : at + 4] if not is_plain(w)][:1]
            found.update((x, y) for x in before for y in after if x != y)
    return found


def _swapped(first: dict[str, set[str]], second: dict[str, set[str]]) -> set[str]:
    swapped: set[str] = set()
    for word in first.keys() & second.keys():
        here, there = first[word] - second[word], second[word] - first[word]
        if here and there:
            swapped |= here | there
    return swapped


def _negated(a: Said, b: Said, removed: Sequence[str], added: Sequence[str]) -> tuple[str, ...]:
    """The negations where one text has more of them: "cannot" and "not able to" say the same, "can" does not."""
    more = len(a.negations) - len(b.negations)
    if more:
        # "it did not go through" and "it failed": said without a negation, and as negative.
        balance = sum(word in _FAILING for word in (added if more > 0 else removed))
        return () if balance >= abs(more) else tuple(dict.fromkeys((*a.negations, *b.negations)))
    # "was charged, wasn't returned" and "was not charged, was returned": as many, of something else.
    of_a, of_b = _negated_words(a), _negated_words(b)
    moved_from = (of_a - of_b) & b.counts.keys()
    moved_to = (of_b - of_a) & a.counts.keys()
    return tuple(sorted(moved_from | moved_to)) if moved_from and moved_to else ()


def _negated_words(text: Said, reach: int = _REACH) -> set[str]:
    """The first words with a meaning of their own that follow each negation in its clause."""
    found: set[str] = set()
    for at, word in enumerate(text.folded if text.negations else ()):
        if _is_negation(word):
            clause = takewhile(lambda w: w not in _NEW_CLAUSE, text.folded[at + 1 :])
            found.update([w for w in clause if not is_plain(w)][:reach])
    return found


def _focus(a: Said, b: Said) -> tuple[str, ...]:
    """What two questions ask for, where they ask for different things: why in one, when in the other."""
    mine, theirs = a.asked, b.asked
    return tuple(sorted(mine | theirs)) if mine and theirs and not mine & theirs else ()


def _asked(text: Said) -> set[str]:
    spoken = text.folded
    found: set[str] = set()
    for phrase, asked in _FOCUS.items():
        if phrase[0] in text.counts:
            for at, word in enumerate(spoken):
                if word == phrase[0] and tuple(spoken[at : at + len(phrase)]) == phrase:
                    spans = asked == "amount" and not _SPANS.isdisjoint(spoken[at + 2 : at + 4])
                    found.add("time" if spans else asked)
    return found


def _is_negation(word: str) -> bool:
    return word in NEGATIONS or word.endswith("n't")


def _is_fact(word: str) -> bool:
    """A number, or a code in capitals such as a currency."""
    if word.isalpha():
        return len(word) > 2 and word.isupper()
    return any(c.isdigit() for c in word) or (len(word) > 2 and word.isupper())


def _names(text: str) -> set[str]:
    """Capitalised words inside a sentence, and words in capitals: names, currencies, codes."""
    found: set[str] = set()
    if text.islower() or text.isupper() or text.istitle():
        return found
    for match in _WORD.finditer(text):
        word = match.group()
        if not word[0].isupper() or word.casefold() in _PLAIN:
            continue
        capitals = len(word) > 1 and word.isupper()
        inside = not _SENTENCE_START.search(text[max(0, match.start() - 4) : match.start()])
        if capitals or inside:
            found.add(word.casefold())
    return found
