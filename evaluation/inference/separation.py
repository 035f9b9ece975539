"""Why a logistic model may have no solution: collinear columns, separated outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TOLERANCE: Final = 1e-7


def collinear_columns(x: Floats) -> tuple[int, ...]:
    """Return the columns of n × k that the columns before them determine; () where none.

    The columns that R's ``glm`` gives NA for.
    """
    size = np.sqrt((x**2).sum(axis=0))
    basis = np.zeros((len(x), 0))
    tied = []
    for j in range(x.shape[1]):
        column = x[:, j] / (size[j] or 1.0)
        rest = column - basis @ (basis.T @ column)
        length = float(np.sqrt(rest @ rest))
        if length < TOLERANCE:
            tied.append(j)
        else:
            rest -= basis @ (basis.T @ rest)
            basis = np.column_stack([basis, rest / np.sqrt(rest @ rest)])
    return tuple(tied)


def separated_columns(x: Floats, y: Floats) -> tuple[int, ...]:
    """Return the columns whose coefficients run off to infinity; () where the maximum exists.

    Separated, completely or quasi (Albert and Anderson 1984): some direction
    ``b`` has ``(2 y - 1) x' b >= 0`` for all respondents and ``> 0`` for some.
    The linear program of Konis (2007), as R's ``detectseparation``.
    """
    from scipy.optimize import linprog

    size = np.abs(x).max(axis=0)
    scaled = x / np.where(size > 0, size, 1.0)
    signed = scaled * (2 * y - 1)[:, np.newaxis]
    distinct = np.unique(signed, axis=0)
    answer = linprog(
        -distinct.sum(axis=0), A_ub=-distinct, b_ub=np.zeros(len(distinct)), bounds=(-1, 1)
    )
    if answer.status != 0 or -answer.fun < TOLERANCE:
        return ()
    return tuple(int(j) for j in np.flatnonzero(np.abs(answer.x) > TOLERANCE))
