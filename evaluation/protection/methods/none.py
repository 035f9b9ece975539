"""No protection: everything passes; for studies that hold no secrets, and for ``--raw``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.model import CellStatus
from evaluation.protection.display import displayed_percents
from evaluation.protection.release import ProtectedCell, ProtectedTable, Release

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from evaluation.codebook.schema import Protection
    from evaluation.protection.methods.interface import Surroundings
    from evaluation.tables.table import Cell, Table


def pass_all(
    tables: Sequence[Table], policy: Protection | None, surroundings: Surroundings
) -> Release:
    """Let everything through; without a policy, for the evaluator's own eyes, marked as raw."""
    del surroundings  # nothing is protected from what a reader may hold
    protected = tuple(pass_table(table, is_raw=policy is None) for table in tables)
    return Release(
        tables=protected,
        method="none" if policy else "raw",
        settings=policy.model_dump(mode="json") if policy else {},
        n_cells=sum(len(row) for table in protected for row in table.cells),
    )


def pass_table(table: Table, *, is_raw: bool = False) -> ProtectedTable:
    """Turn a table into its protected form with every number shown.

    Parameters
    ----------
    table
        Unprotected.
    is_raw
        Marks the result as not for publication.
    """
    shown = displayed_percents(table)
    return ProtectedTable(
        id=table.id,
        spec=table.spec,
        title=table.title,
        rows=table.rows,
        columns=table.columns,
        cells=tuple(
            tuple(pass_cell(cell, shown[i][j]) for j, cell in enumerate(row))
            for i, row in enumerate(table.cells)
        ),
        is_multiple=table.is_multiple,
        is_grid=table.is_grid,
        statistics=table.statistics,
        tests=table.tests,
        effective_base=table.effective_base,
        item_labels=table.item_labels,
        column_labels=table.column_labels,
        ci_method=table.ci_method,
        population=table.population,
        column_missing=table.column_missing,
        is_raw=is_raw,
    )


def pass_cell(cell: Cell, shown_percent: Decimal | None) -> ProtectedCell:
    """Turn a cell into its protected form with every number shown."""
    return ProtectedCell(
        status=CellStatus.SHOWN,
        n=cell.n,
        wn=cell.wn,
        base_n=cell.base_n,
        base_wn=cell.base_wn,
        percent=cell.percent,
        shown_percent=shown_percent,
        ci_low=cell.ci_low,
        ci_high=cell.ci_high,
        letters=cell.letters,
        expected=cell.expected,
    )
