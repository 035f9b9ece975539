"""The respondents of a group of tables, some at a time, with only the variables wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, MultiResponse
from evaluation.counting.spec import N_MISSING
from evaluation.counting.weights import CHUNK, FixedPoint, Weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData

Countable = Categorical | MultiResponse
Pair = tuple[str, str]
"""Identifiers of the row and the column variable; the latter "" for one way."""

N_EXTRA = N_MISSING + 1
"""Rows after the categories in a kernel's table: the kinds of missing, and all who answered."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some respondents.

    Attributes
    ----------
    n
        Their number, at most `CHUNK`.
    variables
        The variables wanted, with only these respondents.
    weights, squares
        Their weights and squared weights; None where each counts as one.
    """

    n: int
    variables: Mapping[str, Countable]
    weights: FixedPoint | None
    squares: FixedPoint | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What a kernel finds for one pair of variables.

    Attributes
    ----------
    n
        2-D int64: row positions (categories, kinds of missing, all who
        answered) × column positions.
    wn
        2-D float64, the same of weights; None where not weighted.
    w2
        1-D float64: squared weights of all who answered the row question, per
        column position; None where not weighted.
    """

    n: NDArray[np.int64]
    wn: NDArray[np.float64] | None
    w2: NDArray[np.float64] | None


def countable(data: CodedData, identifier: str) -> Countable:
    """Return a variable that has categories.

    Raises
    ------
    KeyError
        If the survey has no such variable.
    TypeError
        If it is a number or free text.
    """
    variable = data.variables[identifier]
    if not isinstance(variable, Categorical | MultiResponse):
        msg = f"{identifier} has no categories to count ({type(variable).__name__})"
        raise TypeError(msg)
    return variable


def lowest_code(variable: Countable) -> int:
    """Return the lowest kind of missing in a variable, 0 where nothing is missing.

    Raises
    ------
    ValueError
        If it holds a code that is neither a category nor a kind of missing.
    """
    codes, highest = (
        (variable.codes, max(len(variable.categories) - 1, 0))
        if isinstance(variable, Categorical)
        else (variable.state, 0)
    )
    low, high = int(codes.min(initial=0)), int(codes.max(initial=0))
    if low < -N_MISSING or high > highest:
        msg = f"{variable.id} holds codes outside -{N_MISSING}..{highest}"
        raise ValueError(msg)
    return low


def row_numbers(
    name: str, masks: Mapping[str, NDArray[np.bool_]], n: int
) -> NDArray[np.intp] | None:
    """Return the respondents that a mask keeps, None for all.

    Raises
    ------
    KeyError
        If the mask is not given.
    ValueError
        If it is not one bool per respondent.
    """
    if not name:
        return None
    mask = np.asarray(masks[name])
    if mask.shape != (n,) or mask.dtype != np.bool_:
        msg = f"mask {name} must be {n} bools, got {mask.dtype}{mask.shape}"
        raise ValueError(msg)
    return None if bool(mask.all()) else np.flatnonzero(mask)


def chunks(
    n: int,
    rows: NDArray[np.intp] | None,
    variables: Mapping[str, Countable],
    weights: Weights | None,
) -> Iterator[Chunk]:
    """Cut the respondents into chunks; at least one, perhaps empty."""
    total = n if rows is None else len(rows)
    for start in range(0, max(total, 1), CHUNK):
        stop = min(start + CHUNK, total)
        mine = slice(start, stop) if rows is None else rows[start:stop]
        is_whole = rows is None and stop - start == n
        taken = variables if is_whole else {k: _take(v, mine) for k, v in variables.items()}
        first, second = (None, None) if weights is None else weights.take(mine)
        yield Chunk(stop - start, taken, first, second)


def _take(variable: Countable, rows: NDArray[np.intp] | slice) -> Countable:
    if isinstance(variable, Categorical):
        return replace(variable, codes=variable.codes[rows])
    return replace(variable, selected=variable.selected[rows], state=variable.state[rows])
