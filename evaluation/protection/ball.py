"""The counts nearest to one, by the equations that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def ball_around(
    matrix: Any, transposed: Any, start: int, unknown: NDArray[np.bool_], size: int
) -> list[int]:
    """Return the unknown counts nearest to one, nearest first.

    Parameters
    ----------
    matrix, transposed
        Equations by counts, and counts by equations, in compressed rows.
    start
        The count in the middle.
    unknown
        1-D bool: counts that may belong to the ball.
    size
        Most counts that it may hold.
    """
    ball = {start: None}
    todo, seen = [start], set()
    for k in todo:
        for row in transposed.indices[transposed.indptr[k] : transposed.indptr[k + 1]].tolist():
            if row in seen:
                continue
            seen.add(row)
            inside = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
            for other in inside[unknown[inside]].tolist():
                if len(ball) >= size:
                    return list(ball)
                if other not in ball:
                    ball[other] = None
                    todo.append(other)
    return list(ball)
