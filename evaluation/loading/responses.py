"""From a sheet with a known head to `RawResponses`: the last step, the same for every tool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.loading.grid import GridColumn, map_texts, take_rows
from evaluation.loading.heads import unique_heads
from evaluation.loading.mending import LOST, is_misread, mend_lost, mend_misread
from evaluation.model import ColumnHints, RawColumn, RawResponses, Source, column_letter
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from evaluation.loading.book import Book
    from evaluation.loading.grid import Grid
    from evaluation.loading.heads import Head


NO_HINTS = ColumnHints()


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """What a tool decided about one column: its name and what is known of it."""

    header: str
    hints: ColumnHints = NO_HINTS


@dataclass(frozen=True, slots=True)
class Layout:
    """How the answers are cut out of a sheet, whatever part of its rows is at hand.

    Attributes
    ----------
    source
        Named in problems.
    head
        Where the head stands.
    plans
        One per column of the sheet, heads mended.
    problems
        What was wrong with heads.
    """

    source: Source
    head: Head
    plans: tuple[ColumnPlan, ...]
    problems: tuple[Problem, ...]


def lay_out(
    book: Book,
    grid: Grid,
    head: Head,
    plans: Sequence[ColumnPlan],
    *,
    tool: str,
    vocabulary: Iterable[str] = (),
) -> Layout:
    """Return how the answers stand in a sheet; parameters as of `build_responses`."""
    source = Source(book.file, grid.name, book.sha256, book.encoding, tool)
    mended, problems = _mend_heads(plans, vocabulary, source)
    return Layout(source, head, tuple(mended), tuple(problems))


def build_responses(
    book: Book,
    grid: Grid,
    head: Head,
    plans: Sequence[ColumnPlan],
    *,
    tool: str,
    vocabulary: Iterable[str] = (),
) -> Checked[RawResponses | None]:
    """Cut the answers out of a sheet.

    Blank rows, repeated heads and notes below the table are no respondents and
    are left out with a problem; every other row keeps its spreadsheet number.

    Parameters
    ----------
    plans
        One per column of the grid.
    vocabulary
        Known words, for heads with lost letters.
    """
    layout = lay_out(book, grid, head, plans, tool=tool, vocabulary=vocabulary)
    cells = head_cells(layout, grid)
    filled, repeated = grid.filled_cells(), repeats_head(grid, cells)
    keep, dropped = answer_rows(layout, filled, repeated)
    if not keep.any():
        problems = (*layout.problems, *dropped, no_answers(layout))
        return Checked(None, problems)
    facts = [ColumnFacts() for _ in plans]
    cut = cut_columns(grid, np.flatnonzero(keep), facts)
    outline, damaged = outline_of(layout, facts)
    columns = tuple(
        replace(column, values=cut[column.position].values, index=cut[column.position].index)
        for column in outline
    )
    file_row = (np.flatnonzero(keep) + 1).astype(np.int32)
    problems = (*layout.problems, *dropped, *damaged)
    return Checked(RawResponses(layout.source, columns, file_row), problems)


# --- rows ---------------------------------------------------------------------


def head_cells(layout: Layout, grid: Grid) -> tuple[str, ...]:
    """Return the cells of the uppermost head row as they stand; the grid begins at the top."""
    return grid.row(layout.head.rows[0]) if layout.head.rows else ()


def answer_rows(
    layout: Layout, filled: NDArray[np.int16], repeated: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], list[Problem]]:
    """Tell rows of answers from blank rows, repeated heads and notes below the table.

    Parameters
    ----------
    layout
        Where the head stands.
    filled
        1-D, per row of the sheet: cells that hold anything.
    repeated
        1-D bool, per row: whether it is the head again (`repeats_head`).

    Returns
    -------
    keep
        1-D bool, per row.
    problems
        What was left out.
    """
    first_data, blank = layout.head.first_data, filled == 0
    keep = ~blank
    keep[:first_data] = False
    problems: list[Problem] = []
    repeated = repeated & keep
    footer = _footer_rows(filled, keep, len(layout.plans))
    for code, found in (("repeated-head", repeated), ("footer-rows", footer)):
        if found.any():
            problems.append(_rows_problem(code, Severity.WARN, layout.source, found))
            keep &= ~found
    inner = blank.copy()
    inner[:first_data] = False
    last = int(np.flatnonzero(keep)[-1]) if keep.any() else 0
    inner[last:] = False
    if inner.any():
        problems.append(_rows_problem("blank-rows", Severity.NOTE, layout.source, inner))
    return keep, problems


def no_answers(layout: Layout) -> Problem:
    """Say that no row of the sheet is an answer."""
    return Problem("no-answers", Severity.STOP, layout.source.file, layout.source.sheet)


def _rows_problem(
    code: str, severity: Severity, place: Source, where: NDArray[np.bool_]
) -> Problem:
    """Return the problem of some rows of the sheet (1-D bool)."""
    rows = (np.flatnonzero(where) + 1).tolist()
    return Problem.of_rows(code, severity, rows, file=place.file, sheet=place.sheet)


def repeats_head(grid: Grid, cells: Sequence[str]) -> NDArray[np.bool_]:
    """Find rows that repeat the head word for word (files pasted one under another).

    Parameters
    ----------
    grid
        All rows of a sheet, or some.
    cells
        The head, see `head_cells`.
    """
    same = np.ones(grid.n_rows, dtype=np.bool_)
    if sum(bool(cell.strip()) for cell in cells) < 2:
        return ~same
    for column, cell in zip(grid.columns, cells, strict=True):
        place = column.values.index(cell) if cell in column.values else -1
        same &= column.index == place
        if not same.any():
            break
    return same


MIN_COLUMNS_FOR_FOOTER = 4
MAX_FOOTER_ROWS = 10


def _footer_rows(
    filled: NDArray[np.int16], keep: NDArray[np.bool_], n_columns: int
) -> NDArray[np.bool_]:
    """Find notes below the table: few filled cells, set off by a blank row."""
    footer = np.zeros(len(filled), dtype=np.bool_)
    if n_columns < MIN_COLUMNS_FOR_FOOTER or not keep.any():
        return footer
    first_kept, last_kept = np.flatnonzero(keep)[[0, -1]]
    gaps = np.flatnonzero(filled[first_kept:last_kept] == 0) + first_kept
    if not len(gaps):
        return footer
    tail = np.arange(gaps[-1] + 1, last_kept + 1)
    if len(tail) > MAX_FOOTER_ROWS or gaps[-1] - first_kept < len(tail):
        return footer
    if filled[tail].max() <= 2:
        footer[tail] = True
    return footer


# --- heads --------------------------------------------------------------------


def _mend_heads(
    plans: Sequence[ColumnPlan], vocabulary: Iterable[str], place: Source
) -> tuple[list[ColumnPlan], list[Problem]]:
    """Put damaged heads right where that is certain, and say so in any case."""
    words = tuple(vocabulary)
    mended: list[ColumnPlan] = []
    problems: list[Problem] = []
    for position, plan in enumerate(plans):
        new = _mend_plan(plan, words)
        mended.append(new)
        if new.header != plan.header or LOST in plan.header:
            code = "mended-head" if LOST not in new.header else "damaged-head"
            letter = column_letter(position)
            problem = Problem(code, Severity.WARN, place.file, place.sheet, column=letter)
            value, expected = plan.header, new.header if code == "mended-head" else ""
            problems.append(replace(problem, value=value, expected=expected))
    return mended, problems


def _mend_plan(plan: ColumnPlan, words: tuple[str, ...]) -> ColumnPlan:
    """Mend the head and the wording of one column."""

    def mend(text: str) -> str:
        text = mend_misread(text)
        return (mend_lost(text, words) or text) if LOST in text else text

    hints = plan.hints
    texts = (plan.header, hints.text, hints.group, hints.option)
    if not any(LOST in text or is_misread(text) for text in texts):
        return plan
    hints = replace(
        hints, text=mend(hints.text), group=mend(hints.group), option=mend(hints.option)
    )
    return ColumnPlan(mend(plan.header), hints)


# --- columns ------------------------------------------------------------------


@dataclass(slots=True)
class ColumnFacts:
    """What the answers in a column are like.

    Attributes
    ----------
    is_filled
        Some row holds anything.
    misread, lost
        Rows with doubly decoded letters, and with letters that are gone.
    """

    is_filled: bool = False
    misread: int = 0
    lost: int = 0


def cut_columns(
    grid: Grid, rows: NDArray[np.int64], facts: Sequence[ColumnFacts]
) -> list[GridColumn]:
    """Cut rows out of the columns of a sheet, doubly decoded answers put right.

    Parameters
    ----------
    grid
        All rows of a sheet, or some.
    rows
        Rows of the grid that are answers.
    facts
        Per column; takes note of what the rows hold.
    """
    cut = []
    for column, fact in zip(grid.columns, facts, strict=True):
        cells = take_rows(column, rows)
        misread = [is_misread(value) for value in cells.values]
        lost = [LOST in value for value in cells.values]
        fact.is_filled |= any(value.strip() for value in cells.values)
        if any(misread):
            fact.misread += int(np.array(misread)[cells.index].sum())
            cells = map_texts(cells, mend_misread)
        if any(lost):
            fact.lost += int(np.array(lost)[cells.index].sum())
        cut.append(cells)
    return cut


def outline_of(
    layout: Layout, facts: Sequence[ColumnFacts]
) -> tuple[tuple[RawColumn, ...], list[Problem]]:
    """Return the columns without rows, and what is wrong with heads and letters.

    Columns with neither head nor content are left out.
    """
    columns: list[RawColumn] = []
    problems: list[Problem] = []
    nobody = np.empty(0, np.int32)
    heads = unique_heads([plan.header for plan in layout.plans])
    for position, (plan, name, fact) in enumerate(zip(layout.plans, heads, facts, strict=True)):
        if not fact.is_filled and not plan.header:
            continue
        where = f"{column_letter(position)} ({name})"
        place = Problem("", Severity.WARN, layout.source.file, layout.source.sheet, column=where)
        if not plan.header and not plan.hints.question:
            problems.append(replace(place, code="blank-head"))
        elif name != plan.header:
            repeated = replace(place, code="duplicate-head", severity=Severity.NOTE)
            problems.append(replace(repeated, value=plan.header, expected=name))
        for code, n in (("mended-text", fact.misread), ("damaged-text", fact.lost)):
            if n:
                problems.append(replace(place, code=code, count=n))
        columns.append(RawColumn(name, position, (), nobody, plan.hints))
    return tuple(columns), problems
