"""Intervals, tests and column letters put onto a counted table.

Simple counts need nothing but the table. Weights, strata and clusters need
the respondents: `Sample` carries them, and the design-based methods of
``evaluation.inference`` do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, MultiResponse, Numeric
from evaluation.inference.columns import compare_columns
from evaluation.inference.crosstabs import likelihood_ratio, pearson
from evaluation.inference.fisher import fisher
from evaluation.inference.intervals import interval
from evaluation.inference.ordinal import kruskal_wallis, mann_whitney, trend
from evaluation.inference.paired import bowker, mcnemar
from evaluation.inference.raoscott import rao_scott
from evaluation.inference.results import not_made
from evaluation.inference.tableshares import TableShares, multiple_shares, table_shares
from evaluation.model import TOTAL, RowKind
from evaluation.tables.plan import countable
from evaluation.tables.spec import Percents, TestResult

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from evaluation.coding.data import Variable
    from evaluation.inference.design import Design
    from evaluation.inference.results import TestOutcome
    from evaluation.tables.table import Cell, Table


def _paired(table: NDArray[np.float64]) -> TestOutcome:
    """McNemar's exact test of two questions with the same two options, Bowker's for more."""
    if table.shape[0] != table.shape[1] or table.size == 0:
        return not_made("mcnemar", int(table.sum()), "not-square")
    return mcnemar(table) if table.shape == (2, 2) else bowker(table)


NO_INTERVAL = "none"
"""Asked for by name where a study's default interval is not wanted."""

CROSSTAB_TESTS: dict[str, Callable[[NDArray[np.float64]], TestOutcome]] = {
    "pearson": pearson,
    "lr": likelihood_ratio,
    "fisher": fisher,
    "trend": trend,
    "mann-whitney": mann_whitney,
    "kruskal": kruskal_wallis,
    "mcnemar": _paired,
}
"""Tests that need only the counts of a crosstab."""

THREE = 3
"""Two groups are always in order."""

BY_ORDER = frozenset({"trend", "mann-whitney", "kruskal"})
"""Tests that rest on the order of the answers."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The respondents behind a table, for methods that need more than counts.

    Attributes
    ----------
    variables
        Variables of the survey, one entry per respondent.
    inside
        1-D bool: who is within the table's filter.
    design
        Sampling design; None for a simple sample.
    population_ratio
        Persons in the population for each respondent, for the finite
        population correction; 0 for none.
    population
        Persons asked, to be named beside intervals that are corrected for
        their number; 0 where none are.
    """

    variables: Mapping[str, Variable]
    inside: NDArray[np.bool_]
    design: Design | None = None
    population_ratio: float = 0.0
    population: int = 0


def with_inference(table: Table, sample: Sample, *, default_interval: bool = False) -> Table:
    """Return a table with what its specification asks for.

    Parameters
    ----------
    table
        Counted, without inference.
    sample
        The respondents behind it.
    default_interval
        Give an interval also where none is asked for: Wilson's, or by design the logit.
    """
    spec = table.spec
    default = "wilson" if sample.design is None else "logit"
    method = spec.ci or (default if default_interval else "")
    if method and method != NO_INTERVAL:
        table = _with_intervals(table, sample, method)
    if spec.compare and spec.by:
        table = _with_letters(table)
    if spec.tests and spec.by:
        rows = tuple(table.item_labels) if table.is_grid else (spec.question,)
        results = [
            _test(table, row, by, test, sample)
            for by in spec.by
            for row in rows
            for test in spec.tests
        ]
        table = replace(table, tests=tuple(results))
    return table


# --- intervals -----------------------------------------------------------------------


def _with_intervals(table: Table, sample: Sample, method: str) -> Table:
    """Intervals for the percents of options and nets; the total has none."""
    kinds = (RowKind.OPTION, RowKind.NET)
    if sample.design is not None and table.spec.percents is Percents.COLUMN:
        limits = _design_limits(table, sample, method)
    else:
        limits = _simple_limits(table, sample, method)
    if limits is None:
        return table
    low, high = limits
    cells = tuple(
        tuple(_bounded(cell, low[r, c], high[r, c]) for c, cell in enumerate(line))
        if table.rows[r].kind in kinds
        else line
        for r, line in enumerate(table.cells)
    )
    return replace(table, cells=cells, ci_method=method, population=sample.population)


def _bounded(cell: Cell, low: float, high: float) -> Cell:
    if cell.percent is None:
        return cell
    return replace(cell, ci_low=100 * float(low), ci_high=100 * float(high))


def _simple_limits(
    table: Table, sample: Sample, method: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Limits from counts, all cells in one call; weighted shares on the effective base."""
    n = np.array([[cell.base_n for cell in line] for line in table.cells], dtype=float)
    share = np.array([[(cell.percent or 0.0) / 100 for cell in line] for line in table.cells])
    base = n
    if table.effective_base:
        base = np.minimum(n, np.array(table.effective_base)[np.newaxis, :])
    count = np.clip(share * base, 0, base)
    if not table.effective_base:
        whole = np.array([[cell.n for cell in line] for line in table.cells], dtype=float)
        count = np.minimum(whole, base)
    population = n * sample.population_ratio if sample.population_ratio else None
    return interval(count, base, method, population=population)


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


# --- tests ---------------------------------------------------------------------------------


def _test(table: Table, question: str, by: str, method: str, sample: Sample) -> TestResult:
    """Make one test of the row question, or of one item of a grid, against one column variable."""
    item = question if table.is_grid else ""
    row = countable(sample.variables[question])
    column = countable(sample.variables[by])
    if isinstance(row, MultiResponse) or isinstance(column, MultiResponse):
        return _result(not_made(method, 0, "multiple-answers"), by, item)
    if method == "rao-scott" or (sample.design is not None and method == "pearson"):
        return _result(_rao_scott(row, column, sample), by, item)
    if method not in CROSSTAB_TESTS:
        return _result(not_made(method, 0, "unknown-test"), by, item)
    counts = _cross_counts(table, question, by)
    if method in BY_ORDER:
        counts = _steps(counts, row, column if method == "trend" else None)
    if method == "mcnemar" and not _same_options(row, column):
        return _result(not_made("mcnemar", int(counts.sum()), "not-square"), by, item)
    outcome = CROSSTAB_TESTS[method](counts)
    if method in BY_ORDER and not _in_order(sample, question, by, method):
        outcome = replace(outcome, warnings=(*outcome.warnings, "not-ordered"))
    if sample.design is not None and outcome.p is not None:
        outcome = replace(outcome, warnings=(*outcome.warnings, "design-ignored"))
    return _result(outcome, by, item)


def _cross_counts(table: Table, question: str, by: str) -> NDArray[np.float64]:
    """Return options × categories; rows are the first variable, as R's ``table`` gives them."""
    rows = [
        r
        for r, row in enumerate(table.rows)
        if row.kind is RowKind.OPTION and row.variable == question
    ]
    at = [i for i, c in enumerate(table.columns) if c.variable == by and c.code != TOTAL]
    return np.array([[table.cells[r][i].n for i in at] for r in rows], dtype=float)


def _steps(
    counts: NDArray[np.float64], row: Categorical, column: Categorical | None
) -> NDArray[np.float64]:
    """Leave out answers that are no step of the scale, such as "do not know"."""
    kept = [i for i in range(counts.shape[0]) if i not in row.off_scale]
    across = [j for j in range(counts.shape[1]) if column is None or j not in column.off_scale]
    return counts[np.ix_(kept, across)]


def _same_options(row: Categorical, column: Categorical) -> bool:
    """Whether two questions have the same options in the same order."""
    return [c.label for c in row.categories] == [c.label for c in column.categories]


def _in_order(sample: Sample, question: str, by: str, method: str) -> bool:
    """Whether the answers, and for a trend three groups or more, are declared as ordered."""
    column = countable(sample.variables[by])
    few = len(column.categories) < THREE
    is_ordered = _is_ordered(sample.variables[question])
    return is_ordered and (method != "trend" or few or _is_ordered(sample.variables[by]))


def _is_ordered(variable: Variable) -> bool:
    return isinstance(variable, Numeric) or (isinstance(variable, Categorical) and variable.ordered)


def _rao_scott(row: Categorical, column: Categorical, sample: Sample) -> TestOutcome:
    from evaluation.inference.design import simple_design

    design = sample.design or simple_design(len(sample.inside))
    rows = np.where(sample.inside, row.codes, -1)
    return rao_scott(design, rows, column.codes)


def _result(outcome: TestOutcome, by: str, item: str = "") -> TestResult:
    names = {f.name for f in fields(TestResult)}
    values = {f.name: getattr(outcome, f.name) for f in fields(outcome) if f.name in names}
    return TestResult(**{**values, "column_variable": by, "row_variable": item})
