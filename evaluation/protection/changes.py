"""Solutions near the true one: how counts can change together while every sum stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.protection.programs import DUAL_SIMPLEX, TOLERANCE, quiet_solver

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.protection.ball import Neighbours
    from evaluation.protection.system import System

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

NEVER = 1e3
"""Price of a change that has no room."""


class Changes:
    """All counts of a system, from which programs over a few of them are cut.

    Parameters
    ----------
    system
        Counts and equations.
    matrix, transposed
        Equations by counts, and counts by equations, in compressed rows.
    neighbours
        Of the same system.
    lower
        1-D int: least value of each count where it changes.
    """

    def __init__(
        self, system: System, matrix: Any, transposed: Any, neighbours: Neighbours, lower: Ints
    ) -> None:
        self.transposed = transposed
        self.neighbours = neighbours
        self.is_untold = system.truth < 0
        truth = np.where(self.is_untold, 0, system.truth)
        self.rhs = -(matrix @ truth.astype(float))
        self.up = (system.upper - truth).astype(float)
        self.down = np.where(self.is_untold, 0, truth - lower).astype(float)
        untold = matrix[:, np.flatnonzero(self.is_untold)]
        self._untold = np.diff(untold.indptr) > 0

    def around(self, start: int, size: int, most: int, allowed: Bools, rank: Floats) -> Ints:
        """Return the counts that a program around one is about, in ascending order.

        See `Neighbours.nearest`. What no table tells takes part wherever an
        equation names it: it has no true value at which to be held.
        """
        found = set(self.neighbours.nearest(start, size, most, allowed, rank))
        todo = list(found) if self._untold.any() else []
        for k in todo:
            for row in self.neighbours.of[k]:
                if self._untold[row]:
                    inside = self.neighbours.equations[row]
                    new = set(inside[self.is_untold[inside]].tolist()) - found
                    found |= new
                    todo += sorted(new)
        return np.array(sorted(found), dtype=np.int64)

    def program(self, columns: Ints) -> Program:
        """Return the program in which only these counts can change."""
        return Program(self, columns)


class Program:
    """The least change, by price, of some counts that brings about a wanted one.

    Every other count is held at its true value; a change is split into what
    goes up and what goes down.
    """

    def __init__(self, whole: Changes, columns: Ints) -> None:
        import highspy

        self.columns, self.n = columns, len(columns)
        self.up, self.down = whole.up[columns], whole.down[columns]
        starts = whole.transposed.indptr
        lengths = starts[columns + 1] - starts[columns]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(starts[columns] - ends + lengths, lengths)
        rows, inner = np.unique(whole.transposed.indices[places], return_inverse=True)
        values = whole.transposed.data[places]
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = len(rows), 2 * self.n
        lp.col_cost_ = np.zeros(2 * self.n)
        lp.col_lower_, lp.col_upper_ = np.zeros(2 * self.n), np.concatenate([self.up, self.down])
        lp.row_lower_ = lp.row_upper_ = whole.rhs[rows]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.concatenate([[0], ends, ends[-1] + ends]).astype(np.int32)
        lp.a_matrix_.index_ = np.tile(inner, 2).astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate([values, -values])
        self.solver = quiet_solver()
        self.solver.setOptionValue("presolve", "off")
        self.solver.setOptionValue("simplex_strategy", DUAL_SIMPLEX)
        self.solver.passModel(lp)

    def move(self, count: int, by: int, price: Floats) -> Ints | None:
        """Change a count by so much; return by how much each of the counts changes with it.

        A count with little room is the dearer: its change has to be made
        good elsewhere as well. None where it cannot be done, or not in whole numbers.
        """
        import highspy

        at = int(np.searchsorted(self.columns, count))
        wanted = (max(by, 0), max(-by, 0))
        if wanted[0] > self.up[at] or wanted[1] > self.down[at]:
            return None
        room = np.concatenate([self.up, self.down])
        shares = np.tile(price, 2) / np.clip(room, 1e-9, abs(by))
        places = np.arange(2 * self.n, dtype=np.int32)
        self.solver.changeColsCost(2 * self.n, places, np.where(room > 0, shares, NEVER))
        self.solver.changeColBounds(at, wanted[0], wanted[0])
        self.solver.changeColBounds(at + self.n, wanted[1], wanted[1])
        self.solver.run()
        is_found = self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        values = np.array(self.solver.getSolution().col_value) if is_found else None
        self.solver.changeColBounds(at, 0.0, self.up[at])
        self.solver.changeColBounds(at + self.n, 0.0, self.down[at])
        if values is None:
            return None
        change = values[: self.n] - values[self.n :]
        whole = np.round(change)
        if np.abs(change - whole).max() > TOLERANCE:
            return None
        moved: Ints = whole.astype(np.int64)
        return moved
