"""Least and greatest values of hidden counts, by linear programs and sums of whole numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.protection.audit_equations import MORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from evaluation.protection.audit_cells import Key
    from evaluation.protection.audit_equations import Equations

EPSILON = 1e-6
WORTH_SWEEPING = 50
"""Counts of one part to be looked at, from which on they are first pushed together."""
MOST_SWEEPS, MOST_IDLE, IDLE = 60, 4, 0.02
"""Programs that push many counts at most; how many in a row may bring less than this share."""


class Intervals:
    """Least and greatest values of unknown counts, part by part."""

    def __init__(self, equations: Equations, lower: Mapping[Key, float], untold: int) -> None:
        self.values: dict[Key, float] = dict(equations.values)
        self.lower = lower
        self.low, self.high = equations.low, equations.high
        self.equations = equations.equations
        self._of: dict[Key, list[int]] = {}
        for number, equation in enumerate(self.equations):
            for key in equation:
                self._of.setdefault(key, []).append(number)
        self._solve_singles()
        told = {key[0] for key in self.values if not key[1]}
        most = max([*self.values.values(), *equations.values.values(), 1])
        # where no table tells how many answered, a reader has no upper bound
        is_told = told >= {key[0] for key in self._of}
        self.most = float(most if is_told else most + untold)
        self.whole_up_to = np.inf
        """Unknowns of a part above which linear programs alone are asked."""
        self._programs: dict[Key, _Program] = {}
        self._expected: dict[Key, int] = {}

    def expect(self, keys: Iterable[Key], width: int) -> None:
        """Say beforehand what is going to be asked, so that it can be answered together."""
        for key in keys:
            self._expected[key] = max(width, self._expected.get(key, 0))

    def interval(self, key: Key, width: float, enough: int) -> tuple[int, int] | None:
        """Return the interval of a count if it is narrower than asked for, else None.

        A count known to be at least ``enough`` is no secret, however narrow.
        """
        if key in self.values:
            value = round(self.values[key])
            return (value, value) if value < enough and width > 0 else None
        program = self._program(key)
        return None if program is None else program.interval(key, width, enough)

    def _solve_singles(self) -> None:
        """Work out counts that one equation tells by itself, again and again."""
        todo = list(range(len(self.equations)))
        while todo:
            equation = self.equations[todo.pop()]
            unknown = [key for key in equation if key not in self.values]
            if len(unknown) == 1:
                key = unknown[0]
                rest = sum(c * self.values[k] for k, c in equation.items() if k != key)
                self.values[key] = -rest / equation[key]
                todo += self._of[key]

    def _program(self, key: Key) -> _Program | None:
        if key not in self._programs:
            members, numbers = self._part(key)
            program = _Program(self, members, numbers)
            program.sweep({k: self._expected[k] for k in members if k in self._expected})
            self._programs |= dict.fromkeys(members, program)
        return self._programs[key]

    def _part(self, start: Key) -> tuple[list[Key], list[int]]:
        """Return everything unknown that hangs together with a count, and the equations."""
        members, numbers = {start: None}, dict.fromkeys(self._of.get(start, ()))
        todo = list(numbers)
        while todo:
            for key in self.equations[todo.pop()]:
                if key not in self.values and key not in members:
                    members[key] = None
                    new = [number for number in self._of[key] if number not in numbers]
                    numbers |= dict.fromkeys(new)
                    todo += new
        return list(members), list(numbers)


class _Program:
    """One part as a linear program, warm from objective to objective."""

    def __init__(self, whole: Intervals, members: list[Key], numbers: list[int]) -> None:
        import highspy

        self.place = {key: i for i, key in enumerate(members)}
        self.counts = np.array([not _is_slack(key) for key in members])
        n = len(members)
        low = [max(whole.lower.get(k, 0.0), whole.low.get(k, 0.0)) for k in members]
        high = [whole.high.get(k, _most(k, whole.most)) for k in members]
        starts, index, value, rhs = [0], [], [], []
        for number in numbers:
            known = 0.0
            for key, coefficient in whole.equations[number].items():
                if key in whole.values:
                    known += coefficient * whole.values[key]
                else:
                    index.append(self.place[key])
                    value.append(coefficient)
            starts.append(len(index))
            rhs.append(-known)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = n, len(numbers)
        lp.col_cost_ = np.zeros(n)
        lp.col_lower_, lp.col_upper_ = np.array(low), np.array(high, dtype=float)
        lp.row_lower_ = lp.row_upper_ = np.array(rhs)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.array(starts, dtype=np.int32)
        lp.a_matrix_.index_ = np.array(index, dtype=np.int32)
        lp.a_matrix_.value_ = np.array(value)
        solver.passModel(lp)
        solver.setOptionValue("simplex_strategy", 4)
        self.solver, self.n = solver, n
        self.is_asked_whole = n <= whole.whole_up_to
        self.seen_low = np.full(n, np.inf)
        self.seen_high = np.full(n, -np.inf)

    def sweep(self, wanted: Mapping[Key, int]) -> None:
        """Look for values far apart for many counts at once.

        Each program pushes all counts that have not been seen so wide, at random up or
        down; its solution in whole numbers is one that a reader must hold possible.
        Only what is left is worth programs of its own.
        """
        if len(wanted) < WORTH_SWEEPING:
            return
        places = np.array([self.place[key] for key in wanted], dtype=np.int32)
        width = np.array(list(wanted.values()), dtype=float)
        random = np.random.default_rng(0)
        open_ = np.ones(len(places), dtype=bool)
        idle = 0
        for _ in range(MOST_SWEEPS):
            pushed = places[open_]
            self.solver.changeColsCost(len(pushed), pushed, random.choice([-1.0, 1.0], len(pushed)))
            is_solved = self._solve() is not None
            self.solver.changeColsCost(len(pushed), pushed, np.zeros(len(pushed)))
            before = int(open_.sum())
            open_ = self.seen_high[places] - self.seen_low[places] < width
            idle = 0 if before - open_.sum() > before * IDLE else idle + 1
            if not is_solved or not open_.any() or idle > MOST_IDLE:
                return

    def interval(self, key: Key, width: float, enough: int) -> tuple[int, int] | None:
        """See `Intervals.interval`."""
        at = self.place[key]
        if self.seen_high[at] - self.seen_low[at] >= width:
            return None
        low = self._extreme(at, 1.0)
        if low is None:
            return 1, 0
        if low >= enough - EPSILON or self.seen_high[at] - self.seen_low[at] >= width:
            return None
        high = self._extreme(at, -1.0)
        if high is None or high - low < width - EPSILON:
            ends = (int(np.ceil(low - EPSILON)), int(np.floor((high or 0.0) + EPSILON)))
            return (ends[0], max(ends))
        if self.seen_high[at] - self.seen_low[at] < width:
            if not self.is_asked_whole:
                return None
            self._in_whole_numbers(at)
        if self.seen_low[at] > self.seen_high[at]:
            return 1, 0  # in fractions it can be solved, in persons it cannot
        if self.seen_high[at] - self.seen_low[at] < width:
            return int(self.seen_low[at]), int(self.seen_high[at])
        return None

    def _extreme(self, at: int, sign: float) -> float | None:
        self.solver.changeColCost(at, sign)
        values = self._solve()
        self.solver.changeColCost(at, 0.0)
        return None if values is None else float(values[at])

    def _solve(self) -> NDArray[np.float64] | None:
        import highspy

        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.array(self.solver.getSolution().col_value)
        self._note(values)
        return values

    def _in_whole_numbers(self, at: int) -> None:
        import highspy

        places = np.flatnonzero(self.counts).astype(np.int32)
        for kind, signs in (
            (highspy.HighsVarType.kInteger, (1.0, -1.0)),
            (highspy.HighsVarType.kContinuous, ()),
        ):
            self.solver.changeColsIntegrality(len(places), places, np.full(len(places), kind))
            for sign in signs:
                self._extreme(at, sign)

    def _note(self, values: NDArray[np.float64]) -> None:
        """Keep how far apart counts were seen: in whole persons, unless fractions are enough."""
        whole = np.round(values)
        if np.abs(values - whole)[self.counts].max() < EPSILON:
            values = whole
        elif self.is_asked_whole:
            return
        np.minimum(self.seen_low, values, out=self.seen_low)
        np.maximum(self.seen_high, values, out=self.seen_high)


def _most(key: Key, most: float) -> float:
    """Return the most that a count can be; several answers can be more than persons."""
    return np.inf if any(text.startswith(MORE) for text in key[1]) else most


def _is_slack(key: Key) -> bool:
    """Tell whether a variable is no count but what rounding leaves open."""
    return "percent slack" in key[1]
