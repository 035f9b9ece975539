"""Microsoft Forms: XLSX with one Excel table, or CSV.

Recognised by the heads for start and completion time (English, Swedish).
Several answers stand in one cell, each followed by ``;``. A grid has one
column per statement; the workbook drops its stem, the newer CSV keeps it as
``stem`` line break ``.statement``. A ranking is one cell with all items, best
first, and becomes one column of ranks per item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.loading.engine import (
    answer_grid,
    described_head,
    finish,
    plan_columns,
    recognise_described,
)
from evaluation.loading.heads import clean_head
from evaluation.loading.tools._common import distinct_cells, replace_hints
from evaluation.loading.tools._ranking import expand_rankings
from evaluation.problems import Checked

if TYPE_CHECKING:
    from evaluation.loading.book import Book, Recognition
    from evaluation.loading.responses import ColumnPlan
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses

NAME = "msforms"
SEPARATOR = ";"


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise the heads that every Forms export starts with."""
    return recognise_described(book, context)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read answers; cells that all end in ``;`` hold several."""
    grid, head = answer_grid(book, context), described_head(book, context)
    plans = plan_columns(head, context.description)
    anonymous = set(context.description.marks.get("anonymous", ()))
    quiz = tuple(context.description.marks.get("quiz_starts", ()))
    read: list[ColumnPlan] = []
    for position, plan in enumerate(plans):
        cells = distinct_cells(grid, position, head)
        if plan.header.startswith(quiz):
            read.append(replace_hints(plan, role="meta", group="", option=""))
        elif plan.hints.role == "identity" and set(cells) <= anonymous:
            read.append(replace_hints(plan, role="skip"))
        elif not plan.hints.role and cells and all(c.endswith(SEPARATOR) for c in cells):
            read.append(replace_hints(plan, kind="multiple", separator=SEPARATOR))
        else:
            read.append(_with_stem(plan, grid.columns[position].cell(head.rows[-1])))
    done = finish(book, grid, head, read, context)
    if done.value is None:
        return done
    return Checked(expand_rankings(done.value), done.problems)


def _with_stem(plan: ColumnPlan, printed: str) -> ColumnPlan:
    """Read ``stem`` line break ``.statement`` in the head of the newer CSV."""
    stem, line_break, statement = printed.replace("\r", "").rpartition("\n.")
    if not line_break or not stem.strip() or not statement.strip():
        return plan
    return replace_hints(plan, group=clean_head(stem), option=clean_head(statement))
