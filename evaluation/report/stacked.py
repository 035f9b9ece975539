"""Crosstabs with their measures under each other in each cell, as statistics programs print them.

Each option is a heading, followed by one row per measure: counts, expected counts, percents.
Expected counts come from the respondents of the columns alone; notes say so where the margin
holds others too.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.report.model import BodyCell, BodyKind, BodyRow
from evaluation.report.table_cells import withheld
from evaluation.rounding import round_half_up
from evaluation.tables.spec import Margin, Percents

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.tables.spec import Row
    from evaluation.texts import Texts

    CellText = Callable[[str, ProtectedCell, int, Texts], BodyCell]

EXPECTED_DECIMALS = 1
MISSING = (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)


def expected_text(cell: ProtectedCell, texts: Texts) -> BodyCell:
    """Write an expected count with one decimal."""
    if not cell.is_shown:
        return withheld(texts, "number", cell.status)
    if cell.expected is None:
        return BodyCell(texts.get("symbols.nothing"), None, EXPECTED_DECIMALS, "number", "none")
    value = round_half_up(Decimal(repr(cell.expected)), EXPECTED_DECIMALS)
    text = texts.numbers.number(value, EXPECTED_DECIMALS)
    return BodyCell(text, value, EXPECTED_DECIMALS, "number")


def stacked_rows(
    table: ProtectedTable,
    columns: Sequence[int],
    show: Sequence[str],
    texts: Texts,
    cell_text: CellText,
) -> tuple[BodyRow, ...]:
    """Return a heading per option and, beneath it, one row per measure.

    Parameters
    ----------
    table
        A crosstab.
    columns
        Positions of the columns printed.
    show
        Measures, from the top.
    texts
        Words and number format.
    cell_text
        Writes one measure of a cell.
    """
    rows: list[BodyRow] = []
    for row, cells in zip(table.rows, table.cells, strict=True):
        if row.kind in MISSING:
            continue
        rows.append(BodyRow(_label(row, table, texts), (), BodyKind.GROUP))
        for measure in show:
            texts_of = (cell_text(measure, cells[i], table.spec.decimals, texts) for i in columns)
            rows.append(BodyRow(_measure(measure, table, texts), tuple(texts_of)))
    return tuple(rows)


def margin_notes(table: ProtectedTable, show: Sequence[str], texts: Texts) -> list[str]:
    """Say who lacks a column variable, whether the margin counts them, and what was expected."""
    notes = []
    in_margin = table.spec.margin is Margin.EVERYONE
    for by, lacking in table.column_missing.items():
        if lacking:
            key = "table.note_column_missing_in_total" if in_margin else "table.note_column_missing"
            name = table.column_labels.get(by, by)
            notes.append(texts.get(key, n=texts.numbers.number(lacking), variable=name))
    if "expected" in show and table.spec.by:
        notes.append(_expected_note(table, texts))
    return notes


def _expected_note(table: ProtectedTable, texts: Texts) -> str:
    """Say what expected counts are, and from how many they are computed where that can be read."""
    by = table.spec.by[0]
    total = next(
        cells
        for row, cells in zip(table.rows, table.cells, strict=True)
        if row.kind is RowKind.TOTAL
    )
    known = [
        cell.n
        for cell, column in zip(total, table.columns, strict=True)
        if column.variable == by and column.code != TOTAL
    ]
    if len(table.spec.by) > 1 or any(n is None for n in known):
        return texts.get("table.note_expected")
    base = texts.numbers.number(sum(n or 0 for n in known))
    return texts.get("table.note_expected_base", n=base)


def _label(row: Row, table: ProtectedTable, texts: Texts) -> str:
    if row.kind is RowKind.TOTAL:
        return texts.get("table.respondents" if table.is_multiple else "table.total")
    return row.label


def _measure(measure: str, table: ProtectedTable, texts: Texts) -> str:
    """Return the label of a measure; percents say what they are a share of."""
    if measure != "percent":
        return texts.get(f"table.stacked_{measure}")
    if table.spec.percents is Percents.COLUMN and len(table.spec.by) == 1:
        by = table.spec.by[0]
        return texts.get("table.stacked_percent_of", variable=table.column_labels.get(by, by))
    return texts.get(f"table.stacked_percent_{table.spec.percents.value}")
