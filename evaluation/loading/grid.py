"""A sheet as columns of dictionary-encoded texts, header rows and all.

Every reader (CSV, workbook, Parquet) ends in a `Grid`; every tool starts from
one. Distinct texts are kept once per column, in order of first appearance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.loading.celltext import cell_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

Texts = tuple[str, ...]
MAX_SAMPLED = 2_000
"""Different texts of a column that a tool judges it by."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column: distinct texts, and per row (1-D int32) the position of its text."""

    values: Texts
    index: NDArray[np.int32]

    def cell(self, row: int) -> str:
        """Return the text in a 0-based row of the grid."""
        return self.values[int(self.index[row])]

    def texts(self) -> list[str]:
        """Return the text of every row."""
        values = self.values
        return [values[i] for i in self.index.tolist()]

    def is_filled(self) -> NDArray[np.bool_]:
        """Tell, per row, whether the cell holds more than white space."""
        filled = np.array([bool(value.strip()) for value in self.values] or [False])
        return np.asarray(filled[self.index])

    def used(self, start: int, stop: int | None = None) -> list[int]:
        """Return the positions of the texts that stand in a range of rows, ascending.

        At most the first `MAX_SAMPLED`: what a column is, is told by far fewer.
        """
        found: list[int] = np.flatnonzero(np.bincount(self.index[start:stop])).tolist()
        return found[:MAX_SAMPLED]


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet.

    Attributes
    ----------
    name
        Name of the sheet; "" for a text file.
    columns
        Left to right, all of the same length.
    n_rows
        Rows, blank ones included.
    merged
        Merged ranges as (first row, first column, last row, last column), 0-based.
    """

    name: str
    columns: tuple[GridColumn, ...]
    n_rows: int
    merged: tuple[tuple[int, int, int, int], ...] = ()

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.columns)

    def row(self, row: int) -> Texts:
        """Return the texts of one 0-based row."""
        return tuple(column.cell(row) for column in self.columns)

    def rows(self, start: int, stop: int) -> list[Texts]:
        """Return the texts of a range of rows, clipped to the grid."""
        if not self.columns:
            return [() for _ in range(start, min(stop, self.n_rows))]
        texts = (
            [column.values[i] for i in column.index[start:stop].tolist()] for column in self.columns
        )
        return list(zip(*texts, strict=True))

    def filled_cells(self) -> NDArray[np.int16]:
        """Tell, per row, how many cells hold more than white space."""
        filled = np.zeros(self.n_rows, dtype=np.int16)
        for column in self.columns:
            filled += column.is_filled()
        return filled

    def is_blank_row(self) -> NDArray[np.bool_]:
        """Tell, per row, whether all its cells hold nothing but white space."""
        return np.asarray(self.filled_cells() == 0)


class ColumnEncoder:
    """Turn the cells of one column into codes, chunk by chunk."""

    def __init__(self) -> None:
        self._code_of_value: dict[object, int] = {}
        self._code_of_text: dict[str, int] = {}
        self._chunks: list[NDArray[np.int32]] = []

    def add(self, cells: Sequence[object]) -> None:
        """Append cells of any type that `cell_text` knows."""
        distinct = dict.fromkeys(cells)
        may_be_bool = 1 in distinct or 0 in distinct  # True equals 1.0 as a key
        if may_be_bool and bool in set(map(type, cells)):
            cells = [cell_text(c) if type(c) is bool else c for c in cells]
            distinct = dict.fromkeys(cells)
        known = self._code_of_value
        for value in distinct:
            if value not in known:
                text = cell_text(value)
                known[value] = self._code_of_text.setdefault(text, len(self._code_of_text))
        self._chunks.append(np.fromiter(map(known.__getitem__, cells), np.int32, len(cells)))

    def add_blank(self, n: int) -> None:
        """Append blank cells (a column that starts further down than others)."""
        if n:
            self.add([""] * n)

    def finish(self) -> GridColumn:
        """Return the column."""
        index = np.concatenate(self._chunks) if self._chunks else np.empty(0, np.int32)
        return GridColumn(tuple(self._code_of_text), index)


CHUNK_ROWS = 256
"""Rows encoded at a time: few enough to stay in the processor's cache while they are turned."""


def encode_rows(rows: Iterable[Sequence[object]]) -> tuple[GridColumn, ...]:
    """Encode rows of cells as columns; shorter rows are filled with blanks on the right."""
    encoders: list[ColumnEncoder] = []
    n_done = 0
    for chunk in _chunked(rows):
        width = max(map(len, chunk))
        while len(encoders) < width:
            encoder = ColumnEncoder()
            encoder.add_blank(n_done)
            encoders.append(encoder)
        full = len(encoders)
        padded = [r if len(r) == full else [*r, *[""] * (full - len(r))] for r in chunk]
        for encoder, cells in zip(encoders, zip(*padded, strict=True), strict=True):
            encoder.add(cells)
        n_done += len(chunk)
    return tuple(encoder.finish() for encoder in encoders)


def _chunked(rows: Iterable[Sequence[object]]) -> Iterable[list[Sequence[object]]]:
    """Cut a stream of rows into lists of `CHUNK_ROWS`."""
    chunk: list[Sequence[object]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def take_rows(column: GridColumn, rows: NDArray[np.int64]) -> GridColumn:
    """Return the column with only these rows and only the texts that they hold."""
    return _compact(column.values, column.index[rows])


def map_texts(column: GridColumn, change: Callable[[str], str]) -> GridColumn:
    """Return the column with each distinct text replaced; equal results become one."""
    changed = [change(value) for value in column.values]
    if tuple(changed) == column.values:
        return column
    code_of: dict[str, int] = {}
    to_new = np.array([code_of.setdefault(v, len(code_of)) for v in changed], dtype=np.int32)
    return replace(column, values=tuple(code_of), index=to_new[column.index])


def _compact(values: Texts, index: NDArray[np.int32]) -> GridColumn:
    """Drop texts that do not occur and put the rest in order of first appearance."""
    if not len(index):
        return GridColumn((), index)
    first = np.full(len(values), -1, dtype=np.int64)
    first[index[::-1]] = np.arange(len(index) - 1, -1, -1)  # the last write is the first row
    present = np.flatnonzero(first >= 0)
    order = present[np.argsort(first[present], kind="stable")]
    to_new = np.zeros(len(values), dtype=np.int32)
    to_new[order] = np.arange(len(order), dtype=np.int32)
    return GridColumn(tuple(values[i] for i in order.tolist()), to_new[index])
