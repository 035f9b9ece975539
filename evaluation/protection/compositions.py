"""How many ways there are to take so many persons from classes of known size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PLENTY = 1e30
"""In place of any greater number."""
LONGEST = 20_000
"""Persons above which nothing is counted, and there are taken to be plenty of ways."""


def ways(sizes: NDArray[np.int64], most: int) -> NDArray[np.float64]:
    """Return, for 0 to ``most`` persons, how many ways there are to take them.

    Notes
    -----
    The coefficients of the product of ``1 + x + … + x^size`` over the classes.
    """
    found = np.zeros(most + 1)
    found[0] = 1.0
    for size in sizes.tolist():
        sums = np.cumsum(found)
        sums[size + 1 :] -= sums[: max(0, most - size)].copy()
        found = np.clip(sums, 0.0, PLENTY)
    return found


def without_few(part: NDArray[np.int64], rest: NDArray[np.int64], n: int, threshold: int) -> float:
    """Return how many ways there are to take persons, none of a part or enough to be shown.

    Parameters
    ----------
    part, rest
        1-D: sizes of the classes of the part, and of the others.
    n
        Persons.
    threshold
        Smallest number of the part that may be known.
    """
    all_part, total = int(part.sum()), int(part.sum() + rest.sum())
    least = min(n, total - n)  # those who are taken, or those who are left: as many ways
    if least < 0:
        return 0.0
    if least > LONGEST:
        return PLENTY
    of_part, of_rest = ways(part, least), ways(rest, least)[::-1]
    taken = np.arange(least + 1)
    inside = taken if least == n else all_part - taken
    is_few = (inside >= 1) & (inside < threshold)
    return float(min(np.where(is_few, 0.0, of_part * of_rest).sum(), PLENTY))
