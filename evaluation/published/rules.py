"""Whether a printed percent can be right at all: by rule, with no answers at hand.

Every rounding that the product knows is tried: half up, half to even, cut off,
and largest remainder, which may move a percent by less than one unit of its
last decimal.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from fractions import Fraction

from evaluation.rounding import percent


class RoundingRule(StrEnum):
    """How a printed percent may have come about."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    CUT = "cut"
    SUM100 = "sum100"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which rules give a printed percent from a count and a base.

    Attributes
    ----------
    rules
        Rules that give exactly the printed percent; empty where none does.
    counts
        Whole counts that would give it by some rule, with this base.
    plain_counts
        Those that give it rounded half up, each percent by itself.
    cut_counts
        Those that give it with its further decimals cut off.
    """

    rules: tuple[RoundingRule, ...]
    counts: tuple[int, ...]
    plain_counts: tuple[int, ...] = ()
    cut_counts: tuple[int, ...] = ()


def rules_that_give(printed: Decimal, decimals: int, n: int, base: int) -> tuple[RoundingRule, ...]:
    """Return the rounding rules under which ``n`` of ``base`` prints as ``printed``."""
    if base <= 0:
        return ()
    exact = Fraction(100 * n, base)
    unit = Decimal(1).scaleb(-decimals)
    rules = []
    if percent(n, base, decimals) == printed:
        rules.append(RoundingRule.HALF_UP)
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    if value.quantize(unit, ROUND_HALF_EVEN) == printed:
        rules.append(RoundingRule.HALF_EVEN)
    if value.quantize(unit, ROUND_DOWN) == printed:
        rules.append(RoundingRule.CUT)
    if abs(Fraction(printed) - exact) < Fraction(unit):
        rules.append(RoundingRule.SUM100)
    return tuple(rules)


def counts_that_give(
    printed: Decimal, decimals: int, base: int, *, rule: RoundingRule | None = None
) -> tuple[int, ...]:
    """Return the whole counts that print as ``printed`` with this base.

    Parameters
    ----------
    printed
        Percent, 0 to 100 or more.
    decimals
        Decimals printed.
    base
        Denominator.
    rule
        Only by this rule; None: by any.
    """
    if base <= 0:
        return ()
    unit = Fraction(1, 10**decimals)
    low = max(0, int((Fraction(printed) - unit) * base / 100))
    high = int((Fraction(printed) + unit) * base / 100) + 1
    found = []
    for n in range(low, high + 1):
        rules = rules_that_give(printed, decimals, n, base)
        if (rule is None and rules) or rule in rules:
            found.append(n)
    return tuple(found)


def explain(printed: Decimal, decimals: int, n: int, base: int) -> Explanation:
    """Say how a printed percent relates to a count and a base."""
    return Explanation(
        rules_that_give(printed, decimals, n, base),
        counts_that_give(printed, decimals, base),
        counts_that_give(printed, decimals, base, rule=RoundingRule.HALF_UP),
        counts_that_give(printed, decimals, base, rule=RoundingRule.CUT),
    )
