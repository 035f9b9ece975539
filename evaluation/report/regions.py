"""Units compared fairly: intervals, differences from the whole, ranks with their uncertainty.

Everything here starts from protected tables of a question by unit; a withheld
figure stays withheld, and nothing is computed from it.

Sources: funnel limits, Spiegelhalter (2005), Statistics in Medicine 24:1185;
direct standardisation, Breslow & Day (1987); shrinkage, the beta-binomial
empirical Bayes estimate with moments as in Kleinman (1973), JASA 68:46; ranks,
Klein, Wright & Wieczorek (2020), JRSS A 183:589. Worked through in docs/method.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from evaluation.inference.crosstabs import pearson_many
from evaluation.inference.intervals import interval
from evaluation.inference.multiple import p_adjust
from evaluation.model import TOTAL, RowKind
from evaluation.rounding import round_half_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from numpy.typing import NDArray

    from evaluation.protection.release import ProtectedTable

LEVEL = 0.95
"""That all places in a ranking hold at once."""
Z = 1.959963984540054
"""97.5th percentile of the normal distribution: limits at the 95 percent level."""


COMPARED = (RowKind.OPTION, RowKind.NET)
FEWEST_SHRUNK = 3
"""Fewer units than this say nothing of how units differ."""


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """One unit's share of one answer.

    Attributes
    ----------
    label, code
        The unit.
    n, base
        Those who gave the answer, of those who answered; None where withheld.
    percent, low, high
        0 to 100 with its interval; None where withheld.
    difference
        Percentage points from the whole.
    p, adjusted_p
        Against all other units together; adjusted over the whole comparison.
    best_rank, worst_rank
        Places left open to the unit, 1 for the highest share; see `_ranked`.
    standardised
        Percent if the unit had the whole's composition; None where not asked
        for, or where a group is withheld or empty.
    shrunk
        Percent drawn towards the whole, the more so the smaller the unit.
    """

    label: str
    code: str
    n: int | None
    base: int | None
    percent: float | None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    p: float | None = None
    adjusted_p: float | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    standardised: float | None = None
    shrunk: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All units on one answer to one question.

    Attributes
    ----------
    name
        Short name of the question.
    option
        The answer compared.
    whole
        The margin: everyone with a unit.
    units
        In the order of the codebook.
    parts
        The answers that the answer compared is the sum of, none where it is one.
    is_changed
        Counts are changed at random, and everything here is worked out from what they are now.
    """

    name: str
    option: str
    whole: UnitFigure
    units: tuple[UnitFigure, ...]
    parts: tuple[str, ...] = ()
    is_changed: bool = False


def compare_units(
    table: ProtectedTable,
    variable: str,
    option: str,
    name: str,
    option_label: str,
    parts: tuple[str, ...] = (),
) -> Comparison | None:
    """Read a question by unit; None where the table has no such row.

    Parameters
    ----------
    table
        Question by unit, with intervals.
    variable
        Question or grid item in the rows.
    option
        Code of the answer, or of the row of a sum of answers.
    name, option_label, parts
        Words.
    """
    line = next(
        (
            cells
            for row, cells in zip(table.rows, table.cells, strict=True)
            if row.variable == variable and row.code == option and row.kind in COMPARED
        ),
        None,
    )
    if line is None:
        return None
    figures = [
        UnitFigure(c.label, c.code, cell.n, cell.base_n, cell.percent, cell.ci_low, cell.ci_high)
        for c, cell in zip(table.columns, line, strict=True)
    ]
    if table.is_changed:
        figures = [_with_interval(figure) for figure in figures]
    whole = next(f for f in figures if f.code == TOTAL)
    units = [f for f in figures if f.code != TOTAL and (f.base is None or f.base > 0)]
    ranked = tuple(_ranked(_against(units, whole)))
    return Comparison(name, option_label, whole, ranked, parts, table.is_changed)


def _with_interval(u: UnitFigure) -> UnitFigure:
    """Add the interval that follows from changed counts: the true one would undo the change."""
    if u.percent is None or not u.base or u.n is None:
        return u
    low, high = interval(np.array([min(u.n, u.base)]), np.array([u.base]), "wilson")
    return replace(u, low=100 * float(low[0]), high=100 * float(high[0]))


def _against(units: Sequence[UnitFigure], whole: UnitFigure) -> list[UnitFigure]:
    """Add each unit's difference from the whole and the test against all others."""
    if whole.n is None or whole.base is None or whole.percent is None:
        return list(units)
    shown, tables = [], []
    for u in units:
        if u.n is None or u.base is None:
            continue
        own, all_others = u.base - u.n, whole.base - u.base
        rest = whole.n - u.n
        # Changed counts need not fit each other.
        if min(u.base, all_others) > 0 and min(own, rest, all_others - rest) >= 0:
            shown.append(u)
            tables.append([[u.n, own], [rest, all_others - rest]])
    p = {u.code: o.p for u, o in zip(shown, pearson_many(tables), strict=True)} if tables else {}
    return [
        replace(u, difference=u.percent - whole.percent, p=p.get(u.code))
        if u.percent is not None
        else u
        for u in units
    ]


def _ranked(units: Sequence[UnitFigure]) -> list[UnitFigure]:
    """Add the places that are left open to each unit, such that all hold at once.

    A unit's best place follows those whose interval lies wholly above its own, its worst
    precedes those wholly below (Klein, Wright and Wieczorek 2020, theorem 2). For the
    places to hold for all units together with 95 percent, each interval is at the level
    ``0.95^(1/units)``: wider than the one printed.
    """
    shown = [u for u in units if u.percent is not None and u.n is not None and u.base]
    if not shown:
        return list(units)
    n = np.array([min(u.n or 0, u.base or 0) for u in shown], dtype=float)
    base = np.array([u.base for u in shown], dtype=float)
    lows, highs = interval(n, base, "wilson", level=LEVEL ** (1 / len(shown)))
    places = {}
    for u, low, high in zip(shown, lows, highs, strict=True):
        above, below = int((lows > high).sum()), int((highs < low).sum())
        places[u.code] = (above + 1, len(shown) - below)
    return [
        replace(u, best_rank=places[u.code][0], worst_rank=places[u.code][1])
        if u.code in places
        else u
        for u in units
    ]


def adjust(comparisons: Sequence[Comparison], method: str = "bh") -> list[Comparison]:
    """Adjust the p-values of all units on all questions together."""
    raw = [u.p for c in comparisons for u in c.units]
    adjusted = iter(p_adjust(raw, method))
    return [
        replace(c, units=tuple(replace(u, adjusted_p=next(adjusted)) for u in c.units))
        for c in comparisons
    ]


def standardise(
    comparison: Comparison, groups: Sequence[tuple[float | None, Comparison | None]]
) -> Comparison:
    """Add directly standardised percents.

    Parameters
    ----------
    comparison
        The crude figures.
    groups
        For each background group its share of the whole (adds to 1; None where
        withheld) and the comparison within it.
    """
    units = [replace(unit, standardised=_weighted(unit, groups)) for unit in comparison.units]
    return replace(comparison, units=tuple(units))


def _weighted(
    unit: UnitFigure, groups: Sequence[tuple[float | None, Comparison | None]]
) -> float | None:
    """Return the sum of share x percent over the groups, None where one is not known."""
    total = 0.0
    for share, inner in groups:
        if share == 0:
            continue
        found = next((u for u in inner.units if u.code == unit.code), None) if inner else None
        if share is None or found is None or found.percent is None or not found.base:
            return None
        total += share * found.percent
    return total


def shrink(comparison: Comparison) -> Comparison:
    """Add percents drawn towards the whole.

    ``(n + w p) / (base + w)``, p the whole's share: what the unit's own answers and ``w``
    answers like the whole's give together. ``w = 1/g - 1`` with g the correlation of two
    answers in a unit, by the moments of Kleinman (1973) with the bases as weights; where
    the units differ no more than chance would have it, all are drawn to the whole.
    """
    shown = [u for u in comparison.units if u.n is not None and u.base]
    whole = comparison.whole
    if len(shown) < FEWEST_SHRUNK or whole.n is None or not whole.base:
        return comparison
    base = np.array([u.base for u in shown], dtype=float)
    share = np.array([u.n for u in shown], dtype=float) / base
    prior = prior_weight(share, base)
    mean = whole.n / whole.base
    units = []
    for u in comparison.units:
        if u.n is None or not u.base:
            units.append(u)
            continue
        drawn = mean if math.isinf(prior) else (u.n + prior * mean) / (u.base + prior)
        units.append(replace(u, shrunk=100 * drawn))
    return replace(comparison, units=tuple(units))


def prior_weight(share: NDArray[np.float64], base: NDArray[np.float64]) -> float:
    """Return how many answers the whole counts for, infinite where units do not differ.

    Parameters
    ----------
    share
        1-D, 0 to 1: each unit's share.
    base
        1-D: how many answered in each.
    """
    weights = base / base.sum()
    mean = float((weights * share).sum())
    spread = float((weights * (share - mean) ** 2).sum())
    by_chance = float((weights * (1 - weights) / base).sum())
    variance = mean * (1 - mean)
    most = variance * (float((weights * (1 - weights)).sum()) - by_chance)
    beyond = spread - variance * by_chance
    if beyond <= 0 or most <= 0:
        return math.inf
    return max(most / beyond - 1, 0.0)


def funnel_limits(whole: float, base: int) -> tuple[Decimal, Decimal]:
    """Return the 95 percent control limits around the whole for a unit of this base, percent."""
    share = whole / 100
    half = 100 * Z * math.sqrt(share * (1 - share) / base)
    low, high = max(0.0, whole - half), min(100.0, whole + half)
    return round_half_up(low, 1), round_half_up(high, 1)
