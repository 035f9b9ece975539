"""What an analysis is asked for, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.inference.results import TestOutcome


class AnalysisError(ValueError):
    """An analysis that cannot be made as asked.

    Attributes
    ----------
    code, value, expected
        As in `Problem`.
    """

    def __init__(self, code: str, value: str, expected: str) -> None:
        super().__init__(f"{code}: {value}; expected {expected}")
        self.code = code
        self.value = value
        self.expected = expected


@dataclass(frozen=True, slots=True)
class AnalysisSpec:
    """What is wanted; equal specs are the same analysis.

    Attributes
    ----------
    kind
        Name of the analysis, such as ``transitions``.
    survey
        Whose answers.
    questions
        Questions or grid items, in order.
    by
        Grouping variable, "" for none.
    where
        Filter; the survey's own filter does not apply to occasions and waves.
    options
        Further settings as (name, value), sorted.
    """

    kind: str
    survey: str
    questions: tuple[str, ...] = ()
    by: str = ""
    where: str = ""
    options: tuple[tuple[str, str], ...] = ()

    def option(self, name: str, default: str = "") -> str:
        """Return a setting."""
        return dict(self.options).get(name, default)


@dataclass(frozen=True, slots=True)
class AnalysisCell:
    """One figure of an analysis.

    Attributes
    ----------
    value
        None where there is nothing to report.
    unit
        ``count``, ``percent`` (0 to 100), ``points``, ``number`` or ``p``.
    decimals
        How many are printed.
    is_withheld
        There is something to report, which may not be shown; ``value`` is None.
    """

    value: float | None
    unit: str = "count"
    decimals: int = 0
    is_withheld: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """Result of an analysis, unprotected.

    Attributes
    ----------
    spec
        What was asked for.
    title, stub, head
        Words, in the language of the texts.
    rows
        Row head and cells, one per head.
    sentences
        Findings in words: tests, cautions.
    counts
        Every count of persons that the figures rest on or give away.
    base_n
        Fewest respondents that a figure rests on, of those that rest on any.
    tests
        The tests that were made, for the account of all tests of a report.
    plain
        The same with fewer figures, which rest on fewer counts: what is shown
        where the whole may not be.
    rests
        (Occasion, counts): what follows by subtraction where the answers of that
        occasion are published, such as the answers of those who came to it alone.
        Occasion 0 stands for the answers of all occasions together.
    """

    spec: AnalysisSpec
    title: str
    stub: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[AnalysisCell, ...]], ...]
    sentences: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    base_n: int = 0
    tests: tuple[TestOutcome, ...] = ()
    plain: Analysis | None = None
    rests: tuple[tuple[int, tuple[int, ...]], ...] = ()
