"""How wide a text runs, from the advance widths of Source Sans 3.

``advances.json`` lists the advance widths (units of 1/1000 em) of the Latin
letters and signs of the regular and the semibold face; a test holds it against
the font files. Kerning is left out: it only makes a text narrower.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

MEASURED_FONT = "Source Sans 3"
UNKNOWN_FONT_FACTOR = 1.12
"""Arial and its kin run about an eighth wider than Source Sans."""

_FALLBACK_ADVANCE = 560
_BREAK = re.compile(r"(?<=[-/\u2013])(?=[^\W\d])| +")


@lru_cache(maxsize=1)
def _advances() -> tuple[dict[str, int], dict[str, int]]:
    path = Path(__file__).with_name("advances.json")
    table = json.loads(path.read_text(encoding="utf-8"))
    regular, semibold = (
        {char: int(width) for width, chars in table[face].items() for char in chars}
        for face in ("regular", "semibold")
    )
    return regular, semibold


def text_width(text: str, size: float, *, semibold: bool = False) -> float:
    """Return the width of a text set in Source Sans 3.

    Parameters
    ----------
    text
        One line.
    size
        Font size; the width comes in the same unit.
    semibold
        Whether the semibold face is used.
    """
    return _advance(text, semibold) * size / 1000


@lru_cache(maxsize=8192)
def _advance(text: str, semibold: bool) -> int:
    """Return a width in 1/1000 em; the same labels stand in the wide and the narrow picture."""
    advances = _advances()[semibold]
    return sum(advances.get(char, _FALLBACK_ADVANCE) for char in text)


def wrap(text: str, width: float, size: float, *, semibold: bool = False) -> tuple[str, ...]:
    """Break a text into lines no wider than ``width``; nothing is ever cut off.

    Breaks stand at spaces (not at no-break spaces), after hyphens and slashes,
    and, where a single word is wider than the line, within it with a hyphen.
    Returns at least one line.
    """
    lines: list[str] = []
    line = ""
    for joint, word in _words(text):
        longer = line + joint + word if line else word
        if text_width(longer, size, semibold=semibold) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *broken, line = _break_word(word, width, size, semibold=semibold)
        lines.extend(broken)
    return (*lines, line)


def widest(lines: tuple[str, ...], size: float, *, semibold: bool = False) -> float:
    """Return the width of the widest line, 0 for none."""
    return max((text_width(line, size, semibold=semibold) for line in lines), default=0.0)


def _words(text: str) -> list[tuple[str, str]]:
    """Split into (what joins it to the word before, word)."""
    found = []
    start, joint = 0, ""
    for match in _BREAK.finditer(text):
        found.append((joint, text[start : match.start()]))
        start, joint = match.end(), " " if match.group() else ""
    found.append((joint, text[start:]))
    return [(joint, word) for joint, word in found if word]


def _break_word(word: str, width: float, size: float, *, semibold: bool) -> list[str]:
    """Break a word wider than the line; each part holds at least three letters."""
    parts = []
    while text_width(word, size, semibold=semibold) > width and len(word) > 6:
        end = len(word) - 3
        while end > 3 and text_width(word[:end] + "-", size, semibold=semibold) > width:
            end -= 1
        parts.append(word[:end] + "-")
        word = word[end:]
    return [*parts, word]
