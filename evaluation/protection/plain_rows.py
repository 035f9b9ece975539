"""A protected table as rows like those of ``tables.csv``, for the audit of a release at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
                    "percent": cell.percent,
                    "base_n": cell.base_n if has_base else None,
                    "status": cell.status.value,
                }
            )
    return rows
