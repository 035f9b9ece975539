"""What of a report's lists goes into the workbook: the words that it defines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.rendering.clean import clean
from evaluation.report.model import Box, CrossReference, EntryKind, EntryList, Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.report.model import Block, Inline


def defined_words(blocks: Iterable[Block]) -> list[tuple[str, str]]:
    """Return each word and what it means, as plain text."""
    found = []
    for block in blocks:
        if isinstance(block, Box):
            found += defined_words(block.blocks)
        elif isinstance(block, EntryList) and block.kind is EntryKind.DEFINITIONS:
            found += [(clean(e.label), clean(_plain(e.children))) for e in block.entries]
    return found


def _plain(inlines: Iterable[Inline]) -> str:
    parts = []
    for inline in inlines:
        if isinstance(inline, Text | CrossReference):
            parts.append(inline.text)
        else:
            parts.append(_plain(getattr(inline, "children", ())))
    return "".join(parts)
