"""A separated text file of any size as grids of some rows each, as `read_text_file` reads it."""

from __future__ import annotations

import codecs
import csv
from array import array
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from evaluation.loading.grid import Grid, GridColumn, encode_rows
from evaluation.loading.large.encoding import (
    BLOCK_BYTES,
    HEAD_BYTES,
    Encoding,
    blocks_of,
    find_encoding,
)
from evaluation.loading.limits import MAX_CELLS, MAX_COLUMNS
from evaluation.loading.sniff import (
    SAMPLE_CHARACTERS,
    detect_separator,
    separator_line,
)
from evaluation.loading.textfile import arrow_column, column_fill, ragged
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from evaluation.codebook.schema import ReadOptions

    Take = Callable[[Grid], None]


@dataclass(slots=True)
class TextParts:
    """A text file as grids of some rows.

    Attributes
    ----------
    path, file
        The file, and its name in problems.
    encoding, separator
        As found.
    sha256
        Of its bytes.
    start
        Characters of a line that names the separator.
    size
        Characters.
    counts
        Characters of the kinds that decide how it is parsed.
    """

    path: Path
    file: str
    encoding: Encoding
    sha256: str
    separator: str = ","
    start: int = 0
    size: int = 0
    counts: Counter[str] | None = None

    def texts(self) -> Iterator[str]:
        """Yield the text in blocks: without marks, zero bytes, and line ends at its end."""
        decoder = codecs.getincrementaldecoder(self.encoding.codec)(self.encoding.errors)
        held, skip = "", self.start
        is_first = self.encoding.is_named
        for block in blocks_of(self.path, self.encoding.skip):
            text = decoder.decode(block).replace("\x00", "")
            if is_first and text:
                text, is_first = text.removeprefix("\ufeff"), False
            text, skip = text[skip:], max(0, skip - len(text))
            whole = held + text
            bare = whole.rstrip("\r\n")
            held = whole[len(bare) :]
            if bare:
                yield bare
        last = (held + decoder.decode(b"", final=True)).rstrip("\r\n")
        if last:
            yield last

    def width(self) -> int:
        """Return the cells of the first record, or 1 where it cannot be read."""
        try:
            return len(next(csv.reader(self._lines(), delimiter=self.separator), [])) or 1
        except csv.Error:
            return 1

    def grids(self, rows: int, take: Take) -> tuple[Problem, ...]:
        """Pass the file on, some rows at a time, and return what is wrong with it.

        By pyarrow where the file is regular, else by the standard library.

        Parameters
        ----------
        rows
            Most rows at a time.
        take
            Told of each grid; what it was told before is void where it is told `RESTART`.
        """
        if self._by_arrow(rows, take):
            return ()
        take(RESTART)
        return self._by_csv(rows, take)

    def _by_arrow(self, rows: int, take: Take) -> bool:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        counts = self.counts or Counter()
        try:
            first = next(csv.reader(self._lines(), delimiter=self.separator), [])
        except csv.Error:
            return False
        if not first or len(first) > MAX_COLUMNS or counts["\r"] != counts["\r\n"]:
            return False
        if counts['"'] % 2:
            return False
        names = [str(position) for position in range(len(first))]
        column_type = pa.dictionary(pa.int32(), pa.string())
        try:
            batches = arrow_csv.open_csv(
                pa.PythonFile(_Utf8(self.texts()), mode="r"),
                read_options=arrow_csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self.separator,
                    newlines_in_values=counts['"'] > 0,
                    ignore_empty_lines=False,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, column_type),
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
            for batch in batches:
                for start in range(0, batch.num_rows, rows):
                    piece = pa.Table.from_batches([batch.slice(start, rows)])
                    columns = tuple(arrow_column(column) for column in piece.columns)
                    take(Grid("", columns, piece.num_rows))
        except (pa.ArrowInvalid, pa.ArrowKeyError):
            return False
        return True

    def _lines(self) -> Iterator[str]:
        """Yield lines with their ends, cut as in `parse_csv`."""
        counts = self.counts or Counter()
        is_old_mac = not counts["\n"] and counts["\r"] > 0
        rest = ""
        for block in self.texts():
            *whole, rest = (rest + (block.replace("\r", "\n") if is_old_mac else block)).split("\n")
            yield from (f"{line}\n" for line in whole)
        if rest:
            yield rest

    def _by_csv(self, rows: int, take: Take) -> tuple[Problem, ...]:
        widths, reaches = array("i"), array("i")
        filled = np.zeros(0, dtype=np.int64)
        most_cells = max(MAX_CELLS, 2 * self.size)
        records = csv.reader(self._lines(), delimiter=self.separator)
        n, widest, last = 0, 0, Grid("", (), 0)
        while True:
            chunk: list[list[str]] = []
            try:
                chunk.extend(islice(records, rows))
            except csv.Error:
                return (_broken(self.file, n + len(chunk) + 1, quoted=self._quoted),)
            if not chunk:
                break
            width = max(map(len, chunk))
            widest, n = max(widest, width), n + len(chunk)
            if widest > MAX_COLUMNS:
                found = next(len(record) for record in chunk if len(record) > MAX_COLUMNS)
                return (_too_much("too-many-columns", self.file, str(found), MAX_COLUMNS),)
            if widest * n > most_cells:
                return (_too_much("absurd-extent", self.file, f"{n} × {widest}", most_cells),)
            last = Grid("", encode_rows(chunk), len(chunk))
            widths.extend(map(len, chunk))
            here, reach = column_fill(last)
            filled = np.pad(filled, (0, max(0, len(here) - len(filled))))
            filled[: len(here)] += here
            reaches.frombytes(reach.tobytes())
            take(last)
        is_open = (self.counts or Counter())['"'] % 2 == 1
        if is_open and any("\n" in cell for cell in last.row(last.n_rows - 1)):
            return (Problem("unclosed-quote", Severity.STOP, self.file, row=n),)
        if not widths:
            return ()
        cells, last_filled = np.frombuffer(widths, np.int32), np.frombuffer(reaches, np.int32)
        return ragged(cells, last_filled, filled, self.file)

    @property
    def _quoted(self) -> bool:
        return (self.counts or Counter())['"'] > 0


RESTART = Grid("restart", (), 0)
"""Tells that the file is read anew, in another way."""


def _broken(file: str, row: int, *, quoted: bool) -> Problem:
    if quoted:
        return Problem("unclosed-quote", Severity.STOP, file, row=row)
    expected = str(csv.field_size_limit())
    return Problem("cell-too-long", Severity.STOP, file, row=row, expected=expected)


def _too_much(code: str, file: str, found: str, limit: int) -> Problem:
    return Problem(code, Severity.STOP, file, value=found, expected=str(limit))


class _Utf8:
    """Blocks of text as a file of bytes."""

    closed = False

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return as many bytes as asked, fewer at the end only."""
        parts, n = [self._rest], len(self._rest)
        while size < 0 or n < size:
            text = next(self._texts, None)
            if text is None:
                break
            parts.append(text.encode())
            n += len(parts[-1])
        whole = b"".join(parts)
        cut = len(whole) if size < 0 else size
        self._rest = whole[cut:]
        return whole[:cut]

    def close(self) -> None:
        """Nothing is held open."""


def open_text(path: Path, options: ReadOptions, file: str) -> Checked[TextParts | None]:
    """Find out how a text file is read: encoding, separator, and what it holds.

    Parameters
    ----------
    path, file
        The file, and its name in problems.
    options
        ``encoding`` and ``separator`` are obeyed where given.
    """
    try:
        encoding, sha256 = find_encoding(path, options.encoding)
    except LookupError:
        return _stop(Problem("unknown-encoding", Severity.STOP, file, value=str(options.encoding)))
    except UnicodeDecodeError:
        return _stop(Problem("wrong-encoding", Severity.STOP, file, value=str(options.encoding)))
    problems: list[Problem] = []
    if not encoding.is_certain:
        problems.append(Problem("encoding-guessed", Severity.WARN, file, value=encoding.name))
    parts = TextParts(path, file, encoding, sha256)
    sample = _beginning(parts)
    named, parts.start = separator_line(sample)
    parts.separator = options.separator or named or detect_separator(sample[parts.start :])
    if len(parts.separator) != 1:
        return _stop(Problem("bad-separator", Severity.STOP, file, value=parts.separator))
    _count(parts)
    return Checked(parts, tuple(problems))


def _stop(problem: Problem) -> Checked[TextParts | None]:
    return Checked(None, (problem,))


def _beginning(parts: TextParts) -> str:
    """Return as much as the separator is told by."""
    sample = ""
    for text in parts.texts():
        sample += text
        if len(sample) > SAMPLE_CHARACTERS + HEAD_BYTES:
            break
    return sample


def _count(parts: TextParts) -> None:
    """Count what decides how the text is parsed."""
    counts: Counter[str] = Counter()
    last = ""
    for text in parts.texts():
        parts.size += len(text)
        for sign in ('"', "\r", "\n", "\r\n"):
            counts[sign] += text.count(sign)
        counts["\r\n"] += last == "\r" and text[0] == "\n"
        last = text[-1]
    parts.counts = counts


def padded(grid: Grid, width: int) -> Grid:
    """Return a grid as wide as the widest part of its file."""
    if grid.n_columns == width:
        return grid
    blank = GridColumn(("",), np.zeros(grid.n_rows, dtype=np.int32))
    columns = (*grid.columns, *[blank] * (width - grid.n_columns))
    return Grid(grid.name, columns, grid.n_rows)
