"""Expected counts of a crosstab: what each cell would hold if all columns were alike.

``row sum × column sum / n`` over the options of the question and the categories of one column
variable, which is what Pearson's chi-square compares with (SPSS prints it as "Expected Count",
R gives it as ``chisq.test(x)$expected``). Respondents without a value of the column variable are
no part of it, also where the margin printed beside the columns counts them
(`evaluation.tables.spec.Margin`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from evaluation.tables.table import Cell, Table

EXPECTING = (RowKind.OPTION, RowKind.NET, RowKind.TOTAL)


def with_expected(table: Table, exclusive: Collection[str]) -> Table:
    """Return a crosstab with expected counts in its options, nets and totals.

    Parameters
    ----------
    table
        Counted. One-way tables and multiple answers, whose rows do not
        exclude each other, come back as they are.
    exclusive
        Column variables whose categories exclude each other; the others get
        no expected counts.

    Returns
    -------
    Table
        Weighted counts are used where the table is weighted. A margin's
        expected count is its own count: there nothing else could be.
    """
    if not exclusive or table.is_multiple:
        return table
    lines = [list(line) for line in table.cells]
    for variable in dict.fromkeys(row.variable for row in table.rows):
        rows = [i for i, row in enumerate(table.rows) if row.variable == variable]
        options = [i for i in rows if table.rows[i].kind is RowKind.OPTION]
        for by in exclusive:
            own = [j for j, c in enumerate(table.columns) if c.variable == by and c.code != TOTAL]
            sums = {j: sum(table.cells[i][j].wn for i in options) for j in own}
            for i in rows:
                if table.rows[i].kind in EXPECTING:
                    _fill(lines[i], sums)
    for line, row in zip(lines, table.rows, strict=True):
        if row.kind in EXPECTING:
            _fill_margins(line, table, exclusive)
    return replace(table, cells=tuple(tuple(line) for line in lines))


def _fill(line: list[Cell], sums: dict[int, float]) -> None:
    """Put the expected counts of one row into the columns of one variable."""
    whole = sum(sums.values())
    if not whole:
        return
    row_sum = sum(line[j].wn for j in sums)
    for j, column_sum in sums.items():
        line[j] = replace(line[j], expected=row_sum * column_sum / whole)


def _fill_margins(line: list[Cell], table: Table, exclusive: Collection[str]) -> None:
    for j, column in enumerate(table.columns):
        if column.code == TOTAL and column.variable in exclusive:
            line[j] = replace(line[j], expected=line[j].wn)
