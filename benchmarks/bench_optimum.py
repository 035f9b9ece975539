"""Hidden cells beside the fewest possible, found by trying every set.

``python -m benchmarks.bench_optimum`` draws small tables (question by unit with
margins), hides what the method hides, and then looks for a cheaper set by
exhaustion with an attack of its own: linear programs on the cells of the
table alone. The attack shares no code with the method.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from evaluation.model import RowKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

MISSING_KINDS = (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)
LIMIT, WIDTH = 5, 5


@dataclass(frozen=True)
class Drawn:
    """A table with its margins, rows × columns, the last ones totals."""

    cells: NDArray[np.int64]

    @classmethod
    def draw(cls, seed: int, rows: int, columns: int, mean: float) -> Drawn:
        """Draw the inside from skewed proportions and add the margins."""
        rng = np.random.default_rng(seed)
        p = np.outer(rng.dirichlet(np.ones(rows)), rng.dirichlet(np.ones(columns)))
        inside = rng.poisson(mean * rows * columns * p)
        whole = np.vstack([inside, inside.sum(axis=0)])
        return cls(np.hstack([whole, whole.sum(axis=1, keepdims=True)]))


def is_safe(cells: NDArray[np.int64], hidden: NDArray[np.bool_]) -> bool:
    """Tell whether no hidden small cell is known closer than `WIDTH`.

    Hidden cells are at least 1 (zeros are printed) and at most the number of
    respondents, which is known. A hidden cell that is not small is safe, too,
    where it is known to be no less than `LIMIT` or is as wide.
    """
    from scipy.optimize import linprog

    height, width = cells.shape
    index = -np.ones(cells.shape, dtype=int)
    index[hidden] = np.arange(hidden.sum())
    equations, rhs = [], []
    lines = [(cells[r, :], index[r, :]) for r in range(height)]
    lines += [(cells[:, c], index[:, c]) for c in range(width)]
    for values, places in lines:
        signs = np.append(np.ones(len(values) - 1), -1.0)
        row = np.zeros(int(hidden.sum()))
        row[places[places >= 0]] = signs[places >= 0]
        if row.any():
            equations.append(row)
            rhs.append(-float((signs * values)[places < 0].sum()))
    most = float(cells[-1, -1])
    bounds = [(1.0, most)] * int(hidden.sum())
    for k, truth in enumerate(cells[hidden].tolist()):
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(int(hidden.sum()))
            cost[k] = sign
            found = linprog(cost, A_eq=np.array(equations), b_eq=rhs, bounds=bounds)
            ends.append(sign * found.fun)
        if truth >= LIMIT and ends[0] >= LIMIT - 1e-6:
            continue
        if ends[1] - ends[0] < min(WIDTH, most - 1) - 1e-6:
            return False
    return True


def optimum(cells: NDArray[np.int64], at_most: int) -> int:
    """Return the fewest cells beside the small ones; the grand total is never hidden."""
    small = (cells > 0) & (cells < LIMIT)
    free = [tuple(p) for p in np.argwhere(cells >= LIMIT) if tuple(p) != last(cells)]
    for size in range(at_most):
        for chosen in combinations(free, size):
            hidden = small.copy()
            for place in chosen:
                hidden[place] = True
            if _may_be_safe(hidden) and is_safe(cells, hidden):
                return size
    return at_most


def last(cells: NDArray[np.int64]) -> tuple[int, int]:
    """Return the place of the grand total."""
    return cells.shape[0] - 1, cells.shape[1] - 1


def _may_be_safe(hidden: NDArray[np.bool_]) -> bool:
    """Rule out at once what leaves a single hidden cell in a line."""
    return not ((hidden.sum(axis=0) == 1).any() or (hidden.sum(axis=1) == 1).any())


def method(cells: NDArray[np.int64], seconds: float) -> tuple[int, float]:
    """Return how many cells the method hides beside the small ones, and the time taken."""
    from evaluation.codebook.schema import Protection
    from evaluation.model import TOTAL, RowKind
    from evaluation.protection.protect import protect
    from evaluation.tables.spec import Column, Row, TableSpec
    from evaluation.tables.table import Cell, Table

    height, width = cells.shape
    rows = [Row("q", str(r), str(r), RowKind.OPTION) for r in range(height - 1)]
    rows.append(Row("q", TOTAL, "T", RowKind.TOTAL))
    columns = [Column("u", str(c), str(c)) for c in range(width - 1)]
    columns.append(Column("u", TOTAL, ""))
    body = tuple(
        tuple(Cell(int(n), float(n), 0, 0.0, None) for n in line) for line in cells.tolist()
    )
    missing = [Row("q", k.value, "", k) for k in MISSING_KINDS]
    none = tuple(Cell(0, 0.0, 0, 0.0, None) for _ in columns)
    crosstab = Table(
        "t",
        TableSpec("s", "q", ("u",)),
        "",
        (*rows, *missing),
        tuple(columns),
        (*body, *(none for _ in missing)),
    )
    policy = Protection(method="suppress", dominance=False, minimum_base=1, time_limit=seconds)
    start = time.perf_counter()
    release = protect([crosstab], policy)
    took = time.perf_counter() - start
    small = int(((cells > 0) & (cells < LIMIT)).sum())
    hidden = sum(cell.n is None for line in release.tables[0].cells[:height] for cell in line)
    return hidden - small, took


def main() -> None:
    """Print method, optimum and seconds for each drawn table."""
    total = [0, 0]
    for seed in range(12):
        drawn = Drawn.draw(seed, 3, 4, mean=12.0).cells
        found, took = method(drawn, 60)
        best = optimum(drawn, found)
        total[0] += found
        total[1] += best
        small = int(((drawn > 0) & (drawn < LIMIT)).sum())
        print(
            f"seed {seed:2d}: small {small}, method {found}, optimum {best}, {took:.2f} s",
            flush=True,
        )
    print(f"together: method {total[0]}, optimum {total[1]}")


if __name__ == "__main__":
    main()
