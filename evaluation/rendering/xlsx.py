"""The tables as a workbook, after the good-practice guides for statistics in spreadsheets.

Guides followed: "Releasing statistics in spreadsheets" (UK Government Analysis
Function): cover, contents with links, notes, one table a sheet that starts in
A1 with its title, no merged cells, no blank rows or columns within a table,
symbols instead of blanks, numbers as numbers, nothing hidden. The last sheet
holds every cell in tidy form for machines.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from evaluation.rendering.tidy import COLUMNS, tidy_rows
from evaluation.rendering.xlsx_entries import defined_words
from evaluation.report.model import BodyKind, Box, ChartBlock, ListBlock, TableBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evaluation.protection.release import ProtectedTable
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Block, BodyCell, HeadCell, Report
    from evaluation.texts import Texts

LABEL_WIDTH = 60
COLUMN_WIDTH = 14
TEXT_WIDTH = 90
EPOCH = dt.datetime(1980, 1, 1)  # noqa: DTZ001


def render_xlsx(
    report: Report, tables: Sequence[ProtectedTable], texts: Texts, theme: Theme
) -> bytes:
    """Return ``tables.xlsx``.

    Parameters
    ----------
    report
        Its tables get a sheet each, in the order and with the numbers of print.
    tables
        Every protected table of the release, for the machine-readable sheet.
    texts, theme
        Words and colours.
    """
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
    book = xlsxwriter.Workbook(out, options)
    meta = report.meta
    created = dt.datetime.fromisoformat(meta.date) if meta.date else EPOCH
    book.set_properties(
        {"title": meta.title, "author": meta.author or meta.publisher, "created": created}
    )
    sheets = _Sheets(book, texts, theme)
    printed = list(_printed_tables(report.blocks))
    names = [_sheet_name(block, i, texts) for i, block in enumerate(printed, 1)]
    sheets.cover(report)
    sheets.contents(printed, names)
    sheets.notes(defined_words(report.blocks))
    for block, name in zip(printed, names, strict=True):
        sheets.table(block, name)
    sheets.data(tables)
    book.close()
    return out.getvalue()


class _Sheets:
    """Writes one kind of sheet per method."""

    def __init__(self, book: Any, texts: Texts, theme: Theme) -> None:
        self.book = book
        self.texts = texts
        base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
        self.base = base
        self.plain = book.add_format(base)
        self.wrapped = book.add_format({**base, "text_wrap": True})
        self.title = book.add_format(
            {**base, "bold": True, "font_size": 14, "font_color": theme.primary}
        )
        self.head = book.add_format(
            {**base, "bold": True, "text_wrap": True, "bottom": 1, "align": "right"}
        )
        self.stub = book.add_format({**base, "bold": True, "text_wrap": True, "bottom": 1})
        self.link = book.add_format({**base, "font_color": theme.link, "underline": 1})
        self.formats: dict[tuple[str, bool], Any] = {}

    def cover(self, report: Report) -> None:
        """Title, publisher, date and what is invented."""
        meta = report.meta
        sheet = self._sheet(self.texts.get("xlsx.cover"))
        sheet.set_column(0, 0, TEXT_WIDTH)
        lines = [meta.subtitle, meta.publisher, meta.series, str(meta.year), meta.date, meta.notice]
        sheet.write_string(0, 0, meta.title, self.title)
        for i, line in enumerate((line for line in lines if line), 1):
            sheet.write_string(i, 0, line, self.wrapped)

    def contents(self, tables: Sequence[TableBlock], names: Sequence[str]) -> None:
        """A list of sheets with links."""
        sheet = self._sheet(self.texts.get("words.contents"))
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, TEXT_WIDTH)
        sheet.write_string(0, 0, self.texts.get("words.contents"), self.title)
        sheet.write_string(1, 0, self.texts.get("xlsx.sheet"), self.stub)
        sheet.write_string(1, 1, self.texts.get("xlsx.content"), self.stub)
        for i, (block, name) in enumerate(zip(tables, names, strict=True), 2):
            sheet.write_url(i, 0, f"internal:'{name}'!A1", self.link, name)
            sheet.write_string(i, 1, block.caption, self.wrapped)
        last = len(tables) + 2
        data = self.texts.get("xlsx.data")
        sheet.write_url(last, 0, f"internal:'{data}'!A1", self.link, data)
        sheet.write_string(last, 1, self.texts.get("xlsx.data_content"), self.wrapped)

    def notes(self, words: Sequence[tuple[str, str]]) -> None:
        """Symbols, and the words that the report defines."""
        sheet = self._sheet(self.texts.get("xlsx.notes"))
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, TEXT_WIDTH)
        sheet.write_string(0, 0, self.texts.get("xlsx.notes"), self.title)
        sheet.write_string(1, 0, self.texts.get("xlsx.symbol"), self.stub)
        sheet.write_string(1, 1, self.texts.get("xlsx.meaning"), self.stub)
        for i, key in enumerate(("withheld", "nothing", "impossible"), 2):
            sheet.write_string(i, 0, self.texts.get(f"symbols.{key}"), self.plain)
            sheet.write_string(i, 1, self.texts.get(f"xlsx.symbol_{key}"), self.wrapped)
        for i, (word, meaning) in enumerate(words, 5):
            sheet.write_string(i, 0, word, self.wrapped)
            sheet.write_string(i, 1, meaning, self.wrapped)

    def table(self, block: TableBlock, name: str) -> None:
        """One printed table: title, notes, head in one row, body."""
        sheet = self._sheet(name)
        title = f"{block.label}. {block.caption}" if block.label else block.caption
        sheet.write_string(0, 0, title, self.title)
        at = 1
        for note in (*block.notes, *block.tests):
            sheet.write_string(at, 0, note, self.plain)
            at += 1
        heads = flat_heads(block.head)
        sheet.write_string(at, 0, block.stub, self.stub)
        for i, text in enumerate(heads, 1):
            sheet.write_string(at, i, text, self.head)
        sheet.freeze_panes(at + 1, 1)
        sheet.set_column(0, 0, LABEL_WIDTH)
        sheet.set_column(1, max(1, len(heads)), COLUMN_WIDTH)
        group = ""
        for row in block.rows:
            if row.kind is BodyKind.GROUP:
                group = row.label
                continue
            at += 1
            bold = row.kind is BodyKind.TOTAL
            label = f"{group}: {row.label}" if group else row.label
            sheet.write_string(at, 0, label, self._format("text", bold=bold))
            for i, cell in enumerate(row.cells, 1):
                self._cell(sheet, at, i, cell, bold=bold)

    def data(self, tables: Iterable[ProtectedTable]) -> None:
        """Every cell of the release in tidy form, as in ``tables.csv``."""
        sheet = self._sheet(self.texts.get("xlsx.data"))
        for i, name in enumerate(COLUMNS):
            sheet.write_string(0, i, name, self.stub)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(COLUMNS) - 1, COLUMN_WIDTH)
        at = 0
        for table in tables:
            for row in tidy_rows(table, self.texts):
                at += 1
                for i, name in enumerate(COLUMNS):
                    value = row[name]
                    if isinstance(value, int | float):
                        sheet.write_number(at, i, value, self.plain)
                    elif value is not None:
                        sheet.write_string(at, i, str(value), self.plain)

    def _sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(0)
        return sheet

    def _cell(self, sheet: Any, row: int, column: int, cell: BodyCell, *, bold: bool) -> None:
        if cell.value is None:
            sheet.write_string(row, column, cell.text, self._format("symbol", bold=bold))
            return
        places = "0." + "0" * cell.decimals if cell.decimals else "#,##0"
        sheet.write_number(row, column, float(cell.value), self._format(places, bold=bold))

    def _format(self, kind: str, *, bold: bool) -> Any:
        if (kind, bold) not in self.formats:
            own: dict[str, Any] = {"bold": bold}
            if kind == "text":
                own["text_wrap"] = True
            elif kind == "symbol":
                own["align"] = "right"
            else:
                own["num_format"] = kind
            self.formats[kind, bold] = self.book.add_format({**self.base, **own})
        return self.formats[kind, bold]


def flat_heads(head: Sequence[Sequence[HeadCell]]) -> list[str]:
    """Return one text per column: heads above each other joined, so that none is merged."""
    levels = []
    for row in head:
        level: list[str] = []
        for cell in row:
            level += [cell.text] * cell.span
        levels.append(level)
    width = max((len(level) for level in levels), default=0)
    return [
        ": ".join(part for level in levels if i < len(level) and (part := level[i]))
        for i in range(width)
    ]


def _printed_tables(blocks: Iterable[Block]) -> Iterable[TableBlock]:
    """Yield tables and the figures of charts, in reading order."""
    for block in blocks:
        if isinstance(block, TableBlock):
            yield block
        elif isinstance(block, Box):
            yield from _printed_tables(block.blocks)
        elif isinstance(block, ListBlock):
            for item in block.items:
                yield from _printed_tables(item)
        elif isinstance(block, ChartBlock):
            data = block.data_table
            yield TableBlock(
                id=data.id,
                caption=block.caption,
                stub=data.stub,
                head=data.head,
                rows=data.rows,
                label=block.label,
                notes=block.notes,
            )


def _sheet_name(block: TableBlock, position: int, texts: Texts) -> str:
    """Return a sheet name: the printed label, or a running number."""
    return block.label or f"{texts.get('xlsx.sheet')} {position}"
