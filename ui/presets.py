"""Keys as other annotation tools have them, for hands that know them already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """`keys`: what differs from the default keys, by the id of the action."""

    title: str
    keys: Mapping[str, tuple[str, ...]]


PRESETS: dict[str, Preset] = {
    "curator": Preset("Curator", {}),
    # https://prodi.gy/docs: a accept, x reject, space ignore, backspace or del undo (here: Ctrl+Z alone destroys nothing), f flag
    "prodigy": Preset(
        "Prodigy",
        {
            "review.keep": ("A",),
            "review.drop": ("X",),
            "review.skip": ("Space",),
            "review.flag": ("F",),
            "app.undo": ("Ctrl+Z", "Backspace"),
        },
    ),
    # https://docs.argilla.io: Enter submits, Backspace discards, Ctrl+S saves a draft, arrows move
    "argilla": Preset(
        "Argilla",
        {
            "review.keep": ("Return", "Enter"),
            "review.drop": ("Ctrl+Backspace",),
            "review.skip": ("Ctrl+S",),
            "review.next": ("Right", "Ctrl+Right"),
            "review.previous": ("Left", "Ctrl+Left"),
        },
    ),
    # https://labelstud.io/guide/hotkeys: Ctrl+Enter submits, Ctrl+Space skips, 1-9 choose a label
    "label-studio": Preset(
        "Label Studio",
        {
            "review.keep": ("Alt+Return", "Ctrl+Return"),
            "review.skip": ("Ctrl+Space",),
            "review.drop": ("Alt+Backspace",),
        },
    ),
}
