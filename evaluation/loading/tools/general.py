"""Any rectangular CSV, workbook or Parquet file; taken when no tool knows it.

Recognised by nothing but being a table: at least one head and one row of
answers. Two head rows, note lines above the head, option columns under a
merged question head, ``Question [option]``, ``Question - option`` and a sheet
of codes and labels are understood without a description.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.loading.book import Recognition
from evaluation.loading.engine import interpret_described

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
    return interpret_described(book, context)
