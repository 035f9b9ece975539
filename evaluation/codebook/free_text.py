"""Warn of personal data in answers in people's own words, where they were not asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.personal_data import PersonalKind, kinds_in
from evaluation.codebook.schema import QuestionType, Role
from evaluation.codebook.spelling import fold
from evaluation.model import column_letter
from evaluation.problems import MAX_ROWS_KEPT, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evaluation.codebook.schema import Codebook
    from evaluation.model import RawResponses

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


def scan_free_text(parts: Iterable[RawResponses], codebook: Codebook) -> tuple[Problem, ...]:
    """Look for personal data in free text and in words to "other", one problem per kind and column.

    Columns of identity are not looked at: they are no answers. Names and
    street addresses are not found (`evaluation.codebook.personal_data`).
    The problems say where, and never what.

    Parameters
    ----------
    parts
        An export, whole or part by part; the parts have the same columns.
    codebook
        Says which columns hold people's own words.
    """
    heads = {fold(head) for head in _open_heads(codebook)}
    found: dict[tuple[int, str], _Found] = {}
    source = None
    for part in parts:
        source = part.source
        for number, column in enumerate(part.columns):
            if fold(column.header) in heads:
                _scan(part, number, found)
    if source is None:
        return ()
    order = {code: number for number, code in enumerate(CODES.values())}
    return tuple(
        Problem.of_rows(
            code,
            Severity.WARN,
            f.rows,
            count=f.n,
            file=source.file,
            sheet=source.sheet,
            column=f.place,
        )
        for (_, code), f in sorted(found.items(), key=lambda item: (item[0][0], order[item[0][1]]))
    )


def _open_heads(codebook: Codebook) -> Iterator[str]:
    """Yield the heads of columns that hold people's own words."""
    for question in codebook.questions:
        is_open = question.type is QuestionType.TEXT
        if is_open and question.role not in {Role.IDENTITY, Role.ADMIN}:
            texts = question.text.values() if isinstance(question.text, dict) else (question.text,)
            yield from (question.column,) if question.column else (*texts, question.id)
        yield from (o.other_text for o in question.options if o.other_text)


@dataclass(slots=True)
class _Found:
    """Where a kind of personal data was found in a column: the first rows, and how many."""

    place: str
    rows: list[int] = field(default_factory=list)
    n: int = 0


def _scan(part: RawResponses, number: int, found: dict[tuple[int, str], _Found]) -> None:
    """Note the rows of a column that hold personal data, by number of the column and code."""
    column = part.columns[number]
    kinds = [frozenset(kinds_in(text)) for text in column.values]
    head = column.header if len(column.header) <= MAX_HEAD else column.header[: MAX_HEAD - 1] + "…"
    place = f"{column_letter(column.position)} ({head})"
    for kind, code in CODES.items():
        holds = np.array([kind in some for some in kinds] or [False])
        rows = np.flatnonzero(holds[column.index])
        if len(rows):
            here = found.setdefault((number, code), _Found(place))
            here.n += len(rows)
            here.rows += part.file_row[rows[: MAX_ROWS_KEPT - len(here.rows)]].tolist()
