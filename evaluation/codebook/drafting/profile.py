"""What a column holds: its distinct answers with their counts, and what is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from evaluation.codebook.spelling import fold, trim
from evaluation.model import MissingKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from evaluation.codebook.words import Words
    from evaluation.model import RawColumn

BLANK, MISSING = -1, -2
"""Places of rows without an answer: empty cell, declared or recognised missing value."""

KIND_NAMES = {
    MissingKind.ITEM_NONRESPONSE: "item_nonresponse",
    MissingKind.NOT_ASKED: "not_asked",
    MissingKind.INVALID: "item_nonresponse",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One distinct answer, spellings that fold to the same put together.

    Attributes
    ----------
    text
        The commonest spelling, trimmed.
    spellings
        Further spellings that differ by more than blanks.
    n
        Rows.
    """

    text: str
    spellings: tuple[str, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A column as drafting sees it.

    Attributes
    ----------
    column
        The column itself.
    answers
        Distinct answers in order of first appearance.
    place
        1-D int32 per row: position in ``answers``, or `BLANK`, `MISSING`.
    missing
        Cell texts that are no answers -> kind, where they occur.
    guessed_missing
        Those of them that the export did not declare.
    """

    column: RawColumn
    answers: tuple[Answer, ...]
    place: NDArray[np.int32]
    missing: Mapping[str, str] = field(default_factory=dict)
    guessed_missing: tuple[str, ...] = ()

    @property
    def header(self) -> str:
        """Head of the column."""
        return self.column.header

    @property
    def n_answered(self) -> int:
        """Rows with an answer."""
        return sum(answer.n for answer in self.answers)

    @property
    def texts(self) -> list[str]:
        """Distinct answers."""
        return [answer.text for answer in self.answers]

    def label(self, text: str) -> str:
        """Return what the export calls a value, else the value."""
        labels = self.column.hints.value_labels
        return labels.get(text) or {fold(k): v for k, v in labels.items()}.get(fold(text), text)


def make_profile(column: RawColumn, words: Words, marks: frozenset[str] = frozenset()) -> Profile:
    """Count the distinct answers of a column.

    Parameters
    ----------
    marks
        Folded texts that mean "missing" in this file, beside those in the word lists.
    """
    declared = {fold(v): KIND_NAMES[k] for v, k in column.hints.missing.items()}
    counts = np.bincount(column.index[column.index >= 0], minlength=len(column.values))
    recognised = _recognised(column, counts, words.lists["missing_marks"] | marks, words)
    recognised = {f: kind for f, kind in recognised.items() if f not in declared}
    place_of: dict[str, int] = {}
    spellings: list[dict[str, int]] = []
    table = np.full(len(column.values) + 1, BLANK, dtype=np.int32)
    missing: dict[str, str] = {}
    for position, value in enumerate(column.values):
        folded = fold(value)
        if not folded:
            continue
        kind = declared.get(folded) or recognised.get(folded)
        if kind:
            table[position] = MISSING
            missing[trim(value)] = kind
            continue
        place = place_of.setdefault(folded, len(place_of))
        if place == len(spellings):
            spellings.append({})
        spelling = trim(value)
        spellings[place][spelling] = spellings[place].get(spelling, 0) + int(counts[position])
        table[position] = place
    answers = tuple(_answer(found) for found in spellings)
    guessed = tuple(text for text in missing if fold(text) not in declared)
    return Profile(column, answers, table[column.index], missing, guessed)


def _answer(spellings: dict[str, int]) -> Answer:
    """Put spellings together under the commonest, of equals the first in the alphabet.

    Rows come in any order; it must not show in the codebook.
    """
    text = min(spellings, key=lambda spelling: (-spellings[spelling], spelling))
    others = tuple(sorted(spelling for spelling in spellings if spelling != text))
    return Answer(text, others, sum(spellings.values()))


def _recognised(
    column: RawColumn, counts: NDArray[np.int64], marks: frozenset[str], words: Words
) -> dict[str, str]:
    """Find marks such as ``-`` and ``#NULL!``, and -99 among numbers, that nobody declared."""
    if column.hints.role in {"status", "identity"}:
        return {}
    present = {fold(v) for v, n in zip(column.values, counts.tolist(), strict=True) if n}
    found = dict.fromkeys(present & marks, "item_nonresponse")
    sentinels = words.lists["sentinels"] - {fold(v) for v in column.hints.value_labels}
    others = present - found.keys() - sentinels - {""}
    others -= {fold(v) for v in column.hints.missing}
    if others and all(is_number(f) and number(f) >= 0 for f in others):
        found |= dict.fromkeys(present & sentinels, "item_nonresponse")
    return found


# --- numbers and dates ---------------------------------------------------------

_NUMBER = re.compile(r"[-+\u2212]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][-+]?\d+)?")
_GROUPS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|\Z))")
_UNIT = re.compile(r"\s*(?:%|kr|st|procent|percent)\.?\Z", re.IGNORECASE)
_DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))"
    r"(?:[T ,]+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?"
    r"(?:\s*(?:Z|[A-Z]{2,5}|[+-]\d{2}:?\d{2}))?)?",
    re.IGNORECASE,
)


def is_number(text: str) -> bool:
    """Tell a number, decimal comma, blanks between thousands and % allowed."""
    return bool(_NUMBER.fullmatch(_bare(text)))


def number(text: str) -> float:
    """Return the number that a text is.

    Raises
    ------
    ValueError
        If it is none.
    """
    return float(_bare(text).replace(",", ".").replace("\u2212", "-"))


def _bare(text: str) -> str:
    return _UNIT.sub("", _GROUPS.sub("", text.strip()))


_TIME = re.compile(r"\d{1,3}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)


def is_time(text: str) -> bool:
    """Tell a time of day, or a duration."""
    return bool(_TIME.fullmatch(text.strip()))


def is_date(text: str) -> bool:
    """Tell a date, with or without a time of day."""
    return bool(_DATE.fullmatch(text.strip()))
