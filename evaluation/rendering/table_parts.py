"""Tables with more columns than a page holds, set as several below each other.

A crosstab of a grid by units soon has forty columns. Squeezed onto one page its
figures run into each other; divided, every part has the same row heads and as many
groups of columns as there is room for.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from evaluation.rendering.charts.fonts import MEASURED_FONT
from evaluation.rendering.table_grid import (
    LANDSCAPE_WIDTH,
    SIZES,
    TEXT_WIDTH,
    ColumnPlan,
    column_count,
    fitting_widths,
    place_heads,
    plan_columns,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evaluation.report.model import HeadCell, TableBlock

Part = tuple["TableBlock", ColumnPlan]
"""A table that fits the page, and how it is set."""


def readable_parts(
    table: TableBlock, *, font: str = MEASURED_FONT, may_turn: bool = True
) -> tuple[Part, ...]:
    """Divide a table that fits no page into the fewest parts that do.

    It is cut between groups of columns, within a group only where a group alone is
    too wide. The caption stays with the first part and the notes with the last. A
    table that fits, or whose single columns do not, is one part.

    Parameters
    ----------
    table
        The table.
    font
        Family that it is set in.
    may_turn
        Whether the page may be turned; not within a box or a list.
    """
    plan = plan_columns(table, font=font, may_turn=may_turn)
    if not plan.is_squeezed:
        return ((table, plan),)
    width = LANDSCAPE_WIDTH if plan.landscape else TEXT_WIDTH
    every = range(column_count(table) + 1)
    for places in (_between_groups(table), every):
        for cut in _divisions(table, places):
            for size in SIZES:
                fits = [fitting_widths(part, width, size, font=font) for part in cut]
                widths = [held for held in fits if held]
                if len(widths) == len(cut):
                    plans = (ColumnPlan(held, size, plan.landscape) for held in widths)
                    return tuple(zip(cut, plans, strict=True))
    return ((table, plan),)


def _between_groups(table: TableBlock) -> list[int]:
    """Return where a cut goes through no head, as the number of columns before it."""
    count = column_count(table)
    inside = {
        place
        for head in place_heads(table)
        for place in range(head.column, head.column + head.cell.span - 1)
    }
    return [place for place in range(count + 1) if place not in inside]


def _divisions(table: TableBlock, places: Sequence[int]) -> Iterator[list[TableBlock]]:
    """Yield the table in two parts, in three and so on, of as many groups each as can be."""
    groups = len(places) - 1
    seen = set()
    for parts in range(2, groups + 1):
        size = -(-groups // parts)
        if size not in seen:
            seen.add(size)
            edges = [*places[:-1:size], places[-1]]
            yield _cut(table, edges)


def _cut(table: TableBlock, edges: Sequence[int]) -> list[TableBlock]:
    last = len(edges) - 2
    parts = []
    for at, (start, stop) in enumerate(pairwise(edges)):
        rows = tuple(replace(row, cells=row.cells[start:stop]) for row in table.rows)
        part = replace(table, head=_head(table, start, stop), rows=rows)
        if at > 0:
            part = replace(part, caption="", label="", caption_note=0)
        if at < last:
            part = replace(part, notes=(), tests=())
        parts.append(part)
    return parts


def _head(table: TableBlock, start: int, stop: int) -> tuple[tuple[HeadCell, ...], ...]:
    """Return the heads over some columns; one that is cut stands over both parts."""
    rows: list[list[HeadCell]] = [[] for _ in table.head]
    for head in place_heads(table):
        first = max(head.column - 1, start)
        after = min(head.column - 1 + head.cell.span, stop)
        if first < after:
            rows[head.row].append(replace(head.cell, span=after - first))
    return tuple(tuple(row) for row in rows)
