"""Which shown counts of a release let a reader come too close to a hidden one.

The audit says that a count can be derived; the linear program's dual solution
says from what. Needed where the count stands in no table of the release at
hand (an earlier release hid it), so that no wider interval can be asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evaluation.protection.audit_cells import in_order
from evaluation.protection.audit_equations import MORE, write_equations
from evaluation.protection.audit_joint import joint_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evaluation.protection.audit import AuditPolicy
    from evaluation.protection.audit_cells import Key, Reading
    from evaluation.protection.audit_equations import Equations
    from evaluation.protection.release import Leak

EPSILON = 1e-6
MOST_LEAKS = 200
"""Leaks looked into at a time; the next round finds the others."""
ZERO = 3
"""How much worse it is to hide a zero that the policy prints than another count."""
LARGEST = 20_000
"""Counts in a program above which it is left alone."""
Place = tuple[str, str, str]


class _Bound(NamedTuple):
    """One end of an interval, and by how much each count moves it."""

    value: float
    moves: dict[Key, float]


def causes(
    leaks: Sequence[Leak], reading: Reading, policy: AuditPolicy
) -> dict[Leak, tuple[Place, ...]]:
    """Find for each leak the cells that are to be hidden against it.

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
    dict
        Leak -> table, row and column of shown cells of the release at hand: as
        few as may be enough. Without an entry where no linear program explains it.
    """
    cells: dict[Key, list[Place]] = {}
    for cell in reading.cells[: reading.n_own]:
        if cell.n is not None:
            cells.setdefault(cell.key, []).append(cell.place)
    for cell in reading.cells[reading.n_own :]:
        if cell.n is not None:
            cells.pop(cell.key, None)  # to hide what is out would be in vain
    places = {(leak.source, *_spot(leak)): leak for leak in leaks[:MOST_LEAKS]}
    found: dict[Leak, tuple[Place, ...]] = {}
    for equations in _systems(reading, policy):
        program = _Program(equations, policy)
        targets = {**equations.hidden, **equations.differences, **equations.rests}
        for key, cell in targets.items():
            leak = places.get((cell.source, *cell.place))
            if leak is None or leak in found:
                continue
            chosen = _cheapest(program, key, leak.required, cells)
            if chosen:
                found[leak] = tuple(place for one in chosen for place in cells[one])
    return found


def _systems(reading: Reading, policy: AuditPolicy) -> Iterator[Equations]:
    equations = write_equations(reading, policy.structure)
    yield equations
    yield from joint_tables(reading, equations, policy.structure)


def _spot(leak: Leak) -> Place:
    return leak.table, leak.row, leak.column


def _cheapest(
    program: _Program, key: Key, required: int, cells: Mapping[Key, Sequence[Place]]
) -> list[Key]:
    """Return the counts that widen an interval most for their cells, until it is wide enough."""
    low, high = program.end(key, 1.0), program.end(key, -1.0)
    if low is None or high is None or high.value - low.value >= required - EPSILON:
        return []
    lacking = required - (high.value - low.value)
    gains: dict[Key, float] = {}
    for moves in (low.moves, high.moves):
        for one, rate in moves.items():
            if one in cells and abs(rate) > EPSILON:
                room = max(0.0, program.values[one] - 1.0) if rate > 0 else program.most
                gains[one] = gains.get(one, 0.0) + abs(rate) * room
    chosen: list[Key] = []
    ranked = sorted(
        gains,
        key=lambda k: (
            (ZERO if program.values[k] == 0 else 1)
            * len(cells[k])
            / max(EPSILON, min(gains[k], lacking)),
            in_order(k),
        ),
    )
    for one in ranked:
        if lacking <= EPSILON:
            break
        if gains[one] > EPSILON:
            chosen.append(one)
            lacking -= gains[one]
    return chosen


class _Program:
    """The audit's equations with the shown counts kept in, so that each has a price."""

    def __init__(self, equations: Equations, policy: AuditPolicy) -> None:
        self.values: dict[Key, float] = {k: float(n) for k, n in equations.values.items()}
        self.equations = equations.equations
        self.bounds = (equations.low, equations.high)
        self.least = {
            key: 1.0
            for key, cell in equations.hidden.items()
            if not cell.is_missing and policy.prints_zeros(cell)
        }
        self.most = max([*self.values.values(), float(policy.threshold)])
        self._of: dict[Key, list[int]] = {}
        for number, equation in enumerate(self.equations):
            for key in equation:
                self._of.setdefault(key, []).append(number)

    def end(self, key: Key, sign: float) -> _Bound | None:
        """Return the least (or, with -1, the greatest) value of a count and what it rests on."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_matrix

        rows = self._around(key)
        columns = list(dict.fromkeys([key, *(k for row in rows for k in self.equations[row])]))
        if len(columns) > LARGEST:
            return None
        place = {k: i for i, k in enumerate(columns)}
        entries = [
            (i, place[k], v) for i, row in enumerate(rows) for k, v in self.equations[row].items()
        ]
        at, to, by = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = csr_matrix((by, (at, to)), shape=(len(rows), len(columns)))
        cost = np.zeros(len(columns))
        cost[place[key]] = sign
        for least in (self.least, {}):
            limits = [self._limits(k, least) for k in columns]
            solved = linprog(cost, A_eq=matrix, b_eq=np.zeros(len(rows)), bounds=limits)
            if solved.status == 0:
                rates = solved.lower.marginals + solved.upper.marginals
                moves = {k: float(rates[i]) for k, i in place.items() if k in self.values}
                return _Bound(float(sign * solved.fun), moves)
        return None

    def _limits(self, key: Key, least: Mapping[Key, float]) -> tuple[float, float | None]:
        if key in self.values:
            return self.values[key], self.values[key]
        is_free = "percent slack" in key[1] or any(text.startswith(MORE) for text in key[1])
        low = max(least.get(key, 0.0), self.bounds[0].get(key, 0.0))
        return low, None if is_free else self.bounds[1].get(key, self.most)

    def _around(self, start: Key) -> list[int]:
        """Return the equations that hang together with a count by what is not shown."""
        rows = dict.fromkeys(self._of.get(start, ()))
        seen: set[Key] = {start}
        todo = list(rows)
        while todo:
            for key in self.equations[todo.pop()]:
                if key not in self.values and key not in seen:
                    seen.add(key)
                    new = [row for row in self._of[key] if row not in rows]
                    rows |= dict.fromkeys(new)
                    todo += new
        return list(rows)
