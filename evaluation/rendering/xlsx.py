"""The tables as a workbook, after the good-practice guides for statistics in spreadsheets.

Guides followed: "Releasing statistics in spreadsheets" (UK Government Analysis
Function): cover, contents with links, notes, one table a sheet that starts in
A1 with its title, tables marked up as tables with one row of unlike heads, no
merged cells, no blank cells, rows or columns within a table, symbols instead
of blanks, numbers as numbers, footnotes told in words above their table,
nothing hidden. The last sheet holds every cell in tidy form for machines.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

from evaluation.rendering.html import date_in_words
from evaluation.rendering.text import plain_text
from evaluation.rendering.tidy import COLUMNS, tidy_rows
from evaluation.rendering.xlsx_entries import defined_words
from evaluation.rendering.xlsx_shape import (
    flat_heads,
    is_prose,
    printing,
    set_height,
    unlike,
    with_language,
)
from evaluation.report.model import BodyCell, BodyKind, Box, ChartBlock, ListBlock, TableBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from evaluation.protection.release import ProtectedTable
    from evaluation.rendering.theme import Theme
    from evaluation.report.model import Block, Report
    from evaluation.texts import Texts

LABEL_WIDTH = 60
PROSE_WIDTH = 48
NAME_WIDTH = 20
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
    notes = {note.number: plain_text(note.children) for note in report.footnotes}
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
        sheets.table(block, name, notes)
    sheets.data(tables)
    book.close()
    return with_language(out.getvalue(), meta.language)


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
        self.tables = 0
        self.formats: dict[tuple[str, bool], Any] = {}

    def cover(self, report: Report) -> None:
        """Title, publisher, date, what is invented, what the workbook holds."""
        meta, words = report.meta, report.words
        sheet = self._sheet(self.texts.get("xlsx.cover"))
        sheet.set_column(0, 0, TEXT_WIDTH)
        date = date_in_words(meta.date, words) or str(meta.year or "")
        lines = [
            meta.subtitle,
            f"{words['published_by']}: {meta.publisher}" if meta.publisher else "",
            meta.series,
            f"{words['author']}: {meta.author}" if meta.author else "",
            f"{words['published']}: {date}" if date else "",
            meta.notice,
            self.texts.get("xlsx.about"),
        ]
        sheet.write_string(0, 0, meta.title, self.title)
        at = 0
        for line in filter(None, lines):
            at += 1
            sheet.write_string(at, 0, line, self.wrapped)
            set_height(sheet, at, [(line, TEXT_WIDTH)])
        self._link(sheet, at + 1, 0, self.texts.get("words.contents"))
        printing(sheet, 0, wide=False)

    def contents(self, tables: Sequence[TableBlock], names: Sequence[str]) -> None:
        """A list of sheets with links."""
        rows = [
            (self.texts.get("xlsx.notes"), self.texts.get("xlsx.notes_content")),
            *((name, block.caption) for block, name in zip(tables, names, strict=True)),
            (self.texts.get("xlsx.data"), self.texts.get("xlsx.data_content")),
        ]
        heads = (self.texts.get("xlsx.sheet"), self.texts.get("xlsx.content"))
        sheet = self._list_sheet(self.texts.get("words.contents"), heads, rows)
        for at, (name, _) in enumerate(rows, 2):
            self._link(sheet, at, 0, name)

    def notes(self, words: Sequence[tuple[str, str]]) -> None:
        """Symbols, and the words that the report defines."""
        rows = [
            (self.texts.get(f"symbols.{key}"), self.texts.get(f"xlsx.symbol_{key}"))
            for key in ("withheld", "nothing", "impossible")
        ]
        heads = (self.texts.get("xlsx.symbol"), self.texts.get("xlsx.meaning"))
        self._list_sheet(self.texts.get("xlsx.notes"), heads, (*rows, *words))

    def table(self, block: TableBlock, name: str, notes: Mapping[int, str]) -> None:
        """One printed table: title, notes, way back, head in one row, body."""
        sheet = self._sheet(name)
        title = f"{block.label}. {block.caption}" if block.label else block.caption
        sheet.write_string(0, 0, title + self._marks([block.caption_note]), self.title)
        at = 1
        for note in (*block.notes, *block.tests, *self._footnotes(block, notes)):
            sheet.write_string(at, 0, note, self.plain)
            at += 1
        self._link(sheet, at, 0, self.texts.get("words.contents"))
        at += 1
        flat = flat_heads(block.head)
        widest = max([len(flat), *(len(row.cells) for row in block.rows)])
        heads = unlike([block.stub, *flat] + [""] * (widest - len(flat)), self.texts)
        prose = [is_prose(block, i) for i in range(widest)]
        head, group = at, ""
        sheet.freeze_panes(head + 1, 1)
        sheet.set_column(0, 0, LABEL_WIDTH)
        for i, is_wide in enumerate(prose, 1):
            sheet.set_column(i, i, PROSE_WIDTH if is_wide else COLUMN_WIDTH)
        for row in block.rows:
            if row.kind is BodyKind.GROUP:
                group = row.label + self._marks([row.note])
                continue
            at += 1
            bold = row.kind is BodyKind.TOTAL
            label = f"{group}: {row.label}" if group else row.label
            label += self._marks([row.note, *(cell.note for cell in row.cells)])
            sheet.write_string(at, 0, label, self._format("text", bold=bold))
            widths = [LABEL_WIDTH, *(PROSE_WIDTH if p else COLUMN_WIDTH for p in prose)]
            words = (c.text if p else "" for c, p in zip(row.cells, prose, strict=False))
            set_height(sheet, at, zip((label, *words), widths, strict=False))
            for i in range(widest):
                cell = row.cells[i] if i < len(row.cells) else BodyCell("")
                self._cell(sheet, at, i + 1, cell, bold=bold, prose=prose[i])
        set_height(sheet, head, [(heads[0], LABEL_WIDTH), *((h, COLUMN_WIDTH) for h in heads[1:])])
        self._mark_up(sheet, (head, at), heads, [False, *(not p for p in prose)])
        printing(sheet, head, wide=widest > 5)

    def _footnotes(self, block: TableBlock, notes: Mapping[int, str]) -> list[str]:
        """Return the texts of a table's footnotes: marks alone would lead nowhere."""
        numbers = [block.caption_note]
        for row in block.rows:
            numbers += [row.note, *(cell.note for cell in row.cells)]
        return [
            self.texts.get("xlsx.note", number=number, text=notes[number])
            for number in dict.fromkeys(numbers)
            if number in notes
        ]

    def _marks(self, numbers: Iterable[int]) -> str:
        """Write the marks of footnotes as words, since a cell has no small figures."""
        return "".join(
            f" [{self.texts.get('xlsx.note_mark', number=number)}]"
            for number in dict.fromkeys(numbers)
            if number
        )

    def _mark_up(
        self, sheet: Any, rows: tuple[int, int], heads: Sequence[str], numeric: Sequence[bool]
    ) -> None:
        """Make a range a table of the workbook, its heads read aloud with each cell."""
        first, last = rows
        formats = [self.head if is_right else self.stub for is_right in numeric]
        if last == first:
            for i, (text, form) in enumerate(zip(heads, formats, strict=True)):
                sheet.write_string(first, i, text, form)
            return
        self.tables += 1
        sheet.add_table(
            first,
            0,
            last,
            len(heads) - 1,
            {
                "name": f"{self.texts.get('xlsx.table_name')}_{self.tables}",
                "style": None,
                "autofilter": False,
                "columns": [
                    {"header": text, "header_format": form}
                    for text, form in zip(heads, formats, strict=True)
                ],
            },
        )

    def _list_sheet(
        self, title: str, heads: tuple[str, str], rows: Sequence[tuple[str, str]]
    ) -> Any:
        """Write a sheet of two columns under its title."""
        sheet = self._sheet(title)
        sheet.set_column(0, 0, NAME_WIDTH)
        sheet.set_column(1, 1, TEXT_WIDTH)
        sheet.write_string(0, 0, title, self.title)
        for at, (name, text) in enumerate(rows, 2):
            set_height(sheet, at, [(name, NAME_WIDTH), (text, TEXT_WIDTH)])
            sheet.write_string(at, 0, name, self.wrapped)
            sheet.write_string(at, 1, text, self.wrapped)
        self._mark_up(sheet, (1, len(rows) + 1), heads, (False, False))
        printing(sheet, 1, wide=False)
        return sheet

    def _link(self, sheet: Any, row: int, column: int, name: str) -> None:
        """Write a link to a sheet of that name."""
        sheet.write_url(row, column, f"internal:'{name}'!A1", self.link, name)

    def data(self, tables: Iterable[ProtectedTable]) -> None:
        """Every cell of the release in tidy form, as in ``tables.csv``."""
        sheet = self._sheet(self.texts.get("xlsx.data"))
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
        self._mark_up(sheet, (0, at), COLUMNS, [False] * len(COLUMNS))
        printing(sheet, 0, wide=True)

    def _sheet(self, name: str) -> Any:
        return self.book.add_worksheet(name)

    def _cell(
        self, sheet: Any, row: int, column: int, cell: BodyCell, *, bold: bool, prose: bool
    ) -> None:
        if cell.value is None:
            kind = "text" if prose else "symbol"
            text = cell.text or self.texts.get("symbols.nothing")
            sheet.write_string(row, column, text, self._format(kind, bold=bold))
            return
        places = "#,##0." + "0" * cell.decimals if cell.decimals else "#,##0"
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
