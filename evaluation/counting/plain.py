"""One `numpy.bincount` per table: the kernel for small data, and the yardstick of the other.

A variable has *positions*: its categories, then the three kinds of missing. A
single answer takes exactly one, a multiple answer as many as options were
chosen. Listing the positions taken turns every table into a histogram.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical
from evaluation.counting.chunks import Sums
from evaluation.counting.spec import N_MISSING
from evaluation.counting.weights import value_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.counting.chunks import Chunk, Countable, Pair
    from evaluation.counting.weights import Scaled

    Factor = NDArray[np.float64] | None
    """What each respondent adds; None for 1. Whole numbers, so that sums are exact."""


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
        1-D bool, one per respondent.
    """

    size: int
    where: NDArray[np.intp]
    who: NDArray[np.intp] | None
    answered: NDArray[np.bool_]


def positions(variable: Countable) -> Positions:
    """List the positions taken in a variable."""
    n_categories = len(variable.categories)
    size = n_categories + N_MISSING
    if isinstance(variable, Categorical):
        answered, codes = variable.codes >= 0, variable.codes.astype(np.intp)
        where = np.where(answered, codes, n_categories - 1 - codes)
        return Positions(size, where, None, answered)
    who, where = np.nonzero(variable.selected)
    missing = np.flatnonzero(variable.state < 0)
    kinds = n_categories - 1 - variable.state[missing].astype(np.intp)
    return Positions(
        size, np.concatenate([where, kinds]), np.concatenate([who, missing]), variable.state >= 0
    )


class PlainKernel:
    """Counts each pair on its own; variables and weights are prepared once per chunk."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._pairs = pairs
        self._totals: list[list[NDArray[np.int64]]] = []

    def add(self, chunk: Chunk) -> None:
        """Count some respondents more."""
        made = {name: positions(variable) for name, variable in chunk.variables.items()}
        everyone = np.ones(chunk.n, dtype=np.bool_)
        made[""] = Positions(1, np.zeros(chunk.n, np.intp), None, everyone)
        weights: list[Factor] = [None]
        squares: list[Factor] = []
        if chunk.weights is not None and chunk.squares is not None:
            weights += list(chunk.weights.parts.astype(np.float64))
            squares += list(chunk.squares.parts.astype(np.float64))
        found = [_sums(made[row], made[column], weights, squares) for row, column in self._pairs]
        if self._totals:
            found = [
                [a + b for a, b in zip(one, more, strict=True)]
                for one, more in zip(self._totals, found, strict=True)
            ]
        self._totals = found

    def tables(self, weights: Scaled | None) -> list[Sums]:
        """Return the tables of all respondents so far, one per pair."""
        if weights is None:
            return [Sums(n, None, None) for (n,) in self._totals]
        return [
            Sums(
                n,
                value_of(np.stack([coarse, fine]), weights.exponent),
                value_of(np.stack(squares), weights.square_exponent),
            )
            for n, coarse, fine, *squares in self._totals
        ]


def _sums(
    row: Positions, column: Positions, weights: Sequence[Factor], squares: Sequence[Factor]
) -> list[NDArray[np.int64]]:
    """Return a table per factor, its last row all who answered; then that row of the squares."""
    answered = Positions(2, row.answered.astype(np.intp), None, row.answered)
    found = []
    for factor in weights:
        table = cross(row, column, factor)
        if row.who is None:
            base = table[:-N_MISSING].sum(axis=0)
        else:
            base = cross(answered, column, factor)[1]
        found.append(np.concatenate([table, base[None]]))
    found += [cross(answered, column, factor)[1] for factor in squares]
    return [one.astype(np.int64) for one in found]


def cross(row: Positions, column: Positions, factor: Factor) -> NDArray[np.float64]:
    """Return the table of two variables.

    Returns
    -------
    2-D float64, ``row.size`` × ``column.size``: sum of the factor over the
    respondents who take both positions.
    """
    if column.who is not None:
        return cross(column, row, factor).T if row.who is None else _dense(row, column, factor)
    met, factors = column.where, factor
    if row.who is not None:
        met = met[row.who]
        factors = None if factor is None else factor[row.who]
    key = row.where * column.size + met
    total = np.bincount(key, factors, minlength=row.size * column.size).astype(np.float64)
    return total.reshape(row.size, column.size)


def _dense(row: Positions, column: Positions, factor: Factor) -> NDArray[np.float64]:
    """Two multiple answers: a matrix product of indicators."""
    right = _indicators(column)
    if factor is not None:
        right *= factor[:, None]
    product: NDArray[np.float64] = _indicators(row).T @ right
    return product


def _indicators(variable: Positions) -> NDArray[np.float64]:
    """Return 1.0 where a respondent takes a position, respondents × positions."""
    indicators = np.zeros((len(variable.answered), variable.size))
    indicators[variable.who, variable.where] = 1.0
    return indicators
