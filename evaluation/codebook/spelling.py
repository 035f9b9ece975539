"""When two spellings are the same answer: blanks, case, quotation marks and dashes do not count."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\ufeff\u00ad\x00", ""))
_FOLDED = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u00b4": "'",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
    }
)
_WHOLE_AS_DECIMAL = re.compile(r"^(-?\d+)[.,]0+$")


def trim(text: str) -> str:
    """Return a text with every run of white space as one blank, none at the ends.

    No-break spaces are white space, invisible signs (zero width space, soft
    hyphen, byte-order mark) are nothing; letters and case stay.
    """
    return " ".join(text.translate(_INVISIBLE).split())


def fold(text: str) -> str:
    """Return the form in which two spellings of one answer are equal.

    Trimmed, composed (NFC), case folded, typographic quotation marks and
    dashes as their typewriter forms, and ``3.0`` as ``3`` (a whole number that
    passed through a spreadsheet).
    """
    if text.isascii() and text.isalnum():
        return text.lower()  # most codes and identifiers, read by the million
    return _fold(text)


@lru_cache(maxsize=8192)
def _fold(text: str) -> str:
    """Heads and labels are compared again and again."""
    folded = unicodedata.normalize("NFC", trim(text).translate(_FOLDED)).casefold()
    whole = _WHOLE_AS_DECIMAL.match(folded)
    return whole[1] if whole else folded
