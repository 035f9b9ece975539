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
from evaluation.counting.chunks import Chunk, Countable, Pair, Sums
from evaluation.counting.spec import N_MISSING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

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


def count_plain(chunk: Chunk, pairs: Sequence[Pair]) -> Iterator[Sums]:
    """Count each pair on its own; variables and weights are prepared once."""
    everyone = np.ones(chunk.n, dtype=np.bool_)
    made = {name: positions(variable) for name, variable in chunk.variables.items()}
    made[""] = Positions(1, np.zeros(chunk.n, np.intp), None, everyone)
    weights: list[Factor] = [None]
    squares: list[Factor] = []
    if chunk.weights is not None and chunk.squares is not None:
        weights += list(chunk.weights.parts.astype(np.float64))
        squares += list(chunk.squares.parts.astype(np.float64))
    for row, column in pairs:
        rows, columns = made[row], made[column]
        answered = Positions(2, rows.answered.astype(np.intp), None, rows.answered)
        base = [cross(answered, columns, factor)[1:] for factor in weights]
        table = [cross(rows, columns, factor) for factor in weights]
        joined = [np.concatenate(both) for both in zip(table, base, strict=True)]
        yield Sums(
            np.stack(joined).astype(np.int64),
            np.stack([cross(answered, columns, factor)[1] for factor in squares]).astype(np.int64)
            if squares
            else None,
        )


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
