"""Which printed changed counts let a reader come too close to a count, and are to be hidden.

A linear program looks for two populations that differ enough in the count,
and may leave what a print allows at a price. The prints that it leaves are
those that stand in the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evaluation.protection.audit_cells import in_order
from evaluation.protection.audit_changed import loosened, systems
from evaluation.protection.audit_plain import DIFFERENCE, GROUP, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_cells import Key, Reading
    from evaluation.protection.audit_equations import Equations
    from evaluation.protection.audit_plain import Place
    from evaluation.protection.release import Leak

    Named = tuple[str, str, str]

EPSILON = 1e-6
MOST_LEAKS = 200
"""Leaks looked into at a time; the next round finds the others."""
PASSES, DEAR = 3, 0.1
"""Programs per leak; how dear it is to leave a print by little, once that has been seen."""
MARGIN = (0, 1, 2)
"""How much more is asked for in turn where a linear program sees no leak, only whole numbers do."""


class _Wanted(NamedTuple):
    """Two values that must both be possible: at most, at least, and how far apart."""

    low: float
    high: float
    width: float


def changed_causes(leaks: Sequence[Leak], reading: Reading, policy: AuditPolicy) -> set[Named]:
    """Choose the cells that are to be hidden against leaks.

    Parameters
    ----------
    leaks
        As the audit found them.
    reading
        What it attacked.
    policy
        What it holds the release against.

    Returns
    -------
    set
        Table, row and column of printed cells of the release at hand: as few as
        may be enough for all leaks.
    """
    known = loosened(reading, policy)
    cells: dict[Key, list[Named]] = {}
    for cell in reading.cells[: reading.n_own]:
        if cell.key in known.ends and cell.n is not None:
            cells.setdefault(cell.key, []).append(cell.place)
    for cell in reading.cells[reading.n_own :]:
        if cell.n is not None:
            cells.pop(cell.key, None)  # to hide what is out would be in vain
    wanted = {(leak.source, leak.table, leak.row, leak.column): leak for leak in leaks[:MOST_LEAKS]}
    chosen: set[Key] = set()
    for equations in systems(known, policy):
        program = _Program(equations, {key: len(places) for key, places in cells.items()})
        targets = sorted(_targets(equations, wanted), key=lambda one: in_order(one[0]))
        for key, leak in targets:
            chosen |= program.cheapest(key, _ways(leak, policy), chosen)
    return {place for key in chosen for place in cells[key]}


def _targets(equations: Equations, wanted: Mapping[Place, Leak]) -> Iterator[tuple[Key, Leak]]:
    for kind, found in (
        (DIFFERENCE, equations.differences),
        (GROUP, equations.rests),
        ("", equations.hidden),
    ):
        for key, cell in found.items():
            leak = wanted.get(place_of(cell))
            if leak is not None and kind in (leak.code, ""):
                yield key, leak


def _ways(leak: Leak, policy: AuditPolicy) -> tuple[_Wanted, ...]:
    """Return what would be enough, in either of two ways: perhaps nobody, or perhaps many."""
    enough, width = float(policy.threshold), float(policy.interval_width)
    if leak.code == GROUP:
        return (_Wanted(np.inf, policy.insider + 1.0, 0.0),)
    if leak.code == DIFFERENCE:
        return _Wanted(0.0, 0.0, 0.0), _Wanted(np.inf, enough, 0.0)
    return _Wanted(0.0, min(width, enough - 1), 0.0), _Wanted(np.inf, enough, width)


class _Program:
    """Two populations of which each must add up; what they leave of the prints has a price."""

    def __init__(self, equations: Equations, cost: Mapping[Key, int]) -> None:
        from scipy.sparse import block_diag, csc_matrix, hstack

        listed = [
            {key: equation[key] for key in sorted(equation, key=in_order)}
            for equation in equations.equations
        ]
        listed.sort(key=lambda equation: [in_order(key) for key in equation])
        place: dict[Key, int] = {}
        entries = [
            (number, place.setdefault(key, len(place)), by)
            for number, equation in enumerate(listed)
            for key, by in equation.items()
        ]
        rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
        one = csc_matrix((values, (rows, columns)), shape=(len(listed), len(place)))
        self.place, self.n = place, len(place)
        self.open = [key for key in place if key in cost]
        left = one[:, [place[key] for key in self.open]]
        single = hstack([one, left, -left])
        self.size = single.shape[1]
        self.matrix = block_diag([single, single]).tocsr()
        low = [equations.values.get(k, equations.low.get(k, 0.0)) for k in place]
        high = [equations.values.get(k, equations.high.get(k, np.inf)) for k in place]
        down = [equations.low.get(k, 0.0) for k in self.open]
        self.low = np.concatenate([low, np.zeros(2 * len(self.open))])
        self.high = np.concatenate([high, np.full(len(self.open), np.inf), down])
        self.cost = np.array([float(cost[key]) for key in self.open])

    def cheapest(self, key: Key, ways: Sequence[_Wanted], chosen: set[Key]) -> set[Key]:
        """Return the prints to leave so that a count can be what is wanted, beside those chosen.

        None where these are enough, or nothing can bring it about.
        """
        if key not in self.place:
            return set()
        for more in MARGIN:
            solved = []
            for way in ways:
                found = self._left(key, way, more, chosen)
                solved += [found] if found is not None else []
                if found is not None and found[0] == 0:
                    break
            if not solved:
                return set()
            left = min(solved, key=lambda one: one[0])[1]
            if left:
                return left - chosen
        return set()

    def _left(
        self, key: Key, wanted: _Wanted, more: int, chosen: set[Key]
    ) -> tuple[float, set[Key]] | None:
        """Return what is left of the prints, and its price; first for little, then for few.

        What a first solution leaves by little is made dear in the next, so that
        it leaves few prints by much.
        """
        limits, most = self._limits(key, wanted, more)
        own = np.where([k in chosen for k in self.open], 0.0, self.cost)
        price, found = own, None
        for _ in range(PASSES):
            moved = self._solved(limits, most, price)
            if moved is None:
                return found
            is_left = moved > EPSILON
            left = {self.open[i] for i in np.flatnonzero(is_left)}
            paid = float(own[is_left].sum())
            if found is None or paid < found[0]:
                found = paid, left
            if paid == 0:
                break
            price = own / (moved + DEAR)
        return found

    def _limits(
        self, key: Key, wanted: _Wanted, more: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rows = np.zeros((3, 2 * self.size))
        self._count(key, rows[0], 0, 1.0)
        self._count(key, rows[0], self.size, -1.0)
        self._count(key, rows[1], self.size, -1.0)
        self._count(key, rows[2], 0, 1.0)
        most = np.array([-(wanted.width + more), -(wanted.high + more), wanted.low])
        kept = np.isfinite(most)
        return rows[kept], most[kept]

    def _solved(
        self,
        limits: NDArray[np.float64],
        most: NDArray[np.float64],
        price: NDArray[np.float64],
    ) -> NDArray[np.float64] | None:
        """Return by how much each print is left, in either population."""
        from scipy.optimize import linprog

        solved = linprog(
            np.tile(np.concatenate([np.zeros(self.n), price, price]), 2),
            A_ub=limits,
            b_ub=most,
            A_eq=self.matrix,
            b_eq=np.zeros(self.matrix.shape[0]),
            bounds=np.tile(np.column_stack([self.low, self.high]), (2, 1)),
        )
        if solved.status != 0:
            return None
        moved = solved.x.reshape(2, self.size)[:, self.n :]
        most_moved: NDArray[np.float64] = moved.reshape(4, len(self.open)).max(axis=0)
        return most_moved

    def _count(self, key: Key, row: NDArray[np.float64], start: int, by: float) -> None:
        """Write a count, with what it leaves of its print, into a row."""
        row[start + self.place[key]] = by
        if key in self.open:
            at = start + self.n + self.open.index(key)
            row[at], row[at + len(self.open)] = by, -by
