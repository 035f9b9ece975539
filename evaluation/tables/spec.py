"""What a table is asked for, and the parts of it that hold no count of a cell.

These types may travel all the way to the renderers; `Table` and `Cell`, which
hold unprotected counts, may not (see ``evaluation.tables.table``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.model import RowKind


class Percents(StrEnum):
    """What a percent in a crosstab is a share of."""

    COLUMN = "column"
    ROW = "row"
    TOTAL = "total"


class Margin(StrEnum):
    """Who the margin of a crosstab is."""

    KNOWN = "known"
    """Those who have a value of the column variable: the columns add up to it."""
    EVERYONE = "everyone"
    """Everyone who answered the row question, also those who lack the column variable."""


class Rounding(StrEnum):
    """How displayed percents are rounded, see ``docs/method.md``."""

    PLAIN = "plain"
    SUM100 = "sum100"


@dataclass(frozen=True, slots=True)
class TableSpec:
    """What table is wanted; equal specs are the same table.

    Attributes
    ----------
    survey, question
        What stands in the rows: a question (or one grid item).
    by
        Column variables of the same survey, side by side; empty for one way.
    where
        Filter expression, "" for none. The survey's own filter applies too.
    weight
        Identifier of the weight, "" for none.
    percents, rounding, decimals
        See `Percents` and `Rounding`; decimals 0, 1 or 2.
    ci
        Interval method, "" for none.
    tests
        Test methods asked for.
    compare
        Adjustment of column comparisons, "" for none.
    margin
        See `Margin`. Tests and expected counts rest on the columns alone.
    key
        Distinguishes tables that are to be kept apart (a unit's report).
    """

    survey: str
    question: str
    by: tuple[str, ...] = ()
    where: str = ""
    weight: str = ""
    percents: Percents = Percents.COLUMN
    rounding: Rounding = Rounding.PLAIN
    decimals: int = 1
    ci: str = ""
    tests: tuple[str, ...] = ()
    compare: str = ""
    key: str = ""
    margin: Margin = Margin.KNOWN


@dataclass(frozen=True, slots=True)
class Row:
    """A row: an option, an item, a net, the total, or a kind of missing.

    ``variable`` is the question or the grid item that the row belongs to; in
    a grid table the rows are items crossed with steps, see `Table`.
    """

    variable: str
    code: str
    label: str
    kind: RowKind


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a category of a column variable, or a margin (code ``total``)."""

    variable: str
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Statistic:
    """A statistic of a number or a scale, per column (mean, median …)."""

    code: str
    column: str
    value: float | None
    base_n: int
