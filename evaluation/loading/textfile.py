"""A separated text file (CSV, TSV) as a `Grid`, rows counted as a spreadsheet counts them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evaluation.loading.grid import Grid, GridColumn, encode_rows
from evaluation.loading.limits import LARGE_TEXT_BYTES, MAX_CELLS, MAX_COLUMNS
from evaluation.loading.sniff import decode, detect_separator, separator_line
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from evaluation.codebook.schema import ReadOptions


@dataclass(frozen=True, slots=True)
class TextFile:
    """A parsed text file with what was found out about it."""

    grid: Grid
    encoding: str
    separator: str


def read_text_file(data: bytes, options: ReadOptions, file: str) -> Checked[TextFile | None]:
    """Parse a text file.

    Parameters
    ----------
    data
        All bytes.
    options
        ``encoding`` and ``separator`` are obeyed where given.
    file
        Name to use in problems.
    """
    problems: list[Problem] = []
    try:
        decoded = decode(data, options.encoding)
    except LookupError:
        return _stop(Problem("unknown-encoding", Severity.STOP, file, value=str(options.encoding)))
    except UnicodeDecodeError:
        return _stop(Problem("wrong-encoding", Severity.STOP, file, value=str(options.encoding)))
    if not decoded.certain:
        problems.append(Problem("encoding-guessed", Severity.WARN, file, value=decoded.encoding))
    text = decoded.text.replace("\x00", "")
    named, skip = separator_line(text)
    text = text[skip:].rstrip("\r\n")  # millions of blank lines at the end are no rows
    separator = options.separator or named or detect_separator(text)
    if len(separator) != 1:
        return _stop(Problem("bad-separator", Severity.STOP, file, value=separator))
    parsed = _parse(text, separator, file)
    problems.extend(parsed.problems)
    if parsed.value is None:
        return Checked(None, tuple(problems))
    return Checked(TextFile(parsed.value, decoded.encoding, separator), tuple(problems))


def _stop(problem: Problem) -> Checked[TextFile | None]:
    return Checked(None, (problem,))


def _parse(text: str, separator: str, file: str) -> Checked[Grid | None]:
    """Parse by pyarrow where the text is large and regular, else by the csv module."""
    if len(text) > LARGE_TEXT_BYTES:
        fast = parse_large(text, separator)
        if fast is not None:
            return Checked(fast)
    return parse_csv(text, separator, file)


def parse_csv(text: str, separator: str, file: str = "") -> Checked[Grid | None]:
    """Parse with the standard library; a record is a row, blank lines included."""
    widths: list[int] = []
    # Each cell of an even table has a sign after it; one long row makes all others as long.
    most_cells = max(MAX_CELLS, 2 * len(text))

    def counted() -> Iterator[list[str]]:
        widest = 0
        for record in csv.reader(_lines(text), delimiter=separator):
            if len(record) > MAX_COLUMNS:
                raise _TooWideError(len(record))
            widest = max(widest, len(record))
            widths.append(len(record))
            if widest * len(widths) > most_cells:
                raise _TooManyCellsError(widest)
            yield record

    try:
        columns = encode_rows(counted())
    except csv.Error:
        row = len(widths) + 1
        if '"' in text:
            return Checked(None, (Problem("unclosed-quote", Severity.STOP, file, row=row),))
        return Checked(None, (_too_long(file, row),))
    except _TooWideError as error:
        found, limit = str(error.width), str(MAX_COLUMNS)
        problem = Problem("too-many-columns", Severity.STOP, file, value=found, expected=limit)
        return Checked(None, (problem,))
    except _TooManyCellsError as error:
        found, limit = f"{len(widths)} × {error.width}", str(most_cells)
        problem = Problem("absurd-extent", Severity.STOP, file, value=found, expected=limit)
        return Checked(None, (problem,))
    if text.count('"') % 2 and any("\n" in column.cell(len(widths) - 1) for column in columns):
        problem = Problem("unclosed-quote", Severity.STOP, file, row=len(widths))
        return Checked(None, (problem,))
    grid = Grid("", columns, len(widths))
    filled, reach = column_fill(grid)
    return Checked(grid, ragged(np.array(widths, np.int32), reach, filled, file))


def _too_long(file: str, row: int) -> Problem:
    """Report a cell longer than the csv module takes: no quotation mark is to blame."""
    expected = str(csv.field_size_limit())
    return Problem("cell-too-long", Severity.STOP, file, row=row, expected=expected)


class _TooWideError(Exception):
    """A record with more cells than any export has."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.width = width


class _TooManyCellsError(Exception):
    """A few signs that would unfold to more cells than memory holds."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.width = width


def _lines(text: str) -> Iterator[str]:
    """Yield lines with their ends, cut at CR LF, LF or CR only (not at form feeds or U+2028)."""
    if "\n" not in text and "\r" in text:
        text = text.replace("\r", "\n")  # old Mac line ends
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def column_fill(grid: Grid) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return per column how many rows it is filled in, and per row its last filled column plus 1.

    The grid may be some rows of a file.
    """
    filled = np.zeros(grid.n_columns, dtype=np.int64)
    reach = np.zeros(grid.n_rows, dtype=np.int32)
    for position, column in enumerate(grid.columns):
        here = column.is_filled()
        filled[position] = np.count_nonzero(here)
        reach[here] = position + 1
    return filled, reach


def ragged(
    widths: NDArray[np.int32], reach: NDArray[np.int32], filled: NDArray[np.int64], file: str
) -> tuple[Problem, ...]:
    """Report rows that hold answers beyond, or stop short of, the usual number of cells.

    Parameters
    ----------
    widths
        1-D, per row of the file: its cells.
    reach, filled
        As of `column_fill`, for the whole file.
    file
        Its name.
    """
    usual = _usual_width(widths)
    # A row may leave out the blank cells at its end: only columns that most rows fill count.
    needed = max((n + 1 for n, f in enumerate(filled[:usual]) if 2 * f >= len(widths)), default=0)
    problems = []
    for code, found in (
        ("row-too-long", reach > usual),
        ("row-too-short", (widths > 1) & (widths < needed)),
    ):
        rows = (np.flatnonzero(found) + 1).tolist()
        if rows:
            expected = str(usual)
            problems.append(
                Problem.of_rows(code, Severity.WARN, rows, file=file, expected=expected)
            )
    return tuple(problems)


def _usual_width(widths: NDArray[np.int32]) -> int:
    """Commonest number of cells in a row; the one met first on a tie."""
    found, first, n = np.unique(widths[widths > 0], return_index=True, return_counts=True)
    return int(found[np.lexsort((first, -n))[0]]) if len(found) else 0


def parse_large(text: str, separator: str) -> Grid | None:
    """Parse with pyarrow: the same texts as `parse_csv`, some ten times as fast.

    Returns None where the text is irregular (rows of unequal width, blank
    lines, lone carriage returns, a quotation mark that is not closed), which the
    standard library then takes.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    body = text.rstrip("\r\n")
    try:
        first = next(csv.reader(_lines(body), delimiter=separator), [])
    except csv.Error:  # a cell of absurd length, which `parse_csv` reports
        return None
    if not first or len(first) > MAX_COLUMNS or body.count("\r") != body.count("\r\n"):
        return None
    if body.count('"') % 2:  # one is not closed: pyarrow would swallow what follows
        return None
    names = [str(position) for position in range(len(first))]
    column_type = pa.dictionary(pa.int32(), pa.string())
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body.encode("utf-8")),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=1 << 24),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator, newlines_in_values='"' in body, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, column_type),
                null_values=[],
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    columns = tuple(arrow_column(table.column(name)) for name in names)
    return Grid("", columns, table.num_rows)


def arrow_column(column: object) -> GridColumn:
    """Turn a dictionary-encoded pyarrow column of strings into a `GridColumn`."""
    unified = column.unify_dictionaries()  # type: ignore[attr-defined]
    if not unified.num_chunks:
        return GridColumn((), np.empty(0, np.int32))
    values = tuple(unified.chunk(0).dictionary.to_pylist())
    parts = [np.asarray(chunk.indices, dtype=np.int32) for chunk in unified.chunks]
    return GridColumn(values, np.concatenate(parts))
