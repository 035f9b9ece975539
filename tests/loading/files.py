"""Small files as the survey tools write them, made by hand for one test each."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import xlsxwriter

from evaluation.loading.read import read_export

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from evaluation.codebook.schema import ReadOptions
    from evaluation.model import RawColumn, RawResponses
    from evaluation.problems import Checked


def csv_text(rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    """Write rows as separated text."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def write_csv(
    path: Path,
    rows: Sequence[Sequence[str]],
    *,
    separator: str = ",",
    encoding: str = "utf-8",
) -> Path:
    """Write rows into a file."""
    path.write_bytes(csv_text(rows, separator).encode(encoding))
    return path


def write_xlsx(path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
    """Write a workbook, None as an empty cell."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def texts(column: RawColumn) -> list[str]:
    """Return the text of every row of a column."""
    return [column.values[i] for i in column.index.tolist()]


def read(path: Path, options: ReadOptions | None = None) -> RawResponses:
    """Read an export that must be readable."""
    checked = read_export(path) if options is None else read_export(path, options)
    assert checked.value is not None, checked.problems
    for column in checked.value.columns:  # what every reader promises
        assert column.index.dtype == np.int32
        assert len(column.index) == checked.value.n_rows
        assert len(set(column.values)) == len(column.values)
        first = [column.index.tolist().index(i) for i in range(len(column.values))]
        assert first == sorted(first)
    heads = [column.header for column in checked.value.columns]
    assert len(set(heads)) == len(heads)
    return checked.value


def codes(checked: Checked[object]) -> set[str]:
    """Return the codes of the problems, without those that only say which tool it was."""
    return {p.code for p in checked.problems} - {"tool-recognised", "tool-unknown"}
