"""Words that exclude each other: opposites, and members of closed classes such as units, directions and languages.

Two texts in which one says "activate" where the other says "deactivate", or "kg" where the other says "miles", are as close
to an encoder as a rewording is, and are none. Only classes that are closed stand here; that names of things in lower
case tell rows apart shows in the data itself (`slots`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

_OPPOSITES = (
    "activate deactivate; enable disable; lock unlock; block unblock; freeze unfreeze; open close; opened closed; open closed; "
    "opening closing; buy sell; bought sold; buying selling; send receive; sent received; sending receiving; deposit withdraw; "
    "deposit withdrawal; deposited withdrew; topup withdraw; topup withdrawal; topping withdrawing; increase decrease; "
    "increased decreased; increasing decreasing; raise lower; rise fall; ascending descending; asc desc; min max; "
    "minimum maximum; smallest largest; lowest highest; least most; fewer more; less more; before after; earlier later; "
    "early late; first last; start stop; start end; begin end; started stopped; accept reject; accepted rejected; "
    "accept decline; accepted declined; approve deny; approved denied; allow forbid; allowed forbidden; win lose; won lost; "
    "lost found; add remove; added removed; adding removing; add delete; insert delete; attach detach; connect disconnect; "
    "connected disconnected; link unlink; install uninstall; subscribe unsubscribe; import export; upload download; "
    "uploaded downloaded; encode decode; encrypt decrypt; push pull; read write; true false; yes no; on off; in out; up down; "
    "upgrade downgrade; left right; top bottom; front back; inside outside; above below; over under; north south; east west; "
    "cheap expensive; hot cold; warm cool; big small; large small; long short; tall short; fast slow; old new; young old; "
    "light dark; lighter darker; bright dark; wet dry; hard soft; high low; higher lower; heavy light; full empty; "
    "easy difficult; rich poor; safe dangerous; public private; internal external; input output; even odd; positive negative; "
    "male female; men women; man woman; boy girl; boys girls; lend borrow; lent borrowed; import export; arrive depart; "
    "arrival departure; arrivals departures; buyer seller; employer employee; landlord tenant; sender recipient; sender receiver; "
    "credit debit; credited debited; credits debits; income expense; profit loss; gain lose; virtual physical; "
    "incoming outgoing; inbound outbound; include exclude; including excluding; included excluded; multiply divide; "
    "plus minus; sum difference; encourage discourage; same different; same another; pass fail; passed failed; "
    "works broken; present absent; past future; guilty innocent; mandatory optional; love hate; like dislike; "
    "best worst; better worse; good bad; all none; always never; everyone nobody; everything nothing; row column; rows columns; "
    "horizontal vertical; horizontally vertically; clockwise counterclockwise; prefix suffix; prepend append; "
    "acquire sell; pickup delivery; check-in check-out; checkin checkout; hire fire; marry divorce; advantages disadvantages; "
    "pros cons; benefits drawbacks; causes effects; strengths weaknesses; singular plural; lowercase uppercase; "
    "encoder decoder; client server; synonym antonym; synonyms antonyms; indoors outdoors; indoor outdoor"
)
_CLASSES = (
    # units
    "mm cm m km inch inches foot feet yard mile millimetre centimetre metre meter kilometre kilometer",
    "mg g kg gram kilogram kilo ounce oz pound lb tonne ton",
    "ml cl l litre liter pint gallon quart",
    "celsius fahrenheit kelvin",
    "bit byte kb mb gb tb kilobyte megabyte gigabyte terabyte",
    "minute hour day week month quarter year decade century",
    "hourly daily weekly fortnightly monthly quarterly yearly annually",
    # time
    "today tomorrow yesterday",
    "morning afternoon evening night noon midnight",
    "spring summer autumn winter",
    # people
    "mother father brother sister son daughter wife husband uncle aunt grandmother grandfather grandma grandpa",
    "child adult teenager baby",
    # colours and sizes
    "red blue green white black grey gray brown yellow purple pink orange violet beige turquoise golden silver",
    "small medium large",
    # money
    "dollar euro pound yen franc rupee yuan peso krona zloty ruble usd eur gbp jpy chf inr cny aud cad sek pln",
    "visa mastercard amex maestro paypal",
    # languages, programming languages
    "english german french spanish italian portuguese dutch polish russian chinese japanese korean arabic hindi turkish "
    "greek swedish danish norwegian finnish czech hungarian romanian ukrainian vietnamese thai indonesian hebrew latin",
    "python java javascript typescript ruby rust golang php perl scala kotlin swift haskell sql html css bash matlab",
    # places
    "austria australia belgium brazil bulgaria canada china croatia cyprus denmark egypt england estonia finland france "
    "germany greece hungary iceland india indonesia iran iraq ireland israel italy japan kenya korea latvia lithuania "
    "luxembourg malaysia malta mexico morocco netherlands nigeria norway pakistan poland portugal romania russia scotland "
    "serbia singapore slovakia slovenia spain sweden switzerland taiwan thailand turkey ukraine vietnam wales usa uk",
    "europe asia africa america australia antarctica",
    "cause symptom treatment cure prevention diagnosis",
    # directions
    "north south east west northeast northwest southeast southwest",
)
_NEGATING = ("un", "in", "im", "ir", "il", "dis", "de", "non", "anti")
_SHORTEST_STEM = 3


def _opposed() -> dict[str, set[str]]:
    against: dict[str, set[str]] = {}
    for pair in _OPPOSITES.split(";"):
        a, b = pair.split()
        against.setdefault(a, set()).add(b)
        against.setdefault(b, set()).add(a)
    return against


_AGAINST = _opposed()
_CLASS_OF: dict[str, set[int]] = {}
for _number, _members in enumerate(_CLASSES):
    for _word in _members.split():
        _CLASS_OF.setdefault(_word, set()).add(_number)


def contrasts(removed: Iterable[str], added: Collection[str]) -> set[str]:
    """The folded words of two texts, found in one of them alone, that exclude a word of the other text."""
    found: set[str] = set()
    theirs = dict.fromkeys(added)
    members = [(word, classes) for word in theirs if (classes := _classes(word))]
    for here in dict.fromkeys(removed):
        against = [word for word in (*_AGAINST.get(here, ()), *_negated(here)) if word in theirs]
        if mine := _classes(here):
            against += [word for word, classes in members if mine & classes and _stem(here) != _stem(word)]
        if against:
            found |= {here, *against}
    return found


def _classes(word: str) -> set[int]:
    return _CLASS_OF.get(word) or _CLASS_OF.get(_stem(word)) or set()


def _stem(word: str) -> str:
    """The singular, as far as the closed classes need it."""
    return word[:-1] if len(word) > _SHORTEST_STEM and word.endswith("s") and not word.endswith("ss") else word


def _negated(word: str) -> list[str]:
    """The word with and without a negating prefix: "valid" and "invalid"."""
    if len(word) < _SHORTEST_STEM:
        return []
    without = [word[len(p) :] for p in _NEGATING if word.startswith(p) and len(word) - len(p) >= _SHORTEST_STEM]
    return [*(prefix + word for prefix in _NEGATING), *without]
