"""Intervals by design for the cells of a table, whatever its percents are shares of.

In: a counted table and the respondents behind it with weights, strata or
clusters. Out: limits by cell, rows × columns, as shares; NaN where a percent
is 100 by construction and so has none. Each share is a mean within a domain
(Taylor linearisation, `evaluation.inference.tableshares`):

- of a column: among those in the column who answered the row question;
- of a row: among those in the row, of being in the column;
- of the total: among everyone in the margin, of being in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.coding.data import Categorical, MultiResponse
from evaluation.inference.tableshares import multiple_shares, table_shares
from evaluation.model import TOTAL, RowKind
from evaluation.tables.plan import countable
from evaluation.tables.spec import Margin, Percents
from evaluation.tables.told import errors_tell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evaluation.inference.design import Design
    from evaluation.inference.tableshares import TableShares
    from evaluation.tables.crosstab_tests import Sample
    from evaluation.tables.table import Table

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Limits = tuple[Floats, Floats]


def design_limits(table: Table, sample: Sample, method: str) -> Limits | None:
    """Return lower and upper limits, rows × columns, None where the design gives no error.

    Parameters
    ----------
    table
        Counted.
    sample
        With a design.
    method
        Name of the interval.

    Notes
    -----
    R, of a row: ``svyciprop(~I(column == "b"), subset(design, row == "a" & !is.na(column)))``;
    of the total: the indicator of both, ``subset(design, !is.na(row) & !is.na(column))``.
    """
    shape = (len(table.rows), len(table.columns))
    low, high = np.zeros(shape), np.ones(shape)
    fill = {
        Percents.COLUMN: _of_columns,
        Percents.ROW: _of_rows,
        Percents.TOTAL: _of_total,
    }[table.spec.percents]
    for name in dict.fromkeys(row.variable for row in table.rows):
        for at, places, found in fill(table, name, sample):
            limits = found.limits(method)
            if limits is None:
                return None
            turned = table.spec.percents is Percents.ROW
            for target, values in zip((low, high), limits, strict=True):
                target[np.ix_(at, places)] = values.T if turned else values
    for target in (low, high):
        target[is_whole(table)] = np.nan
    return low, high


def is_whole(table: Table) -> Bools:
    """Return which cells are 100 percent by construction, rows × columns."""
    percents = table.spec.percents
    is_total = np.array([row.kind is RowKind.TOTAL for row in table.rows])[:, np.newaxis]
    is_margin = np.array([column.code == TOTAL for column in table.columns])[np.newaxis, :]
    shape = (len(table.rows), len(table.columns))
    if percents is Percents.COLUMN:
        return np.broadcast_to(is_total, shape)
    if percents is Percents.ROW:
        return np.broadcast_to(is_margin, shape)
    return np.asarray(is_total & is_margin)


def effective_sizes(table: Table, sample: Sample) -> Floats | None:
    """Return ``p (1 - p) / var(p)`` of every share of a column, rows × columns.

    The size of the simple sample that would be as exact. None without errors;
    0 where the error is 0.
    """
    found = np.zeros((len(table.rows), len(table.columns)))
    for name in dict.fromkeys(row.variable for row in table.rows):
        for at, places, shares in _of_columns(table, name, sample):
            if shares.se is None:
                return None
            variance = shares.se**2
            spread = shares.share * (1 - shares.share)
            found[np.ix_(at, places)] = np.where(
                variance > 0, spread / np.where(variance > 0, variance, 1.0), 0.0
            )
    return found


def told_columns(table: Table, sample: Sample, limit: int) -> frozenset[int] | None:
    """Return the columns whose errors tell a count below ``limit`` in a cluster or stratum.

    None for a sample without either.
    """
    design = sample.design
    if design is None or (design.clusters is None and design.strata is None):
        return None
    found = set()
    for name in dict.fromkeys(row.variable for row in table.rows):
        variable, answered = _row_variable(name, sample)
        answers = (
            variable.selected.T > 0
            if isinstance(variable, MultiResponse)
            else variable.codes[np.newaxis]
        ).astype(np.int64)
        for column in _columns(table, sample):
            for place, members in zip(column.places, column.chosen.T, strict=True):
                own = (np.where(answered & members, codes, -1) for codes in answers)
                if any(errors_tell(codes, design, limit) for codes in own):
                    found.add(place)
    is_by_column = table.spec.percents is Percents.COLUMN
    return frozenset(found if is_by_column or not found else range(len(table.columns)))


# --- rows and columns as respondents ---------------------------------------------------------


_Part = tuple[list[int], list[int], "TableShares"]
"""Rows and columns of the table, and the shares that stand there."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """One column variable: its columns, n × columns who is in each, and who is in its margin."""

    places: list[int]
    chosen: Bools
    inside: Bools


def _row_variable(name: str, sample: Sample) -> tuple[Categorical | MultiResponse, Bools]:
    """Return the row question and who has answered it within the filter."""
    variable = countable(sample.variables[name])
    if isinstance(variable, MultiResponse):
        return variable, (variable.state == 0) & sample.inside
    return variable, (variable.codes >= 0) & sample.inside


def _at(table: Table, name: str, *kinds: RowKind) -> list[int]:
    return [r for r, row in enumerate(table.rows) if row.variable == name and row.kind in kinds]


def _picked(table: Table, name: str, sample: Sample) -> tuple[list[int], Bools, Bools]:
    """Return options, nets and the total as rows, n × rows who is in each, and who answered."""
    variable, answered = _row_variable(name, sample)
    at = _at(table, name, RowKind.OPTION, RowKind.NET, RowKind.TOTAL)
    options = iter(range(len(variable.categories)))
    members = []
    for r in at:
        row = table.rows[r]
        if row.kind is RowKind.TOTAL:
            members.append(answered)
        elif isinstance(variable, MultiResponse):
            members.append(answered & (variable.selected[:, next(options)] > 0))
        elif row.kind is RowKind.NET:
            members.append(answered & np.isin(variable.codes, _net_codes(variable, row.code)))
        else:
            members.append(answered & (variable.codes == next(options)))
    return at, np.column_stack(members), answered


def _net_codes(variable: Categorical, code: str) -> list[int]:
    wanted = set(code.removeprefix("net:").split("+"))
    return [i for i, c in enumerate(variable.categories) if c.code in wanted]


def _columns(table: Table, sample: Sample) -> list[_Columns]:
    """Return the column variables; the margin is the last column of each."""
    found = []
    everyone = np.ones(len(sample.inside), dtype=np.bool_)
    for by in dict.fromkeys(column.variable for column in table.columns):
        places = [i for i, column in enumerate(table.columns) if column.variable == by]
        if not by:
            found.append(_Columns(places, everyone[:, np.newaxis], everyone))
            continue
        variable = countable(sample.variables[by])
        if isinstance(variable, MultiResponse):
            has, chosen = variable.state == 0, variable.selected > 0
        else:
            has = variable.codes >= 0
            chosen = variable.codes[:, np.newaxis] == np.arange(len(variable.categories))
        inside = everyone if table.spec.margin is Margin.EVERYONE else has
        chosen = np.column_stack([chosen & has[:, np.newaxis], inside])
        found.append(_Columns(places, chosen, inside))
    return found


# --- shares of columns, of rows, of the total --------------------------------------------------


def _of_columns(table: Table, name: str, sample: Sample) -> list[_Part]:
    variable, _ = _row_variable(name, sample)
    options = _at(table, name, RowKind.OPTION)
    parts = []
    for places, codes in _column_blocks(table, sample):
        parts.append((options, places, _shares(variable, sample, codes, len(places))))
        for r in _at(table, name, RowKind.NET):
            merged = _net(variable, table.rows[r].code)
            shares = _shares(merged, sample, codes, len(places))
            parts.append(([r], places, _first(shares)))
    return parts


def _of_rows(table: Table, name: str, sample: Sample) -> list[_Part]:
    """Shares are columns × rows here: each row is a domain."""
    design = _design(sample)
    at, picked, answered = _picked(table, name, sample)
    parts = []
    for column in _columns(table, sample):
        base = answered & column.inside
        for r, members in zip(at, picked.T, strict=True):
            domain = np.where(members, 0, -1)
            shares = multiple_shares(design, column.chosen, base, domain)
            parts.append(([r], column.places, shares))
    return parts


def _of_total(table: Table, name: str, sample: Sample) -> list[_Part]:
    design = _design(sample)
    at, picked, answered = _picked(table, name, sample)
    parts = []
    for column in _columns(table, sample):
        base = answered & column.inside
        for place, members in zip(column.places, column.chosen.T, strict=True):
            shares = multiple_shares(design, picked & members[:, np.newaxis], base)
            parts.append((at, [place], shares))
    return parts


def _design(sample: Sample) -> Design:
    design = sample.level_design or sample.design
    assert design is not None  # noqa: S101
    return design


def _first(shares: TableShares) -> TableShares:
    """Keep the first option: those within the net."""
    se = None if shares.se is None else shares.se[:1]
    return replace(shares, share=shares.share[:1], se=se)


def _net(variable: Categorical | MultiResponse, codes: str) -> Categorical | MultiResponse:
    """Return a single-answer variable of two categories: within the net, or not."""
    if isinstance(variable, MultiResponse):
        return variable
    merged = np.where(np.isin(variable.codes, _net_codes(variable, codes)), 0, 1)
    kept = np.where(variable.codes >= 0, merged, variable.codes).astype(np.int16)
    return replace(variable, categories=variable.categories[:1] * 2, codes=kept)


def _column_blocks(table: Table, sample: Sample) -> list[tuple[list[int], NDArray[np.int64]]]:
    """Columns that exclude each other, with each respondent's place among them.

    Categories of a multiple-answer column variable overlap, so each is a
    block of its own; so is every margin.
    """
    blocks: list[tuple[list[int], NDArray[np.int64]]] = []
    for column in _columns(table, sample):
        by = table.columns[column.places[0]].variable
        alone = list(range(len(column.places)))
        variable = countable(sample.variables[by]) if by else None
        if isinstance(variable, Categorical):
            blocks.append((column.places[:-1], variable.codes.astype(np.int64)))
            alone = alone[-1:]
        blocks += [([column.places[k]], np.where(column.chosen[:, k], 0, -1)) for k in alone]
    return blocks


def _shares(
    variable: Categorical | MultiResponse,
    sample: Sample,
    columns: NDArray[np.int64],
    n_columns: int,
) -> TableShares:
    if isinstance(variable, MultiResponse):
        answered = (variable.state == 0) & sample.inside
        return multiple_shares(_design(sample), variable.selected > 0, answered, columns, n_columns)
    rows = np.where(sample.inside, variable.codes, -1)
    return table_shares(_design(sample), rows, len(variable.categories), columns, n_columns)
