"""Workbooks: exact texts, true places, and files that must not be opened."""

from __future__ import annotations

import datetime as dt
import io
import struct
import time
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from evaluation.codebook.schema import ReadOptions
from evaluation.loading.celltext import cell_text
from evaluation.loading.read import read_export
from tests.loading.files import codes, read, texts, write_csv, write_xlsx

if TYPE_CHECKING:
    from pathlib import Path


def test_cells_become_exact_texts(tmp_path: Path) -> None:
    rows = [
        ["tal", "decimal", "datum", "ja", "text"],
        [1, 0.1, dt.datetime(2024, 5, 1, 8, 46, 58), True, " Ja "],  # noqa: DTZ001
        [10_000_000_000, 1 / 3, dt.datetime(2024, 5, 2), False, "1"],  # noqa: DTZ001
        [-2, 100.0, None, None, None],
    ]
    found = read(write_xlsx(tmp_path / "a.xlsx", {"Svar": rows}))
    by_head = {c.header: texts(c) for c in found.columns}
    assert by_head["tal"] == ["1", "10000000000", "-2"]
    assert by_head["decimal"] == ["0.1", "0.3333333333333333", "100"]
    assert by_head["datum"][0] == "2024-05-01 08:46:58"
    assert by_head["datum"][1].startswith("2024-05-02")
    assert by_head["ja"] == ["TRUE", "FALSE", ""]
    assert by_head["text"] == [" Ja ", "1", ""]
    assert found.source.sheet == "Svar"


def test_true_is_not_one(tmp_path: Path) -> None:
    found = read(write_xlsx(tmp_path / "a.xlsx", {"S": [["a", "b"], [1, "x"], [True, "y"]]}))
    assert texts(found.columns[0]) == ["1", "TRUE"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (1e15, "1000000000000000"),
        (1e300, "1e+300"),
        (float("nan"), ""),
        (0.1 + 0.2, "0.30000000000000004"),
        (dt.timedelta(hours=30), "30:00:00"),
        (dt.time(8, 5), "08:05:00"),
        (dt.date(2024, 5, 1), "2024-05-01"),
        (None, ""),
    ],
)
def test_cell_text(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_table_that_starts_further_in(tmp_path: Path) -> None:
    rows = [[None] * 4, [None] * 4, [None, "a", "b", "c"], [None, 1, 2, 3], [None, 4, 5, 6]]
    found = read(write_xlsx(tmp_path / "a.xlsx", {"S": rows}))
    assert [(c.header, c.position) for c in found.columns] == [("a", 1), ("b", 2), ("c", 3)]
    assert found.file_row.tolist() == [4, 5]


def test_merged_question_head_over_options(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Id")
        sheet.merge_range(0, 1, 0, 3, "Vilka verktyg använder du?")
        sheet.write(0, 4, "Kön")
        sheet.write_row(1, 1, ["Hammare", "Såg", "Fil"])
        for n in range(6):
            sheet.write_row(n + 2, 0, [n + 1, 1, 0, n % 2, "Kvinna"])
    found = read(path)
    assert [c.header for c in found.columns] == [
        "Id",
        "Vilka verktyg använder du? [Hammare]",
        "Vilka verktyg använder du? [Såg]",
        "Vilka verktyg använder du? [Fil]",
        "Kön",
    ]
    assert found.columns[1].hints.group == "Vilka verktyg använder du?"
    assert found.file_row.tolist() == [3, 4, 5, 6, 7, 8]


def test_title_above_the_head_is_a_note(tmp_path: Path) -> None:
    rows = [["Enkät 2024", None, None], ["a", "b", "c"], [1, 2, 3], [1, 3, 2]]
    found = read(write_xlsx(tmp_path / "a.xlsx", {"S": rows}))
    assert [c.header for c in found.columns] == ["a", "b", "c"]
    assert found.file_row.tolist() == [3, 4]


def test_sheets(tmp_path: Path) -> None:
    answers = [["a", "b"], [1, 2]]
    path = write_xlsx(
        tmp_path / "a.xlsx", {"Tom": [], "Svar": answers, "Mer": [["x", "y"], [3, 4]]}
    )
    assert read(path).source.sheet == "Svar"
    assert read(path, ReadOptions(sheet="Mer")).columns[0].header == "x"
    assert "unknown-sheet" in codes(read_export(path, ReadOptions(sheet="Nej")))


def test_hidden_sheet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Svar").write_column(0, 0, ["a", "1"])
        hidden = book.add_worksheet("Nycklar")
        hidden.write(0, 0, "namn")
        hidden.hide()
    assert "hidden-sheets" in codes(read_export(path))


def test_formulas_are_told_and_their_last_values_used(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write(1, 0, "x")
        sheet.write_formula(1, 1, "=1+1", None, 2)
    checked = read_export(path)
    assert "formula-cells" in codes(checked)
    assert checked.value is not None
    assert texts(checked.value.columns[1]) == ["2"]


# --- hostile files -------------------------------------------------------------

SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData></worksheet>"
)


def _with_sheet(path: Path, xml: str) -> Path:
    """Replace the sheet of a good workbook."""
    good = io.BytesIO(write_xlsx(path.with_name("good.xlsx"), {"S": [["a"], [1]]}).read_bytes())
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            is_sheet = item.filename == "xl/worksheets/sheet1.xml"
            new.writestr(item.filename, xml if is_sheet else old.read(item.filename))
    return path


def _cell(row: str, place: str) -> str:
    return f'<row{row}><c r="{place}"><v>1</v></c></row>'


FAR_CELLS = {
    "last cell": _cell(' r="1"', "A1") + _cell(' r="1048576"', "XFD1048576"),
    "row number only in the cell": _cell("", "A1") + _cell("", "ZZ1048576"),
    "beyond Excel": _cell(' r="1"', "ZZZ1") + _cell(' r="2"', "A2"),
}


@pytest.mark.parametrize("name", FAR_CELLS)
def test_absurd_dimensions_end_in_a_problem(tmp_path: Path, name: str) -> None:
    path = _with_sheet(tmp_path / "a.xlsx", SHEET.format(FAR_CELLS[name]))
    tracemalloc.start()
    start = time.perf_counter()
    checked = read_export(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert checked.value is None
    assert codes(checked) & {"absurd-extent", "too-many-columns"}
    assert time.perf_counter() - start < 5
    assert peak < 100 * 1024**2


def test_hundred_thousand_columns(tmp_path: Path) -> None:
    rows = [[f"k{n}" for n in range(100_000)], ["1"] * 100_000]
    checked = read_export(write_csv(tmp_path / "a.csv", rows))
    assert checked.value is None
    assert "too-many-columns" in codes(checked)


def test_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(80):
                part.write(b" " * 1024**2)
    checked = read_export(path)
    assert "zip-bomb" in codes(checked)
    assert checked.value is None


def test_false_size_in_the_zip_directory(tmp_path: Path) -> None:
    xml = SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row>' + " " * 100_000)
    path = _with_sheet(tmp_path / "a.xlsx", xml)
    data = bytearray(path.read_bytes())
    size = struct.pack("<I", len(xml.encode()))
    place = data.rfind(size)  # the entry in the central directory
    data[place : place + 4] = struct.pack("<I", 200)
    path.write_bytes(bytes(data))
    checked = read_export(path)
    assert checked.value is None
    assert "damaged-workbook" in codes(checked)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 and no more", "damaged-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "damaged-workbook"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le"),
            "encrypted-file",
        ),
    ],
)
def test_broken_workbooks(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    checked = read_export(path)
    assert checked.value is None
    assert code in codes(checked)


def test_cut_off_workbook(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"S": [["a", "b"], *([n, "x"] for n in range(500))]})
    whole = path.read_bytes()
    for share in (0.3, 0.6, 0.95):
        path.write_bytes(whole[: int(len(whole) * share)])
        checked = read_export(path)
        assert checked.value is None
        assert codes(checked)


def test_plain_zip_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("svar.csv", "a,b\n1,2\n")
    assert "zip-archive" in codes(read_export(path))


def test_external_links_are_told(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"S": [["a"], [1]]})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    assert "external-links" in codes(read_export(path))


def _with_part(tmp_path: Path, name: str, part: str, old: bytes, new: bytes) -> Path:
    """Return a workbook in which one part has been altered."""
    whole = write_xlsx(tmp_path / "whole.xlsx", {"S": [["a", "b"], [1, 2], [3, 4]]})
    path = tmp_path / name
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            content = source.read(info.filename)
            if info.filename == part:
                assert old in content
                content = content.replace(old, new)
            out.writestr(info.filename, content)
    return path


@pytest.mark.parametrize("row", [1_048_577, 4_294_967_295, 10**17])
def test_a_row_number_beyond_any_sheet(tmp_path: Path, row: int) -> None:
    old, new = b'<row r="3"', f'<row r="{row}"'.encode()
    path = _with_part(tmp_path, "far.xlsx", "xl/worksheets/sheet1.xml", old, new)
    path = _moved(path, tmp_path / "moved.xlsx", row)
    started = time.monotonic()
    checked = read_export(path)
    assert time.monotonic() - started < 5
    assert codes(checked) == {"absurd-extent"}


def _moved(path: Path, target: Path, row: int) -> Path:
    """Move the cells of row 3 along with it."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as out:
        for info in source.infolist():
            content = source.read(info.filename)
            for letter in "AB":
                content = content.replace(f'r="{letter}3"'.encode(), f'r="{letter}{row}"'.encode())
            out.writestr(info.filename, content)
    return target


@pytest.mark.parametrize("end", [0.3, 0.9, 0.99])
def test_a_workbook_that_was_cut_off_is_called_damaged(tmp_path: Path, end: float) -> None:
    whole = write_xlsx(tmp_path / "whole.xlsx", {"S": [["a", "b"], [1, 2]]}).read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole[: int(len(whole) * end)])
    assert codes(read_export(path)) == {"damaged-workbook"}


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert codes(read_export(tmp_path)) == {"folder-not-file"}
