"""Intervals, tests and column letters put onto a counted table.

Simple counts need nothing but the table. Weights, strata and clusters need
the respondents: `Sample` carries them, and the design-based methods of
``evaluation.inference`` do the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, MultiResponse
from evaluation.inference.columns import compare_columns
from evaluation.inference.intervals import interval
from evaluation.inference.tableshares import TableShares, multiple_shares, table_shares
from evaluation.model import TOTAL, RowKind
from evaluation.tables.crosstab_tests import Sample, make_test
from evaluation.tables.plan import countable
from evaluation.tables.spec import Percents
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
        table = _with_letters(table)
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
        if samples[i].design is not None and tables[i].spec.percents is Percents.COLUMN:
            found[i] = _design_limits(tables[i], samples[i], method)
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
    """Put limits on the percents of options and nets; the total has none."""
    lows, highs = ((100 * limit).tolist() for limit in limits)
    cells = tuple(
        tuple(map(_bounded, line, lows[r], highs[r]))
        if table.rows[r].kind in (RowKind.OPTION, RowKind.NET)
        else line
        for r, line in enumerate(table.cells)
    )
    return replace(table, cells=cells, ci_method=method, population=population)


def _bounded(cell: Cell, low: float, high: float) -> Cell:
    """Return the cell with limits; written out, since this is done for every cell of a report."""
    if cell.percent is None:
        return cell
    return Cell(
        cell.n, cell.wn, cell.base_n, cell.base_wn, cell.percent,
        low, high, cell.letters, cell.expected,
    )  # fmt: skip


def _sizes(table: Table, sample: Sample) -> tuple[Floats, Floats, Floats]:
    """Return count, base and population of every cell; weighted shares on the effective base."""
    n = np.array([[cell.base_n for cell in line] for line in table.cells], dtype=float)
    if table.effective_base:
        base = np.minimum(n, np.array(table.effective_base)[np.newaxis, :])
        share = np.array([[(cell.percent or 0.0) / 100 for cell in line] for line in table.cells])
        count = np.clip(share * base, 0, base)
    else:
        base = n
        whole = np.array([[cell.n for cell in line] for line in table.cells], dtype=float)
        count = np.minimum(whole, base)
    ratio = sample.population_ratio or np.inf
    return count, base, np.where(n > 0, n, 1.0) * ratio


def _design_limits(
    table: Table, sample: Sample, method: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Limits from the design, block by block (row variable × column variable)."""
    shape = (len(table.rows), len(table.columns))
    low, high = np.zeros(shape), np.ones(shape)
    for name in dict.fromkeys(row.variable for row in table.rows):
        rows = [
            r
            for r, row in enumerate(table.rows)
            if row.variable == name and row.kind is RowKind.OPTION
        ]
        nets = [
            r
            for r, row in enumerate(table.rows)
            if row.variable == name and row.kind is RowKind.NET
        ]
        variable = countable(sample.variables[name])
        for columns, codes in _column_blocks(table, sample):
            shares = _shares(variable, sample, codes, len(columns))
            limits = shares.limits(method)
            if limits is None:
                return None
            low[np.ix_(rows, columns)], high[np.ix_(rows, columns)] = limits
            for r in nets:
                merged = _shares(_net(variable, table.rows[r].code), sample, codes, len(columns))
                limits = merged.limits(method)
                if limits is not None:
                    low[r, columns], high[r, columns] = limits[0][0], limits[1][0]
    return low, high


def _net(variable: Categorical | MultiResponse, codes: str) -> Categorical | MultiResponse:
    """Return a single-answer variable of two categories: within the net, or not."""
    if isinstance(variable, MultiResponse):
        return variable
    wanted = set(codes.removeprefix("net:").split("+"))
    inside = [i for i, c in enumerate(variable.categories) if c.code in wanted]
    merged = np.where(np.isin(variable.codes, inside), 0, 1)
    kept = np.where(variable.codes >= 0, merged, variable.codes).astype(np.int16)
    return replace(variable, categories=variable.categories[:1] * 2, codes=kept)


def _column_blocks(
    table: Table, sample: Sample
) -> list[tuple[list[int], NDArray[np.int64] | None]]:
    """Columns that exclude each other, with each respondent's place among them.

    Categories of a multiple-answer column variable overlap, so each is a
    block of its own; so is every margin.
    """
    blocks: list[tuple[list[int], NDArray[np.int64] | None]] = []
    for by in dict.fromkeys(c.variable for c in table.columns):
        at = [i for i, c in enumerate(table.columns) if c.variable == by and c.code != TOTAL]
        margin = next(
            i for i, c in enumerate(table.columns) if c.variable == by and c.code == TOTAL
        )
        if not by:
            blocks.append(([margin], None))
            continue
        variable = countable(sample.variables[by])
        if isinstance(variable, Categorical):
            codes = variable.codes.astype(np.int64)
            blocks.append((at, codes))
            blocks.append(([margin], np.where(codes >= 0, 0, -1)))
        else:
            for k, position in enumerate(at):
                chosen = np.where(variable.selected[:, k] > 0, 0, -1)
                blocks.append(([position], chosen))
            blocks.append(([margin], np.where(variable.state == 0, 0, -1)))
    return blocks


def _shares(
    variable: Categorical | MultiResponse,
    sample: Sample,
    columns: NDArray[np.int64] | None,
    n_columns: int,
) -> TableShares:
    design = sample.design
    assert design is not None  # noqa: S101
    if isinstance(variable, MultiResponse):
        answered = (variable.state == 0) & sample.inside
        return multiple_shares(design, variable.selected > 0, answered, columns, n_columns)
    rows = np.where(sample.inside, variable.codes, -1)
    return table_shares(design, rows, len(variable.categories), columns, n_columns)


# --- column comparisons -----------------------------------------------------------------


def _with_letters(table: Table) -> Table:
    """Letters of the columns that each exceeds, within each column variable."""
    options = [r for r, row in enumerate(table.rows) if row.kind is RowKind.OPTION]
    letters: dict[tuple[int, int], str] = {}
    for by in table.spec.by:
        at = [i for i, c in enumerate(table.columns) if c.variable == by and c.code != TOTAL]
        counts = np.array([[_size(table, r, i)[0] for i in at] for r in options])
        bases = np.array([[_size(table, r, i)[1] for i in at] for r in options])
        found = compare_columns(counts, bases, adjustment=table.spec.compare)
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


def _size(table: Table, row: int, column: int) -> tuple[float, float]:
    """Count and base of a cell; weighted ones scaled to the effective base."""
    cell = table.cells[row][column]
    if not table.effective_base:
        return float(cell.n), float(cell.base_n)
    base = table.effective_base[column]
    return (cell.percent or 0.0) / 100 * base, base
