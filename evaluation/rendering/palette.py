"""The colours of a page, light and dark, and whether a theme's can be read.

WCAG 2.1: text 4.5 to 1 (1.4.3), parts of graphics 3 to 1 (1.4.11).
"""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls
from typing import TYPE_CHECKING

from evaluation.problems import Problem, Severity
from evaluation.rendering.charts.colour import (
    BLACK,
    GRAPHIC_CONTRAST,
    TEXT_CONTRAST,
    WHITE,
    channels,
    contrast,
    mix,
    readable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.rendering.theme import Theme

_NAMES = ("primary", "accent", "ink", "muted", "rule", "surface", "background", "link")
_TEXTS = (
    ("ink", "background"), ("ink", "surface"),
    ("muted", "background"), ("muted", "surface"),
    ("primary", "background"), ("primary", "surface"),
    ("link", "background"), ("link", "surface"), ("on-cover", "cover"),
)  # fmt: skip
_GRAPHICS = (("accent", "background"), ("rule", "background"))


def page_colours(theme: Theme) -> dict[str, str]:
    """Return the colours of the light page by name, with what is derived from them."""
    given = {name: str(getattr(theme, name)) for name in _NAMES}
    return given | {
        "cover": theme.primary,
        "on-cover": max((WHITE, theme.ink), key=lambda ink: contrast(ink, theme.primary)),
        "hairline": mix(theme.background, theme.rule, 0.45),
        "picture": theme.background,
    }


def dark_colours(theme: Theme) -> dict[str, str]:
    """Return the colours of the dark page: the theme's ``dark`` section, else derived.

    Hues stay, lightness turns round; every text colour is lightened until it
    reaches 7 to 1. Charts keep their light ground and colours ("picture").
    """
    ground = mix(mix(theme.primary, BLACK, 0.78), "#15181c", 0.6)
    surface = mix(ground, WHITE, 0.07)
    derived = {
        "background": ground,
        "surface": surface,
        "ink": readable("#e6e8eb", surface, 7.0),
        "muted": readable("#b4bac1", surface, 7.0),
        "primary": lightened(theme.primary, surface, 7.0),
        "accent": lightened(theme.accent, surface, TEXT_CONTRAST),
        "link": lightened(theme.link, surface, 7.0),
        "rule": mix(ground, WHITE, 0.5),
        "hairline": mix(ground, WHITE, 0.2),
    }
    given = theme.extra.get("dark", {})
    known = {name: str(value) for name, value in given.items() if name in _NAMES}
    both = page_colours(theme) | derived | known
    cover = mix(theme.primary, BLACK, 0.4)
    on_cover = max((BLACK, WHITE), key=lambda ink: contrast(ink, cover))
    return both | {"cover": cover, "on-cover": on_cover, "picture": theme.background}


def lightened(colour: str, ground: str, least: float) -> str:
    """Raise a colour's lightness, its hue kept, until it reaches the contrast asked for."""
    red, green, blue = (value / 255 for value in channels(colour))
    hue, lightness, saturation = rgb_to_hls(red, green, blue)
    for step in range(100):
        level = lightness + (1 - lightness) * step / 100
        parts = hls_to_rgb(hue, level, min(saturation, 0.5))
        candidate = "#" + "".join(f"{int(part * 255 + 0.5):02x}" for part in parts)
        if contrast(candidate, ground) >= least:
            return candidate
    return WHITE


def check_theme(theme: Theme, decimal: str = ",") -> tuple[Problem, ...]:
    """Check that a theme's colours are colours, and that what is drawn in them can be read.

    ``decimal`` is the sign between whole and decimals in the reader's language.

    Returns
    -------
    One problem per colour that is not ``#rrggbb`` (code ``theme-colour``, stops)
    and per pair with too little contrast (``theme-contrast``, warns; ``value``
    names the pair, its ratio and the least one, ``expected`` the nearest colour
    that reaches it).
    """
    file = f"{theme.name}/theme.yaml"
    malformed = tuple(
        Problem(
            "theme-colour", Severity.STOP, file=file, column=name, value=colour, expected="#rrggbb"
        )
        for name, colour in _all_colours(theme)
        if not _is_colour(colour)
    )
    if malformed:
        return malformed
    light, dark = page_colours(theme), dark_colours(theme)
    pairs = [
        (f"{prefix}{one}", f"{prefix}{other}", colours[one], colours[other], least)
        for prefix, colours in (("", light), ("dark.", dark))
        for texts, least in ((_TEXTS, TEXT_CONTRAST), (_GRAPHICS, GRAPHIC_CONTRAST))
        for one, other in texts
    ]
    pairs += [
        (f"categorical[{place}]", "background", colour, theme.background, GRAPHIC_CONTRAST)
        for place, colour in enumerate(theme.categorical)
    ]
    return tuple(
        Problem(
            "theme-contrast",
            Severity.WARN,
            file=file,
            column=one,
            value=f"{one} {first} / {other} {second}: "
            + f"{contrast(first, second):.1f} < {least:g}".replace(".", decimal),
            expected=readable(first, second, least),
        )
        for one, other, first, second, least in pairs
        if contrast(first, second) < least
    )


def _all_colours(theme: Theme) -> Iterable[tuple[str, str]]:
    for name in (*_NAMES, "missing"):
        yield name, str(getattr(theme, name))
    for name in ("categorical", "scale"):
        for place, colour in enumerate(getattr(theme, name)):
            yield f"{name}[{place}]", str(colour)
    for name, colour in theme.extra.get("dark", {}).items():
        yield f"dark.{name}", str(colour)


def _is_colour(text: str) -> bool:
    try:
        channels(text)
    except ValueError:
        return False
    return True
