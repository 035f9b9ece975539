"""Protected tables made by hand: one way, of one question or of a grid's items."""

from __future__ import annotations

from evaluation.model import TOTAL, CellStatus, RowKind
from evaluation.protection.release import ProtectedCell, ProtectedTable
from evaluation.rounding import percent
from evaluation.tables.spec import Column, Row, TableSpec

OPTIONS = {"1": "Helt", "2": "Delvis"}


def cell(n, base):
    return ProtectedCell(
        CellStatus.SHOWN, n, float(n), base, float(base), None, percent(n, base, 0)
    )


def protected(question, counts, *, is_grid, is_multiple=False, options=OPTIONS, silent=0):
    """Make a one-way table; ``counts`` is variable -> (counts per option, base)."""
    rows, cells = [], []
    for variable, (ns, base) in counts.items():
        for (code, label), n in zip(options.items(), ns, strict=True):
            rows.append(Row(variable, code, label, RowKind.OPTION))
            cells.append((cell(n, base),))
        rows.append(Row(variable, TOTAL, "", RowKind.TOTAL))
        cells.append((cell(base, base),))
        for kind in (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID):
            rows.append(Row(variable, kind.value, "", kind))
            is_silent = kind is RowKind.ITEM_NONRESPONSE
            cells.append((cell(silent if is_silent else 0, base),))
    return ProtectedTable(
        id=question,
        spec=TableSpec("s", question, decimals=0),
        title="Titel",
        rows=tuple(rows),
        columns=(Column("", TOTAL, ""),),
        cells=tuple(cells),
        is_multiple=is_multiple,
        is_grid=is_grid,
        item_labels={variable: variable.upper() for variable in counts},
    )
