"""What each line of a report may be to a table: figures, a head, a caption, or text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from evaluation.published.lift.tokens import Trail, read_blank, read_trail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.lift.lines import Line, Source
    from evaluation.published.words import Words

MAX_STUB = 4
"""Words of the stub's head before known heads; more are the end of a question."""
_SECTION = re.compile(r"^\s*(?P<number>\d{1,2}(?:\.\d{1,2})+)\.?\s+\S")
_OPEN_END = re.compile(r"[-\u2013,/(=:]$|\bn\s*=$")
_SENTENCE = re.compile(r"[.?!]\s+[A-ZÅÄÖ]")


class Kind(StrEnum):
    """What a line may be."""

    ROW = "row"
    HEAD = "head"
    CAPTION = "caption"
    FIGURE = "figure"
    SECTION = "section"
    BLANK = "blank"
    """A sign for an empty cell, alone on its line."""
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Item:
    """A line with what it may be.

    Attributes
    ----------
    line
        Where it stands.
    kind
        What it may be.
    trail
        Its label and figures, for a row.
    heads
        Known heads that end it, for a head.
    rest
        What stands before those, for a head; the section's number.
    """

    line: Line
    kind: Kind
    trail: Trail | None = None
    heads: tuple[str, ...] = ()
    rest: str = ""

    @property
    def text(self) -> str:
        """The line with single blanks."""
        return self.line.words


def read_items(source: Source, words: Words) -> list[Item]:
    """Return an item for each line that is not blank."""
    items: list[Item] = []
    for line in source.lines:
        if line.text.strip():
            previous = items[-1].text if items else ""
            items.append(_item(line, previous, words))
    return _without_lists(items)


def _without_lists(items: list[Item]) -> list[Item]:
    """Take captions in a list of tables, each with its page, for text."""
    marked = [
        item.kind in (Kind.CAPTION, Kind.FIGURE) and item.text[-1:].isdigit() for item in items
    ]
    beside = [
        is_marked and any(marked[max(0, i - 1) : i] + marked[i + 1 : i + 2])
        for i, is_marked in enumerate(marked)
    ]
    return [
        replace(item, kind=Kind.TEXT) if is_listed else item
        for item, is_listed in zip(items, beside, strict=True)
    ]


def _item(line: Line, previous: str, words: Words) -> Item:
    text = line.words
    marked = _marked(text, words)
    if marked is not None:
        return Item(line, marked)
    heads, rest = words.trailing_heads(text)
    trail = read_trail(line.text)
    if trail is not None and trail.is_years and len(trail.label.split()) <= MAX_STUB:
        years = tuple(p.text for p in trail.pieces)
        return Item(line, Kind.HEAD, heads=years, rest=trail.label)
    if trail is not None and not previous.endswith("="):
        return Item(line, Kind.ROW, trail)
    blank = read_blank(line.text)
    if blank is not None:
        return Item(line, Kind.BLANK, blank)
    section = _SECTION.match(text)
    if section:
        return Item(line, Kind.SECTION, rest=section["number"])
    if _is_head(heads, rest):
        return Item(line, Kind.HEAD, heads=tuple(heads), rest=rest)
    return Item(line, Kind.TEXT)


def _marked(text: str, words: Words) -> Kind | None:
    """Tell whether a line begins with a word for a table or figure, and its number or colon."""
    found = re.match(
        r"(?P<word>[^\W\d_]+)\s*(?P<number>[A-Z]?\d+(?:[.:]\d+)*[a-z]?)?\s*(?P<mark>[.:\u2013-])?",
        text,
    )
    if found is None or not (found["number"] or found["mark"]):
        return None
    if not text[0].isupper():
        return None
    word = found["word"].casefold()
    if word in words.caption:
        return Kind.CAPTION
    return Kind.FIGURE if word in words.figure else None


def _is_head(heads: Sequence[str], rest: str) -> bool:
    """Known heads end the line, and what stands before them is no running text."""
    if not heads or _SENTENCE.search(rest) or rest.endswith("."):
        return False
    if len(heads) > 1 or not rest:
        return True
    return len(rest.split()) <= MAX_STUB and rest[:1].isupper()


# --- lines that belong together ------------------------------------------------


def is_open(text: str, words: Words) -> bool:
    """Tell whether a line cannot be the end of what it says: hyphen, comma, preposition."""
    text = text.strip()
    if not text:
        return False
    if _OPEN_END.search(text) or text.count("(") > text.count(")"):
        return True
    last = text.rsplit(" ", 1)[-1]
    return last.casefold() in words.open and last.islower()


def starts_inside(text: str) -> bool:
    """Tell whether a line can only go on from the one before it."""
    first = text.lstrip()[:1]
    return first.islower() or first in ("(", ")", "/", ",", "%", "=", "\u2013")


def continues(previous: str, text: str, words: Words) -> bool:
    """Tell whether a line goes on from the one before it."""
    return is_open(previous, words) or starts_inside(text)


def join(parts: Sequence[str], words: Words) -> str:
    """Put lines together to one text; a word divided at a line's end is made whole.

    The hyphen stays where "och" or a like word follows ("barn- och unga"), or
    where the next line begins with a capital.
    """
    joined = ""
    for part in (p.strip() for p in parts):
        if not part:
            continue
        if joined.endswith("-") and len(joined) > 1 and joined[-2].isalpha():
            first = part.split(maxsplit=1)[0]
            is_divided = part[0].islower() and first.casefold() not in words.open
            joined = joined[:-1] + part if is_divided else _after_hyphen(joined, part, words)
        elif joined.endswith("/"):
            joined += part
        else:
            joined = f"{joined} {part}" if joined else part
    return joined


def _after_hyphen(joined: str, part: str, words: Words) -> str:
    first = part.split(maxsplit=1)[0].casefold()
    return f"{joined} {part}" if first in words.open else joined + part
