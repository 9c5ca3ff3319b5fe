"""Numbers that name one person or account: cards, bank accounts, national ids. Each is told by its check digits.

Where check digits alone would be met by one order number in ten, a word beside the number must say what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from curator.sensitive.kinds import Class, Hit

NEAR = 48
"""Characters before a number in which the word that names it is looked for; a third as many are read behind it."""
_CUE = re.compile(r"\d(?:[ .-]?\d){6}|[A-Z]{2} ?\d\d")
_CARD = re.compile(
    r"(?<![\d.,/-])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\d/]|[.,-]\d)"
)
_CARD_WORD = re.compile(
    r"\b(?:card|visa|master ?card|amex|american express|discover|credit|debit|maestro|karte|kredit\w*|tarjeta|carte|cart[aã]o|"
    r"carta|cvv|cvc)\b",
    re.IGNORECASE,
)
# First digits and lengths by network: ISO/IEC 7812 and the networks' own documents.
_NETWORKS = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"6011|64[4-9]|65"), (16, 19)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16, 19)),
    (re.compile(r"3(?:0[0-59]|[689])"), (14, 16, 19)),
    (re.compile(r"62"), (16, 17, 18, 19)),
    (re.compile(r"50|5[6-9]|6[37]"), (16, 18, 19)),
)
_TEST_CARDS = frozenset(
    "4111111111111111 4242424242424242 4012888888881881 4000056655665556 4000000000000002 4222222222222 5555555555554444 "
    "5105105105105100 2223003122003222 5200828282828210 378282246310005 371449635398431 378734493671000 6011111111111117 "
    "6011000990139424 30569309025904 38520000023237 3056930009020004 3530111333300000 3566002020360505 6200000000000005 "
    "4000000000009995 4916338506082832 4539578763621486 1234567812345670".split()
)
"""Numbers that payment providers publish for tests."""

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_IBAN_LENGTHS = {
    entry[:2]: int(entry[2:])
    for entry in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 "
        "FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 "
        "LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 "
        "ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    ).split()
}
"""Lengths by country: the SWIFT IBAN registry."""
_EXAMPLE_IBANS = frozenset(
    "GB82WEST12345698765432 GB29NWBK60161331926819 GB33BUKB20201555555555 DE89370400440532013000 FR1420041010050500013M02606 "
    "FR7630006000011234567890189 ES9121000418450200051332 IT60X0542811101000000123456 NL91ABNA0417164300 BE68539007547034 "
    "CH9300762011623852957 AT611904300234573201 SE4550000000058398257466 PL61109010140000071219812874".split()
)
"""Examples of the registry and of Wikipedia."""


def find_identity(text: str) -> Iterator[Hit]:
    """Cards, bank accounts and national ids in a text, which may overlap."""
    if not _CUE.search(text):
        return
    yield from _cards(text)
    yield from _ibans(text)
    for kind, pattern, valid, word in _NATIONAL:
        for match in pattern.finditer(text):
            if valid(match.group()) and (word is None or said_near(word, text, match)):
                yield Hit(kind, Class.NUMBER, match.start(), match.end(), match.group())


def said_near(word: re.Pattern[str], text: str, match: re.Match[str]) -> bool:
    """True where a word stands shortly before or after what matched."""
    before = text[max(0, match.start() - NEAR) : match.start()]
    return bool(word.search(before) or word.search(text[match.end() : match.end() + NEAR // 3]))


def _cards(text: str) -> Iterator[Hit]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        network = any(p.match(digits) and len(digits) in lengths for p, lengths in _NETWORKS)
        if not network or not luhn(digits) or len(set(digits)) == 1:
            continue
        # A long number without groups may count orders; one in ten passes the check digit.
        if len(match.group()) > len(digits) or said_near(_CARD_WORD, text, match):
            yield Hit("card number", Class.NUMBER, match.start(), match.end(), match.group(), digits in _TEST_CARDS)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(d), 10)) for d in even)) % 10 == 0


def _ibans(text: str) -> Iterator[Hit]:
    for match in _IBAN.finditer(text):
        found, start = match.group(), match.start()
        wanted = _IBAN_LENGTHS.get(found[:2], 0)
        taken = _first(found, wanted)
        bare = taken.replace(" ", "")
        if len(bare) == wanted and wanted and mod97(bare):
            yield Hit("IBAN", Class.NUMBER, start, start + len(taken), taken, bare in _EXAMPLE_IBANS)


def _first(text: str, count: int) -> str:
    """The beginning of a text that holds `count` characters other than spaces, where a word ends there; else all of it."""
    seen = 0
    for at, char in enumerate(text):
        seen += char != " "
        if seen == count and (at + 1 == len(text) or text[at + 1] == " "):
            return text[: at + 1]
    return text


def mod97(iban: str) -> bool:
    """ISO 7064 MOD 97-10, as ISO 13616 uses it."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1


def _ssn(text: str) -> bool:
    area, group, serial = int(text[:3]), int(text[4:6]), int(text[7:])
    return area not in (0, 666) and area < 900 and group > 0 and serial > 0


def _dni(text: str) -> bool:
    bare = re.sub(r"\W", "", text).upper()
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(bare[:-1].translate(str.maketrans("XYZ", "012"))) % 23] == bare[-1]


def _nir(text: str) -> bool:
    bare = text.replace(" ", "").upper()
    number = bare[:-2].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(bare[-2:])


def _cpf(text: str) -> bool:
    digits = [int(c) for c in text if c.isdigit()]
    if len(set(digits)) == 1:
        return False
    return all(sum(d * (n + 1 - i) for i, d in enumerate(digits[:n])) * 10 % 11 % 10 == digits[n] for n in (9, 10))


def _codice_fiscale(text: str) -> bool:
    odd = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)

    def place(char: str) -> int:
        return int(char) if char.isdigit() else ord(char) - 65

    total = sum(odd[place(c)] if i % 2 == 0 else place(c) for i, c in enumerate(text[:15]))
    return chr(65 + total % 26) == text[15]


def _chinese(text: str) -> bool:
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(c) * (2 ** (17 - i) % 11) for i, c in enumerate(text[:17]))
    return born.year >= 1900 and "10X98765432"[total % 11] == text[17].upper()


_VERHOEFF = tuple(
    tuple((a + b) % 5 if a < 5 and b < 5 else (a + b) % 5 + 5 if a < 5 else (a - b) % 5 + 5 if b < 5 else (a - b) % 5
          for b in range(10)) for a in range(10)
)  # fmt: skip
"""The dihedral group of order 10 (Verhoeff 1969)."""


def _aadhaar(text: str) -> bool:
    turn = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    check = 0
    for position, char in enumerate(reversed([c for c in text if c.isdigit()])):
        digit = int(char)
        for _ in range(position % 8):
            digit = turn[digit]
        check = _VERHOEFF[check][digit]
    return check == 0


def _always(text: str) -> bool:
    return True


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


_NATIONAL: tuple[tuple[str, re.Pattern[str], Callable[[str], bool], re.Pattern[str] | None], ...] = (
    ("US social security number", re.compile(r"(?<![\d-])\d{3}([- ])\d{2}\1\d{4}(?![\d-])"), _ssn,
     _word(r"ssn|ss#|social security(?: (?:number|no))?|social|tax ?id|itin")),
    ("UK national insurance number",
     re.compile(r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"), _always,
     _word(r"national insurance|nino|ni (?:number|no)|insurance number")),
    ("Spanish id", re.compile(r"\b(?:[XYZ]-?\d{7}|\d{8})-?[A-Z]\b"), _dni, _word(r"dni|nie|nif|documento")),
    ("French social security number",
     re.compile(r"(?<!\d)[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?!\d)"), _nir,
     _word(r"sécurité sociale|securite sociale|n(?:°|uméro|o)? ?(?:de )?sécu|nir|insee|social security")),
    ("Brazilian CPF", re.compile(r"(?<![\d.])\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)"), _cpf, None),
    ("Italian tax code", re.compile(r"\b[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]\b"), _codice_fiscale, None),
    ("Chinese id", re.compile(r"(?<!\d)[1-8]\d{16}[\dXx](?![\dXx])"), _chinese, None),
    ("Aadhaar number", re.compile(r"(?<![\d-])[2-9]\d{3}([ -]?)\d{4}\1\d{4}(?![\d-])"), _aadhaar,
     _word(r"aadha+r|uidai|uid")),
)  # fmt: skip
