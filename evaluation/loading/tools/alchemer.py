"""Alchemer (SurveyGizmo): one head row, options before the question (``Option:Question``).

Recognised by Time Started, Date Submitted and Status. Several answers stand
in one cell separated by ``;``, or in one column per option that holds the
label; words to "Other - Write In" have a column of their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.engine import (
    answer_grid,
    described_head,
    finish,
    plan_columns,
    recognise_described,
)
from evaluation.loading.responses import ColumnPlan

if TYPE_CHECKING:
    from evaluation.loading.book import Book, Recognition
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses
    from evaluation.problems import Checked

NAME = "alchemer"


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise the technical heads."""
    return recognise_described(book, context)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read answers; columns before whose colon stands "Other" hold words."""
    grid, head = answer_grid(book, context), described_head(book, context)
    plans = plan_columns(head, context.description)
    marks = [fold(mark) for mark in context.description.marks.get("other", ())]
    read = []
    for plan in plans:
        hints = plan.hints
        if any(fold(hints.option).startswith(mark) for mark in marks):
            hints = replace(hints, role="other_text", kind="text")
        read.append(ColumnPlan(plan.header, hints))
    return finish(book, grid, head, read, context)
