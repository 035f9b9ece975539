"""Words that the text of a report puts to a figure: "drygt en femtedel (17 personer)"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.published.lift.items import Kind
from evaluation.published.schema import PrintedPhrase
from evaluation.published.strings import read_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evaluation.published.lift.items import Item
    from evaluation.published.lift.shape import LiftedTable
    from evaluation.published.lift.tables import FoundTable
    from evaluation.texts import Phrase

REACH = 100
"""Characters back from a figure in which its words are looked for."""
BEFORE, AFTER = 60, 40
"""Lines: a text is about a table that begins so many lines below, or ended so many above."""
_FIGURE = re.compile(
    r"\((?:n\s*=\s*)?(?P<number>\d{1,3}(?:[\u00a0 ]\d{3})*(?:,\d+)?)\s*"
    r"(?P<unit>%|procent|[^\W\d_]+)?(?:\s[^\W\d_]+)?\)"
)
_MAX_PHRASES = 500


def lift_phrases(
    items: Sequence[Item],
    found: Sequence[FoundTable],
    tables: Sequence[LiftedTable],
    catalogue: Sequence[Phrase],
) -> tuple[PrintedPhrase, ...]:
    """Find words of the catalogue that are followed by a figure in parentheses.

    A percent stands for itself. A count is looked for in the nearest table
    that has it; where no table near by has it the phrase is left out.

    Parameters
    ----------
    items
        All items.
    found, tables
        The tables as found, and as drafted.
    catalogue
        Phrases for shares.
    """
    pattern = _pattern(catalogue)
    if pattern is None:
        return ()
    text, starts = _running_text(items, found)
    made: list[PrintedPhrase] = []
    for offset, said, whole, figure in _matches(pattern, text):
        place = _Place(_item_at(starts, offset), f"fras-{len(made) + 1}")
        phrase = _phrase(place, said, whole, figure, found, tables)
        if phrase is not None:
            made.append(phrase)
        if len(made) >= _MAX_PHRASES:
            break
    return tuple(made)


def _pattern(catalogue: Sequence[Phrase]) -> re.Pattern[str] | None:
    """Match any phrase of the catalogue, longest first."""
    texts = sorted({p.text for p in catalogue}, key=len, reverse=True)
    if not texts:
        return None
    words = "|".join(re.escape(t).replace(r"\ ", r"\s+") for t in texts)
    return re.compile(rf"\b(?P<words>{words})\b", re.IGNORECASE)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str, str, re.Match[str]]]:
    """Return (offset, the words, all the text, the figure) of each figure that has words.

    The words are the last ones of the catalogue before it, in its own sentence.
    """
    for figure in _FIGURE.finditer(text):
        low = max(0, figure.start() - REACH)
        before = text[low : figure.start()]
        sentence = max(before.rfind(mark) for mark in ".()?!") + 1
        found = list(pattern.finditer(before, sentence))
        if found:
            last = found[-1]
            whole = " ".join(text[low + last.start() : figure.end()].split())
            words = " ".join(last["words"].split()).casefold()
            yield low + last.start(), words, whole, figure


def _running_text(
    items: Sequence[Item], found: Sequence[FoundTable]
) -> tuple[str, list[tuple[int, int]]]:
    """Return the text outside tables as one, with (offset, item) where each line begins."""
    inside = {i for t in found for i in range(t.start, t.end + 1)}
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    length = 0
    for at, item in enumerate(items):
        if at in inside or item.kind in (Kind.CAPTION, Kind.SECTION):
            continue
        starts.append((length, at))
        # A word divided at a line's end is made whole; all other ends are blanks.
        line = item.text
        line = line[:-1] if line.endswith("-") else f"{line} "
        parts.append(line)
        length += len(line)
    return "".join(parts), starts


def _item_at(starts: Sequence[tuple[int, int]], offset: int) -> int:
    low, high = 0, len(starts)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if starts[middle][0] <= offset else (low, middle)
    return starts[low][1]


@dataclass(frozen=True, slots=True)
class _Place:
    """Item that a phrase stands in, and the id that it gets."""

    at: int
    id: str


def _phrase(
    phrase: _Place,
    words: str,
    text: str,
    figure: re.Match[str],
    found: Sequence[FoundTable],
    tables: Sequence[LiftedTable],
) -> PrintedPhrase | None:
    if (figure["unit"] or "").casefold() in ("%", "procent"):
        percent = f"{figure['number']} %"
        return PrintedPhrase(id=phrase.id, phrase=text, words=words, percent=percent)
    count = read_number(figure["number"])
    if count is None or count.decimals:
        return None
    place = _nearest(phrase.at, int(count.value), found, tables)
    if place is None:
        return None
    table, row, is_sure = place
    return PrintedPhrase(
        id=phrase.id,
        table=table.table.id,
        phrase=text,
        words=words,
        row=row,
        n=figure["number"],
        note=None if is_sure else "?",
    )


def _nearest(
    at: int, count: int, found: Sequence[FoundTable], tables: Sequence[LiftedTable]
) -> tuple[LiftedTable, str, bool] | None:
    """Return the nearest table with a row of that count: (table, row, it is the only one)."""
    near = []
    for place, table in zip(found, tables, strict=True):
        distance = place.start - at if place.start >= at else AFTER + at - place.end
        if 0 <= distance <= (BEFORE if place.start >= at else 2 * AFTER):
            near.append((distance, place.start, table))
    for _, _, table in sorted(near, key=lambda entry: entry[:2]):
        rows = [
            row.label
            for row in table.table.rows
            if not row.is_sum and row.n is not None and _is(row.n, count)
        ]
        if rows:
            return table, rows[0], len(rows) == 1
    return None


def _is(text: str, count: int) -> bool:
    number = read_number(text)
    return number is not None and number.value == count
