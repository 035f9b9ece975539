"""The counts nearest to one, by the equations that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


class Neighbours:
    """Finds, around a count, those with which it can change while all else stays.

    Parameters
    ----------
    matrix, transposed
        Equations by counts, and counts by equations, in compressed rows.
    """

    def __init__(self, matrix: Any, transposed: Any) -> None:
        self.equations = np.split(matrix.indices, matrix.indptr[1:-1])
        self.of = [
            sorted(found.tolist(), key=lambda row: (len(self.equations[row]), row))
            for found in np.split(transposed.indices, transposed.indptr[1:-1])
        ]

    def nearest(
        self, start: int, size: int, per_equation: int, allowed: Bools, rank: Floats
    ) -> list[int]:
        """Return the counts nearest to one, nearest first.

        Of a long equation only some are taken: those that share most other
        equations with what has been reached, so that the ways close into rings
        within which a change can be made good; then by ``rank``.

        Parameters
        ----------
        start
            The count in the middle.
        size
            Most counts to return.
        per_equation
            Most counts to take of one equation.
        allowed
            1-D bool: counts that may be taken.
        rank
            1-D: lower first, where an equation has more counts than may be taken.
        """
        found = {start: None}
        todo = [start]
        is_reached = np.zeros(len(self.equations), dtype=bool)
        shared = np.zeros(len(self.of), dtype=np.int32)
        for k in todo:
            for row in self.of[k]:
                if is_reached[row]:
                    continue
                is_reached[row] = True
                inside = self.equations[row]
                shared[inside] += 1
                inside = inside[allowed[inside]]
                if len(inside) > per_equation:
                    order = np.lexsort((np.abs(inside - k), rank[inside], -shared[inside]))
                    inside = inside[order[:per_equation]]
                for other in inside.tolist():
                    if other not in found:
                        if len(found) >= size:
                            return list(found)
                        found[other] = None
                        todo.append(other)
        return list(found)
