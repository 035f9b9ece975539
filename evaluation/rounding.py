"""Rounding of percents, always from whole counts, half up.

Python, NumPy and pandas round half to even, and a percent that has passed
through binary floating point may fall on the wrong side of a half. Here a
percent is decided by integer arithmetic alone.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def percent(n: int, base: int, decimals: int = 1) -> Decimal | None:
    """Return ``100 n / base`` rounded half up, or None where the base is 0.

    Parameters
    ----------
    n
        Count, 0 or more.
    base
        Denominator, 0 or more.
    decimals
        0, 1 or 2.

    Examples
    --------
    >>> percent(1, 8, 0)          # 12.5 exactly: half up, not half even
    Decimal('13')
    """
    if base == 0:
        return None
    scale = 10**decimals
    units = (2 * 100 * scale * n + base) // (2 * base)
    return Decimal(units).scaleb(-decimals)


def percents_sum100(counts: Sequence[int], decimals: int = 1) -> list[Decimal] | None:
    """Return percents of the counts' sum that add to exactly 100.

    Largest remainder (Hamilton's method); ties go to the smaller count, then
    to the earlier one. This reproduces every printed percent of the
    single-answer tables of Jämställdhetsmyndigheten 2022:9, appendix 1.

    Parameters
    ----------
    counts
        Counts of categories that exclude each other and exhaust the base.
    decimals
        0, 1 or 2.

    Returns
    -------
    list of Decimal, or None where all counts are 0.
    """
    base = sum(counts)
    if base == 0:
        return None
    whole = 100 * 10**decimals
    floors = [n * whole // base for n in counts]
    remainders = [n * whole % base for n in counts]
    short = whole - sum(floors)
    order = sorted(range(len(counts)), key=lambda i: (-remainders[i], counts[i], i))
    for i in order[:short]:
        floors[i] += 1
    return [Decimal(units).scaleb(-decimals) for units in floors]


def round_half_up(value: float | Decimal, decimals: int) -> Decimal:
    """Round a number that is not a ratio of counts (weighted, mean, interval), half up.

    The float is read by its shortest decimal form, so that 0.15 counts as
    fifteen hundredths and not as the binary number just below.
    """
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
