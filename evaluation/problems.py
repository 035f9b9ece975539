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
    rows
        The rows with the same finding, ascending, at most `MAX_ROWS_KEPT`; empty
        where ``row`` says it all.
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
    rows: tuple[int, ...] = ()

    @classmethod
    def of_rows(
        cls, code: str, severity: Severity, rows: Iterable[int], *, count: int = 0, **place: str
    ) -> Problem:
        """Return one problem for all rows in which the same thing was found.

        Parameters
        ----------
        rows
            As the spreadsheet counts them, at least one.
        count
            How many they are, where ``rows`` holds only the first of them.
        **place
            ``file``, ``sheet``, ``column``, ``value`` and so on.
        """
        found = tuple(sorted(rows))
        several = found[:MAX_ROWS_KEPT] if len(found) > 1 else ()
        return cls(code, severity, row=found[0], count=count or len(found), rows=several, **place)


MAX_ROWS_KEPT = 10_000
"""Rows that a problem holds; of a fault in every row of a national export the first are enough."""
MAX_ROWS_SAID = 25
"""Rows and ranges of rows that a problem names; a thousand numbers are read by nobody."""


def ranges(rows: Iterable[int]) -> list[tuple[str, int]]:
    """Write ascending rows in short, each with the number of rows that it names.

    4, 9 and 12 to 15 are ``4``, ``9``, ``12\u201315``; two rows in succession
    are named each by itself.
    """
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    said: list[tuple[str, int]] = []
    for first, last in runs:
        if last - first > 1:
            said.append((f"{first}\u2013{last}", last - first + 1))
        else:
            said += [(str(row), 1) for row in range(first, last + 1)]
    return said


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A value with the problems met on the way to it."""

    value: T
    problems: tuple[Problem, ...] = ()


def stops(problems: Iterable[Problem]) -> bool:
    """Tell whether any problem forbids publishing."""
    return any(p.severity is Severity.STOP for p in problems)


def findings_by_code(problems: Iterable[Problem]) -> dict[tuple[Severity, str], int]:
    """Count findings per severity and code, most severe first.

    Not the rows of the export that each is about: how many gave an answer that
    the codebook lacks is as much a figure as any other.
    """
    order = list(Severity)
    counts = Counter((problem.severity, problem.code) for problem in problems)
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
