"""Texts in XML written by hand, as `xml.sax.saxutils` writes them.

That module imports the whole of `urllib.request` and `ssl` for its readers.
"""

from __future__ import annotations

from html import escape as _escape

_BLANKS = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def escape(text: str) -> str:
    """Write a text between tags."""
    return _escape(text, quote=False)


def quoteattr(text: str) -> str:
    """Write a text as the value of an attribute, with its quotes."""
    value = escape(text)
    for blank, written in _BLANKS.items():
        value = value.replace(blank, written)
    if '"' not in value:
        return f'"{value}"'
    return f'"{value.replace(chr(34), "&quot;")}"' if "'" in value else f"'{value}'"
