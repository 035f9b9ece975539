"""Texts that a wrong encoding has damaged: recognised, and mended where that is certain.

Two kinds of damage: UTF-8 that was read as a single-byte encoding (``Ã¥`` for
å: reversible), and letters that are gone (``�`` for å: reversible only where
exactly one known word fits).
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LOST = "\ufffd"
"""The sign that a reader puts where it could not decode a byte."""

_LOW = "\u0080-\u00bf"
_HIGH = "\u0152-\u0161\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122"
"""What the bytes 80 to BF are in Windows' encoding, and in Latin-1."""
_MISREAD = (
    (re.compile(f"[\u00c2\u00c3][{_LOW}{_HIGH}]"), "cp1252"),
    (re.compile(f"\u00e2\u20ac[{_LOW}{_HIGH}]"), "cp1252"),
    (re.compile("\u221a[\u2022\u00a7\u2202\u00d6\u00d1\u00f1\u00a9]"), "mac_roman"),
)
"""What å, ä, ö, é turn into; Swedish and English texts have no such pairs."""


def is_misread(text: str) -> bool:
    """Tell whether a text holds letters that were decoded twice."""
    return not text.isascii() and any(pattern.search(text) for pattern, _ in _MISREAD)


def mend_misread(text: str) -> str:
    """Return the text with doubly decoded letters put right; what cannot be stays."""
    for pattern, encoding in _MISREAD:
        text = pattern.sub(partial(_redecode_match, encoding), text)
    return text


def _redecode_match(encoding: str, match: re.Match[str]) -> str:
    """Undo one wrong decoding, or return the signs as they are."""
    pair = match.group()
    try:
        raw = b"".join(
            letter.encode(encoding) if letter not in _CONTROLS else bytes([ord(letter)])
            for letter in pair
        )
        return raw.decode("utf-8")
    except UnicodeError:
        return pair


_CONTROLS = "\u0081\u008d\u008f\u0090\u009d"
"""Bytes that Windows' encoding leaves undefined and lenient readers pass through."""

_WORD = re.compile(rf"[\w{LOST}]+")


def mend_lost(text: str, vocabulary: Iterable[str]) -> str | None:
    """Return the text with lost letters restored, or None where any word stays ambiguous.

    Parameters
    ----------
    text
        A text with `LOST` signs.
    vocabulary
        Known words in lower case (Swedish words of questionnaires).
    """
    words = frozenset(vocabulary)
    mended = _WORD.sub(lambda match: _mend_word(match.group(), words), text)
    return None if LOST in mended else mended


def _mend_word(word: str, words: frozenset[str]) -> str:
    """Put the only known word in place of a damaged one; several lost signs may be one letter."""
    if LOST not in word:
        return word
    pattern = re.sub(f"{LOST}+", "[åäöéü]", re.escape(word.lower()))
    fitting = [known for known in words if re.fullmatch(pattern, known)]
    if len(fitting) != 1:
        return word
    found = fitting[0]
    if word.isupper() and len(word) > 1:
        return found.upper()
    is_capital = word[0].isupper() or (word[0] == LOST and word[1:2].isupper())
    return found.capitalize() if is_capital else found
