"""Linear programs over counts class by class: what weighted figures leave possible."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evaluation.protection.audit_plain import leak_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_cells import Key, Published
    from evaluation.protection.release import Leak

WEIGHTED = "weighted"
"""Kind of leak, beside those of ``audit_plain``."""
EPSILON = 1e-5
SWEEPS, IDLE = 40, 5
"""Programs that push all that is open together at most; how many in a row may tell nothing."""
Form = dict[int, float]
"""Sum of unknowns."""


class Figure(NamedTuple):
    """A weighted figure of the release: table, row, column, and which."""

    table: str
    row: str
    column: str
    kind: str


@dataclass(slots=True)
class Target:
    """A count that must not be known too closely."""

    form: Form
    cell: Published
    is_hidden: bool


@dataclass(slots=True)
class Rows:
    """Linear constraints, and the weighted figure that each comes from."""

    forms: list[Form] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    source: list[Figure | None] = field(default_factory=list)
    told: set[tuple[frozenset[tuple[int, float]], float, float]] = field(default_factory=set)

    def add(self, form: Form, low: float, high: float, source: Figure | None = None) -> None:
        """Add a constraint, once; what a figure tells is kept apart from what others tell."""
        told = (frozenset(form.items()), low, high)
        if form and (source or told not in self.told):
            self.told.add(told)
            self.forms.append(form)
            self.low.append(low)
            self.high.append(high)
            self.source.append(source)


class Program:
    """The linear program of one question."""

    def __init__(
        self,
        bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
        rows: Rows,
        targets: Sequence[Target],
        lower: Mapping[Key, float],
        policy: AuditPolicy,
    ) -> None:
        import highspy
        from scipy.sparse import csr_matrix

        self.policy, self.rows, self.targets = policy, rows, targets
        self.n = len(bounds[0])
        hidden = [t for t in targets if t.is_hidden and lower.get(t.cell.key)]
        rows.forms += [t.form for t in hidden]
        rows.low += [lower[t.cell.key] for t in hidden]
        rows.high += [np.inf] * len(hidden)
        rows.source += [None] * len(hidden)
        at = np.repeat(np.arange(len(targets)), [len(t.form) for t in targets])
        to = np.array([column for t in targets for column in t.form], dtype=np.int64)
        shape = (len(targets), self.n)
        self.matrix = csr_matrix((np.ones(len(at)), (at, to)), shape=shape)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.n, len(rows.forms)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = np.zeros(self.n), *bounds
        lp.row_lower_, lp.row_upper_ = np.array(rows.low), np.array(rows.high)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lengths = [0, *(len(form) for form in rows.forms)]
        lp.a_matrix_.start_ = np.cumsum(lengths).astype(np.int32)
        lp.a_matrix_.index_ = np.array([c for f in rows.forms for c in f], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([v for f in rows.forms for v in f.values()], dtype=float)
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.setOptionValue("threads", 1)
        self.solver.passModel(lp)
        self.optimal = highspy.HighsModelStatus.kOptimal
        self.least = np.full(len(targets), np.inf)
        self.most = np.full(len(targets), -np.inf)
        self.hidden = np.array([t.is_hidden for t in targets])

    def is_possible(self) -> bool:
        """Tell whether the assumptions agree with the numbers."""
        return self._solve(np.zeros(self.n))

    def leaks(self) -> dict[Leak, frozenset[Figure]]:
        """Return what is known too closely, and the figures that it rests on."""
        self._sweep()
        found: dict[Leak, frozenset[Figure]] = {}
        for at in np.flatnonzero(self._open()).tolist():
            if not self._open()[at]:
                continue
            target = self.targets[at]
            because: set[Figure] = set()
            for sign in (1.0, -1.0):
                if not self._solve(self.matrix[[at]].T.toarray().ravel() * sign):
                    break
                duals = np.abs(np.array(self.solver.getSolution().row_dual))
                because |= {
                    source
                    for row in np.flatnonzero(duals > EPSILON)
                    if (source := self.rows.source[row]) is not None
                }
                if not self._open()[at]:
                    break
            else:
                ends = (
                    int(np.ceil(self.least[at] - EPSILON)),
                    int(np.floor(self.most[at] + EPSILON)),
                )
                if because and self._is_told(target, *ends):
                    found[leak_at(WEIGHTED, target.cell, ends, self.policy)] = frozenset(because)
        return found

    def _is_told(self, target: Target, low: int, high: int) -> bool:
        if target.is_hidden:
            return low < self.policy.threshold and high - low < self.policy.interval_width
        return 1 <= low <= high < self.policy.threshold

    def _open(self) -> NDArray[np.bool_]:
        """Tell of which targets nothing has been seen yet that lets them off."""
        with np.errstate(invalid="ignore"):
            whole = np.floor(self.most + EPSILON) - np.ceil(self.least - EPSILON)
        far = whole >= self.policy.interval_width
        free = (self.least <= EPSILON) | (self.most >= self.policy.threshold - EPSILON)
        open_: NDArray[np.bool_] = np.where(self.hidden, ~far, ~free)
        return open_

    def _sweep(self) -> None:
        """Push all that is open together, at random up or down."""
        random = np.random.default_rng(0)
        idle = 0
        for _ in range(SWEEPS):
            open_ = self._open()
            before = int(open_.sum())
            if not before or idle >= IDLE:
                return
            signs = np.where(open_, random.choice([-1.0, 1.0], len(open_)), 0.0)
            if not self._solve(self.matrix.T @ signs):
                return
            idle = 0 if int(self._open().sum()) < before else idle + 1

    def _solve(self, cost: NDArray[np.float64]) -> bool:
        places = np.arange(self.n, dtype=np.int32)
        self.solver.changeColsCost(self.n, places, np.asarray(cost, dtype=float))
        self.solver.run()
        if self.solver.getModelStatus() != self.optimal:
            self.solver.clearSolver()  # a warm start can lead astray
            self.solver.run()
        if self.solver.getModelStatus() != self.optimal:
            return False
        values = self.matrix @ np.array(self.solver.getSolution().col_value)
        np.minimum(self.least, values, out=self.least)
        np.maximum(self.most, values, out=self.most)
        return True
