"""The joint histogram as compiled code: one short function, made by numba when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from evaluation.counting.weights import CHUNK

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evaluation.counting.composites import Composite, Key
    from evaluation.counting.weights import FixedPoint

SHIFT = 44
"""Bits beneath the number of respondents in a cell: the sum of coarse weights and its sign."""


def cores() -> int:
    """Return the number of processors that this process may use."""
    return int(numba.config.NUMBA_NUM_THREADS)


def joint_compiled(
    row_key: Key, column_key: Key, factor: FixedPoint | None, rows: Composite, columns: Composite
) -> NDArray[np.int64]:
    """Do what `joint_numpy` does, some ten times as fast, releasing Python's lock meanwhile.

    Raises
    ------
    ValueError
        If there are more respondents than one part holds (`CHUNK`).
    """
    if len(row_key) > CHUNK:
        msg = f"at most {CHUNK} respondents at a time, got {len(row_key)}"
        raise ValueError(msg)
    parts = np.zeros((2, 0), np.int64) if factor is None else factor.parts
    table = _joint(row_key, column_key, parts, rows.members, columns.members)
    n = (table[0] + (1 << (SHIFT - 1))) >> SHIFT
    return n[None] if factor is None else np.stack([n, table[0] - (n << SHIFT), table[1]])


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile at the first call, and keep the machine code where that is possible."""
    try:
        return numba.njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]
    except RuntimeError:  # neither the package's folder nor the user's can be written
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]


@_compiled
def _joint(row_key, column_key, parts, row_members, column_members):  # type: ignore[no-untyped-def]
    """Fill the joint histogram in one pass over the respondents, then sum it out.

    A cell is two whole numbers: respondents and coarse weights in one, fine
    weights in the other. Unsigned subscripts spare a test for negative ones.
    """
    height, width = row_members.shape[1], column_members.shape[1]
    cells = np.zeros((2, height * width), np.int64)
    one = np.int64(1) << SHIFT
    if parts.shape[1] == 0:
        for i in range(len(row_key)):
            cells[0, np.uint64(row_key[i]) * np.uint64(width) + np.uint64(column_key[i])] += one
    else:
        for i in range(len(row_key)):
            cell = np.uint64(row_key[i]) * np.uint64(width) + np.uint64(column_key[i])
            cells[0, cell] += one + parts[0, i]
            cells[1, cell] += parts[1, i]

    halfway = np.zeros((2, len(row_members), width), np.int64)
    for value in range(height):
        for row in range(len(row_members)):
            if row_members[row, value]:
                for k in range(width):
                    halfway[0, row, k] += cells[0, value * width + k]
                    halfway[1, row, k] += cells[1, value * width + k]
    table = np.zeros((2, len(row_members), len(column_members)), np.int64)
    for column in range(len(column_members)):
        for value in range(width):
            if column_members[column, value]:
                for row in range(len(row_members)):
                    table[0, row, column] += halfway[0, row, value]
                    table[1, row, column] += halfway[1, row, value]
    return table
