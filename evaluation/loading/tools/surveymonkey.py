"""SurveyMonkey: two head rows (question over the first column of its group), or the condensed one.

Recognised by Respondent ID and Collector ID, or by a second row of
``Response`` and ``Open-Ended Response``. In the condensed head question and
option are joined by `` - ``. A chosen option is its own text in the cell; the
words to "Other (please specify)" stand in a column of their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.book import Recognition
from evaluation.loading.engine import (
    answer_grid,
    described_head,
    finish,
    plan_columns,
    recognise_described,
)
from evaluation.loading.heads import find_head
from evaluation.loading.responses import ColumnPlan
from evaluation.loading.tools._common import distinct_cells

if TYPE_CHECKING:
    from evaluation.loading.book import Book
    from evaluation.loading.heads import Head
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses
    from evaluation.problems import Checked

NAME = "surveymonkey"


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise the technical heads, or the second row of ``Response``."""
    described = recognise_described(book, context)
    if described.confidence or not book.grids:
        return described
    head = two_row_head(book, context)
    marks = {fold(text) for text in context.description.marks.get("second_row", ())}
    below = [text for row in head.texts[1:] for text in row if fold(text) in marks]
    first = head.texts[0][0] if head.texts[0] else ""
    names = {fold(name) for name in context.description.heads.get("respondent", ())}
    if below and (fold(first) in names or len(below) > 1):
        return Recognition(0.85, (first, below[0]))
    if fold(first) in names and len(head.texts) == 1:
        joined = sum(" - " in text for text in head.texts[0])
        return Recognition(0.6 if joined > 1 else 0.3, (first,))
    return Recognition(0)


def two_row_head(book: Book, context: Context) -> Head:
    """Return the head; a second row with ``Response`` in it belongs to it."""
    grid, head = answer_grid(book, context), described_head(book, context)
    marks = {fold(text) for text in context.description.marks.get("second_row", ())}
    is_told = context.options.header_rows is not None
    if is_told or len(head.rows) != 1 or head.first_data >= grid.n_rows:
        return head
    below = {fold(cell) for cell in grid.row(head.first_data)}
    return find_head(grid, header_rows=2, skip_rows=head.rows[0]) if below & marks else head


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read answers; columns of words beside a list of options are told by their cells."""
    grid, head = answer_grid(book, context), two_row_head(book, context)
    description = context.description
    plans = plan_columns(head, description)
    plain = {fold(text) for text in description.marks.get("second_row", ())}
    other = [fold(text) for text in description.marks.get("other", ())]
    read = []
    for position, plan in enumerate(plans):
        hints = plan.hints
        cells = distinct_cells(grid, position, head)
        if fold(hints.option) in plain:
            hints = replace(hints, option="", kind="")
            if _is_alone(plans, position):
                hints = replace(hints, group="")
        elif any(fold(hints.option).startswith(mark) for mark in other) and any(
            fold(cell) != fold(hints.option) for cell in cells
        ):
            hints = replace(hints, role="other_text", kind="text")
        read.append(ColumnPlan(plan.header, hints))
    return finish(book, grid, head, _heads(read), context)


def _is_alone(plans: list[ColumnPlan], position: int) -> bool:
    """Tell a single question, whose group holds at most the column for other words beside."""
    group = plans[position].hints.group
    return sum(plan.hints.group == group for plan in plans) <= 2


def _heads(plans: list[ColumnPlan]) -> list[ColumnPlan]:
    """Name a single question by its question alone, not by ``question [Response]``."""
    named = []
    for plan in plans:
        is_single = not plan.hints.option and plan.header.endswith("]")
        stem = plan.header.rpartition(" [")[0]
        name = stem if is_single and stem else plan.header
        text = name if is_single else plan.hints.text
        named.append(ColumnPlan(name, replace(plan.hints, text=text)))
    return named
