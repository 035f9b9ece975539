"""From a protected table to the table as printed: heads, figures as text, notes.

Three forms: one way (n and percent), crosstab (columns side by side), grid
(one row per item, one column per step).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from evaluation.model import TOTAL, RowKind
from evaluation.report.grids import GridOptions, grid_common_base, grid_parts
from evaluation.report.group_bases import group_base_notes
from evaluation.report.model import BodyCell, BodyKind, BodyRow, HeadCell, TableBlock
from evaluation.report.stacked import expected_text, margin_notes, stacked_rows
from evaluation.report.table_cells import (
    base_rows,
    column_label,
    count_text,
    percent_text,
    shown_columns,
    weighted_text,
    withheld,
)
from evaluation.tables.spec import Percents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.protection.release import ProtectedCell, ProtectedTable
    from evaluation.report.charts import ChartOptions
    from evaluation.tables.spec import Row
    from evaluation.texts import Texts

MISSING = (RowKind.ITEM_NONRESPONSE, RowKind.NOT_ASKED, RowKind.INVALID)
BODY_KIND = {
    RowKind.OPTION: BodyKind.NORMAL,
    RowKind.ITEM: BodyKind.NORMAL,
    RowKind.NET: BodyKind.NET,
    RowKind.TOTAL: BodyKind.TOTAL,
}
ALPHABET = 26
PAIRS_UP_TO = 4
"""Crosstabs of at most this many columns show both n and percent in each."""


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What a chapter may say about how a table is printed.

    Attributes
    ----------
    id, caption, note, stub
        As in `TableBlock`; "" for the default.
    show
        Any of ``n``, ``wn``, ``expected``, ``percent``, ``ci``; empty for the default.
    missing
        Whether kinds of missing are named beneath.
    grid
        How a grid, or a table of several questions, is set.
    """

    id: str = ""
    caption: str = ""
    note: str = ""
    stub: str = ""
    show: tuple[str, ...] = ()
    missing: bool = True
    grid: GridOptions = field(default_factory=GridOptions)
    stacked: bool = False
    """A crosstab's measures under each other in each cell instead of side by side."""
    rule: str = ""
    """The table's filter in words, a clause without subject; "" where there is none."""


def table_block(table: ProtectedTable, texts: Texts, options: TableOptions) -> TableBlock:
    """Lay out a protected table.

    Parameters
    ----------
    table
        What passed the gate.
    texts
        Words and number format.
    options
        The chapter's wishes.

    Returns
    -------
    TableBlock
        Not yet numbered; ``label`` is "".
    """
    if table.is_withheld:
        return withheld_block(table, texts, options)
    if table.is_grid and (not options.show or options.show in (("n",), ("percent",))):
        return battery_block([table], [""], texts, options)
    columns = shown_columns(table.columns)
    show = options.show or _default_show(table, columns)
    if options.stacked and table.spec.by and not table.is_grid:
        head = _head(table, columns, show[:1], texts)
        rows = stacked_rows(table, columns, show, texts, _cell)
    else:
        head, rows = _head(table, columns, show, texts), _rows(table, columns, show, texts)
    notes = [*_notes([table], show, texts, options), *([options.note] if options.note else [])]
    return TableBlock(
        id=options.id,
        caption=options.caption or table.title,
        stub=options.stub or texts.get("table.stub"),
        head=head,
        rows=rows,
        notes=tuple(notes),
        source_table=table.id,
        tests=sentences_on_tests(table, texts),
    )


def withheld_block(
    table: ProtectedTable, texts: Texts, options: TableOptions | ChartOptions
) -> TableBlock:
    """Return what stands in the place of a table (or chart) that is not published at all."""
    symbol = BodyCell(texts.get("symbols.withheld"), status="secondary")
    return TableBlock(
        id=options.id,
        caption=options.caption or table.title,
        stub=texts.get("table.stub"),
        head=((HeadCell(texts.get("table.n")),),),
        rows=(BodyRow(texts.get("table.withheld"), (symbol,)),),
        notes=(options.note,) if options.note else (),
        source_table=table.id,
    )


def sentences_on_tests(table: ProtectedTable, texts: Texts) -> tuple[str, ...]:
    """Return one honest sentence per test, each with its cautions."""
    if not table.tests:
        return ()
    from evaluation.inference.sentences import effect_sentence, outcome_sentence

    lines = []
    several = len(table.spec.by) > 1
    for test in table.tests:
        heads = [table.item_labels.get(test.row_variable, "")]
        heads += [table.column_labels.get(test.column_variable, "")] if several else []
        by = ", ".join(head for head in heads if head)
        said = (
            outcome_sentence(test, texts, by=by, about="questions"),
            effect_sentence(test, texts),
        )
        lines.append(" ".join(part for part in said if part))
    return tuple(lines)


def battery_block(
    tables: Sequence[ProtectedTable], names: Sequence[str], texts: Texts, options: TableOptions
) -> TableBlock:
    """Lay out a grid, or several questions with the same options, with a row for each.

    Parameters
    ----------
    tables
        One grid, or one table for each question.
    names
        Row label of each question; not used for a grid.
    texts, options
        As in `table_block`; ``show`` is ``n`` or ``percent``.
    """
    show = options.show[:1] or ("percent",)
    head, rows = grid_parts(tables, names, texts, replace(options.grid, measure=show[0]))
    notes = [*_notes(tables, show, texts, options), *([options.note] if options.note else [])]
    return TableBlock(
        id=options.id,
        caption=options.caption or tables[0].title,
        stub=options.stub or texts.get("table.stub_items"),
        head=head,
        rows=rows,
        notes=tuple(notes),
        source_table=tables[0].id,
        tests=sentences_on_tests(tables[0], texts),
    )


def is_total_only(table: ProtectedTable) -> bool:
    """Tell whether the table is one way."""
    return not table.spec.by


def _interval_text(cell: ProtectedCell, decimals: int, texts: Texts) -> BodyCell:
    if not cell.is_shown:
        return withheld(texts, "range", cell.status)
    if cell.ci_low is None or cell.ci_high is None:
        return BodyCell(texts.get("symbols.nothing"), None, 0, "text", "none")
    ends = (texts.numbers.number(end, decimals) for end in (cell.ci_low, cell.ci_high))
    return BodyCell("\u2013".join(ends), None, 0, "range")


def _cell(kind: str, cell: ProtectedCell, decimals: int, texts: Texts) -> BodyCell:
    if kind == "n":
        return count_text(cell, texts)
    if kind == "wn":
        return weighted_text(cell, texts)
    if kind == "ci":
        return _interval_text(cell, decimals, texts)
    if kind == "expected":
        return expected_text(cell, texts)
    return percent_text(cell, decimals, texts)


def _default_show(table: ProtectedTable, columns: tuple[int, ...]) -> tuple[str, ...]:
    counts = ("n", "wn") if table.spec.weight else ("n",)
    interval = ("ci",) if table.spec.ci and table.ci_method else ()
    if is_total_only(table):
        return (*counts, "percent", *interval)
    if table.spec.weight and len(columns) < PAIRS_UP_TO:
        return (*counts, "percent", *interval)
    if interval:
        return ("n", "percent", "ci") if len(columns) < PAIRS_UP_TO else ("percent", "ci")
    return ("n", "percent") if len(columns) <= PAIRS_UP_TO else ("percent",)


def _head(
    table: ProtectedTable, columns: tuple[int, ...], show: tuple[str, ...], texts: Texts
) -> tuple[tuple[HeadCell, ...], ...]:
    units = tuple(HeadCell(texts.get(f"table.{kind}")) for kind in show)
    if is_total_only(table):
        return (units,)
    letters = _letters(table)
    top = tuple(
        HeadCell(
            column_label(table.columns[i], texts) + letters.get(i, ""),
            span=len(show),
            is_number=len(show) == 1,
        )
        for i in columns
    )
    rows: list[tuple[HeadCell, ...]] = []
    if len(table.spec.by) > 1:
        rows.append(_variable_heads(table, columns, len(show)))
    rows.append(top)
    if len(show) > 1:
        rows.append(units * len(columns))
    return tuple(rows)


def _letters(table: ProtectedTable) -> dict[int, str]:
    """Letter of each column where columns are compared; each column variable starts at A."""
    if not table.spec.compare:
        return {}
    letters: dict[int, str] = {}
    seen: dict[str, int] = {}
    for i, column in enumerate(table.columns):
        if column.code != TOTAL:
            at = seen[column.variable] = seen.get(column.variable, -1) + 1
            letters[i] = f" ({chr(ord('A') + at)})" if at < ALPHABET else ""
    return letters


def _variable_heads(
    table: ProtectedTable, columns: tuple[int, ...], width: int
) -> tuple[HeadCell, ...]:
    """Top row of a banner: the name of each column variable over its categories."""
    heads: list[HeadCell] = []
    for by in table.spec.by:
        size = sum(
            1 for i in columns if table.columns[i].variable == by and table.columns[i].code != TOTAL
        )
        heads.append(HeadCell(table.column_labels.get(by, by), span=size * width, is_number=False))
    return (*heads, HeadCell("", span=width, is_number=False))


def _rows(
    table: ProtectedTable, columns: tuple[int, ...], show: tuple[str, ...], texts: Texts
) -> tuple[BodyRow, ...]:
    rows: list[BodyRow] = []
    item = ""
    for row, cells in zip(table.rows, table.cells, strict=True):
        if row.kind in MISSING:
            continue
        if table.is_grid and row.variable != item:
            item = row.variable
            rows.append(BodyRow(table.item_labels.get(item, item), (), BodyKind.GROUP))
        printed = tuple(
            _cell(kind, cells[i], table.spec.decimals, texts) for i in columns for kind in show
        )
        rows.append(BodyRow(_row_label(row, table, texts), printed, BODY_KIND[row.kind]))
    return (*rows, *base_rows(table, columns, show, texts))


def _row_label(row: Row, table: ProtectedTable, texts: Texts) -> str:
    if row.kind is RowKind.TOTAL:
        return texts.get("table.respondents" if table.is_multiple else "table.total")
    return row.label


def _notes(
    tables: Sequence[ProtectedTable], show: Sequence[str], texts: Texts, options: TableOptions
) -> list[str]:
    """Sentences beneath: what the percents are of, the base, who is missing, the symbols."""
    table = tables[0]
    is_battery = table.is_grid or len(tables) > 1
    has_percents = "percent" in show
    notes = []
    if any(t.is_multiple for t in tables):
        notes.append(texts.get("table.note_multiple" if has_percents else "table.note_several"))
    elif is_battery and has_percents:
        notes.append(texts.get("table.note_grid"))
    if options.missing and table.is_side_by_side:
        notes += group_base_notes(tables, texts)
    elif options.missing:
        notes += _battery_base(tables, texts) if is_battery else _base_notes(table, texts)
    notes += margin_notes(table, show, texts)
    if table.spec.by and table.spec.percents is not Percents.COLUMN and "percent" in show:
        notes.append(texts.get(f"table.note_of_{table.spec.percents.value}"))
    if options.rule:
        notes.append(texts.get("table.note_where", rule=options.rule))
    if table.spec.weight:
        notes.append(texts.get("table.note_weighted"))
        if table.effective_base:
            notes.append(texts.get("table.note_effective"))
    if table.ci_method and "ci" in show:
        from evaluation.inference.sentences import interval_note

        notes.append(interval_note(table.ci_method, texts, population=table.population or None))
    if table.spec.compare and table.spec.by:
        from evaluation.inference.sentences import letters_note

        notes.append(letters_note(table.spec.compare, texts))
    notes += withheld_notes(tables, texts)
    if table.is_raw:
        notes.append(texts.get("table.note_raw"))
    return notes


def withheld_notes(tables: Sequence[ProtectedTable], texts: Texts) -> list[str]:
    """Say what the symbol for a withheld figure means and how many cells have it, and of noise."""
    changed = [texts.get("table.note_changed")] if any(t.is_changed for t in tables) else []
    changed += [texts.get("table.note_told")] if any(t.is_told for t in tables) else []
    printed = [
        cell
        for table in tables
        for row, line in zip(table.rows, table.cells, strict=True)
        if row.kind not in MISSING
        for cell in line
    ]
    withheld_cells = sum(not cell.is_shown for cell in printed)
    if not withheld_cells:
        return changed
    number = texts.numbers.number
    return [
        texts.get("table.note_withheld", symbol=texts.get("symbols.withheld"))
        + " "
        + texts.get("table.note_hidden", hidden=number(withheld_cells), cells=number(len(printed))),
        *changed,
    ]


def _battery_base(tables: Sequence[ProtectedTable], texts: Texts) -> list[str]:
    """The base of the last margin where all rows share it; else each row has its own."""
    margin = shown_columns(tables[0].columns)[-1]
    base = None if tables[0].spec.by else grid_common_base(tables, margin)
    return [] if base is None else [texts.get("table.note_base", n=texts.numbers.number(base))]


def _base_notes(table: ProtectedTable, texts: Texts) -> list[str]:
    """The base of the last margin, and item non-response and not asked where there are any."""
    margin = shown_columns(table.columns)[-1]
    counts = {row.kind: table.cells[r][margin] for r, row in enumerate(table.rows)}
    respondents = counts[RowKind.TOTAL].n
    parts = []
    if respondents is not None:
        parts.append(texts.get("table.note_base", n=texts.numbers.number(respondents)))
    for kind in (kind for kind in MISSING if kind in counts):
        cell = counts[kind]
        if cell.n:
            parts.append(texts.get(f"table.note_{kind.value}", n=texts.numbers.number(cell.n)))
        elif cell.n is None and kind is not RowKind.INVALID:
            symbol = texts.get("symbols.withheld")
            parts.append(texts.get(f"table.note_{kind.value}", n=symbol))
    return [" ".join(parts)] if parts else []
