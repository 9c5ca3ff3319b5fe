"""Light and dark: one palette each, one style sheet, and sizes that grow with the chosen scale.

Everything is read when a widget is made or painted; a change of theme or scale makes the window anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from curator.resources import resource

SCALES = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
_LIGHT = {
    "window": "#f6f7f9",
    "panel": "#ffffff",
    "raised": "#ffffff",
    "sunken": "#eef0f4",
    "text": "#1b2430",
    "muted": "#5b6676",
    "line": "#dfe3ea",
    "accent": "#1f5fd6",
    "accent_text": "#ffffff",
    "accent_soft": "#e6eefc",
    "good": "#1a7f4b",
    "good_soft": "#e2f4ea",
    "warn": "#946200",
    "warn_soft": "#fdf1d8",
    "bad": "#b8322a",
    "bad_soft": "#fce8e6",
    "added": "#cdeeda",
    "removed": "#fbd5d1",
    "match": "#fbe7a8",
    "selection": "#d7e4fb",
}
_DARK = {
    "window": "#14181f",
    "panel": "#1b2129",
    "raised": "#222a34",
    "sunken": "#10141a",
    "text": "#e6eaf0",
    "muted": "#9aa6b6",
    "line": "#313b48",
    "accent": "#6ea2ff",
    "accent_text": "#0c1524",
    "accent_soft": "#1f3358",
    "good": "#5fca93",
    "good_soft": "#173527",
    "warn": "#e8b34d",
    "warn_soft": "#3a2d12",
    "bad": "#ff8a80",
    "bad_soft": "#43201f",
    "added": "#1d4a33",
    "removed": "#5a2a29",
    "match": "#574718",
    "selection": "#2a4373",
}
# Okabe and Ito's colours, told apart by colour-blind readers, darkened or lightened for each ground.
_SERIES_LIGHT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#56b4e9", "#7b4fb5", "#8c564b", "#4d7c0f", "#c2185b", "#00838f", "#6b7280")  # fmt: skip
_SERIES_DARK = ("#56b4e9", "#e69f00", "#2fc79a", "#e39ac4", "#f0e442", "#3f8fd0", "#b79cf0", "#d1a08c", "#a3d65c", "#ff7fa8", "#4dd0e1", "#b0b8c4")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Theme:
    """`scheme` is light or dark; `scale` multiplies every size and font."""

    scheme: str = "light"
    scale: float = 1.0

    @property
    def colors(self) -> dict[str, str]:
        return _DARK if self.scheme == "dark" else _LIGHT


class _Now:
    theme = Theme()


def current() -> Theme:
    return _Now.theme


def px(size: float) -> int:
    """A size of the 8-px grid at the scale in use."""
    return round(size * _Now.theme.scale)


def css(name: str) -> str:
    """A colour of the palette as #rrggbb."""
    return _Now.theme.colors[name]


def color(name: str) -> QColor:
    """A colour of the palette."""
    return QColor(css(name))


def palette_series(n: int) -> list[QColor]:
    """`n` colours for kinds of things, told apart by colour-blind readers; beyond twelve they repeat."""
    series = _SERIES_DARK if _Now.theme.scheme == "dark" else _SERIES_LIGHT
    return [QColor(series[i % len(series)]) for i in range(n)]


def mono() -> QFont:
    """The fixed-width font at the size of ordinary text."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(_text_points())
    return font


def scheme_of(choice: str) -> str:
    """light or dark for the user's choice, which may be "system"."""
    if choice in ("light", "dark"):
        return choice
    hints = QGuiApplication.styleHints()
    return "dark" if hints.colorScheme() is Qt.ColorScheme.Dark else "light"


def apply(app: QApplication, choice: str, scale: float) -> None:
    """Take on a theme. Windows that are open keep their sizes until they are made anew."""
    wanted = Theme(scheme_of(choice), min(3.0, max(1.0, scale)))
    if app.styleSheet() and wanted == _Now.theme:
        return  # every widget there is would be styled again
    _Now.theme = wanted
    icon.cache_clear()
    # Fusion takes every colour from the palette, so the same window looks the same on all systems.
    app.setStyle("Fusion")
    font = QFont(_base_font(app))
    font.setPointSizeF(_text_points())
    app.setFont(font)
    app.setPalette(_palette())
    app.setStyleSheet(_style_sheet())


@lru_cache(maxsize=256)
def icon(name: str, tone: str = "text", size: int = 20) -> QIcon:
    """A line icon of `resources/icons`, drawn in a colour of the palette."""
    pixmap = QPixmap()
    svg = resource(f"icons/{name}.svg").read_bytes().replace(b"#000000", css(tone).encode())
    ratio = 2
    pixmap = QPixmap(px(size) * ratio, px(size) * ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(0, 0, pixmap.width(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return QIcon(pixmap)


def _base_font(app: QApplication) -> QFont:
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)


def _text_points() -> float:
    return 10.0 * _Now.theme.scale


def _palette() -> QPalette:
    c, roles, palette = color, QPalette.ColorRole, QPalette()
    for role, name in (
        (roles.Window, "window"),
        (roles.WindowText, "text"),
        (roles.Base, "panel"),
        (roles.AlternateBase, "sunken"),
        (roles.Text, "text"),
        (roles.Button, "raised"),
        (roles.ButtonText, "text"),
        (roles.BrightText, "bad"),
        (roles.ToolTipBase, "raised"),
        (roles.ToolTipText, "text"),
        (roles.PlaceholderText, "muted"),
        (roles.Highlight, "selection"),
        (roles.HighlightedText, "text"),
        (roles.Link, "accent"),
        (roles.LinkVisited, "accent"),
        (roles.Light, "raised"),
        (roles.Midlight, "line"),
        (roles.Mid, "line"),
        (roles.Dark, "line"),
        (roles.Shadow, "line"),
    ):
        palette.setColor(role, c(name))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, _faded("muted"))
    return palette


def _faded(name: str) -> QColor:
    """The colour half way to the ground: for what cannot be used now."""
    a, b = color(name), color("window")
    return QColor((a.red() + b.red()) // 2, (a.green() + b.green()) // 2, (a.blue() + b.blue()) // 2)


def _style_sheet() -> str:
    sizes = {f"px{n}": f"{px(n)}px" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 24, 28, 32, 36, 40)}
    points = _text_points()
    values = {
        "small": points * 0.9,
        "body": points,
        "heading": points * 1.25,
        "title": points * 1.7,
        "huge": points * 3,
    }
    fonts = {f"font-{name}": f"{size:.1f}pt" for name, size in values.items()}
    files = {"icons": resource("icons").as_posix(), "scheme": current().scheme}
    colors = {**current().colors, "faded": _faded("muted").name()}
    sheet = resource("templates/window.qss").read_text(encoding="utf-8")
    for name, value in {**sizes, **fonts, **files, **colors}.items():
        sheet = sheet.replace(f"@{name}@", value)
    return sheet
