"""Colours of series and labels, and contrast after WCAG 2.1.

Relative luminance and contrast ratio: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from evaluation.report.model import ChartBlock, ChartKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.rendering.theme import Theme

TEXT_CONTRAST = 4.5
"""WCAG 2.1, 1.4.3: text against its ground."""
GRAPHIC_CONTRAST = 3.0
"""WCAG 2.1, 1.4.11: parts of a graphic that are needed to understand it."""

WHITE = "#ffffff"
BLACK = "#000000"


def channels(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue (0 to 255) of ``#rrggbb``.

    Raises
    ------
    ValueError
        If the text is not of that form.
    """
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError(colour)
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(maxsize=256)
def luminance(colour: str) -> float:
    """Return the relative luminance, 0 (black) to 1 (white)."""
    shares = [value / 255 for value in channels(colour)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """Blend two colours; ``share`` (0 to 1) is the part of the second."""
    pairs = zip(channels(one), channels(other), strict=True)
    return "#" + "".join(f"{int(a + (b - a) * share + 0.5):02x}" for a, b in pairs)


def ramp(stops: Sequence[str], steps: int) -> tuple[str, ...]:
    """Draw ``steps`` colours evenly from a row of stops, both ends included."""
    if steps == 1:
        return (stops[0],)
    drawn = []
    for step in range(steps):
        place = step * (len(stops) - 1) / (steps - 1)
        below = min(int(place), len(stops) - 2)
        drawn.append(mix(stops[below], stops[below + 1], place - below))
    return tuple(drawn)


def label_ink(fill: str, theme: Theme) -> str:
    """Return white or the theme's ink, whichever reads better on the fill.

    On a middling fill neither may do; pure black then reaches 4.5 to 1.
    """
    best = max((theme.ink, WHITE), key=lambda ink: contrast(ink, fill))
    return best if contrast(best, fill) >= TEXT_CONTRAST else BLACK


def readable(colour: str, ground: str, least: float = TEXT_CONTRAST) -> str:
    """Darken (or lighten) a colour just enough for the contrast asked for."""
    towards = BLACK if luminance(ground) > 0.18 else WHITE
    for step in range(21):
        candidate = mix(colour, towards, step / 20)
        if contrast(candidate, ground) >= least:
            return candidate
    return towards


def outline(fill: str, ground: str) -> str:
    """Return the stroke that a pale fill needs to be seen, "" where it needs none."""
    if contrast(fill, ground) >= GRAPHIC_CONTRAST:
        return ""
    return readable(fill, ground, GRAPHIC_CONTRAST)


def series_colours(chart: ChartBlock, theme: Theme) -> tuple[str, ...]:
    """Return one colour per series, by role.

    A lone categorical series takes the primary colour; where a line or slope
    is highlighted, the others step back into grey.
    """
    roles = [series.role for series in chart.series]
    scale = iter(ramp(theme.scale, max(roles.count("scale"), 1)))
    lines = chart.kind in (ChartKind.SLOPE, ChartKind.LINE)
    lone, crowded = len(chart.series) == 1, is_crowded(chart, theme)
    colours: list[str] = []
    unordered = 0
    for role in roles:
        if role == "scale":
            colours.append(next(scale))
        elif role == "missing":
            colours.append(theme.missing)
        elif role == "highlight":
            colours.append(theme.accent)
        elif lines and "highlight" in roles:
            colours.append(readable(theme.missing, theme.background, GRAPHIC_CONTRAST))
        else:
            palette = (theme.primary,) if lone or crowded else theme.categorical
            colours.append(palette[unordered % len(palette)])
            unordered += 1
    return tuple(colours)


def is_crowded(chart: ChartBlock, theme: Theme) -> bool:
    """Tell whether side-by-side bars have more series than there are colours to tell them by."""
    unordered = sum(series.role == "categorical" for series in chart.series)
    return chart.kind is ChartKind.GROUPED and unordered > len(theme.categorical)


def tint(share: float, theme: Theme) -> str:
    """Return the colour for a place on an ascending ramp (0 to 1), pale to primary."""
    return mix(mix(theme.background, theme.primary, 0.08), theme.primary, share)
