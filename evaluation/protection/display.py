"""Percents as print shows them: decided by integers where the counts are unweighted.

Only percents that the gate lets through may be asked for; see ``protect``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.rounding import percent, percents_sum100, round_half_up
from evaluation.tables.spec import Percents, Rounding

if TYPE_CHECKING:
    from collections.abc import Collection

    from evaluation.tables.table import Cell, Table

Shown = list[list[Decimal | None]]


def displayed_percents(table: Table, hidden: Collection[tuple[int, int]] = ()) -> Shown:
    """Return the percent of every cell, rounded as the table's spec says.

    Parameters
    ----------
    table
        Any table. Unweighted percents come from the integers ``n`` and
        ``base_n``; weighted ones from the unrounded percent. ``sum100`` holds
        for unweighted column percents of single answers, where the options of
        a variable exhaust the base; elsewhere rounding is plain.
    hidden
        (row, column) of hidden counts. Where an option is hidden its column is
        rounded plainly: the largest remainders would speak of it.

    Returns
    -------
    list of lists
        Rows × columns as in the table; None where a cell has no percent (kinds
        of missing, base 0).
    """
    shown: Shown = [[_plain(cell, table) for cell in row] for row in table.cells]
    spec = table.spec
    may_sum = spec.rounding is Rounding.SUM100 and spec.percents is Percents.COLUMN
    if may_sum and not table.is_multiple and not spec.weight:
        for rows in _rows_by_variable(table).values():
            for column in range(len(table.columns)):
                if not any((i, column) in hidden for i in rows):
                    _sum_to_100(table, rows, column, shown)
    return shown


def _plain(cell: Cell, table: Table) -> Decimal | None:
    if cell.percent is None:
        return None
    if table.spec.weight:
        return round_half_up(cell.percent, table.spec.decimals)
    return percent(cell.n, cell.base_n, table.spec.decimals)


def _rows_by_variable(table: Table) -> dict[str, list[int]]:
    """Row positions per question or grid item, in table order."""
    rows: dict[str, list[int]] = {}
    for i, row in enumerate(table.rows):
        rows.setdefault(row.variable, []).append(i)
    return rows


def _sum_to_100(table: Table, rows: list[int], column: int, shown: Shown) -> None:
    """Put largest-remainder percents into one column of one variable's rows."""
    options = [i for i in rows if table.rows[i].kind is RowKind.OPTION]
    counts = [table.cells[i][column].n for i in options]
    percents = percents_sum100(counts, table.spec.decimals)
    if percents is None or sum(counts) != table.cells[options[0]][column].base_n:
        return
    for i, value in zip(options, percents, strict=True):
        shown[i][column] = value
    for i in rows:
        if table.rows[i].code == TOTAL:
            shown[i][column] = Decimal(100).quantize(Decimal(1).scaleb(-table.spec.decimals))
