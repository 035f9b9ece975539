"""A workbook (XLSX, XLS, ODS) as one `Grid` per visible sheet.

Read by python-calamine. Before it may open a zip archive the archive's own
directory and the places of the cells are looked at, because a few hundred
bytes can claim a sheet of seventeen thousand million cells.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.loading.grid import Grid, encode_rows
from evaluation.loading.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_PACKING_RATIO,
    MAX_PARTS,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    RATIO_FROM_BYTES,
)
from evaluation.loading.sniff import FileKind
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


_BY_SUFFIX = {".xlsx": FileKind.XLSX, ".xlsm": FileKind.XLSX, ".ods": FileKind.ODS}
"""What an archive that is cut off or broken was meant to be."""


def zip_kind(path: Path) -> FileKind:
    """Tell which kind of workbook a zip archive is; ``ZIP`` where it is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return _BY_SUFFIX.get(path.suffix.lower(), FileKind.BINARY)
    if "EncryptionInfo" in names or "EncryptedPackage" in names:
        return FileKind.ENCRYPTED
    if any(name.startswith("xl/") for name in names):
        return FileKind.XLSX
    return FileKind.ODS if "content.xml" in names else FileKind.ZIP


def read_workbook(
    path: Path, kind: FileKind, file: str, sheet: str | None = None
) -> Checked[tuple[Grid, ...]]:
    """Read the visible sheets of a workbook, or the one sheet asked for.

    Parameters
    ----------
    path
        The workbook.
    kind
        ``XLSX``, ``XLS`` or ``ODS``.
    file
        Name to use in problems.
    sheet
        Name of the only sheet wanted; may be a hidden one.
    """
    guard = _guard(path, kind, file)
    if any(p.severity is Severity.STOP for p in guard):
        return Checked((), guard)
    import python_calamine as calamine

    try:
        workbook = calamine.CalamineWorkbook.from_path(str(path))
    except calamine.PasswordError:
        return Checked((), (*guard, Problem("encrypted-file", Severity.STOP, file)))
    except (calamine.CalamineError, OSError, ValueError):
        return Checked((), (*guard, Problem("damaged-workbook", Severity.STOP, file)))
    with workbook:
        read = _read_sheets(workbook, file, sheet)
    return Checked(read.value, (*guard, *read.problems))


def _read_sheets(workbook: object, file: str, sheet: str | None) -> Checked[tuple[Grid, ...]]:
    """Read the chosen sheets of an open workbook."""
    import python_calamine as calamine

    names: list[str] = []
    hidden: list[str] = []
    for meta in workbook.sheets_metadata:  # type: ignore[attr-defined]
        is_visible = meta.visible == calamine.SheetVisibleEnum.Visible
        if meta.typ == calamine.SheetTypeEnum.WorkSheet:
            (names if is_visible else hidden).append(meta.name)
    problems: list[Problem] = []
    if sheet is not None:
        if sheet not in (*names, *hidden):
            expected = ", ".join((*names, *hidden))
            problem = Problem("unknown-sheet", Severity.STOP, file, value=sheet, expected=expected)
            return Checked((), (problem,))
        names, hidden = [sheet], []
    if hidden:
        note = Severity.NOTE if names else Severity.WARN
        problems.append(Problem("hidden-sheets", note, file, value=", ".join(hidden)))
    grids = []
    for name in names or hidden:
        try:
            grids.append(_read_sheet(workbook.get_sheet_by_name(name), name))  # type: ignore[attr-defined]
        except (calamine.CalamineError, ValueError, OverflowError):
            problems.append(Problem("damaged-sheet", Severity.STOP, file, sheet=name))
    return Checked(tuple(grids), tuple(problems))


def _read_sheet(sheet: object, name: str) -> Grid:
    """Encode one sheet; rows and columns keep the places they have in the spreadsheet."""
    start = sheet.start  # type: ignore[attr-defined]
    left = [""] * (start[1] if start else 0)
    n_rows = 0

    def rows() -> Iterator[Sequence[object]]:
        nonlocal n_rows
        for row in sheet.iter_rows():  # type: ignore[attr-defined]
            n_rows += 1
            yield [*left, *row] if left else row

    columns = encode_rows(rows())
    merged = sheet.merged_cell_ranges or []  # type: ignore[attr-defined]
    return Grid(name, columns, n_rows, tuple((a, b, c, d) for (a, b), (c, d) in merged))


def _guard(path: Path, kind: FileKind, file: str) -> tuple[Problem, ...]:
    """Look at a zip workbook before a reader unpacks it."""
    if kind not in {FileKind.XLSX, FileKind.ODS}:
        return ()
    try:
        with zipfile.ZipFile(path) as archive:
            too_big = _check_sizes(archive, file)
            if too_big:
                return too_big
            return _scan_parts(archive, kind, file)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError):
        return (Problem("damaged-workbook", Severity.STOP, file),)


def _check_sizes(archive: zipfile.ZipFile, file: str) -> tuple[Problem, ...]:
    """Refuse archives whose directory announces more than memory can hold."""
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    too_dense = any(
        part.file_size > RATIO_FROM_BYTES
        and part.file_size > MAX_PACKING_RATIO * max(1, part.compress_size)
        for part in parts
    )
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or too_dense:
        value = f"{packed // 1024} kB → {unpacked // 1024**2} MB"
        expected = f"{MAX_UNPACKED_BYTES // 1024**2} MB"
        return (Problem("zip-bomb", Severity.STOP, file, value=value, expected=expected),)
    return ()


@dataclass(slots=True)
class _Extent:
    """What a scan of a sheet's XML found.

    Attributes
    ----------
    rows
        Number of the last row.
    far
        Number of the last column from AAA on, 0 where there is none.
    columns
        Number of the last column, where it had to be known.
    formulas
        Cells with a formula.
    """

    rows: int = 0
    far: int = 0
    columns: int = 0
    formulas: int = 0


_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml\Z")
_ROW = re.compile(rb'<row\b[^>]*?\br="(\d{1,18})"')
_FAR_CELL = re.compile(rb'r="([A-Z]{1,7}\d{1,18})"')
_NEAR_CELL = re.compile(rb'r="([A-Z]{1,2})\d')
_OVERLAP = 64
"""Bytes kept from one block to the next, so that no tag is cut in two unseen."""
_BLOCK = 1 << 22

LAST_TWO_LETTER_COLUMN = 26 * 27
"""Column ZZ; which of A to ZZ is the last is only looked for where the rows are many."""


def _scan_parts(archive: zipfile.ZipFile, kind: FileKind, file: str) -> tuple[Problem, ...]:
    """Check extents, formulas and links of all sheets; reading also verifies every checksum."""
    if kind is FileKind.ODS:
        return _scan_ods(archive, file)
    problems: list[Problem] = []
    formulas = 0
    for part in archive.infolist():
        if _SHEET_PART.match(part.filename):
            extent = _scan_sheet(archive, part)
            formulas += extent.formulas
            problems.extend(_absurd(extent.rows, extent.columns, file, part.filename))
        elif part.filename == "xl/sharedStrings.xml":
            _drain(archive, part)
    if formulas:
        problems.append(Problem("formula-cells", Severity.WARN, file, count=formulas))
    if any(name.startswith("xl/externalLinks/") for name in archive.namelist()):
        problems.append(Problem("external-links", Severity.WARN, file))
    return tuple(problems)


def _absurd(rows: int, columns: int, file: str, part: str) -> tuple[Problem, ...]:
    """Refuse a sheet that spans more cells than `MAX_CELLS`, or too many columns."""
    found = f"{rows} × {columns}"
    if columns > MAX_COLUMNS:
        expected = str(MAX_COLUMNS)
        return (Problem("too-many-columns", Severity.STOP, file, value=found, expected=expected),)
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        sheet, expected = part.rsplit("/", 1)[-1], str(MAX_CELLS)
        return (Problem("absurd-extent", Severity.STOP, file, sheet, 0, "", found, expected),)
    return ()


def _blocks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[tuple[bytes, int]]:
    """Yield overlapping blocks of a part, with the length of the overlap."""
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK):
            yield tail + block, len(tail)
            tail = block[-_OVERLAP:]


def _drain(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part to its end, so that a false size or checksum shows."""
    for _ in _blocks(archive, part):
        pass


def _scan_sheet(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> _Extent:
    """Find the last row and column that any cell of a sheet claims."""
    extent = _Extent()
    for block, overlap in _blocks(archive, part):
        numbers = list(map(int, _ROW.findall(block)))
        extent.rows = max(extent.rows, *numbers, 0)
        if len(numbers) < block.count(b"<row") or _has_far_column(block):
            _scan_cells(block, extent)
        fresh = block[max(0, overlap - len("<f ")) :]
        extent.formulas += fresh.count(b"<f>") + fresh.count(b"<f ")
    extent.columns = extent.far or 1
    if not extent.far and extent.rows * LAST_TWO_LETTER_COLUMN > MAX_CELLS:
        near: set[bytes] = set()
        for block, _ in _blocks(archive, part):
            near.update(_NEAR_CELL.findall(block))
        extent.columns = max(map(_column_number, near), default=1)
    return extent


def _scan_cells(block: bytes, extent: _Extent) -> None:
    """Look at single cells: some stand beyond column ZZ, or in rows without a number."""
    for cell in _FAR_CELL.findall(block):
        letters = cell.rstrip(b"0123456789")
        extent.rows = max(extent.rows, int(cell[len(letters) :]))
        extent.far = max(extent.far, _column_number(letters) if len(letters) > 2 else 0)


def _has_far_column(block: bytes) -> bool:
    """Tell whether any cell's place begins with three letters: ``r="AAA``, in one sweep."""
    data = np.frombuffer(block, np.uint8)
    if len(data) < FAR_MARK:
        return False
    starts = np.flatnonzero(
        (data[: 1 - FAR_MARK] == ord("r"))
        & (data[1 : 2 - FAR_MARK] == ord("="))
        & (data[2 : 3 - FAR_MARK] == ord('"'))
    )
    letters = data[starts[:, None] + np.arange(3, FAR_MARK)]
    is_letter = (letters >= ord("A")) & (letters <= ord("Z"))
    return bool(is_letter.all(axis=1).any())


FAR_MARK = len('r="AAA')


def _column_number(letters: bytes) -> int:
    """Return the 1-based number of a column from its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)(?<!/)>(.*?)</table:table-row>", re.DOTALL)
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)")
_ODS_ROWS = re.compile(rb'number-rows-repeated="(\d{1,9})"')
_ODS_COLUMNS = re.compile(rb'number-columns-repeated="(\d{1,9})"')


def _scan_ods(archive: zipfile.ZipFile, file: str) -> tuple[Problem, ...]:
    """Count the cells that repeat counts in an ODS file would unfold to, blank tails aside."""
    content = archive.read("content.xml")
    cells = widest = 0
    for row in _ODS_ROW.finditer(content):
        width = used = 0
        for cell in _ODS_CELL.finditer(row.group(2)):
            repeat = _ODS_COLUMNS.search(cell.group(1))
            width += int(repeat.group(1)) if repeat else 1
            used = width if b"value-type=" in cell.group(1) else used
        repeat = _ODS_ROWS.search(row.group(1))
        cells += used * (int(repeat.group(1)) if repeat else 1)
        widest = max(widest, used)
    problems = list(_absurd(max(1, cells // max(1, widest)), widest, file, "content.xml"))
    formulas = content.count(b"table:formula=")
    if formulas:
        problems.append(Problem("formula-cells", Severity.WARN, file, count=formulas))
    return tuple(problems)
