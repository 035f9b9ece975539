"""KoboToolbox and ODK: CSV or XLSX with XML names or labels, repeats on sheets of their own.

Recognised by technical columns (``_uuid``, ``_index``, ``KEY`` …), by an
XLSForm beside, by a point's four columns (``_place_latitude`` …), or by a
question that is there twice: once blank-joined (``q``) and once as 0/1 per
option (``q/option``). Only the 0/1 columns are used then: labels joined by
blanks cannot be taken apart. A blank 0/1 cell means that the form's version
had no such option. A sheet of repeats (a household's members) is named in a
problem of its own and read when it is asked for: one row per repeat.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.codebook.drafting.cells import is_split
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
from evaluation.loading.tools._common import (
    distinct_cells,
    distinct_cells_counted,
    item_text,
    replace_hints,
    with_form,
)
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.loading.book import Book
    from evaluation.loading.grid import Grid
    from evaluation.loading.heads import Head
    from evaluation.loading.sidecars import Form, FormQuestion
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses

NAME = "kobo"
ZERO_ONE = frozenset({"0", "1"})
SEPARATORS = ("/", ".")


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise technical columns, a form beside, or questions that are there twice."""
    if not book.grids:
        return Recognition(0)
    if book.form is not None and book.form.kind == "xlsform":
        return Recognition(0.95, (book.form.file,))
    described = recognise_described(book, context)
    if described.confidence:
        return described
    grid, head = answer_grid(book, context), described_head(book, context)
    points = find_points(head.texts[0])
    if points:
        return Recognition(0.85, tuple(head.texts[0][p] for p in points[1:3]))
    doubled = find_option_columns(head.texts[0], grid, head)
    if doubled and len(head.texts) == 1:
        return Recognition(0.8, tuple(head.texts[0][p] for p in list(doubled)[:2]))
    return Recognition(0)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read the main sheet, or the sheet of repeats that is asked for; never mixed."""
    grid, head = answer_grid(book, context), described_head(book, context)
    names = head.texts[0]
    plans = plan_columns(head, context.description, "none")
    options = find_option_columns(names, grid, head)
    summaries = set(options.values())
    points = set(find_points(names))
    read = [
        replace_hints(plans[position], role="identity")
        if position in points
        else _plan(position, plans, options, summaries, book.form)
        for position in range(len(plans))
    ]
    read = [
        replace_hints(plan, separator=" ")
        if _holds_codes(plan, distinct_cells_counted(grid, position, head))
        else plan
        for position, plan in enumerate(read)
    ]
    done = finish(book, grid, head, read, context)
    return Checked(done.value, (*done.problems, *_other_sheets(book, grid)))


def _other_sheets(book: Book, read: Grid) -> tuple[Problem, ...]:
    """Name the sheets beside the one read: repeats one by one, the rest together."""
    found: list[Problem] = []
    rest: list[str] = []
    if PARENT in find_head(read, header_rows=1).texts[0]:
        return ()
    for other in book.grids:
        if other.name == read.name:
            continue
        head = find_head(other, header_rows=1)
        n = other.n_rows - head.first_data
        if PARENT in head.texts[0] and n > 0:
            problem = Problem("repeat-sheet", Severity.NOTE, book.file, other.name, count=n)
            found.append(replace(problem, value=other.name, expected=read.name))
        else:
            rest.append(other.name)
    if rest:
        value = ", ".join(rest)
        found.append(Problem("other-sheets", Severity.WARN, book.file, read.name, value=value))
    return tuple(found)


PARENT = "_parent_index"
"""Head of the column that says to which row of the sheet above a repeat belongs."""
_POINT = ("_latitude", "_longitude", "_altitude", "_precision")


def find_points(names: Sequence[str]) -> list[int]:
    """Return the positions of the columns of places: the place and its four numbers."""
    at = {name: position for position, name in enumerate(names)}
    found: list[int] = []
    for position, name in enumerate(names):
        group, slash, last = name.rpartition("/")
        parts = [at.get(f"{group}{slash}_{last}{part}") for part in _POINT]
        if name and None not in parts:
            found += [position, *(part for part in parts if part is not None)]
    return found


def find_option_columns(names: Sequence[str], grid: Grid, head: Head) -> dict[int, int]:
    """Return 0/1 column -> the column before it that holds the same answers joined."""
    found: dict[int, int] = {}
    summary = -1
    for position, name in enumerate(names):
        stem = names[summary] if summary >= 0 else ""
        is_part = bool(stem) and name.startswith(tuple(stem + s for s in SEPARATORS))
        if is_part and set(distinct_cells(grid, position, head)) <= ZERO_ONE:
            found[position] = summary
        else:
            summary = position
    return found


def _plan(
    position: int,
    plans: Sequence[ColumnPlan],
    options: dict[int, int],
    summaries: set[int],
    form: Form | None,
) -> ColumnPlan:
    """Say what is known of one column."""
    plan = plans[position]
    hints = plan.hints
    if position in options:
        stem = plans[options[position]].header
        part = plan.header[len(stem) + 1 :]
        question = _question(stem, form)
        hints = replace(
            hints,
            question=stem.rpartition("/")[2],
            text=question.text if question else stem,
            group=question.text if question else stem,
            option=(item_text(question, part) if question else "") or part,
            kind="multiple",
            selected=("1", "TRUE"),
        )
        return ColumnPlan(plan.header, hints)
    if position in summaries:
        return ColumnPlan(plan.header, replace(hints, role="skip"))
    if hints.role:
        return plan
    before = plan.header.removesuffix("_other")
    if plan.header.endswith("_other") and any(p.header == before for p in plans):
        hints = replace(hints, role="other_text", question=before, kind="text")
        return ColumnPlan(plan.header, hints)
    question = _question(plan.header, form)
    if question is not None:
        hints = with_form(hints, question)
        if question.kind == "multiple":
            hints = replace(
                hints, separator=" ", value_labels=dict(question.items), group="", option=""
            )
    return ColumnPlan(plan.header, hints)


_CODES = re.compile(r"[a-z0-9_.-]+(?: [a-z0-9_.-]+)*", re.IGNORECASE)


def _holds_codes(plan: ColumnPlan, cells: Sequence[tuple[str, int]]) -> bool:
    """Tell codes joined by blanks, of which no form says anything: ``a c d``."""
    hints = plan.hints
    if hints.role or hints.kind or hints.group or not cells:
        return False
    return all(_CODES.fullmatch(text) for text, _ in cells) and is_split(cells, " ")


def _question(name: str, form: Form | None) -> FormQuestion | None:
    """Return the form's question by its name, with or without its groups, or by its wording."""
    if form is None:
        return None
    short = name.rpartition("/")[2]
    found = form.questions.get(name) or form.questions.get(short)
    return found or next((q for q in form.questions.values() if q.text == name), None)
