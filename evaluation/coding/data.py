"""Coded answers: small integer codes per question, kinds of missing kept apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from evaluation.model import Category, IntakeStatus


@dataclass(frozen=True, slots=True)
class Categorical:
    """A single-answer question, or one item of a grid.

    Attributes
    ----------
    id
        Identifier of the question or item; unique in its survey.
    question
        Identifier of the question (differs from ``id`` for a grid item).
    categories
        Options in codebook order; options met in the data only come last.
    codes
        1-D int16, one per respondent: position in ``categories``, or a
        `MissingKind`.
    ordered
        The categories form a scale.
    off_scale
        Positions of categories that are no step of the scale ("Vet inte");
        comparisons by order leave them out.
    """

    id: str
    question: str
    categories: tuple[Category, ...]
    codes: NDArray[np.int16]
    ordered: bool = False
    off_scale: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class MultiResponse:
    """A multiple-answer question.

    Attributes
    ----------
    selected
        2-D int8, respondents × options: 1 where chosen.
    state
        1-D int8, one per respondent: 0 where the question was answered, else
        a `MissingKind`; the row of ``selected`` is then all 0.
    offered
        2-D bool like ``selected``: False where the version of the form that
        the respondent met lacked the option; None where all had all.
    """

    id: str
    question: str
    categories: tuple[Category, ...]
    selected: NDArray[np.int8]
    state: NDArray[np.int8]
    offered: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number (or a date as days since 1970-01-01).

    Attributes
    ----------
    values
        1-D float64, one per respondent; NaN where missing.
    state
        1-D int8: 0 where answered, else a `MissingKind`.
    is_date
        The values are days.
    """

    id: str
    question: str
    values: NDArray[np.float64]
    state: NDArray[np.int8]
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class FreeText:
    """A text answer: only whether it was answered travels on, never the words.

    Attributes
    ----------
    state
        1-D int8: 0 where answered, else a `MissingKind`.
    """

    id: str
    question: str
    state: NDArray[np.int8]


Variable = Categorical | MultiResponse | Numeric | FreeText


@dataclass(frozen=True, slots=True)
class IntakeTable:
    """What became of every row of the exports.

    Attributes
    ----------
    counts
        Rows per status; every status is a key; the sum is ``n_rows``.
    n_rows
        Data rows in the files.
    status
        Status per data row, in file order.
    """

    counts: Mapping[IntakeStatus, int]
    n_rows: int
    status: tuple[IntakeStatus, ...]


@dataclass(frozen=True, slots=True)
class CodedData:
    """One survey after intake and coding.

    Attributes
    ----------
    survey
        Identifier of the survey.
    n
        Respondents kept (complete, and partial where they count).
    variables
        Identifier -> variable. A grid has one `Categorical` per item; its
        question identifier maps to nothing here, see ``grids``.
    grids
        Question identifier of a grid -> identifiers of its items, in order.
    file, file_row
        Where each respondent stood, as tuples/1-D int32 of length n.
    intake
        Account of all rows.
    item_texts
        Grid item -> wording.
    files, file_of
        All exports, and per respondent (1-D int16) the position of theirs;
        ``file`` is the first.
    """

    survey: str
    n: int
    variables: Mapping[str, Variable]
    grids: Mapping[str, tuple[str, ...]]
    file: str
    file_row: NDArray[np.int32]
    intake: IntakeTable
    item_texts: Mapping[str, str] = field(default_factory=dict)
    person: NDArray[np.int64] | None = None
    """A number per person, -1 where unknown; None where the survey does not say. No name."""
    files: tuple[str, ...] = ()
    file_of: NDArray[np.int16] | None = None
