"""Tables as tidy rows, one per cell: the form of ``tables.csv`` and of data frames."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from evaluation.model import TOTAL, RowKind
from evaluation.rendering.spreadsheet import guarded, unguarded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.tables.spec import Column, Row
    from evaluation.texts import Texts

COLUMNS = (
    "table",
    "title",
    "survey",
    "question",
    "row_var",
    "row_code",
    "row_label",
    "col_var",
    "col_code",
    "col_label",
    "where",
    "weight",
    "n",
    "wn",
    "percent",
    "ci_low",
    "ci_high",
    "base_n",
    "base_wn",
    "status",
)
"""The contract of ``tables.csv``."""

MISSING = (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)


def tidy_rows(table: ProtectedTable, texts: Texts) -> list[dict[str, Any]]:
    """Return one mapping per cell, in table order, with the keys of `COLUMNS`.

    Numbers are int or float, None where not shown; percents are unrounded,
    0 to 100. Kinds of missing have no percent and no base. A table that is
    withheld has no rows.
    """
    if table.is_withheld:
        return []
    return [
        _tidy(table, row, column, cell, texts)
        for row, cells in zip(table.rows, table.cells, strict=True)
        for column, cell in zip(table.columns, cells, strict=True)
    ]


def tables_csv(tables: Iterable[ProtectedTable], texts: Texts) -> bytes:
    """Return ``tables.csv``: UTF-8, comma, decimal point, one row per cell."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for table in tables:
        for row in tidy_rows(table, texts):
            writer.writerow({key: _written(value) for key, value in row.items()})
    return out.getvalue().encode("utf-8")


def read_rows(content: Iterable[str]) -> list[dict[str, object]]:
    """Return the rows of a ``tables.csv``, its texts as they were before they were guarded."""
    return [
        {key: unguarded(value or "") for key, value in row.items() if key is not None}
        for row in csv.DictReader(content)
    ]


def _tidy(
    table: ProtectedTable, row: Row, column: Column, cell: ProtectedCell, texts: Texts
) -> dict[str, Any]:
    has_base = row.kind not in MISSING
    total = texts.get("table.total")
    return {
        "table": table.id,
        "title": table.title,
        "survey": table.spec.survey,
        "question": table.spec.question,
        "row_var": row.variable,
        "row_code": row.code,
        "row_label": row.label,
        "col_var": column.variable,
        "col_code": column.code,
        "col_label": total if column.code == TOTAL else column.label,
        "where": table.spec.where,
        "weight": table.spec.weight,
        "n": cell.n,
        "wn": cell.wn,
        "percent": cell.percent,
        "ci_low": cell.ci_low,
        "ci_high": cell.ci_high,
        "base_n": cell.base_n if has_base else None,
        "base_wn": cell.base_wn if has_base else None,
        "status": cell.status.value,
    }


def _written(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    return f"{value:.10g}" if isinstance(value, float) else value
