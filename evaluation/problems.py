"""Problems are data: what is wrong, where it stands, what was expected, how to mend it.

A step returns its value together with its problems and raises only for
programming errors. Rows count as the spreadsheet counts them (header = row 1).
Answers, free text and identities are never put into ``value``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")


class Severity(StrEnum):
    """How much a problem matters: ``stop`` means that nothing is published."""

    STOP = "stop"
    WARN = "warn"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    Attributes
    ----------
    code
        Stable kebab-case key, such as ``unknown-option``; its wording lives in
        the texts catalogue under ``problems.<code>``.
    severity
        See `Severity`.
    file, sheet, row, column
        Place; ``row`` is 0 where the problem is not in a row, ``column`` is
        the spreadsheet letter with the head, such as ``F (q7)``.
    value
        What was found, only where it is a code, a head or a key.
    expected
        What would have been right.
    message, mend
        Full sentences, in the language of the study; filled from the texts
        catalogue by ``report_problems`` when left empty here.
    count
        Number of rows with the same finding (the first is in ``row``).
    """

    code: str
    severity: Severity
    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""
    expected: str = ""
    message: str = ""
    mend: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A value with the problems met on the way to it."""

    value: T
    problems: tuple[Problem, ...] = ()


def stops(problems: Iterable[Problem]) -> bool:
    """Tell whether any problem forbids publishing."""
    return any(p.severity is Severity.STOP for p in problems)


def count_by_code(problems: Iterable[Problem]) -> dict[tuple[Severity, str], int]:
    """Count findings per severity and code, most severe first."""
    order = list(Severity)
    counts: Counter[tuple[Severity, str]] = Counter()
    for problem in problems:
        counts[problem.severity, problem.code] += problem.count
    return dict(sorted(counts.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known word most like a misspelt one, or "" where none is like it.

    Parameters
    ----------
    word
        What was written.
    known
        What could have been meant; the first of equals wins.
    cutoff
        Least likeness, 0 to 1 (`difflib.SequenceMatcher.ratio`, case folded).
    """
    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.casefold(), candidate)
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=cutoff)
    return folded[found[0]] if found else ""
