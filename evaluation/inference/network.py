"""Exact p-value of an r × c table with fixed margins, by a network algorithm.

A table is built column by column. A *node* is what remains of the row totals
(sorted: which row is which does not matter to what can still follow), a
*path* into it has a length, the sum of -ln x! over the cells filled so far.
At each step bounds on the longest and shortest way onwards tell for which
paths *all* completions are no more probable than the observed table (their
mass is known in closed form) and for which *none* is; only paths between are
followed. Before the last two columns the remaining ways are listed, sorted
and looked up.

Mehta and Patel (1983), JASA 78:427; Clarkson, Fan and Joe (1993), ACM TOMS 19:484.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


MOST_CELLS: Final = 4_000_000
MOST_PATHS: Final = 2_000_000
"""What may stand in memory at once: some hundred megabytes."""


def log_factorials(n: int) -> Floats:
    """Return ln 0! … ln n!, 1-D of length n + 1."""
    from scipy.special import gammaln

    return np.asarray(gammaln(np.arange(n + 1) + 1.0))


@dataclass(frozen=True, slots=True)
class _Paths:
    """Paths into the nodes of one step, grouped by node.

    Attributes
    ----------
    nodes
        2-D, nodes × rows: what remains of the row totals, ascending in each.
    start
        1-D: where each node's paths begin in ``length``; one more at the end.
    length, ways
        1-D: length of each path (ascending within a node) and how many have it.
    """

    nodes: Ints
    start: Ints
    length: Floats
    ways: Floats


def exact_p(counts: Ints, *, work_limit: int, tolerance: float) -> float | None:
    """Return the two-sided p-value, or None where it would take too many steps.

    Parameters
    ----------
    counts
        2-D whole counts without empty rows or columns, larger than 2 × 2.
    work_limit
        Greatest number of path and arc steps.
    tolerance
        On the logarithmic scale: lengths this close count as equal.
    """
    table = counts if counts.shape[0] <= counts.shape[1] else counts.T
    table = table[:, np.argsort(-table.sum(axis=0), kind="stable")]
    return _Network(table, work_limit, tolerance).run()


class _Network:
    """The state of one computation: margins, budget, and the mass settled so far."""

    def __init__(self, table: Ints, work_limit: int, tolerance: float) -> None:
        self.columns = table.sum(axis=0)
        self.rows = np.sort(table.sum(axis=1))
        self.lf = log_factorials(int(table.sum()))
        self.threshold = float(-self.lf[table].sum()) + tolerance
        total = self.lf[-1] - self.lf[self.rows].sum() - self.lf[self.columns].sum()
        self.log_total = float(total)
        self.work_left = work_limit
        self.mass = 0.0

    def run(self) -> float | None:
        paths = _Paths(
            self.rows[np.newaxis], np.array([0, 1]), np.zeros(1), np.ones(1, dtype=np.float64)
        )
        for k in range(len(self.columns) - 2):
            followed = self._follow_column(paths, k)
            if followed is None:
                return None
            paths = followed
        if not self._finish(paths):
            return None
        return float(min(1.0, max(0.0, self.mass)))

    def _spend(self, steps: int) -> bool:
        self.work_left -= steps
        return self.work_left >= 0

    def _follow_column(self, paths: _Paths, k: int) -> _Paths | None:
        """Fill column k in every possible way from every node."""
        found: list[tuple[Ints, Floats, Floats]] = []
        n_paths = 0
        for i, node in enumerate(paths.nodes):
            part = slice(paths.start[i], paths.start[i + 1])
            n_arcs = _count_fillings(node, int(self.columns[k]))
            cells = n_arcs * len(node) * (len(self.columns) - k)
            if cells > MOST_CELLS or n_paths > MOST_PATHS or not self._spend(cells):
                return None
            arcs = _fillings(node, int(self.columns[k]))
            step = -self.lf[arcs].sum(axis=1)
            ends, which = _distinct(np.sort(node - arcs, axis=1))
            step, ways, end = _merge_parallel(step, which)
            piece = self._settle(paths.length[part], paths.ways[part], step, ways, ends, end, k)
            if piece is None:
                return None
            found.append(piece)
            n_paths += len(piece[1])
        return _group(found, len(self.rows))

    def _settle(
        self, length: Floats, ways: Floats, step: Floats, step_ways: Floats,
        ends: Ints, end: Ints, k: int,
    ) -> tuple[Ints, Floats, Floats] | None:  # fmt: skip
        """Settle what the bounds settle; return the paths that must be followed."""
        rest = self.columns[k + 1 :]
        longest = _longest(ends, rest, self.lf)[end]
        shortest = _shortest(ends, rest, self.lf)[end]
        log_rest = (self.lf[int(rest.sum())] - self.lf[ends].sum(axis=1) - self.lf[rest].sum())[end]
        n_all = np.searchsorted(length, self.threshold - step - longest, side="right")
        n_any = np.searchsorted(length, self.threshold - step - shortest, side="right")
        n_any = np.maximum(n_any, n_all)
        # probabilities are scaled by the largest path so that nothing underflows on the way
        top = length[-1]
        cumulative = np.concatenate([[0.0], np.cumsum(ways * np.exp(length - top))])
        weight = step_ways * np.exp(step + log_rest + top - self.log_total)
        self.mass += float((cumulative[n_all] * weight).sum())
        n_between = n_any - n_all
        n_followed = int(n_between.sum())
        if n_followed > MOST_PATHS or not self._spend(n_followed * ends.shape[1]):
            return None
        arc = np.repeat(np.arange(len(step)), n_between)
        first = np.repeat(n_all - np.concatenate([[0], np.cumsum(n_between)[:-1]]), n_between)
        path = np.arange(len(arc)) + first
        return ends[end[arc]], length[path] + step[arc], ways[path] * step_ways[arc]

    def _finish(self, paths: _Paths) -> bool:
        """Fill the last two columns: list their ways once per node and look every path up."""
        for i, node in enumerate(paths.nodes):
            part = slice(paths.start[i], paths.start[i + 1])
            n_ways = _count_fillings(node, int(self.columns[-2]))
            cells = n_ways * len(node) * 2
            if cells > MOST_CELLS or not self._spend(cells + int(part.stop - part.start)):
                return False
            first = _fillings(node, int(self.columns[-2]))
            way = np.sort(-(self.lf[first] + self.lf[node - first]).sum(axis=1))
            top = way[-1]
            cumulative = np.concatenate([[0.0], np.cumsum(np.exp(way - top))])
            length = paths.length[part]
            n_below = np.searchsorted(way, self.threshold - length, side="right")
            share = np.exp(length + top - self.log_total) * cumulative[n_below]
            self.mass += float((paths.ways[part] * share).sum())
        return True


# --- parts of a column -------------------------------------------------------------------------


def _count_fillings(caps: Ints, total: int) -> int:
    """Count what `_fillings` would list."""
    ways = np.zeros(total + 1)
    ways[0] = 1.0
    for cap in caps:
        below = np.concatenate([[0.0], np.cumsum(ways)])
        reach = np.arange(total + 1)
        ways = below[reach + 1] - below[np.maximum(reach - cap, 0)]
    return int(min(ways[total], 1e15))


def _fillings(caps: Ints, total: int) -> Ints:
    """All ways to write a total as a sum of parts no greater than the caps; ways × rows."""
    ways = np.zeros((1, 0), dtype=np.int64)
    left = np.array([total])
    room = np.concatenate([np.cumsum(caps[::-1])[::-1][1:], [0]])
    for cap, later in zip(caps, room, strict=True):
        low = np.maximum(left - later, 0)
        n_choices = np.maximum(np.minimum(left, cap) - low + 1, 0)
        parent = np.repeat(np.arange(len(left)), n_choices)
        offset = np.arange(len(parent)) - np.repeat(np.cumsum(n_choices) - n_choices, n_choices)
        part = low[parent] + offset
        ways = np.column_stack([ways[parent], part])
        left = left[parent] - part
    return ways


def _distinct(nodes: Ints) -> tuple[Ints, Ints]:
    """Return the distinct rows, and for every row which one it is."""
    base = int(nodes.max(initial=0)) + 1
    if base ** nodes.shape[1] < 2**62:
        key = nodes @ (base ** np.arange(nodes.shape[1], dtype=np.int64))
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
    else:
        _, first, which = np.unique(nodes, axis=0, return_index=True, return_inverse=True)
    return nodes[first], which.ravel()


def _merge_parallel(step: Floats, end: Ints) -> tuple[Floats, Floats, Ints]:
    """Join arcs of equal length into the same node; return lengths, multiplicities, ends."""
    rounded = np.round(step, 9)
    order = np.lexsort((rounded, end))
    is_new = _changes(end[order], rounded[order])
    starts = np.flatnonzero(is_new)
    ways = np.diff(np.append(starts, len(order))).astype(np.float64)
    return step[order][starts], ways, end[order][starts]


def _changes(*sorted_keys: NDArray[np.generic]) -> NDArray[np.bool_]:
    changed = np.ones(len(sorted_keys[0]), dtype=np.bool_)
    changed[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in sorted_keys])
    return changed


def _group(found: list[tuple[Ints, Floats, Floats]], n_rows: int) -> _Paths:
    """Sort paths by node and length, and join those that are alike."""
    if not found:
        empty = np.zeros((0, n_rows), dtype=np.int64)
        return _Paths(empty, np.zeros(1, dtype=np.int64), np.zeros(0), np.zeros(0))
    nodes, which = _distinct(np.concatenate([f[0] for f in found]))
    length = np.concatenate([f[1] for f in found])
    ways = np.concatenate([f[2] for f in found])
    rounded = np.round(length, 9)
    order = np.lexsort((rounded, which))
    starts = np.flatnonzero(_changes(which[order], rounded[order]))
    summed = np.add.reduceat(ways[order], starts) if len(starts) else np.zeros(0)
    of_node = which[order][starts]
    begin = np.searchsorted(of_node, np.arange(len(nodes) + 1))
    return _Paths(nodes, begin, length[order][starts], summed)


# --- bounds on what can follow ------------------------------------------------------------------


def _longest(nodes: Ints, rest: Ints, lf: Floats) -> Floats:
    """Upper bound of -Σ ln x! over all tables with these row totals and columns.

    The least of three bounds: every row spread evenly over the columns, every
    column spread evenly over the rows, and the Lagrangian bound with the
    multipliers ln(row · column / n) of the independence table, under which
    every cell takes its own best value.
    """
    by_rows = -_spread(nodes, len(rest), lf).sum(axis=1)
    by_columns = -_spread(rest, nodes.shape[1], lf).sum()
    total = int(rest.sum())
    mean = np.maximum(nodes[:, :, np.newaxis] * rest / total, 1e-12)
    best = np.minimum(np.floor(mean).astype(np.int64), len(lf) - 1)
    cells = best * np.log(mean) - lf[best]
    price_rows = (nodes * np.log(np.maximum(nodes, 1e-12))).sum(axis=1)
    price = price_rows + (rest * np.log(rest)).sum() - total * np.log(total)
    lagrangian = cells.sum(axis=(1, 2)) - price
    return np.asarray(np.minimum(np.minimum(by_rows, by_columns), lagrangian) + 1e-9)


def _spread(totals: Ints, parts: int, lf: Floats) -> Floats:
    """Σ ln x! of totals split into parts as even as whole numbers allow."""
    whole, over = totals // parts, totals % parts
    return np.asarray(over * lf[np.minimum(whole + 1, len(lf) - 1)] + (parts - over) * lf[whole])


def _shortest(nodes: Ints, rest: Ints, lf: Floats) -> Floats:
    """Lower bound of -Σ ln x!: columns (or rows) as uneven as the caps allow, each by itself."""
    by_columns = sum(_packed(nodes, int(c), lf) for c in rest)
    capacities = np.broadcast_to(np.sort(rest), (len(nodes), len(rest)))
    by_rows = sum(_packed(capacities, nodes[:, i], lf) for i in range(nodes.shape[1]))
    return np.asarray(-np.minimum(by_columns, by_rows) - 1e-9)


def _packed(caps: Ints, totals: int | Ints, lf: Floats) -> Floats:
    """Greatest Σ ln x! of totals packed into ascending caps: the largest caps filled first."""
    left = np.broadcast_to(np.asarray(totals, dtype=np.int64), (len(caps),)).copy()
    packed = np.zeros(len(caps))
    for i in range(caps.shape[1] - 1, -1, -1):
        part = np.minimum(left, caps[:, i])
        packed += lf[part]
        left -= part
    return packed
