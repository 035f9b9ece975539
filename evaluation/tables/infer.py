"""Intervals, tests and column letters put onto a counted table.

Simple counts need nothing but the table. Weights, strata and clusters need
the respondents: `Sample` carries them, and the design-based methods of
``evaluation.inference`` do the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.columns import compare_columns
from evaluation.inference.intervals import interval
from evaluation.model import TOTAL, RowKind
from evaluation.tables.crosstab_tests import Sample, make_test
from evaluation.tables.design_limits import design_limits, effective_sizes, is_whole
from evaluation.tables.table import Cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from evaluation.tables.table import Table

    Floats = NDArray[np.float64]
    Limits = tuple[Floats, Floats]


NO_INTERVAL = "none"
"""Asked for by name where a study's default interval is not wanted."""


def with_inference(table: Table, sample: Sample, *, default_interval: bool = False) -> Table:
    """Return a table with what its specification asks for; see `with_inference_all`."""
    return with_inference_all([table], [sample], default_interval=default_interval)[0]


def with_inference_all(
    tables: Sequence[Table], samples: Sequence[Sample], *, default_interval: bool = False
) -> list[Table]:
    """Return tables with what their specifications ask for.

    Intervals of simple samples are computed for all tables in one call.

    Parameters
    ----------
    tables
        Counted, without inference.
    samples
        The respondents behind each.
    default_interval
        Give an interval also where none is asked for: Wilson's, or by design the logit.
    """
    methods = [
        _method(table, sample, is_wanted=default_interval)
        for table, sample in zip(tables, samples, strict=True)
    ]
    made = list(tables)
    for method in dict.fromkeys(methods):
        if not method:
            continue
        at = [i for i, one in enumerate(methods) if one == method]
        for i, limits in zip(at, _limits(at, tables, samples, method), strict=True):
            if limits is not None:
                made[i] = _with_limits(tables[i], limits, method, samples[i].population)
    return [_compared(table, sample) for table, sample in zip(made, samples, strict=True)]


def _compared(table: Table, sample: Sample) -> Table:
    """Add letters and tests."""
    spec = table.spec
    if spec.compare and spec.by:
        table = _with_letters(table, sample)
    if spec.tests and spec.by:
        rows = tuple(table.item_labels) if table.is_grid else (spec.question,)
        results = [
            make_test(table, row, by, test, sample)
            for by in spec.by
            for row in rows
            for test in spec.tests
        ]
        table = replace(table, tests=tuple(results))
    return table


# --- intervals -----------------------------------------------------------------------


def _method(table: Table, sample: Sample, *, is_wanted: bool) -> str:
    """Return the name of the interval that a table gets, "" for none."""
    default = "wilson" if sample.design is None else "logit"
    method = table.spec.ci or (default if is_wanted else "")
    return "" if method == NO_INTERVAL else method


def _limits(
    at: Sequence[int], tables: Sequence[Table], samples: Sequence[Sample], method: str
) -> list[Limits | None]:
    """Return the limits of each table (rows × columns, shares), None where there are none."""
    found: dict[int, Limits | None] = {}
    simple = []
    for i in at:
        if samples[i].design is not None:
            found[i] = design_limits(tables[i], samples[i], method)
        else:
            simple.append(i)
    if simple:
        sizes = [_sizes(tables[i], samples[i]) for i in simple]
        count, base, population = (
            np.concatenate([part[k].ravel() for part in sizes]) for k in range(3)
        )
        low, high = interval(count, base, method, population=population)
        start = 0
        for i, (cells, _, _) in zip(simple, sizes, strict=True):
            end = start + cells.size
            found[i] = low[start:end].reshape(cells.shape), high[start:end].reshape(cells.shape)
            start = end
    return [found[i] for i in at]


def _with_limits(table: Table, limits: Limits, method: str, population: int) -> Table:
    """Put limits on the percents of options, nets and totals that are not 100 by construction."""
    kinds = (RowKind.OPTION, RowKind.NET, RowKind.TOTAL)
    whole = is_whole(table).tolist()
    lows, highs = ((100 * limit).tolist() for limit in limits)
    cells = tuple(
        tuple(map(_bounded, line, lows[r], highs[r], whole[r]))
        if table.rows[r].kind in kinds
        else line
        for r, line in enumerate(table.cells)
    )
    return replace(table, cells=cells, ci_method=method, population=population)


def _bounded(cell: Cell, low: float, high: float, is_all: bool) -> Cell:
    """Return the cell with limits; written out, since this is done for every cell of a report."""
    if is_all or cell.percent is None:
        return cell
    return Cell(
        cell.n, cell.wn, cell.base_n, cell.base_wn, cell.percent,
        low, high, cell.letters, cell.expected,
    )  # fmt: skip


def _sizes(table: Table, sample: Sample) -> tuple[Floats, Floats, Floats]:
    """Return count, base and population of every cell of a simple sample."""
    base = np.array([[cell.base_n for cell in line] for line in table.cells], dtype=float)
    whole = np.array([[cell.n for cell in line] for line in table.cells], dtype=float)
    ratio = sample.population_ratio or np.inf
    return np.minimum(whole, base), base, np.where(base > 0, base, 1.0) * ratio


# --- column comparisons -----------------------------------------------------------------


def _with_letters(table: Table, sample: Sample) -> Table:
    """Letters of the columns that each exceeds, within each column variable."""
    options = [r for r, row in enumerate(table.rows) if row.kind is RowKind.OPTION]
    shares, sizes = _column_shares(table, sample)
    letters: dict[tuple[int, int], str] = {}
    for by in table.spec.by:
        at = [i for i, c in enumerate(table.columns) if c.variable == by and c.code != TOTAL]
        share, bases = shares[np.ix_(options, at)], sizes[np.ix_(options, at)]
        found = compare_columns(share * bases, bases, adjustment=table.spec.compare)
        for row, r in enumerate(options):
            for column, i in enumerate(at):
                letters[r, i] = found.letters[row][column]
    cells = tuple(
        tuple(
            replace(cell, letters=letters[r, c]) if letters.get((r, c)) else cell
            for c, cell in enumerate(line)
        )
        for r, line in enumerate(table.cells)
    )
    return replace(table, cells=cells)


def _column_shares(table: Table, sample: Sample) -> tuple[Floats, Floats]:
    """Return every cell's share of its column, whatever is printed, and the base to test it on.

    The base is the number of respondents; weighted, Kish's effective base of
    the cell's own item; with strata or clusters what the design's variance
    is worth.
    """
    totals = {row.variable: r for r, row in enumerate(table.rows) if row.kind is RowKind.TOTAL}
    own = [totals[row.variable] for row in table.rows]
    wn = np.array([[cell.wn for cell in line] for line in table.cells], dtype=float)
    n = np.array([[cell.n for cell in line] for line in table.cells], dtype=float)
    base = wn[own]
    share = np.clip(np.where(base > 0, wn / np.where(base > 0, base, 1.0), 0.0), 0.0, 1.0)
    if sample.design is None:
        return share, n[own]
    if sample.design.is_clustered or sample.design.strata is not None:
        sizes = effective_sizes(table, sample)
        if sizes is not None:
            return share, sizes
    if not table.spec.weight:
        return share, n[own]
    return share, np.array([table.item_bases[row.variable] for row in table.rows])
