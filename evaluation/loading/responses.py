"""From a sheet with a known head to `RawResponses`: the last step, the same for every tool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.loading.grid import GridColumn, map_texts, take_rows
from evaluation.loading.heads import join_heads, unique_heads
from evaluation.loading.mending import LOST, is_misread, mend_lost, mend_misread
from evaluation.model import ColumnHints, RawColumn, RawResponses, Source, column_letter
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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


def plain_plans(head: Head) -> list[ColumnPlan]:
    """Name every column by its joined head rows, nothing further known."""
    return [ColumnPlan(join_heads(parts)) for parts in zip(*head.texts, strict=True)]


def build_responses(
    book: Book,
    grid: Grid,
    head: Head,
    plans: Sequence[ColumnPlan],
    *,
    tool: str,
    vocabulary: Iterable[str] = (),
    skip: NDArray[np.bool_] | None = None,
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
    skip
        1-D bool per grid row: rows that the tool knows to be no answers.
    """
    place = _Place(book.file, grid.name)
    plans, problems = _mend_heads(plans, vocabulary, place)
    keep, dropped = _answer_rows(grid, head, skip, place)
    problems += dropped
    rows = np.flatnonzero(keep)
    if not len(rows):
        problems.append(Problem("no-answers", Severity.STOP, book.file, grid.name))
        return Checked(None, tuple(problems))
    columns, damaged = _columns(grid, plans, rows, place)
    problems += damaged
    source = Source(book.file, grid.name, book.sha256, book.encoding, tool)
    file_row = (rows + 1).astype(np.int32)
    return Checked(RawResponses(source, columns, file_row), tuple(problems))


@dataclass(frozen=True, slots=True)
class _Place:
    file: str
    sheet: str


# --- rows ---------------------------------------------------------------------


def _answer_rows(
    grid: Grid, head: Head, skip: NDArray[np.bool_] | None, place: _Place
) -> tuple[NDArray[np.bool_], list[Problem]]:
    """Tell rows of answers from blank rows, repeated heads and notes below the table."""
    blank = grid.is_blank_row()
    keep = ~blank
    keep[: head.first_data] = False
    problems: list[Problem] = []
    if skip is not None:
        keep &= ~skip
    repeated = _repeated_heads(grid, head) & keep
    footer = _footer_rows(grid, blank, keep)
    for code, found in (("repeated-head", repeated), ("footer-rows", footer)):
        if found.any():
            problems.append(_rows_problem(code, Severity.WARN, place, found))
            keep &= ~found
    inner = blank.copy()
    inner[: head.first_data] = False
    last = int(np.flatnonzero(keep)[-1]) if keep.any() else 0
    inner[last:] = False
    if inner.any():
        problems.append(_rows_problem("blank-rows", Severity.NOTE, place, inner))
    return keep, problems


def _rows_problem(
    code: str, severity: Severity, place: _Place, where: NDArray[np.bool_]
) -> Problem:
    """Return the problem of some rows of the sheet (1-D bool)."""
    rows = (np.flatnonzero(where) + 1).tolist()
    return Problem.of_rows(code, severity, rows, file=place.file, sheet=place.sheet)


def _repeated_heads(grid: Grid, head: Head) -> NDArray[np.bool_]:
    """Find rows that repeat the head word for word (files pasted one under another)."""
    same = np.ones(grid.n_rows, dtype=np.bool_)
    if not head.rows:
        return ~same
    cells = grid.row(head.rows[0])
    if sum(bool(cell.strip()) for cell in cells) < 2:
        return ~same
    for column in grid.columns:
        same &= column.index == column.index[head.rows[0]]
    return same


MIN_COLUMNS_FOR_FOOTER = 4
MAX_FOOTER_ROWS = 10


def _footer_rows(
    grid: Grid, blank: NDArray[np.bool_], keep: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Find notes below the table: few filled cells, set off by a blank row."""
    footer = np.zeros(grid.n_rows, dtype=np.bool_)
    if grid.n_columns < MIN_COLUMNS_FOR_FOOTER or not keep.any():
        return footer
    first_kept, last_kept = np.flatnonzero(keep)[[0, -1]]
    gaps = np.flatnonzero(blank[first_kept:last_kept]) + first_kept
    if not len(gaps):
        return footer
    tail = np.arange(gaps[-1] + 1, last_kept + 1)
    if len(tail) > MAX_FOOTER_ROWS or gaps[-1] - first_kept < len(tail):
        return footer
    filled = [sum(bool(cell.strip()) for cell in grid.row(row)) for row in tail.tolist()]
    if max(filled) <= 2:
        footer[tail] = True
    return footer


# --- heads --------------------------------------------------------------------


def _mend_heads(
    plans: Sequence[ColumnPlan], vocabulary: Iterable[str], place: _Place
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


def _columns(
    grid: Grid, plans: Sequence[ColumnPlan], rows: NDArray[np.int64], place: _Place
) -> tuple[tuple[RawColumn, ...], list[Problem]]:
    """Cut the columns; those with neither head nor content are left out."""
    columns: list[RawColumn] = []
    problems: list[Problem] = []
    heads = unique_heads([plan.header for plan in plans])
    for position, (plan, name) in enumerate(zip(plans, heads, strict=True)):
        cells = take_rows(grid.columns[position], rows)
        is_blank = not any(value.strip() for value in cells.values)
        if is_blank and not plan.header:
            continue
        where = f"{column_letter(position)} ({name})"
        if not plan.header and not plan.hints.question:
            problems.append(
                Problem("blank-head", Severity.WARN, place.file, place.sheet, column=where)
            )
        elif name != plan.header:
            problems.append(
                Problem(
                    "duplicate-head",
                    Severity.NOTE,
                    place.file,
                    place.sheet,
                    column=where,
                    value=plan.header,
                    expected=name,
                )
            )
        cells, damaged = _mend_cells(cells, where, place)
        problems += damaged
        columns.append(RawColumn(name, position, cells.values, cells.index, plan.hints))
    return tuple(columns), problems


def _mend_cells(cells: GridColumn, where: str, place: _Place) -> tuple[GridColumn, list[Problem]]:
    """Put doubly decoded answers right; report letters that are lost."""
    problems: list[Problem] = []
    misread = [is_misread(value) for value in cells.values]
    lost = [LOST in value for value in cells.values]
    for code, flags in (("mended-text", misread), ("damaged-text", lost)):
        if any(flags):
            n = int(np.array(flags)[cells.index].sum())
            problems.append(
                Problem(code, Severity.WARN, place.file, place.sheet, column=where, count=n)
            )
    return (map_texts(cells, mend_misread) if any(misread) else cells), problems


def with_hints(responses: RawResponses, hints: Mapping[str, ColumnHints]) -> RawResponses:
    """Return the responses with the hints of some columns (by head) replaced."""
    columns = tuple(
        replace(column, hints=hints.get(column.header, column.hints))
        for column in responses.columns
    )
    return replace(responses, columns=columns)
