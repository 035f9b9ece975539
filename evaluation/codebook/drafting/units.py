"""Columns that make one question, before the question is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.codebook.drafting.kinds import Guess
    from evaluation.codebook.drafting.profile import Profile
    from evaluation.codebook.drafting.remarks import Remark


class Shape(StrEnum):
    """How many columns a question has, and what they stand for."""

    COLUMN = "column"
    OPTIONS = "options"
    GRID = "grid"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Unit:
    """Columns that make one question.

    Attributes
    ----------
    profiles
        The columns: one, or one per option or item.
    guesses
        Kind of each column by itself.
    stem
        Wording of the question where it is not that of the column.
    others
        Columns with the words to the option "other".
    remarks
        What was guessed in putting the columns together.
    """

    shape: Shape
    profiles: tuple[Profile, ...]
    guesses: tuple[Guess, ...]
    stem: str = ""
    others: tuple[Profile, ...] = ()
    remarks: tuple[Remark, ...] = field(default=())
