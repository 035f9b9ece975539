"""Cells and column heads of protected tables as printed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, CellStatus, RowKind
from evaluation.report.model import BodyCell, BodyKind, BodyRow
from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.tables.spec import Column
    from evaluation.texts import Texts


def shown_columns(columns: Sequence[Column]) -> tuple[int, ...]:
    """Return positions of the columns printed: one margin only, at the end.

    Each column variable brings its own margin; side by side they would repeat
    the same figures, unless respondents lack one of the variables.
    """
    margins = [i for i, c in enumerate(columns) if c.code == TOTAL]
    return tuple(i for i, c in enumerate(columns) if c.code != TOTAL or i == margins[-1])


def column_label(column: Column, texts: Texts) -> str:
    """Return a column's printed label; margins are called by the catalogue's word."""
    return texts.get("table.total") if column.code == TOTAL else column.label


def count_text(cell: ProtectedCell, texts: Texts) -> BodyCell:
    """Write a count."""
    if cell.n is None:
        return withheld(texts, "count", cell.status)
    return BodyCell(texts.numbers.number(cell.n), Decimal(cell.n), 0, "count")


def percent_text(cell: ProtectedCell, decimals: int, texts: Texts) -> BodyCell:
    """Write a percent without its sign (the column head has it)."""
    if not cell.is_shown and cell.shown_percent is None:
        return withheld(texts, "percent", cell.status)
    if cell.shown_percent is None:
        return BodyCell(texts.get("symbols.nothing"), None, decimals, "percent", "none")
    text = texts.numbers.number(cell.shown_percent, decimals)
    if cell.letters:
        text += f" ({cell.letters})"
    return BodyCell(text, cell.shown_percent, decimals, "percent")


def base_rows(
    table: ProtectedTable, columns: Sequence[int], show: Sequence[str], texts: Texts
) -> list[BodyRow]:
    """Return what a weighted table's columns rest on: unweighted n, weighted n, effective base.

    Those that the total row has already are left out. Each stands in the first
    column of its head.
    """
    if not table.effective_base or table.is_grid:
        return []
    total = next(
        cells
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.TOTAL
    )
    lines: list[tuple[str, list[BodyCell]]] = []
    if "n" not in show:
        lines.append((texts.get("table.base_n"), [count_text(total[i], texts) for i in columns]))
    if "wn" not in show:
        lines.append(
            (texts.get("table.base_wn"), [weighted_text(total[i], texts) for i in columns])
        )
    effective = [_effective(table.effective_base[i], texts) for i in columns]
    lines.append((texts.get("table.base_effective"), effective))
    nothing = BodyCell(texts.get("symbols.nothing"), None, 0, "text", "none")
    rest = (nothing,) * (len(show) - 1)
    return [
        BodyRow(label, tuple(one for cell in cells for one in (cell, *rest)), BodyKind.NET)
        for label, cells in lines
    ]


def weighted_text(cell: ProtectedCell, texts: Texts) -> BodyCell:
    """Write a weighted count."""
    if cell.wn is None:
        return withheld(texts, "count", cell.status)
    value = round_half_up(cell.wn, 0)
    return BodyCell(texts.numbers.number(value), value, 0, "count")


def _effective(base: float | None, texts: Texts) -> BodyCell:
    if base is None:
        return withheld(texts, "number", CellStatus.SECONDARY)
    value = round_half_up(base, 1)
    return BodyCell(texts.numbers.number(value, 1), value, 1, "number")


def withheld(texts: Texts, unit: str, status: CellStatus) -> BodyCell:
    """Return the cell that stands for a figure that the gate withheld."""
    return BodyCell(texts.get("symbols.withheld"), None, 0, unit, status.value)
