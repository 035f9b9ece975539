"""Captions, question heads and notes around the rows of a table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.published.lift.items import Item, Kind, continues, is_open, join, starts_inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.lift.rows import Run
    from evaluation.published.words import Words

MAX_CAPTION_LINES = 8
MAX_QUESTION_LINES = 7
MAX_NOTE_LINES = 5
MAX_DISTANCE = 32
"""Lines that heads can take up between a caption and the first row."""
NEARLY_FULL = 0.85
_FOOTNOTE = re.compile(r"^\d{1,3}\s+\S")
_ENDS = re.compile(r"[.?!]\)?$|[.?!]\d{1,2}$")
_STATED = re.compile(r"=\s*(?P<base>\d[\d\u00a0 ]*)")
_NOTE_BASE = re.compile(r"^\D{0,12}?:?\s*(?P<base>\d[\d\u00a0 ]*)\s")


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption or question head.

    Attributes
    ----------
    text
        The whole text.
    first, last
        Positions of its lines among all items.
    is_marked
        It begins with a word such as "Tabell".
    """

    text: str
    first: int
    last: int
    is_marked: bool


def captions_below(items: Sequence[Item], runs: Sequence[Run]) -> bool:
    """Tell whether a report prints captions below its tables.

    Captions with rows on one side only decide; where there are none, above.
    """
    ends = {run.end for run in runs if len(run.rows) > 1}
    starts = [run.start for run in runs if len(run.rows) > 1]
    above = below = 0
    for at, item in enumerate(items):
        if item.kind is not Kind.CAPTION:
            continue
        follows = any(at < start <= at + MAX_DISTANCE for start in starts)
        precedes = at - 1 in ends
        above += follows and not precedes
        below += precedes and not follows
    return below > above


def caption_before(items: Sequence[Item], at: int, stop: int, words: Words, width: int) -> Caption:
    """Return the caption above a table that begins with a marked line.

    It goes on to the last line (before any head) that ends a sentence, and
    as long as lines are left open or run to the full width.
    """
    limit = min(stop, at + MAX_CAPTION_LINES)
    head = next((i for i in range(at + 1, limit) if items[i].kind is Kind.HEAD), limit)
    ends = [i for i in range(at, head) if _ENDS.search(items[i].text)]
    last = max([i for i in ends if items[i].kind is not Kind.ROW], default=at)
    return _caption(items, at, last, head, words, width)


def caption_after(items: Sequence[Item], at: int, words: Words, width: int) -> Caption:
    """Return the caption below a table: to the first line that ends a sentence."""
    limit = min(len(items), at + MAX_CAPTION_LINES)
    stop = next((i for i in range(at + 1, limit) if items[i].kind is not Kind.TEXT), limit)
    last = next((i for i in range(at, stop) if _ENDS.search(items[i].text)), at)
    return _caption(items, at, last, stop, words, width)


def _caption(
    items: Sequence[Item], at: int, last: int, head: int, words: Words, width: int
) -> Caption:
    while last + 1 < head and _goes_on(items[last].text, items[last + 1].text, words, width):
        last += 1
    text = join([i.text for i in items[at : last + 1]], words)
    return Caption(text, at, last, is_marked=True)


def _goes_on(previous: str, text: str, words: Words, width: int) -> bool:
    if is_open(previous, words):
        return True
    if _ENDS.search(previous):
        return False
    return starts_inside(text) or len(previous) >= NEARLY_FULL * width


def question_above(items: Sequence[Item], stop: int, start: int, words: Words) -> Caption | None:
    """Return the text that ends just before the heads: from its last beginning.

    Parameters
    ----------
    items
        All items.
    stop
        Position of the first head.
    start
        No line before this one is looked at.
    """
    at = stop - 1
    if at < start or items[at].kind is not Kind.TEXT or _FOOTNOTE.match(items[at].text):
        return None
    first = at
    while first > start and at - first < MAX_QUESTION_LINES - 1:
        above = items[first - 1]
        if above.kind is not Kind.TEXT or not continues(above.text, items[first].text, words):
            break
        first -= 1
    text = join([i.text for i in items[first : at + 1]], words)
    return Caption(text, first, at, is_marked=False)


def notes_below(items: Sequence[Item], after: int, words: Words) -> list[str]:
    """Return the lines under a table that are notes: base, source, several answers."""
    found = []
    for item in items[after + 1 : after + 1 + MAX_NOTE_LINES]:
        if item.kind is not Kind.TEXT:
            break
        first = re.split(r"[\s:.]", item.text.casefold(), maxsplit=1)[0]
        says_multiple = any(phrase in item.text.casefold() for phrase in words.multiple)
        is_note = first in words.note or first in words.percent
        if is_note or says_multiple or re.match(r"^[nN]\s*=", item.text):
            found.append(item.text)
        elif not found:
            continue
        else:
            break
    return found


def stated_base(caption: str, notes: Sequence[str], words: Words) -> int | None:
    """Return the base that a caption ("N=1341", "Totalt antal kommuner = 138") or note states."""
    stated = _STATED.findall(caption)
    if stated:
        return _whole(stated[-1])
    for note in notes:
        first = re.split(r"[\s:]", note.casefold(), maxsplit=1)[0]
        found = _STATED.search(note) or (_NOTE_BASE.match(note) if first in words.base else None)
        if found:
            return _whole(found["base"])
    return None


def _whole(text: str) -> int | None:
    digits = re.sub(r"\D", "", text)
    return int(digits) if digits and int(digits) > 0 else None
