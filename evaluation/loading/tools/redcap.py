"""REDCap: CSV with raw codes or with labels; repeating and longitudinal projects.

Recognised by columns ``<form>_complete`` (0, 1, 2), checkbox columns
``field___code`` and the technical columns ``redcap_…``; with labels by
``Complete?`` and ``(choice=…)``. A checkbox is 0 for everybody, also where it
was never shown; a record may have several rows (events, repeats), which is
why rows are never merged here: what a row's form does not hold is blank.
Names, types and labels come from the data dictionary where one lies beside.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.drafting.profile import is_number
from evaluation.codebook.spelling import fold
from evaluation.loading.book import Recognition
from evaluation.loading.engine import answer_grid, described_head, finish, plan_columns
from evaluation.loading.responses import ColumnPlan
from evaluation.loading.tools._common import distinct_cells, replace_hints, with_form
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.loading.book import Book
    from evaluation.loading.grid import Grid
    from evaluation.loading.heads import Head
    from evaluation.loading.sidecars import Form, FormQuestion
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses

NAME = "redcap"
_CHECKBOX = re.compile(r"(?P<field>\w+?)___(?P<code>\w+)\Z")
_CHOICE = re.compile(r"(?P<text>.*?)\s*\(choice=(?P<option>.*)\)\s*\Z", re.DOTALL)
_COMPLETE = re.compile(r"\w+_complete\Z|Complete\?(?: \(\d+\))?\Z")
_TIMESTAMP = re.compile(r"(?P<form>\w+)_timestamp\Z")
_REPEAT = ("redcap_repeat_instrument", "Repeat Instrument")


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise form status columns, checkbox columns, or the dictionary."""
    if not book.grids:
        return Recognition(0)
    head, grid = described_head(book, context), answer_grid(book, context)
    names = head.texts[0]
    if book.form is not None and book.form.kind == "redcap":
        return Recognition(0.95, (book.form.file,))
    status = [
        name
        for position, name in enumerate(names)
        if _COMPLETE.match(name)
        and set(distinct_cells(grid, position, head)) <= set(context.description.marks["complete"])
    ]
    boxes = [name for name in names if _CHECKBOX.match(name) or _CHOICE.match(name)]
    technical = [name for name in names if name in context.description.recognise.any_heads]
    if technical:
        return Recognition(0.95, tuple(technical))
    if status:
        return Recognition(0.85 if boxes else 0.7, (*status[:2], *boxes[:1]))
    return Recognition(0)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read records; forms of repeated rows are told apart by the technical columns."""
    grid, head = answer_grid(book, context), described_head(book, context)
    plans = plan_columns(head, context.description, "none")
    selected = context.description.selected
    marks = tuple(context.description.marks.get("form_status", ()))
    read = [_plan(plan, book.form, selected, marks) for plan in _without_times(plans)]
    read = [
        _unless_numbers(plan, distinct_cells(grid, position, head))
        for position, plan in enumerate(read)
    ]
    if read and not read[0].hints.role:
        hints = replace(read[0].hints, role="respondent", kind="")
        read[0] = ColumnPlan(read[0].header, hints)
    done = finish(book, grid, head, read, context)
    return Checked(done.value, (*done.problems, *_repeats(book, grid, head)))


def _without_times(plans: Sequence[ColumnPlan]) -> list[ColumnPlan]:
    """Mark when a form was filled in: ``<form>_timestamp`` beside ``<form>_complete``."""
    heads = {plan.header for plan in plans}
    times = [_TIMESTAMP.match(plan.header) for plan in plans]
    return [
        ColumnPlan(plan.header, replace(plan.hints, role="meta"))
        if time and f"{time['form']}_complete" in heads
        else plan
        for plan, time in zip(plans, times, strict=True)
    ]


def _plan(
    plan: ColumnPlan, form: Form | None, selected: Sequence[str], form_status: Sequence[str]
) -> ColumnPlan:
    """Say what is known of one column."""
    hints = plan.hints
    if hints.role:
        return plan
    if plan.header in _REPEAT:  # blank means the record's own row, not a missing answer
        return ColumnPlan(plan.header, replace(hints, question=_REPEAT[0], value_labels={"": ""}))
    if _COMPLETE.match(plan.header):
        return ColumnPlan(plan.header, replace(hints, role="meta"))
    choice = _CHOICE.match(plan.header)
    if choice:
        hints = replace(
            hints,
            kind="multiple",
            text=choice["text"],
            group=choice["text"],
            option=choice["option"],
            selected=tuple(selected),
        )
        found = _by_wording(choice["text"], form)
        if found is not None:
            hints = replace(hints, question=found.name)
        return ColumnPlan(plan.header, hints)
    box = _CHECKBOX.match(plan.header)
    name = box["field"] if box else plan.header
    hints = replace(hints, question=name)
    question = form.questions.get(name) if form else None
    question = question or _by_wording(name, form)
    if question is not None:
        hints = replace(hints, question=question.name)
    if box:
        part = box["code"]
        hints = replace(hints, kind="multiple", group=name, option=part, selected=tuple(selected))
        if question is not None:
            # a code such as -1 is written _1 in the head
            code = next((c for c in question.items if re.sub(r"\W", "_", c).lower() == part), part)
            hints = with_form(hints, question, code)
            hints = replace(hints, value_labels={})
    elif question is not None:
        hints = with_form(hints, question)
        if question.matrix:
            hints = replace(hints, group=question.matrix, option=question.text)
    elif form is None and fold(name) in map(fold, form_status):
        hints = replace(hints, role="meta")
    return ColumnPlan(plan.header, hints)


def _unless_numbers(plan: ColumnPlan, cells: Sequence[str]) -> ColumnPlan:
    """Let the answers decide where the dictionary says "text" only because nobody validated it."""
    if plan.hints.kind != "text" or plan.hints.role or not cells or not all(map(is_number, cells)):
        return plan
    return replace_hints(plan, kind="")


def _by_wording(text: str, form: Form | None) -> FormQuestion | None:
    """Return the only question of this wording: an export with labels has those as heads."""
    if form is None:
        return None
    found = [q for q in form.questions.values() if fold(q.text) == fold(text)]
    return found[0] if len(found) == 1 else None


def _repeats(book: Book, grid: Grid, head: Head) -> tuple[Problem, ...]:
    """Say how many rows repeat a form of a record that has a row already."""
    names = head.texts[0]
    position = next((names.index(name) for name in _REPEAT if name in names), -1)
    if position < 0:
        return ()
    column = grid.columns[position]
    index = column.index[head.first_data :]
    forms = [column.values[i].strip() for i in np.unique(index).tolist()]
    filled = np.array([bool(value.strip()) for value in column.values])
    n = int(filled[index].sum())
    if not n:
        return ()
    value = ", ".join(form for form in forms if form)
    return (Problem("repeat-rows", Severity.WARN, book.file, grid.name, value=value, count=n),)
