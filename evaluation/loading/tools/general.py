"""Any rectangular CSV, workbook or Parquet file; taken when no tool knows it.

Recognised by nothing but being a table: at least one head and one row of
answers. Two head rows, note lines above the head, option columns under a
merged question head, ``Question [option]``, ``Question - option`` and a sheet
of codes and labels are understood without a description.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.book import Recognition
from evaluation.loading.description import LabelSheet
from evaluation.loading.engine import (
    answer_grid,
    described_head,
    finish,
    label_plans,
    numbered_options,
    plan_columns,
)
from evaluation.loading.heads import find_head

if TYPE_CHECKING:
    from evaluation.loading.book import Book
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses
    from evaluation.problems import Checked

NAME = "general"
CONFIDENCE = 0.1


def recognise(book: Book, context: Context) -> Recognition:  # noqa: ARG001
    """Take any table."""
    return Recognition(CONFIDENCE if book.grids else 0)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read the first sheet that holds answers, with labels from a sheet of codes."""
    codes = find_label_sheet(book, context)
    grid, head = answer_grid(book, context), described_head(book, context)
    plans = plan_columns(head, context.description)
    unchosen = frozenset(map(fold, context.description.marks.get("unchosen", ())))
    plans = numbered_options(plans, grid, head, unchosen)
    if codes is not None:
        plans = label_plans(plans, book, codes)
    return finish(book, grid, head, plans, context)


def find_label_sheet(book: Book, context: Context) -> LabelSheet | None:
    """Find a sheet of codes beside the answers: heads that mean question, code and label."""
    marks = context.description.marks
    keys = ("question", "code", "label", "text")
    wanted = {key: {fold(name) for name in marks.get(key, ())} for key in keys}

    for grid in book.grids[1:]:
        head = find_head(grid, header_rows=1)
        found = {
            key: next((text for text in head.texts[0] if fold(text) in names), "")
            for key, names in wanted.items()
        }
        if found["question"] and found["code"] and found["label"]:
            return LabelSheet(
                sheet=grid.name,
                question=found["question"],
                code=found["code"],
                label=found["label"],
                text=found["text"] or None,
            )
    return None
