"""Draws many points into an image with numpy: 100,000 in the time of a frame, where painting each takes longer."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=32)
def stamp(radius: float) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    """The pixels (dy, dx) of a dot that are full, and those on its edge that are half covered."""
    reach = int(np.ceil(radius + 1))
    steps = (np.arange(8) + 0.5) / 8 - 0.5
    full, half = [], []
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            inside = (dy + steps[:, None]) ** 2 + (dx + steps[None, :]) ** 2 <= radius**2
            covered = inside.mean()
            if covered >= 0.7:
                full.append((dy, dx))
            elif covered >= 0.2:
                half.append((dy, dx))
    return tuple(full), tuple(half)


class Raster:
    """An image of `width` × `height` pixels, 0xffRRGGBB each, with a `margin` around it for dots of up to `radius` that
    stick out: none has to be cut. `pixels` is the whole of it, `row` pixels a line."""

    def __init__(self, width: int, height: int, ground: int, radius: float):
        self.width, self.height = width, height
        # A dot counts as seen with its middle up to a radius outside, and reaches as far again.
        self.margin = 2 * int(np.ceil(radius)) + 2
        self.row = width + 2 * self.margin
        self.lines = height + 2 * self.margin
        self.pixels = np.full(self.lines * self.row, ground, dtype=np.uint32)

    def dots(self, x: np.ndarray, y: np.ndarray, colors: np.ndarray, radius: float, *, smooth: bool = True) -> None:
        """Draw dots at pixel places (float32), later ones over earlier ones. `colors`: uint32, one or one each; `smooth`:
        with soft edges, which take twice the time."""
        seen = np.flatnonzero((x > -radius) & (x < self.width + radius) & (y > -radius) & (y < self.height + radius))
        if len(seen) < len(x):
            x, y, colors = x[seen], y[seen], colors[seen] if colors.ndim else colors
        at = (y + np.float32(self.margin)).astype(np.int32)
        at *= self.row
        at += (x + np.float32(self.margin)).astype(np.int32)
        full, half = stamp(radius)
        pixels = self.pixels
        if smooth:
            faint = (colors >> 1) & np.uint32(0x7F7F7F7F)
            for dy, dx in half:
                here = at + (dy * self.row + dx)
                pixels[here] = ((pixels[here] >> 1) & np.uint32(0x7F7F7F7F)) + faint | np.uint32(0xFF000000)
        for dy, dx in full:
            pixels[at + (dy * self.row + dx)] = colors
