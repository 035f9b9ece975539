"""Plain text out of the HTML that survey tools keep their wordings in."""

from __future__ import annotations

import html
import re

_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_SILENT = re.compile(r"<\s*(script|style)\b.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")


def plain_text(markup: str | None) -> str:
    """Return the words of a piece of HTML on one line."""
    text = _SILENT.sub(" ", markup or "")
    text = _TAG.sub("", _BREAKS.sub(" ", text))
    return " ".join(html.unescape(text).split())
