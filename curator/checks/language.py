"""Texts in another language than the data: an answer not in the language of its question, a row from another set.

Languages are told by py3langid, a naive Bayes model on byte n-grams for 139 languages (Lui and Baldwin 2011) with a class
for what is no language; its probabilities are tempered by length, so that a short text is rarely sure. A text counts as
foreign only where the usual language is all but ruled out. Labels, code, JSON and short texts are not judged, and where
no language is usual and pairs do not share one, as in translations between many, the check is silent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from curator.checks.data import Data, Outcome
from curator.checks.findings import finding_id, shorten
from curator.model import Finding, Severity, Suggestion, Verdict

NAME = "language"
FEWEST = 30
"""Texts of a side whose language is sure, before one can be called usual."""
USUAL = 0.9
"""Share of the sure texts that must be in one language, or of the sure pairs in one and the same, to make it the rule."""
SURE = 0.6
"""Probability from which a text's language is told. The rest is mostly shared by sister languages, so it is low; what keeps
false alarms away is `RULED_OUT`."""
RULED_OUT = 0.01
"""Probability of the expected language below which a text is not in it: no question of BANKING77 or GSM8K, nor an answer
or a HumanEval program, is called foreign by these two bounds."""
LETTERS, IDEOGRAPHS = 20, 8
"""Letters that a text must have to be judged; of Chinese, Japanese and Korean fewer say as much."""
READ = 600
"""Characters that are looked at: more make nothing surer."""
SAMPLE, COMMON = 500, 0.02
"""Texts by which the usual words of a language are learnt, and the share of them that must hold a word."""
AT_LEAST, MADE_OF = 4, 0.5
"""Words of a text, and the share of them that must be usual ones, for its language to be clear without more ado."""
_SISTERS = (
    "en pcm", "no nb nn da sv", "hr bs sr", "id ms jv", "es gl ext ca an ast", "pt gl", "zh yue wuu", "cs sk", "ar ary arz",
    "fr gcf gcr oc wa", "de lb fy", "nl af fy", "ru uk be bg", "hi mr ne gom", "fa sdh ku", "it vec la", "tr az crh", "xh zu st nso",
)  # fmt: skip
"""Languages that a short text may be mistaken among: none of them is foreign to another."""
_NAMES = dict(
    entry.split(":")
    for entry in (
        "ar:Arabic bg:Bulgarian bn:Bengali ca:Catalan cs:Czech da:Danish de:German el:Greek en:English es:Spanish et:Estonian "
        "fa:Persian fi:Finnish fr:French he:Hebrew hi:Hindi hr:Croatian hu:Hungarian id:Indonesian it:Italian ja:Japanese "
        "ko:Korean la:Latin lt:Lithuanian lv:Latvian ms:Malay nl:Dutch no:Norwegian pl:Polish pt:Portuguese ro:Romanian ru:Russian "
        "sk:Slovak sl:Slovenian sr:Serbian sv:Swedish sw:Swahili ta:Tamil te:Telugu th:Thai tl:Tagalog tr:Turkish uk:Ukrainian "
        "ur:Urdu vi:Vietnamese zh:Chinese"
    ).split()
)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_PROSE = re.compile(r"(?<!\S)[^\s\d_=/\\@<>(){}`|]+(?!\S)")
"""Words that can only be words: names in code, addresses, markup and numbers say nothing of a language."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_LETTER = re.compile(r"[^\W\d_]")
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CODE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from|return|if|for|while|#include|SELECT|var|let|const)\b.*", re.MULTILINE
)
_ASKS_FOR_ANOTHER = re.compile(
    r"translat|traduc|tradui|übersetz|vertaal|переве|翻译|翻訳|\blanguage\b|\bidioma\b|\blangue\b|\bsprache\b|"
    r"\b(?:"
    + "|".join(_NAMES.values())
    + r"|mandarin|cantonese|latin|español|inglés|français|anglais|deutsch|englisch|"
    r"italiano|inglese|português|inglês)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """The language of a text, told by its `prose`."""

    language: str
    probability: float
    prose: str

    def rules_out(self, language: str) -> bool:
        """True where the text is in neither `language` nor a sister of it."""
        expected = sisters(language)
        if self.language in expected:
            return False
        chance: float = sum(p for code, p in _identifier().rank(self.prose) if code in expected)
        return chance <= RULED_OUT


def run(data: Data) -> Outcome:
    """An output foreign to its input is a warning; an example that is foreign as a whole a note, and stays."""
    c = data.candidates
    inputs = _tell_all(c.inputs)
    outputs = [None] * len(c) if data.short_labels else _tell_all(c.outputs)
    usual_input, usual_output = _usual(inputs), _usual(outputs)
    together = _pairs_share(inputs, outputs)
    findings = []
    for index, (said, answered) in enumerate(zip(inputs, outputs, strict=True)):
        asked = f"{c.inputs[index]}\n{c.examples[index].system}"
        if together and said and answered and answered.rules_out(said.language) and said.rules_out(answered.language):
            if not _ASKS_FOR_ANOTHER.search(asked):
                note = f"the output is in {name(answered.language)}, its input in {name(said.language)}"
                findings.append(_finding(data, index, "pair", note, Severity.WARNING, answered, said))
            continue
        odd_input = said if said and usual_input and said.rules_out(usual_input) else None
        odd_output = answered if answered and usual_output and answered.rules_out(usual_output) else None
        if odd_output and usual_output and not odd_input:
            if not _ASKS_FOR_ANOTHER.search(asked):
                # Only where the input is surely a usual one is the output alone at fault.
                severity = Severity.WARNING if said and said.language == usual_input else Severity.INFO
                note = f"the output is in {name(odd_output.language)}, nearly all others are in {name(usual_output)}"
                findings.append(_finding(data, index, "output", note, severity, odd_output))
        elif odd_input and usual_input:
            note = f"the input is in {name(odd_input.language)}, nearly all others are in {name(usual_input)}"
            findings.append(_finding(data, index, "input", note, Severity.INFO, odd_input))
    calibration: dict[str, Any] = {"input": usual_input, "output": usual_output, "pairs_share_a_language": together}
    if usual_input is None and usual_output is None and not together:
        calibration["note"] = "no language is usual here, or too few texts are long enough to tell theirs"
    return Outcome(findings, calibration=calibration)


def _tell_all(texts: Sequence[str]) -> list[Told | None]:
    """The language of each text. Where a first part has a usual one, a text made of that part's usual words is taken to be
    in it too: looking words up takes a tenth of the time."""
    first = [tell(text) for text in texts[:SAMPLE]]
    usual = _usual(first)
    if usual is None:
        return [*first, *(tell(text) for text in texts[SAMPLE:])]
    spoken = [set(_spoken(text)) for text, one in zip(texts, first, strict=False) if one and one.language == usual]
    held = Counter(word for words in spoken for word in words)
    known = {word for word, count in held.items() if count >= COMMON * len(spoken)}

    def quick(text: str) -> Told | None:
        said = _spoken(text)
        share = sum(word in known for word in said) / max(len(said), 1)
        return Told(usual, 1.0, text[:READ]) if len(said) >= AT_LEAST and share >= MADE_OF else tell(text)

    return [*first, *map(quick, texts[SAMPLE:])]


def _spoken(text: str) -> list[str]:
    return _WORD.findall(text[:READ].casefold())


def tell(text: str) -> Told | None:
    """The language of a text's prose; None where there is too little of it to be sure, or it is none."""
    head = text[: 2 * READ]
    if head.lstrip().startswith(("{", "[", "<")) or len(_CODE.findall(head)) > 2:
        return None
    if "```" in head:
        head = _FENCED.sub(" ", head)
    prose = " ".join(_PROSE.findall(head))[:READ]
    if len(_LETTER.findall(prose)) < LETTERS and len(_IDEOGRAPH.findall(prose)) < IDEOGRAPHS:
        return None
    language, probability = _identifier().classify(prose)
    if probability < SURE or language == "zxx":
        return None
    return Told(language, probability, prose)


@lru_cache(maxsize=256)
def sisters(language: str) -> frozenset[str]:
    """A language and those that are easily taken for it."""
    groups = (frozenset(group.split()) for group in _SISTERS)
    return frozenset({language}).union(*(group for group in groups if language in group))


def name(code: str) -> str:
    """The English name of a language, or its ISO 639 code."""
    return _NAMES.get(code, code)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _usual(told: Sequence[Told | None]) -> str | None:
    counts = Counter(one.language for one in told if one)
    if counts.total() < FEWEST:
        return None
    language, times = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return language if times >= USUAL * counts.total() else None


def _pairs_share(inputs: Sequence[Told | None], outputs: Sequence[Told | None]) -> bool:
    pairs = [(a, b) for a, b in zip(inputs, outputs, strict=True) if a and b]
    shared = sum(a.language in sisters(b.language) for a, b in pairs)
    return len(pairs) >= FEWEST and shared >= USUAL * len(pairs)


def _finding(
    data: Data, index: int, rule: str, note: str, severity: Severity, told: Told, expected: Told | None = None
) -> Finding:
    c, id = data.candidates, data.id_of(index)
    evidence: dict[str, Any] = {"rule": rule, "language": told.language, "probability": round(told.probability, 3)}
    if expected:
        evidence |= {"input_language": expected.language, "input_probability": round(expected.probability, 3)}
    return Finding(
        NAME,
        severity,
        min(1.0, told.probability),
        (id,),
        note,
        evidence | {"input": shorten(c.inputs[index]), "output": shorten(c.outputs[index])},
        Suggestion(Verdict.DROP if severity is Severity.WARNING else Verdict.FLAG, (id,)),
        finding_id(NAME, (c.keys[index],), rule),
    )


__all__ = ["NAME", "name", "run", "sisters", "tell"]
