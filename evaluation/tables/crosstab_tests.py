"""Tests of a crosstab: of its counts, or of the respondents where weights or clusters matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, MultiResponse, Numeric
from evaluation.inference.crosstabs import likelihood_ratio, pearson
from evaluation.inference.fisher import fisher
from evaluation.inference.ordinal import kruskal_wallis, mann_whitney, trend
from evaluation.inference.paired import bowker, mcnemar
from evaluation.inference.raoscott import rao_scott
from evaluation.inference.results import not_made
from evaluation.model import TOTAL, RowKind
from evaluation.tables.plan import countable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from evaluation.coding.data import Variable
    from evaluation.inference.design import Design
    from evaluation.inference.results import TestOutcome
    from evaluation.tables.table import Table


def _paired(table: NDArray[np.float64]) -> TestOutcome:
    """McNemar's exact test of two questions with the same two options, Bowker's for more."""
    if table.shape[0] != table.shape[1] or table.size == 0:
        return not_made("mcnemar", int(table.sum()), "not-square")
    return mcnemar(table) if table.shape == (2, 2) else bowker(table)


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
    level_design
        The design for intervals of shares, corrected for the population.
    """

    variables: Mapping[str, Variable]
    inside: NDArray[np.bool_]
    design: Design | None = None
    population_ratio: float = 0.0
    population: int = 0
    level_design: Design | None = None


def make_test(table: Table, question: str, by: str, method: str, sample: Sample) -> TestOutcome:
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


def _result(outcome: TestOutcome, by: str, item: str = "") -> TestOutcome:
    return replace(outcome, column_variable=by, row_variable=item)
