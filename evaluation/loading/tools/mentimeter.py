"""Mentimeter: two note lines, then one row per voter; result blocks are refused.

Recognised by the heads Voter and Session. Scale statements have one column
each (``Question: statement``). The sheets ``Session n``, and files saved from
them, hold Mentimeter's own counts: those are no answers.
"""

from __future__ import annotations

import re
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
from evaluation.loading.responses import ColumnPlan
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from evaluation.loading.book import Book
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses

NAME = "mentimeter"
_BLOCK = re.compile(r"(?:Slide|Question) \d+\Z")
_BULLET = re.compile(r"\A(?:[-\u2013\u2022*]\s+)+")
SCAN_ROWS = 60


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise the voters' sheet, or stacked result blocks."""
    described = recognise_described(book, context)
    if described.confidence or not book.grids:
        return described
    found = _blocks(book, context)
    return Recognition(0.9, found) if found else Recognition(0)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read one row per voter; up-votes on others' words are no answers."""
    head = described_head(book, context)
    if "Voter" not in head.texts[0]:
        blocks = ", ".join(_blocks(book, context)[:3])
        problem = Problem("not-answers", Severity.STOP, book.file, value=blocks)
        return Checked(None, (problem,))
    grid = answer_grid(book, context)
    plans = plan_columns(head, context.description)
    votes = {fold(name) for name in context.description.marks.get("upvotes", ())}
    read = [
        ColumnPlan(plan.header, replace(plan.hints, role="skip", group="", option=""))
        if fold(plan.header) in votes
        else _without_bullets(plan)
        for plan in plans
    ]
    return finish(book, grid, head, read, context)


def _without_bullets(plan: ColumnPlan) -> ColumnPlan:
    """Take away the dash of a list that a presenter pasted in, and the colon of a lost question."""
    hints = plan.hints
    text = hints.text.lstrip(":").strip() if hints.text.startswith(":") else hints.text
    return ColumnPlan(plan.header, replace(hints, text=text, option=_BULLET.sub("", hints.option)))


def _blocks(book: Book, context: Context) -> tuple[str, ...]:
    """Find the titles of result blocks in the first column."""
    grid = answer_grid(book, context)
    cells = [row[0].strip() for row in grid.rows(0, SCAN_ROWS) if row]
    titles = tuple(cell for cell in cells if _BLOCK.match(cell))
    marks = set(context.description.marks.get("block", ()))
    return titles if titles and marks <= set(cells) else ()
