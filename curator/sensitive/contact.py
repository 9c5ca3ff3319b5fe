"""What reaches a person: e-mail addresses, telephone numbers, public IP addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache

from curator.sensitive.kinds import Class, Hit

_EMAIL = re.compile(
    r"(?<![\w.+%/:@-])[A-Za-z0-9](?:[\w.+%-]{0,62}[A-Za-z0-9_+])?@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\.)+"
    r"[A-Za-z]{2,24}(?![\w@-]|\.[A-Za-z0-9])"
)
_RESERVED_DOMAIN = re.compile(
    r"(?:^|\.)(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost|local|lan|internal)$"
)
"""Kept free for documents by RFC 2606 and RFC 6762."""
_STANDS_FOR_ONE = re.compile(
    r"(?:^|\.)(?:(?:your-?|my-?)?(?:domain|email|company|address|website|site|business|org|corp)|acme|sample|foo|bar|xyz|abc)"
    r"\.(?:com|org|net|io)$"
)
"""Names that are made up nearly always; some exist."""
_NOBODY = re.compile(
    r"^(?:(?:your|my|first|last|full|user|any)[._-]?(?:name|email|mail)?|(?:first|last)[._-]?name[._](?:first|last)?[._-]?name|"
    r"email|e-mail|username|name|no-?reply|do-?not-?reply|info|support|help|helpdesk|sales|contact|contacto|kontakt|service|"
    r"services|customer-?(?:service|support|care)|admin|administrator|webmaster|postmaster|hostmaster|abuse|security|privacy|"
    r"billing|accounts?|office|jobs|careers|hr|press|media|marketing|newsletter|team|hello|hi|enquiries|inquiries|feedback|"
    r"orders?|returns?|git|root|mail|mailer-daemon)$"
)
"""Names of offices, not of persons (RFC 2142 and habit), and names that stand for one."""
_NOT_A_DOMAIN = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|css|js|ts|py|md|json|txt|html?|pdf)$")


def find_contact(text: str) -> Iterator[Hit]:
    """Addresses and numbers that reach somebody. Offices (support@…) and reserved names (…@example.com) are no person's."""
    if "@" in text:
        yield from _emails(text)
    if _PHONE_CUE.search(text):
        yield from _phones(text)
    if text.count(".") >= 3 or text.count(":") >= 3:
        yield from _addresses(text)


def _emails(text: str) -> Iterator[Hit]:
    for match in _EMAIL.finditer(text):
        name, _, domain = match.group().casefold().rpartition("@")
        if not (_RESERVED_DOMAIN.search(domain) or _NOBODY.match(name) or _NOT_A_DOMAIN.search(domain)):
            made_up = bool(_STANDS_FOR_ONE.search(domain))
            yield Hit("e-mail address", Class.CONTACT, match.start(), match.end(), match.group(), made_up)


_PHONE_WORD = re.compile(
    r"\b(?:phone|telephone|tel|cell(?:phone)?|mobile|mob|fax|whatsapp|call(?: me| us)?(?: at| on)?|text me(?: at| on)?|"
    r"reach me(?: at| on)?|ring me(?: at| on)?|telefon\w*|tel[eé]fono|t[eé]l[eé]phone|téléphone|handy|mobil\w*|m[oó]vil|"
    r"portable|celular|cellulare|numero)\b[^\n]{0,24}$",
    re.IGNORECASE,
)
_PHONE_CUE = re.compile(r"\+\d[\d ().-]{6}|\d{2,5}[)\s./-]{1,2}\d{2,3}[\s.-]?\d\d|\d{9}")
_INTERNATIONAL = re.compile(r"(?<![\w+.])\+\d[\d \u00a0().-]{6,18}\d(?![\w-]|\.\d)")
_NATIONAL = re.compile(
    r"(?<![\w+.,#$€£/-])(?:\(0?\d{1,5}\)|0?\d{2,5})(?:[ \u00a0.-]{0,2}\d{2,8}){1,4}(?![\w%/-]|[.,]\d)"
)
_NANP = re.compile(
    r"(?<![\w+.,#$€£/-])(?:1[ .-])?(?:\([2-9]\d{2}\) ?[2-9]\d{2}[ .-]|[2-9]\d{2}([.-])[2-9]\d{2}\1)\d{4}(?![\w/-]|[.,]\d)"
)
_FEWEST_DIGITS = 9
"""Digits of a national number without a leading 0: shorter ones are as likely dates and sums."""
_YEARS = re.compile(r"(?:(?:19|20)\d\d\D*)+$")
_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "BR", "IN", "AU", "NL", "MX", "JP", "CN", "PL", "CH", "AT")
"""Where a number without a country code may belong, when a word beside it says that it is a telephone number."""
_FICTION = re.compile(
    r"\+1\d{3}55501\d\d$|\+44(?:20794609\d\d|20794600\d\d|1632960\d{3}|7700900\d{3}|1134960\d{3}|1144960\d{3}|1614960\d{3})"
    r"|\+4930231250?\d{2,3}$|\+33(?:1990000|2619100|3530100|4654580|5361900|639980)\d{2,3}$"
)
"""Kept free for films and documents by NANPA, Ofcom, the Bundesnetzagentur and ARCEP."""
_DUMMY = re.compile(r"\+1\d{3}555\d{4}$|(\d)\1{6}|1234567|2345678|0000000")


def _phones(text: str) -> Iterator[Hit]:
    taken: list[range] = []
    for pattern in (_INTERNATIONAL, _NANP, _NATIONAL):
        for match in pattern.finditer(text):
            if any(match.start() in span or match.end() - 1 in span for span in taken):
                continue
            value = match.group()
            if pattern is _INTERNATIONAL:
                number = _number(value, None)
            elif pattern is _NANP:
                number = _number(value, "US")
            elif _may_be_national(value) and _PHONE_WORD.search(text[max(0, match.start() - 48) : match.start()]):
                number = next(filter(None, (_number(value, region) for region in _REGIONS)), None)
            else:
                continue
            if number is None or _FICTION.match(number):
                continue
            taken.append(range(match.start(), match.end()))
            yield Hit("telephone number", Class.CONTACT, match.start(), match.end(), value, bool(_DUMMY.search(number)))


def _may_be_national(value: str) -> bool:
    digits = sum(c.isdigit() for c in value)
    return digits >= _FEWEST_DIGITS - 2 * value.lstrip("(").startswith("0") and not _YEARS.match(value)


@lru_cache(maxsize=4096)
def _number(text: str, region: str | None) -> str | None:
    """The number in E.164, or None where the numbering plan of its country does not know it."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        # The plan of North America leaves 555 out; documents use it, and it is noted as such.
        national = str(number.national_number)
        if number.country_code != 1 or len(national) != 10 or national[3:6] != "555" or not "2" <= national[0] <= "9":
            return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


_IPV4 = re.compile(r"(?<![\w.@/-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4}(?![\w:.])", re.IGNORECASE)
_VERSION_WORD = re.compile(
    r"(?:\bv|version|release|build|firmware|driver|update|ver\.?|section|chapter|article|§|oid|[a-z_]==?|>=|~=)[\s:]*$",
    re.IGNORECASE,
)
_KNOWN_SERVERS = frozenset(
    "1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 208.67.222.222 208.67.220.220 1.2.3.4 4.3.2.1 5.6.7.8".split()
)
_LARGEST_SECTION = 32
"""Four numbers all below are as likely a section or a version."""


def _addresses(text: str) -> Iterator[Hit]:
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            value = match.group()
            try:
                address = ipaddress.ip_address(value)
            except ValueError:
                continue
            numbers = [int(part) for part in value.split(".")] if address.version == 4 else []
            if not address.is_global or value in _KNOWN_SERVERS or (numbers and max(numbers) <= _LARGEST_SECTION):
                continue
            if numbers and (numbers[-1] == 0 or _VERSION_WORD.search(text[max(0, match.start() - 16) : match.start()])):
                continue
            yield Hit("IP address", Class.CONTACT, match.start(), match.end(), value)
