"""The workbook after the good-practice guides, read by openpyxl."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import openpyxl
import pytest

from evaluation.loading.texts import load_texts
from evaluation.rendering.theme import load_theme
from evaluation.rendering.xlsx import render_xlsx
from evaluation.rendering.xlsx_shape import flat_heads, unlike
from evaluation.report.model import BodyCell, BodyRow, Footnote, HeadCell, TableBlock, Text
from tests.rendering import sample

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

TEXTS = load_texts("sv")


def workbook(*more: TableBlock, notes: tuple[Footnote, ...] = ()) -> Workbook:
    report = sample.sample_report()
    report = replace(
        report,
        blocks=(*report.blocks, *more),
        footnotes=(*report.footnotes, *notes),
    )
    content = render_xlsx(report, (), TEXTS, load_theme("neutral"))
    assert render_xlsx(report, (), TEXTS, load_theme("neutral")) == content
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def book() -> Workbook:
    return workbook()


def printed(book: Workbook) -> list[Worksheet]:
    """Return the sheets of the report's tables and charts."""
    return [s for s in book.worksheets if s.title.startswith(("Tabell", "Figur"))]


def test_the_first_sheets_tell_what_the_rest_is(book: Workbook) -> None:
    assert book.sheetnames[:3] == ["Försättsblad", "Innehåll", "Förklaringar"]
    assert book.sheetnames[-1] == "Data"
    assert book.properties.title == sample.sample_report().meta.title
    assert book.properties.language == "sv"
    cover = [row[0] for row in book["Försättsblad"].values]
    assert cover[0] == book.properties.title
    assert any(str(line).startswith("Utgivare: ") for line in cover)
    assert None not in cover


def test_every_sheet_is_reached_from_the_contents_and_leads_back(book: Workbook) -> None:
    links = {
        cell.value: cell.hyperlink.location
        for row in book["Innehåll"].iter_rows()
        for cell in row
        if cell.hyperlink
    }
    assert list(links) == book.sheetnames[2:]
    assert all(target == f"'{name}'!A1" for name, target in links.items())
    for sheet in printed(book):
        assert "'Innehåll'!A1" in [
            cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink
        ]


def test_nothing_is_merged_hidden_blank_or_without_name(book: Workbook) -> None:
    names = []
    for sheet in book.worksheets:
        assert not sheet.merged_cells.ranges
        assert sheet.sheet_state == "visible"
        assert sheet["A1"].value
        assert not any(d.hidden for d in sheet.column_dimensions.values())
        assert not any(d.hidden for d in sheet.row_dimensions.values())
        for table in sheet.tables.values():
            names.append(table.name)
            cells = [cell.value for row in sheet[table.ref] for cell in row]
            assert all(cell not in (None, "") for cell in cells)
            heads = [cell.value for cell in sheet[table.ref][0]]
            assert len({str(head).casefold() for head in heads}) == len(heads)
    assert len(names) == len(set(names)) == len(printed(book)) + 2


def test_each_table_ends_its_sheet_and_its_head_stays_in_sight(book: Workbook) -> None:
    for sheet in printed(book):
        (table,) = sheet.tables.values()
        first, last = table.ref.split(":")
        assert sheet.dimensions.split(":")[1] == last
        assert sheet[first].offset(1, 1).coordinate == sheet.freeze_panes
        assert all(row[0].value for row in sheet.iter_rows(max_col=1))


def test_numbers_are_numbers_with_the_decimals_of_print(book: Workbook) -> None:
    cell = next(
        cell
        for row in book["Tabell 2"].iter_rows()
        for cell in row
        if cell.value == pytest.approx(41.8)
    )
    assert cell.number_format == "#,##0.0"
    signs = {c.value for row in book["Tabell 2"].iter_rows(min_col=2) for c in row} & {".."}
    assert signs == {".."}


def test_footnotes_stand_in_words_with_their_text() -> None:
    table = TableBlock(
        "t", "Med noter", "Fråga", ((HeadCell("n"), HeadCell("n")),),
        (BodyRow("Ja", (BodyCell("3", Decimal(3), note=92), BodyCell("")), note=91),),
        label="Tabell 99", caption_note=92,
    )  # fmt: skip
    notes = (Footnote(91, (Text("Gäller 2021."),)), Footnote(92, (Text("Osäker uppgift."),)))
    sheet = workbook(table, notes=notes)["Tabell 99"]
    lines = [row[0] for row in sheet.iter_rows(values_only=True)]
    assert lines[0] == "Tabell 99. Med noter [not 92]"
    assert lines[1:3] == ["Not 92: Osäker uppgift.", "Not 91: Gäller 2021."]
    assert lines[-1] == "Ja [not 91] [not 92]"
    assert [cell.value for cell in sheet[sheet.max_row - 1]] == ["Fråga", "n", "n (2)"]
    assert sheet.cell(sheet.max_row, 3).value == "–"


def test_prose_is_set_wide_and_wrapped(book: Workbook) -> None:
    block = sample.text_table()
    sheet = book[block.label]
    assert sheet.column_dimensions["B"].width > 40
    last = sheet.cell(sheet.max_row, 2)
    assert last.alignment.wrap_text
    assert last.alignment.horizontal in (None, "general", "left")


def test_heads_above_each_other_become_one() -> None:
    head = ((HeadCell("Kvinnor", span=2),), (HeadCell("n"), HeadCell("Procent")))
    assert flat_heads(head) == ["Kvinnor: n", "Kvinnor: Procent"]


def test_heads_are_told_apart_and_never_empty() -> None:
    assert unlike(["", "n", "N", "n", ""], TEXTS) == ["Rad", "n", "N (2)", "n (3)", "Uppgift"]
