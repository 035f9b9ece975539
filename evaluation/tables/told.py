"""What printed figures tell of counts that no table prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.inference.design import Design

FIGURE_BITS = 12
"""How much a printed figure tells: three digits, and to be known to four persons is to be told."""


def can_tell(figures: int, n: int, n_open: int) -> bool:
    """Tell whether figures say more than is open: a few persons can be placed in few ways only.

    Parameters
    ----------
    figures
        How many rest on the counts.
    n
        Persons counted.
    n_open
        Counts that follow from no others.
    """
    if n == 0 or n_open == 0:
        return False
    ways = math.lgamma(n + n_open + 1) - math.lgamma(n + 1) - math.lgamma(n_open + 1)
    return ways <= math.log(2) * FIGURE_BITS * figures


def joint_counts(answers: Sequence[NDArray[np.int64]], figures: int) -> list[int]:
    """Return how many gave each combination of answers, where figures can tell it.

    Parameters
    ----------
    answers
        Codes of each variable, -1 where missing. How many gave each is known.
    figures
        How many printed figures rest on the combinations.
    """
    complete = np.logical_and.reduce([codes >= 0 for codes in answers])
    found = np.column_stack([codes[complete] for codes in answers])
    last = [int(codes.max(initial=0)) for codes in answers]
    n_open = math.prod(place + 1 for place in last) - 1 - sum(last)
    if not can_tell(figures, len(found), n_open):
        return []
    return [int(k) for k in np.unique(found, axis=0, return_counts=True)[1]]


def errors_tell(answers: NDArray[np.int64], design: Design | None, limit: int) -> bool:
    """Tell whether errors by clusters or strata tell how few in one of them gave an answer.

    The reader is taken to know all clusters in which no count is small.

    Parameters
    ----------
    answers
        Codes, -1 where missing or outside.
    limit
        A count from 1 to below it is small.
    """
    if design is None:
        return False
    inside = answers >= 0
    for parts in (design.clusters, design.strata):
        if parts is None or not inside.any():
            continue
        _, place = np.unique(parts[inside], return_inverse=True)
        counts = np.zeros((int(place.max()) + 1, int(answers.max()) + 1), dtype=np.int64)
        np.add.at(counts, (place, answers[inside]), 1)
        own = counts[((counts > 0) & (counts < limit)).any(axis=1)]
        figures = int((counts.sum(axis=0) > 0).sum()) - 1
        if can_tell(figures, int(own.sum()), figures * len(own)):
            return True
    return False
