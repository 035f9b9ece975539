"""What a weighted figure says of the few in it: how those counted are composed of classes.

A count n and its weighted count are two equations about how many of each class
of weights are in it. A reader who knows the weights asks for each group of
classes (the women, the women under 30) how many there can be. A group of one
to a few must be able to be none, or as many as may be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evaluation.protection.compositions import without_few

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.protection.weight_classes import WeightClasses

EPSILON = 1e-7
ENOUGH = 50
"""Compositions that may be expected to give a sum, from which on one is taken to exist."""
MOST_GROUPS = 120
"""Groups of classes that are looked at, those of fewest variables first."""
MOST_NODES = 200
"""Branches of an integer program after which a composition is taken not to exist."""


class Group(NamedTuple):
    """Some of the classes of a weight.

    Attributes
    ----------
    variables, codes
        What those in it have in common.
    inside
        1-D bool per class.
    """

    variables: tuple[str, ...]
    codes: tuple[str, ...]
    inside: NDArray[np.bool_]


def groups_of(classes: WeightClasses) -> tuple[Group, ...]:
    """Return the groups of classes that have a code of some variables in common."""
    found: dict[bytes, Group] = {}
    names = classes.variables
    for size in range(1, len(names) + 1):
        for places in combinations(range(len(names)), size):
            stated = [tuple(codes[place] for place in places) for codes in classes.codes]
            for wanted in dict.fromkeys(stated):
                inside = np.array([codes == wanted for codes in stated], dtype=bool)
                if not inside.all() and inside.tobytes() not in found:
                    variables = tuple(names[place] for place in places)
                    found[inside.tobytes()] = Group(variables, wanted, inside)
                if len(found) == MOST_GROUPS:
                    return tuple(found.values())
    return tuple(found.values())


class _Sums:
    """Least and greatest weight of so many persons of some classes."""

    def __init__(self, weight: NDArray[np.float64], size: NDArray[np.int64], sign: float) -> None:
        order = np.argsort(sign * weight, kind="stable")
        self.persons = np.concatenate([[0.0], np.cumsum(size[order])])
        self.weight = np.concatenate([[0.0], np.cumsum(size[order] * weight[order])])
        self.never = sign * np.inf

    def of(self, n: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.interp(n, self.persons, self.weight)
        return np.where((n < 0) | (n > self.persons[-1]), self.never, sums)


@dataclass(frozen=True, slots=True)
class Mix:
    """A part of the classes and the rest, as sums of weights by number of persons."""

    part: tuple[_Sums, _Sums]
    rest: tuple[_Sums, _Sums]
    gap: float
    """Greatest difference of weights that are next to each other."""

    def allows(
        self,
        s: int,
        n: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> NDArray[np.bool_]:
        """Tell of counts whether ``s`` of the part can be in them, parts of persons allowed."""
        inside = np.full(len(n), float(s))
        least = self.part[0].of(inside) + self.rest[0].of(n - s)
        most = self.part[1].of(inside) + self.rest[1].of(n - s)
        return (least <= high + EPSILON) & (most >= low - EPSILON)


def mix(classes: WeightClasses, part: NDArray[np.bool_], among: NDArray[np.bool_]) -> Mix:
    """Set a part of the classes against the rest of those that can be in a count."""
    sides = []
    gaps = [0.0]
    for chosen in (part & among, ~part & among):
        low, high, size = classes.low[chosen], classes.high[chosen], classes.size[chosen]
        sides.append((_Sums(low, size, 1.0), _Sums(high, size, -1.0)))
        gaps += np.diff(np.sort(low)).tolist()
    return Mix(sides[0], sides[1], max(gaps))


def tells_few(
    classes: WeightClasses,
    part: NDArray[np.bool_],
    among: NDArray[np.bool_],
    counted: Sequence[tuple[int, float, float]],
    threshold: int,
    *,
    is_sure: bool = True,
    budget: list[int] | None = None,
) -> list[bool]:
    """Tell of counts in which few are of a part whether their weighted figure says so.

    Parameters
    ----------
    classes
        What a reader knows.
    part, among
        1-D bool per class: the part, and all that can be in these counts.
    counted
        Per count: persons, and the least and greatest sum of their weights.
    threshold
        Smallest count that may be shown.
    is_sure
        There are few of the part in each; otherwise that is to follow too.
    budget
        How many integer programs may be solved yet, changed in place: after that a composition
        that is not likely is taken not to exist.
    """
    made = mix(classes, part, among)
    n, low, high = (np.array(column, dtype=float) for column in zip(*counted, strict=True))
    none, many = (made.allows(s, n, low, high) for s in (0, threshold))
    # how many of the part there can be is an interval: beyond it nothing
    open_ = none | many
    dense = made.gap <= high - low + EPSILON
    told = [
        not open_[at]
        or not (
            dense[at]
            or _is_open(
                _Exact(classes, part, among, counted[at]),
                (bool(none[at]), bool(many[at])),
                threshold,
                budget,
            )
        )
        for at in range(len(counted))
    ]
    if not is_sure:
        between = np.logical_or.reduce([made.allows(s, n, low, high) for s in range(1, threshold)])
        told = [bool(one) for one in np.array(told) & between]
    return told


def _is_open(
    exact: _Exact, may_be: tuple[bool, bool], threshold: int, budget: list[int] | None
) -> bool:
    """Tell whether none of the part, or as many as may be shown, can be in a count."""
    ends = [(0, 0), (threshold, exact.n)]
    wanted = [end for end, possible in zip(ends, may_be, strict=True) if possible]
    if any(exact.is_likely(few) for few, _ in wanted):
        return True
    for few, many in wanted:
        if budget is not None:
            if budget[0] <= 0:
                return False
            budget[0] -= 1
        if exact.is_found(few, many):
            return True
    return False


def hidden_range(
    classes: WeightClasses,
    part: NDArray[np.bool_],
    known: Sequence[tuple[NDArray[np.bool_], int]],
    among: NDArray[np.bool_],
    counted: tuple[int, float, float],
) -> tuple[int, int, int]:
    """Return how few and how many of a hidden part can be in a count, and how many are open.

    Parameters
    ----------
    classes
        What a reader knows.
    part
        1-D bool per class.
    known
        Other parts and how many of each are counted, as shown.
    among
        1-D bool per class: all that can be in the count.
    counted
        Persons, and the least and greatest sum of their weights.
    """
    n, low, high = counted
    left = among.copy()
    for other, m in known:
        own = classes.low[other], classes.high[other], classes.size[other]
        persons = np.array([float(m)])
        low -= float(_Sums(own[1], own[2], -1.0).of(persons)[0])
        high -= float(_Sums(own[0], own[2], 1.0).of(persons)[0])
        left &= ~other
        n -= m
    made = mix(classes, part, left)
    if made.gap > high - low + EPSILON and not _Exact(
        classes, part, left, (n, low, high)
    ).is_likely(1):
        return 0, 0, n
    s = np.arange(n + 1, dtype=float)
    least = made.part[0].of(s) + made.rest[0].of(n - s)
    most = made.part[1].of(s) + made.rest[1].of(n - s)
    possible = np.flatnonzero((least <= high + EPSILON) & (most >= low - EPSILON))
    return (int(possible[0]), int(possible[-1]), n) if len(possible) else (0, n, n)


def otherwise(
    classes: WeightClasses,
    part: NDArray[np.bool_],
    among: NDArray[np.bool_],
    counted: tuple[int, float, float],
    threshold: int,
) -> tuple[float, float]:
    """Return how many compositions are left in which a part is none, or enough to be shown.

    Returns
    -------
    tuple of float
        Compositions, were all sums of weights alike; and how far apart their sums of
        squared weights can be.
    """
    n, least, most = counted
    inside, outside = part & among, ~part & among
    size = classes.size
    low, high = float(classes.low[among].min()), float(classes.high[among].max())
    free = max(1, min(n, int(size[among].sum()) - n))
    share = min(1.0, (most - least) / max(free * (high - low), EPSILON))
    found = without_few(size[inside], size[outside], n, threshold)
    return found * share, free * max(high**2 - low**2, EPSILON)


class _Exact:
    """One count in whole persons."""

    def __init__(
        self,
        classes: WeightClasses,
        part: NDArray[np.bool_],
        among: NDArray[np.bool_],
        counted: tuple[int, float, float],
    ) -> None:
        chosen = np.flatnonzero(among)
        self.part = part[chosen]
        self.low, self.high = classes.low[chosen], classes.high[chosen]
        self.size = classes.size[chosen]
        self.n, self.least, self.most = counted

    def is_likely(self, few: int) -> bool:
        """Tell whether so many compositions share so few sums that some must fit."""
        ways = _ways(self.size[self.part], few) * _ways(self.size[~self.part], self.n - few)
        spread = self.n * float(self.high.max() - self.low.min())
        return ways * (self.most - self.least) >= ENOUGH * max(spread, EPSILON)

    def is_found(self, few: int, many: int) -> bool:
        """Tell whether some composition with so many of the part gives the weighted figure."""
        import highspy

        size = len(self.size)
        solver = highspy.Highs()
        for name, value in (("output_flag", False), ("threads", 1), ("mip_max_nodes", MOST_NODES)):
            solver.setOptionValue(name, value)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = size, 4
        lp.col_cost_ = np.zeros(size)
        lp.col_lower_ = np.zeros(size)
        lp.col_upper_ = np.minimum(self.size, self.n).astype(float)
        lp.integrality_ = [highspy.HighsVarType.kInteger] * size
        rows = np.stack([np.ones(size), self.part.astype(float), self.low, self.high])
        lp.row_lower_ = np.array([self.n, few, -np.inf, self.least - EPSILON], dtype=float)
        lp.row_upper_ = np.array([self.n, many, self.most + EPSILON, np.inf], dtype=float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = (np.arange(5) * size).astype(np.int32)
        lp.a_matrix_.index_ = np.tile(np.arange(size), 4).astype(np.int32)
        lp.a_matrix_.value_ = rows.ravel()
        solver.passModel(lp)
        solver.run()
        return bool(solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _ways(size: NDArray[np.int64], n: int) -> float:
    """Return a number of ways, no more than there are, to take persons from classes."""
    if n == 0:
        return 1.0
    if n > int(size.sum()) or n < 0:
        return 0.0
    large = int((size >= n).sum())
    found = comb(n + large - 1, n) if large else 0
    return float(min(max(found, comb(len(size), n), _exchanges(size, n)), 10**12))


def _exchanges(size: NDArray[np.int64], n: int) -> int:
    """Return in how many ways pairs of classes can exchange persons, taken in proportion."""
    taken = n * size // max(1, int(size.sum()))
    room = np.sort(np.minimum(taken, size - taken))[::-1]
    pairs = 2 * room[1::2] + 1
    return int(min(np.prod(pairs.astype(float)), 1e12))
