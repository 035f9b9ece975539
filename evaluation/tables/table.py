"""A table: counts with their bases, unrounded and not yet protected."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.inference.results import TestOutcome
    from evaluation.tables.spec import Column, Row, Statistic, TableSpec


@dataclass(frozen=True, slots=True)
class Cell:
    """One count with its base; percent is ``100 wn / base_wn``, unrounded.

    Attributes
    ----------
    n, wn
        Unweighted and weighted count.
    base_n, base_wn
        Denominator; 0 for rows without a percent (kinds of missing).
    percent
        0 to 100, None where the base is 0 or the row has no percent.
    ci_low, ci_high
        Interval for the percent, 0 to 100.
    letters
        Columns that this one exceeds (comparison of columns).
    expected
        Count that the cell would have if all columns were alike, unrounded; see
        `evaluation.tables.expected`. None where there is none.
    """

    n: int
    wn: float
    base_n: int
    base_wn: float
    percent: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    letters: str = ""
    expected: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An unprotected table. Only ``protection.protect`` may turn it into output.

    One-way and crosstabs: ``rows`` are options (then nets, the total, kinds of
    missing); ``columns`` are the categories of each column variable followed
    by one margin (code ``total``) at the end, or only the margin.

    Grids: ``rows`` repeat the steps for every item (``Row.variable`` names the
    item), so that a grid is nothing but its items' tables in one.

    Attributes
    ----------
    id
        Stable identifier within a run.
    title
        Wording of the question.
    cells
        One tuple per row, one cell per column.
    base_note
        Which respondents the base is, as a texts key with values.
    effective_base
        Kish's effective base per column where weighted; empty for a grid, whose
        items have one each.
    item_bases
        The same of every question or grid item, by its identifier.
    """

    id: str
    spec: TableSpec
    title: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    cells: tuple[tuple[Cell, ...], ...]
    is_multiple: bool = False
    is_grid: bool = False
    statistics: tuple[Statistic, ...] = ()
    tests: tuple[TestOutcome, ...] = ()
    effective_base: tuple[float, ...] = ()
    item_bases: dict[str, tuple[float, ...]] = field(default_factory=dict)
    item_labels: dict[str, str] = field(default_factory=dict)
    column_labels: dict[str, str] = field(default_factory=dict)
    ci_method: str = ""
    population: int = 0
    """Persons asked, where the intervals are corrected for their number."""
    column_missing: dict[str, int] = field(default_factory=dict)
    """Column variable -> respondents in the base who lack it."""
    told: frozenset[int] | None = None
    """Columns of which errors by clusters or strata tell small counts; None without either."""
