"""What an audit finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evaluation.published.rules import RoundingRule

DEFAULT_LIMIT = 10_000
"""Largest base that is tried where none is printed."""


class Certainty(StrEnum):
    """How sure a finding is, surest first."""

    CERTAIN = "certain"
    """It cannot be right, whatever the answers were."""
    LIKELY = "likely"
    """It can be right only in a way that the print does not say."""
    NOTE = "note"
    """Worth a look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that cannot, or hardly can, be right.

    Attributes
    ----------
    code
        Its wording lives in the texts under ``audit.findings``.
    certainty
        See `Certainty`.
    table, row, column
        Place in print; ``row`` and ``column`` are "" where it is all of them.
    printed
        As printed.
    values
        Values of the wording's placeholders.
    fits
        What would fit instead: (key under ``audit.fits``, its values).
    page, line
        Of the table, where known.
    """

    code: str
    certainty: Certainty
    table: str
    row: str = ""
    column: str = ""
    printed: str = ""
    values: Mapping[str, object] | None = None
    fits: tuple[tuple[str, Mapping[str, object]], ...] = ()
    page: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class FittingBases:
    """Bases with which every percent of a series could have come about.

    Attributes
    ----------
    first
        The smallest ones, at most `SHOWN`.
    count
        How many there are up to ``limit``.
    limit
        Largest base tried.
    """

    first: tuple[int, ...]
    count: int
    limit: int

    @property
    def is_telling(self) -> bool:
        """Whether they say something: not nearly every base fits."""
        return 0 < self.count <= self.limit // 2


SHOWN = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """How a series of percents was read: no finding, but what follows from it.

    Attributes
    ----------
    table, place
        Which; ``place`` is the row or column that the series is, "" for a
        table that is one.
    base
        Base printed or computed, None where neither is.
    bases
        Bases that fit, where none is printed.
    rule
        Rounding rule that gives every percent, None where none does.
    """

    table: str
    place: str
    base: int | None
    bases: FittingBases | None
    rule: RoundingRule | None


@dataclass(frozen=True, slots=True)
class Audit:
    """Outcome of an audit."""

    report: str
    findings: tuple[Finding, ...]
    readings: tuple[Reading, ...]
    tables: int
    figures: int
    phrases: int

    def at_least(self, certainty: Certainty) -> tuple[Finding, ...]:
        """Return the findings that are as sure as that, or surer."""
        order = list(Certainty)
        return tuple(f for f in self.findings if order.index(f.certainty) <= order.index(certainty))
