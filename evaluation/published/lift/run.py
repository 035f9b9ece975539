"""Lift every table of a report, and the phrases that say its figures in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evaluation.codebook.drafting.slugs import safe, unique
from evaluation.published.lift.items import Kind, read_items
from evaluation.published.lift.phrases import lift_phrases
from evaluation.published.lift.shape import LiftedTable, shape_table
from evaluation.published.lift.tables import find_tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.lift.items import Item
    from evaluation.published.lift.lines import Numbering, Source
    from evaluation.published.lift.tables import FoundTable
    from evaluation.published.schema import PrintedPhrase
    from evaluation.published.words import Words
    from evaluation.texts import Phrase

MAX_ID = 48
FALLBACK_ID = "table"
_FOOTNOTE = re.compile(r"^(?P<mark>\d{1,3})\s+[A-ZÅÄÖ”\"(]")


@dataclass(frozen=True, slots=True)
class Lifted:
    """What was found in a report.

    Attributes
    ----------
    tables
        In order.
    phrases
        Words that the text puts to figures of the tables.
    numbering
        How the pages are known.
    """

    tables: tuple[LiftedTable, ...]
    phrases: tuple[PrintedPhrase, ...]
    numbering: Numbering

    @property
    def cells(self) -> int:
        """Number of figures."""
        return sum(_cells(t) for t in self.tables)


def _cells(lifted: LiftedTable) -> int:
    count = 0
    for row in lifted.table.rows:
        count += (row.n is not None) + (row.percent is not None)
        for content in row.cells.values():
            inner = content.values() if isinstance(content, dict) else [content]
            count += sum(text is not None for text in inner)
    return count


def lift(source: Source, words: Words, catalogue: Sequence[Phrase] = ()) -> Lifted:
    """Find the tables of a report by general rules.

    Parameters
    ----------
    source
        The report's lines.
    words
        What captions, heads and totals are called.
    catalogue
        Phrases for shares, to be found in the text with their figure.
    """
    items = read_items(source, words)
    found = find_tables(source, items, words)
    footnotes = _footnotes(items)
    taken: set[str] = set()
    tables = []
    for table in found:
        table_id = unique(_id(table, words), taken)
        taken.add(table_id)
        tables.append(shape_table(table, table_id, footnotes, words))
    phrases = lift_phrases(items, found, tables, catalogue)
    return Lifted(tuple(tables), phrases, source.numbering)


def _footnotes(items: Sequence[Item]) -> frozenset[str]:
    """Return the numbers that lines of footnotes begin with."""
    marks = (_FOOTNOTE.match(i.text) for i in items if i.kind is not Kind.CAPTION)
    return frozenset(m["mark"] for m in marks if m)


def _id(table: FoundTable, words: Words) -> str:
    """Return an id: word and number of the caption, else the words of the question."""
    text = table.caption.text if table.caption else ""
    numbered = re.match(r"(?P<word>\w+)\s*(?P<number>[A-Z]?\d+(?:[.:]\d+)*[a-z]?)", text)
    if numbered and numbered["word"].casefold() in words.caption:
        number = re.sub(r"[.:]", "-", numbered["number"])
        return f"{numbered['word'].casefold()}-{number.casefold()}"
    name = safe(text)[:MAX_ID] if text else FALLBACK_ID
    return name.strip("-_").replace("_", "-")
