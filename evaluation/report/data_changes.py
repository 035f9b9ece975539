"""Changes in tables of study data: from row to row, or from the first column to the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.report.cells import cell_number, is_marked, is_symbol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

Line = tuple[str, ...]

IMPOSSIBLE = "."
"""Stands where a change cannot exist, since nothing goes before."""


def with_row_changes(
    header: Line, lines: Sequence[Line], measured: Collection[int], head: str
) -> tuple[Line, list[Line]]:
    """Put beside each measured column how much it has changed from the row above.

    Parameters
    ----------
    header, lines
        The table, row heads first.
    measured
        Positions of the columns of figures.
    head
        Head of a column of changes; where several columns are measured it
        follows the name of its own.

    Returns
    -------
    tuple
        Header and lines. The first row, and one that follows a heading or
        a sum, has no change; a sum row has none either.
    """
    is_only = len(measured) == 1
    named = {p: (head if is_only else f"{header[p]}: {head}",) for p in measured}
    made = []
    above: Line | None = None
    for line in lines:
        marked = is_marked(line[0])
        changes = {p: "" if marked else _since(above, line, p) for p in measured}
        made.append(_beside(line, {p: (text,) for p, text in changes.items()}))
        above = None if marked else line
    return _beside(header, named), made


def changes_across(cells: Sequence[str], measures: int, has_total: bool) -> list[str]:
    """Return the change from the first column to the last, of each measure.

    Parameters
    ----------
    cells
        One row of a crosstab without its head: column by column, in each the
        measures in order.
    measures
        Figures per column.
    has_total
        The last column is a sum and takes no part.
    """
    end = len(cells) - (measures if has_total else 0)
    return [change(cells[i], cells[end - measures + i]) for i in range(measures)]


def change(before: str, after: str) -> str:
    """Return the difference of two cells, or the symbol of the one that holds no figure."""
    first, second = cell_number(before), cell_number(after)
    if first is not None and second is not None:
        return f"{second - first:f}"
    return next((cell for cell in (after, before) if is_symbol(cell)), "")


def _since(above: Line | None, line: Line, place: int) -> str:
    return IMPOSSIBLE if above is None else change(above[place], line[place])


def _beside(line: Line, added: Mapping[int, Line]) -> Line:
    """Return a line with cells added after those at the given positions."""
    return tuple(cell for i, own in enumerate(line) for cell in (own, *added.get(i, ())))
