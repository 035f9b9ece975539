"""Variables, masks and weights made ready for counting, each once for all tables.

A table is ``A.T @ diag(w) @ B`` where ``A`` and ``B`` hold, for every
respondent, a 1 in each *position* that the respondent takes in the row and the
column variable. The positions of a variable are its categories followed by the
three kinds of missing; a single answer takes exactly one, a multiple answer as
many as options were chosen. Nothing of size respondents × positions is built:
the positions taken are listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, MultiResponse, Numeric
from evaluation.counting.spec import N_MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from evaluation.coding.data import CodedData, Variable
    from evaluation.counting.spec import CountRequest

EXACT_BITS = 53
"""Bits of a float64 significand: whole numbers up to 2**53 add without rounding."""


@dataclass(frozen=True, slots=True)
class Positions:
    """The positions that respondents take in one variable.

    Attributes
    ----------
    size
        Categories + 3 (1 for the single column of a one-way table).
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


def countable(data: CodedData, identifier: str) -> Categorical | MultiResponse:
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


def size_of(variable: Categorical | MultiResponse) -> int:
    """Return the number of positions: categories and the kinds of missing."""
    return len(variable.categories) + N_MISSING


def row_numbers(
    request: CountRequest, masks: Mapping[str, NDArray[np.bool_]], n: int
) -> NDArray[np.intp] | None:
    """Return the respondents that a request's mask keeps, None for all.

    Raises
    ------
    KeyError
        If the mask is not given.
    ValueError
        If it is not one bool per respondent.
    """
    if not request.mask:
        return None
    mask = np.asarray(masks[request.mask])
    if mask.shape != (n,) or mask.dtype != np.bool_:
        msg = f"mask {request.mask} must be {n} bools, got {mask.dtype}{mask.shape}"
        raise ValueError(msg)
    return None if bool(mask.all()) else np.flatnonzero(mask)


def positions(variable: Variable, rows: NDArray[np.intp] | None) -> Positions:
    """List the positions taken in a variable by the respondents in ``rows``.

    Raises
    ------
    ValueError
        If a code is neither a category nor a kind of missing.
    """
    if isinstance(variable, Categorical):
        codes = variable.codes if rows is None else variable.codes[rows]
        n_categories = check_codes(variable)
        answered, where = codes >= 0, codes.astype(np.intp)
        where = np.where(answered, where, n_categories - 1 - where)
        return Positions(n_categories + N_MISSING, where, None, answered)
    if not isinstance(variable, MultiResponse):
        msg = f"{variable.id} has no categories to count"
        raise TypeError(msg)
    selected = variable.selected if rows is None else variable.selected[rows]
    state = variable.state if rows is None else variable.state[rows]
    n_categories = len(variable.categories)
    who, where = np.nonzero(selected)
    missing = np.flatnonzero(state < 0)
    return Positions(
        n_categories + N_MISSING,
        np.concatenate([where, n_categories - 1 - state[missing].astype(np.intp)]),
        np.concatenate([who, missing]),
        state >= 0,
    )


def check_codes(variable: Categorical) -> int:
    """Return the number of categories, after a look at the extremes of the codes.

    Raises
    ------
    ValueError
        If a code is neither a category nor a kind of missing.
    """
    n_categories = len(variable.categories)
    codes = variable.codes
    if len(codes) and (codes.max() >= n_categories or codes.min() < -N_MISSING):
        msg = f"{variable.id} holds codes outside -{N_MISSING}..{n_categories - 1}"
        raise ValueError(msg)
    return n_categories


def weights_of(variable: Variable) -> NDArray[np.float64]:
    """Return the weight of every respondent; a missing weight is 0.

    Such a respondent still counts in ``n`` and ``base_n``: the unweighted
    table does not depend on the weight.

    Raises
    ------
    TypeError
        If the variable is not a number.
    """
    if not isinstance(variable, Numeric):
        msg = f"{variable.id} cannot be a weight ({type(variable).__name__})"
        raise TypeError(msg)
    known = (variable.state >= 0) & np.isfinite(variable.values)
    return np.where(known, variable.values, 0.0)


def exact_parts(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Split weights into parts whose sums come out the same in any order.

    Floating-point addition rounds, so a weighted count would depend on the
    order of summation: on kernel, chunk and number of threads. Here each
    weight is a coarse part plus a fine part. The coarse parts are whole
    multiples of a power of two so large that no sum of them needs more than
    53 bits; the fine parts likewise, a level below. Both are summed without
    any rounding. What is lost below the fine quantum is less than
    ``max(w) * n**2 * 2**-105``, for ten million respondents 2e-18 of the
    largest weight.

    Parameters
    ----------
    weights
        1-D float64, finite.

    Returns
    -------
    One or two 1-D float64 arrays that add up to the weights; one where it is
    enough (weights of 1).

    Notes
    -----
    The idea is pre-rounding, as in Demmel and Nguyen, "Parallel reproducible
    summation", IEEE Transactions on Computers 64 (2015).
    """
    coarse, rest = _round_off(weights)
    if not rest.any():
        return (coarse,)
    return coarse, _round_off(rest)[0]


def _round_off(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Round to multiples of the finest quantum whose sums fit in 53 bits; return the rest too."""
    bound = len(values) * float(np.abs(values).max(initial=0.0))
    exponent = int(np.frexp(bound)[1]) - EXACT_BITS
    rounded = np.ldexp(np.rint(np.ldexp(values, -exponent)), exponent)
    return rounded, values - rounded
