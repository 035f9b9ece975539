"""Cells and column heads of protected tables as printed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, CellStatus
from evaluation.report.model import BodyCell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.protection.release import ProtectedCell
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


def withheld(texts: Texts, unit: str, status: CellStatus) -> BodyCell:
    """Return the cell that stands for a figure that the gate withheld."""
    return BodyCell(texts.get("symbols.withheld"), None, 0, unit, status.value)
