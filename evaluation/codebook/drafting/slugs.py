"""Identifiers and codes out of wordings: stable, readable, plain letters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.expressions import RESERVED

if TYPE_CHECKING:
    from collections.abc import Container

    from evaluation.codebook.words import Words

MAX_ID = 32
MAX_CODE = 28
_NUMBERED = re.compile(r"\A(-?\d+)\s*(?:\(|=\s|:\s|\s[-\u2013]\s(?=\D))")
"""A number before a wording: ``1 (None at all)``, ``5 = very good``."""
_SPECIAL = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "đ": "d", "ł": "l"})


def plain_words(text: str) -> list[str]:
    """Return the words of a text in lower case without accents: å and ä are a, ö is o."""
    folded = fold(text).replace("'", "").translate(_SPECIAL)
    letters = unicodedata.normalize("NFKD", folded)
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    return re.findall(r"[a-z0-9]+", bare)


def _joined(words: list[str], limit: int) -> str:
    """Join words with underscores as long as they fit, the first in any case."""
    name = words[0][:limit]
    for word in words[1:]:
        if len(name) + 1 + len(word) > limit:
            break
        name = f"{name}_{word}"
    return name


def identifier(text: str, words: Words, fallback: str = "question") -> str:
    """Return an identifier for a question: its telling words, ``hur_nojd_med_bemotande``.

    Words that most questions begin with ("Which", "Vilken", "du") are left out
    at the beginning.
    """
    found = plain_words(text)
    stops = _plain_set(words.lists.get("stop_words", frozenset()))
    telling = list(found)
    while len(telling) > 1 and telling[0] in stops:
        telling.pop(0)
    if telling and telling[0] in stops:
        telling = found
    return safe(_joined(telling, MAX_ID) if telling else fallback)


@cache
def _plain_set(stop_words: frozenset[str]) -> frozenset[str]:
    """Return the words of a list in plain letters; asked for once per question."""
    return frozenset(word for stop in stop_words for word in plain_words(stop))


def safe(name: str) -> str:
    """Make a name one that the schema and the expression language allow."""
    cleaned = re.sub(r"[^a-z0-9_]", "_", "_".join(plain_words(name)) if name else "")
    cleaned = cleaned.strip("_") or "question"
    if not cleaned[0].isalpha():
        cleaned = f"q_{cleaned}"
    return f"{cleaned}_q" if cleaned in RESERVED else cleaned


def code_of(label: str) -> str:
    """Return a code for an option: the number that it is, or its first words."""
    bare = label.strip()
    if re.fullmatch(r"-?\d+(?:[.,]0+)?", bare):
        return re.sub(r"[.,]0+$", "", bare)
    numbered = _NUMBERED.match(bare)
    if numbered:
        return numbered[1]
    found = plain_words(label)
    return _joined(found, MAX_CODE) if found else "option"


def unique(name: str, taken: Container[str]) -> str:
    """Return the name, with ``_2``, ``_3`` … where it is taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
