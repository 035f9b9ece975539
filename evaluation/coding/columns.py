"""The exports of one survey as one set of columns, and finding a column by its head."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold
from evaluation.model import ColumnHints, RawColumn, column_letter
from evaluation.problems import Problem, Severity, nearest

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from numpy.typing import NDArray

    from evaluation.model import RawResponses, Source

ABSENT = -1
"""Index of a cell in a row whose file does not have the column."""
MAX_HEAD = 60
"""Characters of a head that a problem shows; the letter says which it is."""


@dataclass(frozen=True, slots=True)
class Stacked:
    """All rows of all exports of a survey, in the order of the files.

    Attributes
    ----------
    sources
        One per export.
    columns
        Columns by head, in order of first appearance. ``index`` is `ABSENT`
        in the rows of a file that lacks the column.
    positions
        Head -> position of the column in each file, -1 where it is lacking.
    file_of
        1-D int16, one per row: position in ``sources``.
    file_row
        1-D int32, one per row: row as the spreadsheet shows it.
    """

    sources: tuple[Source, ...]
    columns: tuple[RawColumn, ...]
    positions: dict[str, tuple[int, ...]]
    file_of: NDArray[np.int16]
    file_row: NDArray[np.int32]

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.file_row)

    def place(self, column: RawColumn | None, file: int) -> str:
        """Return letter and head of a column in one file: ``F (q7)``."""
        if column is None:
            return ""
        position = self.positions[column.header][file]
        return shown_column(column.header, position)


_REPEATED = re.compile(r" \(\d+\)\Z")
"""What reading puts after a head that stands above several columns."""


def shown_column(header: str, position: int) -> str:
    """Return the letter with the head, long heads cut: ``F (q7)``."""
    head = " ".join(header.split())
    head = head if len(head) <= MAX_HEAD else head[: MAX_HEAD - 1] + "…"
    return f"{column_letter(position)} ({head})" if position >= 0 else head


def stack(responses: Sequence[RawResponses]) -> Stacked:
    """Put exports below each other, columns matched by head.

    Heads that differ only in blanks, case or typographic signs are the same
    column, as long as no file has both.
    """
    sources = tuple(r.source for r in responses)
    positions: dict[str, list[int]] = {}
    parts: dict[str, list[RawColumn | None]] = {}
    for number, export in enumerate(responses):
        spelling = {fold(header): header for header in parts}
        own = {c.header for c in export.columns}
        for column in export.columns:
            known = spelling.get(fold(column.header), column.header)
            header = column.header if column.header in parts or known in own else known
            parts.setdefault(header, [None] * len(responses))[number] = column
            positions.setdefault(header, [-1] * len(responses))[number] = column.position
    sizes = [r.n_rows for r in responses]
    return Stacked(
        sources=sources,
        columns=tuple(_joined(header, found, sizes) for header, found in parts.items()),
        positions={header: tuple(found) for header, found in positions.items()},
        file_of=np.repeat(np.arange(len(sizes), dtype=np.int16), sizes),
        file_row=np.concatenate([np.zeros(0, np.int32), *(r.file_row for r in responses)]),
    )


def part_of(frame: Stacked, file: int, rows: RawResponses) -> Stacked:
    """Return some rows of one of the files as a part of all exports.

    Parameters
    ----------
    frame
        Heads of all exports: `stack` of them without rows.
    file
        Position of the file among them.
    rows
        The rows, with the columns of that file.
    """
    own = {column.header: column for column in rows.columns}
    folded = {fold(column.header): column for column in reversed(rows.columns)}
    columns = []
    for column in frame.columns:
        values: tuple[str, ...] = ()
        index = np.full(rows.n_rows, ABSENT, dtype=np.int32)
        if frame.positions[column.header][file] >= 0:
            found = own.get(column.header) or folded[fold(column.header)]
            values, index = found.values, found.index
        columns.append(replace(column, values=values, index=index))
    file_of = np.full(rows.n_rows, file, dtype=np.int16)
    return replace(frame, columns=tuple(columns), file_of=file_of, file_row=rows.file_row)


def _joined(header: str, parts: list[RawColumn | None], sizes: list[int]) -> RawColumn:
    if len(parts) == 1 and parts[0] is not None:
        return replace(parts[0], header=header)
    values: dict[str, int] = {}
    pieces: list[NDArray[np.int32]] = []
    hints = ColumnHints()
    for part, size in zip(parts, sizes, strict=True):
        if part is None:
            pieces.append(np.full(size, ABSENT, dtype=np.int32))
            continue
        table = [values.setdefault(text, len(values)) for text in part.values]
        pieces.append(np.array(table, dtype=np.int32)[part.index])
        hints = part.hints if hints == ColumnHints() else hints
    first = next(p for p in parts if p is not None)
    return RawColumn(header, first.position, tuple(values), np.concatenate(pieces), hints)


class ColumnFinder:
    """Finds columns by head and remembers which are used.

    Attributes
    ----------
    problems
        Missing columns, and heads that differ in spelling only.
    used
        Heads that something in the codebook or study speaks of.
    """

    def __init__(self, stacked: Stacked) -> None:
        self.stacked = stacked
        self.problems: list[Problem] = []
        self.used: set[str] = set()
        self._by_head = {c.header: c for c in stacked.columns}
        self._by_fold: dict[str, RawColumn] = {}
        for column in stacked.columns:
            self._by_fold.setdefault(fold(column.header), column)

    def find(self, heads: Iterable[str]) -> RawColumn | None:
        """Return the first column that has one of the heads, exactly or folded."""
        wanted = [head for head in heads if head]
        for head in wanted:
            if head in self._by_head:
                return self._take(self._by_head[head])
        for head in wanted:
            column = self._by_fold.get(fold(head))
            if column is not None:
                if " ".join(head.split()) != " ".join(column.header.split()):
                    self._note_spelling(head, column)
                return self._take(column)
        return None

    def require(self, heads: Sequence[str], severity: Severity = Severity.STOP) -> RawColumn | None:
        """Return a column as `find` does; where there is none, that is a problem."""
        column = self.find(heads)
        if column is None:
            self.missing(heads[0], severity)
        return column

    def missing(self, head: str, severity: Severity = Severity.STOP) -> None:
        """Note that no column has this head; the most similar unused one is suggested."""
        free = [c.header for c in self.stacked.columns if c.header not in self.used]
        near = nearest(head, free) or nearest(head, self._by_head)
        for source in self.stacked.sources:
            self.problems.append(
                Problem(
                    "missing-column",
                    severity,
                    file=source.file,
                    sheet=source.sheet,
                    value=head,
                    expected=near,
                )
            )

    def _take(self, column: RawColumn) -> RawColumn:
        if column.header not in self.used:
            self.used.add(column.header)
            self._note_gaps(column)
        return column

    def _note_gaps(self, column: RawColumn) -> None:
        """Say in which files a column is lacking: its question was not asked there."""
        for source, position in zip(
            self.stacked.sources, self.stacked.positions[column.header], strict=True
        ):
            if position < 0:
                self.problems.append(
                    Problem(
                        "column-not-in-file",
                        Severity.NOTE,
                        file=source.file,
                        sheet=source.sheet,
                        value=column.header,
                    )
                )

    def _note_spelling(self, head: str, column: RawColumn) -> None:
        file = next(i for i, p in enumerate(self.stacked.positions[column.header]) if p >= 0)
        source = self.stacked.sources[file]
        self.problems.append(
            Problem(
                "head-spelling",
                Severity.NOTE,
                file=source.file,
                sheet=source.sheet,
                column=self.stacked.place(column, file),
                value=column.header,
                expected=head,
            )
        )

    def note_unused(self, filled: Container[str]) -> None:
        """Note columns that nothing speaks of, except those that the tool itself adds.

        Parameters
        ----------
        filled
            Heads of the columns that hold anything.
        """
        for column in self.stacked.columns:
            if column.header in self.used or column.hints.role:
                continue
            if column.header not in filled:
                continue
            file = next(i for i, p in enumerate(self.stacked.positions[column.header]) if p >= 0)
            source = self.stacked.sources[file]
            repeated = _REPEATED.sub("", column.header)
            is_rival = repeated != column.header and repeated in self.used
            self.problems.append(
                Problem(
                    "duplicate-question-head" if is_rival else "unused-column",
                    Severity.WARN if is_rival else Severity.NOTE,
                    file=source.file,
                    sheet=source.sheet,
                    column=self.stacked.place(column, file),
                    value=repeated if is_rival else column.header,
                )
            )
