"""Texts of every kind that a tokenizer may meet, from a seed: the strings of the token vectors.

`python tests/targets/mixed_texts.py` writes `token_vectors.json` anew. It needs `tiktoken` and its vocabularies, which
`tiktoken` downloads, or finds in `TIKTOKEN_CACHE_DIR`, and checks against the hashes that it carries.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

COUNT = 1000
SEED = 20261125
VOCABULARIES = ("o200k_base", "cl100k_base")
VECTORS = Path(__file__).parent / "token_vectors.json"

T = TypeVar("T")

_WORDS = {
    "english": "the parcel arrived late and nobody could say where it had been for eleven days; we're sure it'll come, "
    "they've paid, I'd ask, DON'T wait, O'Neill's cat isn't here",
    "german": "Die Größe der Straßenbahnhaltestelle überraschte Gäste, Überweisungen dauern länger, Rechtsschutzversicherung",
    "french": "L'été où j'ai aperçu le garçon, ça m'a coûté dix-neuf euros près de l'hôtel",
    "spanish": "¿Dónde está mi pedido? El niño comió piñas mañana, según la señora",
    "polish": "Zażółć gęślą jaźń, proszę o źródło i łąkę",
    "turkish": "İstanbul'da ışık söndü, çocuğun şapkası ağaçta kaldı",
    "vietnamese": "Tôi muốn trả lại chiếc áo này vì nó quá chật",
    "russian": "Посылка пришла вовремя, но коробка была открыта; верните деньги",
    "greek": "Η παραγγελία έφτασε αργά, αλλά ο οδηγός ζήτησε συγγνώμη",
    "hebrew": "החבילה הגיעה מאוחר אבל הנהג התנצל יפה",
    "arabic": "وصلت الطرود متأخرة، ولم يعرف أحد أين كانت طوال أسبوع",
    "hindi": "पार्सल देर से पहुँचा और किसी को पता नहीं था कि वह कहाँ था",
    "bengali": "পার্সেলটি দেরিতে এসেছে কিন্তু চালক ক্ষমা চেয়েছেন",
    "tamil": "பொதி தாமதமாக வந்தது ஆனால் ஓட்டுநர் மன்னிப்பு கேட்டார்",
    "thai": "พัสดุมาถึงช้าและไม่มีใครรู้ว่ามันอยู่ที่ไหน",
    "chinese": "包裹晚到了三天，没有人知道它去了哪里。请退款！",
    "japanese": "荷物は遅れて届きましたが、運転手は謝りました。カタカナとひらがなもあります。",
    "korean": "소포가 늦게 도착했지만 기사님이 사과했습니다. 환불해 주세요",
    "georgian": "ამანათი გვიან მოვიდა და არავინ იცოდა სად იყო",
    "amharic": "ጥቅሉ ዘግይቶ ደረሰ ግን ሹፌሩ ይቅርታ ጠየቀ",
}
_CONTROL = (
    "<|endoftext|>",
    "<|endofprompt|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|eot_id|>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "<start_of_turn>",
    "<unk>",
)
_EMOJI = "😀 😅 🤷🏽‍♀️ 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 🇧🇷 ❤️ 👍🏿 🧑‍💻 ☃ ✈️ 🫠 1️⃣".split(" ")
_SPACES = (" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n\n", " \n", "\u00a0", "\u3000", "\u2009", "\u200b", "\v", "\x85")
_ODD = (
    "\x00",
    "\x1b[31m",
    "\ufeff",
    "\ufffd",
    "e\u0301",
    "Å",
    "ﬁ",
    "①",
    "Ⅷ",
    "½",
    "²",
    "\U0001d54f",
    "\ue000",
    "\U0010ffff",
    "'S",
    "'ll",
    "'RE",
)


class _Texts:
    """Draws by `random()` alone, whose sequence Python promises to keep for a seed."""

    def __init__(self, seed: int):
        self._random = random.Random(seed).random

    def below(self, end: int) -> int:
        return int(self._random() * end)

    def one(self, items: Sequence[T]) -> T:
        return items[self.below(len(items))]

    def several(self, items: Sequence[str], most: int, between: str = " ") -> str:
        return between.join(self.one(items) for _ in range(1 + self.below(most)))

    def prose(self) -> str:
        words = _WORDS[self.one(list(_WORDS))].split(" ")
        start = self.below(len(words))
        return " ".join((words[start:] + words[:start])[: 1 + self.below(len(words))])

    def mixed(self) -> str:
        return self.several(_SPACES, 1).join(self.prose() for _ in range(2 + self.below(4)))

    def number(self) -> str:
        digits = "".join(str(self.below(10)) for _ in range(1 + self.below(20)))
        return self.one(
            [digits, f"{int(digits):,}", f"-{digits}.{self.below(1000)}", f"0x{int(digits):x}", f"{digits}%"]
        )

    def numbers(self) -> str:
        return self.one([" ", ", ", "", "\n", " + "]).join(self.number() for _ in range(1 + self.below(12)))

    def code(self) -> str:
        name, depth = self.one(["rows", "total_count", "HTTPServer2", "_x", "naïve"]), self.below(4)
        lines = [
            f"def {name}(items: list[int], *, key=None) -> int:",
            f"    for i, value in enumerate({name}):",
            f"        if value != {self.below(999)} and not key[i]['id']:",
            f"            return {name}[i:-1] ** 2  # {self.prose()}",
            "\t\tconst f = async (a, b) => ({ ...a, [b]: `${a?.c ?? 0}` });",
            "SELECT COUNT(*) FROM orders WHERE id <> 7 AND name LIKE '%a_b%';",
            '    #include <vector>\r\n    std::map<int,std::string> m{{1,"a"}};',
        ]
        return "\n".join(("    " * depth) + self.one(lines) for _ in range(1 + self.below(8)))

    def json(self) -> str:
        value = {
            self.prose()[:20]: self.below(10_000),
            "tags": [self.prose()[:30], None, True, -1.5e-7],
            "nested": {"": []},
        }
        indent, ascii_only = self.one([None, 2, 4]), self.one([True, False])
        return json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    def markup(self) -> str:
        return f'<p class="{self.prose()[:8]}">{self.prose()}</p>\n| a | b |\n|---|---|\n| {self.number()} | **{self.prose()[:12]}** |\n'

    def spaces(self) -> str:
        runs = [self.one(_SPACES) * (1 + self.below(30)) for _ in range(1 + self.below(6))]
        return "".join(run + self.one(["", "a", "x1", ".", self.prose()[:10]]) for run in runs)

    def emoji(self) -> str:
        return self.several(_EMOJI, 12, self.one(["", " ", "\n"]))

    def control(self) -> str:
        return self.several([*_CONTROL, self.prose(), "\n", " "], 8, self.one(["", " "]))

    def long_word(self) -> str:
        part = self.one(["a", "Ab", "ß", "語", "0", "-", "_", "é", "\u0301", "ACGT", "हि", "=", "\n", "!?"])
        return part * (1 + self.below(1 + 3000 // len(part)))

    def noise(self) -> str:
        return "".join(
            self.one("aZ9 _-.,;:'\"\\/{}[]()<>|@#$%^&*+=~`\t\nßéñ中あ한я") for _ in range(1 + self.below(300))
        )

    def any_unicode(self) -> str:
        drawn = (chr(1 + self.below(0x10FFFF)) for _ in range(1 + self.below(40)))
        return "".join(character for character in drawn if not "\ud800" <= character <= "\udfff")

    def links(self) -> str:
        return f"https://example.com/{self.prose()[:6]}?q={self.number()}&utm=Ann_Bo-Cy#s{self.below(99)} ann.bo@example.org /usr/lib/x86_64/{self.below(9)}.so"

    def everything(self) -> str:
        return "".join(
            self.one([*_CONTROL, *_EMOJI, *_SPACES, *_ODD, self.prose(), self.number()])
            for _ in range(1 + self.below(30))
        )


_KINDS: tuple[Callable[[_Texts], str], ...] = (
    _Texts.prose,
    _Texts.mixed,
    _Texts.numbers,
    _Texts.code,
    _Texts.json,
    _Texts.markup,
    _Texts.spaces,
    _Texts.emoji,
    _Texts.control,
    _Texts.long_word,
    _Texts.noise,
    _Texts.any_unicode,
    _Texts.links,
    _Texts.everything,
)
_ALONE = (
    "",
    " ",
    "\n",
    "a",
    "\x00",
    "\ufeff",
    "'s",
    "\ud800",
    "a\udfffb",
    "<|endoftext|>",
    "<|endoftext|>" * 50,
    "x" * 20_000,
)


def mixed_texts() -> list[str]:
    """The same 1,000 strings in every run, none longer than 20,000 characters."""
    texts = _Texts(SEED)
    return [*_ALONE, *(_KINDS[at % len(_KINDS)](texts) for at in range(COUNT - len(_ALONE)))]


def fingerprint(items: Iterable[object]) -> str:
    """16 hexadecimal digits that tell sequences apart."""
    return hashlib.sha256(" ".join(map(str, items)).encode()).hexdigest()[:16]


def texts_fingerprint(texts: Sequence[str]) -> str:
    """Tells whether the strings are those that the vectors are of."""
    return fingerprint(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts)


def _write() -> None:
    import tiktoken

    texts = mixed_texts()
    vectors: dict[str, object] = {"by": f"tiktoken {tiktoken.__version__}", "texts": texts_fingerprint(texts)}
    for name in VOCABULARIES:
        encode = tiktoken.get_encoding(name).encode_ordinary
        ids = [encode(text) for text in texts]
        vectors[name] = {"counts": [len(one) for one in ids], "ids": [fingerprint(one)[:8] for one in ids]}
    VECTORS.write_text(json.dumps(vectors) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
