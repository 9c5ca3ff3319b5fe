"""A page of the guide as the HTML that Qt's text documents can show: set like a book, in the colours of the theme.

Qt knows a small part of HTML: grounds and frames around several lines are made as tables of one cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ui.presenters.guide import anchor


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as #rrggbb; `size` of the text in points; `unit`: pixels of the screen for one of the design."""

    text: str
    muted: str
    accent: str
    line: str
    sunken: str
    soft: str
    mono: str
    size: float
    unit: float = 1.0

    def px(self, pixels: float) -> str:
        return f"{round(pixels * self.unit)}px"


_TITLES = {"h1": 1.9, "h2": 1.35, "h3": 1.1}
_ABOVE = {"h1": 0, "h2": 26, "h3": 18}
_BELOW = {"h1": 12, "h2": 6, "h3": 6}


def to_html(markdown: str, look: Look) -> str:
    """The page. Headings carry the names that links give them; raw HTML in the page stays text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for heading, inside in pairwise(tokens):
        if heading.type == "heading_open":
            heading.attrSet("id", anchor(inside.content))
    body = parser.renderer.render(tokens, parser.options, {})
    for tag, made in _replaced(look):
        body = body.replace(tag, made)
    return f"<html><head><style>{_style(look)}</style></head><body>{body}</body></html>"


def _replaced(look: Look) -> Sequence[tuple[str, str]]:
    pad = round(12 * look.unit)
    full = f'width="100%" cellspacing="0" border="0" cellpadding="{pad}"'
    gap = f'<p style="margin-bottom:{look.px(4)}; font-size:4pt;">&nbsp;</p>'
    table = (
        f'<table width="100%" cellspacing="0" cellpadding="{round(8 * look.unit)}" border="1" '
        f'style="border-collapse:collapse; border-color:{look.line}; border-style:solid;">'
    )
    return (
        ("<table>", table),
        ("</table>", f"</table>{gap}"),
        ("<th>", f'<th align="left" bgcolor="{look.sunken}">'),
        ("<blockquote>", f'<table {full}><tr><td class="quote" bgcolor="{look.soft}">'),
        ("</blockquote>", f"</td></tr></table>{gap}"),
        ("<pre><code>", f'<table {full}><tr><td bgcolor="{look.sunken}"><pre>'),
        ("\n</code></pre>", f"</pre></td></tr></table>{gap}"),
    )


def _style(look: Look) -> str:
    rules = [
        f"p, li {{ line-height:130%; margin-top:0; margin-bottom:{look.px(10)}; }}",
        f"li {{ margin-bottom:{look.px(4)}; }}",
        f"ul, ol {{ margin-top:0; margin-bottom:{look.px(12)}; }}",
        f"a {{ color:{look.accent}; text-decoration:none; }}",
        f"code {{ font-family:'{look.mono}'; background-color:{look.sunken}; }}",
        f"pre {{ font-family:'{look.mono}'; margin:0; white-space:pre-wrap; }}",
        f"th {{ color:{look.muted}; font-weight:600; }}",
        "td p { margin:0; }",
    ]
    rules += [
        f"{tag} {{ font-size:{look.size * times:.1f}pt; font-weight:600; color:{look.text}; "
        f"margin-top:{look.px(_ABOVE[tag])}; margin-bottom:{look.px(_BELOW[tag])}; }}"
        for tag, times in _TITLES.items()
    ]
    return " ".join(rules)


__all__ = ["Look", "to_html"]
