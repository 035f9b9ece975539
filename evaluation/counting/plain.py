"""One histogram per table (`numpy.bincount`): the kernel for small data, and the yardstick.

A variable has *positions*: its categories, then the three kinds of missing. A
single answer takes exactly one, a multiple answer as many as options were
chosen. Listing the positions taken turns every table into a histogram.

All tables lie one behind the other in one row of cells, each with a last line for
all who answered its row question. So one call of `numpy.bincount` counts many
tables: with few respondents it is the number of calls that costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np

from evaluation.coding.data import Categorical
from evaluation.counting.chunks import Sums
from evaluation.counting.spec import N_MISSING
from evaluation.counting.weights import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from evaluation.coding.data import MultiResponse
    from evaluation.counting.chunks import Chunk, Countable, Pair
    from evaluation.counting.weights import Scaled

    Ints = NDArray[np.intp]

AT_ONCE = 1 << 12
"""Positions counted in one call: few enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Positions:
    """The positions that respondents take in one variable.

    Attributes
    ----------
    size
        Categories + 3; 1 for the single column of a one-way table.
    where
        1-D intp: positions taken.
    who
        1-D intp, like ``where``: the respondent; None where every respondent
        takes exactly one position, in order.
    answered
        1-D intp: the respondents of a multiple answer who answered it.
    """

    size: int
    where: Ints
    who: Ints | None = None
    answered: Ints | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    """A pair of variables, and where its cells begin."""

    row: Positions
    column: Positions
    start: int

    @property
    def stop(self) -> int:
        return self.start + (self.row.size + 1) * self.column.size

    @property
    def kind(self) -> int:
        """How many of the two are multiple answers."""
        return (self.row.who is not None) + (self.column.who is not None)


def positions(variable: Countable) -> Positions:
    """List the positions taken in a variable."""
    n_categories = len(variable.categories)
    size = n_categories + N_MISSING
    if isinstance(variable, Categorical):
        # The kinds -1, -2 and -3 lie at the end, counted from there as Python counts.
        place = np.arange(size)
        place[n_categories:] = place[n_categories:][::-1]
        return Positions(size, place[variable.codes])
    return _positions_of_options(variable, n_categories)


def _positions_of_options(variable: MultiResponse, n_categories: int) -> Positions:
    chosen = np.flatnonzero(np.ascontiguousarray(variable.selected != 0))
    who = chosen // max(n_categories, 1)
    missing = np.flatnonzero(variable.state < 0)
    kinds = n_categories - 1 - variable.state[missing].astype(np.intp)
    return Positions(
        n_categories + N_MISSING,
        np.concatenate([chosen - who * n_categories, kinds]),
        np.concatenate([who, missing]),
        np.flatnonzero(variable.state >= 0),
    )


class PlainKernel:
    """Counts all pairs; variables and weights are prepared once per chunk."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pairs = pairs
        self._tables: list[_Table] = []
        self._cells: NDArray[np.int64] | None = None

    def add(self, chunk: Chunk) -> None:
        """Count some respondents more."""
        made = {name: positions(variable) for name, variable in chunk.variables.items()}
        made[""] = Positions(1, np.zeros(chunk.n, np.intp))
        self._tables = _lay_out([(made[row], made[column]) for row, column in self._pairs])
        factors: list[NDArray[np.float64] | None] = [None]
        if chunk.weights is not None and chunk.squares is not None:
            factors += [*chunk.weights.parts.astype(np.float64)]
            factors += [*chunk.squares.parts.astype(np.float64)]
        found = _count(self._tables, chunk.n, factors)
        self._cells = found if self._cells is None else self._cells + found

    def tables(self, weights: Scaled | None) -> list[Sums]:
        """Return the tables of all respondents so far, one per pair."""
        if self._cells is None:
            return []
        wn = w2 = None
        if weights is not None:
            wn = value_of(self._cells[1:3], weights.exponent)
            w2 = value_of(self._cells[3:5], weights.square_exponent)
        found = []
        for table in self._tables:
            cells, width = slice(table.start, table.stop), table.column.size
            n = self._cells[0, cells].reshape(-1, width)
            if wn is None or w2 is None:
                found.append(Sums(n, None, None))
            else:
                last = slice(table.stop - width, table.stop)
                found.append(Sums(n, wn[cells].reshape(-1, width), w2[last]))
        return found


def _lay_out(pairs: Sequence[tuple[Positions, Positions]]) -> list[_Table]:
    """Give each table its place among the cells, those of one kind together."""
    order = sorted(range(len(pairs)), key=lambda i: _Table(*pairs[i], 0).kind)
    found: list[_Table | None] = [None] * len(pairs)
    start = 0
    for i in order:
        table = _Table(*pairs[i], start)
        found[i], start = table, table.stop
    return cast("list[_Table]", found)


def _count(
    tables: Sequence[_Table], n: int, factors: Sequence[NDArray[np.float64] | None]
) -> NDArray[np.int64]:
    """Return the cells of all tables, a row per factor: what each respondent adds, None for 1.

    Factors are whole numbers, so that the sums are exact in whatever order.
    """
    cells = np.empty((len(factors), max((t.stop for t in tables), default=0)))
    kinds: tuple[list[_Table], ...] = ([], [], [])
    for table in sorted(tables, key=lambda table: table.start):
        kinds[table.kind].append(table)
    together = max(AT_ONCE // max(n, 1), 1)
    repeated = [f if f is None else np.tile(f, together) for f in factors]
    for batch in _batches(kinds[0], together):
        by_table = np.concatenate([table.row.where for table in batch]).reshape(len(batch), n)
        by_table *= np.array([[table.column.size] for table in batch])
        by_table += np.array([[table.start - batch[0].start] for table in batch])
        keys = by_table.ravel() + np.concatenate([table.column.where for table in batch])
        mine = [f if f is None else f[: keys.size] for f in repeated]
        _fill(cells, batch, keys, mine)
    for batch in _batches(kinds[1], max(AT_ONCE // max(4 * n, 1), 1)):
        parts = [_keys_of_options(table, batch[0].start) for table in batch]
        who = np.concatenate([who for _, who in parts])
        keys = np.concatenate([keys for keys, _ in parts])
        _fill(cells, batch, keys, [f if f is None else f[who] for f in factors])
    for table in kinds[2]:
        _fill_product(cells, table, n, factors)
    whole = cells.astype(np.int64)
    for table in (*kinds[0], *kinds[1]):
        if table.row.who is None:
            block = whole[:, table.start : table.stop].reshape(len(factors), -1, table.column.size)
            block[:, : -N_MISSING - 1].sum(axis=1, out=block[:, -1])
    return whole


def _batches(tables: Sequence[_Table], size: int) -> Iterator[Sequence[_Table]]:
    edges = [*range(0, len(tables), size), len(tables)]
    return (tables[a:b] for a, b in pairwise(edges))


def _fill(
    cells: NDArray[np.float64],
    batch: Sequence[_Table],
    keys: Ints,
    factors: Sequence[NDArray[np.float64] | None],
) -> None:
    """Write the histograms of neighbouring tables."""
    start, stop = batch[0].start, batch[-1].stop
    for row, factor in zip(cells, factors, strict=True):
        row[start:stop] = np.bincount(keys, factor, minlength=stop - start)


def _keys_of_options(table: _Table, first: int) -> tuple[Ints, Ints]:
    """Return the cells taken, and by whom, where one of the variables is a multiple answer."""
    row, column, start = table.row, table.column, table.start - first
    if column.who is not None:
        return row.where[column.who] * column.size + column.where + start, column.who
    who, answered = cast("Ints", row.who), cast("Ints", row.answered)
    taken = row.where * column.size + column.where[who]
    base = row.size * column.size + column.where[answered]
    return np.concatenate([taken, base]) + start, np.concatenate([who, answered])


def _fill_product(
    cells: NDArray[np.float64],
    table: _Table,
    n: int,
    factors: Sequence[NDArray[np.float64] | None],
) -> None:
    """Two multiple answers: a matrix product of indicators."""
    left, right = (np.zeros((n, part.size + 1)) for part in (table.row, table.column))
    left[table.row.who, table.row.where] = 1.0
    left[table.row.answered, -1] = 1.0
    right[table.column.who, table.column.where] = 1.0
    for row, factor in zip(cells, factors, strict=True):
        met = right[:, :-1] if factor is None else right[:, :-1] * factor[:, None]
        row[table.start : table.stop] = (left.T @ met).ravel()
