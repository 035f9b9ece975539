"""Numbers, dates and texts: each distinct cell is read once, then looked up."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.names import texts_of
from evaluation.codebook.spelling import fold
from evaluation.coding.choices import MISSING_KINDS
from evaluation.coding.data import FreeText, Numeric
from evaluation.coding.dates import DateOrder, parse_date
from evaluation.coding.numbers import parse_number
from evaluation.model import MissingKind
from evaluation.problems import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from evaluation.codebook.schema import Question
    from evaluation.coding.dates import OrderFound
    from evaluation.coding.findings import Findings
    from evaluation.model import RawColumn

_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]+)?")
"""Numbers that need no interpretation: read without further ado, for speed."""
_DECIMAL = re.compile(r"[0-9]([.,])[0-9]+\D*\Z")
"""The decimal sign of a number, or the last sign between its thousands."""


def code_number(
    question: Question, column: RawColumn | None, n: int, language: str, findings: Findings
) -> Numeric:
    """Code a number question.

    Decimal comma, blanks between thousands and units are understood; in an
    English study ``1,341`` is a thousand. What is no number, or lies outside
    ``minimum`` and ``maximum``, is invalid and reported.
    """
    if column is None:
        return _nobody(question, n, is_date=False)
    units = texts_of(question.unit) if question.unit is not None else ()
    groups = language == "en"

    def read(text: str) -> float | None:
        if _PLAIN_NUMBER.fullmatch(text):
            return float(text)
        return parse_number(text, units, comma_groups=groups)

    values, state = _read_all(question, column, read)
    _report(column, state, "not-a-number", findings)
    _report_decimals(column, state, findings)
    low = -math.inf if question.minimum is None else question.minimum
    high = math.inf if question.maximum is None else question.maximum
    outside = (state == 0) & ~((values >= low) & (values <= high))
    limits = f"{_limit(question.minimum)}–{_limit(question.maximum)}"
    findings.add("out-of-range", Severity.WARN, column, outside[column.index], expected=limits)
    state[outside] = MissingKind.INVALID
    values[outside] = np.nan
    return Numeric(question.id, question.id, values[column.index], state[column.index])


def code_date(
    question: Question, column: RawColumn | None, n: int, findings: Findings, found: OrderFound
) -> Numeric:
    """Code a date question as days since 1970-01-01; the time of day is left out.

    Parameters
    ----------
    question, column, n, findings
        As in ``code_single``.
    found
        Order of day and month in all rows of the survey.
    """
    if column is None:
        return _nobody(question, n, is_date=True)
    values, state = _read_all(question, column, lambda text: parse_date(text, found.order))
    _report(column, state, "not-a-date", findings)
    answered = (state == 0)[column.index]
    if found.is_ambiguous:
        findings.add("date-ambiguous", Severity.WARN, column, answered, found.order)
    if found.order is DateOrder.MONTH_FIRST:
        findings.add("date-month-first", Severity.NOTE, column, answered, found.order)
    if found.is_mixed:
        findings.add("date-mixed", Severity.WARN, column, answered, found.order)
    return Numeric(
        question.id, question.id, values[column.index], state[column.index], is_date=True
    )


def code_text(question: Question, column: RawColumn | None, n: int) -> FreeText:
    """Code a text question: only whether something was written."""
    if column is None:
        return FreeText(question.id, question.id, _all_not_asked(n))
    missing = _missing_words(question, column)
    table = [missing.get(fold(text), 0) if missing else 0 for text in column.values]
    state = np.array([*table, MissingKind.NOT_ASKED], dtype=np.int8)
    blank = np.array([*(not text.strip() for text in column.values), False])
    state[blank] = MissingKind.ITEM_NONRESPONSE
    return FreeText(question.id, question.id, state[column.index])


def _nobody(question: Question, n: int, *, is_date: bool) -> Numeric:
    values = np.full(n, np.nan)
    return Numeric(question.id, question.id, values, _all_not_asked(n), is_date)


def _all_not_asked(n: int) -> NDArray[np.int8]:
    return np.full(n, MissingKind.NOT_ASKED, dtype=np.int8)


def _missing_words(question: Question, column: RawColumn) -> dict[str, int]:
    words: dict[str, int] = {fold(v): int(kind) for v, kind in column.hints.missing.items()}
    words |= {fold(value): int(MISSING_KINDS[kind]) for value, kind in question.missing.items()}
    return words


def _read_all(
    question: Question, column: RawColumn, read: Callable[[str], float | None]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return number and state per distinct text, the last for rows without the column."""
    missing = _missing_words(question, column)
    values = np.full(len(column.values) + 1, np.nan)
    state = np.zeros(len(values), dtype=np.int8)
    state[-1] = MissingKind.NOT_ASKED
    for position, text in enumerate(column.values):
        bare = text.strip()
        if not bare:
            state[position] = MissingKind.ITEM_NONRESPONSE
        elif missing and fold(bare) in missing:
            state[position] = missing[fold(bare)]
        else:
            number = read(bare)
            if number is None or not math.isfinite(number):
                state[position] = MissingKind.INVALID
            else:
                values[position] = number
    return values, state


def _report(column: RawColumn, state: NDArray[np.int8], code: str, findings: Findings) -> None:
    """Report unreadable cells; their text is not repeated, it may be anything."""
    unreadable = state == MissingKind.INVALID
    findings.add(code, Severity.WARN, column, unreadable[column.index])


def _report_decimals(column: RawColumn, state: NDArray[np.int8], findings: Findings) -> None:
    """Report a column that has both decimal commas and decimal points, at the rarer of the two."""
    marks = [_DECIMAL.search(text.strip()) for text in column.values]
    is_answer = state[:-1] == 0
    with_comma = np.array([m is not None and m[1] == "," for m in marks] + [False])
    with_point = np.array([m is not None and m[1] == "." for m in marks] + [False])
    with_comma[:-1] &= is_answer
    with_point[:-1] &= is_answer
    findings.add_rarer(
        "decimal-mixed", Severity.WARN, column, with_comma[column.index], with_point[column.index]
    )


def _limit(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
