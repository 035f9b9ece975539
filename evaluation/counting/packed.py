"""Packed composite keys: few passes over the data for many tables (docs/method-counting.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from evaluation.counting.chunks import Chunk, Sums
    from evaluation.counting.composites import Composite, Key, Plan
    from evaluation.counting.weights import FixedPoint, Scaled

    Joint = Callable[[Key, Key, FixedPoint | None, Composite, Composite], NDArray[np.int64]]
    """Keys of a row and a column composite, what to sum, the composites ->
    3-D int64: sums (number; coarse, fine) × stacked row × stacked column positions."""
    Run = Callable[..., Iterable[Any]]
    """Applies a function to arguments: ``map``, or that of a pool of threads."""


class PackedKernel:
    """Makes one joint histogram per pass of a plan, chunk by chunk."""

    def __init__(self, plan: Plan, joint: Joint, run: Run = map) -> None:
        self._plan, self._joint, self._run = plan, joint, run
        self._totals: list[NDArray[np.int64]] = []

    def add(self, chunk: Chunk) -> None:
        """Count some respondents more."""
        plan = self._plan
        composites = [*plan.rows, *plan.flags, *plan.columns]
        keys: list[Key] = list(self._run(lambda composite: composite.key(chunk), composites))
        flags = len(plan.rows)
        columns = flags + len(plan.flags)
        jobs = [(a, columns + b, chunk.weights) for a, b in plan.passes]
        jobs += [(flags + a, columns + b, chunk.squares) for a, b in plan.flag_passes]

        def make(job: tuple[int, int, FixedPoint | None]) -> NDArray[np.int64]:
            a, b, factor = job
            return self._joint(keys[a], keys[b], factor, composites[a], composites[b])

        found: list[NDArray[np.int64]] = list(self._run(make, jobs))
        totals = self._totals or [np.zeros_like(one) for one in found]
        self._totals = [total + one for total, one in zip(totals, found, strict=True)]

    def tables(self, weights: Scaled | None) -> list[Sums]:
        """Return the tables of all respondents so far, one per pair."""
        split = len(self._plan.passes)
        return self._plan.tables(self._totals[:split], self._totals[split:], weights)


def joint_numpy(
    row_key: Key, column_key: Key, factor: FixedPoint | None, rows: Composite, columns: Composite
) -> NDArray[np.int64]:
    """Make a joint histogram with `numpy.bincount`; sum it out with matrix products.

    All sums are whole numbers below 2**53, so that floats hold them exactly.
    """
    key = row_key.astype(np.intp) * columns.size + column_key
    length = rows.size * columns.size
    factors = [None] if factor is None else [None, *factor.parts]
    cells = [np.bincount(key, one, minlength=length).astype(np.float64) for one in factors]
    joint = np.stack(cells).reshape(len(factors), rows.size, columns.size)
    table: NDArray[np.float64] = rows.members @ joint @ columns.members.T
    return table.astype(np.int64)
