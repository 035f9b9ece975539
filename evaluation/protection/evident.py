"""Counts that follow from others one equation at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]


def evident(matrix: Any, is_unknown: Bools, may_follow: Bools) -> Bools:
    """Return the unknown counts that are all that some equation leaves unknown, again and again.

    Parameters
    ----------
    matrix
        Equations by counts, sparse.
    is_unknown
        1-D bool: what the reader is not told.
    may_follow
        1-D bool: counts that are taken as told where they follow.

    Returns
    -------
    1-D bool
        Those of ``is_unknown`` and ``may_follow`` that follow.
    """
    pattern = (matrix != 0).astype(float)
    numbers = np.arange(matrix.shape[1], dtype=float)
    left = is_unknown.copy()
    while True:
        single = pattern @ left.astype(float) == 1
        found = np.unique((pattern @ (left * numbers))[single]).astype(np.int64)
        found = found[may_follow[found]]
        if not len(found):
            return np.asarray(is_unknown & ~left, dtype=bool)
        left[found] = False
