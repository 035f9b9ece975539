"""The reader's linear and integer programs over one part of the system.

`Nearby` looks for solutions close to the truth: it proves that a count is
safe, and from few hidden counts, so that the proof outlives changes elsewhere.
`Extremes` finds the least and greatest value that a count can have, with the
dual solution that says why it can have no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

TOLERANCE = 1e-6
DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
"""HiGHS's names. Where only bounds change the last basis stays dual feasible,
where only the objective changes it stays primal feasible."""
MOST_SWEEPS, MOST_IDLE, IDLE = 40, 3, 0.02
"""Programs that push many counts at most; how many in a row may bring less than this share."""
MIP_NODES = 2000
"""Nodes of one integer program; a limit by work, not by time."""


@dataclass(frozen=True, slots=True)
class Block:
    """Equations of one part, cut down to what is unknown in it.

    Attributes
    ----------
    columns
        1-D: all counts of the equations.
    variables
        1-D: those of them that the reader does not see.
    whole
        Sparse matrix, equations × ``columns``.
    inner
        Sparse matrix by column, equations × ``variables``.
    rhs
        1-D: what the shown counts leave.
    truth
        1-D: true count of each variable, -1 where the tables do not tell.
    lower, upper
        1-D: what the reader takes for granted.
    is_published
        1-D bool: the variable is a hidden cell, not a virtual count.
    """

    columns: Ints
    variables: Ints
    whole: Any
    inner: Any
    rhs: Floats
    truth: Floats
    lower: Floats
    upper: Floats
    is_published: Bools

    def place(self, count: int) -> int:
        """Return the position of a count among the variables."""
        return int(np.searchsorted(self.variables, count))


class Nearby:
    """Solutions as close to the truth as possible (least sum of changes)."""

    def __init__(self, block: Block) -> None:
        from scipy.sparse import hstack

        self.block = block
        is_known = block.truth >= 0
        base = np.where(is_known, block.truth, 0.0)
        up = block.upper - base
        down = np.where(is_known, base - block.lower, 0.0)
        n = len(block.variables)
        cost = np.where(is_known & block.is_published, 1.0, 1e-3 * is_known)
        matrix = hstack([block.inner, -block.inner], format="csc")
        rhs = block.rhs - block.inner @ base
        self.up, self.down, self.n = up, down, n
        self.solver = _load(
            matrix, rhs, np.zeros(2 * n), np.concatenate([up, down]), np.tile(cost, 2)
        )
        self.solver.setOptionValue("simplex_strategy", DUAL_SIMPLEX)

    def move(self, count: int, by: int) -> Ints | None:
        """Change a count by so much; return by how much each variable changes with it.

        None where it cannot be done, or not in whole numbers.
        """
        import highspy

        at = self.block.place(count)
        limits = (self.up[at], self.down[at])
        wanted = (max(by, 0), max(-by, 0))
        if any(w > limit for w, limit in zip(wanted, limits, strict=True)):
            return None
        self.solver.changeColBounds(at, wanted[0], wanted[0])
        self.solver.changeColBounds(at + self.n, wanted[1], wanted[1])
        self.solver.run()
        is_found = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = np.array(self.solver.getSolution().col_value) if is_found else None
        self.solver.changeColBounds(at, 0.0, limits[0])
        self.solver.changeColBounds(at + self.n, 0.0, limits[1])
        if values is None:
            return None
        change = values[: self.n] - values[self.n :]
        if np.abs(change - np.round(change)).max(initial=0.0) > TOLERANCE:
            return None
        moved: Ints = np.round(change).astype(np.int64)
        return moved


class Extremes:
    """Least and greatest values; objective after objective on one warm program."""

    def __init__(self, block: Block) -> None:
        self.block = block
        n = len(block.variables)
        self.solver = _load(block.inner, block.rhs, block.lower, block.upper, np.zeros(n))
        self.solver.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        self.solutions = [block.truth]
        self.lo, self.hi = block.truth.copy(), block.truth.copy()
        self.lo_at = np.zeros(n, dtype=np.int64)
        self.hi_at = np.zeros(n, dtype=np.int64)

    def seen_width(self, count: int) -> float:
        """Width between whole-number solutions met so far."""
        at = self.block.place(count)
        return float(self.hi[at] - self.lo[at])

    def support(self, count: int) -> Ints:
        """Hidden counts in which the two solutions behind ``seen_width`` differ from the truth."""
        at = self.block.place(count)
        low, high = self.solutions[self.lo_at[at]], self.solutions[self.hi_at[at]]
        differs = (low != self.block.truth) | (high != self.block.truth)
        changed: Ints = self.block.variables[differs & self.block.is_published]
        return changed

    def extreme(self, count: int, sign: float) -> tuple[float, Floats]:
        """Minimise ``sign * count``; return its value and reduced costs of all columns."""
        at = self.block.place(count)
        self.solver.changeColCost(at, sign)
        self.solver.run()
        solution = self.solver.getSolution()
        self.solver.changeColCost(at, 0.0)
        values = np.array(solution.col_value)
        self._note(values)
        cost = np.where(self.block.columns == count, sign, 0.0)
        reduced = cost - self.block.whole.T @ np.array(solution.row_dual)
        reduced[np.abs(reduced) < 1e-9] = 0.0
        return float(values[at]), reduced

    def sweep(self, targets: list[int], widths: Floats) -> int:
        """Push all counts that have not been seen so wide at once, at random up or down.

        Returns the number of programs solved. Stops where these bring little more.
        """
        random = np.random.default_rng(0)
        places = np.searchsorted(self.block.variables, targets).astype(np.int32)
        idle = 0
        for number in range(MOST_SWEEPS):
            is_open = self.hi[places] - self.lo[places] < widths
            pushed = places[is_open]
            if not len(pushed) or idle > MOST_IDLE:
                return number
            self.solver.changeColsCost(len(pushed), pushed, random.choice([-1.0, 1.0], len(pushed)))
            self.solver.run()
            self._note(np.array(self.solver.getSolution().col_value))
            self.solver.changeColsCost(len(pushed), pushed, np.zeros(len(pushed)))
            n_left = (self.hi[pushed] - self.lo[pushed] < widths[is_open]).sum()
            idle = idle + 1 if n_left > len(pushed) * (1 - IDLE) else 0
        return MOST_SWEEPS

    def widen(self, count: int) -> float:
        """Look for whole-number solutions far apart; return the width seen then."""
        import highspy

        at, n = self.block.place(count), len(self.block.variables)
        places = np.arange(n, dtype=np.int32)
        whole = np.full(n, highspy.HighsVarType.kInteger)
        self.solver.changeColsIntegrality(n, places, whole)
        for sign in (1.0, -1.0):
            self.solver.changeColCost(at, sign)
            self.solver.run()
            self._note(np.array(self.solver.getSolution().col_value))
            self.solver.changeColCost(at, 0.0)
        parts = np.full(n, highspy.HighsVarType.kContinuous)
        self.solver.changeColsIntegrality(n, places, parts)
        return self.seen_width(count)

    def _note(self, values: Floats) -> None:
        """Remember a solution in whole numbers."""
        whole = np.round(values)
        if len(values) == 0 or np.abs(values - whole).max() > TOLERANCE:
            return
        number = len(self.solutions)
        self.solutions.append(whole)
        self.lo_at[whole < self.lo] = number
        self.hi_at[whole > self.hi] = number
        np.minimum(self.lo, whole, out=self.lo)
        np.maximum(self.hi, whole, out=self.hi)


def quiet_solver() -> Any:
    """Return HiGHS set up to be silent and to do the same work every time."""
    import highspy

    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("mip_max_nodes", MIP_NODES),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-6),
    ):
        solver.setOptionValue(option, value)
    return solver


def _load(matrix: Any, rhs: Floats, lower: Floats, upper: Floats, cost: Floats) -> Any:
    """Return a solver that holds ``matrix x = rhs`` with bounds and costs."""
    import highspy

    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, lower, upper
    lp.row_lower_ = lp.row_upper_ = rhs
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data
    solver = quiet_solver()
    solver.passModel(lp)
    return solver
