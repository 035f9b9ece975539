"""Text as paged formats can hold it.

Free-text answers and pasted Word text carry control characters, private-use
symbols and stray line breaks. XML forbids some of them and PDF/A others, and
neither fault may stop a report.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\ufffd"
"""Shown where a character cannot be shown, so that the loss is seen."""

_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_SAFE_SCHEMES = ("http://", "https://", "mailto:")
_BESIDE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


def clean(text: str) -> str:
    """Return the text without what XML 1.0 or PDF/A-2a cannot hold.

    Line breaks and tabs become a blank, other control characters and
    byte-order marks vanish, private-use, unassigned and surrogate code points
    become `REPLACEMENT`. The result is composed (NFC), as fonts expect.
    """
    # A no-break space is all that counts as not printable in ordinary Swedish text.
    if text.replace("\u00a0", "").isprintable() and unicodedata.is_normalized("NFC", text):
        return text
    joined = unicodedata.normalize("NFC", _BREAKS.sub(" ", text))
    return "".join(map(_shown, joined))


def safe_address(href: str) -> str:
    """Return the address where a document may link to it, else "".

    Web and mail addresses, and files beside the report: it is opened by
    people who trust it.
    """
    address = clean(href).strip()
    is_safe = address.lower().startswith(_SAFE_SCHEMES) or _BESIDE.fullmatch(address)
    return address if is_safe else ""


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cc" or character == "\ufeff":
        return ""
    return REPLACEMENT if category in {"Co", "Cn", "Cs"} else character
