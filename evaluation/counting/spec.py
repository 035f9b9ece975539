"""What is asked of the counting room, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_MISSING = 3
"""Rows (columns) after the categories: item non-response, not asked, invalid."""


@dataclass(frozen=True, slots=True)
class CountRequest:
    """One table to count: a row variable, perhaps by a column variable.

    Attributes
    ----------
    rows, columns
        Identifiers of a `Categorical` or `MultiResponse`; ``columns`` is ""
        for a one-way table.
    mask
        Key of a filter, "" for all respondents.
    weight
        Identifier of a `Numeric`, "" for none.
    """

    rows: str
    columns: str = ""
    mask: str = ""
    weight: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts of one request, zero cells included, missing kinds included.

    With R row categories and C column categories (C = 1 and no missing
    columns for a one-way table), all arrays have R + 3 rows and C + 3 columns
    (C = 1: one column); the three extra ones are item non-response, not
    asked and invalid, in this order (`MissingKind` -1, -2, -3).

    Attributes
    ----------
    n
        2-D int64, unweighted.
    wn
        2-D float64, sum of weights (equal to ``n`` where no weight).
    base_n, base_wn, base_w2
        1-D, per column: respondents who answered the row question, their
        weights, and their squared weights. For a multiple-answer row question
        the column of ``n`` adds up to more than the base.
    """

    request: CountRequest
    n: NDArray[np.int64]
    wn: NDArray[np.float64]
    base_n: NDArray[np.int64]
    base_wn: NDArray[np.float64]
    base_w2: NDArray[np.float64]
