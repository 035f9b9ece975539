"""A table as found, in the form of ``published.yaml``: columns named, kind and base told."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from evaluation.published.lift.captions import stated_base
from evaluation.published.lift.cells import PlacedRow, place_rows
from evaluation.published.lift.content import Content
from evaluation.published.lift.heads import take_base
from evaluation.published.lift.pairs import split_pairs
from evaluation.published.lift.tables import Doubt
from evaluation.published.schema import PrintedTable
from evaluation.published.strings import read_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.published.lift.tables import FoundTable
    from evaluation.published.words import Words

_FOOTNOTE = re.compile(r"(?P<word>[^\W\d_]{3,}[).?]?)(?P<mark>\d{1,3})$")


@dataclass(frozen=True, slots=True)
class LiftedTable:
    """A drafted table.

    Attributes
    ----------
    table
        In the form of ``published.yaml``.
    doubts
        About the table.
    row_doubts
        About each row, in order.
    first, last
        Lines.
    """

    table: PrintedTable
    doubts: tuple[Doubt, ...]
    row_doubts: tuple[tuple[Doubt, ...], ...]
    first: int
    last: int


def shape_table(
    found: FoundTable, table_id: str, footnotes: frozenset[str], words: Words
) -> LiftedTable:
    """Return a found table in the form of ``published.yaml``.

    Parameters
    ----------
    found
        As found in the text.
    table_id
        Its id.
    footnotes
        Numbers that footnotes of the report begin with: marks to take off labels.
    words
        What totals, counts and percents are called.
    """
    doubts = list(found.doubts)
    columns, bases, more = _columns(found)
    doubts += more
    total_at = next((i for i, c in enumerate(columns) if words.is_total(c)), None)
    rows = place_rows(found.rows, found.width, total_at, found.at)
    rows = [_without_mark(row, footnotes) for row in rows]
    columns, moved = _moved_total(columns, rows, words)
    doubts += moved
    caption = _caption_text(found, footnotes)
    columns, rows = split_pairs(columns, rows, caption, words)
    stated = stated_base(caption, found.notes, words)
    drafted = Content(found, columns, rows, caption, stated, words)
    content, row_doubts, more = drafted.fields()
    doubts += more
    if found.caption is None:
        doubts.append(Doubt("caption_missing"))
    is_marked = found.caption is not None and found.caption.is_marked
    table = PrintedTable(
        id=table_id,
        heading=found.section or None,
        head=None if is_marked else caption or None,
        caption=caption if is_marked else None,
        page=found.page or None,
        line=found.first,
        bases=bases,
        **content,
    )
    return LiftedTable(table, tuple(doubts), row_doubts, found.first, found.last)


# --- heads ---------------------------------------------------------------------


def _columns(found: FoundTable) -> tuple[list[str], dict[str, str], list[Doubt]]:
    """Return a name for each column, bases printed in heads, and doubts."""
    heads = found.heads
    if heads is None:
        return [str(i + 1) for i in range(found.width)], {}, [Doubt("no_head")]
    bases: dict[str, str] = {}
    named = []
    for head in heads.groups or heads.columns:
        name, base = take_base(head)
        named.append(name)
        if base:
            bases[name] = base
    doubts = [Doubt("head_guessed", (("text", heads.text),))] if heads.is_guess else []
    if heads.groups:
        return [f"{g}\n{s}" for g in named for s in heads.columns], bases, doubts
    return _unique(named), bases, doubts


def _unique(names: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return made


def _moved_total(
    columns: list[str], rows: Sequence[PlacedRow], words: Words
) -> tuple[list[str], list[Doubt]]:
    """Move the head of the total to the column whose counts are the largest in every row.

    Heads that span others are often torn from their place in a PDF's text.
    """
    named = [i for i, c in enumerate(columns) if words.is_total(c)]
    if len(named) != 1 or len(columns) < 3:
        return columns, []
    counted = [_counts(row.cells) for row in rows]
    full = [c for c in counted if c is not None]
    largest = [
        i
        for i in range(len(columns))
        if full and all(c[i] == max(c) and c[i] > max(c[:i] + c[i + 1 :]) for c in full)
    ]
    if len(full) < 2 or len(largest) != 1 or largest[0] == named[0]:
        return columns, []
    total = columns[named[0]]
    rest = [c for i, c in enumerate(columns) if i != named[0]]
    rest.insert(largest[0], total)
    return rest, [Doubt("head_moved", (("column", total),))]


def _counts(cells: Sequence[str | None]) -> list[int] | None:
    numbers = [read_number(c) if c else None for c in cells]
    if any(n is None or n.is_percent or n.decimals for n in numbers):
        return None
    return [int(n.value) for n in numbers if n is not None]


# --- texts ---------------------------------------------------------------------


def _without_mark(row: PlacedRow, footnotes: frozenset[str]) -> PlacedRow:
    """Take a footnote mark off a label: digits on a word, or a number at its end."""
    found = _FOOTNOTE.search(row.label)
    if found and found["mark"] in footnotes:
        return replace(row, label=row.label[: found.start("mark")])
    *rest, last = row.label.split() or [""]
    took = any(d.code == "extra_numbers" for d in row.doubts)
    if took and rest and last in footnotes:
        return replace(row, label=" ".join(rest))
    return row


def _caption_text(found: FoundTable, footnotes: frozenset[str]) -> str:
    text = found.caption.text if found.caption else ""
    mark = _FOOTNOTE.search(text)
    return text[: mark.start("mark")] if mark and mark["mark"] in footnotes else text
