"""Keys, tokens and passwords, by the shapes that those who issue them give them.

Issuers mark their keys with a prefix so that scanners can tell them from other text; each rule here states one of these
public formats, and checks what the format lets one check (base32 and base64 alphabets, the header of a JSON Web Token,
enough disorder for a random string). Rules for keys without any mark would be wrong too often, and are left out.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from curator.sensitive.kinds import Class, Hit

DISORDER = 3.0
"""Bits per character from which a run of 16 characters or more is no word or number series: English identifiers stay
below, random strings of that length lie above 3.5."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`cue`: a text without one of these words cannot match; the value is group 1, or all that matches."""

    kind: str
    cue: tuple[str, ...]
    pattern: re.Pattern[str]
    check: Callable[[str], bool]


def disorder(value: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def _random(value: str) -> bool:
    return disorder(value) >= DISORDER and any(c.isdigit() for c in value)


def _any(value: str) -> bool:
    return True


def _mixed(value: str) -> bool:
    """A password that somebody may have chosen: letters and digits or signs, and none of the words that stand for one."""
    return (
        len(value) >= 6
        and any(c.isalpha() for c in value)
        and any(not c.isalpha() for c in value)
        and not _STANDS_FOR_ONE.search(value)
    )


def _token(value: str) -> bool:
    """The header of a JSON Web Token is JSON that names an algorithm (RFC 7519)."""
    head = value.split(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, ValueError):
        return False
    return isinstance(header, dict) and "alg" in header


_STANDS_FOR_ONE = re.compile(
    r"^(?:pass(?:word|wd)?|pwd|secret|user(?:name)?|token|key|my|your|the|db|root|admin|test)?[-_]?"
    r"(?:pass(?:word|wd)?|pwd|secret|token|key)?\d{0,3}$|[<>{}$%]|\*{2,}|\.{3}|x{4,}|[•…]|your|example|placeholder|"
    r"change|redact|reset|forgot|must|should|expire|incorrect|invalid|required",
    re.IGNORECASE,
)
_A = "[A-Za-z0-9]"
_W = "[A-Za-z0-9_-]"
_BEFORE = r"(?<![A-Za-z0-9_+/-])"
_AFTER = r"(?![A-Za-z0-9_-])"


def _rule(kind: str, cue: str, pattern: str, check: Callable[[str], bool] = _any, flags: int = 0) -> Rule:
    return Rule(kind, tuple(cue.split("|")), re.compile(pattern, flags), check)


def _key(kind: str, cue: str, pattern: str) -> Rule:
    """A key with a prefix: nothing that belongs to it stands before or after, and its body is not a word."""
    return _rule(kind, cue, f"{_BEFORE}(?:{pattern}){_AFTER}", _random)


RULES: tuple[Rule, ...] = (
    _rule(
        "private key",
        "PRIVATE KEY",
        r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)*(?:[A-Za-z-]+: [^\n]*\n)*\s*"
        r"[A-Za-z0-9+/=\s\\]{40,}(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----)?",
    ),
    _rule("AWS access key id", "AKIA|ASIA|ABIA|ACCA", r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _rule(
        "AWS secret key",
        "aws|AWS|Aws|ecret",
        r"(?:aws|secret)[^\n]{0,30}?(?:secret|access|key)[^\n]{0,20}?[\s\"':=]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        lambda v: disorder(v) >= 4 and any(c.isdigit() for c in v) and any(c.isupper() for c in v) and any(c.islower() for c in v),
        re.IGNORECASE,
    ),
    _key("GitHub token", "ghp_|gho_|ghu_|ghs_|ghr_|github_pat_", rf"gh[pousr]_{_A}{{36,251}}|github_pat_[A-Za-z0-9_]{{36,255}}"),
    _key("GitLab token", "glpat-|glptt-|gldt-", rf"(?:glpat|glptt|gldt)-{_W}{{20,}}"),
    _key("Anthropic key", "sk-ant-", rf"sk-ant-{_W}{{24,}}"),
    _key("OpenAI key", "sk-", rf"sk-(?:proj|svcacct|admin|None)-{_W}{{20,}}|sk-{_A}{{20,}}"),
    _key("OpenRouter key", "sk-or-", r"sk-or-v1-[0-9a-f]{32,}"),
    _key("Hugging Face token", "hf_", rf"hf_{_A}{{30,}}"),
    _key("Google API key", "AIza", rf"AIza{_W}{{35}}"),
    _key("Google OAuth secret", "GOCSPX-|ya29.", rf"GOCSPX-{_W}{{28}}|ya29\.{_W}{{30,}}"),
    _key("Slack token", "xox|xapp-", rf"xox[abeoprs]-[A-Za-z0-9-]{{10,}}|xapp-\d-{_W}{{20,}}"),
    _rule("Slack webhook", "hooks.slack.com", r"https://hooks\.slack\.com/(?:services|workflows)/T\w{7,}/\w{7,}/\w{16,}"),
    _rule("Discord webhook", "/api/webhooks/", r"https://discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}"),
    _key("Stripe key", "k_live_|k_test_", rf"(?:sk|rk)_(?:live|test)_{_A}{{16,}}"),
    _key("Stripe webhook secret", "whsec_", rf"whsec_{_A}{{24,}}"),
    _key("npm token", "npm_", rf"npm_{_A}{{36}}"),
    _key("PyPI token", "pypi-", rf"pypi-AgE{_W}{{50,}}"),
    _key("SendGrid key", "SG.", rf"SG\.{_W}{{20,24}}\.{_W}{{39,50}}"),
    _key("Twilio key", "SK", r"SK[0-9a-f]{32}"),
    _key("Mailgun key", "key-", r"key-[0-9a-f]{32}"),
    _key("Mailchimp key", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
    _key("Telegram bot token", ":AA", rf"\d{{8,10}}:AA{_W}{{33}}"),
    _key("Discord token", ".", rf"[MNO][A-Za-z\d]{{23,25}}\.{_W}{{6}}\.{_W}{{27,38}}"),
    _key("Square token", "sq0|EAAA", rf"sq0(?:atp|csp|idp)-{_W}{{22,43}}"),
    _key("Shopify token", "shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _key("DigitalOcean token", "_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
    _key("Databricks token", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
    _key("Replicate token", "r8_", rf"r8_{_A}{{37,40}}"),
    _key("Groq key", "gsk_", rf"gsk_{_A}{{40,}}"),
    _key("xAI key", "xai-", rf"xai-{_A}{{60,}}"),
    _key("Postman key", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _key("Vault token", "hvs.|hvb.", rf"hv[sb]\.{_W}{{24,}}"),
    _key("Atlassian token", "ATATT3|ATCTT3", r"AT[AC]TT3[A-Za-z0-9_=-]{60,}"),
    _key("Linear key", "lin_api_", rf"lin_api_{_A}{{40}}"),
    _key("Figma token", "figd_", rf"figd_{_W}{{38,}}"),
    _key("Notion token", "ntn_|secret_", rf"ntn_{_A}{{40,}}|secret_{_A}{{43}}"),
    _key("age key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _rule("Azure storage key", "AccountKey=", r"AccountKey=([A-Za-z0-9+/]{86}==)"),
    _rule(
        "JSON Web Token", "eyJ", rf"{_BEFORE}eyJ[\w-]{{8,}}\.eyJ[\w-]{{8,}}\.[\w-]{{10,}}", _token
    ),
    _rule(
        "password in an address",
        "://",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/?#\[\]@\"'<>{}$]{0,64}:([^\s:/?#\[\]@\"'<>{}$]{3,128})@[\w.-]",
        lambda v: not _STANDS_FOR_ONE.search(v),
        re.IGNORECASE,
    ),
    _rule(
        "password",
        "ass|PASS|pwd|PWD",
        r"(?<![A-Za-z])(?:password|passwd|pwd|passcode|passphrase)(?: is| was|['\"]?\s*[:=])\s*[\"'`“]?([^\s\"'`“”,;<>(){}\[\]]{8,64})",
        lambda v: _mixed(v.rstrip(".!?")) and any(c.isdigit() for c in v) and "." not in v.rstrip(".!?")[:-4],
        re.IGNORECASE,
    ),
    _rule(
        "key",
        "key|KEY|Key|oken|OKEN|ecret|ECRET",
        r"(?:api|access|auth|secret|private|client)[_-]?(?:key|token|secret)['\"]?\s*(?:[:=]|=>)\s*['\"]([A-Za-z0-9_+/=.-]{20,120})['\"]",
        lambda v: disorder(v) >= 3.7 and _random(v) and any(c.isalpha() for c in v) and not _STANDS_FOR_ONE.search(v),
        re.IGNORECASE,
    ),
)  # fmt: skip
_CUES = re.compile("|".join(sorted({re.escape(cue) for rule in RULES for cue in rule.cue if cue != "."})))
_DISCORD = re.compile(r"[MNO][A-Za-z\d]{23}")
_DOCUMENTATION = re.compile(
    r"example|x{5,}|your|placeholder|dummy|sample|redacted|fake|12345678|23456789|abcdefgh|(.)\1{7,}|0123456|"
    r"^eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9\.eyJzdWIiOiIxMjM0NTY3ODkw",
    re.IGNORECASE,
)
"""Made up for show: AWS documents its keys with EXAMPLE in them, others count up; the token is the one of jwt.io."""
_SHOW_HOST = re.compile(
    r"@(?:(?:localhost|127\.0\.0\.1|host|hostname|db|server)(?![\w.-])|(?:[\w-]+\.)*example(?![\w-]))", re.IGNORECASE
)


def find_secrets(text: str) -> Iterator[Hit]:
    """Secrets in a text, which may overlap."""
    cues = set(_CUES.findall(text))
    if _DISCORD.search(text):
        cues.add(".")
    if not cues:
        return
    for rule in RULES:
        # Cues that stand at the same place hide each other: a search finds one of them.
        if not cues.intersection(rule.cue) and not any(cue in text for cue in rule.cue if cue != "."):
            continue
        for match in rule.pattern.finditer(text):
            group = 1 if rule.pattern.groups else 0
            value = match.group(group)
            start = match.start(group)
            if rule.kind == "password":
                value = value.rstrip(".!?")
            if rule.check(value):
                shown = bool(_DOCUMENTATION.search(value))
                shown |= rule.kind == "password in an address" and bool(_SHOW_HOST.match(text, match.end(1)))
                yield Hit(rule.kind, Class.SECRET, start, start + len(value), value, shown)
