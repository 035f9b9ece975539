"""A few rows that show a tool what a file is like: the top, and all answers not met before."""

from __future__ import annotations

import numpy as np

from evaluation.loading.grid import MAX_SAMPLED, Grid, GridColumn

TOP_ROWS = 1_000
"""Rows at the top that are all kept: heads, and what is compared with them."""
HEAD_ROWS = 50
"""Rows among which the head stands; a text there may be met again as an answer."""


class Sketch:
    """Grows with the rows of a sheet.

    Tools judge a column by its first `MAX_SAMPLED` different texts
    (``GridColumn.used``): as many are kept, in the order of the sheet.
    """

    def __init__(self) -> None:
        self._kept: list[Grid] = []
        self._met: list[set[str]] = []
        self._n = 0

    def add(self, grid: Grid) -> None:
        """Take note of further rows."""
        keep = np.zeros(grid.n_rows, dtype=bool)
        keep[: max(0, TOP_ROWS - self._n)] = True
        begin = max(0, HEAD_ROWS - self._n)
        while len(self._met) < grid.n_columns:
            self._met.append(set())
        for column, met in zip(grid.columns, self._met, strict=False):
            keep[_new_rows(column, met, begin)] = True
        self._n += grid.n_rows
        rows = np.flatnonzero(keep)
        if len(rows):
            columns = tuple(GridColumn(c.values, c.index[rows]) for c in grid.columns)
            self._kept.append(_compact(Grid("", columns, len(rows))))

    def grid(self) -> Grid:
        """Return the rows that were kept, as a sheet."""
        width = len(self._met)
        columns = tuple(
            _joined([_column(grid, position) for grid in self._kept]) for position in range(width)
        )
        return Grid("", columns, sum(grid.n_rows for grid in self._kept))


def _new_rows(column: GridColumn, met: set[str], begin: int) -> list[int]:
    """Return the first row of each text that was not met before, while there is room."""
    if len(met) >= MAX_SAMPLED:
        return []
    unmet = np.array([text not in met for text in column.values] or [False])
    candidates = np.flatnonzero(unmet[column.index[begin:]]) + begin
    rows: list[int] = []
    for row in candidates.tolist() if len(candidates) else ():
        text = column.values[column.index[row]]
        if text not in met:
            met.add(text)
            rows.append(row)
            if len(met) >= MAX_SAMPLED or len(rows) >= int(unmet.sum()):
                break
    return rows


def _compact(grid: Grid) -> Grid:
    """Keep the texts that are there only."""
    return Grid("", tuple(_joined([column]) for column in grid.columns), grid.n_rows)


def _column(grid: Grid, position: int) -> GridColumn:
    if position < grid.n_columns:
        return grid.columns[position]
    return GridColumn(("",), np.zeros(grid.n_rows, dtype=np.int32))


def _joined(parts: list[GridColumn]) -> GridColumn:
    """Put columns below each other, texts in order of first appearance."""
    codes: dict[str, int] = {}
    pieces = [
        np.fromiter((codes.setdefault(t, len(codes)) for t in part.texts()), np.int32)
        for part in parts
    ]
    return GridColumn(tuple(codes), np.concatenate([np.empty(0, np.int32), *pieces]))
