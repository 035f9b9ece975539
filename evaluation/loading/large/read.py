"""Read an export that does not fit into memory; the answers come part by part."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from evaluation.loading.book import Book
from evaluation.loading.large.size import kind_of
from evaluation.loading.large.sketch import Sketch
from evaluation.loading.large.spool import Spool
from evaluation.loading.large.text import RESTART, open_text, padded
from evaluation.loading.limits import MAX_COLUMNS
from evaluation.loading.parquet import open_parquet, parquet_grids
from evaluation.loading.read import (
    choose_tool,
    folders_of_tools,
    read_export,
    sha256_of,
    with_form,
    with_grids,
)
from evaluation.loading.responses import (
    ColumnFacts,
    Layout,
    answer_rows,
    cut_columns,
    head_cells,
    lay_out,
    no_answers,
    outline_of,
    repeats_head,
)
from evaluation.loading.sniff import FileKind
from evaluation.model import RawColumn, RawResponses
from evaluation.problems import Checked, Problem, Severity, stops

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from evaluation.codebook.schema import ReadOptions
    from evaluation.loading.grid import Grid, GridColumn

PART_CELLS = 4_000_000
"""Cells of a part: some 100 MB while it is coded."""
WHOLE = frozenset({"kobo", "redcap", "msforms"})
"""Tools that count rows, or make columns of what is in the cells: their files are read whole."""


@dataclass(frozen=True, slots=True)
class ExportParts:
    """An export whose answers are read part by part.

    Attributes
    ----------
    outline
        Source and columns, without rows.
    parts
        Of the rows, in order; gone through as often as need be.
    """

    outline: RawResponses
    parts: Iterable[RawResponses]

    def __iter__(self) -> Iterator[RawResponses]:
        return iter(self.parts)

    def close(self) -> None:
        """Give back what the parts took on disk."""
        if isinstance(self.parts, _CutParts):
            self.parts.spool.close()

    @classmethod
    def of(cls, responses: RawResponses) -> ExportParts:
        """Return an export in memory as one part."""
        columns = tuple(
            replace(column, values=(), index=np.empty(0, np.int32)) for column in responses.columns
        )
        outline = RawResponses(responses.source, columns, np.empty(0, np.int32))
        return cls(outline, [responses])


def read_large(
    path: Path,
    options: ReadOptions,
    room: Path,
    *,
    display: str = "",
    tool_folders: Sequence[Path] = (),
    cells: int = PART_CELLS,
) -> Checked[ExportParts | None]:
    """Read an export part by part, with the problems of ``read_export``.

    Parameters
    ----------
    path, options, display, tool_folders
        As of ``read_export``. Files other than text and Parquet are read whole.
    room
        Folder with as much room as the file takes, for unnamed temporary files.
    cells
        Most cells of a part.
    """
    file = display or path.name
    kind = kind_of(path) if path.is_file() else FileKind.BINARY
    if kind in {FileKind.TEXT, FileKind.PARQUET}:
        read = _Reading(path, file, options, room, cells).read(
            kind, folders_of_tools(path, tool_folders)
        )
        if read is not None:
            return read
    whole = read_export(path, options, display=display, tool_folders=tool_folders)
    parts = None if whole.value is None else ExportParts.of(whole.value)
    return Checked(parts, whole.problems)


class _Reading:
    """One file on its way from bytes to parts of answers."""

    def __init__(self, path: Path, file: str, options: ReadOptions, room: Path, cells: int) -> None:
        self.path = path
        self.file = file
        self.options = options
        self.room = room
        self.cells = cells
        self.sketch = Sketch()
        self.filled = array("h")
        self.width = 0
        self.spool: Spool[Grid] = Spool(room)

    def read(self, kind: FileKind, folders: Sequence[Path]) -> Checked[ExportParts | None] | None:
        """Return the parts, or None where the tool needs the whole file."""
        opened = self._text() if kind is FileKind.TEXT else self._parquet()
        book = opened.value
        if book is not None:
            opened = with_form(with_grids(book, (self.sketch.grid(),), opened.problems))
            book = opened.value
        if book is None:
            return Checked(None, opened.problems)
        chosen = choose_tool(book, self.options, folders)
        problems = (*opened.problems, *chosen.problems)
        if chosen.value is None:
            return Checked(None, problems)
        tool, context = chosen.value
        if tool.name in WHOLE:
            self.spool.close()
            return None
        layouts: list[Layout] = []

        def note(*given: Any, **named: Any) -> Checked[RawResponses | None]:
            layouts.append(lay_out(*given, **named))
            return Checked(None)

        told = tool.interpret(book, replace(context, cut=note))
        if not layouts:
            return Checked(None, (*problems, *told.problems))
        cut = self._cut(layouts[0])
        problems = (*problems, *cut.problems, *told.problems)
        return Checked(None if stops(problems) else cut.value, problems)

    # --- from bytes to grids ----------------------------------------------------------

    def _take(self, grid: Grid) -> None:
        """Keep some rows of the sheet for later, and note what they are like."""
        if grid is RESTART:
            self.spool.close()
            self.spool, self.sketch = Spool(self.room), Sketch()
            self.filled, self.width = array("h"), 0
            return
        self.width = max(self.width, grid.n_columns)
        self.sketch.add(grid)
        self.filled.frombytes(grid.filled_cells().tobytes())
        self.spool.append(grid)

    def _text(self) -> Checked[Book | None]:
        opened = open_text(self.path, self.options, self.file)
        text = opened.value
        if text is None:
            return Checked(None, opened.problems)
        found = text.grids(self._rows(text.width()), self._take)
        name = text.encoding.name
        book = Book(self.path, self.file, FileKind.TEXT, text.sha256, name, text.separator)
        problems = (*opened.problems, *found)
        return Checked(None if stops(found) else book, problems)

    def _parquet(self) -> Checked[Book | None]:
        opened = open_parquet(self.path, self.file)
        if opened.value is None:
            return Checked(None, opened.problems)
        try:
            for grid in parquet_grids(self.path, opened.value, self._rows(len(opened.value))):
                self._take(grid)
        except OSError:
            damaged = Problem("damaged-file", Severity.STOP, self.file, value="parquet")
            return Checked(None, (*opened.problems, damaged))
        book = Book(self.path, self.file, FileKind.PARQUET, sha256_of(self.path))
        return Checked(book, opened.problems)

    def _rows(self, width: int) -> int:
        return max(1, self.cells // max(1, min(width, MAX_COLUMNS)))

    # --- from grids to answers --------------------------------------------------------

    def _cut(self, layout: Layout) -> Checked[ExportParts | None]:
        """Cut the answers out of every part, as ``build_responses`` does of a sheet."""
        cells = head_cells(layout, self.sketch.grid())
        filled = np.frombuffer(self.filled, np.int16)
        repeated = np.zeros(len(filled), dtype=bool)
        start = 0
        for grid in self.spool:
            repeated[start : start + grid.n_rows] = repeats_head(padded(grid, self.width), cells)
            start += grid.n_rows
        keep, dropped = answer_rows(layout, filled, repeated)
        problems = [*layout.problems, *dropped]
        if not keep.any():
            return Checked(None, (*problems, no_answers(layout)))
        facts = [ColumnFacts() for _ in layout.plans]
        spool: Spool[_Cut] = Spool(self.room)
        start = 0
        for grid in self.spool:
            rows = np.flatnonzero(keep[start : start + grid.n_rows])
            columns = cut_columns(padded(grid, self.width), rows, facts)
            if len(rows):
                spool.append((columns, (rows + start + 1).astype(np.int32)))
            start += grid.n_rows
        self.spool.close()
        columns_found, damaged = outline_of(layout, facts)
        outline = RawResponses(layout.source, columns_found, np.empty(0, np.int32))
        parts = ExportParts(outline, _CutParts(outline, spool))
        return Checked(parts, (*problems, *damaged))


_Cut = tuple[list["GridColumn"], "NDArray[np.int32]"]


@dataclass(frozen=True, slots=True)
class _CutParts:
    outline: RawResponses
    spool: Spool[_Cut]

    def __iter__(self) -> Iterator[RawResponses]:
        for cells, file_row in self.spool:
            columns = tuple(
                RawColumn(
                    column.header,
                    column.position,
                    cells[column.position].values,
                    cells[column.position].index,
                    column.hints,
                )
                for column in self.outline.columns
            )
            yield RawResponses(self.outline.source, columns, file_row)
