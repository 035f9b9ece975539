"""Warn of personal data in answers in people's own words, where they were not asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.personal_data import PersonalKind, kinds_in
from evaluation.codebook.schema import QuestionType, Role
from evaluation.codebook.spelling import fold
from evaluation.model import column_letter
from evaluation.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evaluation.codebook.schema import Codebook
    from evaluation.model import RawColumn, RawResponses

CODES = {
    PersonalKind.EMAIL: "email-in-text",
    PersonalKind.PERSONAL_NUMBER: "personal-number-in-text",
    PersonalKind.PHONE: "phone-in-text",
    PersonalKind.IP: "ip-in-text",
    PersonalKind.POSITION: "position-in-text",
}
"""Kind of personal data -> problem code."""
MAX_HEAD = 60
"""Characters of a head that a problem shows."""


def scan_free_text(responses: RawResponses, codebook: Codebook) -> tuple[Problem, ...]:
    """Look for personal data in free text and in words to "other", one problem per kind and column.

    Columns of identity are not looked at: they are no answers. Names and
    street addresses are not found (`evaluation.codebook.personal_data`).
    The problems say where, and never what.
    """
    heads = {fold(head) for head in _open_heads(codebook)}
    found: list[Problem] = []
    for column in responses.columns:
        if fold(column.header) in heads:
            found.extend(_scan(responses, column))
    return tuple(found)


def _open_heads(codebook: Codebook) -> Iterator[str]:
    """Yield the heads of columns that hold people's own words."""
    for question in codebook.questions:
        is_open = question.type is QuestionType.TEXT
        if is_open and question.role not in {Role.IDENTITY, Role.ADMIN}:
            texts = question.text.values() if isinstance(question.text, dict) else (question.text,)
            yield from (question.column,) if question.column else (*texts, question.id)
        yield from (o.other_text for o in question.options if o.other_text)


def _scan(responses: RawResponses, column: RawColumn) -> Iterator[Problem]:
    """Report the kinds that a column holds, with with the rows."""
    kinds = [frozenset(kinds_in(text)) for text in column.values]
    head = column.header if len(column.header) <= MAX_HEAD else column.header[: MAX_HEAD - 1] + "…"
    place = f"{column_letter(column.position)} ({head})"
    for kind, code in CODES.items():
        holds = np.array([kind in found for found in kinds] or [False])
        rows = np.flatnonzero(holds[column.index])
        if len(rows):
            yield Problem.of_rows(
                code,
                Severity.WARN,
                responses.file_row[rows].tolist(),
                file=responses.source.file,
                sheet=responses.source.sheet,
                column=place,
            )
