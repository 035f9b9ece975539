"""Google Forms: the CSV that the form gives, or the answer sheet saved as CSV or XLSX.

Recognised by a first column headed Timestamp (Tidstämpel) that holds dates
with times, and nothing of another tool. Grids are ``stem [row]``. Several
answers stand in one cell: separated by ``;`` in the form's own CSV and by
``, `` in the sheet, where options may hold the separator themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from evaluation.codebook.spelling import fold
from evaluation.loading.book import Recognition
from evaluation.loading.engine import answer_grid, described_head, finish, plan_columns
from evaluation.loading.tools._common import distinct_cells

if TYPE_CHECKING:
    from evaluation.loading.book import Book
    from evaluation.loading.tools import Context
    from evaluation.model import RawResponses
    from evaluation.problems import Checked

NAME = "googleforms"
_STAMP = re.compile(
    r"\d{4}[-/]\d\d?[-/]\d\d? \d\d?[:.]\d\d[:.]\d\d(?: [ap]m)?(?: [A-Z]{2,5}[+\-\d:]*)?"
    r"|\d\d?[/.]\d\d?[/.]\d{4} \d\d?[:.]\d\d[:.]\d\d",
    re.IGNORECASE,
)
SAMPLE = 20


def recognise(book: Book, context: Context) -> Recognition:
    """Recognise the time stamp in the first column."""
    if not book.grids:
        return Recognition(0)
    grid, head = answer_grid(book, context), described_head(book, context)
    if len(head.texts) != 1 or not grid.n_columns:
        return Recognition(0)
    first = head.texts[0][0]
    names = {fold(name) for name in context.description.heads.get("end", ())}
    stamps = distinct_cells(grid, 0, head)[:SAMPLE]
    if fold(first) not in names or not all(_STAMP.fullmatch(stamp) for stamp in stamps):
        return Recognition(0)
    return Recognition(context.description.recognise.confidence, (first, *stamps[:1]))


def interpret(book: Book, context: Context) -> Checked[RawResponses | None]:
    """Read answers; grids by their brackets."""
    grid, head = answer_grid(book, context), described_head(book, context)
    plans = plan_columns(head, context.description)
    return finish(book, grid, head, plans, context)
