"""Texts that show how they were made: refusals of a model, its control tokens, loops it fell into, markup, broken encoding."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise

# Each refusal begins the text. Outside English the verb must be one of helping or giving, for shops are sorry, too.
REFUSAL = re.compile(
    r"^\W*(?:i(?:['’]m| am) (?:so |very |really )?(?:sorry|afraid)\b[^.!?]{0,40}\b(?:can(?:no|['’])t|cannot|unable|not able)\b"
    r"|(?:i apologi[sz]e|my apologies|sorry)[,;. ][^.!?]{0,20}\bi (?:can(?:no|['’])t|cannot|am unable to|am not able to) "
    r"(?:assist|help|comply|fulfil|provide|answer|generate|create|write|continue|do that)\b"
    r"|as an? (?:ai|artificial intelligence|large language|language)\b"
    r"|i(?:['’]m| am) (?:just |only )?an? (?:ai|language model|large language model)\b"
    r"|i (?:can(?:no|['’])t|cannot|am unable to|['’]m unable to|am not able to) (?:assist|help|comply|fulfil|provide|answer|do that)\b"
    # Spanish, French, German, Portuguese, Italian
    r"|como (?:una? )?(?:ia\b|inteligencia artificial|modelo de lenguaje|asistente de ia|inteligência artificial|modelo de linguagem)"
    r"|(?:lo siento|lo lamento|me temo|disculp[ae])\b[^.!?]{0,30}\bno (?:puedo|estoy en condiciones de) "
    r"(?:ayudar|asistir|cumplir|proporcionar|responder|generar|hacer eso)"
    r"|en tant qu['’](?:ia\b|intelligence artificielle|assistant ia)|en tant que (?:modèle de langage|modèle linguistique)"
    r"|(?:je suis )?désolée?\b[^.!?]{0,30}\bje ne (?:peux|puis) pas (?:vous |t['’])?(?:aider|assister|répondre|fournir|générer|faire cela)"
    r"|als (?:ki\b|künstliche intelligenz|(?:großes )?sprachmodell|ki-sprachmodell|ki-assistent)"
    r"|(?:es )?tut mir (?:sehr )?leid\b[^.!?]{0,30}\b(?:kann ich|ich kann)\b[^.!?]{0,30}\b(?:nicht|keine)\b[^.!?]{0,30}"
    r"\b(?:helfen|weiterhelfen|beantworten|bereitstellen|erstellen|unterstützen)"
    r"|(?:sinto muito|desculpe|lamento)\b[^.!?]{0,30}\bnão (?:posso|consigo) (?:te |lhe |o )?(?:ajudar|ajudá|auxiliar|fornecer|responder|gerar)"
    r"|come (?:ia\b|intelligenza artificiale|modello linguistico|modello di linguaggio|assistente ia)"
    r"|mi dispiace\b[^.!?]{0,30}\bnon posso (?:aiutar|assister|fornir|risponder|generar)"
    # Chinese, Japanese
    r"|作为(?:一个|一款|一名)?(?:AI|人工智能|大?语言模型)"
    r"|(?:很|非常)?(?:抱歉|对不起)[，,]?[^。！？]{0,10}(?:无法|不能)(?:为您|帮|协助|提供|回答|满足|完成)"
    r"|(?:私は)?(?:AI|人工知能|大規模言語モデル|言語モデル)(?:言語モデル|アシスタント)?として"
    r"|申し訳(?:ありません|ございません)(?:が|。|、)?[^。]{0,30}(?:お手伝い|お答え|提供)[^。]{0,10}(?:できません|できかねます))",
    re.IGNORECASE,
)

# UTF-8 read as Latin-1 or cp1252: a lead byte shown as a letter, then a byte that text hardly ever has after it; read as
# cp1251, where every other letter is Р or С; and what broken Chinese code pages leave.
MOJIBAKE = re.compile(
    r"[ÃÂ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
    r"|â(?:€[\u0080-\u00bf\u0152\u0153\u0161\u0178\u017d\u02dc\u2013-\u203a\u2122¦]|\u0080[\u0080-\u00bf]|„¢)|\ufffd|ï»¿|ðŸ"
    r"|(?:[РС][\u0401-\u040f\u0451-\u045f\u0490\u0491\u00a0-\u00bb\u2013-\u2122]){3}|锟斤拷"
)

CONTROL_TOKEN = re.compile(
    r"<\|(?:im_start|im_end|im_sep|endoftext|endofprompt|eot_id|eom_id|end_of_text|begin_of_text|start_header_id|end_header_id|"
    r"system|user|assistant|end|pad|return|message|channel|fim_(?:prefix|suffix|middle)|end_of_turn|eos|bos)\|>"
    r"|<(?:start|end)_of_turn>|\[/?INST\]|<</?SYS>>|<｜[^｜\n]{1,30}｜>|^\s*<s>(?!.*</s>.)|</s>\s*$",
    re.DOTALL,
)
"""What separates turns in the templates of Llama, Mistral, Gemma, DeepSeek and ChatML: one in a text ends it for the model."""
TEMPLATE_HEADING = re.compile(
    r"^#{2,3} ?(?:Instruction|Response|Human|Assistant|User|System)s?:|\n\n(?:Human|Assistant): ", re.MULTILINE
)
"""Headings of Alpaca and Vicuna; where all rows have them, they are the way of this data."""
_QUOTED = re.compile(r"[`\"'“‘]$")

MARKUP = re.compile(
    r"</(?:p|div|span|a|b|i|strong|em|ul|ol|li|h[1-6]|td|tr|table|font|center)>|<br ?/?>|&(?:amp|nbsp|quot|lt|gt|apos|#\d{2,5}|#x[0-9a-f]{2,4});",
    re.IGNORECASE,
)
ABOUT_MARKUP = re.compile(
    r"html|xml|css|\bsvg\b|\btags?\b|markup|web ?page|web ?site|entit|escape|react|jsx|vue|<\w+[ >/]|```", re.IGNORECASE
)

TIMES = 6
"""The same word so often in a row is no emphasis."""
_SAME_WORD = re.compile(r"\b([^\W\d_]{2,})(?:[\s,.!;-]+\1\b){" + str(TIMES - 1) + r",}", re.IGNORECASE)
_MEANT = frozenset(
    "ha haha he hehe la na no yes blah very so really bla da do doo woof quack tick tock knock beep ring row".split()
)
_UNIT = re.compile(r"[^.!?\n。！？]{20,}[.!?。！？]*")
UNITS = 3
"""The same sentence or line so often one after the other is a loop; four times where others lie between."""
_DENSE = 0.12
"""Compressed share of a text (zlib) below which it says little but the same: prose lies at .35 to .6, long lists above .2."""
_LONG = 400


def loop(text: str) -> str:
    """The part of a text that it repeats without end, "" where it does not."""
    if (match := _SAME_WORD.search(text)) and match.group(1).casefold() not in _MEANT:
        return match.group()
    units = [" ".join(unit.split()).casefold() for unit in _UNIT.findall(text)]
    letters = sum(c.isalpha() or c.isspace() for c in text)
    if letters < 0.75 * len(text):
        return ""
    run = 1
    for before, after in pairwise(units):
        run = run + 1 if before == after else 1
        if run >= UNITS:
            return after
    if len(text) >= _LONG and len(zlib.compress(text.encode("utf-8", "replace"))) < _DENSE * len(
        text.encode("utf-8", "replace")
    ):
        return text[-_LONG:]
    return max((u for u in set(units) if units.count(u) > UNITS and units.count(u) * 2 > len(units)), default="")


def control_token(text: str) -> str:
    """A control token that stands in a text and is not quoted there, "" where there is none."""
    for match in CONTROL_TOKEN.finditer(text):
        if not _QUOTED.search(text[: match.start()][-1:]):
            return match.group().strip()
    return ""
