"""SPSS, Stata and SAS files: their own labels, missing values and response sets.

Recognised by the container. Names of variables are heads; wordings, value
labels and user-missing values come from the file itself, or from a DDI
codebook beside it where the file has none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold
from evaluation.loading.book import Recognition
from evaluation.loading.stems import find_stems
from evaluation.loading.tools._common import with_form
from evaluation.model import RawColumn, RawResponses, Source
from evaluation.problems import Checked, Problem, Severity

if TYPE_CHECKING:
    from evaluation.loading.book import Book
    from evaluation.loading.sidecars import Form
    from evaluation.loading.tools import Context

NAME = "statistics"
_TITLES = {"sav": "SPSS", "por": "SPSS", "dta": "Stata", "sas7bdat": "SAS", "xpt": "SAS"}


def recognise(book: Book, context: Context) -> Recognition:  # noqa: ARG001
    """Recognise the container."""
    title = _TITLES.get(book.kind.value, "")
    return Recognition(1.0, (title,)) if book.variables else Recognition(0)


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Take the variables as they are; case n stands in row n of the program's data view."""
    if not book.variables:
        problem = Problem("wrong-tool", Severity.STOP, book.file, value=context.name)
        return Checked(None, (problem,))
    n_rows = len(book.variables[0].index)
    if not n_rows:
        return Checked(None, (Problem("no-answers", Severity.STOP, book.file),))
    columns = _grouped([_column(column, book.form, context) for column in book.variables])
    source = Source(book.file, "", book.sha256, book.encoding, context.name)
    return Checked(RawResponses(source, columns, np.arange(1, n_rows + 1, dtype=np.int32)))


def _grouped(columns: list[RawColumn]) -> tuple[RawColumn, ...]:
    """Find questions whose variables share the start of their labels (``Question: item``)."""
    texts = [c.hints.text if not (c.hints.group or c.hints.role) else "" for c in columns]
    return tuple(
        replace(c, hints=replace(c.hints, group=stem.group, option=stem.option, question=""))
        if stem is not None and text
        else c
        for c, text, stem in zip(columns, texts, find_stems(texts, "auto"), strict=True)
    )


def _column(column: RawColumn, form: Form | None, context: Context) -> RawColumn:
    """Add a role by the variable's name, and a form's labels where the file has none."""
    hints = column.hints
    roles = {
        fold(name): role for role, names in context.description.heads.items() for name in names
    }
    hints = replace(hints, role=roles.get(fold(column.header), hints.role))
    question = form.questions.get(column.header) if form else None
    if question is not None and not hints.value_labels and not hints.text:
        hints = with_form(hints, question)
    return replace(column, hints=hints)
