"""The master problem: the cheapest set of counts that meets all cuts.

A covering problem in yes/no variables, solved in parts that share no
variable. Within its limit of nodes the result is proven optimal; then its
cost is a lower bound on what any safe release must hide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.programs import TOLERANCE, quiet_solver

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from evaluation.protection.cuts import Cut


GAP = 0.01
"""Share of the cost within which a solution of the master problem is good enough."""


LARGEST = 400
"""Counts in a part above which it is not solved in whole numbers, but rounded."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Solution of one part.

    Attributes
    ----------
    chosen
        Counts to hide.
    bound
        No choice that meets the cuts costs less; costs are whole numbers.
    is_optimal
        ``chosen`` costs no more than `GAP` above it.
    """

    chosen: frozenset[int]
    bound: float
    is_optimal: bool


@dataclass(slots=True)
class Master:
    """Collects cuts and solves them.

    Parameters
    ----------
    cost
        1-D float: cost of hiding each count.
    nodes
        Nodes per part that the search may use.
    """

    cost: NDArray[np.float64]
    nodes: int
    cuts: list[Cut] = field(default_factory=list)
    n_nodes: int = 0
    """Nodes searched so far: the measure of work."""
    _solved: dict[frozenset[int], tuple[int, Cover]] = field(default_factory=dict)
    _seen: set[tuple[tuple[int, ...], tuple[float, ...], int]] = field(default_factory=set)

    def add(self, cuts: Iterable[Cut]) -> int:
        """Take cuts in; return how many were new."""
        before = len(self.cuts)
        for cut in cuts:
            shares = tuple(round(c / cut.rhs, 6) for c in cut.coefficients)
            key = (cut.columns, shares, cut.target if cut.is_conditional else -1)
            if key not in self._seen:
                self._seen.add(key)
                self.cuts.append(cut)
        return len(self.cuts) - before

    def solve(self) -> Cover:
        """Return the cheapest choice over all parts."""
        chosen: set[int] = set()
        bound, is_optimal = 0.0, True
        for cuts in self._parts():
            columns = frozenset(k for cut in cuts for k in _columns(cut))
            known = self._solved.get(columns)
            if known is None or known[0] != len(cuts):
                known = (len(cuts), self._solve_part(cuts, sorted(columns)))
                self._solved[columns] = known
            chosen |= known[1].chosen
            bound += known[1].bound
            is_optimal &= known[1].is_optimal
        return Cover(frozenset(chosen), bound, is_optimal)

    def _parts(self) -> list[list[Cut]]:
        """Group cuts that share a count, directly or through others."""
        leader: dict[int, int] = {}

        def find(k: int) -> int:
            while leader.setdefault(k, k) != k:
                leader[k] = leader[leader[k]]
                k = leader[k]
            return k

        for cut in self.cuts:
            for k in _columns(cut):
                leader[find(k)] = find(cut.columns[0])
        parts: dict[int, list[Cut]] = {}
        for cut in self.cuts:
            if cut.columns:
                parts.setdefault(find(cut.columns[0]), []).append(cut)
        return list(parts.values())

    def _solve_part(self, cuts: list[Cut], columns: list[int]) -> Cover:
        import highspy

        place = {k: i for i, k in enumerate(columns)}
        cost = self.cost[columns]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(columns), len(cuts)
        lp.col_cost_ = cost
        lp.col_lower_, lp.col_upper_ = np.zeros(len(columns)), np.ones(len(columns))
        lp.row_lower_ = np.array([0.0 if cut.is_conditional else 1.0 for cut in cuts])
        lp.row_upper_ = np.full(len(cuts), highspy.kHighsInf)
        is_whole = len(columns) <= LARGEST
        if is_whole:
            lp.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
        entries = [_entries(cut) for cut in cuts]
        starts = np.cumsum([0, *map(len, entries)])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = starts.astype(np.int32)
        lp.a_matrix_.index_ = np.array([place[k] for e in entries for k in e], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([v for e in entries for v in e.values()])
        solver = quiet_solver()
        solver.setOptionValue("mip_max_nodes", self.nodes)
        solver.setOptionValue("mip_rel_gap", GAP)
        solver.passModel(lp)
        solver.run()
        info = solver.getInfo()
        self.n_nodes += max(0, info.mip_node_count) if is_whole else len(columns) // 10
        values = np.array(solver.getSolution().col_value)
        is_solved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        if (
            len(values) != len(columns)
            or info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible
        ):
            values = np.ones(len(columns))
        chosen = frozenset(k for k, v in zip(columns, values, strict=True) if v >= 0.5 - TOLERANCE)
        total = float(self.cost[list(chosen)].sum()) if chosen else 0.0
        least = info.mip_dual_bound if is_whole else info.objective_function_value
        if not is_whole:  # a rounded choice may cost less than the bound, and not do
            total = least if is_solved else 0.0
        bound = min(total, max(0.0, float(np.ceil(least - TOLERANCE))))
        return Cover(chosen, bound, is_solved and is_whole)


def _columns(cut: Cut) -> tuple[int, ...]:
    """Return the counts that a cut is about."""
    return (*cut.columns, cut.target) if cut.is_conditional else cut.columns


def _entries(cut: Cut) -> dict[int, float]:
    """Return a cut as a row: at least 1, or at least what its own target asks for."""
    row = {k: v / cut.rhs for k, v in zip(cut.columns, cut.coefficients, strict=True)}
    return row | {cut.target: -1.0} if cut.is_conditional else row
