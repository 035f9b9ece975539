"""What kind of question a printed table reports, guessed from its figures."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from evaluation.published.strings import read_number

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["single", "multiple"]


@dataclass(frozen=True, slots=True)
class Guess:
    """A guessed kind, and whether the figures leave no doubt."""

    kind: Kind
    is_sure: bool


def guess_kind(
    counts: Sequence[str | None],
    percents: Sequence[str | None],
    base: int | None,
    *,
    says_multiple: bool = False,
) -> Guess:
    """Tell whether everyone gave one answer (they add up) or could give several.

    Parameters
    ----------
    counts, percents
        Of the answers as printed, totals left out; None where not printed.
    base
        Printed base, None where there is none.
    says_multiple
        The caption or a note says that several answers could be given.
    """
    if says_multiple:
        return Guess("multiple", is_sure=True)
    total = _total(counts)
    share, tolerance = _shares(percents)
    if base is not None and total is not None:
        if total == base:
            return Guess("single", is_sure=True)
        if total > base:
            return Guess("multiple", is_sure=True)
    if share is not None and abs(share - 100) <= tolerance:
        return Guess("single", is_sure=True)
    if total and 2 * _agreeing(counts, percents, total) >= len(counts):
        # Most percents are of the counts' sum: what takes them from 100 is a wrong figure.
        return Guess("single", is_sure=True)
    if share is not None:
        # A single wrong figure can take a sum from 100, seldom far from it.
        return Guess("multiple", is_sure=share > 110 or share < 90)
    return Guess("single" if total is None else "multiple", is_sure=False)


def _total(counts: Sequence[str | None]) -> int | None:
    numbers = [read_number(c) for c in counts if c is not None]
    known = [int(n.value) for n in numbers if n is not None and not n.decimals]
    return sum(known) if known and len(known) == len(counts) else None


def _agreeing(counts: Sequence[str | None], percents: Sequence[str | None], total: int) -> int:
    """Return how many percents are those of a total, give or take a unit."""
    agreeing = 0
    for count, percent in zip(counts, percents, strict=False):
        n, share = read_number(count or ""), read_number(percent or "")
        if n is not None and share is not None:
            unit = Fraction(1, 10**share.decimals)
            agreeing += abs(Fraction(100 * int(n.value), total) - Fraction(share.value)) <= unit
    return agreeing


def _shares(percents: Sequence[str | None]) -> tuple[Fraction | None, Fraction]:
    numbers = [read_number(p) for p in percents if p is not None]
    known = [n for n in numbers if n is not None]
    if len(known) < 2 or len(known) < len(percents):
        return None, Fraction(0)
    tolerance = sum((Fraction(1, 2 * 10**n.decimals) for n in known), Fraction(0))
    return sum((Fraction(n.value) for n in known), Fraction(0)), tolerance
