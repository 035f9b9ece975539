"""Tables that are no tabulation of answers: study data, intake, item non-response."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, IntakeStatus, RowKind
from evaluation.report.cells import (
    GROUP_MARK,
    TOTAL_MARK,
    are_years,
    bare_label,
    cell_decimals,
    cell_number,
)
from evaluation.report.model import BodyCell, BodyKind, BodyRow, HeadCell, TableBlock
from evaluation.report.table_cells import count_text
from evaluation.rounding import percent
from evaluation.tables.request import local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.report.facts import DataTableContent, StudyFacts
    from evaluation.texts import Texts


def data_block(
    content: DataTableContent,
    texts: Texts,
    *,
    id: str = "",  # noqa: A002
    caption: str = "",
    note: str = "",
) -> TableBlock:
    """Lay out a table of study data.

    A first column that starts with ``# `` makes a heading within the table,
    with ``= `` a sum row. Whole numbers are grouped; a blank is "nothing to
    report", and a symbol of the catalogue (``..``, ``.``) stands as it is; years
    are not grouped.
    """
    rows = []
    symbols = frozenset(str(s) for s in texts.mapping("symbols").values())
    numeric = [
        all(_fits_numbers(r[i], symbols) for r in content.rows)
        for i in range(1, len(content.header))
    ]
    years = [are_years(r[i] for r in content.rows) for i in range(1, len(content.header))]
    for line in content.rows:
        label, kind = _kind(line[0])
        if kind is BodyKind.GROUP:
            rows.append(BodyRow(label, (), kind))
            continue
        cells = tuple(
            _data_cell(value, is_number and not is_year, texts)
            for value, is_number, is_year in zip(line[1:], numeric, years, strict=True)
        )
        rows.append(BodyRow(label, cells, kind))
    head = tuple(
        HeadCell(name, is_number=is_number)
        for name, is_number in zip(content.header[1:], numeric, strict=True)
    )
    notes = tuple(part for part in (content.note, note, content.source) if part)
    return TableBlock(
        id=id,
        caption=caption or content.title,
        stub=content.header[0],
        head=(head,),
        rows=tuple(rows),
        notes=notes,
    )


def intake_block(facts: StudyFacts, surveys: Sequence[str], caption: str) -> TableBlock:
    """Account for every row of every export: what became of it."""
    texts = facts.texts
    counts = [facts.intake[s] for s in surveys]
    heads = tuple(HeadCell(local(facts.study.surveys[s].title, texts.language, s)) for s in surveys)
    rows = [_count_row(texts.get("intake.rows"), [c.rows for c in counts], texts)]
    rows += [
        _count_row(
            texts.get(f"intake.{status.value}"), [c.by_status[status.value] for c in counts], texts
        )
        for status in IntakeStatus
    ]
    kept = [c.kept for c in counts]
    rows.append(_count_row(texts.get("intake.kept"), kept, texts, BodyKind.TOTAL))
    respondents = [c.respondents for c in counts]
    if respondents != kept:
        rows.append(_count_row(texts.get("intake.respondents"), respondents, texts, BodyKind.TOTAL))
    return TableBlock(
        id="",
        caption=caption or texts.get("intake.caption"),
        stub=texts.get("intake.stub"),
        head=(heads,),
        rows=tuple(rows),
    )


def nonresponse_block(
    rows: Sequence[tuple[str, ProtectedTable]], texts: Texts, caption: str
) -> TableBlock:
    """Item non-response per question: asked, answered, missing, percent of those asked."""
    body = []
    for label, table in rows:
        cells = {
            row.kind if row.code != TOTAL else RowKind.TOTAL: line[-1]
            for row, line in zip(table.rows, table.cells, strict=True)
        }
        body.append(_nonresponse_row(label, cells, texts))
    head = tuple(
        HeadCell(texts.get(f"nonresponse.{key}"))
        for key in ("asked", "answered", "missing", "rate")
    )
    return TableBlock(
        id="",
        caption=caption or texts.get("nonresponse.caption"),
        stub=texts.get("nonresponse.stub"),
        head=(head,),
        rows=tuple(body),
        notes=symbol_notes(body, texts),
    )


def symbol_notes(rows: Sequence[BodyRow], texts: Texts) -> tuple[str, ...]:
    """Explain the symbol of a withheld figure where one stands in the rows."""
    symbol = texts.get("symbols.withheld")
    is_used = any(cell.text == symbol for row in rows for cell in row.cells)
    return (texts.get("table.note_withheld", symbol=symbol),) if is_used else ()


def _nonresponse_row(label: str, cells: dict[RowKind, ProtectedCell], texts: Texts) -> BodyRow:
    answered, missing = cells[RowKind.TOTAL], cells.get(RowKind.ITEM_NONRESPONSE)
    if missing is None or answered.n is None or missing.n is None:
        status = "primary" if missing is None else missing.status.value
        hidden = BodyCell(texts.get("symbols.withheld"), status=status)
        return BodyRow(label, (hidden, count_text(answered, texts), hidden, hidden))
    asked = answered.n + missing.n
    share = percent(missing.n, asked, 1)
    share_text = texts.get("symbols.nothing") if share is None else texts.numbers.number(share, 1)
    return BodyRow(
        label,
        (
            BodyCell(texts.numbers.number(asked), Decimal(asked)),
            count_text(answered, texts),
            count_text(missing, texts),
            BodyCell(share_text, share, 1, "percent"),
        ),
    )


def _count_row(
    label: str, counts: Sequence[int], texts: Texts, kind: BodyKind = BodyKind.NORMAL
) -> BodyRow:
    cells = tuple(BodyCell(texts.numbers.number(n), Decimal(n)) for n in counts)
    return BodyRow(label, cells, kind)


def _kind(label: str) -> tuple[str, BodyKind]:
    kinds = {GROUP_MARK: BodyKind.GROUP, TOTAL_MARK: BodyKind.TOTAL}
    return bare_label(label), kinds.get(label[:2], BodyKind.NORMAL)


def _data_cell(text: str, is_number: bool, texts: Texts) -> BodyCell:
    if not is_number:
        return BodyCell(text, None, 0, "text", "shown" if text else "none")
    value = cell_number(text)
    if value is None:
        return BodyCell(text or texts.get("symbols.nothing"), None, 0, "number", "none")
    decimals = cell_decimals(value)
    return BodyCell(texts.numbers.number(value, decimals), value, decimals, "number")


def _fits_numbers(text: str, symbols: frozenset[str]) -> bool:
    """Tell whether a cell may stand in a column of numbers."""
    return not text or text in symbols or cell_number(text) is not None
