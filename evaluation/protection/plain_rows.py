"""A protected table as rows like those of ``tables.csv``, for the audit of a release at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.protection.audit_sheets import Sheet
from evaluation.protection.events import MISSING_KINDS

if TYPE_CHECKING:
    from evaluation.protection.release import ProtectedTable


def plain_rows(table: ProtectedTable) -> list[dict[str, object]]:
    """Return one mapping per cell, with the keys of ``tables.csv`` that an audit reads.

    None of a table that is withheld: it is not in the file either.
    """
    if table.is_withheld:
        return []
    rows: list[dict[str, object]] = []
    for row, line in zip(table.rows, table.cells, strict=True):
        for column, cell in zip(table.columns, line, strict=True):
            has_base = row.code not in MISSING_KINDS
            rows.append(
                {
                    "table": table.id,
                    "survey": table.spec.survey,
                    "question": table.spec.question,
                    "row_var": row.variable,
                    "row_code": row.code,
                    "row_label": row.label,
                    "col_var": column.variable,
                    "col_code": column.code,
                    "col_label": column.label,
                    "where": table.spec.where,
                    "weight": table.spec.weight,
                    "n": cell.n,
                    "wn": cell.wn,
                    "percent": cell.percent,
                    "base_wn": cell.base_wn if has_base else None,
                    "base_n": cell.base_n if has_base else None,
                    "status": cell.status.value,
                }
            )
    return rows


def sheet_of(table: ProtectedTable) -> Sheet:
    """Return a table for the audit to look at before it reads its rows."""
    return Sheet(
        table=table.id,
        survey=table.spec.survey,
        where=table.spec.where,
        weight=table.spec.weight,
        rows=[(row.variable, row.code, row.label) for row in table.rows],
        columns=[(column.variable, column.code, column.label) for column in table.columns],
        counts=[[cell.n for cell in line] for line in table.cells],
        bases=[[cell.base_n for cell in line] for line in table.cells],
    )
